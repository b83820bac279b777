"""A township with its units and deputies, the norms and calendars, and the people who act on opinions."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache

from constituents.models import HandlingUnit
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from tests.constituents.makers import make_unit
from tests.factories import make_account, make_station

if TYPE_CHECKING:
    from liaison.models import Jurisdiction
    from stations.models import Station

# A Monday; 10:00 in Shanghai.
NOW = datetime(2026, 3, 9, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 9)


@pytest.fixture
def unit(township: "Jurisdiction") -> HandlingUnit:
    return make_unit(township, "乡水利站")


@pytest.fixture
def other_unit(township: "Jurisdiction") -> HandlingUnit:
    return make_unit(township, "乡民政办")


@pytest.fixture
def handler(township: "Jurisdiction", unit: HandlingUnit) -> Actor:
    return make_account(township, Role.HANDLING_UNIT, name="水利站经办", unit_ref=unit.pk)


@pytest.fixture
def other_handler(township: "Jurisdiction", other_unit: HandlingUnit) -> Actor:
    return make_account(township, Role.HANDLING_UNIT, name="民政办经办", unit_ref=other_unit.pk)


@pytest.fixture
def station(township: "Jurisdiction") -> "Station":
    return make_station(township)


@pytest.fixture
def station_clerk(township: "Jurisdiction", station: "Station") -> Actor:
    return make_account(township, Role.STATION_CLERK, name="刘联络员", station_ref=station.pk)


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Counts of one test never block another."""
    cache.clear()
    yield
    cache.clear()
