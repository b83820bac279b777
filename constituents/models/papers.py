"""Signed paper that came back: scans of the register."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from liaison.tenancy.masked_fields import MaskedCharField
from liaison.tenancy.models import ScopedModel


class RegisterScan(ScopedModel):
    """A signed 《接待选民登记表》 as scanned or photographed: of one matter, or of a whole reception day.

    It shows residents in full, so it is opened with a reason like a telephone number. What was attached by
    mistake is withdrawn with a reason; the row stays.
    """

    reception_day = models.ForeignKey(
        "stations.ReceptionDay",
        verbose_name="接待日",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="register_scans",
    )
    opinion = models.ForeignKey(
        "constituents.Opinion",
        verbose_name="社情民意",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="register_scans",
    )
    # Empty once the residents on it are forgotten: the scan is destroyed with them, who and when stay.
    file = models.ForeignKey(
        "liaison.StoredFile", verbose_name="文件", null=True, on_delete=models.PROTECT, related_name="+"
    )
    added_by = models.ForeignKey(
        "liaison.Account", verbose_name="上传人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField("上传时间")
    withdrawn_by = models.ForeignKey(
        "liaison.Account",
        verbose_name="撤下人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    withdrawn_at = models.DateTimeField("撤下时间", null=True, blank=True)
    withdrawn_reason = MaskedCharField("撤下原因", max_length=200, blank=True)
    idempotency_key = models.CharField("幂等键", max_length=64, null=True, blank=True, editable=False)

    audit_plain: ClassVar[tuple[str, ...]] = ("reception_day_id", "opinion_id", "file_id")

    class Meta:
        verbose_name = "登记表扫描件"
        verbose_name_plural = "登记表扫描件"
        ordering = ["added_at", "id"]
        indexes = [
            models.Index(fields=["scope_code", "reception_day"], name="register_scan_day"),
            models.Index(fields=["scope_code", "opinion"], name="register_scan_opinion"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(reception_day__isnull=False, opinion__isnull=True)
                | Q(reception_day__isnull=True, opinion__isnull=False),
                name="register_scan_one_subject",
            ),
            models.UniqueConstraint(
                fields=["scope_code", "idempotency_key"], name="register_scan_idempotent"
            ),
        ]

    def __str__(self) -> str:
        return str(self.file) if self.file is not None else "已销毁的扫描件"
