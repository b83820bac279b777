"""Workbooks of the old binary kind (.xls, .et), read with xlrd."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import xlrd

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
from liaison.sheets.xls_records import formula_places


def read_xls(data: bytes, limits: Limits) -> list[Grid]:
    """Visible sheets of an old workbook. A formula shows its stored result; its text stays unread."""
    try:
        book = xlrd.open_workbook(
            file_contents=data, formatting_info=True, ragged_rows=True, logfile=io.StringIO()
        )
        formulas = formula_places(data)
        sheets = [pair for pair in zip(book.sheets(), formulas, strict=True) if pair[0].visibility == 0]
        if len(sheets) > limits.max_sheets:
            raise SheetError(f"文件里的工作表超过{limits.max_sheets}张，请只保留需要的工作表。")
        return [_grid(book, sheet, places, limits) for sheet, places in sheets]
    except SheetError:
        raise
    except Exception as error:
        # On a damaged file xlrd raises anything from AssertionError to struct.error.
        if "encrypted" in str(error).lower():
            raise SheetError("文件设有打开密码，请去掉密码后再上传。") from error
        raise SheetError(DAMAGED) from error


def _grid(book: Any, sheet: Any, formulas: frozenset[tuple[int, int]], limits: Limits) -> Grid:
    cells = {
        (row + 1, column + 1): _marked(_cell(book, sheet.cell(row, column)), (row, column) in formulas)
        for row in range(sheet.nrows)
        for column in range(sheet.row_len(row))
    }
    return build_grid(
        cells,
        sheet_name=sheet.name,
        limits=limits,
        merges=tuple(Merge(top + 1, left + 1, end, right) for top, end, left, right in sheet.merged_cells),
        hidden_rows=frozenset(row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden),
        serial_origin=ORIGIN_1904 if book.datemode else ORIGIN_1900,
    )


def _marked(cell: Cell, is_formula: bool) -> Cell:
    return replace(cell, formula="=") if is_formula else cell


def _cell(book: Any, cell: Any) -> Cell:
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        return Cell(number_text(cell.value, _format(book, cell)), is_number=True)
    if cell.ctype == xlrd.XL_CELL_DATE:
        return _date(book, cell)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return Cell("是" if cell.value else "否")
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return Cell(xlrd.error_text_from_code.get(cell.value, "#N/A"))
    return Cell(str(cell.value))


def _date(book: Any, cell: Any) -> Cell:
    try:
        return Cell(date_text(xlrd.xldate_as_datetime(cell.value, book.datemode), _format(book, cell)))
    except (ValueError, OverflowError):
        return Cell(number_text(cell.value), is_number=True)


def _format(book: Any, cell: Any) -> str:
    key = book.xf_list[cell.xf_index].format_key
    known = book.format_map.get(key)
    return CHINESE_DATE_FORMATS.get(key) or (known.format_str if known else "General")
