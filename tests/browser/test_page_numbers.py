"""Every page keeps to the numbers a page is measured by, for whoever may open it, on four sizes of screen.

Here a page built of the same elements as another stands for it, and axe-core looks at the pages for everybody, so
that the walk fits into every run. script/soak sets ``PAGE_NUMBERS``: with ``table`` each page is measured and looked
at on five sizes, with ``all`` as every role as well; both write the table.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser import page_table
from tests.browser.every_form import FormOffice, form_office, senders
from tests.browser.page_numbers import SIZES, Measurer, by_role, misses, visits

MODE = os.environ.get("PAGE_NUMBERS", "")
AXE_AT = tuple(SIZES) if MODE == "all" else (390,)


@pytest.fixture(scope="module")
def office(
    django_db_setup: None,
    database_name: str,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[FormOffice]:
    with form_office(database_name, tmp_path_factory.mktemp("numbers"), django_db_blocker.unblock) as found:
        yield found


@pytest.mark.lengthy
def test_every_page_keeps_to_its_numbers(browser: Browser, office: FormOffice) -> None:
    measurer = Measurer(AXE_AT, is_thorough=bool(MODE))
    with senders(browser, office) as (open_, _opened):
        for role, of_role in by_role(visits(every=MODE == "all")):
            page = open_(role).page
            measurer.prepare(page)
            for visit in of_role:
                measurer.walk(page, visit, office.stack.url + visit.route.address(office.nation, "own"))
    if MODE:
        page_table.FILE.write_text(page_table.text(measurer.found), encoding="utf-8")
    assert [str(miss) for numbers in measurer.found for miss in misses(numbers)] == []
    assert len(measurer.opened) > 200


def test_what_has_to_be_corrected_takes_the_focus(browser: Browser, office: FormOffice) -> None:
    with senders(browser, office) as (open_, _opened):
        page = open_(None).page
        page.goto(f"{office.stack.url}/sign-in/")
        page.click("main button[type=submit]")
        page.wait_for_load_state()
        assert page.title().startswith("错误：")
        assert page.evaluate("document.activeElement.id") == "errors"
