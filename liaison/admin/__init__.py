"""The ground floor in the browser admin: settings, accounts, the calendar, norms, the audit trail.

The three administrators keep the system and see no business data (三权分立, domain.md section 7).
"""

from liaison.admin.accounts import AccountAdmin, AppointmentAdmin
from liaison.admin.audit import AuditEntryAdmin
from liaison.admin.calendar import CalendarYearAdmin
from liaison.admin.keeper_changes import KeeperChangeAdmin
from liaison.admin.norms import DeadlinePolicyAdmin, JurisdictionAdmin
from liaison.admin.outbox import NotificationAdmin, OutboxMessageAdmin
from liaison.admin.place_changes import PlaceChangeAdmin

__all__ = [
    "AccountAdmin",
    "AppointmentAdmin",
    "AuditEntryAdmin",
    "CalendarYearAdmin",
    "DeadlinePolicyAdmin",
    "JurisdictionAdmin",
    "KeeperChangeAdmin",
    "NotificationAdmin",
    "OutboxMessageAdmin",
    "PlaceChangeAdmin",
]
