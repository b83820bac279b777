"""What was announced of a reception, when, and to whom: the notice as it stood, never changed afterwards."""

from typing import Any, ClassVar

from django.db import models

from liaison.tenancy.models import ScopedModel
from stations.enums import NoticeKind


class ReceptionNotice(ScopedModel):
    """公告记录: one announcement of one reception day, its correction or its cancellation.

    ``facts`` are what was announced (see ``stations.rules.announcements``): a day whose facts differ from its
    last notice has to be announced again, so the row says both what was done and what is left to do.
    """

    reception_day = models.ForeignKey(
        "stations.ReceptionDay", verbose_name="接待日", on_delete=models.PROTECT, related_name="notices"
    )
    kind = models.CharField("类别", max_length=12, choices=NoticeKind.choices())
    text = models.TextField("内容")
    facts: Any = models.JSONField("公告事项")
    is_late = models.BooleanField("提前不足", default=False)
    announced_at = models.DateTimeField("公告时间")

    audit_plain: ClassVar[tuple[str, ...]] = ("reception_day_id", "kind", "is_late")

    class Meta:
        verbose_name = "公告记录"
        verbose_name_plural = "公告记录"
        ordering = ["-announced_at", "-id"]
        indexes = [models.Index(fields=["scope_code", "reception_day", "-id"], name="reception_notice_last")]

    def __str__(self) -> str:
        label = NoticeKind(self.kind).label
        return f"{label}（提前不足）" if self.is_late else label
