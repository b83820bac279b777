"""Workdays, deadlines, recurrences and the policies they are computed by."""
