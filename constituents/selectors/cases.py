"""Queues, counts and timelines of opinions and suggestions; every function is one query unless it says so."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from constituents.access import visible_opinions, visible_suggestions
from constituents.enums import OpinionEvent, OpinionState, SuggestionState
from constituents.lifecycle import (
    OPINION_AWAITING_RATING,
    OPINION_WITH_UNIT,
    SUGGESTION_WITH_UNIT,
)
from constituents.models import Opinion, OpinionStep, Suggestion, SuggestionStep
from liaison.tenancy.scope import Actor

# Somebody of ours is late when one of these passes its deadline; a late rating is nobody's fault.
OPINION_ON_CLOCK = OPINION_WITH_UNIT | {
    OpinionState.REGISTERED,
    OpinionState.TRIAGED,
    OpinionState.RETURNED,
}
# What the presidium has to do something about.
OPINION_DESK = frozenset(
    {
        OpinionState.REGISTERED,
        OpinionState.TRIAGED,
        OpinionState.RETURNED,
        OpinionState.REPLIED,
        OpinionState.REPLIED_AGAIN,
        OpinionState.ANSWERED_ON_SPOT,
        OpinionState.PRESIDIUM_DECIDES,
        OpinionState.EVALUATED,
        OpinionState.TO_12345,
        OpinionState.TO_UPPER_DEPUTY,
        OpinionState.TO_SUGGESTION,
        OpinionState.TO_PETITION,
    }
)
SUGGESTION_DESK = frozenset(
    {
        SuggestionState.SUBMITTED,
        SuggestionState.CHECKED,
        SuggestionState.RETURNED,
        SuggestionState.PRESIDIUM_DECIDES,
        SuggestionState.EVALUATED,
    }
)


def by_deadline(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Earliest deadline first, what has none last."""
    return rows.order_by(F("due_on").asc(nulls_last=True), "pk")


def opinion_list(actor: Actor) -> QuerySet[Opinion]:
    """What the actor sees, with the names a list shows."""
    rows = visible_opinions(actor)
    return rows.select_related("unit", "station", "deputy__person")


def opinion_queue(actor: Actor, states: Iterable[OpinionState] = OPINION_DESK) -> QuerySet[Opinion]:
    """Cases in ``states``, the most pressing first."""
    return by_deadline(opinion_list(actor).filter(state__in=list(states)))


def suggestion_list(actor: Actor) -> QuerySet[Suggestion]:
    return visible_suggestions(actor).select_related("unit", "term__congress")


def suggestion_queue(
    actor: Actor, states: Iterable[SuggestionState] = SUGGESTION_DESK
) -> QuerySet[Suggestion]:
    return by_deadline(suggestion_list(actor).filter(state__in=list(states)))


def opinion_counts(actor: Actor, today: date) -> dict[str, int]:
    """How many cases stand in each state, and ``overdue``; one query."""
    return _counts(visible_opinions(actor), today, OPINION_ON_CLOCK)


def suggestion_counts(actor: Actor, today: date) -> dict[str, int]:
    return _counts(visible_suggestions(actor), today, SUGGESTION_WITH_UNIT)


def _counts(rows: QuerySet[Any], today: date, on_clock: Iterable[str]) -> dict[str, int]:
    late = Q(due_on__lt=today, state__in=[str(state) for state in on_clock])
    found = rows.order_by().values("state").annotate(total=Count("pk"), late=Count("pk", filter=late))
    counts, overdue = {}, 0
    for row in found:
        counts[row["state"]] = row["total"]
        overdue += row["late"]
    return counts | {"overdue": overdue}


def is_overdue(row: Opinion | Suggestion, today: date) -> bool:
    """Whether somebody owes this case and the day has passed."""
    on_clock: Iterable[str] = OPINION_ON_CLOCK if isinstance(row, Opinion) else SUGGESTION_WITH_UNIT
    return row.due_on is not None and row.due_on < today and row.state in {str(state) for state in on_clock}


def unrated_opinions(actor: Actor, today: date) -> QuerySet[Opinion]:
    """Answered cases whose days to rate are over."""
    rows = Opinion.scoped(actor).filter(state__in=list(OPINION_AWAITING_RATING))
    return rows.filter(due_on__lt=today)


def overdue_opinions(actor: Actor, today: date) -> QuerySet[Opinion]:
    rows = Opinion.scoped(actor).filter(state__in=list(OPINION_ON_CLOCK))
    return rows.filter(due_on__lt=today)


def overdue_suggestions(actor: Actor, today: date) -> QuerySet[Suggestion]:
    rows = Suggestion.scoped(actor).filter(state__in=list(SUGGESTION_WITH_UNIT))
    return rows.filter(due_on__lt=today)


def provisional_opinions(actor: Actor) -> QuerySet[Opinion]:
    """Cases, closed ones too, whose deadline rests on an estimated calendar."""
    return Opinion.scoped(actor).filter(due_is_provisional=True)


def provisional_suggestions(actor: Actor) -> QuerySet[Suggestion]:
    return Suggestion.scoped(actor).filter(due_is_provisional=True)


def still_overdue(rows: QuerySet[Any], pk: int, today: date) -> Any:
    """The row read again in the transaction that acts on it, or ``None`` when it has moved on."""
    row = rows.filter(pk=pk).first()
    return row if row is not None and is_overdue(row, today) else None


_TONES: Mapping[str, str] = {
    OpinionEvent.RETURN: "warn",
    OpinionEvent.EXTEND: "warn",
    OpinionEvent.RATE_DISSATISFIED: "bad",
    OpinionEvent.RATE_SATISFIED: "ok",
    OpinionEvent.REPLY: "ok",
    OpinionEvent.CLOSE_OUT: "ok",
    OpinionEvent.NOT_ACCEPT: "warn",
}


def opinion_timeline(actor: Actor, opinion: Opinion) -> list[dict[str, Any]]:
    """Steps of one case, newest first: what, when, who, and what was said."""
    steps = OpinionStep.scoped(actor).filter(opinion=opinion).select_related("done_by", "unit")
    return [_told(step) for step in steps.order_by("-done_at", "-pk")]


def suggestion_timeline(actor: Actor, suggestion: Suggestion) -> list[dict[str, Any]]:
    steps = SuggestionStep.scoped(actor).filter(suggestion=suggestion).select_related("done_by")
    return [_told(step) for step in steps.order_by("-done_at", "-pk")]


def _told(step: OpinionStep | SuggestionStep) -> dict[str, Any]:
    what = str(step)
    unit = getattr(step, "unit", None)
    if unit is not None and step.event == OpinionEvent.ASSIGN:
        what = f"{what}至{unit}"
    return {
        "at": step.done_at,
        "what": what,
        "who": step.done_by.display_name if step.done_by else _nobody(step.event),
        "detail": step.note,
        "tone": _TONES.get(step.event, ""),
        "event": step.event,
    }


def _nobody(event: str) -> str:
    return "群众本人" if event.startswith("rate_") else "系统自动"
