"""Tables that leave the house: with a reason, on record, and without anything that could run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from liaison.auditing import trail
from liaison.documents.forms import Column, ListSheet
from liaison.files.downloads import XLSX, file_answer
from liaison.identity.gates import actor_of, for_roles, recently_authenticated
from liaison.sheets import Value, write_xlsx
from liaison.tenancy.scope import Actor
from liaison.words.text import clean_line
from reports.models import ExportRecord
from reports.selectors.comparison import FIGURES, compare_places
from reports.views.common import asked_year, page, printed
from reports.views.compare import READERS, compared_place, export_heads, export_lines, standing


class ReasonForm(forms.Form):
    """Why a table leaves the house; the sentence stands in the register of exports."""

    reason = forms.CharField(
        label="导出用途",
        max_length=200,
        help_text="如“报送市人大常委会年度工作总结”。请勿填写个人信息。",
        error_messages={"required": "请填写导出用途。"},
    )

    def clean_reason(self) -> str:
        return clean_line(self.cleaned_data["reason"])


@dataclass(frozen=True, slots=True)
class Table:
    """A table ready to leave: kind for the register, title, heads and rows."""

    kind: str
    title: str
    subtitle: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Value]]


def export_table(*, actor: Actor, table: Table, reason: str, now: datetime) -> bytes:
    """The workbook of ``table``, written down in the register with reason, rows and digest."""
    local = timezone.localtime(now)
    mark = f"{actor.jurisdiction_name} {actor.display_name} {local:%Y-%m-%d %H:%M}导出"
    data = write_xlsx(table.heads, table.rows, title=table.title, subtitle=table.subtitle, watermark=mark)
    with trail.operation("export_comparison", reason=reason):
        ExportRecord._plain.create(
            scope_code=actor.lo,
            kind=table.kind,
            reason=reason,
            row_count=len(table.rows),
            sha256=hashlib.sha256(data).hexdigest(),
            exported_by_id=actor.account_id,
            exported_at=now,
        )
    return data


@for_roles(*READERS)
@recently_authenticated("导出情况对比表")
@require_http_methods(["GET", "HEAD", "POST"])
def export_comparison(request: HttpRequest) -> HttpResponse:
    """The comparison as a workbook."""
    actor, now = actor_of(request), timezone.now()
    table, query = _comparison(request, actor, now)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = export_table(actor=actor, table=table, reason=form.cleaned_data["reason"], now=now)
        return file_answer(data, XLSX, f"{table.title}.xlsx")
    back = f"{reverse('reports_compare')}?{query}"
    return page(
        request,
        "export.html",
        "导出情况对比表",
        crumbs=[("情况对比", back), ("导出", "")],
        page_lead=f"{table.title}，{len(table.rows)}行。",
        form=form,
        cancel_url=back,
    )


def _comparison(request: HttpRequest, actor: Actor, now: datetime) -> tuple[Table, str]:
    today = timezone.localdate(now)
    year, place = asked_year(request, today), compared_place(request, actor)
    rows = export_lines(compare_places(place.actor, year, today))
    title = f"{place.name}{year}年情况对比表"
    table = Table("情况对比", title, standing(year, today), export_heads(year), rows)
    return table, f"year={year}{place.query}"


@for_roles(*READERS)
@require_safe
def print_comparison(request: HttpRequest) -> HttpResponse:
    """The comparison on A4 for the printer; this year's number, last year's in brackets."""
    actor, now = actor_of(request), timezone.now()
    today = timezone.localdate(now)
    year, place = asked_year(request, today), compared_place(request, actor)
    rows = tuple(
        (row.place.short_name, *(_both(row.values[f.code], row.last[f.code]) for f in FIGURES))
        for row in compare_places(place.actor, year, today)
    )
    form = ListSheet(
        title=f"{place.name}{year}年情况对比表",
        organ=actor.jurisdiction_name,
        columns=(
            Column(heading="地区", width=14, align="left"),
            *(Column(heading=f"{figure.name}（{figure.unit}）", width=8) for figure in FIGURES),
        ),
        rows=rows,
        subtitle="括号内为上年同口径数字",
        made_by=actor.display_name,
        made_on=today,
    )
    return printed(form, now)


def _both(value: int | None, last: int | None) -> str:
    return f"{'—' if value is None else value}（{'—' if last is None else last}）"
