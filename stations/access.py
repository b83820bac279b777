"""The only door to the rows of this floor: who may see which stations, days, activities and records.

Stations and published reception days are public knowledge; records of single deputies are not. Inside the
interval but not for this role is 403, outside it is 404, the same as absent.
"""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Q, QuerySet

from deputies.access import led_groups, visible_mandates
from deputies.models import Mandate
from liaison.identity.access import is_linked, linked
from liaison.identity.roles import DEPUTIES, OFFICE, RECORD_READERS
from liaison.tenancy.models import ScopedModel
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, OutOfScope
from stations.enums import DutyState, PlanState, ReceptionDayState
from stations.models import (
    Activity,
    ActivityKind,
    DutySwap,
    Invitation,
    LeaveRequest,
    Participation,
    ReceptionDay,
    ReceptionRule,
    RotaPlan,
    Station,
    StationDeputy,
    StationPhoto,
    UpperDeputy,
    UpperTurn,
    WorkPlan,
    WorkPlanItem,
)

M = TypeVar("M", bound=ScopedModel)

# Those who know stations as the public does; handling units and administrators have no business here.
_PUBLIC_READERS = DEPUTIES | {Role.PUBLIC, Role.CITY_VIEWER}
_ANNOUNCED = (ReceptionDayState.PUBLISHED, ReceptionDayState.HELD, ReceptionDayState.POSTPONED)


def visible_stations(actor: Actor) -> QuerySet[Station]:
    """Staff: all of the interval; station clerk: the own one; deputies and public: those still open."""
    stations = Station.scoped(actor)
    if actor.role in RECORD_READERS:
        return stations
    if actor.role == Role.STATION_CLERK:
        return stations.filter(linked("pk", actor.station_id))
    return stations.filter(closed_on__isnull=True) if actor.role in _PUBLIC_READERS else stations.none()


def get_station(actor: Actor, station_id: int) -> Station:
    stations = visible_stations(actor).select_related("jurisdiction", "village", "group")
    return _one(stations, Station.scoped(actor), station_id)


def visible_rules(actor: Actor) -> QuerySet[ReceptionRule]:
    return ReceptionRule.scoped(actor).filter(station__in=visible_stations(actor))


def get_rule(actor: Actor, rule_id: int) -> ReceptionRule:
    rules = visible_rules(actor).select_related("station__jurisdiction")
    return _one(rules, ReceptionRule.scoped(actor), rule_id)


def visible_rosters(actor: Actor) -> QuerySet[StationDeputy]:
    """Who takes turns where: staff and the own station only; the public sees names on published days."""
    places = StationDeputy.scoped(actor)
    if actor.role in RECORD_READERS or actor.role == Role.STATION_CLERK:
        return places.filter(station__in=visible_stations(actor))
    if actor.person_id is not None:
        return places.filter(linked("mandate__person_id", actor.person_id))
    return places.none()


def visible_photos(actor: Actor) -> QuerySet[StationPhoto]:
    of_station = Q(station__in=visible_stations(actor))
    return StationPhoto.scoped(actor).filter(of_station | Q(activity__in=visible_activities(actor)))


def get_photo(actor: Actor, photo_id: int) -> StationPhoto:
    joined = visible_photos(actor).select_related("station", "file", "preview")
    return _one(joined, StationPhoto.scoped(actor), photo_id)


def visible_reception_days(actor: Actor) -> QuerySet[ReceptionDay]:
    """Staff: all; station clerk: the own station's; deputies: published ones and their own turns.

    Public and city viewers: published ones only (planned days may still move).
    """
    days = ReceptionDay.scoped(actor)
    if actor.role in RECORD_READERS:
        return days
    if actor.role == Role.STATION_CLERK:
        return days.filter(linked("station_id", actor.station_id))
    if actor.role not in _PUBLIC_READERS:
        return days.none()
    published = Q(state__in=_ANNOUNCED)
    if actor.person_id is not None:
        own = Participation.scoped(actor).filter(linked("mandate__person_id", actor.person_id))
        published |= Q(pk__in=own.values("reception_day_id"))
    return days.filter(published)


def get_reception_day(actor: Actor, day_id: int) -> ReceptionDay:
    days = visible_reception_days(actor).select_related("station__jurisdiction")
    return _one(days, ReceptionDay.scoped(actor), day_id)


def visible_participations(actor: Actor) -> QuerySet[Participation]:
    """Records of single deputies.

    Staff: all of the interval. Station clerk: receptions of the own station, and what the deputies of its
    roster registered themselves. Deputy: the own. Group leader: the own and the group's. Others: none.
    """
    records = Participation.scoped(actor)
    if actor.role in RECORD_READERS:
        return records
    if actor.role == Role.STATION_CLERK:
        roster = StationDeputy.scoped(actor).filter(
            linked("station_id", actor.station_id), ends_on__isnull=True
        )
        logged = Q(activity__isnull=False, is_recorded_by_deputy=True)
        logged &= Q(mandate__in=roster.values("mandate_id"))
        return records.filter(linked("reception_day__station_id", actor.station_id) | logged)
    if actor.role in DEPUTIES:
        return records.filter(mandate__in=visible_mandates(actor).values("pk"))
    return records.none()


def get_participation(actor: Actor, participation_id: int) -> Participation:
    joined = visible_participations(actor).select_related(
        "mandate__person", "reception_day__station", "activity__kind", "recorded_by"
    )
    return _one(joined, Participation.scoped(actor), participation_id)


def visible_activities(actor: Actor) -> QuerySet[Activity]:
    """Staff: all; deputies: those they took or take part in; group leader: the group's as well."""
    activities = Activity.scoped(actor)
    if actor.role in RECORD_READERS:
        return activities
    if actor.role == Role.STATION_CLERK:
        return activities.filter(pk__in=visible_participations(actor).values("activity_id"))
    if actor.role not in DEPUTIES:
        return activities.none()
    reached = Q(pk__in=visible_participations(actor).values("activity_id"))
    invited = visible_invitations(actor).exclude(activity__state=ReceptionDayState.PLANNED)
    reached |= Q(pk__in=invited.values("activity_id"))
    if actor.role == Role.GROUP_LEADER:
        reached |= Q(group__in=led_groups(actor).values("pk"))
    return activities.filter(reached)


def get_activity(actor: Actor, activity_id: int) -> Activity:
    activities = visible_activities(actor).select_related("kind", "group", "session")
    return _one(activities, Activity.scoped(actor), activity_id)


def visible_leave(actor: Actor) -> QuerySet[LeaveRequest]:
    """Staff: all; deputy: the own; group leader: the group's; station clerk: for the own station's turns."""
    leave = LeaveRequest.scoped(actor)
    if actor.role in RECORD_READERS:
        return leave
    if actor.role == Role.STATION_CLERK:
        return leave.filter(linked("participation__reception_day__station_id", actor.station_id))
    if actor.role in DEPUTIES:
        return leave.filter(mandate__in=visible_mandates(actor).values("pk"))
    return leave.none()


def get_leave(actor: Actor, leave_id: int) -> LeaveRequest:
    joins = ("mandate__person", "participation__reception_day__station", "participation__activity")
    joined = visible_leave(actor).select_related(*joins)
    return _one(joined, LeaveRequest.scoped(actor), leave_id)


def visible_swaps(actor: Actor) -> QuerySet[DutySwap]:
    """Staff: all; station clerk: the own station's; deputies: those they offered or were asked for."""
    swaps = DutySwap.scoped(actor)
    if actor.role in RECORD_READERS:
        return swaps
    if actor.role == Role.STATION_CLERK:
        return swaps.filter(linked("offered__reception_day__station_id", actor.station_id))
    if actor.person_id is None or actor.role not in DEPUTIES:
        return swaps.none()
    mine = linked("offered__mandate__person_id", actor.person_id) | linked(
        "mandate__person_id", actor.person_id
    )
    return swaps.filter(mine)


def get_swap(actor: Actor, swap_id: int) -> DutySwap:
    joined = visible_swaps(actor).select_related("offered__mandate__person", "mandate__person")
    return _one(joined, DutySwap.scoped(actor), swap_id)


def visible_rota_plans(actor: Actor) -> QuerySet[RotaPlan]:
    """Versions of rotas: staff all, station clerk the own station's; deputies see turns, not drafts."""
    plans = RotaPlan.scoped(actor)
    if actor.role in RECORD_READERS:
        return plans
    return (
        plans.filter(linked("station_id", actor.station_id))
        if actor.role == Role.STATION_CLERK
        else plans.none()
    )


def get_rota_plan(actor: Actor, plan_id: int) -> RotaPlan:
    joined = visible_rota_plans(actor).select_related("station", "made_by", "adopted_by", "based_on")
    return _one(joined, RotaPlan.scoped(actor), plan_id)


def visible_upper_deputies(actor: Actor) -> QuerySet[UpperDeputy]:
    """Staff: all of the interval; station clerk: the own station's; a county deputy: the own places."""
    places = UpperDeputy.scoped(actor)
    if actor.role in RECORD_READERS:
        return places
    if actor.role == Role.STATION_CLERK:
        return places.filter(linked("station_id", actor.station_id))
    if actor.role in DEPUTIES and actor.person_id is not None:
        own = Mandate.scoped(actor).filter(linked("person_id", actor.person_id))
        return places.filter(county_mandate_id__in=own.values("pk"))
    return places.none()


def get_upper_deputy(actor: Actor, upper_id: int) -> UpperDeputy:
    return _one(visible_upper_deputies(actor).select_related("station"), UpperDeputy.scoped(actor), upper_id)


def visible_upper_turns(actor: Actor) -> QuerySet[UpperTurn]:
    return UpperTurn.scoped(actor).filter(upper_deputy__in=visible_upper_deputies(actor))


def get_upper_turn(actor: Actor, turn_id: int) -> UpperTurn:
    joined = visible_upper_turns(actor).select_related("upper_deputy", "reception_day__station__jurisdiction")
    return _one(joined, UpperTurn.scoped(actor), turn_id)


def visible_kinds(actor: Actor) -> QuerySet[ActivityKind]:
    """Norms of the interval and of the jurisdictions around it; public knowledge."""
    return ActivityKind.scoped(actor)


def visible_plans(actor: Actor) -> QuerySet[WorkPlan]:
    """Those who write plans see them from the first draft; everybody else once they are published."""
    plans = WorkPlan.scoped(actor)
    if actor.role in RECORD_READERS:
        # A draft is its own office's business: the county reads a township's plan when it is adopted.
        return plans.exclude(~Q(scope_code=actor.lo), state=PlanState.DRAFT)
    if actor.role in _PUBLIC_READERS or actor.role == Role.STATION_CLERK:
        return plans.filter(state__in=(PlanState.PUBLISHED, PlanState.ARCHIVED))
    return plans.none()


def get_plan(actor: Actor, plan_id: int) -> WorkPlan:
    joined = visible_plans(actor).select_related("written_by", "adopted_by")
    return _one(joined, WorkPlan.scoped(actor), plan_id)


def visible_plan_items(actor: Actor) -> QuerySet[WorkPlanItem]:
    return WorkPlanItem.scoped(actor).filter(plan__in=visible_plans(actor).values("pk"))


def get_plan_item(actor: Actor, item_id: int) -> WorkPlanItem:
    joined = visible_plan_items(actor).select_related("plan", "kind", "group")
    return _one(joined, WorkPlanItem.scoped(actor), item_id)


def visible_invitations(actor: Actor) -> QuerySet[Invitation]:
    """Staff: all; deputy: the own; group leader: those to the group's activities as well."""
    invitations = Invitation.scoped(actor)
    if actor.role in RECORD_READERS:
        return invitations
    if actor.role not in DEPUTIES or actor.person_id is None:
        return invitations.none()
    reached = linked("mandate__person_id", actor.person_id)
    if actor.role == Role.GROUP_LEADER:
        reached |= Q(activity__group__in=led_groups(actor).values("pk"))
    return invitations.filter(reached)


def get_invitation(actor: Actor, invitation_id: int) -> Invitation:
    joined = visible_invitations(actor).select_related("activity__kind", "mandate__person")
    return _one(joined, Invitation.scoped(actor), invitation_id)


def may_organise(actor: Actor, scope_code: int, group_id: int | None = None) -> bool:
    """Whether the actor may arrange and register activities here (whose group it is is asked apart).

    The office for its own place, the county committee for the county's own deputies, a group leader for
    the group led.
    """
    if actor.role in OFFICE or actor.role == Role.SYSTEM:
        return actor.covers(scope_code)
    if actor.role == Role.COUNTY_COMMITTEE:
        return scope_code == actor.lo
    return group_id is not None and led_groups(actor).filter(pk=group_id).exists()


def may_run_station(actor: Actor, station_id: int) -> bool:
    """Whether the actor may plan, announce and register at this station (scope is checked apart)."""
    if actor.role in OFFICE or actor.role == Role.SYSTEM:
        return True
    return actor.role == Role.STATION_CLERK and is_linked(station_id, actor.station_id)


def may_run_reception(actor: Actor, day: ReceptionDay) -> bool:
    """Whether the actor may note when a reception began and ended: the station, or a deputy on duty there.

    A deputy often sits alone at the station; whether he came is still for the station to confirm.
    """
    if may_run_station(actor, day.station_id):
        return True
    if actor.role not in DEPUTIES or actor.person_id is None:
        return False
    own = Participation.scoped(actor).filter(linked("mandate__person_id", actor.person_id), reception_day=day)
    return own.filter(outcome__in=(DutyState.SCHEDULED, DutyState.ATTENDED)).exists()


def _one(visible: QuerySet[M], reachable: QuerySet[M], row_id: int) -> M:
    """The visible row, else 403 when it lies inside the interval and 404 when it does not."""
    found = visible.filter(pk=row_id).first()
    if found is not None:
        return found
    if reachable.filter(pk=row_id).exists():
        raise Forbidden("您当前的职务不能查阅这条记录。")
    raise OutOfScope()
