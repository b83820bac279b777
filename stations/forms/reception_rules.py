"""The form of a reception rule, and what it would make of the station's coming days."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from liaison.calendar.recurrence import (
    LAST,
    THEME_LENGTH,
    FirstWeek,
    Months,
    OnDayOff,
    Rule,
    RuleKind,
    ThemeOn,
    rule_from_data,
)
from liaison.calendar.recurrence_words import FirstWeekExample, describe, first_week_examples
from liaison.calendar.workdays import WEEKDAY_NAMES
from liaison.tenancy.scope import Actor
from liaison.web.edit_forms import EditForm
from liaison.web.forms import DayField, choice, offer, radios, text
from liaison.words.errors import InvalidInput
from liaison.words.text import clean_line, fold_width
from stations.models import ReceptionRule, Station
from stations.selectors.work_plans import (
    PlanPreview,
    coming_period,
    imagined,
    is_used,
    preview_plan,
    rules_of,
    rules_with,
)
from stations.services.reception_rules import end_reception_rule, save_reception_rule, succeeds

ON_DAY_OFF = (
    (OnDayOff.POSTPONE.value, "顺延到下一个工作日（调休上班的周末也算工作日）"),
    (OnDayOff.SKIP.value, "取消这一次"),
    (OnDayOff.KEEP.value, "照常接待"),
)
# Which kinds of rule a field belongs to; the page shows only those of the kind chosen.
FOR_KINDS = {
    "weekdays": "nth_weekday weekly",
    "nths": "nth_weekday",
    "first_week": "nth_weekday",
    "month_days": "month_days",
    "digits": "market_days",
    "dates": "dates",
    "months": "nth_weekday month_days weekly market_days",
}
PARTS = (
    (
        "哪些日子",
        ("kind", "weekdays", "nths", "first_week", "month_days", "digits", "dates", "months"),
    ),
    ("几点到几点", ("opens", "closes", "afternoon_opens", "afternoon_closes")),
    ("遇到节假日", ("on_day_off", "keeps_weekends")),
    ("主题接待日", ("theme", "theme_on")),
    ("从哪天到哪天", ("valid_from", "valid_until")),
)
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


class EndForm(EditForm):
    """The last day of a rule."""

    ends_on = DayField("最后有效的一天", help_text="这一天以后，本规则不再安排接待日。")

    def stored(self, row: ReceptionRule) -> dict[str, Any]:
        return {"ends_on": row.valid_until}

    def write(self, *, actor: Actor, now: datetime) -> ReceptionRule:
        ends_on = self.cleaned_data["ends_on"]
        return end_reception_rule(actor=actor, rule_id=self.row.pk, ends_on=ends_on)


class RuleForm(EditForm):
    """Which days, at what time, and what happens on a day off."""

    kind = radios("接待日怎样定", RuleKind.choices())
    weekdays = _many(
        "周几", [(str(n), name) for n, name in enumerate(WEEKDAY_NAMES, start=1)], "按周几定的填写。"
    )
    nths = _many("第几周", _NTHS, "按“每月第几周的周几”定的填写。")
    first_week = radios("第一周怎样算", FirstWeek.choices(), required=False)
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
    dates = text("指定日期", 2000, rows=4, hint="按“指定日期”定的填写，每行一个，如“2026-05-12”。")
    months = radios("哪些月份", Months.choices(), required=False)
    opens = _clock("开始时间")
    closes = _clock("结束时间")
    afternoon_opens = _clock("第二段开始时间", required=False)
    afternoon_closes = _clock("第二段结束时间", required=False)
    on_day_off = radios("遇节假日", ON_DAY_OFF)
    keeps_weekends = forms.BooleanField(
        label="周末照常接待",
        required=False,
        help_text="逢集日等周末也接待的，请勾选；法定节假日仍按上一项办理。",
    )
    theme = text("主题", THEME_LENGTH, hint="设主题接待日的填写，如“助企惠民”；不设的不填。")
    theme_on = choice("哪几次是主题接待日", ThemeOn.choices(), required=False, blank="不设")
    valid_from = DayField("生效日期", years_ahead=5)
    valid_until = DayField("截止日期", required=False, help_text="长期有效的不填。")

    field_names = {"opening": "opens", "rule": "kind"}

    def __init__(
        self, actor: Actor, station: Station, row: ReceptionRule | None, today: date, *args: Any
    ) -> None:
        self.station, self.today = station, today
        super().__init__(actor, row, *args, initial=initial_of(None, today))
        offer(self, "first_week", _first_week_choices(today))

    def stored(self, row: ReceptionRule) -> dict[str, Any]:
        return initial_of(row, self.today, is_used=is_used(self.actor, row.pk))

    def write(self, *, actor: Actor, now: datetime) -> ReceptionRule:
        return save_reception_rule(
            actor=actor,
            station_id=self.station.pk,
            rule=self.rule(),
            rule_id=self.row.pk if self.row is not None else None,
            now=now,
        )

    @property
    def parts(self) -> list[tuple[str, list[tuple[str, BoundField]]]]:
        """The fields by heading, each with the kinds of rule it belongs to (empty for all)."""
        return [(title, [(FOR_KINDS.get(name, ""), self[name]) for name in names]) for title, names in PARTS]

    def rule(self) -> Rule:
        """The rule as data; ``InvalidInput`` when it could never name a day."""
        data = self.cleaned_data
        return Rule(
            kind=RuleKind(data["kind"]),
            weekdays=tuple(int(each) for each in data["weekdays"]),
            nths=tuple(int(each) for each in data["nths"]),
            first_week=FirstWeek(data["first_week"] or FirstWeek.FIRST_WEEKDAY),
            month_days=_numbers(data["month_days"]),
            digits=_numbers(data["digits"]),
            dates=_dates(data["dates"]),
            months=Months(data["months"] or Months.EVERY),
            opening=self._opening(),
            on_day_off=OnDayOff(data["on_day_off"]),
            keeps_weekends=data["keeps_weekends"],
            valid_from=data["valid_from"],
            valid_until=data["valid_until"],
            theme=clean_line(data["theme"]) if data["theme_on"] else "",
            theme_on=ThemeOn(data["theme_on"] or ThemeOn.QUARTER),
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("theme")) != bool(data.get("theme_on")):
            self.add_error("theme", "设主题接待日的，主题和哪几次都要填写；不设的，都不填。")
        return data

    def _opening(self) -> tuple[Any, ...]:
        data = self.cleaned_data
        second = (data.get("afternoon_opens"), data.get("afternoon_closes"))
        if any(second) and not all(second):
            raise InvalidInput({"afternoon_opens": "第二段接待的起止时间请都填写，或者都不填。"})
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


def initial_of(row: ReceptionRule | None, today: date, *, is_used: bool = False) -> dict[str, Any]:
    """What the form shows first: the stored rule, or the seed's 每月第一周的周五.

    A rule by which days were held is changed from today on: what was held keeps its reason.
    """
    rule = (
        rule_from_data(row.rule) if row is not None else Rule(RuleKind.NTH_WEEKDAY, weekdays=(5,), nths=(1,))
    )
    first = rule.opening[0] if rule.opening else USUAL_HOURS
    second = rule.opening[1] if len(rule.opening) > 1 else (None, None)
    begins = rule.valid_from or (row.valid_from if row is not None else today)
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
        "theme": rule.theme,
        "theme_on": rule.theme_on.value if rule.theme else "",
        "valid_from": max(begins, today) if is_used else begins,
        "valid_until": rule.valid_until,
    }


def _first_week_choices(today: date) -> list[tuple[str, str]]:
    """Each meaning with the Fridays it would name next: dates say more than definitions."""
    usual = Rule(RuleKind.NTH_WEEKDAY, weekdays=(5,), nths=(1,))
    found = []
    for each in first_week_examples(usual, today):
        dates = "、".join(f"{day.month}月{day.day}日" for day in each.dates)
        found.append((each.definition.value, f"{each.definition.label}（如周五：{dates}）"))
    return found


@dataclass(frozen=True, slots=True)
class RulePreview:
    """The rule in words, what its 第一周 means beside the other meanings, and the plan it would make."""

    text: str
    first_week: list[FirstWeekExample]
    plan: PlanPreview
    closes_former: date | None = None


def preview(
    actor: Actor, station: Station, rule: Rule, row: ReceptionRule | None, today: date
) -> RulePreview:
    """The next twelve months with ``rule`` laid down in the place of ``row``; nothing is written.

    Years without a notice are estimated and say so. ``closes_former``: the last day of the rule replaced,
    where days were already held by it.
    """
    if not rule.opening:
        raise InvalidInput({"opening": "请填写接待的起止时间。"})
    followed = row is not None and succeeds(actor, row, rule) and (rule.valid_from or today) > row.valid_from
    new = imagined(rule, today, None if row is None or followed else row.pk)
    known = rules_with(rules_of(actor, station), new, row.pk if row else None, succeeds=followed)
    start, end = coming_period(actor, station, today)
    return RulePreview(
        describe(rule),
        first_week_examples(rule, max(today, rule.valid_from or today)),
        preview_plan(actor, station, known, start, end),
        new.valid_from - timedelta(days=1) if followed else None,
    )


def preview_end(
    actor: Actor, station: Station, row: ReceptionRule, ends_on: date, today: date
) -> PlanPreview:
    """What is left of the plan when ``row`` holds for the last time on ``ends_on``."""
    rules = [
        replace(each, valid_until=ends_on) if each.id == row.pk else each for each in rules_of(actor, station)
    ]
    return preview_plan(actor, station, rules, *coming_period(actor, station, today))
