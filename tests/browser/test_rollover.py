"""换届 in a real browser: one person proposes, another confirms, and both take it back."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.conftest import Person
from tests.stack import Stack, cloned


@pytest.fixture(scope="module")
def office(rectifying: tuple[str, Path]) -> Iterator[Stack]:
    """An office of its own: what is prepared for the next term stays, and no other journey should meet it."""
    template, files = rectifying
    with cloned(template, f"{template}_next_{os.getpid()}", files, broker=10) as stack:
        stack.start_web()
        yield stack


def _open(person: Person, words: str) -> None:
    person.page.get_by_role("link", name=words, exact=True).click()


def _press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def test_two_people_roll_a_term_over_and_take_it_back(at_desk: Callable[[str], Person]) -> None:
    clerk = at_desk("zz-mishu")
    page, today = clerk.page, timezone.localdate()
    elected, first = (str(today - timedelta(days=days)) for days in (20, 2))
    clerk.go("/deputies/terms/add/")
    for name, value in {"number": "17", "elected_on": elected, "starts_on": first, "seats": "1"}.items():
        page.fill(f"main [name={name}]", value)
    page.locator("main button[type=submit]").click()
    expect(page.locator("#checks")).to_contain_text("须先办理")
    page.get_by_role("button", name="沿用").click()
    expect(page.locator("body")).to_contain_text("已沿用")
    page.get_by_text("逐人勾选连任代表").click()
    page.locator("input[data-tick]").first.check()
    page.fill("main [name=elected_on]", elected)
    _press(page, "登记所选代表连任")
    expect(page.locator("body")).to_contain_text("已登记1名代表连任")
    rollover = page.url
    clerk.no_sideways_scrolling()
    _open(clerk, "预演并提请换届")
    expect(page.locator("#rehearsal")).to_be_visible()
    _press(page, "提请换届")
    expect(page.locator("#rollover")).to_contain_text("须由另一人用自己的账号登录后确认")

    chair = at_desk("zz-zhuxi")
    chair.page.goto(rollover)
    _open(chair, "核对并确认换届")
    _press(chair.page, "确认换届")
    expect(chair.page.locator("#rollover")).to_contain_text("已换届")

    page.goto(rollover)
    _open(clerk, "撤销换届")
    page.fill("main [name=reason]", "首次会议日期登记有误")
    _press(page, "提请撤销换届")
    expect(page.locator("#rollover")).to_contain_text("首次会议日期登记有误")
    chair.page.goto(rollover)
    _open(chair, "核对并确认撤销换届")
    _press(chair.page, "确认撤销换届")
    expect(chair.page.get_by_role("link", name="预演并提请换届")).to_be_visible()
