"""一人一档: everything registered of one deputy in one year, read once and typed nowhere (domain.md 0.3).

Whether the reader may open the dossier is decided by ``deputies.access.get_mandate``; each part then goes
through the door of its own floor, so that a group leader reads the group's records and never a case's text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from assessments.access import visible_notices, visible_reports, visible_sheets, visible_talks
from constituents.enums import OpinionCategory, OpinionState, Satisfaction, SuggestionState
from constituents.models import Opinion, SuggestionSignatory
from constituents.selectors.facts import CaseFact, opinion_facts, suggestion_facts
from deputies.enums import ElectionWay, MandateEvent, Sex
from deputies.models import Mandate, Term
from deputies.models.mandates import elector_name
from deputies.selectors import changes_of, places_of, post_label
from liaison.identity.access import is_linked
from liaison.identity.roles import RECORD_READERS
from liaison.templatetags.liaison_ui import cn_date
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from reports.links import record_url
from stations.access import visible_participations
from stations.enums import DutyState, ParticipationState, ShippedKind
from stations.models import Participation
from stations.rules.lifecycle import COUNTED_STATES, REGISTERED_OUTCOMES
from stations.selectors import Matrix, ten_ones_matrix
from stations.selectors.county_turns import CountyTurn, county_turns
from stations.selectors.matrix import Cell, Column

# Who opens dossiers at all: the deputy, the group's leader, the office, the county (domain.md 0.4).
READERS = (
    Role.DEPUTY,
    Role.GROUP_LEADER,
    Role.PRESIDIUM_CLERK,
    Role.PRESIDIUM_CHAIR,
    Role.COUNTY_COMMITTEE,
)
MONTHS = range(1, 13)
_CASES = ("opinion", "suggestion")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the year: an occasion, an opinion or a suggestion."""

    day: date
    kind: str
    what: str
    outcome: str
    state: str
    tone: str
    url: str


@dataclass(frozen=True, slots=True)
class Item:
    """One of the year's ten ones with the records behind what was done."""

    column: Column
    cell: Cell
    records: list[tuple[str, date, str]]


@dataclass(slots=True)
class Dossier:
    mandate: Mandate
    year: int
    basics: list[tuple[str, str]]
    history: list[dict[str, Any]]
    months: list[tuple[int, list[Entry]]]
    items: list[Item]
    opinions: list[Entry]
    suggestions: list[Entry]
    scores: list[Any] = field(default_factory=list)
    documents: list[Entry] = field(default_factory=list)


def dossier_of(actor: Actor, mandate: Mandate, year: int) -> Dossier:
    """The dossier of ``mandate``; a fixed number of queries, however full the year."""
    start, end = date(year, 1, 1), date(year, 12, 31)
    return Dossier(
        mandate=mandate,
        year=year,
        basics=_basics(actor, mandate),
        history=_history(actor, mandate),
        months=_by_month(records_of(actor, mandate, start, end)),
        items=_items(actor, mandate, start, end),
        opinions=opinions_of(actor, mandate, start, end),
        suggestions=suggestions_of(actor, mandate, start, end),
        scores=_scores(actor, mandate),
        documents=_documents(actor, mandate),
    )


# -- the person ------------------------------------------------------------------------------------------


def _basics(actor: Actor, mandate: Mandate) -> list[tuple[str, str]]:
    somebody = mandate.person
    places = [place for place in places_of(actor, mandate) if place.ends_on is None]
    group = "、".join(f"{place.group.name} {post_label(place)}".strip() for place in places)
    return [
        ("性别", Sex(somebody.sex).label),
        ("民族", somebody.ethnicity),
        ("出生年月", f"{somebody.born_on.year}年{somebody.born_on.month}月"),
        ("政治面貌", somebody.get_political_status_display()),
        ("文化程度", somebody.get_education_display()),
        ("工作单位及职务", somebody.occupation),
        ("选区" if mandate.constituency_id else "选举单位", elector_name(mandate)),
        ("代表小组", group or "尚未编入小组"),
        ("届次", str(mandate.term)),
        ("同时担任上级代表", mandate.concurrent_seat),
    ]


def _history(actor: Actor, mandate: Mandate) -> list[dict[str, Any]]:
    """Election, places in groups and changes of the seat, newest first, as the timeline shows them."""
    happened: list[dict[str, Any]] = [
        {"day": mandate.elected_on, "what": "当选", "detail": ElectionWay(mandate.election_way).label}
    ]
    for place in places_of(actor, mandate):
        post = f"，任{post_label(place)}" if post_label(place) else ""
        happened.append({"day": place.starts_on, "what": f"编入{place.group.name}{post}", "detail": ""})
    for change in changes_of(actor, mandate):
        detail = "；".join(part for part in (change.get_ground_display(), change.basis) if part)
        what = MandateEvent(change.event).label
        happened.append({"day": change.effective_on, "what": what, "detail": detail, "tone": "warn"})
    return sorted(happened, key=lambda item: item["day"], reverse=True)


# -- the year --------------------------------------------------------------------------------------------


def records_of(actor: Actor, mandate: Mandate, start: date, end: date) -> list[Entry]:
    """Receptions and activities of the deputy, wherever they were, by their days; two queries."""
    rows = visible_participations(actor).filter(mandate=mandate, day__range=(start, end))
    joined = rows.select_related("reception_day__station", "activity__kind").order_by("day", "pk")
    found = [_entry(row) for row in joined]
    found += [_turn(turn) for turn in county_turns([mandate.pk], start, end)]
    return sorted(found, key=lambda entry: entry.day)


def _turn(turn: CountyTurn) -> Entry:
    """A turn at a township's station: its word settles what came of it."""
    is_registered = turn.outcome in REGISTERED_OUTCOMES
    return Entry(
        turn.day,
        ShippedKind.RECEPTION.label,
        f"{turn.place}{turn.station}接待日",
        turn.outcome.label,
        "联络站登记" if is_registered else "",
        "ok" if is_registered else "warn",
        record_url("upper_turn", turn.pk),
    )


def _entry(row: Participation) -> Entry:
    outcome, state = DutyState(row.outcome), ParticipationState(row.state)
    is_registered = outcome in REGISTERED_OUTCOMES
    return Entry(
        row.day,
        row.activity.kind.name if row.activity else ShippedKind.RECEPTION.label,
        row.activity.title
        if row.activity
        else f"{row.reception_day.station.name if row.reception_day else ''}接待日",
        outcome.label,
        state.label if is_registered else "",
        "ok" if is_registered and state in COUNTED_STATES else "warn",
        record_url("participation", row.pk),
    )


def _by_month(entries: Iterable[Entry]) -> list[tuple[int, list[Entry]]]:
    months: dict[int, list[Entry]] = {month: [] for month in MONTHS}
    for entry in entries:
        months[entry.day.month].append(entry)
    return list(months.items())


def opinions_of(actor: Actor, mandate: Mandate, start: date, end: date) -> list[Entry]:
    """Opinions the deputy brought: number, kind and state, nothing of the resident, not even the words."""
    rows = Opinion.scoped(actor).filter(deputy=mandate, received_on__range=(start, end))
    columns = ("pk", "number", "received_on", "category", "state", "satisfaction")
    opens = opens_cases(actor, mandate)
    return [_opinion(opens, *row) for row in rows.order_by("received_on", "pk").values_list(*columns)]


def _opinion(
    opens: bool, pk: int, number: str, day: date, category: str, state: str, satisfaction: str
) -> Entry:
    what = f"{number} {OpinionCategory(category).label}"
    rated = Satisfaction(satisfaction).label if satisfaction else ""
    return Entry(
        day,
        "社情民意",
        what,
        rated,
        OpinionState(state).label,
        "info",
        record_url("opinion", pk) if opens else "",
    )


def suggestions_of(actor: Actor, mandate: Mandate, start: date, end: date) -> list[Entry]:
    """Suggestions the deputy signed, whether leading or not; one query."""
    rows = SuggestionSignatory.scoped(actor).filter(
        mandate=mandate, suggestion__submitted_on__range=(start, end)
    )
    joined = rows.select_related("suggestion").order_by("suggestion__submitted_on", "suggestion_id")
    opens = opens_cases(actor, mandate)
    return [_suggestion(row, opens) for row in joined]


def _suggestion(row: SuggestionSignatory, opens: bool) -> Entry:
    found = row.suggestion
    return Entry(
        found.submitted_on,
        "代表建议",
        f"{found.number} {found.title}",
        "领衔" if row.is_lead else "附议",
        SuggestionState(found.state).label,
        "info",
        record_url("suggestion", found.pk) if opens else "",
    )


# -- the ten ones ----------------------------------------------------------------------------------------


def case_facts(actor: Actor, term: Term, start: date, end: date) -> dict[str, dict[int, CaseFact]]:
    """Opinions and suggestions by fact code and mandate; two queries."""
    return {
        ShippedKind.PUBLIC_OPINION: opinion_facts(actor, term, start, end),
        ShippedKind.SUGGESTION: suggestion_facts(actor, term, start, end),
    }


def full_matrix(actor: Actor, term: Term, start: date, end: date) -> Matrix:
    """The matrix with opinions and suggestions as the score counts them: cases only, each once.

    What is due of them stays the norm; an activity somebody registered beside a case adds nothing. Nine
    queries whatever the number of deputies.
    """
    matrix = ten_ones_matrix(actor, term, start, end)
    cases = case_facts(actor, term, start, end)
    for number, column in enumerate(matrix.columns):
        if column.fact_code in cases:
            _put_cases(matrix, number, cases[column.fact_code])
    return matrix


def _put_cases(matrix: Matrix, number: int, cases: dict[int, CaseFact]) -> None:
    for row in matrix.deputies:
        norm, case = row.cells[number], cases.get(row.mandate.pk) or CaseFact()
        row.cells[number] = Cell(
            norm.due, case.done, norm.excused, 0, list(case.evidence), dict(norm.excuses)
        )
    for total in matrix.groups:
        cell = Cell()
        for row in matrix.deputies:
            if row.group == total.group:
                cell.add(row.cells[number])
        total.cells[number] = cell


def _items(actor: Actor, mandate: Mandate, start: date, end: date) -> list[Item]:
    matrix = full_matrix(actor, mandate.term, start, end)
    row = next((row for row in matrix.deputies if row.mandate.pk == mandate.pk), None)
    if row is None:
        return []
    opens = opens_cases(actor, mandate)
    return [
        Item(column, cell, linked(cell, opens))
        for column, cell in zip(matrix.columns, row.cells, strict=True)
    ]


def opens_cases(actor: Actor, mandate: Mandate) -> bool:
    """Whether the reader may open the cases themselves: a group leader sees only that there are some."""
    return actor.role in RECORD_READERS or is_linked(mandate.person_id, actor.person_id)


def linked(cell: Cell, opens: bool) -> list[tuple[str, date, str]]:
    """The records behind a cell: what they are called, their day and where they are read."""
    return [
        (
            record.label,
            record.on,
            "" if record.kind in _CASES and not opens else record_url(record.kind, record.id),
        )
        for record in cell.records
    ]


# -- results and papers ----------------------------------------------------------------------------------


def _scores(actor: Actor, mandate: Mandate) -> list[dict[str, Any]]:
    """Current sheets of the person by year, for those who may see them (domain.md 0.4); one query."""
    sheets = visible_sheets(actor).filter(mandate__person_id=mandate.person_id, state="published")
    return [
        {
            "year": sheet.assessment.year,
            "total": sheet.total,
            "grade": sheet.grade_name,
            "version": sheet.version,
            "url": record_url("sheet", sheet.pk),
        }
        for sheet in sheets.select_related("assessment").order_by("-assessment__year", "-version")
    ]


def _documents(actor: Actor, mandate: Mandate) -> list[Entry]:
    """Notices, rectification reports and talks the reader may open, newest first; three queries."""
    found = [*_notices(actor, mandate), *_reports(actor, mandate), *_talks(actor, mandate)]
    return sorted(found, key=lambda entry: entry.day, reverse=True)


def _notices(actor: Actor, mandate: Mandate) -> Iterable[Entry]:
    for row in visible_notices(actor).filter(mandate=mandate):
        number = f"{row.organ_code}〔{row.organ_year}〕{row.organ_number}号"
        state, url = row.get_state_display(), record_url("notice", row.pk)
        yield Entry(row.issued_on, "反馈通知书", number, "", state, "info", url)


def _reports(actor: Actor, mandate: Mandate) -> Iterable[Entry]:
    rows = visible_reports(actor).filter(notice__mandate=mandate, is_submitted=True)
    for row in rows:
        url = record_url("notice", row.notice_id)
        yield Entry(_day(row.submitted_at), "整改报告", f"第{row.submission}次提交", "", "", "info", url)


def _talks(actor: Actor, mandate: Mandate) -> Iterable[Entry]:
    for row in visible_talks(actor).filter(mandate=mandate):
        day = _day(row.held_at) if row.held_at else row.due_on
        if day is not None:
            state, url = row.get_state_display(), record_url("talk", row.pk)
            yield Entry(day, "谈话提醒", row.reason, "", state, "info", url)


def _day(moment: datetime | None) -> date:
    """The day in Shanghai; what was never dated comes last."""
    return timezone.localdate(moment) if moment else date.min


def printed_lines(dossier: Dossier) -> list[tuple[str, ...]]:
    """The year as one list for paper, in the order of days."""
    entries = [entry for _, month in dossier.months for entry in month]
    entries += dossier.opinions + dossier.suggestions
    entries.sort(key=lambda entry: entry.day)
    return [(cn_date(one.day), one.kind, one.what, one.outcome, one.state) for one in entries]


def counted_in_words(items: Iterable[Item]) -> str:
    """The ten ones in one sentence for the foot of the printed list."""
    parts = [f"{item.column.name}应{item.cell.due}次、完成{item.cell.done}次" for item in items]
    return "；".join(parts) + "。" if parts else ""
