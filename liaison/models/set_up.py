"""The set-up of an installation: one row, from the first link to the last step of the wizard."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

# There is one set-up: its row has this key.
ONLY = 1


class SetUp(models.Model):
    """The link that opens the set-up, who opened it, and whether it is over.

    The link is kept as a digest only. Opened once it is used up; whoever opened it goes on in that browser,
    or with a new link, which closes the set-up for the browser before.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    key_digest = models.CharField("设置链接摘要", max_length=64)
    expires_at = models.DateTimeField("链接有效期至")
    opened_at = models.DateTimeField("打开时间", null=True, blank=True)
    visit_digest = models.CharField("设置浏览器摘要", max_length=64, blank=True)
    office = models.ForeignKey(
        "liaison.Jurisdiction", verbose_name="本级", null=True, blank=True, on_delete=models.PROTECT
    )
    places_done_at = models.DateTimeField("下级区域登记完成时间", null=True, blank=True)
    finished_at = models.DateTimeField("设置完成时间", null=True, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = ("expires_at", "opened_at", "office_id", "finished_at")

    class Meta:
        verbose_name = "首次设置"
        verbose_name_plural = "首次设置"
        constraints = [models.CheckConstraint(condition=Q(pk=ONLY), name="set_up_once")]

    def __str__(self) -> str:
        return "首次设置"
