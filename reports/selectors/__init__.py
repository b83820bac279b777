"""Reads across all floors."""

from reports.selectors.missing import missing_steps
from reports.selectors.staff import staff_counts, staff_queue

__all__ = ["missing_steps", "staff_counts", "staff_queue"]
