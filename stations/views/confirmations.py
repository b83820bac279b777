"""Confirm with one tap, object with a reason: for deputies, station clerks and the office alike."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import DEPUTIES, OFFICE, STATION_RUNNERS, STATION_STAFF
from liaison.models import Account
from liaison.tenancy.scope import Actor
from liaison.web.pages import act, is_allowed, whole_number
from stations.access import (
    get_participation,
)
from stations.enums import DutyState, ParticipationEvent, ParticipationState
from stations.forms.records import ReasonForm
from stations.models import Participation
from stations.rules.lifecycle import PARTICIPATION, REGISTERED_OUTCOMES
from stations.selectors import unconfirmed
from stations.selectors.due import confirmation_texts
from stations.services import confirm_record, confirm_records, object_to_record, withdraw_record
from stations.services.confirmations import require_other_side, require_recorder, require_settler
from stations.views.common import CHECK_TONES, crumbs, line, occasion, page, told

_PER_PAGE = 30


@for_roles(*STATION_RUNNERS, *DEPUTIES)
@require_http_methods(["GET", "HEAD", "POST"])
def waiting(request: HttpRequest) -> HttpResponse:
    """What others registered and the acting side has to answer; all or those ticked at once."""
    actor = actor_of(request)
    if request.method == "POST":
        return _confirm_many(request)
    found = Paginator(unconfirmed(actor), _PER_PAGE).get_page(request.GET.get("page"))
    why = confirmation_texts(found)
    return page(
        request,
        "confirm.html",
        "待您确认的履职记录",
        lines=[line(row) | {"why": why.get(row.pk, "")} for row in found],
        page_obj=found,
        crumbs=crumbs(actor, ("待确认", "")),
        is_deputy_side=actor.role in DEPUTIES,
    )


def _confirm_many(request: HttpRequest) -> HttpResponse:
    ids = [whole_number(value) for value in request.POST.getlist("record")]
    if not ids:
        messages.warning(request, "请先勾选要确认的记录。")
        return redirect("stations_confirm")
    result = confirm_records(actor=actor_of(request), participation_ids=ids, now=timezone.now())
    if result.done:
        told(request, f"已确认{result.done}条履职记录。")
    for reason in sorted(set(result.refused.values())):
        messages.warning(request, reason)
    return redirect("stations_confirm")


@for_roles(*STATION_STAFF, *DEPUTIES)
@require_POST
def confirm_one(request: HttpRequest, record_id: int) -> HttpResponse:
    actor = actor_of(request)
    row = confirm_record(actor=actor, participation_id=record_id, now=timezone.now())
    told(request, f"已确认：{occasion(row)}。")
    return redirect(_way_back(request, "stations_confirm"))


def _way_back(request: HttpRequest, name: str) -> str:
    """Where the button was pressed, when that is a page of this site."""
    asked = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return asked
    return reverse(name)


@for_roles(*STATION_STAFF, *DEPUTIES)
@require_safe
def record(request: HttpRequest, record_id: int) -> HttpResponse:
    """One record: what was registered, by whom, what happened to it, and what can be done now."""
    actor = actor_of(request)
    row = get_participation(actor, record_id)
    state = ParticipationState(row.state)
    return page(
        request,
        "record.html",
        occasion(row),
        row=row,
        line=line(row),
        today=timezone.localdate(),
        why=confirmation_texts([row]).get(row.pk, ""),
        page_state=state.label if row.outcome in REGISTERED_OUTCOMES else "",
        page_tone=CHECK_TONES[state],
        rows=_facts(row),
        items=_story(row),
        crumbs=crumbs(actor, ("履职记录", "")),
        **_possible(actor, row),
    )


def _facts(row: Participation) -> list[tuple[str, Any]]:
    side = "代表本人" if row.is_recorded_by_deputy else "联络站或者组织单位"
    place = row.activity.place if row.activity is not None else str(row.reception_day.station)  # type: ignore[union-attr]
    return [
        ("代表", row.mandate),
        ("参加情况", DutyState(row.outcome).label),
        ("地点", place),
        ("情况记录", row.note),
        ("发言要点", row.speech),
        ("登记方", side if row.recorded_at else ""),
    ]


def _story(row: Participation) -> list[dict[str, Any]]:
    """Newest first, from the row itself; the full history is the audit trail's."""
    story = []
    if row.settled_at is not None:
        words = ParticipationState(row.state).label
        reason = row.ruling or row.objection
        story.append({"at": row.settled_at, "what": words, "who": _name(row.settled_by), "reason": reason})
    if row.ruling and row.objection:
        story.append({"at": row.settled_at, "what": "提出异议", "reason": row.objection})
    if row.reminded_at is not None and row.recorded_at is not None and row.reminded_at > row.recorded_at:
        story.append({"at": row.reminded_at, "what": "提醒核对", "who": "系统"})
    if row.recorded_at is not None:
        story.append({"at": row.recorded_at, "what": "登记", "who": _name(row.recorded_by)})
    return story


def _name(account: Account | None) -> str:
    return account.display_name if account is not None else ""


def _possible(actor: Actor, row: Participation) -> dict[str, bool]:
    """Which buttons the page shows; the services ask again."""
    answers = row.outcome in REGISTERED_OUTCOMES and is_allowed(require_other_side, actor, row)
    can = {event: PARTICIPATION.can(row.state, event) for event in ParticipationEvent}
    return {
        "may_confirm": answers and can[ParticipationEvent.CONFIRM],
        "may_object": answers and can[ParticipationEvent.OBJECT],
        "may_withdraw": is_allowed(require_recorder, actor, row)
        and row.activity_id is not None
        and row.state == ParticipationState.REGISTERED
        and can[ParticipationEvent.WITHDRAW],
        "may_settle": actor.role in OFFICE
        and can[ParticipationEvent.UPHOLD]
        and is_allowed(require_settler, actor, row),
    }


@for_roles(*STATION_RUNNERS, *DEPUTIES)
@require_http_methods(["GET", "HEAD", "POST"])
def object_to(request: HttpRequest, record_id: int) -> HttpResponse:
    actor = actor_of(request)
    row = get_participation(actor, record_id)
    require_other_side(actor, row)
    form = ReasonForm(
        request.POST or None, label="异议理由", hint="写明与事实不符之处，如“当天我在岗”。", limit=400
    )
    if request.method == "POST":
        done = act(request, form, lambda who: _object(who, row, form.cleaned_data["reason"]))
        if done is not None:
            told(request, "已提出异议，主席团工作人员核实后会告知您处理结果。")
            return redirect("stations_confirm")
    return page(
        request,
        "object.html",
        "提出异议",
        form=form,
        line=line(row),
        crumbs=crumbs(actor, ("履职记录", reverse("stations_record", args=[row.pk])), ("提出异议", "")),
    )


def _object(actor: Actor, row: Participation, reason: str) -> Participation:
    return object_to_record(actor=actor, participation_id=row.pk, reason=reason, now=timezone.now())


@for_roles(*STATION_STAFF, *DEPUTIES)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, record_id: int) -> HttpResponse:
    """The recorder takes an entry back while nobody has answered."""
    actor = actor_of(request)
    row = get_participation(actor, record_id)
    require_recorder(actor, row)
    form = ReasonForm(request.POST or None, label="撤销原因", hint="如“重复登记”。", limit=400)
    if request.method == "POST":
        done = act(request, form, lambda who: _withdraw(who, row, form.cleaned_data["reason"]))
        if done is not None:
            told(request, "已撤销登记。")
            return redirect("stations_home")
    return page(
        request,
        "withdraw.html",
        "撤销登记",
        form=form,
        line=line(row),
        crumbs=crumbs(actor, ("履职记录", reverse("stations_record", args=[row.pk])), ("撤销登记", "")),
    )


def _withdraw(actor: Actor, row: Participation, reason: str) -> Participation:
    return withdraw_record(actor=actor, participation_id=row.pk, reason=reason, now=timezone.now())
