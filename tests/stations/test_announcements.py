"""Announcing receptions: in time, late with the reason, corrected once, to those concerned."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from liaison.calendar.policies import lay_down
from liaison.models import Notification, OutboxMessage
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import DeadlineUnit, Role
from liaison.words.errors import InvalidInput
from stations import tasks
from stations.enums import DutyState, LeaveReason, NoticeKind, ReceptionDayState
from stations.models import ReceptionDay, ReceptionNotice
from stations.services import (
    announce_receptions,
    assign_duty,
    cancel_reception,
    decide_leave,
    hold_reception,
    plan_reception_days,
    postpone_reception,
    publish_reception,
    register_attendance,
    release_duty,
    remind_turns,
    request_leave,
    save_reception_rule,
    substitute_duty,
)
from tests.factories import make_account, make_deputy_actor, make_station
from tests.stations.conftest import FIRST_FRIDAY, NOW, TODAY
from tests.stations.makers import again, as_, make_day, make_turn, make_upper_turn

R = ReceptionDayState
DAY = timedelta(days=1)


def planned_day(station, day, dated_at=NOW - 60 * DAY):
    row = make_day(station, day, state=R.PLANNED)
    with acting(system_actor()):
        ReceptionDay._plain.filter(pk=row.pk).update(dated_at=dated_at)
    return row


def beat(now=NOW):
    return as_(system_actor(), announce_receptions, now=now)


def notices(day):
    with acting(system_actor()):
        return list(ReceptionNotice._plain.filter(reception_day=day).order_by("id"))


def told(actor):
    with acting(system_actor()):
        mine = Notification.objects.filter(account_id=actor.account_id).order_by("id")
        return list(mine.values_list("title", "body"))


@pytest.fixture
def announced(station, mandate, deputy_actor):
    """A reception in three days with one deputy, announced in time."""
    day = planned_day(station, TODAY + 3 * DAY)
    make_turn(day, mandate)
    assert beat() == 1
    return day


def test_a_notice_in_time_goes_to_the_deputy_and_the_station_and_says_nothing_of_lateness(
    announced, deputy_actor, station_clerk, station, clerk
):
    [notice] = notices(announced)
    assert (notice.kind, notice.is_late, notice.announced_at) == (NoticeKind.NOTICE, False, NOW)
    assert notice.text == "2026年3月9日（周一）9:00—11:30，东庄村人大代表联络站，值班代表王建国"
    assert again(announced).notice_text == ""
    [(title, body)] = told(deputy_actor)
    assert title == "接待日通知：2026年3月9日（周一）东庄村人大代表联络站"
    assert "请您于2026年3月9日（周一）09:00—11:30到东庄村人大代表联络站接待群众" in body
    assert told(clerk) == []


def test_the_station_hears_what_went_out(station, station_clerk, clerk, mandate):
    day = planned_day(station, TODAY + 3 * DAY)
    make_turn(day, mandate)
    beat()
    [(title, _)] = told(station_clerk)
    assert title == "接待日通知：2026年3月9日（周一）东庄村人大代表联络站"
    empty = planned_day(station, TODAY + 2 * DAY)
    beat()
    assert told(station_clerk)[1][0].endswith("尚未排班")
    # Where nobody is on duty, the office hears of it as well.
    assert [title for title, _ in told(clerk)] == [told(station_clerk)[1][0]]
    assert again(empty).state == R.PUBLISHED


def test_another_stations_clerk_hears_nothing(announced, township):
    other = make_station(township, name="西庄村人大代表联络站")
    assert told(make_account(township, Role.STATION_CLERK, station_ref=other.pk)) == []


@pytest.mark.parametrize(
    ("dated_at", "says"),
    [
        (NOW - DAY, "不足3日：2026年3月5日才确定这一日期"),
        (NOW - 60 * DAY, "不足3日：未能按时发布"),
        (None, "不足3日：未能按时发布"),
    ],
)
def test_a_late_notice_goes_out_at_once_and_says_why(station, dated_at, says):
    day = planned_day(station, TODAY + DAY, dated_at)
    assert beat() == 1
    assert again(day).notice_text == says
    assert [notice.is_late for notice in notices(day)] == [True]


def test_days_planned_within_the_notice_period_are_dated_now(clerk, station):
    as_(clerk, save_reception_rule, station_id=station.pk, rule=FIRST_FRIDAY, now=NOW)
    as_(clerk, plan_reception_days, station_id=station.pk, start=TODAY, end=TODAY + 40 * DAY, now=NOW)
    assert beat() == 1
    with acting(system_actor()):
        today = ReceptionDay._plain.get(day=TODAY)
        later = ReceptionDay._plain.get(day=date(2026, 4, 3))
    assert today.notice_text == "不足3日：2026年3月6日才确定这一日期"
    assert beat(NOW + 25 * DAY) == 1
    assert again(later).notice_text == ""


def test_a_swapped_deputy_is_corrected_once_be_it_days_later(
    announced, clerk, mandate, second, deputy_actor, second_actor, station_clerk
):
    [turn] = as_(clerk, assign_duty, day_id=announced.pk, mandate_ids=[mandate.pk], now=NOW).assigned
    as_(clerk, substitute_duty, participation_id=turn.pk, mandate_id=second.pk, reason="外出", now=NOW)
    assert beat(NOW + 2 * DAY) == 1
    assert beat(NOW + 2 * DAY) == 0
    correction = notices(announced)[1]
    assert correction.kind == NoticeKind.CORRECTION
    assert correction.text.endswith("接待日更正：值班代表由王建国改为李秀英")
    assert again(announced).notice_text == "3月8日更正：值班代表由王建国改为李秀英（不足3日）"
    # Both deputies heard of it when it was decided; neither hears it twice.
    assert [title for title, _ in told(deputy_actor)][1:] == ["2026年3月9日（周一）的值班已有人接替"]
    assert [title for title, _ in told(second_actor)] == ["请您2026年3月9日（周一）值班"]
    assert told(station_clerk)[-1][0] == "接待日更正：2026年3月9日（周一）东庄村人大代表联络站"


def test_who_is_taken_off_or_put_on_by_the_office_hears_of_it(
    announced, clerk, mandate, second, deputy_actor, second_actor
):
    [turn] = as_(clerk, assign_duty, day_id=announced.pk, mandate_ids=[mandate.pk], now=NOW).assigned
    as_(clerk, release_duty, participation_id=turn.pk, reason="另有公务")
    as_(clerk, assign_duty, day_id=announced.pk, mandate_ids=[second.pk], now=NOW)
    assert beat() == 1
    title, body = told(deputy_actor)[-1]
    assert title == "接待日更正：2026年3月9日（周一）东庄村人大代表联络站"
    assert "您不再于该日值班" in body
    assert [title for title, _ in told(second_actor)] == [
        "接待日通知：2026年3月9日（周一）东庄村人大代表联络站"
    ]


def test_a_leave_takes_the_name_off_the_notice(announced, clerk, mandate, deputy_actor):
    turn = as_(clerk, assign_duty, day_id=announced.pk, mandate_ids=[mandate.pk], now=NOW).assigned[0]
    leave = as_(
        deputy_actor, request_leave, starts_on=announced.day, ends_on=announced.day, kind=LeaveReason.ILLNESS,
        reason="住院", participation_id=turn.pk, now=NOW,
    )  # fmt: skip
    as_(clerk, decide_leave, leave_id=leave.pk, is_approved=True, note="同意", now=NOW)
    assert beat(NOW + DAY) == 1
    assert notices(announced)[1].text.endswith("值班代表由王建国改为待定")


def test_a_change_undone_before_it_was_told_is_never_told(announced, clerk, mandate):
    turn = as_(clerk, assign_duty, day_id=announced.pk, mandate_ids=[mandate.pk], now=NOW).assigned[0]
    as_(clerk, release_duty, participation_id=turn.pk, reason="误操作")
    as_(clerk, assign_duty, day_id=announced.pk, mandate_ids=[mandate.pk], now=NOW)
    assert beat() == 0


def test_a_moved_day_is_announced_again_with_the_reason(announced, clerk, deputy_actor, mandate):
    new = TODAY + 12 * DAY
    as_(clerk, postpone_reception, day_id=announced.pk, reason="道路施工", new_day=new, now=NOW)
    assert beat() == 0
    correction = notices(announced)[1]
    assert correction.text == (
        "2026年3月9日（周一）东庄村人大代表联络站接待日更正：接待日期由3月9日（周一）改为3月18日（周三）。原因：道路施工"
    )
    assert not correction.is_late
    assert again(announced).notice_text == "3月6日更正：接待日期由3月9日（周一）改为3月18日（周三）"
    assert len(told(deputy_actor)) == 2


def test_a_day_moved_into_the_notice_period_is_late_and_says_since_when(announced, clerk):
    as_(clerk, postpone_reception, day_id=announced.pk, reason="有会", new_day=TODAY + 2 * DAY, now=NOW)
    assert again(announced).notice_text.endswith("改为3月8日（周日）（不足3日：2026年3月6日才确定这一日期）")


def test_a_cancelled_day_is_announced_to_those_who_were_on_duty(announced, clerk, deputy_actor):
    as_(clerk, cancel_reception, day_id=announced.pk, reason="暴雨", now=NOW)
    assert beat() == 0
    cancelled = notices(announced)[1]
    assert cancelled.kind == NoticeKind.CANCELLATION
    assert cancelled.text.endswith("接待日更正：取消接待。原因：暴雨")
    assert told(deputy_actor)[1][0] == "接待日取消：2026年3月9日（周一）东庄村人大代表联络站"


def test_a_day_that_waited_for_its_date_is_corrected_twice(announced, clerk):
    as_(clerk, postpone_reception, day_id=announced.pk, reason="有会", now=NOW)
    as_(clerk, publish_reception, day_id=announced.pk, new_day=TODAY + 12 * DAY, now=NOW + DAY)
    assert [notice.text.split("更正：")[-1] for notice in notices(announced)[1:]] == [
        "改期，新的日期另行公告。原因：有会",
        "接待日期由3月9日（周一）改为3月18日（周三）。原因：有会",
    ]


def test_what_was_never_announced_is_cancelled_in_silence(
    station, clerk, mandate, deputy_actor, station_clerk
):
    day = planned_day(station, TODAY + 20 * DAY)
    make_turn(day, mandate)
    as_(clerk, cancel_reception, day_id=day.pk, reason="有会", now=NOW)
    assert (notices(day), told(deputy_actor), told(station_clerk)) == ([], [], [])
    assert again(day).state == R.CANCELLED


def test_registering_who_came_corrects_nothing(announced, clerk, mandate, second):
    on_the_day = NOW + 3 * DAY
    as_(
        clerk,
        register_attendance,
        day_id=announced.pk,
        outcomes={mandate.pk: DutyState.ABSENT},
        now=on_the_day,
    )
    assert beat(on_the_day) == 0
    as_(clerk, hold_reception, day_id=announced.pk, now=on_the_day)
    assert beat(on_the_day) == 0


def test_the_notice_period_is_the_townships_own(station, clerk):
    with acting(clerk):
        lay_down(code="reception_notice", length=5, unit=DeadlineUnit.DAYS, rolls=False, basis="主席团会议")
    day = planned_day(station, TODAY + 5 * DAY)
    assert beat() == 1
    assert again(day).state == R.PUBLISHED


@pytest.mark.parametrize(("length", "unit"), [(32, DeadlineUnit.DAYS), (3, DeadlineUnit.WORKDAYS)])
def test_a_notice_period_beat_would_not_keep_is_refused(clerk, length, unit):
    with acting(clerk), pytest.raises(InvalidInput, match="1至31日"):
        lay_down(code="reception_notice", length=length, unit=unit, rolls=False, basis="")


def test_the_email_rides_along(station, mandate, settings, township):
    settings.EMAIL_HOST = "mail.example"
    clerk = make_account(township, Role.STATION_CLERK, station_ref=station.pk, email="clerk@example.org")
    planned_day(station, TODAY + 3 * DAY)
    beat()
    with acting(system_actor()):
        sent = list(OutboxMessage.objects.values_list("to_address", "notification__account_id"))
    assert sent == [("clerk@example.org", clerk.account_id)]


def remind(now):
    return as_(system_actor(), remind_turns, now=now)


def test_a_deputy_is_reminded_the_day_before_once(announced, deputy_actor):
    assert remind(NOW + DAY) == 0
    assert remind(NOW + 2 * DAY) == 1
    assert remind(NOW + 2 * DAY + timedelta(hours=5)) == 0
    assert told(deputy_actor)[-1][0] == "请记得明天值班：2026年3月9日（周一）东庄村人大代表联络站"


def test_a_beat_that_slept_reminds_on_the_morning_and_not_once_it_has_begun(announced, deputy_actor):
    # 8:00 and 9:30 in Shanghai; the reception begins at 9:00.
    assert remind(datetime(2026, 3, 9, 1, 30, tzinfo=UTC)) == 0
    assert remind(datetime(2026, 3, 9, 0, 0, tzinfo=UTC)) == 1
    assert told(deputy_actor)[-1][0].startswith("请记得今天值班")


def test_nobody_is_reminded_of_what_was_announced_just_now(station, mandate, deputy_actor):
    make_turn(planned_day(station, TODAY + DAY), mandate)
    beat()
    assert remind(NOW + timedelta(hours=1)) == 0


def test_the_task_reminds_everywhere(announced, deputy_actor):
    with time_machine.travel(NOW + 2 * DAY, tick=False):
        assert tasks.remind_turns() == 1
        assert tasks.announce_receptions() == 0


def test_looking_for_corrections_costs_the_same_for_one_and_three_days(station, mandate, second):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            beat()
        return len(captured)

    make_turn(planned_day(station, TODAY + DAY), mandate)
    beat()
    one = statements()
    for offset in (2, 3):
        make_turn(planned_day(station, TODAY + offset * DAY), second)
    beat()
    assert statements() == one


def test_publishing_long_before_is_not_late_and_beat_adds_nothing(station, clerk, mandate, deputy_actor):
    day = planned_day(station, TODAY + 9 * DAY)
    make_turn(day, mandate)
    as_(clerk, publish_reception, day_id=day.pk, now=NOW)
    assert beat() == beat(NOW + 7 * DAY) == 0
    assert len(told(deputy_actor)) == 1


class TestThePageOfWhatGoesOut:
    @pytest.fixture(autouse=True)
    def _today(self):
        with time_machine.travel(NOW, tick=False):
            yield

    def test_it_says_when_each_notice_leaves_and_who_is_missing(
        self, sign_in, clerk, announced, station, mandate
    ):
        planned_day(station, TODAY + 10 * DAY)
        planned_day(station, TODAY + 40 * DAY)
        page = sign_in(clerk).get(reverse("stations_notices"))
        text = page.content.decode()
        assert [line["notice"].row.day for line in page.context["lines"]] == [
            TODAY + 3 * DAY,
            TODAY + 10 * DAY,
        ]
        assert "2026年3月13日（周五）公告" in text
        assert "有1次接待还没有值班代表" in text
        assert "2026年3月9日（周一）9:00—11:30，东庄村人大代表联络站，值班代表王建国" in text

    def test_an_empty_page_says_so(self, sign_in, clerk, station):
        assert "近两周没有要公告的接待" in sign_in(clerk).get(reverse("stations_notices")).content.decode()

    def test_a_station_clerk_sees_the_own_station_and_a_deputy_nothing(
        self, sign_in, announced, station_clerk, township, deputy_actor, county, other_clerk
    ):
        other = make_station(township, name="西庄村人大代表联络站")
        planned_day(other, TODAY + 5 * DAY)
        address = reverse("stations_notices")
        assert len(sign_in(station_clerk).get(address).context["lines"]) == 1
        assert len(sign_in(county).get(address).context["lines"]) == 2
        assert sign_in(other_clerk).get(address).context["lines"] == []
        assert sign_in(deputy_actor).get(address).status_code == 403

    def test_it_costs_the_same_for_one_and_three(self, sign_in, clerk, announced, station, mandate):
        client, address = sign_in(clerk), reverse("stations_notices")

        def statements():
            with CaptureQueriesContext(connection) as captured:
                client.get(address)
            return len(captured)

        client.get(address)
        one = statements()
        for offset in (4, 5):
            make_turn(planned_day(station, TODAY + offset * DAY), mandate)
        assert statements() == one

    def test_the_record_of_the_day_lists_its_notices(self, sign_in, clerk, announced):
        page = sign_in(clerk).get(reverse("admin:stations_receptionday_change", args=[announced.pk]))
        assert "值班代表王建国" in page.content.decode()


def test_deputies_of_higher_levels_stand_on_the_notice_and_joining_later_corrects_it(announced):
    make_upper_turn(announced, "赵明")
    assert beat() == 1
    assert notices(announced)[1].text.endswith("值班代表由王建国改为王建国、赵明（县级人大代表）")
    assert beat() == 0


def test_residents_read_what_is_late_corrected_or_called_off(client, announced, clerk, station):
    late = planned_day(station, TODAY + DAY, NOW - DAY)
    beat()
    address = reverse("reports_public_station", args=[station.public_code])
    with time_machine.travel(NOW, tick=False):
        text = client.get(address).content.decode()
        assert "不足3日：2026年3月5日才确定这一日期" in text
        as_(clerk, cancel_reception, day_id=late.pk, reason="暴雨", now=NOW)
        as_(clerk, postpone_reception, day_id=announced.pk, reason="修路", new_day=TODAY + 9 * DAY, now=NOW)
        text = client.get(address).content.decode()
    assert "原定2026年3月7日（周六）的接待：3月6日更正：取消接待" in text
    assert "3月6日更正：接待日期由3月9日（周一）改为3月15日（周日）" in text


def test_a_deputy_of_the_next_township_hears_nothing(announced, elsewhere):
    assert told(make_deputy_actor(elsewhere)) == []
