"""What every page's shell needs: who acts where, unread notices, the doors of the role."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from liaison import hooks
from liaison.identity.roles import DEPUTIES
from liaison.tenancy.scope import Actor


def _nav(request: HttpRequest, kind: str) -> list[dict[str, Any]]:
    return [door for doors in hooks.navigation for door in doors(request, kind)]


def _unread(request: HttpRequest) -> int:
    from liaison.identity.selectors import unread_count

    actor = getattr(request, "actor", None)
    return unread_count(actor) if actor is not None and actor.account_id else 0


def shell(request: HttpRequest) -> dict[str, Any]:
    actor: Actor | None = getattr(request, "actor", None)
    signed_in = actor is not None and actor.account_id is not None
    return {
        "actor": actor if signed_in else None,
        "appointments": [(a.pk, str(a)) for a in getattr(request, "appointments", [])],
        "unread_count": SimpleLazyObject(lambda: _unread(request)),
        "nav": SimpleLazyObject(lambda: _nav(request, "top")) if signed_in else [],
        "bottom_nav": SimpleLazyObject(lambda: _nav(request, "bottom")) if signed_in else [],
        "type_size": request.COOKIES.get("type_size", "normal"),
        "contrast": request.COOKIES.get("contrast", "normal"),
        "is_demo": settings.IS_DEMO,
        "is_deputy": actor is not None and signed_in and actor.role in DEPUTIES,
        "request_id": getattr(request, "request_id", ""),
    }
