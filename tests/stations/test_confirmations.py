"""Registered by one side, confirmed or objected to by the other, settled by a third (domain.md 0.3)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from liaison.models import Notification
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from liaison.words.transitions import IllegalTransition
from stations.enums import DutyState, ParticipationEvent, ParticipationState
from stations.services import (
    confirm_record,
    confirm_records,
    lapse_records,
    log_duty,
    object_to_record,
    record_visit,
    register_attendance,
    settle_objection,
    withdraw_record,
)
from tests.factories import make_account, make_deputy_actor
from tests.stations.conftest import NOW
from tests.stations.makers import again, as_, make_day, make_turn

S = ParticipationState


@pytest.fixture
def day(station):
    return make_day(station)


@pytest.fixture
def by_station(station_clerk, day, mandate):
    """What the station registered: the deputy was there."""
    make_turn(day, mandate)
    outcomes = {mandate.pk: DutyState.ATTENDED}
    return as_(station_clerk, register_attendance, day_id=day.pk, outcomes=outcomes, now=NOW)[0]


@pytest.fixture
def by_deputy(deputy_actor):
    """What the deputy registered himself."""
    return as_(deputy_actor, record_visit, day=date(2026, 3, 5), note="走访东庄村三户", now=NOW)


def test_the_day_to_answer_by_is_ten_working_days_away(by_station):
    # 6 March 2026 is a Friday; ten working days end on Friday the 20th.
    assert by_station.confirm_by == date(2026, 3, 20)
    assert not by_station.confirm_is_provisional


def test_the_deputy_confirms_what_the_station_registered(by_station, deputy_actor):
    row = as_(deputy_actor, confirm_record, participation_id=by_station.pk, now=NOW)
    assert (row.state, row.settled_by_id) == (S.CONFIRMED, deputy_actor.account_id)


def test_confirming_twice_is_once(by_station, deputy_actor):
    as_(deputy_actor, confirm_record, participation_id=by_station.pk, now=NOW)
    later = NOW + timedelta(hours=1)
    as_(deputy_actor, confirm_record, participation_id=by_station.pk, now=later)
    assert again(by_station).settled_at == NOW


def test_nobody_on_the_registering_side_confirms(by_station, station_clerk, clerk, chair):
    for actor in (station_clerk, clerk, chair):
        with pytest.raises(Forbidden):
            as_(actor, confirm_record, participation_id=by_station.pk, now=NOW)
    assert again(by_station).state == S.REGISTERED


def test_another_deputy_does_not_confirm(by_station, second_actor):
    with pytest.raises(Forbidden):
        as_(second_actor, confirm_record, participation_id=by_station.pk, now=NOW)


def test_a_group_leader_reads_the_groups_records_and_does_not_answer_for_its_members(
    station_clerk, day, second, group, mandate, township
):
    leader = make_account(township, Role.GROUP_LEADER, person_ref=mandate.person_id, group_ref=group.pk)
    outcomes = {second.pk: DutyState.ATTENDED}
    row = as_(station_clerk, register_attendance, day_id=day.pk, outcomes=outcomes, now=NOW)[0]
    with pytest.raises(Forbidden, match="代表本人"):
        as_(leader, confirm_record, participation_id=row.pk, now=NOW)


def test_the_office_confirms_what_a_deputy_registered_and_the_deputy_does_not(by_deputy, deputy_actor, clerk):
    with pytest.raises(Forbidden, match="另一方"):
        as_(deputy_actor, confirm_record, participation_id=by_deputy.pk, now=NOW)
    assert as_(clerk, confirm_record, participation_id=by_deputy.pk, now=NOW).state == S.CONFIRMED


def test_a_station_confirms_only_its_own_deputies(by_deputy, station_clerk, roster):
    assert as_(station_clerk, confirm_record, participation_id=by_deputy.pk, now=NOW).state == S.CONFIRMED


def test_a_station_without_that_deputy_does_not(by_deputy, station_clerk):
    with pytest.raises(Forbidden):
        as_(station_clerk, confirm_record, participation_id=by_deputy.pk, now=NOW)


def test_a_chair_who_is_the_deputy_does_not_confirm_himself(by_deputy, township, mandate):
    himself = make_account(township, Role.PRESIDIUM_CHAIR, person_ref=mandate.person_id)
    with pytest.raises(Forbidden):
        as_(himself, confirm_record, participation_id=by_deputy.pk, now=NOW)


def test_the_next_township_finds_nothing(by_station, other_clerk):
    for service, facts in (
        (confirm_record, {}),
        (object_to_record, {"reason": "不实"}),
        (settle_objection, {"decision": ParticipationEvent.UPHOLD, "ruling": "属实"}),
        (withdraw_record, {"reason": "误登"}),
    ):
        with pytest.raises(OutOfScope):
            as_(other_clerk, service, participation_id=by_station.pk, now=NOW, **facts)


def test_a_turn_nobody_has_registered_cannot_be_confirmed(day, mandate, deputy_actor):
    turn = make_turn(day, mandate)
    with pytest.raises(Refused, match="还没有登记"):
        as_(deputy_actor, confirm_record, participation_id=turn.pk, now=NOW)


def test_an_objection_needs_a_reason_and_reaches_the_office(by_station, deputy_actor, chair):
    with pytest.raises(InvalidInput, match="异议理由"):
        as_(deputy_actor, object_to_record, participation_id=by_station.pk, reason="　", now=NOW)
    row = as_(deputy_actor, object_to_record, participation_id=by_station.pk, reason="当天未到", now=NOW)
    assert (row.state, row.objection) == (S.OBJECTED, "当天未到")
    with acting(system_actor()):
        assert Notification.objects.filter(account_id=chair.account_id).count() == 1


def test_a_confirmed_record_can_still_be_objected_to(by_station, deputy_actor):
    as_(deputy_actor, confirm_record, participation_id=by_station.pk, now=NOW)
    row = as_(deputy_actor, object_to_record, participation_id=by_station.pk, reason="看错了日期", now=NOW)
    assert row.state == S.OBJECTED


@pytest.fixture
def objected(by_station, deputy_actor):
    return as_(deputy_actor, object_to_record, participation_id=by_station.pk, reason="当天未到", now=NOW)


def settle(actor, row, decision, **facts):
    values = {"ruling": "经核实签到簿", "now": NOW, **facts}
    return as_(actor, settle_objection, participation_id=row.pk, decision=decision, **values)


def test_the_office_upholds_corrects_or_withdraws_with_its_reason(objected, clerk):
    row = settle(clerk, objected, ParticipationEvent.UPHOLD)
    assert (row.state, row.outcome, row.ruling) == (S.UPHELD, DutyState.ATTENDED, "经核实签到簿")


def test_correcting_changes_the_outcome(objected, clerk):
    row = settle(clerk, objected, ParticipationEvent.CORRECT, outcome=DutyState.ABSENT)
    assert (row.state, row.outcome) == (S.CORRECTED, DutyState.ABSENT)


def test_a_correction_says_what_is_right(objected, clerk):
    for outcome in (None, DutyState.SCHEDULED, DutyState.ATTENDED):
        with pytest.raises(InvalidInput):
            settle(clerk, objected, ParticipationEvent.CORRECT, outcome=outcome)


def test_withdrawing_needs_a_reason(objected, clerk):
    with pytest.raises(InvalidInput, match="处理意见"):
        settle(clerk, objected, ParticipationEvent.WITHDRAW, ruling="")
    assert settle(clerk, objected, ParticipationEvent.WITHDRAW).state == S.WITHDRAWN


def test_a_decision_of_the_office_is_final(objected, clerk, deputy_actor):
    settle(clerk, objected, ParticipationEvent.UPHOLD)
    with pytest.raises(IllegalTransition):
        settle(clerk, objected, ParticipationEvent.WITHDRAW)
    with pytest.raises(IllegalTransition):
        as_(deputy_actor, object_to_record, participation_id=objected.pk, reason="不服", now=NOW)


def test_neither_recorder_nor_deputy_nor_station_settles(
    day, mandate, clerk, chair, deputy_actor, station_clerk, township
):
    make_turn(day, mandate)
    outcomes = {mandate.pk: DutyState.ABSENT}
    row = as_(clerk, register_attendance, day_id=day.pk, outcomes=outcomes, now=NOW)[0]
    as_(deputy_actor, object_to_record, participation_id=row.pk, reason="当天在岗", now=NOW)
    himself = make_account(township, Role.PRESIDIUM_CHAIR, person_ref=mandate.person_id)
    for actor in (clerk, himself, station_clerk, deputy_actor):
        with pytest.raises(Forbidden):
            settle(actor, row, ParticipationEvent.UPHOLD)
    assert settle(chair, row, ParticipationEvent.CORRECT, outcome=DutyState.ATTENDED).state == S.CORRECTED


def test_both_sides_hear_of_the_ruling(objected, chair, deputy_actor, station_clerk):
    settle(chair, objected, ParticipationEvent.UPHOLD)
    with acting(system_actor()):
        told = Notification.objects.filter(title="履职记录维持登记").values_list("account_id", flat=True)
        assert set(told) == {deputy_actor.account_id, station_clerk.account_id}


def test_silence_for_ten_working_days_goes_to_the_presidium(by_station, clerk):
    last_day = datetime(2026, 3, 20, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai
    assert as_(system_actor(), lapse_records, now=last_day) == 0
    next_day = datetime(2026, 3, 20, 16, 30, tzinfo=UTC)  # 21 March in Shanghai
    assert as_(system_actor(), lapse_records, now=next_day) == 1
    assert as_(system_actor(), lapse_records, now=next_day) == 0
    assert again(by_station).state == S.LAPSED_TO_PRESIDIUM
    assert settle(clerk, by_station, ParticipationEvent.UPHOLD).state == S.UPHELD


def test_only_the_system_lets_records_lapse(by_station, chair):
    with pytest.raises(Forbidden):
        as_(chair, lapse_records, now=NOW + timedelta(days=60))


def test_a_lapsed_record_can_no_longer_be_confirmed(by_station, deputy_actor):
    as_(system_actor(), lapse_records, now=NOW + timedelta(days=60))
    with pytest.raises(IllegalTransition, match="逾期转主席团核定"):
        as_(deputy_actor, confirm_record, participation_id=by_station.pk, now=NOW)


def test_many_at_once_confirms_the_possible_and_names_the_others(
    day, mandate, second, third, deputy_actor, station_clerk, by_deputy
):
    outcomes = {m.pk: DutyState.ATTENDED for m in (mandate, second)}
    rows = as_(station_clerk, register_attendance, day_id=day.pk, outcomes=outcomes, now=NOW)
    ids = [row.pk for row in rows] + [by_deputy.pk, 999_999]
    result = as_(deputy_actor, confirm_records, participation_ids=ids, now=NOW)
    assert result.done == 1
    assert set(result.refused) == {rows[1].pk, by_deputy.pk, 999_999}
    assert [again(row).state for row in rows] == [S.CONFIRMED, S.REGISTERED]


def test_confirming_many_costs_the_same_for_one_and_three(
    day, mandate, deputy_actor, station_clerk, django_assert_num_queries
):
    from stations.enums import ShippedKind
    from tests.stations.makers import make_part

    rows = [
        make_part(mandate, ShippedKind.TRAINING, date(2026, 1, n + 1), state=S.REGISTERED) for n in range(4)
    ]
    for chunk in (rows[:1], rows[1:]):
        with acting(deputy_actor), django_assert_num_queries(6):
            confirm_records(actor=deputy_actor, participation_ids=[row.pk for row in chunk], now=NOW)


def test_the_recorder_takes_back_a_visit_nobody_has_answered(by_deputy, deputy_actor, second_actor, clerk):
    with pytest.raises(Forbidden):
        as_(clerk, withdraw_record, participation_id=by_deputy.pk, reason="误登", now=NOW)
    row = as_(deputy_actor, withdraw_record, participation_id=by_deputy.pk, reason="登记重复", now=NOW)
    assert (row.state, row.ruling) == (S.WITHDRAWN, "登记重复")


def test_a_confirmed_visit_is_not_taken_back(by_deputy, deputy_actor, clerk):
    as_(clerk, confirm_record, participation_id=by_deputy.pk, now=NOW)
    with pytest.raises(IllegalTransition):
        as_(deputy_actor, withdraw_record, participation_id=by_deputy.pk, reason="误登", now=NOW)


def test_a_turn_never_leaves_the_denominator_by_withdrawing(by_station, station_clerk):
    with pytest.raises(Refused, match="不能撤销"):
        as_(station_clerk, withdraw_record, participation_id=by_station.pk, reason="误登", now=NOW)


def test_where_both_register_the_same_nothing_is_left_to_confirm(day, mandate, deputy_actor, station_clerk):
    turn = make_turn(day, mandate)
    as_(deputy_actor, log_duty, day_id=day.pk, note="接待三人", now=NOW)
    outcomes = {mandate.pk: DutyState.ATTENDED}
    as_(station_clerk, register_attendance, day_id=day.pk, outcomes=outcomes, now=NOW)
    assert again(turn).state == S.CONFIRMED


def test_the_station_objects_instead_of_overwriting_the_deputy(day, mandate, deputy_actor, station_clerk):
    turn = make_turn(day, mandate)
    as_(deputy_actor, log_duty, day_id=day.pk, note="接待三人", now=NOW)
    with pytest.raises(Refused, match="提出异议"):
        as_(
            station_clerk,
            register_attendance,
            day_id=day.pk,
            outcomes={mandate.pk: DutyState.ABSENT},
            now=NOW,
        )
    row = as_(station_clerk, object_to_record, participation_id=turn.pk, reason="当天未见到", now=NOW)
    assert row.state == S.OBJECTED


def test_a_deputy_logging_what_the_station_registered_confirms_it(by_station, deputy_actor, day):
    assert as_(deputy_actor, log_duty, day_id=day.pk, now=NOW).state == S.CONFIRMED


def test_one_account_on_both_sides_does_not_confirm_itself(day, mandate, township):
    """The chair who is a deputy too: one account, two appointments."""
    from dataclasses import replace

    chair = make_account(township, Role.PRESIDIUM_CHAIR, person_ref=mandate.person_id)
    as_deputy = replace(make_deputy_actor(mandate), account_id=chair.account_id)
    make_turn(day, mandate)
    row = as_(chair, register_attendance, day_id=day.pk, outcomes={mandate.pk: DutyState.ATTENDED}, now=NOW)[
        0
    ]
    with pytest.raises(Forbidden, match="登记人"):
        as_(as_deputy, confirm_record, participation_id=row.pk, now=NOW)
    assert as_(as_deputy, log_duty, day_id=day.pk, now=NOW).state == S.REGISTERED
