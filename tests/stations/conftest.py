"""A station with its deputies, its norms and a calendar, and the people who act at it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import pytest

from liaison.calendar.recurrence import Rule, RuleKind
from liaison.tenancy.scope import Actor, acting
from liaison.words.enums import Role
from stations.enums import FeedKind
from stations.models import CalendarFeed
from stations.services import create_feed, set_station_roster
from tests.factories import make_account, make_deputy_actor, make_group, make_mandate, make_station, make_term
from tests.stations.makers import as_

if TYPE_CHECKING:
    from deputies.models import DeputyGroup, Mandate, Term
    from stations.models import Station
    from tests.factories import World

# 2026-03-06 is the first Friday of March; 10:00 in Shanghai.
NOW = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 6)
FIRST_FRIDAY = Rule(
    RuleKind.NTH_WEEKDAY,
    weekdays=(5,),
    nths=(1,),
    opening=((time(9), time(11, 30)),),
    valid_from=date(2025, 1, 1),
)


@pytest.fixture
def group(term: "Term") -> "DeputyGroup":
    return make_group(term)


@pytest.fixture
def second(term: "Term", group: "DeputyGroup") -> "Mandate":
    return make_mandate(term, "李秀英", group=group)


@pytest.fixture
def third(term: "Term") -> "Mandate":
    return make_mandate(term, "张爱国")


@pytest.fixture
def second_actor(second: "Mandate") -> Actor:
    return make_deputy_actor(second)


@pytest.fixture
def station(township) -> "Station":  # type: ignore[no-untyped-def]
    return make_station(township)


@pytest.fixture
def station_clerk(township, station: "Station") -> Actor:  # type: ignore[no-untyped-def]
    return make_account(township, Role.STATION_CLERK, name="刘联络员", station_ref=station.pk)


@pytest.fixture
def roster(clerk: Actor, station: "Station", mandate: "Mandate", second: "Mandate") -> None:
    with acting(clerk):
        set_station_roster(actor=clerk, station_id=station.pk, mandate_ids=[mandate.pk, second.pk], now=NOW)


@pytest.fixture
def as_clerk(clerk: Actor) -> Iterator[Actor]:
    with acting(clerk):
        yield clerk


@pytest.fixture
def as_station(station_clerk: Actor) -> Iterator[Actor]:
    with acting(station_clerk):
        yield station_clerk


@pytest.fixture
def elsewhere(world: "World") -> "Mandate":
    """A deputy of the next township."""
    return make_mandate(make_term(world["长凝镇"]), "赵小兵")


@pytest.fixture
def station_feed(station_clerk: Actor, station: "Station") -> CalendarFeed:
    return as_(station_clerk, create_feed, kind=FeedKind.STATION, station_id=station.pk, now=NOW)


@pytest.fixture
def own_feed(deputy_actor: Actor) -> CalendarFeed:
    return as_(deputy_actor, create_feed, kind=FeedKind.OWN, now=NOW)
