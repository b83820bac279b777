"""Reception days as rules, not as code: which days, what 第一周 means, what happens on a day off.

A rule is data (``rule_to_data``/``rule_from_data`` carry it through a JSON column). ``nominal_dates`` says
which days the rule names: recurrences of RFC 5545, computed by dateutil's ``rrule``. ``planned_dates`` puts
them on working days, which no library knows. ``recurrence_words`` writes a rule down. domain.md section 4
lists the practices these kinds come from.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any

from dateutil.rrule import MO, MONTHLY, WEEKLY, rrule, weekday

from liaison.calendar.workdays import ONE_DAY, WorkCalendar, day_off_reason, weekday_name
from liaison.words.errors import InvalidInput
from liaison.words.labelled import LabelledEnum

Day = date  # the type, where ``date`` is the name of a field
LAST = -1
_WEEK = timedelta(days=7)
# The week that holds the 1st, or the last full week, may lie partly in the month before or after.
_MARGIN = timedelta(days=38)
_MOST_FULL_WEEKS = 4


class RuleKind(LabelledEnum):
    NTH_WEEKDAY = "nth_weekday", "每月第几周的周几"
    MONTH_DAYS = "month_days", "每月固定日期"
    WEEKLY = "weekly", "每周固定日子"
    MARKET_DAYS = "market_days", "逢集（圩）日"
    DATES = "dates", "指定日期"


class FirstWeek(LabelledEnum):
    """What 每月第一周 means; the seed does not say, so the choice is stored and shown."""

    FIRST_WEEKDAY = "first_weekday", "当月第一个该日"
    FIRST_FULL_WEEK = "first_full_week", "当月第一个完整周（周一至周日）"
    ISO_FIRST_WEEK = "iso_first_week", "当月1日所在的一周"


class Months(LabelledEnum):
    EVERY = "every", "每月"
    ODD = "odd", "逢单月"
    EVEN = "even", "逢双月"
    QUARTERLY = "quarterly", "每季度首月"


# What ``rrule`` calls BYMONTH; none means every month.
_BYMONTH: Mapping[Months, tuple[int, ...] | None] = {
    Months.EVERY: None,
    Months.ODD: (1, 3, 5, 7, 9, 11),
    Months.EVEN: (2, 4, 6, 8, 10, 12),
    Months.QUARTERLY: (1, 4, 7, 10),
}


class OnDayOff(LabelledEnum):
    POSTPONE = "postpone", "顺延"
    SKIP = "skip", "取消"
    KEEP = "keep", "照常"


class ThemeOn(LabelledEnum):
    """Which receptions of a rule are 主题接待日; "first" means the first one held, moved or not."""

    EVERY_TIME = "every_time", "每次"
    MONTH = "month", "每月第一次"
    QUARTER = "quarter", "每季度第一次"
    HALF_YEAR = "half_year", "每半年第一次"


THEME_LENGTH = 60
_THEME_MONTHS = {ThemeOn.MONTH: 1, ThemeOn.QUARTER: 3, ThemeOn.HALF_YEAR: 6}


@dataclass(frozen=True, slots=True)
class Rule:
    """One reception rule of one station. ``InvalidInput`` when it could never name a day.

    ``weekdays`` are ISO (Monday 1 … Sunday 7); ``nths`` 1 … 5 or ``LAST``; ``month_days`` 1 … 31 or
    ``LAST`` (a month without such a day has none); ``digits`` the last digits of market days in the solar
    month; ``opening`` pairs of times. ``keeps_weekends``: a plain weekend is no day off for this rule
    (a market on Sunday), only festivals are. ``valid_from``/``valid_until`` bound the nominal day. ``theme``
    is what the days of ``theme_on`` are devoted to; empty for none.
    """

    kind: RuleKind
    weekdays: tuple[int, ...] = ()
    nths: tuple[int, ...] = ()
    first_week: FirstWeek = FirstWeek.FIRST_WEEKDAY
    month_days: tuple[int, ...] = ()
    digits: tuple[int, ...] = ()
    dates: tuple[date, ...] = ()
    months: Months = Months.EVERY
    opening: tuple[tuple[time, time], ...] = ()
    on_day_off: OnDayOff = OnDayOff.POSTPONE
    keeps_weekends: bool = False
    valid_from: date | None = None
    valid_until: date | None = None
    theme: str = ""
    theme_on: ThemeOn = ThemeOn.QUARTER

    def __post_init__(self) -> None:
        for name, allowed, words in _NEEDED[self.kind]:
            values = getattr(self, name)
            if not values or not set(values) <= set(allowed):
                raise InvalidInput({name: f"请正确填写{words}。"})
        if self.kind == RuleKind.DATES and not self.dates:
            raise InvalidInput({"dates": "请至少填写一个日期。"})
        if any(opens >= closes for opens, closes in self.opening):
            raise InvalidInput({"opening": "接待结束时间应晚于开始时间。"})
        if any(later[0] < earlier[1] for earlier, later in zip(self.opening, self.opening[1:], strict=False)):
            raise InvalidInput({"opening": "两段接待时间不能重叠，请按先后填写。"})
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise InvalidInput({"valid_until": "规则的截止日期不能早于起始日期。"})
        if len(self.theme) > THEME_LENGTH:
            raise InvalidInput({"theme": f"主题不能超过{THEME_LENGTH}个字，请精简。"})


# What each kind must hold: field, allowed values, its words on the form.
_NEEDED: Mapping[RuleKind, tuple[tuple[str, tuple[int, ...], str], ...]] = {
    RuleKind.NTH_WEEKDAY: (
        ("weekdays", tuple(range(1, 8)), "周几"),
        ("nths", (*range(1, 6), LAST), "第几周"),
    ),
    RuleKind.MONTH_DAYS: (("month_days", (*range(1, 32), LAST), "每月的日期"),),
    RuleKind.WEEKLY: (("weekdays", tuple(range(1, 8)), "周几"),),
    RuleKind.MARKET_DAYS: (("digits", tuple(range(10)), "集（圩）日的尾数"),),
    RuleKind.DATES: (),
}


@dataclass(frozen=True, slots=True)
class Planned:
    """One reception day: when, which day the rule named, why it moved, and how sure that is.

    ``merged`` are further nominal days that were postponed onto this one. ``is_provisional`` when a year
    whose calendar is not loaded decided about it.
    """

    date: Day
    nominal_date: Day
    derivation_text: str
    is_provisional: bool
    merged: tuple[Day, ...] = ()
    theme: str = ""


def nominal_dates(rule: Rule, start: date, end: date) -> list[date]:
    """The days the rule names within ``start`` … ``end`` (both included), days off or not."""
    first = max(start, rule.valid_from or start)
    last = min(end, rule.valid_until or end)
    return sorted({day for day in _named_days(rule, first, last) if first <= day <= last})


def _named_days(rule: Rule, first: date, last: date) -> Iterable[date]:
    if rule.kind == RuleKind.DATES:
        return rule.dates
    months = _BYMONTH[rule.months]
    if rule.kind == RuleKind.WEEKLY:
        return _recur(first, last, freq=WEEKLY, byweekday=_rrule_days(rule.weekdays), bymonth=months)
    if rule.kind == RuleKind.MONTH_DAYS:
        return _recur(first, last, freq=MONTHLY, bymonthday=rule.month_days, bymonth=months)
    if rule.kind == RuleKind.MARKET_DAYS:
        days = tuple(day for day in range(1, 32) if day % 10 in rule.digits)
        return _recur(first, last, freq=MONTHLY, bymonthday=days, bymonth=months)
    return _NTH_WEEKDAYS[rule.first_week](rule, first, last)


def _rrule_days(weekdays: Iterable[int]) -> list[weekday]:
    return [weekday(each - 1) for each in weekdays]


def _recur(first: date, last: date, **parts: Any) -> list[date]:
    """The days of an RFC 5545 recurrence within ``first`` … ``last``."""
    found = rrule(dtstart=_midnight(first), until=_midnight(last), **parts)
    return [moment.date() for moment in found]


def _midnight(day: date) -> datetime:
    # rrule counts in naive moments; a day of the calendar has no time zone.
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001


def _by_weekday(rule: Rule, first: date, last: date) -> list[date]:
    """The first … fifth or last such weekday of the month: BYDAY with its number."""
    days = [weekday(each - 1)(nth) for each in rule.weekdays for nth in rule.nths]
    return _recur(first, last, freq=MONTHLY, byweekday=days, bymonth=_BYMONTH[rule.months])


def _by_full_week(rule: Rule, first: date, last: date) -> Iterator[date]:
    """The weekday in the n-th week whose Monday and Sunday lie in the month: BYSETPOS over such Mondays."""
    # No month holds a fifth; rrule would look for one to the end of time.
    positions = tuple(nth for nth in rule.nths if nth <= _MOST_FULL_WEEKS)
    if not positions:
        return
    mondays = _recur(
        first - _MARGIN,
        last,
        freq=MONTHLY,
        byweekday=MO,
        # Six days of the month still follow the Monday.
        bymonthday=tuple(range(-31, -6)),
        bysetpos=positions,
        bymonth=_BYMONTH[rule.months],
    )
    for monday in mondays:
        yield from (monday + (each - 1) * ONE_DAY for each in rule.weekdays)


def _by_week_of_the_first(rule: Rule, first: date, last: date) -> Iterator[date]:
    """The weekday in the n-th week, the one that holds the 1st being the first; it may straddle months."""
    firsts = _recur(
        first.replace(day=1) - _MARGIN,
        last + _MARGIN,
        freq=MONTHLY,
        bymonthday=1,
        bymonth=_BYMONTH[rule.months],
    )
    for first_of_month in firsts:
        monday = first_of_month - first_of_month.weekday() * ONE_DAY
        weeks = (_last_of_month(first_of_month) - monday).days // 7 + 1
        for nth in rule.nths:
            if nth <= weeks:
                start = monday + ((weeks if nth == LAST else nth) - 1) * _WEEK
                yield from (start + (each - 1) * ONE_DAY for each in rule.weekdays)


def _last_of_month(first_of_month: date) -> date:
    return (first_of_month + timedelta(days=31)).replace(day=1) - ONE_DAY


_NTH_WEEKDAYS = {
    FirstWeek.FIRST_WEEKDAY: _by_weekday,
    FirstWeek.FIRST_FULL_WEEK: _by_full_week,
    FirstWeek.ISO_FIRST_WEEK: _by_week_of_the_first,
}


def planned_dates(rule: Rule, start: date, end: date, calendar: WorkCalendar) -> list[Planned]:
    """The reception days held within ``start`` … ``end`` (both included), in order, no day twice.

    A day postponed into the period from before it belongs here, one postponed out of it does not: two
    adjoining periods together plan exactly what the whole does. When a day is postponed onto another
    reception day, both are held as one. Raises ``YearNotLoaded``; give ``calendar.provisional()`` to plan
    a year whose notice is not out.
    """
    # Whether a day is the first of its quarter shows only when the whole quarter is looked at.
    first = _start_of_theme_period(rule, start)
    look_back = _first_that_can_reach(rule, first, calendar)
    held: dict[date, list[date]] = {}
    for nominal in nominal_dates(rule, look_back, end):
        day = _held_on(rule, nominal, calendar)
        if day is not None and first <= day <= end:
            held.setdefault(day, []).append(nominal)
    themed = _themed(rule, sorted(held))
    return [
        _planned(rule, day, nominals, calendar, rule.theme if day in themed else "")
        for day, nominals in sorted(held.items())
        if day >= start
    ]


def _start_of_theme_period(rule: Rule, day: date) -> date:
    months = _THEME_MONTHS.get(rule.theme_on) if rule.theme else None
    return day if months is None else date(day.year, (day.month - 1) // months * months + 1, 1)


def _themed(rule: Rule, days: Iterable[date]) -> set[date]:
    """The theme days among ``days``, which are in order and begin with a whole period."""
    if not rule.theme:
        return set()
    months = _THEME_MONTHS.get(rule.theme_on)
    if months is None:
        return set(days)
    firsts: dict[tuple[int, int], date] = {}
    for day in days:
        firsts.setdefault((day.year, (day.month - 1) // months), day)
    return set(firsts.values())


def _first_that_can_reach(rule: Rule, start: date, calendar: WorkCalendar) -> date:
    """The earliest nominal day that postponing could carry into a period beginning at ``start``."""
    if rule.on_day_off != OnDayOff.POSTPONE:
        return start
    while not calendar.is_workday(start - ONE_DAY):
        start -= ONE_DAY
    return start


def receives_on(rule: Rule, day: date, calendar: WorkCalendar) -> bool:
    """Whether the rule lets a reception be held on ``day``, as far as days off are concerned."""
    return rule.on_day_off == OnDayOff.KEEP or not _is_day_off(rule, day, calendar)


def _held_on(rule: Rule, nominal: date, calendar: WorkCalendar) -> date | None:
    if receives_on(rule, nominal, calendar):
        return nominal
    return calendar.next_workday(nominal) if rule.on_day_off == OnDayOff.POSTPONE else None


def _is_day_off(rule: Rule, day: date, calendar: WorkCalendar) -> bool:
    if rule.keeps_weekends and not calendar.holiday_name(day):
        return False
    return not calendar.is_workday(day)


def _planned(rule: Rule, day: date, nominals: list[date], calendar: WorkCalendar, theme: str) -> Planned:
    nominal = day if day in nominals else nominals[0]
    merged = tuple(other for other in nominals if other != nominal)
    judged = () if rule.on_day_off == OnDayOff.KEEP else (day, *nominals)
    return Planned(
        date=day,
        nominal_date=nominal,
        derivation_text=_why(day, nominal, merged, calendar),
        is_provisional=not all(calendar.covers(each) for each in judged),
        merged=merged,
        theme=theme,
    )


def _why(day: date, nominal: date, merged: tuple[date, ...], calendar: WorkCalendar) -> str:
    """10月3日（周五）逢国庆节，顺延至10月9日（周四）."""
    # A day kept whatever it is must not need the notice of its year.
    reason = day_off_reason(nominal, calendar) if calendar.covers(nominal) or day != nominal else ""
    if day != nominal:
        text = f"{_day_text(nominal)}逢{reason}，顺延至{_day_text(day)}"
    else:
        text = _day_text(day) + (f"逢{reason}，照常接待" if reason else "如期接待")
    if merged:
        text += "，" + "、".join(_day_text(other) for other in merged) + "顺延至同日，合并为一次"
    return text


def _day_text(day: date) -> str:
    return f"{day.month}月{day.day}日（{weekday_name(day)}）"


def rule_to_data(rule: Rule) -> dict[str, Any]:
    """Plain JSON data: lists, numbers, ISO dates and times; what is left at its default is left out."""
    data = {each.name: _plain(getattr(rule, each.name)) for each in fields(rule)}
    defaults = {each.name: _plain(each.default) for each in fields(rule)}
    return {name: value for name, value in data.items() if value != defaults[name]}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, LabelledEnum):
        return value.value
    if isinstance(value, time):
        return value.isoformat("minutes")
    return value.isoformat() if isinstance(value, date) else value


def rule_from_data(data: Mapping[str, Any]) -> Rule:
    """The rule that ``rule_to_data`` wrote; ``InvalidInput`` for anything else."""
    try:
        return Rule(**{name: _READERS[name](value) for name, value in data.items()})
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput({"rule": "接待日规则的格式不正确，请重新填写。"}) from error


def _optional_date(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _opening(value: list[list[str]]) -> tuple[tuple[time, time], ...]:
    return tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in value)


def _numbers(value: list[int]) -> tuple[int, ...]:
    return tuple(int(number) for number in value)


_READERS: Mapping[str, Any] = {
    "kind": RuleKind,
    "weekdays": _numbers,
    "nths": _numbers,
    "first_week": FirstWeek,
    "month_days": _numbers,
    "digits": _numbers,
    "dates": lambda value: tuple(date.fromisoformat(day) for day in value),
    "months": Months,
    "opening": _opening,
    "on_day_off": OnDayOff,
    "keeps_weekends": bool,
    "valid_from": _optional_date,
    "valid_until": _optional_date,
    "theme": str,
    "theme_on": ThemeOn,
}
