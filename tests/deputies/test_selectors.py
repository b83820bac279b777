"""Lists cost the same for one row and for three, order by strokes, and tell namesakes apart."""

from datetime import date
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from deputies import selectors
from deputies.enums import MandateState
from deputies.models import Constituency, Mandate, Term
from deputies.models.mandates import namesakes
from deputies.services import change_mandate
from liaison.tenancy.scope import Actor, acting, public_actor, system_actor
from liaison.words.enums import Role
from tests.factories import NOW, make_deputy_actor, make_group, make_mandate


@pytest.fixture
def count_queries():  # type: ignore[no-untyped-def]
    from django.db import connection

    return lambda: CaptureQueriesContext(connection)


@pytest.mark.parametrize("rows", [1, 3])
def test_roster_costs_three_queries(as_clerk: Actor, term: Term, count_queries, rows: int) -> None:
    group = make_group(term)
    for number in range(rows):
        make_mandate(term, "甲乙丙"[number], group=group)
    with count_queries() as queries:
        lines = selectors.roster(as_clerk, term)
    assert (len(lines), len(queries)) == (rows, 3)
    assert {line.group for line in lines} == {"第一代表小组"}


@pytest.mark.parametrize("rows", [1, 3])
def test_published_roster_costs_three_queries(world, term: Term, count_queries, rows: int) -> None:
    for number in range(rows):
        make_mandate(term, "甲乙丙"[number], group=make_group(term, number + 1))
    place = world["庄子乡"]
    with acting(public_actor(place.scope_code, place.scope_end)) as actor, count_queries() as queries:
        assert len(selectors.published_roster(actor)) == rows
    assert len([q for q in queries if "set_config" not in q["sql"]]) == 3


@pytest.mark.parametrize("rows", [1, 3])
def test_state_counts_and_groups_cost_one_query_each(
    as_clerk: Actor, term: Term, count_queries, rows: int
) -> None:
    for number in range(rows):
        make_mandate(term, "甲乙丙"[number], group=make_group(term, number + 1))
    with count_queries() as queries:
        counts = selectors.state_counts(as_clerk, term)
    assert (counts[MandateState.ACTIVE], counts[MandateState.RECALLED], len(queries)) == (rows, 0, 1)
    with count_queries() as queries:
        groups = selectors.groups_with_counts(as_clerk, term)
    assert ([vars(group)["members"] for group in groups], len(queries)) == ([1] * rows, 1)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("strokes", ["丁一", "王建国", "赵铁柱"]),
        ("number", ["赵铁柱", "丁一", "王建国"]),
        ("pinyin", ["丁一", "王建国", "赵铁柱"]),
    ],
)
def test_orders(as_clerk: Actor, term: Term, order: str, expected: list[str]) -> None:
    for number, name in enumerate(["赵铁柱", "丁一", "王建国"], start=1):
        make_mandate(term, name, list_number=number)
    assert [line.name for line in selectors.roster(as_clerk, term, order=order)] == expected


def test_namesakes_show_their_constituency(
    as_clerk: Actor, term: Term, mandate: Mandate, colleague: Mandate
) -> None:
    make_mandate(term, "李玉兰")
    names = {line.full_name for line in selectors.roster(as_clerk, term)}
    assert names == {"王建国（第1选区东庄村）", "王建国（第2选区西庄村）", "李玉兰"}
    mandates = Mandate.scoped(as_clerk).select_related("person", "constituency", "electing_unit")
    assert set(selectors.full_names(as_clerk, mandates).values()) == names


def test_namesakes_of_one_constituency_show_their_number_on_the_list(
    as_clerk: Actor, term: Term, mandate: Mandate, colleague: Mandate, count_queries: Any
) -> None:
    beside = make_mandate(term, mandate.person.name, constituency=mandate.constituency, list_number=23)
    with count_queries() as queries:
        names = selectors.full_names(as_clerk, [mandate, colleague, beside])
    assert (list(names.values()), len(queries)) == (
        [
            f"王建国（第1选区东庄村，名册第{mandate.list_number}号）",
            "王建国（第2选区西庄村）",
            "王建国（第1选区东庄村，名册第23号）",
        ],
        1,
    )


def test_one_person_with_two_seats_in_a_term_is_no_namesake(
    as_clerk: Actor, term: Term, mandate: Mandate
) -> None:
    make_mandate(term, "x", person=mandate.person, state=MandateState.RESIGNED, ended_on=date(2022, 1, 1))
    assert namesakes(as_clerk, term.pk) == {}
    assert selectors.full_names(as_clerk, [mandate]) == {mandate.pk: "王建国"}


def test_phones_are_masked_and_hidden_from_station_clerks(
    term: Term, mandate: Mandate, make_actor, clerk: Actor
) -> None:
    with acting(clerk):
        (line,) = selectors.roster(clerk, term)
    number = mandate.person.phone
    assert line.phone == f"{number[:3]}****{number[-4:]}"
    with acting(make_actor("庄子乡", Role.STATION_CLERK)) as actor:
        (line,) = selectors.roster(actor, term)
    assert line.phone == ""


@pytest.mark.parametrize(
    ("words", "found"),
    [("王建", 1), ("wangjian", 1), ("WJG", 1), ("wang jian", 1), ("东庄", 2), ("lyl", 1), ("没有", 0)],
)
def test_search_by_name_pinyin_and_constituency(as_clerk: Actor, term: Term, words: str, found: int) -> None:
    from deputies.services.people import name_values

    for name in ("王建国", "李玉兰"):
        mandate = make_mandate(term, name)
        mandate.person.__class__._plain.filter(pk=mandate.person_id).update(**name_values(name))
    assert len(selectors.roster(as_clerk, term, search=words)) == found


def test_narrowing_by_state_group_and_constituency(as_clerk: Actor, term: Term, colleague: Mandate) -> None:
    group = make_group(term)
    member = make_mandate(term, "李玉兰", group=group, state=MandateState.SUSPENDED)
    listed = selectors.roster
    assert [r.mandate_id for r in listed(as_clerk, term, group_id=group.pk)] == [member.pk]
    assert [r.mandate_id for r in listed(as_clerk, term, state="suspended")] == [member.pk]
    second = Constituency.scoped(as_clerk).get(number=2)
    assert [r.mandate_id for r in listed(as_clerk, term, constituency_id=second.pk)] == [colleague.pk]


def test_public_facts_hold_nothing_private(world, term: Term, mandate: Mandate) -> None:
    place = world["庄子乡"]
    with acting(public_actor(place.scope_code, place.scope_end)) as actor:
        (facts,) = selectors.published_roster(actor)
    text = repr(facts)
    assert mandate.person.phone not in text
    assert mandate.person.address not in text
    assert "1970" not in text


def test_deputy_lists_the_own_record_only(term: Term, mandate: Mandate, colleague: Mandate) -> None:
    with acting(make_deputy_actor(mandate)) as actor:
        assert [line.mandate_id for line in selectors.roster(actor, term)] == [mandate.pk]
        assert len(selectors.published_roster(actor)) == 2


def test_histories(as_clerk: Actor, term: Term) -> None:
    mandate = make_mandate(term, group=make_group(term))
    change_mandate(
        actor=as_clerk,
        mandate_id=mandate.pk,
        event="resign",
        effective_on=date(2025, 3, 1),
        basis="公告",
        now=NOW,
    )
    assert [c.event for c in selectors.changes_of(as_clerk, mandate)] == ["resign"]
    assert [p.ends_on for p in selectors.places_of(as_clerk, mandate)] == [date(2025, 3, 1)]


def test_histories_of_colleagues_stay_closed(term: Term, mandate: Mandate, colleague: Mandate) -> None:
    with acting(system_actor()):
        Mandate._plain.filter(pk=colleague.pk).update(state=MandateState.ACTIVE)
    with acting(make_deputy_actor(mandate)) as actor:
        assert selectors.changes_of(actor, colleague) == []
        assert selectors.places_of(actor, colleague) == []
