"""A change page whose fields a service writes; whoever may not write reads the same record."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.helpers import ActionForm
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from deputies.access import current_term, may_keep
from deputies.enums import TermState
from deputies.models import Term
from liaison.tenancy.scope import Actor
from liaison.web.admin_base import ScopedAdmin, actor_of_request
from liaison.web.admin_site import TaskLook
from liaison.web.forms import ServiceForm
from liaison.words.enums import Role
from liaison.words.errors import InvalidInput, OutOfScope, Refused
from liaison.words.text import read_digits

KEEPERS = frozenset({Role.PRESIDIUM_CLERK, Role.PRESIDIUM_CHAIR, Role.COUNTY_COMMITTEE})


class RosterAdmin(TaskLook, ScopedAdmin):
    """Change pages by form and service; the term decides whether there is anything to write."""

    task_group = "roster"
    view_roles: ClassVar[frozenset[Role]] = KEEPERS
    action_form = ActionForm
    list_per_page = 100

    def term_of(self, obj: Any) -> Term:
        """The term whose roster ``obj`` belongs to."""
        return obj.term  # type: ignore[no-any-return]

    def edit_form(self, request: HttpRequest, obj: Any) -> ServiceForm:
        raise NotImplementedError

    def save_edit(self, request: HttpRequest, obj: Any, form: Any) -> None:
        raise NotImplementedError

    def may_edit(self, actor: Actor, obj: Any) -> bool:
        term = self.term_of(obj)
        return may_keep(actor, term) and term.state != TermState.CLOSED

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not self._holds(request, KEEPERS):
            return False
        return obj is None or self.may_edit(actor_of_request(request), obj)

    def extra_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What else the change page shows."""
        return {}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        obj = self.get_object(request, object_id)
        if obj is None or not self.has_view_permission(request, obj):
            raise OutOfScope()
        if not self.has_change_permission(request, obj):
            return super().change_view(request, object_id, form_url, extra_context)
        form = self.edit_form(request, obj)
        if request.method == "POST" and form.is_valid() and self._saved(request, obj, form):
            messages.success(request, f"已保存“{obj}”的修改。")
            return HttpResponseRedirect(reverse(self._address("changelist")))
        context = {
            **self.admin_site.each_context(request),
            "title": str(obj),
            "opts": self.model._meta,
            "original": obj,
            "form": form,
            "history_url": reverse(self._address("history"), args=[obj.pk]),
            "list_url": reverse(self._address("changelist")),
            **self.extra_context(request, obj),
        }
        return TemplateResponse(request, "deputies/admin_edit.html", context)

    def _saved(self, request: HttpRequest, obj: Any, form: ServiceForm) -> bool:
        """Whether the service took it; its refusals stand on the form and nothing typed is lost."""
        try:
            with transaction.atomic():
                self.save_edit(request, obj, form)
        except InvalidInput as error:
            form.take_errors(error)
        except Refused as error:
            form.add_error(None, error.message)
        else:
            return True
        return False

    def _address(self, what: str) -> str:
        meta: Any = self.model._meta
        return f"admin:{meta.app_label}_{meta.model_name}_{what}"


def running_term(request: HttpRequest) -> Term | None:
    """The running term of the own congress, asked for once a request: every filter wants it."""
    if not hasattr(request, "_running_term"):
        request._running_term = current_term(actor_of_request(request))  # type: ignore[attr-defined]
    return request._running_term  # type: ignore[attr-defined, no-any-return]


def chosen_term_id(request: HttpRequest) -> int | None:
    """The term a list is narrowed to: the one asked for, else the running one of the own congress."""
    asked = read_digits(request.GET.get("term"))
    if asked is not None:
        return asked
    running = running_term(request)
    return running.pk if running else None


def is_keeper(request: HttpRequest) -> bool:
    """Whether the actor keeps the roster of the running term; asked once a request."""
    if not hasattr(request, "_is_keeper"):
        term = running_term(request)
        request._is_keeper = term is not None and may_keep(actor_of_request(request), term)  # type: ignore[attr-defined]
    return request._is_keeper  # type: ignore[attr-defined, no-any-return]
