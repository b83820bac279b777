"""Deputies of higher levels at the stations of townships: who, and what came of their turns."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from deputies.access import current_term
from deputies.enums import CongressLevel, MandateState
from deputies.models import Mandate
from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import DEPUTIES, REGISTRARS, STATION_STAFF
from liaison.tenancy.scope import Actor
from liaison.web.pages import act, save
from liaison.words.enums import Role
from liaison.words.errors import OutOfScope
from stations.access import (
    get_upper_deputy,
    get_upper_turn,
    may_run_station,
    visible_stations,
    visible_upper_deputies,
)
from stations.enums import DutyState
from stations.forms.rota import UpperForm, UpperTurnForm
from stations.models import UpperDeputy
from stations.rules.wording import full_day_text
from stations.selectors.county_turns import CountyTurn, get_county_turn
from stations.services import end_upper_deputy, link_upper_deputy
from stations.views.common import OUTCOME_TONES, crumbs, page, told


@for_roles(*REGISTRARS)
@require_http_methods(["GET", "HEAD", "POST"])
def deputies(request: HttpRequest) -> HttpResponse:
    """Who takes part where, and a form to add one."""
    actor = actor_of(request)
    stations = visible_stations(actor).filter(closed_on__isnull=True).select_related("jurisdiction")
    form = UpperForm(
        actor,
        stations.order_by("scope_code", "kind", "name"),
        _own_deputies(actor),
        request.POST or None,
        initial={"starts_on": timezone.localdate()},
    )
    if request.method == "POST":
        row = act(request, form, lambda who: _link(who, form.cleaned_data))
        if row is not None:
            told(request, f"已安排{row.name}代表联系{row.station}，主题接待日排班时会请这位代表参加。")
            return redirect("stations_upper")
    title = "本级代表联系站点" if actor.role == Role.COUNTY_COMMITTEE else "上级代表联系站点"
    rows = visible_upper_deputies(actor).filter(ends_on__isnull=True).select_related("station__jurisdiction")
    return page(
        request,
        "upper.html",
        title,
        page_lead="县级以上代表到乡镇联络站参加主题接待日；每次参加的情况由联络站登记，计入本人履职。",
        lines=[_line(actor, row) for row in rows.order_by("scope_code", "station", "name_strokes")],
        form=form,
        crumbs=crumbs(actor, (title, "")),
    )


def _own_deputies(actor: Actor) -> QuerySet[Mandate] | None:
    """The county's own deputies in office; ``None`` where names are written down."""
    if actor.role != Role.COUNTY_COMMITTEE:
        return None
    rows = Mandate.scoped(actor).filter(term=current_term(actor), state=MandateState.ACTIVE)
    return rows.order_by("person__name_strokes", "pk")


def _link(actor: Actor, data: dict[str, Any]) -> UpperDeputy:
    chosen = data.get("county_mandate_id")
    return link_upper_deputy(
        actor=actor,
        station_id=data["station"].pk,
        starts_on=data["starts_on"],
        name=data.get("name", ""),
        level=data.get("level", ""),
        county_mandate_id=chosen.pk if chosen else None,
    )


def _line(actor: Actor, row: UpperDeputy) -> dict[str, Any]:
    is_countys = row.county_mandate_id is not None
    return {
        "row": row,
        "level": f"{CongressLevel(row.level).label}代表",
        "may_end": is_countys == (actor.role == Role.COUNTY_COMMITTEE),
    }


@for_roles(*REGISTRARS)
@require_POST
def end(request: HttpRequest, upper_id: int) -> HttpResponse:
    actor = actor_of(request)
    row = get_upper_deputy(actor, upper_id)
    end_upper_deputy(actor=actor, upper_id=row.pk, ends_on=timezone.localdate())
    told(request, f"{row.name}代表不再联系{row.station}，以后的值班已取消。")
    return redirect("stations_upper")


@for_roles(*STATION_STAFF, *DEPUTIES)
@require_http_methods(["GET", "HEAD", "POST"])
def turn(request: HttpRequest, turn_id: int) -> HttpResponse:
    """One turn: the deputy reads it, the station registers what came of it."""
    actor = actor_of(request)
    try:
        row = get_upper_turn(actor, turn_id)
    except OutOfScope:
        if request.method == "POST":
            raise
        return _turn_elsewhere(request, actor, get_county_turn(actor, turn_id))
    runs = may_run_station(actor, row.reception_day.station_id)
    form = UpperTurnForm(actor, row, request.POST or None)
    if request.method == "POST":
        done = save(request, form)
        if done is not None:
            told(request, f"已登记：{row.upper_deputy.name}代表{DutyState(done.outcome).label}。")
            return redirect("stations_upper_turn", turn_id=row.pk)
    day, outcome = row.reception_day, DutyState(row.outcome)
    return page(
        request,
        "upper_turn.html",
        f"{row.upper_deputy.name}代表参加接待",
        page_state=outcome.label,
        page_tone=OUTCOME_TONES[outcome],
        rows=[
            ("接待日", f"{full_day_text(day.day)}{day.starts_at:%H:%M}—{day.ends_at:%H:%M}"),
            ("地点", f"{day.station.jurisdiction.short_name}{day.station}　{day.station.address}"),
            ("主题", day.theme or "—"),
            ("情况记录", row.note or "—"),
        ],
        form=form if runs else None,
        has_come=day.day <= timezone.localdate(),
        crumbs=crumbs(actor, ("上级代表值班", "")),
    )


def _turn_elsewhere(request: HttpRequest, actor: Actor, found: CountyTurn) -> HttpResponse:
    """The same turn as the deputy and her own office read it, who cannot look into the station's place."""
    return page(
        request,
        "upper_turn.html",
        f"{found.name}代表参加接待",
        page_state=found.outcome.label,
        page_tone=OUTCOME_TONES[found.outcome],
        rows=[
            ("接待日", f"{full_day_text(found.day)}{found.starts_at:%H:%M}—{found.ends_at:%H:%M}"),
            ("地点", f"{found.place}{found.station}　{found.address}"),
            ("主题", found.theme or "—"),
        ],
        form=None,
        crumbs=crumbs(actor, ("上级代表值班", "")),
    )


def home_lines(turns: list[CountyTurn]) -> list[dict[str, Any]]:
    """A county deputy's turns for the own phone page."""
    return [
        {
            "turn": turn,
            "word": turn.outcome.label,
            "tone": OUTCOME_TONES[turn.outcome],
            "url": reverse("stations_upper_turn", args=[turn.pk]),
        }
        for turn in turns
    ]
