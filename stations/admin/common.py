"""What the back-office pages of this floor share."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from liaison.web.generic import TabularInline


class ReadOnlyInline(TabularInline):
    """Rows that belong to another, shown with it; only services write them."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_add_permission

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True
