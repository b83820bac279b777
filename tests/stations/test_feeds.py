"""Calendars read back by the icalendar package: equal to the plan, UIDs kept, closed with the mandate."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from deputies.models import Mandate
from liaison.tenancy.scope import Actor, acting, system_actor
from stations.enums import DutyState, FeedKind, ReceptionDayState
from stations.models import Activity, CalendarFeed, Participation, ReceptionDay, Station, UpperTurn
from stations.rules.calendar_feeds import FeedEvent, calendar_bytes, stable_uid
from stations.services import (
    assign_duty,
    cancel_reception,
    create_feed,
    plan_reception_days,
    postpone_reception,
    save_reception_rule,
    substitute_duty,
)
from tests.factories import make_deputy_actor, make_station
from tests.stations.conftest import FIRST_FRIDAY, NOW
from tests.stations.feed_reading import assert_rose, events_at, only, path_of
from tests.stations.makers import as_, make_day, make_part, make_turn, make_upper_turn

APRIL = date(2026, 4, 3)


@pytest.fixture(autouse=True)
def _march() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def planned(clerk: Actor, station: Station) -> list[ReceptionDay]:
    """The first Fridays of a year, as a clerk plans them."""
    with acting(clerk):
        save_reception_rule(actor=clerk, station_id=station.pk, rule=FIRST_FRIDAY, now=NOW)
        return plan_reception_days(
            actor=clerk, station_id=station.pk, start=date(2026, 3, 1), end=date(2026, 12, 31), now=NOW
        ).created


def moment(event: Any, name: str) -> datetime:
    found = event[name].dt
    assert isinstance(found, datetime)
    return found


class TestEqualToThePlan:
    def test_every_day_of_the_station(
        self, planned: list[ReceptionDay], station_feed: CalendarFeed, station: Station, mandate: Mandate
    ) -> None:
        make_turn(planned[1], mandate)
        seen = {
            (moment(event, "DTSTART"), moment(event, "DTEND"), str(event["STATUS"]))
            for event in events_at(station_feed).values()
        }
        with acting(system_actor()):
            rows = list(ReceptionDay._plain.filter(station=station))
        assert len(rows) == 10
        assert {
            (
                datetime.combine(row.day, row.starts_at).isoformat(),
                datetime.combine(row.day, row.ends_at).isoformat(),
            )
            for row in rows
        } == {
            (start.replace(tzinfo=None).isoformat(), end.replace(tzinfo=None).isoformat())
            for start, end, _ in seen
        }
        assert {status for _, _, status in seen} == {"TENTATIVE"}
        (duty,) = [
            event
            for event in events_at(station_feed).values()
            if event["DTSTART"].dt.date() == planned[1].day
        ]
        assert "值班代表：王建国" in duty["DESCRIPTION"]
        assert station.address in duty["LOCATION"]

    def test_times_are_shanghai_and_the_zone_knows_no_summer_time(
        self, own_feed: CalendarFeed, station: Station, mandate: Mandate
    ) -> None:
        make_turn(make_day(station, date(2026, 7, 3)), mandate)
        calendar = Calendar.from_ical(Client().get(path_of(own_feed)).content)
        (zone,) = calendar.walk("VTIMEZONE")
        assert str(zone["TZID"]) == "Asia/Shanghai"
        (standard,) = zone.subcomponents
        assert (standard.name, standard["TZOFFSETFROM"].td, standard["TZOFFSETTO"].td) == (
            "STANDARD", timedelta(hours=8), timedelta(hours=8),
        )  # fmt: skip
        (event,) = calendar.walk("VEVENT")
        assert event["DTSTART"].params["TZID"] == "Asia/Shanghai"
        assert event["DTSTART"].dt.astimezone(UTC) == datetime(2026, 7, 3, 1, 0, tzinfo=UTC)

    def test_a_deputy_gets_the_own_turns_and_activities_and_nothing_else(
        self, own_feed: CalendarFeed, station: Station, mandate: Mandate, second: Mandate
    ) -> None:
        shared = make_day(station, APRIL)
        make_turn(shared, mandate)
        make_turn(shared, second)
        make_turn(make_day(station, date(2026, 5, 8)), second)
        make_part(mandate, "training", date(2026, 2, 10), title="学习选举法")
        make_part(second, "training", date(2026, 2, 11), title="学习监督法")
        found = {str(event["SUMMARY"]): event for event in events_at(own_feed).values()}
        assert set(found) == {f"{station.name}接待值班", "学习选举法"}
        assert "值班代表：王建国、李秀英" in found[f"{station.name}接待值班"]["DESCRIPTION"]
        assert (found["学习选举法"]["DTSTART"].dt, found["学习选举法"]["DTEND"].dt) == (
            date(2026, 2, 10),
            date(2026, 2, 11),
        )

    def test_an_activity_with_an_hour_given_up_and_taken_again_is_one_entry(
        self, own_feed: CalendarFeed, mandate: Mandate
    ) -> None:
        part = make_part(mandate, "training", APRIL, DutyState.CANCELLED, title="学习代表法")
        with acting(system_actor()):
            Activity._plain.filter(pk=part.activity_id).update(
                starts_at=time(14, 30), state=ReceptionDayState.PUBLISHED.value
            )
        given = only(own_feed)
        assert (str(given["STATUS"]), str(given["SUMMARY"])) == ("CANCELLED", "（已取消）学习代表法")
        with acting(system_actor()):
            Participation._plain.create(
                scope_code=mandate.scope_code, mandate=mandate, activity=part.activity, day=APRIL
            )
        back = only(own_feed)
        assert (str(back["STATUS"]), str(back["UID"])) == ("CONFIRMED", str(given["UID"]))
        assert back["DTSTART"].dt.isoformat() == "2026-04-03T14:30:00+08:00"
        assert "DTEND" not in back
        assert "开始时间：14:30" in back["DESCRIPTION"]
        assert_rose(given, back)
        with acting(system_actor()):
            Activity._plain.filter(pk=part.activity_id).update(ends_on=date(2026, 4, 4))
        days = only(own_feed)
        assert (days["DTSTART"].dt, days["DTEND"].dt) == (APRIL, date(2026, 4, 5))

    def test_leave_frees_the_turn_and_its_reason_is_told_to_nobody(
        self, own_feed: CalendarFeed, station: Station, mandate: Mandate
    ) -> None:
        make_turn(make_day(station, APRIL), mandate, DutyState.ON_LEAVE, note="住院")
        event = only(own_feed)
        assert (str(event["STATUS"]), str(event["TRANSP"])) == ("CANCELLED", "TRANSPARENT")
        body = Client().get(path_of(own_feed)).content.decode()
        assert "住院" not in body
        assert "请假" not in body

    def test_the_township_has_every_open_station(self, clerk: Actor, station: Station, township) -> None:  # type: ignore[no-untyped-def]
        other = make_station(township, name="西庄村人大代表联络站")
        make_day(station, APRIL)
        make_day(other, APRIL)
        feed = as_(clerk, create_feed, kind=FeedKind.TOWNSHIP, now=NOW)
        assert {str(event["SUMMARY"]) for event in events_at(feed).values()} == {
            f"{station.name}接待日",
            "西庄村人大代表联络站接待日",
        }

    def test_queries_do_not_grow(
        self,
        own_feed: CalendarFeed,
        station_feed: CalendarFeed,
        station: Station,
        mandate: Mandate,
        second: Mandate,
    ) -> None:
        counts = []
        for month in (4, 5, 6):
            day = make_day(station, date(2026, month, 8))
            make_turn(day, mandate)
            make_turn(day, second)
            make_part(mandate, "training", date(2026, month, 9))
            with CaptureQueriesContext(connection) as queries:
                assert len(events_at(own_feed)) == 2 * (month - 3)
                assert len(events_at(station_feed)) == month - 3
            counts.append(len(queries))
        assert counts[0] == counts[2]


class TestChanges:
    def test_a_moved_day_keeps_its_uid_and_rises(
        self,
        clerk: Actor,
        planned: list[ReceptionDay],
        station_feed: CalendarFeed,
        own_feed: CalendarFeed,
        mandate: Mandate,
    ) -> None:
        day = planned[1]
        as_(clerk, assign_duty, day_id=day.pk, mandate_ids=[mandate.pk], now=NOW)
        before, mine = events_at(station_feed), only(own_feed)
        _publish(clerk, day)
        as_(clerk, postpone_reception, day_id=day.pk, reason="道路施工", new_day=date(2026, 4, 10), now=NOW)
        after, mine_after = events_at(station_feed), only(own_feed)
        assert set(after) == set(before)
        (moved,) = [uid for uid in after if after[uid]["DTSTART"].dt != before[uid]["DTSTART"].dt]
        assert after[moved]["DTSTART"].dt.date() == date(2026, 4, 10)
        assert_rose(before[moved], after[moved])
        assert str(mine["UID"]) == str(mine_after["UID"])
        assert mine_after["DTSTART"].dt.date() == date(2026, 4, 10)
        assert_rose(mine, mine_after)
        assert [uid for uid in after if after[uid]["SEQUENCE"] != before[uid]["SEQUENCE"]] == [moved]

    def test_replanning_keeps_uids_even_of_days_laid_out_anew(
        self, clerk: Actor, planned: list[ReceptionDay], station_feed: CalendarFeed, station: Station
    ) -> None:
        before = events_at(station_feed)
        with acting(clerk):
            ReceptionDay.scoped(clerk).filter(pk=planned[3].pk).delete()
            plan_reception_days(
                actor=clerk, station_id=station.pk, start=date(2026, 3, 1), end=date(2026, 12, 31), now=NOW
            )
        after = events_at(station_feed)
        assert set(after) == set(before)
        assert all(after[uid]["DTSTART"].dt == before[uid]["DTSTART"].dt for uid in after)
        assert all(int(after[uid]["SEQUENCE"]) >= int(before[uid]["SEQUENCE"]) for uid in after)

    def test_a_day_that_goes_on_under_another_name_keeps_its_uid_and_never_shares_it(
        self, station: Station, station_feed: CalendarFeed
    ) -> None:
        day = make_day(station, APRIL)
        before = set(events_at(station_feed))
        with acting(system_actor()):
            ReceptionDay._plain.filter(pk=day.pk).update(nominal_day=date(2026, 4, 10))
        assert set(events_at(station_feed)) == before
        make_day(station, APRIL)
        assert before < set(events_at(station_feed))
        assert len(events_at(station_feed)) == 2

    def test_a_cancelled_day_stays_as_cancelled(
        self,
        clerk: Actor,
        own_feed: CalendarFeed,
        station_feed: CalendarFeed,
        station: Station,
        mandate: Mandate,
    ) -> None:
        day = make_day(station, APRIL)
        make_turn(day, mandate)
        before, mine = only(station_feed), only(own_feed)
        assert (str(before["STATUS"]), str(mine["STATUS"])) == ("CONFIRMED", "CONFIRMED")
        assert [alarm["TRIGGER"].dt for alarm in mine.walk("VALARM")] == [timedelta(days=-1)]
        as_(clerk, cancel_reception, day_id=day.pk, reason="张三家有事", now=NOW)
        after, mine_after = only(station_feed), only(own_feed)
        for first, last in ((before, after), (mine, mine_after)):
            assert str(last["STATUS"]) == "CANCELLED"
            assert str(last["SUMMARY"]).startswith("（已取消）")
            assert str(last["UID"]) == str(first["UID"])
            assert_rose(first, last)
            assert "张三" not in last.to_ical().decode()
            assert last.walk("VALARM") == []

    def test_a_swap_cancels_one_turn_and_makes_another_and_back_again(
        self, clerk: Actor, own_feed: CalendarFeed, station: Station, mandate: Mandate, second: Mandate
    ) -> None:
        other = as_(make_deputy_actor(second), create_feed, kind=FeedKind.OWN, now=NOW)
        turn = make_turn(make_day(station, APRIL), mandate)
        first = only(own_feed)
        passed = as_(
            clerk, substitute_duty, participation_id=turn.pk, mandate_id=second.pk, reason="外出", now=NOW
        )
        given, taken = only(own_feed), only(other)
        assert (str(given["STATUS"]), str(taken["STATUS"])) == ("CANCELLED", "CONFIRMED")
        assert str(given["UID"]) == str(first["UID"]) != str(taken["UID"])
        assert "王建国" not in taken["DESCRIPTION"]
        assert_rose(first, given)
        as_(
            clerk,
            substitute_duty,
            participation_id=passed.pk,
            mandate_id=mandate.pk,
            reason="回来了",
            now=NOW,
        )
        back = only(own_feed)
        assert (str(back["STATUS"]), str(back["UID"])) == ("CONFIRMED", str(first["UID"]))
        assert_rose(given, back)

    def test_a_postponed_day_without_a_date_and_an_estimate_say_so(
        self, station: Station, station_feed: CalendarFeed
    ) -> None:
        off, guess = (
            make_day(station, APRIL, state=ReceptionDayState.POSTPONED),
            make_day(station, date(2026, 5, 8)),
        )
        with acting(system_actor()):
            ReceptionDay._plain.filter(pk=guess.pk).update(day_is_provisional=True)
        found = {event["DTSTART"].dt.date(): event for event in events_at(station_feed).values()}
        assert str(found[off.day]["SUMMARY"]).startswith("（已改期，待定）")
        assert str(found[guess.day]["SUMMARY"]).startswith("（暂定）")
        assert "放假安排公布后" in found[guess.day]["DESCRIPTION"]

    def test_a_turn_deleted_by_a_replan_makes_its_day_newer(
        self, station: Station, station_feed: CalendarFeed, mandate: Mandate
    ) -> None:
        turn = make_turn(make_day(station, APRIL), mandate)
        before = only(station_feed)
        with acting(system_actor()):
            Participation._plain.filter(pk=turn.pk).delete()
        after = only(station_feed)
        assert_rose(before, after)
        assert "未排班" in after["DESCRIPTION"]

    def test_a_turn_of_a_higher_deputy_is_a_change_as_well(
        self, station: Station, station_feed: CalendarFeed
    ) -> None:
        day = make_day(station, APRIL)
        before = only(station_feed)
        turn = make_upper_turn(day, "赵明")
        there = only(station_feed)
        assert "赵明（县级人大代表）" in there["DESCRIPTION"]
        assert_rose(before, there)
        with acting(system_actor()):
            UpperTurn._plain.filter(pk=turn.pk).update(outcome=DutyState.CANCELLED.value)
        assert "未排班" in only(station_feed)["DESCRIPTION"]
        assert_rose(there, only(station_feed))

    def test_saving_without_a_change_changes_nothing(
        self, station: Station, station_feed: CalendarFeed
    ) -> None:
        day = make_day(station, APRIL)
        before = Client().get(path_of(station_feed)).content
        with acting(system_actor()):
            ReceptionDay._plain.get(pk=day.pk).save()
        assert Client().get(path_of(station_feed)).content == before

    def test_planned_beyond_the_end_of_a_station_is_no_event(
        self, clerk: Actor, station: Station, own_feed: CalendarFeed, mandate: Mandate
    ) -> None:
        make_turn(make_day(station, APRIL, state=ReceptionDayState.PLANNED), mandate)
        assert len(events_at(own_feed)) == 1
        with acting(system_actor()):
            Station._plain.filter(pk=station.pk).update(closed_on=date(2026, 3, 31))
        assert events_at(own_feed) == {}


def _publish(clerk: Actor, day: ReceptionDay) -> None:
    with acting(clerk):
        ReceptionDay.scoped(clerk).filter(pk=day.pk).update(state=ReceptionDayState.PUBLISHED.value)


_TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=120)


@given(
    summary=_TEXTS,
    description=_TEXTS,
    day=st.dates(date(1985, 1, 1), date(2087, 1, 1)),
    starts=st.times(),
    changed=st.integers(1, 2_100_000_000),
)
@example(summary="a\\Nb", description="\\n", day=date(2026, 4, 3), starts=time(9), changed=1)
def test_any_text_and_time_survives_the_way_there_and_back(
    summary: str, description: str, day: date, starts: time, changed: int
) -> None:
    starts = starts.replace(microsecond=0)
    event = FeedEvent(
        uid=stable_uid("day", day), first_day=day, last_day=day, summary=summary, description=description,
        starts_at=starts, ends_at=time(23, 59, 59), changed_at=datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=changed),
    )  # fmt: skip
    body = calendar_bytes("日历", [event])
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
    (back,) = Calendar.from_ical(body).walk("VEVENT")
    # The icalendar package reads a typed \N as the line break it stands for in a calendar.
    wanted = (summary.replace("\\N", "\n"), description.replace("\\N", "\n"))
    assert (str(back["SUMMARY"]), str(back["DESCRIPTION"])) == wanted
    assert moment(back, "DTSTART").replace(tzinfo=None) == datetime.combine(day, starts)
    assert int(back["SEQUENCE"]) == changed


@pytest.mark.parametrize(("starts", "trigger"), [(None, "-PT15H"), (time(9, 0), "-P1D")])
def test_a_whole_day_reminds_at_nine_the_day_before_and_never_at_midnight(
    starts: time | None, trigger: str
) -> None:
    event = FeedEvent(
        uid="u", first_day=date(2026, 4, 3), last_day=date(2026, 4, 3), summary="视察", starts_at=starts,
        changed_at=datetime(2026, 3, 1, tzinfo=UTC), remind_before=timedelta(days=1),
    )  # fmt: skip
    lines = calendar_bytes("日历", [event]).decode().split("\r\n")
    assert [line for line in lines if line.startswith("TRIGGER")] == [f"TRIGGER:{trigger}"]


def test_uids_differ_by_their_parts_and_stay() -> None:
    # Written down: a telephone that knows this turn must find it again after any upgrade.
    assert stable_uid("day", "a", "2026-03-06") == "cef8ec68-7b77-5465-b186-88705229d75f"
    assert len({stable_uid("day", "a", 1), stable_uid("day", "a", 2), stable_uid("turn", "a", 1)}) == 3
