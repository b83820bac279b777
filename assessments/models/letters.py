"""What goes out: notices with their steps, reports, talks and circulars."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from assessments.enums import (
    DeliveryWay,
    NoticeEvent,
    NoticeState,
    TalkState,
)
from assessments.models.cycle import Assessment
from assessments.models.sheets import ScoreSheet
from liaison.models.deadline_fields import DeadlineFields
from liaison.tenancy.models import ScopedModel, days_check, years_check


class FeedbackNotice(DeadlineFields, ScopedModel):
    """《履职测评结果反馈通知书》: one numbered letter per deputy; its deadline is the report's."""

    assessment = models.ForeignKey(
        Assessment, verbose_name="年度测评", on_delete=models.PROTECT, related_name="notices"
    )
    sheet = models.OneToOneField(
        ScoreSheet, verbose_name="得分单", on_delete=models.PROTECT, related_name="notice"
    )
    mandate = models.ForeignKey(
        "deputies.Mandate", verbose_name="代表", on_delete=models.PROTECT, related_name="notices"
    )
    organ_code = models.CharField("机关代字", max_length=12)
    organ_year = models.PositiveSmallIntegerField("发文年份")
    organ_number = models.PositiveIntegerField("发文顺序号")
    issued_on = models.DateField("签发日期")
    # Runs from the day the deputy had the notice in hand (domain.md section 5), so it is empty until then.
    objection_due_on = models.DateField("异议期限", null=True, blank=True, editable=False)
    objection_is_provisional = models.BooleanField("异议期限暂定", default=False, editable=False)
    chain_head = models.CharField("审计链摘要", max_length=64, blank=True, editable=False)
    state = models.CharField(
        "状态", max_length=12, choices=NoticeState.choices(), default=NoticeState.ISSUED.value, editable=False
    )
    pdf = models.ForeignKey(
        "liaison.StoredFile",
        verbose_name="通知书",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    rendered_at = models.DateTimeField("生成时间", null=True, blank=True, editable=False)
    delivered_on = models.DateField("送达日期", null=True, blank=True)
    delivery_way = models.CharField("送达方式", max_length=10, choices=DeliveryWay.choices(), blank=True)
    received_by = models.CharField("签收人", max_length=40, blank=True)
    read_at = models.DateTimeField("查收时间", null=True, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = (
        "mandate_id",
        "organ_code",
        "organ_year",
        "organ_number",
        "state",
        "due_on",
        "due_is_provisional",
        "delivered_on",
    )

    class Meta:
        verbose_name = "反馈通知书"
        verbose_name_plural = "反馈通知书"
        ordering = ["organ_year", "organ_number"]
        constraints = [
            years_check("organ_year", "notice_year"),
            models.UniqueConstraint(
                fields=["scope_code", "organ_code", "organ_year", "organ_number"], name="notice_number_once"
            ),
        ]
        indexes = [
            models.Index(fields=["scope_code", "state", "due_on"], name="notice_scope_state"),
            models.Index(
                fields=["due_on"],
                condition=Q(state__in=["issued", "delivered", "returned"]),
                name="notice_open_due",
            ),
            models.Index(fields=["id"], condition=Q(rendered_at__isnull=True), name="notice_unrendered"),
        ]

    def __str__(self) -> str:
        return f"{self.document_number} {self.mandate}"

    @property
    def document_number(self) -> str:
        """发文字号 with six-corner brackets, no 第 and no zero-padding (domain.md section 5)."""
        return f"{self.organ_code}〔{self.organ_year}〕{self.organ_number}号"


class NoticeStep(ScopedModel):
    """One step of a notice: delivery, report handed in, returned, accepted."""

    notice = models.ForeignKey(
        FeedbackNotice, verbose_name="反馈通知书", on_delete=models.PROTECT, related_name="steps"
    )
    event = models.CharField("环节", max_length=20, choices=NoticeEvent.choices(), blank=True)
    from_state = models.CharField("原状态", max_length=12, choices=NoticeState.choices(), blank=True)
    to_state = models.CharField("新状态", max_length=12, choices=NoticeState.choices())
    note = models.CharField("说明", max_length=1000, blank=True)
    done_by = models.ForeignKey(
        "liaison.Account", verbose_name="办理人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    done_at = models.DateTimeField("时间")

    audit_plain: ClassVar[tuple[str, ...]] = ("notice_id", "event", "from_state", "to_state")

    class Meta:
        verbose_name = "通知书办理记录"
        verbose_name_plural = "通知书办理记录"
        ordering = ["done_at", "id"]
        indexes = [models.Index(fields=["scope_code", "notice"], name="notice_step_scope")]

    def __str__(self) -> str:
        """The first step is the issue itself; no event leads to it."""
        return NoticeEvent(self.event).label if self.event else "签发通知书"


class NoticeReminder(ScopedModel):
    """A reminder before the deadline or an escalation after it; ``stage`` once per notice and due date."""

    notice = models.ForeignKey(
        FeedbackNotice, verbose_name="反馈通知书", on_delete=models.PROTECT, related_name="reminders"
    )
    stage = models.CharField("提醒", max_length=12, help_text="before_5、before_1、overdue_1、overdue_7")
    due_on = models.DateField("期限")
    sent_at = models.DateTimeField("发送时间")

    audit_plain: ClassVar[tuple[str, ...]] = ("notice_id", "stage", "due_on")

    class Meta:
        verbose_name = "整改提醒"
        verbose_name_plural = "整改提醒"
        constraints = [
            models.UniqueConstraint(fields=["scope_code", "notice", "stage", "due_on"], name="reminder_once")
        ]

    def __str__(self) -> str:
        return f"{self.notice} {self.stage}"


class RectificationReport(ScopedModel):
    """《履职测评整改报告》: one submission; a returned report is followed by a new submission."""

    notice = models.ForeignKey(
        FeedbackNotice, verbose_name="反馈通知书", on_delete=models.PROTECT, related_name="reports"
    )
    submission = models.PositiveSmallIntegerField("第几次提交", default=1)
    causes = models.TextField("原因分析", max_length=2000)
    summary = models.TextField("总体情况", max_length=2000, blank=True)
    is_submitted = models.BooleanField("已提交", default=False, editable=False)
    drafted_at = models.DateTimeField("起草时间")
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    submitted_by = models.ForeignKey(
        "liaison.Account", verbose_name="提交人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    leader_opinion = models.CharField("组长意见", max_length=400, blank=True)
    review_note = models.CharField("审核意见", max_length=400, blank=True)
    is_accepted = models.BooleanField("审核通过", null=True, blank=True)
    reviewed_by = models.ForeignKey(
        "liaison.Account",
        verbose_name="审核人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    reviewed_at = models.DateTimeField("审核时间", null=True, blank=True)
    scan = models.ForeignKey(
        "liaison.StoredFile",
        verbose_name="扫描件",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    audit_plain: ClassVar[tuple[str, ...]] = ("notice_id", "submission", "is_submitted", "is_accepted")

    class Meta:
        verbose_name = "整改报告"
        verbose_name_plural = "整改报告"
        ordering = ["notice", "-submission"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope_code", "notice", "submission"], name="report_submission_once"
            ),
            # Nobody reviews his own report (reliability section 2, two-person rule).
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=models.F("submitted_by")),
                name="report_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice} 第{self.submission}次"


class RectificationItem(ScopedModel):
    """One problem of the notice with its measure and date in the report."""

    report = models.ForeignKey(
        RectificationReport, verbose_name="整改报告", on_delete=models.CASCADE, related_name="items"
    )
    sort = models.PositiveSmallIntegerField("顺序")
    problem = models.TextField("存在问题")
    measure = models.CharField("整改（巩固提升）措施", max_length=400, blank=True)
    finish_on = models.DateField("完成时限", null=True, blank=True)
    progress = models.CharField("完成情况", max_length=400, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = ("report_id", "sort", "finish_on")

    class Meta:
        verbose_name = "整改事项"
        verbose_name_plural = "整改事项"
        ordering = ["report", "sort"]
        constraints = [
            days_check("rectification_item_days", "finish_on"),
            models.UniqueConstraint(fields=["scope_code", "report", "sort"], name="rectification_item_once"),
        ]

    def __str__(self) -> str:
        return self.problem


class ReminderTalk(DeadlineFields, ScopedModel):
    """谈话提醒: opened for every 不合格; a reminder, not a sanction; access restricted."""

    sheet = models.OneToOneField(
        ScoreSheet, verbose_name="得分单", on_delete=models.PROTECT, related_name="talk"
    )
    mandate = models.ForeignKey(
        "deputies.Mandate", verbose_name="谈话对象", on_delete=models.PROTECT, related_name="talks"
    )
    record_number = models.CharField("编号", max_length=20, blank=True, editable=False)
    reason = models.CharField("事由", max_length=200)
    state = models.CharField(
        "状态", max_length=10, choices=TalkState.choices(), default=TalkState.DUE.value, editable=False
    )
    held_at = models.DateTimeField("谈话时间", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    place = models.CharField("地点", max_length=60, blank=True)
    talked_by = models.CharField("谈话人", max_length=40, blank=True)
    recorder = models.CharField("记录人", max_length=40, blank=True)
    content = models.TextField("提醒内容", max_length=2000, blank=True)
    response = models.TextField("对象表态", max_length=2000, blank=True)

    # Without the deputy: a talk is opened for those found 不合格 alone.
    audit_plain: ClassVar[tuple[str, ...]] = ("state", "due_on", "held_at")

    class Meta:
        verbose_name = "谈话提醒"
        verbose_name_plural = "谈话提醒"
        ordering = ["due_on", "id"]
        indexes = [models.Index(fields=["scope_code", "state", "due_on"], name="talk_scope_state")]

    def __str__(self) -> str:
        return f"{self.mandate} 谈话提醒"


class Circular(ScopedModel):
    """《通报》 of the results by grade; scores stay with the deputy, the group leader and the presidium."""

    assessment = models.OneToOneField(
        Assessment, verbose_name="年度测评", on_delete=models.PROTECT, related_name="circular"
    )
    organ_code = models.CharField("机关代字", max_length=12)
    organ_year = models.PositiveSmallIntegerField("发文年份")
    organ_number = models.PositiveIntegerField("发文顺序号")
    issued_on = models.DateField("签发日期")
    pdf = models.ForeignKey(
        "liaison.StoredFile",
        verbose_name="通报",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    rendered_at = models.DateTimeField("生成时间", null=True, blank=True, editable=False)

    audit_plain: ClassVar[tuple[str, ...]] = ("assessment_id", "organ_code", "organ_year", "organ_number")

    class Meta:
        verbose_name = "通报"
        verbose_name_plural = "通报"
        constraints = [
            years_check("organ_year", "circular_year"),
            models.UniqueConstraint(
                fields=["scope_code", "organ_code", "organ_year", "organ_number"], name="circular_number_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organ_code}〔{self.organ_year}〕{self.organ_number}号"
