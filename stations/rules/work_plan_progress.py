"""How far an item of a year's plan has come: pure rules, standard library only.

An item asks for one activity in each of its months, or one on days of its own. Activities held count
towards the slots in order of their days: the first held serves the first slot still open, whatever the
month, so that a training held a week late closes its month and opens no second debt.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from liaison.words.labelled import LabelledEnum


class Progress(LabelledEnum):
    """Where an item stands, in words."""

    COMING = "coming", "未到时间"
    DUE = "due", "本月应开展"
    ARRANGED = "arranged", "已安排"
    OVERDUE = "overdue", "逾期未开展"
    PARTLY = "partly", "按进度开展"
    DONE = "done", "已完成"
    CALLED_OFF = "called_off", "已取消"


@dataclass(frozen=True, slots=True)
class Slot:
    """One activity an item asks for, within these days."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class ItemProgress:
    """``planned`` activities in the year, ``held`` of them, ``overdue`` past their days and not held.

    ``arranged`` activities have a day but were not held yet. ``next_slot`` is the first still open.
    """

    planned: int
    held: int
    arranged: int
    overdue: int
    state: Progress
    next_slot: Slot | None


def slots_of(year: int, months: Collection[int], starts_on: date | None, ends_on: date | None) -> list[Slot]:
    """The slots of an item in order; an item with days of its own has exactly one."""
    if starts_on is not None:
        return [Slot(starts_on, ends_on or starts_on)]
    return [
        Slot(date(year, month, 1), date(year, month, monthrange(year, month)[1]))
        for month in sorted(set(months))
    ]


def progress_of(
    slots: list[Slot], held: int, arranged: int, today: date, *, is_called_off: bool = False
) -> ItemProgress:
    """Count and name; an item called off owes nothing."""
    left = [] if is_called_off else slots[held:]
    overdue = sum(slot.last < today for slot in left)
    return ItemProgress(
        planned=len(slots),
        held=held,
        arranged=arranged,
        overdue=overdue,
        state=_state(slots, left, held, arranged, overdue, today, is_called_off),
        next_slot=left[0] if left else None,
    )


def _state(
    slots: list[Slot],
    left: list[Slot],
    held: int,
    arranged: int,
    overdue: int,
    today: date,
    is_called_off: bool,
) -> Progress:
    if is_called_off:
        return Progress.CALLED_OFF
    if not left:
        return Progress.DONE
    if overdue > arranged:
        return Progress.OVERDUE
    if arranged:
        return Progress.ARRANGED
    if left[0].first <= today:
        return Progress.DUE
    return Progress.PARTLY if held else Progress.COMING


def time_words(months: Collection[int], starts_on: date | None, ends_on: date | None) -> str:
    """3月 · 3月、6月 · 全年每月 · 每季度末月 stays as its months · 3月6日 · 3月6日至8日."""
    if starts_on is not None:
        first = f"{starts_on.month}月{starts_on.day}日"
        if ends_on is None or ends_on == starts_on:
            return first
        same_month = ends_on.month == starts_on.month and ends_on.year == starts_on.year
        return f"{first}至{ends_on.day}日" if same_month else f"{first}至{ends_on.month}月{ends_on.day}日"
    wanted = sorted(set(months))
    if len(wanted) == 12:
        return "每月"
    return "、".join(f"{month}月" for month in wanted)
