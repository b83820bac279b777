"""A reception rule in words, as it is announced, and what its 第一周 means by example."""

from dataclasses import dataclass, replace
from datetime import date, time, timedelta

from liaison.calendar.recurrence import LAST, FirstWeek, Months, OnDayOff, Rule, RuleKind, nominal_dates
from liaison.calendar.workdays import WEEKDAY_NAMES

_ORDINALS = {1: "第一", 2: "第二", 3: "第三", 4: "第四", 5: "第五", LAST: "最后一"}


def describe(rule: Rule) -> str:
    """每月第一周的周五（指当月第一个周五）9:00—11:30，遇节假日顺延."""
    parts = [_days_in_words(rule) + _opening_in_words(rule), _day_off_in_words(rule)]
    if rule.theme:
        parts.append(f"{rule.theme_on.label}为“{rule.theme}”主题接待日")
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


@dataclass(frozen=True, slots=True)
class FirstWeekExample:
    """One meaning of 第一周: its words and the days it would name next."""

    definition: FirstWeek
    words: str
    dates: tuple[date, ...]
    is_chosen: bool


def first_week_examples(rule: Rule, today: date, months: int = 4) -> list[FirstWeekExample]:
    """What each meaning of the n-th week would make of ``rule`` in the coming ``months``, side by side.

    Empty for a rule that does not count weeks. ``dates`` are the days named, before any is postponed.
    """
    if rule.kind != RuleKind.NTH_WEEKDAY:
        return []
    length = len(rule.nths) * len(rule.weekdays) * months
    shown = []
    for definition in FirstWeek:
        other = replace(rule, first_week=definition)
        days = nominal_dates(other, today, today + timedelta(days=31 * months + 31))
        shown.append(
            FirstWeekExample(
                definition, _definition_in_words(other), tuple(days[:length]), definition == rule.first_week
            )
        )
    return shown
