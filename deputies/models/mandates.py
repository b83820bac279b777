"""People, the seats they hold, and what happens to a seat."""

from collections.abc import Iterable
from typing import ClassVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from deputies.enums import (
    Education,
    ElectionWay,
    MandateEvent,
    MandateState,
    PoliticalStatus,
    Sex,
    SuspensionGround,
    TerminationGround,
)
from deputies.models.congresses import Constituency, ElectingUnit, Term
from liaison.tenancy.encryption import EncryptedTextField
from liaison.tenancy.masked_fields import MaskedCharField
from liaison.tenancy.models import ScopedModel
from liaison.tenancy.scope import Actor, current_actor, kept_while_acting


class Person(ScopedModel):
    """A person, apart from any seat: one person may hold several mandates (domain.md 0.6).

    Phone and address are encrypted; ``phone_digest`` finds an equal number without reading it. No
    identity number, no location, no biometrics (domain.md 0.10).
    """

    name = models.CharField("姓名", max_length=40)
    name_strokes = models.CharField("笔画序", max_length=200, editable=False)
    name_pinyin = models.CharField("拼音序", max_length=200, editable=False)
    name_search = models.CharField(
        "拼音检索", max_length=240, blank=True, editable=False, help_text="全拼和首字母，供检索。"
    )
    sex = models.CharField("性别", max_length=6, choices=Sex.choices())
    ethnicity = models.CharField("民族", max_length=20, default="汉族", blank=True)
    born_on = models.DateField("出生年月", help_text="按月登记，日期一律为当月1日。")
    political_status = models.CharField(
        "政治面貌", max_length=20, choices=PoliticalStatus.choices(), blank=True
    )
    education = models.CharField("文化程度", max_length=20, choices=Education.choices(), blank=True)
    occupation = MaskedCharField("工作单位及职务", max_length=80, blank=True)
    phone = EncryptedTextField("联系电话", blank=True)
    phone_digest = models.CharField("电话摘要", max_length=32, blank=True, editable=False)
    address = EncryptedTextField("通信地址", blank=True)
    account = models.OneToOneField(
        "liaison.Account",
        verbose_name="账号",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="person",
    )
    photo = models.ForeignKey(
        "liaison.StoredFile",
        verbose_name="照片",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    introduction = MaskedCharField("公开简介", max_length=200, blank=True)

    class Meta:
        verbose_name = "人员"
        verbose_name_plural = "人员"
        ordering = ["name_strokes", "id"]
        indexes = [
            models.Index(fields=["scope_code", "name_strokes"], name="person_scope_strokes"),
            models.Index(fields=["scope_code", "name"], name="person_scope_name"),
            models.Index(fields=["scope_code", "phone_digest"], name="person_scope_phone"),
        ]

    def __str__(self) -> str:
        return self.name


class Mandate(ScopedModel):
    """代表资格: one seat held in one term, from one constituency or one electing unit."""

    person = models.ForeignKey(Person, verbose_name="姓名", on_delete=models.PROTECT, related_name="mandates")
    term = models.ForeignKey(Term, verbose_name="届", on_delete=models.PROTECT, related_name="mandates")
    constituency = models.ForeignKey(
        Constituency,
        verbose_name="选区",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="mandates",
    )
    electing_unit = models.ForeignKey(
        ElectingUnit,
        verbose_name="选举单位",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="mandates",
    )
    list_number = models.PositiveSmallIntegerField("名册序号", null=True, blank=True)
    election_way = models.CharField("当选方式", max_length=12, choices=ElectionWay.choices())
    elected_on = models.DateField("当选日期")
    ended_on = models.DateField("资格终止日期", null=True, blank=True)
    state = models.CharField(
        "代表资格",
        max_length=12,
        choices=MandateState.choices(),
        default=MandateState.ACTIVE.value,
        editable=False,
    )
    concurrent_seat = models.CharField("同时担任上级代表", max_length=40, blank=True)
    fixed_contact_target = models.PositiveSmallIntegerField("固定联系选民人数", default=0)
    remark = MaskedCharField("备注", max_length=200, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = (
        "person_id",
        "term_id",
        "state",
        "elected_on",
        "ended_on",
        "election_way",
    )

    class Meta:
        verbose_name = "代表"
        verbose_name_plural = "代表"
        ordering = ["term", "list_number", "id"]
        indexes = [
            models.Index(fields=["scope_code", "state"], name="mandate_scope_state"),
            models.Index(fields=["scope_code", "term", "list_number"], name="mandate_scope_term"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(constituency__isnull=False, electing_unit__isnull=True)
                | Q(constituency__isnull=True, electing_unit__isnull=False),
                name="mandate_one_elector",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("elected_on")), name="mandate_dates"
            ),
            models.UniqueConstraint(
                fields=["scope_code", "person", "term"],
                condition=Q(ended_on__isnull=True),
                name="mandate_once_open",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """The name fit to tell people apart, for whoever acts: `namesakes` has more.

        One query per term met while one actor acts, whatever the number of deputies.
        """
        actor, kept = current_actor(), kept_while_acting()
        if actor is None:
            return str(self.person.name)
        key = ("names of deputies", self.term_id)
        if key not in kept:
            kept[key] = namesakes(actor, self.term_id)
        return str(kept[key].get(self.pk) or self.person.name)


def told_apart(name: str, elector: str) -> str:
    """王建国（第2选区西庄村）: the constituency without brackets of its own inside the brackets."""
    return f"{name}（{elector.replace('（', '').replace('）', '')}）"


def elector_name(mandate: Mandate) -> str:
    """选区 or 选举单位."""
    elector = mandate.constituency or mandate.electing_unit
    return elector.name if elector else ""


def namesakes(actor: Actor, term_id: int) -> dict[int, str]:
    """Of the deputies of a term whose name another one has, by mandate id: the name, told apart.

    By the constituency, and by the number on the list as well where both come from one constituency. One
    person with two seats in a term is nobody's namesake.
    """
    rows = Mandate.scoped(actor).filter(term=term_id)
    others = rows.filter(person__name=OuterRef("person__name")).exclude(person=OuterRef("person"))
    found = (
        rows.filter(Exists(others))
        .select_related("person", "constituency", "electing_unit")
        .only("term_id", "list_number", "person__name", "constituency__name", "electing_unit__name")
        .order_by()
    )
    bearers: dict[str, list[Mandate]] = {}
    for row in found:
        bearers.setdefault(row.person.name, []).append(row)
    return {row.pk: _name_among(rows, row) for rows in bearers.values() for row in rows}


def _name_among(bearers: Iterable[Mandate], row: Mandate) -> str:
    elector = elector_name(row)
    others = [elector_name(other) for other in bearers if other.person_id != row.person_id]
    number = f"，名册第{row.list_number}号" if elector in others and row.list_number else ""
    return told_apart(row.person.name, elector + number)


class MandateChange(ScopedModel):
    """资格变动: suspension, restoration, resignation, recall, termination, with its basis."""

    mandate = models.ForeignKey(
        Mandate, verbose_name="代表", on_delete=models.PROTECT, related_name="changes"
    )
    event = models.CharField("变动", max_length=16, choices=MandateEvent.choices())
    from_state = models.CharField("原状态", max_length=12, choices=MandateState.choices())
    to_state = models.CharField("新状态", max_length=12, choices=MandateState.choices())
    effective_on = models.DateField("生效日期")
    ground = models.CharField(
        "事由",
        max_length=24,
        choices=[*SuspensionGround.choices(), *TerminationGround.choices()],
        blank=True,
    )
    basis = models.CharField("依据", max_length=200)
    recorded_by = models.ForeignKey(
        "liaison.Account", verbose_name="登记人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField("登记时间")

    audit_plain: ClassVar[tuple[str, ...]] = ("mandate_id", "event", "from_state", "to_state", "effective_on")

    class Meta:
        verbose_name = "资格变动"
        verbose_name_plural = "资格变动"
        ordering = ["effective_on", "id"]
        indexes = [models.Index(fields=["scope_code", "mandate"], name="mandate_change_scope")]

    def __str__(self) -> str:
        return f"{self.mandate} {MandateEvent(self.event).label}"
