"""What a leave would do: which turns it takes, where a gap opens, what it takes off the norm."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date

from deputies.spans import Span
from liaison.tenancy.scope import Actor
from stations.enums import DutyState, LeaveState
from stations.models import Activity, LeaveRequest, Participation, ReceptionDay
from stations.rules.lifecycle import TURNS_OVER
from stations.rules.yearly_norms import Service, month_excuse, months_between, norm_for
from stations.selectors.facts import kinds_in_force, services_of
from stations.selectors.records import with_parts


@dataclass(frozen=True, slots=True)
class TakenTurn:
    """One turn or activity the leave takes; ``left`` others still expected there (receptions only)."""

    id: int
    day: date
    what: str
    is_reception: bool
    outcome: DutyState
    left: int

    @property
    def is_gap(self) -> bool:
        """Nobody else is on duty: somebody has to stand in."""
        return self.is_reception and self.left == 0


@dataclass(frozen=True, slots=True)
class NormEffect:
    """What the leave takes off one yearly norm of the deputy: due before and after."""

    name: str
    before: int
    after: int


@dataclass(slots=True)
class LeaveEffect:
    turns: list[TakenTurn] = field(default_factory=list)
    norms: list[NormEffect] = field(default_factory=list)

    @property
    def gaps(self) -> list[TakenTurn]:
        return [turn for turn in self.turns if turn.is_gap]


def leave_effect(actor: Actor, leave: LeaveRequest) -> LeaveEffect:
    """What approving ``leave`` does (or did); six queries whatever its length."""
    rows = with_parts(Participation.scoped(actor).filter(mandate_id=leave.mandate_id))
    if leave.participation_id is not None:
        rows = rows.filter(pk=leave.participation_id)
    else:
        rows = rows.filter(day__range=(leave.starts_on, leave.ends_on))
    found = list(rows.exclude(outcome__in=TURNS_OVER).order_by("day", "id"))
    left = _others_on_duty(actor, leave, found)
    turns = [
        TakenTurn(
            row.pk,
            row.day,
            _what(row.reception_day, row.activity),
            row.reception_day_id is not None,
            DutyState(row.outcome),
            left[row.reception_day_id] if row.reception_day_id else 0,
        )
        for row in found
    ]
    return LeaveEffect(turns, _norm_effects(actor, leave))


def _what(day: ReceptionDay | None, activity: Activity | None) -> str:
    return f"{day.station}接待日" if day is not None else str(activity)


def _others_on_duty(actor: Actor, leave: LeaveRequest, found: list[Participation]) -> Counter[int | None]:
    days = [row.reception_day_id for row in found if row.reception_day_id is not None]
    others = Participation.scoped(actor).filter(reception_day__in=days).exclude(mandate_id=leave.mandate_id)
    on_duty = others.filter(outcome__in=(DutyState.SCHEDULED, DutyState.ATTENDED))
    return Counter(on_duty.values_list("reception_day_id", flat=True))


def _norm_effects(actor: Actor, leave: LeaveRequest) -> list[NormEffect]:
    """Personal norms by the year of the leave's beginning; only those it changes."""
    if leave.participation_id is not None:
        return []
    year = leave.starts_on.year
    start, end = date(year, 1, 1), date(year, 12, 31)
    service = services_of(actor, [leave.mandate], start, end)[leave.mandate_id]
    span = Span(leave.starts_on, leave.ends_on)
    without = replace(service, leave=_others(service, span, leave))
    having = replace(without, leave=(*without.leave, span))
    kinds = kinds_in_force(actor, leave.scope_code, year).values()
    months = list(months_between(start, end))
    before, after = _expected(months, without), _expected(months, having)
    effects = [
        NormEffect(kind.name, norm_for(kind.due_per_year, before), norm_for(kind.due_per_year, after))
        for kind in kinds
        if kind.is_personal and kind.due_per_year
    ]
    return [effect for effect in effects if effect.before != effect.after]


def _others(service: Service, span: Span, leave: LeaveRequest) -> tuple[Span, ...]:
    """The approved leave apart from this one."""
    spans = list(service.leave)
    if leave.state == LeaveState.APPROVED and span in spans:
        spans.remove(span)
    return tuple(spans)


def _expected(months: list[Span], service: Service) -> int:
    """In how many of the months the deputy is expected."""
    return sum(month_excuse(month, service) is None for month in months)
