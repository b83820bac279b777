"""Three years of rotas for twenty townships: how often a rule was broken, how long it took, how many queries.

Each township has 47 deputies in 4 groups and 3 stations that receive by different rules (first-week Friday,
first and third Tuesday, the 15th), all made through the services: rules, reception days, drafts, adoption. In
half of the townships everybody takes turns at every station, in the other half each group at its own. Every
year has two sessions; deputies go on leave, one is suspended, one comes in by by-election in June 2025. Each
year is planned in the December before. What came out is checked by plain SQL, not by the rules that made it.

Bare limit: the same seats given to deputies drawn at random and inserted in one statement.
ROTA_TOWNSHIPS changes the number of townships.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import Any

from django.db import connection, transaction

from bench._tools import Figure, connect, queries, scratch_database
from deputies.enums import MandateEvent, SuspensionGround
from deputies.models import DeputyGroup, Mandate, Term
from deputies.services import (
    change_mandate,
    create_congress,
    create_constituency,
    create_group,
    enrol_deputy,
    hold_session,
    open_term,
    prepare_term,
)
from liaison.calendar.recurrence import Rule, RuleKind
from liaison.calendar.working import working_calendar
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import JurisdictionLevel, Role
from stations.enums import DutyState, PlaceKind
from stations.models import Participation, ReceptionDay, RotaPlan, Station
from stations.rules.rota.snapshot import from_data
from stations.services import (
    adopt_rota_plan,
    decide_leave,
    make_rota_plan,
    open_station,
    plan_reception_days,
    request_leave,
    save_reception_rule,
    set_station_roster,
)

TOWNSHIPS = int(os.environ.get("ROTA_TOWNSHIPS", "20"))
DEPUTIES, GROUPS = 47, 4
YEARS = (2024, 2025, 2026)
COUNTY = 140702000000
ELECTED, SEATED = date(2021, 4, 18), date(2021, 5, 8)
OPENING = ((clock(9), clock(11, 30)),)
RULES = (
    Rule(RuleKind.NTH_WEEKDAY, weekdays=(5,), nths=(1,), opening=OPENING, theme="就业服务"),
    Rule(RuleKind.NTH_WEEKDAY, weekdays=(2,), nths=(1, 3), opening=OPENING),
    Rule(RuleKind.MONTH_DAYS, month_days=(15,), opening=OPENING),
)
_SURNAMES, _GIVEN = "王李张刘陈杨赵黄周吴", "建国秀英志强丽芳海生俊梅"


@dataclass(slots=True)
class Cost:
    """Seconds and queries of one kind of work."""

    seconds: list[float] = field(default_factory=list)
    queries: list[int] = field(default_factory=list)

    def of(self, work: Callable[[], object]) -> None:
        # Django keeps the last 9,000 queries; counting needs an empty log.
        connection.queries_log.clear()
        started = time.perf_counter()
        self.queries.append(queries(work))
        self.seconds.append(time.perf_counter() - started)


@dataclass(slots=True)
class Township:
    actor: Actor
    term: Term
    mandates: list[Mandate]
    groups: list[DeputyGroup]
    stations: list[Station] = field(default_factory=list)


def run() -> Iterator[Figure]:
    with scratch_database("bench_rota") as name:
        connect(name, "worker")
        ground()
        costs = {"days": Cost(), "make": Cost(), "adopt": Cost()}
        townships = [settle(n) for n in range(TOWNSHIPS)]
        for year in YEARS:
            for n, town in enumerate(townships):
                happen(town, year, n)
                for station in town.stations:
                    plan_year(town, station, year, costs)
        yield "townships", TOWNSHIPS, "townships"
        yield "plans", len(costs["make"].seconds), "plans"
        with acting(system_actor()):
            yield from outcome()
            yield from cost_figures(costs)
            yield "bare limit: seats drawn at random and inserted", bare() * 1000, "ms/plan"


def ground() -> None:
    """Norms, the calendars of the three years and the county."""
    with acting(system_actor()):
        Jurisdiction.objects.create(
            name="榆次区", short_name="榆次区", level=JurisdictionLevel.COUNTY, official_code="140702",
            scope_code=COUNTY, scope_end=COUNTY + 10**6, document_code="榆人常",
            organ_name="榆次区人大常委会",
        )  # fmt: skip


def settle(n: int) -> Township:
    """One township with its deputies, stations, rules and rosters."""
    now = datetime(2023, 12, 1, 2, 0, tzinfo=UTC)
    scope = COUNTY + (n + 1) * 1000
    with acting(system_actor()):
        place = Jurisdiction.objects.create(
            name=f"榆次区第{n + 1}乡", short_name=f"第{n + 1}乡", level=JurisdictionLevel.TOWNSHIP,
            official_code=str(scope)[:9], scope_code=scope, scope_end=scope + 1000,
            parent=Jurisdiction.objects.get(scope_code=COUNTY), document_code="乡人主",
            organ_name="乡人大主席团",
        )  # fmt: skip
    system = system_actor(scope, scope + 1000)
    with acting(system):
        town = _congress(system, place, now)
    actor = Actor(None, None, Role.PRESIDIUM_CLERK, scope, scope + 1000, place.pk, place.name, "秘书")
    town.actor = actor
    with acting(actor):
        _stations(town, n, now)
    return town


def _congress(actor: Actor, place: Jurisdiction, now: datetime) -> Township:
    congress = create_congress(actor=actor, jurisdiction_id=place.pk)
    term = prepare_term(
        actor=actor, congress_id=congress.pk, number=15, elected_on=ELECTED, starts_on=SEATED,
        seats=DEPUTIES,
    )  # fmt: skip
    term = open_term(actor=actor, term_id=term.pk, now=now)
    groups = [create_group(actor=actor, term_id=term.pk, name=f"第{g + 1}代表小组") for g in range(GROUPS)]
    places = [create_constituency(actor=actor, term_id=term.pk, name=f"第{c + 1}选区").pk for c in range(16)]
    mandates = [_deputy(actor, term, groups[k % GROUPS], places[k // 3], k, now) for k in range(DEPUTIES - 1)]
    return Township(actor, term, mandates, groups)


def _deputy(
    actor: Actor, term: Term, group: DeputyGroup, constituency: int, k: int, now: datetime, **seat: object
) -> Mandate:
    person = {
        "name": _SURNAMES[k % 10] + _GIVEN[k // 10 % 12] + _GIVEN[(k * 7) % 12], "sex": "male",
        "born_on": date(1965 + k % 30, 1 + k % 12, 1), "political_status": "masses",
        "education": "high_school",
        "phone": f"139{actor.lo // 1000 % 1000:03d}{k:05d}",
    }  # fmt: skip
    values = {
        "election_way": "general", "elected_on": ELECTED, "constituency_id": constituency,
        "list_number": k + 1, "concurrent_seat": "区代表" if k % 12 == 0 else "",
    }  # fmt: skip
    return enrol_deputy(
        actor=actor, term_id=term.pk, person=person, seat={**values, **seat}, group_id=group.pk, now=now
    )


def _stations(town: Township, n: int, now: datetime) -> None:
    for s, rule in enumerate(RULES):
        station = open_station(
            actor=town.actor, kind=PlaceKind.LIAISON_STATION, name=f"第{s + 1}联络站", address="村委会",
            opened_on=SEATED, group_id=town.groups[s].pk, now=now,
        )  # fmt: skip
        save_reception_rule(actor=town.actor, station_id=station.pk, rule=rule, now=now)
        town.stations.append(station)
        if n % 2:
            _roster(town, station, s, now)


def _roster(town: Township, station: Station, s: int, now: datetime) -> None:
    """Groups 1 and 4 at stations of one day a month, 2 and 3 at the one of two."""
    groups = ({0}, {1, 2}, {3})[s]
    chosen = [m.pk for k, m in enumerate(town.mandates) if k % GROUPS in groups]
    set_station_roster(actor=town.actor, station_id=station.pk, mandate_ids=chosen, now=now)


def happen(town: Township, year: int, n: int) -> None:
    """What stands in the way of a year: two sessions, leave, a suspension, a by-election."""
    now = _december(year)
    chance = random.Random(1000 * n + year)
    system = system_actor(town.actor.lo, town.actor.hi)
    with acting(system):
        for month in (3, 9):
            first = date(year, month, 1 + chance.randrange(20))
            hold_session(
                actor=system,
                term_id=town.term.pk,
                starts_on=first,
                ends_on=first + timedelta(days=1),
                now=now,
            )
        if year == 2025:
            change_mandate(
                actor=system, mandate_id=town.mandates[7].pk, event=MandateEvent.SUSPEND, basis="主席团决定",
                effective_on=now.date(), ground=SuspensionGround.CRIMINAL_PROCEEDINGS, now=now,
            )  # fmt: skip
        if year == 2026:
            _by_election(system, town, now)
    with acting(town.actor):
        for mandate in chance.sample(town.mandates[8:], 5):
            first = date(year, 1 + chance.randrange(12), 1 + chance.randrange(14))
            leave = request_leave(
                actor=town.actor, mandate_id=mandate.pk, starts_on=first, ends_on=first + timedelta(days=9),
                kind="illness", reason="治病", now=now,
            )  # fmt: skip
            decide_leave(
                actor=system_actor(town.actor.lo, town.actor.hi),
                leave_id=leave.pk,
                is_approved=True,
                note="",
                now=now,
            )


def _by_election(actor: Actor, town: Township, now: datetime) -> None:
    seat = {"election_way": "by_election", "elected_on": date(2025, 6, 10)}
    constituency = town.mandates[-1].constituency_id or 0
    last = _deputy(actor, town.term, town.groups[2], constituency, DEPUTIES - 1, now, **seat)
    town.mandates.append(last)


def _december(year: int) -> datetime:
    return datetime(year - 1, 12, 20, 2, 0, tzinfo=UTC)


def plan_year(town: Township, station: Station, year: int, costs: dict[str, Cost]) -> None:
    first, last, now = date(year, 1, 1), date(year, 12, 31), _december(year)
    facts: dict[str, Any] = {"actor": town.actor, "now": now}
    with acting(town.actor):
        costs["days"].of(lambda: plan_reception_days(station_id=station.pk, start=first, end=last, **facts))
        made: list[RotaPlan] = []
        costs["make"].of(
            lambda: made.append(make_rota_plan(station_id=station.pk, starts_on=first, ends_on=last, **facts))
        )
        costs["adopt"].of(lambda: adopt_rota_plan(plan_id=made[0].pk, **facts))


def outcome() -> Iterator[Figure]:
    """What the three years look like in the tables."""
    calendar = working_calendar()
    days = list(ReceptionDay.objects.values_list("day", "day_text"))
    yield "reception days", len(days), "days"
    yield "receptions on a non-working day", sum(not calendar.is_workday(day) for day, _ in days), "days"
    yield "reception days without a derivation", sum(not text for _, text in days), "days"
    turns = Participation.objects.filter(outcome=DutyState.SCHEDULED)
    yield "turns", turns.count(), "turns"
    held = Counter(turns.values_list("mandate_id", "day"))
    yield "double bookings", sum(count - 1 for count in held.values()), "turns"
    yield "turns on leave, in a session, suspended or out of office", _clashes(), "turns"
    yield "two receptions running", _running(), "turns"
    yield "days short of a deputy", _short(), "days"
    yield "of these, days without a session of the congress", _short(without_session=True), "days"
    spreads = _spreads()
    yield "groups and years", len(spreads), "groups"
    yield "widest spread in a group and year", max(spreads), "turns"
    stored = [from_data(data) for data in RotaPlan.objects.values_list("snapshot", flat=True)]
    yield "warnings", sum(len(each.warnings) for each in stored), "warnings"
    seats = [seat for plan in stored for day in plan.days for seat in day.seats]
    unexplained = sum(not seat.why_not or bool(seat.key) != bool(seat.why) for seat in seats)
    yield "seats without reasons", unexplained, "seats"


def _count(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


def _clashes() -> int:
    return _count("""
        SELECT count(*) FROM stations_participation p JOIN deputies_mandate m ON m.id = p.mandate_id
        WHERE p.outcome = 'scheduled' AND (
          p.day < m.elected_on OR p.day > coalesce(m.ended_on, 'infinity')
          OR EXISTS (SELECT 1 FROM stations_leaverequest l WHERE l.mandate_id = m.id AND l.state = 'approved'
                     AND p.day BETWEEN l.starts_on AND l.ends_on)
          OR EXISTS (SELECT 1 FROM deputies_session s WHERE s.term_id = m.term_id
                     AND p.day BETWEEN s.starts_on AND s.ends_on)
          OR EXISTS (SELECT 1 FROM deputies_mandatechange c WHERE c.mandate_id = m.id
                     AND c.to_state = 'suspended' AND c.effective_on <= p.day))
    """)


def _running() -> int:
    return _count("""
        WITH ordered AS (SELECT id, station_id, row_number() OVER (PARTITION BY station_id ORDER BY day) AS n
                         FROM stations_receptionday),
             held AS (SELECT p.mandate_id, o.station_id, o.n FROM stations_participation p
                      JOIN ordered o ON o.id = p.reception_day_id WHERE p.outcome = 'scheduled')
        SELECT count(*) FROM held a JOIN held b
          ON b.mandate_id = a.mandate_id AND b.station_id = a.station_id AND b.n = a.n + 1
    """)


def _short(*, without_session: bool = False) -> int:
    """Days with fewer than two deputies; a session of the congress leaves nobody to receive."""
    in_session = """
        EXISTS (SELECT 1 FROM deputies_session s WHERE s.scope_code = d.scope_code
                AND d.day BETWEEN s.starts_on AND s.ends_on)"""
    return _count(f"""
        SELECT count(*) FROM stations_receptionday d WHERE 2 > (
          SELECT count(*) FROM stations_participation p
          WHERE p.reception_day_id = d.id AND p.outcome = 'scheduled')
          AND NOT ({without_session} AND {in_session})
    """)  # noqa: S608


def _spreads() -> list[int]:
    """Most less fewest turns of each group and year, of those in office and not suspended all the year."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT max(turns) - min(turns) FROM (
              SELECT g.group_id, y.year, m.id, count(p.id) AS turns
              FROM deputies_mandate m JOIN deputies_groupmembership g ON g.mandate_id = m.id
              CROSS JOIN (VALUES (2024), (2025), (2026)) AS y(year)
              LEFT JOIN stations_participation p ON p.mandate_id = m.id AND p.outcome = 'scheduled'
                AND extract(year FROM p.day) = y.year
              WHERE m.elected_on <= make_date(y.year, 1, 1)
                AND NOT EXISTS (SELECT 1 FROM deputies_mandatechange c WHERE c.mandate_id = m.id
                                AND c.to_state = 'suspended' AND c.effective_on <= make_date(y.year, 12, 31))
                AND (NOT EXISTS (SELECT 1 FROM stations_stationdeputy r WHERE r.scope_code = m.scope_code)
                     OR EXISTS (SELECT 1 FROM stations_stationdeputy r WHERE r.mandate_id = m.id))
              GROUP BY g.group_id, y.year, m.id) AS counted
            GROUP BY group_id, year
        """)
        return [int(row[0]) for row in cursor.fetchall()]


def cost_figures(costs: dict[str, Cost]) -> Iterator[Figure]:
    words = {"days": "planning the days of a year", "make": "making a plan", "adopt": "adopting a plan"}
    for key, cost in costs.items():
        yield words[key], 1000 * sum(cost.seconds) / len(cost.seconds), "ms"
        yield f"{words[key]}: most queries", max(cost.queries), "queries"
        yield f"{words[key]}: fewest queries", min(cost.queries), "queries"


def bare() -> float:
    """Seconds to draw two deputies for each day of one station and year, and insert them; undone again."""
    station = Station.objects.order_by("pk")[0]
    days = list(ReceptionDay.objects.filter(station=station, day__year=2026))
    ids = list(Mandate.objects.filter(scope_code=station.scope_code).values_list("pk", flat=True))
    chance = random.Random(1)
    started = time.perf_counter()
    with transaction.atomic():
        Participation.objects.filter(reception_day__in=days).delete()
        before = time.perf_counter()
        Participation.objects.bulk_create(
            Participation(scope_code=day.scope_code, mandate_id=key, reception_day=day, day=day.day)
            for day in days
            for key in chance.sample(ids, 2)
        )
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
        spent = time.perf_counter() - before
        transaction.set_rollback(True)
    return min(spent, time.perf_counter() - started)
