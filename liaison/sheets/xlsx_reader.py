"""Workbooks of the new kind (.xlsx, .xlsm), read as a stream with openpyxl."""

from __future__ import annotations

import datetime as dt
import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from defusedxml.ElementTree import iterparse
from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.datetime import from_excel

from liaison.sheets.cell_text import CHINESE_DATE_FORMATS, date_text, number_text
from liaison.sheets.grid import (
    DAMAGED,
    ORIGIN_1900,
    ORIGIN_1904,
    Cell,
    Grid,
    Limits,
    Merge,
    SheetError,
    build_grid,
)

_BOMB = "文件解开后过大，请删去图片和空白行后另存，再上传。"
_STRICT = (
    "文件是“Strict Open XML 电子表格”格式。"
    + "请用 Excel 打开，“另存为”时保存类型选“Excel 工作簿（*.xlsx）”，再上传。"
)
_STRICT_NAMESPACE = b"http://purl.oclc.org/ooxml/"
_SMALL_MEMBER = 1024 * 1024


def read_xlsx(data: bytes, limits: Limits) -> list[Grid]:
    """Visible sheets of a workbook; a formula shows its stored result, macros and links are never touched."""
    check_archive(data, limits)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            try:
                return _grids(book, data, limits)
            finally:
                book.close()
    except SheetError:
        raise
    except Exception as error:
        # On a damaged file the parsers below raise anything from KeyError to zlib.error.
        raise SheetError(DAMAGED) from error


def check_archive(data: bytes, limits: Limits) -> None:
    """Refuse a zip bomb by its directory alone, and say what else the archive is if not a workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            head = _workbook_head(archive, members)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, ValueError, OverflowError) as error:
        raise SheetError("文件不完整，请重新保存后再上传。") from error
    if len(members) > limits.max_members or sum(m.file_size for m in members) > limits.max_unpacked_bytes:
        raise SheetError(_BOMB)
    for member in members:
        if member.flag_bits & 1:
            raise SheetError("文件设有打开密码，请去掉密码后再上传。")
        if member.file_size > max(_SMALL_MEMBER, member.compress_size * limits.max_ratio):
            raise SheetError(_BOMB)
    _check_kind({member.filename for member in members})
    if _STRICT_NAMESPACE in head:
        raise SheetError(_STRICT)


def _workbook_head(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> bytes:
    """The first bytes of the main part, where its namespaces stand; never more is unpacked here."""
    for member in members:
        if member.filename == "xl/workbook.xml" and not member.flag_bits & 1:
            with archive.open(member) as part:
                return part.read(2000)
    return b""


def _check_kind(names: set[str]) -> None:
    if any(name.startswith("xl/") and name.endswith("workbook.xml") for name in names):
        return
    if any(name.startswith("word/") for name in names):
        raise SheetError("这是文字文档，不是表格。请把名单复制到 Excel 或 WPS 表格中保存后再上传。")
    if "xl/workbook.bin" in names or "content.xml" in names:
        raise SheetError("不支持这种表格格式，请另存为 .xlsx 文件再上传。")
    raise SheetError("不能识别这个文件，请上传 Excel 或 WPS 表格（.xlsx、.xls）或 CSV 文件。")


def _grids(book: Any, data: bytes, limits: Limits) -> list[Grid]:
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if len(sheets) > limits.max_sheets:
        raise SheetError(f"文件里的工作表超过{limits.max_sheets}张，请只保留需要的工作表。")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [_grid(book, sheet, archive, limits) for sheet in sheets]


def _grid(book: Any, sheet: Any, archive: zipfile.ZipFile, limits: Limits) -> Grid:
    # The streaming reader offers no other way to the merged ranges than its own part of the archive.
    with archive.open(sheet._worksheet_path.lstrip("/")) as part:
        layout = _Layout(part, limits)
    # The bounds are our own: the extent a writer states is often wrong.
    cells = {
        (cell.row, cell.column): _cell(book, cell)
        for row in sheet.iter_rows(max_row=layout.last_row or 1, max_col=limits.max_columns)
        for cell in row
        if cell.value is not None
    }
    for place, formula in layout.formulas.items():
        without = Cell("" if place in layout.blank_results else formula)
        cells[place] = replace(cells.get(place, without), formula=formula)
    return build_grid(
        cells,
        sheet_name=sheet.title,
        limits=limits,
        merges=tuple(layout.merges),
        hidden_rows=frozenset(layout.hidden_rows),
        serial_origin=ORIGIN_1904 if book.epoch.year == 1904 else ORIGIN_1900,
    )


class _Layout:
    """What the streaming reader leaves out: merged ranges, hidden rows, formulas, how far cells reach."""

    def __init__(self, part: Any, limits: Limits) -> None:
        self.merges: list[Merge] = []
        self.hidden_rows: list[int] = []
        self.formulas: dict[tuple[int, int], str] = {}
        self.blank_results: set[tuple[int, int]] = set()
        self._first_row = self.last_row = 0
        self._row_number = 0
        self._limits = limits
        for name, element in _elements(part):
            if name == "mergeCell":
                left, top, right, bottom = range_boundaries(element.get("ref", ""))
                self.merges.append(Merge(int(top or 1), int(left or 1), int(bottom or 1), int(right or 1)))
            elif name == "row":
                self._row(element)

    def _row(self, element: Any) -> None:
        number = int(element.get("r") or self._row_number + 1)
        self._row_number = number
        if element.get("hidden") in ("1", "true"):
            self.hidden_rows.append(number)
        column = 0
        for cell in element:
            reference = cell.get("r")
            column = int(range_boundaries(reference)[0] or 0) if reference else column + 1
            if len(cell):
                self._check(number, column)
                self._keep_formula((number, column), cell)
                self._first_row = self._first_row or number
                self.last_row = max(self.last_row, number)

    def _keep_formula(self, place: tuple[int, int], cell: Any) -> None:
        """The formula of a cell; one shared with a cell above has its text there."""
        formula = next((child for child in cell if child.tag.endswith("}f")), None)
        if formula is None:
            return
        result = next((child for child in cell if child.tag.endswith("}v")), None)
        self.formulas[place] = f"={formula.text or ''}"
        if result is not None and not result.text and cell.get("t") == "str":
            self.blank_results.add(place)

    def _check(self, row: int, column: int) -> None:
        """Refuse far cells before the reader fills the space up to them with blanks."""
        if row - (self._first_row or row) >= self._limits.max_rows or row > self._limits.max_rows * 2:
            raise SheetError(
                f"表格超过{self._limits.max_rows}行（第{row}行仍有内容），请删去多余的行或分成几个文件。"
            )
        if column > self._limits.max_columns:
            raise SheetError(
                f"表格超过{self._limits.max_columns}列（第{column}列仍有内容），请删去多余的列。"
            )


def _elements(part: Any) -> Iterator[tuple[str, Any]]:
    """Rows and merges as they end; each row is emptied at once, so memory stays flat."""
    for _, element in iterparse(part, events=("end",), forbid_dtd=True):
        name = element.tag.rpartition("}")[2]
        if name in ("row", "mergeCell"):
            yield name, element
        if name in ("row", "mergeCells", "sheetData"):
            element.clear()


def _cell(book: Any, cell: Any) -> Cell:
    value = cell.value
    if isinstance(value, bool):
        return Cell("是" if value else "否")
    if isinstance(value, int | float):
        return _number(book, cell, value)
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return Cell(date_text(value, cell.number_format))
    if isinstance(value, dt.timedelta):
        return Cell(str(value))
    return Cell(str(value))


def _number(book: Any, cell: Any, value: float) -> Cell:
    chinese = CHINESE_DATE_FORMATS.get(cell.style_array.numFmtId)
    if chinese and value > 0:
        return Cell(date_text(from_excel(value, book.epoch), chinese))
    return Cell(number_text(value, cell.number_format), is_number=True)
