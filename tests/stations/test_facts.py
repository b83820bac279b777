"""What a year counts for: by hand for a small year, and the same number of queries for one and three."""

from datetime import date, timedelta

import pytest

from deputies.enums import MandateEvent, MandateState
from deputies.models import MandateChange
from liaison.tenancy.scope import acting, system_actor
from stations.enums import DutyState, ExcusedBy, LeaveState, ParticipationState
from stations.models import ActivityKind, LeaveRequest
from stations.selectors import group_facts, kinds_in_force, participation_facts, ten_ones_matrix
from stations.services import register_activity, save_activity_kind
from tests.factories import make_mandate
from tests.stations.conftest import NOW
from tests.stations.makers import as_, make_day, make_part, make_turn

D, S = DutyState, ParticipationState
START, END = date(2025, 1, 1), date(2025, 12, 31)


def facts_for(clerk, term, mandate):
    with acting(clerk):
        return participation_facts(term, START, END)[mandate.pk]


def turn_in(station, mandate, month, outcome=D.ATTENDED, state=S.CONFIRMED):
    from stations.models import ReceptionDay

    day = date(2025, month, 7)
    with acting(system_actor()):
        found = ReceptionDay._plain.filter(station=station, day=day).first()
    return make_turn(found or make_day(station, day), mandate, outcome, state)


def suspend(mandate, first, last):
    with acting(system_actor()):
        for event, day, old, new in (
            (MandateEvent.SUSPEND, first, MandateState.ACTIVE, MandateState.SUSPENDED),
            (MandateEvent.RESTORE, last, MandateState.SUSPENDED, MandateState.ACTIVE),
        ):
            MandateChange._plain.create(
                scope_code=mandate.scope_code, mandate=mandate, event=event, from_state=old, to_state=new,
                effective_on=day, basis="决定", recorded_at=NOW,
            )  # fmt: skip


def test_every_deputy_is_there_and_personal_norms_are_due_without_a_record(clerk, term, mandate):
    rows = facts_for(clerk, term, mandate)
    due = {code: (row.scheduled, row.due, row.done) for code, row in rows.items()}
    assert due == {
        "constituency_visit": (12, 12, 0),
        "public_opinion": (12, 12, 0),
        "suggestion": (1, 1, 0),
        "policy_talk": (1, 1, 0),
    }


def test_a_small_year_by_hand(clerk, term, mandate, station):
    """Six turns: three confirmed, one disputed, one on leave, one given away; the rest by the norm."""
    for month in (1, 2, 3):
        turn_in(station, mandate, month)
    turn_in(station, mandate, 4, D.ATTENDED, S.OBJECTED)
    turn_in(station, mandate, 5, D.ON_LEAVE, S.CONFIRMED)
    turn_in(station, mandate, 6, D.SWAPPED, S.REGISTERED)
    turn_in(station, mandate, 7, D.ABSENT, S.CONFIRMED)
    turn_in(station, mandate, 8, D.SCHEDULED, S.REGISTERED)
    make_part(mandate, "training", date(2025, 3, 10))
    make_part(mandate, "training", date(2025, 6, 10), D.ABSENT)
    make_part(mandate, "training", date(2025, 9, 10), D.ATTENDED, S.WITHDRAWN)
    make_part(mandate, "constituency_visit", date(2025, 3, 11))
    make_part(mandate, "constituency_visit", date(2025, 4, 11), state=S.REGISTERED)
    make_part(mandate, "survey", date(2024, 12, 31))
    rows = facts_for(clerk, term, mandate)
    reception = rows["reception"]
    # January to May, July and August; the turn given away is somebody else's.
    assert (reception.scheduled, reception.excused, reception.due, reception.done) == (7, 1, 6, 3)
    assert reception.excuses == {ExcusedBy.LEAVE: 1}
    assert [each.on.month for each in reception.evidence] == [1, 2, 3]
    assert [each.on.month for each in reception.pending] == [4, 8]
    assert reception.evidence[0].label == "东庄村人大代表联络站接待日"
    assert (rows["training"].scheduled, rows["training"].done) == (2, 1)
    visits = rows["constituency_visit"]
    assert (visits.due, visits.done, len(visits.pending)) == (12, 1, 1)
    assert "inspection" not in rows


@pytest.mark.parametrize("state", list(S))
def test_only_settled_records_count(clerk, term, mandate, station, state):
    turn_in(station, mandate, 3, D.ATTENDED, state)
    row = facts_for(clerk, term, mandate).get("reception")
    counted = state in (S.CONFIRMED, S.UPHELD, S.CORRECTED)
    if state == S.WITHDRAWN:
        assert row is None
    else:
        assert (row.done, len(row.pending)) == ((1, 0) if counted else (0, 1))


def test_a_by_election_takes_what_came_before(clerk, term, station):
    late = make_mandate(term, "周新民", elected_on=date(2025, 7, 1))
    turn_in(station, late, 9)
    rows = facts_for(clerk, term, late)
    assert (rows["constituency_visit"].scheduled, rows["constituency_visit"].due) == (12, 6)
    assert rows["constituency_visit"].excuses == {ExcusedBy.BY_ELECTION: 6}
    assert (rows["reception"].due, rows["reception"].done) == (1, 1)


def test_suspension_takes_its_months_and_the_turns_within(clerk, term, mandate, station):
    suspend(mandate, date(2025, 3, 1), date(2025, 6, 1))
    turn_in(station, mandate, 2)
    turn_in(station, mandate, 4, D.ABSENT, S.CONFIRMED)
    turn_in(station, mandate, 5, D.ATTENDED, S.CONFIRMED)
    rows = facts_for(clerk, term, mandate)
    assert (rows["reception"].scheduled, rows["reception"].due, rows["reception"].done) == (3, 1, 1)
    assert rows["reception"].excuses == {ExcusedBy.SUSPENSION: 2}
    assert rows["constituency_visit"].due == 9


def test_approved_leave_of_two_months_takes_two_visits_and_a_request_takes_none(clerk, term, mandate):
    for state, first, last in (
        (LeaveState.APPROVED, date(2025, 5, 1), date(2025, 6, 30)),
        (LeaveState.REQUESTED, date(2025, 9, 1), date(2025, 10, 31)),
    ):
        with acting(system_actor()):
            LeaveRequest._plain.create(
                scope_code=mandate.scope_code, mandate=mandate, starts_on=first, ends_on=last, reason="住院",
                state=state, requested_at=NOW,
            )  # fmt: skip
    rows = facts_for(clerk, term, mandate)
    assert (rows["public_opinion"].due, rows["public_opinion"].excuses) == (10, {ExcusedBy.LEAVE: 2})


def test_sessions_give_attendance_speeches_leave_and_absence(clerk, term, mandate):
    make_part(mandate, "session", date(2025, 1, 8), speech="审议政府工作报告")
    make_part(mandate, "session", date(2025, 1, 9))
    make_part(mandate, "session", date(2025, 1, 10), D.ON_LEAVE)
    make_part(mandate, "session", date(2025, 1, 11), D.ABSENT)
    make_part(mandate, "session", date(2025, 1, 12), D.ABSENT, S.REGISTERED)
    rows = facts_for(clerk, term, mandate)
    attendance = rows["session_attendance"]
    assert (attendance.scheduled, attendance.due, attendance.done) == (5, 4, 2)
    assert rows["session_speech"].done == 1
    assert rows["leave_session"].done == 1
    # An absence nobody has confirmed accuses nobody.
    assert rows["absence_unapproved_session"].done == 1


def test_a_townships_own_norm_replaces_the_nations(clerk, term, mandate):
    as_(
        clerk, save_activity_kind, code="constituency_visit", name="每月走访选区", due_per_year=4, is_personal=True,
        fact_code="constituency_visit", now=NOW.replace(year=2025),
    )  # fmt: skip
    make_part(mandate, "constituency_visit", date(2025, 3, 11))
    row = facts_for(clerk, term, mandate)["constituency_visit"]
    assert (row.due, row.done) == (4, 1)
    with acting(clerk):
        assert kinds_in_force(clerk, clerk.lo, 2026)["constituency_visit"].name == "每月走访选区"
        assert ActivityKind.scoped(clerk).filter(scope_code=0).count() == 20


def test_the_neighbours_norm_changes_nothing_here(other_clerk, clerk, term, mandate):
    as_(
        other_clerk, save_activity_kind, code="policy_talk", name="政策宣讲", due_per_year=9, is_personal=True,
        fact_code="policy_talk", now=NOW.replace(year=2025),
    )  # fmt: skip
    assert facts_for(clerk, term, mandate)["policy_talk"].due == 1


def test_six_queries_for_one_and_for_three(clerk, term, mandate, station, django_assert_num_queries):
    turn_in(station, mandate, 1)
    with acting(clerk), django_assert_num_queries(6):
        participation_facts(term, START, END)
    for name in ("李秀英", "张爱国"):
        colleague = make_mandate(term, name)
        turn_in(station, colleague, 2)
        make_part(colleague, "training", date(2025, 3, 10))
    with acting(clerk), django_assert_num_queries(6):
        assert len(participation_facts(term, START, END)) == 3


def test_group_facts_count_what_the_group_held(clerk, term, group, second):
    facts = {
        "kind_code": "group_activity",
        "outcomes": {second.pk: D.ATTENDED},
        "group_id": group.pk,
        "now": NOW - timedelta(days=60),
    }
    for month in (2, 5):
        as_(clerk, register_activity, title=f"{month}月小组活动", starts_on=date(2025, month, 10), **facts)
    as_(clerk, register_activity, title="上年活动", starts_on=date(2025, 3, 7), **{**facts, "group_id": None})
    with acting(clerk):
        rows = group_facts(term, START, END)
    assert {key: {code: row.done for code, row in found.items()} for key, found in rows.items()} == {
        group.pk: {"group_activity": 2}
    }


def test_the_matrix_adds_up_by_group_with_the_records_behind_each_figure(
    clerk, term, mandate, second, group, station
):
    turns = [turn_in(station, second, month) for month in (1, 2)]
    turn_in(station, second, 3, D.ABSENT)
    turn_in(station, mandate, 1)
    with acting(clerk):
        matrix = ten_ones_matrix(clerk, term, START, END)
    names = [column.name for column in matrix.columns]
    assert names[:3] == ["接待选民", "走访选区", "社情民意"]
    assert len(names) == 10
    assert sum(column.norm for column in matrix.columns) == 52
    row = next(each for each in matrix.deputies if each.mandate.pk == second.pk)
    cell = row.cells[0]
    assert (cell.due, cell.done, cell.excused, cell.remaining) == (3, 2, 0, 1)
    assert [record.id for record in cell.records] == [turn.pk for turn in turns]
    assert [(each.group.number if each.group else None, each.deputies) for each in matrix.groups] == [
        (1, 1),
        (None, 1),
    ]
    assert matrix.groups[0].cells[1].due == 12


def test_the_matrix_takes_what_the_floor_above_knows(clerk, term, mandate):
    from stations.selectors import FactRow

    above = {mandate.pk: {"public_opinion": FactRow(scheduled=99, done=5)}}
    with acting(clerk):
        matrix = ten_ones_matrix(clerk, term, START, END, extra=above)
    cell = matrix.deputies[0].cells[2]
    assert (cell.due, cell.done, cell.remaining) == (12, 5, 7)


def test_the_matrix_costs_the_same_for_one_and_three(clerk, term, mandate, django_assert_num_queries):
    with acting(clerk), django_assert_num_queries(9):
        ten_ones_matrix(clerk, term, START, END)
    make_mandate(term, "李秀英")
    make_mandate(term, "张爱国")
    with acting(clerk), django_assert_num_queries(9):
        ten_ones_matrix(clerk, term, START, END)


def test_a_deputys_matrix_shows_himself_alone(deputy_actor, term, mandate, second):
    with acting(deputy_actor):
        matrix = ten_ones_matrix(deputy_actor, term, START, END)
    assert [row.mandate.pk for row in matrix.deputies] == [mandate.pk]
