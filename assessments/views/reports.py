"""《整改报告》: drafted at leisure, handed in, returned or accepted; the group's leader has a word."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from assessments.access import get_notice, get_report, visible_reports
from assessments.documents.letters import report_form
from assessments.enums import NoticeEvent, NoticeState
from assessments.forms.cycle import OpinionForm, ReportForm, ReviewForm
from assessments.forms.fields import sent
from assessments.lifecycle import NOTICE
from assessments.models import FeedbackNotice, RectificationReport
from assessments.services import (
    review_report,
    start_report,
    submit_report,
)
from assessments.services.notices import printed_at
from assessments.services.rectification import require_group_voice, require_reviewer
from assessments.views.common import (
    NOTICE_TONES,
    READERS,
    STAFF,
    crumbs,
    done,
    is_own,
    is_staff,
    page,
)
from liaison.calendar.workdays import china_date
from liaison.documents.pdf import render_document
from liaison.files.downloads import printed_answer
from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import DEPUTIES
from liaison.tenancy.scope import Actor
from liaison.web.pages import act, save
from liaison.words.errors import Forbidden


@for_roles(*READERS)
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft of a notice's report; the first visit begins one by a button, never by looking."""
    actor = actor_of(request)
    row = get_notice(actor, pk)
    if not (is_own(actor, row) or is_staff(actor)):
        raise Forbidden("整改报告由代表本人填写，或者由主席团秘书代为录入。")
    draft = visible_reports_of(actor, row).filter(is_submitted=False).first()
    if request.method == "POST" and "start" in request.POST:
        start_report(actor=actor, notice_id=pk, now=timezone.now())
        return done(request, "已按通知书列出的问题建好草稿，可随时保存。", "assessments_report", pk)
    if draft is None:
        return _before(request, row)
    form = ReportForm(actor, draft, sent(request))
    if request.method == "POST":
        answer = _take(request, row, draft, form)
        if answer is not None:
            return answer
    return _draft_page(request, row, draft, form)


def visible_reports_of(actor: Actor, row: FeedbackNotice) -> QuerySet[RectificationReport]:
    """The submissions the actor may write or read; a clerk also sees drafts written for a deputy."""
    return visible_reports(actor).filter(notice=row)


def _before(request: HttpRequest, row: FeedbackNotice) -> HttpResponse:
    """What will be asked, and the button that begins."""
    return page(
        request,
        "report_start.html",
        "履职测评整改报告",
        crumbs=_trail(request, row),
        page_state=NoticeState(row.state).label,
        page_tone=NOTICE_TONES[NoticeState(row.state)],
        notice=row,
        may_start=NOTICE.can(row.state, NoticeEvent.REPORT),
        needs_receipt=row.state == NoticeState.ISSUED,
    )


def _take(
    request: HttpRequest, row: FeedbackNotice, draft: RectificationReport, form: ReportForm
) -> HttpResponse | None:
    """Keep what was typed; hand it in when that button was pressed and nothing is missing."""
    if save(request, form) is None:
        return None
    form.renew()
    if "submit" not in request.POST:
        return done(request, "草稿已保存，还没有提交。", "assessments_report", row.pk)
    handed_in = act(
        request, form, lambda actor: submit_report(actor=actor, report_id=draft.pk, now=timezone.now())
    )
    if handed_in is None:
        return None
    return done(request, "整改报告已提交，主席团审核后会告知您结果。", "assessments_notice", row.pk)


def _draft_page(
    request: HttpRequest, row: FeedbackNotice, draft: RectificationReport, form: ReportForm
) -> HttpResponse:
    former = (
        visible_reports_of(actor_of(request), row).filter(is_accepted=False).order_by("-submission").first()
    )
    return page(
        request,
        "report.html",
        "履职测评整改报告",
        crumbs=_trail(request, row),
        page_state="草稿",
        page_tone="warn",
        notice=row,
        draft=draft,
        form=form,
        returned=former,
        rows=form.rows(),
    )


def _trail(request: HttpRequest, row: FeedbackNotice) -> list[tuple[str, str]]:
    back = reverse("assessments_notice", args=[row.pk])
    return crumbs(actor_of(request), (row.document_number, back), ("整改报告", ""))


@for_roles(*READERS)
@require_safe
def report_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The report's form for the printer: as handed in, or blank with the problems of the notice."""
    actor = actor_of(request)
    row = get_notice(actor, pk)
    newest = visible_reports_of(actor, row).order_by("-submission").first()
    if request.GET.get("blank"):
        newest = None
    form = report_form(actor, row, newest)
    moment = printed_at(china_date(timezone.now()))
    data = render_document(form, author=form.organ, created_at=moment)
    return printed_answer(data, form.file_title)


@for_roles(*STAFF)
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """主席团审核: the report beside the notice it answers, one decision."""
    actor = actor_of(request)
    handed_in = get_report(actor, pk)
    require_reviewer(actor, handed_in)
    form = ReviewForm(sent(request))

    def run(who_acts: Actor) -> RectificationReport:
        note = form.cleaned_data["review_note"]
        accepted = form.is_accepted
        return review_report(
            actor=who_acts, report_id=pk, is_accepted=accepted, note=note, now=timezone.now()
        )

    if request.method == "POST" and act(request, form, run) is not None:
        return done(request, "审核意见已记录，并已告知代表本人。", "assessments_notice", handed_in.notice_id)
    return _judge(
        request, handed_in, form, "审核整改报告", "审核结果即时告知代表；退回的，代表补充后重新提交。"
    )


@for_roles(*DEPUTIES)
@require_http_methods(["GET", "POST"])
def leader_opinion(request: HttpRequest, pk: int) -> HttpResponse:
    """组长意见, before the presidium reviews."""
    actor = actor_of(request)
    handed_in = get_report(actor, pk)
    require_group_voice(actor, handed_in)
    form = OpinionForm(actor, handed_in, sent(request))
    if request.method == "POST" and save(request, form) is not None:
        return done(request, "组长意见已记录。", "assessments_notice", handed_in.notice_id)
    return _judge(request, handed_in, form, "填写组长意见", "意见随报告一并送主席团审核。")


def _judge(
    request: HttpRequest,
    handed_in: RectificationReport,
    form: ReviewForm | OpinionForm,
    title: str,
    consequence: str,
) -> HttpResponse:
    row = get_notice(actor_of(request), handed_in.notice_id)
    back = reverse("assessments_notice", args=[row.pk])
    return page(
        request,
        "review.html",
        title,
        crumbs=crumbs(actor_of(request), (row.document_number, back), (title, "")),
        page_lead=f"{row.mandate.full_name}代表　第{handed_in.submission}次提交",
        notice=row,
        report=handed_in,
        items=list(handed_in.items.order_by("sort")),
        form=form,
        submit=title,
        cancel_url=back,
        consequence=consequence,
    )
