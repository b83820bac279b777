"""年度代表工作计划: list, one plan with its progress, its items, and the steps from draft to archive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deputies.models import DeputyGroup
from liaison.documents.forms import WorkPlanDocument
from liaison.documents.pdf import render_document
from liaison.files.downloads import printed_answer
from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import DEPUTIES, STATION_STAFF
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.web.pages import act, is_allowed, save, whole_number
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, OutOfScope
from stations.access import (
    get_plan,
)
from stations.documents.work_plans import plan_document
from stations.enums import Audience, PlanEvent, PlanState
from stations.forms.records import ReasonForm
from stations.forms.work_plans import AdoptForm, PlanForm, plan_title, plan_years
from stations.models import WorkPlan
from stations.rules.lifecycle import WORK_PLAN
from stations.rules.work_plan_progress import Progress
from stations.selectors.activities import PlanLine, plan_lines, plans_of
from stations.services import (
    adopt_work_plan,
    archive_work_plan,
    copy_work_plan,
    publish_work_plan,
    return_work_plan,
    submit_for_adoption,
)
from stations.services.work_plans import ADOPTERS, WRITERS, require_adopter
from stations.views.common import crumbs, page, told

PLAN_TONES = {
    PlanState.DRAFT: "warn",
    PlanState.ADOPTED: "info",
    PlanState.PUBLISHED: "ok",
    PlanState.ARCHIVED: "none",
}
PROGRESS_TONES = {
    Progress.COMING: "none",
    Progress.DUE: "warn",
    Progress.ARRANGED: "info",
    Progress.OVERDUE: "bad",
    Progress.PARTLY: "info",
    Progress.DONE: "ok",
    Progress.CALLED_OFF: "none",
}


@for_roles(*STATION_STAFF, *DEPUTIES)
@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """Every year's plan the actor may read."""
    actor = actor_of(request)
    today = timezone.localdate()
    found = list(plans_of(actor))
    own = {row.year for row in found if row.scope_code == actor.lo}
    writes = actor.role in WRITERS
    return page(
        request,
        "plans.html",
        "年度代表工作计划",
        lines=[_plan_line(row, actor) for row in found],
        writes=writes,
        may_begin=writes and any(year not in own for year in plan_years(today)),
        copies=[year for year in plan_years(today) if year not in own and year - 1 in own] if writes else [],
        crumbs=crumbs(actor, ("年度计划", "")),
    )


def _plan_line(row: Any, actor: Actor) -> dict[str, Any]:
    state = PlanState(row.state)
    return {
        "row": row,
        "state": state.label,
        "tone": PLAN_TONES[state],
        "url": reverse("stations_plan", args=[row.pk]),
        "is_own": row.scope_code == actor.lo,
    }


@for_roles(*STATION_STAFF, *DEPUTIES, Role.CITY_VIEWER)
@require_safe
def plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """One plan: its items by time, each with planned, held and overdue, and the one next step."""
    actor, today = actor_of(request), timezone.localdate()
    row = get_plan(actor, plan_id)
    lines = plan_lines(actor, row, today)
    state = PlanState(row.state)
    may_write = actor.role in WRITERS and row.scope_code == actor.lo
    shown = request.GET.get("show", "")
    return page(
        request,
        "plan.html",
        row.title,
        plan=row,
        page_state=state.label,
        page_tone=PLAN_TONES[state],
        lines=[_item_line(line) for line in lines if _is_shown(line, shown)],
        chips=_chips(lines, shown),
        total=len(lines),
        planned=sum(line.progress.planned for line in lines if line.progress.state != Progress.CALLED_OFF),
        held=sum(line.progress.held for line in lines),
        overdue=sum(line.progress.overdue for line in lines),
        is_draft=state == PlanState.DRAFT,
        runs=state in (PlanState.ADOPTED, PlanState.PUBLISHED, PlanState.ARCHIVED),
        may_write=may_write,
        foreword=row.foreword.splitlines(),
        closing=row.closing.splitlines(),
        story=_story(row),
        crumbs=crumbs(actor, ("年度计划", reverse("stations_plans")), (f"{row.year}年", "")),
        **_steps(actor, row, bool(lines)),
    )


def _is_shown(line: PlanLine, shown: str) -> bool:
    """Overdue means something is overdue, also where the next activity has its day already."""
    if shown == Progress.OVERDUE:
        return line.progress.overdue > 0
    return not shown or line.progress.state == shown


def _item_line(line: PlanLine) -> dict[str, Any]:
    return {
        "item": line.item,
        "when": line.when,
        "progress": line.progress,
        "state": line.progress.state.label,
        "tone": PROGRESS_TONES[line.progress.state],
        "audience": audience_words(line.item.audience, line.item.group),
        "url": reverse("stations_plan_item", args=[line.item.pk]),
    }


def audience_words(audience: str, group: DeputyGroup | None) -> str:
    if audience == Audience.GROUP and group is not None:
        return group.name
    return Audience(audience).label if audience else ""


def _chips(lines: list[PlanLine], shown: str) -> list[dict[str, Any]]:
    counts = [(state, sum(_is_shown(line, state) for line in lines)) for state in Progress]
    chips = [{"label": "全部", "count": len(lines), "url": "?", "active": not shown}]
    return chips + [
        {"label": state.label, "count": count, "url": f"?show={state}", "active": shown == state}
        for state, count in counts
        if count
    ]


def _steps(actor: Actor, row: WorkPlan, has_items: bool) -> dict[str, Any]:
    """Which steps the page offers; the services ask again."""
    own = actor.role in WRITERS and row.scope_code == actor.lo
    can = {event: own and WORK_PLAN.can(row.state, event) for event in PlanEvent}
    adopts = actor.role in ADOPTERS and is_allowed(require_adopter, actor, row)
    return {
        "may_adopt": can[PlanEvent.ADOPT] and adopts and has_items,
        "may_submit": can[PlanEvent.ADOPT] and not adopts and has_items,
        "may_return": can[PlanEvent.RETURN] and actor.role in ADOPTERS,
        "may_publish": can[PlanEvent.PUBLISH],
        "may_archive": can[PlanEvent.ARCHIVE] and row.year < timezone.localdate().year,
    }


def _story(row: WorkPlan) -> list[dict[str, Any]]:
    story: list[dict[str, Any]] = []
    if row.published_at is not None:
        story.append({"at": row.published_at, "what": "公布并通知全体代表"})
    writer = row.written_by.display_name if row.written_by is not None else ""
    return [*story, {"at": row.written_at, "what": "起草", "who": writer}]


@for_roles(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    actor, today = actor_of(request), timezone.localdate()
    own = {row.year for row in plans_of(actor) if row.scope_code == actor.lo}
    years = [year for year in plan_years(today) if year not in own]
    year = years[0] if years else today.year
    initial = {"year": str(year), "title": plan_title(_organ(actor), year)}
    form = PlanForm(actor, None, request.POST or None, years=years, initial=initial)
    if request.method == "POST":
        row = save(request, form)
        if row is not None:
            told(request, "已建立计划草案，请编列事项。")
            return redirect("stations_plan", plan_id=row.pk)
    steps = crumbs(actor, ("年度计划", reverse("stations_plans")), ("起草", ""))
    return page(
        request, "plan_form.html", "起草年度代表工作计划", form=form, submit="建立草案", crumbs=steps,
        consequence="草案只有本机关看得到，审定后再公布。",
    )  # fmt: skip


def _organ(actor: Actor) -> str:
    place = Jurisdiction.objects.filter(scope_code=actor.lo, scope_end=actor.hi).first()
    return (place.organ_name or place.short_name) if place is not None else actor.jurisdiction_name


@for_roles(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, plan_id: int) -> HttpResponse:
    actor = actor_of(request)
    row = writable_plan(actor, plan_id)
    form = PlanForm(actor, row, request.POST or None)
    if request.method == "POST" and save(request, form) is not None:
        told(request, "已保存计划文字。")
        return redirect("stations_plan", plan_id=row.pk)
    return page(
        request, "plan_form.html", "修改计划文字", form=form, submit="保存", cancel_url=plan_url(row),
        crumbs=plan_crumbs(actor, row, "修改文字"),
    )  # fmt: skip


def writable_plan(actor: Actor, plan_id: int) -> WorkPlan:
    row = get_plan(actor, plan_id)
    if row.scope_code != actor.lo:
        raise Forbidden("只能办理本级的年度计划。")
    return row


def plan_url(row: WorkPlan) -> str:
    return reverse("stations_plan", args=[row.pk])


def plan_crumbs(actor: Actor, row: WorkPlan, last: str) -> list[tuple[str, str]]:
    steps = (("年度计划", reverse("stations_plans")), (f"{row.year}年", plan_url(row)), (last, ""))
    return crumbs(actor, *steps)


@for_roles(*WRITERS)
@require_POST
def copy(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    year = whole_number(request.POST.get("year", ""))
    row = copy_work_plan(actor=actor, year=year, now=timezone.now())
    told(request, f"已按上年计划建立{row.year}年草案，请逐项核对时间和责任人。")
    return redirect("stations_plan", plan_id=row.pk)


# -- steps -----------------------------------------------------------------------------------------------


def _submit(actor: Actor, row: WorkPlan) -> str:
    sent = submit_for_adoption(actor=actor, plan_id=row.pk, now=timezone.now())
    return "已送请审定。" if sent else "今天已送请审定，不用重复提交。"


def _publish(actor: Actor, row: WorkPlan) -> str:
    publish_work_plan(actor=actor, plan_id=row.pk, now=timezone.now())
    return "已公布，并已通知有账号的在任代表。"


def _archive(actor: Actor, row: WorkPlan) -> str:
    archive_work_plan(actor=actor, plan_id=row.pk, now=timezone.now())
    return "已归档。"


_ONE_TAP: dict[str, Callable[[Actor, WorkPlan], str]] = {
    "submit": _submit,
    "publish": _publish,
    "archive": _archive,
}


@for_roles(*WRITERS)
@require_POST
def step(request: HttpRequest, plan_id: int, name: str) -> HttpResponse:
    """送审、公布、归档: one tap each."""
    actor = actor_of(request)
    row = writable_plan(actor, plan_id)
    if name not in _ONE_TAP:
        raise OutOfScope()
    told(request, _ONE_TAP[name](actor, row))
    return redirect("stations_plan", plan_id=row.pk)


@for_roles(*ADOPTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def adopt(request: HttpRequest, plan_id: int) -> HttpResponse:
    actor = actor_of(request)
    row = writable_plan(actor, plan_id)
    require_adopter(actor, row)
    form = AdoptForm(request.POST or None, initial={"adopted_on": timezone.localdate()})
    if request.method == "POST":
        done = act(
            request,
            form,
            lambda who: adopt_work_plan(actor=who, plan_id=row.pk, now=timezone.now(), **form.cleaned_data),
        )
        if done is not None:
            told(request, "计划已通过，可以公布。")
            return redirect("stations_plan", plan_id=row.pk)
    return page(
        request, "plan_form.html", "审定年度计划", form=form, submit="审议通过", cancel_url=plan_url(row),
        consequence="通过后事项不能再改，只能取消并说明原因；起草人不能审定。",
        crumbs=plan_crumbs(actor, row, "审定"), page_lead=f"{row.title}，共{row.items.count()}项。",
    )  # fmt: skip


@for_roles(*ADOPTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def send_back(request: HttpRequest, plan_id: int) -> HttpResponse:
    actor = actor_of(request)
    row = writable_plan(actor, plan_id)
    form = ReasonForm(request.POST or None, label="退回原因", hint="起草人会看到。")
    if request.method == "POST":
        done = act(
            request,
            form,
            lambda who: return_work_plan(
                actor=who, plan_id=row.pk, reason=form.cleaned_data["reason"], now=timezone.now()
            ),
        )
        if done is not None:
            told(request, "已退回起草人修改。")
            return redirect("stations_plan", plan_id=row.pk)
    return page(
        request, "plan_form.html", "退回修改", form=form, submit="退回", cancel_url=plan_url(row),
        crumbs=plan_crumbs(actor, row, "退回"),
    )  # fmt: skip


@for_roles(*STATION_STAFF, *DEPUTIES, Role.CITY_VIEWER)
@require_safe
def print_plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The plan as an official paper; a draft says that it is one."""
    actor, now = actor_of(request), timezone.now()
    row = get_plan(actor, plan_id)
    form = printed_plan(actor, row, timezone.localdate(now))
    pdf = render_document(form, author=form.organ, created_at=now)
    return printed_answer(pdf, form.file_title)


def printed_plan(actor: Actor, row: WorkPlan, today: date) -> WorkPlanDocument:
    place = Jurisdiction.objects.filter(scope_code=row.scope_code).order_by("scope_end").first()
    organ = (place.organ_name or place.name) if place is not None else actor.jurisdiction_name
    return plan_document(row, plan_lines(actor, row, today), organ)
