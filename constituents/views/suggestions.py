"""代表建议: a deputy's own, one suggestion for each role, and what may be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from constituents.access import (
    get_suggestion,
    visible_opinions,
    visible_suggestions,
)
from constituents.actions.opinions import CaseAction, split_primary
from constituents.actions.suggestions import SUGGESTION_ACTIONS, require_judge, suggestion_actions_for
from constituents.enums import OpinionState, SuggestionState
from constituents.forms import SuggestionForm
from constituents.models import Suggestion, SuggestionSignatory
from constituents.selectors import suggestion_list, suggestion_timeline
from constituents.services.suggestions import submit_suggestion
from constituents.views.cases import chosen_ids, require_alone
from constituents.views.common import SUGGESTION_TONES, page, run_action, suggestion_crumbs, suggestion_line
from deputies.access import concerns, own_mandate
from liaison.identity.access import is_linked
from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import DEPUTIES, OFFICE
from liaison.tenancy.scope import Actor
from liaison.web.pages import act, whole_number
from liaison.words.enums import Role
from liaison.words.errors import OutOfScope

SIGNERS = (*OFFICE, *DEPUTIES)
READERS = (*SIGNERS, Role.HANDLING_UNIT, Role.COUNTY_COMMITTEE)


@for_roles(*DEPUTIES)
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Suggestions the deputy signed."""
    actor, today = actor_of(request), timezone.localdate()
    found = Paginator(suggestion_list(actor), 30).get_page(request.GET.get("page"))
    return page(
        request,
        "my_suggestions.html",
        "我的建议",
        page_lead="您领衔或者联名提出的代表建议。",
        lines=[suggestion_line(row, today) for row in found],
        page_obj=found,
        today=today,
    )


@for_roles(*SIGNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest) -> HttpResponse:
    """Hand in a suggestion; from an opinion when one is named in the address."""
    actor = actor_of(request)
    own_id = own_mandate(actor, serving=True).pk if actor.role in DEPUTIES else None
    source_id = _source(request, actor)
    sent = request.method == "POST"
    form = SuggestionForm(
        actor, own_id, request.POST if sent else None, initial={"submitted_on": timezone.localdate()}
    )
    if sent:
        row = act(request, form, lambda _: _submit(actor, form, source_id))
        if row is not None:
            messages.success(request, f"建议已提交，编号{row.number}，等待主席团审查。")
            return redirect("constituents_suggestion", row.pk)
    return page(
        request,
        "submit_suggestion.html",
        "提出代表建议",
        crumbs=suggestion_crumbs(actor, ("提出建议", "")),
        form=form,
        source_id=source_id,
        cancel_url=suggestion_crumbs(actor)[0][1],
    )


def _source(request: HttpRequest, actor: Actor) -> int | None:
    """The opinion a suggestion grows from, when the actor may see it."""
    asked = request.POST.get("opinion") or request.GET.get("opinion") or ""
    if not asked:
        return None
    rows = visible_opinions(actor).filter(pk=whole_number(asked), state=OpinionState.TO_SUGGESTION)
    found: int | None = rows.values_list("pk", flat=True).first()
    return found


def _submit(actor: Actor, form: SuggestionForm, opinion_id: int | None) -> Suggestion:
    given = form.cleaned_data
    return submit_suggestion(
        actor=actor,
        mandate_ids=form.mandate_ids(),
        title=given["title"],
        content=given["content"],
        submitted_on=given["submitted_on"],
        is_old_day_meant=given.get("is_old_day_meant", False),
        opinion_id=opinion_id,
        now=timezone.now(),
    )


@for_roles(*READERS)
@require_safe
def suggestion(request: HttpRequest, suggestion_id: int) -> HttpResponse:
    actor = actor_of(request)
    row = get_suggestion(actor, suggestion_id)
    names = SuggestionSignatory.scoped(actor).filter(suggestion=row).select_related("mandate__person")
    signers = list(names.order_by("-is_lead", "pk"))
    today = timezone.localdate()
    is_lead = any(each.is_lead and is_linked(each.mandate.person_id, actor.person_id) for each in signers)
    is_signed = any(concerns(actor, each.mandate) for each in signers)
    offered = suggestion_actions_for(actor, row, is_lead=is_lead, is_signed=is_signed, today=today)
    primary, others = split_primary(actor, offered)
    return page(
        request,
        "suggestion.html",
        row.title,
        page_state=SuggestionState(row.state).label,
        page_tone=SUGGESTION_TONES.get(row.state, "none"),
        page_lead=f"代表建议{row.number}，{row.get_submission_time_display()}提出。",
        crumbs=suggestion_crumbs(actor, (row.number, "")),
        row=row,
        facts=_facts(row, signers),
        answer=_answer(row, actor),
        timeline=suggestion_timeline(actor, row),
        primary=_offer(primary, row) if primary else None,
        others=[_offer(action, row) for action in others],
        today=today,
    )


def _offer(action: CaseAction, row: Suggestion) -> dict[str, str]:
    url = f"{reverse('constituents_suggestion_action', args=[action.code])}?id={row.pk}"
    return {"label": action.label, "url": url, "consequence": action.consequence}


def _facts(row: Suggestion, signers: Sequence[SuggestionSignatory]) -> list[tuple[str, Any]]:
    names = [each.mandate.full_name for each in signers]
    day = row.submitted_on
    facts = [
        ("领衔代表", names[0] if names else ""),
        ("联名代表", "、".join(names[1:])),
        ("提出日期", f"{day.year}年{day.month}月{day.day}日"),
        ("届次", str(row.term)),
        ("主办单位", row.unit.name if row.unit else ""),
        ("重点督办", "是" if row.is_key else ""),
    ]
    return [(label, value) for label, value in facts if value]


def _answer(row: Suggestion, actor: Actor) -> list[tuple[str, Any]]:
    facts = [
        ("答复", row.reply),
        ("答复类别", row.get_reply_class_display() if row.reply_class else ""),
        ("代表评价", row.get_satisfaction_display() if row.satisfaction else ""),
    ]
    if actor.role != Role.HANDLING_UNIT and row.quality_points is not None:
        facts.append(("质量分", f"{row.quality_points}分"))
    return [(label, value) for label, value in facts if value]


@for_roles(*SIGNERS, Role.HANDLING_UNIT)
@require_http_methods(["GET", "HEAD", "POST"])
def action(request: HttpRequest, code: str) -> HttpResponse:
    """Do one thing with one or several suggestions; all of them or none."""
    actor = actor_of(request)
    what = SUGGESTION_ACTIONS.get(code)
    if what is None:
        raise OutOfScope("没有这项办理。")
    ids = chosen_ids(request)
    rows = list(visible_suggestions(actor).filter(pk__in=ids).select_related("unit").order_by("pk"))
    if len(rows) != len(ids):
        raise OutOfScope()
    actor.require(*what.roles)
    require_alone(what, rows)
    require_judge(actor, what, rows)
    form = what.form(actor, rows, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        done = run_action(request, what, form, rows)
        if done is not None:
            subject = f"代表建议{rows[0].number}" if len(rows) == 1 else f"{len(rows)}件代表建议"
            messages.success(request, f"已对{subject}办理“{what.label}”。")
            return HttpResponseRedirect(_after(actor, rows))
    return page(
        request,
        "action.html",
        what.label,
        crumbs=suggestion_crumbs(actor, (rows[0].number, _url(rows[0])), (what.label, "")),
        rows=[(row.number, row.title, _url(row)) for row in rows],
        form=form,
        case_action=what,
        ids=[row.pk for row in rows],
        draft=f"suggestion-{code}-{rows[0].pk}",
        cancel_url=_url(rows[0]) if len(rows) == 1 else suggestion_crumbs(actor)[0][1],
    )


def _url(row: Suggestion) -> str:
    return reverse("constituents_suggestion", args=[row.pk])


def _after(actor: Actor, rows: Sequence[Suggestion]) -> str:
    return _url(rows[0]) if len(rows) == 1 else suggestion_crumbs(actor)[0][1]
