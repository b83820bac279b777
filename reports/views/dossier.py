"""一人一档 on screen and on paper, and the matrix of the ten ones for those who keep it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from deputies.access import current_term, get_mandate, get_term, mandate_of
from deputies.enums import MandateState
from deputies.models import Mandate, Term
from deputies.selectors import elector_name, full_names
from liaison.document_forms import Column, ListSheet
from liaison.enums import Role
from liaison.errors import OutOfScope, Refused
from liaison.gates import actor_of, for_roles
from liaison.scope import Actor
from reports.links import page_url
from reports.selectors.dossier import (
    READERS,
    counted_in_words,
    dossier_of,
    full_matrix,
    linked,
    opens_cases,
    printed_lines,
)
from reports.views.common import asked_year, page, printed, whole_number, year_tabs
from stations.selectors import Matrix
from stations.selectors.matrix import Cell

# Who reads the matrix of a whole congress; a group leader sees the own group in it.
MATRIX_READERS = (Role.PRESIDIUM_CLERK, Role.PRESIDIUM_CHAIR, Role.GROUP_LEADER, Role.COUNTY_COMMITTEE)
_SEATED = (MandateState.ACTIVE,)
_PRINTED = tuple(
    Column(heading=heading, width=width, align=align)
    for heading, width, align in (
        ("日期", 18, "center"),
        ("类别", 14, "center"),
        ("事项", 40, "left"),
        ("情况", 12, "center"),
        ("状态", 16, "center"),
    )
)


@for_roles(Role.DEPUTY, Role.GROUP_LEADER)
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The acting deputy's own dossier."""
    mandate = mandate_of(actor_of(request))
    if mandate is None:
        raise Refused("您的账号没有关联本届代表登记，请联系人大工作人员。")
    return HttpResponseRedirect(reverse("reports_dossier", args=[mandate.pk]))


@for_roles(*READERS)
@require_safe
def dossier(request: HttpRequest, mandate_id: int) -> HttpResponse:
    """One deputy's year: what was due, what was done, and the records behind it."""
    actor, today = actor_of(request), timezone.localdate()
    mandate, year = get_mandate(actor, mandate_id), asked_year(request, today)
    shown, state = dossier_of(actor, mandate, year), MandateState(mandate.state)
    return page(
        request,
        "dossier.html",
        f"{_name(actor, mandate)}代表履职档案",
        page_state=state.label,
        page_tone="ok" if state in _SEATED else "warn",
        page_lead=f"{mandate.term}代表　{elector_name(mandate)}",
        crumbs=_crumbs(actor, mandate, year),
        years=year_tabs(request, year, today),
        dossier=shown,
        year=year,
        person_url=page_url("deputies_person", mandate.pk),
        print_url=f"{reverse('reports_dossier_print', args=[mandate.pk])}?year={year}",
    )


def _name(actor: Actor, mandate: Mandate) -> str:
    return full_names(actor, [mandate])[mandate.pk]


def _crumbs(actor: Actor, mandate: Mandate, year: int) -> list[tuple[str, str]]:
    if not actor.has_role(*MATRIX_READERS):
        return []
    back = f"{reverse('reports_matrix')}?year={year}&term={mandate.term_id}"
    return [("履职对照表", back), (mandate.person.name, "")]


@for_roles(*READERS)
@require_safe
def print_dossier(request: HttpRequest, mandate_id: int) -> HttpResponse:
    """The year's records as a list on A4, the ten ones in words at its foot."""
    actor, now = actor_of(request), timezone.now()
    today = timezone.localdate(now)
    mandate, year = get_mandate(actor, mandate_id), asked_year(request, today)
    shown = dossier_of(actor, mandate, year)
    place = mandate.term.congress.jurisdiction
    form = ListSheet(
        title=f"{_name(actor, mandate)}代表{year}年履职档案",
        organ=place.organ_name or place.name,
        columns=_PRINTED,
        rows=tuple(printed_lines(shown)),
        subtitle=f"{mandate.term}代表　{elector_name(mandate)}",
        note=counted_in_words(shown.items),
        made_by=actor.display_name,
        made_on=today,
    )
    return printed(form, now)


# -- the matrix ------------------------------------------------------------------------------------------


@for_roles(*MATRIX_READERS)
@require_safe
def matrix(request: HttpRequest) -> HttpResponse:
    """Due and done of every deputy, by strokes, and of every group; each figure leads to its records."""
    actor, today = actor_of(request), timezone.localdate()
    year, term = asked_year(request, today), _term(request, actor)
    found = full_matrix(actor, term, *_days(year))
    names = full_names(actor, [row.mandate for row in found.deputies])
    query = f"?year={year}&term={term.pk}"
    return page(
        request,
        "matrix.html",
        f"{year}年履职对照表",
        page_lead=f"{term}。代表按姓名笔画排列，不排名次。格内为已完成次数与应完成次数，请假、暂停职务和补选前的不计入应完成。",
        years=year_tabs(request, year, today),
        columns=found.columns,
        deputies=_deputy_rows(found, names, year),
        groups=_group_rows(found, query),
        year=year,
    )


def _days(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def _term(request: HttpRequest, actor: Actor) -> Term:
    asked = request.GET.get("term")
    term = get_term(actor, whole_number(asked)) if asked else current_term(actor)
    if term is None:
        raise Refused("本地还没有启用的一届人民代表大会，请先在“届与会议”中登记。")
    return term


def _deputy_rows(found: Matrix, names: dict[int, str], year: int) -> list[dict[str, Any]]:
    rows = []
    for row in found.deputies:
        url = f"{reverse('reports_dossier', args=[row.mandate.pk])}?year={year}"
        cells = [
            _cell(cell, f"{url}#{column.code}") for column, cell in zip(found.columns, row.cells, strict=True)
        ]
        group, name = row.group.name if row.group else "—", row.mandate.person.name
        # What tells namesakes apart stands on a line of its own: the column stays narrow on a phone.
        apart = names[row.mandate.pk].removeprefix(name)
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
        name = row.group.name if row.group else "未编组代表"
        rows.append({"name": name, "deputies": row.deputies, "cells": cells})
    return rows


def _cell(cell: Cell, url: str) -> dict[str, Any]:
    return {"done": cell.done, "due": cell.due, "is_short": cell.done < cell.due, "url": url, "cell": cell}


@for_roles(*MATRIX_READERS)
@require_safe
def matrix_cell(request: HttpRequest, group_id: int, code: str) -> HttpResponse:
    """The records behind one figure of one group, deputy by deputy; ``0`` are those without a group."""
    actor, today = actor_of(request), timezone.localdate()
    year, term = asked_year(request, today), _term(request, actor)
    found = full_matrix(actor, term, *_days(year))
    number = next((i for i, column in enumerate(found.columns) if column.code == code), None)
    total = next((row for row in found.groups if (row.group.pk if row.group else 0) == group_id), None)
    if number is None or total is None:
        raise OutOfScope()
    rows = [row for row in found.deputies if row.group == total.group]
    names = full_names(actor, [row.mandate for row in rows])
    group_name = total.group.name if total.group else "未编组代表"
    return page(
        request,
        "matrix_cell.html",
        f"{group_name}{year}年{found.columns[number].name}",
        crumbs=[
            ("履职对照表", f"{reverse('reports_matrix')}?year={year}&term={term.pk}"),
            (found.columns[number].name, ""),
        ],
        total=total.cells[number],
        lines=[
            {
                "name": names[row.mandate.pk],
                "cell": row.cells[number],
                "records": linked(row.cells[number], opens_cases(actor, row.mandate)),
            }
            for row in rows
        ],
    )
