"""Dates of a roster in every shape offices write them.

Pure. Birth dates are kept by month (the first of it); election days need the day.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from deputies.roster.cells import Outcome, chinese_number, error, note, warning
from liaison.sheets.grid import ORIGIN_1900
from liaison.words.text import fold_width

_HAN = "〇零○一二三四五六七八九十"
_SEPARATOR = r"\s*[.．。、,，\-－—–/／年]\s*"
_CLOCK = r"(?:[ T]0{1,2}:00(?::00)?)?"
_YEAR_MONTH = re.compile(rf"(\d{{4}}){_SEPARATOR}(\d{{1,2}})\s*月?(?:份|生)?")
_YEAR_MONTH_DAY = re.compile(
    rf"(\d{{4}}){_SEPARATOR}(\d{{1,2}})\s*[.．\-－/／、月]\s*(\d{{1,2}})\s*[日号]?{_CLOCK}"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_IN_HAN = re.compile(rf"([{_HAN}]{{2,4}})年([{_HAN}]{{1,3}})月(?:([{_HAN}]{{1,3}})[日号])?")
_SHORT_YEAR = re.compile(rf"(\d{{2}}){_SEPARATOR}(\d{{1,2}})月?")
_SERIAL = re.compile(r"\d{5}(?:\.0+)?")
_OPEN_MONTH = re.compile(r"(\d{4}|\d{2})\.1")
_TWO_DIGIT_MONTH = re.compile(r"(?:\d{4}|\d{2})\.0[1-9]")
_ONE_DIGIT_MONTH = re.compile(r"(?:\d{4}|\d{2})\.[2-9]")
#: Nobody born after 1999 writes two digits of a year so that it could be told.
_FIRST_SHORT_YEAR = 30

_BIRTH_SHAPE = "出生年月应写成“1975.10”或“1975年10月”，请核对。"
_DAY_SHAPE = "当选日期应写成“2021-04-20”或“2021年4月20日”，请核对。"


@dataclass(frozen=True, slots=True)
class Parts:
    """Year, month and day as written; ``is_plain`` when the shape leaves nothing to explain."""

    year: int
    month: int
    day: int | None = None
    is_plain: bool = True


class UnclearDateError(ValueError):
    """The text allows two readings; the message says which."""


def read_born_on(
    text: str,
    *,
    today: dt.date,
    is_number: bool | None = False,
    two_digit_months: bool = False,
    serial_origin: dt.date = ORIGIN_1900,
) -> Outcome[dt.date]:
    """A birth month as the first of that month.

    "1975.1", and "75.1" alike, may be January, or October whose zero a number cell has lost:
    ``is_number`` says whether the cell was a number (``None``: a CSV, nobody knows),
    ``two_digit_months`` whether the column writes January as ".01" elsewhere. Where that does not
    settle it, it is asked.
    """
    if not text:
        return Outcome(findings=error("未填写出生年月，请补填。"))
    folded = fold_width(text)
    try:
        if found := _OPEN_MONTH.fullmatch(folded):
            year = _full_year(folded, int(found[1])) if len(found[1]) == 2 else int(found[1])
            return _open_month(folded, year, is_number is not False, two_digit_months)
        parts = _parts(folded, serial_origin)
    except UnclearDateError as unclear:
        return Outcome(findings=error(str(unclear)))
    if parts is None:
        return Outcome(findings=error(_BIRTH_SHAPE))
    return _month(parts, today)


def _open_month(folded: str, year: int, may_be_number: bool, two_digit_months: bool) -> Outcome[dt.date]:
    if may_be_number and two_digit_months:
        return Outcome(
            dt.date(year, 10, 1),
            warning(f"“{folded}”末尾的0可能被表格软件省去，按{year}年10月导入，请核对是否为1月。"),
        )
    if may_be_number or two_digit_months:
        text = f"“{folded}”可能是{year}年1月，也可能是{year}年10月，请写成“{year}.01”或“{year}.10”。"
        return Outcome(findings=error(text))
    return Outcome(dt.date(year, 1, 1), note(f"按{year}年1月导入。"))


def _month(parts: Parts, today: dt.date) -> Outcome[dt.date]:
    if not 1 <= parts.month <= 12:
        return Outcome(findings=error("月份应在1至12之间，请核对出生年月。"))
    if _day(parts) is None and parts.day is not None:
        return Outcome(findings=error("没有这一天，请核对出生年月。"))
    if not 1900 <= parts.year <= today.year or (parts.year, parts.month) > (today.year, today.month):
        return Outcome(findings=error("出生年月不合常理，请核对年份。"))
    born = dt.date(parts.year, parts.month, 1)
    if parts.day not in (None, 1):
        return Outcome(born, note(f"只登记到月，按{born.year}年{born.month}月导入。"))
    return Outcome(born, () if parts.is_plain else note(f"按{born.year}年{born.month}月导入。"))


def read_elected_on(
    text: str, *, general: dt.date | None, serial_origin: dt.date = ORIGIN_1900
) -> Outcome[dt.date]:
    """An election day. A month alone is taken only when it is the month of the general election."""
    if not text:
        return Outcome(None)
    try:
        parts = _parts(fold_width(text), serial_origin)
    except UnclearDateError as unclear:
        return Outcome(findings=error(str(unclear)))
    if parts is None:
        return Outcome(findings=error(_DAY_SHAPE))
    return _election_month(parts, general) if parts.day is None else _election_day(parts)


def _election_month(parts: Parts, general: dt.date | None) -> Outcome[dt.date]:
    if general and (parts.year, parts.month) == (general.year, general.month):
        return Outcome(general, note(f"只填到月，按本届换届选举日{general.isoformat()}导入。"))
    return Outcome(findings=error("当选日期应写到日，如“2021-04-20”，请补填。"))


def _election_day(parts: Parts) -> Outcome[dt.date]:
    day = _day(parts)
    if day is None:
        return Outcome(findings=error("没有这一天，请核对当选日期。"))
    return Outcome(day, () if parts.is_plain else note(f"按{day.isoformat()}导入。"))


def writes_two_digit_months(texts: Iterable[str]) -> bool:
    """Whether a column of birth months writes January to September with a zero, and never without."""
    folded = [fold_width(text) for text in texts]
    return any(_TWO_DIGIT_MONTH.fullmatch(text) for text in folded) and not any(
        _ONE_DIGIT_MONTH.fullmatch(text) for text in folded
    )


def _day(parts: Parts) -> dt.date | None:
    try:
        return dt.date(parts.year, parts.month, parts.day or 1)
    except ValueError:
        return None


def _parts(folded: str, serial_origin: dt.date) -> Parts | None:
    """Year, month, day of a text, or ``None`` when it is not a date. Raises ``UnclearDateError``."""
    if match := _YEAR_MONTH_DAY.fullmatch(folded) or _YEAR_MONTH.fullmatch(folded):
        numbers = [int(part) for part in match.groups()]
        return Parts(numbers[0], numbers[1], numbers[2] if len(numbers) == 3 else None)
    if match := _COMPACT.fullmatch(folded):
        return Parts(int(match[1]), int(match[2]), int(match[3]) if match[3] else None, is_plain=False)
    if match := _IN_HAN.fullmatch(folded):
        return _from_han(match)
    if _SERIAL.fullmatch(folded):
        return _from_serial(int(folded[:5]), serial_origin)
    match = _SHORT_YEAR.fullmatch(folded)
    return _from_short_year(folded, int(match[1]), int(match[2])) if match else None


def _from_han(match: re.Match[str]) -> Parts | None:
    year, month = chinese_number(match[1]), chinese_number(match[2])
    day = chinese_number(match[3]) if match[3] else None
    if year is None or month is None or (match[3] and day is None):
        return None
    if len(match[1]) == 2:
        return _from_short_year(match[0], year, month)
    return Parts(year, month, day, is_plain=False)


def _from_serial(serial: int, origin: dt.date) -> Parts:
    """A date kept as a number of days since ``origin``; refused where it could also be a year and a month."""
    if serial // 1000 in (19, 20) and serial % 10 != 0:
        raise UnclearDateError("日期写成了数字，不能确定年月，请写成“1975.10”或“2021-04-20”这样的格式。")
    day = origin + dt.timedelta(days=serial)
    return Parts(day.year, day.month, day.day, is_plain=False)


def _from_short_year(text: str, year: int, month: int) -> Parts:
    return Parts(_full_year(text, year), month, is_plain=False)


def _full_year(text: str, short: int) -> int:
    if short < _FIRST_SHORT_YEAR:
        raise UnclearDateError(f"“{text}”的年份不完整，请写成四位数的年份。")
    return 1900 + short
