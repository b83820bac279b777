from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liaison.calendar.deadlines import (
    Light,
    Policy,
    Unit,
    add_months,
    days_left,
    due,
    is_overdue,
    light,
    strictest,
)
from liaison.calendar.shipped import year_plans
from liaison.calendar.workdays import CHINA, WorkCalendar, YearNotLoaded

CALENDAR = WorkCalendar(year_plans())
ESTIMATE = CALENDAR.provisional()

any_days = st.dates(date(2004, 1, 1), date(2060, 12, 31))
policies = st.builds(Policy, st.integers(1, 90), st.sampled_from(list(Unit)), st.booleans())


RECTIFICATION = Policy(30, Unit.DAYS)

WORKED_BY_HAND = [
    # Published 2026-01-20: the report is due 2026-02-19, in 春节, so on 02-24; objections by 01-27.
    (date(2026, 1, 20), RECTIFICATION, date(2026, 2, 24)),
    (date(2026, 1, 20), Policy(30, Unit.DAYS, rolls=False), date(2026, 2, 19)),
    (date(2026, 1, 20), Policy(5, Unit.WORKDAYS), date(2026, 1, 27)),
    # A Saturday that is worked needs no rolling.
    (date(2026, 1, 29), RECTIFICATION, date(2026, 2, 28)),
    (date(2026, 1, 31), Policy(1, Unit.MONTHS), date(2026, 2, 28)),
    (date(2024, 1, 31), Policy(1, Unit.MONTHS, rolls=False), date(2024, 2, 29)),
    (date(2025, 11, 30), Policy(3, Unit.MONTHS, rolls=False), date(2026, 2, 28)),
    # Three months are not ninety days.
    (date(2025, 3, 10), Policy(3, Unit.MONTHS), date(2025, 6, 10)),
    (date(2025, 3, 10), Policy(90, Unit.DAYS), date(2025, 6, 9)),
    (date(2024, 2, 29), Policy(12, Unit.MONTHS, rolls=False), date(2025, 2, 28)),
    (date(2025, 12, 3), Policy(30, Unit.DAYS), date(2026, 1, 4)),
]


@pytest.mark.parametrize(("start", "policy", "due_on"), WORKED_BY_HAND)
def test_worked_by_hand(start, policy, due_on):
    assert due(start, policy, CALENDAR).due_on == due_on


@pytest.mark.parametrize(
    ("start", "policy", "text"),
    [
        (date(2026, 1, 20), RECTIFICATION, "自1月20日起30日，届满日2月19日逢春节，顺延至2月24日"),
        (date(2026, 3, 1), Policy(6, Unit.DAYS), "自3月1日起6日，届满日3月7日逢周六，顺延至3月9日"),
        (date(2026, 3, 1), Policy(6, Unit.DAYS, rolls=False), "自3月1日起6日，至3月7日"),
        (
            date(2026, 1, 31),
            Policy(1, Unit.MONTHS),
            "自1月31日起1个月，当月没有31日，以月末为准，至2月28日",
        ),
        (
            date(2025, 12, 3),
            RECTIFICATION,
            "自2025年12月3日起30日，届满日2026年1月2日逢元旦，顺延至1月4日",
        ),
        (
            datetime(2026, 3, 1, 22, 30, tzinfo=UTC),
            Policy(24, Unit.HOURS),
            "自3月2日06:30起24小时，至3月3日06:30",
        ),
    ],
)
def test_the_derivation_is_shown(start, policy, text):
    assert due(start, policy, CALENDAR).text == text


def test_hours_run_by_the_clock_through_nights_and_holidays():
    start = datetime(2026, 2, 16, 23, 0, tzinfo=CHINA)
    urgent = due(start, Policy(24, Unit.HOURS), CALENDAR)
    assert urgent.due_at == datetime(2026, 2, 17, 23, 0, tzinfo=CHINA)
    assert urgent.due_on == date(2026, 2, 17)
    assert due(date(2026, 2, 16), Policy(25, Unit.HOURS), CALENDAR).due_on == date(2026, 2, 18)


def test_a_moment_counts_from_its_day_in_china():
    late = datetime(2025, 12, 31, 16, 0, tzinfo=UTC)
    assert due(late, Policy(1, Unit.DAYS, rolls=False), CALENDAR).due_on == date(2026, 1, 2)
    assert due(late, Policy(1, Unit.WORKDAYS), CALENDAR).due_on == date(2026, 1, 4)


def test_a_year_not_loaded_is_refused_then_estimated():
    for policy in (Policy(10, Unit.WORKDAYS), Policy(1, Unit.MONTHS), Policy(30, Unit.DAYS)):
        with pytest.raises(YearNotLoaded, match="2027"):
            due(date(2026, 12, 25), policy, CALENDAR)
        assert due(date(2026, 12, 25), policy, ESTIMATE).is_provisional
    assert due(date(2026, 12, 1), Policy(1, Unit.MONTHS), ESTIMATE).due_on == date(2027, 1, 4)


def test_what_needs_no_calendar_is_never_provisional():
    flat = due(date(2026, 12, 25), Policy(30, Unit.DAYS, rolls=False), CALENDAR)
    assert (flat.due_on, flat.is_provisional) == (date(2027, 1, 24), False)


def test_the_stricter_of_national_and_local_law_wins():
    session_closed, assigned = date(2026, 1, 30), date(2026, 2, 10)
    national = due(assigned, Policy(3, Unit.MONTHS), CALENDAR)
    local = due(session_closed, Policy(2, Unit.MONTHS), CALENDAR)
    assert strictest(national, local) is local
    assert strictest(local, national).due_on == date(2026, 3, 30)


def test_a_period_without_length_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        Policy(0, Unit.DAYS)


@given(any_days, policies)
def test_a_deadline_lies_after_its_start_and_on_a_working_day_if_it_rolls(start, policy):
    deadline = due(start, policy, ESTIMATE)
    assert deadline.due_on > start
    if policy.unit == Unit.WORKDAYS or (policy.rolls and policy.unit != Unit.HOURS):
        assert ESTIMATE.is_workday(deadline.due_on)
    assert len(deadline.text) < 300


@given(any_days, policies, st.integers(0, 60))
def test_a_later_start_is_never_due_earlier(start, policy, days):
    later = start + timedelta(days=days)
    assert due(later, policy, ESTIMATE).due_on >= due(start, policy, ESTIMATE).due_on


@given(any_days, st.integers(0, 60))
def test_months_keep_the_day_or_take_the_last(start, months):
    end = add_months(start, months)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or ((end + timedelta(days=1)).day == 1 and end.day < start.day)


@given(any_days, any_days)
def test_the_light_follows_the_days_left(due_on, today):
    left = days_left(due_on, today)
    assert today + timedelta(days=left) == due_on
    assert is_overdue(due_on, today) == (left < 0) == (light(due_on, today) == Light.RED)


@pytest.mark.parametrize(
    ("today", "shown"),
    [(9, Light.GREEN), (10, Light.GREEN), (11, Light.AMBER), (14, Light.AMBER), (15, Light.RED)],
)
def test_the_light_turns_amber_three_days_before(today, shown):
    assert light(date(2026, 5, 14), date(2026, 5, today)) == shown


def test_the_warning_time_is_a_choice():
    assert light(date(2026, 5, 14), date(2026, 5, 7), warn_days=7) == Light.AMBER
