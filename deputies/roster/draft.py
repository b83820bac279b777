"""Rows of a roster while they are checked: each cell read, election day and age compared.

Pure. A draft collects what is said about its row; ``roster_rules`` then looks across rows.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from deputies.enums import ElectionWay, GroupPost
from deputies.roster import cells, dates, tables
from deputies.roster.cells import Finding, Outcome, Severity
from deputies.roster.places import SAME_PLACE, Register
from deputies.roster.types import CLEARABLE, FIELDS, KnownCongress, Message, RawRow, RosterRow
from liaison.words.text import clean_line

_FORMULA = "单元格是公式，文件里没有保存它的结果。请改为直接填写，或用 Excel、WPS 打开后另存，再导入。"
_FAILED = "单元格的公式出错，没有结果。请改为直接填写后再导入。"
_DITTO = "不能写“同上”，请直接填写。"
_FORMULA_SHOWN = "（公式）"
_LIMITS = {tables.OCCUPATION: 80, tables.ADDRESS: 100, tables.REMARK: 200}
_MAX_ORIGINAL = 60


@dataclass(slots=True)
class Draft:
    """A row while it is checked."""

    number: int
    raw: RawRow
    row: RosterRow = field(default_factory=RosterRow)
    given: set[str] = field(default_factory=set)
    messages: list[Message] = field(default_factory=list)

    @property
    def is_wrong(self) -> bool:
        return any(message.severity is Severity.ERROR for message in self.messages)

    @property
    def waits_for_place(self) -> bool:
        """Whether somebody has still to say which constituency a name means."""
        return any(message.offer == SAME_PLACE for message in self.messages)

    def telling_messages(self) -> list[Message]:
        """Messages without the notes on cells that are wrong anyway."""
        wrong = {message.column for message in self.messages if is_error(message)}
        return [m for m in self.messages if m.severity is not Severity.NOTE or m.column not in wrong]

    def text(self, column: str) -> str:
        """The cell on one line, without invisible characters; marks for "nothing" become blank."""
        text = clean_line(self.raw.cells.get(column, ""))
        return "" if text in tables.BLANK_MARKS and column != tables.NAME else text

    def has(self, column: str) -> bool:
        return column in self.raw.cells

    def forget_blanks(self, registered: Collection[str]) -> None:
        """Take back the warnings on blank cells of columns in which nothing is missing after all."""
        self.messages = [
            message
            for message in self.messages
            if message.severity is not Severity.WARNING
            or message.column not in registered
            or self.text(message.column)
        ]

    def say(self, column: str, findings: Sequence[Finding], normalised: object = None) -> None:
        original = self.raw.cells.get(column, self.row.name)
        if cells.is_formula(original):
            original = _FORMULA_SHOWN
        for finding in findings:
            self.messages.append(
                Message(
                    self.number,
                    column,
                    finding.severity,
                    finding.text,
                    original=original[:_MAX_ORIGINAL],
                    normalised=shown(normalised),
                    offer=finding.offer,
                )
            )


@dataclass(slots=True)
class Drafts:
    """All rows, with what they were read against."""

    rows: list[Draft]
    general: dt.date | None
    constituencies: Register
    groups: Register


def read_all(
    rows: Sequence[RawRow], known: KnownCongress, today: dt.date, spellings: Mapping[str, bool]
) -> Drafts:
    drafts = [Draft(raw.number, raw) for raw in rows]
    result = Drafts(
        rows=drafts,
        general=_election_day(drafts, known.elected_on, today),
        constituencies=Register(
            tables.CONSTITUENCY,
            known.constituencies,
            _plain_texts(drafts, tables.CONSTITUENCY),
            may_create=known.may_create_constituencies,
            answers=spellings,
        ),
        groups=Register(
            tables.GROUP,
            [group.name for group in known.groups],
            _plain_texts(drafts, tables.GROUP),
            may_create=known.may_create_groups,
        ),
    )
    two_digits = dates.writes_two_digit_months(_plain_texts(drafts, tables.BORN_ON))
    for draft in drafts:
        _read_row(draft, result, today, two_digits)
    return result


def _plain_texts(drafts: Sequence[Draft], column: str) -> list[str]:
    return [text for draft in drafts if (text := draft.text(column)) and not _unusable(text)]


def _election_day(drafts: Sequence[Draft], known: dt.date | None, today: dt.date) -> dt.date | None:
    """Day of the general election: the registered one if any row gives it, else the file's usual one."""
    days = (
        _read_day(draft, draft.text(tables.ELECTED_ON), None).value
        for draft in drafts
        if tables.ELECTION_WAYS.get(draft.text(tables.ELECTION_WAY)) is ElectionWay.GENERAL
    )
    counted = Counter(day for day in days if day and day <= today)
    return known if known in counted or not counted else counted.most_common(1)[0][0]


def _read_row(draft: Draft, drafts: Drafts, today: dt.date, two_digits: bool) -> None:
    is_number = None if draft.raw.numbers is None else tables.BORN_ON in draft.raw.numbers
    hint = cells.sex_in_name(draft.text(tables.NAME))
    readers: dict[str, Callable[[str], Outcome[Any]]] = {
        tables.NAME: cells.read_name,
        tables.SEX: lambda text: cells.read_sex(text, hint),
        tables.ETHNICITY: cells.read_ethnicity,
        tables.BORN_ON: lambda text: dates.read_born_on(
            text,
            today=today,
            is_number=is_number,
            two_digit_months=two_digits,
            serial_origin=draft.raw.serial_origin,
        ),
        tables.POLITICAL_STATUS: cells.read_political_status,
        tables.EDUCATION: cells.read_education,
        tables.CONSTITUENCY: lambda text: _read_place(drafts.constituencies, text, draft),
        tables.GROUP: lambda text: _read_group(drafts.groups, text, draft),
        tables.GROUP_POST: cells.read_group_post,
        tables.PHONE: cells.read_phone_cell,
        tables.CONCURRENT_SEAT: cells.read_concurrent_seat,
        tables.FIXED_CONTACTS: cells.read_contacts,
        **{column: _text_reader(limit) for column, limit in _LIMITS.items()},
    }
    values: dict[str, Any] = {}
    for column, read in readers.items():
        value = _read_cell(draft, column, read)
        if value is not None:
            values[FIELDS[column]] = value
    draft.row = replace(
        draft.row, list_number=cells.read_list_number(draft.text(tables.LIST_NUMBER)), **values
    )
    _read_election(draft, drafts.general, today)
    _check_age(draft, drafts.general or today)
    has_blank_group = draft.has(tables.GROUP) and not draft.text(tables.GROUP)
    if has_blank_group and draft.row.group_post is not GroupPost.MEMBER:
        draft.say(tables.GROUP_POST, cells.error("填写了小组职务，但未填写代表小组，请补填。"))


def _read_cell(draft: Draft, column: str, read: Callable[[str], Outcome[Any]]) -> Any:
    """The value of one cell; a column the file lacks is silent unless a roster cannot be without it."""
    if not draft.has(column) and column not in tables.REQUIRED_COLUMNS:
        return None
    text = draft.text(column)
    unusable = _unusable(text)
    if unusable:
        draft.say(column, cells.error(unusable))
        return None
    outcome = read(text)
    draft.say(column, outcome.findings, outcome.value)
    if text or column in CLEARABLE:
        draft.given.add(column)
    return outcome.value


def _unusable(text: str) -> str:
    """Why a cell holds no content of its own: a formula without result, one that failed, a ditto mark."""
    if cells.is_formula(text):
        return _FORMULA
    if text in tables.FAILED_RESULTS:
        return _FAILED
    return _DITTO if text in tables.DITTO_MARKS else ""


def _text_reader(limit: int) -> Callable[[str], Outcome[str]]:
    return lambda text: cells.read_text(text, limit)


def _read_place(register: Register, text: str, draft: Draft) -> Outcome[str]:
    if not text:
        return Outcome(findings=cells.error("未填写选区，请补填。"))
    return register.read(text, draft.number)


def _read_group(register: Register, text: str, draft: Draft) -> Outcome[str]:
    if not text:
        return Outcome(findings=cells.warning("未填写代表小组，导入后请编入小组。"))
    return register.read(text, draft.number)


# --- election and age ----------------------------------------------------------------------------


def _read_election(draft: Draft, general: dt.date | None, today: dt.date) -> None:
    day = _read_cell(draft, tables.ELECTED_ON, lambda text: _read_day(draft, text, general))
    way = _read_cell(draft, tables.ELECTION_WAY, _read_way)
    failed = any(m.column in (tables.ELECTED_ON, tables.ELECTION_WAY) for m in draft.messages if is_error(m))
    if failed:
        return
    if way is None and day in (None, general):
        way = ElectionWay.GENERAL
    if way is None:
        draft.say(tables.ELECTION_WAY, cells.error("未填写当选方式，请填“换届选举”或“补选”。"))
        return
    if day is None:
        day = _missing_day(draft, way, general)
    draft.row = replace(draft.row, election_way=way, elected_on=day)
    if day is not None:
        _check_election_day(draft, way, day, general, today)


def _read_day(draft: Draft, text: str, general: dt.date | None) -> Outcome[dt.date]:
    return dates.read_elected_on(text, general=general, serial_origin=draft.raw.serial_origin)


def _read_way(text: str) -> Outcome[ElectionWay]:
    if not text:
        return Outcome()
    way = tables.ELECTION_WAYS.get(text)
    if way is None:
        return Outcome(findings=cells.error("当选方式应填“换届选举”或“补选”。"))
    return Outcome(way, cells.note(f"按“{way.label}”导入。") if way.label != text else ())


def _missing_day(draft: Draft, way: ElectionWay, general: dt.date | None) -> dt.date | None:
    if way is ElectionWay.GENERAL and general:
        draft.say(
            tables.ELECTED_ON,
            cells.note(f"未填当选日期，按本届换届选举日{general.isoformat()}导入。"),
            general,
        )
        return general
    draft.say(tables.ELECTED_ON, cells.error("未填写当选日期，请补填。"))
    return None


def _check_election_day(
    draft: Draft, way: ElectionWay, day: dt.date, general: dt.date | None, today: dt.date
) -> None:
    if day > today:
        draft.say(tables.ELECTED_ON, cells.error("当选日期晚于今天，请核对。"), day)
    elif general is None:
        return
    elif day < general:
        text = f"当选日期早于本届换届选举日{general.isoformat()}，请核对是否为上一届的日期。"
        draft.say(tables.ELECTED_ON, cells.error(text), day)
    elif way is ElectionWay.BY_ELECTION and day == general:
        draft.say(
            tables.ELECTION_WAY, cells.warning("补选的日期与换届选举日相同，请核对当选方式或当选日期。"), way
        )
    elif way is ElectionWay.GENERAL and day > general:
        text = f"当选日期晚于本届换届选举日{general.isoformat()}，如为补选请改当选方式。"
        draft.say(tables.ELECTED_ON, cells.warning(text), day)


def _check_age(draft: Draft, fallback: dt.date) -> None:
    """18 on election day (选举法 Art. 4); only the month of birth is known."""
    born = draft.row.born_on
    if born is None:
        return
    wrong_day = any(m.column == tables.ELECTED_ON for m in draft.messages if is_error(m))
    day = fallback if wrong_day or not draft.row.elected_on else draft.row.elected_on
    came_of_age, election = (born.year + 18, born.month), (day.year, day.month)
    if came_of_age > election:
        text = f"当选时（{cells.day_text(day)}）未满18周岁，请核对出生年月。"
        draft.say(tables.BORN_ON, cells.error(text), born)
    elif came_of_age == election:
        draft.say(tables.BORN_ON, cells.warning("当选当月才满18周岁，请核对具体日期。"), born)
    elif day.year - born.year > 100:
        draft.say(tables.BORN_ON, cells.warning("当选时超过100岁，请核对出生年月。"), born)


def shown(value: object) -> str:
    """A value as an export shows it."""
    if isinstance(value, dt.date):
        return value.isoformat() if value.day != 1 else value.strftime("%Y.%m")
    return "" if value is None else str(getattr(value, "label", value))


def is_error(message: Message) -> bool:
    return message.severity is Severity.ERROR
