"""Which typed times a reception can have had (no database)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stations.rules.desk_times import AHEAD, KEPT_DAYS, faults_of_times, faults_of_typing

DAY = date(2026, 3, 6)
NOW = datetime(2026, 3, 6, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


def at(hour: int, minute: int = 0, day: int = 6) -> datetime:
    """A moment of March 2026 by the clock in Shanghai."""
    return datetime(2026, 3, day, tzinfo=UTC) + timedelta(hours=hour - 8, minutes=minute)


@pytest.mark.parametrize(
    ("began", "ended", "wrong"),
    [
        (at(9), at(11, 30), set()),
        (at(9), at(9), set()),
        (at(0), at(0, 1), set()),  # midnight in Shanghai is the day before in UTC
        (at(23, 59, day=5), None, {"began_at"}),
        (at(9), at(8, 59), {"ended_at"}),
        (at(12, 10), None, set()),  # a clock ten minutes fast
        (at(12, 11), None, {"began_at"}),
        (at(9), at(12, 11), {"ended_at"}),
        (at(9, day=7), None, {"began_at"}),
        (None, at(9, day=5), {"ended_at"}),
        (None, None, set()),
    ],
)
def test_worked_examples(began: datetime | None, ended: datetime | None, wrong: set[str]) -> None:
    assert set(faults_of_times(DAY, NOW, began_at=began, ended_at=ended)) == wrong


@given(st.integers(0, 12 * 60), st.integers(0, 12 * 60))
def test_on_the_day_and_in_order_is_believed_and_nothing_else(first: int, second: int) -> None:
    began, ended = at(0) + timedelta(minutes=first), at(0) + timedelta(minutes=second)
    assert bool(faults_of_times(DAY, NOW, began_at=began, ended_at=ended)) == (ended < began)


@pytest.mark.parametrize(
    ("typed", "is_wrong"),
    [
        (NOW, False),
        (NOW + AHEAD, False),
        (NOW + AHEAD + timedelta(seconds=1), True),
        (NOW - timedelta(days=KEPT_DAYS), False),
        (NOW - timedelta(days=KEPT_DAYS, seconds=1), True),
    ],
)
def test_typing_lies_in_the_past_and_not_too_long_ago(typed: datetime, is_wrong: bool) -> None:
    assert bool(faults_of_typing(typed, NOW)) == is_wrong
