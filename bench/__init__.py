"""Measurements. A module here defines `run()`, a generator of (figure, value, unit)."""
