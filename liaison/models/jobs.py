"""What takes longer than a page may: asked for by one person, done by the worker, step by step."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from liaison.tenancy.encryption import SealedBytesField
from liaison.tenancy.masked_fields import MaskedTextField
from liaison.tenancy.models import ScopedModel
from liaison.words.enums import JobState

# How a state looks in a list.
TONES = {JobState.WAITING: "none", JobState.RUNNING: "info", JobState.DONE: "ok", JobState.STOPPED: "bad"}
_RUNS = Q(state__in=[JobState.WAITING.value, JobState.RUNNING.value])


class Job(ScopedModel):
    """One order and how far it is: a step is one transaction, so a worker that dies costs no step twice."""

    kind = models.CharField("事项", max_length=30)
    title = models.CharField("名称", max_length=60)
    # Numbers of records, never words somebody typed.
    orders = models.JSONField("内容")
    account = models.ForeignKey(
        "liaison.Account", verbose_name="交办人", on_delete=models.PROTECT, related_name="+"
    )
    appointment = models.ForeignKey(
        "liaison.Appointment", verbose_name="以何职务", on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField("状态", max_length=8, choices=JobState.choices(), default=JobState.WAITING.value)
    total = models.PositiveIntegerField("共")
    done = models.PositiveIntegerField("已办理", default=0)
    stage = models.CharField("正在办理", max_length=40, blank=True)
    problem = MaskedTextField("停止原因", blank=True)
    tries = models.PositiveSmallIntegerField("连续出错次数", default=0)
    created_at = models.DateTimeField("交办时间")
    heard_at = models.DateTimeField("最近进展")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = ("kind", "state", "total", "done")

    class Meta:
        verbose_name = "后台办理"
        verbose_name_plural = "后台办理"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope_code", "kind"], condition=Q(ended_at__isnull=True), name="job_one_open"
            ),
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="job_done_within"),
            models.CheckConstraint(
                condition=(_RUNS & Q(ended_at__isnull=True)) | (~_RUNS & Q(ended_at__isnull=False)),
                name="job_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["heard_at"], condition=_RUNS, name="job_running"),
            models.Index(fields=["scope_code", "account"], name="job_scope_account"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def percent(self) -> int:
        """How far it is, in whole per cent; 100 only when all is done."""
        return 100 * self.done // self.total if self.total else 0

    @property
    def tone(self) -> str:
        return TONES[JobState(self.state)]

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


class JobPart(ScopedModel):
    """What a step made, sealed: slips with passwords, papers with names. Number 0 is the finished file."""

    job = models.ForeignKey("liaison.Job", on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField("序号")
    content_type = models.CharField("类型", max_length=80)
    content = SealedBytesField("内容")

    audit_plain: ClassVar[tuple[str, ...]] = ("number", "content_type")

    class Meta:
        verbose_name = "后台办理结果"
        verbose_name_plural = "后台办理结果"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["scope_code", "job", "number"], name="job_part_once")]

    def __str__(self) -> str:
        return f"{self.job_id}-{self.number}"
