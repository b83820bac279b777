"""Calendars read back by the icalendar package: equal to the plan, UIDs kept, closed with the mandate."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from deputies.enums import MandateState
from deputies.models import Mandate
from liaison.enums import Role
from liaison.errors import Forbidden, OutOfScope, Refused
from liaison.models import Account, Appointment, AuditEntry
from liaison.scope import Actor, acting, system_actor
from stations.enums import DutyState, FeedKind, ReceptionDayState
from stations.feeds import FeedEvent, calendar_bytes, stable_uid
from stations.models import Activity, CalendarFeed, Participation, ReceptionDay, Station, UpperTurn
from stations.services import (
    assign_duty,
    cancel_reception,
    create_feed,
    plan_reception_days,
    postpone_reception,
    replace_feed,
    revoke_feed,
    save_reception_rule,
    show_feed,
    substitute_duty,
)
from stations.throttling import MOST_FETCHES, MOST_MISSES
from stations.views.feeds import feed_address
from tests.factories import make_account, make_deputy_actor, make_station
from tests.stations.conftest import FIRST_FRIDAY, NOW
from tests.stations.makers import again, as_, make_day, make_part, make_turn, make_upper_turn

APRIL = date(2026, 4, 3)
SECRET_CHARACTERS = 43  # 32 bytes in base64


@pytest.fixture(autouse=True)
def _march() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield


def path_of(feed: CalendarFeed) -> str:
    return f"/stations/calendar/{feed.key}.ics"


def events_at(feed: CalendarFeed) -> dict[str, Event]:
    answer = Client().get(path_of(feed))
    assert answer.status_code == 200, answer.content
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    found = {str(event["UID"]): event for event in events}
    assert len(found) == len(events)
    return found


def only(feed: CalendarFeed) -> Event:
    (event,) = events_at(feed).values()
    return event


@pytest.fixture
def planned(clerk: Actor, station: Station) -> list[ReceptionDay]:
    """The first Fridays of a year, as a clerk plans them."""
    with acting(clerk):
        save_reception_rule(actor=clerk, station_id=station.pk, rule=FIRST_FRIDAY, now=NOW)
        return plan_reception_days(
            actor=clerk, station_id=station.pk, start=date(2026, 3, 1), end=date(2026, 12, 31), now=NOW
        ).created


@pytest.fixture
def station_feed(station_clerk: Actor, station: Station) -> CalendarFeed:
    return as_(station_clerk, create_feed, kind=FeedKind.STATION, station_id=station.pk, now=NOW)


@pytest.fixture
def own_feed(deputy_actor: Actor, norms: None) -> CalendarFeed:
    return as_(deputy_actor, create_feed, kind=FeedKind.OWN, now=NOW)


class TestEqualToThePlan:
    def test_every_day_of_the_station(
        self, planned: list[ReceptionDay], station_feed: CalendarFeed, station: Station, mandate: Mandate
    ) -> None:
        make_turn(planned[1], mandate)
        seen = {
            (event["DTSTART"].dt, event["DTEND"].dt, str(event["STATUS"]))
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


def assert_rose(before: Event, after: Event) -> None:
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert after["LAST-MODIFIED"].dt > before["LAST-MODIFIED"].dt
    assert after["DTSTAMP"].dt == after["LAST-MODIFIED"].dt


class TestWhoMayRead:
    def test_the_secret_is_long_and_a_reader_of_the_table_holds_no_address(
        self, own_feed: CalendarFeed
    ) -> None:
        assert len(own_feed.secret) == SECRET_CHARACTERS
        with acting(system_actor()), connection.cursor() as cursor:
            cursor.execute("SELECT row_to_json(t)::text FROM stations_calendarfeed t")
            stored = cursor.fetchone()[0]
            cursor.execute("SELECT string_agg(detail, '') FROM liaison_auditentry")
            trail = cursor.fetchone()[0]
        assert own_feed.secret not in stored
        assert own_feed.secret not in trail
        assert (
            Client().get(f"/stations/calendar/{own_feed.scope_code}-{own_feed.secret_digest}.ics").status_code
            == 404
        )

    @pytest.mark.parametrize(
        "key", ["x", "1-abc", "140702202000-" + "A" * 43, "999999999999-" + "A" * 43, "-" + "A" * 43]
    )
    def test_other_addresses_are_not_there(self, key: str, own_feed: CalendarFeed) -> None:
        answer = Client().get(f"/stations/calendar/{key}.ics")
        assert answer.status_code == 404
        assert "没有找到这个日历" in answer.content.decode()

    def test_the_secret_does_not_open_under_another_jurisdiction(self, own_feed: CalendarFeed) -> None:
        assert Client().get(f"/stations/calendar/140702103000-{own_feed.secret}.ics").status_code == 404
        assert Client().get(f"/stations/calendar/140702000000-{own_feed.secret}.ics").status_code == 404

    def test_it_ends_with_the_mandate(self, own_feed: CalendarFeed, mandate: Mandate) -> None:
        assert Client().get(path_of(own_feed)).status_code == 200
        with acting(system_actor()):
            Mandate._plain.filter(pk=mandate.pk).update(
                state=MandateState.RESIGNED.value, ended_on=date(2026, 3, 1)
            )
        assert Client().get(path_of(own_feed)).status_code == 404

    def test_it_ends_with_the_appointment_and_with_the_account(self, station_feed: CalendarFeed) -> None:
        with acting(system_actor()):
            Appointment._plain.filter(account_id=station_feed.account_id).update(ends_on=date(2026, 3, 5))
        assert Client().get(path_of(station_feed)).status_code == 404
        with acting(system_actor()):
            Appointment._plain.filter(account_id=station_feed.account_id).update(ends_on=None)
        assert Client().get(path_of(station_feed)).status_code == 200
        with acting(system_actor()):
            Account.objects.filter(pk=station_feed.account_id).update(is_active=False)
        assert Client().get(path_of(station_feed)).status_code == 404

    def test_it_ends_with_the_station(self, station_feed: CalendarFeed, station: Station) -> None:
        with acting(system_actor()):
            Station._plain.filter(pk=station.pk).update(closed_on=date(2026, 3, 1))
        assert Client().get(path_of(station_feed)).status_code == 404

    def test_it_ends_when_the_clerk_changes_station(self, station_feed: CalendarFeed, township) -> None:  # type: ignore[no-untyped-def]
        other = make_station(township, name="西庄村人大代表联络站")
        with acting(system_actor()):
            Appointment._plain.filter(account_id=station_feed.account_id).update(station_ref=other.pk)
        assert Client().get(path_of(station_feed)).status_code == 404

    def test_replaced_and_revoked(self, own_feed: CalendarFeed, deputy_actor: Actor) -> None:
        fresh = as_(deputy_actor, replace_feed, feed_id=own_feed.pk, now=NOW)
        assert fresh.secret != own_feed.secret
        assert Client().get(path_of(own_feed)).status_code == 404
        assert Client().get(path_of(fresh)).status_code == 200
        assert as_(deputy_actor, replace_feed, feed_id=own_feed.pk, now=NOW).pk == fresh.pk
        as_(deputy_actor, revoke_feed, feed_id=fresh.pk, now=NOW)
        assert Client().get(path_of(fresh)).status_code == 404
        with acting(deputy_actor), pytest.raises(Refused):
            show_feed(actor=deputy_actor, feed_id=fresh.pk, now=NOW)

    def test_made_twice_is_one_and_shown_again_is_on_record(
        self, own_feed: CalendarFeed, deputy_actor: Actor
    ) -> None:
        assert as_(deputy_actor, create_feed, kind=FeedKind.OWN, now=NOW).pk == own_feed.pk
        assert as_(deputy_actor, show_feed, feed_id=own_feed.pk, now=NOW).secret == own_feed.secret
        with acting(system_actor()):
            names = list(
                AuditEntry._plain.filter(row_ref=own_feed.pk, table_name="stations_calendarfeed").values_list(
                    "operation", flat=True
                )
            )
        assert sorted(names) == ["create_calendar_feed", "show_calendar_feed"]

    def test_what_a_role_may_not_hold(
        self,
        station: Station,
        station_clerk: Actor,
        deputy_actor: Actor,
        clerk: Actor,
        county: Actor,
        township,
        world,
    ) -> None:  # type: ignore[no-untyped-def]
        away = make_station(world["长凝镇"], name="北关联络站")
        near = make_station(township, name="西庄村人大代表联络站")
        for actor, kind, station_id, error in (
            (deputy_actor, FeedKind.STATION, station.pk, Forbidden),
            (deputy_actor, FeedKind.TOWNSHIP, None, Forbidden),
            (station_clerk, FeedKind.OWN, None, Forbidden),
            (station_clerk, FeedKind.TOWNSHIP, None, Forbidden),
            (station_clerk, FeedKind.STATION, near.pk, Forbidden),
            (station_clerk, FeedKind.STATION, away.pk, OutOfScope),
            (clerk, FeedKind.STATION, None, Forbidden),
            (county, FeedKind.STATION, station.pk, Forbidden),
        ):
            with acting(actor), pytest.raises(error):
                create_feed(actor=actor, kind=kind, station_id=station_id, now=NOW)

    def test_the_office_ends_anothers_but_never_sees_it(
        self, own_feed: CalendarFeed, clerk: Actor, second_actor: Actor
    ) -> None:
        with acting(clerk), pytest.raises(Forbidden):
            show_feed(actor=clerk, feed_id=own_feed.pk, now=NOW)
        with acting(second_actor), pytest.raises(Forbidden):
            revoke_feed(actor=second_actor, feed_id=own_feed.pk, now=NOW)
        as_(clerk, revoke_feed, feed_id=own_feed.pk, now=NOW)
        assert again(own_feed).revoked_at == NOW

    def test_a_foreign_clerk_finds_nothing(self, own_feed: CalendarFeed, other_clerk: Actor) -> None:
        for service in (show_feed, replace_feed, revoke_feed):
            with acting(other_clerk), pytest.raises(OutOfScope):
                service(actor=other_clerk, feed_id=own_feed.pk, now=NOW)


class TestTheAnswer:
    def test_no_session_and_a_tag_that_saves_the_second_fetch(
        self, own_feed: CalendarFeed, station: Station, mandate: Mandate
    ) -> None:
        client = Client()
        first = client.get(path_of(own_feed))
        assert not first.cookies
        assert first["Content-Type"] == "text/calendar; charset=utf-8"
        assert first["Cache-Control"] == "private, no-cache"
        same = client.get(path_of(own_feed), headers={"If-None-Match": first["ETag"]})
        assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])
        make_turn(make_day(station, APRIL), mandate)
        other = client.get(path_of(own_feed), headers={"If-None-Match": first["ETag"]})
        assert (other.status_code, other["ETag"] != first["ETag"]) == (200, True)
        assert not client.cookies
        assert not Session.objects.exists()

    def test_lines_are_folded_and_reading_writes_nothing(
        self, own_feed: CalendarFeed, station: Station, mandate: Mandate
    ) -> None:
        make_turn(make_day(station, APRIL), mandate)
        with acting(system_actor()):
            ReceptionDay._plain.filter(station=station).update(
                theme="农村道路、饮水安全、人居环境整治和医疗保障问题专题接待日" * 2
            )
            before = AuditEntry._plain.count()
        body = Client().get(path_of(own_feed)).content
        assert max(len(line) for line in body.split(b"\r\n")) <= 75
        assert b"\n" not in body.replace(b"\r\n", b"")
        with acting(system_actor()):
            assert AuditEntry._plain.count() == before

    def test_polling_is_limited_per_address_and_guessing_per_sender(self, own_feed: CalendarFeed) -> None:
        answers = [Client().get(path_of(own_feed)).status_code for _ in range(MOST_FETCHES + 1)]
        assert answers == [200] * MOST_FETCHES + [429]
        cache.clear()
        wrong = f"/stations/calendar/{own_feed.scope_code}-{'B' * 43}.ics"
        answers = [Client().get(wrong).status_code for _ in range(MOST_MISSES + 1)]
        assert answers == [404] * MOST_MISSES + [429]
        assert Client().get(path_of(own_feed)).status_code == 429
        assert Client(REMOTE_ADDR="192.0.2.7").get(path_of(own_feed)).status_code == 200


class TestThePage:
    def test_a_deputy_makes_sees_replaces_and_ends_it(
        self, deputy_actor: Actor, sign_in, norms: None
    ) -> None:  # type: ignore[no-untyped-def]
        client = sign_in(deputy_actor)
        assert "生成订阅地址" in client.get("/stations/calendar/").content.decode()
        made = client.post("/stations/calendar/", {"step": "create", "kind": "own", "station": ""})
        with acting(system_actor()):
            feed = CalendarFeed._plain.get()
        assert feed_address(feed) in made.content.decode()
        assert "no-store" in made["Cache-Control"]
        assert feed.secret not in client.get("/stations/calendar/").content.decode()
        assert (
            feed_address(feed)
            in client.post("/stations/calendar/", {"step": "show", "feed": feed.pk}).content.decode()
        )
        client.post("/stations/calendar/", {"step": "replace", "feed": feed.pk})
        with acting(system_actor()):
            fresh = CalendarFeed._plain.get(revoked_at__isnull=True)
        assert client.post("/stations/calendar/", {"step": "revoke", "feed": fresh.pk}).status_code == 302
        with acting(system_actor()):
            assert not CalendarFeed._plain.filter(revoked_at__isnull=True).exists()

    def test_wrong_steps_are_answered_in_words(self, deputy_actor: Actor, sign_in, norms: None) -> None:  # type: ignore[no-untyped-def]
        client = sign_in(deputy_actor)
        for data in (
            {},
            {"step": "x", "feed": "1"},
            {"step": "create", "kind": "x"},
            {"step": "show", "feed": "x"},
        ):
            assert client.post("/stations/calendar/", data).status_code == 400
        assert client.post("/stations/calendar/", {"step": "show", "feed": "987654"}).status_code == 404

    def test_the_office_sees_its_stations_and_who_else_subscribes(
        self, clerk: Actor, station_feed: CalendarFeed, station: Station, sign_in
    ) -> None:  # type: ignore[no-untyped-def]
        page = sign_in(clerk).get("/stations/calendar/").content.decode()
        assert "全部接待日" in page
        assert f"{station.name}接待日" in page
        assert "刘联络员" in page
        assert station_feed.secret not in page

    def test_a_county_official_has_none(self, county: Actor, sign_in, norms: None) -> None:  # type: ignore[no-untyped-def]
        assert sign_in(county).get("/stations/calendar/").status_code == 403


_TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=120)


@given(
    summary=_TEXTS,
    description=_TEXTS,
    day=st.dates(date(1985, 1, 1), date(2087, 1, 1)),
    starts=st.times(),
    changed=st.integers(1, 2_100_000_000),
)
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
    assert (str(back["SUMMARY"]), str(back["DESCRIPTION"])) == (summary, description)
    assert back["DTSTART"].dt.replace(tzinfo=None) == datetime.combine(day, starts)
    assert int(back["SEQUENCE"]) == changed


def test_uids_differ_by_their_parts_and_stay() -> None:
    # Written down: a telephone that knows this turn must find it again after any upgrade.
    assert stable_uid("day", "a", "2026-03-06") == "cef8ec68-7b77-5465-b186-88705229d75f"
    assert len({stable_uid("day", "a", 1), stable_uid("day", "a", 2), stable_uid("turn", "a", 1)}) == 3


def test_an_account_of_two_appointments_reads_by_the_one_that_carries_the_feed(
    township, station: Station, norms: None
) -> None:  # type: ignore[no-untyped-def]
    both = make_account(township, Role.STATION_CLERK, name="兼任", station_ref=station.pk)
    with acting(system_actor()):
        Appointment._plain.create(
            account_id=both.account_id, jurisdiction=township, role=Role.HANDLING_UNIT.value,
            starts_on=date(2021, 5, 1), scope_code=township.scope_code,
        )  # fmt: skip
    feed = as_(both, create_feed, kind=FeedKind.STATION, station_id=station.pk, now=NOW)
    make_day(station, APRIL)
    assert len(events_at(feed)) == 1
