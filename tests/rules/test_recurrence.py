"""Reception days: by hand for 2025–2026, against an oracle to 2040, and by properties."""

import json
from calendar import monthrange
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liaison.calendar.recurrence import (
    LAST,
    FirstWeek,
    Months,
    OnDayOff,
    Rule,
    RuleKind,
    ThemeOn,
    nominal_dates,
    planned_dates,
    rule_from_data,
    rule_to_data,
)
from liaison.calendar.recurrence_words import describe, first_week_examples
from liaison.calendar.shipped import year_plans
from liaison.calendar.workdays import WorkCalendar, YearNotLoaded
from liaison.words.errors import InvalidInput

CALENDAR = WorkCalendar(year_plans())
ESTIMATE = CALENDAR.provisional()
MORNING = ((time(9), time(11, 30)),)

FIRST_FRIDAY = Rule(RuleKind.NTH_WEEKDAY, weekdays=(5,), nths=(1,), opening=MORNING)


def friday_by(definition, nths=(1,)):
    return Rule(RuleKind.NTH_WEEKDAY, weekdays=(5,), nths=nths, first_week=definition)


def month_of(year, month):
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


# 每月第一周的周五 [seed], read off the State Council's notices for 2025 and 2026.
FIRST_FRIDAYS = """
2025-01-03 2025-02-07 2025-03-07 2025-04-07 2025-05-06 2025-06-06
2025-07-04 2025-08-01 2025-09-05 2025-10-09 2025-11-07 2025-12-05
2026-01-04 2026-02-06 2026-03-06 2026-04-03 2026-05-06 2026-06-05
2026-07-03 2026-08-07 2026-09-04 2026-10-08 2026-11-06 2026-12-04
"""


def test_first_fridays_of_2025_and_2026_by_hand():
    planned = planned_dates(FIRST_FRIDAY, date(2025, 1, 1), date(2026, 12, 31), CALENDAR)
    assert " ".join(each.date.isoformat() for each in planned) == " ".join(FIRST_FRIDAYS.split())
    assert not any(each.is_provisional for each in planned)
    moved = {p.date.isoformat(): p.derivation_text for p in planned if p.date != p.nominal_date}
    assert moved == {
        "2025-04-07": "4月4日（周五）逢清明节，顺延至4月7日（周一）",
        "2025-05-06": "5月2日（周五）逢劳动节，顺延至5月6日（周二）",
        "2025-10-09": "10月3日（周五）逢国庆节，顺延至10月9日（周四）",
        # The Sunday is worked in exchange.
        "2026-01-04": "1月2日（周五）逢元旦，顺延至1月4日（周日）",
        "2026-05-06": "5月1日（周五）逢劳动节，顺延至5月6日（周三）",
        "2026-10-08": "10月2日（周五）逢国庆节，顺延至10月8日（周四）",
    }
    assert planned[1].derivation_text == "2月7日（周五）如期接待"


def first_week_oracle(definition, year, month):
    """Each definition written out naively, day by day."""
    first, last = month_of(year, month)
    days = [first + timedelta(days=k) for k in range((last - first).days + 1)]
    if definition == FirstWeek.FIRST_WEEKDAY:
        return next(day for day in days if day.weekday() == 4)
    if definition == FirstWeek.ISO_FIRST_WEEK:
        week = first.isocalendar()
        return date.fromisocalendar(week.year, week.week, 5)
    monday = next(day for day in days if day.weekday() == 0)
    return monday + timedelta(days=4)


@pytest.mark.parametrize("definition", list(FirstWeek))
def test_first_week_friday_of_every_month_to_2040(definition):
    expected = [first_week_oracle(definition, y, m) for y in range(2024, 2041) for m in range(1, 13)]
    found = nominal_dates(friday_by(definition), date(2023, 12, 1), date(2041, 1, 31))
    assert [day for day in found if expected[0] <= day <= expected[-1]] == expected
    assert len(expected) == 204


def test_the_three_meanings_of_the_first_week_differ():
    october = {d: nominal_dates(friday_by(d), date(2025, 9, 28), date(2025, 10, 27)) for d in FirstWeek}
    assert october == {
        FirstWeek.FIRST_WEEKDAY: [date(2025, 10, 3)],
        FirstWeek.FIRST_FULL_WEEK: [date(2025, 10, 10)],
        FirstWeek.ISO_FIRST_WEEK: [date(2025, 10, 3)],
    }
    # 1 August 2026 is a Saturday, so the Friday of its week is still July.
    assert date(2026, 7, 31) in nominal_dates(
        friday_by(FirstWeek.ISO_FIRST_WEEK), date(2026, 7, 20), date(2026, 7, 31)
    )


@pytest.mark.parametrize(
    ("rule", "start", "end", "days"),
    [
        # 1st and 3rd Tuesday (拐河).
        (
            Rule(RuleKind.NTH_WEEKDAY, weekdays=(2,), nths=(1, 3)),
            "2026-03-01",
            "2026-04-30",
            "3-3 3-17 4-7 4-21",
        ),
        # A fifth Friday exists in some months only; the last one in all.
        (Rule(RuleKind.NTH_WEEKDAY, weekdays=(5,), nths=(5,)), "2026-01-01", "2026-06-30", "1-30 5-29"),
        (
            Rule(RuleKind.NTH_WEEKDAY, weekdays=(5,), nths=(LAST,)),
            "2026-01-01",
            "2026-03-31",
            "1-30 2-27 3-27",
        ),
        (friday_by(FirstWeek.FIRST_FULL_WEEK, (LAST,)), "2026-01-01", "2026-04-30", "1-23 2-20 3-27 4-24"),
        (friday_by(FirstWeek.ISO_FIRST_WEEK, (LAST,)), "2026-04-01", "2026-04-30", "4-3"),
        # Monday and Wednesday of every week (河南).
        (Rule(RuleKind.WEEKLY, weekdays=(1, 3)), "2026-03-02", "2026-03-11", "3-2 3-4 3-9 3-11"),
        # The 9th or 19th (大金镇).
        (Rule(RuleKind.MONTH_DAYS, month_days=(9, 19)), "2026-01-10", "2026-02-28", "1-19 2-9 2-19"),
        (Rule(RuleKind.MONTH_DAYS, month_days=(31,)), "2026-01-01", "2026-05-31", "1-31 3-31 5-31"),
        (Rule(RuleKind.MONTH_DAYS, month_days=(LAST,)), "2024-01-01", "2024-03-31", "1-31 2-29 3-31"),
        # The 15th of odd or even months.
        (
            Rule(RuleKind.MONTH_DAYS, month_days=(15,), months=Months.ODD),
            "2026-01-01",
            "2026-06-30",
            "1-15 3-15 5-15",
        ),
        (
            Rule(RuleKind.MONTH_DAYS, month_days=(15,), months=Months.EVEN),
            "2026-01-01",
            "2026-06-30",
            "2-15 4-15 6-15",
        ),
        # Market days ending in 3 and 8.
        (
            Rule(RuleKind.MARKET_DAYS, digits=(3, 8)),
            "2026-03-01",
            "2026-03-31",
            "3-3 3-8 3-13 3-18 3-23 3-28",
        ),
        (Rule(RuleKind.MARKET_DAYS, digits=(1,)), "2026-01-25", "2026-02-28", "1-31 2-1 2-11 2-21"),
        (
            Rule(RuleKind.DATES, dates=(date(2026, 5, 20), date(2026, 3, 5))),
            "2026-01-01",
            "2026-12-31",
            "3-5 5-20",
        ),
        (
            Rule(RuleKind.WEEKLY, weekdays=(2,), valid_from=date(2026, 3, 4), valid_until=date(2026, 3, 17)),
            "2026-03-01",
            "2026-03-31",
            "3-10 3-17",
        ),
    ],
)
def test_every_kind_of_rule(rule, start, end, days):
    found = nominal_dates(rule, date.fromisoformat(start), date.fromisoformat(end))
    assert " ".join(f"{day.month}-{day.day}" for day in found) == days


def test_a_day_off_is_postponed_skipped_or_kept():
    def october(choice):
        rule = Rule(RuleKind.MONTH_DAYS, month_days=(2, 15), on_day_off=choice)
        planned = planned_dates(rule, date(2026, 10, 1), date(2026, 10, 31), CALENDAR)
        return [(p.date.day, p.derivation_text) for p in planned]

    assert october(OnDayOff.POSTPONE) == [
        (8, "10月2日（周五）逢国庆节，顺延至10月8日（周四）"),
        (15, "10月15日（周四）如期接待"),
    ]
    assert october(OnDayOff.SKIP) == [(15, "10月15日（周四）如期接待")]
    assert october(OnDayOff.KEEP) == [
        (2, "10月2日（周五）逢国庆节，照常接待"),
        (15, "10月15日（周四）如期接待"),
    ]


def test_a_weekend_worked_in_exchange_is_a_reception_day():
    sundays = Rule(RuleKind.WEEKLY, weekdays=(7,), on_day_off=OnDayOff.SKIP)
    planned = planned_dates(sundays, date(2026, 1, 1), date(2026, 12, 31), CALENDAR)
    assert [each.date for each in planned] == [date(2026, 1, 4), date(2026, 9, 20)]


def test_postponed_onto_another_reception_day_they_are_held_as_one():
    rule = Rule(RuleKind.WEEKLY, weekdays=(1, 2, 3))
    planned = planned_dates(rule, date(2026, 5, 4), date(2026, 5, 8), CALENDAR)
    assert [each.date for each in planned] == [date(2026, 5, 6)]
    assert planned[0].nominal_date == date(2026, 5, 6)
    assert planned[0].merged == (date(2026, 5, 4), date(2026, 5, 5))
    assert planned[0].derivation_text == (
        "5月6日（周三）如期接待，5月4日（周一）、5月5日（周二）顺延至同日，合并为一次"
    )


def test_two_days_postponed_to_a_third_are_one():
    rule = Rule(RuleKind.MONTH_DAYS, month_days=(2, 3))
    planned = planned_dates(rule, date(2026, 10, 1), date(2026, 10, 31), CALENDAR)
    assert [(p.date, p.nominal_date, p.merged) for p in planned] == [
        (date(2026, 10, 8), date(2026, 10, 2), (date(2026, 10, 3),))
    ]


def test_a_market_on_sunday_is_kept_and_one_in_a_festival_is_not():
    market = Rule(RuleKind.MARKET_DAYS, digits=(8,), on_day_off=OnDayOff.SKIP, keeps_weekends=True)
    planned = planned_dates(market, date(2026, 2, 1), date(2026, 3, 31), CALENDAR)
    days = [(p.date.month, p.date.day) for p in planned]
    assert days == [(2, 8), (2, 28), (3, 8), (3, 18), (3, 28)]
    assert planned[0].derivation_text == "2月8日（周日）逢周日，照常接待"


def test_a_day_postponed_across_the_period_belongs_to_where_it_is_held():
    rule = Rule(RuleKind.MONTH_DAYS, month_days=(30,))
    assert planned_dates(rule, date(2025, 8, 1), date(2025, 8, 31), CALENDAR) == []
    september = planned_dates(rule, date(2025, 9, 1), date(2025, 9, 30), CALENDAR)
    assert [(p.date, p.nominal_date) for p in september] == [
        (date(2025, 9, 1), date(2025, 8, 30)),
        (date(2025, 9, 30), date(2025, 9, 30)),
    ]


def test_a_year_without_a_notice_is_refused_then_planned_provisionally():
    with pytest.raises(YearNotLoaded, match="2027"):
        planned_dates(FIRST_FRIDAY, date(2027, 1, 1), date(2027, 12, 31), CALENDAR)
    planned = planned_dates(FIRST_FRIDAY, date(2026, 12, 1), date(2027, 2, 28), ESTIMATE)
    assert [(p.date, p.is_provisional) for p in planned] == [
        (date(2026, 12, 4), False),
        (date(2027, 1, 4), True),
        (date(2027, 2, 5), True),
    ]


def test_a_rule_that_keeps_every_day_needs_no_notice():
    rule = Rule(RuleKind.DATES, dates=(date(2031, 1, 1),), on_day_off=OnDayOff.KEEP)
    planned = planned_dates(rule, date(2031, 1, 1), date(2031, 1, 1), CALENDAR)
    assert [(p.date, p.is_provisional, p.derivation_text) for p in planned] == [
        (date(2031, 1, 1), False, "1月1日（周三）如期接待")
    ]


numbers = lambda low, high: st.lists(st.integers(low, high), min_size=1, max_size=4).map(tuple)  # noqa: E731
openings = st.sampled_from([(), MORNING, (*MORNING, (time(14, 30), time(17)))])
RECURRING = [kind for kind in RuleKind if kind != RuleKind.DATES]
rules_of = lambda kinds: st.builds(  # noqa: E731
    Rule,
    kinds,
    weekdays=numbers(1, 7),
    nths=st.lists(st.sampled_from([1, 2, 3, 4, 5, LAST]), min_size=1, max_size=3).map(tuple),
    first_week=st.sampled_from(list(FirstWeek)),
    month_days=st.lists(st.sampled_from([*range(1, 32), LAST]), min_size=1, max_size=4).map(tuple),
    digits=numbers(0, 9),
    months=st.sampled_from(list(Months)),
    opening=openings,
    on_day_off=st.sampled_from(list(OnDayOff)),
    keeps_weekends=st.booleans(),
    valid_from=st.none() | st.dates(date(2023, 1, 1), date(2025, 6, 30)),
    valid_until=st.none() | st.dates(date(2025, 7, 1), date(2030, 1, 1)),
    theme=st.sampled_from(["", "助企惠民"]),
    theme_on=st.sampled_from(list(ThemeOn)),
)
rules = rules_of(st.sampled_from(RECURRING))
days = st.dates(date(2024, 1, 1), date(2028, 12, 31))


FIRST, LAST_DAY = date(2024, 1, 1), date(2040, 12, 31)


def weeks_of(day, month_first):
    """By which number(s) ``day`` is known in the month that begins at ``month_first``; nothing shared with
    the module: plain counting of days, month by month."""
    month = [
        month_first + timedelta(days=k) for k in range(monthrange(month_first.year, month_first.month)[1])
    ]
    same = [each for each in month if each.weekday() == day.weekday()]
    full = [each for each in month if each.weekday() == 0 and each + timedelta(days=6) in month]
    monday = day - timedelta(days=day.weekday())
    touching = sorted({each - timedelta(days=each.weekday()) for each in month})

    def numbers_of(found, what):
        if what not in found:
            return set()
        at = found.index(what) + 1
        return {at, LAST} if at == len(found) else {at}

    return {
        FirstWeek.FIRST_WEEKDAY: numbers_of(same, day),
        FirstWeek.FIRST_FULL_WEEK: numbers_of(full, monday),
        FirstWeek.ISO_FIRST_WEEK: numbers_of(touching, monday),
    }


IN_MONTHS = {
    Months.EVERY: set(range(1, 13)),
    Months.ODD: {1, 3, 5, 7, 9, 11},
    Months.EVEN: {2, 4, 6, 8, 10, 12},
    Months.QUARTERLY: {1, 4, 7, 10},
}


def months_near(day):
    """First days of the month of ``day``, the one before and the one after."""
    this = day.replace(day=1)
    return [(this - timedelta(days=1)).replace(day=1), this, (this + timedelta(days=32)).replace(day=1)]


NUMBERS = {
    day: {first.month: weeks_of(day, first) for first in months_near(day)}
    for day in (FIRST + timedelta(days=k) for k in range((LAST_DAY - FIRST).days + 1))
}


def oracle_names(rule, day):
    """Whether the rule names the day, asked of one day alone."""
    if (rule.valid_from and day < rule.valid_from) or (rule.valid_until and day > rule.valid_until):
        return False
    if rule.kind == RuleKind.NTH_WEEKDAY:
        return day.isoweekday() in rule.weekdays and any(
            numbers_of[rule.first_week] & set(rule.nths)
            for month, numbers_of in NUMBERS[day].items()
            if month in IN_MONTHS[rule.months]
        )
    if day.month not in IN_MONTHS[rule.months]:
        return False
    if rule.kind == RuleKind.WEEKLY:
        return day.isoweekday() in rule.weekdays
    if rule.kind == RuleKind.MARKET_DAYS:
        return int(str(day.day)[-1]) in rule.digits
    last = (day + timedelta(days=1)).month != day.month
    return day.day in rule.month_days or (LAST in rule.month_days and last)


@pytest.mark.parametrize("kind", RECURRING)
@given(st.data())
@settings(max_examples=25, deadline=None)
def test_every_kind_names_what_a_day_by_day_oracle_does_to_2040(kind, data):
    rule = data.draw(rules_of(st.just(kind)))
    rule = replace(rule, valid_until=data.draw(st.none() | st.dates(date(2030, 1, 1), date(2041, 1, 1))))
    expected = [day for day in NUMBERS if oracle_names(rule, day)]
    assert nominal_dates(rule, FIRST, LAST_DAY) == expected


@given(st.lists(st.dates(date(2023, 6, 1), date(2041, 6, 1)), min_size=1, max_size=12), days)
def test_one_off_dates_are_those_dates(dates, start):
    rule = Rule(RuleKind.DATES, dates=tuple(dates))
    end = start + timedelta(days=900)
    assert nominal_dates(rule, start, end) == sorted({day for day in dates if start <= day <= end})


def test_the_first_reception_of_a_quarter_is_its_theme_day_wherever_it_moved():
    rule = replace(FIRST_FRIDAY, theme="助企惠民", theme_on=ThemeOn.QUARTER)
    planned = planned_dates(rule, date(2026, 1, 1), date(2026, 12, 31), CALENDAR)
    themed = [each.date.isoformat() for each in planned if each.theme]
    # The fourth quarter's first is put off from 2 to 8 October.
    assert themed == ["2026-01-04", "2026-04-03", "2026-07-03", "2026-10-08"]
    # A period that begins within a quarter does not make its first day a theme day.
    assert not any(each.theme for each in planned_dates(rule, date(2026, 2, 1), date(2026, 3, 31), CALENDAR))
    every = planned_dates(
        replace(rule, theme_on=ThemeOn.EVERY_TIME), date(2026, 2, 1), date(2026, 3, 31), CALENDAR
    )
    assert [each.theme for each in every] == ["助企惠民", "助企惠民"]
    assert describe(rule).endswith("遇节假日顺延，每季度第一次为“助企惠民”主题接待日")


def test_a_fifth_full_week_names_nothing_and_does_not_search_to_the_end_of_time():
    fifth = friday_by(FirstWeek.FIRST_FULL_WEEK, (5,))
    assert nominal_dates(fifth, FIRST, LAST_DAY) == []
    both = friday_by(FirstWeek.FIRST_FULL_WEEK, (4, 5))
    assert nominal_dates(both, FIRST, LAST_DAY) == nominal_dates(
        friday_by(FirstWeek.FIRST_FULL_WEEK, (4,)), FIRST, LAST_DAY
    )


def test_the_meanings_of_the_first_week_are_shown_by_the_dates_to_come():
    shown = first_week_examples(FIRST_FRIDAY, date(2026, 7, 20), months=2)
    assert {each.definition: each.dates for each in shown} == {
        FirstWeek.FIRST_WEEKDAY: (date(2026, 8, 7), date(2026, 9, 4)),
        FirstWeek.FIRST_FULL_WEEK: (date(2026, 8, 7), date(2026, 9, 11)),
        FirstWeek.ISO_FIRST_WEEK: (date(2026, 7, 31), date(2026, 9, 4)),
    }
    assert [each.is_chosen for each in shown] == [True, False, False]
    assert shown[2].words == "当月1日所在一周的周五"


@given(rules, days, st.integers(0, 120))
def test_days_are_in_order_single_inside_and_on_working_days(rule, start, length):
    end = start + timedelta(days=length)
    planned = planned_dates(rule, start, end, ESTIMATE)
    held = [each.date for each in planned]
    assert held == sorted(set(held))
    assert all(start <= day <= end for day in held)
    if rule.on_day_off != OnDayOff.KEEP and not rule.keeps_weekends:
        assert all(ESTIMATE.is_workday(day) for day in held)
    for each in planned:
        assert each.date >= each.nominal_date
        if rule.on_day_off != OnDayOff.POSTPONE:
            assert each.date == each.nominal_date


@given(rules, days, st.integers(0, 60), st.integers(1, 60))
def test_adjoining_periods_plan_what_the_whole_does(rule, start, first, second):
    middle = start + timedelta(days=first)
    end = middle + timedelta(days=second)
    parts = planned_dates(rule, start, middle, ESTIMATE)
    parts += planned_dates(rule, middle + timedelta(days=1), end, ESTIMATE)
    assert parts == planned_dates(rule, start, end, ESTIMATE)


@given(rules, days, st.integers(0, 200))
def test_postponing_loses_no_day_and_keeping_moves_none(rule, start, length):
    end = start + timedelta(days=length)
    nominal = nominal_dates(rule, start, end)
    late = end + timedelta(days=40)
    told = [
        day
        for each in planned_dates(rule, start, late, ESTIMATE)
        for day in (each.nominal_date, *each.merged)
    ]
    assert len(told) == len(set(told))
    if rule.on_day_off != OnDayOff.SKIP:
        assert set(nominal) <= set(told)


@given(rules)
def test_a_rule_survives_the_database(rule):
    assert rule_from_data(json.loads(json.dumps(rule_to_data(rule)))) == rule


def test_stored_rules_stay_small_and_readable():
    assert rule_to_data(FIRST_FRIDAY) == {
        "kind": "nth_weekday",
        "weekdays": [5],
        "nths": [1],
        "opening": [["09:00", "11:30"]],
    }
    dated = Rule(RuleKind.DATES, dates=(date(2026, 3, 5),), valid_from=date(2026, 1, 1))
    assert rule_from_data(rule_to_data(dated)) == dated


DESCRIPTIONS = [
    (FIRST_FRIDAY, "每月第一周的周五（指当月第一个周五）9:00—11:30，遇节假日顺延"),
    (
        friday_by(FirstWeek.FIRST_FULL_WEEK),
        "每月第一周的周五（指当月第一个周一至周日都在当月的完整周的周五），遇节假日顺延",
    ),
    (friday_by(FirstWeek.ISO_FIRST_WEEK), "每月第一周的周五（指当月1日所在一周的周五），遇节假日顺延"),
    (
        friday_by(FirstWeek.ISO_FIRST_WEEK, (2,)),
        "每月第二周的周五（指以当月1日所在的一周为第一周，其周五），遇节假日顺延",
    ),
    (
        Rule(RuleKind.NTH_WEEKDAY, weekdays=(2,), nths=(LAST, 1), on_day_off=OnDayOff.SKIP),
        "每月第一周、最后一周的周二（指当月第一个、最后一个周二），遇节假日取消",
    ),
    (
        Rule(RuleKind.MONTH_DAYS, month_days=(15,), months=Months.ODD, opening=((time(9), time(11)),)),
        "逢单月15日9:00—11:00，遇节假日顺延",
    ),
    (
        Rule(RuleKind.MONTH_DAYS, month_days=(31, LAST)),
        "每月31日、最后一日（当月没有该日的不安排），遇节假日顺延",
    ),
    (
        Rule(RuleKind.WEEKLY, weekdays=(3, 1), opening=(*MORNING, (time(14, 30), time(17)))),
        "每周一、周三9:00—11:30、14:30—17:00，遇节假日顺延",
    ),
    (
        Rule(RuleKind.WEEKLY, weekdays=(2,), months=Months.EVEN, on_day_off=OnDayOff.KEEP),
        "逢双月每周二，遇节假日照常",
    ),
    (
        Rule(RuleKind.MARKET_DAYS, digits=(8, 3), keeps_weekends=True),
        "每月尾数为3、8的日子（集、圩日），周末照常，遇法定节假日顺延",
    ),
    (
        Rule(
            RuleKind.DATES,
            dates=(date(2026, 5, 20), date(2026, 3, 5)),
            valid_from=date(2026, 1, 1),
            valid_until=date(2026, 12, 31),
        ),
        "2026年3月5日、2026年5月20日，遇节假日顺延，自2026年1月1日起，至2026年12月31日止",
    ),
]


@pytest.mark.parametrize(("rule", "words"), DESCRIPTIONS)
def test_a_rule_reads_as_it_is_announced(rule, words):
    assert describe(rule) == words


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("weekdays", {"kind": RuleKind.WEEKLY}),
        ("weekdays", {"kind": RuleKind.WEEKLY, "weekdays": (0,)}),
        ("nths", {"kind": RuleKind.NTH_WEEKDAY, "weekdays": (5,), "nths": (6,)}),
        ("month_days", {"kind": RuleKind.MONTH_DAYS, "month_days": (32,)}),
        ("digits", {"kind": RuleKind.MARKET_DAYS, "digits": (10,)}),
        ("dates", {"kind": RuleKind.DATES}),
        ("opening", {"kind": RuleKind.WEEKLY, "weekdays": (1,), "opening": ((time(11), time(9)),)}),
        (
            "valid_until",
            {
                "kind": RuleKind.WEEKLY,
                "weekdays": (1,),
                "valid_from": date(2026, 2, 1),
                "valid_until": date(2026, 1, 31),
            },
        ),
    ],
)
def test_a_rule_that_means_nothing_is_refused_at_its_field(field, values):
    with pytest.raises(InvalidInput) as caught:
        Rule(**values)
    assert set(caught.value.fields) == {field}
    assert caught.value.message.endswith("。")


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kind": "lunar"},
        {"kind": "weekly", "weekdays": ["x"]},
        {"kind": "weekly", "weekdays": 1},
        {"kind": "weekly", "weekdays": [1], "colour": "red"},
        {"kind": "weekly", "weekdays": [1], "opening": [["9"]]},
        {"kind": "dates", "dates": ["2026-02-30"]},
    ],
)
def test_stored_nonsense_is_refused(data):
    with pytest.raises(InvalidInput):
        rule_from_data(data)
