"""Route × role × relation, over HTTP and as the database role of the web: who gets what, and what leaks.

Every cell is one request whose effects are undone. Relations: own rows, a colleague's in the same township,
the next township, a township of another county, the county above. ``LIAISON_MATRIX=full`` asks the back
office's five pages per model as every role; otherwise each model's pages take turns among the roles.
"""

import os
import zlib
from collections.abc import Iterator

import pytest

from liaison.identity.access import KEEPER_ROLES
from liaison.tenancy.scope import Actor
from liaison.words.enums import STAFF_ROLES, Role
from tests.security.asking import Answer, ask
from tests.security.conftest import Clients
from tests.security.nation import MARKS, RULES_ABOVE, Nation
from tests.security.routes import ROLES, Route, all_routes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files", "printed_as_html")]

IS_FULL = os.environ.get("LIAISON_MATRIX") == "full"
OPEN = frozenset({200, 301, 302, 400, 409})
ELSEWHERE = ("sibling", "abroad", "parent")
# Pages that end or change the session of whoever asks; asking them proves nothing about rows.
PAGES_WITH_SIGN_IN = frozenset({"sign_in", "admin:login", "home", "sign_out", "admin:logout"})


def roles_asked(route: Route) -> list[Role]:
    """All roles, one of the three administrators for all when none of them may; for a model's five pages
    one that may, one of the staff that may not, and a deputy."""
    if IS_FULL:
        return list(ROLES)
    turn = zlib.crc32(route.name.encode())
    if not route.is_of_model:
        idle = sorted(KEEPER_ROLES - route.may - route.hidden)
        return [role for role in ROLES if role not in idle or role == idle[turn % len(idle)]]
    may = sorted(route.may)
    others = sorted(STAFF_ROLES - route.may)
    chosen = [group[turn % len(group)] for group in (may, others) if group]
    return [*chosen, Role.DEPUTY]


def covers(actor: Actor, nation: Nation, key: str) -> bool:
    return actor.covers(nation[key]["Jurisdiction"].scope_code)


def is_outside(nation: Nation, route: Route, role: Role, key: str) -> bool:
    inherits = route.is_inherited and key == "parent"
    return not covers(nation.actors[role], nation, key) and not inherits


@pytest.fixture
def own_cells(
    nation: Nation, clients: Clients, files: None, printed_as_html: None
) -> list[tuple[Route, Answer]]:
    """Every route, for a row of the own area, as every role and as a stranger; asked once."""
    if not nation.cells:
        nation.cells.extend(_cells(nation, clients, "own"))
    return nation.cells


def _cells(nation: Nation, clients: Clients, key: str) -> Iterator[tuple[Route, Answer]]:
    for route in all_routes():
        url = route.address(nation, key)
        for role in [*roles_asked(route), None]:
            yield route, ask(clients[role], url, method=route.method, role=role, route=route.name, key=key)


def is_as_listed(route: Route, cell: Answer) -> bool:
    """Whether a cell of the own area is what permissions.yaml says."""
    if cell.status in route.also:
        return True
    if cell.role is None:
        return _stranger_is_kept_out(route, cell)
    if route.name in PAGES_WITH_SIGN_IN:
        return cell.status in (200, 302, 403)
    return _is_let_in(route, cell) if cell.role in route.may else _is_refused(route, cell)


def _is_let_in(route: Route, cell: Answer) -> bool:
    is_left_out = bool(route.partial) and cell.status in (403, 404)
    return (cell.status in OPEN and not cell.is_sign_in) or is_left_out


def _is_refused(route: Route, cell: Answer) -> bool:
    if route.name.startswith("admin:") and cell.role not in STAFF_ROLES:
        return cell.is_sign_in
    if cell.role in route.hidden:
        return cell.status == 404
    # Django's admin answers what it cannot find with 404 or with its index, right or no right.
    return cell.status == 403 or (route.is_of_model and (cell.status == 404 or cell.is_turned_back))


def _stranger_is_kept_out(route: Route, cell: Answer) -> bool:
    if route.is_public:
        return cell.status in (200, 301, 302, 400, 404) and not cell.is_sign_in
    if route.name.startswith("api_"):
        return cell.status == 403
    # A redirect shows nothing; where it leads is a route of its own.
    return cell.status in (302, 404) and not cell.marks


class TestOwnArea:
    def test_each_role_gets_what_the_table_says(self, own_cells: list[tuple[Route, Answer]]) -> None:
        wrong = [
            str(cell) for route, cell in own_cells if not route.finding and not is_as_listed(route, cell)
        ]
        assert wrong == [], _report(wrong, len(own_cells))

    def test_known_findings_are_still_there(self, own_cells: list[tuple[Route, Answer]]) -> None:
        """A finding that was mended must leave the table."""
        open_ones = {
            route.name for route, cell in own_cells if route.finding and not is_as_listed(route, cell)
        }
        assert {route.name for route in all_routes() if route.finding} == open_ones, "remove the finding"

    def test_nothing_breaks(self, own_cells: list[tuple[Route, Answer]]) -> None:
        broken = [
            str(cell)
            for route, cell in own_cells
            if cell.status >= 500 and cell.status not in route.also and not route.finding
        ]
        assert broken == [], _report(broken, len(own_cells))

    def test_reading_writes_nothing(self, own_cells: list[tuple[Route, Answer]]) -> None:
        """An entry in the audit trail betrays any write; refusals are noted on purpose."""
        wrote = {
            route.name for route, cell in own_cells
            if cell.wrote and route.method == "get" and cell.status < 400
        }  # fmt: skip
        excused = {route.name for route in all_routes() if route.writes}
        assert wrote - excused == set(), "a GET wrote: use a POST, or say why under `writes`"

    def test_every_answer_carries_the_headers(self, own_cells: list[tuple[Route, Answer]]) -> None:
        wrong = [f"{cell}: {missing}" for _, cell in own_cells if (missing := _missing_headers(cell))]
        assert wrong == [], _report(wrong, len(own_cells))

    def test_no_mark_of_elsewhere_is_shown(
        self, nation: Nation, own_cells: list[tuple[Route, Answer]]
    ) -> None:
        leaks = [f"{cell}: {foreign}" for _, cell in own_cells if (foreign := _foreign_marks(nation, cell))]
        assert leaks == [], _report(leaks, len(own_cells))

    def test_strangers_read_published_columns_only(self, own_cells: list[tuple[Route, Answer]]) -> None:
        leaks = [
            f"{cell}: {cell.marks}" for route, cell in own_cells
            if cell.role is None and (cell.has_personal or (_inner_marks(cell) and not route.keyed))
        ]  # fmt: skip
        assert leaks == [], _report(leaks, len(own_cells))

    def test_the_interface_sends_no_personal_data(self, own_cells: list[tuple[Route, Answer]]) -> None:
        leaks = [
            str(cell) for route, cell in own_cells if route.name.startswith("api_") and cell.has_personal
        ]
        assert leaks == []


def _inner_marks(cell: Answer) -> set[tuple[str, str]]:
    return {mark for mark in cell.marks if mark[0] == "X"}


def _missing_headers(cell: Answer) -> list[str]:
    headers = cell.headers
    wanted = {
        "content-security-policy": "", "cache-control": "no-store", "x-content-type-options": "nosniff",
        "x-frame-options": "DENY", "x-request-id": "",
    }  # fmt: skip
    missing = [name for name, value in wanted.items() if value not in headers.get(name, "\0")]
    # Not stricter either: ``no-referrer`` makes a browser send forms that the CSRF check refuses.
    if headers.get("referrer-policy") != "same-origin":
        missing.append("referrer-policy")
    if "unsafe" in headers.get("content-security-policy", ""):
        missing.append("unsafe policy")
    return missing


def _foreign_marks(nation: Nation, cell: Answer) -> set[tuple[str, str]]:
    """Marks of places the actor does not cover; published columns may be seen on public pages."""
    if cell.role is None:
        return {mark for mark in cell.marks if mark[1] not in (MARKS["own"], MARKS["colleague"], RULES_ABOVE)}
    actor = nation.actors[cell.role]
    allowed = {digit for key, digit in MARKS.items() if covers(actor, nation, key)} | {RULES_ABOVE}
    return {mark for mark in cell.marks if mark[1] not in allowed}


class TestElsewhere:
    def test_absent_and_foreign_look_the_same(self, nation: Nation, clients: Clients) -> None:
        wrong, count = [], 0
        for route in all_routes():
            if not route.row or route.is_public or route.is_national or route.finding:
                continue
            for role, keys in _askers(nation, route):
                absent = ask(clients[role], route.absent(nation), method=route.method).status
                for key in keys:
                    count += 1
                    url = route.address(nation, key)
                    cell = ask(clients[role], url, method=route.method, role=role, route=route.name, key=key)
                    if not _is_hidden(route, role, cell, absent) or _foreign_marks(nation, cell):
                        wrong.append(f"{cell} (absent: {absent})")
        assert wrong == [], _report(wrong, count)
        assert count > 200

    def test_posts_reach_nothing(self, nation: Nation, clients: Clients) -> None:
        wrong, count = [], 0
        for route in all_routes():
            if not route.row or route.is_public or route.is_of_model or route.name.startswith("api_"):
                continue
            if route.finding:
                continue
            for role in sorted(route.may)[:2]:
                for key in ("sibling", "abroad"):
                    if not is_outside(nation, route, role, key):
                        continue
                    count += 1
                    url = route.address(nation, key)
                    cell = ask(clients[role], url, method="post", role=role, route=route.name, key=key)
                    if cell.status not in (403, 404, 405) or cell.error:
                        wrong.append(str(cell))
        assert wrong == [], _report(wrong, count)

    def test_a_colleague_is_a_colleague(self, nation: Nation, clients: Clients) -> None:
        """Inside the township but not mine: narrow roles get 403 or 404 for records of single people."""
        narrow = {
            Role.DEPUTY: ("Mandate", "Opinion", "Suggestion", "ScoreSheet", "FeedbackNotice", "ReminderTalk", "Participation"),
            Role.HANDLING_UNIT: ("Opinion", "Suggestion"),
            Role.STATION_CLERK: ("Opinion",),
        }  # fmt: skip
        published = {"deputies_card"}
        wrong = []
        for route in all_routes():
            for role, models in narrow.items():
                if (
                    route.row not in models
                    or role not in route.may
                    or route.name in published
                    or route.is_of_model
                ):
                    continue
                url = route.address(nation, "colleague")
                cell = ask(
                    clients[role], url, method=route.method, role=role, route=route.name, key="colleague"
                )
                if cell.status not in (403, 404):
                    wrong.append(str(cell))
        assert wrong == [], _report(wrong, 0)


def _askers(nation: Nation, route: Route) -> Iterator[tuple[Role, list[str]]]:
    """Whoever may open the page at home, and one role that may not, with the places outside for each.

    The first of them asks for every place, the others for the next township; all for all when full.
    """
    allowed = [role for role in roles_asked(route) if role in route.may | route.hidden]
    refused = [role for role in roles_asked(route) if role not in allowed][:1]
    is_first = True
    for role in [*allowed, *refused]:
        keys = [key for key in ELSEWHERE if is_outside(nation, route, role, key)]
        if keys:
            yield role, keys if IS_FULL or is_first else keys[:1]
            is_first = False


def _is_hidden(route: Route, role: Role, cell: Answer, absent: int) -> bool:
    if cell.status != absent:
        return False
    # A page that only leads on says the same for every number; the page it leads to is asked by itself.
    leads_on = route.is_of_model and cell.status == 302
    if cell.status == 404 or cell.is_turned_back or leads_on:
        return True
    return role not in route.may and (cell.status == 403 or cell.is_sign_in)


def _report(lines: list[str], count: int) -> str:
    return f"{len(lines)} of {count} cells:\n" + "\n".join(lines[:80])
