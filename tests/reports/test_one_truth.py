"""One deputy, one truth: a county's deputy at a township's station, seen by all who answer for her."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from deputies.models import Mandate
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import OutOfScope
from reports.selectors.dossier import dossier_of
from stations.models import UpperTurn
from stations.selectors import participation_facts
from stations.selectors.county_turns import county_turns, get_county_turn, own_turns
from stations.selectors.matrix import lines_behind, ten_ones_matrix
from stations.services import link_upper_deputy, register_upper_turn
from tests.factories import (
    NOW,
    World,
    make_account,
    make_mandate,
    make_station,
    make_term,
)
from tests.stations.makers import as_, make_day

pytestmark = pytest.mark.django_db
START, END = date(2026, 1, 1), date(2026, 12, 31)
HELD_ON, TO_COME = date(2026, 1, 16), date(2026, 2, 6)
SignIn = Callable[[Actor], Client]


@pytest.fixture
def county_deputy(world: World) -> Mandate:
    """白玉梅 sits in the county's congress; the street's office keeps her."""
    return make_mandate(make_term(world["榆次区"], number=17), "白玉梅", place=world["新华街道"])


@pytest.fixture
def street(world: World) -> Actor:
    return make_account(world["新华街道"], Role.PRESIDIUM_CLERK)


@pytest.fixture
def turns(world: World, clerk: Actor, county: Actor, county_deputy: Mandate) -> list[UpperTurn]:
    """One turn at the township's station, registered by its clerk, and one to come."""
    station = make_station(world["庄子乡"])
    upper = as_(
        county, link_upper_deputy, station_id=station.pk, county_mandate_id=county_deputy.pk, starts_on=START
    )
    days = [make_day(station, day) for day in (HELD_ON, TO_COME)]
    with acting(system_actor()):
        made = [
            UpperTurn._plain.create(scope_code=day.scope_code, upper_deputy=upper, reception_day=day)
            for day in days
        ]
    as_(clerk, register_upper_turn, turn_id=made[0].pk, outcome="attended", now=NOW)
    return made


def told(actor: Actor, mandate: Mandate) -> dict[str, Any]:
    """What each page says of the deputy's receptions, and the facts that are scored."""
    with acting(actor):
        shown = dossier_of(actor, mandate, 2026)
        items = {item.column.code: item for item in shown.items}
        matrix = ten_ones_matrix(actor, mandate.term, START, END)
        column = next(column for column in matrix.columns if column.code == "reception")
        behind = lines_behind(actor, [mandate], column, START, END)[mandate.pk]
        row = participation_facts(mandate.term, START, END, actor=actor)[mandate.pk]["reception"]
    return {
        "dossier": (items["reception"].cell.done, len(items["reception"].records)),
        "calendar": [(entry.day, entry.state) for _, month in shown.months for entry in month],
        "matrix": [(line.record.day, line.how) for line in behind],
        "score": (row.scheduled, row.done),
    }


def test_a_turn_elsewhere_counts_once_for_the_street_and_the_county(
    street: Actor, county: Actor, county_deputy: Mandate, turns: list[UpperTurn]
) -> None:
    assert told(street, county_deputy) == told(county, county_deputy)
    found = told(street, county_deputy)
    assert (found["dossier"], found["score"]) == ((1, 1), (2, 1))
    assert found["calendar"] == [(HELD_ON, "联络站登记"), (TO_COME, "")]
    assert found["matrix"] == [(HELD_ON, "计入"), (TO_COME, "已安排，尚未登记")]


def test_she_and_her_office_read_the_turn_and_only_the_station_writes_it(
    sign_in: SignIn, world: World, street: Actor, county_deputy: Mandate, turns: list[UpperTurn]
) -> None:
    deputy = make_account(world["新华街道"], Role.DEPUTY, person_ref=county_deputy.person_id)
    with acting(deputy):
        assert [turn.pk for turn in own_turns(deputy, HELD_ON)] == [turn.pk for turn in turns]
    address = reverse("stations_upper_turn", args=[turns[0].pk])
    for actor in (street, deputy):
        client = sign_in(actor)
        shown = client.get(address).content.decode()
        assert "庄子乡东庄村人大代表联络站" in shown
        assert "登记参加情况" not in shown
        assert client.post(address, {"outcome": "absent"}).status_code == 404
    with time_machine.travel("2026-01-20T09:00+08:00"):
        assert "东庄村人大代表联络站" in sign_in(deputy).get(reverse("stations_home")).content.decode()


def test_the_door_opens_for_the_own_deputies_alone(
    world: World, clerk: Actor, other_clerk: Actor, county_deputy: Mandate, turns: list[UpperTurn]
) -> None:
    """Not for the next township, the next county, a colleague in the street, or somebody who acts as nobody."""
    other = make_mandate(county_deputy.term, "李秀英", place=world["新华街道"])
    colleague = make_account(world["新华街道"], Role.DEPUTY, person_ref=other.person_id)
    far = make_account(world["平遥县"], Role.COUNTY_COMMITTEE)
    for actor in (clerk, other_clerk, far):
        with acting(actor):
            assert county_turns([county_deputy.pk], START, END) == []
    for actor in (other_clerk, far, colleague):
        with acting(actor), pytest.raises(OutOfScope):
            get_county_turn(actor, turns[0].pk)
    with acting(colleague):
        assert own_turns(colleague, HELD_ON) == []
    assert county_turns([county_deputy.pk], START, END) == []


def test_the_door_leaves_the_walls_as_they_were(
    street: Actor, county_deputy: Mandate, turns: list[UpperTurn]
) -> None:
    with acting(street):
        assert len(county_turns([county_deputy.pk], START, END)) == 2
        assert not UpperTurn._plain.exists()
