"""What deputies take part in: reception days, activities, and the kinds of activities with their norms."""

from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from liaison.tenancy.masked_fields import MaskedCharField, MaskedTextField
from liaison.tenancy.models import InheritedModel, ScopedModel, days_check
from stations.enums import Audience, ContactMethod, ReceptionDayState
from stations.rules.wording import day_text

if TYPE_CHECKING:
    from stations.models.records import Participation


class ReceptionDay(ScopedModel):
    """接待日: one planned or held reception at a station."""

    station = models.ForeignKey(
        "stations.Station", verbose_name="联络站点", on_delete=models.PROTECT, related_name="reception_days"
    )
    rule = models.ForeignKey(
        "stations.ReceptionRule", verbose_name="规则", null=True, blank=True, on_delete=models.PROTECT
    )
    day = models.DateField("接待日期")
    nominal_day = models.DateField("规则日期", help_text="未顺延前的日期。")
    day_text = models.TextField("日期推算", blank=True, editable=False)
    day_is_provisional = models.BooleanField("日期暂定", default=False, editable=False)
    is_fixed = models.BooleanField("日期已手工确定", default=False, editable=False)
    starts_at = models.TimeField("开始时间")
    ends_at = models.TimeField("结束时间")
    theme = models.CharField("主题", max_length=60, blank=True)
    is_theme_fixed = models.BooleanField("主题已手工确定", default=False, editable=False)
    # Set by ``selectors.records.with_turns`` only.
    turns: "list[Participation]"
    state = models.CharField(
        "状态",
        max_length=12,
        choices=ReceptionDayState.choices(),
        default=ReceptionDayState.PLANNED.value,
        editable=False,
    )
    dated_at = models.DateTimeField(
        "日期确定时间", null=True, blank=True, editable=False, help_text="这次接待自何时起定在这一天。"
    )
    announced_at = models.DateTimeField("公告时间", null=True, blank=True, editable=False)
    notice_text = models.TextField(
        "公告说明", blank=True, editable=False, help_text="提前不足或者更正的，向群众说明。"
    )
    began_at = models.DateTimeField("实际开始", null=True, blank=True)
    ended_at = models.DateTimeField("实际结束", null=True, blank=True)
    visitor_count = models.PositiveSmallIntegerField("接待人数", default=0)
    remark = MaskedCharField("备注", max_length=200, blank=True)
    # Stamped by the database (stations/migrations/stamps.sql): calendars are told it as LAST-MODIFIED.
    changed_at = models.DateTimeField("变动时间", db_default=Now(), editable=False)
    # Given by the database at birth and kept whatever happens to the day; who is on duty keeps his entry too.
    calendar_uid = models.UUIDField("日历编号", db_default=RandomUUID(), editable=False)

    audit_plain: ClassVar[tuple[str, ...]] = ("station_id", "day", "state", "visitor_count")

    class Meta:
        verbose_name = "接待日"
        verbose_name_plural = "接待日"
        ordering = ["-day", "station"]
        indexes = [
            models.Index(fields=["scope_code", "day"], name="reception_scope_day"),
            models.Index(
                fields=["day"], condition=Q(announced_at__isnull=True), name="reception_unannounced"
            ),
        ]
        constraints = [
            days_check("reception_days", "day", "nominal_day"),
            models.UniqueConstraint(fields=["scope_code", "station", "nominal_day"], name="reception_once"),
        ]

    def __str__(self) -> str:
        return f"{self.station}{day_text(self.day)}接待日"


class Activity(ScopedModel):
    """One activity of the year: an inspection, a training, a visit, a deputies' meeting, a session sitting.

    ``kind`` is the code of a row of ``ActivityKind``; norms are data (domain.md 0.11).
    """

    kind = models.ForeignKey(
        "stations.ActivityKind", verbose_name="类别", on_delete=models.PROTECT, related_name="activities"
    )
    contact_method = models.CharField("联系方式", max_length=24, choices=ContactMethod.choices(), blank=True)
    title = MaskedCharField("名称", max_length=80)
    starts_on = models.DateField("日期")
    ends_on = models.DateField("结束日期")
    place = models.CharField("地点", max_length=80, blank=True)
    summary = MaskedTextField("活动情况", max_length=2000, blank=True)
    minutes = MaskedTextField("纪要", max_length=20000, blank=True)
    plan_item = models.ForeignKey(
        "stations.WorkPlanItem",
        verbose_name="计划事项",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="activities",
    )
    starts_at = models.TimeField("开始时间", null=True, blank=True)
    audience = models.CharField("参加范围", max_length=8, choices=Audience.choices(), blank=True)
    capacity = models.PositiveSmallIntegerField(
        "名额", null=True, blank=True, help_text="填写名额的为自愿报名；不填的，通知到的代表都应参加。"
    )
    answer_by = models.DateField("答复截止日期", null=True, blank=True)
    notified_at = models.DateTimeField("通知时间", null=True, blank=True, editable=False)
    call_off_reason = models.CharField("取消原因", max_length=200, blank=True, editable=False)
    group = models.ForeignKey(
        "deputies.DeputyGroup",
        verbose_name="组织小组",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="activities",
    )
    session = models.ForeignKey(
        "deputies.Session",
        verbose_name="所属会议",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="activities",
    )
    state = models.CharField(
        "状态",
        max_length=12,
        choices=ReceptionDayState.choices(),
        default=ReceptionDayState.PLANNED.value,
        editable=False,
    )
    recorded_by = models.ForeignKey(
        "liaison.Account", verbose_name="登记人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField("登记时间")
    idempotency_key = models.CharField("幂等键", max_length=64, null=True, blank=True, editable=False)
    # Stamped by the database (stations/migrations/stamps.sql): calendars are told it as LAST-MODIFIED.
    changed_at = models.DateTimeField("变动时间", db_default=Now(), editable=False)

    audit_plain: ClassVar[tuple[str, ...]] = ("kind_id", "starts_on", "state", "group_id")

    class Meta:
        verbose_name = "活动"
        verbose_name_plural = "活动"
        ordering = ["-starts_on", "-id"]
        indexes = [
            models.Index(fields=["scope_code", "-starts_on"], name="activity_scope_day"),
            models.Index(fields=["scope_code", "kind", "starts_on"], name="activity_scope_kind"),
            models.Index(
                fields=["answer_by"], condition=Q(state="published"), name="activity_waits_for_answers"
            ),
        ]
        constraints = [
            days_check("activity_days", "starts_on", "ends_on"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="activity_dates"),
            models.UniqueConstraint(fields=["scope_code", "idempotency_key"], name="activity_idempotent"),
        ]

    def __str__(self) -> str:
        title: str = self.title
        return title


class ActivityKind(InheritedModel):
    """An activity kind with its yearly norm (十个一 and its neighbours): editable, inherited downwards."""

    code = models.CharField("代码", max_length=30)
    name = models.CharField("名称", max_length=40)
    fact_code = models.CharField("计分事项", max_length=30, blank=True, help_text="测评方案据此取数。")
    due_per_year = models.PositiveSmallIntegerField("每年应参加次数", default=0)
    is_personal = models.BooleanField("个人事项", default=False, help_text="由代表个人完成，如每月走访选区。")
    sort = models.PositiveSmallIntegerField("顺序", default=0)
    contact_method = models.CharField(
        "联系方式",
        max_length=24,
        choices=ContactMethod.choices(),
        blank=True,
        help_text="登记活动时默认填写。",
    )
    # A norm holds from a year on; years before keep the row that held then.
    from_year = models.PositiveSmallIntegerField("起始年度", default=0, help_text="0为一直执行。")
    norm_set = models.CharField("履职要求", max_length=20, blank=True, editable=False)

    audit_plain: ClassVar[tuple[str, ...]] = ("code", "name", "due_per_year", "from_year", "norm_set")

    class Meta:
        verbose_name = "活动类别"
        verbose_name_plural = "活动类别"
        ordering = ["sort", "code"]
        constraints = [
            models.UniqueConstraint(fields=["scope_code", "code", "from_year"], name="activity_kind_once")
        ]

    def __str__(self) -> str:
        return self.name
