"""An appointment that names nobody opens nothing: the row "unlinked" of the permission matrix.

The database refuses such an appointment and no request acts in one, so the actors are made here by hand and
handed to every door of every floor.
"""

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Q

from liaison.identity.access import is_linked, linked
from liaison.models import Appointment
from liaison.tenancy.scope import Actor, acting
from liaison.words.enums import LINKS_OF_ROLE, Role
from tests.security.nation import Nation

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("deputies", "stations", "constituents", "assessments")
COLUMNS = {
    "person_ref": "person_id",
    "group_ref": "group_id",
    "station_ref": "station_id",
    "unit_ref": "unit_id",
}

# What each role reads of its own place even so, were it let in at all: what is public or an office's list.
# Nothing here is the business of one person, station, unit or group.
PUBLIC_KNOWLEDGE = {
    "visible_terms", "visible_sessions", "visible_constituencies", "visible_electing_units",
    "visible_groups", "visible_kinds", "visible_schemes", "published_mandates",
}  # fmt: skip
OPEN_TO = {
    Role.DEPUTY: PUBLIC_KNOWLEDGE
    | {"visible_stations", "visible_rules", "visible_photos", "visible_reception_days", "visible_plans",
       "visible_plan_items", "visible_assessments"},
    Role.GROUP_LEADER: PUBLIC_KNOWLEDGE
    | {"visible_stations", "visible_rules", "visible_photos", "visible_reception_days", "visible_plans",
       "visible_plan_items", "visible_assessments"},
    Role.STATION_CLERK: PUBLIC_KNOWLEDGE
    | {"visible_mandates", "visible_people", "countable_mandates", "visible_plans", "visible_plan_items",
       "visible_units"},
    Role.HANDLING_UNIT: PUBLIC_KNOWLEDGE,
}  # fmt: skip


def doors() -> Iterator[tuple[str, Callable[[Actor], Any]]]:
    """Every function of an ``access`` module that gives rows to an actor alone."""
    for floor in FLOORS:
        module = importlib.import_module(f"{floor}.access")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and name.startswith(
                ("visible_", "countable_", "published_")
            ):
                yield name, function


def unlinked(nation: Nation) -> Iterator[Actor]:
    """An actor of each role that speaks for somebody, once without each record it names."""
    for role, columns in LINKS_OF_ROLE.items():
        for column in columns:
            yield replace(nation.actors[role], **{COLUMNS[column]: None})


def test_the_walk_sees_every_door() -> None:
    assert len(list(doors())) >= 38


def test_who_speaks_for_nobody_reaches_no_row_through_any_door(nation: Nation) -> None:
    opened = []
    for actor in unlinked(nation):
        with acting(actor):
            opened += [f"{actor.role.value}: {name}" for name, door in doors() if door(actor).exists()]
    assert opened == []


def test_the_database_by_itself_shows_them_no_row(nation: Nation) -> None:
    for actor in unlinked(nation):
        with acting(actor):
            assert list(Appointment._plain.exclude(account_id=actor.account_id)) == []


def test_no_door_takes_a_missing_link_for_everybodys(nation: Nation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let in all the same, each door narrows by itself; rows that belong to nobody are nobody's."""
    monkeypatch.setattr(Actor, "is_whole", True)
    for role, columns in LINKS_OF_ROLE.items():
        actor = replace(nation.actors[role], **{COLUMNS[column]: None for column in columns})
        with acting(actor):
            assert {name for name, door in doors() if door(actor).exists()} <= OPEN_TO[role], role


def test_the_same_roles_with_their_links_reach_rows(nation: Nation) -> None:
    for role in LINKS_OF_ROLE:
        actor = nation.actors[role]
        with acting(actor):
            reached = {name for name, door in doors() if door(actor).exists()}
        assert reached - OPEN_TO[role], role


def test_a_missing_link_is_met_by_no_row() -> None:
    assert linked("unit_id", None) == Q(pk__in=[])
    assert linked("unit_id", 7) == Q(unit_id=7)
    assert [is_linked(None, None), is_linked(7, None), is_linked(None, 7), is_linked(7, 7)] == [
        False, False, False, True,
    ]  # fmt: skip


_LINKS = frozenset(COLUMNS.values())


def bare_links(tree: ast.Module) -> Iterator[str]:
    """A link of the actor put into a condition or compared without asking whether there is one."""
    for node in ast.walk(tree):
        conditions: list[ast.expr] = []
        if isinstance(node, ast.Call) and _is_condition(node.func):
            conditions = [word.value for word in node.keywords]
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            conditions = [node.left, *node.comparators]
        for each in conditions:
            if isinstance(each, ast.Attribute) and each.attr in _LINKS and _is_actor(each.value):
                yield f"{each.lineno}: {ast.unparse(each)}"


def _is_condition(called: ast.expr) -> bool:
    if isinstance(called, ast.Attribute):
        return called.attr in ("filter", "exclude", "get")
    return isinstance(called, ast.Name) and called.id == "Q"


def _is_actor(node: ast.expr) -> bool:
    return ast.unparse(node).split(".")[-1] == "actor"


def test_links_are_compared_by_the_one_helper() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for floor in (*FLOORS, "liaison", "reports")
        for path in sorted((ROOT / floor).rglob("*.py"))
        for line in bare_links(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == [], "use linked(path, link) or is_linked(record, link) of liaison.identity.access"


@pytest.mark.parametrize(
    "code",
    ["rows.filter(unit_id=actor.unit_id)", "Q(a__person_id=actor.person_id)", "case.unit_id == actor.unit_id",
     "rows.exclude(station_id=request.actor.station_id)"],
)  # fmt: skip
def test_the_ban_bites(code: str) -> None:
    assert list(bare_links(ast.parse(code)))
