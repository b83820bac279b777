"""值班调换: offer a turn, answer an offer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deputies.access import concerns, own_mandate, published_mandates
from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import DEPUTIES, STATION_RUNNERS
from liaison.tenancy.scope import Actor
from liaison.web.pages import act
from liaison.words.errors import InvalidInput, Refused
from stations.access import (
    get_participation,
    get_swap,
    may_run_station,
)
from stations.enums import DutyState, SwapState
from stations.forms.records import SwapForm
from stations.models import DutySwap, Participation
from stations.selectors import open_swaps
from stations.selectors.rota import exchangeable_turns, swap_warnings
from stations.services import consent_to_swap, decide_swap, propose_swap, withdraw_swap
from stations.services.common import is_own
from stations.views.common import SWAP_TONES, crumbs, line, page, told

_DONE = {
    "consent": "已同意，等待联络站批准。",
    "approve": "已批准调换，排班已更新。",
    "reject": "已答复不同意调换。",
    "withdraw": "已撤回调换申请。",
}


@for_roles(*STATION_RUNNERS, *DEPUTIES)
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """Offers made, offers received, and for the station those both sides agreed to."""
    actor = actor_of(request)
    swaps = list(open_swaps(actor))
    warned = swap_warnings(actor, swaps)
    lines = [_line(actor, swap) | {"warnings": warned.get(swap.pk, [])} for swap in swaps]
    return page(request, "swaps.html", "值班调换", lines=lines, crumbs=crumbs(actor, ("值班调换", "")))


def _line(actor: Actor, swap: DutySwap) -> dict[str, Any]:
    state = SwapState(swap.state)
    day = swap.offered.reception_day
    asked, offering = is_own(actor, swap.mandate), is_own(actor, swap.offered.mandate)
    runs = day is not None and may_run_station(actor, day.station_id)
    is_judge = runs and not any(concerns(actor, each) for each in (swap.mandate, swap.offered.mandate))
    return {
        "swap": swap,
        "day": day,
        "state": state.label,
        "tone": SWAP_TONES[state],
        "may_consent": asked and state == SwapState.PROPOSED,
        "may_reject": (asked and state == SwapState.PROPOSED) or (is_judge and state == SwapState.CONSENTED),
        "may_approve": is_judge and state == SwapState.CONSENTED,
        "may_withdraw": offering,
        "next": _next_words(swap, state, asked=asked, runs=runs, is_judge=is_judge),
    }


def _next_words(swap: DutySwap, state: SwapState, *, asked: bool, runs: bool, is_judge: bool) -> str:
    """Whose turn it is now, and what holds until then."""
    if state == SwapState.PROPOSED:
        who = "等您答复" if asked else f"等{swap.mandate}代表答复"
    elif runs and not is_judge:
        who = "双方已同意，涉及您本人，等其他工作人员批准"
    else:
        who = "双方已同意，请批准" if runs else "双方已同意，等联络站批准"
    return f"{who}；批准以前仍由{swap.offered.mandate}代表值班。"


@for_roles(*DEPUTIES)
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, record_id: int) -> HttpResponse:
    actor = actor_of(request)
    own = own_mandate(actor)
    row = get_participation(actor, record_id)
    if row.outcome != DutyState.SCHEDULED or row.reception_day is None:
        raise Refused(f"这次值班{DutyState(row.outcome).label}，不能调换。")
    turns = exchangeable_turns(actor, row, timezone.localdate())
    others = published_mandates(actor).filter(scope_code=row.scope_code).exclude(pk=own.pk)
    form = SwapForm(actor, others.order_by("person__name_strokes", "pk"), turns, request.POST or None)
    if request.method == "POST":
        swap = act(request, form, lambda who: _propose(who, row, form.cleaned_data))
        if swap is not None:
            told(request, f"已向{swap.mandate}代表提出调换，对方同意并经联络站批准后生效。")
            return redirect("stations_swaps")
    steps = crumbs(actor, ("值班调换", reverse("stations_swaps")), ("申请调换", ""))
    return page(request, "propose_swap.html", "申请调换值班", form=form, line=line(row), crumbs=steps)


def _propose(actor: Actor, row: Participation, data: dict[str, Any]) -> DutySwap:
    return propose_swap(
        actor=actor,
        participation_id=row.pk,
        mandate_id=data["mandate"].pk,
        reason=data["reason"],
        wanted_id=data["wanted"].pk if data["wanted"] else None,
        now=timezone.now(),
    )


@for_roles(*STATION_RUNNERS, *DEPUTIES)
@require_POST
def answer(request: HttpRequest, swap_id: int) -> HttpResponse:
    """One of: consent, approve, reject, withdraw."""
    actor, now = actor_of(request), timezone.now()
    # Whose business it is comes first: a stranger learns nothing from how the answer was worded.
    get_swap(actor, swap_id)
    what = request.POST.get("answer", "")
    if what == "consent":
        consent_to_swap(actor=actor, swap_id=swap_id, now=now)
    elif what in ("approve", "reject"):
        decide_swap(actor=actor, swap_id=swap_id, is_approved=what == "approve", now=now)
    elif what == "withdraw":
        withdraw_swap(actor=actor, swap_id=swap_id, now=now)
    else:
        raise InvalidInput({"answer": "请选择同意、不同意或者撤回。"})
    told(request, _DONE[what])
    return redirect("stations_swaps")
