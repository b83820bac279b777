"""One opinion for each role, what may be done with it, and the resident behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from constituents.access import (
    INTAKE_ROLES,
    PAPER_ROLES,
    Sight,
    get_opinion,
    sight_of,
    visible_opinions,
)
from constituents.actions.opinions import OPINION_ACTIONS, CaseAction, opinion_actions_for, split_primary
from constituents.enums import OpinionState
from constituents.forms import RevealForm
from constituents.models import Opinion, OpinionFile
from constituents.selectors import opinion_timeline
from constituents.services.reveal import reveal_resident
from constituents.views.common import OPINION_TONES, crumbs, page, run_action
from constituents.views.scans import scan_lines
from liaison.files.uploads import file_url
from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import OFFICE
from liaison.templatetags.liaison_ui import cn_datetime
from liaison.tenancy.scope import Actor
from liaison.web.pages import act, whole_number
from liaison.words.enums import Role
from liaison.words.errors import OutOfScope, Refused

MOST_AT_ONCE = 100
READERS = (*INTAKE_ROLES, Role.HANDLING_UNIT, Role.COUNTY_COMMITTEE)


@for_roles(*READERS)
@require_safe
def opinion(request: HttpRequest, opinion_id: int) -> HttpResponse:
    """A case: what it is, what to do now, what happened, what is behind it."""
    actor = actor_of(request)
    row, today = get_opinion(actor, opinion_id), timezone.localdate()
    primary, others = split_primary(actor, opinion_actions_for(actor, row, today))
    return page(
        request,
        "opinion.html",
        f"社情民意{row.number}",
        page_state=OpinionState(row.state).label,
        page_tone=OPINION_TONES.get(row.state, "none"),
        page_lead=f"{row.get_category_display()}，{row.get_urgency_display()}事项。",
        crumbs=crumbs(actor, (row.number, "")),
        row=row,
        content=row.content,
        facts=_facts(row),
        resident=_resident(actor, row),
        handling=_handling(row),
        timeline=opinion_timeline(actor, row),
        primary=_offer(primary, row) if primary else None,
        others=[_offer(action, row) for action in others],
        files=_files(actor, row),
        has_receipt=row.recorded_by_id == actor.account_id or actor.role in OFFICE,
        may_print=actor.role in INTAKE_ROLES,
        shows_scans=actor.role in INTAKE_ROLES,
        scans=scan_lines(actor, row) if actor.role in INTAKE_ROLES else [],
        may_add_scan=actor.role in PAPER_ROLES,
        today=today,
    )


def _offer(action: CaseAction, row: Opinion) -> dict[str, str]:
    url = f"{reverse('constituents_opinion_action', args=[action.code])}?id={row.pk}"
    return {"label": action.label, "url": url, "consequence": action.consequence}


def _facts(row: Opinion) -> list[tuple[str, Any]]:
    """What was registered; empty lines are left out."""
    day = row.received_on
    facts = [
        ("反映日期", f"{day.year}年{day.month}月{day.day}日"),
        ("现场录入时间", cn_datetime(row.heard_at) if row.heard_at else ""),
        ("反映方式", row.get_contact_way_display()),
        ("接待（反映）代表", row.deputy.full_name if row.deputy else ""),
        ("联络站点", row.station.name if row.station else ""),
        ("所在村（社区）", row.village.short_name if row.village else ""),
        ("人数", f"{row.people_count}人"),
        ("诉求", row.wish),
        ("当场答复", row.on_spot_answer),
        ("拟办意见", row.proposal),
    ]
    return [(label, value) for label, value in facts if value]


def _handling(row: Opinion) -> list[tuple[str, Any]]:
    """What became of it; empty lines are left out."""
    facts = [
        ("去向", row.get_route_display() if row.route else ""),
        ("承办单位", row.unit.name if row.unit else ""),
        ("不予受理理由", row.get_not_accepted_reason_display() if row.not_accepted_reason else ""),
        ("已告知去处", row.told_where),
        ("12345工单号", row.hotline_number),
        ("并入", row.merged_into.number if row.merged_into_id and row.merged_into else ""),
        ("办理结果", row.reply),
        ("答复类别", row.get_reply_class_display() if row.reply_class else ""),
        ("反馈方式", row.get_feedback_way_display() if row.feedback_way else ""),
        ("群众评价", row.get_satisfaction_display() if row.satisfaction else ""),
    ]
    return [(label, value) for label, value in facts if value]


def _resident(actor: Actor, row: Opinion) -> dict[str, Any]:
    """The resident as far as this actor may see: masked, with a way to the full data for a reason."""
    sight = sight_of(actor, row)
    if row.is_anonymous:
        return {"words": "群众没有留下姓名和电话。"}
    if sight == Sight.NOTHING:
        why = "群众要求保密。" if row.is_confidential else "办理此事不需要，或者您的职务不需要。"
        return {"words": f"姓名和电话不显示：{why}"}
    return {
        "name": row.resident_name_masked or "未留姓名",
        "phone": row.resident_phone_masked or "未留电话",
        "is_confidential": row.is_confidential,
        "reveal_url": reverse("constituents_reveal", args=[row.pk]),
    }


def _files(actor: Actor, row: Opinion) -> list[tuple[str, str]]:
    kept = OpinionFile.scoped(actor).filter(opinion=row).select_related("file").order_by("pk")
    return [(item.file.original_name, file_url(actor, item.file)) for item in kept]


def chosen_ids(request: HttpRequest) -> list[int]:
    source = request.POST if request.method == "POST" else request.GET
    ids = list(dict.fromkeys(whole_number(text) for text in source.getlist("id")))
    if not ids:
        raise Refused("没有选择事项，请回到列表选择后再办理。")
    if len(ids) > MOST_AT_ONCE:
        raise Refused(f"一次最多办理{MOST_AT_ONCE}件，请分批选择。")
    return ids


def _chosen(actor: Actor, ids: Sequence[int]) -> list[Opinion]:
    rows = visible_opinions(actor).filter(pk__in=ids).select_related("unit")
    found = list(rows.order_by("pk"))
    if len(found) != len(ids):
        raise OutOfScope()
    return found


@for_roles(*INTAKE_ROLES, Role.HANDLING_UNIT)
@require_http_methods(["GET", "HEAD", "POST"])
def action(request: HttpRequest, code: str) -> HttpResponse:
    """Do one thing with one or several opinions; all of them or none."""
    actor = actor_of(request)
    what = OPINION_ACTIONS.get(code)
    if what is None:
        raise OutOfScope("没有这项办理。")
    rows = _chosen(actor, chosen_ids(request))
    actor.require(*what.roles)
    require_alone(what, rows)
    form = what.form(actor, rows, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        done = run_action(request, what, form, rows)
        if done is not None:
            messages.success(request, _done_words(what, rows))
            return HttpResponseRedirect(_after(actor, rows))
    return page(
        request,
        "action.html",
        what.label,
        crumbs=crumbs(actor, (rows[0].number, _url(rows[0])), (what.label, "")),
        rows=[(row.number, row.get_category_display(), _url(row)) for row in rows],
        form=form,
        case_action=what,
        ids=[row.pk for row in rows],
        draft=f"opinion-{code}-{rows[0].pk}",
        cancel_url=_url(rows[0]) if len(rows) == 1 else crumbs(actor)[0][1],
    )


def require_alone(what: CaseAction, rows: Sequence[Any]) -> None:
    if not what.is_bulk and len(rows) > 1:
        raise Refused(f"“{what.label}”须逐件办理，请只选一件。")
    if len({row.scope_code for row in rows}) > 1:
        raise Refused("所选事项分属不同乡镇，请分别办理。")


def _done_words(what: CaseAction, rows: Sequence[Opinion]) -> str:
    subject = f"社情民意{rows[0].number}" if len(rows) == 1 else f"{len(rows)}件社情民意"
    return f"已对{subject}办理“{what.label}”。"


def _url(row: Opinion) -> str:
    return reverse("constituents_opinion", args=[row.pk])


def _after(actor: Actor, rows: Sequence[Opinion]) -> str:
    """Back to the case, unless it is out of the actor's sight now (a unit that handed it back)."""
    still = visible_opinions(actor).filter(pk=rows[0].pk).exists()
    return _url(rows[0]) if len(rows) == 1 and still else crumbs(actor)[0][1]


@for_roles(*INTAKE_ROLES, Role.HANDLING_UNIT)
@require_http_methods(["GET", "HEAD", "POST"])
def reveal(request: HttpRequest, opinion_id: int) -> HttpResponse:
    """Name, phone and address in full, for a reason that stays in the audit trail."""
    actor = actor_of(request)
    row = get_opinion(actor, opinion_id)
    form = RevealForm(request.POST if request.method == "POST" else None)
    found = None
    if request.method == "POST":
        reason = form.data.get("reason", "")
        now = timezone.now()
        found = act(
            request, form, lambda _: reveal_resident(actor=actor, opinion_id=row.pk, reason=reason, now=now)
        )
    return page(
        request,
        "reveal.html",
        "查看群众联系方式",
        crumbs=crumbs(actor, (row.number, _url(row)), ("查看联系方式", "")),
        row=row,
        form=form,
        found=found,
        back_url=_url(row),
    )


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The door of this floor leads each role to its own list."""
    actor = actor_of(request)
    if actor.appointment_id is None:
        return redirect("constituents_follow")
    return redirect(crumbs(actor)[0][1])
