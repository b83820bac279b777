"""Registering once for everybody: attendance, activities, sittings, visits; double submits."""

from datetime import date, timedelta

import pytest

from deputies.enums import MandateState
from deputies.models import Session
from liaison.models import AuditEntry
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from stations.enums import DutyState, ParticipationState, ReceptionDayState
from stations.models import Activity, Participation
from stations.services import (
    log_duty,
    record_own_activity,
    record_visit,
    register_activity,
    register_attendance,
    register_session_sitting,
)
from tests.factories import make_deputy_actor
from tests.stations.conftest import NOW, TODAY
from tests.stations.makers import again, as_, make_day, make_turn

D = DutyState


@pytest.fixture
def day(station):
    return make_day(station)


def attend(actor, day, **outcomes_by):
    return as_(actor, register_attendance, day_id=day.pk, now=NOW, **outcomes_by)


def count(model):
    with acting(system_actor()):
        return model._plain.count()


def test_the_station_registers_everybody_at_once(station_clerk, day, mandate, second, third):
    make_turn(day, mandate)
    make_turn(day, second)
    outcomes = {mandate.pk: D.ATTENDED, second.pk: D.ABSENT, third.pk: D.ATTENDED}
    rows = attend(station_clerk, day, outcomes=outcomes, notes={mandate.pk: "接待3人"})
    assert [(row.mandate_id, row.outcome) for row in rows] == list(outcomes.items())
    assert {row.state for row in rows} == {ParticipationState.REGISTERED}
    assert rows[0].note == "接待3人"
    assert not any(row.is_recorded_by_deputy for row in rows)
    # The third had no turn and was added.
    assert count(Participation) == 3


def test_the_same_twice_is_once(station_clerk, day, mandate):
    first = attend(station_clerk, day, outcomes={mandate.pk: D.ATTENDED})[0]
    second = attend(station_clerk, day, outcomes={mandate.pk: D.ATTENDED})[0]
    assert (second.pk, second.recorded_at) == (first.pk, first.recorded_at)


def test_an_unanswered_entry_can_be_changed_and_an_answered_one_cannot(
    station_clerk, deputy_actor, day, mandate
):
    from stations.services import confirm_record

    attend(station_clerk, day, outcomes={mandate.pk: D.ABSENT})
    row = attend(station_clerk, day, outcomes={mandate.pk: D.ATTENDED})[0]
    assert row.outcome == D.ATTENDED
    as_(deputy_actor, confirm_record, participation_id=row.pk, now=NOW)
    with pytest.raises(Refused, match="按异议办理"):
        attend(station_clerk, day, outcomes={mandate.pk: D.ABSENT})


def test_nobody_registers_the_future_or_a_cancelled_day(station_clerk, station, mandate):
    later = make_day(station, TODAY + timedelta(days=1))
    off = make_day(station, TODAY - timedelta(days=7), state=ReceptionDayState.CANCELLED)
    for day in (later, off):
        with pytest.raises(Refused):
            attend(station_clerk, day, outcomes={mandate.pk: D.ATTENDED})


def test_only_outcomes_somebody_can_see_are_registered(station_clerk, day, mandate):
    for outcomes in ({}, {mandate.pk: D.SCHEDULED}, {mandate.pk: D.SWAPPED}):
        with pytest.raises(InvalidInput):
            attend(station_clerk, day, outcomes=outcomes)


def test_deputies_of_the_next_township_are_not_found(station_clerk, day, elsewhere):
    with pytest.raises(OutOfScope):
        attend(station_clerk, day, outcomes={elsewhere.pk: D.ATTENDED})


def test_a_suspended_deputy_is_not_registered(station_clerk, day, mandate):
    with acting(system_actor()):
        mandate.state = MandateState.SUSPENDED
        mandate.save()
    with pytest.raises(Refused, match="暂停执行代表职务"):
        attend(station_clerk, day, outcomes={mandate.pk: D.ATTENDED})


def test_nobody_is_registered_before_being_elected(station_clerk, day, term):
    from tests.factories import make_mandate

    late = make_mandate(term, "周新民", elected_on=TODAY + timedelta(days=10))
    with pytest.raises(Refused, match="补选任职前"):
        attend(station_clerk, day, outcomes={late.pk: D.ATTENDED})


def test_the_deputy_logs_the_own_turn(deputy_actor, day, mandate):
    turn = make_turn(day, mandate)
    row = as_(deputy_actor, log_duty, day_id=day.pk, note="接待群众3人", now=NOW)
    assert (row.pk, row.outcome, row.is_recorded_by_deputy) == (turn.pk, D.ATTENDED, True)
    assert row.recorded_by_id == deputy_actor.account_id
    assert as_(deputy_actor, log_duty, day_id=day.pk, note="再点一次", now=NOW).note == "接待群众3人"
    assert count(Participation) == 1


def test_a_deputy_registered_absent_objects_instead_of_logging(station_clerk, deputy_actor, day, mandate):
    attend(station_clerk, day, outcomes={mandate.pk: D.ABSENT})
    with pytest.raises(Refused, match="提出异议"):
        as_(deputy_actor, log_duty, day_id=day.pk, now=NOW)


def test_a_deputy_of_the_next_township_does_not_find_the_day(day, elsewhere):
    with pytest.raises(OutOfScope):
        as_(make_deputy_actor(elsewhere), log_duty, day_id=day.pk, now=NOW)


def test_a_clerk_does_not_log_as_a_deputy(clerk, day):
    with pytest.raises(Forbidden):
        as_(clerk, log_duty, day_id=day.pk, now=NOW)


def test_a_visit_is_one_step_and_a_double_submit_one_row(deputy_actor):
    facts = {"day": TODAY, "note": "走访东庄村三户", "place": "东庄村", "idempotency_key": "k1", "now": NOW}
    first = as_(deputy_actor, record_visit, **facts)
    second = as_(deputy_actor, record_visit, **facts)
    assert first.pk == second.pk
    assert (count(Participation), count(Activity)) == (1, 1)
    assert first.activity.kind.code == "constituency_visit"
    assert first.activity.state == ReceptionDayState.HELD


def test_the_same_key_of_another_deputy_never_returns_that_record(deputy_actor, second_actor):
    facts = {"day": TODAY, "note": "走访", "idempotency_key": "k1", "now": NOW}
    as_(deputy_actor, record_visit, **facts)
    row = as_(second_actor, record_visit, **facts)
    assert row.mandate.person_id == second_actor.person_id
    assert count(Participation) == 2


@pytest.mark.parametrize("note", ["", "   ", "字" * 401])
def test_a_visit_needs_a_note_of_bearable_length(deputy_actor, note):
    with pytest.raises(InvalidInput):
        as_(deputy_actor, record_visit, day=TODAY, note=note, now=NOW)


def test_a_visit_lies_in_the_last_year_and_not_in_the_future(deputy_actor):
    for day in (TODAY + timedelta(days=1), TODAY - timedelta(days=400)):
        with pytest.raises(InvalidInput):
            as_(deputy_actor, record_visit, day=day, note="走访", now=NOW)


def test_what_a_unit_organises_is_not_logged_by_one_deputy(deputy_actor):
    with pytest.raises(Refused, match="统一登记"):
        as_(deputy_actor, record_own_activity, kind_code="training", day=TODAY, note="培训", now=NOW)


ACTIVITY = {"kind_code": "survey", "title": "视察乡村道路", "starts_on": date(2026, 3, 4), "now": NOW}


def test_one_form_registers_a_whole_group(clerk, group, mandate, second, third):
    outcomes = {mandate.pk: D.ATTENDED, second.pk: D.ON_LEAVE, third.pk: D.ABSENT}
    activity = as_(
        clerk,
        register_activity,
        outcomes=outcomes,
        group_id=group.pk,
        speeches={mandate.pk: "建议加宽"},
        **ACTIVITY,
    )
    with acting(system_actor()):
        rows = {row.mandate_id: row for row in activity.participations.all()}
    assert {key: row.outcome for key, row in rows.items()} == outcomes
    assert rows[mandate.pk].speech == "建议加宽"
    assert {row.day for row in rows.values()} == {date(2026, 3, 4)}


def test_the_same_form_twice_is_one_activity(clerk, mandate):
    facts = {"outcomes": {mandate.pk: D.ATTENDED}, "idempotency_key": "form-7", **ACTIVITY}
    assert as_(clerk, register_activity, **facts).pk == as_(clerk, register_activity, **facts).pk
    assert (count(Activity), count(Participation)) == (1, 1)


def test_a_group_leader_registers_the_own_group_only(term, group, second):
    from tests.factories import make_account, make_group

    other = make_group(term, 2)
    leader = make_account(
        term.congress.jurisdiction, Role.GROUP_LEADER, person_ref=second.person_id, group_ref=group.pk
    )
    outcomes = {second.pk: D.ATTENDED}
    assert (
        as_(leader, register_activity, outcomes=outcomes, group_id=group.pk, **ACTIVITY).group_id == group.pk
    )
    for group_id in (other.pk, None):
        with pytest.raises(Forbidden):
            as_(leader, register_activity, outcomes=outcomes, group_id=group_id, **ACTIVITY)


def test_the_county_registers_for_its_own_deputies_only(county, mandate):
    with pytest.raises(OutOfScope):
        as_(county, register_activity, outcomes={mandate.pk: D.ATTENDED}, **ACTIVITY)


@pytest.mark.parametrize("role", [Role.HANDLING_UNIT, Role.STATION_CLERK, Role.DEPUTY])
def test_others_do_not_register_activities(township, mandate, role):
    from tests.factories import make_account

    with pytest.raises(Forbidden):
        as_(make_account(township, role), register_activity, outcomes={mandate.pk: D.ATTENDED}, **ACTIVITY)


def test_an_activity_of_an_unknown_kind_or_of_tomorrow_is_refused(clerk, mandate):
    for wrong in ({"kind_code": "banquet"}, {"starts_on": TODAY + timedelta(days=1)}, {"title": " "}):
        with pytest.raises(InvalidInput):
            as_(clerk, register_activity, outcomes={mandate.pk: D.ATTENDED}, **{**ACTIVITY, **wrong})


@pytest.fixture
def session(term):
    with acting(system_actor()):
        return Session._plain.create(
            scope_code=term.scope_code, scope_end=term.scope_end, term=term, number=9,
            starts_on=date(2026, 1, 8), ends_on=date(2026, 1, 9),
        )  # fmt: skip


def test_a_sitting_keeps_attendance_and_speeches(clerk, session, mandate, second):
    sitting = as_(
        clerk, register_session_sitting, session_id=session.pk, title="第一次全体会议", day=date(2026, 1, 8),
        outcomes={mandate.pk: D.ATTENDED, second.pk: D.ABSENT}, speeches={mandate.pk: "审议政府工作报告"}, now=NOW,
    )  # fmt: skip
    assert (sitting.session_id, sitting.kind.code) == (session.pk, "session")


def test_a_sitting_lies_within_its_session(clerk, session, mandate):
    with pytest.raises(InvalidInput, match="会期"):
        as_(
            clerk, register_session_sitting, session_id=session.pk, title="全体会议", day=date(2026, 1, 10),
            outcomes={mandate.pk: D.ATTENDED}, now=NOW,
        )  # fmt: skip


def test_every_change_stands_in_the_audit_trail_under_its_name(station_clerk, day, mandate):
    row = attend(station_clerk, day, outcomes={mandate.pk: D.ATTENDED})[0]
    with acting(system_actor()):
        entry = AuditEntry.scoped(system_actor()).get(table_name="stations_participation", row_ref=row.pk)
    assert entry.operation == "register_attendance"
    assert "刘联络员" in entry.actor


def test_a_withdrawn_reception_cannot_be_seen_as_scheduled(station_clerk, day, mandate):
    """The row of a deputy who came without a turn is registered, never scheduled."""
    row = attend(station_clerk, day, outcomes={mandate.pk: D.ATTENDED})[0]
    assert again(row).outcome == D.ATTENDED
