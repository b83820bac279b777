"""Stations without a reception for a quarter: who is asked about, who is not, and what is behind it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor, acting, system_actor
from reports.selectors.comparison import compare_places
from reports.selectors.drill import DRILLS
from reports.selectors.silent import quarter_before, silent_lines, silent_stations
from stations.enums import PlaceKind, ReceptionDayState
from stations.models import ReceptionDay, ReceptionRule, Station
from tests.factories import World, make_station
from tests.reports.rows import NOW, TODAY
from tests.stations.makers import make_day

Login = Callable[[Actor], Client]
FIRST = date(2025, 12, 7)  # the quarter that ends on 2026-03-06
EVE = FIRST - timedelta(days=1)


def change(station: Station, **values: object) -> None:
    with acting(system_actor()):
        Station._plain.filter(pk=station.pk).update(**values)


def asked(actor: Actor, day: date = TODAY) -> list[str]:
    with acting(actor):
        return [row.name for row in silent_stations(actor, day)]


@pytest.fixture
def station(township: Jurisdiction) -> Station:
    return make_station(township)


def test_the_quarter_is_three_calendar_months() -> None:
    assert quarter_before(TODAY) == FIRST
    assert quarter_before(date(2026, 5, 31)) == date(2026, 3, 1)
    assert quarter_before(date(2025, 12, 31)) == date(2025, 10, 1)


@pytest.mark.parametrize(
    ("day", "state", "is_asked"),
    [
        (FIRST, ReceptionDayState.HELD, False),
        (TODAY, ReceptionDayState.HELD, False),
        (EVE, ReceptionDayState.HELD, True),
        (TODAY + timedelta(days=1), ReceptionDayState.HELD, True),
        (FIRST, ReceptionDayState.PUBLISHED, True),
        (FIRST, ReceptionDayState.CANCELLED, True),
    ],
)
def test_one_reception_held_in_the_quarter_is_enough(
    day: date, state: ReceptionDayState, is_asked: bool, station: Station, clerk: Actor
) -> None:
    make_day(station, day, state=state)
    assert (asked(clerk) == [station.name]) is is_asked


def test_new_and_closed_ones_are_left_alone(station: Station, clerk: Actor) -> None:
    assert asked(clerk) == [station.name]
    change(station, opened_on=FIRST)
    assert asked(clerk) == [station.name]
    change(station, opened_on=FIRST + timedelta(days=1))
    assert asked(clerk) == []
    change(station, opened_on=date(2024, 1, 1), closed_on=TODAY)
    assert asked(clerk) == []
    change(station, closed_on=TODAY + timedelta(days=1))
    assert asked(clerk) == [station.name]


def test_an_activity_room_is_asked_only_when_it_was_meant_to_receive(station: Station, clerk: Actor) -> None:
    change(station, kind=PlaceKind.ACTIVITY_ROOM.value)
    assert asked(clerk) == []
    with acting(system_actor()):
        rule = ReceptionRule._plain.create(
            scope_code=station.scope_code, station=station, rule={}, text="每月第一周的周五", starts_at="09:00", ends_at="11:30", valid_from=date(2025, 1, 1),
        )  # fmt: skip
    assert asked(clerk) == [station.name]
    with acting(system_actor()):
        ReceptionRule._plain.filter(pk=rule.pk).update(valid_until=EVE)
    assert asked(clerk) == []
    make_day(station, FIRST, state=ReceptionDayState.CANCELLED)
    assert asked(clerk) == [station.name]


def test_what_is_behind_it_is_shown(station: Station, clerk: Actor) -> None:
    make_day(station, date(2025, 11, 7), state=ReceptionDayState.HELD)
    make_day(station, date(2025, 12, 12))
    off = make_day(station, date(2026, 1, 9), state=ReceptionDayState.CANCELLED)
    make_day(station, date(2026, 2, 6), state=ReceptionDayState.POSTPONED)
    make_day(station, date(2026, 4, 3))
    with acting(system_actor()):
        ReceptionDay._plain.filter(pk=off.pk).update(remark="道路施工")
    with acting(clerk):
        (line,) = silent_lines(clerk, TODAY)
    assert line.last == "2025年11月7日（周五）"
    assert line.quarter == ["12月12日没有登记开展", "1月9日已取消（道路施工）", "2月6日改期待定"]
    assert line.coming == "2026年4月3日（周五）"


def test_nothing_at_all_is_said_in_words(station: Station, clerk: Actor) -> None:
    with acting(clerk):
        (line,) = silent_lines(clerk, TODAY)
    assert (line.last, line.quarter, line.coming) == ("从未登记接待", [], "没有排定")


def test_only_the_own_area(station: Station, world: World, clerk: Actor, county: Actor) -> None:
    make_station(world["长凝镇"], name="长凝联络站")
    make_station(world["洪善镇"], name="洪善联络站")
    assert asked(clerk) == [station.name]
    assert set(asked(county)) == {station.name, "长凝联络站"}


def test_the_county_figure_equals_its_rows_and_last_year_is_asked_at_its_end(
    station: Station, world: World, county: Actor
) -> None:
    make_station(world["长凝镇"], name="长凝联络站")
    make_day(station, date(2025, 11, 7), state=ReceptionDayState.HELD)
    with acting(county):
        rows = {row.place.short_name: row for row in compare_places(county, 2026, TODAY)}
        assert (rows["庄子乡"].values["silent"], rows["庄子乡"].last["silent"]) == (1, 0)
        assert (rows["长凝镇"].values["silent"], rows["长凝镇"].last["silent"]) == (1, 1)
        inside = county.narrowed(station.scope_code, station.scope_code + 1000)
        drill = DRILLS["silent"]
        (line,) = [drill.line(row) for row in drill.rows(inside, 2026, TODAY)]
    assert line.cells[0] == station.name
    assert line.cells[2] == "2025年11月7日（周五）"
    assert len(line.cells) == len(drill.columns)


def test_queries_do_not_grow(township: Jurisdiction, clerk: Actor) -> None:
    counts = []
    for number in (1, 2, 3):
        one = make_station(township, name=f"第{number}站")
        make_day(one, date(2026, 1, 9), state=ReceptionDayState.CANCELLED)
        with acting(clerk), CaptureQueriesContext(connection) as queries:
            assert len(silent_lines(clerk, TODAY)) == number
        counts.append(len(queries))
    assert counts == [1, 1, 1]


def test_the_home_of_the_office_and_the_page_of_the_county_ask(
    station: Station, clerk: Actor, county: Actor, sign_in: Login
) -> None:
    with time_machine.travel(NOW, tick=False):
        home = sign_in(clerk).get("/").content.decode()
        assert "一个季度没有接待的站点" in home
        assert "只作提示过问，不扣分" in home
        assert reverse("stations_rota", args=[station.pk]) in home
        county_client = sign_in(county)
        assert "三个月未接待站点" in county_client.get("/compare/").content.decode()
        drilled = county_client.get(f"/compare/{station.scope_code}/silent/?year=2026").content.decode()
        assert station.name in drilled
        assert "从未登记接待" in drilled
        make_day(station, TODAY, state=ReceptionDayState.HELD)
        assert "一个季度没有接待的站点" not in sign_in(clerk).get("/").content.decode()
