"""Comparing what the rules ask for with what is stored: by cases, and that no date is given twice."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liaison.calendar.recurrence import Planned
from stations.rules.day_changes import KnownDay, PlanChange, WantedDay, compare, is_to_be_written

START, END = date(2026, 4, 1), date(2026, 6, 30)
NINE, NOON = time(9), time(11, 30)
C = PlanChange


def want(day, nominal=None, *, theme="", provisional=False, rule_id=1, starts_at=NINE):
    planned = Planned(day, nominal or day, f"{day}", provisional, theme=theme)
    return WantedDay(planned, rule_id, starts_at, NOON)


def known(day, nominal=None, **values):
    plain = {
        "id": day.toordinal(), "nominal_day": nominal or day, "day": day, "starts_at": NINE, "ends_at": NOON,
        "text": f"{day}", "theme": "", "is_provisional": False, "rule_id": 1, "is_open": True,
    }  # fmt: skip
    return KnownDay(**{**plain, **values})


MAY8, MAY6, JUNE5 = date(2026, 5, 8), date(2026, 5, 6), date(2026, 6, 5)


@pytest.mark.parametrize(
    ("wanted", "stored", "change", "day", "reason"),
    [
        (want(MAY8), None, C.ADDED, MAY8, ""),
        (want(MAY8), known(MAY8), C.SAME, MAY8, ""),
        (want(MAY8, starts_at=time(8)), known(MAY8), C.CHANGED, MAY8, ""),
        (want(MAY8, theme="助企惠民"), known(MAY8), C.CHANGED, MAY8, ""),
        (want(MAY8, MAY6), known(MAY6), C.MOVED, MAY8, ""),
        (want(MAY8, MAY6), known(MAY6, records=2), C.MOVED, MAY8, "已排2人值班，一并改期"),
        (None, known(MAY8), C.REMOVED, MAY8, ""),
        (None, known(MAY8, records=2), C.KEPT, MAY8, "已排2人值班，请核对是否保留"),
        (None, known(MAY8, is_open=False, state="已公布"), C.KEPT, MAY8, "已公布"),
        (want(MAY8, MAY6), known(MAY6, is_open=False, state="已公布"), C.KEPT, MAY6, "已公布，不再变动"),
        (
            want(MAY8),
            known(MAY8, is_open=False, is_off=True, state="已取消"),
            C.KEPT,
            MAY8,
            "已取消，不再变动",
        ),
    ],
)
def test_what_becomes_of_one_day(wanted, stored, change, day, reason):
    [line] = compare(filter(None, [wanted]), filter(None, [stored]), START, END)
    assert (line.change, line.day, line.reason) == (change, day, reason)


def test_a_cancelled_day_nobody_wants_is_not_mentioned_and_frees_its_date():
    gone = known(MAY8, MAY6, is_open=False, is_off=True, state="已取消")
    assert compare([], [gone], START, END) == []
    assert [line.change for line in compare([want(MAY8)], [gone], START, END)] == [C.ADDED]


def test_nothing_is_added_where_another_reception_stays():
    by_hand = known(MAY8, MAY6, is_open=False, state="日期已手工确定")
    lines = compare([want(MAY8)], [by_hand], START, END)
    assert {(line.change, line.reason) for line in lines} == {
        (C.KEPT, "日期已手工确定"),
        (C.LEFT_OUT, "5月8日当天已有接待日"),
    }


def test_a_day_pushed_onto_another_ones_date_goes_unless_people_count_on_it():
    by_hand = known(MAY8, JUNE5, is_open=False, state="日期已手工确定")
    pushed = want(MAY8, MAY6)
    assert C.REMOVED in [line.change for line in compare([pushed], [by_hand, known(MAY6)], START, END)]
    [kept] = [
        line for line in compare([pushed], [by_hand, known(MAY6, records=1)], START, END) if line.wanted
    ]
    assert (kept.change, kept.day) == (C.KEPT, MAY6)


def test_a_changed_rule_that_leads_to_the_same_date_keeps_the_day_and_its_turns():
    # 1 May was postponed to the 6th; the new rule names the 5th, which is postponed to the 6th as well.
    row = known(MAY6, date(2026, 5, 1), records=2)
    [line] = compare([want(MAY6, date(2026, 5, 5), rule_id=2)], [row], START, END)
    assert (line.change, line.known, line.reason) == (C.SAME, row, "")
    assert is_to_be_written(line)


def test_a_theme_laid_down_by_hand_outlives_the_rules():
    row = known(MAY8, theme="营商环境", has_own_theme=True)
    [line] = compare([want(MAY8, theme="助企惠民")], [row], START, END)
    assert (line.change, is_to_be_written(line)) == (C.SAME, False)


def test_what_lies_outside_the_period_is_left_alone():
    assert compare([], [known(START - timedelta(days=1)), known(END + timedelta(days=1))], START, END) == []


def test_a_better_wording_is_written_without_being_called_a_change():
    [line] = compare([want(MAY8)], [known(MAY8, text="别的说法", is_provisional=True)], START, END)
    assert line.change == C.SAME
    assert is_to_be_written(line)
    [same] = compare([want(MAY8)], [known(MAY8)], START, END)
    assert not is_to_be_written(same)


near = st.dates(START, START + timedelta(days=25))


@given(
    st.dictionaries(near, near, max_size=12),
    st.dictionaries(near, st.tuples(near, st.booleans(), st.booleans(), st.integers(0, 2)), max_size=12),
)
def test_no_two_receptions_end_up_on_one_date_that_did_not_stand_there_before(wants, stored):
    # Rules never ask for one date twice, and a station does not hold one date twice.
    wanted = {day: want(day, nominal) for nominal, day in wants.items()}.values()
    rows = {
        day: known(
            day,
            nominal,
            id=n,
            is_open=is_open,
            is_off=is_off and not is_open,
            state="已公布",
            records=records,
        )
        for n, (nominal, (day, is_open, is_off, records)) in enumerate(stored.items())
    }.values()
    lines = compare(wanted, rows, START, END)
    stays = [
        line for line in lines
        if line.change not in (C.REMOVED, C.LEFT_OUT) and not (line.known and line.known.is_off)
    ]  # fmt: skip
    dates = [line.day for line in stays]
    doubled = {day for day in dates if dates.count(day) > 1}
    # Only where deputies already count on a day that nothing else could take is a clerk left to decide.
    assert all(
        any(line.day == day and line.change == C.KEPT and line.known.records for line in stays)
        for day in doubled
    )
    # A day may go on under another name, but none is lost: every stored day of the period is accounted for, each once, and so is every wanted one.
    assert sorted(line.known.id for line in lines if line.known and not line.known.is_off) == sorted(
        row.id for row in rows if not row.is_off
    )
    assert sum(line.wanted is not None for line in lines) == len(wanted)
