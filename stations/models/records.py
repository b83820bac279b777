"""One deputy's part in an occasion, leave from it, and turns passed to another deputy."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from liaison.tenancy.masked_fields import MaskedCharField
from liaison.tenancy.models import ScopedModel, days_check
from stations.enums import DutyOrigin, DutyState, LeaveReason, LeaveState, ParticipationState, SwapState
from stations.rules.wording import day_text


class Participation(ScopedModel):
    """One deputy's part in one reception day or one activity: expected, attended, excused.

    Registered by one side, confirmed or objected to by the other (domain.md 0.3); it feeds the dossier,
    the 十个一 matrix and the score without being typed again.
    """

    mandate = models.ForeignKey(
        "deputies.Mandate", verbose_name="代表", on_delete=models.PROTECT, related_name="participations"
    )
    reception_day = models.ForeignKey(
        "stations.ReceptionDay",
        verbose_name="接待日",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="participations",
    )
    activity = models.ForeignKey(
        "stations.Activity",
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
    origin = models.CharField(
        "排班方式",
        max_length=12,
        choices=DutyOrigin.choices(),
        blank=True,
        editable=False,
        help_text="接待日值班怎样排定；其他履职记录为空。",
    )
    speech = MaskedCharField("发言要点", max_length=400, blank=True)
    note = MaskedCharField("情况记录", max_length=400, blank=True)
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
    objection = MaskedCharField("异议理由", max_length=400, blank=True)
    ruling = MaskedCharField("处理意见", max_length=400, blank=True)
    confirm_by = models.DateField("核对期限", null=True, blank=True, editable=False)
    confirm_is_provisional = models.BooleanField("核对期限暂定", default=False, editable=False)
    # When the side that has to answer was last reminded; an entry made later is waited for anew.
    reminded_at = models.DateTimeField("提醒时间", null=True, blank=True, editable=False)
    idempotency_key = models.CharField("幂等键", max_length=64, null=True, blank=True, editable=False)
    # Stamped by the database (stations/migrations/stamps.sql): calendars are told it as LAST-MODIFIED.
    changed_at = models.DateTimeField("变动时间", db_default=Now(), editable=False)

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
                condition=Q(activity__isnull=False)
                & ~Q(outcome__in=[DutyState.SWAPPED.value, DutyState.CANCELLED.value]),
                name="participation_once_activity",
            ),
            models.UniqueConstraint(
                fields=["scope_code", "idempotency_key"], name="participation_idempotent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mandate}　{day_text(self.day)}"


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
    reason = MaskedCharField("事由", max_length=200)
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
    decision_note = MaskedCharField("审批意见", max_length=200, blank=True)
    idempotency_key = models.CharField("幂等键", max_length=64, null=True, blank=True, editable=False)

    audit_plain: ClassVar[tuple[str, ...]] = ("mandate_id", "starts_on", "ends_on", "state")

    class Meta:
        verbose_name = "请假"
        verbose_name_plural = "请假"
        ordering = ["-starts_on", "-id"]
        indexes = [models.Index(fields=["scope_code", "mandate", "starts_on"], name="leave_scope_mandate")]
        constraints = [
            days_check("leave_days", "starts_on", "ends_on"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="leave_dates"),
            # 两人制: nobody approves the leave he asked for.
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="leave_two_people",
            ),
            models.UniqueConstraint(fields=["scope_code", "idempotency_key"], name="leave_idempotent"),
        ]

    def __str__(self) -> str:
        return f"{self.mandate}　{day_text(self.starts_on)}请假"


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
    reason = MaskedCharField("事由", max_length=200)
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
        return f"{self.offered}的值班由{self.mandate}接替"
