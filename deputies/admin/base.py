"""A change page whose fields a service writes; whoever may not write reads the same record."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest

from deputies.access import current_term, may_keep
from deputies.enums import TermState
from deputies.models import Term
from liaison.admin.pages import EditPage
from liaison.identity.gates import actor_of
from liaison.identity.roles import REGISTRARS
from liaison.tenancy.scope import Actor
from liaison.web.admin_base import ServiceAdmin
from liaison.web.admin_site import BulkForm
from liaison.words.enums import Role
from liaison.words.text import read_digits


class RosterAdmin(EditPage, ServiceAdmin):
    """Change pages by form and service; the term decides whether there is anything to write."""

    view_roles: ClassVar[frozenset[Role]] = REGISTRARS
    action_form = BulkForm
    list_per_page = 100
    edit_template = "deputies/admin_edit.html"

    def term_of(self, obj: Any) -> Term:
        """The term whose roster ``obj`` belongs to."""
        term: Term = obj.term
        return term

    def may_edit(self, actor: Actor, obj: Any) -> bool:
        term = self.term_of(obj)
        return may_keep(actor, term) and term.state != TermState.CLOSED

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Who may not read a list has nothing to change in it: Django opens a list to either right.
        if not self.has_view_permission(request):
            return False
        return obj is None or self.may_edit(actor_of(request), obj)


def running_term(request: HttpRequest) -> Term | None:
    """The running term of the own congress, asked for once a request: every filter wants it."""
    kept = vars(request)
    if "_running_term" not in kept:
        kept["_running_term"] = current_term(actor_of(request))
    term: Term | None = kept["_running_term"]
    return term


def chosen_term_id(request: HttpRequest) -> int | None:
    """The term a list is narrowed to: the one asked for, else the running one of the own congress."""
    asked = read_digits(request.GET.get("term"))
    if asked is not None:
        return asked
    running = running_term(request)
    return running.pk if running else None


def is_keeper(request: HttpRequest) -> bool:
    """Whether the actor keeps the roster of the running term; asked once a request."""
    kept = vars(request)
    if "_is_keeper" not in kept:
        term = running_term(request)
        kept["_is_keeper"] = term is not None and may_keep(actor_of(request), term)
    return bool(kept["_is_keeper"])
