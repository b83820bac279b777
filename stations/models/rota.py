"""Versions of a station's rota, and deputies of higher levels who take turns in a township."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from deputies.enums import CongressLevel
from liaison.tenancy.masked_fields import MaskedCharField
from liaison.tenancy.models import ScopedModel
from stations.enums import DutyState, RotaPlanState
from stations.rules.lifecycle import TURNS_OVER
from stations.rules.wording import day_text

UPPER_LEVELS = tuple(level for level in CongressLevel if level != CongressLevel.TOWNSHIP)


class RotaPlan(ScopedModel):
    """轮值表: one version of who takes which turn at a station in a period, with every seat explained.

    The turns themselves are ``Participation`` rows; a version is what was thought when it was made, and
    stays as history. ``snapshot`` is written by ``stations.services.rota`` and read by
    ``stations.selectors.rota_versions``.
    """

    station = models.ForeignKey(
        "stations.Station", verbose_name="联络站点", on_delete=models.PROTECT, related_name="rota_plans"
    )
    number = models.PositiveIntegerField("版次")
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期")
    seats = models.PositiveSmallIntegerField("每次值班人数")
    minimum = models.PositiveSmallIntegerField("每人每年最少次数")
    seed = models.BigIntegerField("抽签号", help_text="同样的情况、同样的抽签号，排出的结果相同。")
    state = models.CharField(
        "状态",
        max_length=12,
        choices=RotaPlanState.choices(),
        default=RotaPlanState.DRAFT.value,
        editable=False,
    )
    based_on = models.ForeignKey(
        "self", verbose_name="依据版次", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    snapshot = models.JSONField("轮值安排")
    made_by = models.ForeignKey(
        "liaison.Account", verbose_name="排班人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField("排班时间")
    adopted_by = models.ForeignKey(
        "liaison.Account",
        verbose_name="采用人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    adopted_at = models.DateTimeField("采用时间", null=True, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = ("station_id", "number", "state", "seed", "seats", "minimum")

    class Meta:
        verbose_name = "轮值表"
        verbose_name_plural = "轮值表"
        ordering = ["station", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["scope_code", "station", "number"], name="rota_plan_once"),
            models.UniqueConstraint(
                fields=["scope_code", "station"],
                condition=Q(state=RotaPlanState.DRAFT.value),
                name="rota_plan_one_draft",
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="rota_plan_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.station}轮值表第{self.number}版"


class UpperDeputy(ScopedModel):
    """上级代表联系站点: a deputy of a higher level who takes part at one station of a township.

    The row lies in the township's scope. The county committee lays it down for its own deputies and names
    the mandate (``county_mandate_id``: no foreign key, the mandate belongs to the county); the township's
    office writes down others by name and level.
    """

    station = models.ForeignKey(
        "stations.Station", verbose_name="联络站点", on_delete=models.PROTECT, related_name="upper_deputies"
    )
    name = models.CharField("姓名", max_length=40)
    name_strokes = models.CharField("笔画序", max_length=200, editable=False)
    level = models.CharField(
        "代表层级", max_length=12, choices=[(level.value, level.label) for level in UPPER_LEVELS]
    )
    county_mandate_id = models.BigIntegerField("县级代表编号", null=True, blank=True, editable=False)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)
    recorded_by = models.ForeignKey(
        "liaison.Account", verbose_name="登记人", null=True, on_delete=models.PROTECT, related_name="+"
    )

    audit_plain: ClassVar[tuple[str, ...]] = ("station_id", "level", "starts_on", "ends_on")

    class Meta:
        verbose_name = "上级代表联系站点"
        verbose_name_plural = "上级代表联系站点"
        ordering = ["station", "name_strokes", "id"]
        indexes = [models.Index(fields=["county_mandate_id"], name="upper_deputy_mandate")]
        constraints = [
            models.UniqueConstraint(
                fields=["scope_code", "station", "name", "level"],
                condition=Q(ends_on__isnull=True),
                name="upper_deputy_once",
            ),
            models.CheckConstraint(
                condition=~Q(level=CongressLevel.TOWNSHIP.value), name="upper_deputy_is_higher"
            ),
            models.CheckConstraint(
                condition=Q(county_mandate_id__isnull=True) | Q(level=CongressLevel.COUNTY.value),
                name="upper_deputy_county",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UpperTurn(ScopedModel):
    """上级代表值班: one deputy of a higher level on one reception day, and what came of it.

    A fact of the township that the own congress of this deputy takes over (domain.md 3.7); nobody there
    confirms it, the station's word stands.
    """

    upper_deputy = models.ForeignKey(
        UpperDeputy, verbose_name="上级代表", on_delete=models.PROTECT, related_name="turns"
    )
    reception_day = models.ForeignKey(
        "stations.ReceptionDay", verbose_name="接待日", on_delete=models.PROTECT, related_name="upper_turns"
    )
    outcome = models.CharField(
        "参加情况",
        max_length=12,
        choices=DutyState.choices(),
        default=DutyState.SCHEDULED.value,
        editable=False,
    )
    note = MaskedCharField("情况记录", max_length=400, blank=True)
    recorded_by = models.ForeignKey(
        "liaison.Account",
        verbose_name="登记人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    recorded_at = models.DateTimeField("登记时间", null=True, blank=True)
    # Stamped by the database (stations/migrations/stamps.sql): calendars are told it as LAST-MODIFIED.
    changed_at = models.DateTimeField("变动时间", db_default=Now(), editable=False)

    audit_plain: ClassVar[tuple[str, ...]] = ("upper_deputy_id", "reception_day_id", "outcome")

    class Meta:
        verbose_name = "上级代表值班"
        verbose_name_plural = "上级代表值班"
        ordering = ["reception_day", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope_code", "upper_deputy", "reception_day"],
                condition=~Q(outcome__in=[state.value for state in sorted(TURNS_OVER)]),
                name="upper_turn_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.upper_deputy}　{day_text(self.reception_day.day)}"
