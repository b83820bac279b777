"""From the records of the lower floors to the facts the engine scores: a fixed number of set queries."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from assessments.models import Assessment, BallotTally, ExtraFact
from assessments.scoring import EvidenceRef, Excuse, ExcuseReason, Fact, SubjectFacts, months_served
from constituents.selectors.facts import CaseFact, opinion_facts, suggestion_facts
from deputies.models import Mandate
from liaison.scope import Actor
from stations.norms import Evidence, FactRow
from stations.selectors.facts import participation_facts

REVIEW_CODE = "review_ballot"
OPINION_CODE = "public_opinion"
SUGGESTION_CODE = "suggestion"
KEY_SUGGESTION_CODE = "key_suggestion"


def assessed_mandates(actor: Actor, assessment: Assessment) -> list[Mandate]:
    """Everybody who held a seat in the period, in the order names are listed (按姓氏笔画)."""
    rows = Mandate.scoped(actor).filter(
        term=assessment.term, scope_code=assessment.scope_code, elected_on__lte=assessment.period_ends_on
    )
    rows = rows.exclude(ended_on__lt=assessment.period_starts_on)
    return list(rows.select_related("person").order_by("person__name_strokes", "list_number", "pk"))


def collect_facts(actor: Actor, assessment: Assessment) -> dict[int, SubjectFacts]:
    """Facts of every assessed deputy by mandate id; the number of queries does not grow with deputies."""
    start, end, term = assessment.period_starts_on, assessment.period_ends_on, assessment.term
    attended = participation_facts(term, start, end, actor=actor)
    opinions = opinion_facts(actor, term, start, end)
    suggestions = suggestion_facts(actor, term, start, end)
    ballots = {b.mandate_id: b for b in BallotTally.scoped(actor).filter(assessment=assessment)}
    extras = _extras(actor, assessment)
    found: dict[int, SubjectFacts] = {}
    for mandate in assessed_mandates(actor, assessment):
        rows = attended.get(mandate.pk, {})
        facts = [
            *(
                _attended(code, row)
                for code, row in rows.items()
                if code not in (OPINION_CODE, SUGGESTION_CODE)
            ),
            _cases(OPINION_CODE, opinions.get(mandate.pk), rows.get(OPINION_CODE)),
            _cases(SUGGESTION_CODE, suggestions.get(mandate.pk), rows.get(SUGGESTION_CODE)),
            *_ballot(ballots.get(mandate.pk)),
            *_with_key_suggestions(extras.get(mandate.pk, []), suggestions.get(mandate.pk)),
        ]
        found[mandate.pk] = SubjectFacts(
            ref=f"mandate:{mandate.pk}",
            facts=tuple(facts),
            year=assessment.year,
            months=_months(mandate, start, end),
        )
    return found


def _months(mandate: Mandate, start: date, end: date) -> int:
    return months_served(mandate.elected_on, mandate.ended_on, period_start=start, period_end=end)


def _refs(records: Iterable[Evidence]) -> tuple[EvidenceRef, ...]:
    return tuple(EvidenceRef(e.kind, e.id, e.on, e.label) for e in records)


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


def _cases(code: str, case: CaseFact | None, row: FactRow | None) -> Fact:
    """Opinions and suggestions: what is due comes from the norm, what was done from the cases."""
    case, row = case or CaseFact(), row or FactRow()
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


def _ballot(tally: BallotTally | None) -> list[Fact]:
    if tally is None:
        return []
    tallies = {
        "issued": tally.issued,
        "returned": tally.returned,
        "valid": tally.valid,
        "satisfied": tally.satisfied,
        "basically_satisfied": tally.basically_satisfied,
        "dissatisfied": tally.dissatisfied,
    }
    ref = EvidenceRef("ballot", tally.pk, tally.held_on, f"选民测评，有效票{tally.valid}张")
    return [Fact(REVIEW_CODE, scheduled=1, done=1, tallies=tallies, evidence=(ref,))]


def _extras(actor: Actor, assessment: Assessment) -> dict[int, list[Fact]]:
    """Bonuses, deductions, vetoes and marks entered by hand, added up by code."""
    rows: dict[int, dict[str, list[ExtraFact]]] = defaultdict(lambda: defaultdict(list))
    for row in ExtraFact.scoped(actor).filter(assessment=assessment).order_by("happened_on", "pk"):
        rows[row.mandate_id][row.fact_code].append(row)
    return {pk: [_extra(code, found) for code, found in by_code.items()] for pk, by_code in rows.items()}


def _extra(code: str, rows: list[ExtraFact]) -> Fact:
    marks = [row.points for row in rows if row.points is not None]
    return Fact(
        code,
        done=sum(row.count for row in rows),
        points=sum(marks, Decimal(0)) if marks else None,
        evidence=tuple(EvidenceRef("extra_fact", row.pk, row.happened_on, row.basis) for row in rows),
    )


def _with_key_suggestions(extras: list[Fact], case: CaseFact | None) -> list[Fact]:
    """A suggestion marked 重点督办 is its own evidence; typing it again as a bonus is not wanted."""
    if case is None or not case.key_count or any(fact.code == KEY_SUGGESTION_CODE for fact in extras):
        return extras
    return [*extras, Fact(KEY_SUGGESTION_CODE, done=case.key_count, evidence=_refs(case.evidence))]
