"""Pages of the roster: access, form, service, render."""
