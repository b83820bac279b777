"""Every audited operation has a Chinese name, and every name an operation: found by walking the code."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from constituents.actions.opinions import OPINION_ACTIONS
from constituents.actions.suggestions import SUGGESTION_ACTIONS
from constituents.services.handling import DECISIONS as OPINION_DECISIONS
from constituents.services.handling import EXITS
from constituents.services.reveal import REVEALING
from constituents.services.suggestion_decisions import DECISIONS as SUGGESTION_DECISIONS
from deputies.enums import MandateEvent
from liaison.auditing.operation_names import OPERATION_NAMES
from tests.liaison.ui_files import ROOT

FLOORS = ("liaison", "deputies", "stations", "constituents", "assessments", "reports")
SQL_VERBS = {"insert", "update", "delete"}
# Names put together or chosen at run time, each with the place that makes them.
MADE = {
    *(f"{event.value}_mandate" for event in MandateEvent),
    *(f"{event.value}_opinion" for event in {*EXITS, *OPINION_DECISIONS}),
    *(f"{event.value}_suggestion" for event in SUGGESTION_DECISIONS),
    "sign_in_locked",
    "sign_in_refused",
    *REVEALING,
}
BUTTONS = yaml.safe_load((ROOT / "tests" / "liaison" / "operation_buttons.yaml").read_text(encoding="utf-8"))
# What runs each action of a case whose service is not one of the presidium's decisions.
CASE_OPERATIONS = {
    "answer": "answer_on_spot",
    "not-accept": "not_accept_opinion",
    "quality": "set_suggestion_quality",
}
_NAME = re.compile(r"[a-z]+(_[a-z0-9]+)*")


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _texts(node: ast.AST) -> set[str]:
    """The operation names written in an argument; both arms of a conditional count."""
    if isinstance(node, ast.IfExp):
        return _texts(node.body) | _texts(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def _places(tree: ast.Module) -> dict[str, int]:
    """Functions of a module that take the operation's name, and where: the trail's own and local helpers."""
    places = {"note_of": 1}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [argument.arg for argument in node.args.args]
            if "operation" in names:
                places[node.name] = names.index("operation")
    return places


def _written(source: str) -> Iterator[str]:
    tree = ast.parse(source)
    places = _places(tree)
    for call in [node for node in ast.walk(tree) if isinstance(node, ast.Call)]:
        name = _called(call)
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if name in ("operation", "note") and isinstance(owner, ast.Name) and owner.id == "trail":
            yield from _texts(call.args[0])
        elif name in places:
            given = [k.value for k in call.keywords if k.arg == "operation"] or call.args[places[name] :][:1]
            for argument in given:
                yield from _texts(argument)


def operations_in_use() -> set[str]:
    files = [path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py"))]
    return {name for path in files for name in _written(path.read_text(encoding="utf-8"))}


def test_the_walk_sees_each_way_of_naming() -> None:
    source = """
def _step(row, operation): ...
def go(flag):
    trail.operation("one"); trail.note("two"); note_of(account, "three", x=1)
    _step(row, "four"); _step(row, operation="five"); trail.operation("six" if flag else "seven")
    cells.note("不是操作"); other.operation("eight")
"""
    assert set(_written(source)) == {"one", "two", "three", "four", "five", "six", "seven"}


def test_every_operation_has_a_name() -> None:
    assert sorted((operations_in_use() | MADE) - set(OPERATION_NAMES)) == []


def test_every_name_has_its_operation() -> None:
    assert sorted(set(OPERATION_NAMES) - operations_in_use() - MADE - SQL_VERBS) == []


def test_names_are_chinese_and_distinct() -> None:
    assert all(re.fullmatch(r"[\u4e00-\u9fff0-9]{2,14}", name) for name in OPERATION_NAMES.values())
    assert len(set(OPERATION_NAMES.values())) == len(OPERATION_NAMES)
    assert all(_NAME.fullmatch(name) for name in OPERATION_NAMES)


@cache
def _pages() -> str:
    """Every text a page can show: templates, and the words in the code of pages and of states."""
    templates = [path for path in (ROOT / "templates").rglob("*.html") if path.parent.name != "documents"]
    texts = [path.read_text(encoding="utf-8") for path in templates]
    for floor in FLOORS:
        texts += [text for path in sorted((ROOT / floor).rglob("*.py")) for text in _constants(path)]
    return "\n".join(texts)


def _constants(path: Path) -> Iterator[str]:
    if {"management", "migrations", "demo", "launcher", "auditing"} & set(path.parts):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _words(operation: str) -> list[str]:
    return str(BUTTONS["by_button"][operation]).split()


def _decided() -> dict[str, str]:
    """Operations named after an event, with the event's words, which are the button's."""
    return {
        **{f"{event.value}_opinion": event.label for event in {*EXITS, *OPINION_DECISIONS}},
        **{f"{event.value}_suggestion": event.label for event in SUGGESTION_DECISIONS},
    }


def test_every_operation_says_what_causes_it() -> None:
    said = [*BUTTONS["by_button"], *BUTTONS["by_itself"], *_decided(), *SQL_VERBS]
    assert sorted(said) == sorted(OPERATION_NAMES)


@pytest.mark.parametrize("operation", BUTTONS["by_button"])
def test_an_operation_is_named_as_its_button(operation: str) -> None:
    assert [word for word in _words(operation) if word not in OPERATION_NAMES[operation]] == []
    assert [word for word in _words(operation) if word not in _pages()] == []


@pytest.mark.parametrize("operation", sorted(_decided()))
def test_a_decision_is_named_as_its_event(operation: str) -> None:
    assert _decided()[operation] in OPERATION_NAMES[operation]


@pytest.mark.parametrize("what", ["opinion", "suggestion"])
def test_what_is_offered_for_a_case_is_named_as_its_operation(what: str) -> None:
    actions = {"opinion": OPINION_ACTIONS, "suggestion": SUGGESTION_ACTIONS}[what]
    labels = {label: name for name, label in _decided().items() if name.endswith(f"_{what}")}
    named = {
        code: labels.get(action.label) or CASE_OPERATIONS.get(code) or f"{code.replace('-', '_')}_{what}"
        for code, action in actions.items()
    }
    assert sorted(set(named.values()) - set(OPERATION_NAMES)) == []
    different = {
        code: (actions[code].label, OPERATION_NAMES[operation])
        for code, operation in named.items()
        if operation in BUTTONS["by_button"] and "".join(_words(operation)) != actions[code].label
    }
    assert different == {}
