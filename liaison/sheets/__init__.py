"""The one door for spreadsheet files: what comes in is text with limits, what goes out cannot run."""

from liaison.sheets.grid import LIMITS, Grid, Limits, Merge, SheetError
from liaison.sheets.reading import is_old_workbook, is_workbook, read_sheet, read_sheets
from liaison.sheets.safety import check_safe
from liaison.sheets.writing import Column, Value, write_csv, write_xlsx

__all__ = [
    "LIMITS",
    "Column",
    "Grid",
    "Limits",
    "Merge",
    "SheetError",
    "Value",
    "check_safe",
    "is_old_workbook",
    "is_workbook",
    "read_sheet",
    "read_sheets",
    "write_csv",
    "write_xlsx",
]
