"""A year of one place, small enough to count by hand, made as the system."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count, product
from random import Random
from typing import Any

from assessments.enums import Grade, NoticeState
from assessments.models import Assessment, FeedbackNotice, Scheme, ScoreSheet
from assessments.scheme_data import shipped_scheme
from constituents.enums import ContactWay, OpinionCategory, OpinionState, Satisfaction, SubmissionTime
from constituents.models import Opinion, Suggestion, SuggestionSignatory
from deputies.enums import MandateState
from deputies.models import Mandate, Term
from liaison.models import Jurisdiction
from liaison.tenancy.scope import acting, system_actor
from stations.enums import DutyState, ParticipationState, ReceptionDayState
from stations.models import ReceptionDay, Station
from tests.factories import make_mandate, make_station, make_term
from tests.stations.makers import make_day, make_turn

NOW = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 6)
YEAR = 2025
# Planted where pages must never show it.
DEPUTY_PHONE, RESIDENT_PHONE = "13912345678", "13787654321"
RESIDENT_NAME, RESIDENT_WORDS = "钱群众", "村东头的桥塌了一角"
POISON = '<script>alert("一")</script>&\u202e=1+1'
_serial = count(1)


def make_opinion(mandate: Mandate, day: date, **extra: Any) -> Opinion:
    serial = next(_serial)
    values: dict[str, Any] = {
        "scope_code": mandate.scope_code,
        "number": f"{day.year}-{serial:04d}",
        "query_code": f"code{serial:06d}",
        "received_on": day,
        "deputy": mandate,
        "resident_name": RESIDENT_NAME,
        "resident_phone": RESIDENT_PHONE,
        "contact_way": ContactWay.FACE_TO_FACE,
        "category": OpinionCategory.WATER,
        "content": RESIDENT_WORDS,
        "state": OpinionState.HANDLING,
        "recorded_at": NOW,
    }
    with acting(system_actor()):
        return Opinion._plain.create(**{**values, **extra})


def make_suggestion(mandate: Mandate, day: date, *others: Mandate, title: str = "修缮村东桥梁") -> Suggestion:
    serial = next(_serial)
    with acting(system_actor()):
        made = Suggestion._plain.create(
            scope_code=mandate.scope_code,
            number=f"{day.year}-{serial:04d}",
            term=mandate.term,
            title=title,
            submission_time=SubmissionTime.INTERSESSION,
            content="建议修缮。",
            submitted_on=day,
            recorded_at=NOW,
            state="closed",
        )
        for number, one in enumerate((mandate, *others)):
            SuggestionSignatory._plain.create(
                scope_code=mandate.scope_code, suggestion=made, mandate=one, is_lead=number == 0
            )
    return made


def make_assessment(term: Term, year: int = YEAR) -> Assessment:
    place = term.congress.jurisdiction
    with acting(system_actor()):
        scheme = Scheme._plain.create(
            scope_code=place.scope_code,
            scope_end=place.scope_end,
            code=f"s{next(_serial)}",
            name="测评办法",
            definition=shipped_scheme("A").to_dict(),
        )
        return Assessment._plain.create(
            scope_code=place.scope_code,
            term=term,
            jurisdiction=place,
            year=year,
            scheme=scheme,
            state="circulated",
            period_starts_on=date(year, 1, 1),
            period_ends_on=date(year, 12, 31),
        )


def make_sheet(
    assessment: Assessment, mandate: Mandate, grade: Grade = Grade.QUALIFIED, **extra: Any
) -> ScoreSheet:
    values: dict[str, Any] = {
        "scope_code": mandate.scope_code,
        "assessment": assessment,
        "mandate": mandate,
        "state": "published",
        "base_points": Decimal("85.50"),
        "total": Decimal("85.50"),
        "grade": grade.value,
        "grade_name": grade.label,
        "content_hash": "0" * 64,
        "computed_at": NOW,
        "published_at": NOW,
    }
    with acting(system_actor()):
        return ScoreSheet._plain.create(**{**values, **extra})


def make_notice(sheet: ScoreSheet, state: NoticeState = NoticeState.REPORTED) -> FeedbackNotice:
    with acting(system_actor()):
        return FeedbackNotice._plain.create(
            scope_code=sheet.scope_code,
            assessment=sheet.assessment,
            sheet=sheet,
            mandate=sheet.mandate,
            organ_code="庄人主",
            organ_year=YEAR + 1,
            organ_number=next(_serial),
            issued_on=date(2026, 1, 20),
            objection_due_on=date(2026, 1, 27),
            state=state.value,
            due_on=date(2026, 2, 24),
        )


@dataclass
class PlaceYear:
    place: Jurisdiction
    term: Term
    mandates: list[Mandate]
    station: Station
    days: list[ReceptionDay] = field(default_factory=list)


def make_place_year(place: Jurisdiction, *, deputies: int = 2, name: str = "王建国") -> PlaceYear:
    """Two receptions of 2025 (3 and 4 visitors), three opinions, one suggestion, results and reports."""
    term = make_term(place)
    mandates = [make_mandate(term, f"{name}{number}") for number in range(1, deputies + 1)]
    station = make_station(place, f"{place.short_name}联络站")
    year = PlaceYear(place, term, mandates, station)
    first = mandates[0]
    for day, visitors in ((date(YEAR, 3, 7), 3), (date(YEAR, 4, 4), 4)):
        held = make_day(station, day, state=ReceptionDayState.HELD)
        with acting(system_actor()):
            ReceptionDay._plain.filter(pk=held.pk).update(visitor_count=visitors)
        year.days.append(held)
        make_turn(held, first, DutyState.ATTENDED, ParticipationState.CONFIRMED)
    # Not counted: registered and never settled, absent, and a day only planned.
    if deputies > 1:
        make_turn(year.days[0], mandates[1], DutyState.ATTENDED, ParticipationState.REGISTERED)
        make_turn(year.days[1], mandates[1], DutyState.ABSENT, ParticipationState.CONFIRMED)
    make_day(station, date(YEAR, 12, 5), state=ReceptionDayState.PUBLISHED)
    make_opinion(first, date(YEAR, 5, 1), closed_on=date(YEAR, 6, 1), satisfaction=Satisfaction.SATISFIED)
    make_opinion(first, date(YEAR, 5, 2), closed_on=date(YEAR, 6, 2), satisfaction=Satisfaction.DISSATISFIED)
    make_opinion(first, date(YEAR, 5, 3), due_on=date(YEAR, 6, 1))
    make_suggestion(first, date(YEAR, 6, 1))
    assessment = make_assessment(term)
    for mandate in mandates:
        make_notice(make_sheet(assessment, mandate))
    return year


_EDGES = [
    date(2023, 12, 31), date(2024, 1, 1), date(2024, 12, 31), date(2025, 1, 1), date(2025, 6, 30),
    date(2025, 12, 31), date(2026, 1, 1), TODAY - timedelta(days=1), TODAY,
]  # fmt: skip


def make_messy_years(place: Jurisdiction, chance: Random) -> None:
    """Every table a figure counts, with states and days on both sides of every edge; nothing is tidy."""
    term = make_term(place)
    mandates = [make_mandate(term, f"代表{number}", **_seat_dates(chance)) for number in range(8)]
    stations = [make_station(place, f"{place.short_name}第{number}站") for number in range(4)]
    with acting(system_actor()):
        for station in stations:
            opened, closed = chance.choice(_EDGES), chance.choice([None, None, *_EDGES[4:]])
            Station._plain.filter(pk=station.pk).update(
                opened_on=opened, closed_on=closed if closed and closed > opened else None
            )
    for day, station in product(_EDGES, stations[:2]):
        held = make_day(station, day, state=chance.choice(list(ReceptionDayState)))
        with acting(system_actor()):
            ReceptionDay._plain.filter(pk=held.pk).update(visitor_count=chance.randrange(5))
        for mandate in chance.sample(mandates, 3):
            make_turn(held, mandate, chance.choice(list(DutyState)), chance.choice(list(ParticipationState)))
    for day in _EDGES * 3:
        make_opinion(
            chance.choice(mandates), day, closed_on=chance.choice([None, TODAY]),
            satisfaction=chance.choice(["", *Satisfaction.values()]),
            due_on=chance.choice([None, TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1)]),
        )  # fmt: skip
    for day in _EDGES:
        make_suggestion(chance.choice(mandates), day)
    for year in (2024, 2025):
        assessment = make_assessment(term, year)
        for mandate in mandates:
            state = chance.choice(["published", "published", "computed", "superseded"])
            sheet = make_sheet(assessment, mandate, chance.choice(list(Grade)), state=state)
            make_notice(sheet, chance.choice(list(NoticeState)))


def _seat_dates(chance: Random) -> dict[str, Any]:
    elected = chance.choice(_EDGES[:6])
    ended = chance.choice([None, None, *[day for day in _EDGES if day > elected]])
    running = chance.choice([MandateState.ACTIVE, MandateState.SUSPENDED])
    state = running if ended is None else MandateState.ENDED
    return {"elected_on": elected, "ended_on": ended, "state": state.value}


# What a place of two deputies must show for 2025, counted by hand.
EXPECTED = {
    "deputies": 2,
    "stations": 1,
    "receptions": 2,
    "visitors": 7,
    "silent": 1,
    "records": 2,
    "opinions": 3,
    "closed": 2,
    "overdue": 1,
    "satisfied": 50,
    "suggestions": 1,
    "excellent": 0,
    "qualified": 2,
    "unqualified": 0,
    "reports": 2,
}
