"""What the desk on a phone needs to know before the signal is gone: today's receptions and who is on duty."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from constituents.access import visible_opinions
from constituents.enums import ContactWay, OpinionCategory, OpinionState, Urgency
from constituents.forms import villages_of
from constituents.lifecycle import OPINION_DONE
from constituents.models import Opinion
from deputies.access import mandate_of
from deputies.models import Mandate
from liaison.identity.access import linked
from liaison.identity.roles import DEPUTIES
from liaison.tenancy.scope import Actor
from liaison.words.masking import excerpt
from stations.access import (
    may_run_station,
    visible_reception_days,
    visible_stations,
)
from stations.enums import DutyState, ReceptionDayState
from stations.models import Participation, ReceptionDay, StationDeputy
from stations.rules.lifecycle import REGISTERED_OUTCOMES, TURNS_OVER
from stations.selectors import eligible_deputies
from stations.selectors.records import with_turns

# Receptions nobody has registered yet stay on the desk this long.
BACK_DAYS = 14
MOST_VILLAGES = 400
_OPEN = (ReceptionDayState.PLANNED, ReceptionDayState.PUBLISHED)
_HERE = (DutyState.SCHEDULED, DutyState.ATTENDED)


def desk_days(actor: Actor, today: date) -> list[ReceptionDay]:
    """Today's receptions of the acting person, and earlier ones still open; with their turns, two queries.

    Staff: the stations they run. Deputies: their own turns, and today's at the stations they belong to.
    """
    days = visible_reception_days(actor).filter(day__range=(today - timedelta(days=BACK_DAYS), today))
    days = days.filter(Q(day=today) | Q(state__in=_OPEN))
    days = days.exclude(Q(state=ReceptionDayState.CANCELLED) | Q(state=ReceptionDayState.POSTPONED))
    if actor.role in DEPUTIES:
        days = _of_deputy(actor, days, today)
    return list(with_turns(days).order_by("-day", "starts_at", "id"))


def has_reception(actor: Actor, today: date) -> bool:
    """Whether the acting deputy is on duty today, or the station receives today; one query."""
    days = visible_reception_days(actor).filter(day=today)
    if actor.role in DEPUTIES:
        own = Participation.scoped(actor).filter(
            linked("mandate__person_id", actor.person_id), mandate__isnull=False, outcome__in=_HERE
        )
        days = days.filter(pk__in=own.values("reception_day_id"))
    return days.filter(state__in=(*_OPEN, ReceptionDayState.HELD)).exists()


def _of_deputy(actor: Actor, days: QuerySet[ReceptionDay], today: date) -> QuerySet[ReceptionDay]:
    own = Participation.scoped(actor).filter(
        linked("mandate__person_id", actor.person_id), mandate__isnull=False, outcome__in=_HERE
    )
    places = StationDeputy.scoped(actor).filter(
        linked("mandate__person_id", actor.person_id), ends_on__isnull=True
    )
    here = Q(day=today, station__in=places.values("station_id"), state__in=(*_OPEN, ReceptionDayState.HELD))
    return days.filter(Q(pk__in=own.values("reception_day_id")) | here)


def desk_state(actor: Actor, today: date) -> dict[str, Any]:
    """Everything the desk shows, as plain data."""
    seat = mandate_of(actor) if actor.role in DEPUTIES else None
    days = desk_days(actor, today)
    return {
        "today": today.isoformat(),
        "is_deputy": actor.role in DEPUTIES,
        "name": actor.display_name,
        "role": actor.role.label,
        "days": [_day(actor, day, seat, today) for day in days],
        "stations": _stations(actor),
        "categories": [[one, one.label] for one in OpinionCategory],
        "urgencies": [[one, one.label] for one in Urgency],
        "ways": [[one, one.label] for one in (ContactWay.FACE_TO_FACE, ContactWay.VISIT, ContactWay.PHONE)],
        "villages": [[place.pk, place.short_name] for place in villages_of(actor)[:MOST_VILLAGES]],
        "entered": _entered(actor, days, today),
    }


def _stations(actor: Actor) -> list[list[Any]]:
    """Where a matter can be registered without a reception: staff choose, deputies need not."""
    if actor.role in DEPUTIES:
        return []
    open_ones = visible_stations(actor).filter(closed_on__isnull=True).order_by("pk")
    return [[place.pk, place.name] for place in open_ones]


def _day(actor: Actor, day: ReceptionDay, seat: Mandate | None, today: date) -> dict[str, Any]:
    turns: list[Participation] = list(day.turns)
    own = next((turn for turn in turns if seat is not None and turn.mandate_id == seat.pk), None)
    is_station = may_run_station(actor, day.station_id)
    return {
        "id": day.pk,
        "station": day.station.name,
        "station_id": day.station_id,
        "day": day.day.isoformat(),
        "is_today": day.day == today,
        "hours": f"{day.starts_at:%H:%M}—{day.ends_at:%H:%M}",
        "theme": day.theme,
        "state": day.state,
        "state_label": ReceptionDayState(day.state).label,
        "began_at": day.began_at.isoformat() if day.began_at else "",
        "ended_at": day.ended_at.isoformat() if day.ended_at else "",
        "visitor_count": day.visitor_count,
        "is_station": is_station,
        "may_run": is_station or (own is not None and own.outcome in _HERE),
        "own_turn": own.outcome if own is not None else "",
        "deputies": _deputies(actor, day, turns, is_station=is_station),
        "page": reverse("stations_reception", args=[day.pk]) if is_station else reverse("stations_log_duty"),
    }


def _deputies(
    actor: Actor, day: ReceptionDay, turns: list[Participation], *, is_station: bool
) -> list[dict[str, Any]]:
    """Those on duty; for the station also what is registered and who else of the roster could have come."""
    found = [
        {
            "id": turn.mandate_id,
            "name": turn.mandate.full_name,
            "is_planned": True,
            "outcome": turn.outcome if is_station and turn.outcome in REGISTERED_OUTCOMES else "",
        }
        for turn in turns
        if turn.outcome not in TURNS_OVER
    ]
    if is_station:
        known = {entry["id"] for entry in found}
        found += [
            {"id": seat.pk, "name": seat.full_name, "is_planned": False, "outcome": ""}
            for seat in eligible_deputies(actor, day)
            if seat.pk not in known
        ]
    return found


def _entered(actor: Actor, days: list[ReceptionDay], today: date) -> list[dict[str, Any]]:
    """Matters registered at these receptions or by this account today; never a resident's name or number."""
    mine = Q(reception_day__in=[day.pk for day in days])
    mine |= Q(recorded_by_id=actor.account_id, received_on=today)
    rows = visible_opinions(actor).filter(mine).select_related("merged_into")
    rows = rows.annotate(file_count=Count("files")).order_by("recorded_at", "pk")
    return [_matter(actor, row, row.file_count) for row in rows[:200]]


def _matter(actor: Actor, row: Opinion, file_count: int) -> dict[str, Any]:
    state = OpinionState(row.state)
    return {
        "id": row.pk,
        "number": row.number,
        "day": row.reception_day_id,
        "category": OpinionCategory(row.category).label,
        "excerpt": excerpt(row.content, 24),
        "state": state.label,
        "is_done": state in OPINION_DONE,
        "people": row.people_count,
        "files": file_count,
        "is_mine": row.recorded_by_id == actor.account_id,
        "link": reverse("constituents_opinion", args=[row.pk]),
    }
