"""换届 as two people do it: proposed, confirmed, and for some days still taken back."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from deputies.enums import RolloverState
from deputies.models.congresses import Term
from liaison.tenancy.masked_fields import MaskedCharField
from liaison.tenancy.models import ScopedModel, days_check

_OPEN = (RolloverState.PROPOSED, RolloverState.DONE, RolloverState.UNDO_PROPOSED)


def _by_two(first: str, second: str) -> Q:
    return Q(**{f"{second}__isnull": True}) | ~Q(**{second: F(first)})


class Rollover(ScopedModel):
    """One 换届: the running term (``former``) is closed and the prepared one (``term``) begins.

    ``changed`` holds what the act found in the rows it wrote over, by primary keys and states alone, so that
    it can be put back; it names nobody. Limit: one rollover at a time for a term.
    """

    term = models.ForeignKey(Term, verbose_name="新一届", on_delete=models.PROTECT, related_name="rollovers")
    former = models.ForeignKey(Term, verbose_name="上一届", on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField("首次会议开幕日期")
    ends_on = models.DateField("首次会议闭幕日期")
    state = models.CharField(
        "状态",
        max_length=14,
        choices=RolloverState.choices(),
        default=RolloverState.PROPOSED.value,
        editable=False,
    )
    proposed_by = models.ForeignKey(
        "liaison.Account", verbose_name="提请人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField("提请时间")
    confirmed_by = models.ForeignKey(
        "liaison.Account", verbose_name="确认人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True)
    changed: Any = models.JSONField("办理前的情况", default=dict, editable=False)
    undo_reason = MaskedCharField("撤销理由", max_length=200, blank=True)
    undo_proposed_by = models.ForeignKey(
        "liaison.Account", verbose_name="提请撤销人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    undo_proposed_at = models.DateTimeField("提请撤销时间", null=True)
    undone_by = models.ForeignKey(
        "liaison.Account", verbose_name="确认撤销人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField("撤销时间", null=True)

    audit_plain: ClassVar[tuple[str, ...]] = (
        "term_id", "former_id", "starts_on", "ends_on", "state", "proposed_by_id", "confirmed_by_id",
        "undo_proposed_by_id", "undone_by_id",
    )  # fmt: skip

    class Meta:
        verbose_name = "换届办理"
        verbose_name_plural = "换届办理"
        ordering = ["-id"]
        constraints = [
            days_check("rollover_days", "starts_on", "ends_on"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="rollover_dates"),
            models.CheckConstraint(condition=_by_two("proposed_by", "confirmed_by"), name="rollover_second"),
            models.CheckConstraint(
                condition=_by_two("undo_proposed_by", "undone_by"), name="rollover_undo_second"
            ),
            models.UniqueConstraint(
                fields=["scope_code", "term"], condition=Q(state__in=_OPEN), name="rollover_once_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term}换届"
