"""Congresses, terms, sessions, electing bodies, people, mandates, groups and fixed contacts."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from deputies.enums import (
    CongressLevel,
    Education,
    ElectionWay,
    GroupPost,
    MandateEvent,
    MandateState,
    PoliticalStatus,
    SessionKind,
    Sex,
    SuspensionGround,
    TerminationGround,
    TermState,
)
from liaison.tenancy.encryption import EncryptedTextField
from liaison.tenancy.masked_fields import MaskedCharField
from liaison.tenancy.models import InheritedModel, ScopedModel, days_check


class Congress(InheritedModel):
    """The people's congress of one jurisdiction. Streets have none; their committees serve the county's."""

    jurisdiction = models.OneToOneField(
        "liaison.Jurisdiction", verbose_name="行政区域", on_delete=models.PROTECT
    )
    name = models.CharField("名称", max_length=60)
    level = models.CharField("层级", max_length=12, choices=CongressLevel.choices())

    audit_plain: ClassVar[tuple[str, ...]] = ("name", "level")

    class Meta:
        verbose_name = "人民代表大会"
        verbose_name_plural = "人民代表大会"
        ordering = ["scope_code"]
        constraints = [models.UniqueConstraint(fields=["scope_code"], name="congress_once")]

    def __str__(self) -> str:
        return self.name


class Term(InheritedModel):
    """届: from the first session of this congress to the first session of the next (代表法)."""

    congress = models.ForeignKey(
        Congress, verbose_name="人民代表大会", on_delete=models.PROTECT, related_name="terms"
    )
    number = models.PositiveSmallIntegerField("届次")
    elected_on = models.DateField("换届选举日期")
    starts_on = models.DateField("首次会议日期")
    ends_on = models.DateField("届满日期", null=True, blank=True, help_text="下一届首次会议举行之日。")
    seats = models.PositiveSmallIntegerField("代表名额")
    state = models.CharField(
        "状态", max_length=10, choices=TermState.choices(), default=TermState.CURRENT.value, editable=False
    )

    audit_plain: ClassVar[tuple[str, ...]] = (
        "number",
        "elected_on",
        "starts_on",
        "ends_on",
        "seats",
        "state",
    )

    class Meta:
        verbose_name = "届"
        verbose_name_plural = "届"
        ordering = ["scope_code", "-number"]
        constraints = [
            days_check("term_days", "elected_on", "starts_on"),
            models.UniqueConstraint(fields=["scope_code", "congress", "number"], name="term_once"),
            models.UniqueConstraint(
                fields=["scope_code", "congress"],
                condition=Q(state=TermState.CURRENT.value),
                name="term_one_current",
            ),
            # The next term is prepared while this one still runs, from the election to the first session.
            models.UniqueConstraint(
                fields=["scope_code", "congress"],
                condition=Q(state=TermState.PREPARING.value),
                name="term_one_preparing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.congress}第{self.number}届"


class Session(InheritedModel):
    """次会议: one numbered session of a term."""

    term = models.ForeignKey(Term, verbose_name="届", on_delete=models.PROTECT, related_name="sessions")
    number = models.PositiveSmallIntegerField("次数")
    kind = models.CharField(
        "类别", max_length=14, choices=SessionKind.choices(), default=SessionKind.REGULAR.value
    )
    starts_on = models.DateField("开幕日期")
    ends_on = models.DateField("闭幕日期")

    audit_plain: ClassVar[tuple[str, ...]] = ("number", "starts_on", "ends_on")

    class Meta:
        verbose_name = "会议"
        verbose_name_plural = "会议"
        ordering = ["term", "number"]
        constraints = [
            days_check("session_days", "starts_on", "ends_on"),
            models.UniqueConstraint(fields=["scope_code", "term", "number"], name="session_once"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="session_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.term}第{self.number}次会议"


class Constituency(InheritedModel):
    """选区: elects one to three deputies directly (选举法 Art. 25)."""

    term = models.ForeignKey(Term, verbose_name="届", on_delete=models.PROTECT, related_name="constituencies")
    number = models.PositiveSmallIntegerField("序号")
    name = models.CharField("选区名称", max_length=60)
    village = models.ForeignKey(
        "liaison.Jurisdiction", verbose_name="所在村（社区）", null=True, blank=True, on_delete=models.PROTECT
    )
    voters = models.PositiveIntegerField("选民人数", null=True, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = ("number", "name")

    class Meta:
        verbose_name = "选区"
        verbose_name_plural = "选区"
        ordering = ["term", "number"]
        constraints = [
            models.UniqueConstraint(fields=["scope_code", "term", "name"], name="constituency_once")
        ]

    def __str__(self) -> str:
        return self.name


class ElectingUnit(InheritedModel):
    """选举单位: the lower congress that elects a deputy indirectly."""

    term = models.ForeignKey(Term, verbose_name="届", on_delete=models.PROTECT, related_name="electing_units")
    name = models.CharField("选举单位", max_length=60)

    audit_plain: ClassVar[tuple[str, ...]] = ("name",)

    class Meta:
        verbose_name = "选举单位"
        verbose_name_plural = "选举单位"
        ordering = ["term", "name"]
        constraints = [
            models.UniqueConstraint(fields=["scope_code", "term", "name"], name="electing_unit_once")
        ]

    def __str__(self) -> str:
        return self.name


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
        return str(self.person)


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
    """A confirmed roster import: which file, what it changed. A preview leaves no row anywhere."""

    term = models.ForeignKey(Term, verbose_name="届", on_delete=models.PROTECT, related_name="roster_imports")
    source = models.ForeignKey(
        "liaison.StoredFile", verbose_name="名册文件", on_delete=models.PROTECT, related_name="+"
    )
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
