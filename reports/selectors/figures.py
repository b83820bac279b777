"""What each figure of the comparison counts: one definition, summed side by side and listed row by row.

``comparison`` turns a definition into one grouped query for all places, ``drill`` into the rows of one place,
so that a number and what stands behind it cannot part. No ranking and no total score (domain.md 0.2).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, TypeAlias

from django.db.models import Aggregate, Count, Q, QuerySet, Sum

from assessments.access import countable_notices, countable_sheets
from assessments.enums import Grade, NoticeState
from assessments.models import FeedbackNotice, ScoreSheet
from constituents.access import visible_opinions, visible_suggestions
from constituents.enums import Satisfaction
from constituents.models import Opinion, Suggestion
from deputies.access import visible_mandates
from deputies.enums import MandateState
from deputies.models import Mandate
from liaison.tenancy.scope import Actor
from reports.selectors.silent import DEFINITION as SILENT_DEFINITION
from reports.selectors.silent import silent_stations
from stations.access import visible_participations, visible_reception_days, visible_stations
from stations.enums import DutyState, ReceptionDayState
from stations.models import Participation, ReceptionDay, Station
from stations.rules.lifecycle import COUNTED_STATES

Rows: TypeAlias = "QuerySet[Any]"
Sums: TypeAlias = "dict[str, int]"

PLEASED = Q(satisfaction__in=[Satisfaction.SATISFIED, Satisfaction.BASICALLY_SATISFIED])
HANDED_IN = (NoticeState.REPORTED, NoticeState.ACCEPTED, NoticeState.RETURNED)


@dataclass(frozen=True, slots=True)
class Measure:
    """How rows become a number: sums the database makes, each over the rows a condition leaves, then read."""

    sums: Mapping[str, Callable[[Q], Aggregate]]
    read: Callable[[Sums], int | None]


def _share(sums: Sums) -> int | None:
    """A rate in whole per cent; nothing to rate is no rate."""
    return round(100 * sums["pleased"] / sums["rated"]) if sums["rated"] else None


# An empty condition is no condition: ``or None`` keeps it out of the query.
NUMBER = Measure({"rows": lambda where: Count("pk", filter=where or None)}, lambda sums: sums["rows"])
VISITORS = Measure(
    {"people": lambda where: Sum("visitor_count", filter=where or None)}, lambda sums: sums["people"]
)
RATE = Measure(
    {
        "rated": lambda where: Count("pk", filter=where or None),
        "pleased": lambda where: Count("pk", filter=where & PLEASED),
    },
    _share,
)


@dataclass(frozen=True, slots=True)
class Base:
    """Rows of one table and year that several figures are parts of; ``visible`` is the table's own door."""

    rows: Callable[[Actor, int, date], Rows]
    visible: Callable[[Actor], Rows]


def _everything(today: date) -> Q:
    return Q()


@dataclass(frozen=True, slots=True)
class Figure:
    """One column: its name, unit, what exactly is counted, and the rows that are."""

    code: str
    name: str
    unit: str
    definition: str
    base: Base
    part: Callable[[date], Q] = _everything
    measure: Measure = NUMBER

    def sums(self, today: date) -> dict[str, Aggregate]:
        """The aggregates over the base's rows, named after the figure."""
        where = self.part(today)
        return {f"{self.code}_{name}": make(where) for name, make in self.measure.sums.items()}

    def own(self, found: Mapping[str, int | None]) -> Sums:
        """The figure's own sums out of a row of aggregates; what the database left empty is nought."""
        return {name: found.get(f"{self.code}_{name}") or 0 for name in self.measure.sums}

    def value(self, sums: Sums) -> int | None:
        return self.measure.read(sums)

    def counted(self, actor: Actor, year: int, today: date) -> Rows:
        """The rows behind the number that this actor may open."""
        rows = self.base.rows(actor, year, today).filter(self.part(today))
        return rows.filter(pk__in=self.base.visible(actor).order_by().values("pk"))

    def shown(self, rows: Rows, today: date) -> int | None:
        """The number these rows make, by the very sums that stand in the comparison."""
        return self.value(self.own(rows.order_by().aggregate(**self.sums(today))))


def _year(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def _day(year: int, today: date) -> date:
    """A standing figure is taken at the end of the year, or today while it runs."""
    return min(date(year, 12, 31), today)


def _seated(actor: Actor, year: int, today: date) -> Rows:
    day = _day(year, today)
    seated = Mandate.scoped(actor).filter(elected_on__lte=day).exclude(ended_on__lte=day)
    return seated.exclude(state=MandateState.ENDED)


def _in_use(actor: Actor, year: int, today: date) -> Rows:
    day = _day(year, today)
    return Station.scoped(actor).filter(opened_on__lte=day).exclude(closed_on__lte=day)


def _silent(actor: Actor, year: int, today: date) -> Rows:
    return silent_stations(actor, _day(year, today))


def _held(actor: Actor, year: int, today: date) -> Rows:
    return ReceptionDay.scoped(actor).filter(state=ReceptionDayState.HELD, day__range=_year(year))


def _done(actor: Actor, year: int, today: date) -> Rows:
    counted = Participation.scoped(actor).filter(outcome=DutyState.ATTENDED, state__in=COUNTED_STATES)
    return counted.filter(day__range=_year(year))


def _brought(actor: Actor, year: int, today: date) -> Rows:
    return Opinion.scoped(actor).filter(received_on__range=_year(year))


def _suggested(actor: Actor, year: int, today: date) -> Rows:
    return Suggestion.scoped(actor).filter(submitted_on__range=_year(year))


def _published(actor: Actor, year: int, today: date) -> Rows:
    return ScoreSheet.scoped(actor).filter(assessment__year=year, state="published")


def _handed_in(actor: Actor, year: int, today: date) -> Rows:
    return FeedbackNotice.scoped(actor).filter(assessment__year=year, state__in=HANDED_IN)


RECEPTIONS = Base(_held, visible_reception_days)
OPINIONS = Base(_brought, visible_opinions)
SHEETS = Base(_published, countable_sheets)


def _graded(grade: Grade, today: date) -> Q:
    return Q(grade=grade)


FIGURES = (
    Figure(
        "deputies",
        "在任代表",
        "名",
        "年末（或今天）代表资格有效的代表人数。",
        Base(_seated, visible_mandates),
    ),
    Figure(
        "stations",
        "联络站点",
        "个",
        "在用的代表之家、联络站、联系点、活动室和接待室。",
        Base(_in_use, visible_stations),
    ),
    Figure("receptions", "开展接待", "次", "当年已经开展并登记的接待日。", RECEPTIONS),
    Figure(
        "visitors",
        "接待群众",
        "人次",
        "当年各次接待登记的来访人数之和。",
        RECEPTIONS,
        measure=VISITORS,
    ),
    Figure("silent", "三个月未接待站点", "个", SILENT_DEFINITION, Base(_silent, visible_stations)),
    Figure(
        "records",
        "履职记录",
        "人次",
        "当年已经双方核对、代表实际参加的活动和接待。",
        Base(_done, visible_participations),
    ),
    Figure("opinions", "社情民意", "件", "当年登记的社情民意。", OPINIONS),
    Figure(
        "closed",
        "已办结",
        "件",
        "当年登记的社情民意中已经办结的。",
        OPINIONS,
        part=lambda today: Q(closed_on__isnull=False),
    ),
    Figure(
        "overdue",
        "逾期未结",
        "件",
        "当年登记、期限已过而没有办结的社情民意。",
        OPINIONS,
        part=lambda today: Q(closed_on__isnull=True, due_on__lt=today),
    ),
    Figure(
        "satisfied",
        "满意率",
        "％",
        "当年登记的社情民意中，评价满意和基本满意的占已评价的比例；未评价的不计入。",
        OPINIONS,
        part=lambda today: ~Q(satisfaction=""),
        measure=RATE,
    ),
    Figure("suggestions", "代表建议", "件", "当年提出的代表建议。", Base(_suggested, visible_suggestions)),
    Figure(
        "excellent",
        "优秀",
        "名",
        "当年度测评等次为优秀的代表。",
        SHEETS,
        part=partial(_graded, Grade.EXCELLENT),
    ),
    Figure(
        "qualified",
        "合格",
        "名",
        "当年度测评等次为合格的代表。",
        SHEETS,
        part=partial(_graded, Grade.QUALIFIED),
    ),
    Figure(
        "unqualified",
        "不合格",
        "名",
        "当年度测评等次为不合格的代表。",
        SHEETS,
        part=partial(_graded, Grade.UNQUALIFIED),
    ),
    Figure(
        "reports",
        "已交整改报告",
        "份",
        "当年度测评的反馈通知书中，整改报告已经提交的。",
        Base(_handed_in, countable_notices),
    ),
)
BY_CODE: Mapping[str, Figure] = {figure.code: figure for figure in FIGURES}
