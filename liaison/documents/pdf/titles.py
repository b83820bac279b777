"""How wide Chinese text is, and where a document title is broken; standard library only.

GB/T 9704-2012 7.3.1: the title stands centred in one or more lines; lines break between words,
evenly spread, in the shape of a trapezoid or a lozenge.
"""

from __future__ import annotations

import re
from itertools import combinations, pairwise

#: The text block is 156 mm wide: 20 characters of 22 pt; 19 leave a visible margin.
TITLE_WIDTH = 19.0

_TOKEN = re.compile(r"《[^》]*》|〔[^〕]*〕|[A-Za-z0-9.%]+年?度?|.", re.DOTALL)
_NOT_FIRST = frozenset("，。、；：？！）》」』】〕”’%的")
_NOT_LAST = frozenset("《（「『【〔“‘第")
_GOOD_AFTER = (
    "的", "年度", "主席团", "委员会", "工作委员会", "工委", "人大", "代表大会", "会议", "关于", "情况",
    "结果", "工作", "活动", "办法", "和", "与", "》",
)  # fmt: skip
_GOOD_BEFORE = ("关于", "开展", "做好", "印发", "反馈", "通知", "通报", "履职", "代表", "年度", "进行", "《")
_BREAK_INSIDE_WORD = 6.0
_BREAK_AFTER_ABOUT = 8.0


def em_width(text: str) -> float:
    """Return the width of ``text`` in characters of its own size; ASCII counts as half."""
    return sum(0.5 if char.isascii() else 1.0 for char in text)


def title_lines(title: str, width: float = TITLE_WIDTH) -> list[str]:
    """Break ``title`` into lines of at most ``width`` characters, longer ones above.

    Line breaks already in ``title`` are kept as they are. A word longer than a line stays whole.
    """
    lines: list[str] = []
    for part in title.split("\n"):
        lines += _balanced(part.strip(), width)
    return [line for line in lines if line]


def _balanced(title: str, width: float) -> list[str]:
    if em_width(title) <= width:
        return [title]
    tokens = _TOKEN.findall(title)
    fewest = int(-(-em_width(title) // width))
    for count in (fewest, fewest + 1):
        ways = [_cut(tokens, cuts) for cuts in combinations(range(1, len(tokens)), count - 1)]
        choices = [lines for lines in ways if all(em_width(line) <= width for line in lines)]
        if choices:
            return min(choices, key=_ugliness)
    return [title]


def _cut(tokens: list[str], cuts: tuple[int, ...]) -> list[str]:
    edges = (0, *cuts, len(tokens))
    return ["".join(tokens[first:last]) for first, last in pairwise(edges)]


def _ugliness(lines: list[str]) -> float:
    """Weigh bad break points against uneven lines; lower is better."""
    widths = [em_width(line) for line in lines]
    uneven = (max(widths) - min(widths)) / 2
    growing = sum(max(0.0, lower - upper) for upper, lower in pairwise(widths))
    breaks = sum(_break_cost(upper, lower) for upper, lower in pairwise(lines))
    return uneven + growing + breaks


def _break_cost(upper: str, lower: str) -> float:
    if lower[0] in _NOT_FIRST or upper[-1] in _NOT_LAST:
        return 100.0
    if upper.endswith("关于"):
        return _BREAK_AFTER_ABOUT
    if upper.endswith(_GOOD_AFTER) or lower.startswith(_GOOD_BEFORE):
        return 0.0
    return _BREAK_INSIDE_WORD
