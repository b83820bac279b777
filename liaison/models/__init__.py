"""Tables of the ground floor."""

from liaison.models.accounts import Account, Appointment
from liaison.models.audit import AuditEntry, AuditHead
from liaison.models.calendar import CalendarDay, CalendarYear
from liaison.models.counted_tries import CountedTry
from liaison.models.deadline_fields import DEADLINE_COLUMNS, DeadlineFields
from liaison.models.files import StoredFile
from liaison.models.jobs import Job, JobPart
from liaison.models.jurisdictions import Jurisdiction
from liaison.models.keeper_changes import KeeperChange
from liaison.models.norms import DeadlinePolicy, DocumentCounter
from liaison.models.outbox import Notification, OutboxMessage
from liaison.models.place_changes import PlaceChange
from liaison.models.second_factors import Authenticator
from liaison.models.set_up import SetUp
from liaison.models.submissions import SubmittedKey

__all__ = [
    "DEADLINE_COLUMNS",
    "Account",
    "Appointment",
    "AuditEntry",
    "AuditHead",
    "Authenticator",
    "CalendarDay",
    "CalendarYear",
    "CountedTry",
    "DeadlineFields",
    "DeadlinePolicy",
    "DocumentCounter",
    "Job",
    "JobPart",
    "Jurisdiction",
    "KeeperChange",
    "Notification",
    "OutboxMessage",
    "PlaceChange",
    "SetUp",
    "StoredFile",
    "SubmittedKey",
]
