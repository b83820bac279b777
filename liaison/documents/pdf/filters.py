"""Template filters of the documents: official dates, marks and widths. Loaded into every template."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from liaison.documents.pdf.titles import em_width, title_lines
from liaison.words.text import to_chinese_number

_NUMBER_AND_UNIT = re.compile(
    r"(?<![&#0-9])[0-9][0-9.]*(?:[年月日时分个条次张名人项户件场岁届天亩米元万%％号])"
)
_WEEKDAYS = "一二三四五六日"
_SHANGHAI_OFFSET = timedelta(hours=8)


def cn_date(value: date | None) -> str:
    """2026年1月20日, without leading zeros (GB/T 9704-2012 7.3.5.4); blank places when there is no date."""
    return f"{value.year}年{value.month}月{value.day}日" if value else "　　年　　月　　日"


def cn_date_week(value: date) -> str:
    """2026年2月24日（星期二）."""
    return f"{cn_date(value)}（星期{_WEEKDAYS[value.weekday()]}）"


def cn_span(started: datetime | None, ended: datetime | None) -> str:
    """2026年2月3日9时至9时40分, Beijing time when the values carry a zone; blank places without a start."""
    if started is None:
        return "　　　　年　　月　　日　　时　　分　至　　　时　　分"
    start = _beijing(started)
    words = cn_date(start) + _clock(start)
    if ended is None:
        return f"{words}　至　　　时　　分"
    end = _beijing(ended)
    return f"{words}至{'' if end.date() == start.date() else cn_date(end)}{_clock(end)}"


def _clock(value: datetime) -> str:
    return f"{value.hour}时{value.minute}分" if value.minute else f"{value.hour}时"


def _beijing(value: datetime) -> datetime:
    offset = value.utcoffset()
    return value if offset is None else value.replace(tzinfo=None) - offset + _SHANGHAI_OFFSET


def score(value: Decimal | None) -> str:
    """A published score with two decimals: 92.50. Rounding was done before; this only writes it."""
    return "" if value is None else str(value.quantize(Decimal("0.01"), ROUND_HALF_UP))


def mark(value: Decimal | None) -> str:
    """The full mark of an item as people write it: 15, 7.5; a dash where an item has none."""
    return "—" if value is None else f"{value.normalize():f}"


def bound(value: str) -> SafeString:
    """Escaped text in which a number is never parted from its unit at a line end: 24日, 2次, 92.50分."""
    escaped = str(conditional_escape(value))
    return mark_safe(_NUMBER_AND_UNIT.sub(r'<span class="nb">\g<0></span>', escaped))  # noqa: S308  # escaped above


def lines_of_title(value: str) -> list[str]:
    """The lines of a title, broken as GB/T 9704 asks."""
    return title_lines(value)


def paragraphs(value: str) -> list[str]:
    """The paragraphs of a text: its non-empty lines."""
    return [line.strip() for line in value.split("\n") if line.strip()]


def head_size(value: str) -> str:
    """Size in pt of an organ's red head line so that it fills at most 146 of 156 mm, never above 50 pt."""
    return f"{min(50.0, 413.0 / max(em_width(value), 1.0)):.1f}"


def sign_indent(organ: str, signed_on: date) -> str:
    """Right indent in characters of a signature block: the date stands 4 in, the organ centred over it."""
    excess = (em_width(organ) - em_width(cn_date(signed_on))) / 2
    return f"{max(0.0, 4.0 - max(0.0, excess)):.2f}"


def cells(value: str) -> int:
    """Width in whole characters a name takes in a list of names; four at least."""
    return max(4, int(em_width(value)) + 1)


def chinese(value: int) -> str:
    """A number in Chinese numerals: 十八."""
    return to_chinese_number(value)


register = template.Library()
for _function in (
    cn_date, cn_date_week, cn_span, score, mark, bound, lines_of_title, paragraphs, head_size,
    sign_indent, cells, chinese,
):  # fmt: skip
    register.filter(_function.__name__, _function)
