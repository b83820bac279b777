"""An office with one row of everything: what its first pages point at opens, for every role."""

import re
from collections.abc import Iterator
from html import unescape

import pytest

from liaison.words.enums import Role
from tests.security.asking import ask
from tests.security.conftest import Clients
from tests.security.nation import Nation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files", "printed_as_html", "quick")]

FIRST_PAGES = ("/", "/today/", "/admin/")
_MAIN = re.compile(r"<main.*?</main>", re.S)
_HREF = re.compile(r'<a [^>]*href="(/[^"#]*)')
# They end the session or lead out of what is asked here.
LEFT_OUT = ("/sign-out/", "/admin/logout/", "/static/")
FOLLOWED = frozenset({200, 302})
# Answers 404 with its reason: entries need an assessment that is still open, and this office's is over.
NEEDS_AN_OPEN_YEAR = "/admin/assessments/extrafact/add/"


def links(page: str) -> Iterator[str]:
    for part in _MAIN.findall(page):
        yield from (
            unescape(found)
            for found in _HREF.findall(part)
            if not found.startswith((*LEFT_OUT, NEEDS_AN_OPEN_YEAR))
        )


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.PUBLIC, Role.SYSTEM)])
def test_every_link_of_the_first_pages_opens(nation: Nation, clients: Clients, role: Role) -> None:
    found: set[str] = set()
    for first in FIRST_PAGES:
        answer = clients[role].get(first)
        if answer.status_code == 200:
            found |= set(links(answer.content.decode()))
    closed = [
        str(cell)
        for url in sorted(found)
        if (cell := ask(clients[role], url, role=role)).status not in FOLLOWED
    ]
    assert closed == []
