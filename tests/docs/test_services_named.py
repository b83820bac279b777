"""Every public service is named in a test (no database).

A service is a public function of ``<app>/services`` or of the roster's import that callers outside those rooms
use: pages, the back office, tasks, the API, the demo. What only services themselves share is tested through
them.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("liaison", "deputies", "stations", "constituents", "assessments", "reports")
ROOMS = ("services", "roster_import")


@cache
def trees() -> dict[Path, ast.Module]:
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in files}


def in_services(path: Path) -> bool:
    return any(room in path.relative_to(ROOT).parts[1:-1] for room in ROOMS)


def names_used(tree: ast.Module) -> set[str]:
    """Names that a module imports from those rooms, and attributes of modules it imports from there."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    names = {
        (alias.name, alias.asname or alias.name)
        for node in imports
        for alias in node.names
        if alias.name in ROOMS or any(room in str(node.module).split(".") for room in ROOMS)
    }
    here = {local for _, local in names}
    attributes = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in here
    }
    return {name for name, _ in names} | attributes


@cache
def used_outside() -> set[str]:
    return {name for path, tree in trees().items() if not in_services(path) for name in names_used(tree)}


def public_functions() -> dict[str, Path]:
    return {
        node.name: path
        for path, tree in trees().items()
        if in_services(path)
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }


@cache
def words_of_tests() -> set[str]:
    files = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    return {word for path in files for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))}


SERVICES = sorted(name for name in public_functions() if name in used_outside())


def test_the_services_are_found() -> None:
    assert {"enrol_deputy", "open_station", "assign_opinion", "open_assessment"} <= set(SERVICES)


@pytest.mark.parametrize("name", SERVICES)
def test_a_test_names_the_service(name: str) -> None:
    assert name in words_of_tests(), f"{public_functions()[name].relative_to(ROOT)}: no test names {name}"
