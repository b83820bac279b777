"""Notifications in the application, and the outbox of e-mail behind a sweeper."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from liaison.tenancy.masked_fields import MaskedTextField
from liaison.tenancy.models import ScopedModel
from liaison.words.enums import DeliveryState


class Notification(ScopedModel):
    """A message to one account; ``dedupe_key`` makes sending it twice change nothing."""

    account = models.ForeignKey(
        "liaison.Account", verbose_name="收件人", on_delete=models.CASCADE, related_name="notifications"
    )
    title = MaskedTextField("标题")
    body = MaskedTextField("内容", blank=True)
    link = models.CharField("链接", max_length=200, blank=True)
    dedupe_key = models.CharField("去重键", max_length=120)
    created_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = ("account_id", "dedupe_key")

    class Meta:
        verbose_name = "通知"
        verbose_name_plural = "通知"
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["account", "dedupe_key"], name="notification_once")]
        indexes = [
            models.Index(fields=["scope_code"], name="notification_scope"),
            models.Index(fields=["account"], condition=Q(read_at__isnull=True), name="notification_unread"),
        ]

    def __str__(self) -> str:
        title: str = self.title
        return title


class OutboxMessage(ScopedModel):
    """An e-mail to be sent; the row is the job, so a flushed broker loses nothing."""

    notification = models.OneToOneField(
        "liaison.Notification", verbose_name="通知", on_delete=models.CASCADE, related_name="outbox_message"
    )
    to_address = models.EmailField("收件地址")
    state = models.CharField(
        "状态", max_length=8, choices=DeliveryState.choices(), default=DeliveryState.PENDING.value
    )
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    next_attempt_at = models.DateTimeField("下次尝试时间")
    sent_at = models.DateTimeField("发送时间", null=True, blank=True)
    last_error = models.CharField("最近错误", max_length=200, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = ("state", "attempts")

    class Meta:
        verbose_name = "待发邮件"
        verbose_name_plural = "待发邮件"
        ordering = ["id"]
        indexes = [
            models.Index(fields=["scope_code"], name="outbox_scope"),
            models.Index(fields=["next_attempt_at"], condition=Q(state="pending"), name="outbox_pending"),
        ]

    def __str__(self) -> str:
        # Without the address: the system administrator's list of mail is headed by this.
        return f"第{self.pk}号邮件"
