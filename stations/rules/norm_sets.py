"""Sets of yearly norms an office can choose, and what choosing one changes: pure rules and data.

十个一 is the seed's (domain.md 0.1), 八个一 that of the neighbouring county (domain.md §8). A set is an
offer: choosing it writes the jurisdiction's own rows, which may then be edited one by one (domain.md 0.11).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from stations.enums import Frequency, ShippedKind

_MONTHLY, _QUARTERLY, _YEARLY = Frequency


@dataclass(frozen=True, slots=True)
class SetItem:
    """One norm of a set; ``is_personal``: the deputy does it alone, so the norm itself is due."""

    kind: ShippedKind
    frequency: Frequency
    is_personal: bool

    @property
    def due_per_year(self) -> int:
        return self.frequency.per_year


@dataclass(frozen=True, slots=True)
class NormSet:
    code: str
    name: str
    source: str
    items: tuple[SetItem, ...]

    @property
    def total(self) -> int:
        """How many are due a year in all."""
        return sum(item.due_per_year for item in self.items)


TEN_ONES_SET = NormSet(
    "ten_ones",
    "十个一",
    "榆次区新华街道人大工委的做法",
    (
        SetItem(ShippedKind.RECEPTION, _MONTHLY, False),
        SetItem(ShippedKind.CONSTITUENCY_VISIT, _MONTHLY, True),
        SetItem(ShippedKind.PUBLIC_OPINION, _MONTHLY, True),
        SetItem(ShippedKind.SURVEY, _QUARTERLY, False),
        SetItem(ShippedKind.TRAINING, _QUARTERLY, False),
        SetItem(ShippedKind.SUGGESTION, _YEARLY, True),
        SetItem(ShippedKind.POLICY_TALK, _YEARLY, True),
        SetItem(ShippedKind.DEPUTIES_MEETING, _QUARTERLY, False),
        SetItem(ShippedKind.EXCHANGE, _YEARLY, False),
        SetItem(ShippedKind.REVIEW, _YEARLY, False),
    ),
)
EIGHT_ONES_SET = NormSet(
    "eight_ones",
    "八个一",
    "和顺县的做法",
    (
        SetItem(ShippedKind.RECEPTION, _MONTHLY, False),
        SetItem(ShippedKind.PUBLIC_OPINION, _MONTHLY, True),
        SetItem(ShippedKind.STATION_VISIT, _MONTHLY, True),
        SetItem(ShippedKind.TRAINING, _MONTHLY, False),
        SetItem(ShippedKind.WORK_DIARY, _YEARLY, True),
        SetItem(ShippedKind.LIVELIHOOD_PROJECT, _YEARLY, True),
        SetItem(ShippedKind.WORK_STORY, _YEARLY, True),
        SetItem(ShippedKind.PERFORMANCE_REPORT, _YEARLY, True),
    ),
)
NORM_SETS: Mapping[str, NormSet] = MappingProxyType(
    {norm_set.code: norm_set for norm_set in (TEN_ONES_SET, EIGHT_ONES_SET)}
)


@dataclass(frozen=True, slots=True)
class Norm:
    """What is asked of a deputy for one kind: the part of a row that a choice changes."""

    code: str
    name: str
    due_per_year: int
    is_personal: bool


@dataclass(frozen=True, slots=True)
class NormChange:
    """One line of the preview: what held before and what is to hold; ``None``: nothing was or is asked."""

    code: str
    name: str
    before: Norm | None
    after: Norm | None

    @property
    def is_same(self) -> bool:
        """Whether nothing changes that anybody would notice; a new name for it is no change."""
        if self.before is None or self.after is None:
            return False
        before, after = self.before, self.after
        return (before.due_per_year, before.is_personal) == (after.due_per_year, after.is_personal)

    @property
    def word(self) -> str:
        if self.before is None:
            return "新增"
        if self.after is None:
            return "不再要求"
        if self.is_same:
            return "不变"
        is_counted_anew = self.before.due_per_year == self.after.due_per_year
        return "计算方法改变" if is_counted_anew else "次数改变"


def changes(now: Iterable[Norm], norm_set: NormSet) -> list[NormChange]:
    """What choosing ``norm_set`` would change: the set's items in its order, then what is dropped."""
    before = {norm.code: norm for norm in now if norm.due_per_year}
    found = []
    for item in norm_set.items:
        code = item.kind
        held = before.pop(code, None)
        after = Norm(code, held.name if held else item.kind.label, item.due_per_year, item.is_personal)
        found.append(NormChange(code, after.name, held, after))
    return found + [NormChange(code, held.name, held, None) for code, held in before.items()]


def frequency_words(due_per_year: int) -> str:
    """每月, 每季, 每年 before the name of a kind; else how many a year."""
    known = {12: "每月", 4: "每季", 1: "每年", 2: "每半年"}
    return known.get(due_per_year, f"每年{due_per_year}次")


def remaining_words(lines: Iterable[tuple[str, int, int]]) -> list[str]:
    """「还差2次：每月走访选区」 for each ``(name, norm, remaining)`` with something left to do.

    ``norm`` is the yearly norm, for the word before the name; a name that says it already keeps it.
    """
    return [
        f"还差{left}次：{name if name.startswith('每') else frequency_words(norm) + name}"
        for name, norm, left in lines
        if left > 0
    ]
