"""Each wall alone keeps the townships apart; with both down the same requests leak, so the test can fail.

Every page of one record and every list, for rows of the next township and of another county, as every role
that may open the page at home.
"""

from collections.abc import Iterable, Iterator

import pytest

from liaison.tenancy import models
from liaison.words.enums import Role
from tests.security.asking import Answer
from tests.security.conftest import Clients
from tests.security.nation import Nation
from tests.security.routes import ROLES, Route, part_of
from tests.security.test_matrix import PARTS, asked, foreign_marks, is_outside, parts, report

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files", "printed_as_html", "quick")]

# The history of the nation's own calendar: everybody reads the year, and the entries shown are the reader's own.
OPEN_TO_ALL = frozenset({"admin:liaison_calendaryear_history"})
# Rows that carry no mark of their own or whose page never shows one: only the status speaks.
LEAST_LEAKS = 15


@pytest.fixture
def gate_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "_gate_is_open", True)


def probes(
    nation: Nation, routes: Iterable[Route], roles: Iterable[Role]
) -> Iterator[tuple[Route, Role, str]]:
    """Pages of foreign rows, and lists, where foreign rows would stand among the own ones.

    Each as every role that gets past the door; who is turned away there meets no wall at all.
    """
    for route in routes:
        if route.is_public or route.method != "get" or route.name.endswith(("_add", "_delete")):
            continue
        for role in roles:
            if role not in route.may:
                continue
            keys = ("sibling", "abroad") if route.row and not route.is_inherited else ("own",)
            for key in keys:
                if key == "own" or is_outside(nation, route, role, key):
                    yield route, role, key


def leaks(
    nation: Nation, clients: Clients, routes: Iterable[Route], roles: Iterable[Role] = ROLES
) -> tuple[list[str], int]:
    found, count = [], 0
    for route, role, key in probes(nation, routes, roles):
        cell, count = asked(nation, clients, route, role, key), count + 1
        if _gave_away(nation, cell, route.name in OPEN_TO_ALL):
            found.append(f"{cell} {sorted(cell.marks)[:4]}")
    return found, count


def _gave_away(nation: Nation, cell: Answer, is_open: bool) -> bool:
    opened = cell.key != "own" and cell.status == 200 and not is_open
    return bool(foreign_marks(nation, cell)) or opened or cell.status >= 500


@parts
def test_row_security_alone_lets_nothing_through(
    nation: Nation, clients: Clients, gate_down: None, part: int
) -> None:
    found, count = leaks(nation, clients, part_of(PARTS, part))
    assert found == [], report(found, count)
    assert count > 50


@parts
def test_the_gate_alone_lets_nothing_through(
    nation: Nation, clients: Clients, policies_down: None, part: int
) -> None:
    found, count = leaks(nation, clients, part_of(PARTS, part))
    assert found == [], report(found, count)
    assert count > 50


def test_without_both_the_same_requests_leak(
    nation: Nation, clients: Clients, gate_down: None, policies_down: None
) -> None:
    found, count = leaks(nation, clients, part_of(3, 0), (Role.PRESIDIUM_CLERK, Role.DEPUTY))
    assert len(found) > LEAST_LEAKS, f"only {len(found)} of {count} leaked: the probes see too little"
