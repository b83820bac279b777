"""Records a phone sent about a reception: once each, at the typed time, settled by a person on conflict."""

from datetime import timedelta

import pytest

from liaison.tenancy.scope import acting, system_actor
from liaison.words.errors import Conflict, Forbidden, InvalidInput, OutOfScope
from stations.enums import DutyState, ParticipationState
from stations.enums import ReceptionDayState as R
from stations.models import DeskRecord
from stations.services import (
    Typed,
    attend_at_desk,
    begin_at_desk,
    begin_reception,
    cancel_reception,
    end_at_desk,
    hold_reception,
    log_duty_at_desk,
    release_duty,
)
from tests.stations.conftest import NOW, TODAY
from tests.stations.makers import again, as_, make_day, make_turn

LATER = NOW + timedelta(hours=5)
END = NOW + timedelta(hours=2)


def typed(key: str, at=NOW) -> Typed:
    return Typed(f"{key:0<20}", at)


def count() -> int:
    with acting(system_actor()):
        return DeskRecord._plain.count()


def test_begin_and_end_keep_what_was_typed_whenever_it_arrives(station_clerk, station):
    day = make_day(station)
    row, known = as_(station_clerk, begin_at_desk, day_id=day.pk, typed=typed("a"), now=LATER)
    as_(station_clerk, end_at_desk, day_id=day.pk, typed=typed("b", END), visitor_count=3, now=LATER)
    assert (known, row.typed_at, row.recorded_at) == (False, NOW, LATER)
    held = again(day)
    assert (held.state, held.began_at, held.ended_at, held.visitor_count) == (R.HELD, NOW, END, 3)


def test_the_same_key_is_one_record_even_after_others_went_on(station_clerk, clerk, station):
    """The answer got lost, the office corrected the number meanwhile: the retry changes nothing."""
    day = make_day(station)
    first, _ = as_(
        station_clerk, end_at_desk, day_id=day.pk, typed=typed("a", END), visitor_count=3, now=LATER
    )
    as_(clerk, hold_reception, day_id=day.pk, visitor_count=8, now=LATER)
    second, known = as_(
        station_clerk, end_at_desk, day_id=day.pk, typed=typed("a", END), visitor_count=3, now=LATER
    )
    assert (second.pk, known) == (first.pk, True)
    assert again(day).visitor_count == 8
    assert count() == 1


def test_a_key_names_one_record_only(station_clerk, station):
    day = make_day(station)
    as_(station_clerk, begin_at_desk, day_id=day.pk, typed=typed("a"), now=LATER)
    with pytest.raises(InvalidInput, match="编号已用于别的记录"):
        as_(station_clerk, end_at_desk, day_id=day.pk, typed=typed("a"), visitor_count=0, now=LATER)


def test_anothers_key_is_not_mine(station_clerk, clerk, station):
    day = make_day(station)
    as_(station_clerk, begin_at_desk, day_id=day.pk, typed=typed("a"), now=LATER)
    _, known = as_(clerk, begin_at_desk, day_id=day.pk, typed=typed("a"), now=LATER)
    assert (known, count()) == (False, 2)


def test_what_another_began_is_asked_about_and_can_be_corrected(station_clerk, clerk, station):
    day = make_day(station)
    as_(clerk, begin_reception, day_id=day.pk, now=NOW - timedelta(minutes=30))
    with pytest.raises(Conflict, match="已登记9:30开始") as caught:
        as_(station_clerk, begin_at_desk, day_id=day.pk, typed=typed("a"), now=LATER)
    assert caught.value.code == "already_begun"
    assert count() == 0
    as_(station_clerk, begin_at_desk, day_id=day.pk, typed=typed("a"), now=LATER, is_correction=True)
    assert again(day).began_at == NOW


def test_what_another_ended_is_asked_about_and_can_be_corrected(station_clerk, clerk, station):
    day = make_day(station)
    as_(clerk, hold_reception, day_id=day.pk, visitor_count=7, began_at=NOW, ended_at=END, now=LATER)
    late = typed("a", END + timedelta(minutes=9))
    with pytest.raises(Conflict, match="来访7人") as caught:
        as_(station_clerk, end_at_desk, day_id=day.pk, typed=late, visitor_count=2, now=LATER)
    assert caught.value.code == "already_ended"
    with pytest.raises(Conflict):
        as_(station_clerk, begin_at_desk, day_id=day.pk, typed=typed("b"), now=LATER)
    as_(station_clerk, end_at_desk, day_id=day.pk, typed=late, visitor_count=2, is_correction=True, now=LATER)
    held = again(day)
    assert (held.began_at, held.ended_at, held.visitor_count) == (NOW, late.at, 2)


def test_a_day_called_off_meanwhile(station_clerk, clerk, station, mandate):
    day = make_day(station)
    as_(clerk, cancel_reception, day_id=day.pk, reason="停电", now=NOW)
    for service, facts in (
        (begin_at_desk, {}),
        (end_at_desk, {"visitor_count": 1}),
        (attend_at_desk, {"outcomes": {mandate.pk: DutyState.ATTENDED}}),
    ):
        with pytest.raises(Conflict, match="已取消") as caught:
            as_(station_clerk, service, day_id=day.pk, typed=typed("a"), now=LATER, **facts)
        assert caught.value.code == "day_off"
    assert count() == 0


@pytest.mark.parametrize(
    ("at", "now"),
    [
        (NOW + timedelta(days=1), LATER + timedelta(days=1)),  # the day after
        (NOW - timedelta(days=1), LATER),
        (NOW, NOW - timedelta(minutes=11)),  # the phone's clock is ahead
        (NOW, NOW + timedelta(days=32)),  # kept too long
    ],
)
def test_impossible_times_are_refused(station_clerk, station, at, now):
    day = make_day(station)
    with pytest.raises(InvalidInput):
        as_(station_clerk, begin_at_desk, day_id=day.pk, typed=typed("a", at), now=now)
    assert again(day).began_at is None


def test_the_end_does_not_come_before_the_beginning(station_clerk, station):
    day = make_day(station)
    as_(station_clerk, begin_at_desk, day_id=day.pk, typed=typed("a"), now=LATER)
    with pytest.raises(InvalidInput, match="不能早于开始"):
        early = typed("b", NOW - timedelta(minutes=1))
        as_(station_clerk, end_at_desk, day_id=day.pk, typed=early, visitor_count=0, now=LATER)


class TestDeputy:
    def test_on_duty_begins_ends_and_registers_the_own_duty(self, deputy_actor, station, mandate, roster):
        day = make_day(station)
        turn = make_turn(day, mandate)
        as_(deputy_actor, begin_at_desk, day_id=day.pk, typed=typed("a"), now=LATER)
        as_(deputy_actor, log_duty_at_desk, day_id=day.pk, typed=typed("b"), expects_turn=True, now=LATER)
        as_(deputy_actor, end_at_desk, day_id=day.pk, typed=typed("c", END), visitor_count=1, now=LATER)
        assert again(day).state == R.HELD
        row = again(turn)
        # Whether the deputy came is still for the station to confirm.
        assert (row.outcome, row.state, row.is_recorded_by_deputy) == (
            DutyState.ATTENDED, ParticipationState.REGISTERED, True,
        )  # fmt: skip

    def test_without_a_turn_may_not_run_it(self, deputy_actor, station, roster):
        day = make_day(station)
        with pytest.raises(Forbidden):
            as_(deputy_actor, begin_at_desk, day_id=day.pk, typed=typed("a"), now=LATER)
        with pytest.raises(Forbidden):
            as_(
                deputy_actor,
                attend_at_desk,
                day_id=day.pk,
                typed=typed("b"),
                outcomes={1: "attended"},
                now=LATER,
            )

    def test_a_turn_no_longer_the_own_is_asked_about(self, deputy_actor, clerk, station, mandate, roster):
        day = make_day(station)
        turn = make_turn(day, mandate)
        as_(clerk, release_duty, participation_id=turn.pk, reason="另有安排")
        facts = {"day_id": day.pk, "typed": typed("a"), "now": LATER}
        with pytest.raises(Conflict, match="不由您值班") as caught:
            as_(deputy_actor, log_duty_at_desk, expects_turn=True, **facts)
        assert caught.value.code == "turn_gone"
        as_(deputy_actor, log_duty_at_desk, expects_turn=False, **facts)
        assert count() == 1


def test_attendance_of_a_turn_given_away_is_asked_about(station_clerk, clerk, station, mandate):
    day = make_day(station)
    turn = make_turn(day, mandate)
    as_(clerk, release_duty, participation_id=turn.pk, reason="另有安排")
    facts = {"day_id": day.pk, "typed": typed("a"), "now": LATER}
    with pytest.raises(Conflict) as caught:
        as_(station_clerk, attend_at_desk, outcomes={mandate.pk: DutyState.ABSENT}, **facts)
    assert caught.value.code == "turn_gone"
    as_(station_clerk, attend_at_desk, outcomes={mandate.pk: DutyState.ATTENDED}, **facts)


def test_other_townships_do_not_exist(other_clerk, station):
    day = make_day(station, TODAY)
    with pytest.raises(OutOfScope):
        as_(other_clerk, begin_at_desk, day_id=day.pk, typed=typed("a"), now=LATER)


def test_the_start_typed_before_is_checked_when_the_end_is_sent(station_clerk, station):
    """The end says nothing of the start: the one on record counts, and cannot lie after it."""
    day = make_day(station)
    late = END + timedelta(minutes=30)
    as_(station_clerk, begin_at_desk, day_id=day.pk, typed=typed("a", late), now=LATER)
    with pytest.raises(InvalidInput, match="结束时间不能早于开始时间"):
        as_(station_clerk, end_at_desk, day_id=day.pk, typed=typed("b", END), visitor_count=3, now=LATER)
    assert (again(day).state, again(day).ended_at, count()) == (R.PUBLISHED, None, 1)
