"""Reading a roster against the register: what the import page shows before anything is written.

The rules are pure and stand in ``roster_rules``; here the register is put up for comparison, and what only
the register can know is added. Nothing in this module writes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import QuerySet

from deputies.access import visible_constituencies, visible_electing_units, visible_groups
from deputies.documents import roster_row
from deputies.enums import DIRECT_LEVELS, ElectionWay, GroupPost, MandateState
from deputies.models import GroupMembership, Mandate, Person, RosterHeading, Term
from deputies.roster.file import RosterFile, read_roster
from deputies.roster.headings import Layout
from deputies.roster.rules import (
    WHOLE_ROW,
    KnownCongress,
    KnownGroup,
    KnownPerson,
    Message,
    RawRow,
    Report,
    RosterRow,
    RowReport,
    RowState,
    Severity,
    check_rows,
    check_title,
)
from deputies.roster.tables import NAME, PHONE
from deputies.selectors import with_roster_parts
from deputies.services.common import home_of
from liaison.tenancy.encryption import lookup_digest
from liaison.tenancy.scope import Actor
from liaison.words.text import clean_line, fold_name, mask_phone

Decisions = Mapping[int, int | None]

_PLAIN = Layout()


@dataclass(frozen=True, slots=True)
class Options:
    """What the clerk has settled: who undecided rows are, whether unknown names may be created, and which
    names of constituencies are but other spellings."""

    decisions: Decisions
    constituencies: bool = False
    groups: bool = False
    spellings: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preview:
    """A roster read and checked. ``register_digest`` changes whenever the register behind it does."""

    term: Term
    file: RosterFile
    report: Report
    known: KnownCongress
    register_digest: str

    @property
    def is_importable(self) -> bool:
        return self.report.is_importable

    @property
    def has_changes(self) -> bool:
        counts = self.report.counts
        return bool(counts[RowState.NEW] or counts[RowState.CHANGED])

    @property
    def file_errors(self) -> int:
        """How many errors there are about the file as a whole; they leave nothing to import."""
        return sum(message.severity is Severity.ERROR for message in self.report.messages)

    @property
    def waits_for_decisions(self) -> bool:
        """Whether nothing but the choice of persons hinders the import."""
        counts = self.report.counts
        return bool(counts[RowState.UNDECIDED]) and not counts[RowState.ERROR] and not self.file_errors

    def person(self, person_id: int | None) -> KnownPerson | None:
        return next((person for person in self.known.people if person.id == person_id), None)


def is_empty_congress(actor: Actor, term: Term) -> tuple[bool, bool]:
    """Whether the term has no constituency, and no group, so that creating them is offered at once."""
    electors = visible_constituencies if term.congress.level in DIRECT_LEVELS else visible_electing_units
    return not electors(actor, term).exists(), not visible_groups(actor, term).exists()


def remembered_meanings(actor: Actor, term: Term) -> dict[str, str]:
    """What the headings of this office's rosters mean, as somebody has said before."""
    home, _ = home_of(actor, term)
    return dict(RosterHeading.scoped(actor).filter(scope_code=home).values_list("heading", "meaning"))


def preview_roster(
    actor: Actor, term: Term, data: bytes, options: Options, today: date, layout: Layout = _PLAIN
) -> Preview:
    """Read and check; raises ``SheetError`` when the file is no roster, `NeedsLayout` when it must be told
    which sheets or columns are meant."""
    file = read_roster(data, layout, remembered_meanings(actor, term))
    people, mandates = _registered(actor, term)
    known = _known(actor, term, people, mandates, options)
    rows = _unmasked(file.rows, known)
    report = check_rows(rows, known, today, decisions=options.decisions, spellings=options.spellings)
    report = _with_register_findings(actor, term, file, report)
    return Preview(term, file, report, known, _digest(people, mandates, known))


# --- the register put up for comparison -------------------------------------------------------------


def _registered(actor: Actor, term: Term) -> tuple[list[Person], list[Mandate]]:
    """The people of the roster's home, and their open mandates in the term: three queries."""
    home, _ = home_of(actor, term)
    people = list(Person.scoped(actor).filter(scope_code=home).order_by("pk"))
    held = Mandate.scoped(actor).filter(term=term, ended_on__isnull=True, scope_code=home)
    return people, list(with_roster_parts(held).order_by("pk"))


def _known(
    actor: Actor, term: Term, people: Sequence[Person], mandates: Sequence[Mandate], options: Options
) -> KnownCongress:
    seats = {mandate.person_id: mandate for mandate in mandates}
    return KnownCongress(
        constituencies=_elector_names(actor, term),
        groups=_known_groups(actor, term),
        people=tuple(_known_person(person, seats.get(person.pk)) for person in people),
        elected_on=term.elected_on,
        may_create_constituencies=options.constituencies,
        may_create_groups=options.groups,
        digest_phone=lookup_digest,
    )


def _elector_names(actor: Actor, term: Term) -> tuple[str, ...]:
    if term.congress.level in DIRECT_LEVELS:
        found: QuerySet[Any] = visible_constituencies(actor, term).order_by("number", "pk")
    else:
        found = visible_electing_units(actor, term).order_by("name")
    return tuple(found.values_list("name", flat=True))


def _known_groups(actor: Actor, term: Term) -> tuple[KnownGroup, ...]:
    leaders = {
        place.group_id: place.mandate.person.name
        for place in GroupMembership.scoped(actor)
        .filter(group__term=term, ends_on__isnull=True, post=GroupPost.LEADER)
        .select_related("mandate__person")
    }
    return tuple(
        KnownGroup(group.name, leader_name=leaders.get(group.pk, ""))
        for group in visible_groups(actor, term).order_by("number", "pk")
    )


def _known_person(person: Person, seat: Mandate | None) -> KnownPerson:
    if seat is not None:
        return KnownPerson(person.pk, roster_row(seat), True, person.phone_digest)
    row = RosterRow(
        name=person.name, born_on=person.born_on, phone=person.phone, occupation=person.occupation
    )
    return KnownPerson(person.pk, row, False, person.phone_digest)


def _digest(people: Sequence[Person], mandates: Sequence[Mandate], known: KnownCongress) -> str:
    """Of everything the comparison rests on; phones by their digests."""
    said = [repr((person.pk, person.phone_digest, person.name)) for person in people]
    said += [repr((mandate.pk, mandate.state, roster_row(mandate))) for mandate in mandates]
    said += [repr(known.constituencies), repr(known.groups)]
    return hashlib.sha256("\x1f".join(said).encode()).hexdigest()[:32]


# --- what only the register can know ------------------------------------------------------------------


def _unmasked(rows: Sequence[RawRow], known: KnownCongress) -> list[RawRow]:
    """A masked export comes back: 138****5678 stands for the registered number it hides."""
    return [_unmask(row, known) if "*" in row.cells.get(PHONE, "") else row for row in rows]


def _unmask(row: RawRow, known: KnownCongress) -> RawRow:
    name, shown = fold_name(row.cells.get(NAME, "")), clean_line(row.cells[PHONE])
    named = [person.row.phone for person in known.people if fold_name(person.row.name) == name]
    hidden = {phone for phone in named if mask_phone(phone) == shown}
    if len(hidden) != 1:
        return row
    return replace(row, cells={**row.cells, PHONE: hidden.pop()})


def _with_register_findings(actor: Actor, term: Term, file: RosterFile, report: Report) -> Report:
    """Title, headcount and seats, and people whose mandate in this term has already ended."""
    said = (
        *_about_titles(actor, term, file),
        *file.messages,
        *report.messages,
        *_about_seats(term, report),
    )
    ended = _ended_seats(actor, term, report)
    rows = tuple(_check_return(row, ended) for row in report.rows)
    return replace_report(report, rows=rows, messages=said)


def _about_titles(actor: Actor, term: Term, file: RosterFile) -> tuple[Message, ...]:
    """What the title of each sheet says against the congress; the same thing once."""
    said: dict[str, Message] = {}
    for title in file.titles:
        own = title.place.endswith(actor.jurisdiction_name)
        place = actor.jurisdiction_name if own else term.congress.jurisdiction.short_name
        for message in check_title(title.place, title.term_number, jurisdiction=place, term=term.number):
            said.setdefault(message.text, message)
    return tuple(said.values())


def refused(preview: Preview, why: str) -> Preview:
    """The preview of a roster that the register would not take, for a reason that concerns it as a whole."""
    report = preview.report
    message = Message(0, WHOLE_ROW, Severity.ERROR, why)
    changed = replace_report(report, rows=report.rows, messages=(message, *report.messages))
    return replace(preview, report=changed)


def replace_report(report: Report, *, rows: tuple[RowReport, ...], messages: tuple[Message, ...]) -> Report:
    """A report with other rows and messages; the counts are made anew."""
    return Report(
        rows=rows,
        messages=messages,
        new_constituencies=report.new_constituencies,
        new_groups=report.new_groups,
        absent=report.absent,
        spellings=report.spellings,
    )


def _about_seats(term: Term, report: Report) -> tuple[Message, ...]:
    counts = report.counts
    total = sum(counts[state] for state in (RowState.NEW, RowState.CHANGED, RowState.UNCHANGED))
    total += len(report.absent)
    if total <= term.seats:
        return ()
    text = f"导入后在任代表{total}名，超过本届代表名额{term.seats}名，请核对名册和代表名额。"
    return (Message(0, WHOLE_ROW, Severity.WARNING, text),)


def _ended_seats(actor: Actor, term: Term, report: Report) -> dict[int, Mandate]:
    """Mandates of this term that ended, by person, for the people who would get a new one."""
    wanted = [row.person_id for row in report.rows if row.state is RowState.NEW and row.person_id]
    ended = Mandate.scoped(actor).filter(term=term, ended_on__isnull=False, person__in=wanted)
    return {mandate.person_id: mandate for mandate in ended.order_by("ended_on")}


def _check_return(row: RowReport, ended: Mapping[int, Mandate]) -> RowReport:
    """An old roster must not seat somebody again whose mandate has ended; only a by-election does."""
    former = ended.get(row.person_id or 0)
    if former is None or row.state is not RowState.NEW or row.row is None:
        return row
    day = row.row.elected_on
    if row.row.election_way is ElectionWay.BY_ELECTION and day and former.ended_on and day >= former.ended_on:
        return row
    state = MandateState(former.state).label
    text = (
        f"{row.name}本届代表资格已于{former.ended_on:%Y-%m-%d}终结（{state}），请从名册中删去；"
        "如系补选，请核对当选方式和当选日期。"
    )
    message = Message(row.number, WHOLE_ROW, Severity.ERROR, text)
    return replace(row, state=RowState.ERROR, row=None, person_id=None, messages=(message, *row.messages))
