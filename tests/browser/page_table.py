"""The table of every page's numbers, as docs/page-numbers.md holds it."""

from collections.abc import Iterable
from pathlib import Path

from tests.browser.page_numbers import FOCUS_AT, SIZES, Numbers

FILE = Path(__file__).resolve().parents[2] / "docs" / "page-numbers.md"
_WIDTHS = tuple(sorted(SIZES))
_HEAD = f"""# What every page measures

Written by `script/soak` or, shorter, `script/soak table`; not by hand. Pages and roles come from the address table and
`tests/security/permissions.yaml`, the office is the one of `tests/security/nation.py`. Each page stands once as
the first role that may open it and again for a role whose page is built otherwise. Several figures in a
cell stand for the widths
{" / ".join(map(str, _WIDTHS))} px, in this order; one figure where all are the same.

| column | says | kept to |
|---|---|---|
| 3 | least height of a target (of buttons and fields also the width), px | 44 and more |
| 4 | px by which the page is wider than the screen | 0 |
| 4 row | px at which the first row of the list ends at 1440 × 900 | 900 and less |
| 5 | controls that a bar covers, that show no ring or have an order of their own, at {" and ".join(map(str, FOCUS_AT))} px | 0 |
| 6 | faults in the answer to a form sent empty; – without such a form | 0 |
| 11 | forms of five fields that keep no draft | 0 |
| 13 KiB | weight of the first load | 150 and less |
| 13 ms | largest paint, beside other work on two cores; – where it was over before it was asked | 2500 and less |
| 13 shift | how far the layout moves | 0.1 and less |
| 14 | longest line, characters | 38 and less |
| 14 table | px by which a table is wider than its frame | 0 |
| axe | serious and critical findings of axe-core; – where it was not asked | 0 |

"""
_COLUMNS = (
    "page",
    "role",
    "3",
    "4",
    "4 row",
    "5",
    "6",
    "11",
    "13 KiB",
    "13 ms",
    "13 shift",
    "14",
    "14 table",
    "axe",
)


def _each(figures: Iterable[object]) -> str:
    """The figures of all widths, or the one they share."""
    words = [str(figure) for figure in figures]
    return words[0] if len(set(words)) == 1 else " / ".join(words)


def _row(page: Numbers) -> tuple[str, ...]:
    at, load = [page.at[width] for width in _WIDTHS], page.load
    return (
        f"`{page.page}`",
        page.who,
        _each(one["target"] for one in at),
        _each(one["sideways"] for one in at),
        str(page.at[max(_WIDTHS)]["firstRow"] or "–"),
        _each(sum(len(page.at[width][kind]) for kind in ("hidden", "dull", "ordered")) for width in FOCUS_AT),
        str(len(load["refused"])) if load["forms"] else "–",
        str(len(load["lost"])),
        str(round(load["weight"] / 1024)),
        str(load["largest"] or "–"),
        str(load["shift"]),
        _each(f"{one['line']:.0f}" for one in at),
        _each(max(one["tables"], default=0) for one in at),
        _each(len(page.axe[width]) if width in page.axe else "–" for width in _WIDTHS),
    )


def text(pages: Iterable[Numbers]) -> str:
    """The whole file."""
    rows = [
        _COLUMNS,
        ("---",) * len(_COLUMNS),
        *map(_row, sorted(pages, key=lambda one: (one.page, one.who))),
    ]
    return _HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows)
