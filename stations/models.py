"""Stations, reception rules and days, duty turns, activities, participation, leave."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from liaison.scope_models import InheritedModel, ScopedModel
from stations.enums import (
    ContactMethod,
    DutyState,
    LeaveReason,
    LeaveState,
    ParticipationState,
    PlaceKind,
    ReceptionDayState,
    SwapState,
)


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
    equipment = models.TextField("设施", blank=True)
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

    audit_plain: ClassVar[tuple[str, ...]] = ("kind", "name", "opened_on", "closed_on")

    class Meta:
        verbose_name = "联络站点"
        verbose_name_plural = "联络站点"
        ordering = ["scope_code", "kind", "name"]
        constraints = [models.UniqueConstraint(fields=["scope_code", "name"], name="station_once")]

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
        return f"{self.station} {self.mandate}"


class ReceptionRule(ScopedModel):
    """When a station receives the public, as data (see ``liaison.recurrence``), e.g. 每月第一周的周五."""

    station = models.ForeignKey(
        Station, verbose_name="联络站点", on_delete=models.PROTECT, related_name="rules"
    )
    rule = models.JSONField("规则")
    text = models.CharField("规则说明", max_length=200, editable=False)
    starts_at = models.TimeField("开始时间")
    ends_at = models.TimeField("结束时间")
    valid_from = models.DateField("生效日期")
    valid_until = models.DateField("截止日期", null=True, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = ("station_id", "rule", "valid_from", "valid_until")

    class Meta:
        verbose_name = "接待日规则"
        verbose_name_plural = "接待日规则"
        ordering = ["station", "valid_from"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="reception_rule_hours"),
        ]

    def __str__(self) -> str:
        return self.text


class ReceptionDay(ScopedModel):
    """接待日: one planned or held reception at a station."""

    station = models.ForeignKey(
        Station, verbose_name="联络站点", on_delete=models.PROTECT, related_name="reception_days"
    )
    rule = models.ForeignKey(
        ReceptionRule, verbose_name="规则", null=True, blank=True, on_delete=models.PROTECT
    )
    day = models.DateField("接待日期")
    nominal_day = models.DateField("规则日期", help_text="未顺延前的日期。")
    day_text = models.CharField("日期推算", max_length=300, blank=True, editable=False)
    day_is_provisional = models.BooleanField("日期暂定", default=False, editable=False)
    is_fixed = models.BooleanField("日期已手工确定", default=False, editable=False)
    starts_at = models.TimeField("开始时间")
    ends_at = models.TimeField("结束时间")
    theme = models.CharField("主题", max_length=60, blank=True)
    state = models.CharField(
        "状态",
        max_length=12,
        choices=ReceptionDayState.choices(),
        default=ReceptionDayState.PLANNED.value,
        editable=False,
    )
    announced_at = models.DateTimeField("公告时间", null=True, blank=True, editable=False)
    began_at = models.DateTimeField("实际开始", null=True, blank=True)
    ended_at = models.DateTimeField("实际结束", null=True, blank=True)
    visitor_count = models.PositiveSmallIntegerField("接待人数", default=0)
    remark = models.CharField("备注", max_length=200, blank=True)

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
            models.UniqueConstraint(fields=["scope_code", "station", "nominal_day"], name="reception_once"),
        ]

    def __str__(self) -> str:
        return f"{self.station} {self.day:%Y-%m-%d}"


class Activity(ScopedModel):
    """One activity of the year: an inspection, a training, a visit, a deputies' meeting, a session sitting.

    ``kind`` is the code of a row of ``ActivityKind``; norms are data (domain.md 0.11).
    """

    kind = models.ForeignKey(
        "stations.ActivityKind", verbose_name="类别", on_delete=models.PROTECT, related_name="activities"
    )
    contact_method = models.CharField("联系方式", max_length=24, choices=ContactMethod.choices(), blank=True)
    title = models.CharField("名称", max_length=80)
    starts_on = models.DateField("日期")
    ends_on = models.DateField("结束日期")
    place = models.CharField("地点", max_length=80, blank=True)
    summary = models.TextField("活动情况", blank=True)
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

    audit_plain: ClassVar[tuple[str, ...]] = ("kind_id", "title", "starts_on", "state", "group_id")

    class Meta:
        verbose_name = "活动"
        verbose_name_plural = "活动"
        ordering = ["-starts_on", "-id"]
        indexes = [
            models.Index(fields=["scope_code", "-starts_on"], name="activity_scope_day"),
            models.Index(fields=["scope_code", "kind", "starts_on"], name="activity_scope_kind"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="activity_dates"),
            models.UniqueConstraint(fields=["scope_code", "idempotency_key"], name="activity_idempotent"),
        ]

    def __str__(self) -> str:
        return self.title


class ActivityKind(InheritedModel):
    """An activity kind with its yearly norm (十个一 and its neighbours): editable, inherited downwards."""

    code = models.CharField("代码", max_length=30)
    name = models.CharField("名称", max_length=40)
    fact_code = models.CharField("计分事项", max_length=30, blank=True, help_text="测评方案据此取数。")
    due_per_year = models.PositiveSmallIntegerField("每年应参加次数", default=0)
    is_personal = models.BooleanField("个人事项", default=False, help_text="由代表个人完成，如每月走访选区。")
    sort = models.PositiveSmallIntegerField("顺序", default=0)

    audit_plain: ClassVar[tuple[str, ...]] = ("code", "name", "due_per_year")

    class Meta:
        verbose_name = "活动类别"
        verbose_name_plural = "活动类别"
        ordering = ["sort", "code"]
        constraints = [models.UniqueConstraint(fields=["scope_code", "code"], name="activity_kind_once")]

    def __str__(self) -> str:
        return self.name


class Participation(ScopedModel):
    """One deputy's part in one reception day or one activity: expected, attended, excused.

    Registered by one side, confirmed or objected to by the other (domain.md 0.3); it feeds the dossier,
    the 十个一 matrix and the score without being typed again.
    """

    mandate = models.ForeignKey(
        "deputies.Mandate", verbose_name="代表", on_delete=models.PROTECT, related_name="participations"
    )
    reception_day = models.ForeignKey(
        ReceptionDay,
        verbose_name="接待日",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="participations",
    )
    activity = models.ForeignKey(
        Activity,
        verbose_name="活动",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="participations",
    )
    day = models.DateField("日期")
    outcome = models.CharField(
        "参加情况", max_length=12, choices=DutyState.choices(), default=DutyState.SCHEDULED.value
    )
    state = models.CharField(
        "核对状态",
        max_length=20,
        choices=ParticipationState.choices(),
        default=ParticipationState.REGISTERED.value,
        editable=False,
    )
    speech = models.CharField("发言要点", max_length=400, blank=True)
    note = models.CharField("情况记录", max_length=400, blank=True)
    is_recorded_by_deputy = models.BooleanField("由代表登记", default=False)
    recorded_by = models.ForeignKey(
        "liaison.Account", verbose_name="登记人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField("登记时间", null=True, blank=True)
    settled_by = models.ForeignKey(
        "liaison.Account",
        verbose_name="核对人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    settled_at = models.DateTimeField("核对时间", null=True, blank=True)
    objection = models.CharField("异议理由", max_length=400, blank=True)
    ruling = models.CharField("处理意见", max_length=400, blank=True)
    confirm_by = models.DateField("核对期限", null=True, blank=True, editable=False)
    confirm_is_provisional = models.BooleanField("核对期限暂定", default=False, editable=False)
    idempotency_key = models.CharField("幂等键", max_length=64, null=True, blank=True, editable=False)

    audit_plain: ClassVar[tuple[str, ...]] = (
        "mandate_id",
        "day",
        "outcome",
        "state",
        "reception_day_id",
        "activity_id",
    )

    class Meta:
        verbose_name = "履职记录"
        verbose_name_plural = "履职记录"
        ordering = ["-day", "-id"]
        indexes = [
            models.Index(fields=["scope_code", "mandate", "day"], name="participation_scope_mandate"),
            models.Index(fields=["confirm_by"], condition=Q(state="registered"), name="participation_open"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(reception_day__isnull=False, activity__isnull=True)
                | Q(reception_day__isnull=True, activity__isnull=False),
                name="participation_one_occasion",
            ),
            # A turn given away or cancelled stays as history and may be given again.
            models.UniqueConstraint(
                fields=["scope_code", "mandate", "reception_day"],
                condition=Q(reception_day__isnull=False)
                & ~Q(outcome__in=[DutyState.SWAPPED.value, DutyState.CANCELLED.value]),
                name="participation_once_reception",
            ),
            models.UniqueConstraint(
                fields=["scope_code", "mandate", "activity"],
                condition=Q(activity__isnull=False),
                name="participation_once_activity",
            ),
            models.UniqueConstraint(
                fields=["scope_code", "idempotency_key"], name="participation_idempotent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mandate} {self.day:%Y-%m-%d}"


class LeaveRequest(ScopedModel):
    """请假: for one occasion or a span of days; approved leave leaves the denominator (domain.md 0.7)."""

    mandate = models.ForeignKey(
        "deputies.Mandate", verbose_name="代表", on_delete=models.PROTECT, related_name="leave_requests"
    )
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期")
    participation = models.ForeignKey(
        Participation,
        verbose_name="对应事项",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="leave_requests",
    )
    kind = models.CharField(
        "类别", max_length=14, choices=LeaveReason.choices(), default=LeaveReason.PERSONAL.value
    )
    reason = models.CharField("事由", max_length=200)
    state = models.CharField(
        "状态",
        max_length=12,
        choices=LeaveState.choices(),
        default=LeaveState.REQUESTED.value,
        editable=False,
    )
    requested_by = models.ForeignKey(
        "liaison.Account", verbose_name="申请人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(
        "liaison.Account",
        verbose_name="审批人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    decision_note = models.CharField("审批意见", max_length=200, blank=True)
    idempotency_key = models.CharField("幂等键", max_length=64, null=True, blank=True, editable=False)

    audit_plain: ClassVar[tuple[str, ...]] = ("mandate_id", "starts_on", "ends_on", "state")

    class Meta:
        verbose_name = "请假"
        verbose_name_plural = "请假"
        ordering = ["-starts_on", "-id"]
        indexes = [models.Index(fields=["scope_code", "mandate", "starts_on"], name="leave_scope_mandate")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="leave_dates"),
            # 两人制: nobody approves the leave he asked for.
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="leave_two_people",
            ),
            models.UniqueConstraint(fields=["scope_code", "idempotency_key"], name="leave_idempotent"),
        ]

    def __str__(self) -> str:
        return f"{self.mandate} {self.starts_on:%Y-%m-%d}"


class DutySwap(ScopedModel):
    """调换值班: one deputy's turn offered to another; the other consents, the station approves.

    ``offered`` passes to ``mandate``; when ``wanted`` is set, that turn passes back in exchange.
    """

    offered = models.ForeignKey(
        Participation, verbose_name="调出的值班", on_delete=models.PROTECT, related_name="swaps_out"
    )
    mandate = models.ForeignKey(
        "deputies.Mandate", verbose_name="接替代表", on_delete=models.PROTECT, related_name="duty_swaps"
    )
    wanted = models.ForeignKey(
        Participation,
        verbose_name="换入的值班",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="swaps_in",
    )
    reason = models.CharField("事由", max_length=200)
    state = models.CharField(
        "状态", max_length=12, choices=SwapState.choices(), default=SwapState.PROPOSED.value, editable=False
    )
    proposed_by = models.ForeignKey(
        "liaison.Account", verbose_name="提出人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField("提出时间")
    decided_by = models.ForeignKey(
        "liaison.Account",
        verbose_name="批准人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField("批准时间", null=True, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = ("offered_id", "mandate_id", "wanted_id", "state")

    class Meta:
        verbose_name = "值班调换"
        verbose_name_plural = "值班调换"
        ordering = ["-proposed_at", "-id"]
        indexes = [models.Index(fields=["scope_code", "state"], name="duty_swap_scope_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["scope_code", "offered"],
                condition=Q(state__in=[SwapState.PROPOSED.value, SwapState.CONSENTED.value]),
                name="duty_swap_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offered} → {self.mandate}"


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
        Activity, verbose_name="活动", null=True, blank=True, on_delete=models.CASCADE, related_name="photos"
    )
    file = models.ForeignKey(
        "liaison.StoredFile", verbose_name="文件", on_delete=models.PROTECT, related_name="+"
    )
    caption = models.CharField("说明", max_length=80, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = ("station_id", "activity_id", "file_id")

    class Meta:
        verbose_name = "照片"
        verbose_name_plural = "照片"
        indexes = [models.Index(fields=["scope_code", "station"], name="station_photo_scope")]

    def __str__(self) -> str:
        return self.caption or str(self.file)
