"""How far an item of a plan has come: by hand, and what holds whatever the months."""

from calendar import monthrange
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stations.rules.work_plan_progress import Progress, Slot, progress_of, slots_of, time_words

months = st.sets(st.integers(1, 12), min_size=1)
days = st.dates(date(2025, 1, 1), date(2027, 12, 31))
QUARTERS = (3, 6, 9, 12)


@pytest.mark.parametrize(
    ("held", "arranged", "today", "state", "overdue"),
    [
        (0, 0, date(2026, 2, 28), Progress.COMING, 0),
        (0, 0, date(2026, 3, 1), Progress.DUE, 0),
        (0, 1, date(2026, 3, 1), Progress.ARRANGED, 0),
        (0, 0, date(2026, 3, 31), Progress.DUE, 0),
        (0, 0, date(2026, 4, 1), Progress.OVERDUE, 1),
        (0, 1, date(2026, 4, 1), Progress.ARRANGED, 1),
        (1, 0, date(2026, 4, 1), Progress.PARTLY, 0),
        (1, 0, date(2026, 7, 1), Progress.OVERDUE, 1),
        (1, 0, date(2027, 1, 1), Progress.OVERDUE, 3),
        (4, 0, date(2026, 10, 1), Progress.DONE, 0),
        (5, 1, date(2026, 10, 1), Progress.DONE, 0),
    ],
)
def test_a_quarterly_item_through_its_year(held, arranged, today, state, overdue):
    found = progress_of(slots_of(2026, QUARTERS, None, None), held, arranged, today)
    assert (found.state, found.overdue, found.planned) == (state, overdue, 4)


def test_days_of_its_own_are_one_slot():
    slots = slots_of(2026, (), date(2026, 5, 12), date(2026, 5, 13))
    assert slots == [Slot(date(2026, 5, 12), date(2026, 5, 13))]
    assert progress_of(slots, 0, 0, date(2026, 5, 13)).state == Progress.DUE
    assert progress_of(slots, 0, 0, date(2026, 5, 14)).state == Progress.OVERDUE
    assert slots_of(2026, (), date(2026, 5, 12), None)[0].last == date(2026, 5, 12)


@given(months, st.integers(0, 15), st.integers(0, 3), days)
def test_what_is_held_is_never_overdue(wanted, held, arranged, today):
    slots = slots_of(2026, wanted, None, None)
    found = progress_of(slots, held, arranged, today)
    assert found.planned == len(wanted)
    assert 0 <= found.overdue <= max(0, found.planned - held)
    assert (found.next_slot is None) == (held >= len(wanted)) == (found.state == Progress.DONE)
    assert progress_of(slots, held + 1, arranged, today).overdue <= found.overdue


@given(months, st.integers(0, 12), days)
def test_what_was_called_off_owes_nothing(wanted, held, today):
    found = progress_of(slots_of(2026, wanted, None, None), held, 0, today, is_called_off=True)
    assert (found.overdue, found.state, found.next_slot) == (0, Progress.CALLED_OFF, None)


@given(months, st.integers(2024, 2030))
def test_slots_are_whole_months_in_order(wanted, year):
    slots = slots_of(year, wanted, None, None)
    assert [slot.first.month for slot in slots] == sorted(wanted)
    assert all(
        slot.first.day == 1 and slot.last.day == monthrange(year, slot.last.month)[1] for slot in slots
    )


def test_time_in_words():
    assert time_words(range(1, 13), None, None) == "每月"
    assert time_words([6, 3, 3], None, None) == "3月、6月"
    assert time_words([], date(2026, 5, 12), date(2026, 5, 12)) == "5月12日"
    assert time_words([], date(2026, 5, 12), date(2026, 5, 14)) == "5月12日至14日"
    assert time_words([], date(2026, 5, 30), date(2026, 6, 1)) == "5月30日至6月1日"
