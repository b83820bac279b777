"""Checking a deputy roster before anything is written: every row gets a state, every fault a place.

Pure: rows and what the register knows go in, a ``Report`` comes out; an import then does what the
report says and nothing else. Source: domain.md §1 and §2, 选举法 (age 18 on election day,
one to three deputies per constituency), 地方组织法 Art. 43 (groups of three or more).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence

from deputies.enums import GroupPost
from deputies.roster import cells, tables
from deputies.roster.cells import Severity
from deputies.roster.draft import Draft, Drafts, is_error, read_all, shown
from deputies.roster.people import Decisions, Match, People, find_twice
from deputies.roster.sheet_rows import row_words
from deputies.roster.tables import COLUMNS
from deputies.roster.types import (
    FIELDS,
    WHOLE_ROW,
    Change,
    KnownCongress,
    KnownGroup,
    KnownPerson,
    Message,
    Proposal,
    RawRow,
    Report,
    RosterRow,
    RowReport,
    RowState,
)
from liaison.words.text import fold_name

__all__ = [
    "COLUMNS",
    "WHOLE_ROW",
    "Change",
    "KnownCongress",
    "KnownGroup",
    "KnownPerson",
    "Message",
    "Proposal",
    "RawRow",
    "Report",
    "RosterRow",
    "RowReport",
    "RowState",
    "Severity",
    "check_rows",
    "check_title",
]


#: How the name of a place with a congress or a street ends.
_PLACE = re.compile(r"(?:省|自治区|市|区|县|旗|州|盟|乡|镇|苏木|街道)$")


def check_rows(
    rows: Sequence[RawRow],
    known: KnownCongress,
    today: dt.date,
    *,
    decisions: Decisions | None = None,
    spellings: Mapping[str, bool] | None = None,
) -> Report:
    """Check a roster against itself and against the register.

    ``today`` bounds birth and election days. ``decisions`` settle undecided rows by row number:
    the id of a registered person, or ``None`` for somebody new. ``spellings`` tell of constituencies
    written otherwise whether they are the one they look like. Nothing is dropped: every row given comes
    back, in the order given.
    """
    drafts = read_all(rows, known, today, spellings or {})
    _check_twice(drafts)
    _check_leaders(drafts.rows, known)
    people = People(known.people, known.digest_phone)
    readable = {draft.number: draft.row for draft in drafts.rows if not draft.is_wrong}
    matches = people.match(readable, decisions or {})
    _check_claims(drafts.rows, matches)
    reports = tuple(_report(draft, matches.get(draft.number, Match()), people) for draft in drafts.rows)
    absent = _absent(known, reports)
    return Report(
        rows=reports,
        messages=(*_on_election_day(drafts, known), *_on_places(drafts), *_on_absent(known, absent)),
        new_constituencies=drafts.constituencies.proposals(),
        new_groups=drafts.groups.proposals(),
        absent=absent,
        spellings=drafts.constituencies.spellings(),
    )


def check_title(place: str, term_number: int | None, *, jurisdiction: str, term: int) -> tuple[Message, ...]:
    """Compare a roster's title with the congress it is read into; empty parts say nothing.

    ``place`` is what the title names ("榆次区庄子乡"), ``jurisdiction`` ours ("庄子乡"). Only the name of
    another place is an error; words that are no place's name ask for a look.
    """
    found = []
    if place and not place.endswith(jurisdiction):
        is_other = bool(_PLACE.search(place)) and jurisdiction not in place
        severity = Severity.ERROR if is_other else Severity.WARNING
        text = f"名册标题写的是“{place}”，当前办理的是“{jurisdiction}”，请核对是否选错文件。"
        found.append(Message(0, WHOLE_ROW, severity, text, original=place))
    if term_number and term_number != term:
        text = f"名册标题写的是第{term_number}届，当前办理的是第{term}届，请核对。"
        found.append(Message(0, WHOLE_ROW, Severity.ERROR, text, original=str(term_number)))
    return tuple(found)


# --- across rows ---------------------------------------------------------------------------------


def _check_twice(drafts: Drafts) -> None:
    """The same person twice is an error on the later row; namesakes are noted on both."""
    by_number = {draft.number: draft for draft in drafts.rows}
    stated = [(d.number, d.row.name, d.row.born_on, d.row.phone) for d in drafts.rows]
    for number, findings in find_twice(stated).items():
        later = by_number[number]
        for twice in findings:
            earlier = by_number[twice.earlier]
            if twice.is_namesake:
                _note_namesakes(earlier, later)
            elif twice.is_same:
                later.say(twice.column, cells.error(twice.text + _contradictions(earlier, later)))
            else:
                later.say(twice.column, cells.warning(twice.text))


def _contradictions(first: Draft, second: Draft) -> str:
    """Where two rows of one person contradict each other: somebody must decide which of them stays."""
    pairs = {
        column: (getattr(first.row, FIELDS[column]), getattr(second.row, FIELDS[column]))
        for column in (tables.CONSTITUENCY, tables.GROUP)
    }
    return "".join(
        f"两行的{column}不同（{one}、{other}），请先核对是哪一个。"
        for column, (one, other) in pairs.items()
        if one and other and one != other
    )


def _note_namesakes(first: Draft, second: Draft) -> None:
    for draft, other in ((first, second), (second, first)):
        text = f"与{row_words(other.number)}同名，出生年月或电话不同，按两人处理。"
        draft.say(tables.NAME, cells.note(text), draft.row.name)


def _check_leaders(drafts: Sequence[Draft], known: KnownCongress) -> None:
    """One leader per group: the first in the file holds; one known already must give way in the file."""
    repeated = {d.number for d in drafts for m in d.messages if m.column == WHOLE_ROW and is_error(m)}
    leaders: dict[str, Draft] = {}
    for draft in drafts:
        group = draft.row.group
        if draft.row.group_post is not GroupPost.LEADER or not group or draft.number in repeated:
            continue
        holder = leaders.setdefault(group, draft)
        if holder is not draft:
            where = row_words(holder.number)
            text = f"{group}已有组长{holder.row.name}（{where}），一个小组只设一名组长，请核对。"
            draft.say(tables.GROUP_POST, cells.error(text), draft.row.group_post)
    _check_known_leaders(drafts, leaders, known)


def _check_known_leaders(drafts: Sequence[Draft], leaders: Mapping[str, Draft], known: KnownCongress) -> None:
    named = {draft.row.name for draft in drafts}
    for group in known.groups:
        draft = leaders.get(group.name)
        if draft is None or not group.leader_name or draft.row.name == group.leader_name:
            continue
        # A former leader whom the file names is set right by his own row.
        if group.leader_name not in named:
            text = f"{group.name}现任组长是{group.leader_name}，名册中没有此人，请先在小组中调整组长。"
            draft.say(tables.GROUP_POST, cells.error(text), draft.row.group_post)


def _check_claims(drafts: Sequence[Draft], matches: dict[int, Match]) -> None:
    """Two rows cannot be one registered person: the later one is wrong."""
    claimed: dict[int, int] = {}
    for draft in drafts:
        match = matches.get(draft.number)
        if match is None or match.person is None:
            continue
        first = claimed.setdefault(match.person.id, draft.number)
        if first != draft.number:
            text = f"与{row_words(first)}对应系统中的同一人“{match.person.row.name}”，请核对。"
            draft.say(WHOLE_ROW, cells.error(text))


# --- the report ----------------------------------------------------------------------------------


def _report(draft: Draft, match: Match, people: People) -> RowReport:
    if match.person:
        draft.forget_blanks(_registered_columns(match.person))
    draft.say(tables.NAME, match.findings, draft.row.name)
    changes = _changes(draft, match.person, people) if match.person else ()
    state = _state(draft, match, changes)
    is_wrong = state is RowState.ERROR
    return RowReport(
        number=draft.number,
        state=state,
        name=draft.row.name,
        row=None if is_wrong else draft.row,
        person_id=match.person.id if match.person and not is_wrong else None,
        candidates=tuple(person.id for person in match.candidates),
        changes=() if is_wrong else changes,
        messages=tuple(sorted(draft.telling_messages(), key=_place_in_form)),
        read=draft.row,
    )


def _registered_columns(person: KnownPerson) -> frozenset[str]:
    """Columns of which the register already holds something: a blank cell there leaves it as it is."""
    held = {column for column, name in FIELDS.items() if getattr(person.row, name)}
    return frozenset(held | ({tables.PHONE} if person.phone_digest else set()))


def _place_in_form(message: Message) -> int:
    """Messages on the whole row first, then in the order of the columns."""
    return COLUMNS.index(message.column) if message.column in COLUMNS else -1


def _state(draft: Draft, match: Match, changes: Sequence[Change]) -> RowState:
    if draft.is_wrong:
        return RowState.ERROR
    if match.is_undecided or draft.waits_for_place:
        return RowState.UNDECIDED
    if match.person is None or not match.person.has_mandate:
        return RowState.NEW
    return RowState.CHANGED if changes else RowState.UNCHANGED


def _changes(draft: Draft, person: KnownPerson, people: People) -> tuple[Change, ...]:
    """What differs from the register, in the columns the file fills in."""
    found = []
    for column, name in FIELDS.items():
        old, new = getattr(person.row, name), getattr(draft.row, name)
        if column not in draft.given or old == new:
            continue
        if column == tables.PHONE and people.has_phone(person, draft.row.phone):
            continue
        if column == tables.NAME and draft.row.name == fold_name(person.row.name):
            # Few keyboards have glyph variants: the rarer form that is registered stays.
            continue
        found.append(Change(column, name, shown(old), shown(new)))
    return tuple(found)


def _absent(known: KnownCongress, reports: Sequence[RowReport]) -> tuple[int, ...]:
    named = {report.person_id for report in reports} | {c for report in reports for c in report.candidates}
    unread = {report.name for report in reports if report.state is RowState.ERROR}
    return tuple(
        person.id
        for person in known.people
        if person.has_mandate and person.id not in named and person.row.name not in unread
    )


def _rows(place: Proposal) -> str:
    return "、".join(row_words(row) for row in place.rows)


def _on_absent(known: KnownCongress, absent: Sequence[int]) -> tuple[Message, ...]:
    if not absent:
        return ()
    names = [person.row.name for person in known.people if person.id in set(absent)]
    listed = "、".join(names[:10]) + ("等" if len(names) > 10 else "")
    text = (
        f"系统中在任的{len(names)}名代表不在本名册中：{listed}。"
        "导入不会删除他们；如已终止资格，请在代表页面办理。"
    )
    return (Message(0, WHOLE_ROW, Severity.WARNING, text),)


def _on_election_day(drafts: Drafts, known: KnownCongress) -> tuple[Message, ...]:
    """One message instead of one per row when the whole file gives another election day."""
    usual = drafts.general
    if not usual or not known.elected_on or usual == known.elected_on:
        return ()
    text = (
        f"名册的换届选举日为{usual.isoformat()}，系统登记为{known.elected_on.isoformat()}，"
        "请先核对本届的换届选举日期。"
    )
    return (Message(0, tables.ELECTED_ON, Severity.ERROR, text, original=usual.isoformat()),)


def _on_places(drafts: Drafts) -> tuple[Message, ...]:
    """Sizes of what would be created: 选举法 Art. 25, 地方组织法 Art. 43."""
    large = [place for place in drafts.constituencies.proposals() if len(place.rows) > 3]
    small = [place for place in drafts.groups.proposals() if len(place.rows) < 3]
    found = [
        (tables.CONSTITUENCY, f"“{place.name}”有{len(place.rows)}名代表，每一选区应选一名至三名，请核对。")
        for place in large
    ] + [
        (
            tables.GROUP,
            f"“{place.name}”只有{len(place.rows)}名代表（{_rows(place)}），一般三名以上编一个小组，请核对。",
        )
        for place in small
    ]
    return tuple(Message(0, column, Severity.WARNING, text) for column, text in found)
