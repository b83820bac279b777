"""Plans with their progress, activities to come with their answers, invitations of a deputy."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, Q, QuerySet

from deputies.enums import MandateState
from liaison.identity.access import linked
from liaison.tenancy.scope import Actor
from stations.access import visible_activities, visible_invitations, visible_plans
from stations.enums import AnswerState, DutyState, LeaveState, PlanState, ReceptionDayState
from stations.models import Activity, Invitation, LeaveRequest, Participation, WorkPlan, WorkPlanItem
from stations.rules.lifecycle import OPEN_ACTIVITY_STATES, TURNS_OVER
from stations.rules.work_plan_progress import ItemProgress, Slot, progress_of, slots_of, time_words
from stations.selectors.leaving import gone_by

RECENT_DAYS = 60


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One item of a plan with how far it has come; ``activities`` hang under it, by day."""

    item: WorkPlanItem
    when: str
    slots: list[Slot]
    progress: ItemProgress
    activities: list[Activity]


def plan_lines(actor: Actor, plan: WorkPlan, today: date) -> list[PlanLine]:
    """The items of ``plan`` by time, each with its progress; two queries."""
    items = WorkPlanItem.scoped(actor).filter(plan=plan).select_related("kind", "group")
    under: dict[int, list[Activity]] = defaultdict(list)
    held = Activity.scoped(actor).filter(plan_item__plan=plan).exclude(state=ReceptionDayState.CANCELLED)
    for activity in held.order_by("starts_on", "id"):
        under[activity.plan_item_id or 0].append(activity)
    lines = [_plan_line(plan, item, under[item.pk], today) for item in items]
    return sorted(lines, key=lambda line: (line.slots[0].first, line.slots[0].last, line.item.pk))


def _plan_line(plan: WorkPlan, item: WorkPlanItem, activities: list[Activity], today: date) -> PlanLine:
    slots = slots_of(plan.year, item.months, item.starts_on, item.ends_on)
    done = sum(activity.state == ReceptionDayState.HELD for activity in activities)
    arranged = sum(activity.state in OPEN_ACTIVITY_STATES for activity in activities)
    progress = progress_of(slots, done, arranged, today, is_called_off=bool(item.call_off_reason))
    when = time_words(item.months, item.starts_on, item.ends_on)
    return PlanLine(item, when, slots, progress, activities)


def plans_of(actor: Actor) -> QuerySet[WorkPlan]:
    """Plans the actor may read, newest first, with the number of items."""
    return visible_plans(actor).annotate(item_count=Count("items")).order_by("-year", "scope_code")


def published_plan(actor: Actor, scope_code: int) -> WorkPlan | None:
    """The newest plan residents may read; one query."""
    rows = WorkPlan.scoped(actor).filter(scope_code=scope_code)
    return rows.filter(state__in=(PlanState.PUBLISHED, PlanState.ARCHIVED)).order_by("-year").first()


def open_plan_items(actor: Actor, scope_code: int, year: int) -> QuerySet[WorkPlanItem]:
    """Items activities may hang under, by plan; one query."""
    rows = WorkPlanItem.scoped(actor).filter(
        scope_code=scope_code,
        plan__year__gte=year,
        plan__state__in=(PlanState.ADOPTED, PlanState.PUBLISHED),
        call_off_reason="",
    )
    return rows.select_related("plan", "kind").order_by("plan__year", "id")


def with_answers(activities: QuerySet[Activity]) -> QuerySet[Activity]:
    """Each activity with how many were asked, come, stay away and are silent; one query.

    Who has left office by the day, or is suspended, is asked no more.
    """
    answer, left = "invitations__answer", Q(invitations__mandate__ended_on__lte=F("starts_on"))
    asked = ~Q(invitations__mandate__state=MandateState.SUSPENDED)
    asked &= Q(invitations__mandate__ended_on__isnull=True) | ~left
    return activities.select_related("kind", "group", "plan_item").annotate(
        asked=Count("invitations", filter=asked),
        coming=Count("invitations", filter=asked & Q(**{answer: AnswerState.COMING})),
        declined=Count("invitations", filter=asked & Q(**{answer: AnswerState.DECLINED})),
        silent=Count("invitations", filter=asked & Q(**{answer: AnswerState.WAITING})),
    )


def coming_activities(actor: Actor, today: date) -> list[Activity]:
    """Arranged and not over, earliest first; one query."""
    rows = visible_activities(actor).filter(state__in=OPEN_ACTIVITY_STATES, ends_on__gte=today)
    return list(with_answers(rows).order_by("starts_on", "id"))


def unregistered_activities(actor: Actor, today: date) -> list[Activity]:
    """Past their day and not registered yet, oldest first; one query."""
    rows = visible_activities(actor).filter(state__in=OPEN_ACTIVITY_STATES, ends_on__lt=today)
    return list(with_answers(rows).order_by("starts_on", "id"))


def recent_activities(actor: Actor, today: date) -> QuerySet[Activity]:
    """Registered or called off in the last weeks; those a deputy did alone are not the organiser's."""
    since = today - timedelta(days=RECENT_DAYS)
    rows = visible_activities(actor).exclude(state__in=OPEN_ACTIVITY_STATES).filter(starts_on__gte=since)
    rows = rows.exclude(kind__is_personal=True, audience="").select_related("kind", "group")
    came = Count("participations", filter=Q(participations__outcome=DutyState.ATTENDED))
    return rows.annotate(came=came, on_list=Count("participations")).order_by("-starts_on", "-id")


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One deputy asked: the answer, the leave behind it, and whether a message can reach him."""

    invitation: Invitation
    part: Participation | None
    leave: LeaveState | None
    has_account: bool


def answers_of(actor: Actor, activity: Activity) -> list[AnswerLine]:
    """Everybody asked who is in office on the day, by strokes; three queries."""
    rows = Invitation.scoped(actor).filter(activity=activity)
    rows = rows.exclude(gone_by(actor, "activity__starts_on"))
    invitations = list(
        rows.select_related("mandate__person", "mandate__constituency", "answered_by").order_by(
            "mandate__person__name_strokes", "id"
        )
    )
    parts = {part.mandate_id: part for part in parts_of(actor, activity)}
    leave = dict(
        LeaveRequest.scoped(actor)
        .filter(participation__in=parts.values())
        .order_by("id")
        .values_list("mandate_id", "state")
    )
    return [
        AnswerLine(
            invitation,
            parts.get(invitation.mandate_id),
            LeaveState(leave[invitation.mandate_id]) if invitation.mandate_id in leave else None,
            invitation.mandate.person.account_id is not None,
        )
        for invitation in invitations
    ]


def parts_of(actor: Actor, activity: Activity) -> list[Participation]:
    """Everybody's part in an activity, by strokes; one query."""
    rows = Participation.scoped(actor).filter(activity=activity).exclude(outcome__in=TURNS_OVER)
    joined = rows.select_related("mandate__person", "mandate__constituency")
    return list(joined.order_by("mandate__person__name_strokes", "id"))


def own_invitations(actor: Actor, today: date) -> list[Invitation]:
    """The acting deputy's invitations to what is still to come, unanswered ones first; one query."""
    rows = visible_invitations(actor).filter(
        linked("mandate__person_id", actor.person_id),
        activity__state=ReceptionDayState.PUBLISHED,
        activity__ends_on__gte=today,
    )
    joined = rows.select_related("activity__kind", "mandate__person")
    found = list(joined.order_by("activity__starts_on", "id"))
    return sorted(found, key=lambda row: row.answer != AnswerState.WAITING)


def unanswered_count(actor: Actor, today: date) -> int:
    """How many invitations wait for the acting deputy."""
    return sum(row.answer == AnswerState.WAITING for row in own_invitations(actor, today))
