"""Small month sheets with marked days; standard library only."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of a sheet: ``number`` is 0 outside the month; ``marks`` are names without order."""

    number: int
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Month:
    """A month as weeks from Monday to Sunday."""

    first: date
    weeks: tuple[tuple[Cell, ...], ...]


def month_sheets(start: date, end: date, marks: Mapping[date, str]) -> Iterator[Month]:
    """The months that ``start`` … ``end`` touches; ``marks`` are names by day, parted by blanks."""
    year, month = start.year, start.month
    while (year, month) <= (end.year, end.month):
        weeks = Calendar().monthdatescalendar(year, month)
        yield Month(
            date(year, month, 1),
            tuple(tuple(_cell(day, month, marks) for day in week) for week in weeks),
        )
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def _cell(day: date, month: int, marks: Mapping[date, str]) -> Cell:
    if day.month != month:
        return Cell(0)
    return Cell(day.day, tuple(marks.get(day, "").split()))
