"""Printing the register and exporting the ledger."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from constituents.access import INTAKE_ROLES, get_opinion
from constituents.forms import ExportForm
from constituents.papers import (
    EXPORTERS,
    blank_register,
    export_opinions,
    exported_opinions,
    filled_register,
    note_printing,
)
from constituents.views.common import act, attachment, crumbs, page, whole_number
from liaison.gates import actor_of, for_roles, recently_authenticated
from liaison.pdf import render_document

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@for_roles(*INTAKE_ROLES)
@require_safe
def blank_sheet(request: HttpRequest) -> HttpResponse:
    """An empty register form for the desk."""
    form = blank_register(actor_of(request))
    pdf = render_document(form, author=form.organ, created_at=timezone.now())
    return attachment(pdf, PDF, f"{form.file_title}.pdf", inline=True)


@for_roles(*INTAKE_ROLES)
@require_safe
def sheet(request: HttpRequest, opinion_id: int) -> HttpResponse:
    """One filled register form, the resident masked."""
    actor = actor_of(request)
    row = get_opinion(actor, opinion_id)
    form = filled_register(row)
    pdf = render_document(form, author=form.organ, created_at=timezone.now())
    note_printing(actor, row)
    return attachment(pdf, PDF, f"{form.file_title}.pdf", inline=True)


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
        data = act(form, lambda: export_opinions(actor=actor, rows=rows, reason=reason, now=now))
        if data is not None:
            return attachment(data, XLSX, f"社情民意台账{timezone.localdate(now):%Y%m%d}.xlsx")
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
