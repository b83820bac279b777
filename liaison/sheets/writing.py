"""The one way out for tables: workbooks and CSV in which no text can act as a formula.

Source: reliability.md §2 ("clerk's PC") and §3 ("odd text in exports").
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import xlsxwriter

from liaison.sheets.grid import LIMITS
from liaison.words.text import clean_text

#: What a cell of an exported table may hold; dates are written as ISO text, booleans as 是/否.
Value = str | int | float | Decimal | bool | dt.date | dt.datetime | None

_GUARDED = "=+-@＝＋－＠"
_CUT = "……（内容过长，已截断）"
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_MIN_WIDTH, _MAX_WIDTH = 6, 40
#: Title, subtitle, watermark: format and row height in points.
_HEADING_STYLES: tuple[tuple[dict[str, Any], int], ...] = (
    ({"bold": True, "font_size": 16, "align": "center"}, 30),
    ({"font_size": 11, "align": "left"}, 20),
    ({"font_size": 9, "align": "left", "font_color": "#808080"}, 16),
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an exported table; ``width`` in characters of the sheet, fitted to the text if absent."""

    title: str
    width: float | None = None


def write_xlsx(
    columns: Sequence[str | Column],
    rows: Iterable[Sequence[Value]],
    *,
    title: str,
    subtitle: str | None = None,
    watermark: str | None = None,
) -> bytes:
    """A workbook with a merged title row, ready to print: A4 landscape, header repeated, pages numbered.

    ``watermark`` (who exported what, when) is printed in the head of every page and stands as a
    grey line under the title. All text is cleaned and typed as text.
    """
    heads = [column if isinstance(column, Column) else Column(column) for column in columns]
    table = [[_plain(value) for value in row] for row in rows]
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, dict(_OPTIONS)) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        header = _write_heading(book, sheet, len(heads), (title, subtitle, watermark))
        _write_table(book, sheet, heads, table, header)
        _set_up_page(sheet, header, len(heads), len(table), watermark)
    return buffer.getvalue()


def write_csv(columns: Sequence[str | Column], rows: Iterable[Sequence[Value]]) -> bytes:
    """A CSV file in UTF-8 with byte order mark; text that a program might run gets an apostrophe."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    titles = (column.title if isinstance(column, Column) else column for column in columns)
    writer.writerow([_guarded(_plain(title)) for title in titles])
    writer.writerows([_guarded(_plain(value)) for value in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def _plain(value: Value) -> str | int | float:
    """Text, or a finite number."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else ""
    if isinstance(value, float):
        return value if math.isfinite(value) else ""
    if isinstance(value, int):
        return value
    return _cleaned(_iso(value) if isinstance(value, dt.date) else value)


def _iso(value: dt.date) -> str:
    return value.strftime("%Y-%m-%d %H:%M") if isinstance(value, dt.datetime) else value.isoformat()


def _cleaned(text: str) -> str:
    clean = clean_text(text)
    limit = LIMITS.max_cell_chars
    return clean if len(clean) <= limit else clean[: limit - len(_CUT)] + _CUT


def _is_risky(text: str) -> bool:
    """Whether a program might take the text for a formula, full-width signs included."""
    return text.lstrip()[:1] in tuple(_GUARDED)


def _guarded(value: str | int | float) -> str | int | float:
    return f"'{value}" if isinstance(value, str) and _is_risky(value) else value


def _write_heading(book: Any, sheet: Any, width: int, texts: tuple[str | None, ...]) -> int:
    """Title, subtitle and watermark, one merged row each; the index of the row behind them."""
    row = 0
    for text, (style, height) in zip(texts, _HEADING_STYLES, strict=True):
        if not text:
            continue
        form = book.add_format({"font_name": "宋体", "valign": "vcenter", **style})
        sheet.set_row(row, height)
        if width > 1:
            sheet.merge_range(row, 0, row, width - 1, "", form)
        sheet.write_string(row, 0, _cleaned(text), form)
        row += 1
    return row


def _write_table(
    book: Any, sheet: Any, heads: list[Column], table: list[list[str | int | float]], header: int
) -> None:
    base = {"font_name": "宋体", "font_size": 11, "border": 1, "valign": "vcenter", "text_wrap": True}
    head_form = book.add_format({**base, "bold": True, "align": "center", "bg_color": "#F2F2F2"})
    form, quoted = book.add_format(base), book.add_format({**base, "quote_prefix": True})
    for column, head in enumerate(heads):
        sheet.write_string(header, column, _cleaned(head.title), head_form)
        sheet.set_column(column, column, head.width or _fitted(head.title, table, column))
    for number, values in enumerate(table, header + 1):
        for column, value in enumerate(values):
            if not isinstance(value, str):
                sheet.write_number(number, column, value, form)
            elif value:
                sheet.write_string(number, column, value, quoted if _is_risky(value) else form)
            else:
                sheet.write_blank(number, column, None, form)


def _set_up_page(sheet: Any, header: int, width: int, height: int, watermark: str | None) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(header)
    sheet.freeze_panes(header + 1, 0)
    if height and width:
        sheet.autofilter(header, 0, header + height, width - 1)
    sheet.set_footer("&C第 &P 页，共 &N 页")
    if watermark:
        shown = clean_text(watermark).replace("\n", " ").replace("&", "&&")
        sheet.set_header(f"&R&9{shown[:200]}")


def _fitted(title: str, table: list[list[str | int | float]], column: int) -> float:
    """Width that shows the longest line of the column, within reason."""
    longest = max((_display_width(str(row[column])) for row in table if column < len(row)), default=0)
    return min(max(longest, _display_width(title), _MIN_WIDTH - 2) + 2, _MAX_WIDTH)


def _display_width(text: str) -> int:
    lines = text.split("\n") or [""]
    return max(sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line) for line in lines)


def _sheet_name(title: str) -> str:
    """A name every spreadsheet program accepts: 31 characters, no signs of its own syntax."""
    name = re.sub(r"[\[\]:*?/\\\n]", "", _cleaned(title)).strip("' ")[:31].strip("' ")
    return name or "表格"
