"""A county with two townships and a street, from an empty database by clicks alone."""

import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.first_county import congresses, founding, turns
from tests.browser.first_year.world import FirstYear
from tests.stack import Stack, cloned

# Each stage, and when it is done, in Chinese time.
STAGES = (
    ("首次设置", "2025-05-12 09:00", founding.found),
    ("下级账号", "2025-05-12 10:00", founding.staff),
    ("县级人大", "2025-05-12 14:00", congresses.of_the_county),
    ("街道名册", "2025-05-13 09:00", congresses.of_the_street),
    ("乡镇人大", "2025-05-13 10:00", congresses.of_the_townships),
    ("代表账号", "2025-05-13 14:00", congresses.account_of_the_deputy),
    ("联系站点", "2025-05-14 09:00", turns.arrange),
    ("主题接待日排班", "2025-05-14 14:00", turns.plan),
    ("登记参加情况", "2025-07-04 15:00", turns.register),
    ("查阅", "2025-07-07 09:00", turns.read),
)


@pytest.fixture
def empty(migrated_template: str, data_dirs: Iterator[Path]) -> Iterator[Stack]:
    """An installation as the migrations leave it, with the second factor asked of all staff."""
    with cloned(migrated_template, f"test_first_county_{os.getpid()}", next(data_dirs), broker=12) as stack:
        stack.application = "tests.browser.first_year.clocked:application"
        stack.environment["LIAISON_REQUIRE_OTP"] = "1"
        yield stack


@pytest.mark.lengthy
def test_a_county_with_two_townships_and_a_street_knows_one_truth_of_a_deputy(
    browser: Browser, empty: Stack, data_dirs: Iterator[Path]
) -> None:
    folder = next(data_dirs)
    folder.mkdir()
    year = FirstYear(browser, empty, folder, datetime.fromisoformat("2025-05-12T09:00+08:00"))
    for name, moment, stage in STAGES:
        year.begin(name, moment)
        if not empty.processes:
            empty.start_web()
        stage(year)
    sys.stdout.write(f"\n{year.table()}\n")
