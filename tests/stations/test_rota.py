"""Versions of the rota: made, changed by hand, adopted; gaps, and what keeps a version from being adopted."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deputies.enums import CongressLevel, MandateState
from deputies.models import Mandate, MandateChange, Session
from liaison.models import Notification
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from stations.enums import DutyOrigin, DutyState, LeaveState, ReceptionDayState, RotaPlanState
from stations.models import LeaveRequest, Participation, RotaPlan, UpperDeputy, UpperTurn
from stations.rules.rota.snapshot import difference, from_data
from stations.selectors.county_turns import own_turns
from stations.selectors.rota import turn_warnings
from stations.services import (
    adopt_rota_plan,
    announce_receptions,
    assign_duty,
    change_seat,
    end_upper_deputy,
    exchange_seats,
    link_upper_deputy,
    make_rota_plan,
    register_upper_turn,
    set_station_roster,
    substitute_duty,
)
from tests.factories import make_account, make_deputy_actor, make_mandate, make_station, make_term
from tests.stations.conftest import NOW, TODAY
from tests.stations.makers import again, as_, make_day, make_part, make_turn

YEAR = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31), "now": NOW}
NAMES = ("赵一", "钱二", "孙三", "李四", "周五", "吴六")


@pytest.fixture
def six(term, group):
    """Six deputies of one group."""
    return [make_mandate(term, name, group=group) for name in NAMES]


@pytest.fixture
def days(station):
    """One day past and five to come, on first Fridays."""
    dates = ("2026-02-06", "2026-04-03", "2026-05-08", "2026-06-05", "2026-07-03", "2026-08-07")
    return [make_day(station, date.fromisoformat(each), state=ReceptionDayState.PLANNED) for each in dates]


@pytest.fixture
def rostered(clerk, station, six):
    with acting(clerk):
        set_station_roster(
            actor=clerk, station_id=station.pk, mandate_ids=[m.pk for m in six], now=NOW - timedelta(days=90)
        )
    return six


def key(mandate):
    return f"m{mandate.pk}"


def make(clerk, station, **facts):
    return as_(clerk, make_rota_plan, station_id=station.pk, **{**YEAR, **facts})


def sitting(plan):
    return {day.id: day.keys for day in from_data(plan.snapshot).days}


def turns(day):
    with acting(system_actor()):
        rows = Participation._plain.filter(reception_day=day, outcome=DutyState.SCHEDULED)
        return {f"m{mandate_id}" for mandate_id in rows.values_list("mandate_id", flat=True)}


def on_leave(mandate, day, state=LeaveState.APPROVED):
    with acting(system_actor()):
        return LeaveRequest._plain.create(
            scope_code=mandate.scope_code, mandate=mandate, starts_on=day, ends_on=day, reason="有事",
            state=state.value, requested_at=NOW,
        )  # fmt: skip


def test_a_draft_fills_the_coming_days_and_changes_no_turn(clerk, station, rostered, days):
    plan = make(clerk, station)
    seats = sitting(plan)
    assert seats[days[0].pk] == []  # past: nobody is added
    assert [len(seats[day.pk]) for day in days[1:]] == [2] * 5
    assert (plan.number, plan.state, plan.based_on) == (1, RotaPlanState.DRAFT, None)
    with acting(system_actor()):
        assert not Participation._plain.exists()


def test_the_same_seed_makes_the_same_draft_and_the_number_goes_on(clerk, station, rostered, days):
    first, second = make(clerk, station, seed=7), make(clerk, station, seed=7)
    assert again(first).state == RotaPlanState.SUPERSEDED
    assert (second.number, second.based_on_id) == (2, first.pk)
    assert first.snapshot["days"] == second.snapshot["days"]


def test_adopting_makes_turns_once(clerk, station, rostered, days):
    plan = make(clerk, station)
    done = as_(clerk, adopt_rota_plan, plan_id=plan.pk, now=NOW)
    assert len(done.added) == 10
    assert {day.pk: turns(day) for day in days} == {k: set(v) for k, v in sitting(plan).items()}
    assert as_(clerk, adopt_rota_plan, plan_id=plan.pk, now=NOW).added == []
    with acting(system_actor()):
        assert set(Participation._plain.values_list("origin", flat=True)) == {DutyOrigin.PLAN}
    assert again(plan).adopted_at == NOW


def test_planning_again_keeps_hand_announced_swapped_and_leave(clerk, station, rostered, days, six):
    """One day of each kind; on the last one, made by a plan and not announced, anybody may come."""
    hand, announced, leave, free = days[1:5]
    as_(clerk, assign_duty, day_id=hand.pk, mandate_ids=[six[0].pk], now=NOW)
    make_turn(announced, six[1], origin=DutyOrigin.PLAN)
    with acting(system_actor()):
        announced.state, announced.announced_at = ReceptionDayState.PUBLISHED, NOW
        announced.save()
    make_turn(leave, six[2], DutyState.ON_LEAVE, origin=DutyOrigin.PLAN)
    on_leave(six[2], leave.day)
    make_turn(free, six[3], origin=DutyOrigin.PLAN)
    plan = make(clerk, station)
    kept = {day.id: {s.key: s.kept for s in day.seats if s.kept} for day in from_data(plan.snapshot).days}
    assert kept[hand.pk] == {key(six[0]): "hand"}
    assert kept[announced.pk] == {key(six[1]): "announced"}
    assert key(six[2]) not in sitting(plan)[leave.pk]
    assert len(sitting(plan)[leave.pk]) == 2
    assert kept[free.pk] == {}
    as_(clerk, adopt_rota_plan, plan_id=plan.pk, now=NOW)
    with acting(system_actor()):
        assert Participation._plain.get(mandate=six[2], reception_day=leave).outcome == DutyState.ON_LEAVE


def test_a_change_by_hand_is_kept_when_planning_again(clerk, station, rostered, days):
    plan = make(clerk, station)
    day = days[1]
    inside = sitting(plan)[day.pk]
    neighbours = {*inside, *sitting(plan)[days[2].pk]}
    other = next(key(m) for m in rostered if key(m) not in neighbours)
    facts = {"plan_id": plan.pk, "day_id": day.pk, "holder": inside[0], "key": other, "now": NOW}
    asked = as_(clerk, change_seat, **facts)
    if asked.warnings:
        assert not asked.is_saved
        assert sitting(again(plan)) == sitting(plan)
        asked = as_(clerk, change_seat, is_confirmed=True, **facts)
    assert asked.is_saved
    assert set(sitting(again(plan))[day.pk]) == {inside[1], other}
    new = make(clerk, station, seed=99)
    seats = {s.key: s.kept for d in from_data(new.snapshot).days if d.id == day.pk for s in d.seats}
    assert seats[other] == "hand"
    as_(clerk, adopt_rota_plan, plan_id=new.pk, now=NOW)
    with acting(system_actor()):
        row = Participation._plain.get(reception_day=day, mandate_id=int(other[1:]))
    assert row.origin == DutyOrigin.HAND


def test_what_the_rules_forbid_is_refused_by_hand_too(clerk, station, rostered, days):
    plan = make(clerk, station)
    inside = sitting(plan)[days[1].pk]
    away = next(m for m in rostered if key(m) not in inside)
    on_leave(away, days[1].day)
    facts = {"plan_id": plan.pk, "day_id": days[1].pk, "holder": inside[0], "now": NOW, "is_confirmed": True}
    with pytest.raises(InvalidInput, match="当天请假"):
        as_(clerk, change_seat, key=key(away), **facts)
    with pytest.raises(InvalidInput, match="当天已在本站值班"):
        as_(clerk, change_seat, key=inside[1], **facts)
    with pytest.raises(InvalidInput, match="有了变动"):
        as_(clerk, change_seat, key=key(away), **{**facts, "holder": "m0"})
    with pytest.raises(Refused, match="不能改排"):
        as_(clerk, change_seat, key=key(away), **{**facts, "day_id": days[0].pk, "holder": None})


def test_two_turns_are_exchanged_with_warnings_first(clerk, station, rostered, days):
    plan = make(clerk, station)
    seats = sitting(plan)
    one, two = days[1], days[3]
    a = next(k for k in seats[one.pk] if k not in seats[two.pk])
    b = next(k for k in seats[two.pk] if k not in seats[one.pk])
    facts = {
        "plan_id": plan.pk,
        "day_id": one.pk,
        "holder": a,
        "other_day_id": two.pk,
        "other_holder": b,
        "now": NOW,
    }
    as_(clerk, exchange_seats, is_confirmed=True, **facts)
    after = sitting(again(plan))
    assert b in after[one.pk]
    assert a in after[two.pk]
    changes = difference(from_data(plan.snapshot), from_data(again(plan).snapshot))
    assert [(c.day, len(c.came), len(c.left)) for c in changes.days] == [(one.day, 1, 1), (two.day, 1, 1)]
    assert sorted((len(p.gave_up), len(p.took_on)) for p in changes.people) == [(1, 1), (1, 1)]


def test_a_seat_may_be_left_empty_and_is_then_missing(clerk, station, rostered, days):
    plan = make(clerk, station)
    inside = sitting(plan)[days[1].pk]
    as_(clerk, change_seat, plan_id=plan.pk, day_id=days[1].pk, holder=inside[0], key=None, now=NOW)
    stored = from_data(again(plan).snapshot)
    assert any(w.kind == "unfilled" and w.day_id == days[1].pk for w in stored.warnings)


def test_a_copy_moves_nobody(clerk, station, rostered, days, six):
    make_turn(days[1], six[0], origin=DutyOrigin.PLAN)
    plan = make(clerk, station, is_copy=True)
    assert sitting(plan)[days[1].pk] == [key(six[0])]
    assert all(sitting(plan)[day.pk] == [] for day in days[2:])


def test_only_drafts_are_changed(clerk, station, rostered, days):
    plan = make(clerk, station)
    as_(clerk, adopt_rota_plan, plan_id=plan.pk, now=NOW)
    with pytest.raises(Refused, match="第1版已采用"):
        as_(clerk, change_seat, plan_id=plan.pk, day_id=days[1].pk, key=None, holder="m1", now=NOW)


def test_what_happened_meanwhile_keeps_a_draft_from_being_adopted(clerk, station, rostered, days):
    plan = make(clerk, station)
    first = sitting(plan)[days[1].pk][0]
    with acting(system_actor()):
        mandate = Mandate._plain.select_related("person").get(pk=int(first[1:]))
    on_leave(mandate, days[1].day)
    with pytest.raises(Refused, match=f"{mandate.person.name}当天请假"):
        as_(clerk, adopt_rota_plan, plan_id=plan.pk, now=NOW)
    with acting(system_actor()):
        assert not Participation._plain.exists()


def test_adopting_another_version_takes_back_its_turns_and_a_correction_goes_out(
    clerk, station, rostered, days, six
):
    """Whoever is no longer on duty on an announced day, and whoever is, hear of it once, by the notice."""
    day = make_day(station, TODAY + timedelta(days=2), state=ReceptionDayState.PLANNED)
    make_turn(day, six[0], origin=DutyOrigin.PLAN)
    out, come = make_deputy_actor(six[0]), make_deputy_actor(six[1])
    as_(clerk, announce_receptions, now=NOW)
    with acting(system_actor()):
        Notification._plain.all().delete()
    plan = make(clerk, station, is_copy=True)
    facts = {"day_id": day.pk, "holder": key(six[0]), "key": key(six[1]), "is_confirmed": True}
    as_(clerk, change_seat, plan_id=plan.pk, now=NOW, **facts)
    done = as_(clerk, adopt_rota_plan, plan_id=plan.pk, now=NOW)
    assert turns(day) == {key(six[1])}
    assert done.told == {six[0].pk, six[1].pk}
    for _ in range(2):
        as_(clerk, announce_receptions, now=NOW + timedelta(minutes=5))
    with acting(system_actor()):
        told = list(Notification._plain.values_list("account_id", flat=True))
    assert told.count(out.account_id) == told.count(come.account_id) == 1


def test_an_adopted_version_gives_way_to_the_next(clerk, station, rostered, days):
    first = make(clerk, station)
    as_(clerk, adopt_rota_plan, plan_id=first.pk, now=NOW)
    second = make(clerk, station, seed=5)
    as_(clerk, adopt_rota_plan, plan_id=second.pk, now=NOW)
    assert again(first).state == RotaPlanState.SUPERSEDED
    assert {day.pk: turns(day) for day in days[1:]} == {d.pk: set(sitting(second)[d.pk]) for d in days[1:]}


def test_sessions_activities_and_duties_elsewhere_stand_in_the_way(
    clerk, station, rostered, days, six, term, township
):
    other = make_station(township, name="西庄村人大代表联络站")
    make_turn(make_day(other, days[1].day), six[0])
    make_part(six[1], "training", days[1].day, DutyState.SCHEDULED)
    with acting(system_actor()):
        Session._plain.create(
            scope_code=term.scope_code, scope_end=term.scope_end, term=term, number=9,
            starts_on=days[2].day, ends_on=days[2].day,
        )  # fmt: skip
        six[2].state = MandateState.SUSPENDED
        six[2].save()
        MandateChange._plain.create(
            scope_code=six[3].scope_code, mandate=six[3], event="suspend", from_state="active", to_state="suspended",
            effective_on=date(2026, 3, 1), basis="决定", recorded_at=NOW,
        )  # fmt: skip
    stored = from_data(make(clerk, station).snapshot)
    reasons = {k: r for d in stored.days if d.id == days[1].pk for r, ks in d.seats[0].why_not for k in ks}
    assert reasons[key(six[0])] == "当天在西庄村人大代表联络站值班"
    assert reasons[key(six[1])] == "当天参加学习培训"
    assert reasons[key(six[2])] == reasons[key(six[3])] == "暂停执行代表职务"
    assert [s.key for d in stored.days if d.id == days[2].pk for s in d.seats] == [None, None]
    assert any("当天出席人代会" in w.text for w in stored.warnings if w.day_id == days[2].pk)


def test_the_cost_does_not_grow_with_deputies_and_days(clerk, station, rostered, days, term, group):
    def cost(work):
        with acting(clerk), CaptureQueriesContext(connection) as captured:
            result = work()
        return len(captured), result

    plan = make(clerk, station)
    before, first = cost(lambda: make_rota_plan(actor=clerk, station_id=station.pk, **YEAR))
    adopting, _ = cost(lambda: adopt_rota_plan(actor=clerk, plan_id=first.pk, now=NOW))
    more = [make_mandate(term, f"代表{n}", group=group) for n in "甲乙丙丁"]
    as_(
        clerk,
        set_station_roster,
        station_id=station.pk,
        mandate_ids=[m.pk for m in (*rostered, *more)],
        now=NOW,
    )
    for n in range(6):
        make_day(station, date(2026, 9, 4) + timedelta(days=14 * n), state=ReceptionDayState.PLANNED)
    make(clerk, station)
    after, second = cost(lambda: make_rota_plan(actor=clerk, station_id=station.pk, **YEAR))
    assert after == before
    assert cost(lambda: adopt_rota_plan(actor=clerk, plan_id=second.pk, now=NOW))[0] <= adopting + 2
    assert plan.number == 1


def test_parameters_and_periods_that_make_no_sense_are_refused(clerk, station, rostered, days):
    with pytest.raises(InvalidInput, match="1人或者2人"):
        make(clerk, station, seats=3)
    with pytest.raises(InvalidInput, match="不能早于"):
        make(clerk, station, ends_on=date(2025, 1, 1))
    with pytest.raises(InvalidInput, match="最多排两年"):
        make(clerk, station, ends_on=date(2029, 1, 1))
    with pytest.raises(InvalidInput, match="抽签号"):
        make(clerk, station, seed=-1)
    with pytest.raises(Refused, match="还没有接待日"):
        make(clerk, station, starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31))


@pytest.mark.parametrize("role", [Role.DEPUTY, Role.COUNTY_COMMITTEE, Role.HANDLING_UNIT])
def test_others_make_and_adopt_no_rota(clerk, township, station, rostered, days, role):
    plan = make(clerk, station)
    actor = make_account(township, role)
    with pytest.raises(Forbidden):
        make(actor, station)
    with pytest.raises(Forbidden):
        as_(actor, adopt_rota_plan, plan_id=plan.pk, now=NOW)
    with pytest.raises(Forbidden):
        as_(actor, change_seat, plan_id=plan.pk, day_id=days[1].pk, key=None, now=NOW)


def test_the_next_township_finds_nothing(clerk, other_clerk, station, rostered, days):
    plan = make(clerk, station)
    with pytest.raises(OutOfScope):
        make(other_clerk, station)
    with pytest.raises(OutOfScope):
        as_(other_clerk, adopt_rota_plan, plan_id=plan.pk, now=NOW)


def test_turns_are_looked_at_on_both_sides(clerk, station, rostered, days, six):
    make_turn(days[1], six[0])
    make_turn(days[3], six[0])
    with acting(clerk):
        found = turn_warnings(clerk, [(days[2], six[0].pk), (days[2], six[1].pk)])
    assert found == [["上一次接待日也值班", "下一次接待日也值班"], []]


def test_a_substitute_for_somebody_on_leave_leaves_the_leave_and_tells_both(
    clerk, station, rostered, days, six
):
    row = make_turn(days[1], six[0], DutyState.ON_LEAVE)
    first, second = make_deputy_actor(six[0]), make_deputy_actor(six[1])
    new = as_(
        clerk, substitute_duty, participation_id=row.pk, mandate_id=six[1].pk, reason="突发疾病", now=NOW
    )
    assert (again(row).outcome, again(new).origin) == (DutyState.ON_LEAVE, DutyOrigin.SUBSTITUTE)
    with acting(system_actor()):
        told = dict(Notification._plain.values_list("account_id", "title"))
    assert told == {
        first.account_id: "2026年4月3日（周五）的值班已有人接替",
        second.account_id: "请您2026年4月3日（周五）值班",
    }
    with pytest.raises(Refused, match="已有这次值班"):
        as_(clerk, substitute_duty, participation_id=row.pk, mandate_id=six[1].pk, reason="再试", now=NOW)


# ---- deputies of higher levels ----


@pytest.fixture
def county(world):
    return world["榆次区"]


@pytest.fixture
def county_deputy(county):
    return make_mandate(make_term(county, number=17), "郑县代")


@pytest.fixture
def committee(county):
    return make_account(county, Role.COUNTY_COMMITTEE)


@pytest.fixture
def upper(committee, station, county_deputy):
    return as_(
        committee, link_upper_deputy, station_id=station.pk, county_mandate_id=county_deputy.pk,
        starts_on=date(2026, 1, 1),
    )  # fmt: skip


def themed(day):
    with acting(system_actor()):
        day.theme = "就业服务"
        day.save()


def test_a_county_deputy_takes_the_seat_of_a_theme_day_and_sees_it(
    clerk, station, rostered, days, upper, county_deputy, six
):
    themed(days[2])
    actor = make_deputy_actor(county_deputy)
    plan = make(clerk, station)
    as_(clerk, adopt_rota_plan, plan_id=plan.pk, now=NOW)
    with acting(system_actor()):
        told = list(Notification._plain.values_list("account_id", "title"))
    assert told == [(actor.account_id, "请您参加2026年5月8日（周五）的接待")]
    with acting(system_actor()):
        turn = UpperTurn._plain.get()
    assert (turn.upper_deputy_id, turn.reception_day_id) == (upper.pk, days[2].pk)
    assert (upper.scope_code, upper.level, upper.name) == (station.scope_code, CongressLevel.COUNTY, "郑县代")
    with acting(actor):
        assert [found.pk for found in own_turns(actor, TODAY)] == [turn.pk]
    colleague = make_deputy_actor(six[0])
    with acting(colleague):
        assert own_turns(colleague, TODAY) == []


def test_the_countys_own_facts_count_the_turn_with_its_evidence(clerk, station, days, upper, county_deputy):
    from stations.selectors import participation_facts

    with acting(system_actor()):
        past, coming = (
            UpperTurn._plain.create(scope_code=station.scope_code, upper_deputy=upper, reception_day=day)
            for day in days[:2]
        )
    as_(clerk, register_upper_turn, turn_id=past.pk, outcome="attended", now=NOW)
    as_(clerk, register_upper_turn, turn_id=coming.pk, outcome="on_leave", now=NOW)
    with acting(system_actor()) as who:
        facts = participation_facts(county_deputy.term, date(2026, 1, 1), date(2026, 12, 31), actor=who)
    row = facts[county_deputy.pk]["reception"]
    assert (row.scheduled, row.done, row.excused) == (2, 1, 1)
    assert [(e.kind, e.id, e.label) for e in row.evidence] == [
        ("upper_turn", past.pk, "东庄村人大代表联络站接待日")
    ]


def test_the_office_writes_down_others_by_name_and_never_a_county_mandate(clerk, station, county_deputy):
    facts = {"station_id": station.pk, "starts_on": date(2026, 1, 1)}
    row = as_(clerk, link_upper_deputy, name="冯市代", level="prefecture", **facts)
    assert as_(clerk, link_upper_deputy, name="冯市代", level="prefecture", **facts).pk == row.pk
    with pytest.raises(InvalidInput):
        as_(clerk, link_upper_deputy, name="冯市代", level="township", **facts)
    with pytest.raises(InvalidInput):
        as_(clerk, link_upper_deputy, name="", level="county", **facts)
    with pytest.raises(Forbidden):
        as_(clerk, link_upper_deputy, county_mandate_id=county_deputy.pk, **facts)


def test_the_county_names_only_its_own_deputies(committee, station, six):
    facts = {"station_id": station.pk, "starts_on": date(2026, 1, 1)}
    with pytest.raises(InvalidInput, match="本级本届"):
        as_(committee, link_upper_deputy, county_mandate_id=six[0].pk, **facts)
    with pytest.raises(InvalidInput, match="请选择本级代表"):
        as_(committee, link_upper_deputy, name="冯市代", level="prefecture", **facts)


def test_who_laid_it_down_ends_it_and_later_turns_with_it(clerk, committee, station, days, upper):
    with acting(system_actor()):
        turn = UpperTurn._plain.create(
            scope_code=station.scope_code, upper_deputy=upper, reception_day=days[1]
        )
    with pytest.raises(Forbidden):
        as_(clerk, end_upper_deputy, upper_id=upper.pk, ends_on=TODAY)
    as_(committee, end_upper_deputy, upper_id=upper.pk, ends_on=TODAY)
    assert (again(upper).ends_on, again(turn).outcome) == (TODAY, DutyState.CANCELLED)


def test_only_the_station_registers_who_came(clerk, committee, other_clerk, station, days, upper):
    with acting(system_actor()):
        coming = UpperTurn._plain.create(
            scope_code=station.scope_code, upper_deputy=upper, reception_day=days[1]
        )
    with pytest.raises(Refused, match="还没有到"):
        as_(clerk, register_upper_turn, turn_id=coming.pk, outcome="attended", now=NOW)
    with pytest.raises(Forbidden):
        as_(committee, register_upper_turn, turn_id=coming.pk, outcome="attended", now=NOW)
    with pytest.raises(OutOfScope):
        as_(other_clerk, register_upper_turn, turn_id=coming.pk, outcome="attended", now=NOW)


def test_the_next_county_neither_sees_nor_links(world, station, upper):
    far = make_account(world["平遥县"], Role.COUNTY_COMMITTEE)
    with pytest.raises(OutOfScope):
        as_(far, link_upper_deputy, station_id=station.pk, name="甲", level="county", starts_on=TODAY)
    with acting(far):
        assert not UpperDeputy.scoped(far).exists()
        assert not RotaPlan.scoped(far).exists()
