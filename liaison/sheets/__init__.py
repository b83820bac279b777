"""The one door for spreadsheet files: what comes in is text with limits, what goes out cannot run."""

from liaison.sheets.grid import LIMITS, Grid, Limits, Merge, SheetError
from liaison.sheets.reading import read_sheet, read_sheets
from liaison.sheets.writing import Column, Value, write_csv, write_xlsx

__all__ = [
    "LIMITS",
    "Column",
    "Grid",
    "Limits",
    "Merge",
    "SheetError",
    "Value",
    "read_sheet",
    "read_sheets",
    "write_csv",
    "write_xlsx",
]
