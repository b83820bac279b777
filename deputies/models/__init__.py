"""Tables of congresses and their deputies."""

from deputies.models.congresses import Congress, Constituency, ElectingUnit, Session, Term
from deputies.models.groups import DeputyGroup, FixedContact, GroupMembership, RosterHeading, RosterImport
from deputies.models.mandates import Mandate, MandateChange, Person
from deputies.models.rollovers import Rollover

__all__ = [
    "Congress",
    "Constituency",
    "DeputyGroup",
    "ElectingUnit",
    "FixedContact",
    "GroupMembership",
    "Mandate",
    "MandateChange",
    "Person",
    "Rollover",
    "RosterHeading",
    "RosterImport",
    "Session",
    "Term",
]
