"""The notice: received by the deputy, delivered by the office, printed for the cabinet."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.access import (
    get_notice,
    visible_notices,
    visible_talks,
)
from assessments.enums import DeliveryWay, NoticeEvent, NoticeState
from assessments.forms.cycle import DeliverForm, ReasonForm
from assessments.forms.fields import sent
from assessments.lifecycle import NOTICE, REPORT_OWED
from assessments.models import Circular, FeedbackNotice, NoticeReminder, NoticeStep
from assessments.selectors import report_in_hand, reports_of
from assessments.services import deliver_notice, excuse_report, open_own_notice, record_unreported
from assessments.services.rectification import require_group_voice, require_reviewer
from assessments.services.reminders import STAGE_NAMES
from assessments.views.common import (
    GRADE_TONES,
    NOTICE_TONES,
    READERS,
    STAFF,
    crumbs,
    done,
    form_page,
    is_own,
    is_staff,
    page,
)
from deputies.access import concerns, require_unconcerned
from liaison.auditing import trail as audit
from liaison.files.uploads import file_response
from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import DEPUTIES
from liaison.models import StoredFile
from liaison.tenancy.scope import Actor
from liaison.web.pages import act, is_allowed
from liaison.words.errors import OutOfScope, Refused


@for_roles(*READERS)
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """The notices the actor may read: the own ones, a leader's group's, the office's."""
    actor = actor_of(request)
    rows = visible_notices(actor).exclude(state=NoticeState.SUPERSEDED)
    rows = rows.select_related("assessment", "mandate__person").order_by("-organ_year", "organ_number")
    title = "反馈通知书" if actor.role not in DEPUTIES else "我的通知书"
    listed = [_listed(actor, row) for row in rows[:500]]
    return page(request, "notices.html", title, crumbs=crumbs(actor, (title, "")), notices=listed)


def _listed(actor: Actor, row: FeedbackNotice) -> dict[str, Any]:
    state = NoticeState(row.state)
    return {
        "row": row,
        "word": state.label,
        "tone": NOTICE_TONES[state],
        "is_open": state in REPORT_OWED,
        "is_own": is_own(actor, row),
    }


@for_roles(*READERS)
@require_safe
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice: for the deputy what to do until when, for the office where it stands."""
    actor = actor_of(request)
    row = get_notice(actor, pk)
    state, mine = NoticeState(row.state), is_own(actor, row)
    # The receipt comes before the reading: the page shows the result once the deputy has received it.
    is_received = not mine or row.read_at is not None or row.delivered_on is not None
    return page(
        request,
        "notice.html",
        f"{row.assessment.year}年度履职测评结果反馈通知书",
        crumbs=crumbs(actor, (row.document_number, "")),
        page_state=state.label,
        page_tone=NOTICE_TONES[state],
        notice=row,
        sheet=row.sheet,
        grade_tone=GRADE_TONES.get(row.sheet.grade, "info"),
        is_own=mine,
        is_received=is_received,
        is_owed=state in REPORT_OWED or state == NoticeState.UNREPORTED,
        reports=reports_of(actor, row),
        items=_timeline(actor, row),
        talk=visible_talks(actor).filter(sheet=row.sheet).first(),
        actions=_actions(actor, row),
        review=_review_url(actor, row),
    )


# What another has to decide where the notice is one's own.
_JUDGED = (NoticeEvent.RECORD_UNREPORTED, NoticeEvent.EXCUSE)


def _actions(actor: Actor, row: FeedbackNotice) -> list[tuple[str, str]]:
    """What the office may do with the notice as it stands."""
    if not is_staff(actor):
        return []
    found = []
    for event, name, label in (
        (NoticeEvent.DELIVER, "assessments_deliver", "登记送达"),
        (NoticeEvent.REPORT, "assessments_report", "代为录入整改报告"),
        (NoticeEvent.RECORD_UNREPORTED, "assessments_unreported", "登记未提交"),
        (NoticeEvent.EXCUSE, "assessments_excuse", "免于提交"),
    ):
        if NOTICE.can(row.state, event) and not (event in _JUDGED and concerns(actor, row.mandate)):
            found.append((label, reverse(name, args=[row.pk])))
    return found


def _review_url(actor: Actor, row: FeedbackNotice) -> str:
    """Where the report handed in is reviewed, or the group's leader gives an opinion."""
    if row.state != NoticeState.REPORTED:
        return ""
    report = report_in_hand(actor, row)
    if report is None:
        return ""
    if is_allowed(require_reviewer, actor, report):
        return reverse("assessments_review", args=[report.pk])
    is_asked = is_allowed(require_group_voice, actor, report) and not report.leader_opinion
    return reverse("assessments_leader_opinion", args=[report.pk]) if is_asked else ""


def _timeline(actor: Actor, row: FeedbackNotice) -> list[dict[str, Any]]:
    """Steps and reminders, newest first."""
    steps = NoticeStep.scoped(actor).filter(notice=row).select_related("done_by")
    items = [
        {
            "at": step.done_at,
            "what": str(step),
            "who": step.done_by.display_name if step.done_by else "系统",
            "detail": step.note,
            "tone": "",
        }
        for step in steps
    ]
    for reminder in NoticeReminder.scoped(actor).filter(notice=row):
        what = STAGE_NAMES.get(reminder.stage, "提醒")
        items.append({"at": reminder.sent_at, "what": what, "who": "系统", "detail": "", "tone": "warn"})
    return sorted(items, key=lambda item: item["at"], reverse=True)


@for_roles(*DEPUTIES)
@require_POST
def receive(request: HttpRequest, pk: int) -> HttpResponse:
    """查收: the deputy's own act, counted as delivered online."""
    open_own_notice(actor=actor_of(request), notice_id=pk, now=timezone.now())
    return done(request, "已查收。请在期限内提交《履职测评整改报告》。", "assessments_notice", pk)


@for_roles(*READERS)
@require_safe
def notice_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter itself, as it was issued."""
    actor = actor_of(request)
    row = get_notice(actor, pk)
    if is_own(actor, row) and row.read_at is None and row.delivered_on is None:
        return redirect("assessments_notice", pk)
    return _pdf(actor, row.pdf, "通知书正在生成，请过一分钟再打开。")


def _pdf(actor: Actor, stored: StoredFile | None, waiting: str) -> HttpResponse:
    if stored is None:
        raise Refused(waiting)
    # Who took a paper with a result stands in the audit trail.
    table = stored._meta.db_table
    audit.note("open_file", scope_code=stored.scope_code, table=table, row_id=stored.pk)
    return file_response(actor, stored, inline=True)


@for_roles(*READERS)
@require_safe
def circular_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """《通报》: grades and names, sent to every deputy of the congress."""
    actor = actor_of(request)
    row = Circular.scoped(actor).select_related("pdf").filter(pk=pk).first()
    if row is None:
        raise OutOfScope()
    return _pdf(actor, row.pdf, "通报正在生成，请过一分钟再打开。")


@for_roles(*STAFF)
@require_http_methods(["GET", "POST"])
def deliver(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_notice(actor_of(request), pk)
    form = DeliverForm(sent(request), initial={"received_by": row.mandate.full_name})

    def run(actor: Actor) -> FeedbackNotice:
        way, received_by = DeliveryWay(form.cleaned_data["way"]), form.cleaned_data["received_by"]
        return deliver_notice(actor=actor, notice_id=pk, way=way, received_by=received_by, now=timezone.now())

    if request.method == "POST" and act(request, form, run) is not None:
        return done(request, f"已登记{row.mandate.full_name}代表签收。", "assessments_notice", pk)
    return _action(
        request,
        row,
        form,
        "登记送达",
        "按送达回执登记；异议期限从送达之日起算；整改期限以通知书上的日期为准，不因送达迟早改变。",
    )


@for_roles(*STAFF)
@require_http_methods(["GET", "POST"])
def excuse(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_notice(actor_of(request), pk)
    require_unconcerned(actor_of(request), row.mandate)
    form = ReasonForm(sent(request))

    def run(actor: Actor) -> FeedbackNotice:
        reason = form.cleaned_data["reason"]
        return excuse_report(actor=actor, notice_id=pk, reason=reason, now=timezone.now())

    if request.method == "POST" and act(request, form, run) is not None:
        return done(request, "已登记免于提交。", "assessments_notice", pk)
    return _action(request, row, form, "免于提交", "登记后不再催交，理由记入办理记录，不能撤回。")


@for_roles(*STAFF)
@require_http_methods(["GET", "POST"])
def unreported(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_notice(actor_of(request), pk)
    require_unconcerned(actor_of(request), row.mandate)
    form = ReasonForm(sent(request))
    form.fields["reason"].label = "催交情况"

    def run(actor: Actor) -> FeedbackNotice:
        note = form.cleaned_data["reason"]
        return record_unreported(actor=actor, notice_id=pk, note=note, now=timezone.now())

    if request.method == "POST" and act(request, form, run) is not None:
        return done(request, "已登记为未提交。", "assessments_notice", pk)
    words = "登记后按测评办法计入下一年度测评；代表补交的，仍可受理。"
    return _action(request, row, form, "登记未提交", words)


def _action(
    request: HttpRequest, row: FeedbackNotice, form: Any, title: str, consequence: str
) -> HttpResponse:
    actor = actor_of(request)
    back = reverse("assessments_notice", args=[row.pk])
    trail = crumbs(actor, (row.document_number, back), (title, ""))
    lead = f"{row.mandate.full_name}代表　{row.document_number}"
    return form_page(
        request, form, title, submit=title, back=back, consequence=consequence, crumbs=trail, page_lead=lead
    )
