"""The names a new place begins with, by its level; the office may correct them later."""

from typing import TYPE_CHECKING

from liaison.words.enums import JurisdictionLevel as Level
from liaison.words.enums import Role

if TYPE_CHECKING:
    from liaison.models import Jurisdiction

# The first account of a place: its role, and what the role is called there where that differs.
_FIRST = {
    Level.PREFECTURE: (Role.CITY_VIEWER, ""),
    Level.COUNTY: (Role.COUNTY_COMMITTEE, ""),
    Level.TOWNSHIP: (Role.PRESIDIUM_CLERK, ""),
    Level.STREET: (Role.PRESIDIUM_CLERK, ""),
}
# Whose full names begin with the short name of the place above.
WITH_PARENT = (Level.TOWNSHIP, Level.STREET, Level.VILLAGE)


def first_role(level: Level) -> tuple[Role, str]:
    return _FIRST[level]


def place_name(level: Level, name: str, parent: "Jurisdiction | None") -> str:
    """The full name: townships and villages carry their parent's, as their letters and congresses do."""
    if parent is None or level not in WITH_PARENT or name.startswith(parent.short_name):
        return name
    return f"{parent.short_name}{name}"


def organ_name(level: Level, name: str, parent: "Jurisdiction | None") -> str:
    """Under which name the office signs."""
    if level == Level.TOWNSHIP:
        return f"{name}人大主席团"
    if level == Level.STREET:
        return f"{parent.short_name if parent else ''}人大常委会{name}工作委员会"
    return "" if level == Level.VILLAGE else f"{name}人大常委会"
