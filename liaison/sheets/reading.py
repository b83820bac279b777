"""The one way in for spreadsheet files: told apart by content, read into text, refused in words."""

from __future__ import annotations

from liaison.sheets.csv_reader import read_csv
from liaison.sheets.grid import LIMITS, Grid, Limits, SheetError
from liaison.sheets.xls_reader import read_xls
from liaison.sheets.xlsx_reader import read_xlsx

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_WORD = "WordDocument".encode("utf-16-le")
_BINARY = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf")
_UNKNOWN = "不能识别这个文件，请上传 Excel 或 WPS 表格（.xlsx、.xls）或 CSV 文件。"


def is_workbook(data: bytes) -> bool:
    """Whether the content claims to be a workbook of the new kind, whatever its name."""
    return data.startswith(_ZIP)


def is_old_workbook(data: bytes) -> bool:
    """Whether the content claims to be a workbook of the old kind, whatever its name."""
    return data.startswith(_OLE)


def read_sheets(data: bytes, *, limits: Limits = LIMITS) -> list[Grid]:
    """Every visible sheet of a file as text, in the file's order; the file's name plays no part.

    ``data`` is at most ``limits.max_bytes`` long. Raises ``SheetError`` with what to do.
    """
    if not data.strip():
        raise SheetError("文件是空的，请重新选择文件。")
    if len(data) > limits.max_bytes:
        raise SheetError(f"文件超过{limits.max_bytes // (1024 * 1024)}MB，请删去图片等无关内容后再上传。")
    if is_workbook(data):
        return read_xlsx(data, limits)
    if is_old_workbook(data):
        _check_ole(data)
        return read_xls(data, limits)
    _check_text(data)
    return read_csv(data, limits)


def read_sheet(data: bytes, *, limits: Limits = LIMITS) -> Grid:
    """The first visible sheet with anything in it. Raises ``SheetError`` when all are blank."""
    for grid in read_sheets(data, limits=limits):
        if grid.rows:
            return grid
    raise SheetError("表格里没有内容，请核对后再上传。")


def _check_ole(data: bytes) -> None:
    if _ENCRYPTED in data:
        raise SheetError("文件设有打开密码，请去掉密码后再上传。")
    if _WORD in data:
        raise SheetError("这是文字文档，不是表格。请把名单复制到 Excel 或 WPS 表格中保存后再上传。")


def _check_text(data: bytes) -> None:
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if any(data.startswith(mark) for mark in _BINARY):
        raise SheetError(_UNKNOWN)
    if head.startswith((b"<!doctype", b"<html", b"<table", b"<?xml")):
        raise SheetError("这是网页格式的表格，请用 Excel 或 WPS 表格打开后另存为 .xlsx 文件再上传。")
