"""One place on the rota: picked from a list, dropped by mouse, or filled because somebody is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import STATION_RUNNERS
from liaison.tenancy.scope import Actor
from liaison.web.pages import act
from liaison.words.errors import InvalidInput, Refused
from stations.access import (
    get_reception_day,
    get_rota_plan,
)
from stations.enums import DutyState, RotaPlanState
from stations.forms.rota import GapForm, SeatForm
from stations.models import Participation, ReceptionDay, RotaPlan
from stations.rules.rota import ON_DUTY_HERE, Option, Parameters, SeatKind, options
from stations.rules.rota.snapshot import Snapshot
from stations.rules.wording import short_day_text
from stations.selectors.rota_board import replaceable
from stations.selectors.rota_problem import id_of, is_open_day, own_key, rota_records
from stations.services import assign_duty, change_seat, exchange_seats, substitute_duty
from stations.services.rota import SeatChange, draft_problem
from stations.views.common import page, told
from stations.views.rota import _crumbs, warn


@for_roles(*STATION_RUNNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def seat(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Pick who sits there; what deserves a second look is shown before anything is saved."""
    actor = actor_of(request)
    plan = get_rota_plan(actor, plan_id)
    if plan.state != RotaPlanState.DRAFT:
        raise Refused(
            f"第{plan.number}版{RotaPlanState(plan.state).label}，不能再改。请在现行轮值上另做一版。"
        )
    form = SeatForm(request.POST or request.GET)
    if not form.is_valid():
        raise InvalidInput({"day": "没有选中班次，请回到轮值表重新选择。"})
    data = form.cleaned_data
    error, warnings = "", []
    if request.method == "POST":
        try:
            with transaction.atomic():
                change = _change(actor, plan, data)
        except InvalidInput as refused:
            error = "".join(refused.fields.values())
        else:
            if change.is_saved:
                told(request, "已调整，这个班次以后重新排班也不再变动。")
                return redirect(f"{reverse('stations_rota_plan', args=[plan.pk])}#day-{data['day']}")
            warnings = change.warnings
    return _pick(request, actor, plan, data, error, warnings)


def _change(actor: Actor, plan: RotaPlan, data: Mapping[str, Any]) -> SeatChange:
    now = timezone.now()
    if data["other_day"] and data["other_holder"]:
        return exchange_seats(
            actor=actor,
            plan_id=plan.pk,
            day_id=data["day"],
            holder=data["holder"],
            other_day_id=data["other_day"],
            other_holder=data["other_holder"],
            is_confirmed=data["is_confirmed"],
            now=now,
        )
    return change_seat(
        actor=actor,
        plan_id=plan.pk,
        day_id=data["day"],
        holder=data["holder"] or None,
        key=data["key"] or None,
        is_confirmed=data["is_confirmed"],
        now=now,
    )


def _pick(
    request: HttpRequest,
    actor: Actor,
    plan: RotaPlan,
    data: Mapping[str, Any],
    error: str,
    warnings: list[str],
) -> HttpResponse:
    problem, stored = draft_problem(actor, plan, timezone.now())
    kind = SeatKind(data["kind"]) if data["kind"] in SeatKind.values() else SeatKind.OWN
    try:
        found = options(problem, stored.sitting, data["day"], data["holder"] or None, kind)
    except KeyError:
        raise Refused("这个班次刚刚有了变动，请回到轮值表重新选择。") from None
    names = {person.key: person.name for person in problem.candidates}
    day = next(each for each in problem.days if each.id == data["day"])
    if not day.is_open:
        raise Refused("这次接待已经过去或者已登记，不能改排。")
    holder = names.get(data["holder"], "")
    return page(
        request,
        "rota_seat.html",
        f"{short_day_text(day.day)}{'改排' + holder + '的班次' if holder else '补一人'}",
        page_lead=f"{plan.station}轮值表第{plan.number}版（草稿）",
        plan=plan,
        data=data,
        holder=holder,
        error=error,
        warnings=warnings,
        chosen=names.get(data["key"], "") or names.get(data["other_holder"], ""),
        free=[_option(each, names) for each in found if not each.is_hard and not each.reason],
        bent=[_option(each, names) for each in found if not each.is_hard and each.reason],
        hard=[_option(each, names) for each in found if each.is_hard],
        exchanges=_exchanges(stored, data, kind) if holder else [],
        crumbs=_crumbs(
            actor,
            plan.station,
            (f"第{plan.number}版", reverse("stations_rota_plan", args=[plan.pk])),
            ("改排", ""),
        ),
    )


def _option(option: Option, names: Mapping[str, str]) -> dict[str, Any]:
    return {"key": option.key, "name": names[option.key], "reason": option.reason, "why": option.why}


def _exchanges(stored: Snapshot, data: Mapping[str, Any], kind: SeatKind) -> list[dict[str, Any]]:
    """The other turns of coming days, to change two deputies at once."""
    return [
        {"day": day.id, "holder": each.key, "words": f"{short_day_text(day.day)}　{stored.names[each.key]}"}
        for day in stored.days
        for each in day.seats
        if day.is_open
        and day.id != data["day"]
        and each.key
        and each.key != data["holder"]
        and each.kind == kind
    ]


@for_roles(*STATION_RUNNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def gap(request: HttpRequest, day_id: int) -> HttpResponse:
    """Somebody steps in on a coming day: the office decides with a reason, both are told."""
    actor = actor_of(request)
    day = get_reception_day(actor, day_id)
    if not is_open_day(day, timezone.localdate()) and day.day != timezone.localdate():
        raise Refused("这次接待已经过去或者已登记，不能再安排替班。")
    turns = replaceable(actor, day)
    found, names = _able(actor, day)
    people = {id_of(o.key): _gap_words(o, names) for o in found if not o.is_hard}
    form = GapForm(actor, turns, people, request.POST or None)
    form.initial = {"turn": request.GET.get("turn", _missing_turn(list(turns), found))}
    if request.method == "POST":
        name = act(request, form, lambda who: _step_in(request, who, day, form.cleaned_data))
        if name is not None:
            told(request, f"已安排{name}代表值班，有账号的代表已收到通知。")
            return redirect(f"{reverse('stations_rota', args=[day.station_id])}?year={day.day.year}")
    return page(
        request,
        "rota_gap.html",
        f"{short_day_text(day.day)}安排替班",
        page_lead=f"{day.station}　{day.starts_at:%H:%M}—{day.ends_at:%H:%M}",
        form=form,
        day=day,
        hard=[_option(o, names) for o in found if o.is_hard],
        crumbs=_crumbs(actor, day.station, ("安排替班", "")),
    )


def _missing_turn(turns: Sequence[Participation], found: list[Option]) -> str:
    """Whose place is most likely meant: whoever is on leave or cannot come, else the only one on duty."""
    reasons = {option.key: option.reason for option in found}
    away = [
        turn
        for turn in turns
        if turn.outcome == DutyState.ON_LEAVE
        or reasons.get(own_key(turn.mandate_id), ON_DUTY_HERE) != ON_DUTY_HERE
    ]
    likely = away or (turns if len(turns) == 1 else [])
    return str(likely[0].pk) if likely else ""


def _gap_words(option: Option, names: Mapping[str, str]) -> str:
    """The name, then what speaks against it, or how the turns stand."""
    return f"{names[option.key]}：{f'请留意，{option.reason}' if option.reason else option.why[-1]}"


def _able(actor: Actor, day: ReceptionDay) -> tuple[list[Option], Mapping[str, str]]:
    """Who could step in, by the rules as the turns stand now. The day itself counts as still open."""
    records = rota_records(
        actor,
        day.station,
        day.day.replace(month=1, day=1),
        day.day.replace(month=12, day=31),
        Parameters(),
        day.day.year,
        min(timezone.localdate(), day.day.fromordinal(day.day.toordinal() - 1)),
        keeps=False,
    )
    sitting = {day_id: [(key, None) for key in records.keys_on(day_id)] for day_id in records.days}
    names = {person.key: person.name for person in records.problem.candidates}
    return options(records.problem, sitting, day.pk), names


def _step_in(request: HttpRequest, actor: Actor, day: ReceptionDay, data: Mapping[str, Any]) -> str:
    mandate_id = data["mandate"].pk
    if data["turn"]:
        turn = substitute_duty(
            actor=actor,
            participation_id=data["turn"].pk,
            mandate_id=mandate_id,
            reason=data["reason"],
            now=timezone.now(),
        )
        return str(turn.mandate)
    plan = assign_duty(actor=actor, day_id=day.pk, mandate_ids=[mandate_id], now=timezone.now())
    for words in plan.warnings:
        warn(request, f"请留意：{words}。")
    return str(plan.assigned[0].mandate)
