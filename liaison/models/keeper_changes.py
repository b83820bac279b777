"""What one keeper proposes for a keeper's account and a second one decides (三员分立)."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from liaison.identity.roles import ADMINISTRATORS
from liaison.tenancy.masked_fields import MaskedCharField
from liaison.tenancy.models import ScopedModel
from liaison.words.enums import KeeperAct, Role

_UNDECIDED = Q(decided_by__isnull=True, decided_at__isnull=True, is_confirmed__isnull=True)
_DECIDED = Q(decided_by__isnull=False, decided_at__isnull=False, is_confirmed__isnull=False)
_OFFICE = Q(jurisdiction__isnull=False, starts_on__isnull=False)


class KeeperChange(ScopedModel):
    """One act on one account; an appointment says where, as what and from when."""

    account = models.ForeignKey(
        "liaison.Account", verbose_name="管理员账号", on_delete=models.PROTECT, related_name="+"
    )
    act = models.CharField("事项", max_length=20, choices=KeeperAct.choices())
    jurisdiction = models.ForeignKey(
        "liaison.Jurisdiction", verbose_name="任职区域", null=True, blank=True, on_delete=models.PROTECT
    )
    role = models.CharField(
        "职务",
        max_length=20,
        blank=True,
        choices=[(role.value, role.label) for role in sorted(ADMINISTRATORS)],
    )
    title = models.CharField("职务名称", max_length=40, blank=True)
    starts_on = models.DateField("任职日期", null=True, blank=True)
    reason = MaskedCharField("理由", max_length=200)
    # Whoever proposes may sit above the place; the row is read there as well, without the name.
    proposed_by = models.ForeignKey(
        "liaison.Account", verbose_name="提请人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField("提请时间")
    decided_by = models.ForeignKey(
        "liaison.Account", verbose_name="复核人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("复核时间", null=True)
    is_confirmed = models.BooleanField("同意", null=True)

    audit_plain: ClassVar[tuple[str, ...]] = (
        "account_id", "act", "role", "jurisdiction_id", "starts_on", "proposed_by_id", "decided_by_id",
        "is_confirmed",
    )  # fmt: skip

    # Only on one just confirmed and stored nowhere.
    password: str = ""

    class Meta:
        verbose_name = "管理员账号变更"
        verbose_name_plural = "管理员账号变更"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=_UNDECIDED | _DECIDED, name="keeper_change_decided"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="keeper_change_second",
            ),
            models.CheckConstraint(
                condition=(Q(act=KeeperAct.APPOINT.value) & _OFFICE & ~Q(role=""))
                | (
                    ~Q(act=KeeperAct.APPOINT.value)
                    & Q(role="", jurisdiction__isnull=True, starts_on__isnull=True)
                ),
                name="keeper_change_office",
            ),
            models.UniqueConstraint(
                fields=["scope_code", "account", "act"],
                condition=Q(decided_at__isnull=True),
                name="keeper_change_once_open",
            ),
        ]

    def __str__(self) -> str:
        office = Role(self.role).label if self.role else ""
        return f"{self.account}：{KeeperAct(self.act).label}{office}"
