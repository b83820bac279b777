"""Score sheets and objections: lists for the office; the records themselves are read on their pages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from assessments.access import visible_objections, visible_sheets
from assessments.forms.cycle import ReasonForm
from assessments.forms.fields import sent
from assessments.models import ScoreObjection, ScoreSheet
from assessments.services import correct_sheet
from deputies.access import require_unconcerned
from liaison.admin.pages import service_form
from liaison.identity.gates import actor_of, recently_authenticated
from liaison.identity.roles import OFFICE
from liaison.web.admin_base import ServiceAdmin
from liaison.words.enums import Role

CHAIR = frozenset({Role.PRESIDIUM_CHAIR})


@admin.register(ScoreSheet)
class ScoreSheetAdmin(ServiceAdmin):
    visible = staticmethod(visible_sheets)
    task_order = 30
    task_hint = "每名代表的得分、依据和各版本。"
    state_field = "state"
    list_display = ("mandate", "assessment", "total", "grade_name", "version", "state")
    list_filter = ("state", "grade_name", "assessment__year")
    list_select_related = ("mandate__person", "assessment__jurisdiction")
    search_fields = ("mandate__person__name",)
    ordering = ("-assessment__year", "mandate__person__name_strokes", "-version")
    actions = None
    pages = (("<int:pk>/correct/", "correct", CHAIR),)
    fields = readonly_fields = ("mandate",)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("assessments_sheet", args=[self.row(request, object_id).pk]))

    def correct(self, request: HttpRequest, pk: int) -> HttpResponse:
        """办理更正: a new version by the records as they stand now, with its reason."""
        row = self.row(request, pk)
        require_unconcerned(actor_of(request), row.mandate)

        def page(confirmed: HttpRequest) -> HttpResponse:
            return service_form(
                self,
                confirmed,
                ReasonForm(sent(confirmed)),
                lambda data: self._correct(confirmed, row, data["reason"]),
                title=f"更正{row.mandate}代表的测评结果",
                lead="请先在履职记录中更正有关事实，再办理更正。",
                submit="出具更正版本",
                consequence="按现有记录重新计算，原版本保留备查；原通知书作废，系统另行编号出具新的通知书。",
                cancel_url=reverse("assessments_sheet", args=[row.pk]),
            )

        return recently_authenticated("更正已经公布的测评结果")(page)(request)

    def _correct(self, request: HttpRequest, row: ScoreSheet, reason: str) -> HttpResponse:
        actor = actor_of(request)
        new = correct_sheet(actor=actor, sheet_id=row.pk, reason=reason, now=timezone.now())
        told = (
            f"已出具第{new.version}版，得分{new.total}分，等次{new.grade_name}。新的通知书将在一分钟内生成。"
        )
        self.message_user(request, told, messages.SUCCESS)
        return HttpResponseRedirect(reverse("assessments_sheet", args=[new.pk]))


@admin.register(ScoreObjection)
class ScoreObjectionAdmin(ServiceAdmin):
    visible = staticmethod(visible_objections)
    view_roles: ClassVar[frozenset[Role]] = OFFICE
    task_order = 40
    task_hint = "代表对得分提出的异议，10个工作日内复核。"
    state_field = "state"
    list_display = ("sheet", "line", "raised_at", "due_on", "state")
    list_filter = ("state",)
    list_select_related = ("sheet__mandate__person", "line")
    ordering = ("-raised_at",)
    actions = None
    fields = readonly_fields = ("sheet",)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.row(request, object_id)
        return HttpResponseRedirect(reverse("assessments_objection_detail", args=[row.pk]))
