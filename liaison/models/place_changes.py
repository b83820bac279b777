"""What one person proposes for places of the tree and a second one decides: merged, moved, split, closed."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from liaison.tenancy.masked_fields import MaskedCharField
from liaison.tenancy.models import ScopedModel
from liaison.words.enums import JurisdictionLevel, PlaceAct

_UNDECIDED = Q(decided_by__isnull=True, decided_at__isnull=True, is_confirmed__isnull=True)
_DECIDED = Q(decided_by__isnull=False, decided_at__isnull=False, is_confirmed__isnull=False)
_WITH_SUCCESSOR = (PlaceAct.MERGE.value, PlaceAct.MOVE.value)


class PlaceChange(ScopedModel):
    """One change of the tree, kept where it was proposed: at the county, or at who else is above the place.

    ``villages`` are the ids of the villages that move (at most 1,000). ``outcome`` is what moved, as lines of
    ``kind, count, what became of it``, copied when it was carried out: later events change nothing in it.
    """

    act = models.CharField("事项", max_length=12, choices=PlaceAct.choices())
    place = models.ForeignKey(
        "liaison.Jurisdiction", verbose_name="区域", on_delete=models.PROTECT, related_name="+"
    )
    successor = models.ForeignKey(
        "liaison.Jurisdiction", verbose_name="承接区域", null=True, on_delete=models.PROTECT, related_name="+"
    )
    villages = models.JSONField("划转的村（社区）", default=list, blank=True)
    new_name = models.CharField("新设区域名称", max_length=20, blank=True)
    new_code = models.CharField("新设区域代码", max_length=12, blank=True)
    new_level = models.CharField(
        "新设区域层级", max_length=12, blank=True, choices=JurisdictionLevel.choices()
    )
    basis = MaskedCharField("批准文件", max_length=120)
    proposed_by = models.ForeignKey(
        "liaison.Account", verbose_name="提请人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField("提请时间")
    decided_by = models.ForeignKey(
        "liaison.Account", verbose_name="复核人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("复核时间", null=True)
    is_confirmed = models.BooleanField("同意", null=True)
    outcome = models.JSONField("办理结果", default=list, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = (
        "act", "place_id", "successor_id", "new_code", "new_level", "proposed_by_id", "decided_by_id",
        "is_confirmed",
    )  # fmt: skip

    class Meta:
        verbose_name = "区域变更"
        verbose_name_plural = "区域变更"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=_UNDECIDED | _DECIDED, name="place_change_decided"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="place_change_second",
            ),
            models.CheckConstraint(
                condition=~Q(act__in=_WITH_SUCCESSOR) | Q(successor__isnull=False),
                name="place_change_successor",
            ),
            models.CheckConstraint(
                condition=~Q(act=PlaceAct.SPLIT.value) | (~Q(new_name="") & ~Q(new_level="")),
                name="place_change_split",
            ),
            models.UniqueConstraint(
                fields=["scope_code", "place"],
                condition=Q(decided_at__isnull=True),
                name="place_change_once_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{PlaceAct(self.act).label}：{self.place.short_name}"
