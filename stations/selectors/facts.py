"""Facts of a whole congress for scoring, from a fixed number of set queries (architecture.md, "Scoring")."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from deputies.enums import MandateState
from deputies.models import Mandate, MandateChange, Term
from deputies.spans import Span, StateChange, suspended_spans
from liaison.tenancy.scope import Actor, require_actor
from stations.access import visible_kinds
from stations.enums import (
    DutyState,
    ExcusedBy,
    LeaveState,
    ParticipationState,
    ReceptionDayState,
    ShippedKind,
)
from stations.models import Activity, ActivityKind, LeaveRequest, Participation
from stations.rules.lifecycle import COUNTED_STATES, REGISTERED_OUTCOMES, TURNS_OVER
from stations.rules.yearly_norms import (
    Evidence,
    FactRow,
    Service,
    month_excuse,
    months_between,
    put_personal_norm,
)
from stations.selectors.county_turns import county_turns

Facts = dict[int, dict[str, FactRow]]

SESSION_LEAVE = "leave_session"
SESSION_ABSENCE = "absence_unapproved_session"
SESSION_SPEECH = "session_speech"


def kinds_in_force(actor: Actor, scope_code: int, year: int) -> dict[str, ActivityKind]:
    """By code, the kind that held in ``year`` in the nearest jurisdiction around ``scope_code``; 1 query."""
    return nearest_kinds(visible_kinds(actor), scope_code, year)


def nearest_kinds(kinds: Iterable[ActivityKind], scope_code: int, year: int) -> dict[str, ActivityKind]:
    """By code, the narrowest of ``kinds`` whose interval holds ``scope_code``, in the order of the norm.

    Of one jurisdiction's rows for a code the latest that began by ``year`` holds: what is laid down later
    never changes a year gone by.
    """
    around = [k for k in kinds if k.scope_code <= scope_code < k.scope_end and k.from_year <= year]
    around.sort(key=lambda kind: (kind.scope_code, -kind.scope_end, kind.from_year))
    # The narrowest comes last and replaces the others.
    narrowest = {kind.code: kind for kind in around}
    return dict(sorted(narrowest.items(), key=lambda item: (item[1].sort, item[0])))


@dataclass(frozen=True, slots=True)
class Occasion:
    """One participation with what is needed to count it."""

    id: int
    mandate_id: int
    day: date
    outcome: str
    state: str
    speech: str
    code: str
    fact_code: str
    label: str
    kind: str = "participation"

    @property
    def is_counted(self) -> bool:
        return self.state in COUNTED_STATES

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.kind, self.id, self.day, self.label)


def participation_facts(term: Term, start: date, end: date, *, actor: Actor | None = None) -> Facts:
    """What every deputy of ``term`` did between ``start`` and ``end`` (both included), by fact code.

    ``{mandate_id: {fact_code: FactRow}}`` for every mandate of the term in the acting interval, whether or
    not it has records. Six queries whatever the number of deputies. Only confirmed, upheld and corrected
    records count as done (domain.md 0.3). The session facts also give ``session_speech``, ``leave_session``
    and ``absence_unapproved_session``.
    """
    who = actor or require_actor()
    mandates = list(Mandate.scoped(who).filter(term=term))
    services = services_of(who, mandates, start, end)
    occasions = occasions_of(who, mandates, start, end)
    kinds = list(visible_kinds(who))
    years = range(start.year, end.year + 1)
    in_force = {
        scope_code: {year: nearest_kinds(kinds, scope_code, year) for year in years}
        for scope_code in {mandate.scope_code for mandate in mandates}
    }
    return {
        m.pk: _facts_of(services[m.pk], occasions[m.pk], in_force[m.scope_code], start, end) for m in mandates
    }


def _facts_of(
    service: Service,
    occasions: Iterable[Occasion],
    kinds_of: Mapping[int, Mapping[str, ActivityKind]],
    start: date,
    end: date,
) -> dict[str, FactRow]:
    """Each year of the period by the kinds that held in it."""
    rows: dict[str, FactRow] = defaultdict(FactRow)
    for year, kinds in kinds_of.items():
        first, last = max(start, date(year, 1, 1)), min(end, date(year, 12, 31))
        excuses = [month_excuse(month, service) for month in months_between(first, last)]
        for kind in kinds.values():
            if kind.fact_code and kind.is_personal and kind.due_per_year:
                put_personal_norm(rows[kind.fact_code], kind.due_per_year, excuses)
    for occasion in occasions:
        held = kinds_of[occasion.day.year].get(occasion.code)
        fact_code = held.fact_code if held else occasion.fact_code
        if fact_code:
            count_occasion(rows[fact_code], occasion, service, by_norm=bool(held and held.is_personal))
        if occasion.code == ShippedKind.SESSION:
            _count_session(rows, occasion, service)
    return dict(rows)


def count_occasion(row: FactRow, occasion: Occasion, service: Service, *, by_norm: bool) -> None:
    """Add one occasion; ``by_norm``: the denominator is the norm already in ``row``, not the schedule."""
    excuse = service.excuse_on(occasion.day)
    if not by_norm:
        row.scheduled += 1
    if excuse is None and occasion.outcome == DutyState.ON_LEAVE:
        excuse = ExcusedBy.LEAVE
    if excuse is not None:
        if not by_norm:
            row.excuse(excuse)
    elif not occasion.is_counted:
        row.pending.append(occasion.evidence)
    elif occasion.outcome == DutyState.ATTENDED:
        row.done += 1
        row.evidence.append(occasion.evidence)


def _count_session(rows: dict[str, FactRow], occasion: Occasion, service: Service) -> None:
    """Speeches, leave and unapproved absence of one sitting; half-days as the sittings were registered."""
    if service.excuse_on(occasion.day) is not None:
        return
    if occasion.outcome == DutyState.ON_LEAVE:
        _happened(rows[SESSION_LEAVE], occasion)
    elif not occasion.is_counted:
        return
    elif occasion.outcome == DutyState.ABSENT:
        _happened(rows[SESSION_ABSENCE], occasion)
    elif occasion.outcome == DutyState.ATTENDED and occasion.speech:
        _happened(rows[SESSION_SPEECH], occasion)


def _happened(row: FactRow, occasion: Occasion) -> None:
    row.done += 1
    row.evidence.append(occasion.evidence)


def services_of(actor: Actor, mandates: Iterable[Mandate], start: date, end: date) -> dict[int, Service]:
    """When each deputy could be expected within the period; two queries."""
    mandates = list(mandates)
    ids = [mandate.pk for mandate in mandates]
    changes: dict[int, list[StateChange]] = defaultdict(list)
    known = MandateChange.scoped(actor).filter(mandate__in=ids).order_by("effective_on", "id")
    for mandate_id, day, state in known.values_list("mandate_id", "effective_on", "to_state"):
        changes[mandate_id].append(StateChange(day, MandateState(state)))
    leave: dict[int, list[Span]] = defaultdict(list)
    approved = LeaveRequest.scoped(actor).filter(
        mandate__in=ids, state=LeaveState.APPROVED, starts_on__lte=end, ends_on__gte=start
    )
    for mandate_id, first, last in approved.values_list("mandate_id", "starts_on", "ends_on"):
        leave[mandate_id].append(Span(first, last))
    return {
        mandate.pk: Service(
            office=Span(mandate.elected_on, mandate.ended_on or date.max),
            suspended=suspended_spans(changes[mandate.pk], start, end),
            leave=tuple(leave[mandate.pk]),
        )
        for mandate in mandates
    }


def occasions_of(
    actor: Actor, mandates: Iterable[Mandate], start: date, end: date
) -> dict[int, list[Occasion]]:
    """Every participation of the period that is not withdrawn, swapped or cancelled; two queries."""
    rows = (
        Participation.scoped(actor)
        .filter(mandate__in=[mandate.pk for mandate in mandates], day__range=(start, end))
        .exclude(state=ParticipationState.WITHDRAWN)
        .exclude(outcome__in=TURNS_OVER)
        .order_by("day", "id")
        .values_list(
            "id",
            "mandate_id",
            "day",
            "outcome",
            "state",
            "speech",
            "activity__kind__code",
            "activity__kind__fact_code",
            "activity__title",
            "reception_day__station__name",
        )
    )
    found: dict[int, list[Occasion]] = defaultdict(list)
    for pk, mandate_id, day, outcome, state, speech, code, fact_code, title, station in rows:
        plain = (pk, mandate_id, day, outcome, state, speech)
        if station is None:
            occasion = Occasion(*plain, code, fact_code, title)
        else:
            occasion = Occasion(*plain, ShippedKind.RECEPTION, ShippedKind.RECEPTION, f"{station}接待日")
        found[occasion.mandate_id].append(occasion)
    for occasion in _county_occasions(mandates, start, end):
        found[occasion.mandate_id].append(occasion)
    return found


def _county_occasions(mandates: Iterable[Mandate], start: date, end: date) -> Iterable[Occasion]:
    """Turns of these deputies at stations of any place, which the station's word settles; one query.

    Nobody there waits for a confirmation (domain.md 3.7: others' activities are imported as facts).
    """
    code = ShippedKind.RECEPTION
    for turn in county_turns([mandate.pk for mandate in mandates], start, end):
        is_over = turn.outcome in REGISTERED_OUTCOMES
        state = ParticipationState.CONFIRMED if is_over else ParticipationState.REGISTERED
        plain = (turn.pk, turn.mandate_id, turn.day, turn.outcome, state, "")
        yield Occasion(*plain, code, code, f"{turn.station}接待日", "upper_turn")


def group_facts(term: Term, start: date, end: date, *, actor: Actor | None = None) -> Facts:
    """What every group of ``term`` organised: ``{group_id: {fact_code: FactRow}}``; one query.

    Only ``done`` and its evidence (kind ``activity``): how many held activities of each kind there were.
    """
    who = actor or require_actor()
    held = (
        Activity.scoped(who)
        .filter(group__term=term, starts_on__range=(start, end), state=ReceptionDayState.HELD)
        .order_by("starts_on", "id")
        .values_list("group_id", "kind__fact_code", "id", "starts_on", "title")
    )
    found: Facts = defaultdict(lambda: defaultdict(FactRow))
    for group_id, fact_code, activity_id, day, title in held:
        if fact_code:
            row = found[group_id][fact_code]
            row.done += 1
            row.evidence.append(Evidence("activity", activity_id, day, title))
    return {group_id: dict(rows) for group_id, rows in found.items()}
