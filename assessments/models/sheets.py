"""Results: one version of one deputy's sheet, its lines and the objections to it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from assessments.enums import (
    Grade,
    NotRatedReason,
    ObjectionState,
    SheetState,
)
from assessments.models.cycle import Assessment
from assessments.scoring.values import ItemType
from liaison.models.deadline_fields import DeadlineFields
from liaison.tenancy.models import ScopedModel


class ScoreSheet(ScopedModel):
    """One version of one deputy's result. A published sheet never changes; a correction is a new version."""

    assessment = models.ForeignKey(
        Assessment, verbose_name="年度测评", on_delete=models.PROTECT, related_name="sheets"
    )
    mandate = models.ForeignKey(
        "deputies.Mandate", verbose_name="代表", on_delete=models.PROTECT, related_name="sheets"
    )
    version = models.PositiveSmallIntegerField("版本", default=1)
    state = models.CharField(
        "状态", max_length=12, choices=SheetState.choices(), default=SheetState.COMPUTED.value, editable=False
    )
    base_points = models.DecimalField("基本分", max_digits=6, decimal_places=2)
    bonus_points = models.DecimalField("加分", max_digits=6, decimal_places=2, default=0)
    deducted_points = models.DecimalField("扣分", max_digits=6, decimal_places=2, default=0)
    total = models.DecimalField(
        "总分", max_digits=6, decimal_places=2, null=True, help_text="不参评的没有总分。"
    )
    # A scheme may have grades of its own, so the code is no choice of ours and the name is kept with it.
    grade = models.CharField("等次代码", max_length=12)
    grade_name = models.CharField("等次", max_length=8)
    not_rated_reason = models.CharField(
        "不参评原因", max_length=16, choices=NotRatedReason.choices(), blank=True
    )
    not_rated_note = models.TextField("不参评说明", blank=True)
    vetoes = models.JSONField("一票否决", default=list)
    pending_count = models.PositiveSmallIntegerField("待评事项数", default=0)
    strengths = models.JSONField("肯定的方面", default=list)
    problems = models.JSONField("存在的主要问题", default=list)
    content_hash = models.CharField("内容摘要", max_length=64)
    correction_reason = models.CharField("更正理由", max_length=400, blank=True)
    computed_at = models.DateTimeField("计算时间")
    computed_by = models.ForeignKey(
        "liaison.Account", verbose_name="计算人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField("公布时间", null=True, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = ("assessment_id", "mandate_id", "version", "state")

    class Meta:
        verbose_name = "得分单"
        verbose_name_plural = "得分单"
        ordering = ["assessment", "mandate", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope_code", "assessment", "mandate", "version"], name="sheet_version_once"
            ),
            models.UniqueConstraint(
                fields=["scope_code", "assessment", "mandate"],
                condition=~Q(state="superseded"),
                name="sheet_one_current",
            ),
        ]
        indexes = [models.Index(fields=["scope_code", "assessment", "grade"], name="sheet_scope_grade")]

    def __str__(self) -> str:
        points = "" if self.total is None else f"{self.total}分 "
        return f"{self.mandate} {points}{self.grade_name}"

    @property
    def is_rated(self) -> bool:
        return self.grade != Grade.NOT_RATED


class ScoreLine(ScopedModel):
    """One line of a sheet: points, the rule in words, the cap applied and the evidence behind it.

    ``evidence`` is a list of ``{"kind", "id", "on", "label"}`` naming records of the lower floors.
    """

    sheet = models.ForeignKey(
        ScoreSheet, verbose_name="得分单", on_delete=models.PROTECT, related_name="lines"
    )
    sort = models.PositiveSmallIntegerField("顺序")
    item_code = models.CharField("代码", max_length=40)
    name = models.CharField("项目", max_length=60)
    block = models.CharField("部分", max_length=12, blank=True)
    section = models.CharField("计分方式", max_length=12, choices=ItemType.choices())
    full_points = models.DecimalField("标准分", max_digits=6, decimal_places=2)
    points = models.DecimalField("得分", max_digits=6, decimal_places=2)
    explanation = models.TextField("计分说明")
    deduction_reason = models.TextField("扣分原因", blank=True)
    cap_note = models.TextField("上限说明", blank=True)
    is_applicable = models.BooleanField("适用", default=True)
    is_pending = models.BooleanField("待评", default=False)
    evidence = models.JSONField("依据记录", default=list)

    audit_plain: ClassVar[tuple[str, ...]] = ("sheet_id", "item_code")

    class Meta:
        verbose_name = "得分明细"
        verbose_name_plural = "得分明细"
        ordering = ["sheet", "sort"]
        constraints = [
            models.UniqueConstraint(fields=["scope_code", "sheet", "item_code"], name="score_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.points}"


class ScoreObjection(DeadlineFields, ScopedModel):
    """异议（复核申请): against one line or the whole sheet; its deadline is the recheck's."""

    sheet = models.ForeignKey(
        ScoreSheet, verbose_name="得分单", on_delete=models.PROTECT, related_name="objections"
    )
    line = models.ForeignKey(
        ScoreLine, verbose_name="得分明细", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField("异议理由", max_length=400)
    state = models.CharField(
        "状态",
        max_length=14,
        choices=ObjectionState.choices(),
        default=ObjectionState.RAISED.value,
        editable=False,
    )
    raised_by = models.ForeignKey(
        "liaison.Account", verbose_name="提出人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    raised_at = models.DateTimeField("提出时间")
    ruling = models.CharField("复核意见", max_length=400, blank=True)
    ruled_by = models.ForeignKey(
        "liaison.Account",
        verbose_name="复核人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    ruled_at = models.DateTimeField("复核时间", null=True, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = ("sheet_id", "line_id", "state", "due_on")

    class Meta:
        verbose_name = "测评异议"
        verbose_name_plural = "测评异议"
        ordering = ["-raised_at"]
        indexes = [models.Index(fields=["scope_code", "state"], name="objection_scope_state")]
        constraints = [
            # One open objection a sheet: a second one would be ruled on twice.
            models.UniqueConstraint(
                fields=["scope_code", "sheet"],
                condition=Q(state__in=["raised", "rechecking"]),
                name="objection_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.sheet} 异议"
