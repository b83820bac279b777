"""年度代表工作计划 of 庄子乡: drafted, adopted, published, and the year's activities hung under its items."""

from datetime import date, timedelta

from liaison.tenancy.scope import acting, system_actor
from reports.demo.content import PLAN_CLOSING, PLAN_FOREWORD, PLAN_ITEMS
from reports.demo.township import Township, on_day
from stations.enums import PlanState, ShippedKind
from stations.models import Activity, WorkPlan, WorkPlanItem
from stations.services import (
    adopt_work_plan,
    copy_work_plan,
    link_activity,
    publish_work_plan,
    save_plan_item,
    save_work_plan,
    submit_for_adoption,
)

FIRST_PLAN = 2026


def publish_plan(town: Township, year: int, today: date) -> None:
    """Written in the first week of January, adopted by the presidium, published on the 9th."""
    day = date(year, 1, 5)
    plan = WorkPlan._plain.filter(scope_code=town.place.scope_code, year=year).first()
    with on_day(town.clerk, day, 9) as now:
        if plan is None and year > FIRST_PLAN:
            plan = copy_work_plan(actor=town.clerk, year=year, now=now)
        elif plan is None:
            plan = _write_plan(town, year, day, today)
        submit_for_adoption(actor=town.clerk, plan_id=plan.pk, now=now)
    with on_day(town.chair, day + timedelta(days=3), 10) as now:
        meeting = "庄子乡人大主席团会议"
        adopt_work_plan(actor=town.chair, plan_id=plan.pk, meeting=meeting, now=now)
    with on_day(town.clerk, day + timedelta(days=4), 9) as now:
        publish_work_plan(actor=town.clerk, plan_id=plan.pk, now=now)


def _write_plan(town: Township, year: int, day: date, today: date) -> WorkPlan:
    with on_day(town.clerk, day, 9) as now:
        plan = save_work_plan(
            actor=town.clerk, year=year, title=f"{year}年度代表工作计划", foreword=PLAN_FOREWORD, closing=PLAN_CLOSING, now=now
        )  # fmt: skip
        for kind, title, months, place, who in (*PLAN_ITEMS, *_of_the_day(today)):
            save_plan_item(
                actor=town.clerk, plan_id=plan.pk, kind_code=kind, title=title, months=months, place=place, responsible=who
            )  # fmt: skip
    return plan


def _of_the_day(today: date) -> tuple[tuple[str, str, tuple[int, ...], str, str], ...]:
    """What is due around the day the demo is looked at: one item late, one just carried out, one coming."""
    late, held, coming = today.replace(day=1) - timedelta(days=1), today - HELD_BEFORE, today + COMING_AFTER
    lines = (
        (late, ShippedKind.ENFORCEMENT_CHECK, "农村公路安全执法检查", "乡域内主要道路", "王利民"),
        (held, ShippedKind.GROUP_ACTIVITY, HELD_ITEM, "东庄村、桥头村", "第一代表小组"),
        (coming, ShippedKind.GROUP_ACTIVITY, COMING_ITEM, "各项目现场", "各代表小组"),
    )
    return tuple(
        (kind.value, title, (day.month,), place, who)
        for day, kind, title, place, who in lines
        if day.year == FIRST_PLAN
    )


# How far from today the activities lie that people sign up for, or have just held.
HELD_BEFORE, COMING_AFTER = timedelta(days=13), timedelta(days=9)
HELD_ITEM, COMING_ITEM = "代表小组视察民生实事项目", "民生实事项目进展回头看"


def item_named(town: Township, title: str, year: int) -> int | None:
    """The item of the published plan an activity of that year hangs under."""
    with acting(system_actor()):
        rows = WorkPlanItem._plain.filter(
            plan__scope_code=town.place.scope_code,
            plan__year=year,
            title=title,
            plan__state=PlanState.PUBLISHED,
        )
        return rows.values_list("pk", flat=True).first()


def hang_activities(town: Township, year: int, today: date) -> None:
    """Activities the office registered without looking at the plan are put under the item of their kind."""
    items = {
        item.kind_id: item.pk
        for item in WorkPlanItem._plain.filter(
            plan__scope_code=town.place.scope_code, plan__year=year, plan__state=PlanState.PUBLISHED
        ).order_by("-pk")
    }
    loose = Activity._plain.filter(
        scope_code=town.place.scope_code, starts_on__year=year, plan_item__isnull=True, kind__in=items
    )
    for activity in loose.order_by("starts_on", "pk"):
        with on_day(town.clerk, min(activity.starts_on + timedelta(days=1), today), 10):
            link_activity(actor=town.clerk, activity_id=activity.pk, item_id=items[activity.kind_id])


def draft_next(town: Township, year: int, day: date) -> None:
    """In late autumn next year's plan is begun from this year's."""
    with on_day(town.clerk, day, 15) as now:
        copy_work_plan(actor=town.clerk, year=year, now=now)
