"""Numbers of rows that stay apart when a file has several sheets, and how a person reads them.

Pure. A roster of one sheet is numbered as its program numbers it; of several sheets every number carries
its sheet, because two sheets both have a row 5.
"""

from __future__ import annotations

from collections.abc import Iterable

#: More rows than any program gives a sheet.
_STEP = 10_000_000


class SheetRow(int):
    """A row of one sheet among several: as a number it is unique in the file, in words it names its sheet."""

    sheet: str

    def __new__(cls, place: int, sheet: str, row: int) -> SheetRow:
        """``place`` counts the sheets of the file from 1; ``row`` is the sheet's own number."""
        number = super().__new__(cls, place * _STEP + row)
        number.sheet = sheet
        return number


def own_row(number: int) -> int:
    """The number the office sees at the left of the row."""
    return int(number) % _STEP


def row_words(number: int) -> str:
    """第5行, or “一组”表第5行."""
    return f"{sheet_words(number)}第{own_row(number)}行"


def sheet_words(number: int) -> str:
    """“一组”表 for a row of one sheet among several, else nothing."""
    return f"“{number.sheet}”表" if isinstance(number, SheetRow) else ""


def rows_words(numbers: Iterable[int], most: int = 10) -> str:
    """第5、7行, or “一组”表第5、7行，“二组”表第9行; of more than ``most`` rows the first, and how many."""
    listed = list(numbers)
    by_sheet: dict[str, list[str]] = {}
    for number in listed[:most]:
        by_sheet.setdefault(sheet_words(number), []).append(str(own_row(number)))
    words = "，".join(f"{sheet}第{'、'.join(rows)}行" for sheet, rows in by_sheet.items())
    return words + (f"等{len(listed)}行" if len(listed) > most else "")
