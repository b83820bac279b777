"""Groups of deputies, fixed contacts and imported rosters."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from deputies.enums import (
    GroupPost,
)
from deputies.models.congresses import Term
from deputies.models.mandates import Mandate
from deputies.roster.tables import COLUMNS
from liaison.tenancy.encryption import EncryptedTextField
from liaison.tenancy.masked_fields import MaskedCharField
from liaison.tenancy.models import ScopedModel, days_check


class DeputyGroup(ScopedModel):
    """代表小组: works between sessions; members may come from several levels (代表法 Art. 27)."""

    term = models.ForeignKey(Term, verbose_name="届", on_delete=models.PROTECT, related_name="groups")
    number = models.PositiveSmallIntegerField("序号")
    name = models.CharField("小组名称", max_length=40)

    audit_plain: ClassVar[tuple[str, ...]] = ("number", "name")

    class Meta:
        verbose_name = "代表小组"
        verbose_name_plural = "代表小组"
        ordering = ["term", "number"]
        constraints = [models.UniqueConstraint(fields=["scope_code", "term", "name"], name="group_once")]

    def __str__(self) -> str:
        return self.name


class GroupMembership(ScopedModel):
    """A mandate's place in a group for a time; one open place per mandate and group."""

    group = models.ForeignKey(
        DeputyGroup, verbose_name="小组", on_delete=models.PROTECT, related_name="memberships"
    )
    mandate = models.ForeignKey(
        Mandate, verbose_name="代表", on_delete=models.PROTECT, related_name="memberships"
    )
    post = models.CharField(
        "小组职务", max_length=14, choices=GroupPost.choices(), default=GroupPost.MEMBER.value
    )
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = ("group_id", "mandate_id", "post", "starts_on", "ends_on")

    class Meta:
        verbose_name = "小组成员"
        verbose_name_plural = "小组成员"
        ordering = ["group", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope_code", "mandate"],
                condition=Q(ends_on__isnull=True),
                name="membership_one_open",
            ),
            models.UniqueConstraint(
                fields=["scope_code", "group"],
                condition=Q(ends_on__isnull=True, post=GroupPost.LEADER.value),
                name="group_one_leader",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.mandate}"


class FixedContact(ScopedModel):
    """固定联系选民: a voter the deputy keeps in touch with; name and phone are the voter's personal data."""

    mandate = models.ForeignKey(
        Mandate, verbose_name="代表", on_delete=models.PROTECT, related_name="fixed_contacts"
    )
    name = EncryptedTextField("选民姓名")
    phone = EncryptedTextField("联系电话", blank=True)
    village = models.ForeignKey(
        "liaison.Jurisdiction", verbose_name="村（社区）", null=True, blank=True, on_delete=models.PROTECT
    )
    starts_on = models.DateField("建立联系日期")
    ends_on = models.DateField("结束联系日期", null=True, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = ("mandate_id", "starts_on", "ends_on")

    class Meta:
        verbose_name = "固定联系选民"
        verbose_name_plural = "固定联系选民"
        indexes = [models.Index(fields=["scope_code", "mandate"], name="fixed_contact_scope")]
        constraints = [days_check("fixed_contact_days", "starts_on")]

    def __str__(self) -> str:
        return f"{self.mandate}的联系选民"


class RosterImport(ScopedModel):
    """A confirmed roster import: which file, what it changed. A preview leaves no row anywhere.

    The file itself, a list of full telephone numbers, is gone once it is imported; its name and digest tell
    whether a copy somebody kept is the same.
    """

    term = models.ForeignKey(Term, verbose_name="届", on_delete=models.PROTECT, related_name="roster_imports")
    file_name = MaskedCharField("名册文件", max_length=120, blank=True)
    file_sha256 = models.CharField("文件摘要（SHA-256）", max_length=64, blank=True)
    new_count = models.PositiveIntegerField("新增人数")
    changed_count = models.PositiveIntegerField("变更人数")
    unchanged_count = models.PositiveIntegerField("未变人数")
    confirmed_by = models.ForeignKey(
        "liaison.Account", verbose_name="确认人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField("确认时间")

    audit_plain: ClassVar[tuple[str, ...]] = ("term_id", "new_count", "changed_count", "unchanged_count")

    class Meta:
        verbose_name = "名册导入"
        verbose_name_plural = "名册导入记录"
        ordering = ["-id"]
        indexes = [models.Index(fields=["scope_code", "-confirmed_at"], name="roster_import_scope")]

    def __str__(self) -> str:
        return f"{self.term} {self.confirmed_at:%Y-%m-%d}"


class RosterHeading(ScopedModel):
    """What a heading of an office's rosters means, said once by a person; an empty meaning: not read."""

    heading = MaskedCharField("表头", max_length=60)
    meaning = models.CharField(
        "对应栏目", max_length=20, blank=True, choices=[(column, column) for column in COLUMNS]
    )

    audit_plain: ClassVar[tuple[str, ...]] = ("meaning",)

    class Meta:
        verbose_name = "名册表头"
        verbose_name_plural = "名册表头"
        constraints = [
            models.UniqueConstraint(fields=["scope_code", "heading"], name="roster_heading_once"),
        ]

    def __str__(self) -> str:
        return f"{self.heading}：{self.meaning or '不读取'}"
