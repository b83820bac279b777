"""Whether a sheet may be kept and handed on as it came: nothing in it runs, calls outside, or hides a file.

One decision, made when the file is checked and the same when it is stored. Every refusal says what to do
in the office's own program. Threats: reliability.md section 2.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable

from openpyxl.utils import get_column_letter

from liaison.sheets.grid import DAMAGED, Grid, SheetError
from liaison.sheets.reading import is_old_workbook, is_workbook, read_sheets
from liaison.sheets.xls_records import has_embedded_files, has_links

_VALUES = "请选中有公式的单元格，复制后用“选择性粘贴”只粘贴“数值”，保存后再上传。"
_MACROS = "表格带有宏或控件。请“另存为”普通的“Excel 工作簿（*.xlsx）”，不保留宏，再上传。"
_LINKS = f"表格里有取自其他文件或数据源的内容（如引用其他表格的 VLOOKUP）。{_VALUES}"
_EMBEDDED = "表格里嵌入了其他文件。请删去嵌入的文件，另存为 .xlsx 文件再上传。"
_NOT_PLAIN = "这是启用宏的工作簿或者模板。请“另存为”普通的“Excel 工作簿（*.xlsx）”，再上传。"

#: Parts of a workbook that run, or bring in another file, and what to do about them.
_ACTIVE_PARTS = (
    (r"vbaProject|macrosheets|activeX|customUI|webextension|printerSettings.*\.exe", _MACROS),
    (r"externalLinks|connections\.xml|queryTables", _LINKS),
    (r"embeddings|oleObject", _EMBEDDED),
)
_VBA = ("_VBA_PROJECT".encode("utf-16-le"), "Macros".encode("utf-16-le"))
_OTHER_KINDS = re.compile(rb"(macroEnabled|template)\.main\+xml", re.IGNORECASE)
_KINDS, _KINDS_READ = "[Content_Types].xml", 100_000
_ACTIVE_FORMULA = re.compile(
    r"HYPERLINK|WEBSERVICE|FILTERXML|RTD\(|DDE|CALL\(|REGISTER|EXEC\(|\|", re.IGNORECASE
)
_MARKUP = re.compile(r"<[a-zA-Z!?/]|javascript:", re.IGNORECASE)
_NAMED_PLACES = 10


def check_safe(data: bytes) -> None:
    """Read the sheet within the limits and refuse what is not plain. Raises ``SheetError`` with the cure."""
    if is_workbook(data):
        _check_archive(data)
    elif is_old_workbook(data) and any(mark in data for mark in _VBA):
        raise SheetError(_MACROS)
    grids = read_sheets(data)
    if is_old_workbook(data):
        _check_old(data)
    elif is_workbook(data):
        _refuse_at(grids, "有会联网或调用其他程序的公式", _VALUES, lambda text, formula: _is_active(formula))
    else:
        words = "请改为公式的结果，或用 Excel、WPS 表格打开后另存为 .xlsx 文件再上传。"
        _refuse_at(grids, "是公式，而 CSV 文件不保存公式的结果", words, lambda text, formula: bool(formula))
        words = "请删去尖括号中的内容后再上传。"
        _refuse_at(grids, "有网页代码", words, lambda text, formula: bool(_MARKUP.search(text)))


def _is_active(formula: str) -> bool:
    return bool(_ACTIVE_FORMULA.search(formula))


def _refuse_at(grids: list[Grid], what: str, cure: str, is_wrong: Callable[[str, str], bool]) -> None:
    """Refuse with every place that is wrong, as the office finds it: 第3行H列."""
    places = [
        f"第{grid.row_number(row)}行{get_column_letter(column + 1)}列"
        for grid in grids
        for row, texts in enumerate(grid.rows)
        for column, text in enumerate(texts)
        if is_wrong(text, grid.formulas.get((row, column), ""))
    ]
    if places:
        more = "等" if len(places) > _NAMED_PLACES else ""
        raise SheetError(f"表格{'、'.join(places[:_NAMED_PLACES])}{more}{what}。{cure}")


def _check_old(data: bytes) -> None:
    try:
        if has_links(data):
            raise SheetError(_LINKS)
        if has_embedded_files(data):
            raise SheetError(_EMBEDDED)
    except SheetError:
        raise
    except Exception as error:
        # A damaged file makes the container's reader raise anything.
        raise SheetError(DAMAGED) from error


def _check_archive(data: bytes) -> None:
    """The archive begins and ends with itself, and every name in it is a plain part of a workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            kinds = archive.open(_KINDS).read(_KINDS_READ) if _KINDS in names else b""
            tail = len(data) - archive.start_dir
            directory = sum(
                46 + len(i.orig_filename.encode()) + len(i.extra) + len(i.comment) for i in archive.infolist()
            )
    except (zipfile.BadZipFile, zlib.error, RuntimeError, ValueError, OverflowError) as error:
        raise SheetError("文件不完整，请重新保存后再上传。") from error
    if tail > directory + 22 + 1024 or len(set(names)) != len(names):
        raise SheetError("表格文件夹带了其他内容，请另存后再上传。")
    if any(name.startswith("/") or ".." in name or "\\" in name for name in names):
        raise SheetError("表格文件的内部结构不正常，请另存后再上传。")
    _check_parts(names)
    if _OTHER_KINDS.search(kinds):
        raise SheetError(_NOT_PLAIN)


def _check_parts(names: Iterable[str]) -> None:
    for pattern, words in _ACTIVE_PARTS:
        if any(re.search(pattern, name, re.IGNORECASE) for name in names):
            raise SheetError(words)
