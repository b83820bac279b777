"""The doors each role finds in the masthead and in the bottom bar of a phone."""

from typing import Any

from django.http import HttpRequest


def doors(request: HttpRequest, kind: str) -> list[dict[str, Any]]:
    """``kind`` is "top" or "bottom"; each door is ``{"label", "url", "active", "icon"}``."""
    return []
