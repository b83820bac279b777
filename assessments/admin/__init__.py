"""The back office of this floor: one task page a year, the lists behind it, the schemes."""

from assessments.admin import cycle, entries, letters, schemes, sheets

__all__ = ["cycle", "entries", "letters", "schemes", "sheets"]
