"""The pieces the forms of this floor are made of; every message is Chinese and says what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, TypeVar

from django import forms
from django.http import HttpRequest

from liaison.errors import InvalidInput, Refused

T = TypeVar("T")
Choices = Iterable[tuple[str, str]]


class DayField(forms.DateField):
    def __init__(self, label: str, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        errors = {"required": f"请填写{label}。", "invalid": f"{label}应写成“2026-06-30”这样的格式。"}
        super().__init__(label=label, widget=widget, error_messages=errors, **kwargs)


class MomentField(forms.DateTimeField):
    def __init__(self, label: str, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
        errors = {"required": f"请填写{label}。", "invalid": f"{label}应写成“2026-01-28 09:30”这样的格式。"}
        formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
        super().__init__(label=label, widget=widget, error_messages=errors, input_formats=formats, **kwargs)


class PointsField(forms.DecimalField):
    """A number of at most two decimals."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        names = ("invalid", "max_digits", "max_decimal_places", "max_whole_digits", "min_value")
        errors = dict.fromkeys(names, f"{label}应为最多两位小数的数字。") | {"required": f"请填写{label}。"}
        widget = forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.01"})
        super().__init__(
            label=label, max_digits=6, decimal_places=2, error_messages=errors, widget=widget, **kwargs
        )


def text(label: str, limit: int, *, required: bool = False, hint: str = "", rows: int = 0) -> forms.CharField:
    errors = {"required": f"请填写{label}。", "max_length": f"{label}最多{limit}个字。"}
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(
        label=label, max_length=limit, required=required, help_text=hint, error_messages=errors, widget=widget
    )


def choice(
    label: str, choices: Choices, *, required: bool = True, blank: str = "请选择"
) -> forms.ChoiceField:
    options = [("", blank), *choices]
    return forms.ChoiceField(
        label=label, choices=options, required=required, error_messages=_choice_errors(label)
    )


def radios(label: str, choices: Choices, **kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=list(choices),
        widget=forms.RadioSelect,
        error_messages=_choice_errors(label),
        **kwargs,
    )


def _choice_errors(label: str) -> dict[str, str]:
    return {"required": f"请选择{label}。", "invalid_choice": f"请重新选择{label}。"}


def whole(label: str, lowest: int, highest: int, **kwargs: Any) -> forms.IntegerField:
    errors = dict.fromkeys(("invalid", "min_value", "max_value"), f"应为{lowest}至{highest}的整数。")
    errors["required"] = f"请填写{label}。"
    widget = forms.NumberInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(
        label=label, min_value=lowest, max_value=highest, error_messages=errors, widget=widget, **kwargs
    )


def sent(request: HttpRequest) -> Any:
    """What a form was sent with, even when it was sent empty; ``None`` on a first look."""
    return request.POST if request.method == "POST" else None


class ServiceForm(forms.Form):
    """A form whose service has the last word: its refusals come back as errors, nothing typed is lost."""

    # Field names of services that differ from the form's own.
    field_names: ClassVar[Mapping[str, str]] = {}

    def submit(self, call: Callable[[], T]) -> T | None:
        """The service's answer, or ``None`` with the errors in place."""
        try:
            return call()
        except InvalidInput as error:
            for name, message in error.fields.items():
                place = self.field_names.get(name, name)
                self.add_error(place if place in self.fields else None, message)
        except Refused as error:
            self.add_error(None, error.message)
        return None
