"""The deputy's own pages: what is next, log a duty, record a visit, all records."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from deputies.access import own_mandate
from liaison.identity.gates import actor_of, for_roles, signed_in
from liaison.identity.roles import DEPUTIES
from liaison.tenancy.locking import account_key
from liaison.tenancy.scope import Actor
from liaison.web.pages import act
from liaison.words.enums import Role
from liaison.words.text import is_digits, read_year
from stations.enums import DutyState, ShippedKind
from stations.forms.records import DutyForm, OwnActivityForm
from stations.models import ActivityKind
from stations.rules.lifecycle import REGISTERED_OUTCOMES
from stations.rules.wording import short_day_text
from stations.selectors import (
    duties_of,
    kinds_in_force,
    loggable_days,
    open_swaps,
    records_of,
    state_counts,
    unconfirmed,
)
from stations.selectors.activities import unanswered_count
from stations.selectors.county_turns import own_turns
from stations.services import log_duty, record_own_activity
from stations.views.common import crumbs, line, page, told
from stations.views.upper_deputies import home_lines

_PER_PAGE = 30
# Registered elsewhere with more than a note, and counted there once (domain.md 0.3).
_OTHER_DOORS = (ShippedKind.PUBLIC_OPINION, ShippedKind.SUGGESTION)


@signed_in
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """履职: what is next for the deputy; staff are led to the receptions."""
    actor = actor_of(request)
    if actor.role not in DEPUTIES:
        return redirect("stations_receptions")
    own_mandate(actor)
    today = timezone.localdate()
    waiting = unconfirmed(actor).count()
    turns = duties_of(actor, today)
    done = records_of(actor, date(today.year, 1, 1), today).filter(outcome__in=REGISTERED_OUTCOMES)
    recent = [line(row) for row in done[:5]]
    return page(
        request,
        "home.html",
        "履职",
        today=today,
        waiting=waiting,
        recent=recent,
        swaps=open_swaps(actor).count(),
        invitations=unanswered_count(actor, today),
        next_day=loggable_days(actor, today).first(),
        turns=[_turn(row) for row in turns],
        upper_turns=home_lines(own_turns(actor, today)),
        is_leader=actor.role == Role.GROUP_LEADER,
    )


def _turn(row: Any) -> dict[str, Any]:
    return line(row) | {"is_open": row.outcome == DutyState.SCHEDULED, "day": row.reception_day}


@for_roles(*DEPUTIES)
@require_http_methods(["GET", "HEAD", "POST"])
def log_own_duty(request: HttpRequest) -> HttpResponse:
    """Today's reception is chosen already; one text and one button remain."""
    actor = actor_of(request)
    own_mandate(actor)
    sent_key = account_key(actor, request.POST.get("idempotency_key"))
    days = loggable_days(actor, timezone.localdate(), sent_key=sent_key)
    form = DutyForm(days, request.POST or None, initial=_asked_day(request))
    if request.method == "POST":
        row = act(request, form, lambda who: _log(who, form.cleaned_data))
        if row is not None:
            told(request, "已登记值班，等待联络站确认。")
            return redirect("stations_home")
    return page(
        request,
        "log_duty.html",
        "登记值班",
        form=form,
        has_days=bool(days),
        crumbs=crumbs(actor, ("登记值班", "")),
    )


def _asked_day(request: HttpRequest) -> dict[str, Any]:
    asked = request.GET.get("day", "")
    return {"day": asked} if is_digits(asked) else {}


def _log(actor: Actor, data: dict[str, Any]) -> Any:
    return log_duty(
        actor=actor,
        day_id=data["day"].pk,
        note=data["note"],
        idempotency_key=data["idempotency_key"],
        now=timezone.now(),
    )


@for_roles(*DEPUTIES)
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest) -> HttpResponse:
    """走访选区 and whatever else the deputy does alone."""
    actor = actor_of(request)
    mandate = own_mandate(actor)
    kinds = _personal_kinds(actor, mandate.scope_code)
    first = {"day": timezone.localdate(), "kind": ShippedKind.CONSTITUENCY_VISIT}
    form = OwnActivityForm(kinds, request.POST or None, initial=first)
    if request.method == "POST":
        row = act(request, form, lambda who: _record(who, form.cleaned_data))
        if row is not None:
            told(request, f"已登记{short_day_text(row.day)}的{row.activity}，等待确认。")
            return redirect("stations_home")
    return page(request, "record_visit.html", "登记走访", form=form, crumbs=crumbs(actor, ("登记走访", "")))


def _personal_kinds(actor: Actor, scope_code: int) -> list[ActivityKind]:
    kinds = kinds_in_force(actor, scope_code, timezone.localdate().year).values()
    return [kind for kind in kinds if kind.is_personal and kind.code not in _OTHER_DOORS]


def _record(actor: Actor, data: dict[str, Any]) -> Any:
    return record_own_activity(
        actor=actor,
        kind_code=data["kind"],
        day=data["day"],
        place=data["place"],
        note=data["note"],
        idempotency_key=data["idempotency_key"],
        now=timezone.now(),
    )


@for_roles(*DEPUTIES)
@require_safe
def records(request: HttpRequest) -> HttpResponse:
    """All own records of a year, counted by state."""
    actor = actor_of(request)
    own_mandate(actor)
    today = timezone.localdate()
    year = _asked_year(request, today)
    rows = records_of(actor, date(year, 1, 1), date(year, 12, 31))
    found = Paginator(rows, _PER_PAGE).get_page(request.GET.get("page"))
    years = [
        {"label": f"{each}年", "url": f"{reverse('stations_records')}?year={each}", "active": each == year}
        for each in range(today.year, today.year - 5, -1)
    ]
    return page(
        request,
        "records.html",
        "我的履职记录",
        lines=[line(row) for row in found],
        page_obj=found,
        tabs=years,
        counts=state_counts(rows.exclude(outcome=DutyState.SCHEDULED)),
        crumbs=crumbs(actor, ("我的履职记录", "")),
    )


def _asked_year(request: HttpRequest, today: date) -> int:
    asked = read_year(request.GET.get("year")) or 0
    return asked if asked > 1999 else today.year
