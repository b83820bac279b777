"""What the rota is made from, and what it is: values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

from deputies.spans import Span
from liaison.words.labelled import LabelledEnum
from stations.rules.yearly_norms import Service

# Deputies of higher levels are balanced among themselves, apart from the township's groups.
UPPER_GROUP = "上级代表"
# 1–2 deputies a turn [default, domain.md section 4].
MOST_SEATS = 2


class SeatKind(LabelledEnum):
    """Who may sit there: a deputy of this congress, or on theme days one of a higher level."""

    OWN = "own", "本级代表"
    UPPER = "upper", "上级代表"


class KeptReason(LabelledEnum):
    """Why planning leaves a turn as it is."""

    PAST = "past", "日期已过"
    REGISTERED = "registered", "已登记到岗情况"
    HAND = "hand", "手工指定"
    SWAPPED = "swapped", "已调换"
    ANNOUNCED = "announced", "已公布"


# A turn that only somebody's wish keeps gives way when its deputy cannot come; what happened does not.
BREAKABLE = frozenset({KeptReason.HAND, KeptReason.SWAPPED, KeptReason.ANNOUNCED})


class Nearness(IntEnum):
    """How close a deputy is to a station; the lower, the sooner."""

    CONSTITUENCY = 0
    GROUP = 1
    ROSTER = 2


NEARNESS_WORDS = {
    Nearness.CONSTITUENCY: "本站所在选区的代表",
    Nearness.GROUP: "本站负责小组的代表",
    Nearness.ROSTER: "本站进站代表",
}


class WarningKind(LabelledEnum):
    """What a person has to look at; nothing gives way silently."""

    UNFILLED = "unfilled", "缺人"
    RUNNING = "running", "连续值班"
    SPREAD = "spread", "轮次不均"
    MINIMUM = "minimum", "次数不足"
    THEME = "theme", "缺上级代表"
    REPLACED = "replaced", "原定代表不能值班"
    KEPT = "kept", "保留的班次有冲突"


@dataclass(frozen=True, slots=True)
class Parameters:
    """``seats``: deputies a turn (1 or 2); ``minimum``: turns a deputy should have in a year."""

    seats: int = MOST_SEATS
    minimum: int = 2

    def __post_init__(self) -> None:
        if not 1 <= self.seats <= MOST_SEATS or not 0 <= self.minimum <= 12:
            raise ValueError("seats are 1 or 2, the minimum lies between 0 and 12")


@dataclass(frozen=True, slots=True)
class Kept:
    """A turn that stays with whoever has it."""

    key: str
    reason: KeptReason


@dataclass(frozen=True, slots=True)
class Day:
    """One reception day. ``is_open`` false: past or held, nobody is added."""

    id: int
    day: date
    station: int
    theme: str = ""
    kept: tuple[Kept, ...] = ()
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """A deputy's place at a station: how close, and on which days of the roster."""

    nearness: Nearness
    span: Span


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may take turns.

    ``order`` sorts people where people are listed (stroke order). ``places`` by station. ``busy`` by day,
    the reason as a sentence's end (当天出席人代会). ``turns_before`` are turns of the counted period that do
    not lie on the problem's days.
    """

    key: str
    name: str
    order: str
    group: str
    service: Service
    places: Mapping[int, Place]
    busy: Mapping[date, str] = field(default_factory=dict)
    turns_before: int = 0
    is_higher_level: bool = False
    kind: SeatKind = SeatKind.OWN


@dataclass(frozen=True, slots=True)
class Problem:
    """``start`` … ``end``: the period whose turns are balanced. ``before``: who had the last turn at each
    station ahead of the first day."""

    days: tuple[Day, ...]
    candidates: tuple[Candidate, ...]
    start: date
    end: date
    seed: int
    parameters: Parameters = field(default_factory=Parameters)
    before: Mapping[int, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = {candidate.key for candidate in self.candidates}
        if len(known) < len(self.candidates):
            raise ValueError("two candidates with one key")
        if len({day.id for day in self.days}) < len(self.days):
            raise ValueError("two days with one id")
        if any(kept.key not in known for day in self.days for kept in day.kept):
            raise ValueError("a kept turn of somebody unknown")


@dataclass(frozen=True, slots=True)
class Seat:
    """One place on one day. ``why``: rule by rule; ``why_not``: each reason with the keys it holds for."""

    day_id: int
    number: int
    kind: SeatKind
    key: str | None
    kept: KeptReason | None = None
    why: tuple[str, ...] = ()
    why_not: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Warned:
    """One thing to look at again; ``day_id`` where it is about one day."""

    kind: WarningKind
    text: str
    day_id: int | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """Turns of one deputy in the counted period, and the months in which turns could be expected."""

    turns: int
    months: int


@dataclass(frozen=True, slots=True)
class Plan:
    seats: tuple[Seat, ...]
    warnings: tuple[Warned, ...]
    loads: Mapping[str, Load]
