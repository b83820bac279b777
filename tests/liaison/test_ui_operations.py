"""Every audited operation has a Chinese name, and every name an operation: found by walking the code."""

import ast
import re
from collections.abc import Iterator

from constituents.services.reveal import REVEALING
from deputies.enums import MandateEvent
from liaison.auditing.operation_names import OPERATION_NAMES
from tests.liaison.ui_files import ROOT

FLOORS = ("liaison", "deputies", "stations", "constituents", "assessments", "reports")
SQL_VERBS = {"insert", "update", "delete"}
# Names put together or chosen at run time, each with the place that makes them.
MADE = {f"{event.value}_mandate" for event in MandateEvent} | {
    "sign_in_locked",
    "sign_in_refused",
    *REVEALING,
}
_NAME = re.compile(r"[a-z]+(_[a-z]+)*")


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _texts(node: ast.AST) -> set[str]:
    """The operation names written in an argument; both arms of a conditional count."""
    if isinstance(node, ast.IfExp):
        return _texts(node.body) | _texts(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def _places(tree: ast.Module) -> dict[str, int]:
    """Functions of a module that take the operation's name, and where: audit's own and local helpers."""
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
        if name in ("operation", "note") and isinstance(owner, ast.Name) and owner.id == "audit":
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
    audit.operation("one"); audit.note("two"); note_of(account, "three", x=1)
    _step(row, "four"); _step(row, operation="five"); audit.operation("six" if flag else "seven")
    cells.note("不是操作"); other.operation("eight")
"""
    assert set(_written(source)) == {"one", "two", "three", "four", "five", "six", "seven"}


def test_every_operation_has_a_name() -> None:
    assert sorted((operations_in_use() | MADE) - set(OPERATION_NAMES)) == []


def test_every_name_has_its_operation() -> None:
    assert sorted(set(OPERATION_NAMES) - operations_in_use() - MADE - SQL_VERBS) == []


def test_names_are_chinese_and_distinct() -> None:
    assert all(re.fullmatch(r"[\u4e00-\u9fff]{2,14}", name) for name in OPERATION_NAMES.values())
    assert len(set(OPERATION_NAMES.values())) == len(OPERATION_NAMES)
    assert all(_NAME.fullmatch(name) for name in OPERATION_NAMES)
