"""The seats while they are being filled: who sits where, who may not, and what is fair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from hashlib import sha256

from stations.enums import ExcusedBy
from stations.rules.rota.problem import BREAKABLE, Candidate, Day, KeptReason, Problem, SeatKind
from stations.rules.yearly_norms import MONTHS, month_excuse, months_between

_EARLIEST = date(1, 1, 2)
# Reasons that other modules ask for, each written once.
ON_DUTY_HERE = "当天已在本站值班"
NOT_ON_LIST = "不在本站进站代表名单上"
RAN_BEFORE = "上一次接待日已值班"
SeatId = tuple[int, int]
_EXCUSES = {
    ExcusedBy.BY_ELECTION: "当天尚未当选",
    ExcusedBy.SUSPENSION: "暂停执行代表职务",
    ExcusedBy.OTHER: "当天已不在任",
}


@dataclass(slots=True)
class Chair:
    """One seat; ``key`` changes while planning."""

    day: Day
    number: int
    kind: SeatKind
    key: str | None = None
    kept: KeptReason | None = None

    @property
    def id(self) -> SeatId:
        return self.day.id, self.number

    @property
    def is_movable(self) -> bool:
        return self.kept is None and self.day.is_open


class Board:
    """All seats of a problem. Days are walked in order of date, so the input's order never matters."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.days = tuple(sorted(problem.days, key=lambda day: (day.day, day.station, day.id)))
        self.people: Mapping[str, Candidate] = {
            person.key: person
            for person in sorted(problem.candidates, key=lambda person: (person.order, person.key))
        }
        self.broken: list[tuple[Day, str, str]] = []
        self.seats: dict[SeatId, Chair] = {}
        self.turns = {key: person.turns_before for key, person in self.people.items()}
        self._on_day: dict[int, list[str]] = defaultdict(list)
        self._on_date: dict[date, list[tuple[str, int]]] = defaultdict(list)
        self._former, self._next = self._neighbours()
        self.months = {key: self._months_of(person) for key, person in self.people.items()}
        self._static: dict[tuple[str, int], str | None] = {}
        for day in self.days:
            self._lay_out(day)
        self._last_open = {key: self._last_possible(key) for key in self.people}

    def _neighbours(self) -> tuple[dict[int, int], dict[int, int]]:
        """The reception before and after each at the same station, by id."""
        former: dict[int, int] = {}
        following: dict[int, int] = {}
        latest: dict[int, int] = {}
        for day in self.days:
            if day.station in latest:
                former[day.id] = latest[day.station]
                following[latest[day.station]] = day.id
            latest[day.station] = day.id
        return former, following

    def _months_of(self, person: Candidate) -> int:
        """Months of the period in which turns could be expected (as the denominators count them)."""
        months = months_between(self.problem.start, self.problem.end)
        return sum(month_excuse(month, person.service) is None for month in months)

    def _lay_out(self, day: Day) -> None:
        """The day's seats, first those that stay as they are."""
        number = 0
        for kind in SeatKind:
            kept = sorted(
                (each for each in day.kept if self.people[each.key].kind == kind), key=lambda each: each.key
            )
            held = 0
            for each in kept:
                reason = self.static_block(each.key, day)
                if reason is not None and day.is_open and each.reason in BREAKABLE:
                    self.broken.append((day, each.key, reason))
                    continue
                seat = Chair(day, number, kind, kept=each.reason)
                self.seats[seat.id] = seat
                self.put(seat, each.key)
                number, held = number + 1, held + 1
            for _ in range(self._wanted(day, kind) - held if day.is_open else 0):
                seat = Chair(day, number, kind)
                self.seats[seat.id] = seat
                number += 1

    def _wanted(self, day: Day, kind: SeatKind) -> int:
        if kind == SeatKind.OWN:
            return self.problem.parameters.seats
        is_known = any(
            person.kind == SeatKind.UPPER and day.station in person.places for person in self.people.values()
        )
        return int(bool(day.theme) and is_known)

    def _last_possible(self, key: str) -> date:
        """The last open day on which this deputy could sit; ``date.min`` when there is none."""
        possible = (day.day for day in self.days if day.is_open and self.static_block(key, day) is None)
        return max(possible, default=date.min)

    def chairs(self, day_id: int) -> list[Chair]:
        """The seats of one day, in order."""
        return [chair for key, chair in self.seats.items() if key[0] == day_id]

    def empty_chair(self, day: Day, kind: SeatKind) -> Chair:
        """A free seat of this kind; one more than planned when all are taken."""
        there = self.chairs(day.id)
        free = next((chair for chair in there if chair.key is None and chair.kind == kind), None)
        if free is None:
            free = Chair(day, max((chair.number for chair in there), default=-1) + 1, kind)
            self.seats[free.id] = free
        return free

    def put(self, seat: Chair, key: str) -> None:
        seat.key = key
        self._on_day[seat.day.id].append(key)
        self._on_date[seat.day.day].append((key, seat.day.id))
        self.turns[key] += 1

    def clear(self, seat: Chair) -> str | None:
        """Empty a seat; returns who sat there."""
        key = seat.key
        if key is not None:
            seat.key = None
            self._on_day[seat.day.id].remove(key)
            self._on_date[seat.day.day].remove((key, seat.day.id))
            self.turns[key] -= 1
        return key

    def static_block(self, key: str, day: Day) -> str | None:
        """Why this deputy cannot come that day whatever the rest of the plan says; ``None`` when possible."""
        known = (key, day.id)
        if known not in self._static:
            self._static[known] = _static_block(self.people[key], day)
        return self._static[known]

    def block(self, key: str, seat: Chair) -> str | None:
        """The hard rules: why this deputy cannot have this seat, or ``None``; the holder's own seat is no
        second turn."""
        if self.people[key].kind != seat.kind:
            return f"本席由{seat.kind.label}值班"
        reason = self.static_block(key, seat.day)
        if reason is not None:
            return reason
        for other, day_id in self._on_date[seat.day.day]:
            if other == key and (day_id != seat.day.id or key != seat.key):
                return ON_DUTY_HERE if day_id == seat.day.id else "当天在另一站值班"
        return None

    def running(self, key: str, seat: Chair) -> str | None:
        """Whether this would be two receptions running at the station: which neighbour, or ``None``."""
        former = self._former.get(seat.day.id)
        if former is None:
            if key in self.problem.before.get(seat.day.station, frozenset()):
                return RAN_BEFORE
        elif key in self._on_day[former]:
            return RAN_BEFORE
        following = self._next.get(seat.day.id)
        if following is not None and key in self._on_day[following]:
            return "下一次接待日已排值班"
        return None

    def weight(self, key: str) -> int:
        """How much of the period counts for this deputy, in half months; never zero."""
        return max(2 * self.months[key], 1)

    def pressure(self, key: str, extra: int = 0) -> Fraction:
        """How far a deputy's turns are along, for the months that count (divisor rule of Sainte-Laguë).

        Among equally available deputies the lower pressure has fewer turns; somebody elected in June is
        measured by half a year and not made to catch up (domain.md 0.7).
        """
        return Fraction(2 * (self.turns[key] + extra) + 1, self.weight(key))

    def mates(self, key: str, from_day: date = date.min) -> Iterator[str]:
        """Everybody of the same group, oneself included, who can still be given a turn."""
        person = self.people[key]
        for other in self.people.values():
            is_mate = other.group == person.group and other.kind == person.kind
            if is_mate and self._last_open[other.key] >= max(from_day, _EARLIEST):
                yield other.key

    def is_fair(self, key: str, seat: Chair) -> bool:
        """Whether one more turn keeps the group even: nobody still available has had fewer."""
        own = self.pressure(key)
        return all(self.pressure(mate) >= own for mate in self.mates(key, seat.day.day))

    def gap(self, over: str, under: str) -> Fraction:
        """Positive when moving one turn from ``over`` to ``under`` would make the two more even."""
        return self.pressure(over, -1) - self.pressure(under)

    def minimum_of(self, key: str) -> int:
        """The yearly minimum for the months that count, rounded down."""
        return self.problem.parameters.minimum * self.months[key] // MONTHS

    def lot(self, key: str, day: Day) -> str:
        """The drawn lot: the same on every machine for the same seed."""
        text = f"{self.problem.seed}:{day.station}:{day.day.isoformat()}:{key}"
        return sha256(text.encode()).hexdigest()

    def __iter__(self) -> Iterator[Chair]:
        return iter(self.seats.values())


def _static_block(person: Candidate, day: Day) -> str | None:
    place = person.places.get(day.station)
    if place is None:
        return NOT_ON_LIST
    excuse = person.service.excuse_on(day.day)
    if excuse is not None:
        return _EXCUSES[excuse]
    if day.day < place.span.first:
        return f"{place.span.first.month}月{place.span.first.day}日起才进站"
    if day.day > place.span.last:
        return "当天已不在本站进站代表名单上"
    if any(span.covers(day.day) for span in person.service.leave):
        return "当天请假"
    return person.busy.get(day.day)
