"""What every move of a case shares: the table, the saved columns, the ledger row, the messages."""

from collections.abc import Iterable
from datetime import date, datetime

from constituents.enums import OpinionEvent, SuggestionEvent, SuggestionState
from constituents.lifecycle import OPINION, OPINION_DONE, SUGGESTION, SUGGESTION_DONE
from constituents.models import Opinion, OpinionStep, Suggestion, SuggestionStep
from constituents.services.notices import tell, tell_suggestion
from liaison.calendar.workdays import china_date
from liaison.calendar.working import policy_for, put_deadline
from liaison.models import DEADLINE_COLUMNS
from liaison.tenancy.scope import Actor
from liaison.words.limits import fitted


def required(field: str, value: str, message: str) -> str:
    """The words of a step, at the form's ``field``: not empty, and no longer than the ledger takes."""
    label = {"reason": "理由", "note": "说明"}.get(field, "内容")
    return fitted(OpinionStep, "note", value, at=field, label=label, needed=message)


def put(row: Opinion | Suggestion, code: str, starts_on: date) -> tuple[str, ...]:
    """Start the deadline of policy ``code``; the names of the columns to save."""
    put_deadline(row, policy=policy_for(code, row.scope_code), starts_on=starts_on)
    return DEADLINE_COLUMNS


def move(
    *,
    actor: Actor,
    opinion: Opinion,
    event: OpinionEvent,
    now: datetime,
    note: str = "",
    changed: Iterable[str] = (),
) -> Opinion:
    """Take a locked opinion through the table, save the named columns, write the step, tell who waits."""
    former = opinion.state
    opinion.state = OPINION.next_state(former, event)
    opinion.save(update_fields=sorted({"state", *changed, *_mark_closed(opinion, now)}))
    OpinionStep._plain.create(
        scope_code=opinion.scope_code,
        opinion=opinion,
        event=event,
        from_state=former,
        to_state=opinion.state,
        note=fitted(OpinionStep, "note", note),
        unit_id=opinion.unit_id,
        done_by_id=actor.account_id,
        done_at=now,
    )
    tell(opinion, now)
    return opinion


def _mark_closed(opinion: Opinion, now: datetime) -> tuple[str, ...]:
    """Keep ``closed_on`` in step with the state: set when nothing more is expected, cleared on reopening."""
    is_done = opinion.state in OPINION_DONE
    if is_done == (opinion.closed_on is not None):
        return ()
    opinion.closed_on = china_date(now) if is_done else None
    return ("closed_on",)


def move_suggestion(
    *,
    actor: Actor,
    suggestion: Suggestion,
    event: SuggestionEvent,
    now: datetime,
    note: str = "",
    changed: Iterable[str] = (),
) -> Suggestion:
    """The same for a suggestion."""
    former = suggestion.state
    suggestion.state = SUGGESTION.next_state(former, event)
    columns = {"state", *changed}
    if suggestion.state in SUGGESTION_DONE and suggestion.closed_on is None:
        suggestion.closed_on = china_date(now)
        columns.add("closed_on")
    suggestion.save(update_fields=sorted(columns))
    write_suggestion_step(actor, suggestion, SuggestionState(former), event, now, note)
    tell_suggestion(suggestion, now)
    return suggestion


def write_suggestion_step(
    actor: Actor,
    suggestion: Suggestion,
    former: SuggestionState,
    event: SuggestionEvent,
    now: datetime,
    note: str,
) -> None:
    SuggestionStep._plain.create(
        scope_code=suggestion.scope_code,
        suggestion=suggestion,
        event=event,
        from_state=former,
        to_state=suggestion.state,
        note=fitted(SuggestionStep, "note", note),
        done_by_id=actor.account_id,
        done_at=now,
    )
