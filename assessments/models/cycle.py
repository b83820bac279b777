"""The scheme a year is appraised by and the steps it goes through."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from assessments.enums import (
    AssessmentEvent,
    AssessmentState,
)
from liaison.models.deadline_fields import DeadlineFields
from liaison.tenancy.models import InheritedModel, ScopedModel, years_check


class Scheme(InheritedModel):
    """测评办法: one version of a scoring scheme as data; locked on first use, then only succeeded."""

    code = models.CharField("代码", max_length=30)
    version = models.PositiveSmallIntegerField("版本", default=1)
    name = models.CharField("名称", max_length=60, help_text="如《庄子乡人大代表履职测评办法》。")
    definition = models.JSONField("内容")
    locked_at = models.DateTimeField("锁定时间", null=True, blank=True, editable=False)

    audit_plain: ClassVar[tuple[str, ...]] = ("code", "version", "name", "locked_at")

    class Meta:
        verbose_name = "测评办法"
        verbose_name_plural = "测评办法"
        ordering = ["code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["scope_code", "code", "version"], name="scheme_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.name}（第{self.version}版）"


class Assessment(DeadlineFields, ScopedModel):
    """年度测评: one congress, one year, one scheme. Its deadline fields hold the objection period."""

    term = models.ForeignKey(
        "deputies.Term", verbose_name="届", on_delete=models.PROTECT, related_name="assessments"
    )
    jurisdiction = models.ForeignKey(
        "liaison.Jurisdiction", verbose_name="行政区域", on_delete=models.PROTECT
    )
    year = models.PositiveSmallIntegerField("年度")
    scheme = models.ForeignKey(
        Scheme, verbose_name="测评办法", on_delete=models.PROTECT, related_name="assessments"
    )
    period_starts_on = models.DateField("起始日期")
    period_ends_on = models.DateField("截止日期")
    state = models.CharField(
        "阶段",
        max_length=18,
        choices=AssessmentState.choices(),
        default=AssessmentState.DRAFT.value,
        editable=False,
    )
    frozen_at = models.DateTimeField("数据截止时间", null=True, blank=True, editable=False)
    meeting_name = models.CharField(
        "审定会议", max_length=80, blank=True, help_text="如“庄子乡人大主席团第十二次会议”。"
    )
    approved_on = models.DateField("审定日期", null=True, blank=True, editable=False)
    published_at = models.DateTimeField("公布时间", null=True, blank=True, editable=False)
    notices_issued_at = models.DateTimeField("通知书签发时间", null=True, blank=True, editable=False)

    audit_plain: ClassVar[tuple[str, ...]] = ("year", "state", "scheme_id", "approved_on", "published_at")

    class Meta:
        verbose_name = "年度测评"
        verbose_name_plural = "年度测评"
        ordering = ["-year", "scope_code"]
        constraints = [
            years_check("year", "assessment_year"),
            models.UniqueConstraint(fields=["scope_code", "term", "year"], name="assessment_once"),
        ]
        indexes = [
            models.Index(
                fields=["published_at"],
                condition=Q(notices_issued_at__isnull=True),
                name="assessment_unserved",
            )
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction}{self.year}年度代表履职测评"


class AssessmentStep(ScopedModel):
    """One step of the assessment's cycle."""

    assessment = models.ForeignKey(
        Assessment, verbose_name="年度测评", on_delete=models.PROTECT, related_name="steps"
    )
    event = models.CharField("环节", max_length=24, choices=AssessmentEvent.choices())
    from_state = models.CharField("原阶段", max_length=18, choices=AssessmentState.choices())
    to_state = models.CharField("新阶段", max_length=18, choices=AssessmentState.choices())
    note = models.CharField("说明", max_length=400, blank=True)
    done_by = models.ForeignKey(
        "liaison.Account", verbose_name="办理人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    done_at = models.DateTimeField("时间")

    audit_plain: ClassVar[tuple[str, ...]] = ("assessment_id", "event", "from_state", "to_state")

    class Meta:
        verbose_name = "测评进程"
        verbose_name_plural = "测评进程"
        ordering = ["done_at", "id"]
        indexes = [models.Index(fields=["scope_code", "assessment"], name="assessment_step_scope")]

    def __str__(self) -> str:
        return AssessmentEvent(self.event).label
