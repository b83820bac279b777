"""Every role × every page × each relation, over HTTP and as the database role of the web: who gets what.

Every cell is one request whose effects are undone. Relations: own rows, a colleague's in the same township,
the next township, a township of another county, the county above. The routes are dealt to ``PARTS`` tests, so
that the processes of a run share the work; each part asks every role and a stranger.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpRequest
from django.test import Client
from django.urls import Resolver404, resolve

from liaison.identity.gates import actor_of
from liaison.identity.roles import STAFF
from liaison.tenancy.scope import Actor
from liaison.web.admin_base import ServiceAdmin
from liaison.words.enums import (
    Role,
)
from liaison.words.errors import Forbidden, LiaisonError
from tests.security.asking import Answer, ask
from tests.security.conftest import Clients
from tests.security.nation import MARKS, RULES_ABOVE, Nation
from tests.security.page_forms import forms_of, path_of
from tests.security.routes import ROLES, Route, part_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files", "printed_as_html")]
quick = pytest.mark.usefixtures("quick")

PARTS = 12
parts = pytest.mark.parametrize("part", range(PARTS))

# Answers to somebody who may: the page, where it leads, or what is missing in words.
OPEN = frozenset({200, 301, 302, 400, 409})
REFUSED = frozenset({403, 404})
NOT_HERE = REFUSED | {405}
TO_STRANGERS = OPEN - {409} | {404}
TURNED_AWAY = frozenset({302, 404})
# Pages that end or change the session of whoever asks; asking them proves nothing about rows.
PAGES_WITH_SIGN_IN = frozenset({"sign_in", "admin:login", "home", "sign_out", "admin:logout"})
SESSION_ANSWERS = frozenset({200, 302, 403})
ELSEWHERE = ("sibling", "abroad", "parent")


def covers(actor: Actor, nation: Nation, key: str) -> bool:
    return actor.covers(nation[key]["Jurisdiction"].scope_code)


def is_outside(nation: Nation, route: Route, role: Role, key: str) -> bool:
    inherits = route.is_inherited and key == "parent"
    return not covers(nation.actors[role], nation, key) and not inherits


def asked(
    nation: Nation, client: Clients, route: Route, role: Role | None, key: str, method: str = ""
) -> Answer:
    url = route.address(nation, key)
    return ask(client[role], url, method=method or route.method, role=role, route=route.name, key=key)


def is_as_listed(route: Route, cell: Answer) -> bool:
    """Whether a cell of the own area is what permissions.yaml says."""
    if cell.status in route.also:
        return True
    if cell.role is None:
        return _stranger_is_kept_out(route, cell)
    if route.name in PAGES_WITH_SIGN_IN:
        return cell.status in SESSION_ANSWERS
    return _is_let_in(route, cell) if cell.role in route.may else _is_refused(route, cell)


def _is_let_in(route: Route, cell: Answer) -> bool:
    is_left_out = bool(route.partial) and cell.status in REFUSED
    return (cell.status in OPEN and not cell.is_sign_in) or is_left_out


def _is_refused(route: Route, cell: Answer) -> bool:
    if route.name.startswith("admin:") and cell.role not in STAFF:
        return cell.is_sign_in
    if cell.role in route.hidden:
        return cell.status == 404
    # Django's admin answers what it cannot find with 404 or with its index, right or no right.
    return cell.status == 403 or (route.is_of_model and (cell.status == 404 or cell.is_turned_back))


def _stranger_is_kept_out(route: Route, cell: Answer) -> bool:
    if route.is_public:
        return cell.status in TO_STRANGERS and not cell.is_sign_in
    if route.name.startswith("api_"):
        return cell.status == 403
    # A redirect shows nothing; where it leads is a route of its own.
    return cell.status in TURNED_AWAY and not cell.marks


def _breaks(nation: Nation, route: Route, cell: Answer) -> bool:
    return cell.status >= 500 and cell.status not in route.also


def _notes_otherwise(nation: Nation, route: Route, cell: Answer) -> bool:
    """Reading leaves no entry in the audit trail but the one the table says; refusals are noted apart."""
    if route.method != "get" or cell.status >= 400:
        return False
    return cell.noted != ({route.notes} if route.notes and cell.status == 200 else set())


def _headers_are_missing(nation: Nation, route: Route, cell: Answer) -> bool:
    return bool(missing_headers(cell))


def _shows_elsewhere(nation: Nation, route: Route, cell: Answer) -> bool:
    return bool(foreign_marks(nation, cell))


def _shows_strangers_more(nation: Nation, route: Route, cell: Answer) -> bool:
    """Strangers read published columns only."""
    inner = {mark for mark in cell.marks if mark[0] == "X"}
    return cell.role is None and (cell.has_personal or bool(inner and not route.keyed))


def _interface_sends_personal_data(nation: Nation, route: Route, cell: Answer) -> bool:
    return route.name.startswith("api_") and cell.has_personal


# Who never sees a resident's name, telephone or address, whatever is asked.
WITHOUT_RESIDENTS = (Role.COUNTY_COMMITTEE, None)


def shows_a_resident(role: Role | None, cell: Answer) -> bool:
    """A deputy's own telephone and address stand in the roster, which the county keeps of its own congress."""
    is_roster = route_of(cell.url).startswith(("deputies_", "admin:deputies_person_"))
    return role in WITHOUT_RESIDENTS and cell.has_personal and not is_roster


def route_of(url: str) -> str:
    try:
        return str(resolve(url.partition("?")[0]).view_name)
    except Resolver404:
        return ""


def _shows_overseers_residents(nation: Nation, route: Route, cell: Answer) -> bool:
    return shows_a_resident(cell.role, cell) and not route.keyed


FAULTS: dict[str, Callable[[Nation, Route, Answer], bool]] = {
    "not what the table says": lambda nation, route, cell: not is_as_listed(route, cell),
    "breaks": _breaks,
    "a GET left other entries in the audit trail than `notes` says": _notes_otherwise,
    "headers are missing": _headers_are_missing,
    "shows marks of elsewhere": _shows_elsewhere,
    "strangers read more than published columns": _shows_strangers_more,
    "who looks over others reads of residents": _shows_overseers_residents,
    "the interface sends personal data": _interface_sends_personal_data,
}


def missing_headers(cell: Answer) -> list[str]:
    headers = cell.headers
    wanted = {
        "content-security-policy": "", "cache-control": "no-store", "x-content-type-options": "nosniff",
        "x-frame-options": "DENY", "x-request-id": "",
    }  # fmt: skip
    missing = [name for name, value in wanted.items() if value not in headers.get(name, "\0")]
    if headers.get("referrer-policy") != "same-origin":
        missing.append("referrer-policy")
    if "unsafe" in headers.get("content-security-policy", ""):
        missing.append("unsafe policy")
    return missing


def foreign_marks(nation: Nation, cell: Answer) -> set[tuple[str, str]]:
    """Marks of places the actor does not cover; published columns may be seen on public pages."""
    if cell.role is None:
        return {mark for mark in cell.marks if mark[1] not in (MARKS["own"], MARKS["colleague"], RULES_ABOVE)}
    actor = nation.actors[cell.role]
    allowed = {digit for key, digit in MARKS.items() if covers(actor, nation, key)} | {RULES_ABOVE}
    return {mark for mark in cell.marks if mark[1] not in allowed}


@quick
@pytest.mark.usefixtures("loud_lists")
@parts
def test_each_role_gets_of_the_own_area_what_the_table_says(
    nation: Nation, clients: Clients, part: int
) -> None:
    """And every form it is shown there it may send: each button of its pages is pressed once."""
    wrong, count, pressed = [], 0, set[Pressed]()
    for route in part_of(PARTS, part):
        for role in [*ROLES, None]:
            cell, count = asked(nation, clients, route, role, "own"), count + 1
            wrong += [f"{fault}: {cell}" for fault, holds in FAULTS.items() if holds(nation, route, cell)]
            if not route.is_public and route.name not in PAGES_WITH_SIGN_IN:
                wrong += refused_presses(clients[role], cell, pressed)
    assert wrong == [], report(wrong, count)
    assert count >= 12 * 30
    assert len(pressed) > 20


Pressed = tuple[Role | str | None, ...]


# The county's list holds rows of its townships too; which of them are its own to act on is asked row by row.
ROW_BY_ROW = {"admin:liaison_deadlinepolicy_changelist", "admin:stations_leaverequest_changelist"}


@pytest.fixture
def loud_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list tells in a message which rows somebody may not act on; here that is the answer itself."""

    def each_row(
        page: ServiceAdmin, request: HttpRequest, rows: Iterable[Any], call: Callable[..., Any], done: str
    ) -> None:
        for row in rows:
            try:
                with transaction.atomic():
                    call(actor_of(request), row)
            except Forbidden:
                raise
            except LiaisonError:
                continue

    monkeypatch.setattr(ServiceAdmin, "each_row", each_row)


def refused_presses(client: Client, cell: Answer, pressed: set[Pressed]) -> list[str]:
    """Forms of a page whose answer to the one who is shown them is that they are not for them."""
    wrong = []
    for form in forms_of(cell.main, cell.url):
        for url, data in form.presses():
            press = (cell.role, path_of(url), *form.chosen_by(data))
            if press in pressed:
                continue
            pressed.add(press)
            answer = ask(
                client, url, method="post", data=data, role=cell.role, route=resolve(path_of(url)).view_name
            )
            is_row_by_row = answer.route in ROW_BY_ROW and answer.status == 403
            if (answer.status in NOT_HERE and not is_row_by_row) or answer.status >= 500 or answer.error:
                wrong.append(f"shown on {cell.url} and refused: {answer} {press[2:]}")
    return wrong


@quick
@parts
def test_absent_and_foreign_look_the_same(nation: Nation, clients: Clients, part: int) -> None:
    """Every role asks every page of one record for one that does not exist and for one of each other place."""
    wrong, count = [], 0
    for route in part_of(PARTS, part):
        if not route.row or route.is_public or route.is_national:
            continue
        for role in ROLES:
            keys = [key for key in ELSEWHERE if is_outside(nation, route, role, key)]
            absent = ask(clients[role], route.absent(nation), method=route.method).status if keys else 0
            for key in keys:
                cell, count = asked(nation, clients, route, role, key), count + 1
                if not _is_hidden(route, role, cell, absent) or foreign_marks(nation, cell):
                    wrong.append(f"{cell} (absent: {absent})")
    assert wrong == [], report(wrong, count)
    assert count >= 100


def _is_hidden(route: Route, role: Role, cell: Answer, absent: int) -> bool:
    if cell.status != absent:
        return False
    # A page that only leads on says the same for every number; the page it leads to is asked by itself.
    leads_on = route.is_of_model and cell.status == 302
    if cell.status == 404 or cell.is_turned_back or leads_on:
        return True
    return role not in route.may and (cell.status == 403 or cell.is_sign_in)


@quick
@parts
def test_posts_reach_nothing_elsewhere(nation: Nation, clients: Clients, part: int) -> None:
    wrong, count = [], 0
    for route in part_of(PARTS, part):
        if not route.row or route.is_public or route.is_of_model or route.name.startswith("api_"):
            continue
        for role in sorted(route.may):
            for key in ("sibling", "abroad"):
                if is_outside(nation, route, role, key):
                    cell, count = asked(nation, clients, route, role, key, "post"), count + 1
                    if cell.status not in NOT_HERE or cell.error:
                        wrong.append(str(cell))
    assert wrong == [], report(wrong, count)
    assert count


# Records of single people, and who reads none but the own.
NARROW = {
    Role.DEPUTY: {
        "Mandate", "Opinion", "Suggestion", "ScoreSheet", "FeedbackNotice", "ReminderTalk", "Participation",
    },
    Role.HANDLING_UNIT: {"Opinion", "Suggestion"},
    Role.STATION_CLERK: {"Opinion"},
}  # fmt: skip
PUBLISHED = {"deputies_card"}


@quick
def test_a_colleague_is_a_colleague(nation: Nation, clients: Clients) -> None:
    """Inside the township but not mine: narrow roles get 403 or 404 for records of single people."""
    wrong = []
    for route in part_of(1, 0):
        if route.name in PUBLISHED or route.is_of_model:
            continue
        for role, records in NARROW.items():
            if route.row in records and role in route.may:
                cell = asked(nation, clients, route, role, "colleague")
                if cell.status not in REFUSED:
                    wrong.append(str(cell))
    assert wrong == [], report(wrong, len(wrong))


def test_error_pages_are_whole_and_show_nothing_of_elsewhere(nation: Nation, clients: Clients) -> None:
    """The frame round a refusal, which the cells leave out, with its doors and counts, for every role."""
    by_name = {route.name: route for route in part_of(1, 0)}
    for role in ROLES:
        is_let_in = role in by_name["stations_rota"].may and is_outside(
            nation, by_name["stations_rota"], role, "abroad"
        )
        page, key, status = (
            ("stations_rota", "abroad", 404) if is_let_in else ("stations_log_duty", "own", 403)
        )
        if role in by_name[page].may and not is_let_in:
            continue
        cell = asked(nation, clients, by_name[page], role, key)
        assert (cell.status, foreign_marks(nation, cell), missing_headers(cell)) == (status, set(), []), cell


def report(lines: list[str], count: int) -> str:
    return f"{len(lines)} in {count} cells:\n" + "\n".join(lines[:80])


def dealt() -> Iterator[str]:
    for part in range(PARTS):
        yield from (route.name for route in part_of(PARTS, part))


def test_every_route_is_dealt_to_one_part() -> None:
    assert sorted(dealt()) == sorted(route.name for route in part_of(1, 0))
