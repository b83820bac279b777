"""The only door to the rows of this floor: who may see which opinions, suggestions and units.

*Which rows* is answered by the ``visible_…`` querysets, *how much of the resident* by ``sight_of``.
"""

from enum import IntEnum

from django.db.models import Q, QuerySet

from constituents.enums import OpinionState
from constituents.lifecycle import OPINION_DONE
from constituents.models import HandlingUnit, Opinion, RegisterScan, Suggestion, digest_of_code
from liaison.identity.access import is_linked, linked
from liaison.identity.roles import DEPUTIES, OFFICE, RECORD_READERS, STATION_RUNNERS
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor, acting, public_actor, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, OutOfScope
from stations.access import get_reception_day, may_run_station
from stations.models import ReceptionDay

INTAKE_ROLES = STATION_RUNNERS | DEPUTIES

# The unit's own part of the way; before and after, the case is not its business.
_UNIT_STATES = frozenset(OpinionState) - {
    OpinionState.REGISTERED,
    OpinionState.TRIAGED,
    OpinionState.RETURNED,
    OpinionState.MERGED,
    OpinionState.NOT_ACCEPTED,
    OpinionState.TO_PETITION,
}


class Sight(IntEnum):
    """How much of the resident an actor may be shown; each step includes the ones before it."""

    NOTHING = 0  # the matter only
    MASKED = 1  # 张** and 138****5678, the full number after a reason
    CONTACT = 2  # the handling unit while it has to reach the resident


def visible_opinions(actor: Actor) -> QuerySet[Opinion]:
    """Opinions this appointment reaches; an empty set for roles that have no business with them."""
    rows = Opinion.scoped(actor)
    if actor.role in RECORD_READERS:
        return rows
    if actor.role == Role.STATION_CLERK:
        return rows.filter(linked("station_id", actor.station_id))
    if actor.role == Role.HANDLING_UNIT:
        return rows.filter(linked("unit_id", actor.unit_id), state__in=list(_UNIT_STATES))
    if actor.role in DEPUTIES and actor.person_id:
        return rows.filter(linked("deputy__person_id", actor.person_id) | Q(recorded_by_id=actor.account_id))
    return rows.none()


def get_opinion(actor: Actor, pk: int, *, lock: bool = False) -> Opinion:
    """One opinion, or ``OutOfScope``: absent and forbidden look the same."""
    rows = visible_opinions(actor)
    # A locked read takes the row alone: joined rows are neither needed nor locked.
    found = (
        rows.select_for_update(of=("self",)).filter(pk=pk).first()
        if lock
        else _with_names(rows).filter(pk=pk).first()
    )
    if found is None:
        raise OutOfScope()
    return found


def _with_names(rows: QuerySet[Opinion]) -> QuerySet[Opinion]:
    return rows.select_related("unit", "station", "deputy__person", "village", "reception_day")


def sight_of(actor: Actor, opinion: Opinion) -> Sight:
    """How much of the resident behind ``opinion`` this actor may be shown (domain.md 0.10)."""
    if opinion.is_anonymous:
        return Sight.NOTHING
    if actor.role in OFFICE or actor.role == Role.STATION_CLERK:
        return Sight.MASKED
    if actor.role in DEPUTIES:
        return Sight.MASKED
    if actor.role == Role.HANDLING_UNIT:
        needed = opinion.state not in OPINION_DONE and not opinion.is_confidential
        return Sight.CONTACT if needed and is_linked(opinion.unit_id, actor.unit_id) else Sight.NOTHING
    return Sight.NOTHING


# Who files the paper register: the station that received, and the office.
PAPER_ROLES = STATION_RUNNERS


def paper_day(actor: Actor, day_id: int) -> ReceptionDay:
    """A reception day whose papers the actor keeps; ``Forbidden`` where it may only be read."""
    day = get_reception_day(actor, day_id)
    if actor.role not in PAPER_ROLES or not may_run_station(actor, day.station_id):
        raise Forbidden("登记表由本站联络员或者主席团整理。")
    return day


def opinions_of_day(actor: Actor, day: ReceptionDay) -> QuerySet[Opinion]:
    """What was registered at one reception; what the station noted that day without naming it counts."""
    unnamed = Q(reception_day__isnull=True, station_id=day.station_id, received_on=day.day)
    return visible_opinions(actor).filter(Q(reception_day=day) | unnamed)


def visible_scans(actor: Actor) -> QuerySet[RegisterScan]:
    """Scans show residents in full: a deputy reaches those of the own cases, the keepers of papers theirs."""
    rows = RegisterScan.scoped(actor)
    if actor.role in OFFICE or actor.role == Role.SYSTEM:
        return rows
    own = Q(opinion__in=visible_opinions(actor).values("pk"))
    if actor.role == Role.STATION_CLERK:
        return rows.filter(own | linked("reception_day__station_id", actor.station_id))
    return rows.filter(own) if actor.role in INTAKE_ROLES else rows.none()


def get_scan(actor: Actor, pk: int, *, lock: bool = False) -> RegisterScan:
    """One scan, or ``OutOfScope``: absent and forbidden look the same."""
    rows = visible_scans(actor)
    rows = (
        rows.select_for_update(of=("self",))
        if lock
        else rows.select_related("file", "opinion", "reception_day__station", "added_by")
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise OutOfScope()
    return found


def opinion_by_code(code: str) -> tuple[Opinion, Actor] | None:
    """What a resident follows with the code of the receipt, and the public actor to go on as.

    Malformed, unknown and right codes cost the same one query; the code is 128 bits and kept as a digest.
    """
    with acting(system_actor(name="查询码")) as finder:
        rows = Opinion.scoped(finder).select_related("unit", "merged_into__unit")
        found = rows.filter(query_code_digest=digest_of_code(code)).first()
        if found is None:
            return None
        place = Jurisdiction.objects.filter(scope_code=found.scope_code).order_by("scope_end").last()
    name, width = (place.name, place.scope_end - place.scope_code) if place else ("", 1)
    return found, public_actor(found.scope_code, found.scope_code + width, name, place.pk if place else None)


def visible_suggestions(actor: Actor) -> QuerySet[Suggestion]:
    rows = Suggestion.scoped(actor)
    if actor.role in RECORD_READERS:
        return rows
    if actor.role == Role.HANDLING_UNIT:
        return rows.filter(linked("unit_id", actor.unit_id))
    if actor.role in DEPUTIES and actor.person_id:
        # A subquery, not a join: a joint suggestion must not appear once per signatory.
        own = (
            Suggestion.scoped(actor)
            .filter(linked("signatories__mandate__person_id", actor.person_id))
            .values("pk")
        )
        return rows.filter(pk__in=own)
    return rows.none()


def get_suggestion(actor: Actor, pk: int, *, lock: bool = False) -> Suggestion:
    rows = visible_suggestions(actor)
    found = (
        rows.select_for_update(of=("self",)).filter(pk=pk).first()
        if lock
        else rows.select_related("unit", "session", "term__congress").filter(pk=pk).first()
    )
    if found is None:
        raise OutOfScope()
    return found


def visible_units(actor: Actor) -> QuerySet[HandlingUnit]:
    rows = HandlingUnit.scoped(actor)
    if actor.role in RECORD_READERS or actor.role == Role.STATION_CLERK:
        return rows
    return rows.filter(linked("pk", actor.unit_id)) if actor.role == Role.HANDLING_UNIT else rows.none()
