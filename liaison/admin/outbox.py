"""Whether messages arrive: for the system administrator, who does not see what they say."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from liaison.identity.gates import actor_of
from liaison.messages import outbox
from liaison.models import Notification, OutboxMessage
from liaison.web.admin_base import ServiceAdmin
from liaison.words.enums import Role

KEEPER = frozenset({Role.SYSTEM_ADMIN})


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a page says of a row instead of its title."""

    pk: str

    def __str__(self) -> str:
        return f"第{self.pk}号"


class _SealedAdmin(ServiceAdmin):
    """Rows known by number and time: titles and addresses stay with the recipients."""

    view_roles: ClassVar[frozenset[Role]] = KEEPER

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = Sealed(object_id)
        sealed = {"original": row, "title": str(row), "subtitle": ""}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **sealed})


@admin.register(OutboxMessage)
class OutboxMessageAdmin(_SealedAdmin):
    task_order = 40
    task_hint = "邮件是否发出；发送失败的可重新发送。"
    state_field = "state"
    list_display = ("id", "state", "attempts", "next_attempt_at", "sent_at", "last_error")
    list_filter = ("state",)
    fields = list_display
    readonly_fields = fields
    actions = ("send_again",)

    @admin.action(description="重新发送（限发送失败的）")
    def send_again(self, request: HttpRequest, rows: QuerySet[OutboxMessage]) -> None:
        actor, now = actor_of(request), timezone.now()
        count = sum(outbox.retry(actor=actor, message_id=row.pk, now=now) for row in rows)
        self.message_user(request, f"{count}封邮件将在一分钟内重新发送。", messages.SUCCESS)


@admin.register(Notification)
class NotificationAdmin(_SealedAdmin):
    task_order = 41
    task_hint = "站内通知是否送达、是否已读；不显示内容。"
    list_display = ("id", "account", "created_at", "read_at")
    list_filter = (("read_at", admin.EmptyFieldListFilter),)
    list_select_related = ("account",)
    fields = list_display
    readonly_fields = fields
