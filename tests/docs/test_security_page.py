"""docs/security.md says what is surrendered and by what it is held: every line names a test that exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
_NAMED = re.compile(r"`((?:[\w]+/)*test_\w+\.py)(?:::(\w+))?`|`(tests(?:/\w+)+/)`|`(verify_audit)`")


def table(heading: str) -> list[list[str]]:
    """The cells of the rows of the first table below a heading."""
    part = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


SURRENDERED, HELD = table("What a stolen X surrenders"), table("Threats, controls, proofs")


@cache
def functions_of(path: Path) -> frozenset[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return frozenset(node.name for node in nodes if isinstance(node, ast.FunctionDef))


def found(name: str) -> list[Path]:
    """A file named with its folder, or by its bare name as one of the security tests and else of any floor."""
    below = name.removeprefix("tests/")
    if "/" in below:
        return [path for path in [ROOT / "tests" / below] if path.is_file()]
    here = ROOT / "tests" / "security" / below
    return [here] if here.is_file() else list((ROOT / "tests").rglob(below))


def faults(cell: str) -> list[str]:
    named = list(_NAMED.finditer(cell))
    wrong = [] if named else ["names no test"]
    for each in named:
        file, function, folder, _ = each.groups()
        if folder and not (ROOT / folder).is_dir():
            wrong.append(f"no folder {folder}")
        if file and len(found(file)) != 1:
            wrong.append(f"no file {file}")
        elif file and function and function not in functions_of(found(file)[0]):
            wrong.append(f"no test {file}::{function}")
    return wrong


@pytest.mark.parametrize("line", SURRENDERED, ids=lambda line: line[0])
def test_what_is_surrendered_names_tests_that_exist(line: list[str]) -> None:
    assert len(line) == 5
    assert faults(line[-1]) == []


@pytest.mark.parametrize("line", HELD, ids=lambda line: line[0])
def test_every_threat_names_a_proof_that_exists(line: list[str]) -> None:
    assert len(line) == 3
    assert faults(line[-1]) == []


def test_both_tables_are_read() -> None:
    assert len(SURRENDERED) >= 18
    assert len(HELD) >= 30


@pytest.mark.parametrize(
    "cell", ["", "`test_nothing_like_this.py`", "`security/test_walls.py::test_of_nobody`"]
)
def test_a_line_without_a_test_is_seen(cell: str) -> None:
    assert faults(cell) != []
