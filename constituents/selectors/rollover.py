"""What a 换届 meets on this floor: matters and suggestions of the former term that are not settled."""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import urlencode

from django.urls import reverse

from constituents.enums import OpinionState, SuggestionState
from constituents.lifecycle import OPINION_DONE, SUGGESTION_DONE
from constituents.models import Opinion, Suggestion
from liaison.hooks import Check
from liaison.tenancy.counting import counted
from liaison.tenancy.scope import Actor


def before_rollover(actor: Actor, former_id: int, term_id: int, today: date) -> list[Check]:
    """What the former term's deputies leave open; one query."""
    n = counted(
        opinions=Opinion.scoped(actor).filter(deputy__term=former_id).exclude(state__in=OPINION_DONE),
        suggestions=Suggestion.scoped(actor).filter(term=former_id).exclude(state__in=SUGGESTION_DONE),
    )
    return [
        Check(
            "没有办结的社情民意", n["opinions"], f"本届代表经手{n['opinions']}件，换届后照常办理",
            _open_list("opinion", set(OpinionState) - OPINION_DONE), "查看",
        ),
        Check(
            "没有办结的代表建议", n["suggestions"], f"本届提出{n['suggestions']}件，换届后照常办理",
            _open_list("suggestion", set(SuggestionState) - SUGGESTION_DONE), "查看",
        ),
    ]  # fmt: skip


def recorded_in_term(actor: Actor, term_id: int, since: datetime) -> list[Check]:
    """Matters taken in by deputies of a term, and its suggestions, since a moment; one query."""
    n = counted(
        opinions=Opinion.scoped(actor).filter(deputy__term=term_id, recorded_at__gte=since),
        suggestions=Suggestion.scoped(actor).filter(term=term_id, recorded_at__gte=since),
    )
    return [
        Check(
            "新一届代表经手的社情民意", n["opinions"], f"{n['opinions']}件",
            reverse("admin:constituents_opinion_changelist"), "查看",
        ),
        Check(
            "新一届的代表建议", n["suggestions"], f"{n['suggestions']}件",
            reverse("admin:constituents_suggestion_changelist"), "查看",
        ),
    ]  # fmt: skip


def _open_list(name: str, states: set[OpinionState] | set[SuggestionState]) -> str:
    query = urlencode({"state__in": ",".join(sorted(str(state) for state in states))})
    return f"{reverse(f'admin:constituents_{name}_changelist')}?{query}"
