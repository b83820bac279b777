"""The rota's rules: what holds for every plan, and worked examples a clerk can check by hand."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deputies.spans import Span
from stations.rules.rota import (
    UPPER_GROUP,
    Candidate,
    Day,
    Kept,
    KeptReason,
    Nearness,
    Parameters,
    Place,
    Problem,
    SeatKind,
    WarningKind,
    conflicts,
    make_plan,
    options,
    rearranged,
    review,
    seated,
)
from stations.rules.rota.board import Board
from stations.rules.rota.planning import hand_over_running, rank
from stations.rules.yearly_norms import Service

ALWAYS = Span(date(2021, 5, 8), date.max)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
W = WarningKind


def fridays(count=12, *, station=1, first=date(2026, 1, 2), step=28, **extra):
    return tuple(
        Day(station * 1000 + n, first + timedelta(days=step * n), station, **extra) for n in range(count)
    )


def deputy(
    key,
    group="第一代表小组",
    *,
    near=Nearness.GROUP,
    stations=(1,),
    office=ALWAYS,
    suspended=(),
    leave=(),
    **extra,
):
    places = {station: Place(near, ALWAYS) for station in stations}
    return Candidate(key, f"代表{key}", key, group, Service(office, suspended, leave), places, **extra)


def group_of(count, group="第一代表小组", prefix="a", **extra):
    return tuple(deputy(f"{prefix}{n:02}", group, **extra) for n in range(count))


def problem(days, people, *, seats=2, minimum=2, seed=1, **extra):
    return Problem(
        tuple(days), tuple(people), *YEAR, seed=seed, parameters=Parameters(seats, minimum), **extra
    )


def holders(plan, day_id):
    return {seat.key for seat in plan.seats if seat.day_id == day_id and seat.key}


def kinds(plan):
    return [warned.kind for warned in plan.warnings]


@st.composite
def problems(draw):
    """Townships of all sorts: small rosters, leave, sessions, kept turns, several stations on one date."""
    stations = draw(st.integers(1, 3))
    days = []
    for station in range(1, stations + 1):
        for n in range(draw(st.integers(1, 8))):
            first = date(2026, 1, 2) + timedelta(days=28 * n + draw(st.integers(0, 1)))
            theme = draw(st.sampled_from(["", "", "", "就业"]))
            days.append(Day(station * 100 + n, first, station, theme))
    dates = sorted({day.day for day in days})
    people = []
    for n in range(draw(st.integers(1, 14))):
        on = draw(st.sets(st.integers(1, stations), min_size=1))
        away = draw(st.lists(st.sampled_from(dates), max_size=3))
        elected = draw(st.sampled_from([date(2021, 4, 18), date(2021, 4, 18), date(2026, 6, 10)]))
        people.append(
            Candidate(
                f"m{n}", f"代表{n}", f"{n:02}", f"第{n % 2}小组",
                Service(Span(elected, date.max), leave=tuple(Span(day, day) for day in away)),
                {station: Place(draw(st.sampled_from(list(Nearness))), ALWAYS) for station in sorted(on)},
                busy=dict.fromkeys(draw(st.lists(st.sampled_from(dates), max_size=1)), "当天出席人代会"),
                turns_before=draw(st.integers(0, 1)),
                is_higher_level=draw(st.booleans()),
            )
        )  # fmt: skip
    if draw(st.booleans()):
        people.append(
            Candidate(
                "u1",
                "上级甲",
                "99",
                UPPER_GROUP,
                Service(ALWAYS),
                {1: Place(Nearness.ROSTER, ALWAYS)},
                kind=SeatKind.UPPER,
                is_higher_level=True,
            )
        )
    kept = draw(
        st.lists(
            st.tuples(st.sampled_from(days), st.sampled_from(people)),
            max_size=3,
            unique_by=lambda pair: pair[0].id,
        )
    )
    reasons = dict(enumerate(draw(st.lists(st.sampled_from(list(KeptReason)), min_size=3, max_size=3))))
    for n, (day, person) in enumerate(kept):
        days[days.index(day)] = replace(day, kept=(Kept(person.key, reasons[n]),))
    return Problem(
        tuple(days), tuple(people), *YEAR, seed=draw(st.integers(0, 5)),
        parameters=Parameters(draw(st.integers(1, 2)), draw(st.integers(0, 3))),
        before={1: frozenset(draw(st.sets(st.sampled_from([p.key for p in people]), max_size=2)))},
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(problems())
def test_nobody_sits_where_a_hard_rule_forbids(found):
    plan = make_plan(found)
    people = {person.key: person for person in found.candidates}
    days = {day.id: day for day in found.days}
    kept = {(day.id, each.key) for day in found.days for each in day.kept}
    on_date = defaultdict(list)
    for seat in plan.seats:
        if seat.key is None:
            continue
        day, person = days[seat.day_id], people[seat.key]
        on_date[seat.key, day.day].append(seat)
        if seat.kept is None:
            assert (day.id, seat.key) not in kept
            assert person.service.excuse_on(day.day) is None
            assert not any(span.covers(day.day) for span in person.service.leave)
            assert day.day not in person.busy
            assert day.station in person.places
            assert person.kind == seat.kind
    for seats in on_date.values():
        assert len([seat for seat in seats if seat.kept is None]) <= 1
        assert len(seats) == 1 or all(seat.kept for seat in seats)


@settings(max_examples=60, deadline=None)
@given(problems())
def test_two_receptions_running_only_where_nobody_else_could_come(found):
    plan = make_plan(found)
    sitting = sitting_of(plan)
    days = {day.id: day for day in found.days}
    for seat in plan.seats:
        said = "".join(w.text for w in plan.warnings if w.kind == W.RUNNING and w.day_id == seat.day_id)
        if seat.key is None or seat.kept or days[seat.day_id].theme or name_of(found, seat.key) not in said:
            continue
        others = [o for o in options(found, sitting, seat.day_id, seat.key) if not o.is_hard]
        assert all("接待日已" in option.reason for option in others)


def sitting_of(plan):
    found = defaultdict(list)
    for seat in plan.seats:
        if seat.key:
            found[seat.day_id].append((seat.key, seat.kept))
    return found


def name_of(found, key):
    return next(person.name for person in found.candidates if person.key == key)


@settings(max_examples=60, deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter_and_the_seed_decides(found, chance):
    days, people = list(found.days), list(found.candidates)
    chance.shuffle(days)
    chance.shuffle(people)
    assert make_plan(replace(found, days=tuple(days), candidates=tuple(people))) == make_plan(found)


@settings(max_examples=60, deadline=None)
@given(problems())
def test_kept_turns_stay_or_their_going_is_said(found):
    plan = make_plan(found)
    said = "".join(w.text for w in plan.warnings if w.kind == W.REPLACED)
    for day in found.days:
        for each in day.kept:
            is_there = any(
                s.key == each.key and s.day_id == day.id and s.kept == each.reason for s in plan.seats
            )
            assert is_there or name_of(found, each.key) in said
            if each.reason in (KeptReason.PAST, KeptReason.REGISTERED):
                assert is_there


@settings(max_examples=60, deadline=None)
@given(problems())
def test_every_seat_explains_itself_about_everybody(found):
    plan = make_plan(found)
    kinds_of = defaultdict(set)
    for person in found.candidates:
        kinds_of[person.kind].add(person.key)
    for seat in plan.seats:
        listed = [key for _, keys in seat.why_not for key in keys]
        assert sorted([*listed, *([seat.key] if seat.key else [])]) == sorted(kinds_of[seat.kind])
        assert all(reason for reason, _ in seat.why_not)
        assert bool(seat.why) == (seat.key is not None)
        if seat.key is None:
            assert any(w.kind == W.UNFILLED and w.day_id == seat.day_id for w in plan.warnings)


@pytest.mark.parametrize("seed", range(6))
def test_whoever_gives_a_turn_up_takes_an_empty_seat_of_that_day(seed):
    """Only the first knows both stations: once the second has the seat of the one, he sits at the other."""
    days = (
        Day(100, date(2026, 1, 3), 1), Day(200, date(2026, 1, 3), 2), Day(202, date(2026, 2, 27), 2),
    )  # fmt: skip
    at = Place(Nearness.CONSTITUENCY, ALWAYS)
    both = Candidate("m1", "代表一", "01", "第一小组", Service(ALWAYS), {1: at, 2: at})
    one = Candidate("m2", "代表二", "02", "第一小组", Service(ALWAYS), {1: at})
    plan = make_plan(Problem(days, (both, one), *YEAR, seed=seed, parameters=Parameters(1, 0)))
    assert {seat.day_id: seat.key for seat in plan.seats} == {100: "m2", 200: "m1", 202: "m1"}


@settings(max_examples=60, deadline=None)
@given(problems())
def test_uneven_turns_are_never_silent(found):
    """Two of one group who count for the same months differ by more than one only with a warning."""
    plan = make_plan(found)
    movable = {seat.key for seat in plan.seats if seat.kept is None}
    groups = defaultdict(list)
    for person in found.candidates:
        could = any(
            o.key == person.key and not o.is_hard
            for seat in plan.seats if seat.kept is None
            for o in options(found, sitting_of(plan), seat.day_id, seat.key, seat.kind)
        )  # fmt: skip
        groups[person.group, plan.loads[person.key].months].append(
            (plan.loads[person.key].turns, person.key in movable, could)
        )
    for members in groups.values():
        most = max((turns for turns, is_movable, _ in members if is_movable), default=0)
        least = min((turns for turns, _, could in members if could), default=most)
        if most - least > 1:
            assert W.SPREAD in kinds(plan)


@settings(max_examples=60, deadline=None)
@given(st.integers(5, 16), st.integers(1, 4), st.integers(1, 2), st.integers(4, 14), st.integers(0, 99))
def test_equally_available_deputies_differ_by_one_turn_at_most(size, groups, seats, days, seed):
    people = [
        person
        for g in range(groups)
        for person in group_of(size, f"第{g}小组", f"g{g}", near=Nearness(g % 3))
    ]
    plan = make_plan(problem(fridays(days), people, seats=seats, seed=seed))
    by_group = defaultdict(list)
    for person in people:
        by_group[person.group].append(plan.loads[person.key].turns)
    assert all(max(turns) - min(turns) <= 1 for turns in by_group.values())
    assert set(kinds(plan)) <= {W.MINIMUM}


def test_one_group_of_twelve_takes_two_turns_each_in_a_year_of_months():
    plan = make_plan(problem(fridays(), group_of(12)))
    assert {load.turns for load in plan.loads.values()} == {2}
    assert plan.warnings == ()


def test_the_seed_draws_the_lots():
    plans = {
        tuple(seat.key for seat in make_plan(problem(fridays(), group_of(12), seed=seed)).seats)
        for seed in range(4)
    }
    assert len(plans) > 1


def test_this_very_plan_comes_out_on_every_machine():
    plan = make_plan(problem(fridays(4), group_of(5), seed=20260101))
    assert [seat.key for seat in plan.seats] == ["a04", "a03", "a00", "a02", "a01", "a04", "a03", "a02"]


AWAY = [
    ({"leave": (Span(date(2026, 1, 2), date(2026, 1, 2)),)}, "当天请假"),
    ({"suspended": (Span(date(2025, 12, 1), date(2026, 3, 1)),)}, "暂停执行代表职务"),
    ({"office": Span(date(2026, 6, 10), date.max)}, "当天尚未当选"),
    ({"office": Span(date(2021, 5, 8), date(2025, 12, 31))}, "当天已不在任"),
    ({"busy": {date(2026, 1, 2): "当天出席人代会"}}, "当天出席人代会"),
    ({"stations": (2,)}, "不在本站进站代表名单上"),
]


@pytest.mark.parametrize(("facts", "reason"), AWAY)
def test_why_somebody_could_not_come_is_said(facts, reason):
    """One day, one seat, the nearest deputy cannot: the other sits there and the reason is read."""
    near = deputy("a", near=Nearness.CONSTITUENCY, **facts)
    plan = make_plan(problem(fridays(1), [near, deputy("b", near=Nearness.ROSTER)], seats=1))
    assert plan.seats[0].key == "b"
    assert plan.seats[0].why_not == ((reason, ("a",)),)


def test_who_had_the_last_turn_before_the_period_does_not_have_the_first():
    people = [deputy("a", near=Nearness.CONSTITUENCY), deputy("b")]
    plan = make_plan(problem(fridays(1), people, seats=1, before={1: frozenset({"a"})}))
    assert plan.seats[0].key == "b"
    assert plan.seats[0].why_not == (("上一次接待日已值班", ("a",)),)


def test_the_own_constituency_comes_first_among_equals():
    people = [deputy("a"), deputy("b", near=Nearness.CONSTITUENCY)]
    plan = make_plan(problem(fridays(1), people, seats=1))
    assert plan.seats[0].key == "b"
    assert plan.seats[0].why_not == (("优先安排本站所在选区的代表", ("a",)),)


def test_turns_had_elsewhere_this_year_count():
    people = [deputy("a", turns_before=1), deputy("b")]
    plan = make_plan(problem(fridays(1), people, seats=1))
    assert plan.seats[0].key == "b"
    assert plan.seats[0].why_not == (("本期已有1次，再值班则本组轮次不均", ("a",)),)


def test_a_deputy_elected_in_june_is_not_made_to_catch_up():
    late = deputy("z", office=Span(date(2026, 6, 15), date.max))
    plan = make_plan(problem(fridays(13), [*group_of(5), late]))
    turns = {key: load.turns for key, load in plan.loads.items()}
    assert plan.loads["z"].months == 6
    assert turns.pop("z") in (2, 3)
    assert set(turns.values()) <= {4, 5}
    assert W.SPREAD not in kinds(plan)


def test_long_leave_is_not_made_up_for():
    ill = deputy("z", leave=(Span(date(2026, 1, 1), date(2026, 6, 30)),))
    plan = make_plan(problem(fridays(13), [*group_of(5), ill]))
    assert plan.loads["z"].turns <= 3
    assert W.SPREAD not in kinds(plan)


def test_with_three_deputies_for_two_seats_double_turns_are_said():
    plan = make_plan(problem(fridays(3), group_of(3)))
    assert all(len(holders(plan, day.id)) == 2 for day in fridays(3))
    assert kinds(plan).count(W.RUNNING) == 2


def test_one_deputy_on_one_seat_leaves_no_seat_empty():
    plan = make_plan(problem(fridays(2), group_of(1), seats=1, minimum=0))
    assert [seat.key for seat in plan.seats] == ["a00", "a00"]
    assert kinds(plan) == [W.RUNNING]


def test_a_seat_nobody_can_take_is_empty_and_says_so():
    away = Span(date(2026, 1, 1), date(2026, 1, 31))
    plan = make_plan(problem(fridays(1), group_of(2, leave=(away,)), seats=1, minimum=0))
    assert plan.seats[0].key is None
    assert [w.text for w in plan.warnings] == ["1月2日（周五）还缺1人：当天请假2人。"]


def test_a_kept_deputy_who_cannot_come_is_replaced_and_it_is_said():
    day = replace(fridays(1)[0], kept=(Kept("a", KeptReason.HAND),))
    away = deputy("a", leave=(Span(day.day, day.day),))
    plan = make_plan(problem([day], [away, deputy("b")], seats=1, minimum=0))
    assert plan.seats[0].key == "b"
    assert [w.text for w in plan.warnings] == ["1月2日（周五）原定代表a值班，当天请假，已另排。"]


def test_what_happened_stays_whatever_the_rules_say():
    day = replace(fridays(1)[0], kept=(Kept("a", KeptReason.REGISTERED),), is_open=False)
    away = deputy("a", leave=(Span(day.day, day.day),))
    plan = make_plan(problem([day], [away, deputy("b")], minimum=0))
    assert [(seat.key, seat.kept) for seat in plan.seats] == [("a", KeptReason.REGISTERED)]
    assert plan.warnings == ()


def test_a_theme_day_has_a_seat_for_a_deputy_of_a_higher_level():
    upper = Candidate(
        "u",
        "上级甲",
        "z",
        UPPER_GROUP,
        Service(ALWAYS),
        {1: Place(Nearness.ROSTER, ALWAYS)},
        kind=SeatKind.UPPER,
        is_higher_level=True,
    )
    days = [fridays(2)[0], replace(fridays(2)[1], theme="就业服务")]
    plan = make_plan(problem(days, [*group_of(4), upper], seats=1, minimum=0))
    assert [(seat.day_id, seat.kind) for seat in plan.seats if seat.key == "u"] == [(1001, SeatKind.UPPER)]
    assert plan.warnings == ()


def test_without_one_a_deputy_who_also_sits_higher_is_preferred_and_else_it_is_said():
    day = replace(fridays(1)[0], theme="就业服务")
    both = deputy("b", near=Nearness.ROSTER, is_higher_level=True)
    assert make_plan(problem([day], [deputy("a"), both], seats=1, minimum=0)).seats[0].key == "b"
    assert kinds(make_plan(problem([day], [deputy("a")], seats=1, minimum=0))) == [W.THEME]


def test_too_few_turns_for_the_minimum_is_said_with_figures():
    plan = make_plan(problem(fridays(4), group_of(6), seats=1))
    assert [w.text for w in plan.warnings] == [
        "有6名代表不足每年2次：代表a00、代表a01、代表a02、代表a03、代表a04、代表a05。"
        "本站这一时期共4个班次，可以增加接待日，或者调整每年最少次数。"
    ]


def test_options_for_a_gap_put_the_free_first_with_their_reasons():
    away = deputy("c", leave=(Span(date(2026, 1, 2), date(2026, 1, 2)),))
    found = problem(fridays(1), [deputy("a", turns_before=2), deputy("b"), away], seats=1)
    shown = options(found, {}, 1000)
    assert [(o.key, o.reason, o.is_hard) for o in shown] == [
        ("b", "", False),
        ("a", "本期已有2次，再值班则本组轮次不均", False),
        ("c", "当天请假", True),
    ]
    assert "本站负责小组的代表" in shown[0].why


def test_a_change_by_hand_is_refused_or_warned_about():
    away = deputy("c", leave=(Span(date(2026, 1, 2), date(2026, 1, 2)),))
    found = problem(fridays(2), [deputy("a"), deputy("b"), away], seats=1)
    sitting = {1000: [("a", None)], 1001: [("b", None)]}
    assert review(found, sitting, 1000, "c", "a").refused == "1月2日（周五）不能安排代表c：当天请假。"
    bent = review(found, sitting, 1000, "b", "a")
    assert bent.refused == ""
    assert bent.warnings == (
        "代表b下一次接待日已排值班，这样安排会连续两次值班。",
        "代表b本期已有1次，再值班则本组轮次不均。",
    )


@pytest.mark.parametrize("facts", [{"seats": 0}, {"seats": 3}, {"minimum": 13}])
def test_impossible_parameters_are_refused(facts):
    with pytest.raises(ValueError, match="seats are 1 or 2"):
        Parameters(**facts)


def test_a_contradictory_problem_is_refused():
    with pytest.raises(ValueError, match="two candidates"):
        problem(fridays(1), [deputy("a"), deputy("a")])
    with pytest.raises(ValueError, match="two days"):
        problem([*fridays(1), *fridays(1)], [])
    with pytest.raises(ValueError, match="unknown"):
        problem([replace(fridays(1)[0], kept=(Kept("x", KeptReason.HAND),))], [])


def test_turns_are_counted_once():
    plan = make_plan(problem(fridays(), group_of(12)))
    assert Counter(seat.key for seat in plan.seats) == {key: load.turns for key, load in plan.loads.items()}


@settings(max_examples=60, deadline=None)
@given(problems())
def test_a_plan_put_back_as_it_was_is_the_same_plan(found):
    """What people arranged is explained by the same rules: nobody moves, everybody is accounted for."""
    plan = make_plan(found)
    again = rearranged(
        replace(found, days=tuple(replace(day, kept=()) for day in found.days)), sitting_of(plan)
    )
    assert [load.turns for load in again.loads.values()] == [load.turns for load in plan.loads.values()]
    assert {(s.day_id, s.key, s.kept) for s in again.seats if s.key} == {
        (s.day_id, s.key, s.kept) for s in plan.seats if s.key
    }


def test_a_day_arranged_twice_over_is_a_conflict():
    days = [Day(1, date(2026, 1, 2), 1), Day(2, date(2026, 1, 2), 2)]
    board = seated(problem(days, [deputy("a", stations=(1, 2))]), {1: [("a", None)], 2: [("a", None)]})
    assert conflicts(board) == ["1月2日（周五）代表a当天在另一站值班"] * 2


def test_a_seat_that_does_not_exist_is_refused():
    with pytest.raises(KeyError):
        options(problem(fridays(1), [deputy("a")]), {}, 9)
    with pytest.raises(KeyError):
        review(problem(fridays(1), [deputy("a")]), {}, 1000, "a", "nobody")


def test_a_turn_is_passed_on_to_somebody_who_can_only_come_early():
    """Day by day the nearer deputy gets both; looked at as a whole each gets one."""
    first, between, last = fridays(3)
    between = replace(between, kept=(Kept("c", KeptReason.HAND),))
    near = deputy("a", near=Nearness.CONSTITUENCY)
    early = deputy("b", near=Nearness.ROSTER, busy={last.day: "当天参加学习培训"})
    people = [
        near,
        early,
        deputy("c", "第二代表小组", busy={first.day: "当天参加学习培训", last.day: "当天参加学习培训"}),
    ]
    plan = make_plan(problem([first, between, last], people, seats=1, minimum=0))
    assert [seat.key for seat in plan.seats] == ["b", "c", "a"]
    assert plan.warnings == ()


def test_whoever_had_more_of_the_group_comes_later_however_near():
    near = deputy("a", near=Nearness.CONSTITUENCY, turns_before=1)
    board = Board(problem(fridays(1), [near, deputy("b", near=Nearness.ROSTER)], seats=1, minimum=0))
    chair = next(iter(board))
    assert rank(board, "b", chair) < rank(board, "a", chair)


def test_a_double_turn_goes_to_anybody_who_could_come_instead():
    board = Board(problem(fridays(2), [deputy("a"), deputy("b", turns_before=5)], seats=1, minimum=0))
    for chair in board:
        board.put(chair, "a")
    assert hand_over_running(board)
    assert sorted(chair.key for chair in board) == ["a", "b"]  # type: ignore[type-var]
    assert not hand_over_running(board)
