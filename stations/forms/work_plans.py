"""Forms of plans and of activities to come; they check shape, the services check sense."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet

from deputies.choices import MandateChoices
from deputies.models import DeputyGroup, Mandate
from liaison.tenancy.scope import Actor
from liaison.web.edit_forms import EditForm, RowForm, row_choice, row_choices
from liaison.web.forms import DayField, KeyedForm, ServiceForm, choice, radios, text, whole
from liaison.web.generic import ModelChoiceField
from liaison.words.limits import limit_of
from stations.enums import Audience, ContactMethod, DutyState, LeaveReason
from stations.forms.records import RollForm
from stations.models import Activity, ActivityKind, WorkPlan, WorkPlanItem
from stations.selectors.activities import parts_of
from stations.services import (
    change_activity,
    register_activity_attendance,
    save_minutes,
    save_plan_item,
    save_work_plan,
)


def _limit(name: str) -> int:
    return limit_of(Activity, name)


MONTHS = [(str(month), f"{month}月") for month in range(1, 13)]


class PlanForm(RowForm):
    """The texts of a year's plan; a new one is for one of ``years``."""

    rows: ClassVar[Mapping[str, int]] = {"foreword": 6, "closing": 4}

    class Meta(RowForm.Meta):
        model = WorkPlan
        fields = ("title", "foreword", "closing")
        help_texts: ClassVar = {
            "foreword": "计划的开头部分，每段一行。",
            "closing": "计划的结尾部分，每段一行，可不填。",
        }

    def __init__(
        self, actor: Actor, row: WorkPlan | None, *args: Any, years: Iterable[int] = (), **kwargs: Any
    ) -> None:
        super().__init__(actor, row, *args, **kwargs)
        if row is None:
            self.fields["year"] = choice("年度", [(str(year), f"{year}年") for year in years])
            self.order_fields(("year",))

    def write(self, *, actor: Actor, now: datetime) -> WorkPlan:
        if self.row is None:
            values = self.values()
            return save_work_plan(actor=actor, now=now, **values | {"year": int(values["year"])})
        texts = self._known | self.changes()
        return save_work_plan(actor=actor, plan_id=self.row.pk, year=self.row.year, now=now, **texts)


class PlanItemForm(RowForm):
    """One line of a plan; ``kinds`` and ``groups`` are those of its year and its organ."""

    field_names: ClassVar[Mapping[str, str]] = {"kind_code": "kind", "group_id": "group"}
    kind = choice("类别", [])
    months = forms.TypedMultipleChoiceField(
        label="月份",
        choices=MONTHS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="每选一个月安排一次；已有具体日期的，不选月份，填写下面的日期。",
        error_messages={"invalid_choice": "请重新选择月份。"},
    )
    starts_on = DayField("开始日期", required=False, years_ahead=2)
    ends_on = DayField("结束日期", required=False, years_ahead=2, help_text="当天结束的不用填。")

    audience = radios("参加范围", Audience.choices(), initial=Audience.ALL.value)

    class Meta(RowForm.Meta):
        model = WorkPlanItem
        fields = (
            "kind", "title", "months", "starts_on", "ends_on", "place", "responsible", "audience", "group",
        )  # fmt: skip
        labels: ClassVar = {"starts_on": "开始日期", "ends_on": "结束日期"}
        help_texts: ClassVar = {
            "title": "如“视察乡村道路建设”。",
            "ends_on": "当天结束的不用填。",
            "responsible": "如“第一代表小组组长”。",
        }

    def __init__(
        self,
        actor: Actor,
        plan: WorkPlan,
        row: WorkPlanItem | None,
        *args: Any,
        kinds: Iterable[ActivityKind],
        groups: QuerySet[DeputyGroup],
        **kwargs: Any,
    ) -> None:
        super().__init__(actor, row, *args, **kwargs)
        self.plan = plan
        self.fields["kind"] = choice("类别", [(kind.code, kind.name) for kind in kinds])
        self.fields["group"] = row_choice("代表小组", groups, required=False, blank="不限小组")
        self.order_fields(self._meta.fields)

    def stored(self, row: WorkPlanItem) -> dict[str, Any]:
        return super().stored(row) | {"kind": row.kind.code}

    def write(self, *, actor: Actor, now: datetime) -> WorkPlanItem:
        values = self.values()
        return save_plan_item(
            actor=actor,
            plan_id=self.plan.pk,
            item_id=self.row.pk if self.row is not None else None,
            kind_code=values.pop("kind"),
            **values,
        )


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


class PlanItemChoice(ModelChoiceField):
    """A line of a plan with its year."""

    def label_from_instance(self, obj: WorkPlanItem) -> str:
        return f"{obj.plan.year}年计划：{obj.title}"


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
        actor: Actor,
        kinds: Iterable[ActivityKind],
        items: QuerySet[WorkPlanItem],
        mandates: QuerySet[Mandate],
        *args: Any,
        audience: Audience,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = choice("类别", [(kind.code, kind.name) for kind in kinds])
        self.fields["plan_item"] = row_choice(
            "计划事项", items, required=False, blank="不属于年度计划", kind=PlanItemChoice
        )
        self.fields["contact_method"] = choice(
            "联系群众方式", ContactMethod.choices(), required=False, blank="按类别"
        )
        names = ["plan_item", "kind", "title", "starts_on", "starts_at", "ends_on", "place", "summary"]
        names += ["answer_by", "capacity", "contact_method"]
        if not items.exists():
            self.fields.pop("plan_item")
        if audience == Audience.INVITED:
            self.fields["mandates"] = row_choices(
                "邀请的代表", mandates, required=True, kind=MandateChoices.of(actor)
            )
            self.fields["mandates"].error_messages["required"] = "请至少选择一位代表。"
            names.append("mandates")
        self.order_fields(names)


class ChangeForm(RowForm):
    """What may still change in an activity to come."""

    starts_on = DayField("日期", years_ahead=2)
    starts_at = _beginning()
    ends_on = DayField("结束日期", required=False, years_ahead=2)
    answer_by = DayField("答复截止日期", required=False, years_ahead=2)

    rows: ClassVar[Mapping[str, int]] = {"summary": 3}

    class Meta(RowForm.Meta):
        model = Activity
        fields = ("title", "starts_on", "starts_at", "ends_on", "place", "summary", "answer_by")
        labels: ClassVar = {"starts_on": "日期", "summary": "活动内容", "answer_by": "答复截止日期"}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["ends_on"] = data.get("ends_on") or data.get("starts_on")
        return data

    def write(self, *, actor: Actor, now: datetime) -> Activity:
        return change_activity(actor=actor, activity_id=self.row.pk, now=now, **self.values())


class AnswerForm(ServiceForm):
    """Why the deputy cannot come."""

    kind = radios("请假类别", LeaveReason.choices(), initial=LeaveReason.PERSONAL.value)
    reason = text("请假事由", 200, required=True, rows=2, hint="写明事由即可，不必写病情。")


class DeclineForm(ServiceForm):
    """Not signing up needs no leave; a word is welcome."""

    reason = text("说明", 200, hint="可不填。")


class ActivityAttendanceForm(EditForm, RollForm):
    """The register of an activity held: everybody ticked as answered, what was said, the minutes."""

    field_names: ClassVar[Mapping[str, str]] = {"outcomes": "others"}
    with_speech = True
    summary = text("活动情况", _limit("summary"), rows=3)
    minutes = text("纪要", _limit("minutes"), rows=6, hint="议题、意见和结果；也可以以后再补。")
    others = choice(
        "未单独登记的代表",
        [(DutyState.ATTENDED.value, "一律登记为到场"), (DutyState.ABSENT.value, "一律登记为缺席")],
        required=False,
        blank="逐一登记",
    )

    def __init__(self, *args: Any, mandates: Iterable[Mandate], **kwargs: Any) -> None:
        self.mandates = list(mandates)
        super().__init__(*args, mandates=self.mandates, **kwargs)

    def stored(self, row: Activity) -> dict[str, Any]:
        """The texts, and of each deputy what is registered; nothing for who is not registered yet."""
        known: dict[str, Any] = {"summary": row.summary, "minutes": row.minutes}
        known |= {f"{name}_{mandate.pk}": "" for mandate in self.mandates for name in ("outcome", "speech")}
        for part in parts_of(self.actor, row):
            known[f"outcome_{part.mandate_id}"] = part.outcome if part.recorded_at else ""
            known[f"speech_{part.mandate_id}"] = part.speech
        return known

    def write(self, *, actor: Actor, now: datetime) -> Activity:
        expected = {part.mandate_id for part in parts_of(actor, self.row)}
        return register_activity_attendance(
            actor=actor,
            activity_id=self.row.pk,
            outcomes=self.expected_outcomes(expected),
            speeches=self.speeches(),
            summary=self.cleaned_data["summary"],
            minutes=self.cleaned_data["minutes"],
            now=now,
        )

    def expected_outcomes(self, expected: Iterable[int]) -> dict[int, DutyState]:
        """``others`` holds for those expected only: nobody else is registered by oversight."""
        single = self.outcomes()
        others = self.cleaned_data.get("others")
        if others:
            single = {key: DutyState(others) for key in expected if key not in single} | single
        return single


class MinutesForm(RowForm):
    rows: ClassVar[Mapping[str, int]] = {"minutes": 14}

    class Meta(RowForm.Meta):
        model = Activity
        fields = ("summary", "minutes")

    def write(self, *, actor: Actor, now: datetime) -> Activity:
        return save_minutes(actor=actor, activity_id=self.row.pk, **self.changes())


def plan_years(today: date) -> list[int]:
    return [today.year, today.year + 1]


def plan_title(organ: str, year: int) -> str:
    return f"{organ}{year}年度代表工作计划"
