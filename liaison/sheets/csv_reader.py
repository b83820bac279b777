"""CSV files as office programs write them: UTF-8, UTF-16 or GB18030; comma, tab or semicolon."""

from __future__ import annotations

import codecs
import csv
import io
import re

from charset_normalizer import from_bytes

from liaison.sheets.grid import Cell, Grid, Limits, SheetError, build_grid

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS = ",\t;"
_QUOTED = re.compile(r'"[^"]*"')
_KEPT_AS_TEXT = re.compile(r'\s*="([^"]*)"\s*')
_UNREADABLE = "文件里的文字无法识别，请用 Excel 或 WPS 表格打开后另存为 .xlsx 文件再上传。"


def read_csv(data: bytes, limits: Limits) -> list[Grid]:
    """The one sheet of a CSV file. Row numbers count records, as a spreadsheet program shows them.

    A text that our own writer guarded with an apostrophe (``'+86…``) comes back without it.
    """
    text = decode(data)
    cells = {}
    try:
        records = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
        for number, record in enumerate(records, 1):
            if number > limits.max_rows + 100:
                raise SheetError(f"表格超过{limits.max_rows}行，请分成几个文件。")
            for column, value in enumerate(record, 1):
                cells[number, column] = _cell(value)
    except csv.Error as error:
        raise SheetError("CSV 文件的引号不成对或单元格过长，请另存为 .xlsx 文件再上传。") from error
    return [build_grid(cells, sheet_name="", limits=limits, typed=False)]


def decode(data: bytes) -> str:
    """Text of a CSV file: byte order mark, strict UTF-8, strict GB18030, and only then a guess."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _strict(data, encoding) or _refuse()
    if b"\x00" in data:
        return _refuse()
    for encoding in ("utf-8", "gb18030"):
        text = _strict(data, encoding)
        if text is not None:
            return text
    guess = from_bytes(data).best()
    return str(guess) if guess is not None else _refuse()


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _refuse() -> str:
    raise SheetError(_UNREADABLE)


def _delimiter(text: str) -> str:
    """The separator met most often outside quotes in the first lines; a comma when there is none."""
    sample = _QUOTED.sub("", text[:20_000])
    return max(_DELIMITERS, key=sample.count)


def _cell(value: str) -> Cell:
    """``="13900000001"`` is how programs keep digits a text in CSV: a text, not a formula."""
    if kept := _KEPT_AS_TEXT.fullmatch(value):
        return Cell(kept[1])
    if len(value) > 1 and value[0] == "'" and value[1] in "+-@＋－＠":
        value = value[1:]
    return Cell(value, formula=value if value.lstrip()[:1] == "=" else "")
