"""请假 of the acting deputy: ask, look, take back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deputies.access import own_mandate
from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import DEPUTIES, STATION_STAFF
from liaison.tenancy.scope import Actor
from liaison.web.forms import ServiceForm, radios, text
from liaison.web.pages import act, is_allowed, refusal_of
from liaison.words.text import is_digits
from stations.access import (
    get_leave,
)
from stations.enums import DutyState, LeaveEvent, LeaveReason, LeaveState
from stations.forms.records import LeaveForm
from stations.models import LeaveRequest, Participation
from stations.rules.lifecycle import LEAVE
from stations.rules.wording import span_text
from stations.selectors import own_leave, waiting_leave
from stations.selectors.leaves import TakenTurn, leave_effect
from stations.selectors.records import leavable
from stations.services import decide_leave, request_leave, withdraw_leave
from stations.services.leaves import require_decider
from stations.views.common import LEAVE_TONES, OUTCOME_TONES, crumbs, occasion, page, told

_SHOWN = 50


@for_roles(*DEPUTIES)
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    own_mandate(actor)
    today = timezone.localdate()
    lines = [_line(row, today) for row in own_leave(actor)[:_SHOWN]]
    return page(request, "leave.html", "请假", lines=lines, crumbs=crumbs(actor, ("请假", "")))


def _line(row: LeaveRequest, today: Any) -> dict[str, Any]:
    state = LeaveState(row.state)
    turn = row.participation
    return {
        "row": row,
        "about": about(turn),
        "kind": LeaveReason(row.kind).label,
        "state": state.label,
        "tone": LEAVE_TONES[state],
        "may_withdraw": LEAVE.can(row.state, LeaveEvent.WITHDRAW) and row.ends_on >= today,
    }


def about(turn: Participation | None) -> str:
    """The reception or the activity a leave is for; empty for leave by days."""
    return "" if turn is None else occasion(turn)


@for_roles(*DEPUTIES)
@require_http_methods(["GET", "HEAD", "POST"])
def request(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    own_mandate(actor)
    coming = leavable(actor, timezone.localdate())
    asked = request.GET.get("turn", "")
    form = LeaveForm(coming, request.POST or None, initial={"turn": asked if is_digits(asked) else ""})
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
        participation_id=turn.pk if turn else None,
        idempotency_key=data["idempotency_key"],
        now=timezone.now(),
    )


@for_roles(*DEPUTIES)
@require_POST
def withdraw(request: HttpRequest, leave_id: int) -> HttpResponse:
    withdraw_leave(actor=actor_of(request), leave_id=leave_id, now=timezone.now())
    told(request, "已撤回请假。")
    return redirect("stations_leave")


# -- those who decide ------------------------------------------------------------------------------------


class DecideForm(ServiceForm):
    """Yes or no; a no needs its reason."""

    field_names = {"is_approved": "decision"}
    decision = radios("审批意见", [("yes", "批准"), ("no", "不批准")])
    note = text("说明", 200, rows=2, hint="不批准的，请写明原因；代表会看到。")


@for_roles(*STATION_STAFF)
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """Leave the acting side may decide on, with what each would take."""
    actor = actor_of(request)
    today = timezone.localdate()
    return page(
        request,
        "waiting_leave.html",
        "待审批的请假",
        lines=[_line(row, today) for row in waiting_leave(actor)[:_SHOWN]],
        crumbs=crumbs(actor, ("请假审批", "")),
    )


@for_roles(*STATION_STAFF)
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, leave_id: int) -> HttpResponse:
    """One request: what it is for, where it opens a gap, what it takes off the norm; then yes or no."""
    actor = actor_of(request)
    row = get_leave(actor, leave_id)
    form = DecideForm(request.POST or None)
    if request.method == "POST":
        done = act(request, form, lambda who: _decide(who, row, form.cleaned_data))
        if done is not None:
            told(request, f"{row.mandate}代表的请假{LeaveState(done.state).label}。")
            return redirect("stations_waiting_leave")
    state, effect = LeaveState(row.state), leave_effect(actor, row)
    return page(
        request,
        "decide_leave.html",
        f"{row.mandate}代表请假",
        leave=row,
        form=form,
        page_state=state.label,
        page_tone=LEAVE_TONES[state],
        rows=[
            ("代表", row.mandate),
            ("时间", span_text(row.starts_on, row.ends_on)),
            ("对应事项", about(row.participation) or "这些日期的全部安排"),
            ("类别", LeaveReason(row.kind).label),
            ("事由", row.reason),
            ("审批意见", row.decision_note),
        ],
        turns=[(turn, _word(turn), OUTCOME_TONES[turn.outcome]) for turn in effect.turns],
        gaps=effect.gaps,
        norms=effect.norms,
        may_decide=LEAVE.can(row.state, LeaveEvent.APPROVE) and is_allowed(require_decider, actor, row),
        why_not=refusal_of(require_decider, actor, row),
        crumbs=crumbs(actor, ("请假审批", reverse("stations_waiting_leave")), (str(row.mandate), "")),
    )


def _word(turn: TakenTurn) -> str:
    """Turns are rostered, activities arranged."""
    if turn.outcome == DutyState.SCHEDULED and not turn.is_reception:
        return "已安排"
    return turn.outcome.label


def _decide(actor: Actor, row: LeaveRequest, data: dict[str, Any]) -> LeaveRequest:
    return decide_leave(
        actor=actor,
        leave_id=row.pk,
        is_approved=data["decision"] == "yes",
        note=data["note"],
        now=timezone.now(),
    )
