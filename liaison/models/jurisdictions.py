"""The jurisdiction tree: nation, province, prefecture, county, township or street, village."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from liaison.words.enums import JurisdictionLevel


class PlacesQuerySet(models.QuerySet["Jurisdiction"]):
    def open(self) -> "PlacesQuerySet":
        """Those that were not closed, as new business chooses among them; history names every one."""
        return self.filter(closed_on__isnull=True)


class Jurisdiction(models.Model):
    """One node of the tree; its interval of scope codes never changes, mergers included.

    The official code (行政区划代码) may be corrected at any time; the scope code is ours and stable.
    The table is public knowledge and readable by everyone: names of higher levels stand on every page.
    """

    audit_plain: ClassVar[tuple[str, ...]] = (
        "name",
        "short_name",
        "level",
        "official_code",
        "document_code",
        "organ_name",
        "publishes_scores",
        "closed_on",
        "succeeded_by_id",
    )

    name = models.CharField("名称", max_length=60)
    short_name = models.CharField("简称", max_length=20)
    level = models.CharField("层级", max_length=12, choices=JurisdictionLevel.choices())
    official_code = models.CharField("行政区划代码", max_length=12, blank=True)
    scope_code = models.BigIntegerField("管辖代码", unique=True)
    scope_end = models.BigIntegerField("管辖代码上限")
    parent = models.ForeignKey(
        "self", verbose_name="上级", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    document_code = models.CharField(
        "机关代字", max_length=12, blank=True, help_text="公文发文字号的代字，如“庄人主”。"
    )
    organ_name = models.CharField(
        "机关名称", max_length=60, blank=True, help_text="公文落款，如“庄子乡人大主席团”。"
    )
    publishes_scores = models.BooleanField(
        "公开履职得分", default=False, help_text="默认只公开履职情况，得分只告知代表本人、小组和主席团。"
    )
    closed_on = models.DateField("撤销日期", null=True, blank=True, editable=False)
    # Who took over a place that was closed; its rows keep their interval.
    succeeded_by = models.ForeignKey(
        "self",
        verbose_name="承接区域",
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="former",
    )

    objects = PlacesQuerySet.as_manager()

    class Meta:
        verbose_name = "行政区域"
        verbose_name_plural = "行政区域"
        ordering = ["scope_code"]
        constraints = [
            models.CheckConstraint(condition=Q(scope_end__gt=F("scope_code")), name="jurisdiction_interval"),
            models.CheckConstraint(
                condition=Q(succeeded_by__isnull=True) | Q(closed_on__isnull=False),
                name="jurisdiction_succeeded_when_closed",
            ),
            models.CheckConstraint(
                condition=Q(succeeded_by__isnull=True) | ~Q(succeeded_by=F("id")),
                name="jurisdiction_succeeded_by_another",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_congress_seat(self) -> bool:
        return self.level not in (JurisdictionLevel.STREET, JurisdictionLevel.VILLAGE)
