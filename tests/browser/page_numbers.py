"""What a loaded page is measured by: its targets, widths, focus, errors, drafts, weight, and what axe-core finds.

The pages come from the URL table, who opens them from ``permissions.yaml``. One load, then one evaluation for
each size of the screen. Lengths are CSS pixels, weights are bytes on the wire, lines are characters.
"""

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from playwright.sync_api import Error, Page

from liaison.words.enums import Role
from tests.security.routes import Route, all_routes

# A phone's two widths, half of a PC's (its page at 200 %), a PC's two.
HALF = 683
SIZES = {320: 640, 390: 844, HALF: 768, 1366: 768, 1440: 900}
# Where a bar may lie over what takes the focus: the bottom bar of a phone, the head of a table on a PC.
FOCUS_AT = (390, 1366)
SMALLEST_TARGET, FIRST_LOAD, LONGEST_LINE = 44, 150 * 1024, 38
LARGEST_PAINT, LARGEST_SHIFT = 2500, 0.1
SCRIPT = Path(__file__).with_name("measure.js")

# Whose page stands for a page that several may open.
_ORDER = (
    Role.PRESIDIUM_CLERK, Role.PRESIDIUM_CHAIR, Role.COUNTY_COMMITTEE, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN,
    Role.AUDIT_ADMIN, Role.CITY_VIEWER, Role.HANDLING_UNIT, Role.GROUP_LEADER, Role.DEPUTY, Role.STATION_CLERK,
)  # fmt: skip


@dataclass(frozen=True)
class Visit:
    """One page as one role opens it; nobody's role is a resident's without an account."""

    route: Route
    role: Role | None

    @property
    def page(self) -> str:
        return self.route.name

    @property
    def who(self) -> str:
        return str(self.role or Role.PUBLIC)


@dataclass(frozen=True)
class Miss:
    """One number one page misses; ``number`` as the house counts them, ``axe`` for the checker's own."""

    number: str
    page: str
    told: str

    def __str__(self) -> str:
        return f"{self.number} {self.page}: {self.told}"


@dataclass
class Numbers:
    """What was measured on one page: once a load, and at each width."""

    page: str
    who: str
    load: dict[str, Any] = field(default_factory=dict)
    at: dict[int, dict[str, Any]] = field(default_factory=dict)
    axe: dict[int, list[str]] = field(default_factory=dict)


def roles_of(route: Route, *, every: bool = False) -> list[Role | None]:
    """By whom the page is opened: the first that may, or everybody who may."""
    if route.is_public:
        return [None]
    may = [role for role in _ORDER if role in route.may]
    return list(may if every else may[:1])


def visits(*, every: bool = False) -> list[Visit]:
    """All pages, in the order in which the fewest people have to sign in."""
    found = [
        Visit(route, role)
        for route in all_routes()
        if route.method == "get" and not route.name.startswith("api_")
        for role in roles_of(route, every=every)
    ]
    order = [None, *_ORDER]
    return sorted(found, key=lambda visit: order.index(visit.role))


def by_role(all_visits: Iterable[Visit]) -> Iterator[tuple[Role | None, list[Visit]]]:
    for role, of_role in groupby(all_visits, key=lambda visit: visit.role):
        yield role, list(of_role)


def opens(page: Page, url: str) -> bool:
    """Whether the address answers with a page of its own: no file, no data, no detour."""
    try:
        answer = page.goto(url)
    except Error as error:
        if "Download is starting" in error.message:
            return False
        raise
    kind = answer.headers.get("content-type", "") if answer else ""
    same = urlsplit(page.url).path == urlsplit(url).path
    return bool(answer and answer.ok and same and kind.startswith("text/html"))


@cache
def on_the_wire(path: str, size: int) -> int:
    """Bytes as an office's server sends them: its static files are compressed, those of the tests are not."""
    file = finders.find(path.removeprefix("/static/")) if path.startswith("/static/") else None
    return min(size, len(gzip.compress(Path(file).read_bytes())) + 300) if file else size


class Measurer:
    """Measures pages one after the other, but for those built of the same elements as one measured before.

    ``is_thorough``: only a page of the same name counts as one of the same build, the size of a page at 200 %
    is among the others, the keyboard's way is gone at both its sizes, and axe-core looks at every page; else at
    those that everybody may open.
    """

    def __init__(self, axe_at: Iterable[int], *, is_thorough: bool = True) -> None:
        self.axe_at, self.found, self.opened = tuple(axe_at), list[Numbers](), set[str]()
        self._is_thorough, self._seen = is_thorough, set[tuple[str, str]]()
        self._axe = Axe().axe_script

    def prepare(self, page: Page) -> None:
        page.add_init_script(path=SCRIPT)
        # A paper is drawn in seconds, on a busy machine in many.
        page.set_default_timeout(60_000)

    def walk(self, page: Page, visit: Visit, url: str) -> None:
        """Open the page and note its numbers."""
        widest = max(SIZES)
        page.set_viewport_size({"width": widest, "height": SIZES[widest]})
        if not opens(page, url):
            return
        self.opened.add(visit.page)
        build = (visit.page if self._is_thorough else "", page.evaluate("numbers.shape()"))
        if build in self._seen:
            return
        self._seen.add(build)
        self.found.append(self._measure(page, visit))

    def _measure(self, page: Page, visit: Visit) -> Numbers:
        numbers = Numbers(visit.page, visit.who, load=page.evaluate("numbers.loaded()"))
        numbers.load["weight"] = sum(on_the_wire(path, size) for path, size in numbers.load["brought"])
        axe_at = self.axe_at if self._is_thorough or visit.role is None else ()
        if axe_at:
            page.evaluate(self._axe)
        # The ring of the keyboard's focus shows only to those who use a keyboard.
        page.keyboard.press("Tab")
        for width in sorted(SIZES if self._is_thorough else SIZES.keys() - {HALF}, reverse=True):
            page.set_viewport_size({"width": width, "height": SIZES[width]})
            walks = width in (FOCUS_AT if self._is_thorough else FOCUS_AT[:1])
            numbers.at[width] = page.evaluate("focus => numbers.atSize(focus)", walks)
            if width in axe_at:
                # On a screen as long as the page, no bar lies over what a person would scroll to.
                page.set_viewport_size({"width": width, "height": numbers.at[width]["height"]})
                numbers.axe[width] = page.evaluate("numbers.axe()")
        numbers.load |= page.evaluate("numbers.forms()")
        return numbers


def misses(numbers: Numbers) -> Iterator[Miss]:
    """What the page misses, number by number."""
    name = f"{numbers.page} as {numbers.who}"
    for width, at in numbers.at.items():
        if at["small"]:
            yield Miss("3", name, f"at {width}: {at['smallCount']} × {'; '.join(at['small'])}")
        if at["sideways"]:
            yield Miss("4", name, f"{at['sideways']} px too wide at {width}")
        if width >= 1440 and at["firstRow"] > SIZES[width]:
            yield Miss("4", name, f"the first row ends at {at['firstRow']} px at {width}")
        for kind, told in (
            ("under a bar", at["hidden"]),
            ("no ring", at["dull"]),
            ("own order", at["ordered"]),
        ):
            if told:
                yield Miss("5", name, f"{kind} at {width}: {'; '.join(told[:3])}")
        if at["tables"]:
            yield Miss("14", name, f"table {at['tables'][0]} px beyond the page at {width}")
        if at["line"] > LONGEST_LINE + 0.5:
            yield Miss("14", name, f"a line of {at['line']} characters at {width}: {at['lineWords']}")
    yield from _of_load(name, numbers.load)
    for width, found in numbers.axe.items():
        for told in found:
            yield Miss("axe", name, f"at {width}: {told}")


def _of_load(name: str, load: dict[str, Any]) -> Iterator[Miss]:
    for told in load["refused"]:
        yield Miss("6", name, told)
    for told in load["lost"]:
        yield Miss("11", name, f"no draft of {told}")
    if load["weight"] > FIRST_LOAD:
        yield Miss("13", name, f"{load['weight']} bytes")
    if load["shift"] > LARGEST_SHIFT:
        yield Miss("13", name, f"moves by {load['shift']}")
