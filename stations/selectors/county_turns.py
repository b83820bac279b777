"""Turns of deputies at stations of any place: the one door through the walls for records of work.

A deputy of the county stays one deputy wherever she takes a turn (domain.md 9.4). The turn lies in the
township whose station registers it; her own office, which cannot look into that township, reads it here, and
so do the county and she herself: day, place, theme and what came of it, and nothing of a voter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

from django.db import connection

from deputies.access import visible_mandates
from deputies.models import Mandate
from liaison.calendar.days import EARLIEST, LATEST
from liaison.identity.access import linked
from liaison.tenancy.scope import Actor
from liaison.words.errors import OutOfScope
from stations.enums import DutyState
from stations.rules.lifecycle import TURNS_OVER

# The function itself lets through only turns of mandates inside the interval the database was told.
_DOOR = "SELECT * FROM stations_turns_of_deputies(%s, %s, %s)"


@dataclass(frozen=True, slots=True)
class CountyTurn:
    """One turn of a deputy of the county at a station: who, when, where, and what came of it."""

    pk: int
    mandate_id: int
    name: str
    day: date
    starts_at: time
    ends_at: time
    theme: str
    outcome: DutyState
    station: str
    address: str
    place: str


def county_turns(mandate_ids: Iterable[int], start: date, end: date) -> list[CountyTurn]:
    """Turns of these deputies between two days (both included), earliest first; one query.

    Neither swapped nor cancelled ones. The mandates are the caller's to choose among those the actor sees.
    """
    ids = list(mandate_ids)
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_DOOR, [ids, start, end])
        rows = [_turn(*row) for row in cursor.fetchall()]
    return [row for row in rows if row.outcome not in TURNS_OVER]


def _turn(*columns: Any) -> CountyTurn:
    """A row of the door, its columns in the order of the class's."""
    turn = CountyTurn(*columns)
    return replace(turn, outcome=DutyState(turn.outcome))


def own_turns(actor: Actor, today: date, back_days: int = 92) -> list[CountyTurn]:
    """The acting deputy's turns at stations of townships, earliest first; two queries."""
    own = Mandate.scoped(actor).filter(linked("person_id", actor.person_id))
    return county_turns(own.values_list("pk", flat=True), today - timedelta(days=back_days), LATEST)


def get_county_turn(actor: Actor, turn_id: int) -> CountyTurn:
    """A turn elsewhere of a deputy whose record the actor may open; else ``OutOfScope``."""
    seats = visible_mandates(actor).values_list("pk", flat=True)
    found = next((row for row in county_turns(seats, EARLIEST, LATEST) if row.pk == turn_id), None)
    if found is None:
        raise OutOfScope()
    return found
