"""Reads of the rota: warnings about turns, what a deputy of a higher level has before him."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from django.db.models import QuerySet

from liaison.tenancy.scope import Actor
from stations.enums import DutyState, ReceptionDayState
from stations.models import DutySwap, Participation, ReceptionDay, StationDeputy
from stations.rules.lifecycle import TURNS_OVER
from stations.rules.wording import short_day_text

# Stations receive at least once a quarter; the neighbours of a day lie within two.
_AROUND = timedelta(days=190)
_AWAY = (*TURNS_OVER, DutyState.ON_LEAVE)


def turn_warnings(
    actor: Actor,
    turns: Sequence[tuple[ReceptionDay, int]],
    given_up: Collection[tuple[int, int]] = (),
) -> list[list[str]]:
    """What deserves a second look about each turn (a day and a mandate), as ends of sentences.

    Not on the roster, another turn that day, the reception before or after as well. ``given_up``: turns
    (mandate and day) that pass to somebody else at the same time. Three queries whatever the number.
    """
    if not turns:
        return []
    first = min(day.day for day, _ in turns) - _AROUND
    last = max(day.day for day, _ in turns) + _AROUND
    stations = {day.station_id for day, _ in turns}
    roster: dict[int, set[int]] = defaultdict(set)
    places = StationDeputy.scoped(actor).filter(station__in=stations, ends_on__isnull=True)
    for station_id, mandate_id in places.values_list("station_id", "mandate_id"):
        roster[station_id].add(mandate_id)
    calendar: dict[int, list[tuple[date, int]]] = defaultdict(list)
    days = ReceptionDay.scoped(actor).filter(station__in=stations, day__range=(first, last))
    called_off = (ReceptionDayState.CANCELLED, ReceptionDayState.POSTPONED)
    for station_id, day, day_id in (
        days.exclude(state__in=called_off).order_by("day", "id").values_list("station_id", "day", "id")
    ):
        calendar[station_id].append((day, day_id))
    held: dict[int, set[tuple[int, date]]] = defaultdict(set)
    rows = Participation.scoped(actor).filter(
        mandate__in={mandate_id for _, mandate_id in turns}, reception_day__day__range=(first, last)
    )
    for mandate_id, day_id, day in rows.exclude(outcome__in=_AWAY).values_list(
        "mandate_id", "reception_day_id", "reception_day__day"
    ):
        if (mandate_id, day_id) not in given_up:
            held[mandate_id].add((day_id, day))
    return [
        list(_warned(day, roster[day.station_id], calendar[day.station_id], held[mandate_id], mandate_id))
        for day, mandate_id in turns
    ]


def _warned(
    day: ReceptionDay,
    roster: set[int],
    calendar: list[tuple[date, int]],
    held: set[tuple[int, date]],
    mandate_id: int,
) -> Iterable[str]:
    mine = {day_id for day_id, _ in held}
    if roster and mandate_id not in roster:
        yield f"不在{day.station}的进站代表名单上"
    if any(when == day.day and day_id != day.pk for day_id, when in held):
        yield "当天还有另一处值班"
    former = [day_id for when, day_id in calendar if when < day.day]
    following = [day_id for when, day_id in calendar if when > day.day]
    if former and former[-1] in mine:
        yield "上一次接待日也值班"
    if following and following[0] in mine:
        yield "下一次接待日也值班"


def exchangeable_turns(actor: Actor, turn: Participation, today: date) -> QuerySet[Participation]:
    """Coming turns of colleagues at the same station, to be had in exchange, with the deputies' names.

    Who takes which turn is no secret among deputies: the year table hangs at the station.
    """
    day = turn.reception_day
    if day is None:
        return Participation.scoped(actor).none()
    rows = Participation.scoped(actor).filter(
        reception_day__station_id=day.station_id, outcome=DutyState.SCHEDULED, day__gt=today
    )
    rows = rows.exclude(mandate_id=turn.mandate_id).exclude(reception_day_id=day.pk)
    joined = rows.select_related("mandate__person", "mandate__constituency", "mandate__electing_unit")
    return joined.order_by("mandate__person__name_strokes", "day", "id")


def swap_warnings(actor: Actor, swaps: Sequence[DutySwap]) -> dict[int, list[str]]:
    """What each open swap would do to the rota: double turns, two duties on a day; three queries."""
    turns: list[tuple[ReceptionDay, int]] = []
    owners: list[tuple[int, str, str]] = []
    given_up: set[tuple[int, int]] = set()
    for swap in swaps:
        passed = [(swap.offered, swap.mandate)]
        if swap.wanted is not None:
            passed.append((swap.wanted, swap.offered.mandate))
        for turn, mandate in passed:
            if turn.reception_day is not None:
                turns.append((turn.reception_day, mandate.pk))
                given_up.add((turn.mandate_id, turn.reception_day.pk))
                owners.append((swap.pk, str(mandate), short_day_text(turn.reception_day.day)))
    found: dict[int, list[str]] = defaultdict(list)
    for (swap_id, name, when), words in zip(owners, turn_warnings(actor, turns, given_up), strict=True):
        found[swap_id] += [f"{when}由{name}值班：{each}" for each in words]
    return found
