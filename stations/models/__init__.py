"""Tables of the stations floor."""

from stations.models.desk import DeskRecord
from stations.models.feeds import CalendarFeed
from stations.models.notices import ReceptionNotice
from stations.models.occasions import Activity, ActivityKind, ReceptionDay
from stations.models.places import ReceptionRule, Station, StationDeputy, StationPhoto
from stations.models.plans import Invitation, WorkPlan, WorkPlanItem
from stations.models.records import DutySwap, LeaveRequest, Participation
from stations.models.rota import RotaPlan, UpperDeputy, UpperTurn

__all__ = [
    "Activity",
    "ActivityKind",
    "CalendarFeed",
    "DeskRecord",
    "DutySwap",
    "Invitation",
    "LeaveRequest",
    "Participation",
    "ReceptionDay",
    "ReceptionNotice",
    "ReceptionRule",
    "RotaPlan",
    "Station",
    "StationDeputy",
    "StationPhoto",
    "UpperDeputy",
    "UpperTurn",
    "WorkPlan",
    "WorkPlanItem",
]
