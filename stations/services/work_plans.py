"""年度代表工作计划: written by one, adopted by another, published, followed through (代表法 Art. 43)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.urls import reverse

from deputies.access import visible_groups
from deputies.models import Mandate
from liaison.auditing import trail
from liaison.calendar.workdays import china_date
from liaison.identity.roles import OFFICE, REGISTRARS
from liaison.messages.outbox import notify, notify_roles
from liaison.tenancy.locking import insert_once, locked
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from liaison.words.limits import fitted, fitted_line
from stations.enums import Audience, PlanEvent, PlanState
from stations.models import Activity, WorkPlan, WorkPlanItem
from stations.rules.lifecycle import OPEN_ACTIVITY_STATES, WORK_PLAN
from stations.services.common import optional_text
from stations.services.records import kind_for

WRITERS = REGISTRARS
# A presidium's plan is adopted by its chair; a county committee's by another of its members.
ADOPTERS = frozenset({Role.PRESIDIUM_CHAIR, Role.COUNTY_COMMITTEE})
MOST_ITEMS = 200


def save_work_plan(
    *,
    actor: Actor,
    year: int,
    title: str,
    now: datetime,
    foreword: str = "",
    closing: str = "",
    plan_id: int | None = None,
) -> WorkPlan:
    """Begin the year's plan, or change its texts while it is a draft.

    A year has one plan in a jurisdiction; beginning it twice gives the one there is.
    """
    actor.require(*WRITERS)
    today = china_date(now)
    if plan_id is None:
        if not today.year - 1 <= year <= today.year + 1:
            raise InvalidInput({"year": f"年度应为{today.year - 1}至{today.year + 1}年。"})
        row = _begin(actor, year, now)
    else:
        row = _draft(actor, plan_id)
    row.title = fitted_line(WorkPlan, "title", title, label="标题", needed=True)
    row.foreword, row.closing = optional_text(foreword), optional_text(closing)
    with trail.operation("save_work_plan"):
        row.save()
    return row


def _begin(actor: Actor, year: int, now: datetime) -> WorkPlan:
    row = WorkPlan(
        scope_code=actor.lo, year=year, title="计划", written_by_id=actor.account_id, written_at=now
    )
    with trail.operation("save_work_plan"):
        if not insert_once(row, "work_plan_once"):
            raise Refused(f"{year}年度代表工作计划已经有了，请在原计划上修改。")
    return row


def _own_plan(actor: Actor, plan_id: int) -> WorkPlan:
    """The plan, locked; a county reads its townships' plans and writes only its own."""
    actor.require(*WRITERS)
    row = locked(WorkPlan, actor, plan_id)
    if row.scope_code != actor.lo:
        raise Forbidden("只能办理本级的年度计划。")
    return row


def _draft(actor: Actor, plan_id: int) -> WorkPlan:
    row = _own_plan(actor, plan_id)
    if row.state != PlanState.DRAFT:
        raise Refused(f"计划{PlanState(row.state).label}，不能再改；确需修改的，请先退回。")
    return row


def copy_work_plan(*, actor: Actor, year: int, now: datetime) -> WorkPlan:
    """Last year's plan as this year's draft: texts with the year changed, items with their months.

    What had days of its own comes into the month they lay in: the days are to be set anew.
    """
    actor.require(*WRITERS)
    last = WorkPlan.scoped(actor).filter(scope_code=actor.lo, year=year - 1).first()
    if last is None:
        raise Refused(f"没有{year - 1}年度的计划可以沿用。")
    old, new = f"{year - 1}年", f"{year}年"
    with trail.operation("copy_work_plan"):
        row = save_work_plan(
            actor=actor,
            year=year,
            title=last.title.replace(old, new),
            foreword=last.foreword.replace(old, new),
            closing=last.closing.replace(old, new),
            now=now,
        )
        items = last.items.filter(call_off_reason="").select_related("kind").order_by("id")
        WorkPlanItem.objects.bulk_create(_again(item, row, actor) for item in items)
    return row


def _again(item: WorkPlanItem, plan: WorkPlan, actor: Actor) -> WorkPlanItem:
    months = item.months or ([item.starts_on.month] if item.starts_on else [])
    return WorkPlanItem(
        scope_code=plan.scope_code,
        plan=plan,
        kind=kind_for(actor, item.kind.code, plan.scope_code, plan.year),
        title=item.title,
        months=months,
        place=item.place,
        responsible=item.responsible,
        audience=item.audience,
        group_id=item.group_id,
    )


def save_plan_item(
    *,
    actor: Actor,
    plan_id: int,
    kind_code: str,
    title: str,
    months: Iterable[int] = (),
    starts_on: date | None = None,
    ends_on: date | None = None,
    place: str = "",
    responsible: str = "",
    audience: Audience | str = Audience.ALL,
    group_id: int | None = None,
    item_id: int | None = None,
) -> WorkPlanItem:
    """Add or change one line of a draft: in months, or on days of its own, never both."""
    plan = _draft(actor, plan_id)
    if item_id is None:
        if plan.items.count() >= MOST_ITEMS:
            raise Refused(f"一份计划最多{MOST_ITEMS}项。")
        row = WorkPlanItem(scope_code=plan.scope_code, plan=plan)
    else:
        row = locked(WorkPlanItem, actor, item_id)
        if row.plan_id != plan.pk:
            raise OutOfScope()
    row.kind = kind_for(actor, kind_code, plan.scope_code, plan.year)
    row.title = fitted_line(WorkPlanItem, "title", title, label="工作内容", needed=True)
    row.months, row.starts_on, row.ends_on = _times(plan.year, months, starts_on, ends_on)
    row.place = fitted_line(WorkPlanItem, "place", place, label="地点")
    row.responsible = fitted_line(WorkPlanItem, "responsible", responsible, label="责任人")
    row.audience, row.group_id = _audience(actor, plan.scope_code, audience, group_id)
    with trail.operation("save_plan_item"):
        row.save()
    return row


def _times(
    year: int, months: Iterable[int], starts_on: date | None, ends_on: date | None
) -> tuple[list[int], date | None, date | None]:
    wanted = sorted(set(months))
    if starts_on is None:
        if not wanted:
            raise InvalidInput({"months": "请选择月份，或者填写具体日期。"})
        if not all(1 <= month <= 12 for month in wanted):
            raise InvalidInput({"months": "月份应为1至12。"})
        return wanted, None, None
    if wanted:
        raise InvalidInput({"months": "月份和具体日期只填一种。"})
    last = ends_on or starts_on
    if last < starts_on:
        raise InvalidInput({"ends_on": "结束日期不能早于开始日期。"})
    if starts_on.year != year or last.year != year:
        raise InvalidInput({"starts_on": f"日期应在{year}年内。"})
    return [], starts_on, last


def _audience(
    actor: Actor, scope_code: int, audience: Audience | str, group_id: int | None
) -> tuple[str, int | None]:
    wanted = Audience(audience)
    if wanted != Audience.GROUP:
        return wanted, None
    if group_id is None:
        raise InvalidInput({"group": "请选择代表小组。"})
    if not visible_groups(actor).filter(pk=group_id, scope_code=scope_code).exists():
        raise OutOfScope()
    return wanted, group_id


def remove_plan_item(*, actor: Actor, item_id: int) -> None:
    """Take a line out of a draft; removing it twice is once."""
    row = WorkPlanItem.scoped(actor).filter(pk=item_id).first()
    if row is None:
        raise OutOfScope()
    _draft(actor, row.plan_id)
    if row.activities.exists():
        raise Refused("该事项下已有活动，不能删去；不再开展的，请取消该事项。")
    with trail.operation("remove_plan_item"):
        row.delete()


def call_off_plan_item(*, actor: Actor, item_id: int, reason: str) -> WorkPlanItem:
    """An adopted line that will not be carried out stays in the plan, with the reason."""
    row = locked(WorkPlanItem, actor, item_id)
    plan = _own_plan(actor, row.plan_id)
    if plan.state not in (PlanState.ADOPTED, PlanState.PUBLISHED):
        raise Refused("只有已通过或者已公布的计划才需要取消事项；草案中的事项可以直接删去。")
    if row.activities.filter(state__in=OPEN_ACTIVITY_STATES).exists():
        raise Refused("该事项下还有未开展的活动，请先取消活动。")
    words = fitted(WorkPlanItem, "call_off_reason", reason, at="reason", label="取消原因", needed=True)
    if row.call_off_reason:
        return row
    row.call_off_reason = words
    with trail.operation("call_off_plan_item"):
        row.save(update_fields=["call_off_reason"])
    return row


def require_adopter(actor: Actor, row: WorkPlan) -> None:
    """``Forbidden`` for whoever wrote the plan: somebody else adopts it."""
    if actor.is_self(row.written_by_id):
        raise Forbidden("起草人不能审定自己起草的计划，请由其他负责同志审定。")


def adopt_work_plan(
    *, actor: Actor, plan_id: int, now: datetime, meeting: str = "", adopted_on: date | None = None
) -> WorkPlan:
    """The chair adopts what somebody else wrote; twice is once."""
    row = _own_plan(actor, plan_id)
    actor.require(*ADOPTERS)
    if row.state == PlanState.ADOPTED:
        return row
    require_adopter(actor, row)
    state = WORK_PLAN.next_state(row.state, PlanEvent.ADOPT)
    if not row.items.exists():
        raise Refused("计划还没有编列事项，不能通过。")
    day = adopted_on or china_date(now)
    if day > china_date(now):
        raise InvalidInput({"adopted_on": "通过日期不能晚于今天。"})
    row.state, row.adopted_by_id, row.adopted_on = state, actor.account_id, day
    row.meeting, row.return_reason = fitted_line(WorkPlan, "meeting", meeting, label="审议会议"), ""
    with trail.operation("adopt_work_plan"):
        row.save()
    return row


def submit_for_adoption(*, actor: Actor, plan_id: int, now: datetime) -> int:
    """Tell those who may adopt that the draft is ready; returns how many were told anew today."""
    row = _draft(actor, plan_id)
    if not row.items.exists():
        raise Refused("计划还没有编列事项，不能送审。")
    roles = [Role.PRESIDIUM_CHAIR] if actor.role in OFFICE else [Role.COUNTY_COMMITTEE]
    return notify_roles(
        scope_code=row.scope_code,
        roles=roles,
        title=f"{row.title}已起草，请审定",
        body=f"{row.title}共{row.items.count()}项，请审阅后审定或者退回修改。",
        link=reverse("stations_plan", args=[row.pk]),
        dedupe_key=f"work_plan:{row.pk}:submitted:{china_date(now)}",
        now=now,
    )


def return_work_plan(*, actor: Actor, plan_id: int, reason: str, now: datetime) -> WorkPlan:
    """An adopted plan nobody has published yet goes back to its writer, with the reason."""
    row = _own_plan(actor, plan_id)
    actor.require(*ADOPTERS)
    words = fitted(WorkPlan, "return_reason", reason, at="reason", label="退回原因", needed=True)
    row.state = WORK_PLAN.next_state(row.state, PlanEvent.RETURN)
    row.return_reason, row.adopted_by, row.adopted_on = words, None, None
    with trail.operation("return_work_plan"):
        row.save()
        if row.written_by_id is not None:
            notify(
                account_id=row.written_by_id,
                scope_code=row.scope_code,
                title=f"{row.title}被退回修改",
                body=f"退回原因：{words}",
                link=reverse("stations_plan", args=[row.pk]),
                dedupe_key=f"work_plan:{row.pk}:returned:{now:%Y%m%d%H%M}",
                now=now,
            )
    return row


def publish_work_plan(*, actor: Actor, plan_id: int, now: datetime) -> WorkPlan:
    """Open the plan to the public and tell every deputy in office (代表法 Art. 43); twice is once."""
    row = _own_plan(actor, plan_id)
    if row.state == PlanState.PUBLISHED:
        return row
    row.state = WORK_PLAN.next_state(row.state, PlanEvent.PUBLISH)
    row.published_at = now
    with trail.operation("publish_work_plan"):
        row.save(update_fields=["state", "published_at"])
        for account_id in deputy_accounts(actor, row.scope_code):
            notify(
                account_id=account_id,
                scope_code=row.scope_code,
                title=f"{row.title}已公布",
                body=f"{row.title}已公布，请安排好时间参加。",
                link=reverse("stations_plan", args=[row.pk]),
                dedupe_key=f"work_plan:{row.pk}:published",
                now=now,
            )
    return row


def deputy_accounts(actor: Actor, scope_code: int) -> list[int]:
    """Accounts of the deputies in office in one jurisdiction; those without one hear by telephone."""
    seated = Mandate.scoped(actor).filter(scope_code=scope_code, ended_on__isnull=True)
    found = seated.filter(person__account__isnull=False).values_list("person__account_id", flat=True)
    return list(found.order_by("person__account_id").distinct())


def archive_work_plan(*, actor: Actor, plan_id: int, now: datetime) -> WorkPlan:
    """Close the plan of a year that is over; it stays readable."""
    row = _own_plan(actor, plan_id)
    if row.state == PlanState.ARCHIVED:
        return row
    if row.year >= china_date(now).year:
        raise Refused(f"{row.year}年还没有结束，年度计划不能归档。")
    row.state = WORK_PLAN.next_state(row.state, PlanEvent.ARCHIVE)
    with trail.operation("archive_work_plan"):
        row.save(update_fields=["state"])
    return row


def plan_item_for(actor: Actor, item_id: int | None, scope_code: int) -> WorkPlanItem | None:
    """The item an activity is to hang under; it must be adopted, and not called off."""
    if item_id is None:
        return None
    row = WorkPlanItem.scoped(actor).select_related("plan").filter(pk=item_id, scope_code=scope_code).first()
    if row is None:
        raise OutOfScope()
    if row.plan.state not in (PlanState.ADOPTED, PlanState.PUBLISHED) or row.call_off_reason:
        raise Refused("该计划事项还没有通过或者已经取消，不能安排活动。")
    return row


def link_activity(*, actor: Actor, activity_id: int, item_id: int | None) -> Activity:
    """Hang an activity registered without a plan under an item afterwards, or take it off."""
    actor.require(*WRITERS)
    row = locked(Activity, actor, activity_id)
    item = plan_item_for(actor, item_id, row.scope_code)
    if item is not None and item.plan.year != row.starts_on.year:
        raise InvalidInput({"plan_item": f"该事项属于{item.plan.year}年度计划，与活动日期不符。"})
    row.plan_item = item
    with trail.operation("change_activity"):
        row.save(update_fields=["plan_item"])
    return row
