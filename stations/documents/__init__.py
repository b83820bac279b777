"""Posters, tables and work plans on paper."""
