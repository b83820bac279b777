"""Residents, opinions and their handling, handling units."""

import hashlib
from typing import ClassVar

from django.db import models
from django.db.models import Q

from constituents.enums import (
    ContactWay,
    FeedbackWay,
    NotAcceptedReason,
    OpinionCategory,
    OpinionEvent,
    OpinionNote,
    OpinionState,
    ReplyClass,
    Route,
    Satisfaction,
    UnitKind,
    Urgency,
)
from liaison.models.deadline_fields import DeadlineFields
from liaison.tenancy.encryption import EncryptedTextField
from liaison.tenancy.masked_fields import MaskedCharField, MaskedTextField
from liaison.tenancy.models import ScopedModel, numbered_days_check
from liaison.words.text import mask_name, mask_phone


def digest_of_code(code: str) -> str:
    """What is kept of a query code: codes are 128 random bits, which nobody tries out against a digest."""
    return hashlib.sha256(code.encode()).hexdigest()


class HandlingUnit(ScopedModel):
    """承办单位: an office, a village committee or an enterprise that handles what it is assigned."""

    name = models.CharField("名称", max_length=60)
    kind = models.CharField(
        "类别", max_length=12, choices=UnitKind.choices(), default=UnitKind.TOWNSHIP.value
    )
    contact_person = models.CharField("联系人", max_length=20, blank=True)
    phone = models.CharField("办公电话", max_length=30, blank=True)
    is_active = models.BooleanField("启用", default=True)

    audit_plain: ClassVar[tuple[str, ...]] = ("name", "kind", "is_active")

    class Meta:
        verbose_name = "承办单位"
        verbose_name_plural = "承办单位"
        ordering = ["scope_code", "name"]
        constraints = [models.UniqueConstraint(fields=["scope_code", "name"], name="handling_unit_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def route(self) -> Route:
        """去向 of what is assigned to it."""
        return Route.VILLAGE if self.kind == UnitKind.VILLAGE else Route.TOWNSHIP


class Opinion(DeadlineFields, ScopedModel):
    """社情民意: a matter a resident brought, in the resident's own words (《接待选民登记表》).

    Name, phone and address are the resident's personal data: encrypted, masked on pages, revealed with a
    reason, purged years after closing. The query code follows the matter without an account: its digest is
    kept, itself only sealed and only until it was shown once.
    """

    number = models.CharField("编号", max_length=24)
    query_code_digest = models.CharField("查询码摘要", max_length=64, unique=True, editable=False)
    query_code_waiting = EncryptedTextField("待显示的查询码", blank=True, editable=False)
    received_on = models.DateField("反映日期")
    reception_day = models.ForeignKey(
        "stations.ReceptionDay",
        verbose_name="接待日",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="opinions",
    )
    station = models.ForeignKey(
        "stations.Station",
        verbose_name="联络站点",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="opinions",
    )
    deputy = models.ForeignKey(
        "deputies.Mandate",
        verbose_name="接待（反映）代表",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="opinions",
    )
    resident_name = EncryptedTextField("群众姓名", blank=True)
    resident_phone = EncryptedTextField("联系电话", blank=True)
    resident_phone_digest = models.CharField("电话摘要", max_length=32, blank=True, editable=False)
    resident_address = EncryptedTextField("住址", blank=True)
    village = models.ForeignKey(
        "liaison.Jurisdiction",
        verbose_name="所在村（社区）",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    is_own_constituency = models.BooleanField("本选区选民", default=True)
    people_count = models.PositiveSmallIntegerField("人数", default=1)
    is_anonymous = models.BooleanField("匿名", default=False)
    is_confidential = models.BooleanField("要求保密", default=False, help_text="承办单位也看不到姓名。")
    contact_way = models.CharField("反映方式", max_length=14, choices=ContactWay.choices())
    category = models.CharField("类别", max_length=20, choices=OpinionCategory.choices())
    urgency = models.CharField(
        "紧急程度", max_length=10, choices=Urgency.choices(), default=Urgency.ORDINARY.value
    )
    content = MaskedTextField("内容（原话原意）", max_length=2000)
    wish = MaskedCharField("诉求", max_length=400, blank=True)
    on_spot_answer = MaskedCharField("当场答复", max_length=400, blank=True)
    proposal = MaskedCharField("拟办意见", max_length=400, blank=True)
    route = models.CharField("去向", max_length=14, choices=Route.choices(), blank=True)
    not_accepted_reason = models.CharField(
        "不予受理理由", max_length=16, choices=NotAcceptedReason.choices(), blank=True
    )
    told_where = MaskedCharField("已告知去处", max_length=200, blank=True, keeps_landlines=True)
    hotline_number = models.CharField("12345工单号", max_length=40, blank=True)
    merged_into = models.ForeignKey(
        "self",
        verbose_name="并入",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged_opinions",
    )
    unit = models.ForeignKey(
        HandlingUnit,
        verbose_name="承办单位",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="opinions",
    )
    assigned_on = models.DateField("交办日期", null=True, blank=True)
    reply_class = models.CharField("答复类别", max_length=1, choices=ReplyClass.choices(), blank=True)
    reply = MaskedTextField("办理结果", max_length=2000, blank=True)
    replied_on = models.DateField("答复日期", null=True, blank=True)
    feedback_way = models.CharField("反馈方式", max_length=12, choices=FeedbackWay.choices(), blank=True)
    satisfaction = models.CharField("满意度", max_length=20, choices=Satisfaction.choices(), blank=True)
    rated_at = models.DateTimeField("评价时间", null=True, blank=True)
    is_public = models.BooleanField("是否公开", default=False)
    state = models.CharField(
        "状态",
        max_length=20,
        choices=OpinionState.choices(),
        default=OpinionState.REGISTERED.value,
        editable=False,
    )
    closed_on = models.DateField("办结日期", null=True, blank=True)
    redo_count = models.PositiveSmallIntegerField("重办次数", default=0, editable=False)
    recorded_by = models.ForeignKey(
        "liaison.Account", verbose_name="登记人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField("登记时间")
    # When it was typed on a phone without signal; ``recorded_at`` is when it arrived.
    heard_at = models.DateTimeField("反映时间", null=True, blank=True, editable=False)
    idempotency_key = models.CharField("幂等键", max_length=64, null=True, blank=True, editable=False)
    # From then on neither the resident's data nor a number in the words is kept.
    purged_at = models.DateTimeField("个人信息清除时间", null=True, blank=True, editable=False)

    audit_plain: ClassVar[tuple[str, ...]] = (
        "number", "state", "category", "urgency", "route", "unit_id", "due_on", "due_is_provisional",
        "reply_class",
    )  # fmt: skip

    class Meta:
        verbose_name = "社情民意"
        verbose_name_plural = "社情民意"
        ordering = ["-received_on", "-id"]
        indexes = [
            models.Index(fields=["scope_code", "state", "due_on"], name="opinion_scope_state"),
            models.Index(fields=["scope_code", "-received_on"], name="opinion_scope_received"),
            models.Index(fields=["scope_code", "deputy"], name="opinion_scope_deputy"),
            models.Index(fields=["scope_code", "unit", "state"], name="opinion_scope_unit"),
            models.Index(fields=["due_on"], condition=Q(closed_on__isnull=True), name="opinion_open_due"),
        ]
        constraints = [
            numbered_days_check("opinion_days", "received_on"),
            models.UniqueConstraint(fields=["scope_code", "number"], name="opinion_number_once"),
            models.UniqueConstraint(fields=["scope_code", "idempotency_key"], name="opinion_idempotent"),
            # A code in clear has no place in the column.
            models.CheckConstraint(
                condition=Q(query_code_digest__regex=r"^[0-9a-f]{64}$"), name="opinion_code_digest"
            ),
            # Whoever is turned away is told where to go (domain.md section 4).
            models.CheckConstraint(
                condition=~Q(state="not_accepted") | (~Q(not_accepted_reason="") & ~Q(told_where="")),
                name="opinion_told_where",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.get_category_display()}"

    @property
    def query_code(self) -> str:
        """The code that waits to be shown; empty from then on. Setting it ends every former one."""
        return self.query_code_waiting

    @query_code.setter
    def query_code(self, code: str) -> None:
        self.query_code_waiting, self.query_code_digest = code, digest_of_code(code)

    @property
    def resident_name_masked(self) -> str:
        """The surname at most; empty where none was left."""
        return mask_name(self.resident_name)

    @property
    def resident_phone_masked(self) -> str:
        """138****5678; empty where none was left."""
        return mask_phone(self.resident_phone)


class OpinionStep(ScopedModel):
    """One step of an opinion's way: who did what, from which state to which, and what was said."""

    opinion = models.ForeignKey(
        Opinion, verbose_name="社情民意", on_delete=models.PROTECT, related_name="steps"
    )
    # Empty for the registration itself, which no event precedes.
    event = models.CharField(
        "办理环节", max_length=24, choices=[*OpinionEvent.choices(), *OpinionNote.choices()], blank=True
    )
    from_state = models.CharField("原状态", max_length=20, choices=OpinionState.choices(), blank=True)
    to_state = models.CharField("新状态", max_length=20, choices=OpinionState.choices())
    note = MaskedCharField("说明", max_length=2000, blank=True)
    unit = models.ForeignKey(
        HandlingUnit,
        verbose_name="承办单位",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    done_by = models.ForeignKey(
        "liaison.Account", verbose_name="办理人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    done_at = models.DateTimeField("时间")

    audit_plain: ClassVar[tuple[str, ...]] = ("opinion_id", "event", "from_state", "to_state", "unit_id")

    class Meta:
        verbose_name = "办理记录"
        verbose_name_plural = "办理记录"
        ordering = ["done_at", "id"]
        indexes = [models.Index(fields=["scope_code", "opinion"], name="opinion_step_scope")]

    def __str__(self) -> str:
        return self.get_event_display() if self.event else "登记"


class OpinionFile(ScopedModel):
    """A photo or scan that belongs to an opinion."""

    opinion = models.ForeignKey(
        Opinion, verbose_name="社情民意", on_delete=models.PROTECT, related_name="files"
    )
    file = models.ForeignKey(
        "liaison.StoredFile", verbose_name="文件", on_delete=models.PROTECT, related_name="+"
    )

    audit_plain: ClassVar[tuple[str, ...]] = ("opinion_id", "file_id")

    class Meta:
        verbose_name = "意见附件"
        verbose_name_plural = "意见附件"
        indexes = [models.Index(fields=["scope_code", "opinion"], name="opinion_file_scope")]

    def __str__(self) -> str:
        return str(self.file)
