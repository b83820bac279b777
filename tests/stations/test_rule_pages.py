"""Laying down, changing and ending a rule: what is shown before, and that showing writes nothing."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from deputies.enums import SessionKind
from deputies.models import Session
from liaison.models import AuditEntry
from liaison.tenancy.scope import acting, system_actor
from stations.enums import ReceptionDayState
from stations.models import ReceptionDay, ReceptionRule
from stations.rules.day_changes import PlanChange
from stations.services import assign_duty, plan_reception_days, publish_reception, save_reception_rule
from tests.browsing import seen_at
from tests.stations.conftest import FIRST_FRIDAY, NOW, TODAY
from tests.stations.makers import again, as_, make_day, make_turn

C = PlanChange
SENT = {
    "kind": "nth_weekday", "weekdays": ["5"], "nths": ["1"], "first_week": "first_weekday", "months": "every",
    "opens": "09:00", "closes": "11:30", "on_day_off": "postpone", "valid_from": TODAY.isoformat(),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _on_the_sixth_of_march(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def office(sign_in, clerk):
    return sign_in(clerk)


@pytest.fixture
def rule(clerk, station):
    return as_(clerk, save_reception_rule, station_id=station.pk, rule=FIRST_FRIDAY, now=NOW)


@pytest.fixture
def planned(clerk, station, rule):
    as_(
        clerk,
        plan_reception_days,
        station_id=station.pk,
        start=TODAY,
        end=TODAY + timedelta(days=365),
        now=NOW,
    )
    return days_of(station)


def days_of(station):
    with acting(system_actor()):
        return list(ReceptionDay._plain.filter(station=station).order_by("day"))


def page_of(station, rule=None):
    address = reverse("admin:stations_station_rule", args=[station.pk])
    return f"{address}?rule={rule.pk}" if rule else address


def changes(page):
    return dict(page.context["preview"].plan.changes)


def entries():
    with acting(system_actor()) as actor:
        return AuditEntry.scoped(actor).count()


def test_a_preview_shows_twelve_months_and_writes_nothing(office, station):
    before = entries()
    page = office.post(page_of(station), SENT)
    text = page.content.decode()
    assert changes(page) == {C.ADDED: 13}
    assert "今后十二个月共13次，其中3次因节假日顺延" in text
    assert "10月2日（周五）逢国庆节，顺延至10月8日（周四）" in text
    assert "2027年放假安排公布后，请系统管理员载入，日期将自动重新推算" in text
    assert "当月1日所在一周的周五" in text
    assert days_of(station) == []
    with acting(system_actor()):
        assert not ReceptionRule._plain.exists()
    assert entries() == before


def test_confirming_lays_the_rule_down_and_plans_what_was_shown(office, station):
    shown = [line.line.day for line in office.post(page_of(station), SENT).context["preview"].plan.lines]
    answer = office.post(page_of(station), {**SENT, "confirm": "1"}, follow=True)
    assert "接待日规则已制定。新排13次，调整0次，撤下0次。" in answer.content.decode()
    assert [row.day for row in days_of(station)] == shown


def test_changing_a_rule_shows_what_becomes_of_the_days_already_planned(
    office, station, rule, planned, clerk, mandate
):
    march, april, may, june, *_ = planned
    as_(clerk, publish_reception, day_id=march.pk, now=NOW)
    as_(clerk, assign_duty, day_id=april.pk, mandate_ids=[mandate.pk], now=NOW)
    tuesdays = {**SENT, "weekdays": ["2"]}
    first = office.get(page_of(station, rule)).context["form"].initial
    assert first["valid_from"] == TODAY  # 6 March is held by the old rule; the new one begins today.
    page = office.post(page_of(station, rule), tuesdays)
    text = page.content.decode()
    # After 劳动节 and 国庆节 Tuesdays and Fridays are put off to the same dates.
    assert changes(page) == {C.ADDED: 10, C.SAME: 2, C.KEPT: 2, C.REMOVED: 9}
    assert "已排1人值班，请核对是否保留" in text
    assert "原规则到2026年3月5日（周四）为止" in text
    assert [row.pk for row in days_of(station)] == [row.pk for row in planned]
    seen = seen_at(office, page_of(station, rule))
    office.post(page_of(station, rule), {**tuesdays, **seen, "confirm": "1"})
    after = days_of(station)
    assert {march.pk, april.pk} <= {row.pk for row in after}
    assert again(may).nominal_day == date(2026, 5, 5)
    assert june.pk not in {row.pk for row in after}
    assert len(after) == 14


def test_other_hours_and_a_theme_are_shown_as_such(office, station, rule, planned):
    page = office.post(
        page_of(station, rule),
        {**SENT, "opens": "08:30", "theme": "助企惠民", "theme_on": "quarter", "valid_from": "2025-01-01"},
    )
    assert changes(page) == {C.CHANGED: 13}
    assert "主题：助企惠民" in page.content.decode()
    office.post(
        page_of(station, rule),
        {
            **SENT, **seen_at(office, page_of(station, rule)),
            "theme": "助企惠民", "theme_on": "quarter", "valid_from": "2025-01-01", "confirm": "1",
        },
    )  # fmt: skip
    assert [f"{row.day}" for row in days_of(station) if row.theme] == [
        "2026-04-03", "2026-07-03", "2026-10-08", "2027-01-04",
    ]  # fmt: skip


def test_half_a_theme_is_explained(office, station):
    page = office.post(page_of(station), {**SENT, "theme": "助企惠民"})
    assert "主题和哪几次都要填写" in page.content.decode()


def test_a_session_and_another_rule_on_the_same_day_are_pointed_out(office, station, rule, planned, term):
    with acting(system_actor()):
        Session._plain.create(
            term=term, number=9, kind=SessionKind.REGULAR, starts_on=date(2026, 4, 2), ends_on=date(2026, 4, 3),
            scope_code=term.scope_code, scope_end=term.scope_end,
        )  # fmt: skip
    fridays = {**SENT, "kind": "month_days", "month_days": "5", "weekdays": [], "nths": []}
    text = office.post(page_of(station), fridays).content.decode()
    assert "第9次会议同期" in text
    # 5 June 2026 is a first Friday.
    assert "与本站另一条规则同日（每月5日9:00—11:30，遇节假日顺延" in text


def test_ending_a_rule_shows_and_then_takes_away_what_lies_beyond(office, station, rule, planned):
    address = reverse("admin:stations_receptionrule_end", args=[rule.pk])
    page = office.post(address, {"ends_on": "2026-05-31"})
    assert changes(page) == {C.SAME: 3, C.REMOVED: 10}
    assert len(days_of(station)) == 13
    sent = {"ends_on": "2026-05-31", "confirm": "1", **seen_at(office, address)}
    answer = office.post(address, sent, follow=True)
    assert "规则到2026年5月31日为止。新排0次，调整0次，撤下10次。" in answer.content.decode()
    assert len(days_of(station)) == 3
    assert again(rule).text.endswith("至2026年5月31日止")
    early = office.post(address, {"ends_on": "2024-01-01"})
    assert "截止日期不能更早" in early.content.decode()


def test_a_rule_with_history_only_prolonged_keeps_its_row(office, station, rule, planned, clerk):
    as_(clerk, publish_reception, day_id=planned[0].pk, now=NOW)
    sent = {**SENT, "valid_from": "2025-01-01", "valid_until": "2026-12-31", "confirm": "1"}
    office.post(page_of(station, rule), {**sent, **seen_at(office, page_of(station, rule))})
    with acting(system_actor()):
        [row] = ReceptionRule._plain.all()
    assert row.valid_until == date(2026, 12, 31)


def test_a_station_of_the_next_township_and_a_foreign_rule_are_not_found(sign_in, other_clerk, station, rule):
    client = sign_in(other_clerk)
    assert client.get(page_of(station)).status_code == 404
    assert client.get(reverse("admin:stations_receptionrule_end", args=[rule.pk])).status_code == 404


def test_two_opening_times_must_follow_each_other(office, station):
    sent = {**SENT, "afternoon_opens": "11:00", "afternoon_closes": "12:00"}
    assert "两段接待时间不能重叠" in office.post(page_of(station), sent).content.decode()
    good = office.post(page_of(station), {**SENT, "afternoon_opens": "14:30", "afternoon_closes": "17:00"})
    assert "9:00—11:30、14:30—17:00" in good.content.decode()


def statements(call):
    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)


def test_planning_and_looking_cost_the_same_for_one_and_many_days(office, clerk, station, rule, mandate):
    def plan(start, end):
        return lambda: as_(clerk, plan_reception_days, station_id=station.pk, start=start, end=end, now=NOW)

    one = statements(plan(date(2026, 4, 1), date(2026, 4, 30)))
    many = statements(plan(date(2026, 5, 1), date(2027, 4, 30)))
    assert one == many
    for row in days_of(station)[:4]:
        make_turn(row, mandate)
    # Everything moves, with its turns: the same number of statements again for four turns as for none.
    with acting(system_actor()):
        ReceptionDay._plain.filter(station=station).update(starts_at="08:00")
    change_few = statements(plan(date(2026, 4, 1), date(2026, 4, 30)))
    change_many = statements(plan(date(2026, 5, 1), date(2027, 4, 30)))
    assert change_few == change_many
    office.get(page_of(station))
    few = statements(lambda: office.post(page_of(station), {**SENT, "valid_until": "2026-04-30"}))
    assert few == statements(lambda: office.post(page_of(station), SENT))


def test_no_day_is_added_where_one_was_put_by_hand(clerk, station, rule):
    by_hand = make_day(station, date(2026, 5, 8), state=ReceptionDayState.PUBLISHED)
    with acting(system_actor()):
        ReceptionDay._plain.filter(pk=by_hand.pk).update(day=date(2026, 6, 5), is_fixed=True)
    result = as_(
        clerk,
        plan_reception_days,
        station_id=station.pk,
        start=date(2026, 6, 1),
        end=date(2026, 6, 30),
        now=NOW,
    )
    assert (result.created, [row.pk for row in days_of(station)]) == ([], [by_hand.pk])
