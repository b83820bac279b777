"""The pictures of the guides, taken from a running demo: script/screenshots http://127.0.0.1:8000 [NAME ...]

Nothing is changed in the demo: pages are opened and links followed, the only forms sent are a roster that is
read and not imported, and a rule that is looked at and not laid down. Papers are drawn from their PDF. Every
picture is reduced to few colours, so that a guide stays light.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote, urljoin

import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
)
DESK = (1280, 800)
PHONE = (390, 780)
MOST_BYTES = 120_000
COLOURS = (128, 64, 32, 16)


# Photos load when they come into sight.
_ALL_SEEN = """() => [...document.images].every(
    photo => photo.getBoundingClientRect().top > innerHeight || (photo.complete && photo.naturalWidth > 0)
)"""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: who signs in (empty: a resident), where, how wide, and how to get to it from there.

    ``paper``: the link of the page that leads to the PDF to be shown instead.
    """

    name: str
    login: str
    path: str
    viewport: tuple[int, int] = DESK
    then: Callable[[Page], object] | None = None
    paper: str = ""


def follow(selector: str) -> Callable[[Page], object]:
    """Click the first such link and wait for its page."""

    def click(page: Page) -> None:
        page.locator(selector).first.click()
        page.wait_for_load_state("networkidle")

    return click


def steps(*selectors: str) -> Callable[[Page], object]:
    """Follow one link after another."""

    def walk(page: Page) -> None:
        for selector in selectors:
            follow(selector)(page)

    return walk


def scroll_to(selector: str, *before: str) -> Callable[[Page], object]:
    """Follow links, then bring this part of the page to the top; what is folded there is opened."""

    def move(page: Page) -> None:
        steps(*before)(page)
        part = page.locator(selector).first
        part.evaluate("part => { if (part.matches('details')) part.open = true; }")
        part.evaluate("part => window.scrollTo(0, part.getBoundingClientRect().top + window.scrollY - 190)")
        page.wait_for_load_state("networkidle")

    return move


def preview_rule(page: Page) -> None:
    """The station's form for a rule: the second and fourth Wednesday, as far as the preview."""
    steps("main tbody th a:has-text('河口村')", "main a:has-text('制定接待日规则')")(page)
    chosen = page.locator("input[name=weekdays]:checked, input[name=nths]:checked")
    while chosen.count():
        chosen.first.uncheck()
    page.check("input[name=weekdays][value='3']")
    page.check("input[name=nths][value='2']")
    page.check("input[name=nths][value='4']")
    page.click("button:has-text('预览今后十二个月')")
    page.wait_for_load_state("networkidle")


def compare_versions(page: Page) -> None:
    """What the version of summer changed in the one of New Year."""
    steps("main a:has-text('东庄村')", "main a:has-text('历次版本')")(page)
    follow("main a[href*='/rota/plans/']:has-text('第2版')")(page)
    page.select_option("select[name=with]", index=page.locator("select[name=with] option").count() - 1)
    page.click("main button:has-text('比较')")
    page.wait_for_load_state("networkidle")


def open_place(page: Page) -> None:
    """Equipment and photos of the station, as its clerk keeps them."""
    page.goto(page.url.split("?")[0].replace("/rota/", "/place/"))
    page.wait_for_load_state("networkidle")


def upload_roster(page: Page) -> None:
    """A small roster with three planted faults, as far as the preview."""
    heading = "序号,姓名,性别,民族,出生年月,政治面貌,选区,代表小组,联系电话"
    rows = (
        "1,张建国,男,汉族,1968.03,中共党员,第1选区（东庄村）,第一代表小组,13900000001",
        "2,李秀英,女,汉族,1979.13,群众,第2选区（西庄村）,第一代表小组,1390000002",
        "3,王海生,男,汉族,１９７０.０５,群众,第99选区,第二代表小组,13900000003",
    )
    data = "\n".join((heading, *rows)).encode("utf-8-sig")
    page.set_input_files(
        "input[type=file]", {"name": "庄子乡代表名册.csv", "mimeType": "text/csv", "buffer": data}
    )
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state("networkidle")


def reception_page(page: Page) -> None:
    """From the first row of the back office's list to the page where attendance is registered."""
    page.goto(f"{origin(page)}/stations/receptions/{first_number(page)}/")


def follow_code(page: Page) -> None:
    """From the office's receipt of an answered opinion, by a new code, to the page its resident sees."""
    page.goto(f"{origin(page)}/opinions/{first_number(page)}/receipt/")
    page.fill("main [name=reason]", "群众遗失回执，本人到站申请")
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_load_state("networkidle")
    code = page.locator("dd.code").first.inner_text().strip()
    page.context.clear_cookies()
    page.goto(f"{origin(page)}/opinions/follow/{quote(code)}/")


def first_number(page: Page) -> str:
    """The number in the address of the list's first row."""
    address = page.locator("tbody th a").first.get_attribute("href") or ""
    return next(part for part in reversed(address.split("?")[0].split("/")) if part.isdigit())


def origin(page: Page) -> str:
    return "/".join(page.url.split("/")[:3])


CLERK, CHAIR, DEPUTY, STATION, UNIT = "zz-mishu", "zz-zhuxi", "zz-db02", "zz-zhan", "zz-shuili"
COUNTY, CITY = "yc-gongwei", "jz-chakan"
RECEPTIONS = "/admin/stations/receptionday/"
OPINIONS = "/admin/constituents/opinion/"
ROTA = "/stations/rota/1/"

SHOTS = (
    Shot("sign-in", "", "/sign-in/"),
    Shot("staff-home", CLERK, "/"),
    Shot("clerk-import", CLERK, "/deputies/import/", then=upload_roster),
    Shot("clerk-roster", CLERK, "/deputies/"),
    Shot("clerk-receptions", CLERK, "/stations/receptions/"),
    Shot("clerk-opinion", CLERK, "/", then=follow(".queue__what a:has-text('202')")),
    Shot("clerk-matrix", CLERK, "/matrix/"),
    Shot("clerk-notices", CLERK, "/assessments/notices/"),
    Shot("clerk-assessment", CLERK, "/admin/assessments/assessment/", then=follow("tbody th a")),
    Shot("clerk-cell", CLERK, "/matrix/", then=follow("td a[href*='/reception/']")),
    Shot("clerk-plan", CLERK, "/stations/plans/", then=follow("main a:has-text('2026年度')")),
    Shot("clerk-activity", CLERK, "/stations/activities/", then=follow("main a:has-text('回头看')")),
    Shot("clerk-silent", "xh-gongwei", "/"),
    Shot("rule-preview", CLERK, "/admin/stations/station/", then=preview_rule),
    Shot("rota-board", CLERK, ROTA, then=scroll_to(".rota-seats details", "main a:has-text('草稿')")),
    Shot("rota-compare", CLERK, "/stations/rota/", then=compare_versions),
    Shot("rota-notices", CLERK, "/stations/notices/"),
    Shot("rota-year", CLERK, ROTA, paper="打印轮值表"),
    Shot("rota-poster", CLERK, ROTA, paper="打印接待日公告"),
    Shot("chair-home", CHAIR, "/"),
    Shot("chair-results", CHAIR, "/assessments/results/"),
    Shot("deputy-home", DEPUTY, "/", PHONE),
    Shot("deputy-duty", DEPUTY, "/stations/visit/", PHONE),
    Shot("deputy-opinions", DEPUTY, "/opinions/mine/", PHONE),
    Shot("deputy-score", DEPUTY, "/assessments/score/", PHONE),
    Shot("deputy-notice", DEPUTY, "/assessments/notices/", PHONE, follow("main a[href*='/notices/']")),
    Shot(
        "deputy-invitation", "zz-db45", "/stations/invitations/", PHONE, follow("main a:has-text('回头看')")
    ),
    Shot("deputy-calendar", DEPUTY, "/stations/calendar/", PHONE),
    Shot("deputy-desk", DEPUTY, "/desk/", PHONE),
    Shot("station-home", STATION, "/"),
    Shot("station-desk", STATION, "/desk/", PHONE),
    Shot("station-place", STATION, ROTA, then=open_place),
    Shot("station-reception", STATION, f"{RECEPTIONS}?state__exact=held", then=reception_page),
    Shot("unit-home", UNIT, "/opinions/unit/"),
    Shot("unit-opinion", UNIT, "/opinions/unit/", then=follow(".queue__what a, tbody th a")),
    Shot("county-compare", COUNTY, "/compare/"),
    Shot("county-silent", COUNTY, "/compare/", then=follow("main a[href*='/silent/']:not(:text-is('0'))")),
    Shot("city-compare", CITY, "/compare/"),
    Shot("public-place", "", "/p/", PHONE, follow("main a:has-text('庄子乡')")),
    Shot(
        "public-station",
        "",
        "/p/",
        PHONE,
        lambda page: (
            follow("main a:has-text('庄子乡')")(page),
            follow("#stations a:has-text('联络站')")(page),
        ),
    ),
    Shot(
        "public-inside",
        "",
        "/p/",
        PHONE,
        scroll_to("#photos", "main a:has-text('庄子乡')", "#stations a:has-text('东庄村')"),
    ),
    Shot("public-plan", "", "/p/", PHONE, steps("main a:has-text('庄子乡')", "main a:has-text('工作计划')")),
    Shot("public-follow", CLERK, f"{OPINIONS}?state__exact=replied", PHONE, follow_code),
    Shot("security-accounts", "anquan", "/admin/liaison/account/"),
    Shot("system-calendar", "xitong", "/admin/liaison/calendaryear/"),
    Shot("audit-entries", "shenji", "/admin/liaison/auditentry/"),
)


def main() -> int:
    """Exit code 1 if a page could not be reached; the others are still taken."""
    parser = argparse.ArgumentParser(prog="script/screenshots", description=__doc__)
    parser.add_argument("url", help="address of a running demo")
    parser.add_argument("names", nargs="*", help="only these pictures")
    arguments = parser.parse_args()
    IMAGES.mkdir(exist_ok=True)
    wanted = [shot for shot in SHOTS if not arguments.names or shot.name in arguments.names]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=list(QUIET))
        failed = [shot.name for shot in wanted if not _taken(browser, arguments.url.rstrip("/"), shot)]
        browser.close()
    return 1 if failed else 0


def _chromium() -> str:
    return os.environ.get("CHROMIUM", CHROMIUM)


def _taken(browser: Browser, url: str, shot: Shot) -> bool:
    try:
        size = take(browser, url, shot)
    except Exception as error:  # whatever one page does, the others are wanted
        sys.stderr.write(f"{shot.name}: {error}\n")
        return False
    sys.stdout.write(f"{shot.name}.png {size // 1000} kB\n")
    return True


def take(browser: Browser, url: str, shot: Shot) -> int:
    """One picture in a browser window of its own; returns its size in bytes. Raises on an error page."""
    width, height = shot.viewport
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=2 if shot.viewport == PHONE else 1,
        locale="zh-CN",
    )
    try:
        page = context.new_page()
        if shot.login:
            sign_in(page, url, shot.login)
        answer = page.goto(url + shot.path)
        if shot.then:
            shot.then(page)
        page.wait_for_load_state("networkidle")
        if shot.paper:
            return save(first_sheet(page, shot.paper), IMAGES / f"{shot.name}.png")
        if answer is None or answer.status >= 400 or page.locator("body > main h1").count() == 0:
            raise RuntimeError(f"{page.url} shows an error")
        page.wait_for_function(_ALL_SEEN)
        return save(page.screenshot(), IMAGES / f"{shot.name}.png")
    finally:
        context.close()


def first_sheet(page: Page, label: str) -> bytes:
    """The first sheet of the paper behind this link, as wide as a page of a guide."""
    address = page.locator(f"main a:has-text('{label}')").first.get_attribute("href") or ""
    answer = page.request.get(urljoin(page.url, address))
    if not answer.ok or "pdf" not in answer.headers.get("content-type", ""):
        raise RuntimeError(f"{address} is no paper")
    sheet = pypdfium2.PdfDocument(answer.body())[0]
    picture = sheet.render(scale=DESK[0] / 1.4 / sheet.get_width()).to_pil()
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def sign_in(page: Page, url: str, username: str) -> None:
    page.goto(f"{url}/sign-in/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", demo_password())
    page.click("main button[type=submit]")
    page.wait_for_load_state()


@cache
def demo_password() -> str:
    """Read, not imported: the module of the demo's logins wants a configured project."""
    written = (ROOT / "reports" / "demo" / "logins.py").read_text(encoding="utf-8")
    found = re.search(r'^PASSWORD = "(.+)"$', written, re.MULTILINE)
    if found is None:
        raise RuntimeError("reports/demo/logins.py names no password")
    return found[1]


def save(picture: bytes, path: Path) -> int:
    """Write with as many colours as fit the limit; text stays sharp, since nothing is scaled."""
    whole = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in COLOURS:
        buffer = io.BytesIO()
        whole.quantize(colours, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
        if buffer.tell() <= MOST_BYTES:
            break
    path.write_bytes(buffer.getvalue())
    return buffer.tell()


if __name__ == "__main__":
    sys.exit(main())
