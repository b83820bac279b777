"""What a table of places would add, as it is looked at before anybody confirms it."""

from dataclasses import dataclass

from liaison.founding.place_table import PlaceRow, as_text
from liaison.founding.places import read_table
from liaison.models import Jurisdiction
from liaison.words.enums import JurisdictionLevel as Level


@dataclass(frozen=True, slots=True)
class PlacesPreview:
    """The lines of a table: those with a fault first, then what is added and what was there.

    ``table`` travels to the confirmation: as it was typed while something is to be corrected.
    """

    faults: list[PlaceRow]
    others: list[PlaceRow]
    table: str

    @property
    def rows(self) -> list[PlaceRow]:
        return [*self.faults, *self.others]

    @property
    def wanted(self) -> list[PlaceRow]:
        return [each for each in self.others if not each.is_known]

    @property
    def tally(self) -> str:
        """How many of each level are new, in words."""
        counts = {level: sum(row.level == level for row in self.wanted) for level in Level}
        told = "、".join(f"{level.label}{count}个" for level, count in counts.items() if count)
        return told or "没有新的区域"


def preview_of(office: Jurisdiction, table: str) -> PlacesPreview:
    """Read the table; nothing is written. ``InvalidInput`` when it is empty or too long."""
    rows = read_table(office, table)
    faults = [each for each in rows if each.fault]
    others = [each for each in rows if not each.fault]
    return PlacesPreview(faults, others, table if faults else as_text(rows))
