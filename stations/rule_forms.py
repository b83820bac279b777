"""The form of a reception rule, and the coming days it would name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from django import forms

from liaison.calendar import working_calendar
from liaison.errors import InvalidInput
from liaison.forms import DayField, ServiceForm, choice
from liaison.recurrence import (
    LAST,
    FirstWeek,
    Months,
    OnDayOff,
    Planned,
    Rule,
    RuleKind,
    planned_dates,
    rule_from_data,
)
from liaison.recurrence_words import describe
from liaison.text import fold_width
from liaison.workdays import WEEKDAY_NAMES
from stations.models import ReceptionRule

PREVIEW_DAYS = 366
USUAL_HOURS = (time(9), time(11, 30))
_NTHS = (
    ("1", "第一周"),
    ("2", "第二周"),
    ("3", "第三周"),
    ("4", "第四周"),
    ("5", "第五周"),
    (str(LAST), "最后一周"),
)
_NUMBER = re.compile(r"\d+|最后一[日天]")
_DATE = re.compile(r"(\d{4})\D+(\d{1,2})\D+(\d{1,2})日?")


def _many(label: str, choices: Iterable[tuple[str, str]], hint: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=list(choices),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=hint,
    )


def _clock(label: str, *, required: bool = True) -> forms.TimeField:
    errors = {"required": f"请填写{label}。", "invalid": "时间应写成“9:00”这样的格式。"}
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    return forms.TimeField(label=label, required=required, widget=widget, error_messages=errors)


class RuleForm(ServiceForm):
    """Which days, at what time, and what happens on a day off."""

    kind = choice("接待日怎样定", RuleKind.choices())
    weekdays = _many(
        "周几", [(str(n), name) for n, name in enumerate(WEEKDAY_NAMES, start=1)], "按周几定的填写。"
    )
    nths = _many("第几周", _NTHS, "按“每月第几周的周几”定的填写。")
    first_week = choice("第一周怎样算", FirstWeek.choices())
    month_days = forms.CharField(
        label="每月几日",
        required=False,
        max_length=60,
        help_text="按“每月固定日期”定的填写，如“9、19”；月末写“最后一日”。",
    )
    digits = forms.CharField(
        label="集（圩）日尾数",
        required=False,
        max_length=20,
        help_text="按“逢集（圩）日”定的填写，如“3、8”，指每月3、8、13、18、23、28日。",
    )
    dates = forms.CharField(
        label="指定日期", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="按“指定日期”定的填写，每行一个，如“2026-05-12”。",
    )  # fmt: skip
    months = choice("哪些月份", Months.choices())
    opens = _clock("开始时间")
    closes = _clock("结束时间")
    afternoon_opens = _clock("下午开始时间", required=False)
    afternoon_closes = _clock("下午结束时间", required=False)
    on_day_off = choice("遇节假日", OnDayOff.choices())
    keeps_weekends = forms.BooleanField(
        label="周末照常接待",
        required=False,
        help_text="逢集日等周末也接待的，请勾选；法定节假日仍按上一项办理。",
    )
    valid_from = DayField("生效日期")
    valid_until = DayField("截止日期", required=False, help_text="长期有效的不填。")

    field_names = {"opening": "opens", "rule": "kind"}

    def rule(self) -> Rule:
        """The rule as data; ``InvalidInput`` when it could never name a day."""
        data = self.cleaned_data
        return Rule(
            kind=RuleKind(data["kind"]),
            weekdays=tuple(int(each) for each in data["weekdays"]),
            nths=tuple(int(each) for each in data["nths"]),
            first_week=FirstWeek(data["first_week"]),
            month_days=_numbers(data["month_days"]),
            digits=_numbers(data["digits"]),
            dates=_dates(data["dates"]),
            months=Months(data["months"]),
            opening=self._opening(),
            on_day_off=OnDayOff(data["on_day_off"]),
            keeps_weekends=data["keeps_weekends"],
            valid_from=data["valid_from"],
            valid_until=data["valid_until"],
        )

    def _opening(self) -> tuple[Any, ...]:
        data = self.cleaned_data
        second = (data.get("afternoon_opens"), data.get("afternoon_closes"))
        if any(second) and not all(second):
            raise InvalidInput({"afternoon_opens": "下午的起止时间请都填写，或者都不填。"})
        morning = (data["opens"], data["closes"])
        return (morning, second) if all(second) else (morning,)


def _numbers(words: str) -> tuple[int, ...]:
    found = _NUMBER.findall(fold_width(words))
    return tuple(LAST if each.startswith("最后") else int(each) for each in found)


def _dates(words: str) -> tuple[date, ...]:
    """Every date that can be read; a line that names no possible day is an error, not a guess."""
    found = []
    for line in filter(None, (each.strip() for each in fold_width(words).splitlines())):
        match = _DATE.fullmatch(line)
        try:
            found.append(
                date(int(match[1]), int(match[2]), int(match[3])) if match else date.fromisoformat(line)
            )
        except ValueError as error:
            raise InvalidInput({"dates": f"“{line}”不是日期，请写成“2026-05-12”。"}) from error
    return tuple(found)


def initial_of(row: ReceptionRule | None, today: date) -> dict[str, Any]:
    """What the form shows first: the stored rule, or the seed's 每月第一周的周五."""
    rule = (
        rule_from_data(row.rule) if row is not None else Rule(RuleKind.NTH_WEEKDAY, weekdays=(5,), nths=(1,))
    )
    first = rule.opening[0] if rule.opening else USUAL_HOURS
    second = rule.opening[1] if len(rule.opening) > 1 else (None, None)
    return {
        "kind": rule.kind.value,
        "weekdays": [str(each) for each in rule.weekdays],
        "nths": [str(each) for each in rule.nths],
        "first_week": rule.first_week.value,
        "month_days": "、".join("最后一日" if each == LAST else str(each) for each in rule.month_days),
        "digits": "、".join(str(each) for each in rule.digits),
        "dates": "\n".join(each.isoformat() for each in rule.dates),
        "months": rule.months.value,
        "opens": first[0],
        "closes": first[1],
        "afternoon_opens": second[0],
        "afternoon_closes": second[1],
        "on_day_off": rule.on_day_off.value,
        "keeps_weekends": rule.keeps_weekends,
        "valid_from": rule.valid_from or (row.valid_from if row is not None else today),
        "valid_until": rule.valid_until,
    }


@dataclass(frozen=True, slots=True)
class RulePreview:
    """The rule in words and its coming days, each with its derivation."""

    text: str
    days: list[Planned]


def preview(rule: Rule, today: date) -> RulePreview:
    """The next twelve months; years without a notice are estimated and say so."""
    first = max(today, rule.valid_from or today)
    calendar = working_calendar().provisional()
    days = planned_dates(rule, first, first + timedelta(days=PREVIEW_DAYS - 1), calendar)
    return RulePreview(describe(rule), days)
