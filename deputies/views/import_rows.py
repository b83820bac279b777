"""The rows of a roster as the check page shows them: what was read, what it would change, what is said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from deputies.enums import GroupPost
from deputies.roster.cells import is_formula
from deputies.roster.draft import shown
from deputies.roster.rules import WHOLE_ROW, KnownPerson, RawRow, RosterRow, RowReport, RowState, Severity
from deputies.roster.sheet_rows import SheetRow, own_row, rows_words
from deputies.roster.tables import ADDRESS, COLUMNS, GROUP_POST, LIST_NUMBER, NAME, PHONE
from deputies.roster.types import FIELDS
from deputies.roster_import.preview import Options, Preview
from liaison.words.masking import masked
from liaison.words.text import clean_line, mask_phone

ROW_TONES = {
    RowState.ERROR: "bad",
    RowState.UNDECIDED: "warn",
    RowState.NEW: "info",
    RowState.CHANGED: "info",
    RowState.UNCHANGED: "ok",
}
SEVERITY_TONES = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.NOTE: "none"}
#: A note that stands at so many rows is said once, above the table.
_SHARED_FROM = 3
_READ = "已读"
_KEPT = "（沿用登记）"


SharedNotes = Mapping[tuple[str, str], Sequence[int]]


def shared_notes(rows: Sequence[RowReport]) -> SharedNotes:
    """Notes that many rows have in the same words, by column and text, with the numbers of the rows."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in rows:
        for message in row.messages:
            if message.severity is Severity.NOTE:
                found[message.column, message.text].append(row.number)
    return {note: numbers for note, numbers in found.items() if len(numbers) >= _SHARED_FROM}


def file_messages(found: Preview, shared: SharedNotes) -> list[tuple[Severity, str, str]]:
    """Severity, tone and text of what is said about the file, and of the notes that many rows share."""
    said = [(m.severity, SEVERITY_TONES[m.severity], m.text) for m in found.report.messages]
    for (column, text), numbers in shared.items():
        rows = rows_words(numbers)
        place = rows if column == WHOLE_ROW else f"{rows}的“{column}”"
        said.append((Severity.NOTE, SEVERITY_TONES[Severity.NOTE], f"{place}：{text}"))
    return said


def row_shown(found: Preview, row: RowReport, options: Options, shared: SharedNotes) -> dict[str, Any]:
    """One row for the table; telephone numbers and registered addresses stay veiled."""
    chosen = options.decisions.get(row.number, "")
    messages = [message for message in row.messages if (message.column, message.text) not in shared]
    return {
        "number": int(row.number),
        "place": f"{row.number.sheet} {own_row(row.number)}"
        if isinstance(row.number, SheetRow)
        else row.number,
        "cells": _cells(found, row),
        "name": row.name or _as_written(found, row),
        "stated": _stated(row.row, found.person(row.person_id)) if row.row else None,
        "has_words": bool(messages or row.changes or row.candidates),
        "messages": [
            (message, SEVERITY_TONES[message.severity], "" if message.column == WHOLE_ROW else message.column)
            for message in messages
        ],
        "changes": [
            (change.column, *_veiled(change.column, change.old, change.new)) for change in row.changes
        ],
        "candidates": [_candidate(found, person_id) for person_id in row.candidates],
        "chosen": "new" if row.number in options.decisions and chosen is None else chosen,
    } | _result(found, row)


def _result(found: Preview, row: RowReport) -> dict[str, str]:
    """What an import would do with the row; while the file as a whole is wrong, it would do nothing."""
    if found.file_errors and row.state is not RowState.ERROR:
        return {"state": _READ, "tone": "none"}
    return {"state": row.state.label, "tone": ROW_TONES[row.state]}


def _cells(found: Preview, row: RowReport) -> list[dict[str, str]]:
    """Every cell of the row as it stands in the file, beside what it becomes in the register."""
    raw = next((raw for raw in found.file.rows if raw.number == row.number), None)
    if raw is None:
        return []
    wrong = {m.column for m in row.messages if m.severity is Severity.ERROR}
    known = found.person(row.person_id)
    return [
        {
            "column": column,
            "heading": found.file.columns.get(column, ""),
            "written": _written(column, raw),
            "becomes": "" if column in wrong else _becomes(column, row.read, known),
            "is_wrong": "1" if column in wrong else "",
        }
        for column in COLUMNS
        if column in raw.cells or (row.row and _becomes(column, row.read, known))
    ]


def _written(column: str, raw: RawRow) -> str:
    """The cell as the office wrote it; a formula is named, a telephone number veiled."""
    text = clean_line(raw.written.get(column, raw.cells.get(column, "")))
    return "（公式）" if is_formula(text) else masked(text)


def _becomes(column: str, read: RosterRow, known: KnownPerson | None) -> str:
    if column == LIST_NUMBER:
        return str(read.list_number or "")
    name = FIELDS[column]
    value = getattr(read, name)
    if column == GROUP_POST and value is GroupPost.MEMBER:
        return value.label if read.group else ""
    if column == PHONE:
        return mask_phone(read.phone) or (_kept_phone(known) if known else "")
    kept = getattr(known.row, name) if known and value in ("", None) else None
    if column == ADDRESS and kept:
        return f"（已登记）{_KEPT}"
    return shown(kept) + _KEPT if kept else shown(value)


def _kept_phone(person: KnownPerson) -> str:
    if not person.row.phone and not person.phone_digest:
        return ""
    return mask_phone(person.row.phone) + _KEPT


def _stated(row: RosterRow, person: KnownPerson | None) -> dict[str, str]:
    """What is to be looked at in a row, as it will stand in the register when the roster is imported."""

    def cell(name: str) -> str:
        stated = getattr(row, name)
        kept = getattr(person.row, name) if person and not stated else None
        return shown(kept) + _KEPT if kept else shown(stated)

    phone = mask_phone(row.phone)
    if not phone and person:
        phone = _kept_phone(person)
    is_member = row.group_post is GroupPost.MEMBER
    return {
        "born_on": cell("born_on"),
        "political_status": cell("political_status"),
        "phone": phone,
        "occupation": cell("occupation"),
        "constituency": row.constituency,
        "group": cell("group"),
        "post": "" if is_member else row.group_post.label,
    }


def _as_written(found: Preview, row: RowReport) -> str:
    """The cell of a name that could not be read, so that the row is recognised; a formula is not shown."""
    raw = next((raw for raw in found.file.rows if raw.number == row.number), None)
    text = clean_line(raw.cells.get(NAME, "")) if raw else ""
    if not text:
        return "（未填姓名）"
    if is_formula(text):
        return "（公式）"
    return text if len(text) <= 12 else f"{text[:12]}……"


def _veiled(column: str, old: str, new: str) -> tuple[str, str]:
    """Registered numbers and addresses are not laid open by a preview."""
    if column == PHONE:
        return mask_phone(old), mask_phone(new)
    return ("（已登记）" if old else "", new) if column == ADDRESS else (old, new)


def _candidate(found: Preview, person_id: int) -> tuple[int, str]:
    """A registered person to choose: what tells people of one name apart."""
    person = found.person(person_id)
    if person is None:
        return person_id, "（已不在系统中）"
    row = person.row
    born = f"{row.born_on:%Y.%m}出生" if row.born_on else ""
    parts = [row.name, row.constituency, born, mask_phone(row.phone)]
    return person_id, "　".join(part for part in parts if part)
