"""From the notice to the end of a reception, and who takes the turns."""

from datetime import date, timedelta

import pytest

from deputies.enums import MandateState
from liaison.models import Notification
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from liaison.words.transitions import IllegalTransition
from stations import tasks
from stations.enums import DutyState, ReceptionDayState, SwapState
from stations.models import Participation
from stations.services import (
    announce_receptions,
    assign_duty,
    begin_reception,
    cancel_reception,
    consent_to_swap,
    decide_swap,
    hold_reception,
    postpone_reception,
    propose_swap,
    publish_reception,
    register_attendance,
    release_duty,
    substitute_duty,
    withdraw_swap,
)
from tests.factories import make_account, make_station
from tests.stations.conftest import NOW, TODAY
from tests.stations.makers import again, as_, make_day, make_turn

R = ReceptionDayState
PLANNED = {"state": R.PLANNED}


def told(actor):
    with acting(system_actor()):
        return list(
            Notification.objects.filter(account_id=actor.account_id)
            .order_by("id")
            .values_list("title", flat=True)
        )


def announce(now=NOW, actor=None):
    return as_(actor or system_actor(), announce_receptions, now=now)


def test_a_day_is_announced_three_days_ahead_once_and_its_deputies_are_told(station, mandate, deputy_actor):
    near = make_day(station, TODAY + timedelta(days=3), **PLANNED)
    far = make_day(station, TODAY + timedelta(days=4), **PLANNED)
    make_turn(near, mandate)
    assert announce() == 1
    assert announce() == 0
    assert (again(near).state, again(far).state) == (R.PUBLISHED, R.PLANNED)
    assert told(deputy_actor) == ["接待日通知：2026年3月9日（周一）东庄村人大代表联络站"]


def test_a_beat_that_slept_announces_today_and_leaves_the_past_to_the_station(station):
    past = make_day(station, TODAY - timedelta(days=1), **PLANNED)
    today = make_day(station, TODAY, **PLANNED)
    assert announce() == 1
    assert (again(past).state, again(today).state) == (R.PLANNED, R.PUBLISHED)


def test_the_task_announces_in_every_township(station, world, monkeypatch):
    elsewhere = make_station(world["长凝镇"])
    with acting(system_actor()):
        from django.utils import timezone

        soon = timezone.localdate() + timedelta(days=2)
    days = [make_day(place, soon, **PLANNED) for place in (station, elsewhere)]
    assert tasks.announce_receptions() == 2
    assert tasks.announce_receptions() == 0
    assert {again(day).state for day in days} == {R.PUBLISHED}


def test_the_station_announces_only_its_own(station, station_clerk, township):
    other = make_station(township, name="西庄村人大代表联络站")
    for place in (station, other):
        make_day(place, TODAY + timedelta(days=1), **PLANNED)
    assert announce(actor=station_clerk) == 1


def test_publishing_twice_changes_nothing(clerk, station):
    day = make_day(station, TODAY + timedelta(days=9), **PLANNED)
    first = as_(clerk, publish_reception, day_id=day.pk, now=NOW)
    second = as_(clerk, publish_reception, day_id=day.pk, now=NOW + timedelta(hours=1))
    assert first.announced_at == second.announced_at == NOW


def test_a_postponed_day_waits_for_a_date_and_takes_its_turns_along(clerk, station, mandate, deputy_actor):
    day = make_day(station, TODAY + timedelta(days=9))
    turn = make_turn(day, mandate)
    as_(clerk, postpone_reception, day_id=day.pk, reason="道路施工", now=NOW)
    with pytest.raises(InvalidInput, match="改期后的日期"):
        as_(clerk, publish_reception, day_id=day.pk, now=NOW)
    new = TODAY + timedelta(days=12)
    row = as_(clerk, publish_reception, day_id=day.pk, new_day=new, now=NOW)
    assert (row.state, row.day, row.is_fixed) == (R.PUBLISHED, new, True)
    assert again(turn).day == new
    assert told(deputy_actor)[0].startswith("接待日改期")
    assert told(deputy_actor)[1].startswith("接待日通知：2026年3月18日")


def test_postponing_onto_another_reception_or_into_the_past_is_refused(clerk, station):
    day, other = make_day(station, TODAY + timedelta(days=9)), make_day(station, TODAY + timedelta(days=10))
    with pytest.raises(Refused, match="已有接待日"):
        as_(clerk, postpone_reception, day_id=day.pk, reason="有会", new_day=other.day, now=NOW)
    with pytest.raises(InvalidInput):
        as_(
            clerk,
            postpone_reception,
            day_id=day.pk,
            reason="有会",
            new_day=TODAY - timedelta(days=1),
            now=NOW,
        )
    assert again(day).state in (R.PUBLISHED, R.POSTPONED)


def test_cancelling_takes_the_turns_out_and_tells_the_deputies(clerk, station, mandate, deputy_actor):
    day = make_day(station, TODAY + timedelta(days=9))
    turn = make_turn(day, mandate)
    with acting(system_actor()):
        day.announced_at = NOW
        day.save()
    as_(clerk, cancel_reception, day_id=day.pk, reason="暴雨", now=NOW)
    as_(clerk, cancel_reception, day_id=day.pk, reason="暴雨", now=NOW)
    assert again(turn).outcome == DutyState.CANCELLED
    assert len(told(deputy_actor)) == 1


def test_holding_publishes_what_was_only_planned(station_clerk, station):
    day = make_day(station, **PLANNED)
    row = as_(station_clerk, hold_reception, day_id=day.pk, visitor_count=7, now=NOW)
    assert (row.state, row.visitor_count, row.ended_at) == (R.HELD, 7, NOW)
    again_held = as_(station_clerk, hold_reception, day_id=day.pk, visitor_count=8, now=NOW)
    assert again_held.visitor_count == 8


def test_a_cancelled_day_is_not_held_and_tomorrow_is_not_held_today(station_clerk, station):
    off = make_day(station, TODAY - timedelta(days=7), state=R.CANCELLED)
    tomorrow = make_day(station, TODAY + timedelta(days=1))
    with pytest.raises(IllegalTransition):
        as_(station_clerk, hold_reception, day_id=off.pk, now=NOW)
    with pytest.raises(Refused, match="还没有到"):
        as_(station_clerk, hold_reception, day_id=tomorrow.pk, now=NOW)
    with pytest.raises(Refused):
        as_(station_clerk, begin_reception, day_id=off.pk, now=NOW)


def test_beginning_is_noted_once(station_clerk, station):
    day = make_day(station)
    as_(station_clerk, begin_reception, day_id=day.pk, now=NOW)
    row = as_(station_clerk, begin_reception, day_id=day.pk, now=NOW + timedelta(minutes=5))
    assert row.began_at == NOW


@pytest.mark.parametrize(
    "role", [Role.DEPUTY, Role.COUNTY_COMMITTEE, Role.HANDLING_UNIT, Role.SECURITY_ADMIN]
)
def test_others_do_not_run_receptions(township, station, role):
    day = make_day(station)
    actor = make_account(township, role)
    for service, facts in (
        (publish_reception, {}),
        (hold_reception, {}),
        (cancel_reception, {"reason": "因故"}),
    ):
        with pytest.raises(Forbidden):
            as_(actor, service, day_id=day.pk, now=NOW, **facts)


def assign(actor, day, *mandates):
    return as_(actor, assign_duty, day_id=day.pk, mandate_ids=[m.pk for m in mandates], now=NOW)


def test_assigning_twice_is_once(clerk, station, mandate, second):
    day = make_day(station, TODAY + timedelta(days=7))
    assert len(assign(clerk, day, mandate, second).assigned) == 2
    assign(clerk, day, mandate)
    with acting(system_actor()):
        assert Participation._plain.count() == 2


def test_suspended_deputies_are_refused_and_nobody_else_is_assigned(clerk, station, mandate, second):
    with acting(system_actor()):
        second.state = MandateState.SUSPENDED
        second.save()
    with pytest.raises(Refused, match="暂停执行代表职务"):
        assign(clerk, make_day(station, TODAY + timedelta(days=7)), mandate, second)
    with acting(system_actor()):
        assert Participation._plain.count() == 0


def test_what_deserves_a_second_look_is_said(clerk, station, roster, mandate, second, third, township):
    other = make_station(township, name="西庄村人大代表联络站")
    before = make_day(station, TODAY - timedelta(days=7))
    day = make_day(station, TODAY + timedelta(days=7))
    make_turn(before, mandate)
    make_turn(make_day(other, day.day), second)
    warnings = assign(clerk, day, mandate, second, third).warnings
    assert warnings == [
        "王建国上一次接待日也值班",
        "李秀英当天还有另一处值班",
        "张爱国不在东庄村人大代表联络站的进站代表名单上",
        "本次值班超过2人",
    ]


def test_a_turn_taken_back_can_be_given_again(clerk, station, mandate):
    day = make_day(station, TODAY + timedelta(days=7))
    turn = assign(clerk, day, mandate).assigned[0]
    with pytest.raises(InvalidInput):
        as_(clerk, release_duty, participation_id=turn.pk, reason="")
    assert (
        as_(clerk, release_duty, participation_id=turn.pk, reason="外出学习").outcome == DutyState.CANCELLED
    )
    assert assign(clerk, day, mandate).assigned[0].pk != turn.pk


def test_a_substitute_takes_the_turn_and_the_change_is_kept(clerk, station, mandate, second):
    day = make_day(station, TODAY + timedelta(days=7))
    turn = assign(clerk, day, mandate).assigned[0]
    new = as_(
        clerk, substitute_duty, participation_id=turn.pk, mandate_id=second.pk, reason="临时有事", now=NOW
    )
    assert (new.mandate_id, new.outcome) == (second.pk, DutyState.SCHEDULED)
    former = again(turn)
    assert (former.outcome, former.note) == (DutyState.SWAPPED, "由李秀英接替：临时有事")


def swap_setup(clerk, station, mandate, second):
    mine = assign(clerk, make_day(station, TODAY + timedelta(days=7)), mandate).assigned[0]
    theirs = assign(clerk, make_day(station, TODAY + timedelta(days=14)), second).assigned[0]
    return mine, theirs


def test_a_swap_needs_both_deputies_and_the_station(
    clerk, station_clerk, station, mandate, second, deputy_actor, second_actor
):
    mine, theirs = swap_setup(clerk, station, mandate, second)
    facts = {
        "participation_id": mine.pk,
        "mandate_id": second.pk,
        "wanted_id": theirs.pk,
        "reason": "家中有事",
        "now": NOW,
    }
    swap = as_(deputy_actor, propose_swap, **facts)
    assert as_(deputy_actor, propose_swap, **facts).pk == swap.pk
    with pytest.raises(IllegalTransition):
        as_(station_clerk, decide_swap, swap_id=swap.pk, is_approved=True, now=NOW)
    with pytest.raises(Forbidden):
        as_(deputy_actor, consent_to_swap, swap_id=swap.pk, now=NOW)
    as_(second_actor, consent_to_swap, swap_id=swap.pk, now=NOW)
    with pytest.raises(Forbidden):
        as_(second_actor, decide_swap, swap_id=swap.pk, is_approved=True, now=NOW)
    assert (
        as_(station_clerk, decide_swap, swap_id=swap.pk, is_approved=True, now=NOW).state
        == SwapState.APPROVED
    )
    as_(station_clerk, decide_swap, swap_id=swap.pk, is_approved=True, now=NOW)
    with acting(system_actor()):
        turns = set(Participation._plain.filter(outcome="scheduled").values_list("mandate_id", "day"))
    assert turns == {(second.pk, mine.day), (mandate.pk, theirs.day)}


def test_the_deputy_asked_may_say_no_and_the_proposer_may_take_it_back(
    clerk, station, mandate, second, deputy_actor, second_actor
):
    mine, _ = swap_setup(clerk, station, mandate, second)
    facts = {"participation_id": mine.pk, "mandate_id": second.pk, "reason": "家中有事", "now": NOW}
    first = as_(deputy_actor, propose_swap, **facts)
    assert (
        as_(second_actor, decide_swap, swap_id=first.pk, is_approved=False, now=NOW).state
        == SwapState.REJECTED
    )
    again_asked = as_(deputy_actor, propose_swap, **facts)
    with pytest.raises(Forbidden):
        as_(second_actor, withdraw_swap, swap_id=again_asked.pk, now=NOW)
    assert as_(deputy_actor, withdraw_swap, swap_id=again_asked.pk, now=NOW).state == SwapState.WITHDRAWN
    assert again(mine).outcome == DutyState.SCHEDULED


def test_nobody_swaps_another_ones_turn_or_the_past(clerk, station, mandate, second, deputy_actor):
    _, theirs = swap_setup(clerk, station, mandate, second)
    past = make_turn(make_day(station, TODAY - timedelta(days=7)), mandate)
    facts = {"mandate_id": second.pk, "reason": "有事", "now": NOW}
    with pytest.raises(Forbidden):
        as_(deputy_actor, propose_swap, participation_id=theirs.pk, **facts)
    with pytest.raises(Refused):
        as_(deputy_actor, propose_swap, participation_id=past.pk, **facts)


def test_the_next_township_finds_neither_day_nor_turn(other_clerk, station, mandate):
    day = make_day(station)
    turn = make_turn(day, mandate)
    for service, facts in (
        (publish_reception, {"day_id": day.pk}),
        (cancel_reception, {"day_id": day.pk, "reason": "因故"}),
        (register_attendance, {"day_id": day.pk, "outcomes": {mandate.pk: DutyState.ATTENDED}}),
        (assign_duty, {"day_id": day.pk, "mandate_ids": [mandate.pk]}),
    ):
        with pytest.raises(OutOfScope):
            as_(other_clerk, service, now=NOW, **facts)
    with pytest.raises(OutOfScope):
        as_(other_clerk, release_duty, participation_id=turn.pk, reason="因故")


def test_a_township_cannot_put_a_neighbours_deputy_on_its_rota(clerk, station, elsewhere):
    with pytest.raises(OutOfScope):
        assign(clerk, make_day(station, date(2026, 4, 3)), elsewhere)
