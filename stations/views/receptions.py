"""Pages of station clerks and the office: today's receptions, the register."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import OFFICE, STATION_STAFF
from liaison.tenancy.scope import Actor
from liaison.web.pages import save
from liaison.words.enums import Role
from stations.access import (
    get_reception_day,
    may_run_station,
    visible_reception_days,
    visible_upper_turns,
)
from stations.enums import DutyState, ReceptionDayState
from stations.forms.records import AttendanceForm
from stations.models import ReceptionDay, UpperTurn
from stations.rules.lifecycle import TURNS_OVER
from stations.rules.wording import short_day_text
from stations.selectors import coming_receptions, eligible_deputies, staff_counts, todays_receptions
from stations.selectors.records import with_turns
from stations.services import begin_reception
from stations.views.common import DAY_TONES, OUTCOME_TONES, crumbs, page, told


@for_roles(*STATION_STAFF)
@require_safe
def receptions(request: HttpRequest) -> HttpResponse:
    """Today's receptions, earlier ones nobody registered, and those of the coming weeks."""
    actor = actor_of(request)
    today = timezone.localdate()
    waiting = [_line(actor, row, today) for row in todays_receptions(actor, today)]
    coming = [_line(actor, row, today) for row in coming_receptions(actor, today) if row.day > today]
    return page(
        request,
        "receptions.html",
        "接待日",
        today=today,
        waiting=waiting,
        coming=coming,
        counts=staff_counts(actor, today),
        may_subscribe=actor.role != Role.COUNTY_COMMITTEE,
        is_office=actor.role in OFFICE,
        own_station=actor.station_id,
    )


def _line(actor: Actor, row: ReceptionDay, today: date) -> dict[str, Any]:
    state = ReceptionDayState(row.state)
    return {
        "row": row,
        "state": state.label,
        "tone": DAY_TONES[state],
        "is_late": row.day < today,
        "may_register": may_run_station(actor, row.station_id) and row.day <= today,
        "url": reverse("stations_reception", args=[row.pk]),
        "turns": [
            {
                "name": turn.mandate,
                "word": DutyState(turn.outcome).label,
                "tone": OUTCOME_TONES[DutyState(turn.outcome)],
            }
            for turn in row.turns
        ],
    }


@for_roles(*STATION_STAFF)
@require_http_methods(["GET", "HEAD", "POST"])
def reception(request: HttpRequest, day_id: int) -> HttpResponse:
    """The register of one reception: begin it, tick who is there, end it."""
    actor = actor_of(request)
    day = with_turns(visible_reception_days(actor)).filter(pk=day_id).first() or get_reception_day(
        actor, day_id
    )
    may_run = may_run_station(actor, day.station_id)
    if request.method == "POST" and request.POST.get("step") == "begin":
        begin_reception(actor=actor, day_id=day.pk, now=timezone.now())
        told(request, "已登记开始时间。")
        return redirect("stations_reception", day_id=day.pk)
    form = _attendance_form(request, actor, day)
    if request.method == "POST":
        done = save(request, form)
        if done is not None:
            told(request, f"已登记{short_day_text(day.day)}{day.station}的接待情况，等待代表确认。")
            return redirect("stations_receptions")
    state = ReceptionDayState(day.state)
    return page(
        request,
        "reception.html",
        f"{short_day_text(day.day)}{day.station}",
        form=form,
        day=day,
        page_state=state.label,
        page_tone=DAY_TONES[state],
        upper_turns=_upper_turns(actor, day),
        only_this=[_line(actor, day, timezone.localdate())],
        has_come=day.day <= timezone.localdate(),
        may_run=may_run,
        may_post=state in (ReceptionDayState.PLANNED, ReceptionDayState.PUBLISHED),
        crumbs=crumbs(actor, ("登记接待情况", "")),
    )


def _upper_turns(actor: Actor, day: ReceptionDay) -> list[tuple[UpperTurn, str, str]]:
    """Deputies of higher levels who are to take part that day, each with what came of it; one query."""
    rows = visible_upper_turns(actor).filter(reception_day=day).exclude(outcome__in=TURNS_OVER)
    return [
        (row, DutyState(row.outcome).label, OUTCOME_TONES[DutyState(row.outcome)])
        for row in rows.select_related("upper_deputy").order_by("upper_deputy__name_strokes", "pk")
    ]


def _attendance_form(request: HttpRequest, actor: Actor, day: ReceptionDay) -> AttendanceForm:
    """Those with a turn first, then the roster; what is registered already is ticked."""
    turns = {turn.mandate_id: turn for turn in day.turns}
    planned = [turn.mandate for turn in turns.values()]
    others = [m for m in eligible_deputies(actor, day) if m.pk not in turns]
    form = AttendanceForm(actor, day, request.POST or None, mandates=[*planned, *others])
    form.planned = frozenset(turns)
    return form
