"""What the back-office pages of this floor share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django.contrib import messages
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from liaison.identity.gates import actor_of
from liaison.identity.roles import OFFICE, REGISTRARS
from liaison.tenancy.scope import Actor
from liaison.web.admin_base import (
    ScopedAdmin,
)
from liaison.web.admin_site import TaskLook
from liaison.web.pages import status_of
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, LiaisonError, OutOfScope

RUNNERS = OFFICE
MOST_REASONS = 3


class AssessmentsAdmin(TaskLook, ScopedAdmin):
    """Rows by ``access``; nothing is added, changed or deleted but through pages that call services."""

    view_roles: ClassVar[frozenset[Role]] = REGISTRARS
    task_group = "assessment"
    # ``visible(actor)`` is the access function of the model.
    visible: ClassVar[Callable[[Actor], models.QuerySet[Any]]]
    # Extra pages: (address, method name, roles).
    pages: ClassVar[tuple[tuple[str, str, frozenset[Role]], ...]] = ()

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = type(self).visible(actor_of(request))
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def get_urls(self) -> list[URLPattern]:
        info = f"{self.opts.app_label}_{self.opts.model_name}"
        extra = [
            path(address, self.admin_site.admin_view(self._page(name, roles)), name=f"{info}_{name}")
            for address, name, roles in self.pages
        ]
        return extra + super().get_urls()

    def _page(self, name: str, roles: frozenset[Role]) -> Callable[..., Any]:
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not self._holds(request, roles):
                raise Forbidden()
            return getattr(self, name)(request, *args, **kwargs)

        answer.__name__ = name
        answer.__dict__["open_to"] = roles
        return answer

    def holds(self, request: HttpRequest, roles: frozenset[Role]) -> bool:
        """For templates; the services ask again."""
        return self._holds(request, roles)

    def row(self, request: HttpRequest, object_id: str | int) -> Any:
        """One row through the access door; 404 for an address that names none."""
        found = self.get_object(request, str(object_id))
        if found is None or not self.has_view_permission(request, found):
            raise OutOfScope()
        return found

    def show(self, request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
        words = {**self.admin_site.each_context(request), "opts": self.model._meta, "title": title}
        status = status_of(context)
        return TemplateResponse(request, f"assessments/admin/{template}", {**words, **context}, status=status)

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
