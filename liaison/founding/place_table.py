"""A table of codes and names, typed, pasted or from a file, read into the places it adds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from liaison.founding.place_codes import DIGITS, bare, level_of
from liaison.words.enums import JurisdictionLevel as Level
from liaison.words.text import clean_line, fold_width, is_digits

MOST_ROWS = 5000
_LEVEL_WORDS = {
    "县": Level.COUNTY, "县级": Level.COUNTY, "区": Level.COUNTY, "市": Level.COUNTY,
    "县（市、区）": Level.COUNTY, "乡": Level.TOWNSHIP, "镇": Level.TOWNSHIP, "乡镇": Level.TOWNSHIP,
    "街道": Level.STREET,
    "村": Level.VILLAGE, "社区": Level.VILLAGE, "村（社区）": Level.VILLAGE,
}  # fmt: skip
# The level right above, for the tree of an installation.
ABOVE = {
    Level.VILLAGE: (Level.TOWNSHIP, Level.STREET),
    Level.TOWNSHIP: (Level.COUNTY,),
    Level.STREET: (Level.COUNTY,),
    Level.COUNTY: (Level.PREFECTURE,),
}
SHORT_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Known:
    """A place that is there already: its key, level, bare official code and name."""

    key: int
    level: Level
    code: str
    short_name: str


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One line of the table: what it becomes, below which place, or why it cannot.

    ``parent``: the key of a known place, or minus the number of the line above that it belongs to.
    """

    line: int
    code: str
    name: str
    level: Level | None
    parent: int | None
    parent_name: str
    fault: str = ""
    is_known: bool = False


def read_lines(text: str) -> list[tuple[str, ...]]:
    """Lines of cells; between cells a tab, a comma or a blank, as tables and lists are pasted."""
    lines = []
    for raw in text.splitlines():
        folded = fold_width(raw).replace("，", ",").replace("、", ",")
        for mark in ("\t", ","):
            if mark in folded:
                cells = folded.split(mark)
                break
        else:
            cells = folded.split()
        lines.append(tuple(clean_line(cell) for cell in cells))
    return lines


def read_places(lines: Iterable[Sequence[str]], known: Sequence[Known]) -> list[PlaceRow]:
    """Every line that is not blank and not a heading, in order; ``known`` begins with our own place."""
    reading = _Reading(known)
    for number, cells in enumerate(lines, start=1):
        filled = [clean_line(cell) for cell in cells]
        if any(filled) and not _is_heading(filled):
            reading.add(number, filled)
    return reading.rows


def _is_heading(cells: Sequence[str]) -> bool:
    return not any(is_digits(cell) for cell in cells) and any(
        word in cell for cell in cells for word in ("代码", "名称")
    )


class _Reading:
    """The lines read so far; a line may belong below an earlier one."""

    def __init__(self, known: Sequence[Known]) -> None:
        self.rows: list[PlaceRow] = []
        self.office = known[0]
        self.by_code: dict[str, tuple[int, Level, str]] = {
            place.code: (place.key, place.level, place.short_name) for place in known if place.code
        }
        self.names = {(place.level, place.short_name) for place in known}
        self.last: dict[Level, tuple[int, str]] = {
            self.office.level: (self.office.key, self.office.short_name)
        }
        self.seen: set[str] = set()

    def add(self, line: int, cells: Sequence[str]) -> None:
        code, name, said = _parts(cells)
        level = _LEVEL_WORDS.get(said) if said else level_of(code)
        fault = self._fault(code, name, said, level)
        parent, parent_name = self._parent(code, level) if level and not fault else (None, "")
        is_known = not fault and self._is_known(code, name, level)
        if not fault and not is_known and parent is None:
            fault = "找不到它的上级，请把上级写在它前面，或者核对代码。"
        self.rows.append(PlaceRow(line, code, name, level, parent, parent_name, fault, is_known))
        if code:
            self.seen.add(code)
        if level and not fault and not is_known:
            self.last[level] = (-line, name)
            if code:
                self.by_code[code] = (-line, level, name)
        elif is_known and code in self.by_code and level:
            self.last[level] = (self.by_code[code][0], name)

    def _fault(self, code: str, name: str, said: str, level: Level | None) -> str:
        """The first thing that is wrong with a line, "" for none."""
        own = self.office.code
        faults = (
            (not name, "没有名称。"),
            (len(name) > SHORT_LENGTH, f"名称最多{SHORT_LENGTH}个字。"),
            (code and level_of(code) is None, "代码应为6位、9位或者12位数字。"),
            (said and level is None, "层级应写县级、乡镇、街道或者村（社区）。"),
            (level is None, "没有代码的，请在名称后面写明层级：县级、乡镇、街道或者村（社区）。"),
            (code and level and len(code) != DIGITS[level], "代码的位数与层级不符。"),
            (code in self.seen, "代码与前面一行重复。"),
            (code and not (code.startswith(own) or own.startswith(code)), f"代码不在{own}之内。"),
        )
        return next((words for is_wrong, words in faults if is_wrong), "")

    def _is_known(self, code: str, name: str, level: Level | None) -> bool:
        if code:
            return code in self.by_code or self.office.code.startswith(code)
        return (level, name) in self.names

    def _parent(self, code: str, level: Level) -> tuple[int | None, str]:
        above = ABOVE.get(level, ())
        if code:
            for digits in sorted({DIGITS[one] for one in above}, reverse=True):
                found = self.by_code.get(code[:digits])
                if found is not None and found[1] in above:
                    return found[0], found[2]
            return None, ""
        last = [self.last[one] for one in above if one in self.last]
        return max(last, key=lambda one: -one[0] if one[0] < 0 else 0) if last else (None, "")


def _parts(cells: Sequence[str]) -> tuple[str, str, str]:
    """Code, name and level of a line, whichever of code and name stands first."""
    code = next((cell for cell in cells if is_digits(cell)), "")
    words = [cell for cell in cells if cell and not is_digits(cell)]
    name = words[0] if words else ""
    return bare(code), name, words[1] if len(words) > 1 else ""


def as_text(rows: Iterable[PlaceRow]) -> str:
    """The rows as lines again, to travel in a form from the preview to the confirmation."""
    levels: Mapping[Level | None, str] = {
        Level.COUNTY: "县级", Level.TOWNSHIP: "乡镇", Level.STREET: "街道", Level.VILLAGE: "村",
    }  # fmt: skip
    return "\n".join("\t".join((row.code, row.name, levels.get(row.level, ""))) for row in rows)
