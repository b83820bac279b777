"""请假: two people, and what it takes off the turns."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError

from liaison.models import Notification
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from liaison.words.transitions import IllegalTransition
from stations.enums import DutyState, LeaveReason, LeaveState, ParticipationState
from stations.models import LeaveRequest
from stations.services import assign_duty, decide_leave, request_leave, withdraw_leave
from tests.factories import make_account
from tests.stations.conftest import NOW, TODAY
from tests.stations.makers import again, as_, make_day, make_turn

LATER = date(2026, 4, 3)
SPAN = {
    "starts_on": date(2026, 4, 1),
    "ends_on": date(2026, 4, 10),
    "kind": LeaveReason.ILLNESS,
    "reason": "住院",
}


def ask(actor, **facts):
    return as_(actor, request_leave, now=NOW, **{**SPAN, **facts})


def decide(actor, leave, *, is_approved=True, note="同意"):
    return as_(actor, decide_leave, leave_id=leave.pk, is_approved=is_approved, note=note, now=NOW)


@pytest.fixture
def turn(station, mandate):
    return make_turn(make_day(station, LATER), mandate)


def test_approved_leave_excuses_the_turns_of_its_days_and_nothing_else(
    deputy_actor, clerk, station, mandate, second
):
    inside = make_turn(make_day(station, LATER), mandate)
    outside = make_turn(make_day(station, date(2026, 4, 17)), mandate)
    colleague = make_turn(inside.reception_day, second)
    leave = decide(clerk, ask(deputy_actor))
    assert leave.state == LeaveState.APPROVED
    excused = again(inside)
    assert (excused.outcome, excused.state) == (DutyState.ON_LEAVE, ParticipationState.CONFIRMED)
    assert again(outside).outcome == DutyState.SCHEDULED
    assert again(colleague).outcome == DutyState.SCHEDULED


def test_nobody_approves_the_own_leave(deputy_actor, clerk, chair, township, mandate):
    leave = ask(deputy_actor)
    himself = make_account(township, Role.PRESIDIUM_CHAIR, person_ref=mandate.person_id)
    for actor in (deputy_actor, himself):
        with pytest.raises(Forbidden):
            decide(actor, leave)
    by_clerk = ask(clerk, mandate_id=mandate.pk, starts_on=date(2026, 5, 1), ends_on=date(2026, 5, 2))
    with pytest.raises(Forbidden, match="申请、审批分开"):
        decide(clerk, by_clerk)
    assert decide(chair, by_clerk).state == LeaveState.APPROVED


def test_the_database_holds_the_two_person_rule_too(deputy_actor):
    leave = ask(deputy_actor)
    with pytest.raises(IntegrityError, match="leave_two_people"), acting(system_actor()):
        LeaveRequest._plain.filter(pk=leave.pk).update(decided_by_id=deputy_actor.account_id)


def test_a_refusal_needs_its_reason_and_excuses_nothing(deputy_actor, clerk, turn):
    leave = ask(deputy_actor)
    with pytest.raises(InvalidInput, match="不批准的原因"):
        decide(clerk, leave, is_approved=False, note="")
    assert decide(clerk, leave, is_approved=False, note="当天有重要接待").state == LeaveState.REJECTED
    assert again(turn).outcome == DutyState.SCHEDULED


def test_the_same_decision_twice_is_once_and_the_opposite_is_refused(deputy_actor, clerk, turn):
    leave = ask(deputy_actor)
    decide(clerk, leave)
    assert decide(clerk, leave).decided_at == NOW
    with pytest.raises(IllegalTransition):
        decide(clerk, leave, is_approved=False, note="反悔")


def test_the_station_decides_on_its_own_turns_only(deputy_actor, station_clerk, turn, township):
    from tests.factories import make_station

    elsewhere = make_station(township, name="西庄村人大代表联络站")
    stranger = make_account(township, Role.STATION_CLERK, station_ref=elsewhere.pk)
    one = ask(deputy_actor, participation_id=turn.pk)
    assert (one.starts_on, one.ends_on) == (LATER, LATER)
    with pytest.raises(Forbidden):
        decide(stranger, one)
    assert decide(station_clerk, one).state == LeaveState.APPROVED
    span = ask(deputy_actor, starts_on=date(2026, 6, 1), ends_on=date(2026, 6, 2))
    with pytest.raises(Forbidden):
        decide(station_clerk, span)


def test_double_submits_are_one_request(deputy_actor):
    assert ask(deputy_actor, idempotency_key="a").pk == ask(deputy_actor, idempotency_key="a").pk
    assert ask(deputy_actor, idempotency_key="b").pk == ask(deputy_actor, idempotency_key="c").pk
    with acting(system_actor()):
        assert LeaveRequest._plain.count() == 1


def test_the_office_is_told_once_and_so_is_the_deputy(deputy_actor, clerk, chair):
    leave = ask(deputy_actor)
    ask(deputy_actor)
    decide(clerk, leave)
    decide(clerk, leave)
    with acting(system_actor()):
        assert Notification.objects.filter(account_id=chair.account_id).count() == 1
        assert Notification.objects.filter(account_id=deputy_actor.account_id).count() == 1


def test_only_for_oneself_and_only_for_real_days(deputy_actor, second):
    with pytest.raises(Forbidden):
        ask(deputy_actor, mandate_id=second.pk)
    with pytest.raises(InvalidInput):
        ask(deputy_actor, ends_on=date(2026, 3, 1))
    with pytest.raises(InvalidInput):
        ask(deputy_actor, ends_on=date(2027, 6, 1))
    with pytest.raises(InvalidInput):
        ask(deputy_actor, reason=" ")


def test_nobody_asks_for_another_ones_turn(deputy_actor, second, station):
    other = make_turn(make_day(station, LATER), second)
    with pytest.raises(OutOfScope):
        ask(deputy_actor, participation_id=other.pk)


def test_a_deputy_on_leave_is_not_given_a_turn(deputy_actor, clerk, mandate, station):
    decide(clerk, ask(deputy_actor))
    day = make_day(station, LATER)
    with pytest.raises(Refused, match="已请假"):
        as_(clerk, assign_duty, day_id=day.pk, mandate_ids=[mandate.pk], now=NOW)


def test_taking_leave_back_makes_coming_turns_due_again(deputy_actor, second_actor, clerk, turn):
    leave = ask(deputy_actor)
    decide(clerk, leave)
    with pytest.raises(Forbidden):
        as_(second_actor, withdraw_leave, leave_id=leave.pk, now=NOW)
    assert as_(deputy_actor, withdraw_leave, leave_id=leave.pk, now=NOW).state == LeaveState.WITHDRAWN
    row = again(turn)
    assert (row.outcome, row.state, row.settled_by_id) == (
        DutyState.SCHEDULED,
        ParticipationState.REGISTERED,
        None,
    )


def test_past_leave_stays(deputy_actor, clerk, turn):
    leave = ask(deputy_actor)
    decide(clerk, leave)
    with pytest.raises(Refused, match="已过"):
        as_(deputy_actor, withdraw_leave, leave_id=leave.pk, now=NOW + timedelta(days=60))
    assert again(turn).outcome == DutyState.ON_LEAVE


def test_what_was_attended_stays_attended(deputy_actor, clerk, station, mandate):
    row = make_turn(make_day(station, TODAY), mandate, DutyState.ATTENDED, ParticipationState.CONFIRMED)
    decide(clerk, ask(deputy_actor, starts_on=TODAY, ends_on=TODAY))
    assert again(row).outcome == DutyState.ATTENDED


def test_the_next_township_finds_no_leave(deputy_actor, other_clerk):
    leave = ask(deputy_actor)
    with pytest.raises(OutOfScope):
        decide(other_clerk, leave)
