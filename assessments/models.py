"""Schemes, the yearly assessment, score sheets, ballots, notices, rectification, talks, circulars."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from assessments.enums import (
    AssessmentEvent,
    AssessmentState,
    DeliveryWay,
    Grade,
    NoticeEvent,
    NoticeState,
    NotRatedReason,
    ObjectionState,
    SheetState,
    TalkState,
)
from assessments.scoring.values import ItemType
from liaison.models.deadline_fields import DeadlineFields
from liaison.tenancy.models import InheritedModel, ScopedModel, days_check, years_check


class Scheme(InheritedModel):
    """测评办法: one version of a scoring scheme as data; locked on first use, then only succeeded."""

    code = models.CharField("代码", max_length=30)
    version = models.PositiveSmallIntegerField("版本", default=1)
    name = models.CharField("名称", max_length=60, help_text="如《庄子乡人大代表履职测评办法》。")
    definition = models.JSONField("内容")
    locked_at = models.DateTimeField("锁定时间", null=True, blank=True, editable=False)

    audit_plain: ClassVar[tuple[str, ...]] = ("code", "version", "name", "locked_at")

    class Meta:
        verbose_name = "测评办法"
        verbose_name_plural = "测评办法"
        ordering = ["code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["scope_code", "code", "version"], name="scheme_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.name}（第{self.version}版）"


class Assessment(DeadlineFields, ScopedModel):
    """年度测评: one congress, one year, one scheme. Its deadline fields hold the objection period."""

    term = models.ForeignKey(
        "deputies.Term", verbose_name="届", on_delete=models.PROTECT, related_name="assessments"
    )
    jurisdiction = models.ForeignKey(
        "liaison.Jurisdiction", verbose_name="行政区域", on_delete=models.PROTECT
    )
    year = models.PositiveSmallIntegerField("年度")
    scheme = models.ForeignKey(
        Scheme, verbose_name="测评办法", on_delete=models.PROTECT, related_name="assessments"
    )
    period_starts_on = models.DateField("起始日期")
    period_ends_on = models.DateField("截止日期")
    state = models.CharField(
        "阶段",
        max_length=18,
        choices=AssessmentState.choices(),
        default=AssessmentState.DRAFT.value,
        editable=False,
    )
    frozen_at = models.DateTimeField("数据截止时间", null=True, blank=True, editable=False)
    meeting_name = models.CharField(
        "审定会议", max_length=80, blank=True, help_text="如“庄子乡人大主席团第十二次会议”。"
    )
    approved_on = models.DateField("审定日期", null=True, blank=True, editable=False)
    published_at = models.DateTimeField("公布时间", null=True, blank=True, editable=False)
    notices_issued_at = models.DateTimeField("通知书签发时间", null=True, blank=True, editable=False)

    audit_plain: ClassVar[tuple[str, ...]] = ("year", "state", "scheme_id", "approved_on", "published_at")

    class Meta:
        verbose_name = "年度测评"
        verbose_name_plural = "年度测评"
        ordering = ["-year", "scope_code"]
        constraints = [
            years_check("year", "assessment_year"),
            models.UniqueConstraint(fields=["scope_code", "term", "year"], name="assessment_once"),
        ]
        indexes = [
            models.Index(
                fields=["published_at"],
                condition=Q(notices_issued_at__isnull=True),
                name="assessment_unserved",
            )
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction}{self.year}年度代表履职测评"


class AssessmentStep(ScopedModel):
    """One step of the assessment's cycle."""

    assessment = models.ForeignKey(
        Assessment, verbose_name="年度测评", on_delete=models.PROTECT, related_name="steps"
    )
    event = models.CharField("环节", max_length=24, choices=AssessmentEvent.choices())
    from_state = models.CharField("原阶段", max_length=18, choices=AssessmentState.choices())
    to_state = models.CharField("新阶段", max_length=18, choices=AssessmentState.choices())
    note = models.CharField("说明", max_length=400, blank=True)
    done_by = models.ForeignKey(
        "liaison.Account", verbose_name="办理人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    done_at = models.DateTimeField("时间")

    audit_plain: ClassVar[tuple[str, ...]] = ("assessment_id", "event", "from_state", "to_state")

    class Meta:
        verbose_name = "测评进程"
        verbose_name_plural = "测评进程"
        ordering = ["done_at", "id"]
        indexes = [models.Index(fields=["scope_code", "assessment"], name="assessment_step_scope")]

    def __str__(self) -> str:
        return AssessmentEvent(self.event).label


class ExtraFact(ScopedModel):
    """A bonus, deduction, veto or judged mark of one deputy, entered with its basis."""

    assessment = models.ForeignKey(
        Assessment, verbose_name="年度测评", on_delete=models.PROTECT, related_name="extra_facts"
    )
    mandate = models.ForeignKey(
        "deputies.Mandate", verbose_name="代表", on_delete=models.PROTECT, related_name="extra_facts"
    )
    fact_code = models.CharField("事项", max_length=40, help_text="测评办法中的取数代码。")
    points = models.DecimalField("分值", max_digits=6, decimal_places=2, null=True, blank=True)
    count = models.PositiveSmallIntegerField("次数", default=1)
    due_count = models.PositiveSmallIntegerField(
        "应有次数", null=True, blank=True, help_text="按比例计分的事项填写，如表决共几次。"
    )
    happened_on = models.DateField("日期")
    basis = models.CharField("依据", max_length=200)
    recorded_by = models.ForeignKey(
        "liaison.Account", verbose_name="登记人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField("登记时间")

    audit_plain: ClassVar[tuple[str, ...]] = (
        "assessment_id",
        "mandate_id",
        "fact_code",
        "points",
        "count",
        "due_count",
        "happened_on",
    )

    class Meta:
        verbose_name = "加减分与评分事项"
        verbose_name_plural = "加减分与评分事项"
        ordering = ["happened_on", "id"]
        indexes = [models.Index(fields=["scope_code", "assessment", "mandate"], name="extra_fact_scope")]

    def __str__(self) -> str:
        return f"{self.mandate} {self.fact_code}"


class BallotTally(ScopedModel):
    """无记名测评票: tallies only, never a ballot (domain.md 0.8 and 3.1)."""

    assessment = models.ForeignKey(
        Assessment, verbose_name="年度测评", on_delete=models.PROTECT, related_name="ballots"
    )
    mandate = models.ForeignKey(
        "deputies.Mandate", verbose_name="代表", on_delete=models.PROTECT, related_name="ballots"
    )
    held_on = models.DateField("测评日期")
    place = models.CharField("地点", max_length=80, blank=True)
    issued = models.PositiveSmallIntegerField("发出票数")
    returned = models.PositiveSmallIntegerField("收回票数")
    valid = models.PositiveSmallIntegerField("有效票数")
    satisfied = models.PositiveSmallIntegerField("满意")
    basically_satisfied = models.PositiveSmallIntegerField("基本满意")
    dissatisfied = models.PositiveSmallIntegerField("不满意")
    recorded_by = models.ForeignKey(
        "liaison.Account", verbose_name="登记人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField("登记时间")

    audit_plain: ClassVar[tuple[str, ...]] = (
        "assessment_id",
        "mandate_id",
        "issued",
        "returned",
        "valid",
        "satisfied",
        "basically_satisfied",
        "dissatisfied",
    )

    class Meta:
        verbose_name = "选民测评计票"
        verbose_name_plural = "选民测评计票"
        constraints = [
            models.UniqueConstraint(fields=["scope_code", "assessment", "mandate"], name="ballot_once"),
            models.CheckConstraint(
                condition=Q(returned__lte=models.F("issued"), valid__lte=models.F("returned")),
                name="ballot_counts",
            ),
            models.CheckConstraint(
                condition=Q(
                    valid=models.F("satisfied") + models.F("basically_satisfied") + models.F("dissatisfied")
                ),
                name="ballot_sum",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mandate} {self.valid}票"


class ScoreSheet(ScopedModel):
    """One version of one deputy's result. A published sheet never changes; a correction is a new version."""

    assessment = models.ForeignKey(
        Assessment, verbose_name="年度测评", on_delete=models.PROTECT, related_name="sheets"
    )
    mandate = models.ForeignKey(
        "deputies.Mandate", verbose_name="代表", on_delete=models.PROTECT, related_name="sheets"
    )
    version = models.PositiveSmallIntegerField("版本", default=1)
    state = models.CharField(
        "状态", max_length=12, choices=SheetState.choices(), default=SheetState.COMPUTED.value, editable=False
    )
    base_points = models.DecimalField("基本分", max_digits=6, decimal_places=2)
    bonus_points = models.DecimalField("加分", max_digits=6, decimal_places=2, default=0)
    deducted_points = models.DecimalField("扣分", max_digits=6, decimal_places=2, default=0)
    total = models.DecimalField(
        "总分", max_digits=6, decimal_places=2, null=True, help_text="不参评的没有总分。"
    )
    # A scheme may have grades of its own, so the code is no choice of ours and the name is kept with it.
    grade = models.CharField("等次代码", max_length=12)
    grade_name = models.CharField("等次", max_length=8)
    not_rated_reason = models.CharField(
        "不参评原因", max_length=16, choices=NotRatedReason.choices(), blank=True
    )
    not_rated_note = models.TextField("不参评说明", blank=True)
    vetoes = models.JSONField("一票否决", default=list)
    pending_count = models.PositiveSmallIntegerField("待评事项数", default=0)
    strengths = models.JSONField("肯定的方面", default=list)
    problems = models.JSONField("存在的主要问题", default=list)
    content_hash = models.CharField("内容摘要", max_length=64)
    correction_reason = models.CharField("更正理由", max_length=400, blank=True)
    computed_at = models.DateTimeField("计算时间")
    computed_by = models.ForeignKey(
        "liaison.Account", verbose_name="计算人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField("公布时间", null=True, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = (
        "assessment_id",
        "mandate_id",
        "version",
        "state",
        "total",
        "grade",
        "content_hash",
    )

    class Meta:
        verbose_name = "得分单"
        verbose_name_plural = "得分单"
        ordering = ["assessment", "mandate", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope_code", "assessment", "mandate", "version"], name="sheet_version_once"
            ),
            models.UniqueConstraint(
                fields=["scope_code", "assessment", "mandate"],
                condition=~Q(state="superseded"),
                name="sheet_one_current",
            ),
        ]
        indexes = [models.Index(fields=["scope_code", "assessment", "grade"], name="sheet_scope_grade")]

    def __str__(self) -> str:
        points = "" if self.total is None else f"{self.total}分 "
        return f"{self.mandate} {points}{self.grade_name}"

    @property
    def is_rated(self) -> bool:
        return self.grade != Grade.NOT_RATED


class ScoreLine(ScopedModel):
    """One line of a sheet: points, the rule in words, the cap applied and the evidence behind it.

    ``evidence`` is a list of ``{"kind", "id", "on", "label"}`` naming records of the lower floors.
    """

    sheet = models.ForeignKey(
        ScoreSheet, verbose_name="得分单", on_delete=models.PROTECT, related_name="lines"
    )
    sort = models.PositiveSmallIntegerField("顺序")
    item_code = models.CharField("代码", max_length=40)
    name = models.CharField("项目", max_length=60)
    block = models.CharField("部分", max_length=12, blank=True)
    section = models.CharField("计分方式", max_length=12, choices=ItemType.choices())
    full_points = models.DecimalField("标准分", max_digits=6, decimal_places=2)
    points = models.DecimalField("得分", max_digits=6, decimal_places=2)
    explanation = models.TextField("计分说明")
    deduction_reason = models.TextField("扣分原因", blank=True)
    cap_note = models.TextField("上限说明", blank=True)
    is_applicable = models.BooleanField("适用", default=True)
    is_pending = models.BooleanField("待评", default=False)
    evidence = models.JSONField("依据记录", default=list)

    audit_plain: ClassVar[tuple[str, ...]] = ("sheet_id", "item_code", "full_points", "points")

    class Meta:
        verbose_name = "得分明细"
        verbose_name_plural = "得分明细"
        ordering = ["sheet", "sort"]
        constraints = [
            models.UniqueConstraint(fields=["scope_code", "sheet", "item_code"], name="score_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.points}"


class FeedbackNotice(DeadlineFields, ScopedModel):
    """《履职测评结果反馈通知书》: one numbered letter per deputy; its deadline is the report's."""

    assessment = models.ForeignKey(
        Assessment, verbose_name="年度测评", on_delete=models.PROTECT, related_name="notices"
    )
    sheet = models.OneToOneField(
        ScoreSheet, verbose_name="得分单", on_delete=models.PROTECT, related_name="notice"
    )
    mandate = models.ForeignKey(
        "deputies.Mandate", verbose_name="代表", on_delete=models.PROTECT, related_name="notices"
    )
    organ_code = models.CharField("机关代字", max_length=12)
    organ_year = models.PositiveSmallIntegerField("发文年份")
    organ_number = models.PositiveIntegerField("发文顺序号")
    issued_on = models.DateField("签发日期")
    # Runs from the day the deputy had the notice in hand (domain.md section 5), so it is empty until then.
    objection_due_on = models.DateField("异议期限", null=True, blank=True, editable=False)
    objection_is_provisional = models.BooleanField("异议期限暂定", default=False, editable=False)
    chain_head = models.CharField("审计链摘要", max_length=64, blank=True, editable=False)
    state = models.CharField(
        "状态", max_length=12, choices=NoticeState.choices(), default=NoticeState.ISSUED.value, editable=False
    )
    pdf = models.ForeignKey(
        "liaison.StoredFile",
        verbose_name="通知书",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    rendered_at = models.DateTimeField("生成时间", null=True, blank=True, editable=False)
    delivered_on = models.DateField("送达日期", null=True, blank=True)
    delivery_way = models.CharField("送达方式", max_length=10, choices=DeliveryWay.choices(), blank=True)
    received_by = models.CharField("签收人", max_length=40, blank=True)
    read_at = models.DateTimeField("查收时间", null=True, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = (
        "mandate_id",
        "organ_code",
        "organ_year",
        "organ_number",
        "state",
        "due_on",
        "due_is_provisional",
        "delivered_on",
    )

    class Meta:
        verbose_name = "反馈通知书"
        verbose_name_plural = "反馈通知书"
        ordering = ["organ_year", "organ_number"]
        constraints = [
            years_check("organ_year", "notice_year"),
            models.UniqueConstraint(
                fields=["scope_code", "organ_code", "organ_year", "organ_number"], name="notice_number_once"
            ),
        ]
        indexes = [
            models.Index(fields=["scope_code", "state", "due_on"], name="notice_scope_state"),
            models.Index(
                fields=["due_on"],
                condition=Q(state__in=["issued", "delivered", "returned"]),
                name="notice_open_due",
            ),
            models.Index(fields=["id"], condition=Q(rendered_at__isnull=True), name="notice_unrendered"),
        ]

    def __str__(self) -> str:
        return f"{self.document_number} {self.mandate}"

    @property
    def document_number(self) -> str:
        """发文字号 with six-corner brackets, no 第 and no zero-padding (domain.md section 5)."""
        return f"{self.organ_code}〔{self.organ_year}〕{self.organ_number}号"


class NoticeStep(ScopedModel):
    """One step of a notice: delivery, report handed in, returned, accepted."""

    notice = models.ForeignKey(
        FeedbackNotice, verbose_name="反馈通知书", on_delete=models.PROTECT, related_name="steps"
    )
    event = models.CharField("环节", max_length=20, choices=NoticeEvent.choices(), blank=True)
    from_state = models.CharField("原状态", max_length=12, choices=NoticeState.choices(), blank=True)
    to_state = models.CharField("新状态", max_length=12, choices=NoticeState.choices())
    note = models.CharField("说明", max_length=1000, blank=True)
    done_by = models.ForeignKey(
        "liaison.Account", verbose_name="办理人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    done_at = models.DateTimeField("时间")

    audit_plain: ClassVar[tuple[str, ...]] = ("notice_id", "event", "from_state", "to_state")

    class Meta:
        verbose_name = "通知书办理记录"
        verbose_name_plural = "通知书办理记录"
        ordering = ["done_at", "id"]
        indexes = [models.Index(fields=["scope_code", "notice"], name="notice_step_scope")]

    def __str__(self) -> str:
        """The first step is the issue itself; no event leads to it."""
        return NoticeEvent(self.event).label if self.event else "签发通知书"


class NoticeReminder(ScopedModel):
    """A reminder before the deadline or an escalation after it; ``stage`` once per notice and due date."""

    notice = models.ForeignKey(
        FeedbackNotice, verbose_name="反馈通知书", on_delete=models.PROTECT, related_name="reminders"
    )
    stage = models.CharField("提醒", max_length=12, help_text="before_5、before_1、overdue_1、overdue_7")
    due_on = models.DateField("期限")
    sent_at = models.DateTimeField("发送时间")

    audit_plain: ClassVar[tuple[str, ...]] = ("notice_id", "stage", "due_on")

    class Meta:
        verbose_name = "整改提醒"
        verbose_name_plural = "整改提醒"
        constraints = [
            models.UniqueConstraint(fields=["scope_code", "notice", "stage", "due_on"], name="reminder_once")
        ]

    def __str__(self) -> str:
        return f"{self.notice} {self.stage}"


class RectificationReport(ScopedModel):
    """《履职测评整改报告》: one submission; a returned report is followed by a new submission."""

    notice = models.ForeignKey(
        FeedbackNotice, verbose_name="反馈通知书", on_delete=models.PROTECT, related_name="reports"
    )
    submission = models.PositiveSmallIntegerField("第几次提交", default=1)
    causes = models.TextField("原因分析", max_length=2000)
    summary = models.TextField("总体情况", max_length=2000, blank=True)
    is_submitted = models.BooleanField("已提交", default=False, editable=False)
    drafted_at = models.DateTimeField("起草时间")
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    submitted_by = models.ForeignKey(
        "liaison.Account", verbose_name="提交人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    leader_opinion = models.CharField("组长意见", max_length=400, blank=True)
    review_note = models.CharField("审核意见", max_length=400, blank=True)
    is_accepted = models.BooleanField("审核通过", null=True, blank=True)
    reviewed_by = models.ForeignKey(
        "liaison.Account",
        verbose_name="审核人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    reviewed_at = models.DateTimeField("审核时间", null=True, blank=True)
    scan = models.ForeignKey(
        "liaison.StoredFile",
        verbose_name="扫描件",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    audit_plain: ClassVar[tuple[str, ...]] = ("notice_id", "submission", "is_submitted", "is_accepted")

    class Meta:
        verbose_name = "整改报告"
        verbose_name_plural = "整改报告"
        ordering = ["notice", "-submission"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope_code", "notice", "submission"], name="report_submission_once"
            ),
            # Nobody reviews his own report (reliability section 2, two-person rule).
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=models.F("submitted_by")),
                name="report_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice} 第{self.submission}次"


class RectificationItem(ScopedModel):
    """One problem of the notice with its measure and date in the report."""

    report = models.ForeignKey(
        RectificationReport, verbose_name="整改报告", on_delete=models.CASCADE, related_name="items"
    )
    sort = models.PositiveSmallIntegerField("顺序")
    problem = models.TextField("存在问题")
    measure = models.CharField("整改（巩固提升）措施", max_length=400, blank=True)
    finish_on = models.DateField("完成时限", null=True, blank=True)
    progress = models.CharField("完成情况", max_length=400, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = ("report_id", "sort", "finish_on")

    class Meta:
        verbose_name = "整改事项"
        verbose_name_plural = "整改事项"
        ordering = ["report", "sort"]
        constraints = [
            days_check("rectification_item_days", "finish_on"),
            models.UniqueConstraint(fields=["scope_code", "report", "sort"], name="rectification_item_once"),
        ]

    def __str__(self) -> str:
        return self.problem


class ReminderTalk(DeadlineFields, ScopedModel):
    """谈话提醒: opened for every 不合格; a reminder, not a sanction; access restricted."""

    sheet = models.OneToOneField(
        ScoreSheet, verbose_name="得分单", on_delete=models.PROTECT, related_name="talk"
    )
    mandate = models.ForeignKey(
        "deputies.Mandate", verbose_name="谈话对象", on_delete=models.PROTECT, related_name="talks"
    )
    record_number = models.CharField("编号", max_length=20, blank=True, editable=False)
    reason = models.CharField("事由", max_length=200)
    state = models.CharField(
        "状态", max_length=10, choices=TalkState.choices(), default=TalkState.DUE.value, editable=False
    )
    held_at = models.DateTimeField("谈话时间", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    place = models.CharField("地点", max_length=60, blank=True)
    talked_by = models.CharField("谈话人", max_length=40, blank=True)
    recorder = models.CharField("记录人", max_length=40, blank=True)
    content = models.TextField("提醒内容", max_length=2000, blank=True)
    response = models.TextField("对象表态", max_length=2000, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = ("mandate_id", "state", "due_on", "held_at")

    class Meta:
        verbose_name = "谈话提醒"
        verbose_name_plural = "谈话提醒"
        ordering = ["due_on", "id"]
        indexes = [models.Index(fields=["scope_code", "state", "due_on"], name="talk_scope_state")]

    def __str__(self) -> str:
        return f"{self.mandate} 谈话提醒"


class Circular(ScopedModel):
    """《通报》 of the results by grade; scores stay with the deputy, the group leader and the presidium."""

    assessment = models.OneToOneField(
        Assessment, verbose_name="年度测评", on_delete=models.PROTECT, related_name="circular"
    )
    organ_code = models.CharField("机关代字", max_length=12)
    organ_year = models.PositiveSmallIntegerField("发文年份")
    organ_number = models.PositiveIntegerField("发文顺序号")
    issued_on = models.DateField("签发日期")
    pdf = models.ForeignKey(
        "liaison.StoredFile",
        verbose_name="通报",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    rendered_at = models.DateTimeField("生成时间", null=True, blank=True, editable=False)

    audit_plain: ClassVar[tuple[str, ...]] = ("assessment_id", "organ_code", "organ_year", "organ_number")

    class Meta:
        verbose_name = "通报"
        verbose_name_plural = "通报"
        constraints = [
            years_check("organ_year", "circular_year"),
            models.UniqueConstraint(
                fields=["scope_code", "organ_code", "organ_year", "organ_number"], name="circular_number_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organ_code}〔{self.organ_year}〕{self.organ_number}号"


class ScoreObjection(DeadlineFields, ScopedModel):
    """异议（复核申请): against one line or the whole sheet; its deadline is the recheck's."""

    sheet = models.ForeignKey(
        ScoreSheet, verbose_name="得分单", on_delete=models.PROTECT, related_name="objections"
    )
    line = models.ForeignKey(
        ScoreLine, verbose_name="得分明细", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField("异议理由", max_length=400)
    state = models.CharField(
        "状态",
        max_length=14,
        choices=ObjectionState.choices(),
        default=ObjectionState.RAISED.value,
        editable=False,
    )
    raised_by = models.ForeignKey(
        "liaison.Account", verbose_name="提出人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    raised_at = models.DateTimeField("提出时间")
    ruling = models.CharField("复核意见", max_length=400, blank=True)
    ruled_by = models.ForeignKey(
        "liaison.Account",
        verbose_name="复核人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    ruled_at = models.DateTimeField("复核时间", null=True, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = ("sheet_id", "line_id", "state", "due_on")

    class Meta:
        verbose_name = "测评异议"
        verbose_name_plural = "测评异议"
        ordering = ["-raised_at"]
        indexes = [models.Index(fields=["scope_code", "state"], name="objection_scope_state")]
        constraints = [
            # One open objection a sheet: a second one would be ruled on twice.
            models.UniqueConstraint(
                fields=["scope_code", "sheet"],
                condition=Q(state__in=["raised", "rechecking"]),
                name="objection_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.sheet} 异议"
