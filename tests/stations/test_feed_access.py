"""Whose calendar it is: closed with the mandate, secret, limited, without a session; the page that makes it."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client

from deputies.enums import MandateState
from deputies.models import Mandate
from liaison.models import Account, Appointment, AuditEntry
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, OutOfScope, Refused
from stations.enums import FeedKind
from stations.feed_access import may_hold
from stations.models import CalendarFeed, ReceptionDay, Station
from stations.services import (
    create_feed,
    replace_feed,
    revoke_feed,
    show_feed,
)
from stations.services.calendar_feeds import _make
from stations.views.calendar_feeds import FETCHES, MISSES, feed_address
from tests.factories import NOBODY, World, make_account, make_station
from tests.stations.conftest import NOW
from tests.stations.feed_reading import events_at, path_of
from tests.stations.makers import again, as_, make_day, make_turn

APRIL = date(2026, 4, 3)
SECRET_CHARACTERS = 43  # 32 bytes in base64


@pytest.fixture(autouse=True)
def _march() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield


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
            show_feed(actor=deputy_actor, feed_id=fresh.pk)

    def test_made_twice_is_one_and_shown_again_is_on_record(
        self, own_feed: CalendarFeed, deputy_actor: Actor
    ) -> None:
        assert as_(deputy_actor, create_feed, kind=FeedKind.OWN, now=NOW).pk == own_feed.pk
        assert as_(deputy_actor, show_feed, feed_id=own_feed.pk).secret == own_feed.secret
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
            show_feed(actor=clerk, feed_id=own_feed.pk)
        with acting(second_actor), pytest.raises(Forbidden):
            revoke_feed(actor=second_actor, feed_id=own_feed.pk, now=NOW)
        as_(clerk, revoke_feed, feed_id=own_feed.pk, now=NOW)
        assert again(own_feed).revoked_at == NOW

    def test_a_foreign_clerk_finds_nothing(self, own_feed: CalendarFeed, other_clerk: Actor) -> None:
        with acting(other_clerk):
            with pytest.raises(OutOfScope):
                show_feed(actor=other_clerk, feed_id=own_feed.pk)
            for service in (replace_feed, revoke_feed):
                with pytest.raises(OutOfScope):
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
        answers = [Client().get(path_of(own_feed)).status_code for _ in range(FETCHES.most + 1)]
        assert answers == [200] * FETCHES.most + [429]
        cache.clear()
        wrong = f"/stations/calendar/{own_feed.scope_code}-{'B' * 43}.ics"
        answers = [Client().get(wrong).status_code for _ in range(MISSES.most + 1)]
        assert answers == [404] * MISSES.most + [429]
        assert Client().get(path_of(own_feed)).status_code == 429
        assert Client(REMOTE_ADDR="192.0.2.7").get(path_of(own_feed)).status_code == 200


class TestThePage:
    def test_a_deputy_makes_sees_replaces_and_ends_it(self, deputy_actor: Actor, sign_in) -> None:  # type: ignore[no-untyped-def]
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

    def test_wrong_steps_are_answered_in_words(self, deputy_actor: Actor, sign_in) -> None:  # type: ignore[no-untyped-def]
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

    def test_a_county_official_has_none(self, county: Actor, sign_in) -> None:  # type: ignore[no-untyped-def]
        assert sign_in(county).get("/stations/calendar/").status_code == 403


def test_an_account_of_two_appointments_reads_by_the_one_that_carries_the_feed(
    township, station: Station
) -> None:  # type: ignore[no-untyped-def]
    both = make_account(township, Role.STATION_CLERK, name="兼任", station_ref=station.pk)
    with acting(system_actor()):
        Appointment._plain.create(
            account_id=both.account_id, jurisdiction=township, role=Role.HANDLING_UNIT.value,
            starts_on=date(2021, 5, 1), scope_code=township.scope_code, unit_ref=NOBODY,
        )  # fmt: skip
    feed = as_(both, create_feed, kind=FeedKind.STATION, station_id=station.pk, now=NOW)
    make_day(station, APRIL)
    assert len(events_at(feed)) == 1


def test_a_suspended_deputy_may_hold_no_calendar(deputy_actor: Actor, mandate: Mandate) -> None:
    """The appointment's own end is another question: here the seat alone is asked."""
    with acting(deputy_actor):
        assert may_hold(deputy_actor, FeedKind.OWN, None)
    with acting(system_actor()):
        Mandate._plain.filter(pk=mandate.pk).update(state=MandateState.SUSPENDED.value)
    with acting(deputy_actor):
        assert not may_hold(deputy_actor, FeedKind.OWN, None)


def test_an_office_held_elsewhere_opens_no_calendar_left_here(world: World, clerk: Actor) -> None:
    feed = as_(clerk, create_feed, kind=FeedKind.TOWNSHIP, station_id=None, now=NOW)
    next_town = world["长凝镇"]
    with acting(system_actor()):
        Appointment._plain.create(
            account_id=clerk.account_id, jurisdiction=next_town, role=Role.PRESIDIUM_CLERK.value,
            starts_on=date(2021, 5, 1), scope_code=next_town.scope_code,
        )  # fmt: skip
    assert Client().get(path_of(feed)).status_code == 200
    with acting(system_actor()):
        Appointment._plain.filter(pk=clerk.appointment_id).update(ends_on=date(2026, 3, 5))
    assert Client().get(path_of(feed)).status_code == 404


def test_of_two_clicks_at_once_one_address_comes_out(deputy_actor: Actor) -> None:
    """What the second click does when the first one's row appeared after it had looked."""
    with acting(deputy_actor):
        first = _make(deputy_actor, FeedKind.OWN, None, NOW, "create_calendar_feed")
        second = _make(deputy_actor, FeedKind.OWN, None, NOW, "create_calendar_feed")
        assert (second.pk, second.secret) == (first.pk, first.secret)
        assert CalendarFeed.scoped(deputy_actor).count() == 1


def test_a_station_that_is_closed_has_a_calendar_for_nobody(clerk: Actor, station: Station) -> None:
    """The office's own appointment goes on: the station itself is asked."""
    with acting(clerk):
        assert may_hold(clerk, FeedKind.STATION, station.pk)
    with acting(system_actor()):
        Station._plain.filter(pk=station.pk).update(closed_on=date(2026, 3, 1))
    with acting(clerk):
        assert not may_hold(clerk, FeedKind.STATION, station.pk)
