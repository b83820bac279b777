"""换届 step by step by two people, and for the county where each of its congresses stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from deputies import services
from deputies.access import get_term
from deputies.enums import RolloverEvent
from deputies.forms import SucceedForm, UndoForm
from deputies.lifecycle import ROLLOVER
from deputies.models import Rollover, Term
from deputies.rollover_checks import UNDO_DAYS, standing_rollover, standings, undo_obstacles, undo_until
from deputies.views.common import crumbs, page, require_page_convener
from liaison.identity.gates import actor_of, for_roles, recently_authenticated
from liaison.identity.roles import REGISTRARS
from liaison.tenancy.scope import Actor
from liaison.web.forms import ServiceForm
from liaison.web.pages import act
from liaison.words.enums import Role
from liaison.words.errors import LiaisonError, OutOfScope, Refused

PROPOSE = "propose"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a person does: the button's words, what it means, what is said afterwards."""

    button: str
    lead: str
    done: str
    is_danger: bool = False


STEPS = {
    PROPOSE: Step(
        "提请换届",
        "首次会议召开之后办理。先看“办理前后对照”，提请后数据不变，由另一人确认后才换届。",
        "换届已提请，请另一人登录后在“届与会议”中确认。",
    ),
    RolloverEvent.WITHDRAW: Step("撤回提请", "撤回后可以更正日期，重新提请。", "提请已撤回。"),
    RolloverEvent.CONFIRM: Step(
        "确认换届",
        f"确认后本届届满归档，新一届开始。{UNDO_DAYS}日以内，由两人办理可以撤销。",
        f"已换届，上一届已归档，只供查阅。发现有误的，{UNDO_DAYS}日以内可以撤销。",
        is_danger=True,
    ),
    RolloverEvent.PROPOSE_UNDO: Step(
        "提请撤销换届",
        "提请后数据不变，由另一人确认后，换届所改动的一切恢复原样。",
        "撤销已提请，请另一人登录后在“届与会议”中确认。",
    ),
    RolloverEvent.WITHDRAW_UNDO: Step("撤回撤销的提请", "撤回后换届仍然有效。", "撤销的提请已撤回。"),
    RolloverEvent.CONFIRM_UNDO: Step(
        "确认撤销换届",
        "确认后上一届恢复为本届，新一届退回筹备，换届所改动的一切恢复原样。",
        "换届已撤销，上一届恢复为本届，新一届仍在筹备。",
        is_danger=True,
    ),
}
# Whoever did the first half does not do the second.
_FIRST = {
    RolloverEvent.CONFIRM: "proposed_by_id",
    RolloverEvent.CONFIRM_UNDO: "undo_proposed_by_id",
}
_UNDO = (RolloverEvent.PROPOSE_UNDO, RolloverEvent.CONFIRM_UNDO)


@for_roles(*REGISTRARS)
@recently_authenticated("办理换届")
def rollover_step(request: HttpRequest, term_id: int, step: str) -> HttpResponse:
    """One half of a 换届, or of taking it back: what it does, and its one button."""
    actor = actor_of(request)
    if step not in STEPS:
        raise OutOfScope("没有这项办理。")
    term = get_term(actor, term_id)
    require_page_convener(actor, term)
    row = standing_rollover(actor, term)
    _require_turn(step, row)
    form = _form(step, term, request)
    is_rehearsal = request.POST.get("only") == "rehearse"
    if request.method == "POST" and not is_rehearsal:
        done = act(request, form, lambda who: _do(who, step, term, row, form))
        if done is not None:
            messages.success(request, STEPS[step].done)
            return HttpResponseRedirect(reverse("deputies_rollover", args=[term.pk]))
    return _page(request, actor, term, row, step, form)


def _require_turn(step: str, row: Rollover | None) -> None:
    if step == PROPOSE:
        if row is not None:
            raise Refused("换届已经提请，请由另一人确认；日期有误的，先撤回提请。")
        return
    if row is None:
        raise Refused("这一届还没有提请换届。")
    ROLLOVER.next_state(row.state, RolloverEvent(step))


def _form(step: str, term: Term, request: HttpRequest) -> ServiceForm:
    # An empty form that was sent is sent all the same.
    sent = request.POST if request.method == "POST" else None
    if step == PROPOSE:
        return SucceedForm(
            sent, is_first=False, initial={"starts_on": term.starts_on, "ends_on": term.starts_on}
        )
    return UndoForm(sent) if step == RolloverEvent.PROPOSE_UNDO else ServiceForm(sent)


def _do(actor: Actor, step: str, term: Term, row: Rollover | None, form: ServiceForm) -> Rollover:
    now = timezone.now()
    if row is None:
        days = (form.cleaned_data["starts_on"], form.cleaned_data["ends_on"])
        return services.propose_rollover(actor=actor, term_id=term.pk, first_session=days, now=now)
    if step == RolloverEvent.PROPOSE_UNDO:
        reason = form.cleaned_data["reason"]
        return services.propose_undo(actor=actor, rollover_id=row.pk, reason=reason, now=now)
    if step == RolloverEvent.WITHDRAW:
        return services.withdraw_rollover(actor=actor, rollover_id=row.pk)
    if step == RolloverEvent.WITHDRAW_UNDO:
        return services.withdraw_undo(actor=actor, rollover_id=row.pk)
    is_undo = step == RolloverEvent.CONFIRM_UNDO
    confirm = services.confirm_undo if is_undo else services.confirm_rollover
    return confirm(actor=actor, rollover_id=row.pk, now=now)


def _page(
    request: HttpRequest, actor: Actor, term: Term, row: Rollover | None, step: str, form: ServiceForm
) -> HttpResponse:
    what = STEPS[step]
    moved, refusal = _rehearsed(actor, term, row, step, form)
    return page(
        request,
        "rollover_step.html",
        f"{what.button}：{term}",
        crumbs=crumbs(
            ("届与会议", reverse("deputies_terms")),
            ("换届", reverse("deputies_rollover", args=[term.pk])),
            (what.button, ""),
        ),
        page_lead=what.lead,
        term=term,
        rollover=row,
        step=step,
        what=what,
        form=form,
        moved=moved,
        refusal=refusal,
        obstacles=undo_obstacles(actor, row) if row is not None and step in _UNDO else [],
        is_own=step in _FIRST
        and row is not None
        and actor.is_self(getattr(row, _FIRST[RolloverEvent(step)])),
        is_proposal=step == PROPOSE,
        is_undo=step in _UNDO,
        until=undo_until(row) if row else None,
        back=reverse("deputies_rollover", args=[term.pk]),
    )


def _rehearsed(
    actor: Actor, term: Term, row: Rollover | None, step: str, form: ServiceForm
) -> tuple[list[Any], str]:
    """The figures before and after for the days at hand, or why the act would be refused."""
    days: tuple[date, date] | None = None
    if step == RolloverEvent.CONFIRM and row is not None:
        days = (row.starts_on, row.ends_on)
    elif step == PROPOSE:
        if not form.is_bound:
            days = (term.starts_on, term.starts_on)
        elif form.is_valid():
            days = (form.cleaned_data["starts_on"], form.cleaned_data["ends_on"])
    if days is None:
        return [], ""
    try:
        moved = services.rehearse_rollover(
            actor=actor, term_id=term.pk, first_session=days, now=timezone.now()
        )
    except LiaisonError as error:
        return [], error.message
    return moved, ""


@for_roles(Role.COUNTY_COMMITTEE)
@require_safe
def standing(request: HttpRequest) -> HttpResponse:
    """Where the congress of each township stands, the own one first; streets have none."""
    lines = standings(actor_of(request), timezone.localdate())
    return page(
        request,
        "standings.html",
        "各地换届进度",
        crumbs=crumbs(("届与会议", reverse("deputies_terms")), ("各地换届进度", "")),
        page_lead=f"换届由一人提请、另一人确认，确认后{UNDO_DAYS}日以内可以撤销。",
        lines=lines,
        done=sum(line.is_done for line in lines),
        waiting=sum(line.is_waiting for line in lines),
    )
