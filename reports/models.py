"""What the top floor itself keeps: which data left the house, why and for whom."""

from typing import ClassVar

from django.db import models

from liaison.tenancy.masked_fields import MaskedCharField
from liaison.tenancy.models import ScopedModel


class ExportRecord(ScopedModel):
    """An export of records: who took what, why and how many rows (domain.md section 7)."""

    kind = models.CharField("导出内容", max_length=40)
    reason = MaskedCharField("用途", max_length=200)
    row_count = models.PositiveIntegerField("行数")
    sha256 = models.CharField("文件摘要", max_length=64)
    exported_by = models.ForeignKey(
        "liaison.Account", verbose_name="导出人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    exported_at = models.DateTimeField("导出时间")

    audit_plain: ClassVar[tuple[str, ...]] = ("kind", "row_count", "sha256")

    class Meta:
        verbose_name = "导出记录"
        verbose_name_plural = "导出记录"
        ordering = ["-id"]
        indexes = [models.Index(fields=["scope_code", "-exported_at"], name="export_scope_time")]

    def __str__(self) -> str:
        return f"{self.kind} {self.row_count}行"
