"""Pages of this floor: access, form, service, render."""
