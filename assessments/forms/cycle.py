"""Forms of this floor: they check shape, the services check sense; errors of both stand at the field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from assessments.enums import DeliveryWay, ObjectionEvent
from assessments.forms.fields import CycleForm, MomentField, PointsField
from assessments.models import RectificationReport, Scheme, ScoreLine
from assessments.services import Measure, TalkRecord, give_leader_opinion, save_report
from deputies.choices import MandateChoice
from deputies.models import Mandate, Term
from liaison.calendar.days import FIRST_DAY, FIRST_YEAR, LAST_YEAR
from liaison.tenancy.scope import Actor
from liaison.web.edit_forms import EditForm, row_choice
from liaison.web.forms import DayField, choice, radios, text, whole
from liaison.web.generic import ModelChoiceField

__all__ = [
    "ApproveForm",
    "DeliverForm",
    "EntryForm",
    "NoteForm",
    "ObjectionForm",
    "OpenForm",
    "OpinionForm",
    "ReasonForm",
    "ReportForm",
    "ReviewForm",
    "RulingForm",
    "TalkForm",
]


class ReasonForm(CycleForm):
    """One sentence that stays with the record."""

    reason = text("理由", 400, required=True, rows=3)


class NoteForm(CycleForm):
    """A word that goes into the ledger of the step; required where a step is left out."""

    note = text("说明", 400, rows=3)

    def __init__(self, *args: Any, is_needed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = is_needed
        if is_needed:
            self.fields["note"].label = "理由"


class OpenForm(CycleForm):
    """启动年度测评: which congress, which year, by which scheme."""

    field_names = {"scheme_id": "scheme"}
    year = whole("年度", FIRST_YEAR, LAST_YEAR)

    def __init__(self, terms: QuerySet[Term], schemes: QuerySet[Scheme], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["term"] = row_choice("届", terms)
        self.fields["scheme"] = row_choice("测评办法", schemes)
        self.order_fields(["term", "year", "scheme"])


class ApproveForm(CycleForm):
    meeting_name = text("审定会议", 80, required=True, hint="如“庄子乡人大主席团第十二次会议”，印在通报上。")
    pending_reason = text(
        "待评事项的说明", 200, rows=2, hint="评分或者测评票没有登记齐全的，写明为什么不再登记。"
    )


class EntryForm(CycleForm):
    """加减分与评分事项. Which of the numbers is needed depends on the item; the service tells."""

    field_names = {"mandate_id": "mandate"}
    points = PointsField(
        "分值", required=False, help_text="评议事项填写评分；分级别的加分填写该级别的分值；其余不填。"
    )
    count = whole("次数", 0, 366, initial=1)
    due_count = whole(
        "应有次数", 0, 366, required=False, help_text="只有按比例计分的事项填写，如表决共几次。"
    )
    happened_on = DayField("日期", earliest=FIRST_DAY, years_ahead=0)
    basis = text("依据", 200, required=True, hint="文件名称、会议或者登记记录。")

    def __init__(
        self, actor: Actor, mandates: QuerySet[Mandate], facts: Mapping[str, str], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mandate"] = row_choice("代表", mandates, kind=MandateChoice.of(actor))
        self.fields["fact_code"] = choice("事项", facts.items())
        self.order_fields(["mandate", "fact_code", "points", "count", "due_count", "happened_on", "basis"])


class LineChoice(ModelChoiceField):
    """A line of the sheet, with its points."""

    def label_from_instance(self, obj: ScoreLine) -> str:
        return f"{obj.name}（{obj.points}分）"


class ObjectionForm(CycleForm):
    """提出异议: to one line, or to the whole sheet."""

    field_names = {"line_id": "line"}
    reason = text("异议理由", 400, required=True, rows=4, hint="如哪一次活动没有计入、哪一天的记录有误。")

    def __init__(self, lines: QuerySet[ScoreLine], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["line"] = row_choice(
            "对哪一项有异议", lines, required=False, blank="整份得分单", kind=LineChoice
        )
        self.order_fields(["line", "reason"])

    @property
    def line_id(self) -> int | None:
        chosen = self.cleaned_data.get("line")
        return chosen.pk if chosen else None


class RulingForm(CycleForm):
    """复核意见. A published result that is corrected gets a new version and a new notice."""

    event = radios(
        "复核结论",
        [
            (ObjectionEvent.UPHOLD.value, "维持原结果"),
            (ObjectionEvent.CORRECT.value, "异议成立，予以更正"),
        ],
    )
    ruling = text("复核意见", 400, required=True, rows=4, hint="告知代表本人，写明依据的记录。")


class DeliverForm(CycleForm):
    """登记送达: as on the tear-off receipt."""

    way = radios(
        "送达方式",
        [(way.value, way.label) for way in DeliveryWay if way != DeliveryWay.ONLINE],
        initial=DeliveryWay.IN_PERSON.value,
    )
    received_by = text("签收人", 40, required=True, hint="代收的，写明代收人姓名及与代表的关系。")


class ReviewForm(CycleForm):
    """主席团审核整改报告."""

    field_names = {"note": "review_note"}
    decision = radios("审核结论", [("accept", "通过"), ("return", "退回补充")])
    review_note = text("审核意见", 400, rows=3, hint="退回的，写明需要补充什么。")

    @property
    def is_accepted(self) -> bool:
        return bool(self.cleaned_data["decision"] == "accept")


class OpinionForm(EditForm, CycleForm):
    """组长意见."""

    leader_opinion = text("组长意见", 400, required=True, rows=3)

    def stored(self, row: RectificationReport) -> dict[str, Any]:
        return {"leader_opinion": row.leader_opinion}

    def write(self, *, actor: Actor, now: datetime) -> RectificationReport:
        opinion = self.cleaned_data["leader_opinion"]
        return give_leader_opinion(actor=actor, report_id=self.row.pk, opinion=opinion)


class ReportForm(EditForm, CycleForm):
    """《整改报告》: causes once, then measure, date and progress for each problem of the notice."""

    causes = text("原因分析", 2000, rows=4)
    summary = text(
        "佐证材料或者其他说明", 2000, rows=3, hint="如活动照片、走访记录在系统中的，写明日期即可。"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = list(self.row.items.order_by("sort"))
        for item in self.items:
            self.fields[f"measure_{item.sort}"] = text("整改（巩固提升）措施", 400, rows=3)
            self.fields[f"finish_on_{item.sort}"] = DayField(
                "完成时限", required=False, earliest=self.row.notice.issued_on, years_ahead=2
            )
            self.fields[f"progress_{item.sort}"] = text(
                "完成情况", 400, hint="已经做了什么；还没有开始的可以不填。"
            )

    def stored(self, row: RectificationReport) -> dict[str, Any]:
        known: dict[str, Any] = {"causes": row.causes, "summary": row.summary}
        for item in row.items.order_by("sort"):
            known |= {
                f"measure_{item.sort}": item.measure,
                f"finish_on_{item.sort}": item.finish_on,
                f"progress_{item.sort}": item.progress,
            }
        return known

    def write(self, *, actor: Actor, now: datetime) -> RectificationReport:
        return save_report(
            actor=actor,
            report_id=self.row.pk,
            causes=self.cleaned_data["causes"],
            summary=self.cleaned_data["summary"],
            measures=self.measures(),
        )

    def rows(self) -> list[dict[str, Any]]:
        """Each problem with its three fields, for the page."""
        names = ("measure", "finish_on", "progress")
        return [
            {"item": item, "fields": [self[f"{name}_{item.sort}"] for name in names]} for item in self.items
        ]

    def measures(self) -> list[Measure]:
        data = self.cleaned_data
        return [
            Measure(
                sort=item.sort,
                measure=data[f"measure_{item.sort}"],
                finish_on=data[f"finish_on_{item.sort}"],
                progress=data[f"progress_{item.sort}"],
            )
            for item in self.items
        ]


class TalkForm(CycleForm):
    """谈话提醒记录."""

    held_at = MomentField("谈话开始时间")
    ended_at = MomentField("谈话结束时间", required=False)
    place = text("地点", 60, required=True)
    talked_by = text("谈话人", 40, required=True, hint="两人以上用“、”隔开。")
    recorder = text("记录人", 40, required=True, hint="不能由谈话人兼任。")
    content = text("提醒内容", 2000, required=True, rows=6)
    response = text("对象表态", 2000, rows=4)

    def record(self) -> TalkRecord:
        return TalkRecord(**self.cleaned_data)


def default_year(today: date) -> int:
    """In the first months the year appraised is the one that has just ended."""
    return today.year - 1 if today.month <= 6 else today.year
