"""The loop of an opinion through its services: every move once, illegal ones refused in words."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from constituents.enums import (
    NotAcceptedReason,
    OpinionEvent,
    OpinionState,
    ReplyClass,
    Route,
    Satisfaction,
    UnitKind,
)
from constituents.enums import OpinionState as O
from constituents.models import HandlingUnit, Opinion, OpinionStep
from constituents.services.handling import (
    accept_opinion,
    answer_on_spot,
    assign_opinion,
    close_unrated,
    decide_opinion,
    extend_opinion,
    merge_opinion,
    not_accept_opinion,
    pass_on_opinion,
    rate_opinion,
    reply_opinion,
    return_opinion,
    triage_opinion,
)
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from liaison.words.transitions import IllegalTransition
from tests.constituents.makers import NOW, again, as_, case_in, make_unit, register
from tests.factories import World

E = OpinionEvent


def steps_of(opinion: Opinion) -> list[str]:
    with acting(system_actor()):
        rows = OpinionStep._plain.filter(opinion=opinion).order_by("pk")
        return list(rows.values_list("event", flat=True))


def test_the_whole_loop(clerk: Actor, handler: Actor, unit: HandlingUnit) -> None:
    row = register(clerk)
    assert (row.state, row.number, row.is_anonymous) == (O.REGISTERED, "2026-0001", False)
    key = {"opinion_id": row.pk}
    as_(clerk, triage_opinion, **key)
    assigned = as_(clerk, assign_opinion, unit_id=unit.pk, **key)
    # 15 working days after Monday 9 March: Monday 30 March.
    assert (assigned.state, str(assigned.due_on)) == (O.ASSIGNED, "2026-03-30")
    assert as_(handler, accept_opinion, **key).state == O.HANDLING
    replied = as_(handler, reply_opinion, reply="水管已修好", reply_class=ReplyClass.A, **key)
    assert (replied.state, str(replied.due_on)) == (O.REPLIED, "2026-03-24")
    closed = as_(clerk, rate_opinion, opinion=row, satisfaction=Satisfaction.SATISFIED)
    assert (closed.state, str(closed.closed_on)) == (O.CLOSED, "2026-03-09")
    assert steps_of(row) == [
        "", "triage", "assign", "accept", "start_handling", "reply", "rate_satisfied", "close_out",
    ]  # fmt: skip


def test_dissatisfied_gets_one_redo_then_the_presidium(clerk: Actor, unit: HandlingUnit) -> None:
    row = case_in(clerk, O.REDO, unit)
    assert (row.redo_count, str(row.due_on)) == (1, "2026-03-30")
    as_(clerk, reply_opinion, opinion_id=row.pk, reply="再次整改", reply_class=ReplyClass.A)
    second = as_(clerk, rate_opinion, opinion=row, satisfaction=Satisfaction.DISSATISFIED)
    assert (second.state, second.redo_count) == (O.PRESIDIUM_DECIDES, 1)
    redo = as_(clerk, decide_opinion, opinion_id=row.pk, event=E.ORDER_REDO, note="主席团研究")
    assert redo.state == O.REDO


def test_answered_on_the_spot_and_not_content(clerk: Actor, unit: HandlingUnit) -> None:
    row = case_in(clerk, O.ANSWERED_ON_SPOT, unit)
    assert (row.route, row.on_spot_answer, str(row.due_on)) == ("on_spot", "已解释政策", "2026-03-24")
    back = as_(clerk, rate_opinion, opinion=row, satisfaction=Satisfaction.DISSATISFIED)
    assert (back.state, str(back.due_on)) == (O.TRIAGED, "2026-03-11")


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (E.MAKE_SUGGESTION, O.TO_SUGGESTION),
        (E.PASS_TO_UPPER_DEPUTY, O.TO_UPPER_DEPUTY),
        (E.PASS_TO_12345, O.TO_12345),
        (E.PASS_TO_PETITION, O.TO_PETITION),
    ],
)
def test_other_channels_carry_no_deadline_here(
    clerk: Actor, unit: HandlingUnit, event: OpinionEvent, state: OpinionState
) -> None:
    row = case_in(clerk, O.TRIAGED, unit)
    passed = as_(clerk, pass_on_opinion, opinion_id=row.pk, event=event, note="已转办", hotline_number="J1")
    assert (passed.state, passed.due_on, passed.hotline_number) == (state, None, "J1")
    back = as_(clerk, return_opinion, opinion_id=row.pk, reason="对方退回")
    assert (back.state, str(back.due_on)) == (O.RETURNED, "2026-03-11")


def test_a_channel_reports_back(clerk: Actor, unit: HandlingUnit) -> None:
    row = case_in(clerk, O.TO_12345, unit)
    replied = as_(clerk, reply_opinion, opinion_id=row.pk, reply="热线回复已办", reply_class=ReplyClass.A)
    assert replied.state == O.REPLIED


def test_a_petition_is_closed_by_the_presidium(clerk: Actor, unit: HandlingUnit) -> None:
    row = case_in(clerk, O.TO_PETITION, unit)
    assert as_(clerk, decide_opinion, opinion_id=row.pk, event=E.CLOSE_OUT, note="已移送").state == O.CLOSED


def test_not_accepted_needs_where_to_go(clerk: Actor, unit: HandlingUnit) -> None:
    row = case_in(clerk, O.TRIAGED, unit)
    facts = {"opinion_id": row.pk, "reason": NotAcceptedReason.LITIGATION}
    with pytest.raises(InvalidInput) as wrong:
        as_(clerk, not_accept_opinion, told_where=" \u202e", **facts)
    assert set(wrong.value.fields) == {"told_where"}
    refused = as_(clerk, not_accept_opinion, told_where="区人民法院", **facts)
    assert (refused.state, refused.told_where) == (O.NOT_ACCEPTED, "区人民法院")
    reopened = as_(clerk, decide_opinion, opinion_id=row.pk, event=E.REOPEN, note="补充了材料")
    assert (reopened.state, reopened.closed_on, str(reopened.due_on)) == (O.TRIAGED, None, "2026-03-11")


def test_the_database_refuses_not_accepted_without_where(clerk: Actor, unit: HandlingUnit) -> None:
    row = case_in(clerk, O.TRIAGED, unit)
    with (
        acting(system_actor()),
        pytest.raises(IntegrityError, match="opinion_told_where"),
        transaction.atomic(),
    ):
        Opinion._plain.filter(pk=row.pk).update(state="not_accepted", not_accepted_reason="litigation")


def test_merging_and_taking_apart_again(clerk: Actor, unit: HandlingUnit) -> None:
    main, twin = case_in(clerk, O.TRIAGED, unit), case_in(clerk, O.TRIAGED, unit)
    with pytest.raises(InvalidInput):
        as_(clerk, merge_opinion, opinion_id=main.pk, into_id=main.pk)
    merged = as_(clerk, merge_opinion, opinion_id=twin.pk, into_id=main.pk)
    assert (merged.state, merged.merged_into_id) == (O.MERGED, main.pk)
    third = case_in(clerk, O.TRIAGED, unit)
    with pytest.raises(Refused, match="尚未办结"):
        as_(clerk, merge_opinion, opinion_id=third.pk, into_id=twin.pk)
    apart = as_(clerk, decide_opinion, opinion_id=twin.pk, event=E.UNMERGE, note="不是同一事项")
    assert (apart.state, apart.merged_into_id) == (O.TRIAGED, None)


def test_returning_within_five_working_days(clerk: Actor, handler: Actor, unit: HandlingUnit) -> None:
    row = case_in(clerk, O.ASSIGNED, unit)
    with pytest.raises(InvalidInput):
        as_(handler, return_opinion, opinion_id=row.pk, reason="  ")
    late = datetime(2026, 3, 17, 2, 0, tzinfo=UTC)
    with pytest.raises(Refused, match="退办期限"):
        as_(handler, return_opinion, opinion_id=row.pk, reason="不属本单位", now=late)
    last = datetime(2026, 3, 16, 2, 0, tzinfo=UTC)
    assert as_(handler, return_opinion, opinion_id=row.pk, reason="不属本单位", now=last).state == O.RETURNED


def test_extension_counts_from_the_assignment(clerk: Actor, unit: HandlingUnit) -> None:
    row = case_in(clerk, O.HANDLING, unit)
    extended = as_(clerk, extend_opinion, opinion_id=row.pk, reason="需招标", now=NOW + timedelta(days=20))
    # 60 days after 9 March is Friday 8 May.
    assert (extended.state, str(extended.due_on)) == (O.EXTENDED, "2026-05-08")
    with pytest.raises(IllegalTransition):
        as_(clerk, extend_opinion, opinion_id=row.pk, reason="再延")


def test_nobody_rated_in_time(clerk: Actor, unit: HandlingUnit) -> None:
    row = case_in(clerk, O.REPLIED, unit)
    on_the_day = datetime(2026, 3, 24, 15, 0, tzinfo=UTC)
    assert as_(system_actor(), close_unrated, opinion_id=row.pk, now=on_the_day).state == O.REPLIED
    after = on_the_day + timedelta(hours=2)
    assert as_(system_actor(), close_unrated, opinion_id=row.pk, now=after).state == O.CLOSED_UNRATED
    assert as_(system_actor(), close_unrated, opinion_id=row.pk, now=after).state == O.CLOSED_UNRATED
    assert steps_of(row).count("leave_unrated") == 1
    archived = as_(clerk, decide_opinion, opinion_id=row.pk, event=E.ARCHIVE, note="归档")
    assert archived.state == O.ARCHIVED


def test_a_move_out_of_order_says_what_is_possible(clerk: Actor, unit: HandlingUnit) -> None:
    row = register(clerk)
    with pytest.raises(IllegalTransition) as refused:
        as_(clerk, reply_opinion, opinion_id=row.pk, reply="好", reply_class=ReplyClass.A)
    assert refused.value.status == 409
    assert refused.value.message == "当前状态为“已登记”，不能办理“答复”；现在可以办理：受理。"
    assert again(row).state == O.REGISTERED
    assert steps_of(row) == [""]


@pytest.mark.parametrize(
    "service", [triage_opinion, answer_on_spot, assign_opinion, extend_opinion, merge_opinion]
)
def test_a_unit_does_not_do_the_presidiums_work(
    clerk: Actor, handler: Actor, unit: HandlingUnit, service: object
) -> None:
    row = case_in(clerk, O.ASSIGNED, unit)
    extra: dict[object, dict[str, object]] = {
        answer_on_spot: {"answer": "x"}, assign_opinion: {"unit_id": unit.pk},
        extend_opinion: {"reason": "x"}, merge_opinion: {"into_id": 0},
    }  # fmt: skip
    with pytest.raises(Forbidden):
        as_(handler, service, opinion_id=row.pk, **extra.get(service, {}))


def test_another_unit_and_another_township_see_nothing(
    clerk: Actor, other_handler: Actor, other_clerk: Actor, unit: HandlingUnit
) -> None:
    row = case_in(clerk, O.ASSIGNED, unit)
    for stranger in (other_handler, other_clerk):
        with pytest.raises(OutOfScope):
            as_(stranger, accept_opinion, opinion_id=row.pk)


def test_a_unit_of_the_neighbour_cannot_be_chosen(clerk: Actor, unit: HandlingUnit, world: World) -> None:
    foreign = make_unit(world["长凝镇"], "镇水利站")
    row = case_in(clerk, O.TRIAGED, unit)
    with pytest.raises(InvalidInput):
        as_(clerk, assign_opinion, opinion_id=row.pk, unit_id=foreign.pk)
    assert again(row).unit_id is None


@pytest.mark.parametrize(
    ("name", "kind", "route"),
    [
        ("庄子乡农业农村服务中心", UnitKind.TOWNSHIP, Route.TOWNSHIP),
        ("乡村振兴办公室", UnitKind.TOWNSHIP, Route.TOWNSHIP),
        ("东庄", UnitKind.VILLAGE, Route.VILLAGE),
        ("乡水利站", UnitKind.STATION, Route.TOWNSHIP),
        ("区水利局", UnitKind.COUNTY, Route.TOWNSHIP),
    ],
)
def test_where_a_case_goes_is_told_by_what_the_unit_is_and_never_by_its_name(
    clerk: Actor, township: Jurisdiction, name: str, kind: UnitKind, route: Route
) -> None:
    row, unit = register(clerk), make_unit(township, name, kind)
    as_(clerk, triage_opinion, opinion_id=row.pk)
    assert as_(clerk, assign_opinion, opinion_id=row.pk, unit_id=unit.pk).route == route
