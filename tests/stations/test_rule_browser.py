"""The page of a rule in a real Chromium, on a phone: only what the kind asks for, nothing too wide."""

import os
from pathlib import Path

import pytest
from django.conf import settings

from tests.stations.test_rule_pages import SENT, _on_the_sixth_of_march, office, page_of, planned, rule

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
HOST = "http://rule.test"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
__all__ = ["_on_the_sixth_of_march", "office", "planned", "rule"]

pytestmark = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return browser_type_launch_args | {"executable_path": CHROMIUM, "args": ["--no-sandbox"]}


@pytest.fixture
def show(browser):
    """Opens an answer of the test client in the browser, with our own files and the strict policy."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    tab = context.new_page()
    tab.problems = []
    tab.on("pageerror", lambda error: tab.problems.append(str(error)))
    tab.on("console", lambda said: tab.problems.append(said.text) if "Security Policy" in said.text else None)

    def _show(answer):
        def serve(route):
            path = route.request.url.removeprefix(HOST)
            file = settings.BASE_DIR / "static" / path.removeprefix("/static/")
            if path == "/":
                headers = {"Content-Security-Policy": answer.headers["Content-Security-Policy"]}
                route.fulfill(body=answer.content, content_type="text/html; charset=utf-8", headers=headers)
            elif path.startswith("/static/") and file.exists():
                route.fulfill(body=file.read_bytes(), content_type=TYPES.get(file.suffix, "text/plain"))
            else:
                route.abort()

        tab.route("**/*", serve)
        tab.goto(f"{HOST}/")
        return tab

    yield _show
    context.close()


def is_shown(tab, name):
    return tab.locator(f"[name={name}]").first.is_visible()


def test_the_form_asks_only_for_what_the_kind_needs(office, station, show):
    tab = show(office.get(page_of(station)))
    names = ("weekdays", "nths", "first_week", "month_days", "digits", "dates", "months")
    shown = {}
    for kind in ("nth_weekday", "month_days", "weekly", "market_days", "dates"):
        tab.locator(f"input[name=kind][value={kind}]").check()
        shown[kind] = {name for name in names if is_shown(tab, name)}
    assert shown == {
        "nth_weekday": {"weekdays", "nths", "first_week", "months"},
        "month_days": {"month_days", "months"},
        "weekly": {"weekdays", "months"},
        "market_days": {"digits", "months"},
        "dates": {"dates"},
    }
    assert tab.problems == []


def test_the_preview_fits_a_phone_and_its_button_sends_the_whole_form(office, station, rule, planned, show):
    tab = show(office.post(page_of(station, rule), {**SENT, "weekdays": ["2"], "valid_from": "2026-03-09"}))
    wide = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    button = tab.get_by_role("button", name="核对无误，修改规则")
    assert button.bounding_box()["height"] >= 44
    # It stands outside the form, above it, and belongs to it all the same.
    sent = button.evaluate("button => Object.fromEntries(new FormData(button.form, button))")
    assert (sent["weekdays"], sent["opens"], sent["confirm"]) == ("2", "09:00", "1")
    assert tab.problems == []
