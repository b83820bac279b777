"""Deputies' suggestions (代表建议), who signed them, and each step of their handling."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from constituents.enums import (
    ReplyClass,
    Satisfaction,
    SubmissionTime,
    SuggestionEvent,
    SuggestionState,
)
from constituents.models.cases import HandlingUnit, Opinion
from liaison.models.deadline_fields import DeadlineFields
from liaison.tenancy.masked_fields import MaskedCharField, MaskedTextField
from liaison.tenancy.models import ScopedModel, numbered_days_check


class Suggestion(DeadlineFields, ScopedModel):
    """代表建议、批评和意见: handed in by one or several deputies, replied to each of them (代表法)."""

    number = models.CharField("编号", max_length=24)
    term = models.ForeignKey(
        "deputies.Term", verbose_name="届", on_delete=models.PROTECT, related_name="suggestions"
    )
    session = models.ForeignKey(
        "deputies.Session",
        verbose_name="会议",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="suggestions",
    )
    submission_time = models.CharField("提出时间", max_length=14, choices=SubmissionTime.choices())
    title = MaskedCharField("标题", max_length=80)
    content = MaskedTextField("内容", max_length=4000)
    submitted_on = models.DateField("提出日期")
    opinion = models.ForeignKey(
        Opinion,
        verbose_name="来源意见",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="suggestions",
    )
    unit = models.ForeignKey(
        HandlingUnit,
        verbose_name="主办单位",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="suggestions",
    )
    assigned_on = models.DateField("交办日期", null=True, blank=True)
    reply_class = models.CharField("答复类别", max_length=1, choices=ReplyClass.choices(), blank=True)
    reply = MaskedTextField("答复", max_length=4000, blank=True)
    replied_on = models.DateField("答复日期", null=True, blank=True)
    satisfaction = models.CharField("代表评价", max_length=20, choices=Satisfaction.choices(), blank=True)
    quality_points = models.DecimalField("质量分", max_digits=3, decimal_places=1, null=True, blank=True)
    is_key = models.BooleanField("重点督办", default=False)
    state = models.CharField(
        "状态",
        max_length=20,
        choices=SuggestionState.choices(),
        default=SuggestionState.SUBMITTED.value,
        editable=False,
    )
    closed_on = models.DateField("办结日期", null=True, blank=True)
    recorded_by = models.ForeignKey(
        "liaison.Account", verbose_name="登记人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField("登记时间")

    audit_plain: ClassVar[tuple[str, ...]] = (
        "number",
        "state",
        "unit_id",
        "due_on",
        "is_key",
    )

    class Meta:
        verbose_name = "代表建议"
        verbose_name_plural = "代表建议"
        ordering = ["-submitted_on", "-id"]
        indexes = [
            models.Index(fields=["scope_code", "state", "due_on"], name="suggestion_scope_state"),
            models.Index(fields=["scope_code", "-submitted_on"], name="suggestion_scope_day"),
            models.Index(fields=["due_on"], condition=Q(closed_on__isnull=True), name="suggestion_open_due"),
        ]
        constraints = [
            numbered_days_check("suggestion_days", "submitted_on"),
            models.UniqueConstraint(fields=["scope_code", "number"], name="suggestion_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class SuggestionSignatory(ScopedModel):
    """A deputy who signed a suggestion; the lead deputy evaluates the reply."""

    suggestion = models.ForeignKey(
        Suggestion, verbose_name="代表建议", on_delete=models.CASCADE, related_name="signatories"
    )
    mandate = models.ForeignKey(
        "deputies.Mandate", verbose_name="代表", on_delete=models.PROTECT, related_name="suggestion_places"
    )
    is_lead = models.BooleanField("领衔", default=False)

    audit_plain: ClassVar[tuple[str, ...]] = ("suggestion_id", "mandate_id", "is_lead")

    class Meta:
        verbose_name = "建议署名代表"
        verbose_name_plural = "建议署名代表"
        constraints = [
            models.UniqueConstraint(fields=["scope_code", "suggestion", "mandate"], name="signatory_once"),
            models.UniqueConstraint(
                fields=["scope_code", "suggestion"], condition=Q(is_lead=True), name="signatory_one_lead"
            ),
        ]
        indexes = [models.Index(fields=["scope_code", "mandate"], name="signatory_scope_mandate")]

    def __str__(self) -> str:
        return str(self.mandate)


class SuggestionStep(ScopedModel):
    """One step of a suggestion's way."""

    suggestion = models.ForeignKey(
        Suggestion, verbose_name="代表建议", on_delete=models.PROTECT, related_name="steps"
    )
    event = models.CharField("办理环节", max_length=24, choices=SuggestionEvent.choices(), blank=True)
    from_state = models.CharField("原状态", max_length=20, choices=SuggestionState.choices(), blank=True)
    to_state = models.CharField("新状态", max_length=20, choices=SuggestionState.choices())
    # A reply stands in the ledger as it was given, so the step holds as much as the reply.
    note = MaskedCharField("说明", max_length=4000, blank=True)
    done_by = models.ForeignKey(
        "liaison.Account", verbose_name="办理人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    done_at = models.DateTimeField("时间")

    audit_plain: ClassVar[tuple[str, ...]] = ("suggestion_id", "event", "from_state", "to_state")

    class Meta:
        verbose_name = "建议办理记录"
        verbose_name_plural = "建议办理记录"
        ordering = ["done_at", "id"]
        indexes = [models.Index(fields=["scope_code", "suggestion"], name="suggestion_step_scope")]

    def __str__(self) -> str:
        return SuggestionEvent(self.event).label if self.event else "提出"
