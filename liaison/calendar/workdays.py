"""Working days of the People's Republic of China, with 调休 (weekend days worked in exchange).

Counting: the day of the event is not counted (民法典 Art. 201), and a period whose last day is a day off
ends on the next working day (Art. 203). Which days are worked is laid down year by year by the State
Council, so a calendar knows only the years that were loaded: ``WorkCalendar`` refuses any other with
``YearNotLoaded``; ``ProvisionalCalendar`` estimates it and says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from liaison.words.enums import DeadlineUnit
from liaison.words.errors import Refused

CHINA = ZoneInfo("Asia/Shanghai")
ONE_DAY = timedelta(days=1)
WEEKDAY_NAMES = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")

_SATURDAY = 5

# What the law itself fixes by date: 《全国年节及纪念日放假办法》(国务院令第795号, in force 2025-01-01) gives
# one day to 元旦, two to 劳动节, three to 国庆节. The lunar festivals and every 调休 wait for the notice.
_FIXED_HOLIDAYS = {
    (1, 1): "元旦",
    (5, 1): "劳动节",
    (5, 2): "劳动节",
    (10, 1): "国庆节",
    (10, 2): "国庆节",
    (10, 3): "国庆节",
}


class YearNotLoaded(Refused):
    """The State Council's notice for ``year`` is not in the calendar (answered with 409)."""

    def __init__(self, year: int) -> None:
        super().__init__(f"{year}年的放假安排尚未载入工作日历，不能推算工作日。")
        self.year = year

    def __reduce__(self) -> tuple[type["YearNotLoaded"], tuple[int]]:
        return (type(self), (self.year,))


def china_date(moment: datetime) -> date:
    """The calendar day of ``moment`` in Asia/Shanghai; ``ValueError`` for a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(CHINA).date()


def weekday_name(day: date) -> str:
    """周一 … 周日."""
    return WEEKDAY_NAMES[day.weekday()]


@dataclass(frozen=True, slots=True)
class YearPlan:
    """One year as the State Council arranged it: days off, weekend days worked, their festival names.

    ``holidays`` may or may not include the weekend days inside a break. ``ValueError`` when a day lies in
    another year, is both off and worked, or a make-up day is not on a weekend.
    """

    year: int
    holidays: frozenset[date]
    makeup_workdays: frozenset[date]
    names: Mapping[date, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def __post_init__(self) -> None:
        strangers = {day for day in self.holidays | self.makeup_workdays if day.year != self.year}
        if strangers:
            raise ValueError(f"{min(strangers)} does not lie in {self.year}")
        if self.holidays & self.makeup_workdays:
            raise ValueError(f"{min(self.holidays & self.makeup_workdays)} is both a holiday and worked")
        if any(day.weekday() < _SATURDAY for day in self.makeup_workdays):
            raise ValueError("a make-up working day lies on a weekend")

    def is_workday(self, day: date) -> bool:
        return day in self.makeup_workdays or (day.weekday() < _SATURDAY and day not in self.holidays)


@cache
def provisional_plan(year: int) -> YearPlan:
    """What can be known before the notice: weekends and the holidays fixed by date."""
    names = {date(year, month, day): name for (month, day), name in _FIXED_HOLIDAYS.items()}
    return YearPlan(year, frozenset(names), frozenset(), MappingProxyType(names))


class WorkCalendar:
    """The loaded years; every question about another year raises ``YearNotLoaded``."""

    def __init__(self, plans: Mapping[int, YearPlan]) -> None:
        """``plans`` maps each year to its own plan; ``ValueError`` when a key and its plan disagree."""
        if any(year != plan.year for year, plan in plans.items()):
            raise ValueError("a plan is filed under another year")
        self.plans: Mapping[int, YearPlan] = MappingProxyType(dict(plans))

    def plan_of(self, year: int) -> YearPlan:
        try:
            return self.plans[year]
        except KeyError:
            raise YearNotLoaded(year) from None

    def covers(self, day: date) -> bool:
        """Whether the notice for this day's year is loaded."""
        return day.year in self.plans

    def is_workday(self, day: date) -> bool:
        return self.plan_of(day.year).is_workday(day)

    def holiday_name(self, day: date) -> str:
        """劳动节 …; 节假日 for an unnamed holiday; empty for working days and plain weekends."""
        plan = self.plan_of(day.year)
        return (plan.names.get(day) or "节假日") if day in plan.holidays else ""

    def is_makeup_workday(self, day: date) -> bool:
        return day in self.plan_of(day.year).makeup_workdays

    def next_workday(self, day: date) -> date:
        """``day`` itself when it is worked, else the first working day after it (顺延)."""
        while not self.is_workday(day):
            day += ONE_DAY
        return day

    def add_workdays(self, start: date, n: int) -> date:
        """The ``n``-th working day after ``start``, which is itself not counted.

        ``n`` = 0 gives ``next_workday(start)``; ``ValueError`` for a negative ``n``.
        """
        if n < 0:
            raise ValueError("working days are counted forward")
        if n == 0:
            return self.next_workday(start)
        day, left = start, n
        while left:
            day += ONE_DAY
            left -= self.is_workday(day)
        return day

    def workdays_between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and including ``end``; negative when ``end`` is earlier."""
        if end < start:
            return -self.workdays_between(end, start)
        return sum(self.is_workday(day) for day in days_after(start, end))

    def provisional(self) -> "ProvisionalCalendar":
        """The same years, with every other year estimated."""
        return ProvisionalCalendar(self.plans)


class ProvisionalCalendar(WorkCalendar):
    """Loaded years as loaded; any other year as ``provisional_plan`` estimates it. Never refuses."""

    def plan_of(self, year: int) -> YearPlan:
        return self.plans.get(year) or provisional_plan(year)


def days_after(start: date, end: date) -> Iterator[date]:
    """Each day after ``start`` up to and including ``end``."""
    for offset in range(1, (end - start).days + 1):
        yield start + timedelta(days=offset)


@dataclass(frozen=True, slots=True)
class Break:
    """Consecutive days off that hold a festival, from the first to the last day of the festival."""

    first: date
    last: date
    name: str


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a date was reached, to be shown beside it and checked by hand.

    ``nominal`` is where the period ended before it was rolled; equal to ``result`` when it was not.
    ``breaks`` and ``makeup_workdays`` are filled for periods counted in working days only.
    """

    start: date
    length: int
    unit: DeadlineUnit
    nominal: date
    result: date
    breaks: tuple[Break, ...] = ()
    makeup_workdays: tuple[date, ...] = ()
    roll_reason: str = ""
    provisional_years: tuple[int, ...] = ()

    @property
    def is_provisional(self) -> bool:
        return bool(self.provisional_years)

    def text(self) -> str:
        """自4月24日起10个工作日，除去5月1日至5日（劳动节），计入4月27日（周日上班），至5月12日."""
        days = _DayWriter(self.start, with_years=self.start.year != self.result.year)
        parts = [f"自{days.write(self.start)}起{self.length}{self.unit.label}"]
        if self.breaks:
            left_out = (f"{days.write_span(b.first, b.last)}（{b.name}）" for b in self.breaks)
            parts.append("除去" + "、".join(left_out))
        if self.makeup_workdays:
            worked = (f"{days.write(d)}（{weekday_name(d)}上班）" for d in self.makeup_workdays)
            parts.append("计入" + "、".join(worked))
        parts.append(self._ending(days))
        return "，".join(parts) + self._caution()

    def _ending(self, days: "_DayWriter") -> str:
        if self.unit == DeadlineUnit.MONTHS and self.nominal.day != self.start.day:
            return f"当月没有{self.start.day}日，以月末为准，{self._last_day(days)}"
        return self._last_day(days)

    def _last_day(self, days: "_DayWriter") -> str:
        if self.result == self.nominal:
            return f"至{days.write(self.result)}"
        return f"届满日{days.write(self.nominal)}逢{self.roll_reason}，顺延至{days.write(self.result)}"

    def _caution(self) -> str:
        if not self.provisional_years:
            return ""
        years = "、".join(f"{year}年" for year in self.provisional_years)
        return f"（{years}放假安排尚未公布，暂按周末和固定日期的节假日推算）"


class _DayWriter:
    """Writes days as an office does: the month, or the year, only where it changes the reading."""

    def __init__(self, start: date, *, with_years: bool) -> None:
        self._year = 0 if with_years else start.year

    def write(self, day: date) -> str:
        year = "" if day.year == self._year else f"{day.year}年"
        self._year = day.year
        return f"{year}{day.month}月{day.day}日"

    def write_span(self, first: date, last: date) -> str:
        if first == last:
            return self.write(first)
        head = self.write(first)
        same_month = (first.year, first.month) == (last.year, last.month)
        return f"{head}至{last.day}日" if same_month else f"{head}至{self.write(last)}"


def derive_workdays(start: date, n: int, calendar: WorkCalendar) -> Derivation:
    """``n`` working days after ``start``, with what was left out and counted in on the way."""
    result = calendar.add_workdays(start, n)
    counted = list(days_after(start, result))
    return Derivation(
        start=start,
        length=n,
        unit=DeadlineUnit.WORKDAYS,
        nominal=result,
        result=result,
        breaks=tuple(_breaks(counted, calendar)),
        makeup_workdays=tuple(day for day in counted if calendar.is_makeup_workday(day)),
        provisional_years=_estimated_years(counted, calendar),
    )


def _estimated_years(days: list[date], calendar: WorkCalendar) -> tuple[int, ...]:
    return tuple(sorted({day.year for day in days if not calendar.covers(day)}))


def _breaks(days: list[date], calendar: WorkCalendar) -> Iterator[Break]:
    """Runs of consecutive days off among ``days`` that contain a festival; plain weekends are no break.

    A counted period ends on a working day, so every run is closed by one.
    """
    run: list[date] = []
    for day in days:
        if not calendar.is_workday(day):
            run.append(day)
            continue
        yield from _as_break(run, calendar)
        run = []


def _as_break(run: list[date], calendar: WorkCalendar) -> Iterator[Break]:
    festival = [day for day in run if calendar.holiday_name(day)]
    if festival:
        # dict.fromkeys keeps the order and drops repeats: 国庆节、中秋节.
        names = dict.fromkeys(calendar.holiday_name(day) for day in festival)
        yield Break(festival[0], festival[-1], "、".join(names))


def day_off_reason(day: date, calendar: WorkCalendar) -> str:
    """Why ``day`` is not worked: the festival's name, else 周六 or 周日; empty when it is worked."""
    if calendar.is_workday(day):
        return ""
    return calendar.holiday_name(day) or weekday_name(day)
