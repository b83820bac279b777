"""What an old machine has to fetch and understand."""

import re

import pytest

from tests.liaison.ui_files import STATIC

BUDGET = 60_000


def test_first_load_stays_small() -> None:
    """Style sheet, script and drawings of the first page, raw bytes."""
    files = ("liaison.css", "shell.js", "icons.svg", "favicon.svg", "chevron.svg")
    assert sum((STATIC / name).stat().st_size for name in files) <= BUDGET


def test_admin_adds_little() -> None:
    assert (STATIC / "admin.css").stat().st_size <= 20_000


@pytest.mark.parametrize("name", ["liaison.css", "admin.css", "shell.js", "icons.svg"])
def test_nothing_is_fetched_from_elsewhere(name: str) -> None:
    text = (STATIC / name).read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"https?://|@import|url\(\s*[\"']?//", text) == []


def test_script_needs_no_eval_and_writes_no_html() -> None:
    text = (STATIC / "shell.js").read_text(encoding="utf-8")
    assert (
        re.findall(r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write", text)
        == []
    )


def test_style_sheet_spares_old_browsers() -> None:
    """Nothing newer than Chromium 86 (2020), the last engine of many office machines."""
    css = (STATIC / "liaison.css").read_text(encoding="utf-8") + (STATIC / "admin.css").read_text(
        encoding="utf-8"
    )
    assert (
        re.findall(
            r":has\(|:is\(|:where\(|@container|@layer|oklch|color-mix|\binset:|\bdvh\b|aspect-ratio", css
        )
        == []
    )


def test_targets_are_48_pixels() -> None:
    css = (STATIC / "liaison.css").read_text(encoding="utf-8")
    assert "--target: 3rem;" in css
    assert "html { font-size: 100%;" in css


@pytest.mark.parametrize(
    ("rule", "pixels"),
    [
        (r"^html \{ font-size: ([\d.]+)%", 16),
        (r"max-width: 40em\) \{ html \{ font-size: ([\d.]+)%", 18),
        (r"^html\.type-large \{ font-size: ([\d.]+)%", 22),
    ],
)
def test_type_sizes(rule: str, pixels: int) -> None:
    css = (STATIC / "liaison.css").read_text(encoding="utf-8")
    found = re.search(rule, css, re.M)
    assert found is not None
    assert float(found[1]) / 100 * 16 == pixels
