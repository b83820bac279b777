"""The working calendar against the package it was seeded from, by hand, and by properties."""

from datetime import UTC, date, datetime, timedelta
from functools import cache

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liaison.calendar.shipped import covered_years, year_plan, year_plans
from liaison.calendar.workdays import (
    CHINA,
    Break,
    ProvisionalCalendar,
    WorkCalendar,
    YearNotLoaded,
    YearPlan,
    china_date,
    day_off_reason,
    derive_workdays,
    provisional_plan,
)

PLANS = year_plans()
CALENDAR = WorkCalendar(PLANS)
ESTIMATE = CALENDAR.provisional()
FIRST, LAST = date(2024, 1, 1), date(2026, 10, 31)
LENGTHS = (2, 5, 10, 15, 20, 30)

loaded_days = st.dates(date(2004, 1, 1), date(2026, 6, 30))
any_days = st.dates(date(2004, 1, 1), date(2060, 12, 31))
lengths = st.integers(1, 60)


# The package looks through all its days on every call.
package_says = cache(chinese_calendar.is_workday)


def oracle(start, n):
    """The package's own answer, counting the day after the start as the first."""
    day = start
    while n:
        day += timedelta(days=1)
        n -= package_says(day)
    return day


def test_no_mismatch_with_the_package_on_any_start_day():
    starts = [FIRST + timedelta(days=offset) for offset in range((LAST - FIRST).days + 1)]
    assert len(starts) == 1035
    mismatches = [
        (start, n) for start in starts for n in LENGTHS if CALENDAR.add_workdays(start, n) != oracle(start, n)
    ]
    assert mismatches == []


def test_every_covered_year_is_taken_over_whole():
    assert covered_years()[0] == 2004
    assert covered_years()[-1] >= 2026
    for year in covered_years():
        day = date(year, 1, 1)
        while day.year == year:
            assert CALENDAR.is_workday(day) == chinese_calendar.is_workday(day), day
            day += timedelta(days=1)


def test_festivals_carry_the_names_of_the_notice():
    names = {CALENDAR.holiday_name(day) for day in year_plan(2025).holidays}
    assert names == {"元旦", "春节", "清明节", "劳动节", "端午节", "国庆节", "中秋节"}
    assert CALENDAR.holiday_name(date(2015, 9, 3)) == "抗战胜利纪念日"
    assert CALENDAR.holiday_name(date(2025, 4, 27)) == ""
    assert CALENDAR.holiday_name(date(2025, 3, 8)) == ""


WORKED_BY_HAND = [
    (date(2025, 4, 24), 10, date(2025, 5, 12)),
    (date(2026, 1, 20), 5, date(2026, 1, 27)),
    (date(2025, 12, 31), 1, date(2026, 1, 4)),
    (date(2025, 12, 31), 2, date(2026, 1, 5)),
    (date(2026, 2, 13), 1, date(2026, 2, 14)),
    (date(2026, 2, 14), 1, date(2026, 2, 24)),
    (date(2024, 2, 28), 2, date(2024, 3, 1)),
    (date(2025, 9, 30), 2, date(2025, 10, 10)),
    (date(2025, 10, 3), 0, date(2025, 10, 9)),
    (date(2025, 10, 9), 0, date(2025, 10, 9)),
]


@pytest.mark.parametrize(("start", "n", "end"), WORKED_BY_HAND)
def test_worked_by_hand(start, n, end):
    assert CALENDAR.add_workdays(start, n) == end


@given(loaded_days, lengths)
def test_the_result_is_worked_later_and_counts_back(start, n):
    end = CALENDAR.add_workdays(start, n)
    assert end > start
    assert CALENDAR.is_workday(end)
    assert CALENDAR.workdays_between(start, end) == n
    assert CALENDAR.workdays_between(end, start) == -n


@given(loaded_days, lengths, st.integers(0, 40))
def test_later_starts_and_longer_periods_never_end_earlier(start, n, days):
    end = CALENDAR.add_workdays(start, n)
    assert CALENDAR.add_workdays(start + timedelta(days=days), n) >= end
    assert CALENDAR.add_workdays(start, n + 1) > end


@given(any_days)
def test_rolling_stops_at_the_first_working_day(day):
    rolled = ESTIMATE.next_workday(day)
    assert rolled >= day
    assert ESTIMATE.is_workday(rolled)
    assert not any(ESTIMATE.is_workday(day + timedelta(days=k)) for k in range((rolled - day).days))


def test_a_year_without_a_notice_is_refused_in_words():
    with pytest.raises(YearNotLoaded) as caught:
        CALENDAR.add_workdays(date(2026, 12, 28), 10)
    assert caught.value.year == 2027
    assert caught.value.message == "2027年的放假安排尚未载入工作日历，不能推算工作日。"
    assert caught.value.status == 409
    with pytest.raises(YearNotLoaded, match="2027"):
        CALENDAR.is_workday(date(2027, 1, 1))
    with pytest.raises(YearNotLoaded, match="2003"):
        year_plan(2003)


def test_the_last_days_of_a_loaded_year_need_no_next_year():
    assert CALENDAR.add_workdays(date(2026, 12, 28), 3) == date(2026, 12, 31)


def test_the_estimate_uses_what_is_loaded_and_only_the_fixed_holidays_beyond():
    assert ESTIMATE.add_workdays(date(2026, 12, 28), 10) == date(2027, 1, 12)
    assert ESTIMATE.add_workdays(date(2026, 2, 14), 1) == date(2026, 2, 24)
    assert sorted(provisional_plan(2027).holidays) == [
        date(2027, 1, 1),
        date(2027, 5, 1),
        date(2027, 5, 2),
        date(2027, 10, 1),
        date(2027, 10, 2),
        date(2027, 10, 3),
    ]
    assert not ESTIMATE.covers(date(2027, 1, 1))


def test_loading_the_year_ends_the_estimate():
    notice = YearPlan(2027, frozenset({date(2027, 1, 1), date(2027, 1, 4)}), frozenset({date(2027, 1, 9)}))
    loaded = ProvisionalCalendar({**PLANS, 2027: notice})
    before = derive_workdays(date(2026, 12, 28), 10, ESTIMATE)
    after = derive_workdays(date(2026, 12, 28), 10, loaded)
    assert (before.result, before.is_provisional) == (date(2027, 1, 12), True)
    assert (after.result, after.is_provisional) == (date(2027, 1, 12), False)
    assert after.makeup_workdays == (date(2027, 1, 9),)


def test_backward_counting_is_refused():
    with pytest.raises(ValueError, match="forward"):
        CALENDAR.add_workdays(date(2026, 1, 5), -1)


@pytest.mark.parametrize(
    ("holidays", "makeup"),
    [
        ({date(2025, 1, 1)}, set()),
        ({date(2026, 1, 3)}, {date(2026, 1, 3)}),
        (set(), {date(2026, 1, 5)}),
    ],
)
def test_an_impossible_plan_is_refused(holidays, makeup):
    with pytest.raises(ValueError, match=r"2025|both|weekend"):
        YearPlan(2026, frozenset(holidays), frozenset(makeup))


def test_a_plan_filed_under_another_year_is_refused():
    with pytest.raises(ValueError, match="another year"):
        WorkCalendar({2027: year_plan(2026)})


TEXTS = [
    (
        date(2025, 4, 24),
        10,
        "自4月24日起10个工作日，除去5月1日至5日（劳动节），计入4月27日（周日上班），至5月12日",
    ),
    (date(2026, 1, 20), 5, "自1月20日起5个工作日，至1月27日"),
    (
        date(2025, 9, 26),
        5,
        "自9月26日起5个工作日，除去10月1日至8日（国庆节、中秋节），计入9月28日（周日上班），至10月10日",
    ),
    (
        date(2024, 12, 30),
        30,
        (
            "自2024年12月30日起30个工作日，除去2025年1月1日（元旦）、1月28日至2月4日（春节），"
            "计入1月26日（周日上班）、2月8日（周六上班），至2月17日"
        ),
    ),
]


@pytest.mark.parametrize(("start", "n", "text"), TEXTS)
def test_the_derivation_reads_as_an_office_writes_it(start, n, text):
    assert derive_workdays(start, n, CALENDAR).text() == text


def test_an_estimate_says_so():
    derivation = derive_workdays(date(2026, 12, 28), 10, ESTIMATE)
    assert derivation.provisional_years == (2027,)
    assert derivation.text() == (
        "自2026年12月28日起10个工作日，除去2027年1月1日（元旦），至1月12日"
        "（2027年放假安排尚未公布，暂按周末和固定日期的节假日推算）"
    )


def test_a_break_entered_without_its_weekend_is_still_one_break():
    plan = YearPlan(
        2026,
        frozenset({date(2026, 5, 1), date(2026, 5, 4)}),
        frozenset(),
        {date(2026, 5, 1): "劳动节", date(2026, 5, 4): "劳动节"},
    )
    derivation = derive_workdays(date(2026, 4, 30), 1, WorkCalendar({2026: plan}))
    assert derivation.breaks == (Break(date(2026, 5, 1), date(2026, 5, 4), "劳动节"),)


@given(any_days, lengths)
def test_what_is_left_out_and_counted_in_makes_up_the_difference(start, n):
    """Result = start + working weekdays, less festival weekdays, plus weekend days worked."""
    derivation = derive_workdays(start, n, ESTIMATE)
    span = [start + timedelta(days=k) for k in range(1, (derivation.result - start).days + 1)]
    weekdays = sum(day.weekday() < 5 for day in span)
    in_breaks = {day for b in derivation.breaks for day in span if b.first <= day <= b.last}
    assert weekdays - sum(d.weekday() < 5 for d in in_breaks) + len(derivation.makeup_workdays) == n
    assert len(derivation.text()) < 300


def test_why_a_day_is_off():
    assert day_off_reason(date(2026, 2, 19), CALENDAR) == "春节"
    assert day_off_reason(date(2026, 3, 7), CALENDAR) == "周六"
    assert day_off_reason(date(2026, 2, 28), CALENDAR) == ""


def test_a_moment_falls_on_its_day_in_china_around_every_new_year():
    for year in range(2024, 2041):
        midnight = datetime(year, 1, 1, tzinfo=CHINA)
        for minute in range(-2 * 24 * 60, 2 * 24 * 60):
            day = china_date((midnight + timedelta(minutes=minute)).astimezone(UTC))
            assert day == date(year, 1, 1) + timedelta(days=minute // (24 * 60))


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        china_date(datetime(2026, 1, 1))  # noqa: DTZ001
