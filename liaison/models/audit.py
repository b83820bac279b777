"""The audit trail: written by triggers only, one hash chain per jurisdiction.

The application may read these tables and nothing else (see ``walls``). Personal data never enters:
a change is kept as table, id, the names of the changed columns, the values of columns declared plain,
and a salted digest of the row.
"""

from django.db import models

from liaison.tenancy.models import ScopedModel


class AuditEntry(ScopedModel):
    seq = models.BigIntegerField("序号")
    at = models.DateTimeField("时间")
    actor = models.CharField("操作人", max_length=80)
    account_ref = models.BigIntegerField("账号", null=True)
    appointment_ref = models.BigIntegerField("任职", null=True)
    request_ref = models.CharField("请求号", max_length=40, blank=True)
    operation = models.CharField("操作", max_length=80)
    reason = models.CharField("理由", max_length=400, blank=True)
    table_name = models.CharField("数据表", max_length=63)
    row_ref = models.BigIntegerField("记录")
    change = models.CharField("变动", max_length=8)
    detail = models.TextField("内容")
    digest = models.CharField("摘要", max_length=64)
    prev_hash = models.CharField("前一条哈希", max_length=64)
    hash = models.CharField("哈希", max_length=64)

    class Meta:
        verbose_name = "审计记录"
        verbose_name_plural = "审计记录"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["scope_code", "seq"], name="audit_chain_position")]
        indexes = [
            models.Index(fields=["table_name", "row_ref"], name="audit_of_row"),
            models.Index(fields=["scope_code", "-at"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.operation}"


class AuditHead(ScopedModel):
    """The end of one jurisdiction's chain; its row lock orders the entries."""

    seq = models.BigIntegerField("序号")
    hash = models.CharField("哈希", max_length=64)
    # True only inside the transaction that is writing: its end is the last entry, the head follows at commit.
    is_open = models.BooleanField("正在写入", default=False, db_default=False)

    class Meta:
        verbose_name = "审计链首"
        verbose_name_plural = "审计链首"
        constraints = [models.UniqueConstraint(fields=["scope_code"], name="audit_one_head")]

    def __str__(self) -> str:
        return f"{self.scope_code}: {self.seq}"
