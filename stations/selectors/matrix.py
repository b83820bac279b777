"""十个一: what was due and done, per deputy and per group, with the records behind every figure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from deputies.access import visible_mandates
from deputies.models import DeputyGroup, GroupMembership, Mandate, Term
from liaison.tenancy.scope import Actor
from stations.access import visible_kinds
from stations.enums import DutyState, ExcusedBy, ParticipationState, ShippedKind
from stations.models import Participation
from stations.rules.lifecycle import COUNTED_STATES, TURNS_OVER
from stations.rules.yearly_norms import Evidence, Service
from stations.selectors.county_turns import CountyTurn, county_turns
from stations.selectors.facts import nearest_kinds, participation_facts, services_of
from stations.selectors.records import with_parts


@dataclass(frozen=True, slots=True)
class Column:
    """One kind of the year's norm; ``is_personal``: due is the norm, else what was scheduled."""

    code: str
    name: str
    fact_code: str
    norm: int
    is_personal: bool


@dataclass(slots=True)
class Cell:
    """One deputy's or one group's share of one kind; ``records`` are the rows behind ``done``.

    ``excuses`` says why ``excused`` were not due; ``pending`` records are not settled yet.
    """

    due: int = 0
    done: int = 0
    excused: int = 0
    pending: int = 0
    records: list[Evidence] = field(default_factory=list)
    excuses: dict[ExcusedBy, int] = field(default_factory=dict)

    @property
    def remaining(self) -> int:
        return max(0, self.due - self.done)

    @property
    def remaining_words(self) -> str:
        return f"{self.remaining}次"

    def add(self, other: Cell) -> None:
        self.due += other.due
        self.done += other.done
        self.excused += other.excused
        self.pending += other.pending
        self.records += other.records
        for reason, count in other.excuses.items():
            self.excuses[reason] = self.excuses.get(reason, 0) + count


@dataclass(slots=True)
class DeputyRow:
    mandate: Mandate
    group: DeputyGroup | None
    cells: list[Cell]


@dataclass(slots=True)
class GroupRow:
    group: DeputyGroup | None
    deputies: int
    cells: list[Cell]


@dataclass(slots=True)
class Matrix:
    """Columns in the order of the norm, deputies by strokes, groups by number; never by achievement."""

    columns: list[Column]
    deputies: list[DeputyRow]
    groups: list[GroupRow]


def ten_ones_matrix(
    actor: Actor,
    term: Term,
    start: date,
    end: date,
    *,
    extra: Mapping[int, Mapping[str, object]] | None = None,
) -> Matrix:
    """The matrix of every deputy of ``term`` the actor may see; seven queries whatever their number.

    ``extra`` are facts an upper floor knows (``{mandate_id: {fact_code: row}}`` with ``done`` and
    ``evidence``): opinions and suggestions are counted there, once.
    """
    facts = participation_facts(term, start, end, actor=actor)
    columns = _columns(actor, term, end.year)
    visible = visible_mandates(actor).filter(term=term).select_related("person", "constituency")
    mandates = list(visible.order_by("person__name_strokes", "id"))
    groups = _groups_of(actor, term)
    rows = [
        DeputyRow(m, groups.get(m.pk), _cells(columns, facts.get(m.pk, {}), (extra or {}).get(m.pk, {})))
        for m in mandates
    ]
    return Matrix(columns, rows, _by_group(rows, len(columns)))


def _columns(actor: Actor, term: Term, year: int) -> list[Column]:
    kinds = nearest_kinds(visible_kinds(actor), max(term.scope_code, actor.lo), year).values()
    return [
        Column(kind.code, kind.name, kind.fact_code, kind.due_per_year, kind.is_personal)
        for kind in kinds
        if kind.due_per_year and kind.fact_code
    ]


def _groups_of(actor: Actor, term: Term) -> dict[int, DeputyGroup]:
    places = GroupMembership.scoped(actor).filter(group__term=term, ends_on__isnull=True)
    return {place.mandate_id: place.group for place in places.select_related("group")}


def _cells(columns: list[Column], facts: Mapping[str, object], extra: Mapping[str, object]) -> list[Cell]:
    return [_cell(facts.get(column.fact_code), extra.get(column.fact_code)) for column in columns]


def _cell(own: object, extra: object) -> Cell:
    """What this floor knows, and what the floor above adds to it."""
    cell = Cell()
    for row in (own, extra):
        if row is not None:
            cell.done += getattr(row, "done", 0)
            cell.records += list(getattr(row, "evidence", ()))
            cell.pending += len(getattr(row, "pending", ()))
    if own is not None:
        cell.due, cell.excused = getattr(own, "due", 0), getattr(own, "excused", 0)
        cell.excuses = dict(getattr(own, "excuses", {}))
    return cell


def _by_group(rows: list[DeputyRow], width: int) -> list[GroupRow]:
    found: dict[int, GroupRow] = {}
    for row in rows:
        key = row.group.number if row.group else 0
        total = found.setdefault(key, GroupRow(row.group, 0, [Cell() for _ in range(width)]))
        total.deputies += 1
        for cell, part in zip(total.cells, row.cells, strict=True):
            cell.add(part)
    # Deputies without a group come last.
    return [found[key] for key in sorted(found, key=lambda number: (number == 0, number))]


@dataclass(frozen=True, slots=True)
class CellLine:
    """One record behind a cell, whatever became of it: ``counts`` says whether it is among those done."""

    record: Participation | CountyTurn
    how: str
    counts: bool

    @property
    def what(self) -> str:
        record = self.record
        if isinstance(record, CountyTurn):
            return f"{record.place}{record.station}接待日"
        return f"{record.reception_day.station}接待日" if record.reception_day else str(record.activity)


def lines_behind(
    actor: Actor, mandates: Iterable[Mandate], column: Column, start: date, end: date
) -> dict[int, list[CellLine]]:
    """Every record of a kind in a period by mandate: done, waiting, excused, missed; four queries.

    Receptions and activities only, for receptions with turns at stations elsewhere (a query more); opinions
    and suggestions are the floor's above.
    """
    mandates = list(mandates)
    ids = [mandate.pk for mandate in mandates]
    kinds = nearest_kinds(visible_kinds(actor), max([actor.lo, *(m.scope_code for m in mandates)]), end.year)
    codes = [code for code, kind in kinds.items() if kind.fact_code == column.fact_code]
    wanted = Q(activity__kind__code__in=codes)
    elsewhere: list[CountyTurn] = []
    if column.code == ShippedKind.RECEPTION:
        wanted |= Q(reception_day__isnull=False)
        elsewhere = county_turns(ids, start, end)
    rows = Participation.scoped(actor).filter(wanted, mandate__in=ids, day__range=(start, end))
    services = services_of(actor, mandates, start, end)
    found: dict[int, list[CellLine]] = defaultdict(list)
    own = with_parts(rows.exclude(outcome__in=TURNS_OVER)).order_by("day", "id")
    lines: list[Participation | CountyTurn] = [*own, *elsewhere]
    for row in sorted(lines, key=lambda row: row.day):
        found[row.mandate_id].append(_line_behind(row, services[row.mandate_id]))
    return found


def _line_behind(row: Participation | CountyTurn, service: Service) -> CellLine:
    outcome = DutyState(row.outcome)
    excuse = service.excuse_on(row.day)
    # The station's word settles a turn elsewhere: nobody waits for a confirmation.
    state = None if isinstance(row, CountyTurn) else ParticipationState(row.state)
    if state == ParticipationState.WITHDRAWN:
        return CellLine(row, "已撤销，不计", counts=False)
    if excuse is not None:
        return CellLine(row, f"{excuse.label}，不计", counts=False)
    if outcome == DutyState.ON_LEAVE:
        return CellLine(row, "请假，不计", counts=False)
    if outcome == DutyState.SCHEDULED:
        return CellLine(row, "已安排，尚未登记", counts=False)
    if state is not None and state not in COUNTED_STATES:
        return CellLine(row, f"{state.label}，暂不计入", counts=False)
    attended = outcome == DutyState.ATTENDED
    return CellLine(row, "计入" if attended else "缺席", counts=attended)
