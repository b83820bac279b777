"""Versions of a station's rota: made by the rules, changed by hand, adopted (domain.md section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Max

from liaison.auditing import trail
from liaison.calendar.days import require_days
from liaison.calendar.workdays import china_date
from liaison.tenancy.locking import locked
from liaison.tenancy.scope import Actor
from liaison.words.errors import InvalidInput, Refused
from stations.enums import RotaPlanEvent, RotaPlanState
from stations.models import RotaPlan, Station
from stations.rules.lifecycle import ROTA_PLAN
from stations.rules.rota import (
    Kept,
    KeptReason,
    Parameters,
    Problem,
    Review,
    Sitting,
    make_plan,
    rearranged,
    review,
)
from stations.rules.rota.snapshot import Snapshot, from_data, to_data
from stations.selectors.rota_problem import Records, rota_records, with_kept
from stations.services.common import open_station_of, require_station

LONGEST_DAYS = 2 * 366
MOST_SEED = 10**9


@dataclass(slots=True)
class SeatChange:
    """A change by hand: the version after it, or only what would have to be looked at first."""

    plan: RotaPlan
    warnings: list[str] = field(default_factory=list)
    is_saved: bool = False


def make_rota_plan(
    *,
    actor: Actor,
    station_id: int,
    starts_on: date,
    ends_on: date,
    now: datetime,
    seats: int = 2,
    minimum: int = 2,
    seed: int | None = None,
    is_copy: bool = False,
) -> RotaPlan:
    """A new draft of the station's rota; a draft nobody adopted becomes history.

    What is past, registered, announced, swapped or put by hand stays, in the records and in the draft
    before. ``is_copy`` moves nobody: the present turns as a draft to be changed by hand. The same situation
    and ``seed`` give the same draft. A fixed number of queries whatever the number of deputies and days.
    """
    _check_period(starts_on, ends_on)
    station = open_station_of(actor, station_id)
    former = RotaPlan.scoped(actor).filter(station=station, state=RotaPlanState.DRAFT).first()
    number = _next_number(actor, station)
    parameters = _parameters(seats, minimum)
    lot = _seed(seed, starts_on, number)
    records = rota_records(actor, station, starts_on, ends_on, parameters, lot, china_date(now))
    if not records.days:
        raise Refused("这段时间还没有接待日，请先按规则排定接待日，再排轮值表。")
    problem = records.problem
    if is_copy:
        problem = with_kept(problem, dict.fromkeys(records.days, ()))
        plan = rearranged(problem, sitting_of(records))
    else:
        problem = with_kept(problem, _fixed_in(former))
        plan = make_plan(problem)
    with trail.operation("make_rota_plan"):
        if former is not None:
            _step(former, RotaPlanEvent.SUPERSEDE)
        return RotaPlan.objects.create(
            scope_code=station.scope_code,
            station=station,
            number=number,
            starts_on=starts_on,
            ends_on=ends_on,
            seats=parameters.seats,
            minimum=parameters.minimum,
            seed=lot,
            based_on=former,
            snapshot=to_data(problem, plan),
            made_by_id=actor.account_id,
            made_at=now,
        )


def _check_period(starts_on: date, ends_on: date) -> None:
    require_days(starts_on=starts_on, ends_on=ends_on)
    if ends_on < starts_on:
        raise InvalidInput({"ends_on": "结束日期不能早于开始日期。"})
    if (ends_on - starts_on).days > LONGEST_DAYS:
        raise InvalidInput({"ends_on": "一次最多排两年，请缩短起止日期。"})


def _parameters(seats: int, minimum: int) -> Parameters:
    try:
        return Parameters(seats, minimum)
    except ValueError:
        words = "每次值班人数应为1人或者2人，每人每年最少次数应在0至12之间。"
        raise InvalidInput({"seats": words}) from None


def _next_number(actor: Actor, station: Station) -> int:
    last = RotaPlan.scoped(actor).filter(station=station).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _seed(asked: int | None, starts_on: date, number: int) -> int:
    """What was asked for, else the year and the version: nobody chooses it, everybody can repeat it."""
    seed = starts_on.year * 1000 + number if asked is None else asked
    if not 0 <= seed <= MOST_SEED:
        raise InvalidInput({"seed": "抽签号应为不超过9位的数字。"})
    return seed


def _step(plan: RotaPlan, event: RotaPlanEvent) -> None:
    plan.state = ROTA_PLAN.next_state(plan.state, event)
    plan.save(update_fields=["state"])


def _fixed_in(draft: RotaPlan | None) -> Mapping[int, tuple[Kept, ...]]:
    """What a person fixed in the draft before, by day; its other kept turns of such a day stay too."""
    if draft is None:
        return {}
    found: dict[int, tuple[Kept, ...]] = {}
    for day in from_data(draft.snapshot).days:
        kept = tuple(Kept(seat.key, seat.kept) for seat in day.seats if seat.key and seat.kept)
        if any(each.reason == KeptReason.HAND for each in kept):
            found[day.id] = kept
    return found


def sitting_of(records: Records) -> Sitting:
    """Everybody where the records have them."""
    kept = {day.id: {each.key: each.reason for each in day.kept} for day in records.problem.days}
    return {
        day_id: [(key, kept.get(day_id, {}).get(key)) for key in records.keys_on(day_id)]
        for day_id in records.days
    }


def change_seat(
    *,
    actor: Actor,
    plan_id: int,
    day_id: int,
    now: datetime,
    key: str | None,
    holder: str | None = None,
    is_confirmed: bool = False,
) -> SeatChange:
    """Put somebody (``key``) on a day of a draft by hand, in place of ``holder``; ``None`` empties the seat.

    A hard rule refuses it; what only deserves a second look comes back as warnings and nothing is saved
    until ``is_confirmed``. When ``key`` already has a turn on another day of the draft it stays there: use
    ``exchange_seats`` to change two turns. The turn counts as fixed by hand from now on.
    """
    plan = _draft(actor, plan_id)
    problem, stored = draft_problem(actor, plan, now)
    _require_open(problem, day_id)
    sitting = {day.id: list(stored.sitting.get(day.id, ())) for day in stored.days}
    warnings: list[str] = []
    if key is not None:
        found = _review(problem, stored.sitting, day_id, key, holder)
        warnings = _accepted(found)
    if warnings and not is_confirmed:
        return SeatChange(plan, warnings)
    _replace(sitting.setdefault(day_id, []), holder, key)
    with trail.operation("change_seat"):
        _save(plan, problem, sitting)
    return SeatChange(plan, warnings, is_saved=True)


def exchange_seats(
    *,
    actor: Actor,
    plan_id: int,
    day_id: int,
    holder: str,
    other_day_id: int,
    other_holder: str,
    now: datetime,
    is_confirmed: bool = False,
) -> SeatChange:
    """Two turns of a draft change their deputies; both are fixed by hand. Warnings as ``change_seat``."""
    plan = _draft(actor, plan_id)
    problem, stored = draft_problem(actor, plan, now)
    for each in (day_id, other_day_id):
        _require_open(problem, each)
    sitting = {day.id: list(stored.sitting.get(day.id, ())) for day in stored.days}
    _replace(sitting[day_id], holder, None)
    _replace(sitting[other_day_id], other_holder, None)
    warnings = _accepted(_review(problem, sitting, day_id, other_holder, None))
    _replace(sitting[day_id], None, other_holder)
    warnings += _accepted(_review(problem, sitting, other_day_id, holder, None))
    _replace(sitting[other_day_id], None, holder)
    if warnings and not is_confirmed:
        return SeatChange(plan, warnings)
    with trail.operation("exchange_seats"):
        _save(plan, problem, sitting)
    return SeatChange(plan, warnings, is_saved=True)


def _draft(actor: Actor, plan_id: int) -> RotaPlan:
    plan = locked(RotaPlan, actor, plan_id, "station")
    require_station(actor, plan.station_id)
    if plan.state != RotaPlanState.DRAFT:
        label = RotaPlanState(plan.state).label
        raise Refused(f"第{plan.number}版{label}，不能再改。请在现行轮值上另做一版。")
    return plan


def draft_problem(actor: Actor, plan: RotaPlan, now: datetime) -> tuple[Problem, Snapshot]:
    """The situation as it is now, without what planning would keep: the draft says who sits where."""
    records = rota_records(
        actor,
        plan.station,
        plan.starts_on,
        plan.ends_on,
        Parameters(plan.seats, plan.minimum),
        plan.seed,
        china_date(now),
        keeps=False,
    )
    return records.problem, from_data(plan.snapshot)


def _require_open(problem: Problem, day_id: int) -> None:
    day = next((each for each in problem.days if each.id == day_id), None)
    if day is None or not day.is_open:
        raise Refused("这次接待已经过去、已登记或者已取消，不能改排。")


def _review(problem: Problem, sitting: Sitting, day_id: int, key: str, holder: str | None) -> Review:
    try:
        return review(problem, sitting, day_id, key, holder)
    except KeyError:
        raise InvalidInput({"key": "这个班次刚刚有了变动，请返回重新选择。"}) from None


def _accepted(found: Review) -> list[str]:
    if found.refused:
        raise InvalidInput({"key": found.refused})
    return list(found.warnings)


def _replace(seats: list[tuple[str, KeptReason | None]], holder: str | None, key: str | None) -> None:
    """Take ``holder`` off a day and put ``key`` there, fixed by hand."""
    for seat in [seat for seat in seats if seat[0] == holder]:
        seats.remove(seat)
    if key is not None:
        seats.append((key, KeptReason.HAND))


def _save(plan: RotaPlan, problem: Problem, sitting: Sitting) -> None:
    plan.snapshot = to_data(problem, rearranged(problem, sitting))
    plan.save(update_fields=["snapshot"])
