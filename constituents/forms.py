"""Forms of this floor: they check shape, the services check sense; errors of both stand at the field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet

from constituents.access import visible_units
from constituents.enums import ContactWay, OpinionCategory, Urgency
from constituents.models import HandlingUnit
from constituents.services.intake import Intake
from constituents.services.units import create_unit, update_unit
from deputies.choices import MandateChoice, MandateChoices
from deputies.enums import MandateState
from deputies.models import Mandate
from liaison.calendar.days import FIRST_DAY
from liaison.identity.access import linked
from liaison.identity.roles import DEPUTIES, OFFICE
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.web.edit_forms import RowForm, row_choice, row_choices
from liaison.web.forms import (
    DayField,
    KeyedForm,
    OldDayForm,
    ServiceForm,
    choice,
    new_key,
    offer,
    picture,
    radios,
    text,
)
from liaison.web.generic import ModelChoiceField
from liaison.words.enums import JurisdictionLevel, Role
from stations.access import visible_stations

# On a deputy's phone the register's rarer ways of contact are left out.
_DEPUTY_WAYS = (ContactWay.FACE_TO_FACE, ContactWay.VISIT, ContactWay.PHONE)


def villages_of(actor: Actor) -> QuerySet[Jurisdiction]:
    """The villages and communities of the actor's interval, in code order."""
    inside = {"scope_code__gte": actor.lo, "scope_code__lt": actor.hi}
    villages = Jurisdiction.objects.open().filter(level=JurisdictionLevel.VILLAGE, **inside)
    return villages.order_by("scope_code")


class VillageChoice(ModelChoiceField):
    def label_from_instance(self, obj: Jurisdiction) -> str:
        return str(obj.short_name)


class IntakeForm(OldDayForm):
    """《接待选民登记表》 as far as the person who heard it fills it in; the shortest on a deputy's phone."""

    content = text("群众反映的内容", 2000, required=True, rows=5, hint="按群众原话原意记录，不加判断。")
    category = choice("类别", OpinionCategory.choices())
    urgency = radios("紧急程度", Urgency.choices(), initial=Urgency.ORDINARY)
    wish = text("群众诉求", 400, hint="希望怎样解决，可以不填。")
    contact_way = radios("反映方式", ContactWay.choices(), initial=ContactWay.FACE_TO_FACE)
    received_on = DayField("反映日期", earliest=FIRST_DAY, years_ahead=0)
    resident_name = text("群众姓名", 40, hint="不愿留名可以不填。")
    resident_phone = text("联系电话", 20, hint="用于反馈结果，只有办理需要时才能查看。")
    is_confidential = forms.BooleanField(
        label="群众要求保密", required=False, help_text="承办单位看不到姓名和电话。"
    )
    on_spot_answer = text(
        "当场答复", 400, rows=3, hint="当场解释或者解决了的，写明怎样答复；需要转办的不填。"
    )
    photo = picture(hint="现场照片一张，不要拍到无关人员。")
    idempotency_key = forms.CharField(widget=forms.HiddenInput, max_length=40, initial=new_key)

    old_day = "received_on"
    field_names = {"deputy_id": "deputy", "station_id": "station", "village_id": "village", "file": "photo"}
    field_order = (
        "content",
        "category",
        "urgency",
        "wish",
        "on_spot_answer",
        "contact_way",
        "received_on",
        OldDayForm.is_old_day_meant,
        "deputy",
        "station",
        "resident_name",
        "resident_phone",
        "village",
        "resident_address",
        "people_count",
        "is_own_constituency",
        "is_confidential",
        "proposal",
        "hotline_number",
        "photo",
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.fields["village"] = row_choice(
            "所在村（社区）", villages_of(actor), required=False, blank="请选择", kind=VillageChoice
        )
        if actor.role in DEPUTIES:
            offer(self, "contact_way", [(w, w.label) for w in _DEPUTY_WAYS])
        else:
            self._add_staff_fields(actor)
        self.order_fields(self.field_order)

    def _add_staff_fields(self, actor: Actor) -> None:
        self.fields["deputy"] = row_choice(
            "接待（反映）代表",
            deputies_of(actor),
            required=False,
            blank="请选择",
            kind=MandateChoice.of(actor),
        )
        stations = visible_stations(actor).order_by("pk")
        is_station = actor.role == Role.STATION_CLERK
        self.fields["station"] = row_choice("联络站点", stations, required=is_station, blank="请选择")
        if is_station:
            self.fields["station"].initial = stations.values_list("pk", flat=True).first()
        self.fields["resident_address"] = text("住址", 100)
        self.fields["people_count"] = forms.IntegerField(
            label="人数",
            min_value=1,
            max_value=5,
            initial=1,
            help_text="集体来访推选不超过5名代表。",
            error_messages=dict.fromkeys(
                ("invalid", "min_value", "max_value", "required"), "应为1至5的整数。"
            ),
        )
        self.fields["is_own_constituency"] = forms.BooleanField(
            label="本选区选民", required=False, initial=True
        )
        self.fields["proposal"] = text("拟办意见", 400, rows=2)
        self.fields["hotline_number"] = text("12345工单号", 40, hint="群众已在热线登记的，填写工单号。")

    def intake(self, deputy_id: int | None) -> Intake:
        """The facts for the service; ``deputy_id`` is the own seat where a deputy registers."""
        given = self.cleaned_data
        rows = {name: given.get(name) for name in ("village", "deputy", "station")}
        number = {name: row.pk if row is not None else None for name, row in rows.items()}
        return Intake(
            content=given["content"],
            category=OpinionCategory(given["category"]),
            urgency=Urgency(given["urgency"]),
            contact_way=ContactWay(given["contact_way"]),
            received_on=given["received_on"],
            is_old_day_meant=given.get("is_old_day_meant", False),
            wish=given["wish"],
            resident_name=given["resident_name"],
            resident_phone=given["resident_phone"],
            resident_address=given.get("resident_address", ""),
            village_id=number["village"],
            is_own_constituency=given.get("is_own_constituency", True),
            people_count=given.get("people_count", 1),
            is_confidential=given["is_confidential"],
            on_spot_answer=given["on_spot_answer"],
            proposal=given.get("proposal", ""),
            station_id=number["station"],
            deputy_id=deputy_id if deputy_id is not None else number["deputy"],
            hotline_number=given.get("hotline_number", ""),
        )


def deputies_of(actor: Actor) -> QuerySet[Mandate]:
    """The deputies in office within the actor's interval, as the roster lists them."""
    return Mandate.scoped(actor).filter(state=MandateState.ACTIVE).order_by("list_number", "pk")


def units_of(actor: Actor, scope_code: int) -> QuerySet[HandlingUnit]:
    """The units in use of one jurisdiction; empty for those who never assign."""
    units = visible_units(actor).filter(scope_code=scope_code, is_active=True).order_by("name")
    return units if actor.role in OFFICE else units.none()


class RevealForm(ServiceForm):
    reason = text("查看理由", 100, required=True, hint="如“电话回访办理结果”。不要写群众的姓名和电话。")


class ShowCodeForm(ServiceForm):
    """Nothing to fill in: whoever presses it has the resident, or the printer, at hand."""


class RenewCodeForm(ServiceForm):
    reason = text(
        "换发理由", 100, required=True, hint="如“群众遗失回执，本人到站申请”。不要写群众的姓名和电话。"
    )


class PrintReasonForm(ServiceForm):
    reason = text("打印理由", 100, required=True, hint="如“请选民在登记表上签字”。不要写群众的姓名和电话。")


class OpenScanForm(ServiceForm):
    reason = text("打开理由", 100, required=True, hint="如“核对签字登记表”。不要写群众的姓名和电话。")


class WithdrawScanForm(ServiceForm):
    reason = text("撤下原因", 200, required=True, rows=2, hint="如“传错了登记表”。不要写群众的姓名和电话。")


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files chosen at once; a list."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        errors = {"required": "请选择要上传的文件。", "empty": "有的文件是空的，请重新扫描后再传。"}
        widget = FilesInput(attrs={"accept": "application/pdf,image/jpeg,image/png"})
        super().__init__(label=label, widget=widget, error_messages=errors, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        chosen = data if isinstance(data, list | tuple) and data else [data or None]
        return [super(FilesField, self).clean(each, initial) for each in chosen]


class ScanForm(KeyedForm):
    """The signed register as scanned or photographed."""

    files = FilesField(  # type: ignore[assignment]  # Django takes declared fields off the class
        "签字登记表的扫描件或照片",
        help_text="PDF、JPG 或 PNG，可以一次选几个，每个不超过10MB。要看得清字和签名。",
    )


class FollowForm(forms.Form):
    code = forms.CharField(
        label="查询码",
        max_length=64,
        help_text="登记回执上的查询码，请区分大小写。",
        error_messages={"required": "请填写登记回执上的查询码。"},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class UnitForm(RowForm):
    """A handling unit's name, what it is and whom to call; a new one is in use."""

    class Meta(RowForm.Meta):
        model = HandlingUnit
        fields = ("name", "kind", "contact_person", "phone", "is_active")
        help_texts: ClassVar[Mapping[str, str]] = {
            "kind": "交办给村（社区）的，去向记为“村（社区）办理”。",
            "is_active": "停用后不能再交办。",
        }

    def __init__(self, actor: Actor, row: HandlingUnit | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(actor, row, *args, **kwargs)
        if row is None:
            del self.fields["is_active"]

    def write(self, *, actor: Actor, now: datetime) -> HandlingUnit:
        if self.row is None:
            return create_unit(actor=actor, **self.values())
        return update_unit(actor=actor, unit_id=self.row.pk, **self.changes())


class ExportForm(ServiceForm):
    reason = text("导出理由", 100, required=True, hint="如“报区人大常委会备案”。")


class SuggestionForm(OldDayForm):
    """A suggestion of one or several deputies."""

    title = text("标题", 80, required=True, hint="如“关于改造东庄村饮水管网的建议”。")
    content = text("内容", 4000, required=True, rows=10, hint="写明情况、分析和具体意见，一事一议。")
    submitted_on = DayField("提出日期", earliest=FIRST_DAY, years_ahead=0)

    old_day = "submitted_on"
    field_names = {"mandates": "lead"}
    field_order = ("lead", "title", "content", "cosigners", "submitted_on", OldDayForm.is_old_day_meant)

    def __init__(self, actor: Actor, own_id: int | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if own_id is None:
            self.fields["lead"] = row_choice("领衔代表", deputies_of(actor), kind=MandateChoice.of(actor))
        self.own_id = own_id
        others = deputies_of(actor).exclude(linked("pk", own_id))
        self.fields["cosigners"] = row_choices("联名代表", others, kind=MandateChoices.of(actor))
        self.order_fields(self.field_order)

    def mandate_ids(self) -> list[int]:
        lead = self.own_id if self.own_id is not None else self.cleaned_data["lead"].pk
        return [lead, *(mandate.pk for mandate in self.cleaned_data["cosigners"])]
