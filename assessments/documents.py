"""Filling the printed forms (``liaison.document_forms``) from rows; what is printed is what was published."""

from collections import defaultdict
from decimal import Decimal

from assessments.enums import AssessmentEvent, Grade
from assessments.models import AssessmentStep, Circular, FeedbackNotice, ReminderTalk, ScoreLine, ScoreSheet
from assessments.scoring import ItemType
from liaison.document_forms import Circular as CircularForm
from liaison.document_forms import CircularGrade
from liaison.document_forms import FeedbackNotice as NoticeForm
from liaison.document_forms import ScoreLine as FormLine
from liaison.models import AuditHead
from liaison.scope import Actor

# What the notice says was gone through, by the event that ended the step.
_STEPS = (
    (AssessmentEvent.FINISH_SELF, "个人自评"),
    (AssessmentEvent.FINISH_GROUP, "小组评议"),
    (AssessmentEvent.FINISH_BALLOT, "选民测评"),
    (AssessmentEvent.FINISH_REVIEW, "主席团审核"),
)
_EXTRAS = (ItemType.BONUS.value, ItemType.DEDUCTION.value)


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
            reason=line.deduction_reason or (line.explanation if line.section in _EXTRAS else ""),
        )
        for line in lines
    )


def verification_code(actor: Actor, notice: FeedbackNotice) -> str:
    """The sheet's digest and the head of the audit chain, shortened: what a printed notice can be held to."""
    head = AuditHead.scoped(actor).filter(scope_code=notice.scope_code).first()
    return f"{notice.sheet.content_hash[:12]}-{head.hash[:8] if head else '0' * 8}"


def notice_form(actor: Actor, notice: FeedbackNotice) -> NoticeForm:
    """The notice of one deputy, with the lines of its own sheet version."""
    sheet, assessment = notice.sheet, notice.assessment
    lines = list(ScoreLine.scoped(actor).filter(sheet=sheet).order_by("sort"))
    where = assessment.jurisdiction
    return NoticeForm(
        organ=where.organ_name or where.name,
        document_no=notice.document_number,
        year=assessment.year,
        deputy_name=notice.mandate.person.name,
        basis=assessment.scheme.name.strip("《》"),
        steps=_steps_taken(actor, assessment.pk),
        score=sheet.total or Decimal(0),
        full_mark=Decimal(100),
        grade=Grade(sheet.grade).label,
        lines=form_lines(lines),
        strengths=tuple(sheet.strengths),
        problems=tuple(sheet.problems) if _has_losses(lines) else (),
        rectify_days=notice.run_length,
        rectify_by=notice.due_on or notice.issued_on,
        has_talk=ReminderTalk.scoped(actor).filter(sheet=sheet).exists(),
        issued_on=notice.issued_on,
        verification_code=verification_code(actor, notice),
    )


def _has_losses(lines: list[ScoreLine]) -> bool:
    return any(line.deduction_reason for line in lines)


def circular_form(actor: Actor, circular: Circular) -> CircularForm:
    """《通报》 by grade: no score, no rank, names in stroke order (domain.md 0.2, 0.4)."""
    assessment = circular.assessment
    sheets = ScoreSheet.scoped(actor).filter(assessment=assessment).exclude(state="superseded")
    by_grade: dict[str, list[str]] = defaultdict(list)
    for sheet in sheets.select_related("mandate__person").order_by(
        "mandate__person__name_strokes", "mandate_id"
    ):
        by_grade[sheet.grade].append(sheet.mandate.person.name)
    rated = (Grade.EXCELLENT, Grade.QUALIFIED, Grade.UNQUALIFIED)
    organ, year = assessment.jurisdiction.organ_name, assessment.year
    total = sum(len(by_grade[grade]) for grade in rated)
    return CircularForm(
        head=f"{organ}文件",
        organ=organ,
        document_no=str(circular),
        title=f"{organ}关于{year}年度代表履职测评结果的通报",
        addressee="各代表小组、全体代表：",
        opening=(
            f"根据《{assessment.scheme.name.strip('《》')}》，{year}年度代表履职测评已经{assessment.meeting_name}审定。"
            f"参加测评的代表共{total}名，现将结果按等次通报如下（各等次内按姓氏笔画为序）。",
        ),
        grades=tuple(CircularGrade(grade=g.label, names=tuple(by_grade[g])) for g in rated if by_grade[g]),
        not_assessed=tuple(by_grade[Grade.NOT_RATED]),
        closing=(
            "全体代表应于反馈通知书载明的期限内提交《履职测评整改报告》。测评等次为不合格的，由主席团进行谈话提醒。",
        ),
        issued_on=circular.issued_on,
    )
