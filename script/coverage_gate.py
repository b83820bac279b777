"""Holds the last measured coverage to the figures of pyproject.toml, room by room.

    python script/coverage_gate.py [FIGURES]

FIGURES is the JSON report of coverage (``.local/coverage/figures.json`` unless named). A percentage counts
lines and branches together, as coverage's own total does. Prints one row a room, and under a room that falls
short its weakest files. Ends with 1 if any falls short, with 2 if a pattern of pyproject.toml fits no file.
"""

import json
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ROOT / ".local/coverage/figures.json"
WEAKEST = 8


@dataclass(frozen=True)
class Count:
    """Lines and branches that exist, and those that a test went through."""

    all: int
    covered: int

    @property
    def percent(self) -> float:
        return 100 * self.covered / self.all if self.all else 100.0

    @property
    def missing(self) -> int:
        return self.all - self.covered


@dataclass(frozen=True)
class Room:
    name: str
    at_least: float
    paths: tuple[str, ...]


def rooms_of(settings: dict) -> list[Room]:
    """The rooms that pyproject.toml gates, the whole last."""
    coverage = settings["tool"]["liaison"]["coverage"]
    rooms = [Room(room["name"], room["at_least"], tuple(room["paths"])) for room in coverage["room"]]
    return [*rooms, Room("whole", coverage["whole"], ("*",))]


def counts_of(figures: dict) -> dict[str, Count]:
    """Each file's count, by its path from the root of the checkout."""
    return {
        path: Count(
            file["summary"]["num_statements"] + file["summary"]["num_branches"],
            file["summary"]["covered_lines"] + file["summary"]["covered_branches"],
        )
        for path, file in figures["files"].items()
    }


def total(counts: Iterable[Count]) -> Count:
    counts = list(counts)
    return Count(sum(count.all for count in counts), sum(count.covered for count in counts))


def files_in(room: Room, counts: dict[str, Count]) -> dict[str, Count]:
    """The files of a room. A ``*`` of a pattern also stands for folders below."""
    return {
        path: count for path, count in counts.items() if any(fnmatchcase(path, glob) for glob in room.paths)
    }


def stale_patterns(rooms: Iterable[Room], counts: dict[str, Count]) -> list[str]:
    """Patterns that match no file any more: a gate that guards nothing is worse than none."""
    return [
        f"{room.name}: {glob}"
        for room in rooms
        for glob in room.paths
        if not any(fnmatchcase(path, glob) for path in counts)
    ]


def report(rooms: Iterable[Room], counts: dict[str, Count]) -> tuple[list[str], bool]:
    """The table's rows, and whether every room reaches its figure."""
    rows, reached = [], True
    for room in rooms:
        files = files_in(room, counts)
        figure = total(files.values())
        enough = figure.percent >= room.at_least
        reached = reached and enough
        rows.append(
            f"{room.name:<10} {figure.percent:6.2f} %  (at least {room.at_least:g})"
            f"  {figure.missing} of {figure.all} untested{'' if enough else '  FAILED'}"
        )
        if not enough:
            rows += weakest(files)
    return rows, reached


def weakest(files: dict[str, Count]) -> list[str]:
    """A row for each of the files that lack most."""
    worst = sorted(files.items(), key=lambda item: -item[1].missing)[:WEAKEST]
    return [f"    {count.percent:6.2f} %  {count.missing:4d} untested  {path}" for path, count in worst]


def main(arguments: list[str]) -> int:
    figures = json.loads(Path(arguments[0] if arguments else FIGURES).read_text())
    rooms = rooms_of(tomllib.loads((ROOT / "pyproject.toml").read_text()))
    counts = counts_of(figures)
    stale = stale_patterns(rooms, counts)
    if stale:
        print("\n".join(["patterns of pyproject.toml that match no file:", *stale]))
        return 2
    rows, reached = report(rooms, counts)
    print("\n".join(rows))
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
