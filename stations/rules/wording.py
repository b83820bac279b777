"""Dates as an office writes them; standard library only."""

from datetime import date, time

from liaison.calendar.workdays import weekday_name


def day_text(day: date) -> str:
    """2026年3月6日."""
    return f"{day.year}年{day.month}月{day.day}日"


def full_day_text(day: date) -> str:
    """2026年3月6日（周五）."""
    return f"{day_text(day)}（{weekday_name(day)}）"


def short_day_text(day: date) -> str:
    """3月6日（周五）, where the year is plain."""
    return f"{day.month}月{day.day}日（{weekday_name(day)}）"


def span_text(first: date, last: date) -> str:
    """One day, or from … to …."""
    return day_text(first) if first == last else f"{day_text(first)}至{day_text(last)}"


def hours_text(opens: time, closes: time) -> str:
    """9:00—11:30, as an office writes hours."""
    return f"{opens.hour}:{opens:%M}—{closes.hour}:{closes:%M}"
