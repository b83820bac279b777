"""Items of a year's plan: one with the activities behind it, and the forms that write them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deputies.access import visible_groups
from deputies.enums import TermState
from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import DEPUTIES, OFFICE, STATION_STAFF
from liaison.tenancy.scope import Actor
from liaison.web.pages import act, save
from liaison.words.enums import Role
from stations.access import (
    get_plan_item,
)
from stations.enums import PlanState, ReceptionDayState
from stations.forms.records import ReasonForm
from stations.forms.work_plans import PlanItemForm
from stations.models import WorkPlan, WorkPlanItem
from stations.selectors import kinds_in_force
from stations.selectors.activities import PlanLine, plan_lines
from stations.services import call_off_plan_item, remove_plan_item
from stations.services.work_plans import WRITERS
from stations.views.common import ACTIVITY_WORDS, DAY_TONES, page, told
from stations.views.work_plans import PROGRESS_TONES, audience_words, plan_crumbs, plan_url, writable_plan


@for_roles(*STATION_STAFF, *DEPUTIES, Role.CITY_VIEWER)
@require_safe
def item(request: HttpRequest, item_id: int) -> HttpResponse:
    """One item with the activities that carried it out, and what to do next."""
    actor, today = actor_of(request), timezone.localdate()
    row = get_plan_item(actor, item_id)
    line = next(one for one in plan_lines(actor, row.plan, today) if one.item.pk == row.pk)
    may_write = actor.role in WRITERS and row.plan.scope_code == actor.lo
    runs = row.plan.state in (PlanState.ADOPTED, PlanState.PUBLISHED) and not row.call_off_reason
    return page(
        request,
        "plan_item.html",
        row.title,
        item=row,
        page_state=line.progress.state.label,
        page_tone=PROGRESS_TONES[line.progress.state],
        rows=_item_facts(row, line),
        progress=line.progress,
        activities=[_activity_line(one) for one in line.activities],
        is_draft=row.plan.state == PlanState.DRAFT,
        may_write=may_write,
        may_arrange=may_write and runs and line.progress.next_slot is not None,
        may_call_off=may_write and runs,
        sees_activities=actor.role in OFFICE or actor.role == Role.COUNTY_COMMITTEE,
        crumbs=plan_crumbs(actor, row.plan, "计划事项"),
    )


def _item_facts(row: WorkPlanItem, line: PlanLine) -> list[tuple[str, Any]]:
    facts = [
        ("类别", row.kind.name),
        ("时间", line.when),
        ("地点", row.place),
        ("责任人", row.responsible),
        ("参加范围", audience_words(row.audience, row.group)),
        ("取消原因", row.call_off_reason),
    ]
    return [(label, value) for label, value in facts if value]


def _activity_line(activity: Any) -> dict[str, Any]:
    state = ReceptionDayState(activity.state)
    return {
        "row": activity,
        "state": ACTIVITY_WORDS[state],
        "tone": DAY_TONES[state],
        "url": reverse("stations_activity", args=[activity.pk]),
    }


def _form(
    request: HttpRequest, actor: Actor, plan: WorkPlan, row: WorkPlanItem | None = None
) -> PlanItemForm:
    groups = visible_groups(actor).filter(scope_code=actor.lo, term__state=TermState.CURRENT)
    return PlanItemForm(
        actor,
        plan,
        row,
        request.POST or None,
        kinds=kinds_in_force(actor, actor.lo, plan.year).values(),
        groups=groups.order_by("number"),
    )


@for_roles(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def add_item(request: HttpRequest, plan_id: int) -> HttpResponse:
    actor = actor_of(request)
    row = writable_plan(actor, plan_id)
    form = _form(request, actor, row)
    if request.method == "POST":
        done = save(request, form)
        if done is not None:
            told(request, f"已编列“{done}”。")
            more = request.POST.get("more")
            return redirect("stations_add_plan_item" if more else "stations_plan", plan_id=row.pk)
    return page(
        request, "plan_item_form.html", "编列计划事项", form=form, plan=row, with_more=True,
        crumbs=plan_crumbs(actor, row, "编列事项"), cancel_url=plan_url(row),
    )  # fmt: skip


def _writable_item(actor: Actor, item_id: int) -> WorkPlanItem:
    row = get_plan_item(actor, item_id)
    writable_plan(actor, row.plan_id)
    return row


@for_roles(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_item(request: HttpRequest, item_id: int) -> HttpResponse:
    actor = actor_of(request)
    row = _writable_item(actor, item_id)
    form = _form(request, actor, row.plan, row)
    if request.method == "POST":
        done = save(request, form)
        if done is not None:
            told(request, f"已保存“{done}”。")
            return redirect("stations_plan", plan_id=row.plan_id)
    return page(
        request, "plan_item_form.html", "修改计划事项", form=form, plan=row.plan,
        crumbs=plan_crumbs(actor, row.plan, "修改事项"), cancel_url=plan_url(row.plan),
    )  # fmt: skip


@for_roles(*WRITERS)
@require_POST
def remove_item(request: HttpRequest, item_id: int) -> HttpResponse:
    actor = actor_of(request)
    row = _writable_item(actor, item_id)
    remove_plan_item(actor=actor, item_id=row.pk)
    told(request, f"已删去“{row}”。")
    return redirect("stations_plan", plan_id=row.plan_id)


@for_roles(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def call_off_item(request: HttpRequest, item_id: int) -> HttpResponse:
    actor = actor_of(request)
    row = _writable_item(actor, item_id)
    form = ReasonForm(request.POST or None, label="取消原因", hint="公布的计划上会写明。")
    if request.method == "POST":
        done = act(
            request,
            form,
            lambda who: call_off_plan_item(actor=who, item_id=row.pk, reason=form.cleaned_data["reason"]),
        )
        if done is not None:
            told(request, f"已取消“{row}”，计划上写明原因。")
            return redirect("stations_plan", plan_id=row.plan_id)
    return page(
        request, "plan_form.html", "取消计划事项", form=form, submit="取消该事项",
        cancel_url=plan_url(row.plan), page_lead=row.title, crumbs=plan_crumbs(actor, row.plan, "取消事项"),
    )  # fmt: skip
