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

from liaison.models import AuditEntry
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from tests.security.asking import ask
from tests.security.conftest import Clients
from tests.security.nation import MARKS, Nation
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
        if route.is_public or route.method != "get" or route.name.startswith("api_"):
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


# Parts of addresses after the question mark that name a record, by route.
QUERIES = {
    "deputies_roster": {"term": "Term"}, "deputies_groups": {"term": "Term"}, "deputies_terms": {"term": "Term"},
    "deputies_import": {"term": "Term"}, "deputies_export": {"term": "Term"}, "deputies_print": {"term": "Term"},
    "stations_request_leave": {"turn": "Participation"}, "stations_register_activity": {"group": "DeputyGroup"},
    "admin:stations_station_rule": {"rule": "ReceptionRule"}, "constituents_submit_suggestion": {"opinion": "Opinion"},
    "admin:assessments_extrafact_add": {"assessment": "Assessment"}, "assessments_results": {"id": "Assessment"},
    "admin:assessments_feedbacknotice_batch": {"ids": "FeedbackNotice"}, "assessments_objection": {"line": "ScoreLine"},
    "admin:assessments_feedbacknotice_pack": {"ids": "FeedbackNotice"}, "reports_matrix": {"term": "Term"},
    "reports_dossier": {"term": "Term"}, "admin:liaison_appointment_add": {"account": "Account"},
    "reports_compare": {"place": "Jurisdiction"}, "reports_compare_export": {"place": "Jurisdiction"},
}  # fmt: skip
EXPORTS = ("deputies_export", "constituents_export", "reports_compare_export")


def test_a_foreign_record_in_a_query_is_not_shown(nation: Nation, clients: Clients) -> None:
    routes = {route.name: route for route in all_routes()}
    wrong, tried = [], 0
    for name, query in QUERIES.items():
        route = routes[name]
        role = next(role for role in (*ROLES, Role.SECURITY_ADMIN, Role.CITY_VIEWER) if role in route.may)
        key = "abroad" if role in (Role.COUNTY_COMMITTEE, Role.CITY_VIEWER) else "sibling"
        for parameter, model in query.items():
            tried += 1
            row = nation[key][model]
            value = row.scope_code if parameter == "place" else row.pk
            cell = ask(
                clients[role], route.address(nation, "own"), data={parameter: value}, role=role, route=name
            )
            foreign = (
                {mark for mark in cell.marks if mark[1] == MARKS[key]} if role != Role.CITY_VIEWER else set()
            )
            if cell.status >= 500 or foreign:
                wrong.append(f"{cell} {parameter} {foreign}")
    assert wrong == [], f"{len(wrong)} of {tried}:\n" + "\n".join(wrong)


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_holds_own_rows_only(name: str, nation: Nation, clients: Clients) -> None:
    route = next(route for route in all_routes() if route.name == name)
    role = next(role for role in ROLES if role in route.may)
    url = route.address(nation, "own")
    form = Form()
    form.feed(clients[role].get(url).content.decode())
    # Boxes stay empty: full telephone numbers are a choice of the office, and off.
    kept = {field: offered for field, offered in form.fields.items() if form.kinds[field] != "checkbox"}
    data = {field: (offered or ["年度工作总结需要"])[0] for field, offered in kept.items()}
    data |= {field: "年度工作总结需要" for field, kind in form.kinds.items() if kind in ("text", "textarea")}
    cell = ask(clients[role], url, method="post", data=data, role=role, route=name)
    assert cell.status == 200, str(cell)
    assert "attachment" in cell.headers.get("content-disposition", ""), (cell.headers, data)
    outside = (
        {MARKS["abroad"]}
        if role == Role.COUNTY_COMMITTEE
        else {MARKS["sibling"], MARKS["abroad"], MARKS["parent"]}
    )
    assert {digit for _, digit in cell.marks} & outside == set()
    assert not cell.has_personal


def test_the_parser_finds_what_a_form_offers() -> None:
    form = Form()
    form.feed(
        '<form method="post"><select name="unit"><option value="">无</option><option value="7">水利站</option></select>'
        '<input name="day" type="date"></form><form method="get"><input name="q"></form>'
    )
    assert form.fields == {"unit": ["", "7"], "day": []}
