"""Tables of the stations floor."""

from stations.models.activities import Activity, ActivityKind, ReceptionDay
from stations.models.announcements import ReceptionNotice
from stations.models.calendar_feeds import CalendarFeed
from stations.models.desk import DeskRecord
from stations.models.places import ReceptionRule, Station, StationDeputy, StationPhoto
from stations.models.records import DutySwap, LeaveRequest, Participation
from stations.models.rota import RotaPlan, UpperDeputy, UpperTurn
from stations.models.work_plans import Invitation, WorkPlan, WorkPlanItem

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
