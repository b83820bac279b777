"""The roster in the back office; every write goes through a service."""

from deputies.admin import imports, institutions, mandates, people

__all__ = ["imports", "institutions", "mandates", "people"]
