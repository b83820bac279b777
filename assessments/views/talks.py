"""谈话提醒: the record, for the presidium and the person talked to only."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from assessments.access import get_talk
from assessments.documents.letters import talk_form
from assessments.enums import TalkState
from assessments.forms.cycle import ReasonForm, TalkForm
from assessments.forms.fields import sent
from assessments.models import ReminderTalk
from assessments.services import cancel_talk, hold_talk
from assessments.services.notices import printed_at
from assessments.views.common import READERS, STAFF, TALK_TONES, crumbs, done, form_page, is_staff, page
from deputies.access import concerns, require_unconcerned
from liaison.auditing import trail as audit
from liaison.calendar.workdays import china_date
from liaison.documents.pdf import render_document
from liaison.files.downloads import printed_answer
from liaison.identity.gates import actor_of, for_roles
from liaison.tenancy.scope import Actor
from liaison.web.pages import act


@for_roles(*READERS)
@require_http_methods(["GET", "POST"])
def talk(request: HttpRequest, pk: int) -> HttpResponse:
    """The record; before the talk, the presidium's form for it."""
    actor = actor_of(request)
    row = get_talk(actor, pk)
    state = TalkState(row.state)
    form = TalkForm(sent(request), initial=_usual(actor)) if _may_hold(actor, row) else None

    def run(who_acts: Actor) -> ReminderTalk:
        assert form is not None  # noqa: S101 -- only called with the form that was sent
        return hold_talk(actor=who_acts, talk_id=pk, record=form.record(), now=timezone.now())

    if request.method == "POST" and form is not None and act(request, form, run) is not None:
        return done(request, "谈话提醒已登记，可打印记录由三方签字。", "assessments_talk", pk)
    return page(
        request,
        "talk.html",
        "谈话提醒记录",
        crumbs=crumbs(actor, (row.mandate.full_name, "")),
        page_state=state.label,
        page_tone=TALK_TONES[state],
        page_lead="谈话提醒是对履职情况的提醒和帮助，不作为处分；记录只有主席团和本人可以查阅。",
        talk=row,
        form=form,
        rows=_facts(row),
        pdf_url=reverse("assessments_talk_pdf", args=[pk]),
    )


@for_roles(*STAFF)
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """取消谈话, with its reason."""
    row = get_talk(actor_of(request), pk)
    require_unconcerned(actor_of(request), row.mandate)
    form = ReasonForm(sent(request))

    def run(actor: Actor) -> ReminderTalk:
        return cancel_talk(actor=actor, talk_id=pk, reason=form.cleaned_data["reason"])

    if request.method == "POST" and act(request, form, run) is not None:
        return done(request, "已取消谈话。", "assessments_talk", pk)
    back = reverse("assessments_talk", args=[pk])
    trail = crumbs(actor_of(request), (row.mandate.full_name, back), ("取消谈话", ""))
    words = "仅用于代表资格已经终止等不需要谈话的情形，理由存档，不能撤回。"
    return form_page(request, form, "取消谈话", submit="取消谈话", back=back, consequence=words, crumbs=trail)


def _may_hold(actor: Actor, row: ReminderTalk) -> bool:
    return is_staff(actor) and row.state == TalkState.DUE and not concerns(actor, row.mandate)


def _usual(actor: Actor) -> dict[str, Any]:
    """The usual talker is whoever registers the talk; everything can be changed."""
    return {"talked_by": actor.display_name}


def _facts(row: ReminderTalk) -> list[tuple[str, Any]]:
    facts = [
        ("编号", row.record_number),
        ("谈话对象", row.mandate.full_name),
        ("事由", row.reason),
        ("依据", row.sheet.assessment.scheme.name),
    ]
    if row.state == TalkState.CANCELLED:
        return [*facts, ("办理情况", row.content)]
    if row.state != TalkState.DONE:
        return facts
    return [
        *facts,
        ("谈话时间", timezone.localtime(row.held_at).strftime("%Y年%-m月%-d日%H:%M") if row.held_at else ""),
        ("地点", row.place),
        ("谈话人", row.talked_by),
        ("记录人", row.recorder),
        ("提醒内容", row.content),
        ("对象表态", row.response),
    ]


@for_roles(*READERS)
@require_safe
def talk_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The record's form for the printer, blank or filled; who took one stands in the audit trail."""
    actor = actor_of(request)
    row = get_talk(actor, pk)
    form = talk_form(actor, row)
    audit.note("open_file", scope_code=row.scope_code, table=row._meta.db_table, row_id=row.pk)
    moment = printed_at(china_date(timezone.now()))
    return printed_answer(render_document(form, author=form.organ, created_at=moment), form.file_title)
