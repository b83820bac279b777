"""Secret calendar addresses: who may subscribe to which plan from a telephone."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from liaison.tenancy.encryption import EncryptedTextField
from liaison.tenancy.models import ScopedModel
from stations.enums import FeedKind


class CalendarFeed(ScopedModel):
    """One secret address of one account. It opens what the account may see in its appointment, no more.

    The secret is kept twice: as a digest to find the row by, and encrypted so that its owner can be shown
    it again. Whoever reads the database alone holds neither.
    """

    account = models.ForeignKey(
        "liaison.Account", verbose_name="持有人", on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField("订阅内容", max_length=12, choices=FeedKind.choices())
    station = models.ForeignKey(
        "stations.Station",
        verbose_name="联络站点",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="calendar_feeds",
    )
    secret = EncryptedTextField("密钥", editable=False)
    secret_digest = models.CharField("密钥摘要", max_length=64, editable=False)
    created_at = models.DateTimeField("生成时间", editable=False)
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True, editable=False)

    audit_plain: ClassVar[tuple[str, ...]] = ("account_id", "kind", "station_id")

    class Meta:
        verbose_name = "日历订阅"
        verbose_name_plural = "日历订阅"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["scope_code", "secret_digest"], name="calendar_feed_secret"),
            models.UniqueConstraint(
                fields=["scope_code", "account", "kind", "station"],
                condition=Q(revoked_at__isnull=True),
                nulls_distinct=False,
                name="calendar_feed_one_open",
            ),
            models.CheckConstraint(
                condition=Q(kind="station", station__isnull=False)
                | (~Q(kind="station") & Q(station__isnull=True)),
                name="calendar_feed_station",
            ),
        ]

    def __str__(self) -> str:
        return str(self.station or FeedKind(self.kind).label)

    @property
    def key(self) -> str:
        """The last part of the address: the jurisdiction, so that only it is searched, and the secret."""
        return f"{self.scope_code}-{self.secret}"
