"""The rota: the board of a station and year, its versions, changes by hand, gaps."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import REGISTRARS, STATION_RUNNERS, STATION_STAFF
from liaison.templatetags.liaison_ui import cn_datetime
from liaison.tenancy.scope import Actor
from liaison.web.pages import act, save, whole_number
from liaison.words.errors import InvalidInput
from stations.access import (
    get_reception_day,
    get_rota_plan,
    get_station,
    may_run_station,
    visible_rota_plans,
)
from stations.enums import RotaPlanState
from stations.forms.rota import COPY, RULES, RotaForm, ThemeForm
from stations.models import RotaPlan, Station
from stations.rules.rota.snapshot import difference
from stations.rules.wording import short_day_text, span_text
from stations.selectors.rota_board import BoardView, plan_view, present_snapshot, rota_board, station_rotas
from stations.services import adopt_rota_plan, make_rota_plan
from stations.services.rota_adoption import Adoption, adoption_of
from stations.views.common import crumbs, page, told
from stations.views.posters import asked_year

STATE_TONES = {
    RotaPlanState.DRAFT: "warn",
    RotaPlanState.ADOPTED: "ok",
    RotaPlanState.SUPERSEDED: "none",
}
PRESENT = "now"


@for_roles(*STATION_STAFF)
@require_safe
def stations(request: HttpRequest) -> HttpResponse:
    """Every station with how far its year is planned."""
    actor = actor_of(request)
    today = timezone.localdate()
    year = asked_year(request, today)
    return page(
        request,
        "rotas.html",
        "轮值表",
        page_lead="每个联络站全年的接待日由谁值班。先按规则排定接待日，再排轮值表。",
        lines=station_rotas(actor, year),
        year=year,
        last_year=year - 1,
        next_year=year + 1,
        keeps_upper=actor.role in REGISTRARS,
        crumbs=crumbs(actor, ("轮值表", "")),
    )


@for_roles(*STATION_STAFF)
@require_safe
def board(request: HttpRequest, station_id: int) -> HttpResponse:
    """The present turns of one station and year: gaps first, then day by day; prints on A4."""
    actor = actor_of(request)
    station = get_station(actor, station_id)
    today = timezone.localdate()
    view = rota_board(actor, station, asked_year(request, today), today)
    return page(
        request,
        "rota.html",
        f"{station}{view.year}年轮值表",
        board=view,
        last_year=view.year - 1,
        next_year=view.year + 1,
        station=station,
        primary=_next_step(view),
        may_run=may_run_station(actor, station.pk) and station.closed_on is None,
        crumbs=crumbs(actor, ("轮值表", reverse("stations_rotas")), (str(station), "")),
    )


def _next_step(view: BoardView) -> dict[str, str]:
    """The page's one primary action: look at the draft, or make one."""
    if view.draft is not None:
        return {
            "label": f"看草稿第{view.draft.number}版",
            "url": reverse("stations_rota_plan", args=[view.draft.pk]),
            "consequence": "草稿还没有采用，现在的值班不变。",
        }
    return {
        "label": "重新排班" if view.adopted else "排轮值表",
        "url": f"{reverse('stations_rota_make', args=[view.station.pk])}?year={view.year}",
        "consequence": "先排出草稿，看过提醒再采用。",
    }


@for_roles(*STATION_RUNNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def make(request: HttpRequest, station_id: int) -> HttpResponse:
    """Parameters of a new draft."""
    actor = actor_of(request)
    station = _own_station(actor, station_id)
    form = RotaForm(request.POST or None, initial=_usual(actor, station, request))
    if request.method == "POST":
        plan = act(request, form, lambda who: _make(who, station, form.cleaned_data))
        if plan is not None:
            told(request, f"已排出第{plan.number}版（草稿）。请看过提醒再采用；采用以前，现在的值班不变。")
            return redirect("stations_rota_plan", plan_id=plan.pk)
    return page(
        request,
        "rota_make.html",
        "排轮值表",
        form=form,
        station=station,
        page_lead="排出的是草稿，可以再手工调整；采用以前，现在的值班不变。",
        crumbs=_crumbs(actor, station, ("排轮值表", "")),
    )


def _own_station(actor: Actor, station_id: int) -> Station:
    return get_station(actor, station_id)


def _usual(actor: Actor, station: Station, request: HttpRequest) -> dict[str, Any]:
    """The year asked for, with the parameters of the latest version."""
    today = timezone.localdate()
    year = asked_year(request, today)
    last = visible_rota_plans(actor).filter(station=station).order_by("-number").defer("snapshot").first()
    return {
        "how": COPY if request.GET.get("how") == COPY else RULES,
        "starts_on": date(year, 1, 1),
        "ends_on": date(year, 12, 31),
        "seats": str(last.seats if last else 2),
        "minimum": last.minimum if last else 2,
    }


def _make(actor: Actor, station: Station, data: dict[str, Any]) -> RotaPlan:
    return make_rota_plan(
        actor=actor,
        station_id=station.pk,
        starts_on=data["starts_on"],
        ends_on=data["ends_on"],
        seats=int(data["seats"]),
        minimum=data["minimum"],
        seed=data["seed"],
        is_copy=data["how"] == COPY,
        now=timezone.now(),
    )


def _crumbs(actor: Actor, station: Station, *steps: tuple[str, str]) -> list[tuple[str, str]]:
    rota = (str(station), reverse("stations_rota", args=[station.pk]))
    return crumbs(actor, ("轮值表", reverse("stations_rotas")), rota, *steps)


@for_roles(*STATION_STAFF)
@require_safe
def version(request: HttpRequest, plan_id: int) -> HttpResponse:
    """One version: warnings first, every seat with its reasons; a draft can be changed and adopted."""
    actor = actor_of(request)
    plan = get_rota_plan(actor, plan_id)
    state = RotaPlanState(plan.state)
    is_draft = state == RotaPlanState.DRAFT and may_run_station(actor, plan.station_id)
    found, against = adoption_of(actor, plan, timezone.now()) if is_draft else (None, [])
    return page(
        request,
        "rota_plan.html",
        f"{plan.station}轮值表第{plan.number}版",
        page_state=state.label,
        page_tone=STATE_TONES[state],
        page_lead=f"{span_text(plan.starts_on, plan.ends_on)}，每次{plan.seats}人，抽签号{plan.seed}",
        view=plan_view(actor, plan),
        plan=plan,
        is_draft=is_draft,
        origin=_origin(plan),
        against=against,
        consequence=_consequence(found) if found else "",
        others=visible_rota_plans(actor)
        .filter(station=plan.station_id)
        .exclude(pk=plan.pk)
        .defer("snapshot"),
        crumbs=_crumbs(actor, plan.station, (f"第{plan.number}版", "")),
    )


def _origin(plan: RotaPlan) -> list[tuple[str, str]]:
    """When and by whom it was made and adopted, and by which parameters."""
    rows = [
        ("排班", f"{cn_datetime(plan.made_at)}　{plan.made_by.display_name if plan.made_by else ''}"),
        ("每次值班人数", f"{plan.seats}人"),
        ("每人每年最少次数", f"{plan.minimum}次"),
        ("抽签号", f"{plan.seed}（同样的情况、同样的号，排出的结果相同）"),
    ]
    if plan.based_on is not None:
        rows.append(("接着哪一版", f"第{plan.based_on.number}版"))
    if plan.adopted_at is not None:
        who = plan.adopted_by.display_name if plan.adopted_by else ""
        rows.append(("采用", f"{cn_datetime(plan.adopted_at)}　{who}"))
    return rows


def _consequence(found: Adoption) -> str:
    """What pressing the button does, in plain words."""
    added, removed = len(found.added) + len(found.upper_added), len(found.removed) + len(found.upper_removed)
    if not (added or removed or found.fixed):
        return "这一版和现在的值班一样，采用后值班不变，只记为现行版本。"
    words = f"采用后，新排{added}个班次，取消{removed}个班次。"
    told_ = len(found.told)
    words += f"已公布的接待日有变动，{told_}名代表会收到更正通知；" if told_ else "已公布的接待日没有变动；"
    words += "其他代表在接待日公布时收到通知。原来采用的版本存为历史，随时可以查看。"
    if found.days_left_out:
        words += f"排出以后新增的{found.days_left_out}次接待不在这一版里，需要另排。"
    return words


@for_roles(*STATION_RUNNERS)
@require_POST
def adopt(request: HttpRequest, plan_id: int) -> HttpResponse:
    actor = actor_of(request)
    plan = get_rota_plan(actor, plan_id)
    done = adopt_rota_plan(actor=actor, plan_id=plan.pk, now=timezone.now())
    told(request, f"已采用第{plan.number}版：新排{len(done.added)}个班次，取消{len(done.removed)}个班次。")
    return redirect(f"{reverse('stations_rota', args=[plan.station_id])}?year={plan.starts_on.year}")


@for_roles(*STATION_STAFF)
@require_safe
def versions(request: HttpRequest, station_id: int) -> HttpResponse:
    """All versions of one station, newest first."""
    actor = actor_of(request)
    station = get_station(actor, station_id)
    rows = visible_rota_plans(actor).filter(station=station).select_related("made_by", "adopted_by")
    lines = [
        {"plan": row, "state": RotaPlanState(row.state).label, "tone": STATE_TONES[RotaPlanState(row.state)]}
        for row in rows.defer("snapshot").order_by("-number")
    ]
    return page(
        request,
        "rota_versions.html",
        f"{station}轮值表历次版本",
        lines=lines,
        station=station,
        crumbs=_crumbs(actor, station, ("历次版本", "")),
    )


@for_roles(*STATION_STAFF)
@require_safe
def compare(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Who moved where between two versions, or between the present turns and a version; prints."""
    actor = actor_of(request)
    plan = get_rota_plan(actor, plan_id)
    asked = request.GET.get("with", PRESENT)
    both = (plan.starts_on, plan.ends_on)
    if asked == PRESENT:
        old, old_name = present_snapshot(actor, plan, timezone.localdate()), "现在的值班"
        new, new_name = plan_view(actor, plan).snapshot, f"第{plan.number}版"
    else:
        other = get_rota_plan(actor, whole_number(asked))
        if other.station_id != plan.station_id:
            raise InvalidInput({"with": "只能比较同一个联络站的两版。"})
        both = (max(plan.starts_on, other.starts_on), min(plan.ends_on, other.ends_on))
        first, second = sorted((plan, other), key=lambda each: each.number)
        old, old_name = plan_view(actor, first).snapshot, f"第{first.number}版"
        new, new_name = plan_view(actor, second).snapshot, f"第{second.number}版"
    return page(
        request,
        "rota_compare.html",
        f"{plan.station}轮值表：{old_name}与{new_name}比较",
        found=difference(old.within(*both), new.within(*both)),
        span=span_text(*both) if both[0] <= both[1] else "",
        old_name=old_name,
        new_name=new_name,
        plan=plan,
        crumbs=_crumbs(
            actor,
            plan.station,
            (f"第{plan.number}版", reverse("stations_rota_plan", args=[plan.pk])),
            ("比较", ""),
        ),
    )


@for_roles(*STATION_RUNNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def theme(request: HttpRequest, day_id: int) -> HttpResponse:
    """The theme of one coming reception."""
    actor = actor_of(request)
    day = get_reception_day(actor, day_id)
    form = ThemeForm(actor, day, request.POST or None)
    if request.method == "POST":
        row = save(request, form)
        if row is not None:
            told(request, f"已确定主题：{row.theme}。" if row.theme else "已取消主题。")
            return redirect(f"{reverse('stations_rota', args=[day.station_id])}?year={day.day.year}")
    return page(
        request,
        "rota_theme.html",
        f"{short_day_text(day.day)}接待日主题",
        page_lead="主题接待日请上级代表一起参加，排班时优先安排；主题随接待日一起公布。",
        form=form,
        crumbs=_crumbs(actor, day.station, ("主题", "")),
    )


def warn(request: HttpRequest, words: str) -> None:
    messages.warning(request, words)
