"""How much of a yearly norm is due from one deputy: pure rules, standard library only.

Two kinds of denominators (domain.md 3.2). What a unit organises is due as often as it was scheduled for
that deputy. What a deputy does alone (走访选区, 社情民意 …) is due by the month: the norm of the months in
which the deputy was expected. Leave, suspension and time before a by-election leave both (domain.md 0.7).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from deputies.spans import Span
from stations.enums import ExcusedBy

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Evidence:
    """A record behind a figure: ``kind`` names the model, ``label`` is what a person reads."""

    kind: str
    id: int
    on: date
    label: str


@dataclass(slots=True)
class FactRow:
    """One fact of one deputy in one period.

    ``scheduled`` occasions, of which ``excused`` were not due (``excuses`` by reason adds up to it) and
    ``done`` count, each with its ``evidence``. ``pending`` are records nobody has settled yet: they raise
    ``scheduled`` and never ``done``.
    """

    scheduled: int = 0
    done: int = 0
    excuses: dict[ExcusedBy, int] = field(default_factory=dict)
    evidence: list[Evidence] = field(default_factory=list)
    pending: list[Evidence] = field(default_factory=list)

    @property
    def excused(self) -> int:
        return sum(self.excuses.values())

    @property
    def due(self) -> int:
        return self.scheduled - self.excused

    def excuse(self, reason: ExcusedBy, count: int = 1) -> None:
        if count:
            self.excuses[reason] = self.excuses.get(reason, 0) + count


@dataclass(frozen=True, slots=True)
class Service:
    """When one deputy could be expected: the days in office, less suspension and approved leave."""

    office: Span
    suspended: tuple[Span, ...] = ()
    leave: tuple[Span, ...] = ()

    def excuse_on(self, day: date) -> ExcusedBy | None:
        """Why nothing was due on ``day`` apart from leave, which is decided occasion by occasion."""
        if day < self.office.first:
            return ExcusedBy.BY_ELECTION
        if day > self.office.last:
            return ExcusedBy.OTHER
        return ExcusedBy.SUSPENSION if any(span.covers(day) for span in self.suspended) else None


def months_between(start: date, end: date) -> Iterator[Span]:
    """The calendar months that ``start`` … ``end`` touches, each cut to the period."""
    year, month = start.year, start.month
    while (year, month) <= (end.year, end.month):
        first, last = date(year, month, 1), date(year, month, monthrange(year, month)[1])
        yield Span(max(first, start), min(last, end))
        year, month = (year, month + 1) if month < MONTHS else (year + 1, 1)


def month_excuse(month: Span, service: Service) -> ExcusedBy | None:
    """Why nothing was due in ``month``; ``None`` when the deputy was expected.

    A month counts only when the deputy held office on every day of it (as ``months_served`` counts), and
    was suspended or on leave on at most half of its days.
    """
    if month.first < service.office.first:
        return ExcusedBy.BY_ELECTION
    if month.last > service.office.last:
        return ExcusedBy.OTHER
    suspended = _overlap(month, service.suspended)
    if suspended * 2 > month.days:
        return ExcusedBy.SUSPENSION
    # Leave while suspended is one absence, not two.
    away = _overlap(month, [*service.suspended, *service.leave])
    return ExcusedBy.LEAVE if away * 2 > month.days else None


def _overlap(month: Span, spans: Iterable[Span]) -> int:
    """How many days of ``month`` lie in at least one span."""
    days: set[int] = set()
    for span in spans:
        first, last = max(span.first, month.first), min(span.last, month.last)
        days.update(range(first.toordinal(), last.toordinal() + 1))
    return len(days)


def norm_for(due_per_year: int, months: int) -> int:
    """The norm of ``months`` months, rounded half up: 4 a year are 1 in four months, 2 in five."""
    return (2 * due_per_year * months + MONTHS) // (2 * MONTHS)


def put_personal_norm(row: FactRow, due_per_year: int, excuses: Sequence[ExcusedBy | None]) -> None:
    """Add to ``row`` the norm of a period, given the excuse (or none) of each of its months.

    The excused part is shared out by reason in the order of ``ExcusedBy``, so that the parts add up.
    """
    left = len(excuses)
    scheduled = due = norm_for(due_per_year, left)
    for reason in ExcusedBy:
        left -= sum(excuse == reason for excuse in excuses)
        after = norm_for(due_per_year, left)
        row.excuse(reason, due - after)
        due = after
    row.scheduled += scheduled
