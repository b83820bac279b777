"""The forms of a page as a browser reads them: where each goes, what its boxes offer, which buttons send it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

# What a person types into a box of each kind; every other box takes words.
TEXTS = {
    "date": "2026-01-20",
    "time": "09:00",
    "number": "1",
    "month": "2026-01",
    "email": "a@example.invalid",
}
WORDS = "说明文字"
TYPED = frozenset({"text", "textarea", "search"})
_NOT_BOXES = frozenset({"submit", "button", "reset", "image"})


@dataclass
class Box:
    """One named control, or all radio buttons and check boxes of one name."""

    kind: str
    offered: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)


@dataclass
class PageForm:
    """One form that is posted: ``url`` with its query; ``buttons`` in their order, as (url, name, value)."""

    url: str
    is_hidden: bool = False
    boxes: dict[str, Box] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)

    def presses(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Where each button sends what; in a list of the back office, each action of the bar."""
        for url, name, value in self.buttons:
            pressed = self.filled() | ({name: value} if name else {})
            if actions := self._actions():
                yield from ((url, pressed | {"action": action}) for action in actions)
            else:
                yield url, pressed

    def chosen_by(self, data: dict[str, Any]) -> tuple[str, ...]:
        """Which button and action ``data`` comes from."""
        names = {name for _, name, _ in self.buttons if name} | {"action"}
        return tuple(f"{name}={data[name]}" for name in sorted(names & set(data)))

    def _actions(self) -> list[str]:
        is_list = "_selected_action" in self.boxes and "action" in self.boxes
        return [value for value in self.boxes["action"].offered if value] if is_list else []

    def filled(self) -> dict[str, Any]:
        """What goes with the first press: what stands in the boxes, and something of its kind in the empty ones."""
        return {name: value for name, box in self.boxes.items() if (value := _entry(box)) is not None}


def _entry(box: Box) -> Any:
    if box.kind == "file":
        return None
    if box.kind == "checkbox":
        return box.chosen or box.offered[:1]
    if box.kind in ("radio", "select"):
        return next((value for value in [*box.chosen, *box.offered] if value), "")
    return next(
        (value for value in box.offered if value), "" if box.kind == "hidden" else TEXTS.get(box.kind, WORDS)
    )


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.forms: list[PageForm] = []
        self.named: dict[str, PageForm] = {}
        self.inside: PageForm | None = None
        self.select: Box | None = None
        self.area: Box | None = None
        # Controls that name a form which may come later on the page.
        self.waiting: list[tuple[str, str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._begin(given)
        elif tag == "option" and self.select is not None:
            self.select.offered.append(given.get("value", ""))
            if "selected" in given:
                self.select.chosen.append(given.get("value", ""))
        elif tag in ("input", "textarea", "select", "button") and "disabled" not in given:
            if "form" in given:
                self.waiting.append((given["form"], tag, given))
            elif self.inside is not None:
                self._add(self.inside, tag, given)

    def _begin(self, given: dict[str, str]) -> None:
        self.inside = None
        if given.get("method", "").lower() == "post":
            self.inside = PageForm(urljoin(self.url, given.get("action", "")), "hidden" in given)
            self.forms.append(self.inside)
            self.named[given.get("id", "")] = self.inside

    def _add(self, form: PageForm, tag: str, given: dict[str, str]) -> None:
        kind = given.get("type", "submit" if tag == "button" else "text" if tag == "input" else tag)
        name, value = given.get("name", ""), given.get("value", "")
        if kind in _NOT_BOXES:
            if kind == "submit":
                form.buttons.append(
                    (
                        urljoin(self.url, given.get("formaction", "")) if "formaction" in given else form.url,
                        name,
                        value,
                    )
                )
            return
        if not name:
            return
        box = form.boxes.setdefault(name, Box(kind))
        if tag == "select":
            self.select = box
        elif tag == "textarea":
            self.area = box
            box.offered.append("")
        else:
            value = value or ("on" if kind in ("checkbox", "radio") else "")
            box.offered.append(value)
            if "checked" in given:
                box.chosen.append(value)

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.area.offered[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            if self.area is not None:
                # A browser drops the line break after the opening tag.
                self.area.offered[-1] = self.area.offered[-1].removeprefix("\n")
            self.area = None

    def whole(self) -> list[PageForm]:
        for name, tag, given in self.waiting:
            if name in self.named:
                self._add(self.named[name], tag, given)
        return self.forms


def forms_of(page: str, url: str) -> list[PageForm]:
    """The forms of ``page`` that are posted; one without a button is sent by its script and is left out."""
    reader = _Reader(url)
    reader.feed(page)
    return [form for form in reader.whole() if form.buttons and not form.is_hidden]


def path_of(url: str) -> str:
    return urlsplit(url).path
