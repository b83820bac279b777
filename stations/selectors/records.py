"""Duties of a deputy, and what waits for which side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, Min, Prefetch, Q, QuerySet

from deputies.models import Mandate
from liaison.identity.access import linked
from liaison.identity.roles import DEPUTIES, OFFICE, STATION_RUNNERS
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from stations.access import (
    visible_leave,
    visible_participations,
    visible_reception_days,
    visible_swaps,
)
from stations.enums import DutyState, LeaveState, ParticipationState, ReceptionDayState, SwapState
from stations.models import DutySwap, LeaveRequest, Participation, ReceptionDay, StationDeputy
from stations.rules.lifecycle import REGISTERED_OUTCOMES, TURNS_OVER

COMING_DAYS = 31
_RECORD_PARTS = (
    "mandate__person",
    "mandate__constituency",
    "reception_day__station",
    "activity__kind",
    "recorded_by",
)


def with_parts(records: QuerySet[Participation]) -> QuerySet[Participation]:
    """Joined with all a line shows: one query."""
    return records.select_related(*_RECORD_PARTS)


def duties_of(actor: Actor, today: date, days: int = COMING_DAYS) -> list[Participation]:
    """The acting deputy's turns from ``today`` on, earliest first; one query."""
    return list(
        with_parts(_own(actor))
        .filter(reception_day__isnull=False, day__range=(today, today + timedelta(days=days)))
        .exclude(outcome__in=TURNS_OVER)
        .order_by("day", "id")
    )


def leavable(actor: Actor, today: date, days: int = 92) -> QuerySet[Participation]:
    """Turns and activities to come for which the acting deputy may ask for leave."""
    coming = with_parts(_own(actor)).filter(
        outcome=DutyState.SCHEDULED, day__range=(today, today + timedelta(days=days))
    )
    return coming.order_by("day", "id")


def _own(actor: Actor) -> QuerySet[Participation]:
    return Participation.scoped(actor).filter(
        linked("mandate__person_id", actor.person_id), mandate__isnull=False
    )


def loggable_days(
    actor: Actor, today: date, back_days: int = 14, sent_key: str | None = None
) -> QuerySet[ReceptionDay]:
    """Receptions the acting deputy can still register, the likeliest first.

    The own turns not yet registered and today's receptions at the own stations; today before earlier days.
    What was registered under the stored key ``sent_key`` is offered still: the same form came twice.
    """
    own = _own(actor)
    turns = own.filter(outcome=DutyState.SCHEDULED, reception_day__isnull=False)
    registered = own.filter(outcome__in=REGISTERED_OUTCOMES, reception_day__isnull=False)
    sent = own.filter(idempotency_key=sent_key) if sent_key else own.none()
    stations = StationDeputy.scoped(actor).filter(
        linked("mandate__person_id", actor.person_id), ends_on__isnull=True
    )
    mine = Q(pk__in=turns.values("reception_day_id"))
    mine |= Q(day=today, station__in=stations.values("station_id"))
    mine |= Q(pk__in=sent.values("reception_day_id"))
    return (
        visible_reception_days(actor)
        .filter(mine, day__range=(today - timedelta(days=back_days), today))
        .exclude(state__in=(ReceptionDayState.CANCELLED, ReceptionDayState.POSTPONED))
        .exclude(pk__in=registered.exclude(pk__in=sent.values("pk")).values("reception_day_id"))
        .select_related("station")
        .order_by("-day", "starts_at", "id")
    )


def records_of(actor: Actor, start: date, end: date) -> QuerySet[Participation]:
    """The acting deputy's own records of a period, newest first; for a paged list."""
    own = with_parts(_own(actor)).filter(day__range=(start, end))
    return own.exclude(outcome__in=TURNS_OVER).order_by("-day", "-id")


def unconfirmed(actor: Actor) -> QuerySet[Participation]:
    """What waits for the acting side: a deputy's own entries made by others, or entries deputies made.

    Never what the acting account registered itself. Earliest deadline first.
    """
    waiting = visible_participations(actor).filter(
        state=ParticipationState.REGISTERED, outcome__in=REGISTERED_OUTCOMES
    )
    waiting = waiting.exclude(recorded_by_id=actor.account_id)
    if actor.role in DEPUTIES:
        waiting = waiting.filter(linked("mandate__person_id", actor.person_id), is_recorded_by_deputy=False)
    elif actor.role in OFFICE or actor.role == Role.STATION_CLERK:
        waiting = waiting.filter(is_recorded_by_deputy=True)
        if actor.person_id is not None:
            waiting = waiting.exclude(linked("mandate__person_id", actor.person_id))
    else:
        return waiting.none()
    return with_parts(waiting).order_by("confirm_by", "id")


def disputed(actor: Actor) -> QuerySet[Participation]:
    """What the office has to decide: objections, and records nobody answered in time."""
    states = (ParticipationState.OBJECTED, ParticipationState.LAPSED_TO_PRESIDIUM)
    rows = visible_participations(actor).filter(state__in=states)
    return with_parts(rows if actor.role in OFFICE else rows.none()).order_by("confirm_by", "id")


def waiting_leave(actor: Actor) -> QuerySet[LeaveRequest]:
    """Leave somebody else asked for and the actor may decide on; first asked, first shown."""
    rows = visible_leave(actor).filter(state=LeaveState.REQUESTED).exclude(requested_by_id__in=actor.accounts)
    if actor.role == Role.COUNTY_COMMITTEE:
        # The county's own deputies; a township's leave is the township's.
        rows = rows.filter(scope_code=actor.lo)
    elif actor.role not in STATION_RUNNERS:
        return rows.none()
    if actor.person_id is not None:
        rows = rows.exclude(linked("mandate__person_id", actor.person_id))
    joins = ("mandate__person", "participation__reception_day__station", "participation__activity")
    return rows.select_related(*joins).order_by("id")


def own_leave(actor: Actor) -> QuerySet[LeaveRequest]:
    rows = visible_leave(actor).filter(linked("mandate__person_id", actor.person_id), mandate__isnull=False)
    joins = ("participation__reception_day__station", "participation__activity")
    return rows.select_related(*joins).order_by("-starts_on", "-id")


def open_swaps(actor: Actor) -> QuerySet[DutySwap]:
    """Swaps still waiting for the other deputy or for the station."""
    rows = visible_swaps(actor).filter(state__in=(SwapState.PROPOSED, SwapState.CONSENTED))
    turns = ("offered__reception_day__station", "wanted__reception_day__station")
    joined = rows.select_related("offered__mandate__person", "mandate__person", *turns)
    return joined.order_by("offered__day", "id")


def todays_receptions(actor: Actor, today: date) -> list[ReceptionDay]:
    """Today's receptions the actor runs and earlier ones never registered, with their turns; two queries."""
    overdue = Q(day__lt=today, state__in=(ReceptionDayState.PLANNED, ReceptionDayState.PUBLISHED))
    called_off = (ReceptionDayState.CANCELLED, ReceptionDayState.POSTPONED)
    days = visible_reception_days(actor).filter(Q(day=today) | overdue).exclude(state__in=called_off)
    return list(with_turns(days).order_by("-day", "starts_at", "id"))


def with_turns(days: QuerySet[ReceptionDay]) -> QuerySet[ReceptionDay]:
    """Each day with its station and, as ``turns``, everybody with a place in it; two queries."""
    turns = (
        Participation.objects.exclude(outcome__in=TURNS_OVER)
        .select_related("mandate__person", "mandate__constituency")
        .order_by("mandate__person__name_strokes", "id")
    )
    return days.select_related("station").prefetch_related(
        Prefetch("participations", queryset=turns, to_attr="turns")  # type: ignore[no-redef]
    )


def coming_receptions(actor: Actor, today: date, days: int = COMING_DAYS) -> list[ReceptionDay]:
    """Reception days of the next weeks with their turns, earliest first; two queries."""
    found = visible_reception_days(actor).filter(day__range=(today, today + timedelta(days=days)))
    return list(
        with_turns(found.exclude(state=ReceptionDayState.CANCELLED)).order_by("day", "station__name", "id")
    )


def eligible_deputies(actor: Actor, day: ReceptionDay) -> list[Mandate]:
    """Whom a clerk can register at a reception: the roster first, else everybody in office; two queries."""
    roster = StationDeputy.scoped(actor).filter(station_id=day.station_id, starts_on__lte=day.day)
    roster = roster.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day.day))
    mandates = Mandate.scoped(actor).filter(scope_code=day.scope_code, elected_on__lte=day.day)
    mandates = mandates.filter(Q(ended_on__isnull=True) | Q(ended_on__gte=day.day))
    named = mandates.filter(pk__in=roster.values("mandate_id"))
    joined = named.select_related("person", "constituency").order_by("person__name_strokes", "id")
    found = list(joined)
    return found or list(
        mandates.select_related("person", "constituency").order_by("person__name_strokes", "id")
    )


@dataclass(frozen=True, slots=True)
class StationCounts:
    """How much waits on this floor, for the start page of staff; each figure links to its rows."""

    receptions: int
    unconfirmed: int
    disputed: int
    lapsed: int
    leave: int
    swaps: int
    confirm_by: date | None


def staff_counts(actor: Actor, today: date) -> StationCounts:
    """What waits for the acting staff member; five queries. ``confirm_by``: the earliest unconfirmed."""
    overdue = Q(day__lt=today, state__in=(ReceptionDayState.PLANNED, ReceptionDayState.PUBLISHED))
    due = Q(day=today, state__in=(ReceptionDayState.PLANNED, ReceptionDayState.PUBLISHED))
    waiting = unconfirmed(actor).order_by().aggregate(count=Count("pk"), first=Min("confirm_by"))
    decisions = state_counts(disputed(actor))
    return StationCounts(
        receptions=visible_reception_days(actor).filter(overdue | due).count(),
        unconfirmed=waiting["count"],
        confirm_by=waiting["first"],
        disputed=decisions.get(ParticipationState.OBJECTED, 0),
        lapsed=decisions.get(ParticipationState.LAPSED_TO_PRESIDIUM, 0),
        leave=waiting_leave(actor).count(),
        swaps=open_swaps(actor).filter(state=SwapState.CONSENTED).count(),
    )


@dataclass(slots=True)
class TurnCount:
    """How often one deputy was given a turn at a station in a period; for spreading turns evenly."""

    mandate: Mandate
    turns: int = 0
    last_on: date | None = None
    days: list[date] = field(default_factory=list)


def turn_counts(actor: Actor, mandates: Iterable[Mandate], start: date, end: date) -> list[TurnCount]:
    """By deputy, in the order given (never by count: nobody is ranked); one query."""
    counts = {mandate.pk: TurnCount(mandate) for mandate in mandates}
    rows = (
        Participation.scoped(actor)
        .filter(mandate__in=counts, reception_day__isnull=False, day__range=(start, end))
        .exclude(outcome__in=TURNS_OVER)
        .order_by("day")
        .values_list("mandate_id", "day")
    )
    for mandate_id, day in rows:
        found = counts[mandate_id]
        found.turns, found.last_on = found.turns + 1, day
        found.days.append(day)
    return list(counts.values())


def state_counts(records: QuerySet[Participation]) -> dict[str, int]:
    """How many records stand in each state; one query."""
    return dict(records.order_by().values_list("state").annotate(total=Count("pk")))
