"""The first filling of the working calendar, from the chinesecalendar package.

Used by seeding only: at run time the calendar is the editable table, because the package refuses every
year whose notice it does not know and cannot be corrected by an office.
"""

from collections.abc import Mapping
from types import MappingProxyType

from chinese_calendar.constants import Holiday, holidays, workdays

from liaison.calendar.workdays import YearNotLoaded, YearPlan

# The package shortens three festivals and spells out the one-off holiday of 2015-09-03; here each is named
# as the State Council's notices name it.
_NAMES = {
    Holiday.tomb_sweeping_day: "清明节",
    Holiday.dragon_boat_festival: "端午节",
    Holiday.mid_autumn_festival: "中秋节",
    Holiday.anti_fascist_70th_day: "抗战胜利纪念日",
}


def covered_years() -> range:
    """The years the installed package knows."""
    return range(min(holidays).year, max(holidays).year + 1)


def year_plan(year: int) -> YearPlan:
    """The State Council's arrangement of ``year``; ``YearNotLoaded`` when the package lacks it."""
    if year not in covered_years():
        raise YearNotLoaded(year)
    off = {day: name for day, name in holidays.items() if day.year == year}
    worked = {day: name for day, name in workdays.items() if day.year == year}
    names = {day: _chinese_name(name) for day, name in sorted((off | worked).items())}
    return YearPlan(year, frozenset(off), frozenset(worked), MappingProxyType(names))


def year_plans() -> Mapping[int, YearPlan]:
    """Every year the package covers."""
    return {year: year_plan(year) for year in covered_years()}


def _chinese_name(english: str) -> str:
    holiday = Holiday(english)
    return _NAMES.get(holiday, str(holiday.chinese))
