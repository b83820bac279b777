"""Tries that are counted for a while, across all processes and also when the queue's server is down."""

from django.db import models
from django.db.models.functions import Now


class CountedTry(models.Model):
    """One try: of which kind, against whom, and what tells it from others; digests, never words.

    Rows are deleted after a day (``liaison.identity.counting``).
    """

    kind = models.CharField("类别", max_length=20, editable=False)
    subject = models.CharField("对象摘要", max_length=32, editable=False)
    detail = models.CharField("区分摘要", max_length=32, editable=False)
    at = models.DateTimeField("时间", db_default=Now(), editable=False)

    class Meta:
        verbose_name = "尝试计数"
        verbose_name_plural = "尝试计数"
        indexes = [
            models.Index(fields=["kind", "subject", "at"], name="counted_try_of"),
            models.Index(fields=["at"], name="counted_try_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
