"""Each wall alone keeps the townships apart; with both down the same requests leak, so the test can fail.

The matrix in small: every page of one record and every list, for rows of the next township and of another
county, as one role that may open the page at home.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from liaison.tenancy import models, scope
from liaison.tenancy.scope import NATION, Actor
from liaison.words.enums import Role
from tests.security.asking import Answer, ask
from tests.security.conftest import Clients
from tests.security.nation import MARKS, RULES_ABOVE, Nation
from tests.security.routes import Route, all_routes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files", "printed_as_html")]

FOREIGN = frozenset(digit for key, digit in MARKS.items() if key in ("sibling", "abroad", "parent"))
# One role that opens most pages of a township, and the narrowest one that opens many.
ROLES = (Role.PRESIDIUM_CLERK, Role.DEPUTY)
# Rows that carry no mark of their own or whose page never shows one: only the status speaks.
LEAST_LEAKS = 40


@pytest.fixture
def gate_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "_gate_is_open", True)


@pytest.fixture
def policies_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is told the whole nation for whoever acts, as if it had no policies."""
    told: Callable[[Actor | None], None] = scope._tell_database

    def tell_nation(actor: Actor | None) -> None:
        told(actor and replace(actor, lo=NATION[0], hi=NATION[1]))

    monkeypatch.setattr(scope, "_tell_database", tell_nation)


def probes(nation: Nation) -> Iterator[tuple[Route, Role, str, str]]:
    """Addresses of foreign rows, and lists, where foreign rows would stand among the own ones."""
    for route in all_routes():
        if (
            route.is_public
            or route.method != "get"
            or route.finding
            or route.name.endswith(("_add", "_delete"))
        ):
            continue
        for role in ROLES:
            if role not in route.may:
                continue
            keys = ("sibling", "abroad") if route.row and not route.is_inherited else ("own",)
            if route.is_of_model and route.row:
                keys = keys[:1]
            for key in keys:
                yield route, role, key, route.address(nation, key)


def leaks(nation: Nation, clients: Clients) -> tuple[list[str], int]:
    found, count = [], 0
    for route, role, key, url in probes(nation):
        cell = ask(clients[role], url, role=role, route=route.name, key=key)
        count += 1
        if _gave_away(cell):
            found.append(f"{cell} {sorted(cell.marks)[:4]}")
    return found, count


def _gave_away(cell: Answer) -> bool:
    shown = {digit for _, digit in cell.marks} & FOREIGN - {RULES_ABOVE}
    opened = cell.key != "own" and cell.status == 200
    return bool(shown) or opened or cell.status >= 500


def test_row_security_alone_lets_nothing_through(nation: Nation, clients: Clients, gate_down: None) -> None:
    found, count = leaks(nation, clients)
    assert found == [], f"{len(found)} of {count}:\n" + "\n".join(found[:40])


def test_the_gate_alone_lets_nothing_through(nation: Nation, clients: Clients, policies_down: None) -> None:
    found, count = leaks(nation, clients)
    assert found == [], f"{len(found)} of {count}:\n" + "\n".join(found[:40])


def test_without_both_the_same_requests_leak(
    nation: Nation, clients: Clients, gate_down: None, policies_down: None
) -> None:
    found, count = leaks(nation, clients)
    assert len(found) > LEAST_LEAKS, f"only {len(found)} of {count} leaked: the probes see too little"
