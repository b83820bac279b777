"""Beat tasks: what is due and not done, in every jurisdiction, twice as once."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from liaison.calendar.working import load_year
from liaison.models import Notification
from liaison.tenancy.scope import acting, system_actor
from stations import services, tasks
from stations.enums import DutyState, ParticipationState, ShippedKind
from stations.services import plan_reception_days, record_visit, save_reception_rule
from tests.factories import make_deputy_actor
from tests.stations.conftest import FIRST_FRIDAY, NOW
from tests.stations.makers import again, as_, make_part

S = ParticipationState


@pytest.fixture
def open_records(mandate, elsewhere):
    """One unanswered record in each of two townships, due by 20 March."""
    facts = {"state": S.REGISTERED, "confirm_by": date(2026, 3, 20), "recorded_at": NOW}
    return [make_part(m, ShippedKind.TRAINING, date(2026, 3, 4), **facts) for m in (mandate, elsewhere)]


def test_records_lapse_in_every_township_once(open_records, clerk, other_clerk):
    with time_machine.travel(datetime(2026, 3, 20, 10, tzinfo=UTC)):
        assert tasks.watch_confirmations() == 0
    with time_machine.travel(datetime(2026, 3, 23, 1, tzinfo=UTC)):
        assert tasks.watch_confirmations() == 2
        assert tasks.watch_confirmations() == 0
    assert {again(row).state for row in open_records} == {S.LAPSED_TO_PRESIDIUM}
    with acting(system_actor()):
        told = Notification.objects.filter(title="有1条履职记录逾期未核对，转主席团核定")
        assert set(told.values_list("account_id", flat=True)) == {clerk.account_id, other_clerk.account_id}


def test_trouble_in_one_township_stops_no_other(open_records, mandate, monkeypatch):
    lapse = services.lapse_records

    def stumble(*, actor, now):
        if actor.lo == mandate.scope_code:
            raise RuntimeError("a broken row")
        return lapse(actor=actor, now=now)

    monkeypatch.setattr(services, "lapse_records", stumble)
    with time_machine.travel(datetime(2026, 3, 23, 1, tzinfo=UTC)):
        assert tasks.watch_confirmations() == 1
    assert {again(row).state for row in open_records} == {S.REGISTERED, S.LAPSED_TO_PRESIDIUM}


def test_a_beat_that_slept_a_month_still_finds_them(open_records):
    with time_machine.travel(datetime(2026, 4, 30, 1, tzinfo=UTC)):
        assert tasks.watch_confirmations() == 2


def test_a_turn_nobody_registered_never_lapses(mandate):
    row = make_part(mandate, ShippedKind.TRAINING, date(2026, 3, 4), DutyState.SCHEDULED, S.REGISTERED)
    with time_machine.travel(datetime(2026, 12, 1, tzinfo=UTC)):
        assert tasks.watch_confirmations() == 0
    assert again(row).state == S.REGISTERED


def test_an_estimated_deadline_is_settled_before_anything_lapses(mandate, deputy_actor):
    """Ten working days from 24 December 2026 reach into a year nobody has announced."""
    row = as_(
        deputy_actor, record_visit, day=date(2026, 12, 24), note="走访三户",
        now=datetime(2026, 12, 24, 2, tzinfo=UTC),
    )  # fmt: skip
    assert row.confirm_is_provisional
    with time_machine.travel(datetime(2027, 3, 1, tzinfo=UTC)):
        assert tasks.watch_confirmations() == 0
        assert tasks.settle_provisional() == 0
        with acting(system_actor()):
            load_year(year=2027, holidays={date(2027, 1, 4): "元旦"}, makeups={}, source="通知", now=NOW)
        assert tasks.settle_provisional() == 1
        assert tasks.settle_provisional() == 0
        settled = again(row)
        assert (settled.confirm_is_provisional, settled.confirm_by) == (False, date(2027, 1, 8))
        assert tasks.watch_confirmations() == 1


def test_provisional_days_are_settled_by_the_same_task(clerk, station):
    as_(clerk, save_reception_rule, station_id=station.pk, rule=FIRST_FRIDAY, now=NOW)
    year = {"start": date(2027, 1, 1), "end": date(2027, 12, 31)}
    as_(clerk, plan_reception_days, station_id=station.pk, now=NOW, **year)
    assert tasks.settle_provisional() == 0
    with acting(system_actor()):
        load_year(year=2027, holidays={}, makeups={}, source="通知", now=NOW)
    assert tasks.settle_provisional() == 12
    assert tasks.settle_provisional() == 0


def test_the_beat_names_every_task_of_this_floor():
    from liaison.celery import app

    wanted = {
        entry["task"] for entry in app.conf.beat_schedule.values() if entry["task"].startswith("stations.")
    }
    assert wanted == {
        tasks.announce_receptions.name,
        tasks.plan_ahead.name,
        tasks.remind_invitations.name,
        tasks.remind_turns.name,
        tasks.remind_unconfirmed.name,
        tasks.settle_provisional.name,
        tasks.watch_confirmations.name,
    }


def test_a_deputy_elsewhere_can_act_in_the_same_run(elsewhere):
    assert as_(make_deputy_actor(elsewhere), record_visit, day=date(2026, 3, 5), note="走访", now=NOW).pk
