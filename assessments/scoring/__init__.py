"""年度履职测评计分: pure rules from facts to a score sheet (domain.md section 3).

Standard library only. ``score(facts, scheme)`` is the way in; see ``engine`` for the formula.
"""

from assessments.scoring.compare import Change, Comparison, LineChange, compare
from assessments.scoring.engine import not_rated_because, score
from assessments.scoring.facts import (
    EvidenceRef,
    Excuse,
    Exemption,
    Fact,
    SubjectFacts,
    months_served,
)
from assessments.scoring.params import (
    USUAL_CHOICES,
    Ballot,
    Bonus,
    Choice,
    Deduction,
    Judged,
    Level,
    PerCount,
    Ratio,
    Step,
    Veto,
)
from assessments.scoring.scheme import USUAL_GRADES, Grade, Item, SchemeRules, Why
from assessments.scoring.sheet import ENGINE_VERSION, Line, SheetResult, VetoHit
from assessments.scoring.tallies import tally_errors
from assessments.scoring.values import (
    ExcuseReason,
    InvalidFacts,
    InvalidScheme,
    ItemType,
    Judge,
    Subject,
    WhenEmpty,
    plain,
    publish,
)
from assessments.scoring.wording import problems, strengths

__all__ = [
    "ENGINE_VERSION",
    "USUAL_CHOICES",
    "USUAL_GRADES",
    "Ballot",
    "Bonus",
    "Change",
    "Choice",
    "Comparison",
    "Deduction",
    "EvidenceRef",
    "Excuse",
    "ExcuseReason",
    "Exemption",
    "Fact",
    "Grade",
    "InvalidFacts",
    "InvalidScheme",
    "Item",
    "ItemType",
    "Judge",
    "Judged",
    "Level",
    "Line",
    "LineChange",
    "PerCount",
    "Ratio",
    "SchemeRules",
    "SheetResult",
    "Step",
    "Subject",
    "SubjectFacts",
    "Veto",
    "VetoHit",
    "WhenEmpty",
    "Why",
    "compare",
    "months_served",
    "not_rated_because",
    "plain",
    "problems",
    "publish",
    "score",
    "strengths",
    "tally_errors",
]
