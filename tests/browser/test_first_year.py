"""From an empty database to a whole first year, by clicks alone, each by the account that may do it."""

import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.first_year import appraisal, founding, keeping, office, work
from tests.browser.first_year.world import FirstYear
from tests.stack import Stack, cloned

# Each stage, and when it is done, in Chinese time.
STAGES = (
    ("首次设置", "2025-05-12 09:00", founding.found),
    ("管理员", "2025-05-12 10:00", keeping.appoint_chair),
    ("秘书的准备", "2025-05-12 14:00", office.prepare),
    ("代表在手机上登记接待", "2025-07-04 09:05", work.receive),
    ("受理、交办、核对", "2025-07-07 09:00", work.hand_on),
    ("承办单位答复", "2025-07-09 09:00", work.answer),
    ("登记到岗", "2025-10-09 15:00", work.register_reception),
    ("启动测评、计票", "2025-12-22 09:00", appraisal.start),
    ("截止、计算、推进", "2026-01-05 09:00", appraisal.freeze),
    ("审定、通报、通知书", "2026-01-15 09:00", appraisal.approve),
    ("代表提交整改报告", "2026-01-19 19:00", appraisal.hand_in),
    ("审核整改报告", "2026-01-20 09:00", appraisal.accept),
)


@pytest.fixture
def empty(migrated_template: str, data_dirs: Iterator[Path]) -> Iterator[Stack]:
    """An installation as the migrations leave it, with the second factor asked of all staff."""
    with cloned(migrated_template, f"test_first_year_{os.getpid()}", next(data_dirs), broker=9) as stack:
        stack.application = "tests.browser.first_year.clocked:application"
        stack.environment["LIAISON_REQUIRE_OTP"] = "1"
        yield stack


@pytest.mark.lengthy
def test_a_township_gets_from_nothing_through_its_first_year(
    browser: Browser, empty: Stack, data_dirs: Any
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
