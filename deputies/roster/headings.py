"""Where a roster starts in a sheet, and which of its columns is what.

Pure. Headings are known by their words; what an office calls otherwise, a person says once: a `Layout`
names the sheets to be read and the meaning of headings, and goes before the known words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from deputies.roster import tables
from liaison.sheets import Grid
from liaison.words.text import clean_line

#: How far down a heading is looked for, and how many known columns make one.
_HEADING_DEPTH = 30
_FEWEST_COLUMNS = 3
_MAX_LABEL_CHARS = 40
_SAMPLES = 3

#: Meaning of a heading by its words; an empty meaning leaves the column unread.
Meanings = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """What a person has said about a file.

    ``columns``: meaning by heading. ``sheets``: the sheets to read; a sheet of which it is true is a
    deputy group of its name. Without ``sheets`` the file must have but one roster. ``is_kept``: whether
    the meanings are to be remembered.
    """

    columns: Meanings = field(default_factory=dict)
    sheets: Mapping[str, bool] = field(default_factory=dict)
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the table starts, and the column index of each roster column."""

    first: int
    last: int
    places: Mapping[str, int]
    labels: Mapping[int, str]

    @property
    def missing(self) -> list[str]:
        """Columns that a roster cannot do without and this one has not."""
        return [column for column in tables.REQUIRED_COLUMNS if column not in self.places]


@dataclass(frozen=True, slots=True)
class SheetOutline:
    """A sheet before it is read: its headings with what they are taken for, and what stands below them."""

    name: str
    rows: int
    columns: Mapping[str, str]
    samples: Mapping[str, tuple[str, ...]]


def find_heading(grid: Grid, meanings: Meanings) -> Heading | None:
    """The row, or pair of rows, that names most roster columns; the name column must be among them."""
    candidates = [
        heading
        for height in (0, 1)
        for first in _depth(grid)
        if (heading := _heading_at(grid, first, height, meanings))
        and tables.NAME in heading.places
        and len(heading.places) >= _FEWEST_COLUMNS
    ]
    # The first of equals: a single row before a pair, an upper one before a repetition further down.
    best = max(candidates, key=lambda heading: len(heading.places), default=None)
    return _with_nameless(grid, best, meanings) if best else None


def guess_heading(grid: Grid, meanings: Meanings) -> Heading | None:
    """Of a sheet without known words the first row of the most words: a person can say what they mean."""

    def words(index: int) -> int:
        return sum(1 for text in grid.rows[index] if re.search("[㐀-鿿]", text))

    first = max(_depth(grid), key=words, default=None)
    if first is None or words(first) < len(tables.REQUIRED_COLUMNS):
        return None
    heading = _heading_at(grid, first, 0, meanings)
    return _with_nameless(grid, heading, meanings) if heading else None


def outline(grid: Grid, meanings: Meanings) -> SheetOutline | None:
    """What a person needs in order to say which column is which; ``None`` where no row can be a heading."""
    heading = find_heading(grid, meanings) or guess_heading(grid, meanings)
    if heading is None:
        return None
    below = grid.rows[heading.last + 1 :]
    meant = {index: column for column, index in heading.places.items()}
    return SheetOutline(
        name=grid.sheet_name,
        rows=sum(1 for row in below if any(text.strip() for text in row)),
        columns={label: meant.get(index, "") for index, label in heading.labels.items()},
        samples={label: _samples(below, index) for index, label in heading.labels.items()},
    )


def _samples(rows: Sequence[Sequence[str]], index: int) -> tuple[str, ...]:
    said = dict.fromkeys(text for row in rows[:50] if (text := clean_line(row[index])))
    return tuple(said)[:_SAMPLES]


def _depth(grid: Grid) -> range:
    return range(min(_HEADING_DEPTH, len(grid.rows)))


def _heading_at(grid: Grid, first: int, height: int, meanings: Meanings) -> Heading | None:
    last = first + height
    if last >= len(grid.rows):
        return None
    labels = _labels(grid.rows[first], grid.rows[last])
    return Heading(first, last, _places(labels, meanings), labels)


def _places(labels: Mapping[int, str], meanings: Meanings) -> dict[str, int]:
    """The place of each roster column: what a person said goes before the exact word, and that before a
    synonym; of equals the earlier column."""
    ranked: dict[str, tuple[int, int]] = {}
    for index, label in labels.items():
        is_said = label in meanings
        column = meanings[label] if is_said else tables.column_of(label)
        rank = 2 if is_said else int(label == column)
        if column and (column not in ranked or rank > ranked[column][0]):
            ranked[column] = (rank, index)
    return {column: index for column, (_, index) in ranked.items()}


def _labels(upper: Sequence[str], lower: Sequence[str]) -> dict[int, str]:
    """The heading of every column: of two rows the lower, finer one where it says something.

    A heading that stands there twice is numbered, so that a person can tell the two apart.
    """
    labels: dict[int, str] = {}
    seen: dict[str, int] = {}
    for index, (above, below) in enumerate(zip(upper, lower, strict=True)):
        label = re.sub(r"\s", "", clean_line(below) or clean_line(above))[:_MAX_LABEL_CHARS]
        if label:
            seen[label] = seen.get(label, 0) + 1
            labels[index] = label if seen[label] == 1 else f"{label}（{seen[label]}）"
    return labels


def _with_nameless(grid: Grid, heading: Heading, meanings: Meanings) -> Heading:
    """Columns that hold something and have no heading get one to be called by."""
    below = grid.rows[heading.last + 1 :]
    nameless = {
        index: f"无表头（{_letters(index)}列）"
        for index in range(len(grid.rows[0]))
        if index not in heading.labels and any(row[index].strip() for row in below)
    }
    labels = dict(sorted({**heading.labels, **nameless}.items()))
    return replace(heading, labels=labels, places=_places(labels, meanings))


def _letters(index: int) -> str:
    """The letters over a column: 0 as A, 26 as AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
