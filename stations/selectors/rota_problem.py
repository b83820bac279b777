"""What a rota is made from, read from the records by a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.db.models import Q

from deputies.enums import CongressLevel, MandateState
from deputies.models import GroupMembership, Mandate, Session
from deputies.spans import Span
from liaison.tenancy.scope import Actor
from stations.enums import DutyOrigin, DutyState, ParticipationState, ReceptionDayState, ShippedKind
from stations.models import Participation, ReceptionDay, Station, StationDeputy, UpperDeputy, UpperTurn
from stations.rules.lifecycle import REGISTERED_OUTCOMES, TURNS_OVER
from stations.rules.rota import (
    UPPER_GROUP,
    Candidate,
    Day,
    Kept,
    KeptReason,
    Nearness,
    Parameters,
    Place,
    Problem,
    SeatKind,
)
from stations.rules.yearly_norms import Service
from stations.selectors.facts import services_of

_OPEN = (ReceptionDayState.PLANNED, ReceptionDayState.PUBLISHED)
_ALWAYS = Span(date.min, date.max)


def own_key(mandate_id: int) -> str:
    return f"m{mandate_id}"


def upper_key(upper_id: int) -> str:
    return f"u{upper_id}"


def id_of(key: str) -> int:
    return int(key[1:])


@dataclass(slots=True)
class Records:
    """The rows behind a problem, kept for whoever carries the plan out."""

    problem: Problem
    days: dict[int, ReceptionDay] = field(default_factory=dict)
    turns: dict[int, list[Participation]] = field(default_factory=dict)
    upper_turns: dict[int, list[UpperTurn]] = field(default_factory=dict)

    def keys_on(self, day_id: int) -> list[str]:
        """Who has a turn that day, leave left out."""
        own = [own_key(t.mandate_id) for t in self.turns.get(day_id, ()) if t.outcome != DutyState.ON_LEAVE]
        upper = self.upper_turns.get(day_id, ())
        return own + [upper_key(t.upper_deputy_id) for t in upper if t.outcome != DutyState.ON_LEAVE]


def rota_records(
    actor: Actor,
    station: Station,
    start: date,
    end: date,
    parameters: Parameters,
    seed: int,
    today: date,
    *,
    keeps: bool = True,
) -> Records:
    """The station's rota of ``start`` … ``end`` (both included) as a problem; 13 queries whatever the size.

    Turns are counted from New Year of the first year on, those of other stations included. ``keeps`` false
    leaves out what planning would keep on coming days: for a version that says itself who sits where.
    """
    counted_from = date(start.year, 1, 1)
    days = _days(actor, station, start, end)
    turns = _turns(actor, days)
    upper_turns = _upper_turns(actor, days)
    places = _places(actor, station, start, end)
    mandates = _mandates(actor, station, places, turns, start, end)
    groups = _groups(actor, mandates, end)
    services = services_of(actor, mandates, counted_from, end)
    elsewhere = _elsewhere(actor, mandates, days, counted_from, end)
    sessions = _sessions(actor, station, counted_from, end)
    people = [
        _own(
            mandate,
            station,
            places,
            groups.get(mandate.pk),
            _service(mandate, services[mandate.pk], today),
            elsewhere,
            sessions,
        )
        for mandate in mandates
    ]
    people += _upper(actor, station, days, counted_from, end, sessions)
    known = {person.key for person in people}
    problem = Problem(
        days=tuple(_day(row, turns, upper_turns, known, today, keeps=keeps) for row in days.values()),
        candidates=tuple(people),
        start=counted_from,
        end=end,
        seed=seed,
        parameters=parameters,
        before={station.pk: _before(actor, station, start)},
    )
    return Records(problem, days, turns, upper_turns)


def _days(actor: Actor, station: Station, start: date, end: date) -> dict[int, ReceptionDay]:
    """Those that take place; a postponed day has no date yet."""
    called_off = (ReceptionDayState.CANCELLED, ReceptionDayState.POSTPONED)
    rows = ReceptionDay.scoped(actor).filter(station=station, day__range=(start, end))
    return {row.pk: row for row in rows.exclude(state__in=called_off).order_by("day", "id")}


def _turns(actor: Actor, days: Iterable[int]) -> dict[int, list[Participation]]:
    rows = Participation.scoped(actor).filter(reception_day__in=list(days)).exclude(outcome__in=TURNS_OVER)
    rows = rows.exclude(state=ParticipationState.WITHDRAWN)
    found: dict[int, list[Participation]] = defaultdict(list)
    for row in rows.order_by("id"):
        found[row.reception_day_id or 0].append(row)
    return found


def _upper_turns(actor: Actor, days: Iterable[int]) -> dict[int, list[UpperTurn]]:
    rows = UpperTurn.scoped(actor).filter(reception_day__in=list(days)).exclude(outcome__in=TURNS_OVER)
    found: dict[int, list[UpperTurn]] = defaultdict(list)
    for row in rows.order_by("id"):
        found[row.reception_day_id].append(row)
    return found


def _places(actor: Actor, station: Station, start: date, end: date) -> dict[int, Span]:
    """The roster by mandate; empty when the station has none and everybody takes turns."""
    rows = StationDeputy.scoped(actor).filter(station=station, starts_on__lte=end)
    rows = rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=start)).order_by("starts_on")
    return {
        mandate_id: Span(first, last or date.max)
        for mandate_id, first, last in rows.values_list("mandate_id", "starts_on", "ends_on")
    }


def _mandates(
    actor: Actor,
    station: Station,
    places: Mapping[int, Span],
    turns: Mapping[int, Iterable[Participation]],
    start: date,
    end: date,
) -> list[Mandate]:
    """The roster, or else everybody in office; and whoever has a turn already."""
    rows = Mandate.scoped(actor).filter(scope_code=station.scope_code)
    has_turn = {row.mandate_id for rows_ in turns.values() for row in rows_}
    if places:
        wanted = Q(pk__in={*places, *has_turn})
    else:
        in_office = Q(elected_on__lte=end) & (Q(ended_on__isnull=True) | Q(ended_on__gte=start))
        wanted = in_office | Q(pk__in=has_turn)
    return list(rows.filter(wanted).select_related("person", "constituency"))


def _groups(actor: Actor, mandates: Iterable[Mandate], end: date) -> dict[int, tuple[int, str]]:
    """The latest group of each mandate: its id and name."""
    rows = GroupMembership.scoped(actor).filter(mandate__in=list(mandates), starts_on__lte=end)
    found = rows.order_by("starts_on", "id").values_list("mandate_id", "group_id", "group__name")
    return {mandate_id: (group_id, name) for mandate_id, group_id, name in found}


@dataclass(slots=True)
class _Elsewhere:
    """Turns and activities that are not on the days to be planned."""

    busy: dict[int, dict[date, str]] = field(default_factory=lambda: defaultdict(dict))
    turns: dict[int, int] = field(default_factory=lambda: defaultdict(int))


def _elsewhere(
    actor: Actor, mandates: Iterable[Mandate], days: Mapping[int, ReceptionDay], start: date, end: date
) -> _Elsewhere:
    rows = Participation.scoped(actor).filter(mandate__in=list(mandates), day__range=(start, end))
    rows = rows.exclude(reception_day__in=list(days)).exclude(state=ParticipationState.WITHDRAWN)
    rows = rows.exclude(outcome__in=[*TURNS_OVER, DutyState.ON_LEAVE]).order_by("day", "id")
    found = _Elsewhere()
    parts = ("mandate_id", "day", "reception_day__station__name", "activity__kind__code")
    for mandate_id, day, station, code, name, ends_on in rows.values_list(
        *parts, "activity__kind__name", "activity__ends_on"
    ):
        if station is not None:
            found.turns[mandate_id] += 1
            found.busy[mandate_id][day] = f"当天在{station}值班"
            continue
        words = "当天出席人代会" if code == ShippedKind.SESSION else f"当天参加{name}"
        for each in _each_day(day, min(ends_on or day, end)):
            found.busy[mandate_id].setdefault(each, words)
    return found


def _each_day(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range(max((last - first).days, 0) + 1))


def _sessions(actor: Actor, station: Station, start: date, end: date) -> dict[str, set[date]]:
    """The days of the sessions of each level, of the congresses over this station's place."""
    rows = Session.scoped(actor).filter(scope_code__lte=station.scope_code, scope_end__gt=station.scope_code)
    rows = rows.filter(starts_on__lte=end, ends_on__gte=start)
    found: dict[str, set[date]] = defaultdict(set)
    for level, first, last in rows.values_list("term__congress__level", "starts_on", "ends_on"):
        found[level].update(_each_day(first, last))
    return found


def _service(mandate: Mandate, service: Service, today: date) -> Service:
    """Whoever is suspended now is not planned until restored, whatever the ledger of changes says."""
    if mandate.state != MandateState.SUSPENDED:
        return service
    return replace(service, suspended=(*service.suspended, Span(today, date.max)))


def _own(
    mandate: Mandate,
    station: Station,
    places: Mapping[int, Span],
    group: tuple[int, str] | None,
    service: Service,
    elsewhere: _Elsewhere,
    sessions: Mapping[str, set[date]],
) -> Candidate:
    span = places.get(mandate.pk) if places else _ALWAYS
    busy = dict(elsewhere.busy.get(mandate.pk, {}))
    for day in sessions.get(CongressLevel.TOWNSHIP, ()):
        busy.setdefault(day, "当天出席人代会")
    return Candidate(
        key=own_key(mandate.pk),
        name=mandate.full_name,
        order=mandate.person.name_strokes,
        group=group[1] if group else "",
        service=service,
        places={station.pk: Place(_nearness(mandate, station, group), span)} if span else {},
        busy=busy,
        turns_before=elsewhere.turns.get(mandate.pk, 0),
        is_higher_level=bool(mandate.concurrent_seat),
    )


def _nearness(mandate: Mandate, station: Station, group: tuple[int, str] | None) -> Nearness:
    village = mandate.constituency.village_id if mandate.constituency else None
    if village is not None and village == station.village_id:
        return Nearness.CONSTITUENCY
    if group is not None and group[0] == station.group_id:
        return Nearness.GROUP
    return Nearness.ROSTER


def _upper(
    actor: Actor,
    station: Station,
    days: Mapping[int, ReceptionDay],
    start: date,
    end: date,
    sessions: Mapping[str, set[date]],
) -> list[Candidate]:
    rows = list(UpperDeputy.scoped(actor).filter(station=station, starts_on__lte=end))
    turns = UpperTurn.scoped(actor).filter(upper_deputy__in=rows, reception_day__day__range=(start, end))
    turns = turns.exclude(outcome__in=[*TURNS_OVER, DutyState.ON_LEAVE]).exclude(reception_day__in=list(days))
    had: dict[int, int] = defaultdict(int)
    for upper_id in turns.values_list("upper_deputy_id", flat=True):
        had[upper_id] += 1
    away = turns_on_leave(actor, rows, days)
    return [
        Candidate(
            key=upper_key(row.pk),
            name=row.name,
            order=row.name_strokes,
            group=UPPER_GROUP,
            service=Service(
                Span(row.starts_on, row.ends_on or date.max),
                leave=tuple(Span(day, day) for day in away.get(row.pk, ())),
            ),
            places={station.pk: Place(Nearness.ROSTER, _ALWAYS)},
            busy=dict.fromkeys(sessions.get(row.level, ()), "当天出席人代会"),
            turns_before=had[row.pk],
            is_higher_level=True,
            kind=SeatKind.UPPER,
        )
        for row in rows
    ]


def turns_on_leave(
    actor: Actor, uppers: Iterable[UpperDeputy], days: Mapping[int, ReceptionDay]
) -> dict[int, list[date]]:
    """Days on which a deputy of a higher level has said not to come; one query."""
    rows = UpperTurn.scoped(actor).filter(upper_deputy__in=list(uppers), reception_day__in=list(days))
    found: dict[int, list[date]] = defaultdict(list)
    for upper_id, day_id in rows.filter(outcome=DutyState.ON_LEAVE).values_list(
        "upper_deputy_id", "reception_day_id"
    ):
        found[upper_id].append(days[day_id].day)
    return found


def is_open_day(row: ReceptionDay, today: date) -> bool:
    """Whether turns of this day may still be planned."""
    return row.day > today and row.state in _OPEN


def _day(
    row: ReceptionDay,
    turns: Mapping[int, list[Participation]],
    upper_turns: Mapping[int, list[UpperTurn]],
    known: set[str],
    today: date,
    *,
    keeps: bool,
) -> Day:
    is_open = is_open_day(row, today)
    kept: list[Kept] = []
    if keeps or not is_open:
        for turn in turns.get(row.pk, ()):
            kept += _kept(own_key(turn.mandate_id), turn.outcome, _why_kept(turn, row, is_open))
        for upper in upper_turns.get(row.pk, ()):
            why = KeptReason.ANNOUNCED if row.announced_at else None
            kept += _kept(upper_key(upper.upper_deputy_id), upper.outcome, why if is_open else _over(upper))
    return Day(
        row.pk,
        row.day,
        row.station_id,
        row.theme,
        tuple(each for each in kept if each.key in known),
        is_open,
    )


def _kept(key: str, outcome: str, reason: KeptReason | None) -> list[Kept]:
    """Leave is kept as a record of its own; on the rota it is an empty seat."""
    return [Kept(key, reason)] if reason is not None and outcome != DutyState.ON_LEAVE else []


def _why_kept(turn: Participation, row: ReceptionDay, is_open: bool) -> KeptReason | None:
    if not is_open or turn.outcome in REGISTERED_OUTCOMES:
        return _over(turn)
    if turn.origin in (DutyOrigin.SWAP, DutyOrigin.SUBSTITUTE):
        return KeptReason.SWAPPED
    if turn.origin != DutyOrigin.PLAN:
        return KeptReason.HAND
    return KeptReason.ANNOUNCED if row.announced_at is not None else None


def _over(turn: Participation | UpperTurn) -> KeptReason:
    return KeptReason.REGISTERED if turn.outcome in REGISTERED_OUTCOMES else KeptReason.PAST


def _before(actor: Actor, station: Station, start: date) -> frozenset[str]:
    """Who had the last turn ahead of the period; one query."""
    called_off = (ReceptionDayState.CANCELLED, ReceptionDayState.POSTPONED)
    last = ReceptionDay.scoped(actor).filter(station=station, day__lt=start).exclude(state__in=called_off)
    rows = Participation.scoped(actor).filter(reception_day__in=last.order_by("-day", "-id").values("pk")[:1])
    rows = rows.exclude(outcome__in=[*TURNS_OVER, DutyState.ON_LEAVE])
    return frozenset(own_key(mandate_id) for mandate_id in rows.values_list("mandate_id", flat=True))


def with_kept(problem: Problem, kept: Mapping[int, tuple[Kept, ...]]) -> Problem:
    """The same problem where some open days keep other turns: those a person fixed in a draft."""
    days = (
        replace(day, kept=kept[day.id]) if day.is_open and day.id in kept else day for day in problem.days
    )
    return replace(problem, days=tuple(days))
