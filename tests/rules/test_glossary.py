"""One Chinese term, one identifier: the glossary, the models and the READMEs say the same (no database)."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("liaison", "deputies", "stations", "constituents", "assessments", "reports")
GLOSSARY = ROOT / "docs" / "glossary.md"
_ROW = re.compile(r"^\|(?P<term>[^|]+)\|(?P<identifier>[^|]+)\|")
_CODE = re.compile(r"`([^`]+)`")


def rows_of(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Pairs of term and identifiers; "甲 / 乙" beside "`A` / `B`" are two rows."""
    is_glossary = False
    for line in text.splitlines():
        match = _ROW.match(line)
        if match is None:
            is_glossary = False
        elif match["term"].strip() == "中文":
            is_glossary = match["identifier"].strip() == "identifier"
        elif is_glossary and not match["term"].strip("- "):
            continue
        elif is_glossary:
            yield from _pairs(match["term"], match["identifier"])


def _pairs(term: str, identifier: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    terms = [part.strip() for part in term.split(" / ")]
    names = [tuple(_CODE.findall(part)) for part in identifier.split(" / ")]
    if len(terms) != len(names):
        raise AssertionError(f"“{term.strip()}”有{len(terms)}个词，却对应{len(names)}个标识符")
    yield from zip(terms, names, strict=True)


@cache
def glossary() -> dict[str, tuple[str, ...]]:
    return dict(rows_of(GLOSSARY.read_text(encoding="utf-8")))


@cache
def sources() -> tuple[ast.Module, ...]:
    files = (
        path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts
    )
    return tuple(ast.parse(path.read_text(encoding="utf-8")) for path in files)


@cache
def defined_names() -> frozenset[str]:
    """Classes, functions and what is assigned; a member or a field also as "Class.name"."""
    found: set[str] = set()
    for tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                found |= {f"{node.name}.{name}" for name in _assigned(node.body)}
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                found |= {node.name, *_assigned(node.body)}
        found |= set(_assigned(tree.body))
    return frozenset(found)


def _assigned(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def models() -> Iterator[tuple[str, str]]:
    """Every concrete model with its verbose_name, read from the source."""
    for tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                named = [_verbose_name(meta) for meta in node.body if isinstance(meta, ast.ClassDef)]
                yield from ((node.name, name) for name in named if name)


def _verbose_name(meta: ast.ClassDef) -> str:
    if meta.name != "Meta":
        return ""
    for node in meta.body:
        if isinstance(node, ast.Assign) and "verbose_name" in _assigned([node]):
            return str(ast.literal_eval(node.value))
    return ""


def readmes() -> list[Path]:
    return [path for app in APPS for path in (ROOT / app).glob("README.md")]


def test_no_term_stands_twice() -> None:
    terms = [term for term, _ in rows_of(GLOSSARY.read_text(encoding="utf-8"))]
    assert len(terms) > 80
    assert sorted(terms) == sorted(set(terms))


def test_no_identifier_stands_for_two_terms() -> None:
    names = [name for identifiers in glossary().values() for name in identifiers]
    assert sorted(names) == sorted(set(names))


def test_every_identifier_is_in_the_source() -> None:
    missing = {name for names in glossary().values() for name in names if name not in defined_names()}
    assert not missing


def test_every_model_is_called_what_the_glossary_says() -> None:
    found = dict(models())
    assert len(found) > 40
    by_model = {names[0]: term for term, names in glossary().items() if names}
    wrong = {
        model: (name, by_model.get(model)) for model, name in found.items() if by_model.get(model) != name
    }
    assert not wrong


@pytest.mark.parametrize("path", readmes(), ids=lambda path: path.parent.name)
def test_readme_agrees_with_the_glossary(path: Path) -> None:
    said = dict(rows_of(path.read_text(encoding="utf-8")))
    contradicting = {
        term: (names, glossary()[term])
        for term, names in said.items()
        if term in glossary() and not set(glossary()[term]) & set(names)
    }
    assert not contradicting


@pytest.mark.parametrize("path", readmes(), ids=lambda path: path.parent.name)
def test_readme_names_what_exists(path: Path) -> None:
    """A README's own word list names things of the source, so that a renamed class is noticed."""
    said = {name for _, names in rows_of(path.read_text(encoding="utf-8")) for name in names}
    said = {name for name in said if not (path.parent / name).is_file()}
    # An enum member may be written as its stored value: `makeup` for DayKind.MAKEUP.
    last_parts = {name.rsplit(".", 1)[-1] for name in defined_names()}
    assert not said - defined_names() - last_parts - {name.lower() for name in last_parts}


def test_rows_are_split_as_written() -> None:
    head = "| 中文 | identifier | meaning |\n|---|---|---|\n"
    text = f"{head}| 甲 / 乙 | `A` / `b_c` | x |\n\n| 中文 | 说明 |\n| 丙 | `D` |\n"
    assert dict(rows_of(text)) == {"甲": ("A",), "乙": ("b_c",)}
