"""Printing the register and exporting the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from constituents.access import (
    INTAKE_ROLES,
    PAPER_ROLES,
    Sight,
    get_opinion,
    opinions_of_day,
    paper_day,
    sight_of,
)
from constituents.documents.papers import (
    EXPORTERS,
    blank_register,
    day_papers,
    export_opinions,
    exported_opinions,
    filled_register,
    note_day_printing,
    note_printing,
    register_rows,
)
from constituents.forms import ExportForm, PrintReasonForm
from constituents.models import Opinion
from constituents.services.reveal import take_reveals
from constituents.views.common import crumbs, page, reception_crumbs
from liaison.documents.forms import ReceptionRegister, ReceptionSummary
from liaison.documents.pdf import render_documents
from liaison.files.downloads import XLSX, file_answer, printed_answer
from liaison.identity.gates import actor_of, for_roles, recently_authenticated
from liaison.tenancy.scope import Actor
from liaison.web.pages import act, whole_number
from liaison.words.errors import Forbidden, Refused
from stations.access import get_reception_day
from stations.models import ReceptionDay

PDF = "application/pdf"
# About six seconds of printing; more is a mistake or a meeting.
MOST_SHEETS = 40


@for_roles(*INTAKE_ROLES)
@require_safe
def blank_sheet(request: HttpRequest) -> HttpResponse:
    """An empty register form for the desk."""
    return _printed([blank_register(actor_of(request))])


@for_roles(*INTAKE_ROLES)
@require_safe
def sheet(request: HttpRequest, opinion_id: int) -> HttpResponse:
    """One filled register form, the resident masked."""
    actor = actor_of(request)
    row = _sheet_row(actor, opinion_id)
    answer = _printed([filled_register(row)])
    note_printing(actor, row)
    return answer


def _sheet_row(actor: Actor, opinion_id: int) -> Opinion:
    found = get_opinion(actor, opinion_id)
    return register_rows(Opinion.scoped(actor).filter(pk=found.pk)).get()


def _printed(forms: Sequence[ReceptionRegister | ReceptionSummary]) -> HttpResponse:
    """One file for the printer, called like its first sheet."""
    title = forms[0].file_title
    pdf = render_documents(forms, title=title, author=forms[0].organ, created_at=timezone.now(), duplex=False)
    return printed_answer(pdf, title)


@for_roles(*INTAKE_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def full_sheet(request: HttpRequest, opinion_id: int) -> HttpResponse:
    """The same with name, phone and address in full, for a reason that stays in the audit trail."""
    actor = actor_of(request)
    row = _sheet_row(actor, opinion_id)
    if sight_of(actor, row) < Sight.MASKED and not row.is_anonymous:
        raise Forbidden("办理此事不需要群众的联系方式。")
    back = reverse("constituents_opinion", args=[row.pk])
    steps = crumbs(actor, (row.number, back), ("打印完整登记表", ""))
    return _in_full(request, actor, [row], lambda: [filled_register(row, is_full=True)], steps, back)


@for_roles(*INTAKE_ROLES)
@require_safe
def blank_day_sheet(request: HttpRequest, day_id: int) -> HttpResponse:
    """An empty sheet for one reception: station, date, hours and deputies are printed already."""
    return _printed([blank_register(actor_of(request), get_reception_day(actor_of(request), day_id))])


@for_roles(*PAPER_ROLES)
@require_safe
def day_register(request: HttpRequest, day_id: int) -> HttpResponse:
    """The whole reception on paper: the summary and a sheet a matter, residents masked."""
    actor = actor_of(request)
    day = paper_day(actor, day_id)
    answer = _printed(day_papers(day, _matters(actor, day)))
    note_day_printing(day)
    return answer


def _matters(actor: Actor, day: ReceptionDay) -> list[Opinion]:
    rows = list(register_rows(opinions_of_day(actor, day))[: MOST_SHEETS + 1])
    if len(rows) > MOST_SHEETS:
        raise Refused(f"这一天登记的事项超过{MOST_SHEETS}件，请在社情民意列表里逐件打印。")
    return rows


@for_roles(*PAPER_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def full_day_register(request: HttpRequest, day_id: int) -> HttpResponse:
    """The same with the residents in full, for a reason that stays in the audit trail."""
    actor = actor_of(request)
    day = paper_day(actor, day_id)
    rows = _matters(actor, day)
    back = reverse("constituents_day", args=[day.pk])
    steps = [*reception_crumbs(day), ("打印完整登记表", "")]
    return _in_full(request, actor, rows, lambda: day_papers(day, rows, is_full=True), steps, back)


def _note_reveals(actor: Actor, rows: list[Opinion], reason: str) -> None:
    take_reveals(actor=actor, operation="print_full_register", rows=rows, reason=reason, now=timezone.now())


def _in_full(
    request: HttpRequest,
    actor: Actor,
    rows: list[Opinion],
    forms: Callable[[], Sequence[ReceptionRegister | ReceptionSummary]],
    steps: list[tuple[str, str]],
    back: str,
) -> HttpResponse:
    """Ask for the reason, note it for every resident shown, then print."""
    form = PrintReasonForm(request.POST if request.method == "POST" else None)
    shown = [row for row in rows if not row.is_anonymous]
    if request.method == "POST":
        facts: dict[str, Any] = {
            "actor": actor,
            "operation": "print_full_register",
            "rows": shown,
            "now": timezone.now(),
        }
        if (
            act(request, form, lambda _: take_reveals(reason=form.cleaned_data["reason"], **facts))
            is not None
        ):
            return _printed(forms())
    lead = f"共{len(rows)}件事项，其中{len(shown)}件留有群众姓名或电话。"
    return page(
        request, "print_full.html", "打印完整登记表", page_lead=lead, crumbs=steps, form=form, back_url=back
    )


@for_roles(*EXPORTERS)
@recently_authenticated("导出社情民意台账")
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponse:
    """The ledger as a file: those ticked in the list, or all."""
    actor = actor_of(request)
    source = request.POST if request.method == "POST" else request.GET
    ids = [whole_number(text) for text in source.getlist("id")]
    rows = exported_opinions(actor)
    rows = rows.filter(pk__in=ids) if ids else rows
    form = ExportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        now = timezone.now()
        reason = form.data.get("reason", "")
        data = act(request, form, lambda _: export_opinions(actor=actor, rows=rows, reason=reason, now=now))
        if data is not None:
            return file_answer(data, XLSX, f"社情民意台账{timezone.localdate(now):%Y%m%d}.xlsx")
    return page(
        request,
        "export.html",
        "导出社情民意台账",
        crumbs=crumbs(actor, ("导出", "")),
        page_lead=f"共{rows.count()}件，群众姓名和电话以掩码导出。",
        form=form,
        ids=ids,
        cancel_url=reverse("admin:constituents_opinion_changelist"),
    )
