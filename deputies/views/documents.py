"""Printing and exporting the roster."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from deputies.documents import EXPORTERS, export_roster, exported_mandates, printed_roster
from deputies.forms import ExportForm
from deputies.selectors import ORDERS
from deputies.views.common import (
    crumbs,
    page,
    required_term,
)
from liaison.documents.pdf import render_document
from liaison.files.downloads import XLSX, file_answer, printed_answer
from liaison.identity.gates import actor_of, for_roles, recently_authenticated
from liaison.identity.roles import OFFICE, STATION_STAFF
from liaison.web.pages import act, whole_number
from liaison.words.enums import Role


def _named_ids(request: HttpRequest) -> list[int] | None:
    ids = [whole_number(text) for text in (request.POST or request.GET).getlist("id")]
    return ids or None


@for_roles(*STATION_STAFF, Role.GROUP_LEADER)
@require_safe
def print_roster(request: HttpRequest) -> HttpResponse:
    """The roster as a PDF for the printer; about a tenth of a second a page."""
    actor = actor_of(request)
    term = required_term(request, actor)
    order = request.GET.get("order", "")
    now = timezone.now()
    form = printed_roster(
        actor,
        term,
        today=timezone.localdate(now),
        order=order if order in ORDERS else "number",
        mandate_ids=_named_ids(request),
    )
    pdf = render_document(form, author=form.organ, created_at=now)
    return printed_answer(pdf, form.file_title)


@for_roles(*EXPORTERS)
@recently_authenticated("导出代表名册")
def export(request: HttpRequest) -> HttpResponse:
    """The roster as a file; the reason stands in the audit trail."""
    actor = actor_of(request)
    term = required_term(request, actor)
    ids = _named_ids(request)
    form = ExportForm(actor.role in OFFICE, request.POST or None)
    if request.method == "POST":
        now = timezone.now()
        data = act(
            request,
            form,
            lambda who: export_roster(
                actor=who,
                term_id=term.pk,
                reason=form.cleaned_data["reason"],
                with_phones=form.cleaned_data.get("with_phones", False),
                mandate_ids=ids,
                now=now,
            ),
        )
        if data is not None:
            name = f"{term.congress.jurisdiction.short_name}代表名册{timezone.localdate(now):%Y%m%d}.xlsx"
            return file_answer(data, XLSX, name)
    return page(
        request,
        "export.html",
        "导出代表名册",
        crumbs=crumbs(("导出", "")),
        page_lead=f"{term}，{len(exported_mandates(actor, term, ids))}人。",
        form=form,
        term=term,
        ids=ids or [],
        cancel_url=reverse("deputies_roster"),
    )
