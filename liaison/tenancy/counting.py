"""Counting rows of several tables at once."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet, Value


def counted(**rows: QuerySet[Any]) -> dict[str, int]:
    """How many rows each queryset has, by its keyword; one query for all, whatever their tables."""
    parts = [
        found.order_by()
        .annotate(counted_as=Value(name))
        .values("counted_as")
        .annotate(n=Count("pk", distinct=True))
        for name, found in rows.items()
    ]
    first, *others = (part.values_list("counted_as", "n") for part in parts)
    return dict.fromkeys(rows, 0) | dict(first.union(*others, all=True))
