"""Who takes which turn, and why: pure rules, standard library only (domain.md section 4, rota rules).

``make_plan(problem)`` fills the seats of the reception days; the same problem and seed give the same plan on
every machine and in whatever order days and candidates come. ``options`` and ``review`` answer for one seat:
who could sit there, and what would be wrong with it.
"""

from stations.rules.rota.board import ON_DUTY_HERE
from stations.rules.rota.explaining import Option, Review, Sitting, conflicts, options, review, seated
from stations.rules.rota.planning import make_plan, rearranged
from stations.rules.rota.problem import (
    UPPER_GROUP,
    Candidate,
    Day,
    Kept,
    KeptReason,
    Load,
    Nearness,
    Parameters,
    Place,
    Plan,
    Problem,
    Seat,
    SeatKind,
    Warned,
    WarningKind,
)

__all__ = [
    "ON_DUTY_HERE",
    "UPPER_GROUP",
    "Candidate",
    "Day",
    "Kept",
    "KeptReason",
    "Load",
    "Nearness",
    "Option",
    "Parameters",
    "Place",
    "Plan",
    "Problem",
    "Review",
    "Seat",
    "SeatKind",
    "Sitting",
    "Warned",
    "WarningKind",
    "conflicts",
    "make_plan",
    "options",
    "rearranged",
    "review",
    "seated",
]
