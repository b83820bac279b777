"""A plan as it is stored with its version, read back, and two versions compared. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from stations.rules.rota.explaining import Sitting
from stations.rules.rota.problem import KeptReason, Plan, Problem, SeatKind, Warned, WarningKind

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredSeat:
    """``why_not``: reasons with the keys they hold for."""

    kind: SeatKind
    key: str | None
    kept: KeptReason | None
    why: tuple[str, ...]
    why_not: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class StoredDay:
    id: int
    day: date
    theme: str
    is_open: bool
    seats: tuple[StoredSeat, ...]

    @property
    def keys(self) -> list[str]:
        return [seat.key for seat in self.seats if seat.key is not None]


@dataclass(frozen=True, slots=True)
class StoredPerson:
    """``turns`` and ``months`` of the counted period."""

    key: str
    name: str
    group: str
    turns: int
    months: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """People stand in stroke order, days in order of date."""

    days: tuple[StoredDay, ...]
    people: tuple[StoredPerson, ...]
    warnings: tuple[Warned, ...]

    @property
    def names(self) -> Mapping[str, str]:
        return {person.key: person.name for person in self.people}

    def within(self, first: date, last: date) -> Snapshot:
        """The same without the days before or after: two versions are compared where both say something."""
        return replace(self, days=tuple(day for day in self.days if first <= day.day <= last))

    @property
    def sitting(self) -> Sitting:
        return {
            day.id: tuple((seat.key, seat.kept) for seat in day.seats if seat.key is not None)
            for day in self.days
        }


def to_data(problem: Problem, plan: Plan) -> Data:
    """The stored form: plain lists and texts."""
    seats: dict[int, list[Data]] = defaultdict(list)
    for seat in plan.seats:
        seats[seat.day_id].append(
            {
                "kind": seat.kind.value,
                "key": seat.key,
                "kept": seat.kept.value if seat.kept else None,
                "why": list(seat.why),
                "not": [[reason, list(keys)] for reason, keys in seat.why_not],
            }
        )
    days = [
        {
            "id": day.id,
            "day": day.day.isoformat(),
            "theme": day.theme,
            "open": day.is_open,
            "seats": seats[day.id],
        }
        for day in sorted(problem.days, key=lambda day: (day.day, day.id))
    ]
    people = [
        [person.key, person.name, person.group, plan.loads[person.key].turns, plan.loads[person.key].months]
        for person in sorted(problem.candidates, key=lambda person: (person.order, person.key))
    ]
    warnings = [[each.kind.value, each.text, each.day_id] for each in plan.warnings]
    return {"days": days, "people": people, "warnings": warnings}


def from_data(data: Data) -> Snapshot:
    return Snapshot(
        tuple(_day(each) for each in data.get("days", ())),
        tuple(StoredPerson(*each) for each in data.get("people", ())),
        tuple(Warned(WarningKind(kind), text, day_id) for kind, text, day_id in data.get("warnings", ())),
    )


def _day(data: Data) -> StoredDay:
    return StoredDay(
        data["id"],
        date.fromisoformat(data["day"]),
        data["theme"],
        data["open"],
        tuple(_seat(each) for each in data["seats"]),
    )


def _seat(data: Data) -> StoredSeat:
    return StoredSeat(
        SeatKind(data["kind"]),
        data["key"],
        KeptReason(data["kept"]) if data["kept"] else None,
        tuple(data["why"]),
        tuple((reason, tuple(keys)) for reason, keys in data["not"]),
    )


@dataclass(slots=True)
class DayChange:
    """One day on which two versions differ; ``moved_from``: the day's date in the older one, if another."""

    day: date
    came: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    moved_from: date | None = None
    is_new: bool = False
    is_gone: bool = False


@dataclass(slots=True)
class PersonChange:
    """Where one deputy's turns went: dates given up and dates taken on."""

    name: str
    gave_up: list[date] = field(default_factory=list)
    took_on: list[date] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Difference:
    days: tuple[DayChange, ...]
    people: tuple[PersonChange, ...]


def difference(old: Snapshot, new: Snapshot) -> Difference:
    """Day by day and deputy by deputy; what is the same in both is left out. People in stroke order."""
    before = {day.id: day for day in old.days}
    after = {day.id: day for day in new.days}
    names = {**old.names, **new.names}
    days: list[DayChange] = []
    people = {key: PersonChange(name) for key, name in names.items()}
    for day_id in {**before, **after}:
        first, second = before.get(day_id), after.get(day_id)
        had = first.keys if first else []
        has = second.keys if second else []
        shown = second or first
        if shown is None:
            continue
        for key in had:
            if key not in has and first:
                people[key].gave_up.append(first.day)
        for key in has:
            if key not in had and second:
                people[key].took_on.append(second.day)
        moved = first.day if first and second and first.day != second.day else None
        change = DayChange(
            shown.day,
            [names[key] for key in has if key not in had],
            [names[key] for key in had if key not in has],
            moved,
            first is None,
            second is None,
        )
        if change.came or change.left or moved or change.is_new or change.is_gone:
            days.append(change)
    order = [person.key for person in new.people] + [person.key for person in old.people]
    changed = [people[key] for key in dict.fromkeys(order) if people[key].gave_up or people[key].took_on]
    return Difference(tuple(sorted(days, key=lambda each: each.day)), tuple(changed))
