"""Fill the printed forms (``liaison.documents.forms``) from rows: what is printed is what was published."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from assessments.enums import AssessmentEvent, Grade
from assessments.models import (
    Assessment,
    AssessmentStep,
    Circular,
    FeedbackNotice,
    RectificationReport,
    ReminderTalk,
    ScoreLine,
    ScoreSheet,
)
from assessments.scoring import ItemType, SchemeRules
from deputies.models import GroupMembership, Mandate
from deputies.selectors import full_names
from liaison.calendar.workdays import china_date
from liaison.calendar.working import policy_for
from liaison.documents.forms import Circular as CircularForm
from liaison.documents.forms import CircularGrade, RectificationRow, ReminderTalkRecord
from liaison.documents.forms import FeedbackNotice as NoticeForm
from liaison.documents.forms import RectificationReport as ReportForm
from liaison.documents.forms import ScoreLine as FormLine
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.words.enums import JurisdictionLevel

# What the notice says was gone through, by the event that ended the step.
_STEPS = (
    (AssessmentEvent.FINISH_SELF, "个人自评"),
    (AssessmentEvent.FINISH_GROUP, "小组评议"),
    (AssessmentEvent.FINISH_BALLOT, "选民测评"),
    (AssessmentEvent.FINISH_REVIEW, "主席团审核"),
)
_EXTRAS = (ItemType.BONUS, ItemType.DEDUCTION)


def organ_of(where: Jurisdiction) -> str:
    return str(where.organ_name or where.name)


def organ_short(where: Jurisdiction) -> str:
    """What the text calls the organ: a street has a committee of the county's, no presidium."""
    return "人大工委" if where.level == JurisdictionLevel.STREET else "主席团"


def _steps_taken(actor: Actor, assessment_id: int) -> tuple[str, ...]:
    taken = set(
        AssessmentStep.scoped(actor).filter(assessment_id=assessment_id).values_list("event", flat=True)
    )
    return tuple(name for event, name in _STEPS if event in taken)


def form_lines(lines: list[ScoreLine]) -> tuple[FormLine, ...]:
    """The score table: items with their full mark, then bonuses and deductions without one."""
    return tuple(
        FormLine(
            item=line.name,
            full_mark=None if line.section in _EXTRAS else line.full_points,
            score=line.points,
            reason=line.deduction_reason or _bonus_reason(line),
        )
        for line in lines
    )


def _bonus_reason(line: ScoreLine) -> str:
    """What a bonus was given for, and what a cap left of it; nothing for an item without loss."""
    if line.section not in _EXTRAS:
        return ""
    return f"{line.explanation}（{line.cap_note}）" if line.cap_note else line.explanation


def verification_code(notice: FeedbackNotice) -> str:
    """The sheet's digest and the head of the audit chain, shortened: what a printed notice can be held to."""
    return f"{notice.sheet.content_hash[:12]}-{notice.chain_head[:8] or '0' * 8}"


def notice_form(actor: Actor, notice: FeedbackNotice) -> NoticeForm:
    """The notice of one deputy, with the lines of its own sheet version."""
    sheet, assessment = notice.sheet, notice.assessment
    lines = list(ScoreLine.scoped(actor).filter(sheet=sheet).order_by("sort"))
    where = assessment.jurisdiction
    return NoticeForm(
        organ=organ_of(where),
        organ_short=organ_short(where),
        document_no=notice.document_number,
        year=assessment.year,
        deputy_name=notice.mandate.full_name,
        basis=assessment.scheme.name.strip("《》"),
        steps=_steps_taken(actor, assessment.pk),
        score=sheet.total or Decimal(0),
        full_mark=SchemeRules.from_dict(assessment.scheme.definition).base_full,
        grade=sheet.grade_name,
        lines=form_lines(lines),
        strengths=tuple(sheet.strengths),
        problems=tuple(sheet.problems) if has_problems(sheet, lines) else (),
        rectify_days=notice.run_length,
        rectify_by=notice.due_on or notice.issued_on,
        objection_days=policy_for("score_objection", notice.scope_code).length,
        has_talk=ReminderTalk.scoped(actor).filter(sheet=sheet).exists(),
        issued_on=notice.issued_on,
        verification_code=verification_code(notice),
    )


def has_problems(sheet: ScoreSheet, lines: list[ScoreLine]) -> bool:
    """Whether anything is to be rectified; else the deputy is asked for 巩固提升措施."""
    return bool(sheet.vetoes) or any(line.deduction_reason for line in lines)


def circular_form(actor: Actor, circular: Circular) -> CircularForm:
    """《通报》 by grade: no score, no rank, names in stroke order (domain.md 0.2, 0.4)."""
    assessment = circular.assessment
    by_grade = names_by_grade(actor, assessment)
    grades = [(g.code, g.name) for g in SchemeRules.from_dict(assessment.scheme.definition).grades]
    organ, year = organ_of(assessment.jurisdiction), assessment.year
    short, lowest = organ_short(assessment.jurisdiction), grades[-1][1]
    total = sum(len(by_grade[code]) for code, _ in grades)
    return CircularForm(
        head=f"{organ}文件",
        organ=organ,
        document_no=str(circular),
        title=f"{organ}关于{year}年度代表履职测评结果的通报",
        addressee="各代表小组、全体代表",
        opening=(
            f"根据《{assessment.scheme.name.strip('《》')}》，{year}年度代表履职测评已经{assessment.meeting_name}审定。"
            f"参加测评的代表共{total}名，现将结果按等次通报如下（各等次内按姓氏笔画为序）。",
        ),
        grades=tuple(
            CircularGrade(grade=name, names=tuple(by_grade[code])) for code, name in grades if by_grade[code]
        ),
        not_assessed=tuple(by_grade[Grade.NOT_RATED]),
        closing=(
            f"全体代表应于反馈通知书载明的期限内提交《履职测评整改报告》。测评等次为{lowest}的，由{short}进行谈话提醒。",
        ),
        issued_on=circular.issued_on,
    )


def names_by_grade(actor: Actor, assessment: Assessment) -> dict[str, list[str]]:
    """Names of the current versions by grade code, in stroke order, namesakes told apart.

    Whoever no longer holds the seat is not named: a circular speaks of the deputies there are.
    """
    sheets = ScoreSheet.scoped(actor).filter(assessment=assessment, mandate__ended_on__isnull=True)
    ordered = sheets.exclude(state="superseded").order_by(
        "mandate__person__name_strokes", "mandate__list_number", "mandate_id"
    )
    listed = list(
        ordered.select_related("mandate__person", "mandate__constituency", "mandate__electing_unit")
    )
    names = full_names(actor, [sheet.mandate for sheet in listed])
    found: dict[str, list[str]] = defaultdict(list)
    for sheet in listed:
        found[sheet.grade].append(names[sheet.mandate_id])
    return found


def _group_name(actor: Actor, mandate: Mandate) -> str:
    places = GroupMembership.scoped(actor).filter(mandate=mandate, ends_on__isnull=True)
    return places.values_list("group__name", flat=True).first() or ""


def report_form(actor: Actor, notice: FeedbackNotice, report: RectificationReport | None) -> ReportForm:
    """《履职测评整改报告》: as handed in, or blank with the problems of the notice for the pen."""
    sheet, mandate, where = notice.sheet, notice.mandate, notice.assessment.jurisdiction
    lines = list(ScoreLine.scoped(actor).filter(sheet=sheet))
    return ReportForm(
        organ=organ_of(where),
        organ_short=organ_short(where),
        year=notice.assessment.year,
        deputy_name=mandate.full_name,
        congress=str(mandate.term),
        constituency=str(mandate.constituency or mandate.electing_unit or ""),
        group=_group_name(actor, mandate),
        notice_no=notice.document_number,
        score=sheet.total,
        grade=sheet.grade_name,
        due_on=notice.due_on,
        is_consolidation=not has_problems(sheet, lines),
        rows=_report_rows(notice, report),
        **(_handed_in(report) if report else {}),
    )


def _report_rows(notice: FeedbackNotice, report: RectificationReport | None) -> tuple[RectificationRow, ...]:
    if report is None:
        return tuple(RectificationRow(problem=problem) for problem in notice.sheet.problems)
    return tuple(
        RectificationRow(
            problem=item.problem,
            cause=report.causes if item.sort == 1 else "同上",
            measure=item.measure,
            deadline=f"{item.finish_on:%Y年%-m月%-d日}" if item.finish_on else "",
            result=item.progress,
        )
        for item in report.items.order_by("sort")
    )


def _handed_in(report: RectificationReport) -> dict[str, Any]:
    decision = {None: "", True: "通过", False: "退回补充"}[report.is_accepted]
    return {
        "evidence": report.summary,
        "submitted_on": china_date(report.submitted_at) if report.submitted_at else None,
        "group_opinion": report.leader_opinion,
        "decision": decision,
        "organ_opinion": report.review_note,
        "decided_on": china_date(report.reviewed_at) if report.reviewed_at else None,
    }


def talk_form(actor: Actor, talk: ReminderTalk) -> ReminderTalkRecord:
    """《谈话提醒记录》, blank before the talk and filled after it; a reminder, not a penalty."""
    sheet, mandate = talk.sheet, talk.mandate
    where = sheet.assessment.jurisdiction
    notice = FeedbackNotice.scoped(actor).filter(sheet=sheet).first()
    return ReminderTalkRecord(
        organ=organ_of(where),
        organ_short=organ_short(where),
        record_no=talk.record_number,
        deputy_name=mandate.full_name,
        congress=str(mandate.term),
        occupation=mandate.person.occupation,
        group=_group_name(actor, mandate),
        reason=talk.reason,
        basis=sheet.assessment.scheme.name,
        started_at=talk.held_at,
        ended_at=talk.ended_at,
        place=talk.place,
        talkers=tuple(part for part in talk.talked_by.split("、") if part),
        recorder=talk.recorder,
        content=talk.content,
        statement=talk.response,
        rectify_by=notice.due_on if notice else None,
    )
