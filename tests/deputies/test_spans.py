"""Suspended days: the day it takes effect counts, the day of restoration does not."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deputies.enums import MandateState
from deputies.spans import Span, StateChange, suspended_spans

YEAR = (date(2025, 1, 1), date(2025, 12, 31))
S, A, E = MandateState.SUSPENDED, MandateState.ACTIVE, MandateState.RECALLED


def change(day: str, state: MandateState) -> StateChange:
    return StateChange(date.fromisoformat(day), state)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], ()),
        ([change("2025-03-01", S)], (Span(date(2025, 3, 1), YEAR[1]),)),
        (
            [change("2025-03-01", S), change("2025-03-11", A)],
            (Span(date(2025, 3, 1), date(2025, 3, 10)),),
        ),
        ([change("2025-03-01", S), change("2025-03-01", A)], ()),
        ([change("2024-03-01", S), change("2025-02-01", E)], (Span(YEAR[0], date(2025, 1, 31)),)),
        ([change("2023-03-01", S), change("2024-03-01", A)], ()),
        ([change("2026-03-01", S)], ()),
        (
            [
                change("2025-03-01", S),
                change("2025-04-01", A),
                change("2025-04-01", S),
                change("2025-05-01", A),
            ],
            (Span(date(2025, 3, 1), date(2025, 4, 30)),),
        ),
    ],
)
def test_spans(changes: list[StateChange], expected: tuple[Span, ...]) -> None:
    assert suspended_spans(changes, *YEAR) == expected


def test_span_counts_both_ends() -> None:
    span = Span(date(2025, 3, 1), date(2025, 3, 10))
    assert span.days == 10
    assert span.covers(date(2025, 3, 10))
    assert not span.covers(date(2025, 3, 11))


def test_period_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before"):
        suspended_spans([], YEAR[1], YEAR[0])


def test_changes_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="order"):
        suspended_spans([change("2025-03-01", S), change("2025-02-01", A)], *YEAR)


@given(st.lists(st.tuples(st.integers(-60, 60), st.sampled_from([S, A])), max_size=8))
def test_a_day_is_suspended_exactly_when_the_last_change_says_so(
    steps: list[tuple[int, MandateState]],
) -> None:
    begin = date(2025, 6, 1)
    changes = [
        StateChange(begin + timedelta(days=n), state) for n, state in sorted(steps, key=lambda s: s[0])
    ]
    first, last = begin - timedelta(days=40), begin + timedelta(days=40)
    spans = suspended_spans(changes, first, last)
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        states = [c.to_state for c in changes if c.effective_on <= day]
        assert any(span.covers(day) for span in spans) == (bool(states) and states[-1] == S)
    assert all(a.last + timedelta(days=1) < b.first for a, b in pairwise(spans))
