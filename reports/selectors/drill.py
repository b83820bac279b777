"""The rows behind every figure of the comparison, one place at a time.

Each definition is the one ``comparison`` counts by, as rows instead of a sum; ``test_compare`` holds both
to the same numbers. Opinions are listed without anything of the resident: neither name nor words.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from django.db.models import Q, QuerySet, Sum

from assessments.access import countable_notices, countable_sheets
from assessments.enums import Grade, NoticeState
from constituents.access import visible_opinions, visible_suggestions
from constituents.enums import Satisfaction
from deputies.access import visible_mandates
from deputies.enums import MandateState
from deputies.selectors import elector_name
from liaison.scope import Actor
from liaison.templatetags.liaison_ui import cn_date
from reports.links import record_url
from reports.selectors.silent import record_cells, silent_stations, with_record
from stations.access import visible_participations, visible_reception_days, visible_stations
from stations.enums import DutyState, ReceptionDayState
from stations.lifecycle import COUNTED_STATES

PLEASED = (Satisfaction.SATISFIED, Satisfaction.BASICALLY_SATISFIED)
HANDED_IN = (NoticeState.REPORTED, NoticeState.ACCEPTED, NoticeState.RETURNED)
Rows: TypeAlias = "QuerySet[Any]"


@dataclass(frozen=True, slots=True)
class Line:
    """One row as the page shows it; ``url`` leads to the record."""

    cells: tuple[str, ...]
    url: str = ""


@dataclass(frozen=True, slots=True)
class Drill:
    """Which rows stand behind a figure and how they read."""

    columns: tuple[str, ...]
    rows: Callable[[Actor, int, date], Rows]
    line: Callable[[Any], Line]


def shown_number(code: str, rows: Rows) -> int | None:
    """The number the comparison shows for these rows: their count, except visitors and the rate."""
    if code == "visitors":
        visitors: int | None = rows.aggregate(total=Sum("visitor_count"))["total"]
        return visitors or 0
    count: int = rows.count()
    if code != "satisfied":
        return count
    pleased = rows.filter(satisfaction__in=PLEASED).count()
    return round(100 * pleased / count) if count else None


def _year(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def _day(year: int, today: date) -> date:
    """A standing figure is taken at the end of the year, or today while it runs."""
    return min(date(year, 12, 31), today)


# -- deputies and stations -------------------------------------------------------------------------------


def _deputies(actor: Actor, year: int, today: date) -> Rows:
    day = _day(year, today)
    seated = visible_mandates(actor).filter(elected_on__lte=day).exclude(ended_on__lte=day)
    seated = seated.exclude(state=MandateState.ENDED).select_related(
        "person", "constituency", "electing_unit"
    )
    return seated.order_by("scope_code", "list_number", "pk")


def _deputy(row: Any) -> Line:
    cells = (row.person.name, elector_name(row), MandateState(row.state).label, cn_date(row.elected_on))
    return Line(cells, record_url("mandate", row.pk))


def _stations(actor: Actor, year: int, today: date) -> Rows:
    day = _day(year, today)
    open_ones = visible_stations(actor).filter(opened_on__lte=day).exclude(closed_on__lte=day)
    return open_ones.order_by("scope_code", "kind", "name")


def _station(row: Any) -> Line:
    return Line((row.name, row.get_kind_display(), row.address, cn_date(row.opened_on)))


def _silent(actor: Actor, year: int, today: date) -> Rows:
    day = _day(year, today)
    # Behind the access of the floor below: whoever may not read stations finds none.
    rows = silent_stations(actor, day).filter(pk__in=visible_stations(actor).values("pk"))
    return with_record(actor, rows, day)


def _silent_station(row: Any) -> Line:
    return Line((row.name, row.get_kind_display(), *record_cells(row)), record_url("station_rota", row.pk))


# -- receptions and records ------------------------------------------------------------------------------


def _receptions(actor: Actor, year: int, today: date) -> Rows:
    held = visible_reception_days(actor).filter(state=ReceptionDayState.HELD, day__range=_year(year))
    return held.select_related("station").order_by("day", "station__name", "pk")


def _reception(row: Any) -> Line:
    cells = (cn_date(row.day), row.station.name, row.theme, f"{row.visitor_count}人次")
    return Line(cells, record_url("reception", row.pk))


def _records(actor: Actor, year: int, today: date) -> Rows:
    done = visible_participations(actor).filter(
        day__range=_year(year), outcome=DutyState.ATTENDED, state__in=COUNTED_STATES
    )
    return done.select_related("mandate__person", "reception_day__station", "activity__kind").order_by(
        "day", "pk"
    )


def _record(row: Any) -> Line:
    kind = row.activity.kind.name if row.activity else "接待选民"
    what = row.activity.title if row.activity else f"{row.reception_day.station.name}接待日"
    cells = (cn_date(row.day), row.mandate.person.name, kind, what, row.get_state_display())
    return Line(cells, record_url("participation", row.pk))


# -- cases -----------------------------------------------------------------------------------------------


def _opinions(actor: Actor, year: int, today: date) -> Rows:
    rows = visible_opinions(actor).filter(received_on__range=_year(year))
    return rows.select_related("unit", "deputy__person").order_by("received_on", "pk")


def _narrowed(condition: Callable[[date], Q]) -> Callable[[Actor, int, date], Rows]:
    return lambda actor, year, today: _opinions(actor, year, today).filter(condition(today))


def _opinion(row: Any) -> Line:
    cells = (
        row.number,
        cn_date(row.received_on),
        row.get_category_display(),
        row.deputy.person.name if row.deputy else "",
        row.unit.name if row.unit else "",
        row.get_state_display(),
        cn_date(row.due_on),
        row.get_satisfaction_display(),
    )
    return Line(cells, record_url("opinion", row.pk))


def _suggestions(actor: Actor, year: int, today: date) -> Rows:
    rows = visible_suggestions(actor).filter(submitted_on__range=_year(year)).select_related("unit")
    return rows.order_by("submitted_on", "pk")


def _suggestion(row: Any) -> Line:
    unit = row.unit.name if row.unit else ""
    cells = (row.number, row.title, cn_date(row.submitted_on), unit, row.get_state_display())
    return Line(cells, record_url("suggestion", row.pk))


# -- results ---------------------------------------------------------------------------------------------
#
# The county counts a township's results and is told by the circular who has which grade (domain.md 0.4);
# score and letter stay with the deputy, the group's leader and the presidium, so lines lead to the dossier,
# which shows each reader what is his to see.


def _graded(grade: Grade) -> Callable[[Actor, int, date], Rows]:
    def rows(actor: Actor, year: int, today: date) -> Rows:
        sheets = countable_sheets(actor).filter(assessment__year=year, grade=grade)
        joined = sheets.select_related("mandate__person", "mandate__constituency", "mandate__electing_unit")
        return joined.order_by("mandate__person__name_strokes", "pk")

    return rows


def _sheet(row: Any) -> Line:
    cells = (row.mandate.person.name, elector_name(row.mandate), row.grade_name, cn_date(row.published_at))
    return Line(cells, record_url("mandate", row.mandate_id))


def _reports(actor: Actor, year: int, today: date) -> Rows:
    notices = countable_notices(actor).filter(assessment__year=year, state__in=HANDED_IN)
    return notices.select_related("mandate__person").order_by("organ_year", "organ_number")


def _report(row: Any) -> Line:
    number = f"{row.organ_code}〔{row.organ_year}〕{row.organ_number}号"
    cells = (row.mandate.person.name, number, row.get_state_display(), cn_date(row.due_on))
    return Line(cells, record_url("mandate", row.mandate_id))


_OPINION = ("编号", "反映日期", "类别", "接待代表", "承办单位", "状态", "期限", "满意度")
_RECEPTION = ("日期", "联络站点", "主题", "接待人数")
_GRADE = ("姓名", "选区（选举单位）", "等次", "公布日期")

DRILLS: dict[str, Drill] = {
    "deputies": Drill(("姓名", "选区（选举单位）", "代表资格", "当选日期"), _deputies, _deputy),
    "stations": Drill(("名称", "类别", "地址", "启用日期"), _stations, _station),
    "silent": Drill(
        ("名称", "类别", "最近一次接待", "这一季度排定的接待", "下一次接待"), _silent, _silent_station
    ),
    "receptions": Drill(_RECEPTION, _receptions, _reception),
    "visitors": Drill(_RECEPTION, _receptions, _reception),
    "records": Drill(("日期", "代表", "类别", "事项", "核对状态"), _records, _record),
    "opinions": Drill(_OPINION, _opinions, _opinion),
    "closed": Drill(_OPINION, _narrowed(lambda today: Q(closed_on__isnull=False)), _opinion),
    "overdue": Drill(
        _OPINION, _narrowed(lambda today: Q(closed_on__isnull=True, due_on__lt=today)), _opinion
    ),
    "satisfied": Drill(_OPINION, _narrowed(lambda today: ~Q(satisfaction="")), _opinion),
    "suggestions": Drill(("编号", "标题", "提出日期", "主办单位", "状态"), _suggestions, _suggestion),
    "excellent": Drill(_GRADE, _graded(Grade.EXCELLENT), _sheet),
    "qualified": Drill(_GRADE, _graded(Grade.QUALIFIED), _sheet),
    "unqualified": Drill(_GRADE, _graded(Grade.UNQUALIFIED), _sheet),
    "reports": Drill(("姓名", "通知书文号", "状态", "整改期限"), _reports, _report),
}
