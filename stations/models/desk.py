"""What phones sent from the reception desk."""

from typing import ClassVar

from django.db import models

from liaison.tenancy.models import ScopedModel
from stations.enums import DeskRecordKind


class DeskRecord(ScopedModel):
    """One record a phone sent about a reception: when it was typed, when it arrived, and its key.

    Typed without signal, sent when there is one, perhaps twice because the answer was lost: the key makes
    it one. The facts themselves stand in the reception day and in the deputies' records.
    """

    reception_day = models.ForeignKey(
        "stations.ReceptionDay", verbose_name="接待日", on_delete=models.PROTECT, related_name="desk_records"
    )
    kind = models.CharField("内容", max_length=12, choices=DeskRecordKind.choices())
    typed_at = models.DateTimeField("录入时间", help_text="手机上填写的时间，手机时钟不准的已更正。")
    remark = models.CharField("备注", max_length=200, blank=True, help_text="手机时钟不准时，原来写的时间。")
    recorded_by = models.ForeignKey(
        "liaison.Account", verbose_name="登记人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField("登记时间", help_text="系统收到的时间。")
    idempotency_key = models.CharField("幂等键", max_length=64, editable=False)

    audit_plain: ClassVar[tuple[str, ...]] = ("reception_day_id", "kind", "typed_at")

    class Meta:
        verbose_name = "现场登记"
        verbose_name_plural = "现场登记"
        ordering = ["recorded_at", "id"]
        indexes = [models.Index(fields=["scope_code", "reception_day"], name="desk_record_scope_day")]
        constraints = [
            models.UniqueConstraint(fields=["scope_code", "idempotency_key"], name="desk_record_once"),
        ]

    def __str__(self) -> str:
        return f"{self.reception_day}{self.get_kind_display()}"
