"""What the read-only views share: the door in access.py, denials on record, stable pages, throttling.

The API shows what the acting appointment may see on pages, never more: rows come from the ``visible_…``
querysets and the getters of the floors below, columns from one serializer per kind of reader.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, cast

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from redis.exceptions import RedisError
from rest_framework import filters, mixins, serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle
from rest_framework.viewsets import GenericViewSet

from liaison.identity.gates import note_denial
from liaison.tenancy.scope import NOWHERE, Actor, current_actor, public_actor
from liaison.web.api_base import ActorPermission
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, OutOfScope
from reports.api_schema import ReadSchema

log = logging.getLogger(__name__)

Rows = QuerySet[Any]
Serializer = type[serializers.Serializer[Any]]
_PAGING = frozenset({"page", "page_size"})


class RoleRefused(Forbidden, PermissionDenied):
    """Our 403 with its sentence, and Django's, which the schema takes as "not for this reader"."""


class ActorThrottle(UserRateThrottle):
    """So many requests a minute per account; a broker that is down refuses nobody (reliability section 3)."""

    scope = "user"

    def allow_request(self, request: Request, view: Any) -> bool:
        try:
            return bool(super().allow_request(request, view))
        except (RedisError, OSError):
            log.warning("throttle store unreachable; request let through")
            return True


class StableOrdering(filters.OrderingFilter):
    """Orders by the columns a view lists and by the number last, so that pages never overlap.

    A column that is not listed is refused instead of ignored: a caller must not believe in an order that
    was not applied.
    """

    ordering_description = "排序字段，前加“-”为倒序，多个以逗号分隔。"

    def get_ordering(self, request: Request, queryset: Rows, view: Any) -> list[str]:
        asked = [part.strip() for part in request.query_params.get(self.ordering_param, "").split(",")]
        columns: Mapping[str, str] = view.ordering_columns
        chosen = []
        for name in filter(None, asked):
            column = columns.get(name.removeprefix("-"))
            if column is None:
                raise ValidationError(
                    {"ordering": [f"不能按“{name[:40]}”排序。可用：{'、'.join(columns)}。"]}
                )
            chosen.append(f"-{column}" if name.startswith("-") else column)
        return [*(chosen or view.default_ordering), "pk"]

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        names = [sign + name for name in view.ordering_columns for sign in ("", "-")]
        description = f"{self.ordering_description}可用：{'、'.join(names)}。"
        schema = {"type": "string"}
        where = {"name": self.ordering_param, "required": False, "in": "query"}
        return [where | {"description": description, "schema": schema}]


class ReadViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Any]):
    """Lists and shows the rows of one door.

    A view names: ``roles`` (others get 403), ``door`` (actor to visible rows), ``getter`` (actor and number
    to one row, raising ``OutOfScope`` or ``Forbidden``), ``joins`` and ``prefetches`` (a fixed number of
    queries), ``ordering_columns`` and ``default_ordering``.
    """

    schema = ReadSchema()
    throttle_classes = (ActorThrottle,)
    permission_classes = (ActorPermission,)
    filter_backends = (DjangoFilterBackend, StableOrdering)

    roles: ClassVar[frozenset[Role]] = frozenset()
    door: ClassVar[Callable[[Actor], Rows]]
    getter: ClassVar[Callable[[Actor, int], Any]]
    joins: ClassVar[tuple[str, ...]] = ()
    prefetches: ClassVar[tuple[Any, ...]] = ()
    ordering_columns: ClassVar[Mapping[str, str]] = {}
    default_ordering: ClassVar[tuple[str, ...]] = ()
    filterset_class: ClassVar[type[FilterSet]]

    @property
    def actor(self) -> Actor:
        """The acting appointment; outside of any, nobody."""
        return current_actor() or public_actor(*NOWHERE)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self._refuse_unknown_parameters(request)

    def get_queryset(self) -> Rows:
        rows = type(self).door(self.actor)
        return rows.select_related(*self.joins).prefetch_related(*self.prefetches)

    def get_object(self) -> Any:
        row_id = int(self.kwargs["pk"])
        found = type(self).getter(self.actor, row_id)
        return self.get_queryset().get(pk=found.pk)

    def permission_denied(self, request: Request, message: str | None = None, code: str | None = None) -> Any:
        if request.user.is_authenticated:
            raise RoleRefused(message or ActorPermission.message)
        return super().permission_denied(request, message, code)

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, Forbidden | OutOfScope) and self.request.user.is_authenticated:
            note_denial(cast(HttpRequest, self.request), exc)
        return super().handle_exception(exc)

    def _refuse_unknown_parameters(self, request: Request) -> None:
        """A mistyped filter would answer with everything; it is refused by name."""
        known = set(_PAGING)
        if self.action == "list":
            known |= {*self.filterset_class.base_filters, StableOrdering.ordering_param}
        unknown = sorted(set(request.query_params) - known)
        if unknown:
            raise ValidationError({unknown[0][:40]: ["没有这个查询参数。"]})
