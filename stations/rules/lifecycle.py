"""What can happen to a registered participation, a reception day, a turn on it, a leave, a swap."""

from liaison.words.transitions import TransitionTable
from stations.enums import (
    DutyEvent,
    DutyState,
    LeaveEvent,
    LeaveState,
    ParticipationEvent,
    ParticipationState,
    PlanEvent,
    PlanState,
    ReceptionDayEvent,
    ReceptionDayState,
    RotaPlanEvent,
    RotaPlanState,
    SwapEvent,
    SwapState,
)

_P, _PE = ParticipationState, ParticipationEvent

# domain.md decision 3: one side registers, the other confirms or objects, an objection is settled with a
# reason; silence past the deadline goes to the presidium, which decides in the same three ways. A
# confirmed record can still be objected to (核对期); a decision of the office is final.
PARTICIPATION: TransitionTable[ParticipationState, ParticipationEvent] = TransitionTable(
    _P.REGISTERED,
    {
        (_P.REGISTERED, _PE.CONFIRM): _P.CONFIRMED,
        (_P.REGISTERED, _PE.OBJECT): _P.OBJECTED,
        (_P.REGISTERED, _PE.WITHDRAW): _P.WITHDRAWN,
        (_P.REGISTERED, _PE.LAPSE): _P.LAPSED_TO_PRESIDIUM,
        (_P.CONFIRMED, _PE.OBJECT): _P.OBJECTED,
        (_P.OBJECTED, _PE.UPHOLD): _P.UPHELD,
        (_P.OBJECTED, _PE.CORRECT): _P.CORRECTED,
        (_P.OBJECTED, _PE.WITHDRAW): _P.WITHDRAWN,
        (_P.OBJECTED, _PE.LAPSE): _P.LAPSED_TO_PRESIDIUM,
        (_P.LAPSED_TO_PRESIDIUM, _PE.UPHOLD): _P.UPHELD,
        (_P.LAPSED_TO_PRESIDIUM, _PE.CORRECT): _P.CORRECTED,
        (_P.LAPSED_TO_PRESIDIUM, _PE.WITHDRAW): _P.WITHDRAWN,
    },
)

# What enters dossier, matrix and score.
COUNTED_STATES = frozenset({_P.CONFIRMED, _P.UPHELD, _P.CORRECTED})

_R, _RE = ReceptionDayState, ReceptionDayEvent

# A postponed day is the same day waiting for a new date; publishing it again gives it one.
RECEPTION_DAY: TransitionTable[ReceptionDayState, ReceptionDayEvent] = TransitionTable(
    _R.PLANNED,
    {
        (_R.PLANNED, _RE.PUBLISH): _R.PUBLISHED,
        (_R.PLANNED, _RE.CANCEL): _R.CANCELLED,
        (_R.PUBLISHED, _RE.HOLD): _R.HELD,
        (_R.PUBLISHED, _RE.POSTPONE): _R.POSTPONED,
        (_R.PUBLISHED, _RE.CANCEL): _R.CANCELLED,
        (_R.POSTPONED, _RE.PUBLISH): _R.PUBLISHED,
        (_R.POSTPONED, _RE.CANCEL): _R.CANCELLED,
    },
)

_D, _DE = DutyState, DutyEvent

# No entry is the last word: a leave may be approved afterwards, and the office may correct what was
# registered wrongly after an objection (domain.md decision 3). Swapped and cancelled turns are over.
DUTY: TransitionTable[DutyState, DutyEvent] = TransitionTable(
    _D.SCHEDULED,
    {
        (_D.SCHEDULED, _DE.ATTEND): _D.ATTENDED,
        (_D.SCHEDULED, _DE.EXCUSE): _D.ON_LEAVE,
        (_D.SCHEDULED, _DE.SWAP): _D.SWAPPED,
        (_D.SCHEDULED, _DE.MISS): _D.ABSENT,
        (_D.SCHEDULED, _DE.CANCEL): _D.CANCELLED,
        (_D.ON_LEAVE, _DE.RESTORE): _D.SCHEDULED,
        (_D.ABSENT, _DE.EXCUSE): _D.ON_LEAVE,
        (_D.ON_LEAVE, _DE.ATTEND): _D.ATTENDED,
        (_D.ABSENT, _DE.ATTEND): _D.ATTENDED,
        (_D.ATTENDED, _DE.MISS): _D.ABSENT,
        (_D.ATTENDED, _DE.EXCUSE): _D.ON_LEAVE,
    },
)

# What somebody registered as having happened; only these are confirmed, objected to or left to lapse.
REGISTERED_OUTCOMES = frozenset({_D.ATTENDED, _D.ON_LEAVE, _D.ABSENT})

# Turns that are nobody's any more: history, in no denominator; the deputy may be given a new one.
TURNS_OVER = frozenset({_D.SWAPPED, _D.CANCELLED})

# The turns a ratio divides by: scheduled for this deputy, less leave, swaps and cancelled days.
EXPECTED_DUTY_STATES = frozenset({_D.SCHEDULED, _D.ATTENDED, _D.ABSENT})

_L, _LE = LeaveState, LeaveEvent

LEAVE: TransitionTable[LeaveState, LeaveEvent] = TransitionTable(
    _L.REQUESTED,
    {
        (_L.REQUESTED, _LE.APPROVE): _L.APPROVED,
        (_L.REQUESTED, _LE.REJECT): _L.REJECTED,
        (_L.REQUESTED, _LE.WITHDRAW): _L.WITHDRAWN,
        (_L.APPROVED, _LE.WITHDRAW): _L.WITHDRAWN,
    },
)

_W, _WE = SwapState, SwapEvent

SWAP: TransitionTable[SwapState, SwapEvent] = TransitionTable(
    _W.PROPOSED,
    {
        (_W.PROPOSED, _WE.CONSENT): _W.CONSENTED,
        (_W.PROPOSED, _WE.REJECT): _W.REJECTED,
        (_W.PROPOSED, _WE.WITHDRAW): _W.WITHDRAWN,
        (_W.CONSENTED, _WE.APPROVE): _W.APPROVED,
        (_W.CONSENTED, _WE.REJECT): _W.REJECTED,
        (_W.CONSENTED, _WE.WITHDRAW): _W.WITHDRAWN,
    },
)

_T, _TE = RotaPlanState, RotaPlanEvent

# One draft and one adopted version at a time and period; a draft nobody adopted is history as well.
ROTA_PLAN: TransitionTable[RotaPlanState, RotaPlanEvent] = TransitionTable(
    _T.DRAFT,
    {
        (_T.DRAFT, _TE.ADOPT): _T.ADOPTED,
        (_T.DRAFT, _TE.SUPERSEDE): _T.SUPERSEDED,
        (_T.ADOPTED, _TE.SUPERSEDE): _T.SUPERSEDED,
    },
)

_N, _NE = PlanState, PlanEvent

# Who wrote a plan does not adopt it; what the public has read goes back to nobody's desk.
WORK_PLAN: TransitionTable[PlanState, PlanEvent] = TransitionTable(
    _N.DRAFT,
    {
        (_N.DRAFT, _NE.ADOPT): _N.ADOPTED,
        (_N.ADOPTED, _NE.RETURN): _N.DRAFT,
        (_N.ADOPTED, _NE.PUBLISH): _N.PUBLISHED,
        (_N.PUBLISHED, _NE.ARCHIVE): _N.ARCHIVED,
    },
)

# An activity waits for nobody's new date: its day is changed while it stands published.
OPEN_ACTIVITY_STATES = frozenset({_R.PLANNED, _R.PUBLISHED})
