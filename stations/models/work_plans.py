"""年度代表工作计划 with its items, and who was asked to which activity."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from liaison.tenancy.masked_fields import MaskedCharField
from liaison.tenancy.models import ScopedModel, years_check
from stations.enums import AnswerState, Audience, PlanState


class WorkPlan(ScopedModel):
    """年度代表工作计划 of a presidium or a county committee: one a year (代表法 Art. 43)."""

    year = models.PositiveSmallIntegerField("年度")
    title = models.CharField("标题", max_length=60)
    foreword = models.TextField("总体要求", max_length=4000, blank=True)
    closing = models.TextField("工作要求", max_length=4000, blank=True)
    state = models.CharField(
        "状态",
        max_length=10,
        choices=PlanState.choices(),
        default=PlanState.DRAFT.value,
        editable=False,
    )
    written_by = models.ForeignKey(
        "liaison.Account", verbose_name="起草人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    written_at = models.DateTimeField("起草时间")
    meeting = models.CharField("审议会议", max_length=80, blank=True)
    adopted_by = models.ForeignKey(
        "liaison.Account",
        verbose_name="审定人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    adopted_on = models.DateField("通过日期", null=True, blank=True)
    return_reason = models.CharField("退回原因", max_length=200, blank=True)
    published_at = models.DateTimeField("公布时间", null=True, blank=True, editable=False)

    audit_plain: ClassVar[tuple[str, ...]] = ("year", "state", "adopted_on")

    class Meta:
        verbose_name = "年度代表工作计划"
        verbose_name_plural = "年度代表工作计划"
        ordering = ["-year", "scope_code"]
        constraints = [
            years_check("year", "work_plan_year"),
            models.UniqueConstraint(fields=["scope_code", "year"], name="work_plan_once"),
            # 两人制: nobody adopts the plan he wrote.
            models.CheckConstraint(
                condition=Q(adopted_by__isnull=True) | ~Q(adopted_by=F("written_by")),
                name="work_plan_two_people",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class WorkPlanItem(ScopedModel):
    """One line of a plan: planned in certain ``months``, or on days of its own.

    ``months`` are numbers 1 … 12; each asks for one activity. An item with ``starts_on`` asks for one.
    """

    plan = models.ForeignKey(WorkPlan, verbose_name="计划", on_delete=models.PROTECT, related_name="items")
    kind = models.ForeignKey(
        "stations.ActivityKind", verbose_name="类别", on_delete=models.PROTECT, related_name="+"
    )
    title = models.CharField("工作内容", max_length=80)
    months = models.JSONField("月份", default=list, blank=True)
    starts_on = models.DateField("开始日期", null=True, blank=True)
    ends_on = models.DateField("结束日期", null=True, blank=True)
    place = models.CharField("地点", max_length=80, blank=True)
    responsible = models.CharField("责任人", max_length=60, blank=True)
    audience = models.CharField(
        "参加范围", max_length=8, choices=Audience.choices(), default=Audience.ALL.value
    )
    group = models.ForeignKey(
        "deputies.DeputyGroup",
        verbose_name="代表小组",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    call_off_reason = models.CharField("取消原因", max_length=200, blank=True, editable=False)

    audit_plain: ClassVar[tuple[str, ...]] = ("plan_id", "starts_on", "ends_on")

    class Meta:
        verbose_name = "计划事项"
        verbose_name_plural = "计划事项"
        ordering = ["plan", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True, ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="work_plan_item_dates",
            ),
        ]
        indexes = [models.Index(fields=["scope_code", "plan"], name="plan_item_scope_plan")]

    def __str__(self) -> str:
        return self.title


class Invitation(ScopedModel):
    """活动通知: one deputy asked to one activity, and what the deputy answered."""

    activity = models.ForeignKey(
        "stations.Activity", verbose_name="活动", on_delete=models.PROTECT, related_name="invitations"
    )
    mandate = models.ForeignKey(
        "deputies.Mandate", verbose_name="代表", on_delete=models.PROTECT, related_name="invitations"
    )
    answer = models.CharField(
        "答复",
        max_length=10,
        choices=AnswerState.choices(),
        default=AnswerState.WAITING.value,
        editable=False,
    )
    reason = MaskedCharField("事由", max_length=200, blank=True)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        "liaison.Account",
        verbose_name="答复人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    reminded_at = models.DateTimeField("提醒时间", null=True, blank=True, editable=False)

    audit_plain: ClassVar[tuple[str, ...]] = ("activity_id", "mandate_id", "answer")

    class Meta:
        verbose_name = "活动通知"
        verbose_name_plural = "活动通知"
        ordering = ["activity", "id"]
        constraints = [
            models.UniqueConstraint(fields=["scope_code", "activity", "mandate"], name="invitation_once")
        ]
        indexes = [
            models.Index(
                fields=["activity"],
                condition=Q(answer="waiting", reminded_at__isnull=True),
                name="invitation_to_remind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.mandate}　{self.activity}"
