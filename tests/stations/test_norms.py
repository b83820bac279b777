"""How much of a yearly norm is due from one deputy; no database."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deputies.spans import Span
from stations.enums import ExcusedBy
from stations.rules.yearly_norms import (
    FactRow,
    Service,
    month_excuse,
    months_between,
    norm_for,
    put_personal_norm,
)

WHOLE_TERM = Span(date(2021, 4, 18), date.max)
YEAR = (date(2025, 1, 1), date(2025, 12, 31))


def due_for(service: Service, per_year: int = 12) -> FactRow:
    row = FactRow()
    excuses = [month_excuse(month, service) for month in months_between(*YEAR)]
    put_personal_norm(row, per_year, excuses)
    return row


def test_a_whole_year_is_due_in_full():
    row = due_for(Service(WHOLE_TERM))
    assert (row.scheduled, row.excused, row.due) == (12, 0, 12)


def test_by_election_on_the_first_of_july_leaves_six_months():
    row = due_for(Service(Span(date(2025, 7, 1), date.max)))
    assert (row.scheduled, row.due, row.excuses) == (12, 6, {ExcusedBy.BY_ELECTION: 6})


def test_by_election_on_the_second_leaves_five_full_months():
    assert due_for(Service(Span(date(2025, 7, 2), date.max))).due == 5


def test_a_mandate_that_ended_is_due_until_its_last_full_month():
    row = due_for(Service(Span(date(2021, 4, 18), date(2025, 9, 30))))
    assert (row.due, row.excuses) == (9, {ExcusedBy.OTHER: 3})


def test_suspension_of_ten_weeks_takes_the_months_it_mostly_covers():
    # 10 March – 20 May: March 22 of 31 days, April whole, May 20 of 31.
    row = due_for(Service(WHOLE_TERM, suspended=(Span(date(2025, 3, 10), date(2025, 5, 20)),)))
    assert row.excuses == {ExcusedBy.SUSPENSION: 3}


def test_half_a_month_of_leave_is_still_due():
    # 15 of 30 days of June: at most half.
    assert due_for(Service(WHOLE_TERM, leave=(Span(date(2025, 6, 1), date(2025, 6, 15)),))).due == 12
    assert due_for(Service(WHOLE_TERM, leave=(Span(date(2025, 6, 1), date(2025, 6, 16)),))).due == 11


def test_leave_during_suspension_counts_once():
    both = Service(
        WHOLE_TERM,
        suspended=(Span(date(2025, 6, 1), date(2025, 6, 20)),),
        leave=(Span(date(2025, 6, 10), date(2025, 6, 30)),),
    )
    assert due_for(both).excuses == {ExcusedBy.SUSPENSION: 1}


@pytest.mark.parametrize(
    ("per_year", "months", "due"),
    [
        (12, 12, 12),
        (12, 5, 5),
        (4, 12, 4),
        (4, 5, 2),
        (4, 4, 1),
        (1, 6, 1),
        (1, 5, 0),
        (1, 12, 1),
        (0, 12, 0),
    ],
)
def test_the_norm_of_some_months_is_rounded_half_up(per_year, months, due):
    assert norm_for(per_year, months) == due


@given(
    per_year=st.integers(0, 52),
    excuses=st.lists(st.sampled_from([None, *ExcusedBy]), min_size=12, max_size=12),
)
def test_the_excused_parts_add_up_and_never_exceed_what_was_scheduled(per_year, excuses):
    row = FactRow()
    put_personal_norm(row, per_year, excuses)
    assert row.scheduled == per_year
    assert row.due == norm_for(per_year, excuses.count(None))
    assert all(count > 0 for count in row.excuses.values())
    assert set(row.excuses) <= set(excuses)


def test_months_of_a_period_are_cut_to_it():
    months = list(months_between(date(2025, 11, 15), date(2026, 1, 10)))
    assert [(m.first, m.last) for m in months] == [
        (date(2025, 11, 15), date(2025, 11, 30)),
        (date(2025, 12, 1), date(2025, 12, 31)),
        (date(2026, 1, 1), date(2026, 1, 10)),
    ]


def test_suspension_and_leave_in_one_month_are_added_up_and_days_in_both_count_once() -> None:
    march = Span(date(2025, 3, 1), date(2025, 3, 31))
    suspended = (Span(date(2025, 3, 1), date(2025, 3, 8)),)
    apart, inside = Span(date(2025, 3, 20), date(2025, 3, 27)), Span(date(2025, 3, 1), date(2025, 3, 8))
    excuses = [
        month_excuse(march, Service(WHOLE_TERM, suspended, leave)) for leave in ((), (apart,), (inside,))
    ]
    assert excuses == [None, ExcusedBy.LEAVE, None]
