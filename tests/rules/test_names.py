"""Names in stroke order and in pinyin order, against cases anyone can count by hand."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liaison.words.names import (
    CHARACTERS_BY_STROKES,
    KEY_LENGTH,
    pinyin_key,
    stroke_key,
    surname_of,
)


@pytest.mark.parametrize(
    ("char", "strokes"),
    [
        *(("丁", 2), ("于", 3), ("马", 3), ("王", 4), ("孔", 4), ("石", 5), ("田", 5), ("刘", 6), ("李", 7)),
        *(
            ("张", 7),
            ("陈", 7),
            ("欧", 8),
            ("赵", 9),
            ("郝", 9),
            ("唐", 10),
            ("黄", 11),
            ("彭", 12),
            ("喆", 12),
        ),
        *(("赖", 13), ("雷", 13), ("谭", 14), ("镕", 15), ("薛", 16), ("戴", 17), ("魏", 17), ("瞿", 18)),
        *(("𬱖", 11), ("䶮", 9), ("凸", 5), ("鼎", 12), ("肃", 8), ("乃", 2), ("及", 3), ("𠳐", 9)),
    ],
)
def test_stroke_counts_follow_the_national_standard(char: str, strokes: int) -> None:
    assert [count for count, chars in CHARACTERS_BY_STROKES.items() if char in chars] == [strokes]


def test_table_holds_every_standard_character_once() -> None:
    chars = "".join(CHARACTERS_BY_STROKES.values())
    assert (len(chars), len(set(chars))) == (8105, 8105)


def test_surnames_stand_in_stroke_order() -> None:
    keys = [stroke_key(surname) for surname in "丁于马王毛文孔石叶田史冯宁吕刘李张陈林欧罗赵郝高唐黄彭雷谭魏"]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("王芳", "文芳"),  # four strokes each: 横 before 点
        ("王芳", "毛芳"),  # 横 before 撇
        ("林海", "欧海"),  # eight each, both begin with 横: 竖 before 撇
        ("李明", "吴明"),  # seven each: 横 before 竖
        ("王一鸣", "王大鸣"),
        ("欧阳少东", "洪少东"),  # the first character decides, compound surname or not
        ("张三", "张三丰"),
        ("十全", "丁全"),  # same strokes: 竖 before its variant 竖钩
        ("李明", "龘明"),  # unknown characters last
        ("龘明", "龘明明"),
    ],
)
def test_first_stands_before_second(first: str, second: str) -> None:
    assert stroke_key(first) < stroke_key(second)


def test_single_given_names_follow_the_convention_asked_for() -> None:
    assert stroke_key("田大利") < stroke_key("田富")
    both = [stroke_key(name, single_given_first=True) for name in ("田富", "田大利")]
    assert both == sorted(both)
    compound = [stroke_key(name, single_given_first=True) for name in ("欧阳震", "欧阳一丁")]
    assert compound == sorted(compound)


def test_dots_and_blanks_do_not_count() -> None:
    assert stroke_key("阿依古丽·买买提") == stroke_key("阿依 古丽买买提")
    assert pinyin_key("阿依古丽·买买提") == pinyin_key("阿依古丽•买买提")


@pytest.mark.parametrize(
    ("name", "surname"),
    [
        ("欧阳娜", "欧阳"),
        ("王建国", "王"),
        ("司马", "司"),
        ("阿依古丽·买买提", "阿"),
        ("", ""),
        ("尉迟恭", "尉迟"),
    ],
)
def test_surname(name: str, surname: str) -> None:
    assert surname_of(name) == surname


@pytest.mark.parametrize(
    ("name", "syllables"),
    [
        ("单雄信", "shan xiong xin"),
        ("查良镛", "zha liang yong"),
        ("尉迟恭", "yu chi gong"),
        ("单于夫", "chan yu fu"),
        ("单于", "shan yu"),
        ("曾国藩", "zeng guo fan"),
        ("任建设", "ren jian she"),
        ("赵𬱖", "zhao di"),
        ("区大同", "ou da tong"),
        ("吕绿", "lv lv"),
        *(
            ("薄建国", "bo jian guo"),
            ("占山", "zhan shan"),
            ("都玉秀", "du yu xiu"),
            ("粘国栋", "nian guo dong"),
        ),
        *(("牟建国", "mu jian guo"), ("藏玉秀", "zang yu xiu")),
    ],
)
def test_pinyin_reads_surnames_as_surnames(name: str, syllables: str) -> None:
    assert re.findall("[a-z]+", pinyin_key(name)) == syllables.split()


@pytest.mark.parametrize(
    ("name", "key"), [("占山", "zhan1"), ("纪建国", "ji3"), ("干建国", "gan1"), ("肖建国", "xiao1")]
)
def test_surnames_have_their_own_tone(name: str, key: str) -> None:
    assert pinyin_key(name).startswith(key)


def test_pinyin_order_groups_equal_surnames() -> None:
    keys = [pinyin_key(name) for name in ("安然", "单雄信", "王芳", "王军", "张安", "张伟", "章安", "章伟")]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


@given(st.text(max_size=80), st.booleans())
def test_keys_never_fail_and_stay_short_and_plain(name: str, single: bool) -> None:
    keys = (stroke_key(name, single_given_first=single), pinyin_key(name))
    assert all(len(key) <= KEY_LENGTH and re.fullmatch("[a-z0-9]*", key) for key in keys)
