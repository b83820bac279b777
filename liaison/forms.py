"""Forms of signing in and of the own account."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from liaison.accounts import clean_username
from liaison.errors import InvalidInput
from liaison.models import Account
from liaison.text import fold_width


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
