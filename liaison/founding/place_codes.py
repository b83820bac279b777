"""Codes of places: what an official code says, and the scope code a new place gets.

Official codes (GB/T 2260, GB/T 10114) have two digits for the province, two for the prefecture, two for the
county, three for township or street and three for the village. A scope code has the same twelve digits: a
place whose official code is free there gets it, every other one the highest free number of its parent, where
official codes do not reach.
"""

from collections.abc import Collection

from liaison.words.enums import JurisdictionLevel as Level

# How many digits of the twelve a level's own code has; what is left over is the interval below it.
DIGITS = {
    Level.NATION: 0,
    Level.PROVINCE: 2,
    Level.PREFECTURE: 4,
    Level.COUNTY: 6,
    Level.TOWNSHIP: 9,
    Level.STREET: 9,
    Level.VILLAGE: 12,
}
_FULL = 12
# The first of the three digits of a township's code: 0 is a street, 1 and 2 are towns, 3 other units.
_STREET = "0"

PROVINCES = {
    "11": "北京市", "12": "天津市", "13": "河北省", "14": "山西省", "15": "内蒙古自治区", "21": "辽宁省",
    "22": "吉林省", "23": "黑龙江省", "31": "上海市", "32": "江苏省", "33": "浙江省", "34": "安徽省",
    "35": "福建省", "36": "江西省", "37": "山东省", "41": "河南省", "42": "湖北省", "43": "湖南省",
    "44": "广东省", "45": "广西壮族自治区", "46": "海南省", "50": "重庆市", "51": "四川省",
    "52": "贵州省", "53": "云南省", "54": "西藏自治区", "61": "陕西省", "62": "甘肃省", "63": "青海省",
    "64": "宁夏回族自治区", "65": "新疆维吾尔自治区", "71": "台湾省", "81": "香港特别行政区",
    "82": "澳门特别行政区",
}  # fmt: skip


def width(level: Level) -> int:
    """How many scope codes a place of the level has for itself and everything below it."""
    return int(10 ** (_FULL - DIGITS[level]))


def bare(code: str) -> str:
    """An official code without the zeros that only fill it up: 140702000000 is 140702."""
    if len(code) not in (6, 9, 12):
        return code
    for digits in (9, 6, 4, 2):
        if len(code) > digits and not code[digits:].strip("0"):
            code = code[:digits]
    return code


def level_of(code: str) -> Level | None:
    """What the bare official code is the code of; ``None`` for a length that means nothing."""
    if len(code) == DIGITS[Level.TOWNSHIP]:
        return Level.STREET if code[6] == _STREET else Level.TOWNSHIP
    lengths = {
        DIGITS[level]: level for level in (Level.PROVINCE, Level.PREFECTURE, Level.COUNTY, Level.VILLAGE)
    }
    return lengths.get(len(code))


def scope_for(level: Level, code: str, parent: tuple[int, int], taken: Collection[int]) -> int:
    """The scope code of a new place below ``parent`` (its interval); ``ValueError`` when there is no room.

    ``taken``: the scope codes in use. ``code``: the bare official code, or "" when it is not known.
    """
    low, high, step = *parent, width(level)
    if len(code) == DIGITS[level]:
        natural = int(code.ljust(_FULL, "0"))
        if low < natural < high and natural not in taken:
            return natural
    for start in range(high - step, low, -step):
        if start not in taken:
            return start
    raise ValueError("no scope code is left below this place")
