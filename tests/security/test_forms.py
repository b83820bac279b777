"""Forms fed with rows of the next township: refused, without effect, and by the application, not by luck.

Each form of the own area is opened, filled from what it offers, and every choice of a record is exchanged
for the number of a foreign one. The database would refuse such a row at the end of the transaction; a form
that gets that far fails here, because its user would see a broken page.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest

from liaison.enums import Role
from liaison.models import AuditEntry
from liaison.scope import acting, system_actor
from tests.security.asking import ask
from tests.security.conftest import Clients
from tests.security.nation import Nation
from tests.security.routes import Route, all_routes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files", "printed_as_html")]

ROLES = (Role.PRESIDIUM_CLERK, Role.DEPUTY, Role.STATION_CLERK, Role.HANDLING_UNIT, Role.COUNTY_COMMITTEE)
# Which model a choice means, by the name of its field.
MEANS = {
    "mandate": "Mandate", "deputy": "Mandate", "person": "Person", "unit": "HandlingUnit", "station": "Station",
    "group": "DeputyGroup", "term": "Term", "session": "Session", "constituency": "Constituency", "opinion": "Opinion",
    "merged_into": "Opinion", "into": "Opinion", "kind": "ActivityKind", "record": "Participation", "turn": "Participation",
    "wanted": "Participation", "scheme": "Scheme", "assessment": "Assessment", "account": "Account", "village": "Jurisdiction",
    "jurisdiction": "Jurisdiction", "reception_day": "ReceptionDay", "day_id": "ReceptionDay", "line": "ScoreLine",
    "_selected_action": "Mandate", "id": "Opinion", "case": "Opinion", "cases": "Opinion",
}  # fmt: skip
TEXTS = {
    "date": "2026-01-20",
    "time": "09:00",
    "number": "1",
    "month": "2026-01",
    "email": "a@example.invalid",
}


@dataclass
class Form(HTMLParser):
    """The fields of the last POST form of a page: name to (kind, values offered)."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    _inside: bool = False
    _select: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._inside = given.get("method", "").lower() == "post"
        if not self._inside:
            return
        name = given.get("name", "")
        if tag == "option" and self._select:
            self.fields[self._select].append(given.get("value", ""))
        elif name and tag in ("input", "textarea", "select"):
            self.fields.setdefault(name, [])
            self.kinds[name] = given.get("type", tag)
            self._select = name if tag == "select" else ""
            if "value" in given:
                self.fields[name].append(given["value"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "select":
            self._select = ""


def foreign_number(nation: Nation, name: str) -> str | None:
    bare = re.sub(r"(^.*-\d+-)|(_id$)|(s$)", "", name)
    model = MEANS.get(name) or MEANS.get(bare)
    return str(nation["sibling"][model].pk) if model else None


def filled(form: Form, nation: Nation) -> tuple[dict[str, Any], list[str]]:
    """What a user would send, with every record exchanged; and which fields were."""
    data: dict[str, Any] = {}
    exchanged = []
    for name, offered in form.fields.items():
        foreign = foreign_number(nation, name)
        is_choice = form.kinds[name] in ("select", "radio", "checkbox", "hidden", "number")
        if foreign and is_choice:
            data[name] = foreign
            exchanged.append(name)
            continue
        values = [value for value in offered if value]
        data[name] = values[0] if values else TEXTS.get(form.kinds[name], "说明文字")
    return data, exchanged


def forms(nation: Nation, clients: Clients) -> Iterator[tuple[Route, Role, str, Form]]:
    for route in all_routes():
        if route.is_public or route.method != "get" or route.name.startswith("api_") or route.finding:
            continue
        for role in ROLES:
            if role not in route.may:
                continue
            url = route.address(nation, "own")
            page = clients[role].get(url)
            if page.status_code == 200 and "text/html" in page.get("Content-Type", ""):
                form = Form()
                form.feed(page.content.decode())
                if form.fields:
                    yield route, role, url, form
            break


def foreign_entries(nation: Nation) -> int:
    with acting(system_actor()):
        return AuditEntry._plain.filter(scope_code=nation["sibling"]["Jurisdiction"].scope_code).count()


def test_a_foreign_record_in_a_form_is_refused(nation: Nation, clients: Clients) -> None:
    wrong, tried = [], 0
    before = foreign_entries(nation)
    for route, role, url, form in forms(nation, clients):
        data, exchanged = filled(form, nation)
        if not exchanged:
            continue
        tried += 1
        cell = ask(clients[role], url, method="post", data=data, role=role, route=route.name, key="sibling")
        if cell.status >= 500 or cell.error:
            wrong.append(f"{cell} fields {exchanged}")
    assert wrong == [], f"{len(wrong)} of {tried} forms:\n" + "\n".join(wrong)
    assert tried > 15
    assert foreign_entries(nation) == before


def test_the_parser_finds_what_a_form_offers() -> None:
    form = Form()
    form.feed(
        '<form method="post"><select name="unit"><option value="">无</option><option value="7">水利站</option></select>'
        '<input name="day" type="date"></form><form method="get"><input name="q"></form>'
    )
    assert form.fields == {"unit": ["", "7"], "day": []}
