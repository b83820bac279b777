"""Lists: the handling unit's day, a deputy's opinions, and adding a matter somebody brought."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from constituents.access import INTAKE_ROLES
from constituents.enums import OpinionState, SuggestionState
from constituents.forms import IntakeForm
from constituents.lifecycle import OPINION_WITH_UNIT, SUGGESTION_WITH_UNIT
from constituents.models import Opinion
from constituents.selectors import (
    by_deadline,
    is_overdue,
    opinion_counts,
    opinion_list,
    opinion_queue,
    suggestion_queue,
)
from constituents.services.intake import attach_file, register_opinion
from constituents.views.common import crumbs, opinion_line, page
from deputies.access import own_mandate
from liaison.files.uploads import store_upload
from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import DEPUTIES
from liaison.tenancy.scope import Actor
from liaison.web.admin_site import Todo
from liaison.web.pages import act
from liaison.words.enums import FileKind, Role
from liaison.words.masking import excerpt

_PER_PAGE = 30


@for_roles(Role.HANDLING_UNIT)
@require_safe
def unit(request: HttpRequest) -> HttpResponse:
    """The handling unit's day: to accept, to reply, what is late; opinions and suggestions together."""
    actor, today = actor_of(request), timezone.localdate()
    opinions = list(opinion_queue(actor, OPINION_WITH_UNIT))
    suggestions = list(suggestion_queue(actor, SUGGESTION_WITH_UNIT))
    rows: list[Any] = sorted([*opinions, *suggestions], key=lambda row: (row.due_on or date.max, row.pk))
    late = [row for row in rows if is_overdue(row, today)]
    waiting = (OpinionState.ASSIGNED, SuggestionState.ASSIGNED)
    done = by_deadline(opinion_list(actor).exclude(state__in=list(OPINION_WITH_UNIT)))
    return page(
        request,
        "unit.html",
        "承办事项",
        page_lead="交到本单位的社情民意和代表建议，按期限先后排列。",
        late=len(late),
        to_accept=[_todo(row) for row in rows if row.state in waiting],
        to_reply=[_todo(row) for row in rows if row.state not in waiting],
        recent=[opinion_line(row, today) for row in done.order_by("-replied_on", "-pk")[:10]],
        today=today,
    )


def _todo(row: Any) -> Todo:
    """One row of the queue with its one next action."""
    is_opinion = isinstance(row, Opinion)
    door = "opinion" if is_opinion else "suggestion"
    code = "accept" if row.state == OpinionState.ASSIGNED else "reply"
    form_url = reverse(
        "constituents_opinion_action" if is_opinion else "constituents_suggestion_action", args=[code]
    )
    kind = "社情民意" if is_opinion else "代表建议"
    return Todo(
        title=f"{kind}{row.number}　{row.get_category_display() if is_opinion else row.title}",
        detail=f"{row.get_state_display()}。{excerpt(row.content)}",
        url=reverse(f"constituents_{door}", args=[row.pk]),
        action="签收" if code == "accept" else "答复",
        action_url=f"{form_url}?id={row.pk}",
        due_on=row.due_on,
        due_text=row.due_text,
        due_is_provisional=row.due_is_provisional,
    )


@for_roles(*DEPUTIES)
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """A deputy's own opinions, by state; the newest first."""
    actor, today = actor_of(request), timezone.localdate()
    counts = opinion_counts(actor, today)
    asked = request.GET.get("state", "")
    rows = opinion_list(actor)
    if asked in counts:
        rows = rows.filter(state=asked)
    found = Paginator(rows.order_by("-received_on", "-pk"), _PER_PAGE).get_page(request.GET.get("page"))
    return page(
        request,
        "mine.html",
        "我的意见",
        page_lead="群众向您反映的事和办理进展。",
        chips=_chips(counts, asked),
        lines=[opinion_line(row, today) for row in found],
        page_obj=found,
        today=today,
    )


def _chips(counts: dict[str, int], asked: str) -> list[dict[str, Any]]:
    whole = sum(number for state, number in counts.items() if state != "overdue")
    chips = [{"label": "全部", "count": whole, "url": "?", "active": asked not in counts}]
    states: Iterable[OpinionState] = (state for state in OpinionState if counts.get(state))
    return chips + [
        {
            "label": state.label,
            "count": counts[state],
            "url": f"?state={state}",
            "active": asked == state,
        }
        for state in states
    ]


@for_roles(*INTAKE_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Register what somebody brought, in the resident's own words."""
    actor = actor_of(request)
    seat = own_mandate(actor, serving=True) if actor.role in DEPUTIES else None
    sent = request.method == "POST"
    form = IntakeForm(
        actor,
        request.POST if sent else None,
        request.FILES if sent else None,
        initial={"received_on": timezone.localdate()},
    )
    if sent:
        row = act(request, form, lambda _: _register(actor, form, seat.pk if seat else None))
        if row is not None:
            messages.success(request, f"已登记，编号{row.number}。请显示查询码，交给群众。")
            return redirect("constituents_receipt", row.pk)
    return page(
        request,
        "add.html",
        "登记群众反映的事",
        crumbs=crumbs(actor, ("登记", "")),
        page_lead="请按群众原话记录，姓名和电话可以不填。",
        form=form,
        cancel_url=crumbs(actor)[0][1],
    )


def _register(actor: Actor, form: IntakeForm, deputy_id: int | None) -> Opinion:
    now, given = timezone.now(), form.cleaned_data
    row = register_opinion(
        actor=actor, intake=form.intake(deputy_id), now=now, idempotency_key=given["idempotency_key"]
    )
    if given["photo"] and not row.files.exists():
        stored = store_upload(given["photo"], kind=FileKind.PHOTO, scope_code=row.scope_code, now=now)
        attach_file(actor=actor, opinion=row, stored=stored)
    return row
