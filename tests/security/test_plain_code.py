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

# Pages with the bare name of a deputy, and what tells two of one name apart there.
BARE_NAMES = {
    "deputies/person.html": "the page of one person",
}


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


class TestNames:
    def test_a_page_tells_deputies_of_one_name_apart(self) -> None:
        """``{{ row.mandate }}`` prints the bare name; a heading about one deputy is no list."""
        bare = re.compile(r"\{\{ ?[\w.]*\bmandate(\.person(\.name)?)? ?[|}]")
        pages = ((path, path.read_text(encoding="utf-8")) for path in (ROOT / "templates").rglob("*.html"))
        found = {path.relative_to(ROOT / "templates").as_posix() for path, text in pages if bare.search(text)}
        assert found == set(BARE_NAMES), "{% deputy_name row.mandate %}"


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
