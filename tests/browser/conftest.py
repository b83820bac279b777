"""A real browser against a real server: one running office per state of the year."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from reports.demo.logins import PASSWORD
from tests.stack import Stack, cloned

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, quiet: no connection of its own leaves the machine."""
    quiet = [
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-gpu",
    ]
    return browser_type_launch_args | {"executable_path": "/usr/bin/chromium", "args": quiet}


@pytest.fixture(scope="session")
def office(rectifying: tuple[str, Path]) -> Iterator[Stack]:
    """The web server in the rectification period; journeys must not depend on each other's writes."""
    template, files = rectifying
    with cloned(template, f"{template}_{os.getpid()}", files, broker=10) as stack:
        stack.start_web()
        yield stack


class Person:
    """Somebody at a screen: signs in, and remembers every script or policy error the pages raised."""

    def __init__(self, browser: Browser, stack: Stack, viewport: dict[str, int]) -> None:
        self.context: BrowserContext = browser.new_context(viewport=viewport, locale="zh-CN")  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.url = stack.url
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._note)
        self.page.on(
            "response", lambda r: self.errors.append(f"{r.status} {r.url}") if r.status >= 500 else None
        )

    def _note(self, message: Any) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.errors.append(message.text)

    def sign_in(self, username: str) -> "Person":
        self.page.goto(f"{self.url}/sign-in/")
        self.page.fill("input[name=username]", username)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("main button[type=submit]")
        self.page.wait_for_load_state()
        return self

    def go(self, path: str) -> None:
        self.page.goto(f"{self.url}{path}")

    def sees(self, *texts: str) -> None:
        """The page shows these words, at once or as soon as its scripts have run."""
        for text in texts:
            expect(self.page.locator("body")).to_contain_text(text, use_inner_text=True)

    def no_sideways_scrolling(self) -> None:
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, f"{self.page.url} is {wide} px too wide"


@pytest.fixture
def at_desk(browser: Browser, office: Stack) -> Iterator[Callable[[str], Person]]:
    yield from _people(browser, office, DESK)


@pytest.fixture
def on_phone(browser: Browser, office: Stack) -> Iterator[Callable[[str], Person]]:
    yield from _people(browser, office, PHONE)


def _people(browser: Browser, stack: Stack, viewport: dict[str, int]) -> Iterator[Callable[[str], Person]]:
    opened: list[Person] = []

    def _open(username: str = "") -> Person:
        person = Person(browser, stack, viewport)
        opened.append(person)
        return person.sign_in(username) if username else person

    yield _open
    for person in opened:
        person.context.close()
        assert person.errors == []
