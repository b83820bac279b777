"""What code says once and plainly, read from the syntax trees: parameters that are read, one way to write a
choice of rows and a state, no public name for tests alone."""

import ast
from collections.abc import Iterator

from tests.security.test_code import sources

ROOMS = ("/services/", "/roster_import/")


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
