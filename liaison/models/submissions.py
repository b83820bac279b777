"""Which content came with the key of a form."""

from django.db import models
from django.db.models.functions import Now

from liaison.tenancy.models import ScopedModel


class SubmittedKey(ScopedModel):
    """The key of one form or phone record of one account, with a keyed digest of what it said."""

    account = models.ForeignKey(
        "liaison.Account", verbose_name="账号", on_delete=models.PROTECT, related_name="+"
    )
    key = models.CharField("幂等键", max_length=40, editable=False)
    digest = models.CharField("内容摘要", max_length=64, editable=False)
    submitted_at = models.DateTimeField("提交时间", db_default=Now())

    class Meta:
        verbose_name = "已提交的表单"
        verbose_name_plural = "已提交的表单"
        constraints = [
            models.UniqueConstraint(fields=["scope_code", "account", "key"], name="submitted_key_once"),
        ]

    def __str__(self) -> str:
        return self.key
