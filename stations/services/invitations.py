"""A deputy answers an invitation: comes, or asks for leave; the organiser may enter it for him."""

from __future__ import annotations

from datetime import date, datetime

from liaison.auditing import trail
from liaison.calendar.workdays import china_date
from liaison.tenancy.locking import locked
from liaison.tenancy.scope import Actor
from liaison.words.errors import Forbidden, InvalidInput, Refused
from liaison.words.limits import fitted
from stations.access import may_organise
from stations.enums import AnswerState, DutyState, LeaveReason, LeaveState, ReceptionDayState
from stations.models import Activity, Invitation, LeaveRequest, Participation
from stations.rules.lifecycle import TURNS_OVER
from stations.rules.wording import day_text
from stations.services.activity_leave import (
    drop_part,
)
from stations.services.common import is_own, require_in_office
from stations.services.leaves import request_leave, withdraw_leave


def answer_invitation(
    *,
    actor: Actor,
    invitation_id: int,
    is_coming: bool,
    now: datetime,
    reason: str = "",
    kind: LeaveReason | str = LeaveReason.PERSONAL,
) -> Invitation:
    """Say yes, or ask for leave with a reason; the same answer twice changes nothing.

    The activity is locked first, so that the last place is given once. The deputy may change the answer
    until the day to answer by; afterwards the organiser enters what was said on the telephone.
    """
    row = locked(Invitation, actor, invitation_id, "mandate__person")
    activity = locked(Activity, actor, row.activity_id)
    _require_may_answer(actor, row, activity, china_date(now))
    wanted = AnswerState.COMING if is_coming else AnswerState.DECLINED
    words = fitted(Invitation, "reason", reason, label="事由")
    if row.answer == wanted and (not words or row.reason.says(words)):
        return row
    with trail.operation("answer_invitation"):
        if is_coming:
            words = ""
            _come(actor, row, activity, now)
        else:
            _stay_away(actor, row, activity, words, LeaveReason(kind), now)
        row.answer, row.reason = wanted, words
        row.answered_by_id, row.answered_at = actor.account_id, now
        row.save(update_fields=["answer", "reason", "answered_by", "answered_at"])
    return row


def _require_may_answer(actor: Actor, row: Invitation, activity: Activity, today: date) -> None:
    own = is_own(actor, row.mandate)
    organises = may_organise(actor, activity.scope_code, activity.group_id)
    if not own and not organises:
        raise Forbidden("只能答复发给自己的活动通知。")
    if activity.state != ReceptionDayState.PUBLISHED:
        raise Refused(f"这项活动{ReceptionDayState(activity.state).label}，不用答复。")
    if today > activity.starts_on:
        raise Refused("活动日期已过，不能再答复。")
    if not organises and activity.answer_by is not None and today > activity.answer_by:
        raise Refused(f"答复日期（{day_text(activity.answer_by)}）已过，请直接联系组织活动的工作人员。")


def _come(actor: Actor, row: Invitation, activity: Activity, now: datetime) -> None:
    part = _part(actor, row)
    if activity.capacity is None:
        _take_leave_back(actor, part, now)
        return
    if part is not None:
        return
    coming = Invitation.scoped(actor).filter(activity=activity, answer=AnswerState.COMING)
    if coming.exclude(pk=row.pk).count() >= activity.capacity:
        raise Refused(f"名额{activity.capacity}人已满，不能再报名；有人退出后可以再来报名。")
    require_in_office(actor, [row.mandate], activity.starts_on, china_date(now))
    Participation(
        scope_code=row.scope_code, mandate=row.mandate, activity=activity, day=activity.starts_on
    ).save(force_insert=True)


def _part(actor: Actor, row: Invitation) -> Participation | None:
    parts = Participation.scoped(actor).filter(activity_id=row.activity_id, mandate_id=row.mandate_id)
    return parts.exclude(outcome__in=TURNS_OVER).select_for_update().first()


def _take_leave_back(actor: Actor, part: Participation | None, now: datetime) -> None:
    """Who comes after all takes back the leave asked for this activity."""
    if part is None:
        return
    asked = LeaveRequest.scoped(actor).filter(
        participation=part, state__in=(LeaveState.REQUESTED, LeaveState.APPROVED)
    )
    for leave in asked.order_by("id"):
        withdraw_leave(actor=actor, leave_id=leave.pk, now=now)
    part.refresh_from_db()
    if part.outcome == DutyState.ON_LEAVE:
        raise Refused("这一天您有已批准的请假，请先撤回请假，再答复参加。")


def _stay_away(
    actor: Actor, row: Invitation, activity: Activity, words: str, kind: LeaveReason, now: datetime
) -> None:
    part = _part(actor, row)
    if activity.capacity is not None:
        if part is not None:
            drop_part(part)
        return
    if not words:
        raise InvalidInput({"reason": "请填写请假事由。"})
    if part is None:
        raise Refused("这项活动没有安排您参加，不用请假。")
    request_leave(
        actor=actor,
        starts_on=part.day,
        ends_on=part.day,
        kind=kind,
        reason=words,
        participation_id=part.pk,
        mandate_id=row.mandate_id,
        now=now,
    )
