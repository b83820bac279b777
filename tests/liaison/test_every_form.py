"""What holds for every form of the product: days are bounded, boxes keep their lines and count them once."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django import forms

from liaison.web.forms import DayField, WordsField, text

ROOT = Path(__file__).resolve().parents[2]
APPS = ("liaison", "deputies", "stations", "constituents", "assessments", "reports")
# Boxes of several lines whose content is one line by nature.
ONE_LINE = {
    "dates": "a list of days, read one by one",
    "text": "the calendar's notice, read line by line",
    "items": "a list of equipment, cleaned line by line",
}


def _modules() -> Iterator[str]:
    for app in APPS:
        for found in pkgutil.walk_packages([str(ROOT / app)], f"{app}."):
            if not any(
                part in found.name for part in ("migrations", "embedded", "launcher", "settings", "wsgi")
            ):
                yield found.name


def _forms() -> set[Any]:
    for name in _modules():
        importlib.import_module(name)
    found: set[type[forms.BaseForm]] = set()
    waiting = [forms.BaseForm]
    while waiting:
        for one in waiting.pop().__subclasses__():
            if one not in found:
                found.add(one)
                waiting.append(one)
    return {one for one in found if one.__module__.split(".")[0] in APPS}


def _fields() -> Iterator[tuple[str, forms.Field]]:
    for form in _forms():
        for name, field in form.base_fields.items():
            yield f"{form.__module__}.{form.__name__}.{name}", field


def test_there_are_forms_to_look_at() -> None:
    assert len(_forms()) > 60


def test_every_day_has_bounds() -> None:
    days = {where for where, field in _fields() if isinstance(field, forms.DateField)}
    assert days == {where for where, field in _fields() if isinstance(field, DayField)}


def test_every_box_counts_a_line_break_once() -> None:
    boxes = {where for where, field in _fields() if isinstance(field.widget, forms.Textarea)}
    assert boxes == {where for where, field in _fields() if isinstance(field, WordsField) and where in boxes}


def _boxes(tree: ast.AST) -> Iterator[str]:
    """Names of the fields made by ``text(…, rows=…)``; ``measure_{…}`` stands for measure."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)):
            continue
        made = node.value
        if ast.unparse(made.func) == "text" and any(word.arg == "rows" for word in made.keywords):
            target = node.targets[0]
            if isinstance(target, ast.Name):
                yield target.id
            elif isinstance(target, ast.Subscript):
                yield ast.unparse(target.slice).strip("f'\"").partition("_{")[0]


def _flattened(tree: ast.AST, names: set[str]) -> Iterator[str]:
    """Calls that put what came from such a box on one line."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        if node.func.id not in ("clean_line", "fitted_line"):
            continue
        for argument in node.args:
            said = ast.unparse(argument)
            if said.rpartition(".")[2] in names:
                yield f"{node.lineno}: {ast.unparse(node)}"


def _sources(part: str = "") -> Iterator[tuple[str, ast.Module]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if part in name and "/migrations/" not in name:
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def test_no_service_puts_the_lines_of_a_box_on_one() -> None:
    """A petition in three paragraphs was kept as one run of words wherever a service cleaned a "line"."""
    names = {name for _, tree in _sources() for name in _boxes(tree)}
    assert {"reason", "note", "on_spot_answer", "proposal", "measure", "ruling"} <= names
    assert set(ONE_LINE) <= names, "stale exemptions"
    kept = names - set(ONE_LINE)
    found = {name: list(_flattened(tree, kept)) for name, tree in _sources("/services/")}
    assert {name: lines for name, lines in found.items() if lines} == ALLOWED


# The trail and a public notice hold one line; the record beside them keeps the paragraphs.
ALLOWED: dict[str, list[str]] = {}


class Box(forms.Form):
    words = text("内容", 2000, rows=5)
    day = DayField("日期", years_back=1, years_ahead=0)


def test_two_thousand_typed_are_two_thousand_taken() -> None:
    typed = "\r\n".join(["一二三四五六七八九"] * 200) + "\r\n十"
    assert len(typed.replace("\r\n", "\n")) == 2001
    assert Box({"words": typed}).errors["words"] == ["内容最多2000个字。"]
    form = Box({"words": typed[:-1], "day": ""})
    form.is_valid()
    assert "words" not in form.errors
    assert form.cleaned_data["words"] == "\n".join(["一二三四五六七八九"] * 200)


@pytest.mark.parametrize("typed", ["0026-11-20", "9999-12-31"])
def test_a_mistyped_year_is_answered_with_its_cure(typed: str) -> None:
    assert Box({"day": typed}).errors["day"] == ["年份请写四位数，如2026。"]


def test_the_box_of_a_day_shows_its_bounds_and_its_value_as_the_browser_reads_them() -> None:
    from datetime import date

    shown = str(Box(initial={"day": date(2026, 3, 6)})["day"])
    assert 'value="2026-03-06"' in shown
    assert 'type="date"' in shown
    assert 'min="' in shown
    assert 'max="' in shown
