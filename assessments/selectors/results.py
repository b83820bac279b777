"""Results of a congress: by grade and by name in stroke order, never ranked (domain.md 0.2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q

from assessments.access import (
    countable_notices,
    countable_sheets,
    visible_notices,
    visible_objections,
    visible_sheets,
)
from assessments.enums import Grade, NoticeState, SheetState
from assessments.lifecycle import OBJECTION, REPORT_OWED
from assessments.models import Assessment, FeedbackNotice, ScoreSheet
from assessments.scoring import (
    Comparison,
    InvalidFacts,
    SchemeRules,
    SheetResult,
    SubjectFacts,
    compare,
    score,
)
from assessments.selectors.facts import collect_facts
from deputies.models import GroupMembership
from deputies.selectors import full_names
from liaison.tenancy.scope import Actor
from liaison.words.errors import Refused

# What a name needs to be told apart from a namesake's.
NAMED = ("mandate__person", "mandate__constituency", "mandate__electing_unit")


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One deputy's result as the presidium reads it; there is no place in a ranking."""

    sheet_id: int
    name: str
    group: str
    base: Decimal | None
    bonus: Decimal | None
    deducted: Decimal | None
    total: Decimal | None
    grade: str
    grade_code: str
    note: str
    pending: int
    has_objection: bool
    version: int


def result_rows(actor: Actor, assessment: Assessment) -> list[ResultRow]:
    """The current version of every sheet, in stroke order; four queries."""
    groups = dict(
        GroupMembership.scoped(actor)
        .filter(mandate__term=assessment.term_id, ends_on__isnull=True)
        .values_list("mandate_id", "group__name")
    )
    objected = set(
        visible_objections(actor)
        .filter(sheet__assessment=assessment, state__in=OBJECTION.open_states)
        .values_list("sheet_id", flat=True)
    )
    sheets = visible_sheets(actor).filter(assessment=assessment).exclude(state=SheetState.SUPERSEDED)
    ordered = list(
        sheets.select_related(*NAMED).order_by(
            "mandate__person__name_strokes", "mandate__list_number", "mandate_id"
        )
    )
    names = full_names(actor, [sheet.mandate for sheet in ordered])
    return [
        _row(sheet, names[sheet.mandate_id], groups.get(sheet.mandate_id, ""), sheet.pk in objected)
        for sheet in ordered
    ]


def _row(sheet: ScoreSheet, name: str, group: str, has_objection: bool) -> ResultRow:
    note = sheet.not_rated_note or "；".join(hit["name"] for hit in sheet.vetoes)
    return ResultRow(
        sheet_id=sheet.pk,
        name=name,
        group=group,
        base=sheet.base_points if sheet.is_rated else None,
        bonus=sheet.bonus_points if sheet.is_rated else None,
        deducted=sheet.deducted_points if sheet.is_rated else None,
        total=sheet.total,
        grade=sheet.grade_name,
        grade_code=sheet.grade,
        note=note,
        pending=sheet.pending_count,
        has_objection=has_objection,
        version=sheet.version,
    )


def grade_names(assessment: Assessment) -> dict[str, str]:
    """The scheme's grades by code, highest first, 不参评 last."""
    grades = SchemeRules.from_dict(assessment.scheme.definition).grades
    return {grade.code: grade.name for grade in grades} | {Grade.NOT_RATED: Grade.NOT_RATED.label}


def grade_counts(actor: Actor, assessment: Assessment) -> list[tuple[str, int]]:
    """How many current sheets have each grade, in the scheme's order; grades nobody has are kept.

    Whoever may only count (county, city) sees published ones.
    """
    rows = visible_sheets(actor) | countable_sheets(actor)
    found = dict(
        rows.filter(assessment=assessment)
        .exclude(state=SheetState.SUPERSEDED)
        .order_by()
        .values_list("grade")
        .annotate(count=Count("pk"))
    )
    return [(name, found.get(code, 0)) for code, name in grade_names(assessment).items()]


def grade_table(actor: Actor, year: int) -> dict[int, dict[str, int]]:
    """Published results of a year by jurisdiction (scope code) and grade name; one query."""
    rows = countable_sheets(actor).filter(assessment__year=year).order_by()
    found: dict[int, dict[str, int]] = {}
    for scope_code, grade, count in rows.values_list("scope_code", "grade_name").annotate(count=Count("pk")):
        found.setdefault(scope_code, {})[grade] = count
    return found


def notice_counts(actor: Actor, assessment: Assessment, today: date) -> Mapping[str, int]:
    """Where the notices of a year stand: issued, printed, delivered, handed in, accepted, overdue."""
    owed = Q(state__in=REPORT_OWED)
    return (
        countable_notices(actor)
        .filter(assessment=assessment)
        .aggregate(
            total=Count("pk"),
            rendered=Count("pk", filter=Q(rendered_at__isnull=False)),
            delivered=Count("pk", filter=~Q(state=NoticeState.ISSUED)),
            reported=Count(
                "pk", filter=Q(state__in=(NoticeState.REPORTED, NoticeState.ACCEPTED, NoticeState.ARCHIVED))
            ),
            accepted=Count("pk", filter=Q(state__in=(NoticeState.ACCEPTED, NoticeState.ARCHIVED))),
            waiting=Count("pk", filter=Q(state=NoticeState.REPORTED)),
            owed=Count("pk", filter=owed),
            overdue=Count("pk", filter=owed & Q(due_on__lt=today)),
        )
    )


def unreported(actor: Actor, assessment: Assessment) -> list[FeedbackNotice]:
    """Who still owes a report, the earliest deadline first, then in the order of the numbers."""
    rows = visible_notices(actor).filter(assessment=assessment, state__in=REPORT_OWED)
    return list(rows.select_related(*NAMED).order_by("due_on", "organ_number"))


def trial_run(actor: Actor, assessment: Assessment, draft: SchemeRules) -> Comparison:
    """试算: this year's facts by the scheme in use and by ``draft``; nothing is written.

    ``Refused`` names the item when the facts do not fit the draft.
    """
    facts = collect_facts(actor, assessment).values()
    rules = SchemeRules.from_dict(assessment.scheme.definition)
    return compare(_all(facts, rules), _all(facts, draft))


def _all(facts: Iterable[SubjectFacts], rules: SchemeRules) -> list[SheetResult]:
    return [_one(subject, rules) for subject in facts]


def _one(facts: SubjectFacts, rules: SchemeRules) -> SheetResult:
    try:
        return score(facts, rules)
    except InvalidFacts as error:
        raise Refused(f"试算没有完成：{error.message}。") from error
