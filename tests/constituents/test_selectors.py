"""Reads: queues in order, counts, facts for the score; as many queries for three rows as for one."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from constituents.enums import OpinionState as O
from constituents.enums import SuggestionState as S
from constituents.enums import Urgency
from constituents.models import HandlingUnit
from constituents.selectors import (
    opinion_counts,
    opinion_facts,
    opinion_queue,
    opinion_timeline,
    suggestion_facts,
)
from constituents.services.suggestions import set_quality
from liaison.tenancy.scope import Actor, acting
from tests.constituents.makers import as_, case_in, register, suggest
from tests.constituents.test_suggestions import to_state
from tests.factories import make_mandate

if TYPE_CHECKING:
    from deputies.models import Mandate, Term

SignIn = Callable[[Actor], Client]
# Statements on tables of this floor; the same for one row as for three.
EXPECTED = {
    # One of them is asked at the door: whether the unit is still open.
    "/opinions/unit/": 4,
    "/opinions/mine/": 3,
    "/opinions/suggestions/mine/": 2,
    "/admin/constituents/opinion/": 6,
    "/admin/constituents/suggestion/": 7,
}
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def cost(call: Callable[[], Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        call()
    return len(captured)


def own_cost(call: Callable[[], Any]) -> int:
    """Statements about the tables of this floor; the shell's own differ from page to page."""
    with CaptureQueriesContext(connection) as captured:
        call()
    return sum('"constituents_' in query["sql"] for query in captured)


def test_the_queue_begins_with_the_most_pressing(clerk: Actor, unit: HandlingUnit) -> None:
    relaxed = case_in(clerk, O.REPLIED, unit)
    fresh = register(clerk)
    elsewhere = case_in(clerk, O.TO_12345, unit)
    case_in(clerk, O.CLOSED, unit)
    with acting(clerk):
        assert list(opinion_queue(clerk)) == [fresh, relaxed, elsewhere]


def test_counts_per_state_and_late_ones_in_one_query(clerk: Actor, unit: HandlingUnit) -> None:
    case_in(clerk, O.HANDLING, unit, urgency=Urgency.URGENT)
    case_in(clerk, O.HANDLING, unit)
    case_in(clerk, O.REPLIED, unit)
    register(clerk)
    with acting(clerk):
        # The urgent one was due on 12 March, the registered one on 11 March; a late rating is nobody's.
        found = opinion_counts(clerk, date(2026, 3, 25))
        assert found == {"handling": 2, "replied": 1, "registered": 1, "overdue": 2}
        assert cost(lambda: opinion_counts(clerk, date(2026, 3, 25))) == 1


def test_timeline_newest_first_in_one_query(clerk: Actor, unit: HandlingUnit) -> None:
    row = case_in(clerk, O.HANDLING, unit)
    with acting(clerk):
        items = opinion_timeline(clerk, row)
        assert [item["what"] for item in items] == ["开始办理", "签收", "交办至乡水利站", "受理", "登记"]
        assert {item["who"] for item in items} == {"李秘书"}
        assert cost(lambda: opinion_timeline(clerk, row)) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_pages_ask_as_often_for_three_rows_as_for_one(
    sign_in: SignIn, clerk: Actor, handler: Actor, unit: HandlingUnit, mandate: "Mandate", deputy_actor: Actor,
    count: int,
) -> None:  # fmt: skip
    for _ in range(count):
        case_in(clerk, O.HANDLING, unit, deputy_id=mandate.pk)
        suggest(deputy_actor, mandate)
    found = {}
    for actor, address in (
        (handler, "/opinions/unit/"),
        (deputy_actor, "/opinions/mine/"),
        (deputy_actor, "/opinions/suggestions/mine/"),
        (clerk, "/admin/constituents/opinion/"),
        (clerk, "/admin/constituents/suggestion/"),
    ):
        client = sign_in(actor)
        client.get(address)
        found[address] = own_cost(lambda client=client, address=address: client.get(address))
    assert found == EXPECTED


def test_facts_of_opinions(clerk: Actor, unit: HandlingUnit, term: "Term", mandate: "Mandate") -> None:
    case_in(clerk, O.HANDLING, unit, deputy_id=mandate.pk)
    case_in(clerk, O.ANSWERED_ON_SPOT, unit, deputy_id=mandate.pk)
    case_in(clerk, O.NOT_ACCEPTED, unit, deputy_id=mandate.pk)
    register(clerk, deputy_id=mandate.pk)
    case_in(clerk, O.HANDLING, unit, deputy_id=mandate.pk, received_on=date(2025, 12, 31))
    idle = make_mandate(term, "李秀英")
    with acting(clerk):
        facts = opinion_facts(clerk, term, *YEAR)
        assert cost(lambda: opinion_facts(clerk, term, *YEAR)) == 1
    fact = facts[mandate.pk]
    assert (fact.done, fact.refused, len(fact.evidence)) == (2, 1, 2)
    assert fact.evidence[0].label == "社情民意2026-0001"
    assert idle.pk not in facts


def test_facts_of_suggestions(
    clerk: Actor, unit: HandlingUnit, term: "Term", mandate: "Mandate", deputy_actor: Actor
) -> None:
    co_signer = make_mandate(term, "李秀英")
    first = to_state(clerk, suggest(deputy_actor, mandate, co_signer), S.CHECKED, unit)
    second = to_state(clerk, suggest(deputy_actor, mandate), S.CHECKED, unit)
    suggest(deputy_actor, mandate)
    as_(clerk, set_quality, suggestion_id=first.pk, points=Decimal("1.0"), is_key=True)
    as_(clerk, set_quality, suggestion_id=second.pk, points=Decimal("1.5"), is_key=False)
    with acting(clerk):
        facts = suggestion_facts(clerk, term, *YEAR)
        assert cost(lambda: suggestion_facts(clerk, term, *YEAR)) == 1
    fact, joint = facts[mandate.pk], facts[co_signer.pk]
    assert (fact.done, fact.best_quality, fact.key_count) == (2, Decimal("1.5"), 1)
    assert (joint.done, joint.best_quality) == (1, Decimal("1.0"))


def test_late_at_the_end_of_the_day_in_shanghai(clerk: Actor, unit: HandlingUnit) -> None:
    """23:30 in Shanghai on 9 March is still 9 March; 00:30 is the tenth, though UTC says the ninth."""
    eve = register(clerk, now=datetime(2026, 3, 9, 15, 30, tzinfo=UTC))
    night = register(clerk, now=datetime(2026, 3, 9, 16, 30, tzinfo=UTC))
    assert [str(eve.due_on), str(night.due_on)] == ["2026-03-11", "2026-03-12"]
