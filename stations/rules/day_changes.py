"""What planning would do to a station's days: pure comparison, so that showing it and doing it agree.

Days are known by the day the rule names (``nominal_day``), which stays when a holiday moves the reception.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time

from liaison.calendar.recurrence import Planned
from liaison.words.labelled import LabelledEnum

_TAKEN = "当天已有接待日"


class PlanChange(LabelledEnum):
    ADDED = "added", "新增"
    MOVED = "moved", "改期"
    CHANGED = "changed", "时间或主题有变"
    SAME = "same", "不变"
    KEPT = "kept", "保留"
    REMOVED = "removed", "撤下"
    LEFT_OUT = "left_out", "不排"

    @property
    def tone(self) -> str:
        """How it is marked on a page."""
        return _TONES[self]


_TONES = {
    PlanChange.ADDED: "info",
    PlanChange.MOVED: "warn",
    PlanChange.CHANGED: "warn",
    PlanChange.SAME: "none",
    PlanChange.KEPT: "ok",
    PlanChange.REMOVED: "bad",
    PlanChange.LEFT_OUT: "bad",
}


@dataclass(frozen=True, slots=True)
class WantedDay:
    """A day the rules ask for. ``rule_id`` is ``None`` for a rule that is not stored yet."""

    planned: Planned
    rule_id: int | None
    starts_at: time
    ends_at: time


@dataclass(frozen=True, slots=True)
class KnownDay:
    """A day of the station as stored.

    ``is_open``: only planned, not put by hand and made by a rule, so planning may touch it. ``records``
    counts the deputies' records that hang on it; ``is_off``: cancelled, so it occupies no day;
    ``has_own_theme``: a person laid its theme down, so the rule's does not count.
    """

    id: int
    nominal_day: date
    day: date
    starts_at: time
    ends_at: time
    text: str
    theme: str
    is_provisional: bool
    rule_id: int | None
    is_open: bool
    is_off: bool = False
    has_own_theme: bool = False
    state: str = ""
    records: int = 0


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One line of the plan: what becomes of one day, and why it is not simply what the rule says."""

    change: PlanChange
    day: date
    wanted: WantedDay | None = None
    known: KnownDay | None = None
    reason: str = ""

    @property
    def former_day(self) -> date | None:
        """Where a moved day stood before."""
        return self.known.day if self.known and self.known.day != self.day else None


def compare(wanted: Iterable[WantedDay], known: Iterable[KnownDay], start: date, end: date) -> list[PlanLine]:
    """What planning ``start`` … ``end`` does to each wanted and each known day, by date.

    Days outside the period are touched only when a day of the period is theirs by name. No two days of a
    station end up on one date: where a date is taken by a day that stays, nothing is added.
    """
    wanted = sorted(wanted, key=lambda each: (each.planned.date, each.planned.nominal_date))
    named = {each.planned.nominal_date for each in wanted}
    by_name = _named_anew(wanted, {row.nominal_day: row for row in known}, named)
    strangers = [row for name, row in by_name.items() if name not in named]
    lines = [line for row in strangers if start <= row.day <= end for line in [_stranger(row)] if line]
    taken = _taken(by_name, named, lines)
    for each in wanted:
        line = _line(each, by_name.get(each.planned.nominal_date), taken)
        if line.change != PlanChange.REMOVED:
            taken[line.day] = _TAKEN
        lines.append(line)
    return sorted(lines, key=lambda line: (line.day, line.change))


def _named_anew(
    wanted: Iterable[WantedDay], by_name: dict[date, KnownDay], named: set[date]
) -> dict[date, KnownDay]:
    """A day no rule names any more, on the very date another name leads to, goes on under that name.

    So a changed rule that arrives at the same date keeps the day and whoever is on duty.
    """
    free = {row.day: row for row in by_name.values() if row.is_open and row.nominal_day not in named}
    taken_over = {
        each.planned.nominal_date: free.pop(each.planned.date)
        for each in wanted
        if each.planned.nominal_date not in by_name and each.planned.date in free
    }
    gone = {row.nominal_day for row in taken_over.values()}
    return {name: row for name, row in by_name.items() if name not in gone} | taken_over


def _stranger(row: KnownDay) -> PlanLine | None:
    """A stored day the rules do not name (any more)."""
    if row.is_off:
        return None
    if not row.is_open:
        return PlanLine(PlanChange.KEPT, row.day, known=row, reason=row.state)
    if row.records:
        return PlanLine(
            PlanChange.KEPT, row.day, known=row, reason=f"已排{row.records}人值班，请核对是否保留"
        )
    return PlanLine(PlanChange.REMOVED, row.day, known=row)


def _taken(by_name: Mapping[date, KnownDay], named: set[date], lines: Iterable[PlanLine]) -> dict[date, str]:
    """Dates held by days that planning leaves where they are."""
    gone = {line.known.id for line in lines if line.known and line.change == PlanChange.REMOVED}
    return {
        row.day: _TAKEN
        for name, row in by_name.items()
        if row.id not in gone and not row.is_off and not (row.is_open and name in named)
    }


def _line(want: WantedDay, row: KnownDay | None, taken: Mapping[date, str]) -> PlanLine:
    day = want.planned.date
    if row is not None and not row.is_open:
        reason = row.state if row.day == day and not row.is_off else f"{row.state}，不再变动"
        return PlanLine(PlanChange.KEPT, row.day, want, row, reason)
    if day in taken and (row is None or row.day != day):
        return _crowded_out(want, row, f"{day.month}月{day.day}日{taken[day]}")
    if row is None:
        return PlanLine(PlanChange.ADDED, day, want)
    if row.day != day:
        reason = f"已排{row.records}人值班，一并改期" if row.records else ""
        return PlanLine(PlanChange.MOVED, day, want, row, reason)
    return PlanLine(PlanChange.SAME if _is_same(want, row) else PlanChange.CHANGED, day, want, row)


def _crowded_out(want: WantedDay, row: KnownDay | None, reason: str) -> PlanLine:
    """The date is another reception's: both are held as one, unless somebody already counts on this one."""
    if row is None:
        return PlanLine(PlanChange.LEFT_OUT, want.planned.date, want, None, reason)
    if row.records:
        return PlanLine(PlanChange.KEPT, row.day, want, row, f"{reason}，已排{row.records}人值班，请核对")
    return PlanLine(PlanChange.REMOVED, row.day, want, row, reason)


def _is_same(want: WantedDay, row: KnownDay) -> bool:
    """Whether a person would see no difference; the rule behind it and the wording may have changed."""
    return (row.starts_at, row.ends_at, row.theme) == (want.starts_at, want.ends_at, theme_for(want, row))


def theme_for(want: WantedDay, row: KnownDay) -> str:
    """The theme the day will have: the rule's, unless a person laid down another."""
    return row.theme if row.has_own_theme else want.planned.theme


def is_to_be_written(line: PlanLine) -> bool:
    """Whether a stored day must be written again, be it only for its derivation or its mark."""
    row, want = line.known, line.wanted
    if row is None or want is None or not row.is_open:
        return False
    if line.change in (PlanChange.KEPT, PlanChange.REMOVED):
        return False
    stored = (
        row.nominal_day,
        row.day,
        row.starts_at,
        row.ends_at,
        row.text,
        row.theme,
        row.is_provisional,
        row.rule_id,
    )
    planned = want.planned
    return stored != (
        planned.nominal_date,
        planned.date,
        want.starts_at,
        want.ends_at,
        planned.derivation_text,
        theme_for(want, row),
        planned.is_provisional,
        want.rule_id,
    )
