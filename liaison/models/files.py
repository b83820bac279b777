"""Stored files: uploads checked by content, and the documents the system made."""

from typing import ClassVar

from django.db import models

from liaison.tenancy.masked_fields import MaskedCharField
from liaison.tenancy.models import ScopedModel
from liaison.words.enums import FileKind


class StoredFile(ScopedModel):
    """A file on disk under a random name; it is served only through a view that asks for the scope."""

    kind = models.CharField("类别", max_length=10, choices=FileKind.choices())
    original_name = MaskedCharField("原文件名", max_length=120)
    path = models.CharField("存放位置", max_length=120, unique=True, editable=False)
    content_type = models.CharField("类型", max_length=80)
    size = models.PositiveIntegerField("大小（字节）")
    sha256 = models.CharField("SHA-256", max_length=64)
    stored_at = models.DateTimeField("存入时间")

    audit_plain: ClassVar[tuple[str, ...]] = ("kind", "content_type", "size", "sha256")

    class Meta:
        verbose_name = "文件"
        verbose_name_plural = "文件"
        ordering = ["-id"]
        indexes = [models.Index(fields=["scope_code", "sha256"], name="file_scope_digest")]

    def __str__(self) -> str:
        name: str = self.original_name
        return name
