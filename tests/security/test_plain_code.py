"""What code says once and plainly, read from the syntax trees: parameters that are read, one way to write a
choice of rows and a state, no public name for tests alone."""

import ast
import re
from collections.abc import Iterator

from tests.security.test_code import ROOT, sources

ROOMS = ("/services/", "/roster_import/")

# Where rows are listed by number and words, and no form field chooses among them.
ROWS_BY_HAND = {
    "deputies/admin/filters.py": "a filter beside a list of the back office takes pairs",
    "liaison/admin/accounts.py": "rows of an upper floor reach the ground as numbers and words",
    "stations/forms/records.py": "the page of links that comes before the form",
}

# Django, Celery and the interface's description find what stands here by its name or its class.
FOUND_BY_NAME = re.compile(
    r"/(settings|apps|urls|\w+_urls|celery|wsgi|asgi|api_schema)\.py$|/(admin|commands)/|settings"
)


def parameters(function: ast.FunctionDef) -> Iterator[str]:
    given = function.args
    for each in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg):
        if each is not None:
            yield each.arg


def names_read(function: ast.FunctionDef) -> set[str]:
    return {node.id for line in function.body for node in ast.walk(line) if isinstance(node, ast.Name)}


def unread_parameters(tree: ast.Module) -> Iterator[str]:
    """Parameters of functions, not of methods: those share the signature of what they override."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            read = names_read(node)
            yield from (
                f"{node.lineno}: {node.name}({name})" for name in parameters(node) if name not in read
            )


def rows_by_hand(tree: ast.Module) -> Iterator[str]:
    """``(str(row.pk), …)`` made one after the other: the pairs of a list to choose from."""
    for node in ast.walk(tree):
        made = node.elt if isinstance(node, ast.ListComp | ast.GeneratorExp) else None
        first = made.elts[0] if isinstance(made, ast.Tuple) and len(made.elts) == 2 else None
        if isinstance(first, ast.Call) and ast.unparse(first.func) == "str" and _is_key(first.args[0]):
            yield f"{first.lineno}: {ast.unparse(first)}"


def _is_key(node: ast.expr) -> bool:
    return ast.unparse(node).rpartition(".")[2] in ("pk", "id")


class TestChoices:
    def test_a_field_chooses_rows_and_not_their_numbers(self) -> None:
        found = {name: lines for name, tree in sources() if (lines := list(rows_by_hand(tree)))}
        assert {n: v for n, v in found.items() if n not in ROWS_BY_HAND} == {}, "row_choice, or RowButtons"
        assert set(ROWS_BY_HAND) - set(found) == set(), "stale exemptions"

    def test_the_guard_finds_pairs_made_by_hand(self) -> None:
        tree = ast.parse("choices = [(str(row.pk), row.name) for row in rows]\n")
        assert list(rows_by_hand(tree)) == ["1: str(row.pk)"]


def values_of_members(tree: ast.Module) -> Iterator[str]:
    """``State.OPEN.value``, ``State(word).value``, ``TABLE.next_state(…).value``, ``TABLE.start.value``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "value" and _is_member(node.value):
            yield f"{node.lineno}: {ast.unparse(node)}"


def _is_member(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func).rpartition(".")[2]
        return name == "next_state" or (name[:1].isupper() and not name.isupper())
    if not isinstance(node, ast.Attribute):
        return False
    owner = ast.unparse(node.value).rpartition(".")[2]
    return (node.attr.isupper() and owner[:1].isupper()) or (node.attr == "start" and owner.isupper())


class TestStates:
    def test_a_member_is_written_as_it_is(self) -> None:
        """Columns are described in plain values, since migrations are written from them; nothing else is."""
        found = {
            name: lines
            for name, tree in sources()
            if "/models/" not in name and (lines := list(values_of_members(tree)))
        }
        assert found == {}, "a member is its value: leave out .value"

    def test_the_guard_finds_every_spelling(self) -> None:
        spellings = (
            "State.OPEN.value",
            "State(word).value",
            "TABLE.next_state(a, b).value",
            "TABLE.start.value",
        )
        for spelling in spellings:
            assert list(values_of_members(ast.parse(spelling))) == [f"1: {spelling}"]


def names_defined(tree: ast.Module) -> Iterator[str]:
    """Public names of a module; a decorator registers what it stands over."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.decorator_list:
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def names_used(tree: ast.Module) -> Iterator[str]:
    """Names read, attributes, and words of short strings: what a table or Django finds by name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 120:
            yield from re.findall(r"\w+", node.value)


class TestUses:
    def test_no_public_name_is_there_for_tests_alone(self) -> None:
        rooms = ("bench", "docs", "script", "liaison/launcher")
        files = (path for room in rooms for path in (ROOT / room).rglob("*.py"))
        rest = [ast.parse(path.read_text(encoding="utf-8")) for path in files]
        used = {name for tree in [*rest, *(tree for _, tree in sources())] for name in names_used(tree)}
        used |= {
            w for path in (ROOT / "templates").rglob("*.html") for w in re.findall(r"\w+", path.read_text())
        }
        found = {
            f"{file}: {name}"
            for file, tree in sources()
            if not FOUND_BY_NAME.search(file)
            for name in names_defined(tree)
            if not name.startswith("_") and name not in used
        }
        assert found == set()


class TestNames:
    def test_a_page_tells_deputies_of_one_name_apart(self) -> None:
        """``{{ row.mandate }}`` prints the bare name."""
        bare = re.compile(r"\{\{ ?[\w.]*\bmandate(\.person(\.name)?)? ?[|}]")
        pages = ((path, path.read_text(encoding="utf-8")) for path in (ROOT / "templates").rglob("*.html"))
        found = {path.relative_to(ROOT / "templates").as_posix() for path, text in pages if bare.search(text)}
        assert found == set(), "{% deputy_name row.mandate %}"


class TestSignatures:
    def test_a_service_reads_every_parameter_it_asks_for(self) -> None:
        found = {
            name: lines
            for name, tree in sources()
            if any(room in name for room in ROOMS) and (lines := list(unread_parameters(tree)))
        }
        assert found == {}, "a caller hands in what nobody reads"

    def test_the_guard_finds_a_parameter_nobody_reads(self) -> None:
        tree = ast.parse("def save(*, actor, now):\n    return actor.pk\n")
        assert list(unread_parameters(tree)) == ["1: save(now)"]
