"""Every page open to everybody keeps to the numbers a page is measured by, on four sizes of screen."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser.every_form import FormOffice, form_office, senders
from tests.browser.page_numbers import Miss, misses, opens, public_routes


@pytest.fixture(scope="module")
def office(
    django_db_setup: None,
    database_name: str,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[FormOffice]:
    with form_office(database_name, tmp_path_factory.mktemp("numbers"), django_db_blocker.unblock) as found:
        yield found


def test_every_page_open_to_everybody_keeps_to_its_numbers(browser: Browser, office: FormOffice) -> None:
    axe, found, walked = Axe(), list[Miss](), set[str]()
    with senders(browser, office) as (open_, _opened):
        page = open_(None).page
        for route in public_routes():
            page.set_viewport_size({"width": 1440, "height": 900})
            if opens(page, office.stack.url + route.address(office.nation, "own")):
                walked.add(route.name)
                found += misses(page, route.name, axe)
    assert "sign_in" in walked
    assert [f"{one.number} {one.page}: {one.told}" for one in found] == []
