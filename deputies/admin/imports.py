"""名册导入: its history, and the two steps of a new one inside the back office."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST, require_safe

from deputies.admin.base import (
    RosterAdmin,
)
from deputies.models import RosterImport
from deputies.views.roster_import import Frame, confirm_step, layout_step, preview_step, upload_step
from liaison.identity.gates import actor_of
from liaison.identity.roles import REGISTRARS


@admin.register(RosterImport)
class RosterImportAdmin(RosterAdmin):
    """Every confirmed import: which file, by whom, what it changed. A preview leaves no trace here."""

    task_order = 15
    task_verb = "办理"
    task_hint = "上传名册，核对后导入；历次导入记录。"
    list_display = (
        "confirmed_at",
        "term",
        "file_name",
        "new_count",
        "changed_count",
        "unchanged_count",
        "confirmed_by",
    )
    list_select_related = ("term__congress", "confirmed_by")
    fields = readonly_fields = (*list_display, "file_sha256")
    ordering = ("-pk",)
    pages = (
        ("layout/", "layout", REGISTRARS),
        ("preview/", "preview", REGISTRARS),
        ("confirm/", "confirm", REGISTRARS),
    )

    def may_edit(self, actor: Any, obj: Any) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._holds(request, REGISTRARS)

    def _frame(self, request: HttpRequest) -> Frame:
        context = {**self.admin_site.each_context(request), "opts": self.model._meta}
        return Frame(
            base="deputies/admin_import.html",
            upload_url=reverse("admin:deputies_rosterimport_add"),
            layout_url=reverse(f"admin:{_LAYOUT}"),
            preview_url=reverse(f"admin:{_PREVIEW}"),
            confirm_url=reverse(f"admin:{_CONFIRM}"),
            done_url=reverse("admin:deputies_mandate_changelist"),
            context=context,
        )

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        actor_of(request).require(*REGISTRARS)
        return upload_step(request, self._frame(request))

    def layout(self, request: HttpRequest) -> HttpResponse:
        return layout_step(request, self._frame(request))

    @method_decorator(require_safe)
    def preview(self, request: HttpRequest) -> HttpResponse:
        return preview_step(request, self._frame(request))

    @method_decorator(require_POST)
    def confirm(self, request: HttpRequest) -> HttpResponse:
        return confirm_step(request, self._frame(request))


_LAYOUT = "deputies_rosterimport_layout"
_PREVIEW = "deputies_rosterimport_preview"
_CONFIRM = "deputies_rosterimport_confirm"
