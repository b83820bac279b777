"""Bar charts drawn on the server: plain numbers for a template that uses presentation attributes only.

No style, no script, no colour of its own: marks take ``currentColor``, so links are blue, last year's bars
are quiet and the high-contrast mode holds. Places stand in the order given, never by size.
"""

from collections.abc import Iterable
from dataclasses import dataclass

WIDTH = 320
# Drawn at eight tenths on the narrowest phone, a row is still hit with a thumb.
ROW_HEIGHT = 56
BAR_HEIGHT, LAST_HEIGHT = 12, 5
LABEL_CHARACTERS = 12
PER_CENT = "％"


@dataclass(frozen=True, slots=True)
class Point:
    """What one mark shows; ``None`` where there is nothing to count."""

    label: str
    value: int | None
    last: int | None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """One row of the chart in units of its view box."""

    label: str
    full_label: str
    value: str
    last: str
    url: str
    top: int
    y_text: int
    y_bar: int
    y_last: int
    length: int
    last_length: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A finished chart of one figure."""

    code: str
    title: str
    unit: str
    width: int
    height: int
    marks: tuple[Mark, ...]
    row_height: int = ROW_HEIGHT


def bar_chart(code: str, title: str, unit: str, points: Iterable[Point]) -> Chart:
    """Horizontal bars from a common zero; a percentage always runs to 100."""
    known = list(points)
    values = [number for point in known for number in (point.value, point.last) if number]
    full = 100 if unit == PER_CENT else max(values, default=1)
    marks = tuple(_mark(point, unit, full, number * ROW_HEIGHT) for number, point in enumerate(known))
    return Chart(code, title, unit, WIDTH, ROW_HEIGHT * len(known), marks)


def _mark(point: Point, unit: str, full: int, top: int) -> Mark:
    y_bar = top + 26
    return Mark(
        label=shortened(point.label),
        full_label=point.label,
        value=in_words(point.value, unit),
        last=in_words(point.last, unit),
        url=point.url,
        top=top,
        y_text=top + 20,
        y_bar=y_bar,
        y_last=y_bar + BAR_HEIGHT + 1,
        length=_length(point.value, full),
        last_length=_length(point.last, full),
    )


def _length(value: int | None, full: int) -> int:
    """At least one unit for what exists at all, so that 1 of 1,000 is still seen."""
    return max(1, round(WIDTH * min(value, full) / full)) if value else 0


def in_words(value: int | None, unit: str) -> str:
    return "—" if value is None else f"{value}{unit}"


def shortened(label: str) -> str:
    return label if len(label) <= LABEL_CHARACTERS else label[: LABEL_CHARACTERS - 1] + "…"
