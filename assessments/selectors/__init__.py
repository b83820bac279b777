"""Reads of this floor."""

from assessments.selectors.board import Board, Check, board_of
from assessments.selectors.evidence import Evidence, evidence_of, with_links
from assessments.selectors.own import current_year, notice_of, own_sheets, report_in_hand, reports_of
from assessments.selectors.results import (
    grade_counts,
    grade_table,
    notice_counts,
    result_rows,
    trial_run,
    unreported,
)

__all__ = [
    "Board",
    "Check",
    "Evidence",
    "board_of",
    "current_year",
    "evidence_of",
    "grade_counts",
    "grade_table",
    "notice_counts",
    "notice_of",
    "own_sheets",
    "report_in_hand",
    "reports_of",
    "result_rows",
    "trial_run",
    "unreported",
    "with_links",
]
