"""The one masker: every spelling of a number that leads to a person is hidden, official figures stay."""

import sys
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liaison.words.masking import HIDDEN_CARD, HIDDEN_IDENTITY, excerpt, masked
from tests.rules.planted import planted

_WORTH = {
    char: str(at)
    for at, chars in enumerate(("〇零", "一幺", "二", "三", "四", "五", "六", "七", "八", "九"))
    for char in chars
}
# No part of a number of this length may be left.
_LEFT = 6
HARMLESS = (Path(__file__).parent / "harmless_words.txt").read_text(encoding="utf-8").splitlines()
# Of the harmless texts; a figure that could be either is hidden on purpose.
_MOST_FALSE_ALARMS = 0.02


def digits_of(text: str) -> str:
    """The digits of ``text`` in every script, and the stars of a mask between them."""
    worth = ("*" if char == "*" else _WORTH.get(char) or str(unicodedata.decimal(char, "")) for char in text)
    return "".join(worth)


def is_left(text: str, number: str) -> bool:
    """Whether six digits in a row of ``number`` still stand in ``text``, whatever stands between them."""
    digits, shown = number.removesuffix("X"), digits_of(text)
    return any(digits[at : at + _LEFT] in shown for at in range(len(digits) - _LEFT + 1))


def test_every_planted_number_is_hidden() -> None:
    texts = list(planted())
    left = [
        (each.spelling, each.text, masked(each.text))
        for each in texts
        if is_left(masked(each.text), each.digits)
    ]
    sys.stdout.write(f"planted {len(texts)}, left in clear {len(left)}\n")
    assert len(texts) >= 1000
    assert left == []


def test_masking_twice_is_masking_once() -> None:
    changed = [each.text for each in planted() if masked(masked(each.text)) != masked(each.text)]
    assert changed == []


def test_official_words_and_figures_stay() -> None:
    alarms = [(text, masked(text)) for text in HARMLESS if masked(text) != text]
    sys.stdout.write(f"harmless {len(HARMLESS)}, false alarms {len(alarms)}: {alarms}\n")
    assert len(HARMLESS) >= 200
    assert len(alarms) <= _MOST_FALSE_ALARMS * len(HARMLESS)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "打我电话138 1234 5678或139-8765-4321，家里+8613700001111",
            "打我电话138****5678或139****4321，家里+86137****1111",
        ),
        ("１３８１２３４５６７８", "138****5678"),
        ("一三八一二三四五六七八", "138****5678"),
        ("万一一三八一二三四五六七八一直不通", "万一138****5678一直不通"),
        ("周一13812345678一直不通", "周一138****5678一直不通"),
        ("①13812345678", "①138****5678"),
        ("1381234567813987654321", "138****5678139****4321"),
        ("138\n1234\n5678", "138****5678"),
        ("座机0354-2345678转2", "座机0354-*****78转2"),
        ("座机（0354）2345678", "座机0354-*****78"),
        ("家里座机是2345678", "家里座机是*****78"),
        ("身份证14070219581203002X", f"身份证{HIDDEN_IDENTITY}"),
        ("身份证号：140702581203002", f"身份证号：{HIDDEN_IDENTITY}"),
        ("卡号6222 0212 3456 7890 128", f"卡号{HIDDEN_CARD}"),
        ("张**13812345678", "张**138****5678"),
        ("发到zhang.san@qq.com", "发到z***@qq.com"),
        ("13812345678@139.com", "1***@139.com"),
    ],
)
def test_what_is_shown_instead(said: str, shown: str) -> None:
    assert masked(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "庄人主〔2026〕13号",
        "2026-0287",
        "2026-11-15至2026-12-15，3户",
        "1998.7.1-2001.7",
        "1998-2003 100户",
        "13.5 24.6 33.1 45.2 17",
        "12345、110、119、12368都打过",
        "一、二、三、四、五、六、七、八、九",
    ],
)
def test_figures_that_look_like_numbers_stay(said: str) -> None:
    assert masked(said) == said


def test_where_to_turn_to_keeps_the_landline_and_hides_the_rest() -> None:
    said = "找水利站0354-2345678，或者13812345678"
    assert masked(said, keeps_landlines=True) == "找水利站0354-2345678，或者138****5678"


def test_an_excerpt_is_masked_before_it_is_cut() -> None:
    for length in range(2, 30):
        assert not is_left(excerpt("我家水管漏了电话13812345678请来修", length), "13812345678")
    assert excerpt("水\n管　漏" * 20, 10) == "水 管 漏水 管 …"


_FILLER = st.text(
    st.characters(
        exclude_categories=["Nd", "Nl", "No"], exclude_characters="".join(_WORTH) + "○◯壹贰叁肆伍陆柒捌玖@"
    ),
    max_size=30,
)


@given(before=_FILLER, number=st.integers(13 * 10**9, 20 * 10**9 - 1), after=_FILLER)
def test_a_number_between_any_words_is_hidden(before: str, number: int, after: str) -> None:
    assert not is_left(masked(f"{before}{number}{after}"), str(number))


@given(
    number=st.integers(13 * 10**9, 20 * 10**9 - 1),
    gaps=st.lists(st.sampled_from(["", " ", "-", "."]), min_size=10, max_size=10),
)
def test_a_number_with_one_kind_of_gap_anywhere_is_hidden(number: int, gaps: list[str]) -> None:
    kind = next((gap for gap in gaps if gap), "")
    spelt = "".join(
        digit + (kind if gap else "") for digit, gap in zip(str(number), [*gaps, ""], strict=True)
    )
    assert not is_left(masked(f"电话{spelt.strip('-. ')}没人接"), str(number))


@given(st.text(max_size=200))
def test_words_without_seven_digits_stay(text: str) -> None:
    few = "".join(
        char for char in text if not (char.isdigit() or char in _WORTH or char in "○◯壹贰叁肆伍陆柒捌玖@＠")
    )
    assert masked(few) == few


@given(st.text("0123456789 -.()一二三八〇X+电话号", max_size=60))
def test_any_figures_are_masked_once(text: str) -> None:
    once = masked(text)
    assert masked(once) == once


def test_a_long_text_full_of_figures_is_masked_at_once() -> None:
    began = time.process_time()
    masked("138 12-3456. 789" * 250)
    masked("1" * 4000)
    masked("一" * 4000)
    assert time.process_time() - began < 2
