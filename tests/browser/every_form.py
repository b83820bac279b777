"""Which addresses take a form, and a person at a real browser who fills one in and presses its button.

Addresses come from the URL table, who sends what from ``forms.yaml``, fields from the page itself. The office is
the one of the security tests, so every page has something to show.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from django.conf import settings as live_settings
from django.db import connections
from django.urls import Resolver404, get_resolver, resolve
from playwright.sync_api import Browser, Locator, Page, Response

from constituents.models import Opinion
from liaison.models import Account
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from tests.conftest import connect_as
from tests.factories import PASSWORD
from tests.security.nation import Nation, make_nation
from tests.security.routes import admin_routes, all_routes, patterns
from tests.stack import Stack, create_database, drop_database

FILE = Path(__file__).with_name("forms.yaml")
DESK = {"width": 1366, "height": 768}


@dataclass
class FormOffice:
    """The running system on a database of its own, which this process reads and writes too."""

    stack: Stack
    nation: Nation

    def address(self, name: str) -> str:
        """The page of this name for a row of the own area."""
        route = next(route for route in all_routes() if route.name == name)
        return route.address(self.nation, "own")

    def username(self, role: Role) -> str:
        with acting(system_actor()):
            account = Account.objects.get(pk=self.nation.actors[role].account_id)
        return str(account.username)


@contextmanager
def form_office(database_name: str, folder: Path, unblock: Callable[[], Any]) -> Iterator[FormOffice]:
    name = f"test_liaison_{os.getpid()}_forms"
    former = live_settings.MEDIA_ROOT
    connections["default"].close()
    create_database(name, database_name)
    connect_as("web", name)
    live_settings.MEDIA_ROOT = folder / "files"
    try:
        with unblock():
            nation = make_nation()
            # A resident who is forgotten has no code any more, and the office no form to renew it.
            with acting(system_actor()):
                Opinion._plain.filter(purged_at__isnull=False).update(purged_at=None)
            with Stack(name, folder, 12) as stack:
                stack.start_web()
                yield FormOffice(stack, nation)
    finally:
        live_settings.MEDIA_ROOT = former
        connect_as("web", database_name)
        drop_database(name)


# ---- which addresses take a form ----


def methods_of(view: Any) -> frozenset[str]:
    """What ``require_http_methods`` and its kin let through; everything where nothing is said."""
    if hasattr(view, "view_class"):
        return frozenset(
            name.upper() for name in view.view_class.http_method_names if hasattr(view.view_class, name)
        )
    while view is not None:
        names = getattr(getattr(view, "__code__", None), "co_freevars", ())
        if "request_method_list" in names:
            return frozenset(view.__closure__[names.index("request_method_list")].cell_contents)
        view = getattr(view, "__wrapped__", None)
    return frozenset({"GET", "POST"})


def callbacks() -> dict[str, Any]:
    """Route name to view."""
    found: dict[str, Any] = {}

    def walk(entries: list[Any], space: str) -> None:
        for entry in entries:
            if hasattr(entry, "url_patterns"):
                walk(entry.url_patterns, f"{space}{entry.namespace}:" if entry.namespace else space)
            elif entry.name:
                found[f"{space}{entry.name}"] = entry.callback

    walk(get_resolver().url_patterns, "")
    return found


def takes_a_form() -> set[str]:
    """All but the interface, which only reads, and the back office's five pages of a model nobody sends alone."""
    views, own = callbacks(), {line.name for line in lines()} | _stepped()
    names = {
        pattern.name for pattern in patterns() if pattern.name and "POST" in methods_of(views[pattern.name])
    }
    return {
        name for name in names if not name.startswith("api_") and (name in own or name not in admin_routes())
    }


# ---- what the table says ----


@dataclass(frozen=True)
class Line:
    """The form ``name``, as the table has it: who sends it from which page."""

    name: str
    role: Role
    page: str


@cache
def table() -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def lines() -> list[Line]:
    return [
        Line(name, Role(role), page or name)
        for role, forms in table()["sent"].items()
        for name, page in forms.items()
    ]


def listed() -> list[str]:
    """Every name of the table, as often as it stands there; a step may send again what was sent."""
    ordinary = [name for names in table()["ordinary"].values() for name in names]
    sent = [line.name for line in lines()]
    return [*sent, *sorted(_stepped() - set(sent)), *table()["acted"], *ordinary]


def _stepped() -> set[str]:
    return {step["send"] for step in table()["steps"]}


def name_of(path: str) -> str:
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""


# ---- sending it ----

# The form got it: done, or its own words at its fields; never refused before it, never broken.
TAKEN = frozenset({200, 302, 400, 409})
_BUTTONS = "button, input[type=submit]"
_FORMS = """() => [...document.forms]
  .map((form, index) => ({ form, index, path: new URL(form.getAttribute("action") || "", location.href).pathname }))
  .filter(({ form }) => form.method === "post" && !form.hidden && [...form.elements].some(e => e.type === "submit"))
  .map(({ form, index, path }) =>
    ({ index, path, presses: [...form.elements].filter(e => e.type === "submit").map(e => e.value) }))"""
_BUTTON = """(form, [all, value]) => [...document.querySelectorAll(all)]
  .indexOf([...form.elements].find(e => e.type === "submit" && (!value || e.value === value)))"""
_GIVE = """(form, given) => {
  for (const [name, value] of Object.entries(given)) {
    const boxes = [...form.elements].filter(e => e.name === name);
    if (!boxes.length) { throw new Error(`no box ${name}`); }
    for (const box of boxes) {
      if (box.type === "radio" || box.type === "checkbox") { box.checked = box.value === value; }
      else { box.value = value; }
      box.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
}"""
_FILL = """(form, secret) => {
  for (let box = form; box; box = box.parentElement) { if (box.tagName === "DETAILS") { box.open = true; } }
  form.querySelectorAll("details").forEach(box => { box.open = true; });
  const today = new Date().toISOString().slice(0, 10), radios = new Set();
  const texts = { date: today, time: "09:00", number: "1", month: today.slice(0, 7), email: "a@example.invalid" };
  for (const e of form.elements) {
    if (e.disabled || e.readOnly || e.type === "hidden" || e.type === "submit" || e.type === "file") { continue; }
    if (e.type === "radio") {
      const group = [...form.elements].filter(o => o.name === e.name);
      if (!radios.has(e.name) && !group.some(o => o.checked)) { e.checked = true; }
      radios.add(e.name);
    } else if (e.type === "checkbox") {
      e.checked = e.checked || e.required || e === form.querySelector("[name=_selected_action]");
    } else if (e.tagName === "SELECT") {
      if (!e.value) { const o = [...e.options].find(o => o.value && !o.disabled); if (o) { e.value = o.value; } }
    } else if (e.type === "password") { e.value = secret; }
    else if (!e.value) { e.value = texts[e.type] || "说明文字"; }
    e.dispatchEvent(new Event("input", { bubbles: true }));
    e.dispatchEvent(new Event("change", { bubbles: true }));
  }
}"""
# A closed fold whose handle nobody can see or hit.
_NO_HANDLE = """() => [...document.querySelectorAll("details:not([open]) > summary")].filter(handle => {
  const box = handle.getBoundingClientRect(), parent = handle.parentElement.parentElement.closest("details:not([open])");
  return !parent && (box.width < 24 || box.height < 24 || getComputedStyle(handle).visibility !== "visible");
}).map(handle => handle.textContent.trim())"""
SIZES = (1366, 1440)


@dataclass
class Sender:
    """One person at a screen, signed in through the page."""

    page: Page
    url: str
    username: str = ""
    errors: list[str] = field(default_factory=list)
    unhandled: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(15_000)
        self.page.on("pageerror", lambda error: self.errors.append(f"{self.page.url}: {error}"))
        self.page.on("console", self._note)
        self.page.on("dialog", lambda dialog: dialog.accept())

    def _note(self, message: Any) -> None:
        # The browser also notes each answer of 400 or 409; the answer itself is looked at.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.errors.append(f"{self.page.url}: {message.text}")

    def go(self, path: str) -> None:
        self.page.goto(f"{self.url}{path}")

    def sign_in(self, username: str) -> "Sender":
        self.username = username
        self.go("/sign-in/")
        self.page.fill("input[name=username]", username)
        self.page.fill("input[name=password]", PASSWORD)
        self.press(self.page.locator("main button[type=submit]"))
        return self

    def press(self, button: Locator) -> Response:
        """Press, and wait for the answer to the form and the page after it."""
        with self.page.expect_response(lambda answer: answer.request.method == "POST") as caught:
            button.click()
        self.page.wait_for_load_state()
        return caught.value

    def look_for_handles(self) -> None:
        for width in SIZES:
            self.page.set_viewport_size({"width": width, "height": 900})
            hidden = self.page.evaluate(_NO_HANDLE)
            self.unhandled |= {f"{urlsplit(self.page.url).path} at {width}: {words}" for words in hidden}

    def send(self, line: Line, address: str) -> str:
        """Fill in the form and press its first button; the fault, or nothing."""
        self.go(address)
        self.look_for_handles()
        form = self._form(lambda path: name_of(path) == line.name)
        if form is None:
            return f"{line.name}: no such form on {self.page.url}"
        self.fill(form, {})
        answer = self.press(self.button_of(form))
        return "" if answer.status in TAKEN else f"{line.name} on {address}: {answer.status}"

    def form_to(self, path: str, press: str = "") -> Locator | None:
        """The first form of the page that goes to ``path`` and has a button of that value."""
        return self._form(lambda found: found == path, press)

    def _form(self, fits: Callable[[str], bool], press: str = "") -> Locator | None:
        shown = self.page.evaluate(_FORMS)
        found = [one for one in shown if fits(one["path"]) and (not press or press in one["presses"])]
        return self.page.locator("form").nth(found[0]["index"]) if found else None

    def fill(self, form: Locator, given: dict[str, str]) -> None:
        """Something of its kind into every box, and what is ``given`` into those of that name."""
        form.evaluate(_FILL, PASSWORD)
        form.evaluate(_GIVE, given)

    def button_of(self, form: Locator, value: str = "") -> Locator:
        """The button of that value; else the first."""
        return self.page.locator(_BUTTONS).nth(form.evaluate(_BUTTON, [_BUTTONS, value]))


@contextmanager
def senders(
    browser: Browser, office: FormOffice
) -> Iterator[tuple[Callable[[Role | None], Sender], list[Sender]]]:
    """Opens a browser window for whoever is asked for; closes all at the end."""
    opened: list[Sender] = []

    def person(role: Role | None) -> Sender:
        context = browser.new_context(viewport=DESK, locale="zh-CN")  # type: ignore[arg-type]
        sender = Sender(context.new_page(), office.stack.url)
        opened.append(sender)
        return sender.sign_in(office.username(role)) if role else sender

    yield person, opened
    for sender in opened:
        sender.page.context.close()
