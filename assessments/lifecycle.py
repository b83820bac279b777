"""The assessment year and what follows it for one deputy: sheet, correction, objection, notice, talk.

The cycle says which step the whole congress is in; what one deputy does inside a step has a table of its
own. A step is left out only by its own skip event, so the ledger shows who left it out and why.
"""

from assessments.enums import (
    AssessmentEvent,
    AssessmentState,
    CorrectionEvent,
    CorrectionState,
    NoticeEvent,
    NoticeState,
    ObjectionEvent,
    ObjectionState,
    SheetEvent,
    SheetState,
    TalkEvent,
    TalkState,
)
from liaison.words.transitions import TransitionTable

_A, _AE = AssessmentState, AssessmentEvent

# domain.md 3.7, cycle. 核对期, 小组评议 and 选民测评 differ from place to place, so they can be skipped;
# the presidium's review, the objection period, approval, circulation and the notices cannot.
ASSESSMENT: TransitionTable[AssessmentState, AssessmentEvent] = TransitionTable(
    _A.DRAFT,
    {
        (_A.DRAFT, _AE.FREEZE): _A.FROZEN,
        (_A.FROZEN, _AE.START_SELF): _A.SELF,
        (_A.FROZEN, _AE.UNFREEZE): _A.DRAFT,
        (_A.SELF, _AE.FINISH_SELF): _A.GROUP,
        (_A.SELF, _AE.SKIP_SELF): _A.GROUP,
        (_A.GROUP, _AE.FINISH_GROUP): _A.BALLOT,
        (_A.GROUP, _AE.SKIP_GROUP): _A.BALLOT,
        (_A.BALLOT, _AE.FINISH_BALLOT): _A.PRESIDIUM_REVIEW,
        (_A.BALLOT, _AE.SKIP_BALLOT): _A.PRESIDIUM_REVIEW,
        (_A.PRESIDIUM_REVIEW, _AE.FINISH_REVIEW): _A.RECONCILE,
        (_A.RECONCILE, _AE.FINISH_RECONCILE): _A.OBJECTION,
        (_A.RECONCILE, _AE.SKIP_RECONCILE): _A.OBJECTION,
        (_A.OBJECTION, _AE.START_RECHECK): _A.RECHECK,
        (_A.OBJECTION, _AE.APPROVE_UNOPPOSED): _A.APPROVED,
        (_A.RECHECK, _AE.APPROVE): _A.APPROVED,
        (_A.APPROVED, _AE.CIRCULATE): _A.CIRCULATED,
        (_A.CIRCULATED, _AE.ISSUE_NOTICES): _A.NOTICE_ISSUED,
        (_A.NOTICE_ISSUED, _AE.START_RECTIFYING): _A.RECTIFYING,
        (_A.RECTIFYING, _AE.ARCHIVE): _A.ARCHIVED,
    },
)

# Events that leave a step out or go back; a service demands a reason for each.
ASSESSMENT_EVENTS_WITH_REASON = frozenset(
    {_AE.UNFREEZE, _AE.SKIP_SELF, _AE.SKIP_GROUP, _AE.SKIP_BALLOT, _AE.SKIP_RECONCILE}
)

# From here on results stand: only a recorded correction with a reason and a new version (domain.md 3.7).
# Facts, marks and votes may be added, and results computed again, until the meeting has approved them.
COMPUTABLE = frozenset(
    {
        _A.FROZEN,
        _A.SELF,
        _A.GROUP,
        _A.BALLOT,
        _A.PRESIDIUM_REVIEW,
        _A.RECONCILE,
        _A.OBJECTION,
        _A.RECHECK,
    }
)
RECORDABLE = COMPUTABLE | {_A.DRAFT}
RESULT_STATES = frozenset({_A.APPROVED, _A.CIRCULATED, _A.NOTICE_ISSUED, _A.RECTIFYING, _A.ARCHIVED})

_S, _SE = SheetState, SheetEvent

# A sheet may be recomputed until it is published; afterwards a correction puts a new version beside it.
SHEET: TransitionTable[SheetState, SheetEvent] = TransitionTable(
    _S.COMPUTED,
    {
        (_S.COMPUTED, _SE.PUBLISH): _S.PUBLISHED,
        (_S.COMPUTED, _SE.RECOMPUTE): _S.COMPUTED,
        (_S.PUBLISHED, _SE.SUPERSEDE): _S.SUPERSEDED,
    },
)

_C, _CE = CorrectionState, CorrectionEvent

CORRECTION: TransitionTable[CorrectionState, CorrectionEvent] = TransitionTable(
    _C.PROPOSED,
    {
        (_C.PROPOSED, _CE.APPROVE): _C.APPROVED,
        (_C.PROPOSED, _CE.REJECT): _C.REJECTED,
        (_C.APPROVED, _CE.APPLY): _C.APPLIED,
    },
)

_O, _OE = ObjectionState, ObjectionEvent

OBJECTION: TransitionTable[ObjectionState, ObjectionEvent] = TransitionTable(
    _O.RAISED,
    {
        (_O.RAISED, _OE.START_RECHECK): _O.RECHECKING,
        (_O.RAISED, _OE.NOT_ACCEPT): _O.NOT_ACCEPTED,
        (_O.RAISED, _OE.WITHDRAW): _O.WITHDRAWN,
        (_O.RECHECKING, _OE.UPHOLD): _O.UPHELD,
        (_O.RECHECKING, _OE.CORRECT): _O.CORRECTED,
        (_O.RECHECKING, _OE.WITHDRAW): _O.WITHDRAWN,
    },
)

_N, _NE = NoticeState, NoticeEvent

# Everyone gets the notice and must return the report [seed]; overdue is a date, not a state. 未提交 is a
# finding at the end of the period, and a report that still comes is taken. A corrected result replaces
# the notice by a new one at any time before archiving.
_SUPERSEDABLE = (_N.ISSUED, _N.DELIVERED, _N.REPORTED, _N.RETURNED, _N.ACCEPTED, _N.UNREPORTED)

NOTICE: TransitionTable[NoticeState, NoticeEvent] = TransitionTable(
    _N.ISSUED,
    {
        (_N.ISSUED, _NE.DELIVER): _N.DELIVERED,
        (_N.ISSUED, _NE.EXCUSE): _N.EXCUSED,
        (_N.DELIVERED, _NE.REPORT): _N.REPORTED,
        (_N.DELIVERED, _NE.RECORD_UNREPORTED): _N.UNREPORTED,
        (_N.DELIVERED, _NE.EXCUSE): _N.EXCUSED,
        (_N.REPORTED, _NE.ACCEPT): _N.ACCEPTED,
        (_N.REPORTED, _NE.RETURN): _N.RETURNED,
        (_N.RETURNED, _NE.REPORT): _N.REPORTED,
        (_N.RETURNED, _NE.RECORD_UNREPORTED): _N.UNREPORTED,
        (_N.RETURNED, _NE.EXCUSE): _N.EXCUSED,
        (_N.UNREPORTED, _NE.REPORT): _N.REPORTED,
        (_N.UNREPORTED, _NE.ARCHIVE): _N.ARCHIVED,
        (_N.ACCEPTED, _NE.ARCHIVE): _N.ARCHIVED,
        (_N.EXCUSED, _NE.ARCHIVE): _N.ARCHIVED,
        (_N.SUPERSEDED, _NE.ARCHIVE): _N.ARCHIVED,
    }
    | {(state, _NE.SUPERSEDE): _N.SUPERSEDED for state in _SUPERSEDABLE},
)

# The report is still owed: past ``due_on`` these are overdue.
REPORT_OWED = frozenset({_N.ISSUED, _N.DELIVERED, _N.RETURNED})

TALK: TransitionTable[TalkState, TalkEvent] = TransitionTable(
    TalkState.DUE,
    {
        (TalkState.DUE, TalkEvent.HOLD): TalkState.DONE,
        # A corrected grade or an ended mandate leaves nothing to talk about.
        (TalkState.DUE, TalkEvent.CANCEL): TalkState.CANCELLED,
    },
)
