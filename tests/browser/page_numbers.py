"""What a loaded page is measured by: sizes of targets, widths, weight, and what axe-core finds.

One load, then one evaluation for each size of the screen. Lengths are CSS pixels, weights are bytes on the wire.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page

from tests.security.routes import Route, all_routes

SIZES = ((320, 640), (390, 844), (1366, 768), (1440, 900))
SMALLEST_TARGET, FIRST_LOAD = 44, 150 * 1024

# A link within a sentence is as high as its line; everything else is hit with a thumb.
_MEASURE = """() => {
  const root = document.documentElement, wide = root.clientWidth, shown = e => {
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    return box.width > 1 && box.height > 1 && style.visibility === "visible" && style.opacity !== "0" ? box : null;
  };
  const main = document.querySelector("main") || document.body, small = [], tables = [];
  for (const e of main.querySelectorAll("button, input:not([type=hidden]), select, textarea, summary, a.btn")) {
    const tick = e.type === "checkbox" || e.type === "radio", box = shown(tick ? e.closest("label") || e : e);
    if (box && box.height < 43.5 && !tick && !e.closest(".sr-only")) {
      small.push(`${Math.round(box.height)} ${e.tagName.toLowerCase()} ${(e.textContent || e.name || "").trim().slice(0, 20)}`);
    }
  }
  for (const e of main.querySelectorAll("table")) {
    const box = shown(e);
    // Two wide tables of the house scroll within their own frame, the first column held.
    if (box && !e.closest(".table-wrap--wide") && box.right > wide + 1) { tables.push(Math.round(box.right - wide)); }
  }
  return { sideways: root.scrollWidth - wide, small, tables };
}"""
_WEIGHT = """() => performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
  .filter(one => one.initiatorType !== "fetch").reduce((sum, one) => sum + one.transferSize, 0)"""


@dataclass(frozen=True)
class Miss:
    """One number one page misses; ``number`` as the house counts them, ``axe`` for the checker's own."""

    number: str
    page: str
    told: str


def public_routes() -> list[Route]:
    """The addresses a resident may open without signing in."""
    return [route for route in all_routes() if route.method == "get" and route.is_public]


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


def misses(page: Page, name: str, axe: Axe) -> Iterator[Miss]:
    """What the page, loaded at the widest size, misses at any size."""
    for width, height in reversed(SIZES):
        page.set_viewport_size({"width": width, "height": height})
        found = page.evaluate(_MEASURE)
        if found["sideways"] > 0:
            yield Miss("4", name, f"{found['sideways']} px too wide at {width}")
        if found["small"]:
            yield Miss("3", name, f"at {width}: {'; '.join(found['small'][:3])}")
        if found["tables"]:
            yield Miss("14", name, f"table {found['tables'][0]} px beyond the page at {width}")
    weight = page.evaluate(_WEIGHT)
    if weight > FIRST_LOAD:
        yield Miss("13", name, f"{weight} bytes")
    for result in axe.run(page).response["violations"]:
        if result["impact"] in ("serious", "critical"):
            yield Miss("axe", name, f"{result['id']} {result['nodes'][0]['html'][:160]}")
