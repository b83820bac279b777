"""The roster's own form field."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from liaison.words.text import fold_width

_MONTH = re.compile(r"(\d{4})\s*[-.．/年]\s*(\d{1,2})\s*月?")


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
