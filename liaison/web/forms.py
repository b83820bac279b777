"""What the forms of every floor are made of, and the forms of signing in and of the own account.

Every message is Chinese and says what to do; errors of shape and of sense both stand at the field.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, ClassVar, TypeVar

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from liaison.calendar.days import EARLIEST, LATEST, YEARS_BACK, bounds, is_long_ago, span_fault
from liaison.identity.accounts import clean_username
from liaison.models import Account
from liaison.tenancy.scope import require_actor
from liaison.tenancy.submissions import claim_key
from liaison.words.errors import InvalidInput, Refused
from liaison.words.text import fold_width, one_break

T = TypeVar("T")
Choices = Iterable[tuple[str, str]]


class DayField(forms.DateField):
    """A day between ``earliest`` and ``latest``, narrowed by whole years back from and ahead of today.

    ``years_ahead=0`` takes no day after today, ``years_back=0`` none before it. The bounds stand on the box
    (``min``, ``max``), and the value is written as the browser's date box reads it (ISO).
    """

    def __init__(
        self,
        label: str,
        *,
        earliest: date = EARLIEST,
        latest: date = LATEST,
        years_back: int | None = None,
        years_ahead: int | None = None,
        **kwargs: Any,
    ) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        errors = {"required": f"请填写{label}。", "invalid": f"{label}应写成“2026-03-06”这样的格式。"}
        self.limits: dict[str, Any] = {
            "earliest": earliest,
            "latest": latest,
            "years_back": years_back,
            "years_ahead": years_ahead,
        }
        super().__init__(label=label, widget=widget, error_messages=errors, **kwargs)

    def validate(self, value: date | None) -> None:
        super().validate(value)
        today = timezone.localdate()
        if value is not None and (fault := span_fault(value, today, label=str(self.label), **self.limits)):
            raise ValidationError(fault)

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        first, last = bounds(timezone.localdate(), **self.limits)
        self.widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}
        return super().get_bound_field(form, field_name)


class WordsField(forms.CharField):
    """Words of several lines: a line break counts as the one character a person sees."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(one_break(value) if isinstance(value, str) else value)


def picture(label: str = "照片", *, required: bool = False, hint: str = "") -> forms.FileField:
    """One picture. The named types make an iPhone hand over a JPEG instead of its own format."""
    return forms.FileField(
        label=label,
        required=required,
        help_text=hint,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png"}),
        error_messages={"required": f"请选择{label}。", "empty": "选择的文件是空的，请重新选择。"},
    )


def text(label: str, limit: int, *, required: bool = False, hint: str = "", rows: int = 0) -> forms.CharField:
    """One line, or a box of ``rows`` lines; at most ``limit`` characters."""
    errors = {"required": f"请填写{label}。", "max_length": f"{label}最多{limit}个字。"}
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    return WordsField(
        label=label, max_length=limit, required=required, help_text=hint, error_messages=errors, widget=widget
    )


def choice(
    label: str, choices: Choices, *, blank: str = "请选择", hint: str = "", **kwargs: Any
) -> forms.ChoiceField:
    """A list to open whose first line, ``blank``, chooses nothing."""
    options, errors = [("", blank), *choices], _choice_errors(label)
    return forms.ChoiceField(
        label=label, choices=options, help_text=kwargs.pop("help_text", hint), error_messages=errors, **kwargs
    )


def offer(form: forms.BaseForm, name: str, choices: Choices) -> None:
    """What may be chosen in the field ``name``, once the form knows for whom it is."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{name} is no list")
    field.choices = list(choices)


def offer_rows(form: forms.BaseForm, name: str, rows: QuerySet[Any]) -> None:
    """The same for a field whose choices are rows."""
    field = form.fields[name]
    if not isinstance(field, forms.ModelChoiceField):
        raise TypeError(f"{name} does not choose rows")
    field.queryset = rows


def radios(label: str, choices: Choices, **kwargs: Any) -> forms.ChoiceField:
    errors = _choice_errors(label)
    return forms.ChoiceField(
        label=label, choices=list(choices), widget=forms.RadioSelect, error_messages=errors, **kwargs
    )


def _choice_errors(label: str) -> dict[str, str]:
    return {"required": f"请选择{label}。", "invalid_choice": f"请重新选择{label}。"}


def whole(label: str, lowest: int, highest: int, **kwargs: Any) -> forms.IntegerField:
    """A whole number from ``lowest`` to ``highest``."""
    errors = dict.fromkeys(("invalid", "min_value", "max_value"), f"应为{lowest}至{highest}的整数。")
    errors["required"] = f"请填写{label}。"
    widget = forms.NumberInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(
        label=label, min_value=lowest, max_value=highest, error_messages=errors, widget=widget, **kwargs
    )


def new_key() -> str:
    """Carried by a form, so that sending it twice writes one row."""
    return secrets.token_hex(16)


class ServiceForm(forms.Form):
    """A form whose service has the last word: what it says of the input comes back at the fields."""

    # Field names of services that differ from the form's own.
    field_names: ClassVar[Mapping[str, str]] = {}
    # Whether a refusal (wrong state) is shown on the form as well, or answered with a page of its own (409).
    shows_refusals: ClassVar[bool] = False

    def submit(self, call: Callable[[], T]) -> T | None:
        """The service's answer, or ``None`` with the errors in place and nothing typed lost.

        Undoing what was written before an error is the caller's: it holds the transaction. Other words under
        a key that stands for a row already are refused.
        """
        try:
            answer = call()
            self._claim_key()
            return answer
        except InvalidInput as error:
            self.take_errors(error)
        except Refused as error:
            if not self.shows_refusals:
                raise
            self.add_error(None, error.message)
        return None

    def _claim_key(self) -> None:
        if self.errors:
            return
        words = dict(self.cleaned_data)
        if key := words.pop("idempotency_key", ""):
            claim_key(require_actor(), key, words)

    def take_errors(self, error: InvalidInput) -> None:
        """Put each message at its field; what concerns no field of this form stands above it."""
        for name, message in error.fields.items():
            place = self.field_names.get(name, name)
            self.add_error(place if place in self.fields else None, message)


class OldDayForm(ServiceForm):
    """Asks once more when the day ``old_day`` lies years back: a box appears with the error, to be ticked.

    A wrong century is a slip of one key; what was really brought five years ago is rare but true.
    """

    old_day: ClassVar[str]
    is_old_day_meant = "is_old_day_meant"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = self._typed_day() if self.is_bound else None
        if day is not None and is_long_ago(day, timezone.localdate()):
            label = self.fields[self.old_day].label
            self.fields[self.is_old_day_meant] = forms.BooleanField(
                label=f"{label}无误，确实是{YEARS_BACK}年以前",
                error_messages={
                    "required": f"{label}距今已超过{YEARS_BACK}年，请核对年份；确实无误的，请勾选。"
                },
            )

    def _typed_day(self) -> date | None:
        field = self.fields[self.old_day]
        try:
            typed: date | None = field.clean(
                field.widget.value_from_datadict(self.data, {}, self.add_prefix(self.old_day))
            )
        except ValidationError:
            return None
        return typed


class KeyedForm(ServiceForm):
    """Carries the key that makes a double submit one row."""

    idempotency_key = forms.CharField(widget=forms.HiddenInput, max_length=40, initial=new_key)


class SignInForm(forms.Form):
    username = forms.CharField(
        label="账号",
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
        ),
    )
    password = forms.CharField(
        label="密码",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean_username(self) -> str:
        """Folded as it was when the account was opened, so lockout counts one account as one."""
        try:
            return clean_username(self.cleaned_data["username"])
        except InvalidInput:
            raise ValidationError("请填写账号，账号不含空格。") from None


def _new_password(label: str, hint: str = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(label=label, strip=False, max_length=200, widget=widget, help_text=hint)


def _old_password(label: str) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
    return forms.CharField(label=label, strip=False, max_length=200, widget=widget)


# Django's catalogue has not all of these in Chinese.
_PASSWORD_FAULTS = {
    "password_too_short": "密码太短，至少{min_length}个字符。",
    "password_too_similar": "密码与您的账号或姓名太相似，请换一个。",
    "password_too_common": "这个密码太常见，容易被猜中，请换一个。",
    "password_entirely_numeric": "密码不能全是数字。",
}


def _in_chinese(error: ValidationError) -> str:
    text = _PASSWORD_FAULTS.get(error.code or "", "密码不符合要求，请换一个。")
    return text.format(**(error.params or {}))


class PasswordChangeForm(forms.Form):
    old_password = _old_password("原密码")
    new_password = _new_password("新密码", "至少12个字符，不能全是数字，不要用姓名或常见密码。")
    repeated = _new_password("再次输入新密码")

    def __init__(self, request: HttpRequest, account: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.account = account

    def clean_old_password(self) -> str:
        """Checked as a sign-in is, so guessing here locks the account as guessing there does."""
        old: str = self.cleaned_data["old_password"]
        if authenticate(self.request, username=self.account.username, password=old) is None:
            raise ValidationError("原密码不正确，请重新输入。")
        return old

    def clean_new_password(self) -> str:
        new: str = self.cleaned_data["new_password"]
        try:
            validate_password(new, self.account)
        except ValidationError as error:
            raise ValidationError([_in_chinese(each) for each in error.error_list]) from error
        return new

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        new = data.get("new_password")
        if new and data.get("repeated") and new != data["repeated"]:
            self.add_error("repeated", "两次输入的新密码不一致。")
        if new and new == data.get("old_password"):
            self.add_error("new_password", "新密码不能与原密码相同。")
        return data


class ReauthenticateForm(forms.Form):
    password = _old_password("密码")


class TokenForm(forms.Form):
    """Six digits of the authenticator, or one of the printed recovery codes."""

    token = forms.CharField(
        label="动态验证码",
        max_length=16,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
    )

    def clean_token(self) -> str:
        return fold_width(self.cleaned_data["token"]).replace(" ", "").replace("-", "").lower()
