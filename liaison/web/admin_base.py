"""The base of every admin page: scoped rows, rights by role, history from the audit trail.

Django's own permissions and its log table are not used. States are never form fields; they change by
actions that call services.
"""

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from liaison.identity.gates import actor_of
from liaison.identity.roles import REGISTRARS
from liaison.identity.selectors import history_of
from liaison.web.generic import ModelAdmin
from liaison.words.enums import Role
from liaison.words.errors import OutOfScope
from liaison.words.text import fold_name


class ScopedAdmin(ModelAdmin):
    """Sets: ``view_roles``, ``add_roles``, ``change_roles`` (deleting is off unless ``delete_roles``)."""

    view_roles: ClassVar[frozenset[Role]] = REGISTRARS
    add_roles: ClassVar[frozenset[Role]] = frozenset()
    change_roles: ClassVar[frozenset[Role]] = frozenset()
    delete_roles: ClassVar[frozenset[Role]] = frozenset()
    list_per_page = 50
    show_full_result_count = False
    save_on_top = False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        queryset: models.QuerySet[Any] = self.model.scoped(actor_of(request))
        ordering = self.get_ordering(request)
        return queryset.order_by(*ordering) if ordering else queryset

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """A list that finds people reads a name as the register keeps it, however it was typed."""
        if any(field.endswith("person__name") for field in self.search_fields):
            search_term = " ".join(fold_name(word) for word in search_term.split())
        return super().get_search_results(request, queryset, search_term)

    def _holds(self, request: HttpRequest, roles: frozenset[Role]) -> bool:
        actor = getattr(request, "actor", None)
        return actor is not None and actor.appointment_id is not None and actor.role in roles

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._holds(request, self.view_roles)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._holds(request, self.view_roles)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._holds(request, self.add_roles)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._holds(request, self.change_roles)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._holds(request, self.delete_roles)

    # The audit trail is written by database triggers; Django's own log would repeat it with names in it.
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        return None

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        obj = self.get_object(request, object_id)
        if obj is None or not self.has_view_permission(request, obj):
            raise OutOfScope()
        context = {
            **self.admin_site.each_context(request),
            "title": f"变更历史：{obj}",
            "entries": history_of(actor_of(request), self.model._meta.db_table, obj.pk),
            "object": obj,
            "opts": self.model._meta,
        }
        return render(request, "admin/object_history.html", context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Settings-like rows are saved as typed in the acting jurisdiction; others use a service."""
        actor = actor_of(request)
        if not change and getattr(obj, "scope_code", None) is None:
            obj.scope_code = actor.lo
            if hasattr(obj, "scope_end"):
                obj.scope_end = actor.hi
        super().save_model(request, obj, form, change)
