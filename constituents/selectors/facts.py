"""What opinions and suggestions count for in the yearly score: set queries, never one per deputy.

Item 3 (每人每月一条社情民意) counts accepted opinions only; refused ones count nothing. Item 6 takes accepted
suggestions and the best quality mark (domain.md 3.2).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from constituents.enums import OpinionState, SuggestionState
from constituents.models import Opinion, SuggestionSignatory
from deputies.models import Term
from liaison.tenancy.scope import Actor
from stations.rules.yearly_norms import Evidence

_UNCOUNTED_OPINIONS = (OpinionState.REGISTERED, OpinionState.NOT_ACCEPTED)
_REFUSED_SUGGESTIONS = (SuggestionState.NOT_ACCEPTED, SuggestionState.WITHDRAWN)
_UNCHECKED_SUGGESTIONS = (SuggestionState.DRAFTED, SuggestionState.SUBMITTED)


@dataclass(slots=True)
class CaseFact:
    """Cases of one deputy in one period: those that count, those refused, the best mark, the records."""

    done: int = 0
    refused: int = 0
    best_quality: Decimal | None = None
    key_count: int = 0
    evidence: list[Evidence] = field(default_factory=list)


def opinion_facts(actor: Actor, term: Term, start: date, end: date) -> dict[int, CaseFact]:
    """Opinions brought by each mandate of ``term`` between both days; one query."""
    rows = Opinion.scoped(actor).filter(deputy__term=term, received_on__range=(start, end))
    found: dict[int, CaseFact] = defaultdict(CaseFact)
    columns = ("deputy_id", "pk", "number", "received_on", "state")
    for mandate_id, pk, number, received_on, state in rows.order_by("received_on", "pk").values_list(
        *columns
    ):
        fact = found[mandate_id]
        if state in _UNCOUNTED_OPINIONS:
            fact.refused += state == OpinionState.NOT_ACCEPTED
            continue
        fact.done += 1
        fact.evidence.append(Evidence("opinion", pk, received_on, f"社情民意{number}"))
    return dict(found)


def suggestion_facts(actor: Actor, term: Term, start: date, end: date) -> dict[int, CaseFact]:
    """Suggestions signed by each mandate of ``term``; every signatory of a joint one counts. One query."""
    rows = SuggestionSignatory.scoped(actor).filter(
        mandate__term=term, suggestion__submitted_on__range=(start, end)
    )
    found: dict[int, CaseFact] = defaultdict(CaseFact)
    for row in rows.select_related("suggestion").order_by("suggestion__submitted_on", "suggestion_id"):
        suggestion, fact = row.suggestion, found[row.mandate_id]
        if suggestion.state in _REFUSED_SUGGESTIONS:
            fact.refused += suggestion.state == SuggestionState.NOT_ACCEPTED
            continue
        if suggestion.state in _UNCHECKED_SUGGESTIONS:
            continue
        fact.done += 1
        fact.key_count += suggestion.is_key
        marks = [mark for mark in (fact.best_quality, suggestion.quality_points) if mark is not None]
        fact.best_quality = max(marks) if marks else None
        label = f"代表建议{suggestion.number}《{suggestion.title}》"
        fact.evidence.append(Evidence("suggestion", suggestion.pk, suggestion.submitted_on, label))
    return dict(found)
