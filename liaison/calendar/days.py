"""Which days can be meant: four-digit years, and how long ago is too long without a second look.

A browser's date box sends "26" as the year 0026, which would open a new series of numbers. Pure.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from liaison.words.errors import InvalidInput

EARLIEST, LATEST = date(1900, 1, 1), date(2099, 12, 31)
#: Records and numbers begin with the century: no case, paper or plan is older than this.
FIRST_YEAR, LAST_YEAR = 2000, 2099
FIRST_DAY = date(FIRST_YEAR, 1, 1)
#: Beyond this a day somebody brought is rather mistyped than meant.
YEARS_BACK = 5

WRONG_YEAR = "年份请写四位数，如2026。"


def year_fault(day: date) -> str:
    """Why nobody can mean ``day``; "" when somebody can."""
    return "" if EARLIEST <= day <= LATEST else WRONG_YEAR


def require_days(**days: date | None) -> None:
    """``InvalidInput`` at each field whose day lies outside 1900 to 2099; ``None`` passes."""
    refuse({name: year_fault(day) for name, day in days.items() if day is not None})


def refuse(faults: Mapping[str, str]) -> None:
    """``InvalidInput`` with the faults that say something."""
    if wrong := {name: fault for name, fault in faults.items() if fault}:
        raise InvalidInput(wrong)


def day_words(day: date) -> str:
    """2026年5月12日."""
    return f"{day.year}年{day.month}月{day.day}日"


def years_before(day: date, years: int) -> date:
    """The same day ``years`` earlier or, with a negative number, later; 29 February becomes the 28th."""
    year = min(max(day.year - years, 1), 9999)
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def bounds(
    today: date,
    *,
    earliest: date = EARLIEST,
    latest: date = LATEST,
    years_back: int | None = None,
    years_ahead: int | None = None,
) -> tuple[date, date]:
    """The first and the last day that can be meant, seen from ``today``; ``None`` does not narrow."""
    first = earliest if years_back is None else max(earliest, years_before(today, years_back))
    last = latest if years_ahead is None else min(latest, years_before(today, -years_ahead))
    return first, last


def span_fault(day: date, today: date, *, label: str, **limits: Any) -> str:
    """Why ``day`` lies outside its `bounds`; "" when it lies inside."""
    first, last = bounds(today, **limits)
    if not EARLIEST <= day <= LATEST:
        return WRONG_YEAR
    if day > last:
        return f"{label}不能晚于{'今天' if last == today else day_words(last)}，请核对。"
    if day < first:
        return f"{label}不能早于{day_words(first)}，请核对。"
    return ""


def is_long_ago(day: date, today: date) -> bool:
    """More than `YEARS_BACK` years before ``today``."""
    return day < years_before(today, YEARS_BACK)


def past_day_fault(day: date, today: date, *, label: str, is_old_day_meant: bool) -> str:
    """What is wrong with the day of something that has happened; "" when nothing is.

    A day long ago passes only when whoever typed it has said that it is meant (``is_old_day_meant``), and
    never before the year 2000, from which the numbers run.
    """
    if day.year < FIRST_YEAR or day > LATEST:
        return WRONG_YEAR
    if day > today:
        return f"{label}不能晚于今天。"
    if is_long_ago(day, today) and not is_old_day_meant:
        return f"{label}距今已超过{YEARS_BACK}年，请核对年份；确实无误的，勾选“日期无误”后再提交。"
    return ""


def numbered_year(year: int) -> int:
    """``year`` when numbers may be issued in it; ``ValueError`` outside 2000 to 2099."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"no numbers are issued in the year {year}")
    return year
