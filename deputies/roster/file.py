"""From a workbook or CSV file to the rows of a deputy roster.

Finds the heading under merged titles, maps columns by name, follows merged cells downwards, and
leaves out what is not a deputy; everything left out is listed with its row number and reason. Ditto marks
become what they stand for, formulas their stored results.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from deputies.roster import tables
from deputies.roster.cells import Severity
from deputies.roster.rules import WHOLE_ROW, Message, RawRow
from deputies.roster.titles import Title, read_title
from liaison.sheets import Grid, SheetError, read_sheets
from liaison.words.text import clean_line, is_digits

#: How far down a heading is looked for, and how many known columns make one.
_HEADING_DEPTH = 30
_FEWEST_COLUMNS = 3

_TOTAL = re.compile(r"(总\s*计|合\s*计|共\s*计|小\s*计)")
_FOOTNOTE = re.compile(r"(注|说明|备注|填表|制表|审核|填报|负责人|单位负责人|联系人|经办)\S{0,6}?[:：]")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row of the table that is no deputy: its number, its text, and why."""

    row: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class RosterFile:
    """A roster as found in the file. ``columns`` gives the sheet's own heading for each roster column."""

    sheet_name: str
    title: Title
    heading_row: int
    columns: Mapping[str, str]
    rows: tuple[RawRow, ...]
    skipped: tuple[Skipped, ...] = ()
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class _Heading:
    """Where the table starts, and the column index of each roster column."""

    first: int
    last: int
    places: Mapping[str, int]
    labels: Mapping[int, str]


def read_roster(data: bytes) -> RosterFile:
    """Read the one visible sheet that holds a roster.

    Raises ``SheetError`` when the file is no sheet, when no sheet or more than one has a roster's heading,
    or when a column that a roster cannot do without is missing.
    """
    grids = [grid for grid in read_sheets(data) if grid.rows]
    if not grids:
        raise SheetError("表格里没有内容，请核对后再上传。")
    found = [(grid, heading) for grid in grids if (heading := _find_heading(grid))]
    if not found:
        raise SheetError("没有找到名册的表头。表头应有“姓名”“性别”“出生年月”“选区”等栏目，请核对后再上传。")
    grid, heading = _only(found)
    missing = [column for column in tables.REQUIRED_COLUMNS if column not in heading.places]
    if missing:
        named = "、".join(f"“{column}”" for column in missing)
        raise SheetError(f"名册缺少{named}栏，请补上后再上传。")
    return _roster(grid, heading)


def _only(found: Sequence[tuple[Grid, _Heading]]) -> tuple[Grid, _Heading]:
    """The one sheet with a roster; a form that nobody filled in does not count beside it.

    Sheets are never put together: whether another one is a group's part or last year's list, nobody
    can tell from its name, and its rows have numbers of their own.
    """
    filled = [(grid, heading) for grid, heading in found if len(grid.rows) > heading.last + 1]
    if len(filled) > 1:
        named = "、".join(f"“{grid.sheet_name}”" for grid, _ in filled)
        raise SheetError(
            f"文件里有{len(filled)}张名册：{named}，一次只能导入一张。"
            "各小组分开填写的，请合并成一张，小组名称填在“代表小组”栏；不用的工作表请删去或隐藏，再上传。"
        )
    return (filled or found)[0]


# --- the heading ---------------------------------------------------------------------------------


def _find_heading(grid: Grid) -> _Heading | None:
    """The row, or pair of rows, that names most roster columns; the name column must be among them."""
    depth = range(min(_HEADING_DEPTH, len(grid.rows)))
    candidates = [
        heading for height in (0, 1) for first in depth if (heading := _heading_at(grid, first, height))
    ]
    # The first of equals: a single row before a pair, an upper one before a repetition further down.
    return max(candidates, key=lambda heading: len(heading.places), default=None)


def _heading_at(grid: Grid, first: int, height: int) -> _Heading | None:
    last = first + height
    if last >= len(grid.rows):
        return None
    labels = _labels(grid.rows[first], grid.rows[last])
    places: dict[str, int] = {}
    for index, label in labels.items():
        column = tables.column_of(label)
        # The exact word for a column goes before a synonym, an earlier column before a later one.
        if column and (column not in places or label == column):
            places[column] = index
    if tables.NAME not in places or len(places) < _FEWEST_COLUMNS:
        return None
    return _Heading(first, last, places, labels)


def _labels(upper: Sequence[str], lower: Sequence[str]) -> dict[int, str]:
    """The heading of every column: of two rows the lower, finer one where it says something."""
    return {
        index: re.sub(r"\s", "", clean_line(below) or clean_line(above))
        for index, (above, below) in enumerate(zip(upper, lower, strict=True))
        if above.strip() or below.strip()
    }


# --- the rows ------------------------------------------------------------------------------------


def _roster(grid: Grid, heading: _Heading) -> RosterFile:
    title = read_title(grid.rows[: heading.first])
    filled = _fill_merges(grid, heading)
    dittos = _Dittos()
    rows: list[RawRow] = []
    skipped: list[Skipped] = []
    totals: list[int] = []
    for index in range(heading.last + 1, len(filled)):
        texts = [clean_line(text) for text in grid.rows[index]]
        reason = _why_not(texts, heading)
        if reason is None:
            rows.append(dittos.resolve(_raw_row(grid, filled, heading, index)))
        elif reason:
            shown = " ".join(text for text in texts if text)
            skipped.append(Skipped(grid.row_number(index), shown[:60], reason))
            totals += _stated_total(shown, reason)
    return RosterFile(
        sheet_name=grid.sheet_name,
        title=title,
        heading_row=grid.row_number(heading.last),
        columns={column: heading.labels[index] for column, index in heading.places.items()},
        rows=tuple(rows),
        skipped=tuple(skipped),
        messages=(
            *_messages(grid, heading, rows, headcount=title.headcount, totals=totals),
            *dittos.messages(),
            *_on_formulas(grid, heading, rows),
        ),
    )


def _fill_merges(grid: Grid, heading: _Heading) -> list[list[str]]:
    """Rows in which every cell of a range merged downwards carries the text of its first cell."""
    filled = [list(row) for row in grid.rows]
    wanted = set(heading.places.values())
    for merge in grid.merges:
        if merge.top > heading.last and merge.left in wanted:
            for row in range(merge.top + 1, merge.bottom + 1):
                filled[row][merge.left] = grid.rows[merge.top][merge.left]
    return filled


def _why_not(texts: Sequence[str], heading: _Heading) -> str | None:
    """Why a row is no deputy; blank text for a blank row, ``None`` when it is one."""
    said = [text for text in texts if text]
    name = texts[heading.places[tables.NAME]]
    if not said:
        return ""
    if tables.column_of(name) == tables.NAME:
        return "重复的表头"
    if _TOTAL.match(said[0]):
        return "合计行"
    if len(said) == 1 and (not name or len(name) > 30) and _FOOTNOTE.match(said[0]):
        return "表下说明"
    if len(said) == 1 and not name and _is_caption(said[0]):
        return "分组小标题"
    return None


def _is_caption(text: str) -> bool:
    """A line such as 第一代表小组（12人） over the rows it introduces."""
    return bool(re.search(r"(小组|选区|代表团|选举单位)[（(]?.{0,20}$", text)) and not is_digits(text)


def _raw_row(grid: Grid, filled: Sequence[Sequence[str]], heading: _Heading, index: int) -> RawRow:
    numbers = grid.numbers
    return RawRow(
        number=grid.row_number(index),
        cells={column: filled[index][place] for column, place in heading.places.items()},
        numbers=None
        if numbers is None
        else frozenset(column for column, place in heading.places.items() if (index, place) in numbers),
        serial_origin=grid.serial_origin,
    )


class _Dittos:
    """Ditto marks put into words: the cell above, where a column may well repeat itself.

    In a column of which every row has its own the mark stays, and is refused where the cell is read.
    """

    def __init__(self) -> None:
        self._above: dict[str, str] = {}
        self._resolved: dict[str, list[int]] = {}

    def resolve(self, row: RawRow) -> RawRow:
        cells = dict(row.cells)
        for column, text in row.cells.items():
            if column in tables.OWN_COLUMNS or clean_line(text) not in tables.DITTO_MARKS:
                continue
            if above := self._above.get(column):
                cells[column] = above
                self._resolved.setdefault(column, []).append(row.number)
        self._above = cells
        return replace(row, cells=cells)

    def messages(self) -> Iterator[Message]:
        for column, rows in self._resolved.items():
            text = f"第{_listed(rows)}行的“{column}”写的是“同上”，已按上一行的内容读取，请核对。"
            yield _said(Severity.WARNING, text)


def _stated_total(text: str, reason: str) -> list[int]:
    found = re.search(r"(\d{1,5})", text) if reason == "合计行" and "小" not in text[:2] else None
    return [int(found[1])] if found else []


# --- what the office should know -------------------------------------------------------------------


def _messages(
    grid: Grid,
    heading: _Heading,
    rows: Sequence[RawRow],
    *,
    headcount: int | None,
    totals: Sequence[int],
) -> Iterator[Message]:
    if not rows:
        yield _said(Severity.ERROR, "表头下面没有代表，请核对后再上传。")
    for where, stated in (("标题", headcount), *(("合计行", total) for total in totals)):
        if stated is not None and stated != len(rows):
            yield _said(Severity.WARNING, f"{where}写的是{stated}人，实际读到{len(rows)}人，请核对有无遗漏。")
    unused = [
        label for index, label in heading.labels.items() if index not in heading.places.values() and label
    ]
    if unused:
        yield _said(Severity.NOTE, f"未使用的栏目：{'、'.join(unused)}。")
    absent = [column for column in tables.COLUMNS[1:] if column not in heading.places]
    if absent:
        yield _said(Severity.NOTE, f"名册没有{'、'.join(absent)}栏，导入后这些内容不变或留空。")
    hidden = [row.number for row in rows if row.number - grid.first_row_number in grid.hidden_rows]
    if hidden:
        yield _said(Severity.WARNING, f"第{_listed(hidden)}行在表格中是隐藏的，已一并读取，请核对。")


def _on_formulas(grid: Grid, heading: _Heading, rows: Sequence[RawRow]) -> Iterator[Message]:
    """One message for all formulas whose stored results were taken; the others are errors of their rows."""
    taken = [
        column
        for column, place in heading.places.items()
        for row in rows
        if (index := row.number - grid.first_row_number, place) in grid.formulas
        and not grid.lacks_result(index, place)
    ]
    if taken:
        named = "、".join(f"“{column}”" for column in dict.fromkeys(taken))
        text = f"{named}栏有公式（共{len(taken)}格），按文件里保存的结果读取，请核对。"
        yield _said(Severity.NOTE, text)


def _listed(numbers: Sequence[int]) -> str:
    return "、".join(str(number) for number in numbers[:10]) + ("等" if len(numbers) > 10 else "")


def _said(severity: Severity, text: str) -> Message:
    return Message(0, WHOLE_ROW, severity, text)
