"""Forms of the roster: they check shape, the services check sense; errors of both stand at the field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from deputies.access import visible_constituencies, visible_electing_units, visible_groups
from deputies.enums import (
    DIRECT_LEVELS,
    Education,
    ElectionWay,
    GroupPost,
    MandateEvent,
    PoliticalStatus,
    Sex,
    SuspensionGround,
    TerminationGround,
)
from deputies.form_fields import MonthField
from deputies.models import Term
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.web.edit_forms import row_choice
from liaison.web.forms import DayField, ServiceForm, choice, offer, offer_rows, picture, text, whole


class PersonFields(ServiceForm):
    """What a roster says about a person."""

    name = text("姓名", 40, required=True, hint="少数民族姓名中间用“·”。")
    sex = choice("性别", Sex.choices())
    ethnicity = text("民族", 20)
    born_on = MonthField("出生年月", help_text="只登记到月。")
    political_status = choice("政治面貌", PoliticalStatus.choices())
    education = choice("文化程度", Education.choices())
    occupation = text("工作单位及职务", 80)
    phone = text("联系电话", 40, hint="11位手机号码，或带区号的固定电话。")
    address = text("通信地址", 100)
    introduction = text("公开简介", 200, hint="向选民公开，不要写电话和住址。")

    person_names = (
        "name",
        "sex",
        "ethnicity",
        "born_on",
        "political_status",
        "education",
        "occupation",
        "phone",
        "address",
        "introduction",
    )

    def person_values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.person_names if name in self.cleaned_data}


class SeatFields(ServiceForm):
    """What a roster says about a seat; the electors offered are those of one term."""

    constituency = row_choice("选区")
    electing_unit = row_choice("选举单位")
    election_way = choice("当选方式", ElectionWay.choices())
    elected_on = DayField("当选日期")
    concurrent_seat = text("同时担任上级代表", 40, hint="如“区代表”“市代表”，没有的留空。")
    fixed_contact_target = whole("固定联系选民人数", 0, 500, required=False)
    list_number = whole("名册序号", 1, 9999, required=False, help_text="留空则排在最后。")
    remark = text("备注", 200)

    def offer_electors(self, actor: Actor, term: Term) -> None:
        """Constituencies for a directly elected congress, electing units for the others."""
        if term.congress.level in DIRECT_LEVELS:
            del self.fields["electing_unit"]
            rows = visible_constituencies(actor, term).order_by("number", "pk")
            self.fields["constituency"] = row_choice("选区", rows)
        else:
            del self.fields["constituency"]
            units = visible_electing_units(actor, term).order_by("name")
            self.fields["electing_unit"] = row_choice("选举单位", units)

    def seat_values(self) -> dict[str, Any]:
        names = ("election_way", "elected_on", "concurrent_seat", "remark")
        values = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        if "fixed_contact_target" in self.cleaned_data:
            values["fixed_contact_target"] = self.cleaned_data["fixed_contact_target"] or 0
        if self.cleaned_data.get("list_number"):
            values["list_number"] = self.cleaned_data["list_number"]
        for name in ("constituency", "electing_unit"):
            if name in self.cleaned_data:
                values[f"{name}_id"] = self.cleaned_data[name].pk
        return values


PHOTO_HINT = "JPG 或 PNG 图片，系统去除拍摄信息后保存。"


class EnrolForm(PersonFields, SeatFields):
    """登记代表, by-elections foremost."""

    group = row_choice("代表小组", required=False, blank="暂不编入")
    post = forms.ChoiceField(label="小组职务", choices=GroupPost.choices(), initial=GroupPost.MEMBER)
    photo = picture(hint=PHOTO_HINT)

    field_order = (
        *PersonFields.person_names,
        "photo",
        "constituency",
        "electing_unit",
        "election_way",
        "elected_on",
        "group",
        "post",
        "concurrent_seat",
        "fixed_contact_target",
        "list_number",
        "remark",
    )

    def __init__(self, actor: Actor, term: Term, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.term = term
        self.offer_electors(actor, term)
        offer_rows(self, "group", visible_groups(actor, term).order_by("number", "pk"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        is_by_election = data.get("election_way") == ElectionWay.BY_ELECTION
        if is_by_election and data.get("elected_on") and data["elected_on"] <= self.term.elected_on:
            self.add_error(
                "elected_on", f"补选日期应晚于本届换届选举日期（{self.term.elected_on:%Y-%m-%d}）。"
            )
        return data


class ChangeForm(ServiceForm):
    """A decision about seats; the grounds offered are those the law names for the event."""

    effective_on = DayField("生效日期", help_text="决定、公告载明的日期。")
    ground = choice("法定事由", [])
    basis = text("依据", 200, required=True, hint="作出决定的会议、决定名称或者公告文号。")

    def __init__(self, event: MandateEvent, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grounds = {MandateEvent.SUSPEND: SuspensionGround, MandateEvent.TERMINATE: TerminationGround}
        if event in grounds:
            offer(self, "ground", [("", "请选择"), *grounds[event].choices()])
        else:
            del self.fields["ground"]


class PlaceForm(ServiceForm):
    """Into a group, to another one, or another post; an empty post keeps the one held."""

    group = row_choice("代表小组", required=False, blank="仍在原小组", hint="留空表示仍在原小组。")
    post = choice("小组职务", GroupPost.choices(), required=False, help_text="留空表示职务不变。")
    starts_on = DayField("起始日期")

    def __init__(self, actor: Actor, term: Term, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "group", visible_groups(actor, term).order_by("number", "pk"))
        offer(self, "post", [("", "职务不变"), *GroupPost.choices()])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("group") and not data.get("post"):
            self.add_error("group", "请选择新的小组或者新的职务。")
        return data


class RevealForm(ServiceForm):
    reason = text("查看理由", 200, required=True, hint="如“通知参加11月6日接待日”。理由会记入审计记录。")


class ContactForm(ServiceForm):
    """固定联系选民."""

    name = text("选民姓名", 40, required=True)
    phone = text("联系电话", 40)
    village = row_choice("村（社区）", required=False, blank="不填")
    starts_on = DayField("建立联系日期", years_ahead=0)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inside = Jurisdiction.objects.open().filter(scope_code__gt=actor.lo, scope_end__lte=actor.hi)
        offer_rows(self, "village", inside)


class EndContactForm(ServiceForm):
    ends_on = DayField("结束联系日期", years_ahead=0)


class TermFigures(ServiceForm):
    """Days and seats of a term."""

    elected_on = DayField("换届选举日期", years_ahead=2)
    starts_on = DayField("首次会议日期", help_text="尚未召开的填计划日期，召开后以实际日期为准。")
    seats = whole("代表名额", 1, 3000)


class TermForm(TermFigures):
    """The next term, entered after the election."""

    number = whole("届次", 1, 99, help_text="如第十六届填16。")
    field_order = ("number",)


class ElectingUnitForm(ServiceForm):
    name = text("选举单位", 60, required=True)


class ReElectForm(ServiceForm):
    """Who was elected again; the boxes are drawn by the page, with the constituency beside each name."""

    elected_on = DayField("当选日期")


class SucceedForm(ServiceForm):
    starts_on = DayField("首次会议开幕日期", help_text="上一届任期至此日届满，本届任期自此日开始。")
    ends_on = DayField("首次会议闭幕日期")

    def __init__(self, *args: Any, is_first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_first:
            self.fields["starts_on"].help_text = "本届任期自此日开始。"


class UndoForm(ServiceForm):
    """Why a rollover is taken back."""

    reason = text("撤销理由", 200, required=True, rows=3, hint="如“首次会议日期登记有误”。")


class ExportForm(ServiceForm):
    reason = text("导出理由", 200, required=True, hint="如“报区人大常委会备案”。理由和行数会记入审计记录。")
    with_phones = forms.BooleanField(
        label="包含完整电话和通信地址", required=False, help_text="默认电话隐去中间四位，不含通信地址。"
    )

    def __init__(self, may_have_phones: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_have_phones:
            del self.fields["with_phones"]


class RosterFileForm(ServiceForm):
    """Step one of the import: which term, which file."""

    term = row_choice("导入到")
    file = forms.FileField(
        label="名册文件",
        help_text="Excel 或 WPS 表格（.xlsx、.xls、.et）或 CSV 文件，不超过5MB。先核对，确认后才写入。",
        error_messages={"required": "请选择名册文件。", "empty": "文件是空的，请重新选择。"},
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.xlsm,.et,.csv"}),
    )

    def __init__(self, terms: QuerySet[Term], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "term", terms)
