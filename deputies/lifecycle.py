"""What can happen to a mandate and to a congress term.

The software records decisions of congresses and voters; it never takes one (domain.md section 2: warn at
the first unapproved absence, never terminate automatically).
"""

from deputies.enums import MandateEvent as M
from deputies.enums import MandateState, RolloverEvent, RolloverState, TermEvent, TermState
from liaison.words.transitions import TransitionTable

_HELD = (MandateState.ACTIVE, MandateState.SUSPENDED)

_ENDINGS = {
    M.RESIGN: MandateState.RESIGNED,
    M.RECALL: MandateState.RECALLED,
    M.TERMINATE: MandateState.TERMINATED,
    M.END: MandateState.ENDED,
    M.RECORD_DEATH: MandateState.DECEASED,
}

# 代表法 Art. 61 (suspended, restored afterwards) and Art. 62 (the ways a mandate ends).
MANDATE: TransitionTable[MandateState, M] = TransitionTable(
    MandateState.ACTIVE,
    {
        (MandateState.ACTIVE, M.SUSPEND): MandateState.SUSPENDED,
        (MandateState.SUSPENDED, M.RESTORE): MandateState.ACTIVE,
    }
    | {(state, event): target for state in _HELD for event, target in _ENDINGS.items()},
)

# A seat still held. A suspended deputy keeps the seat, but nothing is expected of the suspended time.
SEATED_STATES = frozenset(_HELD)
VACANT_STATES = frozenset(MandateState) - SEATED_STATES

TERM: TransitionTable[TermState, TermEvent] = TransitionTable(
    TermState.PREPARING,
    {
        (TermState.PREPARING, TermEvent.OPEN): TermState.CURRENT,
        (TermState.CURRENT, TermEvent.CLOSE): TermState.CLOSED,
    },
)

# Taking a rollover back is no event in the life of a term: it puts the rows back as they were.
_R, _RE = RolloverState, RolloverEvent
ROLLOVER: TransitionTable[RolloverState, RolloverEvent] = TransitionTable(
    _R.PROPOSED,
    {
        (_R.PROPOSED, _RE.CONFIRM): _R.DONE,
        (_R.PROPOSED, _RE.WITHDRAW): _R.WITHDRAWN,
        (_R.DONE, _RE.PROPOSE_UNDO): _R.UNDO_PROPOSED,
        (_R.UNDO_PROPOSED, _RE.WITHDRAW_UNDO): _R.DONE,
        (_R.UNDO_PROPOSED, _RE.CONFIRM_UNDO): _R.UNDONE,
    },
)
