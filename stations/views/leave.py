"""请假 of the acting deputy: ask, look, take back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liaison.admin_base import actor_of_request
from liaison.scope import Actor
from stations.enums import DutyState, LeaveEvent, LeaveReason, LeaveState
from stations.forms import LeaveForm
from stations.lifecycle import LEAVE
from stations.models import LeaveRequest
from stations.selectors import duties_of, own_leave
from stations.services import request_leave, withdraw_leave
from stations.services.common import own_mandate
from stations.views.common import LEAVE_TONES, act, crumbs, page, told, whole_number

_SHOWN = 50


@require_safe
def own(request: HttpRequest) -> HttpResponse:
    actor = actor_of_request(request)
    own_mandate(actor)
    today = timezone.localdate()
    lines = [_line(row, today) for row in own_leave(actor)[:_SHOWN]]
    return page(request, "leave.html", "请假", lines=lines, crumbs=crumbs(actor, ("请假", "")))


def _line(row: LeaveRequest, today: Any) -> dict[str, Any]:
    state = LeaveState(row.state)
    turn = row.participation
    return {
        "row": row,
        "about": str(turn.reception_day.station)
        if turn is not None and turn.reception_day is not None
        else "",
        "kind": LeaveReason(row.kind).label,
        "state": state.label,
        "tone": LEAVE_TONES[state],
        "may_withdraw": LEAVE.can(row.state, LeaveEvent.WITHDRAW) and row.ends_on >= today,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def request(request: HttpRequest) -> HttpResponse:
    actor = actor_of_request(request)
    own_mandate(actor)
    coming = [row for row in duties_of(actor, timezone.localdate()) if row.outcome == DutyState.SCHEDULED]
    asked = request.GET.get("turn", "")
    form = LeaveForm(coming, request.POST or None, initial={"turn": asked if asked.isdigit() else ""})
    if request.method == "POST":
        row = act(request, form, lambda who: _request(who, form.cleaned_data))
        if row is not None:
            told(request, "已提交请假，等待审批。")
            return redirect("stations_leave")
    steps = crumbs(actor, ("请假", reverse("stations_leave")), ("申请请假", ""))
    return page(request, "request_leave.html", "申请请假", form=form, crumbs=steps)


def _request(actor: Actor, data: dict[str, Any]) -> LeaveRequest:
    turn = data.get("turn")
    today = timezone.localdate()
    return request_leave(
        actor=actor,
        starts_on=data["starts_on"] or today,
        ends_on=data["ends_on"] or today,
        kind=data["kind"],
        reason=data["reason"],
        participation_id=whole_number(turn) if turn else None,
        idempotency_key=data["idempotency_key"],
        now=timezone.now(),
    )


@require_POST
def withdraw(request: HttpRequest, leave_id: int) -> HttpResponse:
    withdraw_leave(actor=actor_of_request(request), leave_id=leave_id, now=timezone.now())
    told(request, "已撤回请假。")
    return redirect("stations_leave")
