"""The demo year's own choices; that the year itself holds is shown by the browser tests."""

import random
from datetime import date

import pytest

from deputies.models import Constituency, DeputyGroup, GroupMembership, Mandate, Term
from liaison.files.upload_checks import checked
from liaison.models import AuditEntry
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import FileKind
from reports.demo import pictures, present, rotas, workplans
from reports.demo.clock import at, months
from reports.demo.founding import DATA
from reports.demo.roster import bring_roster
from reports.demo.township import Township
from reports.demo.year import Year
from stations.enums import DutyOrigin, PlaceKind, ReceptionDayState, RotaPlanState
from stations.models import Participation, ReceptionDay, ReceptionNotice, RotaPlan, UpperTurn
from stations.services import open_station, plan_reception_days, save_reception_rule

SPRING = months(date(2025, 1, 1), date(2025, 6, 30))


def year(neighbours: float) -> Year:
    return Year(2025, date(2026, 11, 20), lambda line: None, {}, {}, {}, neighbours)


@pytest.mark.parametrize(
    ("neighbours", "name", "worked"),
    [
        (1.0, "洪善镇", 6),
        (0.5, "洪善镇", 3),
        (0.2, "新华街道", 1),
        (0.0, "新华街道", 1),
        (0.2, "庄子乡", 6),
    ],
)
def test_neighbours_work_their_last_months(neighbours: float, name: str, worked: int) -> None:
    assert year(neighbours)._worked(name, SPRING) == SPRING[6 - worked :]


def test_the_roster_comes_through_the_import_of_the_office(term: Term, clerk: Actor) -> None:
    path, now = DATA / "庄子乡代表名册.xlsx", at(date(2025, 1, 6))
    with acting(clerk):
        first = bring_roster(actor=clerk, term=term, path=path, now=now)
        again = bring_roster(actor=clerk, term=term, path=path, now=now)
        seats = Mandate.scoped(clerk).filter(term=term).order_by("list_number")
        leaders = GroupMembership.scoped(clerk).filter(mandate__in=seats, post="leader")
        entries = AuditEntry.scoped(clerk).filter(table_name="deputies_mandate", change="insert")
        assert (first.new, again.new, again.unchanged) == (47, 0, 47)
        assert [seat.list_number for seat in seats] == list(range(1, 48))
        assert (Constituency.scoped(clerk).count(), DeputyGroup.scoped(clerk).count(), leaders.count()) == (
            16,
            4,
            4,
        )
        assert set(entries.values_list("operation", flat=True)) == {"import_roster"}


@pytest.fixture
def town(term: Term, clerk: Actor, chair: Actor) -> Township:
    """庄子乡 as 2025 left it: the roster, three stations, each with the seed's Friday."""
    found = Township(term.congress.jurisdiction, term, clerk, chair, random.Random(7), ("东庄村",))
    with acting(clerk):
        now = at(date(2025, 1, 6))
        bring_roster(actor=clerk, term=term, path=DATA / "庄子乡代表名册.xlsx", now=now)
        for name in ("东庄村站", "河口村站", "桥头村站"):
            station = open_station(
                actor=clerk, kind=PlaceKind.LIAISON_STATION, name=name, address=name, opened_on=date(2021, 6, 1), now=now
            )  # fmt: skip
            save_reception_rule(actor=clerk, station_id=station.pk, rule=rotas.FIRST_FRIDAY, now=now)
            plan_reception_days(
                actor=clerk, station_id=station.pk, start=date(2025, 1, 1), end=date(2025, 12, 31), now=now
            )
            found.stations.append(station)
    return found


def test_the_running_year_comes_from_rules_and_the_rota(town: Township) -> None:
    with acting(system_actor()):
        rotas.begin_years(town)
        rotas.draft_year(town, 2026, date(2025, 12, 30))
        rotas.adopt_drafts(town, date(2025, 12, 31))
        days = ReceptionDay._plain.filter(day__year=2026)
        turns = Participation._plain.filter(reception_day__in=days)
        assert [days.filter(station=station).count() for station in town.stations] == [12, 12, 12]
        assert {turns.filter(reception_day=day).count() for day in days} == {2}
        # One seat was changed by hand, everything else is the rota's.
        assert turns.filter(origin=DutyOrigin.HAND).count() == 1
        assert turns.filter(origin=DutyOrigin.PLAN).count() == 71
        theme_days = set(days.exclude(theme="").values_list("pk", flat=True))
        assert len(theme_days) == 4
        assert set(UpperTurn._plain.values_list("reception_day_id", flat=True)) == theme_days
        plans = RotaPlan._plain.filter(station__in=town.stations)
        assert [(plan.state, plan.snapshot["warnings"]) for plan in plans] == [
            (RotaPlanState.ADOPTED, [])
        ] * 3


def test_there_is_a_reception_to_begin_whatever_day_it_is(town: Township) -> None:
    # A Saturday, a day on which the station receives anyway, and the last day of the year.
    saturday, friday, eve = date(2026, 3, 14), date(2026, 4, 3), date(2026, 12, 31)
    with acting(system_actor()):
        rotas.begin_years(town)
        rotas.draft_year(town, 2026, date(2025, 12, 30))
        rotas.adopt_drafts(town, date(2025, 12, 31))
        station = town.stations[0]
        for today in (saturday, friday, eve):
            present.receive_today(town, today)
            day = ReceptionDay._plain.get(station=station, day=today)
            notice = ReceptionNotice._plain.get(reception_day=day)
            on_duty = Participation._plain.filter(reception_day=day)
            assert (day.state, notice.is_late) == (ReceptionDayState.PUBLISHED, False)
            assert notice.announced_at.date() < today
            assert on_duty.filter(mandate__list_number=2).count() == 1
            assert on_duty.count() >= 2
        # The regular day stays the rule's own.
        assert ReceptionDay._plain.get(station=station, day=friday).rule.rule["kind"] == "nth_weekday"


@pytest.mark.parametrize(
    ("today", "late", "held", "coming"),
    [
        (date(2026, 11, 28), (10,), (11,), (12,)),
        (date(2026, 12, 30), (11,), (12,), ()),
        (date(2026, 1, 8), (), (), (1,)),
        (date(2027, 1, 5), (12,), (12,), ()),
        (date(2027, 3, 5), (), (), ()),
    ],
)
def test_the_plan_asks_for_what_lies_around_the_day(
    today: date, late: tuple[int, ...], held: tuple[int, ...], coming: tuple[int, ...]
) -> None:
    months_of = {title: found for _, title, found, _, _ in workplans._of_the_day(today)}
    titles = ("农村公路安全执法检查", workplans.HELD_ITEM, workplans.COMING_ITEM)
    assert [months_of.get(title, ()) for title in titles] == [late, held, coming]


def test_pictures_are_taken_and_are_the_same_every_time() -> None:
    def drawn() -> list[bytes]:
        rng = random.Random(3)
        made = (
            pictures.door("东庄村人大代表联络站", "门"),
            pictures.room("东庄村人大代表联络站", "室"),
            pictures.inspection("视察"),
            pictures.signed_sheet(rng, "登记表", "表"),
        )
        return [each.read() for each in made]

    first = drawn()
    assert first == drawn()
    assert {checked(data, "图.jpg", FileKind.SCAN).content_type for data in first} == {"image/jpeg"}
    assert len(set(first)) == 4
