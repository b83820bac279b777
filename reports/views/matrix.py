"""The matrix of the year's norms: by deputy and by group, as of a day, with the records behind every cell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from deputies.access import current_term, get_mandate, get_term, mandate_of
from deputies.models import DeputyGroup, Mandate, Term
from deputies.selectors import full_names
from liaison.documents.forms import Column as PrintedColumn
from liaison.documents.forms import ListSheet
from liaison.files.downloads import XLSX, file_answer
from liaison.identity.gates import actor_of, for_roles, recently_authenticated
from liaison.identity.roles import DEPUTIES, OFFICE
from liaison.sheets import Value
from liaison.templatetags.liaison_ui import cn_date
from liaison.tenancy.scope import Actor
from liaison.web.pages import whole_number
from liaison.words.enums import Role
from liaison.words.errors import OutOfScope, Refused
from reports.links import record_url
from reports.selectors.dossier import READERS, full_matrix, linked, opens_cases
from reports.views.common import asked_year, page, printed, year_tabs
from reports.views.exports import ReasonForm, Table, export_table
from stations.rules.lifecycle import REGISTERED_OUTCOMES
from stations.rules.norm_sets import remaining_words
from stations.selectors import Matrix
from stations.selectors.county_turns import CountyTurn
from stations.selectors.matrix import Cell, CellLine, Column, DeputyRow, lines_behind

# Who reads the matrix of a whole congress; a group leader sees the own group in it.
MATRIX_READERS = (*OFFICE, Role.GROUP_LEADER, Role.COUNTY_COMMITTEE)
_FIGURES = ("应完成", "已完成", "减免", "尚差", "待核对")
# Counted on the floor above from the cases themselves, not from records of taking part.
_CASE_CODES = ("public_opinion", "suggestion")


@dataclass(frozen=True, slots=True)
class Period:
    """The year shown, up to a day; ``query`` carries both to the pages behind the cells."""

    year: int
    end: date

    @property
    def start(self) -> date:
        return date(self.year, 1, 1)

    @property
    def is_whole(self) -> bool:
        return self.end == date(self.year, 12, 31)

    @property
    def words(self) -> str:
        return f"{self.year}年全年" if self.is_whole else f"截至{cn_date(self.end)}"

    @property
    def query(self) -> str:
        return f"?year={self.year}" + ("" if self.is_whole else f"&on={self.end:%Y-%m-%d}")


def _period(request: HttpRequest, today: date) -> Period:
    """``?year=`` and ``?on=``; a day outside the year, or none, means the whole year."""
    year = asked_year(request, today)
    asked = request.GET.get("on") or request.POST.get("on") or ""
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = date(year, 12, 31)
    return Period(year, day if day.year == year else date(year, 12, 31))


def _term(request: HttpRequest, actor: Actor) -> Term:
    asked = request.GET.get("term")
    term = get_term(actor, whole_number(asked)) if asked else current_term(actor)
    if term is None:
        raise Refused("本地还没有启用的一届人民代表大会，请先在“届与会议”中登记。")
    return term


@for_roles(*MATRIX_READERS)
@require_safe
def matrix(request: HttpRequest) -> HttpResponse:
    """Due and done of every deputy, by strokes, and of every group; each figure leads to its records."""
    actor, today = actor_of(request), timezone.localdate()
    period, term = _period(request, today), _term(request, actor)
    found = full_matrix(actor, term, period.start, period.end)
    names = full_names(actor, [row.mandate for row in found.deputies])
    query = f"{period.query}&term={term.pk}"
    return page(
        request,
        "matrix.html",
        f"{period.year}年履职对照表",
        page_lead=f"{term}，{period.words}。代表按姓名笔画排列，不排名次。格内为已完成次数与应完成次数，请假、暂停职务和补选前的不计入应完成。",
        years=year_tabs(request, period.year, today),
        period=period,
        term=term,
        columns=found.columns,
        deputies=_deputy_rows(found, names, period),
        groups=_group_rows(found, query),
        print_url=reverse("reports_matrix_print") + query,
        export_url=reverse("reports_matrix_export") + query,
        today=today,
    )


def _deputy_rows(found: Matrix, names: dict[int, str], period: Period) -> list[dict[str, Any]]:
    rows = []
    for row in found.deputies:
        cells = [
            _cell(cell, reverse("reports_matrix_deputy", args=[row.mandate.pk, column.code]) + period.query)
            for column, cell in zip(found.columns, row.cells, strict=True)
        ]
        group, name = row.group.name if row.group else "—", row.mandate.full_name
        # What tells namesakes apart stands on a line of its own: the column stays narrow on a phone.
        apart = names[row.mandate.pk].removeprefix(name)
        url = f"{reverse('reports_dossier', args=[row.mandate.pk])}?year={period.year}"
        rows.append({"name": name, "apart": apart, "url": url, "group": group, "cells": cells})
    return rows


def _group_rows(found: Matrix, query: str) -> list[dict[str, Any]]:
    rows = []
    for row in found.groups:
        group_id = row.group.pk if row.group else 0
        cells = [
            _cell(cell, reverse("reports_matrix_cell", args=[group_id, column.code]) + query)
            for column, cell in zip(found.columns, row.cells, strict=True)
        ]
        rows.append({"name": _group_name(row.group), "deputies": row.deputies, "cells": cells})
    return rows


def _group_name(group: DeputyGroup | None) -> str:
    return group.name if group else "未编组代表"


def _cell(cell: Cell, url: str) -> dict[str, Any]:
    return {"done": cell.done, "due": cell.due, "is_short": cell.done < cell.due, "url": url, "cell": cell}


# -- behind a cell ---------------------------------------------------------------------------------------


@for_roles(*MATRIX_READERS)
@require_safe
def matrix_cell(request: HttpRequest, group_id: int, code: str) -> HttpResponse:
    """The records behind one figure of one group, deputy by deputy; ``0`` are those without a group."""
    actor, today = actor_of(request), timezone.localdate()
    period, term = _period(request, today), _term(request, actor)
    found = full_matrix(actor, term, period.start, period.end)
    number = _number(found, code)
    total = next((row for row in found.groups if (row.group.pk if row.group else 0) == group_id), None)
    if total is None:
        raise OutOfScope()
    rows = [row for row in found.deputies if row.group == total.group]
    back = f"{reverse('reports_matrix')}{period.query}&term={term.pk}"
    title = f"{_group_name(total.group)}{period.year}年{found.columns[number].name}"
    crumbs = [("履职对照表", back), (found.columns[number].name, "")]
    return _behind(request, actor, title, found, number, rows, period, crumbs)


@for_roles(*READERS)
@require_safe
def deputy_cell(request: HttpRequest, mandate_id: int, code: str) -> HttpResponse:
    """The records behind one figure of one deputy; the deputy opens the own ones."""
    actor, today = actor_of(request), timezone.localdate()
    period, mandate = _period(request, today), get_mandate(actor, mandate_id)
    found = full_matrix(actor, mandate.term, period.start, period.end)
    number = _number(found, code)
    rows = [row for row in found.deputies if row.mandate.pk == mandate.pk]
    title = f"{mandate.full_name}代表{period.year}年{found.columns[number].name}"
    if actor.has_role(*MATRIX_READERS):
        back = ("履职对照表", f"{reverse('reports_matrix')}{period.query}&term={mandate.term_id}")
    else:
        back = ("我的履职要求", reverse("reports_my_norms"))
    crumbs = [back, (found.columns[number].name, "")]
    return _behind(request, actor, title, found, number, rows, period, crumbs)


def _number(found: Matrix, code: str) -> int:
    number = next((i for i, column in enumerate(found.columns) if column.code == code), None)
    if number is None:
        raise OutOfScope()
    return number


def _behind(
    request: HttpRequest,
    actor: Actor,
    title: str,
    found: Matrix,
    number: int,
    rows: list[DeputyRow],
    period: Period,
    crumbs: list[tuple[str, str]],
) -> HttpResponse:
    column = found.columns[number]
    total = Cell()
    for row in rows:
        total.add(row.cells[number])
    by_mandate = {} if column.fact_code in _CASE_CODES else _lines(actor, rows, column, period)
    names = full_names(actor, [row.mandate for row in rows])
    return page(
        request,
        "matrix_cell.html",
        title,
        page_lead=f"{period.words}。{_how(column)}",
        crumbs=crumbs,
        total=total,
        excuses=[(reason.label, count) for reason, count in total.excuses.items() if count],
        is_case=column.fact_code in _CASE_CODES,
        lines=[
            {
                "name": names[row.mandate.pk],
                "cell": row.cells[number],
                "records": [_record(line) for line in by_mandate.get(row.mandate.pk, ())],
                "cases": linked(row.cells[number], opens_cases(actor, row.mandate))
                if column.fact_code in _CASE_CODES
                else [],
            }
            for row in rows
        ],
    )


def _lines(
    actor: Actor, rows: Iterable[DeputyRow], column: Column, period: Period
) -> dict[int, list[CellLine]]:
    return lines_behind(actor, [row.mandate for row in rows], column, period.start, period.end)


def _how(column: Column) -> str:
    if column.is_personal:
        return "应完成次数按在任月份计，请假超过半月的月份、暂停职务和补选前的不计。"
    return "应完成次数按实际安排该代表参加的次数计，请假、暂停职务和补选前的不计。"


def _record(line: CellLine) -> dict[str, Any]:
    row = line.record
    tone = "ok" if line.counts else "none"
    if isinstance(row, CountyTurn):
        by = "联络站" if row.outcome in REGISTERED_OUTCOMES else "—"
        url = record_url("upper_turn", row.pk)
        return {"line": line, "what": line.what, "by": by, "who": "", "url": url, "tone": tone}
    return {
        "line": line,
        "what": line.what,
        "by": "代表本人" if row.is_recorded_by_deputy else "组织单位" if row.recorded_at else "—",
        "who": row.recorded_by.display_name if row.recorded_by is not None else "",
        "url": reverse("stations_record", args=[row.pk]),
        "tone": tone,
    }


# -- the own row, in words -------------------------------------------------------------------------------


@for_roles(*DEPUTIES)
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """What the deputy still owes this year, in words first, then item by item."""
    actor, today = actor_of(request), timezone.localdate()
    mandate = mandate_of(actor)
    if mandate is None:
        raise Refused("您的账号没有关联本届代表登记，请联系人大工作人员。")
    period = _period(request, today)
    row, columns = own_row(actor, mandate, period.start, period.end)
    return page(
        request,
        "own_norms.html",
        f"我的{period.year}年履职要求",
        years=year_tabs(request, period.year, today),
        words=words_of(row, columns),
        items=[
            (column, cell, reverse("reports_matrix_deputy", args=[mandate.pk, column.code]) + period.query)
            for column, cell in zip(columns, row.cells if row else [], strict=bool(row))
        ],
        year=period.year,
    )


def own_row(actor: Actor, mandate: Mandate, start: date, end: date) -> tuple[DeputyRow | None, list[Column]]:
    found = full_matrix(actor, mandate.term, start, end)
    return next((row for row in found.deputies if row.mandate.pk == mandate.pk), None), found.columns


def words_of(row: DeputyRow | None, columns: list[Column]) -> list[str]:
    """「还差2次：每月走访选区」, in the order of the norm."""
    if row is None:
        return []
    cells = zip(columns, row.cells, strict=True)
    return remaining_words((column.name, column.norm, cell.remaining) for column, cell in cells)


# -- paper and workbook ----------------------------------------------------------------------------------


@for_roles(*MATRIX_READERS)
@require_safe
def print_matrix(request: HttpRequest) -> HttpResponse:
    """The matrix on landscape A4: groups first, then deputies by strokes."""
    actor, now = actor_of(request), timezone.now()
    today = timezone.localdate(now)
    period, term = _period(request, today), _term(request, actor)
    found = full_matrix(actor, term, period.start, period.end)
    place = term.congress.jurisdiction
    form = ListSheet(
        title=f"{period.year}年代表履职对照表",
        organ=place.organ_name or place.name,
        columns=(
            PrintedColumn(heading="姓名", width=14),
            PrintedColumn(heading="小组", width=14),
            *(PrintedColumn(heading=column.name, width=9) for column in found.columns),
        ),
        rows=(*_printed_groups(found), *_printed_deputies(actor, found)),
        subtitle=f"{term}，{period.words}",
        note="格内为已完成次数／应完成次数。代表按姓名笔画排列。",
        made_by=actor.display_name,
        made_on=today,
    )
    return printed(form, now)


def _printed_groups(found: Matrix) -> list[tuple[str, ...]]:
    return [
        ("小组合计", _group_name(row.group), *(f"{cell.done}/{cell.due}" for cell in row.cells))
        for row in found.groups
    ]


def _printed_deputies(actor: Actor, found: Matrix) -> list[tuple[str, ...]]:
    names = full_names(actor, [row.mandate for row in found.deputies])
    return [
        (
            names[row.mandate.pk],
            row.group.name if row.group else "—",
            *(f"{cell.done}/{cell.due}" for cell in row.cells),
        )
        for row in found.deputies
    ]


@for_roles(*MATRIX_READERS)
@recently_authenticated("导出履职对照表")
@require_http_methods(["GET", "HEAD", "POST"])
def export_matrix(request: HttpRequest) -> HttpResponse:
    """The matrix as a workbook with all five figures of every cell; its reason stands in the register."""
    actor, now = actor_of(request), timezone.now()
    period, term = _period(request, timezone.localdate(now)), _term(request, actor)
    found = full_matrix(actor, term, period.start, period.end)
    table = _table(actor, found, term, period)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = export_table(actor=actor, table=table, reason=form.cleaned_data["reason"], now=now)
        return file_answer(data, XLSX, f"{table.title}.xlsx")
    back = f"{reverse('reports_matrix')}{period.query}&term={term.pk}"
    return page(
        request,
        "export.html",
        "导出履职对照表",
        crumbs=[("履职对照表", back), ("导出", "")],
        page_lead=f"{table.title}，{len(table.rows)}行。",
        form=form,
        cancel_url=back,
    )


def _table(actor: Actor, found: Matrix, term: Term, period: Period) -> Table:
    names = full_names(actor, [row.mandate for row in found.deputies])
    heads = ["姓名", "小组", *(f"{column.name}{figure}" for column in found.columns for figure in _FIGURES)]
    rows: list[list[Value]] = [
        ["小组合计", _group_name(row.group), *_figures(row.cells)] for row in found.groups
    ]
    rows += [
        [names[row.mandate.pk], row.group.name if row.group else "", *_figures(row.cells)]
        for row in found.deputies
    ]
    title = f"{term.congress.jurisdiction.short_name}{period.year}年代表履职对照表"
    return Table("履职对照表", title, f"{term}，{period.words}，按姓名笔画排列", heads, rows)


def _figures(cells: Iterable[Cell]) -> list[Value]:
    return [
        figure
        for cell in cells
        for figure in (cell.due, cell.done, cell.excused, cell.remaining, cell.pending)
    ]
