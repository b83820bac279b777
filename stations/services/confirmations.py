"""The other side confirms or objects; the office settles; silence goes to the presidium (domain.md 0.3)."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse

from deputies.access import require_unconcerned
from liaison.auditing import trail
from liaison.calendar.deadlines import due
from liaison.calendar.workdays import WorkCalendar, china_date
from liaison.calendar.working import policy_of, working_calendar
from liaison.identity.roles import DEPUTIES, OFFICE, STATION_RUNNERS
from liaison.messages.outbox import notify, notify_roles
from liaison.tenancy.locking import locked
from liaison.tenancy.scope import Actor
from liaison.words.errors import Forbidden, InvalidInput, LiaisonError, OutOfScope, Refused
from liaison.words.limits import fitted
from stations.access import (
    visible_participations,
)
from stations.enums import DutyState, ParticipationEvent, ParticipationState
from stations.models import Participation
from stations.rules.lifecycle import DUTY, PARTICIPATION, REGISTERED_OUTCOMES
from stations.rules.wording import day_text
from stations.selectors.due import overdue_confirmations, provisional_confirmations
from stations.services.attendance import EVENT_FOR
from stations.services.common import BulkResult, is_own, require_office

_E = ParticipationEvent
DECISIONS = frozenset({_E.UPHOLD, _E.CORRECT, _E.WITHDRAW})
_JOINS = ("mandate__person", "reception_day__station", "activity__kind")
# Who answers for the other side when a deputy registered.
CHECKERS = STATION_RUNNERS
MOST_AT_ONCE = 500

log = logging.getLogger(__name__)


def confirm_record(*, actor: Actor, participation_id: int, now: datetime) -> Participation:
    """The other side agrees. Twice, or two people at once, is once."""
    row = _locked_record(actor, participation_id)
    state = _confirmed_state(actor, row)
    if row.state == state:
        return row
    row.state, row.settled_by_id, row.settled_at = state, actor.account_id, now
    with trail.operation("confirm_record"):
        row.save(update_fields=["state", "settled_by", "settled_at"])
    return row


def _locked_record(actor: Actor, participation_id: int) -> Participation:
    row = locked(Participation, actor, participation_id, *_JOINS)
    if not visible_participations(actor).filter(pk=row.pk).exists():
        raise Forbidden("您当前的职务不能办理这条记录。")
    _require_registered(row)
    return row


def _require_registered(row: Participation) -> None:
    if row.outcome not in REGISTERED_OUTCOMES:
        raise Refused(f"这条记录{DutyState(row.outcome).label}，还没有登记参加情况。")


def require_other_side(actor: Actor, row: Participation) -> None:
    """``Forbidden`` unless the actor may answer: whoever registered a record never does both."""
    if actor.is_self(row.recorded_by_id):
        raise Forbidden("登记人不能核对自己登记的记录，请由另一方核对。")
    if not row.is_recorded_by_deputy:
        if actor.role not in DEPUTIES or not is_own(actor, row.mandate):
            raise Forbidden("这条记录由代表本人核对。")
    elif actor.role not in CHECKERS:
        raise Forbidden("代表登记的记录由联络站或者主席团核对。")
    else:
        require_unconcerned(actor, row.mandate)


def _confirmed_state(actor: Actor, row: Participation) -> ParticipationState:
    """The state after confirming; a record confirmed before stays as it is."""
    require_other_side(actor, row)
    if row.state == ParticipationState.CONFIRMED:
        return ParticipationState.CONFIRMED
    return PARTICIPATION.next_state(row.state, _E.CONFIRM)


def confirm_records(*, actor: Actor, participation_ids: Iterable[int], now: datetime) -> BulkResult:
    """Confirm many in four queries; each that cannot be confirmed is named with the reason.

    ``BulkResult.done`` counts those confirmed by now, whoever was first. Rows are locked in one order, so
    that two people confirming the same list never wait for each other.
    """
    wanted = sorted(set(participation_ids))
    if len(wanted) > MOST_AT_ONCE:
        raise Refused(f"一次最多确认{MOST_AT_ONCE}条，请分批确认。")
    visible = visible_participations(actor).filter(pk__in=wanted)
    rows = visible.select_related("mandate__person").select_for_update(of=("self",)).order_by("pk")
    result, ready = BulkResult(), []
    found = {row.pk: row for row in rows}
    for row_id in wanted:
        try:
            ready += _ready(actor, found.get(row_id))
        except LiaisonError as error:
            result.refuse(row_id, error)
    with trail.operation("confirm_record"):
        Participation.scoped(actor).filter(pk__in=ready).update(
            state=PARTICIPATION.next_state(PARTICIPATION.start, _E.CONFIRM),
            settled_by=actor.account_id,
            settled_at=now,
        )
    result.done = len(wanted) - len(result.refused)
    return result


def _ready(actor: Actor, row: Participation | None) -> list[int]:
    """The row's id when it has to be written, nothing when it is confirmed already."""
    if row is None:
        raise OutOfScope()
    _require_registered(row)
    state = _confirmed_state(actor, row)
    return [] if row.state == state else [row.pk]


def object_to_record(*, actor: Actor, participation_id: int, reason: str, now: datetime) -> Participation:
    """The other side disagrees, with a reason; also after confirming, until the office has decided."""
    row = _locked_record(actor, participation_id)
    require_other_side(actor, row)
    words = fitted(Participation, "objection", reason, at="reason", label="异议理由", needed=True)
    if row.state == ParticipationState.OBJECTED:
        return row
    row.state = PARTICIPATION.next_state(row.state, _E.OBJECT)
    row.objection, row.settled_by_id, row.settled_at = words, actor.account_id, now
    with trail.operation("object_to_record"):
        row.save(update_fields=["state", "objection", "settled_by", "settled_at"])
        notify_roles(
            scope_code=row.scope_code,
            roles=OFFICE,
            title="有履职记录被提出异议，请处理",
            body=f"{row.mandate}{day_text(row.day)}的履职记录被提出异议，请核实后作出处理。",
            link=reverse("admin:stations_participation_change", args=[row.pk]),
            dedupe_key=f"objection:{row.pk}:{now:%Y%m%d%H%M}",
            now=now,
        )
    return row


def settle_objection(
    *,
    actor: Actor,
    participation_id: int,
    decision: ParticipationEvent | str,
    ruling: str,
    now: datetime,
    outcome: DutyState | str | None = None,
) -> Participation:
    """The office decides a disputed or lapsed record: uphold, correct (``outcome``) or withdraw.

    Neither the recorder nor the deputy concerned decides; the reason stays with the record and both sides
    hear of it. The same decision twice changes nothing.
    """
    require_office(actor)
    row = _locked_record(actor, participation_id)
    event = ParticipationEvent(decision)
    if event not in DECISIONS:
        raise InvalidInput({"decision": "处理结果只能是维持登记、更正或者撤销登记。"})
    words = fitted(Participation, "ruling", ruling, label="处理意见", needed=True)
    require_settler(actor, row)
    state = PARTICIPATION.next_state(row.state, event)
    if event == _E.CORRECT:
        _correct(row, outcome)
    row.state, row.ruling = state, words
    row.settled_by_id, row.settled_at = actor.account_id, now
    with trail.operation("settle_objection"):
        row.save(update_fields=["state", "ruling", "outcome", "settled_by", "settled_at"])
        _tell_both(row, state, now)
    return row


def _correct(row: Participation, outcome: DutyState | str | None) -> None:
    if outcome is None or DutyState(outcome) not in REGISTERED_OUTCOMES:
        raise InvalidInput({"outcome": "请选择更正后的参加情况。"})
    if DutyState(outcome) == row.outcome:
        raise InvalidInput({"outcome": "更正后的参加情况与原登记相同；维持原登记的，请选择“维持登记”。"})
    row.outcome = DUTY.next_state(row.outcome, EVENT_FOR[DutyState(outcome)])


def _tell_both(row: Participation, state: ParticipationState, now: datetime) -> None:
    for account_id in {row.recorded_by_id, row.mandate.person.account_id}:
        if account_id is None:
            continue
        notify(
            account_id=account_id,
            scope_code=row.scope_code,
            title=f"履职记录{state.label}",
            body=f"{row.mandate}{day_text(row.day)}的履职记录{state.label}。处理意见：{row.ruling}",
            link=reverse("stations_record", args=[row.pk]),
            dedupe_key=f"settled:{row.pk}:{state}",
            now=now,
        )


def require_settler(actor: Actor, row: Participation) -> None:
    """``Forbidden`` for the recorder and for the deputy concerned: both are parties."""
    if actor.is_self(row.recorded_by_id):
        raise Forbidden("登记人不能处理对自己登记的异议，请由其他工作人员处理。")
    require_unconcerned(actor, row.mandate)


def require_recorder(actor: Actor, row: Participation) -> None:
    """``Forbidden`` unless the actor entered the record."""
    if row.recorded_by_id is None or row.recorded_by_id != actor.account_id:
        raise Forbidden("只有登记人可以撤销登记。")


def withdraw_record(*, actor: Actor, participation_id: int, reason: str, now: datetime) -> Participation:
    """The recorder takes back an entry nobody has answered yet.

    A turn on a reception day stays a turn: there the entry is changed (``register_attendance``) or the
    office decides, so that no denominator shrinks by withdrawing.
    """
    row = _locked_record(actor, participation_id)
    require_recorder(actor, row)
    if row.reception_day_id is not None:
        raise Refused("接待日值班的登记不能撤销；登记有误的，请由联络站改登记。")
    if row.state == ParticipationState.WITHDRAWN:
        return row
    row.ruling = fitted(Participation, "ruling", reason, at="reason", label="撤销原因", needed=True)
    row.state = PARTICIPATION.next_state(row.state, _E.WITHDRAW)
    row.settled_by_id, row.settled_at = actor.account_id, now
    with trail.operation("withdraw_record"):
        row.save(update_fields=["ruling", "state", "settled_by", "settled_at"])
    return row


def lapse_records(*, actor: Actor, now: datetime, limit: int = 500) -> int:
    """Registered records past their day, and not answered, go to the presidium (policy, 10 working days).

    An estimated day is never acted on: it is settled first, when its year is loaded. Safe to run twice and
    at once. Returns how many records went on.
    """
    actor.require_system()
    rows = (
        overdue_confirmations(actor, china_date(now))
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("confirm_by", "id")[:limit]
    )
    lapsed: dict[int, int] = {}
    with trail.operation("lapse_records"):
        for row in rows:
            row.state = PARTICIPATION.next_state(row.state, _E.LAPSE)
            row.save(update_fields=["state"])
            lapsed[row.scope_code] = lapsed.get(row.scope_code, 0) + 1
        for scope_code, count in lapsed.items():
            _tell_office(scope_code, count, now)
    return sum(lapsed.values())


def _tell_office(scope_code: int, count: int, now: datetime) -> None:
    link = reverse("admin:stations_participation_changelist")
    notify_roles(
        scope_code=scope_code,
        roles=OFFICE,
        title=f"有{count}条履职记录逾期未核对，转主席团核定",
        body=f"有{count}条履职记录在核对期限内无人确认，请主席团核定。",
        link=f"{link}?state__exact={ParticipationState.LAPSED_TO_PRESIDIUM}",
        dedupe_key=f"lapsed:{scope_code}:{now:%Y%m%d%H}",
        now=now,
    )


def settle_provisional_confirmations(*, actor: Actor, limit: int = 500) -> int:
    """Derive estimated days of confirmation again where the year is loaded by now; counts those settled."""
    actor.require_system()
    calendar = working_calendar()
    rows = (
        provisional_confirmations(actor)
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("id")[:limit]
    )
    with trail.operation("recompute_deadline", reason="放假安排已载入"):
        return sum(_settle_day(row, calendar) for row in rows)


def _settle_day(row: Participation, calendar: WorkCalendar) -> bool:
    if row.recorded_at is None:
        return False
    policy = policy_of("record_confirmation", row.scope_code)
    found = due(china_date(row.recorded_at), policy, calendar.provisional())
    if found.is_provisional:
        return False
    log.info("confirmation of record %s: %s to %s", row.pk, row.confirm_by, found.due_on)
    row.confirm_by, row.confirm_is_provisional = found.due_on, False
    row.save(update_fields=["confirm_by", "confirm_is_provisional"])
    return True
