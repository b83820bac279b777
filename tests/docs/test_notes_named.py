"""Every entry that a reading leaves in the audit trail is asked for by a test (no database).

Writing is noted by the database itself; what is only looked at, printed, exported or refused is noted by a call,
and a call that is taken out breaks nothing else.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.docs.test_services_named import ROOT, trees

# The functions that write such an entry, and where the name stands among their arguments.
NOTING = {"note": 0, "note_of": 1}
# Noted under a name that the caller hands on: the names are those of the constant.
HANDED_ON = {
    "constituents/services/reveal.py": ("reveal_resident", "print_full_register", "open_register_scan"),
    "liaison/identity/accounts.py": ("sign_in_locked", "sign_in_refused"),
}


def _notes(tree: ast.Module) -> Iterator[tuple[int, str | None]]:
    """Line and name of each entry; ``None`` for a name that is a variable."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        called, given = node.func.attr, {word.arg for word in node.keywords}
        if called == "note_of" or (called == "note" and "scope_code" in given):
            name = node.args[NOTING[called]]
            yield node.lineno, name.value if isinstance(name, ast.Constant) else None


def _found() -> Iterator[tuple[str, int, str | None]]:
    for path, tree in trees().items():
        for line, name in _notes(tree):
            yield path.relative_to(ROOT).as_posix(), line, name


NAMES = sorted(
    {name for _, _, name in _found() if name} | {name for names in HANDED_ON.values() for name in names}
)


@cache
def _asked_for() -> set[str]:
    """Names in quotes in tests, and those that `permissions.yaml` walks."""
    files = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    quoted = {name for path in files for name in re.findall(r'"(\w+)"', path.read_text(encoding="utf-8"))}
    table = (ROOT / "tests/security/permissions.yaml").read_text(encoding="utf-8")
    return quoted | set(re.findall(r"notes: (\w+)", table))


def test_names_handed_on_are_written_down_here() -> None:
    assert {where for where, _, name in _found() if name is None} == set(HANDED_ON)


@pytest.mark.parametrize("name", NAMES)
def test_a_test_asks_for_the_entry(name: str) -> None:
    places = [f"{where}:{line}" for where, line, found in _found() if found == name]
    assert name in _asked_for(), f"{', '.join(places)}: no test asks for {name}"
