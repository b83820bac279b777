"""For residents without an account: follow a matter by its code, and rate the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from constituents.access import opinion_by_code
from constituents.actions.forms import PublicRateForm
from constituents.enums import OpinionState as O
from constituents.enums import Satisfaction
from constituents.forms import FollowForm
from constituents.lifecycle import OPINION_AWAITING_RATING
from constituents.models import Opinion
from constituents.services.handling import rate_opinion
from constituents.views.common import OPINION_TONES
from liaison.identity.throttling import Limit, too_many
from liaison.tenancy.scope import Actor, acting
from liaison.web.middleware import client_address
from liaison.web.pages import act

# Unknown codes from one address; a household that mistypes stays well below.
MISSES = Limit("opinion-miss", 10)
# Ratings tried with one code.
RATINGS = Limit("opinion-rating", 5)
UNKNOWN = "没有找到这个查询码。请核对登记回执，或者到联络站、乡镇人大询问。"
# What a state means to the person who brought the matter.
_PLAIN_WORDS: Mapping[str, str] = {
    O.REGISTERED: "您反映的事已经登记，两个工作日内受理、分办。",
    O.TRIAGED: "已经受理，正在确定由谁办理。",
    O.ANSWERED_ON_SPOT: "已经当场答复，请您评价。",
    O.ASSIGNED: "已经交给承办单位。",
    O.ACCEPTED: "承办单位已经接收，正在办理。",
    O.HANDLING: "承办单位正在办理。",
    O.EXTENDED: "事情比较复杂，办理期限已经延长。",
    O.RETURNED: "正在重新确定由谁办理。",
    O.REPLIED: "已经答复，请您评价。",
    O.REPLIED_AGAIN: "重新办理后已经再次答复，请您评价。",
    O.REDO: "您评价不满意，正在重新办理。",
    O.PRESIDIUM_DECIDES: "两次评价不满意，由人大主席团研究。",
    O.EVALUATED: "感谢您的评价。",
    O.CLOSED: "已经办结，感谢您的反映。",
    O.CLOSED_UNRATED: "已经办结。",
    O.TO_SUGGESTION: "由人大代表作为建议提出。",
    O.TO_UPPER_DEPUTY: "已请上级人大代表反映。",
    O.TO_12345: "已转12345热线办理。",
    O.TO_PETITION: "已转信访部门，按信访程序办理。",
    O.NOT_ACCEPTED: "此事不属于代表联络站受理范围，理由和去处见下。",
    O.MERGED: "与同一事项合并办理，进展见下。",
    O.ARCHIVED: "已经办结归档。",
}


def _sought(request: HttpRequest, code: str) -> tuple[Opinion, Actor] | None:
    """The case behind a code; a miss counts against the address."""
    found = opinion_by_code(code)
    if found is None:
        MISSES.count(client_address(request))
    return found


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, code: str = "") -> HttpResponse:
    """How far it has come; the same answer for every code that is not one."""
    if MISSES.is_reached(client_address(request)):
        return too_many(request, MISSES)
    if request.method == "POST":
        form = FollowForm(request.POST)
        code = form["code"].value().strip() if form.is_valid() else ""
    elif not code:
        return _page(request, "follow.html", "查询办理进展", form=FollowForm())
    else:
        form = FollowForm(initial={"code": code})
    found = _sought(request, code) if code else None
    if found is None:
        if code:
            form = FollowForm({"code": code})
            form.add_error("code", UNKNOWN)
        response = _page(request, "follow.html", "查询办理进展", form=form)
        response.status_code = 404 if code else 200
        return response
    return _progress(request, code, *found)


def _page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    response = render(request, f"constituents/{template}", {"page_title": title, **context})
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _progress(request: HttpRequest, code: str, row: Opinion, actor: Actor, form: Any = None) -> HttpResponse:
    shown = row.merged_into if row.state == O.MERGED and row.merged_into else row
    may_rate = row.state in OPINION_AWAITING_RATING
    return _page(
        request,
        "progress.html",
        f"社情民意{row.number}",
        jurisdiction_name=actor.jurisdiction_name,
        page_state=O(row.state).label,
        page_tone=OPINION_TONES.get(row.state, "none"),
        row=row,
        rate_url=reverse("constituents_rate", args=[code]),
        words=_PLAIN_WORDS[row.state],
        facts=_public_facts(row, shown),
        may_rate=may_rate,
        form=(form or PublicRateForm()) if may_rate else None,
        today=timezone.localdate(),
    )


def _public_facts(row: Opinion, shown: Opinion) -> list[tuple[str, Any]]:
    """What the slip's holder may read: the way of the matter, never a name, a number or the words."""
    facts = [
        ("反映日期", row.received_on),
        ("类别", row.get_category_display()),
        ("承办单位", shown.unit.name if shown.unit else ""),
        ("答复", shown.reply or row.on_spot_answer),
        ("答复日期", shown.replied_on),
        ("您的评价", row.get_satisfaction_display() if row.satisfaction else ""),
        ("不予受理理由", row.get_not_accepted_reason_display() if row.not_accepted_reason else ""),
        ("可以向哪里反映", row.told_where if row.state == O.NOT_ACCEPTED else ""),
        ("12345工单号", row.hotline_number if row.state == O.TO_12345 else ""),
    ]
    return [(label, value) for label, value in facts if value]


@require_http_methods(["POST"])
def rate(request: HttpRequest, code: str) -> HttpResponse:
    """The resident's own rating; tries are counted per code and per address."""
    address = client_address(request)
    for limit, subject in ((MISSES, address), (RATINGS, code)):
        if limit.is_reached(subject):
            return too_many(request, limit)
    found = _sought(request, code)
    if found is None:
        return follow(request) if request.POST.get("code") else redirect("constituents_follow")
    RATINGS.count(code)
    row, actor = found
    form = PublicRateForm(request.POST)
    if act(request, form, lambda _: _rate(actor, row, form.cleaned_data)) is None:
        return _progress(request, code, row, actor, form)
    messages.success(request, "您的评价已经收到，谢谢。")
    return redirect("constituents_follow_code", code)


def _rate(actor: Actor, row: Opinion, given: dict[str, Any]) -> Opinion:
    verdict = Satisfaction(given["satisfaction"])
    with acting(actor):
        return rate_opinion(
            actor=actor, opinion=row, satisfaction=verdict, note=given["note"], now=timezone.now()
        )
