"""Pure text rules: what is dropped, what is kept, what is masked."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liaison.words.text import (
    clean_line,
    clean_text,
    fold_name,
    fold_width,
    has_bidi,
    mask_name,
    mask_phone,
    one_break,
    read_digits,
    read_year,
    tidy_name,
    to_chinese_number,
)


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("张\x0b三", "张三"),
        ("\x00\x07\x1b[31m红", "[31m红"),
        ("合同\u202egnp.exe", "合同gnp.exe"),
        ("\u2066甲\u2069\u200e\u061c乙", "甲乙"),
        ("零\u200b宽\u200c\u200d\ufeff\u2060", "零宽"),
        ("软\u00ad连", "软连"),
        ("隐\U000e0041\U000e0042形", "隐形"),
        ("孤\ud800立", "孤立"),
        ("甲\r\n乙\r丙\u2028丁\u0085戊", "甲\n乙\n丙\n丁\n戊"),
        ("甲\t乙", "甲 乙"),
        ("行尾  \n  行首", "行尾\n  行首"),
        ("e\u0301", "é"),
    ],
)
def test_clean_text_drops_what_cannot_be_seen(dirty: str, clean: str) -> None:
    assert clean_text(dirty) == clean


@pytest.mark.parametrize(
    "kept", ["喆堃珺", "阿依古丽·买买提", "“引号”——省略……", "〔2026〕3号", "葛\U000e0100", "１２"]
)
def test_clean_text_keeps_names_and_punctuation(kept: str) -> None:
    assert clean_text(kept) == kept


@given(st.text())
def test_clean_text_is_stable_and_encodable(value: str) -> None:
    once = clean_text(value)
    assert clean_text(once) == once
    assert not has_bidi(once)
    assert once.encode().decode() == once
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in once if char != "\n")


def test_clean_text_of_nothing_is_nothing() -> None:
    assert clean_text("") == ""


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [("  甲\n\n 乙　丙\u00a0", "甲 乙 丙"), ("\u200b", ""), ("庄子乡", "庄子乡")],
)
def test_clean_line_is_one_line(dirty: str, clean: str) -> None:
    assert clean_line(dirty) == clean


def test_fold_width_touches_digits_and_letters_only() -> None:
    assert fold_width("１３８ＡＢｚ，（一）") == "138ABz，（一）"


@pytest.mark.parametrize(
    "mark", list("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
)
def test_has_bidi_sees_every_mark(mark: str) -> None:
    assert has_bidi(f"甲{mark}乙")
    assert not has_bidi("甲乙 abc")


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13812345678", "138****5678"),
        ("138 1234 5678", "138****5678"),
        ("＋８６-１３８-１２３４-５６７８", "138****5678"),
        ("0354-2661234", "0354-*****34"),
        ("010-66661234", "010-******34"),
        ("2661234", "*****34"),
        ("12345", "*****"),
        ("", ""),
    ],
)
def test_mask_phone(number: str, masked: str) -> None:
    assert mask_phone(number) == masked


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_mask_phone_never_shows_the_middle(number: str) -> None:
    assert mask_phone(number)[3:7] == "****"


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("张建国", "张**"),
        ("欧阳娜", "欧阳*"),
        ("欧阳", "欧*"),
        ("阿依古丽·买买提", "阿***"),
        ("王", "王"),
        ("", ""),
    ],
)
def test_mask_name(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "零"),
        (1, "一"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (47, "四十七"),
        (100, "一百"),
        (105, "一百零五"),
        (110, "一百一十"),
        (1001, "一千零一"),
        (2026, "二千零二十六"),
        (10_000, "一万"),
        (10_010, "一万零一十"),
        (120_000, "十二万"),
        (100_100, "十万零一百"),
    ],
)
def test_to_chinese_number(number: int, words: str) -> None:
    assert to_chinese_number(number) == words


@pytest.mark.parametrize("number", [-1, 100_000_000])
def test_to_chinese_number_refuses_what_it_cannot_write(number: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        to_chinese_number(number)


class TestNames:
    """A name as it is kept and as it is searched."""

    @pytest.mark.parametrize(
        ("written", "kept"),
        [
            ("阿布都•热西提", "阿布都·热西提"),
            ("阿布都 ・ 热西提", "阿布都·热西提"),
            ("阿布都.热西提", "阿布都·热西提"),
            ("买买提﹒艾力", "买买提·艾力"),
            ("迪丽热巴˙迪力木拉提", "迪丽热巴·迪力木拉提"),
            ("古丽努尔 ● 买买提", "古丽努尔·买买提"),
            ("王 建　国", "王建国"),
            ("⼩明", "小明"),
            ("J. Smith", "J. Smith"),
        ],
    )
    def test_one_spelling_is_kept(self, written: str, kept: str) -> None:
        assert tidy_name(written) == kept

    def test_a_glyph_variant_is_kept_and_found_without_it(self) -> None:
        assert tidy_name("葛\U000e0100小明") == "葛\U000e0100小明"
        assert fold_name("葛\U000e0100 小明") == "葛小明"


class TestDigits:
    @pytest.mark.parametrize("value", ["", None, "²", "①", "٣", "-1", "1.0", "9" * 19])
    def test_what_is_no_number(self, value: str | None) -> None:
        assert read_digits(value) is None

    def test_the_longest_row_number_fits(self) -> None:
        assert read_digits("9" * 18) == 10**18 - 1
        assert (read_year("2026"), read_year("26"), read_year("02026")) == (2026, None, None)


def test_line_breaks_count_once() -> None:
    assert one_break("一\r\n二\r三\u2028四") == "一\n二\n三\n四"
