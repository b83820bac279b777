"""The pieces the forms of this floor are made of; every message is Chinese and says what to do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest

from liaison.calendar.days import year_fault
from liaison.web.forms import ServiceForm


class MomentField(forms.DateTimeField):
    def __init__(self, label: str, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
        errors = {"required": f"请填写{label}。", "invalid": f"{label}应写成“2026-01-28 09:30”这样的格式。"}
        formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
        super().__init__(label=label, widget=widget, error_messages=errors, input_formats=formats, **kwargs)

    def validate(self, value: datetime | None) -> None:
        super().validate(value)
        if value is not None and (fault := year_fault(value.date())):
            raise forms.ValidationError(fault)


class PointsField(forms.DecimalField):
    """A number of at most two decimals."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        names = ("invalid", "max_digits", "max_decimal_places", "max_whole_digits", "min_value")
        errors = dict.fromkeys(names, f"{label}应为最多两位小数的数字。") | {"required": f"请填写{label}。"}
        widget = forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.01"})
        super().__init__(
            label=label, max_digits=6, decimal_places=2, error_messages=errors, widget=widget, **kwargs
        )


def sent(request: HttpRequest) -> Any:
    """What a form was sent with, even when it was sent empty; ``None`` on a first look."""
    return request.POST if request.method == "POST" else None


class CycleForm(ServiceForm):
    """The base of this floor's forms: a step the cycle does not allow is said where it was tried."""

    shows_refusals = True
