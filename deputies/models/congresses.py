"""Congresses, their terms and sessions, and what deputies are elected by."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from deputies.enums import (
    CongressLevel,
    SessionKind,
    TermState,
)
from liaison.tenancy.models import InheritedModel, days_check


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
