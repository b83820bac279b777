"""What both lists of cases share: actions that lead to a form, lights, and no change form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from constituents.actions.opinions import CaseAction
from liaison.identity.gates import actor_of
from liaison.identity.roles import REGISTRARS
from liaison.templatetags.liaison_ui import deadline_words, status_mark
from liaison.web.admin_base import ServiceAdmin, to_chosen
from liaison.web.admin_site import BulkForm
from liaison.words.enums import Role
from liaison.words.errors import OutOfScope
from liaison.words.text import read_digits

WARN_DAYS = 3


def list_actions(actions: Mapping[str, CaseAction], address: str) -> tuple[Any, ...]:
    """Each action as an action of the list."""

    def made(action: CaseAction) -> Any:
        @admin.action(description=action.label)
        def act(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse:
            return to_chosen(address, rows, action.code)

        act.__name__ = f"do_{action.code.replace('-', '_')}"
        return act

    return tuple(made(action) for action in actions.values())


def unbroken(words: str) -> SafeString:
    """Short words of a list that should not be torn apart."""
    return format_html('<span class="nowrap">{}</span>', words)


class LightFilter(admin.SimpleListFilter):
    """红黄绿: past its deadline, due within three days, later."""

    title = "期限"
    parameter_name = "light"
    on_clock: ClassVar[frozenset[Any]] = frozenset()

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return (("red", "已逾期"), ("amber", f"{WARN_DAYS}日内到期"), ("green", "期限内"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        today = timezone.localdate()
        soon = today + timedelta(days=WARN_DAYS)
        rows = queryset.filter(state__in=[str(state) for state in self.on_clock])
        match self.value():
            case "red":
                return rows.filter(due_on__lt=today)
            case "amber":
                return rows.filter(due_on__range=(today, soon))
        return rows.filter(due_on__gt=soon)


class CaseAdmin(ServiceAdmin):
    """A list whose rows open the case's own page; nothing is written here but through actions."""

    state_field = "state"
    action_form = BulkForm
    actions_on_bottom = False
    view_roles: ClassVar[frozenset[Role]] = REGISTRARS
    add_address = ""
    case_address = ""
    on_clock: ClassVar[frozenset[Any]] = frozenset()
    # What is open and pressing first, then the newest.
    ordering = (F("closed_on").desc(nulls_first=True), F("due_on").asc(nulls_last=True), "-pk")
    case_actions: ClassVar[Mapping[str, CaseAction]] = {}

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Actions of the own role; whoever only oversees gets none of them."""
        role = actor_of(request).role
        allowed = {
            f"do_{code.replace('-', '_')}"
            for code, action in self.case_actions.items()
            if role in action.roles
        }
        found = super().get_actions(request)
        return {name: item for name, item in found.items() if not name.startswith("do_") or name in allowed}

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse(self.add_address))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The case's own page; a number that is none answers like an absent record."""
        if read_digits(object_id) is None:
            raise OutOfScope()
        return HttpResponseRedirect(reverse(self.case_address, args=[object_id]))

    @admin.display(description="编号", ordering="number")
    def case_number(self, obj: Any) -> SafeString:
        return unbroken(obj.number)

    @admin.display(description="期限", ordering="due_on")
    def light(self, obj: Any) -> str | SafeString:
        """The day and what is left of it, as word, shape and colour."""
        if obj.due_on is None or obj.closed_on is not None:
            return "—"
        if obj.state not in {str(state) for state in self.on_clock}:
            return f"{obj.due_on}"
        words, tone = deadline_words(obj.due_on, timezone.localdate(), WARN_DAYS)
        doubt = "，暂定" if obj.due_is_provisional else ""
        return status_mark(f"{obj.due_on}　{words}{doubt}", tone)
