"""What is entered beside the records: extra facts and ballots."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from assessments.models.cycle import Assessment
from liaison.tenancy.models import ScopedModel


class ExtraFact(ScopedModel):
    """A bonus, deduction, veto or judged mark of one deputy, entered with its basis."""

    assessment = models.ForeignKey(
        Assessment, verbose_name="年度测评", on_delete=models.PROTECT, related_name="extra_facts"
    )
    mandate = models.ForeignKey(
        "deputies.Mandate", verbose_name="代表", on_delete=models.PROTECT, related_name="extra_facts"
    )
    fact_code = models.CharField("事项", max_length=40, help_text="测评办法中的取数代码。")
    points = models.DecimalField("分值", max_digits=6, decimal_places=2, null=True, blank=True)
    count = models.PositiveSmallIntegerField("次数", default=1)
    due_count = models.PositiveSmallIntegerField(
        "应有次数", null=True, blank=True, help_text="按比例计分的事项填写，如表决共几次。"
    )
    happened_on = models.DateField("日期")
    basis = models.CharField("依据", max_length=200)
    recorded_by = models.ForeignKey(
        "liaison.Account", verbose_name="登记人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField("登记时间")

    audit_plain: ClassVar[tuple[str, ...]] = ("assessment_id", "mandate_id", "happened_on")

    class Meta:
        verbose_name = "加减分与评分事项"
        verbose_name_plural = "加减分与评分事项"
        ordering = ["happened_on", "id"]
        indexes = [models.Index(fields=["scope_code", "assessment", "mandate"], name="extra_fact_scope")]

    def __str__(self) -> str:
        return f"{self.mandate} {self.fact_code}"


class BallotTally(ScopedModel):
    """无记名测评票: tallies only, never a ballot (domain.md 0.8 and 3.1)."""

    assessment = models.ForeignKey(
        Assessment, verbose_name="年度测评", on_delete=models.PROTECT, related_name="ballots"
    )
    mandate = models.ForeignKey(
        "deputies.Mandate", verbose_name="代表", on_delete=models.PROTECT, related_name="ballots"
    )
    held_on = models.DateField("测评日期")
    place = models.CharField("地点", max_length=80, blank=True)
    issued = models.PositiveSmallIntegerField("发出票数")
    returned = models.PositiveSmallIntegerField("收回票数")
    valid = models.PositiveSmallIntegerField("有效票数")
    satisfied = models.PositiveSmallIntegerField("满意")
    basically_satisfied = models.PositiveSmallIntegerField("基本满意")
    dissatisfied = models.PositiveSmallIntegerField("不满意")
    recorded_by = models.ForeignKey(
        "liaison.Account", verbose_name="登记人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField("登记时间")

    audit_plain: ClassVar[tuple[str, ...]] = ("assessment_id", "mandate_id")

    class Meta:
        verbose_name = "选民测评计票"
        verbose_name_plural = "选民测评计票"
        constraints = [
            models.UniqueConstraint(fields=["scope_code", "assessment", "mandate"], name="ballot_once"),
            models.CheckConstraint(
                condition=Q(returned__lte=models.F("issued"), valid__lte=models.F("returned")),
                name="ballot_counts",
            ),
            models.CheckConstraint(
                condition=Q(
                    valid=models.F("satisfied") + models.F("basically_satisfied") + models.F("dissatisfied")
                ),
                name="ballot_sum",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mandate} {self.valid}票"
