"""Before a record lapses, whoever has to answer hears of it once: in time, bundled, and never twice."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from liaison.messages.outbox import deliver_due
from liaison.models import Account, Appointment, DeadlinePolicy, Notification, OutboxMessage
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import DeadlineUnit, Role
from liaison.words.errors import Forbidden
from stations import services, tasks
from stations.enums import DutyState, ParticipationState, ShippedKind
from stations.models import Participation
from stations.selectors import unconfirmed
from stations.services import confirm_records, record_visit, register_attendance, remind_to_confirm
from tests.factories import NOBODY, make_account, make_deputy_actor
from tests.stations.conftest import NOW
from tests.stations.makers import again, as_, make_day, make_part

S = ParticipationState
# A Friday: three working days before it is Tuesday the 17th.
DUE = date(2026, 3, 20)
# Acting and telling the database, the calendar, the policy, the rows, the hearers, one message, one stamp.
REMINDER_QUERIES = 28
TUESDAY = datetime(2026, 3, 17, 2, tzinfo=UTC)


def waiting(mandate, day=DUE, *, by_deputy=False, **extra):
    """One record nobody has answered yet."""
    facts = {"state": S.REGISTERED, "confirm_by": day, "recorded_at": NOW, "is_recorded_by_deputy": by_deputy}
    return make_part(mandate, ShippedKind.TRAINING, date(2026, 3, 4), **{**facts, **extra})


def messages(actor):
    with acting(system_actor()):
        rows = Notification._plain.filter(account_id=actor.account_id).order_by("pk")
        return [(row.title, row.link) for row in rows]


def remind(now):
    return as_(system_actor(), remind_to_confirm, now=now)


def test_three_working_days_before_and_not_a_day_sooner(mandate, deputy_actor):
    row = waiting(mandate)
    assert remind(TUESDAY - timedelta(days=1)) == 0
    assert remind(TUESDAY) == 1
    assert messages(deputy_actor) == [
        ("有1条履职记录待您确认，最迟3月20日（周五）", reverse("stations_confirm"))
    ]
    assert again(row).reminded_at == TUESDAY


@pytest.mark.parametrize(
    ("due_on", "first"),
    [
        # 清明 2026: 4 to 6 April are off; three working days before Tuesday 7 April is Wednesday the 1st.
        (date(2026, 4, 7), date(2026, 4, 1)),
        # 28 February 2026 is a Saturday that is worked.
        (date(2026, 3, 3), date(2026, 2, 27)),
    ],
)
def test_the_days_counted_are_working_days(mandate, deputy_actor, due_on, first):
    waiting(mandate, due_on, recorded_at=datetime(2026, 2, 1, tzinfo=UTC))
    before = datetime(first.year, first.month, first.day, 2, tzinfo=UTC) - timedelta(days=1)
    assert remind(before) == 0
    assert remind(before + timedelta(days=1)) == 1


def test_one_message_a_person_with_the_number_of_the_page_behind_it(mandate, second, deputy_actor):
    other = make_deputy_actor(second)
    for day in (DUE, DUE, DUE - timedelta(days=1), DUE + timedelta(days=6)):
        waiting(mandate, day)
    waiting(second)
    assert remind(TUESDAY) == 4
    assert [title for title, _ in messages(deputy_actor)] == ["有3条履职记录待您确认，最迟3月19日（周四）"]
    assert [title for title, _ in messages(other)] == ["有1条履职记录待您确认，最迟3月20日（周五）"]
    with acting(system_actor()):
        body = Notification._plain.get(account_id=deputy_actor.account_id).body
    assert "另有1条期限较晚" in body
    with acting(deputy_actor):
        assert unconfirmed(deputy_actor).count() == 3 + 1


def test_once_however_often_beat_runs(mandate, deputy_actor):
    waiting(mandate)
    assert [remind(TUESDAY + timedelta(hours=hours)) for hours in (0, 1, 24, 48, 72)] == [1, 0, 0, 0, 0]
    assert len(messages(deputy_actor)) == 1


def test_a_beat_that_was_down_sends_when_it_is_back(mandate, deputy_actor):
    waiting(mandate)
    assert remind(datetime(2026, 3, 20, 9, tzinfo=UTC)) == 1
    assert [title for title, _ in messages(deputy_actor)] == ["有1条履职记录待您确认，最迟3月20日（周五）"]


def test_a_day_off_is_quiet_and_the_next_working_day_catches_up(mandate, deputy_actor):
    waiting(mandate, date(2026, 3, 24))
    saturday = datetime(2026, 3, 21, 2, tzinfo=UTC)
    assert remind(saturday) == 0
    assert remind(saturday + timedelta(days=1)) == 0
    assert remind(saturday + timedelta(days=2)) == 1


def test_past_answered_provisional_and_unregistered_ones_are_left(mandate, deputy_actor):
    waiting(mandate, date(2026, 3, 16))
    waiting(mandate, state=S.CONFIRMED)
    waiting(mandate, confirm_is_provisional=True)
    waiting(mandate, outcome=DutyState.SCHEDULED)
    assert remind(TUESDAY) == 0
    assert messages(deputy_actor) == []


def test_what_comes_near_later_is_told_later_together_with_what_still_waits(mandate, deputy_actor):
    waiting(mandate)
    waiting(mandate, DUE + timedelta(days=3))
    assert [remind(TUESDAY), remind(TUESDAY + timedelta(days=1))] == [1, 1]
    assert [title for title, _ in messages(deputy_actor)] == [
        "有1条履职记录待您确认，最迟3月20日（周五）",
        "有2条履职记录待您确认，最迟3月20日（周五）",
    ]


def test_an_entry_made_anew_is_waited_for_anew(station_clerk, station, roster, mandate, deputy_actor):
    day = make_day(station)
    facts = {"day_id": day.pk, "outcomes": {mandate.pk: DutyState.ATTENDED}}
    as_(station_clerk, register_attendance, now=NOW, **facts)
    assert remind(TUESDAY) == 1
    facts["outcomes"] = {mandate.pk: DutyState.ABSENT}
    as_(station_clerk, register_attendance, now=TUESDAY + timedelta(hours=2), **facts)
    late = datetime(2026, 3, 27, 2, tzinfo=UTC)
    assert [remind(TUESDAY + timedelta(hours=3)), remind(late), remind(late)] == [0, 1, 0]
    assert len([title for title, _ in messages(deputy_actor) if "待您确认" in title]) == 2


class TestTheOtherSide:
    """What a deputy registered waits for the station and the office."""

    def test_the_keepers_hear_and_the_deputy_and_the_chair_do_not(
        self, mandate, deputy_actor, clerk, chair, station_clerk, roster
    ):
        waiting(mandate, by_deputy=True)
        assert remind(TUESDAY) == 1
        for keeper in (clerk, station_clerk):
            assert [title for title, _ in messages(keeper)] == ["有1条履职记录待您确认，最迟3月20日（周五）"]
        assert messages(deputy_actor) == []
        assert messages(chair) == []

    def test_another_station_does_not(self, township, mandate, clerk, roster):
        from tests.factories import make_station

        away = make_station(township, "西庄村人大代表联络站")
        stranger = make_account(township, Role.STATION_CLERK, name="孙联络员", station_ref=away.pk)
        waiting(mandate, by_deputy=True)
        assert remind(TUESDAY) == 1
        assert messages(stranger) == []
        assert len(messages(clerk)) == 1

    def test_whoever_registered_never_answers(self, clerk, mandate):
        waiting(mandate, by_deputy=True, recorded_by_id=clerk.account_id)
        assert remind(TUESDAY) == 0
        assert messages(clerk) == []

    def test_both_sides_hear_of_their_own(self, mandate, deputy_actor, clerk):
        waiting(mandate)
        waiting(mandate, by_deputy=True)
        waiting(mandate, by_deputy=True)
        assert remind(TUESDAY) == 3
        assert [title for title, _ in messages(deputy_actor)] == [
            "有1条履职记录待您确认，最迟3月20日（周五）"
        ]
        assert [title for title, _ in messages(clerk)] == ["有2条履职记录待您确认，最迟3月20日（周五）"]


def test_nobody_to_tell_leaves_it_open_until_there_is(mandate):
    row = waiting(mandate)
    assert remind(TUESDAY) == 0
    assert again(row).reminded_at is None
    deputy = make_deputy_actor(mandate)
    assert remind(TUESDAY + timedelta(hours=1)) == 1
    assert len(messages(deputy)) == 1


def test_two_appointments_of_one_account_are_one_person(mandate, deputy_actor, township):
    with acting(system_actor()):
        Appointment._plain.create(
            account_id=deputy_actor.account_id, jurisdiction=township, role=Role.GROUP_LEADER.value,
            starts_on=date(2021, 5, 1), scope_code=township.scope_code, person_ref=mandate.person_id,
            group_ref=NOBODY,
        )  # fmt: skip
    waiting(mandate)
    assert remind(TUESDAY) == 1
    assert len(messages(deputy_actor)) == 1


def test_ended_and_suspended_ones_hear_nothing(mandate, deputy_actor):
    with acting(system_actor()):
        Account.objects.filter(pk=deputy_actor.account_id).update(is_active=False)
    waiting(mandate)
    assert remind(TUESDAY) == 0
    assert messages(deputy_actor) == []


def test_the_township_may_lay_down_its_own_days(township, mandate, deputy_actor):
    with acting(system_actor()):
        DeadlinePolicy._plain.create(
            code="confirmation_reminder", name="履职记录确认前提醒", length=5, unit=DeadlineUnit.WORKDAYS.value, rolls=True,
            scope_code=township.scope_code, scope_end=township.scope_end,
        )  # fmt: skip
    waiting(mandate)
    friday = datetime(2026, 3, 13, 2, tzinfo=UTC)
    assert [remind(friday - timedelta(days=1)), remind(friday)] == [0, 1]


def test_it_goes_by_e_mail_as_well_and_names_no_resident(mandate, settings):
    settings.EMAIL_HOST = "localhost"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    deputy = make_deputy_actor(mandate)
    with acting(system_actor()):
        Account.objects.filter(pk=deputy.account_id).update(email="wang@example.invalid")
    waiting(mandate, note="张爱民反映自来水停水")
    remind(TUESDAY)
    remind(TUESDAY + timedelta(hours=1))
    with acting(system_actor()):
        assert OutboxMessage._plain.count() == 1
    assert deliver_due(TUESDAY + timedelta(hours=2)) == 1
    assert [letter.subject for letter in mail.outbox] == ["有1条履职记录待您确认，最迟3月20日（周五）"]
    assert reverse("stations_confirm") in mail.outbox[0].body
    assert "张爱民" not in mail.outbox[0].body


def test_answered_after_the_reminder_it_never_lapses(mandate, deputy_actor):
    row = waiting(mandate)
    remind(TUESDAY)
    as_(deputy_actor, confirm_records, participation_ids=[row.pk], now=TUESDAY)
    with time_machine.travel(datetime(2026, 3, 23, 1, tzinfo=UTC)):
        assert tasks.watch_confirmations() == 0
    assert again(row).state == S.CONFIRMED


def test_the_task_reminds_in_every_township_and_one_ones_trouble_is_its_own(
    mandate, elsewhere, deputy_actor, monkeypatch
):
    away = make_deputy_actor(elsewhere)
    for each in (mandate, elsewhere):
        waiting(each)
    service = services.remind_to_confirm

    def stumble(*, actor, now):
        assert actor.hi == actor.lo + 1
        if actor.lo == mandate.scope_code:
            raise RuntimeError("a broken row")
        return service(actor=actor, now=now)

    with time_machine.travel(TUESDAY):
        with monkeypatch.context() as patch:
            patch.setattr(services, "remind_to_confirm", stumble)
            assert tasks.remind_unconfirmed() == 1
        assert (len(messages(deputy_actor)), len(messages(away))) == (0, 1)
        assert tasks.remind_unconfirmed() == 1
        assert tasks.remind_unconfirmed() == 0
    assert (len(messages(deputy_actor)), len(messages(away))) == (1, 1)


def test_only_the_system_reminds(clerk, mandate):
    with pytest.raises(Forbidden):
        as_(clerk, remind_to_confirm, now=TUESDAY)


@pytest.mark.parametrize("count", [1, 3])
def test_the_cost_does_not_grow_with_the_records(mandate, deputy_actor, count, django_assert_num_queries):
    for _ in range(count):
        waiting(mandate)
    with django_assert_num_queries(REMINDER_QUERIES):
        remind(TUESDAY)


def test_a_real_entry_is_reminded_of_in_its_time(deputy_actor, clerk, mandate):
    """The whole way: a visit of 6 March may be answered until 20 March, and is reminded of on the 17th."""
    row = as_(deputy_actor, record_visit, day=date(2026, 3, 5), note="走访三户", now=NOW)
    assert row.confirm_by == DUE
    assert remind(TUESDAY) == 1
    assert [title for title, _ in messages(clerk)] == ["有1条履职记录待您确认，最迟3月20日（周五）"]
    with acting(system_actor()):
        assert Participation._plain.get().reminded_at == TUESDAY


def test_the_record_tells_that_it_was_reminded_of(sign_in, mandate, deputy_actor):
    row = waiting(mandate)
    address = reverse("stations_record", args=[row.pk])
    assert "提醒核对" not in sign_in(deputy_actor).get(address).content.decode()
    remind(TUESDAY)
    assert "提醒核对" in sign_in(deputy_actor).get(address).content.decode()
