"""What the rota's pages show: the present turns with their gaps, and one version with its explanations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q, QuerySet

from liaison.tenancy.scope import Actor
from stations.access import visible_reception_days, visible_rota_plans, visible_stations
from stations.enums import DutyState, ReceptionDayState, RotaPlanState
from stations.models import Participation, ReceptionDay, RotaPlan, Station
from stations.rules.lifecycle import TURNS_OVER
from stations.rules.rota import (
    Option,
    Parameters,
    Plan,
    Problem,
    Seat,
    SeatKind,
    Sitting,
    WarningKind,
    options,
    rearranged,
)
from stations.rules.rota.board import NOT_ON_LIST, Board
from stations.rules.rota.snapshot import Snapshot, StoredSeat, from_data, to_data
from stations.selectors.rota_problem import Records, is_open_day, own_key, rota_records, upper_key

_PROPOSED = 3
# The whole plan, not one day, is meant by these.
_GENERAL = (WarningKind.SPREAD, WarningKind.MINIMUM)


@dataclass(slots=True)
class Reason:
    """Why somebody does not sit there, and for whom it holds."""

    words: str
    names: list[str]


@dataclass(slots=True)
class SeatView:
    """One place; ``name`` empty when nobody sits there."""

    key: str
    kind: str
    kind_label: str
    name: str
    group: str
    kept: str
    why: tuple[str, ...]
    why_not: list[Reason]
    word: str = ""
    is_upper: bool = False


@dataclass(slots=True)
class DayView:
    """One reception on the board. ``away``: who is on leave, or cannot come, with the reason."""

    id: int
    day: date
    hours: str
    theme: str
    state: str
    is_open: bool
    is_provisional: bool
    seats: list[SeatView] = field(default_factory=list)
    away: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Gap:
    """A coming day on which somebody is missing, why, and who could step in."""

    day: DayView
    missing: int
    causes: list[str]
    proposals: list[tuple[str, Option]]


@dataclass(slots=True)
class LoadView:
    """One deputy's turns of the year; listed in stroke order, never by count."""

    key: str
    name: str
    group: str
    dates: list[date] = field(default_factory=list)
    elsewhere: int = 0


@dataclass(slots=True)
class BoardView:
    station: Station
    year: int
    days: list[DayView]
    gaps: list[Gap]
    loads: list[LoadView]
    notes: list[str]
    adopted: RotaPlan | None
    draft: RotaPlan | None
    versions: int


def rota_board(actor: Actor, station: Station, year: int, today: date) -> BoardView:
    """The present turns of one station and year; a fixed number of queries."""
    plans = list(_brief(visible_rota_plans(actor).filter(station=station)))
    adopted = next((p for p in plans if p.state == RotaPlanState.ADOPTED and _covers(p, year)), None)
    draft = next((p for p in plans if p.state == RotaPlanState.DRAFT), None)
    parameters = Parameters(adopted.seats, adopted.minimum) if adopted else Parameters(seats=1)
    first, last = date(year, 1, 1), date(year, 12, 31)
    records = rota_records(actor, station, first, last, parameters, year, today, keeps=False)
    names = {person.key: person.name for person in records.problem.candidates}
    groups = {person.key: person.group for person in records.problem.candidates}
    able, away = _who_can_come(records)
    plan = rearranged(records.problem, able)
    days = _days(records, plan, names, groups, away, today)
    return BoardView(
        station=station,
        year=year,
        days=days,
        gaps=list(_gaps(records.problem, able, days, names, parameters)),
        loads=loads_of(records.problem, {d.id: (d.day, [s.key for s in d.seats if s.key]) for d in days}),
        notes=[each.text for each in plan.warnings if each.kind in _GENERAL],
        adopted=adopted,
        draft=draft,
        versions=len(plans),
    )


def _brief(plans: QuerySet[RotaPlan]) -> QuerySet[RotaPlan]:
    return plans.defer("snapshot").order_by("-number")


def _covers(plan: RotaPlan, year: int) -> bool:
    return plan.starts_on.year <= year <= plan.ends_on.year


def _who_can_come(records: Records) -> tuple[Sitting, Mapping[int, list[tuple[str, str]]]]:
    """On coming days, who of those with a turn can come; and who cannot, with the reason."""
    board = Board(records.problem)
    able: dict[int, list[tuple[str, None]]] = {}
    away: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for day in board.days:
        for turn in records.turns.get(day.id, ()):
            if turn.outcome == DutyState.ON_LEAVE:
                away[day.id].append((own_key(turn.mandate_id), "已请假"))
        for visit in records.upper_turns.get(day.id, ()):
            if visit.outcome == DutyState.ON_LEAVE:
                away[day.id].append((upper_key(visit.upper_deputy_id), "已请假"))
        if not day.is_open:
            continue
        able[day.id] = []
        for key in records.keys_on(day.id):
            reason = board.static_block(key, day)
            if reason is None or reason == NOT_ON_LIST:
                able[day.id].append((key, None))
            else:
                away[day.id].append((key, reason))
    return able, away


def _days(
    records: Records,
    plan: Plan,
    names: Mapping[str, str],
    groups: Mapping[str, str],
    away: Mapping[int, list[tuple[str, str]]],
    today: date,
) -> list[DayView]:
    seats: dict[int, list[Seat]] = defaultdict(list)
    for seat in plan.seats:
        seats[seat.day_id].append(seat)
    notes: dict[int, list[str]] = defaultdict(list)
    for each in plan.warnings:
        if each.day_id is not None and each.kind != WarningKind.UNFILLED:
            notes[each.day_id].append(each.text)
    found = []
    for row in records.days.values():
        view = _day_view(row, is_open_day(row, today))
        words = _outcomes(records, row.pk)
        view.seats = [_seat_view(s, names, groups, words.get(s.key or "", "")) for s in seats[row.pk]]
        view.away = [(names.get(key, ""), reason) for key, reason in away.get(row.pk, ())]
        view.notes = notes[row.pk]
        found.append(view)
    return found


def _day_view(row: ReceptionDay, is_open: bool) -> DayView:
    return DayView(
        row.pk,
        row.day,
        f"{row.starts_at:%H:%M}—{row.ends_at:%H:%M}",
        row.theme,
        ReceptionDayState(row.state).label,
        is_open,
        row.day_is_provisional,
    )


def _outcomes(records: Records, day_id: int) -> dict[str, str]:
    """What became of past turns, in words; nothing for turns to come."""
    found: dict[str, str] = {}
    rows: list[tuple[str, str]] = [
        (own_key(turn.mandate_id), turn.outcome) for turn in records.turns.get(day_id, ())
    ]
    rows += [(upper_key(turn.upper_deputy_id), turn.outcome) for turn in records.upper_turns.get(day_id, ())]
    for key, outcome in rows:
        if outcome != DutyState.SCHEDULED:
            found[key] = DutyState(outcome).label
    return found


def _seat_view(
    seat: Seat | StoredSeat, names: Mapping[str, str], groups: Mapping[str, str], word: str = ""
) -> SeatView:
    key = seat.key or ""
    return SeatView(
        key=key,
        kind=seat.kind.value,
        kind_label=seat.kind.label,
        name=names.get(key, ""),
        group=groups.get(key, ""),
        kept=seat.kept.label if seat.kept else "",
        why=seat.why,
        why_not=[Reason(words, [names.get(k, "") for k in keys]) for words, keys in seat.why_not if words],
        word=word,
        is_upper=seat.kind == SeatKind.UPPER,
    )


def _gaps(
    problem: Problem,
    able: Sitting,
    days: Iterable[DayView],
    names: Mapping[str, str],
    parameters: Parameters,
) -> Iterable[Gap]:
    """Days on which turns were given and somebody is missing; days nobody planned yet are no gaps."""
    for view in days:
        own = [seat for seat in view.seats if seat.name and not seat.is_upper]
        missing = parameters.seats - len(own)
        if not view.is_open or missing <= 0 or not (own or view.away):
            continue
        causes = [f"{name}{reason}" for name, reason in view.away] or [f"只排了{len(own)}人"]
        proposals = [option for option in options(problem, able, view.id) if not option.is_hard]
        best = sorted(proposals, key=lambda option: bool(option.reason))[:_PROPOSED]
        yield Gap(view, missing, causes, [(names[option.key], option) for option in best])


def loads_of(problem: Problem, days: Mapping[int, tuple[date, Iterable[str]]]) -> list[LoadView]:
    """Everybody's dates, in stroke order; turns at other stations as a number."""
    people = sorted(problem.candidates, key=lambda person: (person.order, person.key))
    found = {p.key: LoadView(p.key, p.name, p.group, elsewhere=p.turns_before) for p in people}
    for day, keys in sorted(days.values(), key=lambda each: each[0]):
        for key in keys:
            if key in found:
                found[key].dates.append(day)
    return list(found.values())


@dataclass(slots=True)
class PlanView:
    """One version as it was stored."""

    plan: RotaPlan
    days: list[DayView]
    loads: list[LoadView]
    notes: list[str]
    snapshot: Snapshot

    @property
    def day_notes(self) -> list[tuple[int, str]]:
        """What deserves a look on single days, with the day to jump to."""
        return [(day.id, words) for day in self.days for words in day.notes]


def plan_view(actor: Actor, plan: RotaPlan) -> PlanView:
    """A version with today's dates of its days; one query besides the version."""
    stored = from_data(plan.snapshot)
    names, groups = stored.names, {person.key: person.group for person in stored.people}
    rows = visible_reception_days(actor).filter(pk__in=[day.id for day in stored.days]).in_bulk()
    notes: dict[int | None, list[str]] = defaultdict(list)
    for each in stored.warnings:
        notes[each.day_id].append(each.text)
    days = []
    for day in stored.days:
        row = rows.get(day.id)
        view = (
            _day_view(row, day.is_open)
            if row
            else DayView(day.id, day.day, "", day.theme, "已取消", False, False)
        )
        view.day = day.day
        if row is not None and row.day != day.day:
            view.notes.append(f"这次接待已改到{row.day.month}月{row.day.day}日，请重新排班。")
        view.seats = [_seat_view(seat, names, groups) for seat in day.seats]
        view.notes += notes[day.id]
        days.append(view)
    loads = [LoadView(person.key, person.name, person.group) for person in stored.people]
    dates: dict[str, list[date]] = defaultdict(list)
    for day in stored.days:
        for key in day.keys:
            dates[key].append(day.day)
    for load in loads:
        load.dates = dates[load.key]
    for load, person in zip(loads, stored.people, strict=True):
        load.elsewhere = max(person.turns - len(load.dates), 0)
    return PlanView(plan, days, loads, notes[None], stored)


@dataclass(slots=True)
class StationRota:
    """One line of the list of rotas."""

    station: Station
    days: int = 0
    planned: int = 0
    adopted: int | None = None
    draft: int | None = None
    draft_id: int | None = None

    @property
    def open_words(self) -> str:
        return f"还有{self.days - self.planned}次未排"


def station_rotas(actor: Actor, year: int) -> list[StationRota]:
    """Every open station the actor sees, how many of the year's receptions have somebody; three queries."""
    stations = visible_stations(actor).filter(closed_on__isnull=True).select_related("jurisdiction")
    found = {row.pk: StationRota(row) for row in stations.order_by("scope_code", "kind", "name")}
    called_off = (ReceptionDayState.CANCELLED, ReceptionDayState.POSTPONED)
    days = visible_reception_days(actor).filter(station__in=found, day__year=year)
    on_duty = Count(
        "participations",
        filter=~Q(participations__outcome__in=[*TURNS_OVER, DutyState.ON_LEAVE]),
    )
    for station_id, people in (
        days.exclude(state__in=called_off)
        .order_by()
        .annotate(people=on_duty)
        .values_list("station_id", "people")
    ):
        found[station_id].days += 1
        found[station_id].planned += bool(people)
    plans = visible_rota_plans(actor).filter(
        station__in=found, ends_on__year__gte=year, starts_on__year__lte=year
    )
    for pk, station_id, number, state in plans.values_list("pk", "station_id", "number", "state"):
        if state == RotaPlanState.ADOPTED:
            found[station_id].adopted = number
        elif state == RotaPlanState.DRAFT:
            found[station_id].draft, found[station_id].draft_id = number, pk
    return list(found.values())


def present_snapshot(actor: Actor, plan: RotaPlan, today: date) -> Snapshot:
    """The turns of the version's period as they are now, to compare a version with."""
    parameters = Parameters(plan.seats, plan.minimum)
    records = rota_records(
        actor, plan.station, plan.starts_on, plan.ends_on, parameters, plan.seed, today, keeps=False
    )
    sitting = {day_id: [(key, None) for key in records.keys_on(day_id)] for day_id in records.days}
    return from_data(to_data(records.problem, rearranged(records.problem, sitting)))


def replaceable(actor: Actor, day: ReceptionDay) -> QuerySet[Participation]:
    """Turns of a coming day that somebody else may take over: those still planned, and leave."""
    rows = Participation.scoped(actor).filter(reception_day=day)
    rows = rows.filter(outcome__in=(DutyState.SCHEDULED, DutyState.ON_LEAVE))
    return rows.select_related("mandate__person").order_by("mandate__person__name_strokes", "id")
