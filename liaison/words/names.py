"""Sort keys for Chinese names: by strokes (按姓名笔画排列) and by pinyin.

Pure: text in, text out. Keys are digits and small letters only, so any database collation sorts them alike,
and never longer than ``KEY_LENGTH``; they are stored beside the name and recomputed with it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from string import ascii_lowercase
from typing import Any

from pypinyin import Style, pinyin

#: Longest key in characters; a name of more than about sixteen characters is sorted by its beginning.
KEY_LENGTH = 200

#: The characters of 《通用规范汉字表》 by number of strokes; the file says where its order comes from.
STROKE_TABLE = Path(__file__).with_name("stroke_table.txt")


def _read_strokes(text: str) -> dict[int, str]:
    """Number of strokes -> every character of that many strokes, in stroke order."""
    lines = (line.split(" ") for line in text.splitlines() if not line.startswith("#"))
    return {int(count): chars for count, chars in lines}


CHARACTERS_BY_STROKES = _read_strokes(STROKE_TABLE.read_text(encoding="utf-8"))
_PLACES = {
    char: f"{place:04d}" for place, char in enumerate("".join(CHARACTERS_BY_STROKES.values()), start=1)
}

#: Surnames of two characters (《百家姓》 and later ones).
_COMPOUND_SURNAMES = frozenset(
    re.findall(
        "..",
        "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容"
        "仲孙钟离长孙宇文司徒鲜于司空闾丘子车亓官司寇巫马公西令狐段干百里呼延东郭南门西门轩辕第五单于乐正"
        "宰父梁丘左丘壤驷公良拓跋羊舌微生漆雕东里颛孙夹谷谷梁淳于叱干纳兰完颜那拉富察",
    )
)

#: Surnames read otherwise than the same characters elsewhere.
_SURNAME_READINGS = dict(
    re.findall(
        r"(\w+):([a-z0-9 ]+)(?:,|$)",
        "单:shan4,仇:qiu2,区:ou1,查:zha1,任:ren2,曾:zeng1,解:xie4,翟:zhai2,盖:ge3,朴:piao2,缪:miao4,繁:po2,"
        "覃:qin2,宁:ning4,折:she2,召:shao4,秘:bi4,乜:nie4,员:yun4,贠:yun4,种:chong2,洗:xian3,那:na1,华:hua4,"
        "燕:yan1,应:ying1,哈:ha3,过:guo1,祭:zhai4,郇:xun2,佴:nai4,要:yao1,么:yao1,阚:kan4,於:yu1,能:nai4,"
        "薄:bo2,占:zhan1,都:du1,纪:ji3,牟:mu4,粘:nian2,干:gan1,藏:zang1,肖:xiao1,句:gou1,便:pian2,颉:xie2,"
        "俱:ju1,炅:gui4,卜:bu3,不:fou1,令:ling2,乐:yue4,车:che1,尉:wei4,谌:chen2,葛:ge3,冼:xian3,少:shao4,尹:yin3,"
        "万俟:mo4 qi2,尉迟:yu4 chi2,令狐:ling2 hu2,长孙:zhang3 sun1,单于:chan2 yu2,澹台:tan2 tai2,"
        "乐正:yue4 zheng4,宰父:zai3 fu3,亓官:qi2 guan1,子车:zi3 ju1",
    )
)


def surname_of(name: str) -> str:
    """The surname of a Han name: two characters when it is a known compound one, else the first.

    A name with "·" or of one character has no surname to tell; its first character is returned.
    """
    letters = _letters(name)
    if len(letters) > 2 and "·" not in name and letters[:2] in _COMPOUND_SURNAMES:
        return letters[:2]
    return letters[:1]


def stroke_key(name: str, *, single_given_first: bool = False) -> str:
    """Key that sorts names 按姓名笔画: character by character, fewer strokes first, then 横竖撇点折.

    Convention (people's congresses at all levels): the first character decides, compound
    surnames included; equal first characters are decided by the second character, and so on, so
    田大利 stands before 田富; a name that is the beginning of another stands before it. Party and
    consultative conferences list 按姓氏笔画, where inside one surname names with a single given
    character come first (田富 before 田大利): ask for it with ``single_given_first``.
    Blanks and "·" do not count. Characters outside the table come last, by code point.
    Source: domain.md §2; GB 13000.1 字符集汉字字序（笔画序）规范.
    """
    letters = _letters(name)
    places = [_place(char) for char in letters]
    if single_given_first and letters:
        cut = len(surname_of(name))
        places.insert(cut, "0" if len(letters) - cut <= 1 else "1")
    return "".join(places)[:KEY_LENGTH]


def pinyin_key(name: str) -> str:
    """Key that sorts names by pinyin, then tone, then strokes: 张 and 章 do not interleave.

    Surnames are read as surnames (单 shàn, 查 zhā, 尉迟 yùchí); characters without a reading come last.
    """
    letters = _letters(name)
    pairs = zip(_readings(name), letters, strict=True)
    return "".join(f"{reading}{_place(char)}" for reading, char in pairs)[:KEY_LENGTH]


def latin_name(name: str) -> str:
    """The name in Latin letters, for the name somebody signs in with: 王建国 is wangjianguo; "" for none."""
    joined = "".join(_readings(name)).lower()
    return "".join(char for char in joined if char in ascii_lowercase)


def _letters(name: str) -> str:
    """The characters that count in sorting, composed, without blanks and separators."""
    composed = unicodedata.normalize("NFC", name)
    return "".join(char for char in composed if char.isalnum())


def _place(char: str) -> str:
    """Four digits for a character of the table; eight for any other, behind all of them."""
    return _PLACES.get(char) or f"9{ord(char):07d}"


@lru_cache(maxsize=4096)
def _readings(name: str) -> list[str]:
    """One pinyin syllable with tone digit per letter of ``name``."""
    letters = _letters(name)
    surname = surname_of(name)
    known = "" if "·" in name else _SURNAME_READINGS.get(surname, "")
    head = known.split() if known else _read(surname)
    return head + _read(letters[len(surname) :])


def _read(letters: str) -> list[str]:
    """Dictionary readings in context; a character without one is read "zz", behind every syllable."""
    if not letters:
        return []
    syllables = pinyin(letters, style=Style.TONE3, neutral_tone_with_five=True, errors=_unread)
    return [readings[0] for readings in syllables]


def _unread(letters: str) -> Any:
    """One "zz" per letter: the library takes a list here, its stub knows only text."""
    return ["zz"] * len(letters)
