"""Spans of time in which a mandate was suspended; standard library only.

Nothing is expected of a deputy while suspended (代表法 Art. 61), so these days leave the denominators of
the annual score (domain.md 0.7).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from deputies.enums import MandateState

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Whole days, first and last included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class StateChange:
    """One entry of the ledger: from ``effective_on`` on the mandate is in ``to_state``."""

    effective_on: date
    to_state: MandateState


def suspended_spans(changes: Iterable[StateChange], first: date, last: date) -> tuple[Span, ...]:
    """The suspended days between ``first`` and ``last`` (both included), in order, never touching.

    ``changes`` come in the order they took effect. The day a suspension takes effect counts as suspended,
    the day of restoration (or of the end of the mandate) does not. ``ValueError`` when ``last`` lies
    before ``first`` or the changes are out of order.
    """
    if last < first:
        raise ValueError("the period ends before it begins")
    found: list[Span] = []
    since: date | None = None
    latest = date.min
    for change in changes:
        if change.effective_on < latest:
            raise ValueError("changes out of order")
        latest = change.effective_on
        if change.to_state == MandateState.SUSPENDED:
            since = change.effective_on if since is None else since
        elif since is not None:
            _add(found, since, change.effective_on - _ONE_DAY, first, last)
            since = None
    if since is not None:
        _add(found, since, last, first, last)
    return tuple(found)


def _add(found: list[Span], begin: date, end: date, first: date, last: date) -> None:
    """Append the part of begin..end inside the period, joined to the span before it when they touch."""
    begin, end = max(begin, first), min(end, last)
    if end < begin:
        return
    if found and begin <= found[-1].last + _ONE_DAY:
        found[-1] = Span(found[-1].first, end)
    else:
        found.append(Span(begin, end))
