"""A small office for the desk: a township with its norms, receptions made as tests need them; no demo year."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import time, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from django.db import connections
from django.utils import timezone

from deputies.models import Mandate, Term
from liaison.models import Account, Jurisdiction
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from stations.enums import DutyState, ReceptionDayState
from stations.models import ReceptionDay, Station
from stations.services import set_station_roster
from tests.conftest import connect_as
from tests.factories import make_account, make_deputy_actor, make_mandate, make_station, make_term, make_world
from tests.stack import Stack, create_database, drop_database
from tests.stations.makers import make_day, make_turn

_NAMES = ("东庄村人大代表联络站", "西庄村人大代表联络站", "南庄村人大代表联络站", "北庄村人大代表联络站")
_serial = count()


@dataclass
class Reception:
    """One station with a reception today, two deputies on duty, and the people who sign in."""

    stack: Stack
    station: Station
    day: ReceptionDay
    mandates: list[Mandate]
    actors: dict[str, Actor]
    names: dict[str, str] = field(default_factory=dict)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.stack.sql(
            query.replace(":station", str(self.station.pk)).replace(":day", str(self.day.pk))
        )

    def matters(self) -> list[str]:
        """What the server holds of this station, in the order it was numbered."""
        query = "SELECT content FROM constituents_opinion WHERE station_id = :station ORDER BY id"
        return [row[0] for row in self.rows(query)]


@dataclass
class Office:
    """The running system."""

    stack: Stack
    town: Jurisdiction
    term: Term
    clerk: Actor

    def reception(self) -> Reception:
        number = next(_serial)
        now = timezone.now()
        mandates = [make_mandate(self.term, name) for name in ("王建国", "李秀英", "张爱国")]
        station = make_station(self.town, f"{_NAMES[number % 4]}{number or ''}")
        actors = {
            "clerk": make_account(self.town, Role.STATION_CLERK, name="刘联络员", station_ref=station.pk),
            "other": make_account(self.town, Role.STATION_CLERK, name="赵联络员", station_ref=station.pk),
            "deputy": make_deputy_actor(mandates[0]),
        }
        with acting(self.clerk):
            ids = [mandate.pk for mandate in mandates]
            set_station_roster(actor=self.clerk, station_id=station.pk, mandate_ids=ids, now=now)
        day = make_day(station, timezone.localdate(now))
        for mandate in mandates[:2]:
            make_turn(day, mandate)
        earlier = make_day(station, timezone.localdate(now) - timedelta(days=7), state=ReceptionDayState.HELD)
        entry = {"recorded_by_id": actors["clerk"].account_id, "recorded_at": now}
        # Something for the deputy to confirm.
        make_turn(earlier, mandates[0], DutyState.ATTENDED, **entry)
        with acting(system_actor()):
            # The hours hold whenever the test runs.
            ReceptionDay._plain.filter(pk=day.pk).update(starts_at=time(0), ends_at=time(23, 59))
            names = {who: Account.objects.get(pk=actor.account_id).username for who, actor in actors.items()}
        return Reception(self.stack, station, day, mandates, actors, names)


@contextmanager
def small_office(database_name: str, folder: Path, unblock: Callable[[], Any]) -> Iterator[Office]:
    """A clone of the migrated test database whose commits are real, and a web server on it."""
    name = f"test_liaison_{os.getpid()}_desk"
    connections["default"].close()
    create_database(name, database_name)
    connect_as("web", name)
    try:
        with unblock():
            town, term, clerk = _ground()
            with Stack(name, folder, 11) as stack:
                stack.start_web()
                yield Office(stack, town, term, clerk)
    finally:
        connect_as("web", database_name)
        drop_database(name)


def _ground() -> tuple[Jurisdiction, Term, Actor]:
    town = make_world()["庄子乡"]
    return town, make_term(town), make_account(town, Role.PRESIDIUM_CLERK, name="李秘书")
