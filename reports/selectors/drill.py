"""How the rows behind every figure of the comparison read, one place at a time.

Which rows they are is said once, in ``figures``. Opinions are listed without anything of the resident:
neither name nor words.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from deputies.enums import MandateState
from deputies.models.mandates import elector_name
from liaison.templatetags.liaison_ui import cn_date
from liaison.tenancy.scope import Actor
from reports.links import record_url
from reports.selectors.figures import BY_CODE, Figure, Rows
from reports.selectors.silent import record_cells, with_record


@dataclass(frozen=True, slots=True)
class Line:
    """One row as the page shows it; ``url`` leads to the record."""

    cells: tuple[str, ...]
    url: str = ""


@dataclass(frozen=True, slots=True)
class Drill:
    """How the rows of one figure are joined, ordered and read."""

    figure: Figure
    columns: tuple[str, ...]
    arranged: Callable[[Rows, Actor, date], Rows]
    line: Callable[[Any], Line]

    def rows(self, actor: Actor, year: int, today: date) -> Rows:
        """The rows the figure counts in the actor's interval, as far as the actor may open them."""
        day = min(date(year, 12, 31), today)
        return self.arranged(self.figure.counted(actor, year, today), actor, day)


def shown_number(code: str, rows: Rows, today: date) -> int | None:
    """The number the comparison shows for these rows."""
    return BY_CODE[code].shown(rows, today)


def _plainly(*order: str, joins: tuple[str, ...] = ()) -> Callable[[Rows, Actor, date], Rows]:
    """Ordered, with the related rows a line needs."""

    def arranged(rows: Rows, actor: Actor, day: date) -> Rows:
        return (rows.select_related(*joins) if joins else rows).order_by(*order)

    return arranged


def _with_record(rows: Rows, actor: Actor, day: date) -> Rows:
    return with_record(actor, rows, day)


def _deputy(row: Any) -> Line:
    cells = (row.full_name, elector_name(row), MandateState(row.state).label, cn_date(row.elected_on))
    return Line(cells, record_url("mandate", row.pk))


def _station(row: Any) -> Line:
    return Line((row.name, row.get_kind_display(), row.address, cn_date(row.opened_on)))


def _silent_station(row: Any) -> Line:
    return Line((row.name, row.get_kind_display(), *record_cells(row)), record_url("station_rota", row.pk))


def _reception(row: Any) -> Line:
    cells = (cn_date(row.day), row.station.name, row.theme, f"{row.visitor_count}人次")
    return Line(cells, record_url("reception", row.pk))


def _record(row: Any) -> Line:
    kind = row.activity.kind.name if row.activity else "接待选民"
    what = row.activity.title if row.activity else f"{row.reception_day.station.name}接待日"
    cells = (cn_date(row.day), row.mandate.full_name, kind, what, row.get_state_display())
    return Line(cells, record_url("participation", row.pk))


def _opinion(row: Any) -> Line:
    cells = (
        row.number,
        cn_date(row.received_on),
        row.get_category_display(),
        row.deputy.full_name if row.deputy else "",
        row.unit.name if row.unit else "",
        row.get_state_display(),
        cn_date(row.due_on),
        row.get_satisfaction_display(),
    )
    return Line(cells, record_url("opinion", row.pk))


def _suggestion(row: Any) -> Line:
    unit = row.unit.name if row.unit else ""
    cells = (row.number, row.title, cn_date(row.submitted_on), unit, row.get_state_display())
    return Line(cells, record_url("suggestion", row.pk))


# The county counts a township's results and is told by the circular who has which grade (domain.md 0.4);
# score and letter stay with the deputy, the group's leader and the presidium, so lines lead to the dossier,
# which shows each reader what is his to see.


def _sheet(row: Any) -> Line:
    cells = (row.mandate.full_name, elector_name(row.mandate), row.grade_name, cn_date(row.published_at))
    return Line(cells, record_url("mandate", row.mandate_id))


def _report(row: Any) -> Line:
    number = f"{row.organ_code}〔{row.organ_year}〕{row.organ_number}号"
    cells = (row.mandate.full_name, number, row.get_state_display(), cn_date(row.due_on))
    return Line(cells, record_url("mandate", row.mandate_id))


_OPINION = ("编号", "反映日期", "类别", "接待代表", "承办单位", "状态", "期限", "满意度")
_RECEPTION = ("日期", "联络站点", "主题", "接待人数")
_GRADE = ("姓名", "选区（选举单位）", "等次", "公布日期")
_SEAT = ("mandate__person", "mandate__constituency", "mandate__electing_unit")

_opinions = _plainly("received_on", "pk", joins=("unit", "deputy__person"))
_receptions = _plainly("day", "station__name", "pk", joins=("station",))
_sheets = _plainly("mandate__person__name_strokes", "pk", joins=_SEAT)

DRILLS: dict[str, Drill] = {
    "deputies": Drill(
        BY_CODE["deputies"],
        ("姓名", "选区（选举单位）", "代表资格", "当选日期"),
        _plainly("scope_code", "list_number", "pk", joins=("person", "constituency", "electing_unit")),
        _deputy,
    ),
    "stations": Drill(
        BY_CODE["stations"],
        ("名称", "类别", "地址", "启用日期"),
        _plainly("scope_code", "kind", "name"),
        _station,
    ),
    "silent": Drill(
        BY_CODE["silent"],
        ("名称", "类别", "最近一次接待", "这一季度排定的接待", "下一次接待"),
        _with_record,
        _silent_station,
    ),
    "receptions": Drill(BY_CODE["receptions"], _RECEPTION, _receptions, _reception),
    "visitors": Drill(BY_CODE["visitors"], _RECEPTION, _receptions, _reception),
    "records": Drill(
        BY_CODE["records"],
        ("日期", "代表", "类别", "事项", "核对状态"),
        _plainly("day", "pk", joins=("mandate__person", "reception_day__station", "activity__kind")),
        _record,
    ),
    **{
        code: Drill(BY_CODE[code], _OPINION, _opinions, _opinion)
        for code in ("opinions", "closed", "overdue", "satisfied")
    },
    "suggestions": Drill(
        BY_CODE["suggestions"],
        ("编号", "标题", "提出日期", "主办单位", "状态"),
        _plainly("submitted_on", "pk", joins=("unit",)),
        _suggestion,
    ),
    **{
        code: Drill(BY_CODE[code], _GRADE, _sheets, _sheet)
        for code in ("excellent", "qualified", "unqualified")
    },
    "reports": Drill(
        BY_CODE["reports"],
        ("姓名", "通知书文号", "状态", "整改期限"),
        _plainly("organ_year", "organ_number", joins=("mandate__person",)),
        _report,
    ),
}
