"""What loading or correcting a year would move, counted before anybody confirms it; nothing is written.

The calendar belongs to the whole installation, so this looks everywhere and tells only how many dates of
which kind would move and from when to when: no names, no matters. Upper floors supply what they date in
their own way through ``hooks.calendar_effects``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from django.db.models import Q, QuerySet

from liaison import hooks
from liaison.calendar.deadlines import Policy, due
from liaison.calendar.notice_reader import YearDraft
from liaison.calendar.workdays import WorkCalendar, YearPlan
from liaison.calendar.working import across, deadline_models, working_calendar
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import DeadlineUnit

LOOKER = "放假安排预览"
EXAMPLES = 5


class Move(Protocol):
    """A date as it stands and as the new calendar gives it; ``None`` when it falls away."""

    @property
    def before(self) -> date: ...

    @property
    def after(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class Moved:
    before: date
    after: date | None


@dataclass(slots=True)
class Effect:
    """One kind of date: how many rest on the estimate or are touched, and which of them move."""

    name: str
    looked_at: int = 0
    moves: list[Move] = field(default_factory=list)

    def add(self, before: date, after: date | None) -> None:
        self.looked_at += 1
        if before != after:
            self.moves.append(Moved(before, after))

    @property
    def examples(self) -> list[tuple[date, date | None, int]]:
        """From when to when, and how many: the earliest first, at most ``EXAMPLES``."""
        counted: dict[tuple[date, date | None], int] = {}
        for move in self.moves:
            key = (move.before, move.after)
            counted[key] = counted.get(key, 0) + 1
        ordered = sorted(counted.items(), key=lambda item: (item[0][0], item[0][1] or date.max))
        return [(before, after, count) for (before, after), count in ordered[:EXAMPLES]]

    @property
    def more(self) -> int:
        """Moves that the examples leave out."""
        return len(self.moves) - sum(count for _, _, count in self.examples)


def with_draft(calendar: WorkCalendar, draft: YearDraft) -> WorkCalendar:
    """The calendar as it would be once ``draft`` is loaded; a break before New Year joins the year before."""
    plans = dict(calendar.plans)
    plans[draft.year] = _plan(draft.year, *draft.part(draft.year))
    former = plans.get(draft.year - 1)
    off, worked = draft.part(draft.year - 1)
    if former is not None and (off or worked):
        holidays = (former.holidays - worked.keys()) | off.keys()
        makeups = (former.makeup_workdays - off.keys()) | worked.keys()
        plans[former.year] = YearPlan(former.year, holidays, makeups, {**former.names, **off, **worked})
    return WorkCalendar(plans)


def _plan(year: int, off: Mapping[date, str], worked: Mapping[date, str]) -> YearPlan:
    return YearPlan(year, frozenset(off), frozenset(worked), {**off, **worked})


def effects_of(draft: YearDraft, today: date) -> list[Effect]:
    """What loading ``draft`` would move, by kind; kinds it does not touch are left out."""
    with acting(system_actor(name=LOOKER)) as actor:
        before = working_calendar()
        calendar = with_draft(before, draft)
        found = [*_deadlines(actor, calendar, corrected_days(before, calendar), today)]
        found += [effect(actor, calendar, today) for effect in hooks.calendar_effects]
    return [effect for effect in found if effect.looked_at]


def corrected_days(before: WorkCalendar, after: WorkCalendar) -> set[date]:
    """The days of years already loaded that would be worked, or not, otherwise than now."""
    found: set[date] = set()
    for year, plan in before.plans.items():
        other = after.plans[year]
        found |= plan.holidays ^ other.holidays
        found |= plan.makeup_workdays ^ other.makeup_workdays
    return found


def _deadlines(actor: Actor, calendar: WorkCalendar, corrected: set[date], today: date) -> Iterator[Effect]:
    """Deadlines that are provisional, or counted over a corrected day; one query a table."""
    touched = Q(due_is_provisional=True) | across(corrected, today)
    for model in deadline_models():
        effect = Effect(f"{model._meta.verbose_name}的期限")
        rows: QuerySet[Any] = model.scoped(actor)
        for row in rows.filter(touched, due_on__isnull=False, runs_from__isnull=False):
            policy = Policy(row.run_length, DeadlineUnit(row.run_unit), row.run_rolls)
            found = due(row.runs_from, policy, calendar.provisional())
            if not found.is_provisional:
                effect.add(row.due_on, found.due_on)
        yield effect
