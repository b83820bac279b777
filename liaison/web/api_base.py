"""What every view of the API shares: the actor's permission, pages, errors in words."""

from typing import Any

from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from liaison.tenancy.scope import current_actor
from liaison.words.enums import Role
from liaison.words.errors import LiaisonError


class ActorPermission(BasePermission):
    """Signed in, in an appointment; a view may name its ``roles``.

    Asks who acts and not the request: the description of the interface is drawn with made-up requests.
    """

    message = "您当前的职务没有查阅此内容的权限。"

    def has_permission(self, request: Request, view: Any) -> bool:
        actor = current_actor()
        if actor is None or actor.appointment_id is None:
            return False
        roles: frozenset[Role] | None = getattr(view, "roles", None)
        return roles is None or actor.role in roles


class Pages(PageNumberPagination):
    page_size_query_param = "page_size"
    max_page_size = 200


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Our own errors answer with their status and sentence, everything else as DRF does."""
    if isinstance(error, LiaisonError):
        return Response({"detail": error.message}, status=error.status)
    # rest_framework.views imports this module through the settings, so it is imported late.
    from rest_framework.views import exception_handler as drf_handler

    return drf_handler(error, context)
