"""Reception days as rules, not as code: which days, what 第一周 means, what happens on a day off.

A rule is data (``rule_to_data``/``rule_from_data`` carry it through a JSON column). ``nominal_dates`` says
which days the rule names; ``planned_dates`` puts them on working days. domain.md section 4 lists the
practices these kinds come from.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, time, timedelta
from typing import Any

from liaison.errors import InvalidInput
from liaison.labelled import LabelledEnum
from liaison.workdays import ONE_DAY, WEEKDAY_NAMES, WorkCalendar, day_off_reason, weekday_name

Day = date  # the type, where ``date`` is the name of a field
LAST = -1
_WEEK = timedelta(days=7)
_ORDINALS = {1: "第一", 2: "第二", 3: "第三", 4: "第四", 5: "第五", LAST: "最后一"}


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


class OnDayOff(LabelledEnum):
    POSTPONE = "postpone", "顺延"
    SKIP = "skip", "取消"
    KEEP = "keep", "照常"


@dataclass(frozen=True, slots=True)
class Rule:
    """One reception rule of one station. ``InvalidInput`` when it could never name a day.

    ``weekdays`` are ISO (Monday 1 … Sunday 7); ``nths`` 1 … 5 or ``LAST``; ``month_days`` 1 … 31 or
    ``LAST`` (a month without such a day has none); ``digits`` the last digits of market days in the solar
    month; ``opening`` pairs of times. ``keeps_weekends``: a plain weekend is no day off for this rule
    (a market on Sunday), only festivals are. ``valid_from``/``valid_until`` bound the nominal day.
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

    def __post_init__(self) -> None:
        for name, allowed, words in _NEEDED[self.kind]:
            values = getattr(self, name)
            if not values or not set(values) <= set(allowed):
                raise InvalidInput({name: f"请正确填写{words}。"})
        if self.kind == RuleKind.DATES and not self.dates:
            raise InvalidInput({"dates": "请至少填写一个日期。"})
        if any(opens >= closes for opens, closes in self.opening):
            raise InvalidInput({"opening": "接待结束时间应晚于开始时间。"})
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise InvalidInput({"valid_until": "规则的截止日期不能早于起始日期。"})


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


def nominal_dates(rule: Rule, start: date, end: date) -> list[date]:
    """The days the rule names within ``start`` … ``end`` (both included), days off or not."""
    first = max(start, rule.valid_from or start)
    last = min(end, rule.valid_until or end)
    return sorted({day for day in _named_days(rule, first, last) if first <= day <= last})


def _named_days(rule: Rule, first: date, last: date) -> Iterator[date]:
    if rule.kind == RuleKind.DATES:
        yield from rule.dates
        return
    for year, month in _months_around(first, last):
        if _month_counts(rule.months, month):
            yield from _days_of_month(rule, year, month)


def _months_around(first: date, last: date) -> Iterator[tuple[int, int]]:
    """One month more on either side: the week that holds the 1st, or the last day, lies in two months."""
    number = first.year * 12 + first.month - 2
    while number <= last.year * 12 + last.month:
        yield number // 12, number % 12 + 1
        number += 1


def _month_counts(months: Months, month: int) -> bool:
    return months == Months.EVERY or (month % 2 == 1) == (months == Months.ODD)


def _days_of_month(rule: Rule, year: int, month: int) -> Iterator[date]:
    length = monthrange(year, month)[1]
    if rule.kind == RuleKind.NTH_WEEKDAY:
        yield from _nth_weekdays(rule, date(year, month, 1), date(year, month, length))
        return
    for day in (date(year, month, number) for number in range(1, length + 1)):
        if _names_day(rule, day, length):
            yield day


def _names_day(rule: Rule, day: date, length: int) -> bool:
    if rule.kind == RuleKind.WEEKLY:
        return day.isoweekday() in rule.weekdays
    if rule.kind == RuleKind.MARKET_DAYS:
        return day.day % 10 in rule.digits
    return day.day in rule.month_days or (LAST in rule.month_days and day.day == length)


def _nth_weekdays(rule: Rule, first: date, last: date) -> Iterator[date]:
    for weekday in rule.weekdays:
        days = _weekdays_by_definition(rule.first_week, weekday, first, last)
        for nth in rule.nths:
            if nth == LAST or nth <= len(days):
                yield days[LAST if nth == LAST else nth - 1]


def _weekdays_by_definition(definition: FirstWeek, weekday: int, first: date, last: date) -> list[date]:
    """This weekday in the first, second … week of the month, as ``definition`` counts weeks."""
    if definition == FirstWeek.FIRST_WEEKDAY:
        day, stop = _on_or_after(first, weekday), last
    elif definition == FirstWeek.FIRST_FULL_WEEK:
        # A week belongs to the month when its Monday and its Sunday do.
        day = _on_or_after(first, 1) + (weekday - 1) * ONE_DAY
        stop = last - (7 - weekday) * ONE_DAY
    else:
        day = first + (weekday - first.isoweekday()) * ONE_DAY
        stop = last + (weekday - last.isoweekday()) * ONE_DAY
    return [day + k * _WEEK for k in range((stop - day).days // 7 + 1)]


def _on_or_after(day: date, weekday: int) -> date:
    return day + (weekday - day.isoweekday()) % 7 * ONE_DAY


def planned_dates(rule: Rule, start: date, end: date, calendar: WorkCalendar) -> list[Planned]:
    """The reception days held within ``start`` … ``end`` (both included), in order, no day twice.

    A day postponed into the period from before it belongs here, one postponed out of it does not: two
    adjoining periods together plan exactly what the whole does. When a day is postponed onto another
    reception day, both are held as one. Raises ``YearNotLoaded``; give ``calendar.provisional()`` to plan
    a year whose notice is not out.
    """
    look_back = _first_that_can_reach(rule, start, calendar)
    held: dict[date, list[date]] = {}
    for nominal in nominal_dates(rule, look_back, end):
        day = _held_on(rule, nominal, calendar)
        if day is not None and start <= day <= end:
            held.setdefault(day, []).append(nominal)
    return [_planned(rule, day, nominals, calendar) for day, nominals in sorted(held.items())]


def _first_that_can_reach(rule: Rule, start: date, calendar: WorkCalendar) -> date:
    """The earliest nominal day that postponing could carry into a period beginning at ``start``."""
    if rule.on_day_off != OnDayOff.POSTPONE:
        return start
    while not calendar.is_workday(start - ONE_DAY):
        start -= ONE_DAY
    return start


def _held_on(rule: Rule, nominal: date, calendar: WorkCalendar) -> date | None:
    if rule.on_day_off == OnDayOff.KEEP or not _is_day_off(rule, nominal, calendar):
        return nominal
    return calendar.next_workday(nominal) if rule.on_day_off == OnDayOff.POSTPONE else None


def _is_day_off(rule: Rule, day: date, calendar: WorkCalendar) -> bool:
    if rule.keeps_weekends and not calendar.holiday_name(day):
        return False
    return not calendar.is_workday(day)


def _planned(rule: Rule, day: date, nominals: list[date], calendar: WorkCalendar) -> Planned:
    nominal = day if day in nominals else nominals[0]
    merged = tuple(other for other in nominals if other != nominal)
    judged = () if rule.on_day_off == OnDayOff.KEEP else (day, *nominals)
    return Planned(
        date=day,
        nominal_date=nominal,
        derivation_text=_why(day, nominal, merged, calendar),
        is_provisional=not all(calendar.covers(each) for each in judged),
        merged=merged,
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


def describe(rule: Rule) -> str:
    """每月第一周的周五（指当月第一个周五）9:00—11:30，遇节假日顺延."""
    parts = [_days_in_words(rule) + _opening_in_words(rule), _day_off_in_words(rule)]
    if rule.valid_from:
        parts.append(f"自{_full_day_text(rule.valid_from)}起")
    if rule.valid_until:
        parts.append(f"至{_full_day_text(rule.valid_until)}止")
    return "，".join(parts)


def _days_in_words(rule: Rule) -> str:
    if rule.kind == RuleKind.DATES:
        return "、".join(_full_day_text(day) for day in sorted(rule.dates))
    if rule.kind == RuleKind.WEEKLY:
        months = "" if rule.months == Months.EVERY else rule.months.label
        return months + "每" + _weekdays_in_words(rule)
    if rule.kind == RuleKind.MARKET_DAYS:
        digits = "、".join(str(digit) for digit in sorted(rule.digits))
        return f"{rule.months.label}尾数为{digits}的日子（集、圩日）"
    if rule.kind == RuleKind.MONTH_DAYS:
        days = "、".join(_month_day_in_words(day) for day in _in_order(rule.month_days))
        missing = "（当月没有该日的不安排）" if max(rule.month_days) > 28 else ""
        return f"{rule.months.label}{days}{missing}"
    weeks = "、".join(f"{_ORDINALS[nth]}周" for nth in _in_order(rule.nths))
    return f"{rule.months.label}{weeks}的{_weekdays_in_words(rule)}（指{_definition_in_words(rule)}）"


def _definition_in_words(rule: Rule) -> str:
    weekdays = _weekdays_in_words(rule)
    ordinals = [_ORDINALS[nth] for nth in _in_order(rule.nths)]
    if rule.first_week == FirstWeek.FIRST_WEEKDAY:
        return "当月" + "、".join(f"{ordinal}个" for ordinal in ordinals) + weekdays
    if rule.first_week == FirstWeek.FIRST_FULL_WEEK:
        weeks = "、".join(f"{ordinal}个" for ordinal in ordinals)
        return f"当月{weeks}周一至周日都在当月的完整周的{weekdays}"
    if rule.nths == (1,):
        return f"当月1日所在一周的{weekdays}"
    return f"以当月1日所在的一周为第一周，其{weekdays}"


def _weekdays_in_words(rule: Rule) -> str:
    return "、".join(WEEKDAY_NAMES[weekday - 1] for weekday in sorted(rule.weekdays))


def _month_day_in_words(day: int) -> str:
    return "最后一日" if day == LAST else f"{day}日"


def _in_order(numbers: tuple[int, ...]) -> list[int]:
    """Ascending, ``LAST`` at the end."""
    return sorted(numbers, key=lambda number: (number == LAST, number))


def _opening_in_words(rule: Rule) -> str:
    return "、".join(f"{_clock(opens)}—{_clock(closes)}" for opens, closes in rule.opening)


def _clock(moment: time) -> str:
    return f"{moment.hour}:{moment.minute:02d}"


def _day_off_in_words(rule: Rule) -> str:
    if rule.keeps_weekends and rule.on_day_off != OnDayOff.KEEP:
        return f"周末照常，遇法定节假日{rule.on_day_off.label}"
    return f"遇节假日{rule.on_day_off.label}"


def _full_day_text(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


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
}
