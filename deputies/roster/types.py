"""What the checking of a roster takes and gives. Pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from deputies.enums import Education, ElectionWay, GroupPost, PoliticalStatus, Sex
from deputies.roster import tables
from deputies.roster.cells import Severity
from deputies.roster.sheet_rows import row_words
from liaison.sheets.grid import ORIGIN_1900
from liaison.words.labelled import LabelledEnum

#: Column of a message about the whole row.
WHOLE_ROW = "*"


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row of the file: its number in the sheet and its texts by roster column.

    A column the file does not have is absent from ``cells``. ``numbers`` names the columns whose
    cell was a number; ``None`` for a CSV file, where nobody knows. ``serial_origin`` is day 0 of dates
    that stand as plain numbers. ``written`` has the cells that were put into other words before they are
    read (a ditto mark, a merged cell), as they stand in the file.
    """

    number: int
    cells: Mapping[str, str]
    numbers: frozenset[str] | None = frozenset()
    serial_origin: dt.date = ORIGIN_1900
    written: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One deputy as a roster states it; also how the register's own deputies are put up for comparison.

    ``born_on`` is the first of the month. ``concurrent_seat`` is wording such as "区代表、市代表".
    """

    name: str = ""
    sex: Sex | None = None
    ethnicity: str = ""
    born_on: dt.date | None = None
    political_status: PoliticalStatus | None = None
    education: Education | None = None
    occupation: str = ""
    constituency: str = ""
    group: str = ""
    group_post: GroupPost = GroupPost.MEMBER
    phone: str = ""
    address: str = ""
    election_way: ElectionWay | None = None
    elected_on: dt.date | None = None
    concurrent_seat: str = ""
    fixed_contacts: int | None = None
    remark: str = ""
    list_number: int | None = None

    def cells(self) -> list[str | int]:
        """The eighteen cells of an export, in the order of ``COLUMNS``."""
        return [
            self.list_number or "",
            self.name,
            self.sex.label if self.sex else "",
            self.ethnicity,
            self.born_on.strftime("%Y.%m") if self.born_on else "",
            self.political_status.label if self.political_status else "",
            self.education.label if self.education else "",
            self.occupation,
            self.constituency,
            self.group,
            "" if self.group_post is GroupPost.MEMBER else self.group_post.label,
            self.phone,
            self.address,
            self.election_way.label if self.election_way else "",
            self.elected_on.isoformat() if self.elected_on else "",
            self.concurrent_seat,
            "" if self.fixed_contacts is None else self.fixed_contacts,
            self.remark,
        ]


#: Field of ``RosterRow`` by column; 序号 is left out: it may change with every printing.
FIELDS: Mapping[str, str] = {
    tables.NAME: "name",
    tables.SEX: "sex",
    tables.ETHNICITY: "ethnicity",
    tables.BORN_ON: "born_on",
    tables.POLITICAL_STATUS: "political_status",
    tables.EDUCATION: "education",
    tables.OCCUPATION: "occupation",
    tables.CONSTITUENCY: "constituency",
    tables.GROUP: "group",
    tables.GROUP_POST: "group_post",
    tables.PHONE: "phone",
    tables.ADDRESS: "address",
    tables.ELECTION_WAY: "election_way",
    tables.ELECTED_ON: "elected_on",
    tables.CONCURRENT_SEAT: "concurrent_seat",
    tables.FIXED_CONTACTS: "fixed_contacts",
    tables.REMARK: "remark",
}

#: Columns whose blank cell says "none"; a blank cell of any other column leaves what is known.
CLEARABLE = frozenset({tables.GROUP_POST, tables.CONCURRENT_SEAT, tables.REMARK})


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person already registered. ``row`` holds what is known; seat fields only with ``has_mandate``.

    ``phone_digest`` serves where the number itself is not at hand (see ``KnownCongress``).
    """

    id: int
    row: RosterRow
    has_mandate: bool = True
    phone_digest: str = ""


@dataclass(frozen=True, slots=True)
class KnownGroup:
    """A deputy group of this term and the name of its leader, if it has one."""

    name: str
    leader_name: str = ""


@dataclass(frozen=True, slots=True)
class KnownCongress:
    """What the register knows of the congress and term a roster is read into.

    ``elected_on``: day of the general election. ``digest_phone`` turns eleven digits into the
    look-up digest of ``KnownPerson.phone_digest``. The two permissions let unknown names be
    proposed for creation instead of refused.
    """

    constituencies: tuple[str, ...] = ()
    groups: tuple[KnownGroup, ...] = ()
    people: tuple[KnownPerson, ...] = ()
    elected_on: dt.date | None = None
    may_create_constituencies: bool = False
    may_create_groups: bool = False
    digest_phone: Callable[[str], str] | None = None


class RowState(LabelledEnum):
    """What an import would do with a row."""

    NEW = "new", "新增"
    CHANGED = "changed", "变更"
    UNCHANGED = "unchanged", "未变"
    UNDECIDED = "undecided", "待确认"
    ERROR = "error", "有误"


@dataclass(frozen=True, slots=True)
class Message:
    """One finding with its place. ``row`` is 0 for the file as a whole; a formula's text is not repeated.

    ``offer`` is "create_constituency" or "create_group" when creating it would settle the matter,
    "same_place" when an answer does.
    """

    row: int
    column: str
    severity: Severity
    text: str
    original: str = ""
    normalised: str = ""
    offer: str = ""

    @property
    def place(self) -> str:
        """第5行“联系电话”, 第19行, or 整个文件."""
        if not self.row:
            return "整个文件"
        return row_words(self.row) + ("" if self.column == WHOLE_ROW else f"“{self.column}”")


@dataclass(frozen=True, slots=True)
class Change:
    """One field an import would change; both values as an export shows them."""

    column: str
    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RowReport:
    """One row checked. ``row`` is absent when the state is ERROR; ``read`` is what could be read even then.

    ``person_id``: the registered person it is, for CHANGED and UNCHANGED, and for NEW when a
    known person takes a new seat. ``candidates``: whom to choose from when UNDECIDED.
    """

    number: int
    state: RowState
    name: str
    row: RosterRow | None = None
    person_id: int | None = None
    candidates: tuple[int, ...] = ()
    changes: tuple[Change, ...] = ()
    messages: tuple[Message, ...] = ()
    read: RosterRow = field(default_factory=RosterRow)


@dataclass(frozen=True, slots=True)
class Spelling:
    """A name written otherwise than the one it may mean; somebody must say whether they are one.

    ``is_same`` is the answer, ``None`` while there is none; ``rows`` are those that wait for it.
    """

    column: str
    written: str
    meant: str
    rows: tuple[int, ...]
    is_same: bool | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A constituency or group to create: its name, its number, the village in brackets, its rows."""

    name: str
    number: int
    village: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole roster checked. ``absent``: people with a seat whom the file does not name.

    ``spellings``: names of constituencies that were, or are to be, told to be the same as another.
    """

    rows: tuple[RowReport, ...]
    messages: tuple[Message, ...] = ()
    new_constituencies: tuple[Proposal, ...] = ()
    new_groups: tuple[Proposal, ...] = ()
    absent: tuple[int, ...] = ()
    spellings: tuple[Spelling, ...] = ()
    counts: Mapping[RowState, int] = field(init=False)

    def __post_init__(self) -> None:
        found = Counter(row.state for row in self.rows)
        object.__setattr__(self, "counts", {state: found[state] for state in RowState})

    @property
    def all_messages(self) -> tuple[Message, ...]:
        """Messages on the file first, then row by row."""
        return self.messages + tuple(message for row in self.rows for message in row.messages)

    @property
    def is_importable(self) -> bool:
        """Whether nothing is wrong and nothing is left to decide."""
        blocked = self.counts[RowState.ERROR] + self.counts[RowState.UNDECIDED]
        return not blocked and all(message.severity is not Severity.ERROR for message in self.messages)
