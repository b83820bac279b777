"""Notices, talks and circulars: the paper that leaves the office, and where it stands."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from assessments.access import visible_notices, visible_talks
from assessments.documents.letters import notice_form
from assessments.enums import DeliveryWay
from assessments.lifecycle import REPORT_OWED
from assessments.models import Circular, FeedbackNotice, ReminderTalk
from assessments.services import deliver_notice
from assessments.services.notices import printed_at
from liaison.auditing import trail
from liaison.documents.pdf import render_documents
from liaison.files.downloads import ZIP, file_answer, printed_answer
from liaison.files.uploads import read_bytes
from liaison.identity.gates import actor_of, recently_authenticated
from liaison.identity.roles import OFFICE, REGISTRARS
from liaison.templatetags.liaison_ui import deadline_words, status_mark
from liaison.tenancy.scope import Actor
from liaison.web.admin_base import ServiceAdmin
from liaison.words.enums import Role
from liaison.words.text import read_digits

# Laying out one file for the printer takes about 0.3 s a notice while the browser waits; a package of the
# letters as they were issued takes no layout at all.
MOST_PRINTED = 20
MOST_PACKED = 500


class OwedFilter(admin.SimpleListFilter):
    title = "整改报告"
    parameter_name = "owed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "尚未收回"), ("late", "已经逾期")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[FeedbackNotice]) -> QuerySet[FeedbackNotice]:
        if self.value() == "1":
            return queryset.filter(state__in=REPORT_OWED)
        if self.value() == "late":
            return queryset.filter(state__in=REPORT_OWED, due_on__lt=timezone.localdate())
        return queryset


@admin.action(description="登记本人签收（直接送达）")
def deliver_in_person(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> None:
    def call(actor: Actor, row: FeedbackNotice) -> None:
        name, way = row.mandate.full_name, DeliveryWay.IN_PERSON
        deliver_notice(actor=actor, notice_id=row.pk, way=way, received_by=name, now=timezone.now())

    model_admin.each_row(request, rows.select_related("mandate__person"), call, "已登记{}份通知书送达。")


@admin.action(description=f"合并打印（双面，一次最多{MOST_PRINTED}份）")
def print_selected(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
    return _to_batch(model_admin, request, rows, "batch", MOST_PRINTED)


@admin.action(description="打包下载")
def pack_selected(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
    return _to_batch(model_admin, request, rows, "pack", MOST_PACKED)


def _to_batch(
    model_admin: Any, request: HttpRequest, rows: QuerySet[Any], page: str, most: int
) -> HttpResponse | None:
    chosen = list(rows.values_list("pk", flat=True)[: most + 1])
    if len(chosen) > most:
        model_admin.message_user(request, f"一次最多选择{most}份，请分批办理。", messages.ERROR)
        return None
    address = reverse(f"admin:assessments_feedbacknotice_{page}")
    return HttpResponseRedirect(f"{address}?ids={','.join(str(pk) for pk in chosen)}")


@admin.register(FeedbackNotice)
class FeedbackNoticeAdmin(ServiceAdmin):
    visible = staticmethod(visible_notices)
    task_order = 50
    task_hint = "反馈通知书的送达、整改报告的收回和审核。"
    state_field = "state"
    list_display = ("document_number", "mandate", "issued_on", "state", "delivered_on", "deadline")
    list_filter = ("state", OwedFilter, "assessment__year")
    list_select_related = ("mandate__person", "assessment")
    search_fields = ("mandate__person__name",)
    ordering = ("-organ_year", "organ_number")
    list_per_page = 100
    actions = (deliver_in_person, print_selected, pack_selected)
    action_roles: ClassVar[Mapping[str, frozenset[Role]]] = dict.fromkeys(
        ("deliver_in_person", "print_selected", "pack_selected"), OFFICE
    )
    pages = (("batch/", "batch", OFFICE), ("pack/", "pack", OFFICE))
    fields = readonly_fields = ("mandate",)

    @admin.display(description="文号", ordering="organ_number")
    def document_number(self, row: FeedbackNotice) -> str:
        return row.document_number

    @admin.display(description="整改报告期限", ordering="due_on")
    def deadline(self, row: FeedbackNotice) -> Any:
        return _deadline(row, timezone.localdate())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("assessments_notice", args=[self.row(request, object_id).pk]))

    def batch(self, request: HttpRequest) -> HttpResponse:
        """Many notices as one file for the printer, each beginning on a fresh sheet."""
        return recently_authenticated("打印多名代表的通知书")(self._batch)(request)

    def _batch(self, request: HttpRequest) -> HttpResponse:
        chosen = self._printed(request, MOST_PRINTED)
        if not chosen:
            return self._not_yet(request)
        forms = [notice_form(actor_of(request), row) for row in chosen]
        title = f"{chosen[0].assessment.year}年度反馈通知书（{len(chosen)}份）"
        moment = printed_at(chosen[0].issued_on)
        data = render_documents(forms, title=title, author=forms[0].organ, created_at=moment)
        return printed_answer(data, title)

    def pack(self, request: HttpRequest) -> HttpResponse:
        """The letters themselves, as they were issued, in one package."""
        return recently_authenticated("下载多名代表的通知书")(self._pack)(request)

    def _pack(self, request: HttpRequest) -> HttpResponse:
        chosen = self._printed(request, MOST_PACKED)
        if not chosen:
            return self._not_yet(request)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
            for row in chosen:
                if row.pdf is not None:
                    package.writestr(f"{row.document_number}{row.mandate.full_name}.pdf", read_bytes(row.pdf))
        return file_answer(packed.getvalue(), ZIP, f"{chosen[0].assessment.year}年度反馈通知书.zip")

    def _printed(self, request: HttpRequest, most: int) -> list[FeedbackNotice]:
        """The chosen notices that have been printed; who took them stands in the audit trail."""
        asked = (read_digits(part) for part in request.GET.get("ids", "").split(","))
        ids = [number for number in asked if number is not None][:most]
        rows = visible_notices(actor_of(request)).filter(pk__in=ids, rendered_at__isnull=False)
        parts = ("sheet", "assessment__scheme", "assessment__jurisdiction", "mandate__person", "pdf")
        chosen = list(rows.select_related(*parts).order_by("organ_number"))
        for row in chosen:
            trail.note("open_file", scope_code=row.scope_code, table=row._meta.db_table, row_id=row.pk)
        return chosen

    def _not_yet(self, request: HttpRequest) -> HttpResponse:
        self.message_user(request, "所选通知书还没有生成，请过一分钟再办理。", messages.WARNING)
        return HttpResponseRedirect(reverse("admin:assessments_feedbacknotice_changelist"))


def _deadline(row: FeedbackNotice, today: date) -> Any:
    if row.due_on is None:
        return "—"
    shown = f"{row.due_on:%Y年%-m月%-d日}"
    if row.state not in REPORT_OWED:
        return shown
    words, tone = deadline_words(row.due_on, today)
    return status_mark(f"{shown}　{words}", tone)


@admin.register(ReminderTalk)
class ReminderTalkAdmin(ServiceAdmin):
    visible = staticmethod(visible_talks)
    view_roles: ClassVar[frozenset[Role]] = OFFICE
    task_order = 60
    task_hint = "与不合格等次的代表谈话提醒；只有主席团可以查阅。"
    state_field = "state"
    list_display = ("record_number", "mandate", "reason", "due_on", "state")
    list_filter = ("state",)
    list_select_related = ("mandate__person",)
    ordering = ("due_on", "pk")
    actions = None
    fields = readonly_fields = ("mandate",)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("assessments_talk", args=[self.row(request, object_id).pk]))


@admin.register(Circular)
class CircularAdmin(ServiceAdmin):
    view_roles: ClassVar[frozenset[Role]] = REGISTRARS
    task_group = "documents"
    task_order = 10
    task_hint = "测评结果的通报，按等次列名。"
    list_display = ("document_number", "assessment", "issued_on", "rendered_at")
    list_select_related = ("assessment__jurisdiction",)
    ordering = ("-organ_year", "-organ_number")
    actions = None
    fields = readonly_fields = ("assessment",)

    @admin.display(description="文号", ordering="organ_number")
    def document_number(self, row: Circular) -> str:
        return str(row)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.row(request, object_id)
        return HttpResponseRedirect(reverse("assessments_circular_pdf", args=[row.pk]))
