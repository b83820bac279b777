"""The working calendar with 调休: the State Council's notice of each year as editable rows.

National and the same for everybody, hence not scoped.
"""

from typing import ClassVar

from django.db import models

from liaison.tenancy.models import years_check
from liaison.words.enums import DayKind


class CalendarYear(models.Model):
    """A year whose notice is loaded; a year without a row makes deadlines provisional."""

    audit_plain: ClassVar[tuple[str, ...]] = ("year", "source", "revision")

    year = models.PositiveSmallIntegerField("年份", primary_key=True)
    source = models.CharField(
        "依据", max_length=120, help_text="如《国务院办公厅关于2026年部分节假日安排的通知》。"
    )
    loaded_at = models.DateTimeField("载入时间")
    revision = models.PositiveIntegerField("修订次数", default=1)

    class Meta:
        verbose_name = "工作日历年度"
        verbose_name_plural = "工作日历"
        ordering = ["-year"]
        constraints = [years_check("year", "calendar_year")]

    def __str__(self) -> str:
        return f"{self.year}年"


class CalendarDay(models.Model):
    """A day that is not what its weekday says: a holiday, or a weekend day worked in exchange."""

    audit_plain: ClassVar[tuple[str, ...]] = ("day", "kind", "name")

    day = models.DateField("日期", primary_key=True)
    year = models.ForeignKey(
        "liaison.CalendarYear", verbose_name="年份", on_delete=models.CASCADE, related_name="days"
    )
    kind = models.CharField("类别", max_length=8, choices=DayKind.choices())
    name = models.CharField("名称", max_length=20, blank=True)

    class Meta:
        verbose_name = "节假日与调休"
        verbose_name_plural = "节假日与调休"
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {DayKind(self.kind).label}{self.name}"
