"""What the services of this floor share."""

from assessments.enums import AssessmentState

# Facts, marks and votes may be added, and results computed again, until the meeting has approved them.
COMPUTABLE = frozenset(
    {
        AssessmentState.FROZEN,
        AssessmentState.SELF,
        AssessmentState.GROUP,
        AssessmentState.BALLOT,
        AssessmentState.PRESIDIUM_REVIEW,
        AssessmentState.RECONCILE,
        AssessmentState.OBJECTION,
        AssessmentState.RECHECK,
    }
)
RECORDABLE = COMPUTABLE | {AssessmentState.DRAFT}

DEADLINE_COLUMNS = (
    "runs_from",
    "run_length",
    "run_unit",
    "run_rolls",
    "due_on",
    "due_is_provisional",
    "due_text",
)
