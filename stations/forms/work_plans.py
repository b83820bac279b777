"""Forms of plans and of activities to come; they check shape, the services check sense."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms

from deputies.models import DeputyGroup, Mandate
from liaison.web.forms import DayField, KeyedForm, ServiceForm, choice, radios, text, whole
from stations.enums import Audience, ContactMethod, DutyState, LeaveReason
from stations.forms.records import RollForm, group_choices
from stations.models import ActivityKind, WorkPlan, WorkPlanItem

MONTHS = [(str(month), f"{month}月") for month in range(1, 13)]


class PlanForm(ServiceForm):
    """The texts of a year's plan."""

    title = text("标题", 60, required=True)
    foreword = text("总体要求", 4000, rows=6, hint="计划的开头部分，每段一行。")
    closing = text("工作要求", 4000, rows=4, hint="计划的结尾部分，每段一行，可不填。")

    def __init__(self, years: Iterable[int], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(str(year), f"{year}年") for year in years]
        if offered:
            self.fields["year"] = choice("年度", offered)
            self.order_fields(("year", "title", "foreword", "closing"))


class PlanItemForm(ServiceForm):
    """One line of a plan."""

    field_names = {"kind_code": "kind", "group_id": "group"}
    title = text("工作内容", 80, required=True, hint="如“视察乡村道路建设”。")
    months = forms.MultipleChoiceField(
        label="月份",
        choices=MONTHS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="每选一个月安排一次；已有具体日期的，不选月份，填写下面的日期。",
        error_messages={"invalid_choice": "请重新选择月份。"},
    )
    starts_on = DayField("开始日期", required=False, years_ahead=2)
    ends_on = DayField("结束日期", required=False, years_ahead=2, help_text="当天结束的不用填。")
    place = text("地点", 80)
    responsible = text("责任人", 60, hint="如“第一代表小组组长”。")
    audience = radios("参加范围", Audience.choices(), initial=Audience.ALL.value)

    def __init__(
        self, kinds: Iterable[ActivityKind], groups: Iterable[DeputyGroup], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = choice("类别", [(kind.code, kind.name) for kind in kinds])
        self.fields["group"] = choice("代表小组", group_choices(groups), required=False, blank="不限小组")
        names = (
            "kind",
            "title",
            "months",
            "starts_on",
            "ends_on",
            "place",
            "responsible",
            "audience",
            "group",
        )
        self.order_fields(names)

    def clean_months(self) -> list[int]:
        return sorted(int(month) for month in self.cleaned_data["months"])


def item_initial(item: WorkPlanItem) -> dict[str, Any]:
    return {
        "kind": item.kind.code,
        "title": item.title,
        "months": [str(month) for month in item.months],
        "starts_on": item.starts_on,
        "ends_on": item.ends_on,
        "place": item.place,
        "responsible": item.responsible,
        "audience": item.audience,
        "group": str(item.group_id or ""),
    }


class AdoptForm(ServiceForm):
    """By which meeting, and when."""

    meeting = text("审议会议", 80, hint="如“主席团第十二次会议”，可不填。")
    adopted_on = DayField("通过日期", years_ahead=0)


def _beginning() -> forms.TimeField:
    return forms.TimeField(
        label="开始时间",
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"invalid": "时间应写成“09:00”这样的格式。"},
    )


class ArrangeForm(KeyedForm):
    """An activity to come: what, when, where, and who is asked."""

    field_names = {"kind_code": "kind", "group_id": "group", "plan_item_id": "plan_item"}
    title = text("名称", 80, required=True, hint="如“视察乡村道路建设”。")
    starts_on = DayField("日期", years_ahead=2)
    starts_at = _beginning()
    ends_on = DayField("结束日期", required=False, years_ahead=2, help_text="当天结束的不用填。")
    place = text("地点", 80, hint="集合地点或者会场。")
    summary = text("活动内容", 2000, rows=3, hint="议程、带什么材料，代表在通知里看到。")
    answer_by = DayField(
        "答复截止日期", required=False, years_ahead=2, help_text="到期前两天提醒未答复的代表，只提醒一次。"
    )
    capacity = whole(
        "名额",
        1,
        2000,
        required=False,
        help_text="不填的，通知到的代表都应参加；填写的为自愿报名。",
    )

    def __init__(
        self,
        kinds: Iterable[ActivityKind],
        items: Iterable[WorkPlanItem],
        mandates: Iterable[Mandate],
        *args: Any,
        audience: Audience,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = choice("类别", [(kind.code, kind.name) for kind in kinds])
        offered = [(str(item.pk), f"{item.plan.year}年计划：{item.title}") for item in items]
        self.fields["plan_item"] = choice("计划事项", offered, required=False, blank="不属于年度计划")
        self.fields["contact_method"] = choice(
            "联系群众方式", ContactMethod.choices(), required=False, blank="按类别"
        )
        names = ["plan_item", "kind", "title", "starts_on", "starts_at", "ends_on", "place", "summary"]
        names += ["answer_by", "capacity", "contact_method"]
        if not offered:
            self.fields.pop("plan_item")
        if audience == Audience.INVITED:
            self.fields["mandates"] = forms.MultipleChoiceField(
                label="邀请的代表",
                choices=[(str(mandate.pk), str(mandate)) for mandate in mandates],
                widget=forms.CheckboxSelectMultiple,
                error_messages={"required": "请至少选择一位代表。", "invalid_choice": "请重新选择代表。"},
            )
            names.append("mandates")
        self.order_fields(names)


class ChangeForm(ServiceForm):
    """What may still change in an activity to come."""

    title = text("名称", 80, required=True)
    starts_on = DayField("日期", years_ahead=2)
    starts_at = _beginning()
    ends_on = DayField("结束日期", required=False, years_ahead=2)
    place = text("地点", 80)
    summary = text("活动内容", 2000, rows=3)
    answer_by = DayField("答复截止日期", required=False, years_ahead=2)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["ends_on"] = data.get("ends_on") or data.get("starts_on")
        return data


class AnswerForm(ServiceForm):
    """Why the deputy cannot come."""

    kind = radios("请假类别", LeaveReason.choices(), initial=LeaveReason.PERSONAL.value)
    reason = text("请假事由", 200, required=True, rows=2, hint="写明事由即可，不必写病情。")


class DeclineForm(ServiceForm):
    """Not signing up needs no leave; a word is welcome."""

    reason = text("说明", 200, hint="可不填。")


class GatheringForm(RollForm):
    """The register of an activity held: everybody ticked as answered, what was said, the minutes."""

    field_names = {"outcomes": "others"}
    summary = text("活动情况", 2000, rows=3)
    minutes = text("纪要", 20000, rows=6, hint="议题、意见和结果；也可以以后再补。")
    others = choice(
        "未单独登记的代表",
        [(DutyState.ATTENDED.value, "一律登记为到场"), (DutyState.ABSENT.value, "一律登记为缺席")],
        required=False,
        blank="逐一登记",
    )

    def __init__(
        self, mandates: Iterable[Mandate], *args: Any, asked: Mapping[int, str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(mandates, *args, with_speech=True, **kwargs)
        # What each answered beforehand, shown beside the name.
        self.asked = dict(asked or {})

    def expected_outcomes(self, expected: Iterable[int]) -> dict[int, DutyState]:
        """``others`` holds for those expected only: nobody else is registered by oversight."""
        single = self.outcomes()
        others = self.cleaned_data.get("others")
        if others:
            single = {key: DutyState(others) for key in expected if key not in single} | single
        return single


class MinutesForm(ServiceForm):
    summary = text("活动情况", 2000, rows=4)
    minutes = text("纪要", 20000, rows=14)


def plan_years(today: date) -> list[int]:
    return [today.year, today.year + 1]


def plan_title(organ: str, year: int) -> str:
    return f"{organ}{year}年度代表工作计划"


def plan_initial(plan: WorkPlan) -> dict[str, Any]:
    return {"title": plan.title, "foreword": plan.foreword, "closing": plan.closing}
