"""Tables of the yearly appraisal."""

from assessments.models.cycle import Assessment, AssessmentStep, Scheme
from assessments.models.entries import BallotTally, ExtraFact
from assessments.models.letters import (
    Circular,
    FeedbackNotice,
    NoticeReminder,
    NoticeStep,
    RectificationItem,
    RectificationReport,
    ReminderTalk,
)
from assessments.models.sheets import ScoreLine, ScoreObjection, ScoreSheet

__all__ = [
    "Assessment",
    "AssessmentStep",
    "BallotTally",
    "Circular",
    "ExtraFact",
    "FeedbackNotice",
    "NoticeReminder",
    "NoticeStep",
    "RectificationItem",
    "RectificationReport",
    "ReminderTalk",
    "Scheme",
    "ScoreLine",
    "ScoreObjection",
    "ScoreSheet",
]
