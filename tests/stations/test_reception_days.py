"""Planning reception days: the seed's rule over two years, planning again, and a year without a notice."""

from datetime import date, time, timedelta

import pytest

from liaison.calendar.recurrence import OnDayOff, Rule, RuleKind
from liaison.calendar.working import load_year, working_calendar
from liaison.tenancy.scope import acting, system_actor
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from stations.enums import ReceptionDayState
from stations.models import ReceptionDay, ReceptionRule
from stations.services import (
    assign_duty,
    cancel_reception,
    close_station,
    end_reception_rule,
    plan_ahead,
    plan_reception_days,
    publish_reception,
    save_reception_rule,
    settle_provisional_days,
)
from tests.stations.conftest import FIRST_FRIDAY, NOW
from tests.stations.makers import again, as_

TWO_YEARS = {"start": date(2025, 1, 1), "end": date(2026, 12, 31)}
YEAR_2027 = {"start": date(2027, 1, 1), "end": date(2027, 12, 31)}


@pytest.fixture
def rule(clerk, station):
    return as_(clerk, save_reception_rule, station_id=station.pk, rule=FIRST_FRIDAY, now=NOW)


def plan(actor, station, **facts):
    return as_(actor, plan_reception_days, station_id=station.pk, now=NOW, **{**TWO_YEARS, **facts})


def days_of(station):
    with acting(system_actor()):
        return list(ReceptionDay._plain.filter(station=station).order_by("day"))


def test_the_rule_is_stored_as_data_and_described_in_words(rule):
    assert rule.text.startswith("每月第一周的周五（指当月第一个周五）9:00—11:30，遇节假日顺延")
    assert (rule.starts_at, rule.ends_at) == (time(9), time(11, 30))
    assert rule.rule["kind"] == "nth_weekday"


def test_two_years_of_first_fridays_never_fall_on_a_day_off(clerk, station, rule):
    result = plan(clerk, station)
    days = days_of(station)
    with acting(system_actor()):
        calendar = working_calendar()
    assert len(result.created) == len(days) == 24
    assert [row.day for row in days if not calendar.is_workday(row.day)] == []
    assert sum(row.day != row.nominal_day for row in days) >= 2
    assert not any(row.day_is_provisional for row in days)


def test_the_friday_of_national_day_moves_and_says_why(clerk, station, rule):
    plan(clerk, station)
    moved = next(row for row in days_of(station) if row.nominal_day == date(2025, 10, 3))
    assert moved.day == date(2025, 10, 9)
    assert "顺延至10月9日（周四）" in moved.day_text


def test_planning_again_changes_nothing(clerk, station, rule):
    plan(clerk, station)
    before = [(row.pk, row.day) for row in days_of(station)]
    result = plan(clerk, station)
    assert (result.created, result.moved, result.removed, result.kept) == ([], [], 0, [])
    assert [(row.pk, row.day) for row in days_of(station)] == before


def test_planning_half_by_half_is_planning_the_whole(clerk, station, rule):
    plan(clerk, station, end=date(2025, 10, 5))
    plan(clerk, station, start=date(2025, 10, 6))
    assert len(days_of(station)) == 24


def test_a_changed_rule_moves_planned_days_and_keeps_announced_and_assigned_ones(
    clerk, station, rule, mandate
):
    plan(clerk, station, start=date(2026, 4, 1), end=date(2026, 6, 30))
    april, may, june = days_of(station)
    as_(clerk, publish_reception, day_id=april.pk, now=NOW)
    as_(clerk, assign_duty, day_id=may.pk, mandate_ids=[mandate.pk], now=NOW)
    thursday = Rule(
        RuleKind.NTH_WEEKDAY,
        weekdays=(4,),
        nths=(1,),
        opening=FIRST_FRIDAY.opening,
        valid_from=date(2025, 1, 1),
    )
    as_(clerk, save_reception_rule, station_id=station.pk, rule=thursday, now=NOW, rule_id=rule.pk)
    result = plan(clerk, station, start=date(2026, 4, 1), end=date(2026, 6, 30))
    assert [row.pk for row in result.kept] == [may.pk]
    assert result.removed == 1
    assert again(april).state == ReceptionDayState.PUBLISHED
    kept = {row.pk for row in days_of(station)}
    assert april.pk in kept
    assert may.pk in kept
    assert june.pk not in kept


def test_a_year_without_a_notice_is_planned_on_an_estimate_and_settled_once(clerk, station, rule):
    plan(clerk, station, **YEAR_2027)
    estimated = days_of(station)
    assert len(estimated) == 12
    assert all(row.day_is_provisional for row in estimated)
    # 2027-02-05 is the eve of 春节; an estimate cannot know it.
    february = next(row for row in estimated if row.nominal_day == date(2027, 2, 5))
    assert february.day == date(2027, 2, 5)
    assert as_(system_actor(), settle_provisional_days, now=NOW) == 0
    with acting(system_actor()):
        load_year(
            year=2027,
            holidays={date(2027, 2, day): "春节" for day in range(5, 12)},
            makeups={},
            source="国务院办公厅通知",
            now=NOW,
        )
    assert as_(system_actor(), settle_provisional_days, now=NOW) == 12
    assert as_(system_actor(), settle_provisional_days, now=NOW) == 0
    settled = again(february)
    assert (settled.day, settled.day_is_provisional) == (date(2027, 2, 12), False)


def test_settling_keeps_what_was_announced(clerk, station, rule):
    plan(clerk, station, **YEAR_2027)
    first = days_of(station)[0]
    as_(clerk, publish_reception, day_id=first.pk, now=NOW)
    with acting(system_actor()):
        load_year(year=2027, holidays={first.day: "临时放假"}, makeups={}, source="通知", now=NOW)
    as_(system_actor(), settle_provisional_days, now=NOW)
    assert again(first).day == first.day


def test_a_skipped_day_disappears_when_the_year_is_known(clerk, station):
    skip = Rule(
        RuleKind.NTH_WEEKDAY, weekdays=(5,), nths=(1,), opening=FIRST_FRIDAY.opening,
        on_day_off=OnDayOff.SKIP, valid_from=date(2025, 1, 1),
    )  # fmt: skip
    as_(clerk, save_reception_rule, station_id=station.pk, rule=skip, now=NOW)
    plan(clerk, station, start=date(2027, 2, 1), end=date(2027, 2, 28))
    with acting(system_actor()):
        load_year(year=2027, holidays={date(2027, 2, 5): "春节"}, makeups={}, source="通知", now=NOW)
    assert as_(system_actor(), settle_provisional_days, now=NOW) == 1
    assert days_of(station) == []


@pytest.fixture
def planned_to_june(clerk, station, rule):
    plan(clerk, station, start=date(2026, 3, 1), end=date(2026, 6, 30))


def ahead(now=NOW):
    return as_(system_actor(), plan_ahead, now=now)


def test_a_plan_that_runs_out_is_carried_on_and_never_late(clerk, station, planned_to_june):
    # July 2026 to March 2027; the twelve months from 6 March are then planned.
    assert ahead() == 9
    assert ahead() == 0
    assert days_of(station)[-1].nominal_day == date(2027, 3, 5)
    assert ahead(NOW + timedelta(days=150)) == 0
    assert ahead(NOW + timedelta(days=190)) == 6


def test_a_day_left_out_close_by_is_not_slipped_in(clerk, station, planned_to_june):
    with acting(system_actor()):
        ReceptionDay._plain.filter(station=station, nominal_day=date(2026, 4, 3)).delete()
    ahead()
    assert date(2026, 4, 3) not in {row.nominal_day for row in days_of(station)}


def test_what_nobody_planned_and_what_ends_is_not_carried_on(clerk, station, rule):
    assert ahead() == 0
    plan(clerk, station, start=date(2026, 3, 1), end=date(2026, 6, 30))
    as_(clerk, end_reception_rule, rule_id=rule.pk, ends_on=date(2026, 7, 31))
    assert ahead() == 0


def test_a_cancelled_day_stays_cancelled_and_a_closed_station_ends(clerk, station, planned_to_june):
    last = days_of(station)[-1]
    as_(clerk, cancel_reception, day_id=last.pk, reason="有会", now=NOW)
    ahead()
    assert again(last).state == ReceptionDayState.CANCELLED
    as_(clerk, close_station, station_id=station.pk, closed_on=date(2026, 3, 7), now=NOW)
    assert ahead(NOW + timedelta(days=200)) == 0


def test_rules_need_hours_and_name_a_day(clerk, station):
    with pytest.raises(InvalidInput, match="起止时间"):
        as_(
            clerk, save_reception_rule, station_id=station.pk, now=NOW,
            rule=Rule(RuleKind.WEEKLY, weekdays=(1,)),
        )  # fmt: skip
    with pytest.raises(InvalidInput, match="格式不正确"):
        as_(clerk, save_reception_rule, station_id=station.pk, now=NOW, rule={"kind": "full_moon"})


def test_planning_without_a_rule_or_for_ten_years_is_refused(clerk, station):
    with pytest.raises(Refused, match="还没有接待日规则"):
        plan(clerk, station)
    with pytest.raises(InvalidInput, match="两年"):
        plan(clerk, station, end=date(2035, 1, 1))


def test_a_rule_by_which_days_were_announced_is_succeeded_not_rewritten(clerk, station, rule):
    plan(clerk, station, start=date(2026, 4, 1), end=date(2026, 4, 30))
    as_(clerk, publish_reception, day_id=days_of(station)[0].pk, now=NOW)
    monday = Rule(RuleKind.WEEKLY, weekdays=(1,), opening=FIRST_FRIDAY.opening, valid_from=date(2026, 5, 1))
    new = as_(clerk, save_reception_rule, station_id=station.pk, rule=monday, now=NOW, rule_id=rule.pk)
    assert new.pk != rule.pk
    assert again(rule).valid_until == date(2026, 4, 30)
    with acting(system_actor()):
        assert ReceptionRule._plain.count() == 2


def test_the_own_station_only_and_the_own_township_only(station_clerk, other_clerk, station, township, rule):
    from tests.factories import make_station

    other = make_station(township, name="西庄村人大代表联络站")
    assert len(plan(station_clerk, station, end=date(2025, 1, 31)).created) == 1
    with pytest.raises(Forbidden):
        plan(station_clerk, other)
    with pytest.raises(OutOfScope):
        plan(other_clerk, station)


def test_a_closed_station_is_not_planned(clerk, station, rule):
    as_(clerk, close_station, station_id=station.pk, closed_on=date(2026, 3, 6), now=NOW)
    with pytest.raises(Refused, match="已停用"):
        plan(clerk, station)
