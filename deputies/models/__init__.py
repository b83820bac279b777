"""Tables of congresses and their deputies."""

from deputies.models.congresses import Congress, Constituency, ElectingUnit, Session, Term
from deputies.models.groups import DeputyGroup, FixedContact, GroupMembership, RosterHeading, RosterImport
from deputies.models.mandates import Mandate, MandateChange, Person

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
    "RosterHeading",
    "RosterImport",
    "Session",
    "Term",
]
