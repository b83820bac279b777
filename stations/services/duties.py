"""Turns on a reception day: assigning, releasing, substituting, swapping (domain.md section 4, rota)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.urls import reverse

from deputies.access import own_mandate
from deputies.models import Mandate
from liaison.auditing import trail
from liaison.calendar.workdays import china_date
from liaison.messages.outbox import notify
from liaison.tenancy.locking import locked
from liaison.tenancy.scope import Actor
from liaison.words.errors import Forbidden, InvalidInput, Refused
from liaison.words.limits import fitted
from stations.access import may_run_station
from stations.enums import (
    DutyEvent,
    DutyOrigin,
    DutyState,
    LeaveState,
    ReceptionDayState,
    SwapEvent,
    SwapState,
)
from stations.models import DutySwap, LeaveRequest, Participation, ReceptionDay
from stations.rules.lifecycle import DUTY, SWAP, TURNS_OVER
from stations.rules.wording import full_day_text
from stations.selectors.rota import turn_warnings
from stations.services.common import is_own, mandates_for, require_in_office, require_station, tell_station

_OPEN_DAYS = (ReceptionDayState.PLANNED, ReceptionDayState.PUBLISHED, ReceptionDayState.POSTPONED)
# One or two deputies a turn [default, domain.md section 4].
USUAL_TURN = 2


@dataclass(slots=True)
class DutyPlan:
    """The turns of a day after assigning, and what a clerk should look at again (Chinese sentences)."""

    assigned: list[Participation] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def assign_duty(*, actor: Actor, day_id: int, mandate_ids: Iterable[int], now: datetime) -> DutyPlan:
    """Give deputies a turn; those who have one keep it, so doing it twice changes nothing.

    ``Refused`` for a deputy who is suspended, not in office, or on approved leave that day. What only
    deserves a second look (two turns in a row, not on the station's roster, another turn the same day)
    comes back as warnings.
    """
    day = _open_day(actor, day_id)
    wanted = mandates_for(actor, mandate_ids, day.scope_code)
    require_in_office(actor, wanted.values(), day.day, china_date(now))
    _refuse_on_leave(actor, wanted, day.day)
    plan = DutyPlan()
    with trail.operation("assign_duty"):
        plan.assigned = [_turn(actor, day, mandate) for mandate in wanted.values()]
    plan.warnings = duty_warnings(actor, day, wanted)
    return plan


def _open_day(actor: Actor, day_id: int) -> ReceptionDay:
    day = locked(ReceptionDay, actor, day_id, "station")
    require_station(actor, day.station_id)
    if day.state not in _OPEN_DAYS:
        raise Refused(f"这次接待{ReceptionDayState(day.state).label}，不能再排班。")
    return day


def _refuse_on_leave(actor: Actor, mandates: Mapping[int, Mandate], day: date) -> None:
    leave = LeaveRequest.scoped(actor).filter(
        mandate__in=mandates, state=LeaveState.APPROVED, starts_on__lte=day, ends_on__gte=day
    )
    away = leave.filter(participation__isnull=True).values_list("mandate_id", flat=True).first()
    if away is not None:
        raise Refused(f"{mandates[away]}当天已请假，请安排其他代表。")


def _turn(
    actor: Actor, day: ReceptionDay, mandate: Mandate, origin: DutyOrigin = DutyOrigin.HAND
) -> Participation:
    """The deputy's turn on this day as it stands, or a new one; turns given away stay as history."""
    turns = Participation.scoped(actor).filter(reception_day=day, mandate=mandate)
    row = turns.exclude(outcome__in=TURNS_OVER).select_for_update().first()
    return row or Participation.objects.create(
        scope_code=day.scope_code, mandate=mandate, reception_day=day, day=day.day, origin=origin.value
    )


def duty_warnings(actor: Actor, day: ReceptionDay, mandates: Mapping[int, Mandate]) -> list[str]:
    """What deserves a second look in this rota; four queries."""
    words = turn_warnings(actor, [(day, mandate_id) for mandate_id in mandates])
    found = [
        f"{mandate}{each}" for mandate, all_ in zip(mandates.values(), words, strict=True) for each in all_
    ]
    turns = Participation.scoped(actor).filter(reception_day=day, outcome=DutyState.SCHEDULED)
    if turns.count() > USUAL_TURN:
        found.append(f"本次值班超过{USUAL_TURN}人")
    return found


def release_duty(*, actor: Actor, participation_id: int, reason: str) -> Participation:
    """Take a turn back; it leaves the denominator. The reason stays with it."""
    row = _locked_turn(actor, participation_id)
    require_station(actor, _day_of(row).station_id)
    if row.outcome == DutyState.CANCELLED:
        return row
    row.outcome = DUTY.next_state(row.outcome, DutyEvent.CANCEL).value
    row.note = fitted(Participation, "note", reason, at="reason", label="取消排班的原因", needed=True)
    with trail.operation("release_duty"):
        row.save(update_fields=["outcome", "note"])
    return row


def _locked_turn(actor: Actor, participation_id: int) -> Participation:
    row = locked(Participation, actor, participation_id, "mandate__person", "reception_day__station")
    if row.reception_day is None:
        raise Refused("这条记录不是接待日值班。")
    return row


def _day_of(row: Participation) -> ReceptionDay:
    if row.reception_day is None:
        raise Refused("这条记录不是接待日值班。")
    return row.reception_day


def substitute_duty(
    *, actor: Actor, participation_id: int, mandate_id: int, reason: str, now: datetime
) -> Participation:
    """The office puts another deputy in place of the one assigned, who may be on leave; returns the new turn.

    Both are told, with the reason. Leave stays on record; any other turn is passed on.
    """
    row = _locked_turn(actor, participation_id)
    day = _open_day(actor, _day_of(row).pk)
    successor = mandates_for(actor, [mandate_id], row.scope_code)
    require_in_office(actor, successor.values(), day.day, china_date(now))
    _refuse_on_leave(actor, successor, day.day)
    words = fitted(Participation, "note", reason, at="reason", label="调换原因", needed=True)
    with trail.operation("substitute_duty"):
        turn = _pass_on(actor, row, day, successor[mandate_id], words, DutyOrigin.SUBSTITUTE)
        _tell_both(row, turn, day, words, now)
    return turn


def _pass_on(
    actor: Actor, row: Participation, day: ReceptionDay, successor: Mandate, reason: str, origin: DutyOrigin
) -> Participation:
    if row.mandate_id == successor.pk:
        raise Refused("接替的代表就是原来值班的代表。")
    _refuse_twice(actor, day, successor)
    if row.outcome != DutyState.ON_LEAVE:
        row.outcome = DUTY.next_state(row.outcome, DutyEvent.SWAP).value
    row.note = fitted(Participation, "note", f"由{successor}接替：{reason}", at="reason")
    row.save(update_fields=["outcome", "note"])
    return _turn(actor, day, successor, origin)


def _refuse_twice(actor: Actor, day: ReceptionDay, mandate: Mandate) -> None:
    """One deputy holds one place on a day: taking over a colleague's as well would lose one of the two."""
    there = Participation.scoped(actor).filter(reception_day=day, mandate=mandate)
    if there.exclude(outcome__in=TURNS_OVER).exists():
        raise Refused(f"{mandate}在{full_day_text(day.day)}已有这次值班，请选择其他代表。")


def _tell_both(
    row: Participation, turn: Participation, day: ReceptionDay, reason: str, now: datetime
) -> None:
    when = f"{full_day_text(day.day)}{day.starts_at:%H:%M}{day.station}"
    told = (
        (turn.mandate, f"请您{full_day_text(day.day)}值班", f"{when}的接待，请您接替{row.mandate}代表值班。"),
        (
            row.mandate,
            f"{full_day_text(day.day)}的值班已有人接替",
            f"{when}的接待，由{turn.mandate}代表值班。",
        ),
    )
    for mandate, title, body in told:
        _notify(mandate, title, f"{body}原因：{reason}", f"substitute:{turn.pk}", now, "stations_home")


def propose_swap(
    *,
    actor: Actor,
    participation_id: int,
    mandate_id: int,
    reason: str,
    now: datetime,
    wanted_id: int | None = None,
) -> DutySwap:
    """A deputy offers the own turn to another, in exchange for that one's turn when ``wanted_id`` is given.

    One open proposal per turn; proposing the same again returns it.
    """
    own = own_mandate(actor)
    row = _locked_turn(actor, participation_id)
    if row.mandate_id != own.pk:
        raise Forbidden("只能调换自己的值班。")
    _require_scheduled(row, china_date(now))
    other = mandates_for(actor, [mandate_id], row.scope_code)[mandate_id]
    if other.pk == own.pk:
        raise Refused("请选择另一位代表。")
    open_swaps = DutySwap.scoped(actor).filter(offered=row, state__in=SWAP.open_states)
    there = open_swaps.first()
    if there is not None:
        if there.mandate_id == other.pk and there.wanted_id == wanted_id:
            return there
        raise Refused("这次值班已经提出调换，请先撤回。")
    if wanted_id is not None:
        wanted = _locked_turn(actor, wanted_id)
        if wanted.mandate_id != other.pk:
            raise InvalidInput({"wanted_id": f"这次值班不是{other}代表的，请重新选择。"})
        _require_scheduled(wanted, china_date(now))
        _refuse_twice(actor, _day_of(wanted), own)
    _refuse_twice(actor, _day_of(row), other)
    with trail.operation("propose_swap"):
        swap = DutySwap.objects.create(
            scope_code=row.scope_code,
            offered=row,
            mandate=other,
            wanted_id=wanted_id,
            reason=fitted(DutySwap, "reason", reason, label="调换事由", needed=True),
            proposed_by_id=actor.account_id,
            proposed_at=now,
        )
        _tell(other, swap, f"{own}代表请您接替值班", now)
    return swap


def _require_scheduled(row: Participation, today: date) -> None:
    if row.outcome != DutyState.SCHEDULED:
        raise Refused(f"这次值班{DutyState(row.outcome).label}，不能调换。")
    if row.day < today:
        raise Refused("这次值班的日期已过，不能调换。")


def _tell(mandate: Mandate, swap: DutySwap, title: str, now: datetime) -> None:
    _notify(mandate, title, f"{title}。事由：{swap.reason}", f"swap:{swap.pk}:{swap.state}", now)


def _notify(
    mandate: Mandate, title: str, body: str, key: str, now: datetime, page: str = "stations_swaps"
) -> None:
    """Deputies without an account hear from their clerk."""
    account_id = mandate.person.account_id
    if account_id is not None:
        notify(
            account_id=account_id,
            scope_code=mandate.scope_code,
            title=title,
            body=body,
            link=reverse(page),
            dedupe_key=key,
            now=now,
        )


def _tell_station(swap: DutySwap, now: datetime) -> None:
    """Both deputies agree: the office and the clerk of this very station are asked to approve."""
    when = full_day_text(swap.offered.day)
    who = f"{swap.offered.mandate}代表{when}的值班，拟由{swap.mandate}代表接替"
    tell_station(
        _day_of(swap.offered).station,
        title=f"值班调换待批准：{when}",
        body=f"{who}，双方已同意。事由：{swap.reason}",
        link=reverse("stations_swaps"),
        dedupe_key=f"swap:{swap.pk}:approve",
        now=now,
    )


def consent_to_swap(*, actor: Actor, swap_id: int, now: datetime) -> DutySwap:
    """The deputy asked agrees; the station still has to approve."""
    swap = _locked_swap(actor, swap_id)
    if not is_own(actor, swap.mandate):
        raise Forbidden("只有被请求接替的代表可以同意。")
    if swap.state == SwapState.CONSENTED:
        return swap
    swap = _step(swap, SwapEvent.CONSENT, "consent_to_swap")
    with trail.operation("consent_to_swap"):
        _tell(swap.offered.mandate, swap, f"{swap.mandate}代表同意接替您的值班，等待联络站批准", now)
        _tell_station(swap, now)
    return swap


def _locked_swap(actor: Actor, swap_id: int) -> DutySwap:
    joins = ("mandate__person", "offered__mandate__person", "offered__reception_day__station", "wanted")
    return locked(DutySwap, actor, swap_id, *joins)


def _step(swap: DutySwap, event: SwapEvent, operation: str) -> DutySwap:
    swap.state = SWAP.next_state(swap.state, event).value
    with trail.operation(operation):
        swap.save(update_fields=["state"])
    return swap


def decide_swap(*, actor: Actor, swap_id: int, is_approved: bool, now: datetime) -> DutySwap:
    """The station approves or refuses; the deputy asked may refuse as well. Both turns change at once."""
    swap = _locked_swap(actor, swap_id)
    station_id = _day_of(swap.offered).station_id
    runs_station = may_run_station(actor, station_id)
    if not runs_station and (is_approved or not is_own(actor, swap.mandate)):
        raise Forbidden()
    if is_approved and swap.state == SwapState.APPROVED:
        return swap
    state = SWAP.next_state(swap.state, SwapEvent.APPROVE if is_approved else SwapEvent.REJECT)
    with trail.operation("decide_swap"):
        if is_approved:
            _exchange(actor, swap, now)
        swap.state, swap.decided_by_id, swap.decided_at = state.value, actor.account_id, now
        swap.save(update_fields=["state", "decided_by", "decided_at"])
        for mandate in (swap.offered.mandate, swap.mandate):
            if not is_own(actor, mandate):
                _tell(mandate, swap, _decision_words(swap, state), now)
    return swap


def _decision_words(swap: DutySwap, state: SwapState) -> str:
    when = full_day_text(swap.offered.day)
    if state != SwapState.APPROVED:
        return f"{when}的值班没有调换，仍由{swap.offered.mandate}代表值班"
    back = f"，{full_day_text(swap.wanted.day)}由{swap.offered.mandate}代表值班" if swap.wanted else ""
    return f"值班调换已批准：{when}由{swap.mandate}代表值班{back}"


def _exchange(actor: Actor, swap: DutySwap, now: datetime) -> None:
    today = china_date(now)
    offered = _locked_turn(actor, swap.offered_id)
    _require_scheduled(offered, today)
    require_in_office(actor, [swap.mandate], offered.day, today)
    _refuse_on_leave(actor, {swap.mandate_id: swap.mandate}, offered.day)
    _pass_on(actor, offered, _day_of(offered), swap.mandate, swap.reason, DutyOrigin.SWAP)
    if swap.wanted_id is not None:
        wanted = _locked_turn(actor, swap.wanted_id)
        _require_scheduled(wanted, today)
        require_in_office(actor, [offered.mandate], wanted.day, today)
        _refuse_on_leave(actor, {offered.mandate_id: offered.mandate}, wanted.day)
        _pass_on(actor, wanted, _day_of(wanted), offered.mandate, swap.reason, DutyOrigin.SWAP)


def withdraw_swap(*, actor: Actor, swap_id: int, now: datetime) -> DutySwap:
    """Whoever proposed it takes it back."""
    swap = _locked_swap(actor, swap_id)
    if not is_own(actor, swap.offered.mandate):
        raise Forbidden("只有提出调换的代表可以撤回。")
    if swap.state == SwapState.WITHDRAWN:
        return swap
    swap = _step(swap, SwapEvent.WITHDRAW, "withdraw_swap")
    with trail.operation("withdraw_swap"):
        _tell(swap.mandate, swap, f"{swap.offered.mandate}代表撤回了值班调换，您不用接替", now)
    return swap
