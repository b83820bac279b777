"""Places side by side in code order: one grouped query per figure, however many places and rows.

No ranking and no total score (domain.md 0.2): each figure has its definition and leads to the records.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, F, Q, QuerySet, Sum

from assessments.enums import Grade, NoticeState
from assessments.models import FeedbackNotice, ScoreSheet
from constituents.enums import Satisfaction
from constituents.models import Opinion, Suggestion
from deputies.enums import MandateState
from deputies.models import Mandate
from liaison.enums import JurisdictionLevel
from liaison.models import Jurisdiction
from liaison.scope import Actor
from reports.selectors.silent import DEFINITION as SILENT_DEFINITION
from reports.selectors.silent import silent_stations
from stations.enums import DutyState, ReceptionDayState
from stations.lifecycle import COUNTED_STATES
from stations.models import Participation, ReceptionDay, Station


@dataclass(frozen=True, slots=True)
class Figure:
    """One column: its name, unit and what exactly is counted."""

    code: str
    name: str
    unit: str
    definition: str


FIGURES = (
    Figure("deputies", "在任代表", "名", "年末（或今天）代表资格有效的代表人数。"),
    Figure("stations", "联络站点", "个", "在用的代表之家、联络站、联系点、活动室和接待室。"),
    Figure("receptions", "开展接待", "次", "当年已经开展并登记的接待日。"),
    Figure("visitors", "接待群众", "人次", "当年各次接待登记的来访人数之和。"),
    Figure("silent", "一季度未接待站点", "个", SILENT_DEFINITION),
    Figure("records", "履职记录", "人次", "当年已经双方核对、代表实际参加的活动和接待。"),
    Figure("opinions", "社情民意", "件", "当年登记的社情民意。"),
    Figure("closed", "已办结", "件", "当年登记的社情民意中已经办结的。"),
    Figure("overdue", "逾期未结", "件", "当年登记、期限已过而没有办结的社情民意。"),
    Figure(
        "satisfied",
        "满意率",
        "％",
        "当年登记的社情民意中，评价满意和基本满意的占已评价的比例；未评价的不计入。",
    ),
    Figure("suggestions", "代表建议", "件", "当年提出的代表建议。"),
    Figure("excellent", "优秀", "名", "当年度测评等次为优秀的代表。"),
    Figure("qualified", "合格", "名", "当年度测评等次为合格的代表。"),
    Figure("unqualified", "不合格", "名", "当年度测评等次为不合格的代表。"),
    Figure("reports", "已交整改报告", "份", "当年度测评的反馈通知书中，整改报告已经提交的。"),
)


@dataclass(slots=True)
class PlaceRow:
    """One place with its figures by code, and last year's beside them."""

    place: Jurisdiction
    values: dict[str, int | None] = field(default_factory=dict)
    last: dict[str, int | None] = field(default_factory=dict)


def places_below(actor: Actor) -> list[Jurisdiction]:
    """The next level down that keeps business of its own: townships of a county, counties of a city."""
    levels = (
        (JurisdictionLevel.TOWNSHIP, JurisdictionLevel.STREET)
        if actor.hi - actor.lo <= 10**6
        else (JurisdictionLevel.COUNTY,)
    )
    inside = Jurisdiction.objects.filter(level__in=levels, scope_code__gte=actor.lo, scope_end__lte=actor.hi)
    return list(inside.order_by("scope_code"))


def compare_places(actor: Actor, year: int, today: date) -> list[PlaceRow]:
    """Figures of ``year`` for every place below the actor, with the year before; the queries do not grow."""
    places = places_below(actor)
    width = places[0].scope_end - places[0].scope_code if places else 1
    now, before = _figures(actor, year, today, width), _figures(actor, year - 1, today, width)
    return [PlaceRow(place, _row(now, place.scope_code), _row(before, place.scope_code)) for place in places]


Grouped = dict[str, dict[int, int]]


def _row(figures: Grouped, scope_code: int) -> dict[str, int | None]:
    row: dict[str, int | None] = {code: values.get(scope_code, 0) for code, values in figures.items()}
    rated = figures["rated"].get(scope_code, 0)
    row["satisfied"] = round(100 * figures["pleased"].get(scope_code, 0) / rated) if rated else None
    return row


def _figures(actor: Actor, year: int, today: date, width: int) -> Grouped:
    first, last = date(year, 1, 1), date(year, 12, 31)
    return {
        **_people(actor, min(last, today), width),
        **_receptions(actor, first, last, width),
        **_by_block(silent_stations(actor, min(last, today)), width, silent=Count("pk")),
        **_cases(actor, first, last, today, width),
        **_results(actor, year, width),
    }


def _by_block(rows: QuerySet, width: int, **counts: object) -> Grouped:  # type: ignore[type-arg]
    """Aggregates per block of scope codes, in one query."""
    grouped = (
        rows.order_by().annotate(block=F("scope_code") / width * width).values("block").annotate(**counts)
    )
    found: Grouped = {name: {} for name in counts}
    for row in grouped:
        for name in counts:
            found[name][row["block"]] = row[name] or 0
    return found


def _people(actor: Actor, day: date, width: int) -> Grouped:
    seated = Mandate.scoped(actor).filter(elected_on__lte=day).exclude(ended_on__lte=day)
    seated = seated.exclude(state=MandateState.ENDED)
    stations = Station.scoped(actor).filter(opened_on__lte=day).exclude(closed_on__lte=day)
    return {
        **_by_block(seated, width, deputies=Count("pk")),
        **_by_block(stations, width, stations=Count("pk")),
    }


def _receptions(actor: Actor, first: date, last: date, width: int) -> Grouped:
    held = ReceptionDay.scoped(actor).filter(state=ReceptionDayState.HELD, day__range=(first, last))
    done = Participation.scoped(actor).filter(
        day__range=(first, last), outcome=DutyState.ATTENDED, state__in=COUNTED_STATES
    )
    return {
        **_by_block(held, width, receptions=Count("pk"), visitors=Sum("visitor_count")),
        **_by_block(done, width, records=Count("pk")),
    }


def _cases(actor: Actor, first: date, last: date, today: date, width: int) -> Grouped:
    opinions = Opinion.scoped(actor).filter(received_on__range=(first, last))
    pleased = Q(satisfaction__in=[Satisfaction.SATISFIED, Satisfaction.BASICALLY_SATISFIED])
    suggestions = Suggestion.scoped(actor).filter(submitted_on__range=(first, last))
    return {
        **_by_block(
            opinions,
            width,
            opinions=Count("pk"),
            closed=Count("pk", filter=Q(closed_on__isnull=False)),
            overdue=Count("pk", filter=Q(closed_on__isnull=True, due_on__lt=today)),
            rated=Count("pk", filter=~Q(satisfaction="")),
            pleased=Count("pk", filter=pleased),
        ),
        **_by_block(suggestions, width, suggestions=Count("pk")),
    }


def _results(actor: Actor, year: int, width: int) -> Grouped:
    sheets = ScoreSheet.scoped(actor).filter(assessment__year=year, state="published")
    handed_in = (NoticeState.REPORTED, NoticeState.ACCEPTED, NoticeState.RETURNED)
    notices = FeedbackNotice.scoped(actor).filter(assessment__year=year, state__in=handed_in)
    grades: Iterable[Grade] = (Grade.EXCELLENT, Grade.QUALIFIED, Grade.UNQUALIFIED)
    return {
        **_by_block(sheets, width, **{g.value: Count("pk", filter=Q(grade=g)) for g in grades}),
        **_by_block(notices, width, reports=Count("pk")),
    }
