"""What reading a sheet yields, and the limits every file must keep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from liaison.words.errors import LiaisonError


class SheetError(LiaisonError):
    """The file cannot be read as a sheet; the message says in Chinese what to do about it."""


DAMAGED = "文件已损坏或格式不对，请用 Excel 或 WPS 表格打开后另存为 .xlsx 文件再上传。"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds checked before anything is unpacked or laid out (reliability.md §2, resident upload)."""

    max_bytes: int = 5 * 1024 * 1024
    max_unpacked_bytes: int = 40 * 1024 * 1024
    max_ratio: int = 200
    max_members: int = 2_000
    max_sheets: int = 30
    max_rows: int = 20_000
    max_columns: int = 100
    max_cell_chars: int = 32_767


LIMITS = Limits()

#: Day 0 of the serial numbers that spreadsheet programs keep dates as. Programs on a Mac used to count
#: from 1904, and a workbook that was begun there says so for ever.
ORIGIN_1900 = dt.date(1899, 12, 30)
ORIGIN_1904 = dt.date(1904, 1, 1)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as the office sees it: of a formula, the result that the file keeps.

    ``formula`` is the formula's own text, "=" in front ("=" alone where the format hides it). A formula
    is never evaluated: where the file keeps no result, ``text`` is the formula itself.
    """

    text: str
    is_number: bool = False
    formula: str = ""


#: Cells that hold something, by (row, column) counted from 1 as in the sheet.
Cells = Mapping[tuple[int, int], Cell]


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range, all four bounds included, in indexes of ``Grid.rows`` and its columns."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet as text. Every row has the same width; positions are (row index, column index).

    ``first_row_number`` is the sheet's own number of ``rows[0]``: leading blank rows are left out.
    ``numbers`` tells which cells were numbers in the file (1975.1 may then stand for 1975.10);
    it is ``None`` for CSV, where nobody knows. ``formulas`` gives the formula of each cell that has one.
    ``serial_origin`` is day 0 of dates that stand as plain numbers.
    """

    rows: list[list[str]]
    sheet_name: str
    first_row_number: int = 1
    numbers: frozenset[tuple[int, int]] | None = frozenset()
    formulas: Mapping[tuple[int, int], str] = field(default_factory=dict)
    merges: tuple[Merge, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    serial_origin: dt.date = ORIGIN_1900

    def row_number(self, index: int) -> int:
        """The number the office sees at the left of ``rows[index]``."""
        return self.first_row_number + index

    def lacks_result(self, index: int, column: int) -> bool:
        """Whether a cell is a formula whose result the file does not keep."""
        return (index, column) in self.formulas and self.rows[index][column].lstrip()[:1] == "="


def build_grid(
    cells: Cells,
    *,
    sheet_name: str,
    limits: Limits,
    merges: tuple[Merge, ...] = (),
    hidden_rows: frozenset[int] = frozenset(),
    typed: bool = True,
    serial_origin: dt.date = ORIGIN_1900,
) -> Grid:
    """Lay sparse cells out as rows; ``merges`` and ``hidden_rows`` count from 1 as in the sheet.

    Raises ``SheetError`` when the cells lie too far apart or one of them is too long.
    """
    kept = {place: cell for place, cell in cells.items() if cell.text.strip() or cell.formula}
    if not kept:
        return Grid(rows=[], sheet_name=sheet_name, numbers=frozenset() if typed else None)
    first, width = _extent(kept, limits)
    rows = [[""] * width for _ in range(max(row for row, _ in kept) - first + 1)]
    for (row, column), cell in kept.items():
        rows[row - first][column - 1] = cell.text
    return Grid(
        rows=rows,
        sheet_name=sheet_name,
        first_row_number=first,
        numbers=_numbers(kept, first) if typed else None,
        formulas={
            (row - first, column - 1): cell.formula for (row, column), cell in kept.items() if cell.formula
        },
        merges=_shifted(merges, first, len(rows), width),
        hidden_rows=frozenset(row - first for row in hidden_rows if 0 <= row - first < len(rows)),
        serial_origin=serial_origin,
    )


def _extent(cells: Cells, limits: Limits) -> tuple[int, int]:
    """First row number and width in columns, checked against the limits."""
    first, last = min(row for row, _ in cells), max(row for row, _ in cells)
    width = max(column for _, column in cells)
    if last - first >= limits.max_rows:
        raise SheetError(f"表格超过{limits.max_rows}行（第{last}行仍有内容），请删去多余的行或分成几个文件。")
    if width > limits.max_columns:
        raise SheetError(f"表格超过{limits.max_columns}列（第{width}列仍有内容），请删去多余的列。")
    for (row, column), cell in cells.items():
        if len(cell.text) > limits.max_cell_chars:
            raise SheetError(f"第{row}行第{column}列的内容过长，请核对该单元格。")
    return first, width


def _numbers(cells: Cells, first: int) -> frozenset[tuple[int, int]]:
    return frozenset((row - first, column - 1) for (row, column), cell in cells.items() if cell.is_number)


def _shifted(merges: tuple[Merge, ...], first: int, height: int, width: int) -> tuple[Merge, ...]:
    """Merges in grid indexes, cut to the grid; what lies wholly outside is left out."""
    cut = (
        Merge(max(m.top - first, 0), m.left - 1, min(m.bottom - first, height - 1), min(m.right, width) - 1)
        for m in merges
    )
    return tuple(m for m in cut if m.top <= m.bottom and m.left <= m.right)
