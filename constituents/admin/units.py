"""承办单位: added and corrected through forms and services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from constituents.access import visible_units
from constituents.forms import UnitForm
from constituents.models import HandlingUnit
from liaison.identity.gates import actor_of
from liaison.identity.roles import OFFICE, REGISTRARS
from liaison.web.admin_base import ServiceAdmin, to_chosen
from liaison.web.admin_site import BulkForm
from liaison.web.pages import save, status_of
from liaison.words.enums import Role
from liaison.words.errors import OutOfScope


@admin.register(HandlingUnit)
class HandlingUnitAdmin(ServiceAdmin):
    task_order = 30
    task_hint = "办理社情民意和代表建议的站所、村（社区）和单位。"
    task_verb = "设立"
    action_form = BulkForm
    view_roles: ClassVar[frozenset[Role]] = REGISTRARS
    add_roles: ClassVar[frozenset[Role]] = frozenset(OFFICE)
    change_roles: ClassVar[frozenset[Role]] = frozenset(OFFICE)
    list_display = ("name", "kind", "contact_person", "phone", "open_cases", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("name",)
    search_help_text = "名称"
    fields = ("name", "kind", "contact_person", "phone", "is_active")
    readonly_fields = fields
    ordering = ("scope_code", "name")
    actions = ("give_accounts",)
    action_roles: ClassVar[Mapping[str, frozenset[Role]]] = {"give_accounts": frozenset(OFFICE)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[HandlingUnit]:
        rows = visible_units(actor_of(request)).order_by("scope_code", "name")
        still_open = Count("opinions", filter=Q(opinions__closed_on__isnull=True))
        return rows.annotate(open_count=still_open)

    @admin.action(description="给经办人开账号，打印口令单")
    def give_accounts(self, request: HttpRequest, rows: QuerySet[HandlingUnit]) -> HttpResponse:
        return to_chosen("give_accounts", rows, "unit")

    @admin.display(description="在办社情民意", ordering="open_count")
    def open_cases(self, obj: Any) -> str:
        return f"{obj.open_count}件"

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        actor = actor_of(request)
        actor.require(*OFFICE)
        form = UnitForm(actor, None, request.POST if request.method == "POST" else None)
        if request.method == "POST" and save(request, form) is not None:
            return self._done(request, "已设立承办单位。")
        return self._page(request, "设立承办单位", form, "设立后即可向它交办；再打开它，给经办人开账号。")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        unit = self.get_object(request, object_id)
        if unit is None or not self.has_view_permission(request, unit):
            raise OutOfScope()
        if not self.has_change_permission(request, unit):
            return super().change_view(request, object_id, form_url, extra_context)
        actor = actor_of(request)
        form = UnitForm(actor, unit, request.POST if request.method == "POST" else None)
        if request.method == "POST" and save(request, form) is not None:
            return self._done(request, "已保存。")
        give = f"{reverse('give_accounts', args=['unit'])}?id={unit.pk}"
        words = "停用的单位继续办完手上的事项，不再交办新的。"
        return self._page(request, unit.name, form, words, links=[("给经办人开账号", give)])

    def _done(self, request: HttpRequest, words: str) -> HttpResponse:
        messages.success(request, words)
        return HttpResponseRedirect(reverse("admin:constituents_handlingunit_changelist"))

    def _page(
        self, request: HttpRequest, title: str, form: UnitForm, consequence: str, **more: Any
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            **more,
            "title": title,
            "opts": self.model._meta,
            "form": form,
            "submit": "保存",
            "consequence": consequence,
            "cancel_url": reverse("admin:constituents_handlingunit_changelist"),
        }
        return TemplateResponse(request, "admin/service_form.html", context, status=status_of({"form": form}))
