"""A page's form as a browser sends it: every field of the markup with what it holds, and what a person types."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client

Sent = dict[str, Any]


@dataclass
class PageForms(HTMLParser):
    """All POST forms of a page, each as the fields a browser would send untouched."""

    forms: list[Sent] = field(default_factory=list)
    # The names of all fields of each form: a tick box that is empty leaves no trace in what is sent.
    names: list[set[str]] = field(default_factory=list)
    _inside: bool = False
    _select: str = ""
    _area: str = ""
    _option: str | None = None

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._inside = given.get("method", "").lower() == "post"
            if self._inside:
                self.forms.append({})
                self.names.append(set())
        if not self._inside:
            return
        if tag == "option" and self._select:
            self._choose(given)
        name = given.get("name", "")
        self.names[-1].add(name)
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = name
            self.forms[-1][name] = ""
        elif tag == "input" and name and name != "csrfmiddlewaretoken":
            self._input(name, given)

    def _choose(self, given: dict[str, str]) -> None:
        # A browser sends the first line of a list when none is marked.
        if "selected" in given or self._select not in self.forms[-1]:
            self.forms[-1][self._select] = given.get("value", "")

    def _input(self, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind in ("submit", "file"):
            return
        if kind in ("radio", "checkbox"):
            if "checked" in given:
                self.forms[-1].setdefault(name, []).append(given.get("value", "on"))
            return
        self.forms[-1][name] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area:
            # The first line break after the tag belongs to the markup.
            self.forms[-1][self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            held = self.forms[-1][self._area]
            self.forms[-1][self._area] = held.replace("\r\n", "\n").removeprefix("\n").replace("\n", "\r\n")
            self._area = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._inside = False


def filled(page: HttpResponse, *names: str, **typed: Any) -> Sent:
    """What a browser sends of the form on ``page`` that has the fields ``names`` and ``typed``."""
    parser = PageForms()
    parser.feed(page.content.decode())
    wanted = {*names, *typed} or {"seen"}
    place = max(range(len(parser.forms)), key=lambda at: len(wanted & parser.names[at]))
    return {**parser.forms[place], **typed}


def edit(client: Client, url: str, **typed: Any) -> Any:
    """Open the page, type, send."""
    page = client.get(url)
    assert page.status_code == 200, page.status_code
    return client.post(url, filled(page, **typed))


def seen_at(client: Client, url: str) -> Sent:
    """The edition that the page's form carries, to be sent along with what a test spells out."""
    return {"seen": filled(client.get(url), "seen")["seen"]}
