"""Norms as data: deadline policies per jurisdiction, and the counters of document numbers."""

from typing import ClassVar

from django.db import models

from liaison.tenancy.models import InheritedModel, ScopedModel, years_check
from liaison.words.enums import DeadlineUnit


class DeadlinePolicy(InheritedModel):
    """How long something may take; the nearest jurisdiction that lays one down decides."""

    code = models.CharField("事项代码", max_length=40)
    name = models.CharField("事项", max_length=60)
    length = models.PositiveSmallIntegerField("期限")
    unit = models.CharField("单位", max_length=8, choices=DeadlineUnit.choices())
    rolls = models.BooleanField(
        "逢节假日顺延", default=True, help_text="期限届满之日是节假日的，顺延至下一个工作日。"
    )
    basis = models.CharField("依据", max_length=120, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = ("code", "length", "unit", "rolls")

    class Meta:
        verbose_name = "期限规定"
        verbose_name_plural = "期限规定"
        ordering = ["code", "scope_code"]
        constraints = [models.UniqueConstraint(fields=["scope_code", "code"], name="deadline_policy_once")]

    def __str__(self) -> str:
        return f"{self.name}：{self.length}{DeadlineUnit(self.unit).label}"


class DocumentCounter(ScopedModel):
    """The last number issued for one 机关代字 and year (发文字号); numbers are never reused."""

    code = models.CharField("机关代字", max_length=12)
    year = models.PositiveSmallIntegerField("年份")
    last_number = models.PositiveIntegerField("已发至", default=0)

    audit_plain: ClassVar[tuple[str, ...]] = ("code", "year", "last_number")

    class Meta:
        verbose_name = "发文字号"
        verbose_name_plural = "发文字号"
        constraints = [
            years_check("year", "document_counter_year"),
            models.UniqueConstraint(fields=["scope_code", "code", "year"], name="document_counter_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code}〔{self.year}〕{self.last_number}号"
