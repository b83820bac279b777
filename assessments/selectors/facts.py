"""From the records of the lower floors to the facts the engine scores: a fixed number of set queries."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from assessments.enums import NoticeState, NotRatedReason
from assessments.models import Assessment, BallotTally, ExtraFact, FeedbackNotice
from assessments.scoring import (
    EvidenceRef,
    Excuse,
    ExcuseReason,
    Exemption,
    Fact,
    SubjectFacts,
    months_served,
)
from assessments.scoring.facts import merge
from constituents.selectors.facts import CaseFact, opinion_facts, suggestion_facts
from deputies.enums import MandateEvent
from deputies.models import Mandate, MandateChange
from liaison.tenancy.scope import Actor
from stations.enums import DutyState, ShippedKind
from stations.models import Participation
from stations.rules.lifecycle import COUNTED_STATES
from stations.rules.yearly_norms import Evidence, FactRow
from stations.selectors.facts import kinds_in_force, participation_facts

REVIEW_CODE = "review_ballot"
OPINION_CODE = "public_opinion"
SUGGESTION_CODE = "suggestion"
KEY_SUGGESTION_CODE = "key_suggestion"
SUSPENDED_CODE = "mandate_suspended"
ABSENCES_CODE = "two_unapproved_absences"
UNREPORTED_CODE = "report_not_returned"

# Given by the records, whatever kinds a place has (kinds add their own codes).
_ALWAYS_RECORDED = frozenset(
    {
        REVIEW_CODE, OPINION_CODE, SUGGESTION_CODE, SUSPENDED_CODE, ABSENCES_CODE, UNREPORTED_CODE,
        "session_speech", "leave_session", "absence_unapproved_session",
    }
)  # fmt: skip

# 不参评 decided by the presidium, entered like any other fact with its basis (domain.md 3.7, edge).
EXEMPTIONS = {
    "exempt_illness": NotRatedReason.LONG_ILLNESS,
    "exempt_maternity": NotRatedReason.MATERNITY,
    "exempt_other": NotRatedReason.OTHER,
}

Facts = dict[int, list[Fact]]


def recorded_codes(actor: Actor, scope_code: int, year: int) -> frozenset[str]:
    """Fact codes the records give by themselves here; they are not typed in again (domain.md 0.3)."""
    kinds = kinds_in_force(actor, scope_code, year).values()
    return _ALWAYS_RECORDED | {kind.fact_code for kind in kinds if kind.fact_code}


def assessed_mandates(actor: Actor, assessment: Assessment) -> QuerySet[Mandate]:
    """Everybody who held a seat in the period, in the order names are listed (按姓氏笔画)."""
    rows = Mandate.scoped(actor).filter(
        term=assessment.term, scope_code=assessment.scope_code, elected_on__lte=assessment.period_ends_on
    )
    rows = rows.exclude(ended_on__lt=assessment.period_starts_on)
    joined = rows.select_related("person", "constituency", "electing_unit")
    return joined.order_by("person__name_strokes", "list_number", "pk")


def collect_facts(actor: Actor, assessment: Assessment) -> dict[int, SubjectFacts]:
    """Facts of every assessed deputy by mandate id; the number of queries does not grow with deputies."""
    start, end, term = assessment.period_starts_on, assessment.period_ends_on, assessment.term
    mandates = assessed_mandates(actor, assessment)
    cases = opinion_facts(actor, term, start, end), suggestion_facts(actor, term, start, end)
    rows = participation_facts(term, start, end, actor=actor)
    extras, exemptions = _extras(actor, assessment)
    sources = (
        _ballots(actor, assessment),
        extras,
        _suspensions(actor, mandates, start, end),
        _absences(actor, mandates, start, end),
        _unreported(actor, assessment, mandates),
    )
    found: dict[int, SubjectFacts] = {}
    for mandate in mandates:
        facts = _recorded(rows.get(mandate.pk, {}), *(case.get(mandate.pk) for case in cases))
        facts += [fact for source in sources for fact in source.get(mandate.pk, [])]
        facts += _key_suggestions(facts, cases[1].get(mandate.pk))
        found[mandate.pk] = SubjectFacts(
            ref=f"mandate:{mandate.pk}",
            facts=_merged(facts),
            year=assessment.year,
            months=months_served(mandate.elected_on, mandate.ended_on, period_start=start, period_end=end),
            exemption=exemptions.get(mandate.pk) or _mandate_over(mandate, assessment),
        )
    return found


def _merged(facts: list[Fact]) -> tuple[Fact, ...]:
    """One fact a code: what was typed in beside a record adds to it."""
    by_code: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        by_code[fact.code].append(fact)
    return tuple(merge(code, same) for code, same in by_code.items())


def has_left(mandate: Mandate, assessment: Assessment) -> bool:
    """Whoever left office within the year is 不参评: there is nobody left to notify and to rectify."""
    return mandate.ended_on is not None and mandate.ended_on < assessment.period_ends_on


def _mandate_over(mandate: Mandate, assessment: Assessment) -> Exemption | None:
    if not has_left(mandate, assessment):
        return None
    return Exemption(NotRatedReason.MANDATE_OVER, f"{mandate.ended_on:%Y年%-m月%-d日}终止")


def _refs(records: Iterable[Evidence]) -> tuple[EvidenceRef, ...]:
    return tuple(EvidenceRef(e.kind, e.id, e.on, e.label) for e in records)


def _recorded(
    rows: dict[str, FactRow], opinions: CaseFact | None, suggestions: CaseFact | None
) -> list[Fact]:
    """Activities by their own rows; what is due of cases comes from the norm, what was done from the cases.

    A review that was held is an activity too; its vote joins it (``_merged``) and is what counts.
    """
    cases = {OPINION_CODE: opinions, SUGGESTION_CODE: suggestions}
    plain = [_attended(code, row) for code, row in rows.items() if code not in cases]
    return plain + [
        _case(code, case or CaseFact(), rows.get(code) or FactRow()) for code, case in cases.items()
    ]


def _excuses(row: FactRow) -> tuple[Excuse, ...]:
    return tuple(Excuse(ExcuseReason(reason.value), count) for reason, count in row.excuses.items())


def _attended(code: str, row: FactRow) -> Fact:
    return Fact(
        code,
        scheduled=row.scheduled,
        excused=row.excused,
        done=row.done,
        excuses=_excuses(row),
        evidence=_refs(row.evidence),
    )


def _case(code: str, case: CaseFact, row: FactRow) -> Fact:
    return Fact(
        code,
        scheduled=row.scheduled,
        excused=row.excused,
        done=case.done,
        refused=case.refused,
        points=case.best_quality,
        excuses=_excuses(row),
        evidence=_refs(case.evidence),
    )


def _key_suggestions(facts: list[Fact], case: CaseFact | None) -> list[Fact]:
    """A suggestion marked 重点督办 is its own evidence; typing it again as a bonus is not wanted."""
    if case is None or not case.key_count or any(fact.code == KEY_SUGGESTION_CODE for fact in facts):
        return []
    return [Fact(KEY_SUGGESTION_CODE, done=case.key_count, evidence=_refs(case.evidence))]


def _ballots(actor: Actor, assessment: Assessment) -> Facts:
    return {
        tally.mandate_id: [_ballot(tally)]
        for tally in BallotTally.scoped(actor).filter(assessment=assessment)
    }


def _ballot(tally: BallotTally) -> Fact:
    tallies = {
        "issued": tally.issued,
        "returned": tally.returned,
        "valid": tally.valid,
        "satisfied": tally.satisfied,
        "basically_satisfied": tally.basically_satisfied,
        "dissatisfied": tally.dissatisfied,
    }
    ref = EvidenceRef("ballot", tally.pk, tally.held_on, f"选民测评，有效票{tally.valid}张")
    return Fact(REVIEW_CODE, scheduled=1, done=1, tallies=tallies, evidence=(ref,))


def _extras(actor: Actor, assessment: Assessment) -> tuple[Facts, dict[int, Exemption]]:
    """Bonuses, deductions, vetoes and marks entered by hand, added up by code; exemptions apart."""
    rows: dict[int, dict[str, list[ExtraFact]]] = defaultdict(lambda: defaultdict(list))
    exemptions: dict[int, Exemption] = {}
    for row in ExtraFact.scoped(actor).filter(assessment=assessment).order_by("happened_on", "pk"):
        if row.fact_code in EXEMPTIONS:
            exemptions[row.mandate_id] = Exemption(EXEMPTIONS[row.fact_code], row.basis)
        else:
            rows[row.mandate_id][row.fact_code].append(row)
    facts = {pk: [_extra(code, same) for code, same in by_code.items()] for pk, by_code in rows.items()}
    return facts, exemptions


def _extra(code: str, rows: list[ExtraFact]) -> Fact:
    marks = [row.points for row in rows if row.points is not None]
    return Fact(
        code,
        scheduled=sum(row.due_count or 0 for row in rows),
        done=sum(row.count for row in rows),
        points=sum(marks, Decimal(0)) if marks else None,
        evidence=tuple(EvidenceRef("extra_fact", row.pk, row.happened_on, row.basis) for row in rows),
    )


def _suspensions(actor: Actor, mandates: Iterable[Mandate], start: date, end: date) -> Facts:
    """被暂停执行代表职务 within the period (代表法 Art. 61)."""
    rows = MandateChange.scoped(actor).filter(
        mandate__in=[mandate.pk for mandate in mandates],
        event=MandateEvent.SUSPEND,
        effective_on__range=(start, end),
    )
    found: dict[int, list[EvidenceRef]] = defaultdict(list)
    for pk, mandate_id, day in rows.order_by("effective_on", "pk").values_list(
        "pk", "mandate_id", "effective_on"
    ):
        found[mandate_id].append(EvidenceRef("mandate_change", pk, day, "暂停执行代表职务"))
    return {
        mandate_id: [Fact(SUSPENDED_CODE, done=len(refs), evidence=tuple(refs))]
        for mandate_id, refs in found.items()
    }


def _absences(actor: Actor, mandates: Iterable[Mandate], start: date, end: date) -> Facts:
    """未经批准两次不出席会议, when established: two whole sessions of the term, the last in this period.

    A session counts when every sitting registered for the deputy was an unapproved, settled absence; a
    half-day missed is a deduction, not an absence from the session (代表法 Art. 62).
    """
    rows = Participation.scoped(actor).filter(
        mandate__in=[mandate.pk for mandate in mandates],
        activity__kind__code=ShippedKind.SESSION,
        activity__session__isnull=False,
        day__lte=end,
    )
    columns = (
        "mandate_id",
        "activity__session_id",
        "activity__session__starts_on",
        "outcome",
        "state",
        "pk",
        "day",
    )
    sessions: dict[int, dict[int, list[tuple[bool, EvidenceRef]]]] = defaultdict(lambda: defaultdict(list))
    for mandate_id, session_id, opened, outcome, state, pk, day in rows.order_by("day", "pk").values_list(
        *columns
    ):
        missed = outcome == DutyState.ABSENT and state in COUNTED_STATES
        ref = EvidenceRef("participation", pk, day, f"{opened:%Y年%-m月%-d日}开幕的人代会未经批准缺席")
        sessions[mandate_id][session_id].append((missed, ref))
    found: Facts = {}
    for mandate_id, by_session in sessions.items():
        whole = [sittings for sittings in by_session.values() if all(missed for missed, _ in sittings)]
        refs = tuple(ref for sittings in whole for _, ref in sittings)
        if len(whole) >= 2 and any(ref.on and ref.on >= start for ref in refs):
            found[mandate_id] = [Fact(ABSENCES_CODE, done=1, evidence=refs)]
    return found


def _unreported(actor: Actor, assessment: Assessment, mandates: Iterable[Mandate]) -> Facts:
    """未按期提交上一次整改报告: last year's notice of the same person, found 未提交."""
    by_person = {mandate.person_id: mandate.pk for mandate in mandates}
    rows = FeedbackNotice.scoped(actor).filter(
        scope_code=assessment.scope_code,
        assessment__year=assessment.year - 1,
        mandate__person__in=by_person,
        state=NoticeState.UNREPORTED,
    )
    found: Facts = {}
    for pk, person_id, due_on in rows.values_list("pk", "mandate__person_id", "due_on"):
        ref = EvidenceRef("feedback_notice", pk, due_on, f"{assessment.year - 1}年度整改报告未提交")
        found[by_person[person_id]] = [Fact(UNREPORTED_CODE, done=1, evidence=(ref,))]
    return found
