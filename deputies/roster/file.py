"""From a workbook or CSV file to the rows of a deputy roster.

Finds the heading under merged titles, maps columns by name, follows merged cells downwards, and
leaves out what is not a deputy; everything left out is listed with its row number and reason. Ditto marks
become what they stand for, formulas their stored results.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from deputies.roster import tables
from deputies.roster.cells import Severity
from deputies.roster.headings import (
    Heading,
    Layout,
    Meanings,
    SheetOutline,
    find_heading,
    guess_heading,
    outline,
)
from deputies.roster.rules import WHOLE_ROW, Message, RawRow
from deputies.roster.sheet_rows import SheetRow, own_row, row_words, rows_words
from deputies.roster.titles import Title, read_title
from liaison.sheets import Grid, SheetError, read_sheets
from liaison.words.text import clean_line, is_digits

_PLAIN = Layout()
_NONE: Meanings = MappingProxyType({})

_TOTAL = re.compile(r"(总\s*计|合\s*计|共\s*计|小\s*计)")
_HEADCOUNT = re.compile(r"[（(]\s*\d+\s*[人名]\s*[)）]$")
_FOOTNOTE = re.compile(r"(注|说明|备注|填表|制表|审核|填报|负责人|单位负责人|联系人|经办)\S{0,6}?[:：]")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row of the table that is no deputy: its number, its text, and why."""

    row: int
    text: str
    reason: str

    @property
    def place(self) -> str:
        return row_words(self.row)


@dataclass(frozen=True, slots=True)
class RosterFile:
    """A roster as found in the file. ``columns`` gives the sheet's own heading for each roster column.

    ``title`` is the first that numbers a congress; ``titles`` has those of all sheets.
    """

    sheet_name: str
    title: Title
    heading_row: int
    columns: Mapping[str, str]
    rows: tuple[RawRow, ...]
    skipped: tuple[Skipped, ...] = ()
    messages: tuple[Message, ...] = ()
    titles: tuple[Title, ...] = ()


class NeedsLayout(SheetError):
    """The file can be read once a person has said which sheets, or which columns, are meant."""


def read_roster(data: bytes, layout: Layout = _PLAIN, meanings: Meanings = _NONE) -> RosterFile:
    """Read the sheets of ``layout``, or the one visible sheet that holds a roster.

    ``meanings`` are those an office has had remembered. Raises ``SheetError`` when the file is no sheet or
    no roster, `NeedsLayout` when more than one sheet holds a roster or a column that a roster cannot do
    without is not to be found.
    """
    grids = _filled(data)
    known = {**meanings, **layout.columns}
    found = [(grid, heading) for grid in grids if (heading := find_heading(grid, known))]
    if not found:
        said = "没有找到名册的表头。表头应有“姓名”“性别”“出生年月”“选区”等栏目，请核对后再上传。"
        raise (NeedsLayout if any(guess_heading(grid, known) for grid in grids) else SheetError)(said)
    chosen = _chosen(found, layout)
    for grid, heading in chosen:
        _require_columns(grid, heading, is_one=len(chosen) == 1)
    is_one = len(chosen) == 1
    read = [
        _roster(
            grid,
            heading,
            _Place(0 if is_one else place, grid.sheet_name, layout.sheets.get(grid.sheet_name, False)),
        )
        for place, (grid, heading) in enumerate(chosen, 1)
    ]
    return read[0] if is_one else _together(read)


def outlines(data: bytes, meanings: Meanings = _NONE) -> list[SheetOutline]:
    """The sheets a roster may stand in, with their headings; raises ``SheetError`` as `read_roster` does."""
    found = [shown for grid in _filled(data) if (shown := outline(grid, meanings)) and shown.rows]
    if not found:
        raise SheetError("表格里没有可以读取的名册，请核对后再上传。")
    return found


def _filled(data: bytes) -> list[Grid]:
    grids = [grid for grid in read_sheets(data) if grid.rows]
    if not grids:
        raise SheetError("表格里没有内容，请核对后再上传。")
    return grids


def _require_columns(grid: Grid, heading: Heading, *, is_one: bool) -> None:
    if not heading.missing:
        return
    named = "、".join(f"“{column}”" for column in heading.missing)
    sheet = "名册" if is_one else f"“{grid.sheet_name}”表"
    # Fewer columns than a roster must have: no meaning of the words would help.
    can_be_said = len(heading.labels) >= len(tables.REQUIRED_COLUMNS)
    raise (NeedsLayout if can_be_said else SheetError)(f"{sheet}缺少{named}栏，请补上后再上传。")


def _chosen(found: Sequence[tuple[Grid, Heading]], layout: Layout) -> list[tuple[Grid, Heading]]:
    """The sheets to read. Whether another one is a group's part or last year's list, nobody can tell from
    its name: of several a person says which. A form that nobody filled in does not count beside another."""
    if layout.sheets:
        chosen = [(grid, heading) for grid, heading in found if grid.sheet_name in layout.sheets]
        if len(chosen) < len(layout.sheets):
            absent = set(layout.sheets) - {grid.sheet_name for grid, _ in chosen}
            raise NeedsLayout(f"{'、'.join(f'“{name}”' for name in sorted(absent))}表中没有找到名册的表头。")
        return chosen
    filled = [(grid, heading) for grid, heading in found if len(grid.rows) > heading.last + 1]
    if len(filled) > 1:
        named = "、".join(f"“{grid.sheet_name}”" for grid, _ in filled)
        raise NeedsLayout(f"文件里有{len(filled)}张名册：{named}，请选定读取哪几张。")
    return list((filled or found)[:1])


def _together(read: Sequence[RosterFile]) -> RosterFile:
    """Several sheets as one roster; what is said about one of them names it."""
    return RosterFile(
        sheet_name="、".join(one.sheet_name for one in read),
        title=next((one.title for one in read if one.title.term_number), read[0].title),
        heading_row=read[0].heading_row,
        columns={column: label for one in reversed(read) for column, label in one.columns.items()},
        rows=tuple(row for one in read for row in one.rows),
        skipped=tuple(row for one in read for row in one.skipped),
        messages=tuple(
            replace(message, text=f"“{one.sheet_name}”表：{message.text}")
            for one in read
            for message in one.messages
        ),
        titles=tuple(title for one in read for title in one.titles),
    )


# --- the rows ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """A sheet among those that are read, counted from 1; 0 when it is the only one."""

    number: int
    sheet: str
    is_group: bool

    def row(self, number: int) -> int:
        return SheetRow(self.number, self.sheet, number) if self.number else number

    @property
    def group(self) -> str:
        """The group that the sheet's name says, without the headcount an office may put behind it."""
        return _HEADCOUNT.sub("", clean_line(self.sheet)) if self.is_group else ""


def _roster(grid: Grid, heading: Heading, place: _Place) -> RosterFile:
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
            row = dittos.resolve(_raw_row(grid, filled, heading, place.row(grid.row_number(index)), index))
            rows.append(_grouped(row, place.group))
        elif reason:
            shown = " ".join(text for text in texts if text)
            skipped.append(Skipped(place.row(grid.row_number(index)), shown[:60], reason))
            totals += _stated_total(shown, reason)
    return RosterFile(
        sheet_name=grid.sheet_name,
        title=title,
        heading_row=grid.row_number(heading.last),
        columns={column: heading.labels[index] for column, index in heading.places.items()},
        rows=tuple(rows),
        skipped=tuple(skipped),
        titles=(title,),
        messages=(
            *_messages(grid, heading, rows, headcount=title.headcount, totals=totals, group=place.group),
            *dittos.messages(),
            *_on_formulas(grid, heading, rows),
        ),
    )


def _fill_merges(grid: Grid, heading: Heading) -> list[list[str]]:
    """Rows in which every cell of a range merged downwards carries the text of its first cell."""
    filled = [list(row) for row in grid.rows]
    wanted = set(heading.places.values())
    for merge in grid.merges:
        if merge.top > heading.last and merge.left in wanted:
            for row in range(merge.top + 1, merge.bottom + 1):
                filled[row][merge.left] = grid.rows[merge.top][merge.left]
    return filled


def _why_not(texts: Sequence[str], heading: Heading) -> str | None:
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


def _grouped(row: RawRow, group: str) -> RawRow:
    """A row of a sheet that is a group belongs to it, unless its own cell names one."""
    written = row.cells.get(tables.GROUP, "")
    if not group or clean_line(written):
        return row
    return replace(
        row, cells={**row.cells, tables.GROUP: group}, written={**row.written, tables.GROUP: written}
    )


def _raw_row(
    grid: Grid, filled: Sequence[Sequence[str]], heading: Heading, number: int, index: int
) -> RawRow:
    numbers = grid.numbers
    own = {column: grid.rows[index][place] for column, place in heading.places.items()}
    cells = {column: filled[index][place] for column, place in heading.places.items()}
    return RawRow(
        number=number,
        cells=cells,
        written={column: text for column, text in own.items() if text != cells[column]},
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
        cells, written = dict(row.cells), dict(row.written)
        for column, text in row.cells.items():
            if column in tables.OWN_COLUMNS or clean_line(text) not in tables.DITTO_MARKS:
                continue
            if above := self._above.get(column):
                cells[column], written[column] = above, text
                self._resolved.setdefault(column, []).append(row.number)
        self._above = cells
        return replace(row, cells=cells, written=written)

    def messages(self) -> Iterator[Message]:
        for column, rows in self._resolved.items():
            text = f"{_listed(rows)}的“{column}”写的是“同上”，已按上一行的内容读取，请核对。"
            yield _said(Severity.WARNING, text)


def _stated_total(text: str, reason: str) -> list[int]:
    found = re.search(r"(\d{1,5})", text) if reason == "合计行" and "小" not in text[:2] else None
    return [int(found[1])] if found else []


# --- what the office should know -------------------------------------------------------------------


def _messages(
    grid: Grid,
    heading: Heading,
    rows: Sequence[RawRow],
    *,
    headcount: int | None,
    totals: Sequence[int],
    group: str,
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
    said = {*heading.places, tables.GROUP} if group else {*heading.places}
    absent = [column for column in tables.COLUMNS[1:] if column not in said]
    if absent:
        yield _said(Severity.NOTE, f"名册没有{'、'.join(absent)}栏，导入后这些内容不变或留空。")
    hidden = [row.number for row in rows if own_row(row.number) - grid.first_row_number in grid.hidden_rows]
    if hidden:
        yield _said(Severity.WARNING, f"{_listed(hidden)}在表格中是隐藏的，已一并读取，请核对。")


def _on_formulas(grid: Grid, heading: Heading, rows: Sequence[RawRow]) -> Iterator[Message]:
    """One message for all formulas whose stored results were taken; the others are errors of their rows."""
    taken = [
        column
        for column, place in heading.places.items()
        for row in rows
        if (index := own_row(row.number) - grid.first_row_number, place) in grid.formulas
        and not grid.lacks_result(index, place)
    ]
    if taken:
        named = "、".join(f"“{column}”" for column in dict.fromkeys(taken))
        text = f"{named}栏有公式（共{len(taken)}格），按文件里保存的结果读取，请核对。"
        yield _said(Severity.NOTE, text)


def _listed(numbers: Sequence[int]) -> str:
    """Row numbers of one sheet, whose name stands before the message where there are several."""
    return rows_words(own_row(number) for number in numbers)


def _said(severity: Severity, text: str) -> Message:
    return Message(0, WHOLE_ROW, severity, text)
