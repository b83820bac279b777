"""Stations, who takes turns at them, when they receive, and their photos."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from liaison.tenancy.masked_fields import MaskedCharField
from liaison.tenancy.models import ScopedModel, days_check
from stations.enums import PlaceKind


class Station(ScopedModel):
    """A place where deputies meet the public: home, station, contact point, activity or reception room."""

    kind = models.CharField("类别", max_length=20, choices=PlaceKind.choices())
    name = models.CharField("名称", max_length=60)
    jurisdiction = models.ForeignKey(
        "liaison.Jurisdiction", verbose_name="所属乡镇（街道）", on_delete=models.PROTECT
    )
    village = models.ForeignKey(
        "liaison.Jurisdiction",
        verbose_name="所在村（社区）",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    address = models.CharField("地址", max_length=120)
    phone = models.CharField("公开电话", max_length=30, blank=True)
    opening_hours = models.CharField("开放时间", max_length=80, blank=True)
    directions = models.TextField(
        "怎样到达",
        max_length=400,
        blank=True,
        help_text="如“坐2路车到东庄站，下车向北200米”，在公开页面上显示。",
    )
    # Forty things of sixty characters, a line each.
    equipment = models.TextField("设施", max_length=2440, blank=True)
    group = models.ForeignKey(
        "deputies.DeputyGroup",
        verbose_name="负责小组",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="stations",
    )
    public_code = models.CharField(
        "公开编号", max_length=24, unique=True, editable=False, help_text="二维码和公开网页地址用。"
    )
    opened_on = models.DateField("启用日期")
    closed_on = models.DateField("停用日期", null=True, blank=True)
    # Stamped by the database (stations/migrations/stamps.sql): calendars are told it as LAST-MODIFIED.
    changed_at = models.DateTimeField("变动时间", db_default=Now(), editable=False)

    audit_plain: ClassVar[tuple[str, ...]] = ("kind", "name", "opened_on", "closed_on")
    # What the office keeps of a station: the fields of its form, in this order.
    entry: ClassVar[tuple[str, ...]] = (
        "kind",
        "name",
        "address",
        "directions",
        "village",
        "phone",
        "opening_hours",
        "equipment",
        "group",
        "opened_on",
    )

    class Meta:
        verbose_name = "联络站点"
        verbose_name_plural = "联络站点"
        ordering = ["scope_code", "kind", "name"]
        constraints = [
            days_check("station_days", "opened_on"),
            models.UniqueConstraint(fields=["scope_code", "name"], name="station_once"),
        ]

    def __str__(self) -> str:
        return self.name


class StationDeputy(ScopedModel):
    """Which deputies take turns at a station."""

    station = models.ForeignKey(
        Station, verbose_name="联络站点", on_delete=models.CASCADE, related_name="roster"
    )
    mandate = models.ForeignKey(
        "deputies.Mandate", verbose_name="代表", on_delete=models.PROTECT, related_name="station_places"
    )
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = ("station_id", "mandate_id", "starts_on", "ends_on")

    class Meta:
        verbose_name = "进站代表"
        verbose_name_plural = "进站代表"
        constraints = [
            models.UniqueConstraint(
                fields=["scope_code", "station", "mandate"],
                condition=Q(ends_on__isnull=True),
                name="station_deputy_once",
            )
        ]

    def __str__(self) -> str:
        return str(self.mandate)


class ReceptionRule(ScopedModel):
    """When a station receives the public (see ``liaison.calendar.recurrence``), e.g. 每月第一周的周五."""

    station = models.ForeignKey(
        Station, verbose_name="联络站点", on_delete=models.PROTECT, related_name="rules"
    )
    rule = models.JSONField("规则")
    text = models.TextField("规则说明", editable=False)
    starts_at = models.TimeField("开始时间")
    ends_at = models.TimeField("结束时间")
    valid_from = models.DateField("生效日期")
    valid_until = models.DateField("截止日期", null=True, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = ("station_id", "valid_from", "valid_until")

    class Meta:
        verbose_name = "接待日规则"
        verbose_name_plural = "接待日规则"
        ordering = ["station", "valid_from"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="reception_rule_hours"),
        ]

    def __str__(self) -> str:
        return self.text


class StationPhoto(ScopedModel):
    """A photo of a station or of an activity."""

    station = models.ForeignKey(
        Station,
        verbose_name="联络站点",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="photos",
    )
    activity = models.ForeignKey(
        "stations.Activity",
        verbose_name="活动",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="photos",
    )
    file = models.ForeignKey(
        "liaison.StoredFile", verbose_name="文件", on_delete=models.PROTECT, related_name="+"
    )
    preview = models.ForeignKey(
        "liaison.StoredFile",
        verbose_name="小图",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    caption = MaskedCharField("说明", max_length=80, blank=True)
    position = models.PositiveSmallIntegerField("顺序", default=0, editable=False)
    removed_at = models.DateTimeField("撤下时间", null=True, blank=True, editable=False)
    removal_reason = MaskedCharField("撤下原因", max_length=200, blank=True, editable=False)

    audit_plain: ClassVar[tuple[str, ...]] = (
        "station_id",
        "activity_id",
        "file_id",
        "removed_at",
    )

    class Meta:
        verbose_name = "照片"
        verbose_name_plural = "照片"
        ordering = ["position", "id"]
        indexes = [models.Index(fields=["scope_code", "station"], name="station_photo_scope")]

    def __str__(self) -> str:
        return self.caption or str(self.file)
