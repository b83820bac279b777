"""代表建议 from handing in to archiving, by services and pages."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone

from constituents.enums import OpinionState as O
from constituents.enums import ReplyClass, Satisfaction
from constituents.enums import SuggestionEvent as E
from constituents.enums import SuggestionState as S
from constituents.models import HandlingUnit, Suggestion
from constituents.services.suggestion_decisions import (
    decide_suggestion,
    extend_suggestion,
    resubmit_suggestion,
    withdraw_suggestion,
)
from constituents.services.suggestions import (
    accept_suggestion,
    assign_suggestion,
    check_suggestion,
    rate_suggestion,
    reply_suggestion,
    return_suggestion,
    set_quality,
)
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from liaison.words.transitions import IllegalTransition
from tests.browsing import edit, filled
from tests.constituents.makers import again, as_, case_in, suggest
from tests.factories import World, make_deputy_actor, make_mandate, make_term, make_twin

if TYPE_CHECKING:
    from deputies.models import Mandate, Term

SignIn = Callable[[Actor], Client]


@pytest.fixture
def second(term: "Term") -> "Mandate":
    return make_mandate(term, "李秀英")


def to_state(clerk: Actor, row: Suggestion, state: S, unit: HandlingUnit) -> Suggestion:
    """Bring a submitted suggestion on through the clerk."""
    key = {"suggestion_id": row.pk}
    moves = [
        (S.CHECKED, lambda: as_(clerk, check_suggestion, is_acceptable=True, note="", **key)),
        (S.ASSIGNED, lambda: as_(clerk, assign_suggestion, unit_id=unit.pk, **key)),
        (S.ACCEPTED, lambda: as_(clerk, accept_suggestion, **key)),
        (S.REPLIED, lambda: as_(clerk, reply_suggestion, reply="已列入", reply_class=ReplyClass.B, **key)),
        (S.REDO, lambda: as_(clerk, rate_suggestion, satisfaction=Satisfaction.DISSATISFIED, **key)),
    ]  # fmt: skip
    for reached, move in moves:
        move()
        if reached == state:
            break
    return again(row)


def test_the_whole_way(
    deputy_actor: Actor,
    mandate: "Mandate",
    second: "Mandate",
    clerk: Actor,
    handler: Actor,
    unit: HandlingUnit,
) -> None:
    row = suggest(deputy_actor, mandate, second)
    key = {"suggestion_id": row.pk}
    assert (row.state, row.number, row.submission_time) == (S.SUBMITTED, "2026-0001", "intersession")
    as_(clerk, check_suggestion, is_acceptable=True, note="", **key)
    assigned = as_(clerk, assign_suggestion, unit_id=unit.pk, **key)
    # Two calendar months after 9 March, rolled from Saturday 9 May: a working day by the 2026 notice.
    assert str(assigned.due_on) == "2026-05-09"
    as_(handler, accept_suggestion, **key)
    as_(handler, reply_suggestion, reply="已列入计划", reply_class=ReplyClass.B, **key)
    co_signer = make_deputy_actor(second)
    with pytest.raises(Forbidden):
        as_(co_signer, rate_suggestion, satisfaction=Satisfaction.SATISFIED, **key)
    closed = as_(deputy_actor, rate_suggestion, satisfaction=Satisfaction.SATISFIED, **key)
    assert (closed.state, str(closed.closed_on)) == (S.CLOSED, "2026-03-09")
    assert as_(clerk, decide_suggestion, event=E.ARCHIVE, note="归档", **key).state == S.ARCHIVED


def test_redo_within_a_month_then_the_presidium(
    deputy_actor: Actor, mandate: "Mandate", clerk: Actor, unit: HandlingUnit
) -> None:
    row = to_state(clerk, suggest(deputy_actor, mandate), S.REDO, unit)
    assert str(row.due_on) == "2026-04-09"
    as_(clerk, reply_suggestion, suggestion_id=row.pk, reply="再答复", reply_class=ReplyClass.A)
    twice = as_(clerk, rate_suggestion, suggestion_id=row.pk, satisfaction=Satisfaction.DISSATISFIED)
    assert twice.state == S.PRESIDIUM_DECIDES
    redo = as_(clerk, decide_suggestion, suggestion_id=row.pk, event=E.ORDER_REDO, note="主席团研究")
    assert redo.state == S.REDO


def test_sent_back_corrected_and_handed_in_again(
    deputy_actor: Actor, mandate: "Mandate", second: "Mandate", clerk: Actor
) -> None:
    row = suggest(deputy_actor, mandate, second)
    as_(clerk, decide_suggestion, suggestion_id=row.pk, event=E.SEND_BACK, note="请补充数据")
    better = {"title": "关于改造东庄村饮水管网的建议（修改）", "content": "补充：涉及213户。"}
    with pytest.raises(Forbidden):
        as_(make_deputy_actor(second), resubmit_suggestion, suggestion_id=row.pk, **better)
    again_in = as_(deputy_actor, resubmit_suggestion, suggestion_id=row.pk, **better)
    assert (again_in.state, again_in.content) == (S.SUBMITTED, "补充：涉及213户。")


def test_extended_from_the_assignment(
    deputy_actor: Actor, mandate: "Mandate", clerk: Actor, unit: HandlingUnit
) -> None:
    row = to_state(clerk, suggest(deputy_actor, mandate), S.ACCEPTED, unit)
    later = datetime(2026, 4, 20, 2, 0, tzinfo=UTC)
    extended = as_(clerk, extend_suggestion, suggestion_id=row.pk, reason="需立项", now=later)
    assert (extended.state, str(extended.due_on)) == (S.EXTENDED, "2026-07-09")


def test_left_unrated_only_after_the_days_for_rating(
    deputy_actor: Actor, mandate: "Mandate", clerk: Actor, unit: HandlingUnit
) -> None:
    row = to_state(clerk, suggest(deputy_actor, mandate), S.REPLIED, unit)
    # Twenty working days after 9 March 2026; Monday 6 April is a holiday (清明).
    assert str(row.due_on) == "2026-04-07"
    leave = {"suggestion_id": row.pk, "event": E.LEAVE_UNRATED, "note": "经提醒仍未评价"}
    for day in (datetime(2026, 3, 9, 2, 1, tzinfo=UTC), datetime(2026, 4, 7, 15, 59, tzinfo=UTC)):
        with pytest.raises(Refused) as refused:
            as_(clerk, decide_suggestion, now=day, **leave)
        assert refused.value.message == (
            "代表评价答复的期限到2026年4月7日（周二），期限届满后仍未评价的，才能按逾期未评价办结。"
        )
    done = as_(clerk, decide_suggestion, now=datetime(2026, 4, 7, 16, 1, tzinfo=UTC), **leave)
    assert done.state == S.CLOSED_UNRATED


@pytest.mark.parametrize(("days", "offered"), [(0, False), (60, True)])
def test_the_button_comes_after_the_days_for_rating(
    days: int,
    offered: bool,
    sign_in: SignIn,
    deputy_actor: Actor,
    mandate: "Mandate",
    clerk: Actor,
    unit: HandlingUnit,
) -> None:
    row = to_state(clerk, suggest(deputy_actor, mandate), S.REPLIED, unit)
    with acting(system_actor()):
        due_on = timezone.localdate() + timedelta(days=30 - days)
        Suggestion._plain.filter(pk=row.pk).update(due_on=due_on)
    desk = sign_in(clerk)
    page = desk.get(f"/opinions/suggestions/{row.pk}/").content.decode()
    assert ("逾期未评价办结" in page) is offered
    sent = desk.post("/opinions/suggestions/do/unrated/", {"id": row.pk, "note": "经提醒仍未评价"})
    assert again(row).state == (S.CLOSED_UNRATED if offered else S.REPLIED)
    assert ("代表评价答复的期限到" in sent.content.decode()) is not offered


def test_withdrawn_before_the_reply_only(
    deputy_actor: Actor, mandate: "Mandate", clerk: Actor, unit: HandlingUnit
) -> None:
    row = suggest(deputy_actor, mandate)
    gone = as_(deputy_actor, withdraw_suggestion, suggestion_id=row.pk, reason="已经解决")
    assert (gone.state, str(gone.closed_on)) == (S.WITHDRAWN, "2026-03-09")
    answered = to_state(clerk, suggest(deputy_actor, mandate), S.REPLIED, unit)
    with pytest.raises(IllegalTransition):
        as_(deputy_actor, withdraw_suggestion, suggestion_id=answered.pk, reason="不要了")


def test_what_is_no_suggestion_is_refused_with_a_reason(
    deputy_actor: Actor, mandate: "Mandate", clerk: Actor
) -> None:
    row = suggest(deputy_actor, mandate)
    with pytest.raises(InvalidInput):
        as_(clerk, check_suggestion, suggestion_id=row.pk, is_acceptable=False, note=" ")
    refused = as_(clerk, check_suggestion, suggestion_id=row.pk, is_acceptable=False, note="转交信件")
    assert refused.state == S.NOT_ACCEPTED
    with pytest.raises(Refused):
        as_(clerk, set_quality, suggestion_id=row.pk, points=Decimal(1), is_key=False)


def test_returned_and_assigned_anew(
    deputy_actor: Actor,
    mandate: "Mandate",
    clerk: Actor,
    handler: Actor,
    unit: HandlingUnit,
    other_unit: HandlingUnit,
) -> None:
    row = to_state(clerk, suggest(deputy_actor, mandate), S.ASSIGNED, unit)
    as_(handler, return_suggestion, suggestion_id=row.pk, reason="应由民政办办理")
    as_(clerk, assign_suggestion, suggestion_id=row.pk, unit_id=other_unit.pk)
    with pytest.raises(OutOfScope):
        as_(handler, accept_suggestion, suggestion_id=row.pk)


@pytest.mark.parametrize("points", ["-0.5", "2.5"])
def test_quality_is_between_zero_and_two(
    deputy_actor: Actor, mandate: "Mandate", clerk: Actor, unit: HandlingUnit, points: str
) -> None:
    row = to_state(clerk, suggest(deputy_actor, mandate), S.CHECKED, unit)
    with pytest.raises(InvalidInput):
        as_(clerk, set_quality, suggestion_id=row.pk, points=Decimal(points), is_key=False)
    marked = as_(clerk, set_quality, suggestion_id=row.pk, points=Decimal("1.5"), is_key=True)
    assert (marked.quality_points, marked.is_key) == (Decimal("1.5"), True)


def test_a_deputy_leads_only_the_own_suggestion(
    deputy_actor: Actor, mandate: "Mandate", second: "Mandate"
) -> None:
    with pytest.raises(Forbidden):
        suggest(deputy_actor, second, mandate)


def test_a_suggestion_grows_only_from_an_opinion_one_may_see(
    deputy_actor: Actor, mandate: "Mandate", clerk: Actor, unit: HandlingUnit
) -> None:
    stranger = case_in(clerk, O.TO_SUGGESTION, unit)
    with pytest.raises(OutOfScope):
        suggest(deputy_actor, mandate, opinion_id=stranger.pk)
    own = case_in(clerk, O.TO_SUGGESTION, unit, deputy_id=mandate.pk)
    assert suggest(deputy_actor, mandate, opinion_id=own.pk).opinion_id == own.pk


def test_the_way_through_pages(
    sign_in: SignIn, deputy_actor: Actor, mandate: "Mandate", second: "Mandate", clerk: Actor, handler: Actor,
    unit: HandlingUnit,
) -> None:  # fmt: skip
    deputy, desk, office = sign_in(deputy_actor), sign_in(clerk), sign_in(handler)
    form = {"title": "关于修建文化广场的建议", "content": "群众没有活动场地。", "submitted_on": "2026-03-09"}
    sent = deputy.post("/opinions/suggestions/add/", {**form, "cosigners": [second.pk]})
    with acting(system_actor()):
        row = Suggestion._plain.get()
    page = f"/opinions/suggestions/{row.pk}/"
    assert sent["Location"] == page
    assert "王建国" in deputy.get(page).content.decode()
    assert "关于修建文化广场" in deputy.get("/opinions/suggestions/mine/").content.decode()
    ids, door = {"id": row.pk}, "/opinions/suggestions/do/"
    assert office.get(page).status_code == 404
    refusal = desk.post(f"{door}check/", {**ids, "is_acceptable": "no"})
    assert "请选择理由并写明情况" in refusal.content.decode()
    assert desk.post(f"{door}check/", {**ids, "is_acceptable": "yes"}).status_code == 302
    quality = f"{door}quality/?id={row.pk}"
    stale = filled(desk.get(quality), quality_points="0.5")
    assert edit(desk, quality, quality_points="1.5", is_key="on").status_code == 302
    assert desk.post(quality, stale).status_code == 409
    assert (str(again(row).quality_points), again(row).is_key) == ("1.5", True)
    assert desk.post(f"{door}assign/", {**ids, "unit": unit.pk}).status_code == 302
    assert office.post(f"{door}accept/", ids).status_code == 302
    assert "关于修建文化广场" in office.get("/opinions/unit/").content.decode()
    assert "1.5" not in office.get(page).content.decode()
    assert office.post(f"{door}reply/", {**ids, "reply": "已列入", "reply_class": "B"}).status_code == 302
    assert office.post(f"{door}rate/", {**ids, "satisfaction": "satisfied"}).status_code == 403
    assert deputy.post(f"{door}rate/", {**ids, "satisfaction": "satisfied"}).status_code == 302
    assert again(row).state == S.CLOSED
    assert deputy.post(f"{door}withdraw/", {**ids, "reason": "不要了"}).status_code == 409
    assert "关于修建文化广场" in desk.get("/admin/constituents/suggestion/").content.decode()


def test_two_deputies_of_one_name_are_told_apart_wherever_one_is_chosen(
    sign_in: SignIn, clerk: Actor, term: "Term", mandate: "Mandate"
) -> None:
    twin = make_twin(mandate)
    desk = sign_in(clerk)
    for address, name in (("/opinions/suggestions/add/", "lead"), ("/opinions/add/", "deputy")):
        page = desk.get(address).content.decode()
        labels = [
            re.search(rf'<option value="{one.pk}">([^<]+)</option>', page)[1] for one in (mandate, twin)
        ]  # type: ignore[index]
        assert all(re.fullmatch(rf"{mandate.person.name}（.+）", label) for label in labels), (name, labels)


def test_a_deputy_of_another_township_is_an_error_at_the_field(
    sign_in: SignIn, clerk: Actor, world: "World", mandate: "Mandate"
) -> None:
    foreign = make_mandate(make_term(world["长凝镇"]), "赵小兵")
    sent = {
        "title": "关于修建文化广场的建议",
        "content": "没有场地。",
        "submitted_on": "2026-03-09",
        "lead": foreign.pk,
    }
    refused = sign_in(clerk).post("/opinions/suggestions/add/", sent)
    assert refused.status_code == 200
    assert refused.context["form"].errors == {"lead": ["请重新选择领衔代表。"]}
