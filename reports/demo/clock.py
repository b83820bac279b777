"""Moments of the demo year, reasoned in Beijing time."""

from datetime import date, datetime, time, timedelta

from liaison.calendar.workdays import CHINA


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """That hour of the day in China, as an aware datetime."""
    return datetime.combine(day, time(hour, minute), CHINA)


def months(first: date, last: date) -> list[date]:
    """The first day of every month that begins in or contains the span."""
    found, day = [], first.replace(day=1)
    while day <= last:
        found.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    return found


def quarter_of(day: date) -> int:
    return (day.month - 1) // 3 + 1
