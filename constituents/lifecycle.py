"""What can happen to an opinion (社情民意) and to a suggestion (代表建议).

Rating is an event, not a state of its own: 满意/基本满意 leads to closing, 不满意 to one redo with a new
deadline and then to the presidium. Lights and overdue are derived from deadlines, publication is a flag.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from constituents.enums import (
    OpinionEvent,
    OpinionState,
    Satisfaction,
    SuggestionEvent,
    SuggestionState,
)
from liaison.words.transitions import TransitionTable

_O, _OE = OpinionState, OpinionEvent

# Where triage, or a case handed back, may send a matter.
_ROUTES: Mapping[OpinionEvent, OpinionState] = {
    _OE.ASSIGN: _O.ASSIGNED,
    _OE.MAKE_SUGGESTION: _O.TO_SUGGESTION,
    _OE.PASS_TO_UPPER_DEPUTY: _O.TO_UPPER_DEPUTY,
    _OE.PASS_TO_12345: _O.TO_12345,
    _OE.PASS_TO_PETITION: _O.TO_PETITION,
    _OE.NOT_ACCEPT: _O.NOT_ACCEPTED,
    _OE.MERGE: _O.MERGED,
}

# Channels that report a result back, which is then told to the resident like any other reply. A petition
# (转信访) runs its own procedure, so it only closes here or comes back.
_ANSWERING_CHANNELS = (_O.TO_SUGGESTION, _O.TO_UPPER_DEPUTY, _O.TO_12345)
_CHANNELS = (*_ANSWERING_CHANNELS, _O.TO_PETITION)

_INTAKE: Mapping[tuple[OpinionState, OpinionEvent], OpinionState] = {
    (_O.REGISTERED, _OE.TRIAGE): _O.TRIAGED,
    (_O.TRIAGED, _OE.ANSWER_ON_SPOT): _O.ANSWERED_ON_SPOT,
    **{(_O.TRIAGED, event): target for event, target in _ROUTES.items()},
    (_O.ANSWERED_ON_SPOT, _OE.RATE_SATISFIED): _O.EVALUATED,
    (_O.ANSWERED_ON_SPOT, _OE.RATE_DISSATISFIED): _O.TRIAGED,
    (_O.ANSWERED_ON_SPOT, _OE.LEAVE_UNRATED): _O.CLOSED_UNRATED,
    (_O.MERGED, _OE.UNMERGE): _O.TRIAGED,
    (_O.MERGED, _OE.ARCHIVE): _O.ARCHIVED,
    (_O.NOT_ACCEPTED, _OE.REOPEN): _O.TRIAGED,
    (_O.NOT_ACCEPTED, _OE.ARCHIVE): _O.ARCHIVED,
}

_PASSED_ON: Mapping[tuple[OpinionState, OpinionEvent], OpinionState] = {
    **{(state, _OE.REPLY): _O.REPLIED for state in _ANSWERING_CHANNELS},
    **{(state, _OE.CLOSE_OUT): _O.CLOSED for state in _CHANNELS},
    **{(state, _OE.RETURN): _O.RETURNED for state in _CHANNELS},
}

_HANDLING: Mapping[tuple[OpinionState, OpinionEvent], OpinionState] = {
    (_O.ASSIGNED, _OE.ACCEPT): _O.ACCEPTED,
    (_O.ASSIGNED, _OE.RETURN): _O.RETURNED,
    (_O.ACCEPTED, _OE.START_HANDLING): _O.HANDLING,
    (_O.ACCEPTED, _OE.RETURN): _O.RETURNED,
    **{(_O.RETURNED, event): target for event, target in _ROUTES.items()},
    (_O.HANDLING, _OE.REPLY): _O.REPLIED,
    (_O.HANDLING, _OE.EXTEND): _O.EXTENDED,
    (_O.EXTENDED, _OE.REPLY): _O.REPLIED,
}

_OUTCOME: Mapping[tuple[OpinionState, OpinionEvent], OpinionState] = {
    (_O.REPLIED, _OE.RATE_SATISFIED): _O.EVALUATED,
    (_O.REPLIED, _OE.RATE_DISSATISFIED): _O.REDO,
    (_O.REPLIED, _OE.LEAVE_UNRATED): _O.CLOSED_UNRATED,
    (_O.REDO, _OE.REPLY): _O.REPLIED_AGAIN,
    (_O.REPLIED_AGAIN, _OE.RATE_SATISFIED): _O.EVALUATED,
    (_O.REPLIED_AGAIN, _OE.RATE_DISSATISFIED): _O.PRESIDIUM_DECIDES,
    (_O.REPLIED_AGAIN, _OE.LEAVE_UNRATED): _O.CLOSED_UNRATED,
    (_O.PRESIDIUM_DECIDES, _OE.CLOSE_OUT): _O.CLOSED,
    (_O.PRESIDIUM_DECIDES, _OE.ORDER_REDO): _O.REDO,
    (_O.PRESIDIUM_DECIDES, _OE.MAKE_SUGGESTION): _O.TO_SUGGESTION,
    (_O.PRESIDIUM_DECIDES, _OE.PASS_TO_UPPER_DEPUTY): _O.TO_UPPER_DEPUTY,
    (_O.EVALUATED, _OE.CLOSE_OUT): _O.CLOSED,
    (_O.CLOSED, _OE.ARCHIVE): _O.ARCHIVED,
    (_O.CLOSED_UNRATED, _OE.ARCHIVE): _O.ARCHIVED,
}

# domain.md section 4, states.
OPINION: TransitionTable[OpinionState, OpinionEvent] = TransitionTable(
    _O.REGISTERED, {**_INTAKE, **_PASSED_ON, **_HANDLING, **_OUTCOME}
)

# The handling unit's deadline runs in these.
OPINION_WITH_UNIT = frozenset({_O.ASSIGNED, _O.ACCEPTED, _O.HANDLING, _O.EXTENDED, _O.REDO})
# The resident's 15 days to rate run in these.
OPINION_AWAITING_RATING = frozenset({_O.ANSWERED_ON_SPOT, _O.REPLIED, _O.REPLIED_AGAIN})
# Nothing more is expected of anybody.
OPINION_DONE = frozenset({_O.CLOSED, _O.CLOSED_UNRATED, _O.NOT_ACCEPTED, _O.MERGED, _O.ARCHIVED})

# Both lifecycles take a rating as one of two events.
OPINION_RATING_EVENTS: Mapping[Satisfaction, OpinionEvent] = MappingProxyType(
    {
        Satisfaction.SATISFIED: _OE.RATE_SATISFIED,
        Satisfaction.BASICALLY_SATISFIED: _OE.RATE_SATISFIED,
        Satisfaction.DISSATISFIED: _OE.RATE_DISSATISFIED,
    }
)

_S, _SE = SuggestionState, SuggestionEvent

# Withdrawal (in writing) ends handling at any moment before the reply (重庆, 浙江).
_WITHDRAWABLE = (_S.DRAFTED, _S.SUBMITTED, _S.CHECKED, _S.ASSIGNED, _S.RETURNED, _S.ACCEPTED, _S.EXTENDED)

# domain.md section 2, suggestions: reply, evaluation, one redo, then the presidium (重庆: joint meeting).
SUGGESTION: TransitionTable[SuggestionState, SuggestionEvent] = TransitionTable(
    _S.DRAFTED,
    {
        (_S.DRAFTED, _SE.SUBMIT): _S.SUBMITTED,
        (_S.SUBMITTED, _SE.CHECK): _S.CHECKED,
        (_S.SUBMITTED, _SE.SEND_BACK): _S.DRAFTED,
        (_S.SUBMITTED, _SE.NOT_ACCEPT): _S.NOT_ACCEPTED,
        (_S.CHECKED, _SE.ASSIGN): _S.ASSIGNED,
        (_S.ASSIGNED, _SE.ACCEPT): _S.ACCEPTED,
        (_S.ASSIGNED, _SE.RETURN): _S.RETURNED,
        (_S.RETURNED, _SE.ASSIGN): _S.ASSIGNED,
        (_S.ACCEPTED, _SE.REPLY): _S.REPLIED,
        (_S.ACCEPTED, _SE.EXTEND): _S.EXTENDED,
        (_S.ACCEPTED, _SE.RETURN): _S.RETURNED,
        (_S.EXTENDED, _SE.REPLY): _S.REPLIED,
        (_S.REPLIED, _SE.RATE_SATISFIED): _S.EVALUATED,
        (_S.REPLIED, _SE.RATE_DISSATISFIED): _S.REDO,
        (_S.REPLIED, _SE.LEAVE_UNRATED): _S.CLOSED_UNRATED,
        (_S.REDO, _SE.REPLY): _S.REPLIED_AGAIN,
        (_S.REPLIED_AGAIN, _SE.RATE_SATISFIED): _S.EVALUATED,
        (_S.REPLIED_AGAIN, _SE.RATE_DISSATISFIED): _S.PRESIDIUM_DECIDES,
        (_S.REPLIED_AGAIN, _SE.LEAVE_UNRATED): _S.CLOSED_UNRATED,
        (_S.PRESIDIUM_DECIDES, _SE.CLOSE_OUT): _S.CLOSED,
        (_S.PRESIDIUM_DECIDES, _SE.ORDER_REDO): _S.REDO,
        (_S.EVALUATED, _SE.CLOSE_OUT): _S.CLOSED,
        (_S.CLOSED, _SE.ARCHIVE): _S.ARCHIVED,
        (_S.CLOSED_UNRATED, _SE.ARCHIVE): _S.ARCHIVED,
        (_S.NOT_ACCEPTED, _SE.ARCHIVE): _S.ARCHIVED,
        (_S.WITHDRAWN, _SE.ARCHIVE): _S.ARCHIVED,
    }
    | {(state, _SE.WITHDRAW): _S.WITHDRAWN for state in _WITHDRAWABLE},
)

SUGGESTION_WITH_UNIT = frozenset({_S.ASSIGNED, _S.ACCEPTED, _S.EXTENDED, _S.REDO})
SUGGESTION_AWAITING_RATING = frozenset({_S.REPLIED, _S.REPLIED_AGAIN})
SUGGESTION_DONE = frozenset({_S.CLOSED, _S.CLOSED_UNRATED, _S.NOT_ACCEPTED, _S.WITHDRAWN, _S.ARCHIVED})

SUGGESTION_RATING_EVENTS: Mapping[Satisfaction, SuggestionEvent] = MappingProxyType(
    {
        Satisfaction.SATISFIED: _SE.RATE_SATISFIED,
        Satisfaction.BASICALLY_SATISFIED: _SE.RATE_SATISFIED,
        Satisfaction.DISSATISFIED: _SE.RATE_DISSATISFIED,
    }
)


def is_due_day_over(due_on: date | None, today: date) -> bool:
    """Whether the whole day somebody had for it has passed; nobody's silence is used against them before."""
    return due_on is not None and due_on < today
