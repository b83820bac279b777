"""A picture of the house, drawn from its own imports: docs/house.py [FOLDER] [NAME]

FOLDER is a checkout (this one when left out), NAME the stem of two files in docs/images: ``NAME.svg`` is the
picture, ``NAME.txt`` the same rooms and arrows as text, which a test compares with the code. Standard library
only; nothing of the house is imported.

A *room* is what lies directly in an app: a module, or a package with all that is in it. An *arrow* says that
one room imports another, inline imports included. Rooms of an app are stacked so that arrows fall. An arrow
that rises closes a circle of rooms, or leads from a lower floor to a higher one. A *call by name* is a dotted
string on a lower floor that spells a name in a module of a higher one; ``urls``, ``celery``, the launcher and
the list of installed apps name the apps by design and are not counted.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
FLOORS = ("reports", "assessments", "constituents", "stations", "deputies", "liaison")
NAMING_BY_DESIGN = ("urls", "celery", "launcher", "embedded")
ENTRANCES = {"__init__.py", "apps.py"}

Room = tuple[str, str]
Arrow = tuple[Room, Room]


@dataclass(frozen=True)
class House:
    """Rooms, arrows, arrows that rise, and calls by name, each in a fixed order."""

    rooms: tuple[Room, ...]
    arrows: tuple[Arrow, ...]
    rising: tuple[Arrow, ...]
    calls: tuple[tuple[Room, str], ...]

    def rooms_of(self, app: str) -> list[str]:
        return [name for floor, name in self.rooms if floor == app]

    def inside(self, app: str) -> list[tuple[str, str]]:
        return [(a[1], b[1]) for a, b in self.arrows if a[0] == b[0] == app]

    def counts(self) -> str:
        return (
            f"{len(self.rooms)} rooms, {len(self.arrows)} arrows, {len(self.rising)} of them rising, "
            f"{len(self.calls)} calls by name"
        )


def read(folder: Path) -> House:
    """The house in a checkout."""
    files = {room: paths for app in FLOORS for room, paths in _rooms(folder, app).items()}
    arrows: set[Arrow] = set()
    calls: set[tuple[Room, str]] = set()
    for room, paths in files.items():
        for path in paths:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            arrows |= {(room, to) for to in _imported(tree, path, folder, files) if to != room}
            calls |= {(room, name) for name in _named_above(tree, room, folder)}
    rising = {arrow for arrow in arrows if _floor(arrow[1]) > _floor(arrow[0])}
    for app in FLOORS:
        inside = {(a[1], b[1]) for a, b in arrows if a[0] == b[0] == app}
        rising |= {((app, a), (app, b)) for a, b in closing_circles(inside)}
    return House(*(tuple(sorted(found)) for found in (files, arrows, rising, calls)))  # type: ignore[arg-type]


def _floor(room: Room) -> int:
    return len(FLOORS) - FLOORS.index(room[0])


def _rooms(folder: Path, app: str) -> dict[Room, list[Path]]:
    found: dict[Room, list[Path]] = {}
    for path in sorted((folder / app).rglob("*.py")):
        parts = path.relative_to(folder / app).parts
        if parts[0] not in ENTRANCES and parts[0] != "migrations":
            found.setdefault((app, parts[0].removesuffix(".py")), []).append(path)
    return found


def _imported(tree: ast.Module, path: Path, folder: Path, rooms: dict[Room, list[Path]]) -> Iterator[Room]:
    package = path.relative_to(folder).parts[:-1]
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = list(package[: len(package) - node.level + 1]) if node.level else []
            start = ".".join([*above, *([node.module] if node.module else [])])
            names = [f"{start}.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if len(parts) > 1 and (parts[0], parts[1]) in rooms:
                yield parts[0], parts[1]


def _named_above(tree: ast.Module, room: Room, folder: Path) -> Iterator[str]:
    if room[0] == "liaison" and room[1] in NAMING_BY_DESIGN:
        return
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        parts = text.split(".")
        if len(parts) < 3 or parts[0] not in FLOORS or _floor((parts[0], "")) <= _floor(room):
            continue
        if parts[1] != "apps" and _is_module(folder.joinpath(*parts[:-1])):
            yield text


def _is_module(path: Path) -> bool:
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def closing_circles(arrows: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """The arrows against the best order of the rooms: none when there is no circle.

    The order takes rooms nothing imports first and rooms that import nothing last; in a circle it takes the
    one with the most arrows out over arrows in (Eades, Lin and Smyth, "A fast and effective heuristic for the
    feedback arc set problem", 1993).
    """
    left = set(arrows)
    names = {name for arrow in left for name in arrow}
    top: list[str] = []
    bottom: list[str] = []
    while names:
        out = Counter(a for a, b in left)
        into = Counter(b for a, b in left)
        sinks = sorted(name for name in names if not out[name])
        sources = sorted(name for name in names if not into[name])
        if sinks:
            bottom.insert(0, sinks[0])
            taken = sinks[0]
        else:
            taken = sources[0] if sources else min(names, key=lambda name: (into[name] - out[name], name))
            top.append(taken)
        names.discard(taken)
        left = {arrow for arrow in left if taken not in arrow}
    place = {name: number for number, name in enumerate([*top, *bottom])}
    return {(a, b) for a, b in arrows if place[a] > place[b]}


# The drawing. Sizes in pixels of the picture.

WIDTH = 1600
LEFT = 150
RIGHT = 20
BOX = 24
GAP = 12
ROW = 46
CHARACTER = 6.6
COLOURS = {
    "reports": "#6b4e9b",
    "assessments": "#a33b3b",
    "constituents": "#a8641c",
    "stations": "#2f6f4f",
    "deputies": "#1f6480",
    "liaison": "#4a4f57",
}


def levels(house: House, app: str) -> list[list[str]]:
    """Rooms from top to bottom: each stands above all it imports, the lowest import nothing of the app."""
    rising = {(a[1], b[1]) for a, b in house.rising}
    falling: dict[str, set[str]] = {name: set() for name in house.rooms_of(app)}
    for a, b in house.inside(app):
        if (a, b) not in rising:
            falling[a].add(b)
    height: dict[str, int] = {}

    def of(name: str) -> int:
        if name not in height:
            height[name] = 1 + max((of(other) for other in falling[name]), default=-1)
        return height[name]

    for name in falling:
        of(name)
    rows = [sorted(name for name in height if height[name] == n) for n in range(max(height.values()) + 1)]
    for lower, upper in pairwise(rows):
        spot = {name: number / max(1, len(lower) - 1) for number, name in enumerate(lower)}
        upper.sort(key=lambda name: (_mean(spot[to] for to in sorted(falling[name]) if to in spot), name))
    return rows[::-1]


def _mean(numbers: Iterable[float]) -> float:
    found = list(numbers)
    return sum(found) / len(found) if found else 0.5


def _lines(row: list[str]) -> list[list[str]]:
    """A level broken where the picture ends."""
    lines: list[list[str]] = [[]]
    used = 0.0
    for name in row:
        if lines[-1] and used + _width(name) > WIDTH - LEFT - RIGHT:
            lines.append([])
            used = 0.0
        lines[-1].append(name)
        used += _width(name) + GAP
    return lines


def _width(name: str) -> float:
    return CHARACTER * len(name) + 16


def draw(house: House) -> str:
    """The picture as SVG."""
    boxes: dict[Room, tuple[float, float, float]] = {}
    floors: list[str] = []
    y = 56.0
    for app in FLOORS:
        lines = [line for row in levels(house, app) for line in _lines(row)]
        high = len(lines) * ROW + 6
        floors.append(_floor_box(house, app, y, high))
        for number, line in enumerate(lines):
            free = WIDTH - LEFT - RIGHT - sum(_width(name) for name in line)
            step = free / (len(line) + 1)
            x = LEFT + step
            for name in line:
                boxes[app, name] = (x, y + 22 + number * ROW, _width(name))
                x += _width(name) + step
        y += high + 14
    drawn = [_arrow(boxes, arrow, arrow in house.rising) for arrow in _by_weight(house)]
    named = [_box(room, spot) for room, spot in boxes.items()]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y:.0f}" font-family="monospace" '
        f'font-size="11"><rect width="{WIDTH}" height="{y:.0f}" fill="#fff"/>'
        f'<text x="16" y="26" font-size="17" font-weight="bold" fill="#222">{escape(house.counts())}</text>'
        '<text x="16" y="45" fill="#555">Grey: a room imports one below it in its app. '
        "Arrows between floors are counted at the left. Red: an arrow that rises"
        f"{escape(_risings(house))}.</text>"
    )
    return "\n".join([head, *floors, *drawn, *named, "</svg>", ""])


def _risings(house: House) -> str:
    named = [f"{'.'.join(a)} → {'.'.join(b)}" for a, b in house.rising]
    return f" ({', '.join(named)})" if named else ""


def _by_weight(house: House) -> list[Arrow]:
    """Arrows to draw, the rising ones last and so on top."""
    shown = [a for a in house.arrows if a[0][0] == a[1][0] or a in house.rising]
    return sorted(shown, key=lambda arrow: arrow in house.rising)


def _floor_box(house: House, app: str, y: float, high: float) -> str:
    down = Counter(b[0] for a, b in house.arrows if a[0] == app != b[0])
    said = [f"{len(house.rooms_of(app))} rooms", f"{len(house.inside(app))} arrows"]
    said += [f"→ {other} {down[other]}" for other in FLOORS if down[other]]
    called = sum(room[0] == app for room, _ in house.calls)
    said += [f"by name: {called}"] if called else []
    rows = "".join(
        f'<text x="18" y="{y + 36 + 13 * number:.0f}" fill="#444">{escape(line)}</text>'
        for number, line in enumerate(said)
    )
    return (
        f'<rect x="8" y="{y:.0f}" width="{WIDTH - 16}" height="{max(high, 46 + 13 * len(said)):.0f}" rx="6" '
        f'fill="{COLOURS[app]}" fill-opacity="0.07" stroke="{COLOURS[app]}" stroke-opacity="0.5"/>'
        f'<text x="18" y="{y + 20:.0f}" font-size="14" font-weight="bold" fill="{COLOURS[app]}">{app}</text>'
        f"{rows}"
    )


def _arrow(boxes: dict[Room, tuple[float, float, float]], arrow: Arrow, is_rising: bool) -> str:
    (ax, ay, aw), (bx, by, bw) = boxes[arrow[0]], boxes[arrow[1]]
    start, end = (ay + BOX, by) if ay < by else (ay, by + BOX)
    bend = (end - start) * 0.5
    x1, x2 = ax + aw / 2, bx + bw / 2
    style = 'stroke="#d01818" stroke-width="2.2"' if is_rising else 'stroke="#666" stroke-opacity="0.3"'
    return (
        f'<path d="M{x1:.0f} {start:.0f} C{x1:.0f} {start + bend:.0f} '
        f'{x2:.0f} {end - bend:.0f} {x2:.0f} {end:.0f}" fill="none" {style}/>'
    )


def _box(room: Room, spot: tuple[float, float, float]) -> str:
    x, y, wide = spot
    return (
        f'<rect x="{x:.1f}" y="{y:.0f}" width="{wide:.0f}" height="{BOX}" rx="4" fill="#fff" '
        f'stroke="{COLOURS[room[0]]}"/>'
        f'<text x="{x + 8:.1f}" y="{y + 16:.0f}" fill="#111">{escape(room[1])}</text>'
    )


def listed(house: House) -> str:
    """The rooms and what each imports, one room a line, a rising arrow marked with ``!``."""
    lines = [house.counts()]
    for app in FLOORS:
        lines += ["", f"{app}: {len(house.rooms_of(app))} rooms, {len(house.inside(app))} arrows"]
        for name in house.rooms_of(app):
            to = [(b, (a, b) in house.rising) for a, b in house.arrows if a == (app, name)]
            said = [f"{'!' if up else ''}{b[1] if b[0] == app else '.'.join(b)}" for b, up in to]
            lines.append(f"  {name}: {' '.join(said)}".rstrip())
    lines += ["", *(f"{'.'.join(room)} calls {name}" for room, name in house.calls)]
    return "\n".join(lines).rstrip() + "\n"


def main() -> None:
    folder = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT
    name = sys.argv[2] if len(sys.argv) > 2 else "house-after"
    house = read(folder)
    (IMAGES / f"{name}.svg").write_text(draw(house), encoding="utf-8")
    (IMAGES / f"{name}.txt").write_text(listed(house), encoding="utf-8")
    sys.stdout.write(f"{name}: {house.counts()}\n")


if __name__ == "__main__":
    main()
