"""Addresses of signing in and of one's own account."""

from typing import Any

urlpatterns: list[Any] = []
