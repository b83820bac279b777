"""The base of every form: the service's words come back at the fields, and there is one such base."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django import forms
from django.conf import settings

from liaison.web.forms import DayField, KeyedForm, ServiceForm, choice, text, whole
from liaison.words.errors import InvalidInput, Refused

ROOT = Path(__file__).resolve().parents[2]


class LeaveForm(ServiceForm):
    field_names: ClassVar[dict[str, str]] = {"starts_on": "day"}

    day = DayField("开始日期")
    reason = text("事由", 4)
    kind = choice("类别", [("a", "甲")], required=False)
    count = whole("人数", 1, 9, required=False)


class PatientForm(LeaveForm):
    shows_refusals = True


def raising(error: Exception) -> Any:
    def call() -> None:
        raise error

    return call


def sent(form: type[LeaveForm] = LeaveForm, **changes: str) -> LeaveForm:
    filled = form({"day": "2026-03-06", "reason": "有事", **changes})
    filled.is_valid()
    return filled


def test_what_the_service_answers_is_handed_on() -> None:
    form = sent()
    assert form.submit(lambda: 7) == 7
    assert form.errors == {}


def test_each_message_stands_at_its_field_and_strays_above() -> None:
    form = sent()
    assert (
        form.submit(raising(InvalidInput({"starts_on": "太早。", "reason": "太短。", "x": "别的。"}))) is None
    )
    assert form.errors == {"day": ["太早。"], "reason": ["太短。"], "__all__": ["别的。"]}
    assert form.data["reason"] == "有事"


def test_a_refusal_is_a_page_unless_the_form_shows_it() -> None:
    with pytest.raises(Refused):
        sent().submit(raising(Refused("已经办结。")))
    patient = sent(PatientForm)
    assert patient.submit(raising(Refused("已经办结。"))) is None
    assert patient.errors == {"__all__": ["已经办结。"]}


def test_messages_name_the_field_and_say_what_to_do() -> None:
    errors = sent(day="3月", reason="一二三四五", kind="b", count="0").errors
    assert errors == {
        "day": ["开始日期应写成“2026-03-06”这样的格式。"],
        "reason": ["事由最多4个字。"],
        "kind": ["请重新选择类别。"],
        "count": ["应为1至9的整数。"],
    }
    assert sent(day="").errors == {"day": ["请填写开始日期。"]}


def test_two_forms_carry_two_keys() -> None:
    keys = {KeyedForm()["idempotency_key"].value() for _ in range(2)}
    assert len(keys) == 2
    assert all(len(key) == 32 for key in keys)


def test_there_is_one_base() -> None:
    """A second one would drift: three once did, and differed in what they did with a refusal."""
    apps = ("liaison", "deputies", "stations", "constituents", "assessments", "reports")
    bases = [
        (path.parent.name, node.name)
        for app in apps
        for path in (ROOT / app).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        and any(isinstance(part, ast.FunctionDef) and part.name == "submit" for part in node.body)
    ]
    assert sorted(bases) == [("web", "EditForm"), ("web", "ServiceForm")]


def _forms_of(base: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    for form in base.__subclasses__():
        yield form
        yield from _forms_of(form)


def test_every_file_box_names_what_it_takes_and_never_every_sort_of_picture() -> None:
    """``image/*`` makes an iPhone hand over its own format, which nobody can open."""
    import_module(settings.ROOT_URLCONF)
    asked = {
        f"{form.__qualname__}.{name}": field.widget.attrs.get("accept", "")
        for form in _forms_of(forms.BaseForm)
        if form.__module__.partition(".")[0] not in ("django", "tests")
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, forms.FileField)
    }
    assert len(asked) >= 8
    assert {name for name, accept in asked.items() if not accept or "image/*" in accept} == set()
    pictures = {accept for accept in asked.values() if "image" in accept}
    assert pictures == {"image/jpeg,image/png", "application/pdf,image/jpeg,image/png"}
