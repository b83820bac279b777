"""The base of every admin page: scoped rows, rights by role, history from the audit trail.

Django's own permissions and its log table are not used. States are never form fields; they change by
actions that call services.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.utils import get_fields_from_path
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from liaison.identity.gates import actor_of
from liaison.identity.roles import REGISTRARS
from liaison.identity.selectors import history_of
from liaison.tenancy.encryption import EncryptedTextField
from liaison.tenancy.scope import Actor
from liaison.web.admin_site import TaskLook
from liaison.web.generic import ModelAdmin
from liaison.web.pages import status_of
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, LiaisonError, OutOfScope, Refused
from liaison.words.text import fold_name

# Refusals of a bulk action that are told in full.
MOST_REASONS = 3
# As many rows as an address carries to the page of an action.
MOST_CHOSEN = 200
# What the filters and the date row of a list ask of a column; none of them asks for a part of a word.
_ASKED = frozenset({"exact", "isempty", "in", "isnull", "gte", "lt", "lte", "year", "month", "day"})


def to_chosen(address: str, rows: models.QuerySet[Any], *args: str, **more: object) -> HttpResponseRedirect:
    """The page ``address`` with the chosen rows in its query; ``Refused`` for more than it can carry."""
    ids = [str(pk) for pk in rows.order_by().values_list("pk", flat=True)[: MOST_CHOSEN + 1]]
    if len(ids) > MOST_CHOSEN:
        raise Refused(f"一次最多选{MOST_CHOSEN}条，请分批选择。")
    query = QueryDict(mutable=True)
    query.setlist("id", ids)
    query.update({name: str(value) for name, value in more.items()})
    return HttpResponseRedirect(f"{reverse(address, args=args)}?{query.urlencode()}")


def _on_rows(action: Callable[..., Any]) -> Callable[..., Any]:
    """The action of a list, never called for nothing: without a row many a page would mean every row."""

    @wraps(action)
    def checked(model_admin: Any, request: HttpRequest, rows: models.QuerySet[Any]) -> HttpResponse | None:
        if rows.exists():
            return action(model_admin, request, rows)  # type: ignore[no-any-return]
        words = "所选记录已经不在这份列表里，可能刚被别人办理过，没有执行任何操作，请重新选择。"
        model_admin.message_user(request, words, messages.WARNING)
        return None

    return checked


class ScopedAdmin(ModelAdmin):
    """Sets: ``view_roles``, ``add_roles``, ``change_roles`` (deleting is off unless ``delete_roles``)."""

    view_roles: ClassVar[frozenset[Role]] = REGISTRARS
    add_roles: ClassVar[frozenset[Role]] = frozenset()
    change_roles: ClassVar[frozenset[Role]] = frozenset()
    delete_roles: ClassVar[frozenset[Role]] = frozenset()
    # Who is offered an action of the list, where not all its readers may do it; the services ask again.
    action_roles: ClassVar[Mapping[str, frozenset[Role]]] = {}
    # What a counted line of the house asks of the list besides its filters, as ``column__lookup``.
    counted_by: ClassVar[frozenset[str]] = frozenset()
    list_per_page = 50
    show_full_result_count = False
    save_on_top = False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        queryset: models.QuerySet[Any] = self.model.scoped(actor_of(request))
        ordering = self.get_ordering(request)
        return queryset.order_by(*ordering) if ordering else queryset

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        found: dict[str, Any] = dict(super().get_actions(request) or {})
        closed = {name for name, roles in self.action_roles.items() if not self._holds(request, roles)}
        return {
            name: (_on_rows(action), code, words)
            for name, (action, code, words) in found.items()
            if name not in closed
        }

    def get_sortable_by(self, request: HttpRequest) -> list[Any]:
        """What is kept sealed has no order."""
        sealed = {field.name for field in self.opts.fields if isinstance(field, EncryptedTextField)}
        shown: Any = self.get_list_display(request)
        return [column for column in shown if str(column) not in sealed]

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """By address a list is asked for its filters, its dates and its key alone.

        Django lets every column of the model pass, shown or not, and with ``startswith`` or ``regex`` the
        number of rows gives a hidden word away letter by letter. What is not listed answers 400.
        """
        filters: list[Any] = list(self.get_list_filter(request))
        own = {getattr(one, "parameter_name", "") for one in filters if isinstance(one, type)}
        paths = {one if isinstance(one, str) else one[0] for one in filters if not isinstance(one, type)}
        related = {f"{path}__{key}" for path in paths if (key := self._key_of(path))}
        columns = {"pk", *paths, *related, *([self.date_hierarchy] if self.date_hierarchy else [])}
        path, _, asked = lookup.rpartition("__")
        return lookup in own | columns | self.counted_by or (path in columns and asked in _ASKED)

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """A list is chosen from by its key alone; a relation named here would be a 500."""
        return to_field == self.opts.pk.name and super().to_field_allowed(request, to_field)

    def _key_of(self, path: str) -> str:
        """The key a filter on related rows compares; nothing for a plain column."""
        field: Any = get_fields_from_path(self.model, path)[-1]
        return str(field.target_field.name) if field.is_relation else ""

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


class ServiceAdmin(TaskLook, ScopedAdmin):
    """Rows by ``access``; nothing is added, changed or deleted but through pages that call services."""

    # The access function of the model; without one the rows are those of the actor's interval.
    visible: ClassVar["staticmethod[[Actor], models.QuerySet[Any]] | None"] = None
    # Extra pages: (address, method name, roles).
    pages: ClassVar[tuple[tuple[str, str, frozenset[Role]], ...]] = ()

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        visible = type(self).visible
        if visible is None:
            return super().get_queryset(request)
        rows, ordering = visible(actor_of(request)), self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def get_urls(self) -> list[URLPattern]:
        info = f"{self.opts.app_label}_{self.opts.model_name}"
        extra = [
            path(address, self.admin_site.admin_view(self._gated(name, roles)), name=f"{info}_{name}")
            for address, name, roles in self.pages
        ]
        return extra + super().get_urls()

    def _gated(self, name: str, roles: frozenset[Role]) -> Callable[..., Any]:
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not self._holds(request, roles):
                raise Forbidden()
            return getattr(self, name)(request, *args, **kwargs)

        answer.__name__ = name
        answer.__dict__["open_to"] = roles
        return answer

    def holds(self, request: HttpRequest, roles: frozenset[Role]) -> bool:
        """For templates and actions; the services ask again."""
        return self._holds(request, roles)

    def row(self, request: HttpRequest, object_id: str | int) -> Any:
        """One row through the access door; 404 for an address that names none."""
        found = self.get_object(request, str(object_id))
        if found is None or not self.has_view_permission(request, found):
            raise OutOfScope()
        return found

    def show(self, request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
        """A page of ``templates/<app>/admin/`` in the frame of the back office."""
        words = {**self.admin_site.each_context(request), "opts": self.model._meta, "title": title}
        name = f"{self.opts.app_label}/admin/{template}"
        return TemplateResponse(request, name, {**words, **context}, status=status_of(context))

    def each_row(
        self, request: HttpRequest, rows: Iterable[Any], call: Callable[[Actor, Any], Any], done: str
    ) -> None:
        """Run a service for every chosen row; what is refused is named, the others go through."""
        actor, count, refused = actor_of(request), 0, list[str]()
        for row in rows:
            try:
                with transaction.atomic():
                    call(actor, row)
                count += 1
            except LiaisonError as error:
                refused.append(f"{row}：{error.message}")
        if count:
            self.message_user(request, done.format(count), messages.SUCCESS)
        for sentence in refused[:MOST_REASONS]:
            self.message_user(request, sentence, messages.WARNING)
        if len(refused) > MOST_REASONS:
            self.message_user(request, f"另有{len(refused) - MOST_REASONS}条没有办理。", messages.WARNING)
