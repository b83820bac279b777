"""Forms of the rota's pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet

from deputies.access import visible_mandates
from deputies.choices import MandateChoice
from deputies.models import Mandate
from deputies.selectors import DeputyNames
from liaison.tenancy.scope import Actor
from liaison.web.edit_forms import RowForm, row_choice
from liaison.web.forms import DayField, ServiceForm, choice, radios, text, whole
from liaison.web.generic import ModelChoiceField
from liaison.web.row_choices import RowButtons, WordedButtons
from liaison.words.text import read_digits
from stations.enums import DutyState
from stations.models import Participation, ReceptionDay, Station, UpperTurn
from stations.models.rota import UPPER_LEVELS
from stations.services import register_upper_turn, set_theme

RULES, COPY = "rules", "copy"


class RotaForm(ServiceForm):
    """For which period, and by which parameters; or the present turns as a draft."""

    how = radios(
        "怎样排",
        (
            (RULES, "按规则重新排：已过去、已登记、已公布、手工指定和已调换的不动"),
            (COPY, "保持现在的安排，只作个别调整"),
        ),
        initial=RULES,
    )
    starts_on = DayField("开始日期", years_ahead=3)
    ends_on = DayField("结束日期", years_ahead=5)
    seats = choice("每次值班人数", (("1", "1人"), ("2", "2人")))
    minimum = whole("每人每年最少次数", 0, 12, help_text="达不到时照样排，并说明差多少。")
    seed = whole(
        "抽签号",
        0,
        10**9,
        required=False,
        help_text="条件相同的代表由抽签决定先后。不填由系统按年份和版次取号；同样的情况、同样的号，结果相同。",
    )


class ReplacedButtons(RowButtons):
    """The turns of one day: whose, and what is known of them; deputies of one name are told apart."""

    def __init__(self, actor: Actor, label: str, rows: QuerySet[Participation], **kwargs: Any) -> None:
        self.names = DeputyNames(actor)
        super().__init__(label, rows, **kwargs)

    def label_from_instance(self, obj: Participation) -> str:
        return f"{self.names.of(obj.mandate)}（{DutyState(obj.outcome).label}）"


class GapForm(ServiceForm):
    """Who steps in for whom, and why."""

    field_names = {"mandate_id": "mandate", "participation_id": "turn"}

    def __init__(
        self,
        actor: Actor,
        turns: QuerySet[Participation],
        people: Mapping[int, str],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["turn"] = ReplacedButtons(actor, "接替谁", turns, blank="不接替谁，增加一人")
        self.fields["mandate"] = WordedButtons("由谁值班", visible_mandates(actor), people)
        self.fields["reason"] = text("原因", 200, required=True, rows=2, hint="如“因病请假，当天到不了”。")


class ThemeForm(RowForm):
    class Meta(RowForm.Meta):
        model = ReceptionDay
        fields = ("theme",)
        help_texts: ClassVar = {"theme": "如“就业服务”。不填即取消主题。"}

    def write(self, *, actor: Actor, now: datetime) -> ReceptionDay:
        return set_theme(actor=actor, day_id=self.row.pk, theme=self.cleaned_data["theme"])


class StationChoice(ModelChoiceField):
    """A station with the place it belongs to."""

    def label_from_instance(self, obj: Station) -> str:
        return f"{obj.jurisdiction.short_name}　{obj.name}"


class UpperForm(ServiceForm):
    """A deputy of a higher level for a station: the county's own by choice, others by name."""

    field_names = {"station_id": "station"}

    def __init__(
        self,
        actor: Actor,
        stations: QuerySet[Station],
        mandates: QuerySet[Mandate] | None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["station"] = row_choice("联络站点", stations, kind=StationChoice)
        if mandates is None:
            self.fields["name"] = text("代表姓名", 40, required=True)
            levels = [(level, f"{level.label}代表") for level in UPPER_LEVELS]
            self.fields["level"] = choice("代表层级", levels)
        else:
            self.fields["county_mandate_id"] = row_choice("本级代表", mandates, kind=MandateChoice.of(actor))
        self.fields["starts_on"] = DayField("从哪一天起", years_ahead=1)


class UpperTurnForm(RowForm):
    outcome = radios(
        "参加情况",
        [(s, s.label) for s in (DutyState.ATTENDED, DutyState.ON_LEAVE, DutyState.ABSENT)],
    )

    note = text("情况记录", UpperTurn._meta.get_field("note").max_length or 0, rows=2)

    class Meta(RowForm.Meta):
        model = UpperTurn
        fields = ("note",)

    def stored(self, row: UpperTurn) -> dict[str, Any]:
        return super().stored(row) | {"outcome": row.outcome}

    def write(self, *, actor: Actor, now: datetime) -> UpperTurn:
        return register_upper_turn(actor=actor, turn_id=self.row.pk, now=now, **self.values())


class SeatForm(forms.Form):
    """What a page or a drop says about one change: hidden fields, checked by the service."""

    day = forms.IntegerField()
    holder = forms.CharField(max_length=20, required=False)
    kind = forms.CharField(max_length=10, required=False)
    key = forms.CharField(max_length=20, required=False)
    other_day = forms.IntegerField(required=False)
    other_holder = forms.CharField(max_length=20, required=False)
    # The pick list's button names both at once: "<day>:<holder>".
    other = forms.CharField(max_length=40, required=False)
    is_confirmed = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        asked, _, holder = str(data.get("other", "")).partition(":")
        day = read_digits(asked)
        if day is not None and holder:
            data["other_day"], data["other_holder"] = day, holder
        return data
