"""Fields and the base of the roster's forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError

from liaison.errors import InvalidInput
from liaison.text import fold_width

T = TypeVar("T")
_MONTH = re.compile(r"(\d{4})\s*[-.．/年]\s*(\d{1,2})\s*月?")


class DayField(forms.DateField):
    """A day; ``today`` offers itself where that is the usual answer."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(label=label, widget=widget, error_messages=_DAY_ERRORS, **kwargs)


_DAY_ERRORS = {"required": "请填写日期。", "invalid": "日期应写成“2021-04-20”这样的格式。"}


class MonthField(forms.Field):
    """A month of birth as the first of it; takes 1970-03, 1970.03 and 1970年3月."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric", "placeholder": "如1970.03"})
        super().__init__(label=label, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%Y.%m}" if isinstance(value, date) else value

    def to_python(self, value: Any) -> date | None:
        if not value:
            return None
        found = _MONTH.fullmatch(fold_width(str(value)).strip())
        try:
            return date(int(found[1]), int(found[2]), 1) if found else self._fail()
        except ValueError:
            return self._fail()

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial) != data)

    def _fail(self) -> date:
        raise ValidationError("出生年月应写成“1970.03”或“1970年3月”，请核对。")


def choice_field(label: str, choices: Iterable[tuple[str, str]], **kwargs: Any) -> forms.ChoiceField:
    errors = {"required": f"请选择{label}。", "invalid_choice": f"请重新选择{label}。"}
    return forms.ChoiceField(label=label, choices=[("", "请选择"), *choices], error_messages=errors, **kwargs)


def text_field(label: str, limit: int, *, required: bool = False, hint: str = "") -> forms.CharField:
    errors = {"required": f"请填写{label}。", "max_length": f"{label}最多{limit}个字。"}
    return forms.CharField(
        label=label, max_length=limit, required=required, help_text=hint, error_messages=errors
    )


def whole_field(label: str, lowest: int, highest: int, **kwargs: Any) -> forms.IntegerField:
    errors = dict.fromkeys(("invalid", "min_value", "max_value"), f"应为{lowest}至{highest}的整数。")
    errors["required"] = f"请填写{label}。"
    return forms.IntegerField(
        label=label, min_value=lowest, max_value=highest, error_messages=errors, **kwargs
    )


class ServiceForm(forms.Form):
    """A form whose service has the last word: its ``InvalidInput`` comes back as errors at the fields."""

    # Field names of services that differ from the form's own.
    field_names: dict[str, str] = {}

    def submit(self, call: Callable[[], T]) -> T | None:
        """The service's answer, or ``None`` with the errors in place and nothing written."""
        try:
            return call()
        except InvalidInput as error:
            self.take_errors(error)
            return None

    def take_errors(self, error: InvalidInput) -> None:
        for name, message in error.fields.items():
            place = self.field_names.get(name, name)
            self.add_error(place if place in self.fields else None, message)
