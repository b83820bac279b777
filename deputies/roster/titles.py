"""The title of a roster: which place, which congress, how many people.

Pure. Offices put more into a title than that: who elected the deputies, and which meeting they attend.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from deputies.roster.cells import whole_number
from liaison.words.text import clean_line

_TITLE = re.compile(r"(?P<place>[^\s（(]*?)第(?P<term>[〇零一二三四五六七八九十百\d]+)届")
#: What a title puts before the congress: who elected the deputies, where they attend, what is attached.
_ELECTED_BY = re.compile(
    r".*(?:选举产生的?|选出的?|推选的?|产生的|选派的?|出席|参加|当选为?|关于|附件?\d*[:：])"
)
_CONGRESS_WORDS = re.compile(r"(?:人民代表大会|人代会|人大|常务委员会|常委会|主席团|代表)+$")
_HEADCOUNT = re.compile(r"(?:共|计|合计|[（(]|[:：])?\s*(\d{1,5})\s*(?:人|名)")


@dataclass(frozen=True, slots=True)
class Title:
    """What stands above the heading: 榆次区庄子乡 + 15 out of 榆次区庄子乡第十五届人民代表大会代表名册.

    ``place`` is the congress's own, without the words around it: 榆次区 out of both
    庄子乡选举产生的榆次区第十七届人大代表 and 出席榆次区人大第十七届会议的代表.
    """

    text: str = ""
    place: str = ""
    term_number: int | None = None
    headcount: int | None = None


def read_title(rows: Sequence[Sequence[str]]) -> Title:
    """The title in the rows above a heading: the first that numbers a congress, else the first with words."""
    lines = [clean_line(" ".join(dict.fromkeys(filter(None, row)))) for row in rows]
    for line in lines:
        match = _TITLE.search(line)
        if match:
            headcount = _HEADCOUNT.search(line)
            return Title(
                line,
                _congress_place(match["place"]),
                whole_number(match["term"]),
                int(headcount[1]) if headcount else None,
            )
    return Title(next((line for line in lines if line), ""))


def _congress_place(before: str) -> str:
    """The place of the congress out of what a title says before its number."""
    return _CONGRESS_WORDS.sub("", _ELECTED_BY.sub("", before)).strip("，,、:：—-《“")
