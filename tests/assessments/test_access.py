"""Who sees which rows: scores stay with the deputy, the leader and the presidium."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from assessments import access
from assessments.models import FeedbackNotice, ReminderTalk, ScoreSheet
from assessments.selectors import grade_counts, grade_table, notice_counts, result_rows, unreported
from deputies.enums import GroupPost
from deputies.models import GroupMembership
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, OutOfScope
from tests.assessments.makers import again, issued, rows, sheet_of, vote
from tests.factories import World, make_account, make_deputy_actor, make_group

if TYPE_CHECKING:
    from assessments.models import Assessment
    from deputies.models import Mandate, Term
    from liaison.tenancy.scope import Actor

TODAY = date(2026, 2, 1)


@pytest.fixture
def year(clerk: "Actor", chair: "Actor", assessment: "Assessment", mandates: "list[Mandate]") -> "Assessment":
    vote(clerk, assessment, mandates)
    issued(clerk, chair, assessment)
    return again(assessment)


def seen(actor: "Actor", visible: Callable[["Actor"], Any]) -> int:
    with acting(actor):
        return int(visible(actor).count())


@pytest.mark.parametrize(
    ("place", "role", "sheets"),
    [
        ("庄子乡", Role.PRESIDIUM_CLERK, 3),
        ("庄子乡", Role.PRESIDIUM_CHAIR, 3),
        ("庄子乡", Role.STATION_CLERK, 0),
        ("庄子乡", Role.HANDLING_UNIT, 0),
        ("庄子乡", Role.DEPUTY, 0),
        ("庄子乡", Role.GROUP_LEADER, 0),
        ("庄子乡", Role.AUDIT_ADMIN, 0),
        ("长凝镇", Role.PRESIDIUM_CLERK, 0),
        ("榆次区", Role.COUNTY_COMMITTEE, 0),
        ("榆次区", Role.SYSTEM_ADMIN, 0),
        ("晋中市", Role.CITY_VIEWER, 0),
        ("平遥县", Role.COUNTY_COMMITTEE, 0),
    ],
)
def test_rows_by_role(place: str, role: Role, sheets: int, world: World, year: "Assessment") -> None:
    actor = make_account(world[place], role)
    assert seen(actor, access.visible_sheets) == sheets
    assert seen(actor, access.visible_notices) == sheets
    assert seen(actor, access.visible_entries) == 0
    assert seen(actor, access.visible_ballots) == sheets
    counted = 3 if role in access.COUNTERS and place not in ("长凝镇", "平遥县") else 0
    assert seen(actor, access.countable_sheets) == counted


def test_a_deputy_sees_the_own_and_a_leader_the_groups(
    year: "Assessment", mandates: "list[Mandate]", term: "Term"
) -> None:
    group = make_group(term)
    with acting(system_actor()):
        for mandate, post in ((mandates[0], GroupPost.LEADER), (mandates[1], GroupPost.MEMBER)):
            GroupMembership._plain.create(
                scope_code=mandate.scope_code, group=group, mandate=mandate, post=post, starts_on=date(2021, 5, 8)
            )  # fmt: skip
    leader = make_deputy_actor(mandates[0], Role.GROUP_LEADER)
    member = make_deputy_actor(mandates[1])
    assert seen(leader, access.visible_sheets) == 2
    assert seen(member, access.visible_sheets) == 1
    with acting(member):
        assert access.get_sheet(member, sheet_of(year, mandates[1]).pk)
        with pytest.raises(Forbidden):
            access.get_sheet(member, sheet_of(year, mandates[0]).pk)
        with pytest.raises(OutOfScope):
            access.get_sheet(member, 10**9)
    assert seen(leader, access.visible_talks) <= 1


def test_outside_is_404_and_absent_alike(year: "Assessment", other_clerk: "Actor") -> None:
    with acting(other_clerk):
        for get, model in (
            (access.get_sheet, ScoreSheet),
            (access.get_notice, FeedbackNotice),
            (access.get_talk, ReminderTalk),
        ):
            for pk in (rows_of(model), 10**9):
                with pytest.raises(OutOfScope):
                    get(other_clerk, pk)
        with pytest.raises(OutOfScope):
            access.get_assessment(other_clerk, year.pk)


def rows_of(model: Any) -> int:
    return int(rows(model)[0].pk)


class TestFigures:
    def test_the_result_table_is_in_stroke_order_and_ranks_nobody(
        self, year: "Assessment", clerk: "Actor"
    ) -> None:
        with acting(clerk):
            found = result_rows(clerk, year)
            assert not {"rank", "place"} & set(found[0].__slots__)
            assert [row.name for row in found] == ["王建国", "李秀英", "张伟"]
            assert sum(count for _, count in grade_counts(clerk, year)) == 3
            assert len(unreported(clerk, year)) == 3
            counts = notice_counts(clerk, year, TODAY)
        assert (counts["total"], counts["owed"], counts["overdue"]) == (3, 3, 0)

    def test_the_county_counts_what_it_may_not_open(
        self, year: "Assessment", county: "Actor", clerk: "Actor"
    ) -> None:
        with acting(county):
            assert result_rows(county, year) == []
            table = grade_table(county, 2025)
            assert sum(count for _, count in grade_counts(county, year)) == 3
            assert notice_counts(county, year, TODAY)["total"] == 3
        assert sum(table[clerk.lo].values()) == 3

    def test_the_table_takes_four_queries(
        self, year: "Assessment", clerk: "Actor", django_assert_num_queries: Callable[[int], Any]
    ) -> None:
        with acting(clerk), django_assert_num_queries(4):
            result_rows(clerk, year)
