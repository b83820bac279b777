"""《履职测评整改报告》: drafted, handed in, reviewed; a returned report is followed by another submission."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from assessments.access import (
    get_notice,
    get_report,
)
from assessments.enums import NoticeEvent, NoticeState
from assessments.lifecycle import NOTICE
from assessments.models import FeedbackNotice, RectificationItem, RectificationReport
from assessments.services.notices import notice_step
from deputies.access import concerns, require_unconcerned
from liaison.auditing import trail
from liaison.calendar.days import refuse, span_fault
from liaison.identity.access import is_linked
from liaison.identity.roles import OFFICE
from liaison.messages.outbox import notify, notify_roles
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, Refused
from liaison.words.limits import fitted

CONSOLIDATE = "各项履职任务均已完成，请提出巩固提升措施。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What the deputy will do about one problem of the notice; ``sort`` names the problem."""

    sort: int
    measure: str
    finish_on: date | None = None
    progress: str = ""


def start_report(*, actor: Actor, notice_id: int, now: datetime) -> RectificationReport:
    """The open draft of a notice, made from its problems (one row each) when there is none yet."""
    with trail.operation("start_report"):
        notice = get_notice(actor, notice_id, lock=True)
        _require_author(actor, notice)
        reports = RectificationReport.scoped(actor).filter(notice=notice)
        draft = reports.filter(is_submitted=False).first()
        if draft is not None:
            return draft
        NOTICE.next_state(notice.state, NoticeEvent.REPORT)
        last = reports.order_by("-submission").first()
        draft = RectificationReport._plain.create(
            scope_code=notice.scope_code,
            notice=notice,
            submission=last.submission + 1 if last else 1,
            causes=last.causes if last else "",
            drafted_at=now,
        )
        _copy_items(draft, last, notice)
        return draft


def _copy_items(draft: RectificationReport, last: RectificationReport | None, notice: FeedbackNotice) -> None:
    if last is not None:
        rows = [(i.sort, i.problem, i.measure, i.finish_on, i.progress) for i in last.items.order_by("sort")]
    else:
        problems = notice.sheet.problems or [CONSOLIDATE]
        rows = [(sort, problem, "", None, "") for sort, problem in enumerate(problems, start=1)]
    RectificationItem._plain.bulk_create(
        RectificationItem(
            scope_code=draft.scope_code,
            report=draft,
            sort=sort,
            problem=problem,
            measure=measure,
            finish_on=finish_on,
            progress=progress,
        )
        for sort, problem, measure, finish_on, progress in rows
    )


def _require_author(actor: Actor, notice: FeedbackNotice) -> None:
    """The deputy, or the presidium's clerk for a deputy who writes on paper."""
    is_own = actor.person_id is not None and is_linked(notice.mandate.person_id, actor.person_id)
    if not is_own and not actor.has_role(*OFFICE, Role.SYSTEM):
        raise Forbidden("整改报告由代表本人填写，或者由主席团秘书代为录入。")


def save_report(
    *, actor: Actor, report_id: int, causes: str, summary: str, measures: Sequence[Measure]
) -> RectificationReport:
    """Keep what was typed; a draft may be incomplete."""
    with trail.operation("save_report"):
        draft = _open_draft(actor, report_id)
        draft.causes = fitted(RectificationReport, "causes", causes)
        draft.summary = fitted(RectificationReport, "summary", summary)
        draft.save(update_fields=["causes", "summary"])
        items = {item.sort: item for item in draft.items.all()}
        for measure in measures:
            item = items.get(measure.sort)
            if item is not None:
                _fill(item, measure, draft.notice.issued_on)
        RectificationItem._plain.bulk_update(items.values(), ["measure", "finish_on", "progress"])
        return draft


def _fill(item: RectificationItem, measure: Measure, issued_on: date) -> None:
    """A measure is to be finished after the notice that asks for it, within two years."""
    if measure.finish_on is not None:
        limits = {"earliest": issued_on, "years_ahead": 2}
        fault = span_fault(measure.finish_on, issued_on, label="完成时限", **limits)
        refuse({f"finish_on_{item.sort}": fault})
    for name in ("measure", "progress"):
        words = fitted(RectificationItem, name, getattr(measure, name), at=f"{name}_{item.sort}")
        setattr(item, name, words)
    item.finish_on = measure.finish_on


def _open_draft(actor: Actor, report_id: int) -> RectificationReport:
    draft = get_report(actor, report_id, lock=True)
    _require_author(actor, draft.notice)
    if draft.is_submitted:
        raise Refused("报告已经提交，不能再改；如被退回，可在此基础上重新填写。")
    return draft


def submit_report(*, actor: Actor, report_id: int, now: datetime) -> RectificationReport:
    """提交; ``InvalidInput`` names what is missing. Submitting twice is refused, nothing is lost."""
    with trail.operation("submit_report"):
        draft = _open_draft(actor, report_id)
        _require_complete(draft)
        notice = get_notice(actor, draft.notice_id, lock=True)
        if notice.state == NoticeState.ISSUED:
            raise Refused("请先查收通知书，再提交整改报告。")
        draft.is_submitted, draft.submitted_at, draft.submitted_by_id = True, now, actor.account_id
        draft.save(update_fields=["is_submitted", "submitted_at", "submitted_by"])
        notice_step(
            actor=actor, notice=notice, event=NoticeEvent.REPORT, now=now, note=f"第{draft.submission}次提交"
        )
        _tell_presidium(notice, now)
        return draft


def _require_complete(draft: RectificationReport) -> None:
    wrong: dict[str, str] = {}
    if not draft.causes:
        wrong["causes"] = "请填写原因分析。"
    for item in draft.items.order_by("sort"):
        if not item.measure:
            wrong[f"measure_{item.sort}"] = f"请填写第{item.sort}项的整改（巩固提升）措施。"
        if item.finish_on is None:
            wrong[f"finish_on_{item.sort}"] = f"请填写第{item.sort}项的完成时限。"
    if wrong:
        raise InvalidInput(wrong)


def _tell_presidium(notice: FeedbackNotice, now: datetime) -> None:
    notify_roles(
        scope_code=notice.scope_code,
        roles=(Role.PRESIDIUM_CLERK,),
        title=f"{notice.mandate.full_name}代表提交了整改报告，请审核",
        body="",
        link=reverse("assessments_notice", args=[notice.pk]),
        dedupe_key=f"report-{notice.pk}-{now:%Y%m%d%H%M%S}",
        now=now,
    )


def require_group_voice(actor: Actor, report: RectificationReport) -> None:
    """``Forbidden`` unless the actor leads the group; nobody has an opinion on the own report."""
    actor.require(Role.GROUP_LEADER)
    if concerns(actor, report.notice.mandate):
        raise Forbidden("本人的报告由主席团直接审核。")


def require_reviewer(actor: Actor, report: RectificationReport) -> None:
    """``Forbidden`` unless the actor is of the office, and neither handed the report in nor is its deputy."""
    actor.require(*OFFICE)
    require_unconcerned(actor, report.notice.mandate)
    if actor.is_self(report.submitted_by_id):
        raise Forbidden("报告由您本人录入，应由另一人审核。")


def give_leader_opinion(*, actor: Actor, report_id: int, opinion: str) -> RectificationReport:
    """组长意见 on a report handed in by a member of the own group."""
    actor.require(Role.GROUP_LEADER)
    opinion = fitted(RectificationReport, "leader_opinion", opinion, needed="请填写意见。")
    with trail.operation("give_leader_opinion"):
        report = _submitted(actor, report_id)
        require_group_voice(actor, report)
        report.leader_opinion = opinion
        report.save(update_fields=["leader_opinion"])
        return report


def _submitted(actor: Actor, report_id: int) -> RectificationReport:
    found = get_report(actor, report_id, lock=True)
    if not found.is_submitted:
        raise Refused("这份报告尚未提交。")
    return found


def review_report(
    *, actor: Actor, report_id: int, is_accepted: bool, note: str, now: datetime
) -> RectificationReport:
    """主席团审核: 通过 or 退回 with an opinion; nobody reviews what he handed in himself."""
    actor.require(*OFFICE)
    note = fitted(RectificationReport, "review_note", note)
    if not is_accepted and not note:
        raise InvalidInput({"review_note": "退回修改的，请写明需要补充什么。"})
    with trail.operation("review_report"):
        report = _submitted(actor, report_id)
        require_reviewer(actor, report)
        notice = get_notice(actor, report.notice_id, lock=True)
        event = NoticeEvent.ACCEPT if is_accepted else NoticeEvent.RETURN
        report.is_accepted, report.review_note = is_accepted, note
        report.reviewed_by_id, report.reviewed_at = actor.account_id, now
        report.save(update_fields=["is_accepted", "review_note", "reviewed_by", "reviewed_at"])
        notice_step(actor=actor, notice=notice, event=event, now=now, note=note)
        _tell_author(notice, report, now)
        return report


def _tell_author(notice: FeedbackNotice, report: RectificationReport, now: datetime) -> None:
    account_id = notice.mandate.person.account_id
    if account_id is None:
        return
    word = "已通过审核" if report.is_accepted else "已退回，请按意见补充后重新提交"
    notify(
        account_id=account_id,
        scope_code=notice.scope_code,
        title=f"您的履职测评整改报告{word}",
        body=report.review_note,
        link=reverse("assessments_notice", args=[notice.pk]),
        dedupe_key=f"review-{report.pk}",
        now=now,
    )
