"""请假: asked for by the deputy (or the office for him), decided by somebody else, taken off every ratio."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q
from django.urls import reverse

from deputies.access import own_mandate, require_unconcerned
from deputies.enums import CongressLevel
from deputies.models import Mandate
from liaison.auditing import trail
from liaison.calendar.days import refuse, span_fault
from liaison.calendar.workdays import china_date
from liaison.identity.roles import DEPUTIES, OFFICE, REGISTRARS, STATION_STAFF
from liaison.messages.outbox import notify, notify_roles
from liaison.tenancy.locking import account_key, locked
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from liaison.words.limits import fitted
from stations.enums import (
    AnswerState,
    DutyEvent,
    DutyState,
    LeaveEvent,
    LeaveReason,
    LeaveState,
    ParticipationEvent,
    ParticipationState,
)
from stations.models import Invitation, LeaveRequest, Participation
from stations.rules.lifecycle import DUTY, LEAVE, OPEN_ACTIVITY_STATES, PARTICIPATION, TURNS_OVER
from stations.rules.wording import span_text
from stations.services.common import is_own, require_station

LONGEST_DAYS = 366


def request_leave(
    *,
    actor: Actor,
    starts_on: date,
    ends_on: date,
    kind: LeaveReason | str,
    reason: str,
    now: datetime,
    participation_id: int | None = None,
    mandate_id: int | None = None,
    idempotency_key: str | None = None,
) -> LeaveRequest:
    """Ask for leave, for one turn or for a span of days; the office may ask for a deputy (``mandate_id``).

    The same key, or the same open request, is one row. Leave after the fact is possible: it is decided.
    """
    mandate = _for_whom(actor, mandate_id)
    turn = _turn(actor, mandate, participation_id)
    if turn is not None:
        starts_on = ends_on = turn.day
    _check_span(starts_on, ends_on, china_date(now))
    key = account_key(actor, idempotency_key)
    row = LeaveRequest(
        scope_code=mandate.scope_code,
        mandate=mandate,
        starts_on=starts_on,
        ends_on=ends_on,
        participation=turn,
        kind=LeaveReason(kind),
        reason=fitted(LeaveRequest, "reason", reason, label="请假事由", needed=True),
        requested_by_id=actor.account_id,
        requested_at=now,
        idempotency_key=key,
    )
    known = _known(actor, row)
    if known is not None:
        return known
    with trail.operation("request_leave"):
        row.save(force_insert=True)
        _tell_office(row, now)
    return row


def _for_whom(actor: Actor, mandate_id: int | None) -> Mandate:
    if actor.role in DEPUTIES:
        own = own_mandate(actor)
        if mandate_id not in (None, own.pk):
            raise Forbidden("只能为自己请假。")
        mandate = own
    else:
        actor.require(*STATION_STAFF)
        if mandate_id is None:
            raise InvalidInput({"mandate_id": "请选择请假的代表。"})
        found = Mandate.scoped(actor).select_related("person", "term__congress").filter(pk=mandate_id).first()
        if found is None:
            raise OutOfScope()
        mandate = found
        _require_own_level(actor, mandate.scope_code)
    # One request at a time per deputy: the lock makes double submits one row.
    locked(Mandate, actor, mandate.pk)
    return mandate


def _require_own_level(actor: Actor, scope_code: int) -> None:
    """The county committee runs the county's own deputies and edits no township's facts."""
    if actor.role == Role.COUNTY_COMMITTEE and scope_code != actor.lo:
        raise Forbidden("乡镇代表的请假由乡镇人大办理。")


def _turn(actor: Actor, mandate: Mandate, participation_id: int | None) -> Participation | None:
    if participation_id is None:
        return None
    row = locked(Participation, actor, participation_id)
    if row.mandate_id != mandate.pk:
        raise OutOfScope()
    if row.outcome in TURNS_OVER or row.outcome == DutyState.ATTENDED:
        raise Refused(f"这次安排{DutyState(row.outcome).label}，不用请假。")
    return row


def _check_span(starts_on: date, ends_on: date, today: date) -> None:
    refuse(
        {
            "starts_on": span_fault(starts_on, today, label="开始日期", years_back=1, years_ahead=1),
            "ends_on": span_fault(ends_on, today, label="结束日期", years_back=1, years_ahead=2),
        }
    )
    if ends_on < starts_on:
        raise InvalidInput({"ends_on": "结束日期不能早于开始日期。"})
    if (ends_on - starts_on).days >= LONGEST_DAYS:
        raise InvalidInput({"ends_on": "一次请假不能超过一年。"})


def _known(actor: Actor, row: LeaveRequest) -> LeaveRequest | None:
    """The same request sent before: by its key, or the same days while it is still open."""
    rows = LeaveRequest.scoped(actor).filter(mandate_id=row.mandate_id)
    if row.idempotency_key is not None:
        same = rows.filter(idempotency_key=row.idempotency_key).first()
        if same is not None:
            return same
    still_open = rows.filter(state__in=(LeaveState.REQUESTED, LeaveState.APPROVED))
    days = {"starts_on": row.starts_on, "ends_on": row.ends_on}
    turn = (
        Q(participation_id=row.participation_id) if row.participation_id else Q(participation_id__isnull=True)
    )
    return still_open.filter(turn, **days).first()


def _tell_office(row: LeaveRequest, now: datetime) -> None:
    days = span_text(row.starts_on, row.ends_on)
    is_county = row.mandate.term.congress.level == CongressLevel.COUNTY
    notify_roles(
        scope_code=row.scope_code,
        roles=(Role.COUNTY_COMMITTEE,) if is_county else OFFICE,
        title=f"{row.mandate}代表请假，请审批",
        body=f"{row.mandate}代表申请{days}请假（{LeaveReason(row.kind).label}）。",
        link=reverse("stations_decide_leave", args=[row.pk]),
        dedupe_key=f"leave:{row.pk}:requested",
        now=now,
    )


def decide_leave(*, actor: Actor, leave_id: int, is_approved: bool, note: str, now: datetime) -> LeaveRequest:
    """Approve or refuse; approving excuses every turn of the span that is not over (domain.md 0.7).

    Two people: never whoever asked, never the deputy concerned. A refusal needs its reason. The station
    clerk decides on single turns of the own station only.
    """
    row = locked(LeaveRequest, actor, leave_id, "mandate__person", "participation__reception_day")
    require_decider(actor, row)
    wanted = LeaveState.APPROVED if is_approved else LeaveState.REJECTED
    if row.state == wanted:
        return row
    state = LEAVE.next_state(row.state, LeaveEvent.APPROVE if is_approved else LeaveEvent.REJECT)
    words = fitted(LeaveRequest, "decision_note", note, at="note", label="审批意见")
    if not is_approved:
        words = fitted(LeaveRequest, "decision_note", note, at="note", label="不批准的原因", needed=True)
    row.state, row.decision_note = state, words
    row.decided_by_id, row.decided_at = actor.account_id, now
    with trail.operation("decide_leave"):
        row.save(update_fields=["state", "decision_note", "decided_by", "decided_at"])
        if is_approved:
            _excuse_turns(actor, row, now)
        else:
            _ask_again(actor, row)
        _tell_deputy(row, state, now)
    return row


def require_decider(actor: Actor, row: LeaveRequest) -> None:
    """``Forbidden`` unless the station, or the office, decides, and neither asked nor is the deputy."""
    turn = row.participation
    if turn is not None and turn.reception_day is not None:
        require_station(actor, turn.reception_day.station_id)
    else:
        actor.require(*REGISTRARS)
        _require_own_level(actor, row.scope_code)
    require_unconcerned(actor, row.mandate)
    if actor.is_self(row.requested_by_id):
        raise Forbidden("请假实行申请、审批分开，申请人不能审批。")


def turns_of(actor: Actor, row: LeaveRequest) -> list[Participation]:
    """The turns and activities the leave is about, locked: the one named, else all of its days."""
    rows = Participation.scoped(actor).filter(mandate_id=row.mandate_id).select_for_update(of=("self",))
    if row.participation_id is not None:
        return list(rows.filter(pk=row.participation_id))
    return list(rows.filter(day__range=(row.starts_on, row.ends_on)).order_by("id"))


def _excuse_turns(actor: Actor, row: LeaveRequest, now: datetime) -> None:
    """What was attended stays attended; what the other side already disputes is left to the objection."""
    excusable = DUTY.sources_of(DutyEvent.EXCUSE) - {DutyState.ATTENDED}
    for turn in turns_of(actor, row):
        if turn.outcome not in excusable or not PARTICIPATION.can(turn.state, ParticipationEvent.CONFIRM):
            continue
        turn.outcome = DUTY.next_state(turn.outcome, DutyEvent.EXCUSE)
        # Asked for by one side and granted by the other: nothing is left to confirm.
        turn.state = PARTICIPATION.next_state(turn.state, ParticipationEvent.CONFIRM)
        turn.settled_by_id, turn.settled_at = actor.account_id, now
        turn.save(update_fields=["outcome", "state", "settled_by", "settled_at"])
    _answer_invitations(actor, row, now)


def _ask_again(actor: Actor, row: LeaveRequest) -> None:
    """Leave refused for one activity: the deputy is expected, and the invitation waits for a new answer."""
    asked = Invitation.scoped(actor).filter(
        mandate_id=row.mandate_id, activity__state__in=OPEN_ACTIVITY_STATES
    )
    if row.participation_id is not None:
        asked.filter(activity__participations=row.participation_id).update(
            answer=AnswerState.WAITING, reason="", answered_at=None, answered_by=None
        )


def _answer_invitations(actor: Actor, row: LeaveRequest, now: datetime) -> None:
    """An invitation to what the leave covers is answered by it: nobody asks or reminds again."""
    asked = Invitation.scoped(actor).filter(
        mandate_id=row.mandate_id, activity__state__in=OPEN_ACTIVITY_STATES
    )
    if row.participation_id is not None:
        asked = asked.filter(activity__participations=row.participation_id)
    else:
        asked = asked.filter(activity__starts_on__range=(row.starts_on, row.ends_on))
    asked.exclude(answer=AnswerState.DECLINED).update(
        answer=AnswerState.DECLINED, reason="请假已批准", answered_at=now
    )


def _tell_deputy(row: LeaveRequest, state: LeaveState, now: datetime) -> None:
    account_id = row.mandate.person.account_id
    if account_id is None:
        return
    notify(
        account_id=account_id,
        scope_code=row.scope_code,
        title=f"请假{state.label}",
        body=f"您{span_text(row.starts_on, row.ends_on)}的请假{state.label}。{row.decision_note}",
        link=reverse("stations_leave"),
        dedupe_key=f"leave:{row.pk}:{state}",
        now=now,
    )


def withdraw_leave(*, actor: Actor, leave_id: int, now: datetime) -> LeaveRequest:
    """Take a request back; turns still to come are due again, what is past stays excused."""
    row = locked(LeaveRequest, actor, leave_id, "mandate")
    if not is_own(actor, row.mandate) and row.requested_by_id != actor.account_id:
        raise Forbidden("只有请假的代表或者代为申请的人可以撤回。")
    if row.state == LeaveState.WITHDRAWN:
        return row
    was_approved = row.state == LeaveState.APPROVED
    today = china_date(now)
    if was_approved and row.ends_on < today:
        raise Refused("请假的日期已过，不能撤回。")
    row.state = LEAVE.next_state(row.state, LeaveEvent.WITHDRAW)
    with trail.operation("withdraw_leave"):
        row.save(update_fields=["state"])
        if was_approved:
            _restore_turns(actor, row, today)
    return row


def _restore_turns(actor: Actor, row: LeaveRequest, today: date) -> None:
    """What another approved leave still covers stays excused."""
    others = list(
        LeaveRequest.scoped(actor)
        .filter(mandate_id=row.mandate_id, state=LeaveState.APPROVED)
        .exclude(pk=row.pk)
    )
    restored = []
    for turn in turns_of(actor, row):
        if any(_covers(other, turn) for other in others):
            continue
        if turn.outcome != DutyState.ON_LEAVE or turn.day < today or turn.recorded_at is not None:
            continue
        turn.outcome = DUTY.next_state(turn.outcome, DutyEvent.RESTORE)
        # Back to a turn nobody has registered yet: the table's start, not a step of checking.
        turn.state = ParticipationState(PARTICIPATION.start)
        turn.settled_by_id = turn.settled_at = None
        turn.save(update_fields=["outcome", "state", "settled_by", "settled_at"])
        restored.append(turn.activity_id)
    # Asked anew: the leave was the answer.
    invitations = Invitation.scoped(actor).filter(
        mandate_id=row.mandate_id, activity__in=[a for a in restored if a]
    )
    invitations.update(
        answer=AnswerState.WAITING, reason="", answered_at=None, answered_by=None, reminded_at=None
    )


def _covers(leave: LeaveRequest, turn: Participation) -> bool:
    if leave.participation_id is not None:
        return leave.participation_id == turn.pk
    return leave.starts_on <= turn.day <= leave.ends_on
