"""Writing a confirmed roster: all of it in one transaction, or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

from deputies.enums import DIRECT_LEVELS, GroupPost
from deputies.models import (
    Constituency,
    DeputyGroup,
    ElectingUnit,
    GroupMembership,
    Mandate,
    Person,
    RosterHeading,
    RosterImport,
    Term,
)
from deputies.roster.headings import Layout
from deputies.roster.rules import Proposal, RosterRow, RowReport, RowState
from deputies.roster.sheet_rows import row_words
from deputies.roster_import.preview import Options, Preview, preview_roster
from deputies.services.common import home_of, readable, require_keeper, take_turn, today_of
from deputies.services.electing import create_constituency, create_electing_unit
from deputies.services.groups import create_group, place_in_group
from deputies.services.mandates import next_list_number, update_mandate
from deputies.services.people import name_values, phone_values, update_person
from liaison.auditing import trail
from liaison.files.upload_checks import checked
from liaison.files.uploads import named_after, plain_name
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.words.enums import FileKind
from liaison.words.errors import InvalidInput, Refused
from liaison.words.text import read_digits

_PLAIN = Layout()

# Which record a roster's field belongs to, and its name there.
_PERSON_FIELDS = (
    "name",
    "sex",
    "ethnicity",
    "born_on",
    "political_status",
    "education",
    "occupation",
    "phone",
    "address",
)
_SEAT_FIELDS = {
    "election_way": "election_way",
    "elected_on": "elected_on",
    "concurrent_seat": "concurrent_seat",
    "fixed_contacts": "fixed_contact_target",
    "remark": "remark",
}


class NotImportable(Refused):
    """The roster still has errors or open questions; ``preview`` shows them."""

    def __init__(self, preview: Preview) -> None:
        self.preview = preview
        super().__init__("名册还有需要更正或者确认的内容，没有导入。")


@dataclass(frozen=True, slots=True)
class ImportResult:
    """How many rows were written; ``record`` is absent when the roster changed nothing."""

    new: int
    changed: int
    unchanged: int
    record: RosterImport | None = None


@dataclass(slots=True)
class Job:
    """One import while it is written."""

    actor: Actor
    term: Term
    now: datetime
    scope_code: int
    electors: dict[str, Any] = field(default_factory=dict)
    groups: dict[str, DeputyGroup] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return today_of(self.now)

    def elector(self, name: str) -> dict[str, Any]:
        """Constituency or electing unit of that name, as columns of a mandate."""
        found = self.electors[name]
        is_direct = isinstance(found, Constituency)
        return {"constituency": found, "electing_unit": None} if is_direct else {"electing_unit": found}


def import_roster(
    *,
    actor: Actor,
    term_id: int,
    data: bytes,
    file_name: str,
    options: Options,
    now: datetime,
    register_digest: str = "",
    layout: Layout = _PLAIN,
) -> ImportResult:
    """Read the file once more, check it once more, and write what differs.

    ``register_digest`` is the preview's: ``Refused`` when the register has changed since. Raises
    `NotImportable` while anything is wrong or undecided. A roster that changes nothing writes nothing,
    not even a line of history. ``layout`` is what a person has said about the file; where it is to be kept,
    the meanings of its headings are remembered.
    """
    term = readable(Term, actor, term_id, "congress__jurisdiction")
    require_keeper(actor, term)
    take_turn(actor, term)
    preview = preview_roster(actor, term, data, options, today_of(now), layout)
    if register_digest and register_digest != preview.register_digest:
        raise Refused("核对之后，系统中的名册有了变化，没有导入。请重新核对后再确认。")
    if not preview.is_importable:
        raise NotImportable(preview)
    counts = preview.report.counts
    result = ImportResult(counts[RowState.NEW], counts[RowState.CHANGED], counts[RowState.UNCHANGED])
    if not preview.has_changes:
        return result
    with trail.operation("import_roster"):
        write_preview(job_of(actor, term, now), preview)
        _remember(actor, term, layout)
        record = _record(actor, term, result, data, file_name, now)
    return ImportResult(result.new, result.changed, result.unchanged, record)


def job_of(actor: Actor, term: Term, now: datetime) -> Job:
    return Job(actor, term, now, home_of(actor, term)[0])


def _remember(actor: Actor, term: Term, layout: Layout) -> None:
    if not layout.is_kept:
        return
    home, _ = home_of(actor, term)
    rows = {row.heading: row for row in RosterHeading.scoped(actor).filter(scope_code=home)}
    for heading, meaning in layout.columns.items():
        row = rows.get(heading) or RosterHeading(scope_code=home, heading=heading)
        if row.pk is None or row.meaning != meaning:
            row.meaning = meaning
            row.save()


def _record(
    actor: Actor, term: Term, result: ImportResult, data: bytes, file_name: str, now: datetime
) -> RosterImport:
    """The line of history; the file itself is kept nowhere."""
    home, _ = home_of(actor, term)
    content = checked(data, file_name, FileKind.SHEET)
    return RosterImport.scoped(actor).create(
        scope_code=home,
        term=term,
        file_name=named_after(content, plain_name(file_name)),
        file_sha256=hashlib.sha256(data).hexdigest(),
        new_count=result.new,
        changed_count=result.changed,
        unchanged_count=result.unchanged,
        confirmed_by_id=actor.account_id,
        confirmed_at=now,
    )


def write_preview(job: Job, preview: Preview) -> None:
    """Every row of a preview that may be imported, as it says."""
    report = preview.report
    _create_electors(job, report.new_constituencies)
    _create_groups(job, report.new_groups)
    job.electors |= _electors(job)
    job.groups |= {group.name: group for group in DeputyGroup.scoped(job.actor).filter(term=job.term)}
    _write_new(job, [row for row in report.rows if row.state is RowState.NEW])
    _write_changed(job, [row for row in report.rows if row.state is RowState.CHANGED])


def _create_electors(job: Job, proposals: Sequence[Proposal]) -> None:
    if job.term.congress.level not in DIRECT_LEVELS:
        for proposal in proposals:
            create_electing_unit(actor=job.actor, term_id=job.term.pk, name=proposal.name)
        return
    villages = Jurisdiction.objects.open().filter(scope_code__gt=job.actor.lo, scope_end__lte=job.actor.hi)
    by_name = {village.short_name: village.pk for village in villages}
    for proposal in proposals:
        create_constituency(
            actor=job.actor,
            term_id=job.term.pk,
            name=proposal.name,
            number=proposal.number,
            village_id=by_name.get(proposal.village),
        )


def _create_groups(job: Job, proposals: Sequence[Proposal]) -> None:
    for proposal in proposals:
        create_group(actor=job.actor, term_id=job.term.pk, name=proposal.name, number=proposal.number)


def _electors(job: Job) -> dict[str, Any]:
    kind: Any = Constituency if job.term.congress.level in DIRECT_LEVELS else ElectingUnit
    return {row.name: row for row in kind.scoped(job.actor).filter(term=job.term)}


# --- new deputies ------------------------------------------------------------------------------------


def _write_new(job: Job, rows: Sequence[RowReport]) -> None:
    """New people, their seats and their places: one statement each, however many rows."""
    stated = [(report, report.row) for report in rows if report.row is not None]
    people = [_person_of(job, report, row) for report, row in stated]
    created = [person for person in people if person.pk is None]
    Person.scoped(job.actor).bulk_create(created)
    seats = Mandate.scoped(job.actor).filter(term=job.term)
    following = next_list_number(seats)
    mandates = [
        _seat_of(job, person, row, following + place)
        for place, (person, (_, row)) in enumerate(zip(people, stated, strict=True))
    ]
    Mandate.scoped(job.actor).bulk_create(mandates)
    GroupMembership.scoped(job.actor).bulk_create(
        GroupMembership(
            scope_code=job.scope_code,
            group=job.groups[row.group],
            mandate=mandate,
            post=row.group_post,
            starts_on=mandate.elected_on,
        )
        for mandate, (_, row) in zip(mandates, stated, strict=True)
        if row.group
    )


def _person_of(job: Job, report: RowReport, row: RosterRow) -> Person:
    """Somebody new, or a known person brought up to date who takes a seat again."""
    if report.person_id is not None:
        given = {name: getattr(row, name) for name in _PERSON_FIELDS if getattr(row, name)}
        known: Person = _at_row(
            report,
            lambda: update_person(actor=job.actor, person_id=report.person_id or 0, now=job.now, **given),
        )
        return known
    return Person(
        scope_code=job.scope_code,
        **_at_row(report, lambda: name_values(row.name) | phone_values(row.phone)),
        sex=row.sex if row.sex else "",
        ethnicity=row.ethnicity,
        born_on=_read(row.born_on),
        political_status=row.political_status if row.political_status else "",
        education=row.education if row.education else "",
        occupation=row.occupation,
        address=row.address,
    )


def _read(day: date | None) -> date:
    """A day the checks before have made sure of."""
    if day is None:
        raise ValueError("a row is written only with its days")
    return day


def _seat_of(job: Job, person: Person, row: RosterRow, following: int) -> Mandate:
    return Mandate(
        scope_code=job.scope_code,
        person=person,
        term=job.term,
        **job.elector(row.constituency),
        list_number=row.list_number or following,
        election_way=row.election_way if row.election_way else "",
        elected_on=_read(row.elected_on),
        concurrent_seat=row.concurrent_seat,
        fixed_contact_target=row.fixed_contacts or 0,
        remark=row.remark,
    )


# --- changed deputies --------------------------------------------------------------------------------


def _write_changed(job: Job, rows: Sequence[RowReport]) -> None:
    """Fields through the services; then leaders step down before others step up."""
    seats = {
        mandate.person_id: mandate
        for mandate in Mandate.scoped(job.actor).filter(term=job.term, ended_on__isnull=True)
    }
    for report in rows:
        _at_row(report, partial(_write_fields, job, report, seats[report.person_id or 0]))
    moving = [report for report in rows if {c.field for c in report.changes} & {"group", "group_post"}]
    for report in moving:
        _at_row(report, partial(_step_down, job, seats[report.person_id or 0]))
    for report in moving:
        _at_row(report, partial(_move, job, report, seats[report.person_id or 0]))


def _write_fields(job: Job, report: RowReport, mandate: Mandate) -> None:
    row, changed = report.row, {change.field for change in report.changes}
    person = {name: getattr(row, name) for name in _PERSON_FIELDS if name in changed}
    if person:
        update_person(actor=job.actor, person_id=mandate.person_id, now=job.now, **person)
    seat: dict[str, Any] = {
        name: getattr(row, column) for column, name in _SEAT_FIELDS.items() if column in changed
    }
    if "constituency" in changed and row is not None:
        elector = job.electors[row.constituency]
        kind = "constituency_id" if isinstance(elector, Constituency) else "electing_unit_id"
        seat[kind] = elector.pk
    if seat:
        update_mandate(actor=job.actor, mandate_id=mandate.pk, now=job.now, **seat)


def _step_down(job: Job, mandate: Mandate) -> None:
    """A leader whose row changes becomes a member first, so that two leaders may change places."""
    place = GroupMembership.scoped(job.actor).filter(mandate=mandate, ends_on__isnull=True).first()
    if place is not None and place.post == GroupPost.LEADER:
        _place(job, mandate, place.group_id, GroupPost.MEMBER)


def _move(job: Job, report: RowReport, mandate: Mandate) -> None:
    row = report.row
    if row is not None and row.group:
        _place(job, mandate, job.groups[row.group].pk, row.group_post)


def _place(job: Job, mandate: Mandate, group_id: int, post: GroupPost) -> None:
    place_in_group(
        actor=job.actor,
        mandate_id=mandate.pk,
        group_id=group_id,
        post=post,
        starts_on=job.today,
        now=job.now,
    )


def _at_row(report: RowReport, write: Callable[[], Any]) -> Any:
    """A refusal of a service, with the row it is about."""
    try:
        return write()
    except InvalidInput as error:
        raise Refused(f"{row_words(report.number)}（{report.name}）：{error.message}") from error
    except Refused as error:
        raise Refused(f"{row_words(report.number)}（{report.name}）：{error.message}") from error


def options_from(
    answers: Mapping[str, str], *, constituencies: bool = False, groups: bool = False
) -> Options:
    """Options out of a form: ``decision-<row>`` holds a person's id or "new", ``place-<name>`` whether a
    constituency of that spelling is the one it looks like ("same" or "other")."""
    spellings = {
        name.removeprefix("place-"): value == "same"
        for name, value in answers.items()
        if name.startswith("place-") and value in ("same", "other")
    }
    decisions: dict[int, int | None] = {}
    for name, value in answers.items():
        number = read_digits(name.removeprefix("decision-")) if name.startswith("decision-") else None
        if number is not None and value:
            decisions[number] = read_digits(value)
    return Options(decisions, constituencies, groups, spellings)
