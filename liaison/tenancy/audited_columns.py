"""The one door for what the audit trail keeps in clear: who did what, never what was written.

The audit administrator reads the trail and may see no business data (三权分立): no score, grade or vote, no
title or sentence. Of such columns an entry holds the name and a salted digest of the row.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from liaison.tenancy.masked_fields import MaskedCharField

# Marks are decimals; what people write is text without a list of choices, or sealed, or structured.
_NEVER = (
    models.DecimalField, models.FloatField, models.TextField, models.JSONField, MaskedCharField,
)  # fmt: skip
# Words and counts that judge somebody or quote somebody, whatever their type.
_JUDGING = frozenset(
    {"grade", "satisfaction", "title", "quality", "content_hash", "fact_code", "count", "due_count"}
)
# What a note may tell besides its operation, table and row: counts, keys of rows, names of pages, accounts.
NOTED = frozenset(
    {
        "account", "appointment", "appointments", "holidays", "makeups", "page", "phones", "revision",
        "rows", "status", "tried", "tries",
    }
)  # fmt: skip
_LONGEST = 80


def plain_columns(model: type[models.Model]) -> tuple[str, ...]:
    """The columns an entry holds with their values; ``ImproperlyConfigured`` for one that may not be."""
    names: tuple[str, ...] = tuple(getattr(model, "audit_plain", ()))
    columns = {field.column: field for field in model._meta.local_fields}
    for name in names:
        field = columns.get(name)
        if field is None:
            raise ImproperlyConfigured(f"{model.__name__}.audit_plain names no column: {name}")
        if name in _JUDGING or isinstance(field, _NEVER):
            raise ImproperlyConfigured(f"{model.__name__}.{name} may not stand in the audit trail")
    return names


@cache
def plain_by_table() -> Mapping[str, frozenset[str]]:
    """The same for all tables, by name."""
    return {model._meta.db_table: frozenset(plain_columns(model)) for model in apps.get_models()}


def noted(detail: Mapping[str, Any]) -> dict[str, Any]:
    """``detail`` of a note, if it holds nothing but what a note may tell; else ``ValueError``."""
    for name, value in detail.items():
        is_word = isinstance(value, str) and len(value) <= _LONGEST
        if name not in NOTED or not (is_word or value is None or isinstance(value, bool | int)):
            raise ValueError(f"a note of the audit trail may not tell {name!r}")
    return dict(detail)
