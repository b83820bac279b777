"""One rule for telephone numbers, at every door."""

import re
from pathlib import Path

import pytest

from liaison.words.errors import InvalidInput
from liaison.words.phones import is_mobile, office_phone, read_phone, shown_phone

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("13812345678", "13812345678"),
        ("138 1234-5678", "13812345678"),
        ("138·1234·5678", "13812345678"),
        ("＋８６　１３８１２３４５６７８", "13812345678"),
        ("0086 13812345678", "13812345678"),
        ("8613812345678", "13812345678"),
        ("'13812345678", "13812345678"),
        ("（0354）2710000", "03542710000"),
        ("0354—271 0000", "03542710000"),
        ("０１０－１２３４５６７８", "01012345678"),
        ("0354-2710000转802", "03542710000-802"),
        ("0354-2710000-802", "03542710000-802"),
        ("03542710000#12", "03542710000-12"),
        ("0354-2710000 分机：8", "03542710000-8"),
        ("", ""),
        ("1381234567", None),
        ("12812345678", None),
        ("2710000", None),
        ("12345", None),
        ("13812345678转2", None),
        ("1381234567²", None),
        ("021-1234567", None),
        ("不详", None),
    ],
)
def test_every_spelling_of_a_number_is_that_number(written: str, number: str | None) -> None:
    assert read_phone(written) == number


def test_a_poster_shows_the_area_code_and_the_extension_apart() -> None:
    assert shown_phone("03542710000-802") == "0354-2710000转802"
    assert shown_phone("01012345678") == "010-12345678"
    assert shown_phone("13812345678") == "13812345678"
    assert office_phone("03542710000") == "0354-2710000"
    assert read_phone(shown_phone("03542710000-802")) == "03542710000-802"


def test_only_a_mobile_takes_a_message() -> None:
    assert (is_mobile("13812345678"), is_mobile("03542710000")) == (True, False)


def test_a_wrong_number_is_told_what_is_allowed() -> None:
    with pytest.raises(InvalidInput) as refused:
        office_phone("2710000", label="公开电话")
    said = refused.value.fields["phone"]
    assert said == "公开电话应为11位手机号码，或者带区号的固定电话（有分机的写作“转802”），请核对。"


def test_the_rule_is_written_once_here_and_once_for_the_browser() -> None:
    """A second expression drifts: two did, and the register refused what the roster had read."""
    apps = ("liaison", "deputies", "stations", "constituents", "assessments", "reports", "static")
    files = [path for app in apps for end in ("py", "js") for path in (ROOT / app).rglob(f"*.{end}")]
    rule = re.compile(r"1\[3-9\]\\d\{9\}|1\\d\{10\}|0\\d\{2,3\}-\?")
    # Finding numbers inside a text, to mask them, is another question: such a rule looks behind itself.
    lines = [(path.name, line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    found = {name for name, line in lines if rule.search(line) and "(?<!" not in line}
    assert found == {"phones.py", "matter.js"}
