"""Reads across all floors."""

from reports.selectors.staff import staff_counts, staff_queue

__all__ = ["staff_counts", "staff_queue"]
