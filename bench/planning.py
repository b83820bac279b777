"""A county's reception days: 20 townships, 4 stations each, three years of rules of every kind.

Everything goes through the services an office uses, in a database of its own, as the role of the web server,
the audit trail on. The rules are laid down, each station is planned year by year, and planned once more to
see that nothing changes. Then every planned day is checked: on a working day unless its rule says otherwise,
no station twice on one date, a derivation in words.
Bare limit: ``rrule`` alone naming the days of the same rules, without holidays and without storing them.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench._tools import Figure, connect, scratch_database, seconds
from liaison.calendar.recurrence import (
    LAST,
    FirstWeek,
    Months,
    OnDayOff,
    Rule,
    RuleKind,
    ThemeOn,
    nominal_dates,
    receives_on,
    rule_from_data,
)
from liaison.calendar.working import working_calendar
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import JurisdictionLevel, Role
from stations.enums import PlaceKind
from stations.models import ReceptionDay, ReceptionNotice, Station
from stations.services import announce_receptions, open_station, plan_reception_days, save_reception_rule

TOWNSHIPS, STATIONS = 20, 4
YEARS = (2024, 2025, 2026)
COUNTY = 140702000000
NOW = datetime(2023, 12, 1, 2, 0, tzinfo=UTC)
MORNING = ((time(9), time(11, 30)),)
ALL_DAY = (*MORNING, (time(14, 30), time(17)))
_N, _M, _W, _K, _D = (
    RuleKind.NTH_WEEKDAY,
    RuleKind.MONTH_DAYS,
    RuleKind.WEEKLY,
    RuleKind.MARKET_DAYS,
    RuleKind.DATES,
)
# Every kind, every meaning of the first week, and what places practise (domain.md section 4).
RULES = (
    Rule(_N, weekdays=(5,), nths=(1,), opening=MORNING, theme="助企惠民", theme_on=ThemeOn.QUARTER),
    Rule(_N, weekdays=(5,), nths=(1,), first_week=FirstWeek.FIRST_FULL_WEEK, opening=MORNING),
    Rule(_N, weekdays=(5,), nths=(1,), first_week=FirstWeek.ISO_FIRST_WEEK, opening=MORNING),
    Rule(_N, weekdays=(2,), nths=(1, 3), opening=ALL_DAY),
    Rule(_N, weekdays=(4,), nths=(LAST,), opening=MORNING, months=Months.QUARTERLY),
    Rule(_M, month_days=(9, 19), opening=MORNING),
    Rule(_M, month_days=(15,), months=Months.ODD, opening=MORNING),
    Rule(_M, month_days=(LAST,), months=Months.EVEN, opening=MORNING, on_day_off=OnDayOff.SKIP),
    Rule(_W, weekdays=(1, 3), opening=MORNING, on_day_off=OnDayOff.SKIP),
    Rule(_W, weekdays=(2,), opening=ALL_DAY),
    Rule(_K, digits=(3, 8), opening=MORNING, keeps_weekends=True),
    Rule(_K, digits=(5,), opening=MORNING, on_day_off=OnDayOff.KEEP),
    Rule(_D, dates=tuple(date(year, month, 1) for year in YEARS for month in (5, 7, 10)), opening=MORNING),
)


def run() -> Iterator[Figure]:
    with scratch_database("bench_planning") as name:
        connect(name, "worker")
        townships = _county()
        connect(name, "web")
        stations = [station for clerk in townships for station in _stations(clerk)]
        yield "stations", len(stations), "stations"
        yield "rules", len(stations), "rules"
        spent, counts = _plan(stations)
        yield "station-years", len(stations) * len(YEARS), "station-years"
        days = _days()
        yield "days planned", len(days), "rows"
        yield "a station-year, planned and stored", 1000 * spent / (len(stations) * len(YEARS)), "ms"
        yield "a day of it", 1000 * spent / len(days), "ms"
        yield "queries a station-year, fewest", min(counts), "queries"
        yield "queries a station-year, most", max(counts), "queries"
        again, counts = _plan(stations)
        yield "planned again, nothing new", 1000 * again / (len(stations) * len(YEARS)), "ms"
        yield "queries of that", max(counts), "queries"
        yield "days planned again", len(_days()) - len(days), "rows"
        yield from _checks(days)
        yield from _announced(days)
        yield "bare limit: rrule alone, a station-year", _bare(len(stations)), "ms"


def _county() -> list[Actor]:
    """Twenty townships with their clerks, the norms and the years, as an installation has them."""
    with acting(system_actor()):
        nation = Jurisdiction.objects.create(
            name="中华人民共和国", short_name="全国", level=JurisdictionLevel.NATION, scope_code=0,
            scope_end=10**12,
        )  # fmt: skip
        county = Jurisdiction.objects.create(
            name="榆次区", short_name="榆次区", level=JurisdictionLevel.COUNTY, scope_code=COUNTY,
            scope_end=COUNTY + 10**6, parent=nation, official_code="140702",
        )  # fmt: skip
        return [_township(county, number) for number in range(1, TOWNSHIPS + 1)]


def _township(county: Jurisdiction, number: int) -> Actor:
    code = COUNTY + (200 + number) * 1000
    place = Jurisdiction.objects.create(
        name=f"榆次区第{number}乡", short_name=f"第{number}乡", level=JurisdictionLevel.TOWNSHIP,
        official_code=str(code // 1000), scope_code=code, scope_end=code + 1000, parent=county,
    )  # fmt: skip
    return Actor(
        account_id=None,
        appointment_id=None,
        role=Role.PRESIDIUM_CLERK,
        lo=code,
        hi=code + 1000,
        jurisdiction_id=place.pk,
        display_name="专干",
    )


def _stations(clerk: Actor) -> list[tuple[Actor, Station]]:
    found = []
    with acting(clerk):
        for number in range(STATIONS):
            rule = RULES[(clerk.lo // 1000 * STATIONS + number) % len(RULES)]
            station = open_station(
                actor=clerk,
                kind=PlaceKind.LIAISON_STATION,
                name=f"第{number + 1}联络站",
                address="村委会",
                opened_on=date(2021, 6, 1),
                now=NOW,
            )
            first = replace(rule, valid_from=date(YEARS[0], 1, 1))
            save_reception_rule(actor=clerk, station_id=station.pk, rule=first, now=NOW)
            found.append((clerk, station))
    return found


def _plan(stations: list[tuple[Actor, Station]]) -> tuple[float, list[int]]:
    """Plan every station year by year, as an office would; seconds in all, queries of each."""
    counts: list[int] = []

    def work() -> None:
        for clerk, station in stations:
            for year in YEARS:
                with CaptureQueriesContext(connection) as captured, acting(clerk):
                    plan_reception_days(
                        actor=clerk,
                        station_id=station.pk,
                        start=date(year, 1, 1),
                        end=date(year, 12, 31),
                        now=NOW,
                    )
                counts.append(len(captured))

    return seconds(work, rounds=1), counts


def _days() -> list[ReceptionDay]:
    with acting(system_actor()) as actor:
        return list(ReceptionDay.scoped(actor).select_related("rule").order_by("station_id", "day"))


def _checks(days: list[ReceptionDay]) -> Iterator[Figure]:
    with acting(system_actor()):
        calendar = working_calendar()
    rules = {day.rule_id: rule_from_data(day.rule.rule) for day in days if day.rule is not None}
    wrong = sum(not receives_on(rules[day.rule_id], day.day, calendar) for day in days)
    yield "on a day off its rule does not keep", wrong, "days"
    strict = [
        day for day in days
        if rules[day.rule_id].on_day_off != OnDayOff.KEEP and not rules[day.rule_id].keeps_weekends
    ]  # fmt: skip
    yield "of rules that keep nothing: days", len(strict), "days"
    yield "… on a non-working day", sum(not calendar.is_workday(day.day) for day in strict), "days"
    yield "moved off a day off", sum(day.day != day.nominal_day for day in days), "days"
    yield "on a weekend worked in exchange", sum(calendar.is_makeup_workday(day.day) for day in days), "days"
    dates = Counter((day.station_id, day.day) for day in days)
    yield "a station twice on one date", sum(count > 1 for count in dates.values()), "dates"
    yield "without a derivation in words", sum(not day.day_text for day in days), "days"
    yield "still provisional", sum(day.day_is_provisional for day in days), "days"


def _announced(days: list[ReceptionDay]) -> Iterator[Figure]:
    """The notices of the first quarter of 2026, beat running once a day in every township."""
    first, last = date(2026, 1, 1), date(2026, 3, 31)
    wanted = [day for day in days if first <= day.day <= last]
    places = sorted({day.scope_code for day in wanted})
    for offset in range((last - first).days + 8):
        moment = datetime(2025, 12, 26, 1, 0, tzinfo=UTC) + timedelta(days=offset)
        for code in places:
            with acting(system_actor(code, code + 1)) as actor:
                announce_receptions(actor=actor, now=moment)
    with acting(system_actor()) as actor:
        notices = ReceptionNotice.scoped(actor).filter(reception_day__day__range=(first, last))
        late = sum(
            (notice.reception_day.day - notice.announced_at.date()).days < 3
            for notice in notices.select_related("reception_day")
        )
        yield "notices of a quarter, for as many days", notices.count(), "notices"
        yield "days of that quarter", len(wanted), "days"
        yield "… less than 3 days before", late, "notices"


def _bare(stations: int) -> float:
    rules = [RULES[number % len(RULES)] for number in range(stations)]

    def work() -> None:
        for rule in rules:
            for year in YEARS:
                nominal_dates(rule, date(year, 1, 1), date(year, 12, 31))

    return 1000 * seconds(work) / (stations * len(YEARS))
