"""Forms of the rota's pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from deputies.models import Mandate
from liaison.web.forms import DayField, ServiceForm, choice, radios, text, whole
from liaison.words.text import read_digits
from stations.enums import DutyState
from stations.models import Participation, Station
from stations.models.rota import UPPER_LEVELS

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


class GapForm(ServiceForm):
    """Who steps in for whom, and why."""

    field_names = {"mandate_id": "mandate", "participation_id": "turn"}

    def __init__(
        self,
        turns: Iterable[Participation],
        people: Iterable[tuple[str, str]],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        replaced = [(str(turn.pk), f"{turn.mandate}（{DutyState(turn.outcome).label}）") for turn in turns]
        self.fields["turn"] = radios("接替谁", [*replaced, ("", "不接替谁，增加一人")], required=False)
        self.fields["mandate"] = radios("由谁值班", people)
        self.fields["reason"] = text("原因", 200, required=True, rows=2, hint="如“因病请假，当天到不了”。")


class ThemeForm(ServiceForm):
    theme = text("主题", 60, hint="如“就业服务”。不填即取消主题。")


class UpperForm(ServiceForm):
    """A deputy of a higher level for a station: the county's own by choice, others by name."""

    field_names = {"station_id": "station"}

    def __init__(
        self, stations: Iterable[Station], mandates: Iterable[Mandate] | None, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        places = [(str(each.pk), f"{each.jurisdiction.short_name}　{each.name}") for each in stations]
        self.fields["station"] = choice("联络站点", places)
        if mandates is None:
            self.fields["name"] = text("代表姓名", 40, required=True)
            levels = [(level.value, f"{level.label}代表") for level in UPPER_LEVELS]
            self.fields["level"] = choice("代表层级", levels)
        else:
            people = [(str(each.pk), str(each)) for each in mandates]
            self.fields["county_mandate_id"] = choice("本级代表", people)
        self.fields["starts_on"] = DayField("从哪一天起", years_ahead=1)


class UpperTurnForm(ServiceForm):
    outcome = radios(
        "参加情况",
        [(s.value, s.label) for s in (DutyState.ATTENDED, DutyState.ON_LEAVE, DutyState.ABSENT)],
    )
    note = text("情况记录", 400, rows=2)


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
