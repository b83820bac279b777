"""Places side by side for the county and the city, and the rows behind each number for the county."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from liaison.identity.gates import actor_of, for_roles
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.web.pages import whole_number
from liaison.words.enums import JurisdictionLevel, Role
from liaison.words.errors import Forbidden, OutOfScope
from reports.charts import Chart, Point, bar_chart
from reports.selectors.comparison import FIGURES, Figure, PlaceRow, compare_places, total
from reports.selectors.drill import DRILLS, Line, shown_number
from reports.selectors.figures import BY_CODE
from reports.selectors.missing import missing_steps
from reports.views.common import asked_year, page, year_tabs

READERS = (Role.COUNTY_COMMITTEE, Role.CITY_VIEWER)
ROWS_PER_PAGE = 100
GROUPS = (
    ("base", "代表与站点", ("deputies", "stations")),
    ("duty", "接待与履职", ("receptions", "visitors", "silent", "records")),
    ("opinion", "社情民意", ("opinions", "closed", "overdue", "satisfied")),
    ("suggestion", "代表建议", ("suggestions",)),
    ("result", "测评结果", ("excellent", "qualified", "unqualified", "reports")),
)
# The few on top (ui.md, dashboards); each leads to its part of the page.
HEADLINES = (
    ("deputies", "base"),
    ("records", "duty"),
    ("opinions", "opinion"),
    ("satisfied", "opinion"),
    ("suggestions", "suggestion"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Whose parts are compared: the own jurisdiction, or one county the city looks into."""

    actor: Actor
    name: str
    opens_rows: bool
    query: str = ""


@for_roles(*READERS)
@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Few figures on top, one chart a figure, the same numbers in a table below, in code order."""
    today = timezone.localdate()
    year, place = asked_year(request, today), compared_place(request, actor_of(request))
    rows = compare_places(place.actor, year, today)
    return page(
        request,
        "compare.html",
        f"{place.name}{year}年情况对比",
        page_lead="各地按行政区划代码排列，不排名次。每个数字旁边是上年同口径的数字。",
        crumbs=_crumbs(place),
        years=year_tabs(request, year, today),
        year=year,
        place=place,
        headlines=headlines(rows),
        groups=[_group(place, rows, year, *group) for group in GROUPS],
        figures=FIGURES,
        lines=[_line(place, row, year) for row in rows],
        today=today,
        missing=[] if place.query else missing_steps(place.actor, today=today),
    )


def compared_place(request: HttpRequest, actor: Actor) -> Place:
    """The own jurisdiction; ``?place=`` names a county inside it. 404 for any other."""
    asked = request.GET.get("place") or request.POST.get("place")
    if not asked:
        return Place(actor, actor.jurisdiction_name, actor.role == Role.COUNTY_COMMITTEE)
    county = Jurisdiction.objects.filter(
        scope_code=whole_number(asked),
        level=JurisdictionLevel.COUNTY,
        scope_code__gte=actor.lo,
        scope_end__lte=actor.hi,
    ).first()
    if county is None:
        raise OutOfScope()
    inside = actor.narrowed(county.scope_code, county.scope_end)
    return Place(inside, county.name, actor.role == Role.COUNTY_COMMITTEE, f"&place={county.scope_code}")


def _crumbs(place: Place) -> list[tuple[str, str]]:
    return [("情况对比", reverse("reports_compare")), (place.name, "")] if place.query else []


def headlines(rows: Iterable[PlaceRow]) -> list[dict[str, Any]]:
    """Sums over all places; a rate is taken from the sums, never from the rates."""
    known = list(rows)
    return [
        {
            "figure": BY_CODE[code],
            "value": _or_dash(total(code, [row.sums for row in known])),
            "last": _or_dash(total(code, [row.last_sums for row in known])),
            "url": f"#{group}",
        }
        for code, group in HEADLINES
    ]


def _or_dash(value: int | None) -> str:
    return "—" if value is None else str(value)


def _group(
    place: Place, rows: list[PlaceRow], year: int, anchor: str, title: str, codes: Iterable[str]
) -> Any:
    return {
        "anchor": anchor,
        "title": title,
        "charts": [_chart(place, rows, year, BY_CODE[code]) for code in codes],
    }


def _chart(place: Place, rows: list[PlaceRow], year: int, figure: Figure) -> Chart:
    points = [
        Point(
            row.place.short_name,
            row.values[figure.code],
            row.last[figure.code],
            _url(place, row, figure.code, year),
        )
        for row in rows
    ]
    return bar_chart(figure.code, figure.name, figure.unit, points)


def _line(place: Place, row: PlaceRow, year: int) -> dict[str, Any]:
    cells = [
        {
            "figure": figure,
            "value": _or_dash(row.values[figure.code]),
            "last": _or_dash(row.last[figure.code]),
            "url": _url(place, row, figure.code, year) if row.values[figure.code] else "",
        }
        for figure in FIGURES
    ]
    return {"name": row.place.short_name, "url": _inside_url(row, year), "cells": cells}


def _url(place: Place, row: PlaceRow, code: str, year: int) -> str:
    """The rows behind a number, for those who may open rows."""
    if not place.opens_rows:
        return ""
    return f"{reverse('reports_drill', args=[row.place.scope_code, code])}?year={year}"


def _inside_url(row: PlaceRow, year: int) -> str:
    """Into a county, for whoever compares counties."""
    if row.place.level != JurisdictionLevel.COUNTY:
        return ""
    return f"{reverse('reports_compare')}?year={year}&place={row.place.scope_code}"


@for_roles(*READERS)
@require_safe
def drill(request: HttpRequest, scope_code: int, figure: str) -> HttpResponse:
    """The rows behind one number of one place; the city reads sums only (domain.md section 1)."""
    actor, today = actor_of(request), timezone.localdate()
    if actor.role == Role.CITY_VIEWER:
        raise Forbidden("市级只查看汇总数字，逐条记录由县（区）和乡镇（街道）掌握。")
    place = drilled_place(actor, scope_code)
    if figure not in DRILLS:
        raise OutOfScope("没有这项指标。")
    known, year, inside = DRILLS[figure], asked_year(request, today), _inside(actor, place)
    rows = known.rows(inside, year, today)
    paged = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    return page(
        request,
        "drill.html",
        f"{place.name}{year}年{BY_CODE[figure].name}",
        crumbs=[("情况对比", f"{reverse('reports_compare')}?year={year}"), (BY_CODE[figure].name, "")],
        page_lead=BY_CODE[figure].definition,
        figure=BY_CODE[figure],
        number=_or_dash(shown_number(figure, rows, today)),
        columns=known.columns,
        lines=[_named(known.columns, known.line(row)) for row in paged.object_list],
        page_obj=paged,
    )


def drilled_place(actor: Actor, scope_code: int) -> Jurisdiction:
    """A place inside the actor's interval, its own one left out; 404 for any other."""
    inside = Jurisdiction.objects.filter(scope_code__gte=actor.lo, scope_end__lte=actor.hi)
    place: Jurisdiction | None = inside.filter(scope_code=scope_code).first()
    if place is None or (place.scope_code, place.scope_end) == (actor.lo, actor.hi):
        raise OutOfScope()
    return place


def _inside(actor: Actor, place: Jurisdiction) -> Actor:
    return actor.narrowed(place.scope_code, place.scope_end)


def _named(columns: Iterable[str], line: Line) -> dict[str, Any]:
    """Cells with their headings, the first apart: it carries the link."""
    first, *rest = zip(columns, line.cells, strict=True)
    return {"first": first[1] or "—", "url": line.url, "cells": rest}


def export_lines(rows: Iterable[PlaceRow]) -> list[list[str | int | None]]:
    """The table for files: a line a place, this year and last year side by side."""
    return [
        [
            row.place.name,
            *(cell for figure in FIGURES for cell in (row.values[figure.code], row.last[figure.code])),
        ]
        for row in rows
    ]


def export_heads(year: int) -> list[str]:
    heads = [f"{figure.name}（{figure.unit}）" for figure in FIGURES]
    return ["地区", *(cell for head in heads for cell in (f"{head}{year}年", f"{head}{year - 1}年"))]


def standing(year: int, today: date) -> str:
    """What the table is about, for its subtitle."""
    return f"{year}年度，截至{today.year}年{today.month}月{today.day}日，右列为上年同口径数字"
