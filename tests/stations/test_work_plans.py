"""年度代表工作计划 from the draft to the archive, its progress, its paper and its pages."""

from datetime import date
from io import BytesIO

import pypdf
import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from liaison.models import Notification
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from liaison.words.transitions import IllegalTransition
from stations.access import visible_plans
from stations.enums import Audience, DutyState, PlanState, ReceptionDayState
from stations.models import WorkPlan, WorkPlanItem
from stations.rules.work_plan_progress import Progress
from stations.selectors.activities import plan_lines
from stations.services import (
    adopt_work_plan,
    archive_work_plan,
    arrange_activity,
    call_off_plan_item,
    copy_work_plan,
    link_activity,
    publish_work_plan,
    register_activity,
    remove_plan_item,
    return_work_plan,
    save_plan_item,
    save_work_plan,
    submit_for_adoption,
)
from tests.factories import make_account
from tests.stations.conftest import NOW, TODAY
from tests.stations.makers import again, as_

TRAINING = {"kind_code": "training", "title": "代表履职培训", "months": (3, 6, 9, 12)}


def draft(actor, year=2026, **texts):
    return as_(actor, save_work_plan, year=year, title=f"庄子乡人大{year}年度代表工作计划", now=NOW, **texts)


def add(actor, plan, **facts):
    return as_(actor, save_plan_item, plan_id=plan.pk, **{**TRAINING, **facts})


@pytest.fixture
def plan(clerk):
    return draft(clerk, foreword="围绕中心，服务大局。\n突出代表主体地位。")


@pytest.fixture
def item(clerk, plan):
    return add(clerk, plan)


@pytest.fixture
def adopted(chair, plan, item):
    return as_(chair, adopt_work_plan, plan_id=plan.pk, meeting="主席团第三次会议", now=NOW)


@pytest.fixture
def published(clerk, adopted):
    return as_(clerk, publish_work_plan, plan_id=adopted.pk, now=NOW)


def lines_of(actor, plan, today=TODAY):
    with acting(actor):
        return plan_lines(actor, plan, today)


def test_written_by_one_and_adopted_by_another(clerk, chair, plan, item):
    with pytest.raises(Forbidden):
        as_(clerk, adopt_work_plan, plan_id=plan.pk, now=NOW)
    own = draft(chair, 2027)
    add(chair, own, kind_code="training")
    with pytest.raises(Forbidden, match="起草人不能审定"):
        as_(chair, adopt_work_plan, plan_id=own.pk, now=NOW)
    row = as_(chair, adopt_work_plan, plan_id=plan.pk, now=NOW)
    assert (row.state, row.adopted_on, row.adopted_by_id) == (PlanState.ADOPTED, TODAY, chair.account_id)
    assert as_(chair, adopt_work_plan, plan_id=plan.pk, now=NOW).state == PlanState.ADOPTED


def test_the_database_holds_the_two_person_rule_too(clerk, plan):
    with pytest.raises(IntegrityError, match="work_plan_two_people"), acting(system_actor()):
        WorkPlan._plain.filter(pk=plan.pk).update(adopted_by_id=clerk.account_id)


def test_a_county_plan_is_adopted_by_another_member_of_the_committee(world):
    first = make_account(world["榆次区"], Role.COUNTY_COMMITTEE, name="甲")
    second = make_account(world["榆次区"], Role.COUNTY_COMMITTEE, name="乙")
    plan = draft(first)
    add(first, plan)
    with pytest.raises(Forbidden, match="起草人"):
        as_(first, adopt_work_plan, plan_id=plan.pk, now=NOW)
    assert as_(second, adopt_work_plan, plan_id=plan.pk, now=NOW).state == PlanState.ADOPTED


def test_an_empty_plan_is_neither_sent_nor_adopted(clerk, chair, plan):
    with pytest.raises(Refused, match="还没有编列事项"):
        as_(clerk, submit_for_adoption, plan_id=plan.pk, now=NOW)
    with pytest.raises(Refused, match="还没有编列事项"):
        as_(chair, adopt_work_plan, plan_id=plan.pk, now=NOW)


def test_one_plan_a_year_and_place(clerk, chair, other_clerk, plan):
    with pytest.raises(Refused, match="已经有了"):
        draft(chair)
    draft(other_clerk)
    with pytest.raises(InvalidInput, match="年度应为"):
        draft(clerk, 2031)


def test_submitting_tells_the_chair_once_a_day(clerk, chair, plan, item):
    assert as_(clerk, submit_for_adoption, plan_id=plan.pk, now=NOW) == 1
    assert as_(clerk, submit_for_adoption, plan_id=plan.pk, now=NOW) == 0
    with acting(chair):
        assert (
            Notification.scoped(chair).filter(account_id=chair.account_id, title__contains="请审定").count()
            == 1
        )


def test_what_is_adopted_is_not_edited_but_may_go_back_before_it_is_public(clerk, chair, adopted, item):
    with pytest.raises(Refused, match="不能再改"):
        add(clerk, adopted, title="又一项")
    with pytest.raises(Refused, match="不能再改"):
        as_(clerk, remove_plan_item, item_id=item.pk)
    with pytest.raises(Forbidden):
        as_(clerk, return_work_plan, plan_id=adopted.pk, reason="漏了视察", now=NOW)
    row = as_(chair, return_work_plan, plan_id=adopted.pk, reason="漏了视察", now=NOW)
    assert (row.state, row.adopted_by_id, row.return_reason) == (PlanState.DRAFT, None, "漏了视察")
    add(clerk, row, title="又一项")
    again_adopted = as_(chair, adopt_work_plan, plan_id=row.pk, now=NOW)
    assert again_adopted.return_reason == ""
    as_(clerk, publish_work_plan, plan_id=row.pk, now=NOW)
    with pytest.raises(IllegalTransition):
        as_(chair, return_work_plan, plan_id=row.pk, reason="太晚", now=NOW)


def test_a_draft_is_never_published_unadopted(clerk, plan, item):
    with pytest.raises(IllegalTransition):
        as_(clerk, publish_work_plan, plan_id=plan.pk, now=NOW)


def test_publishing_tells_every_deputy_with_an_account_once(
    clerk, adopted, deputy_actor, second_actor, third
):
    for _ in range(2):
        as_(clerk, publish_work_plan, plan_id=adopted.pk, now=NOW)
    with acting(system_actor()):
        rows = Notification._plain.filter(title__contains="已公布")
        told = list(rows.values_list("account_id", flat=True))
    assert sorted(told) == sorted([deputy_actor.account_id, second_actor.account_id])


def test_deputies_and_neighbours_see_no_draft(clerk, other_clerk, deputy_actor, county, plan, item, chair):
    for actor, seen in ((clerk, 1), (deputy_actor, 0), (county, 0), (other_clerk, 0)):
        with acting(actor):
            assert visible_plans(actor).count() == seen
    as_(chair, adopt_work_plan, plan_id=plan.pk, now=NOW)
    as_(clerk, publish_work_plan, plan_id=plan.pk, now=NOW)
    for actor, seen in ((deputy_actor, 1), (county, 1), (other_clerk, 0)):
        with acting(actor):
            assert visible_plans(actor).count() == seen
    with pytest.raises(OutOfScope):
        as_(other_clerk, publish_work_plan, plan_id=plan.pk, now=NOW)
    with pytest.raises(Forbidden, match="本级"):
        as_(county, publish_work_plan, plan_id=plan.pk, now=NOW)


@pytest.fixture
def county(world):
    return make_account(world["榆次区"], Role.COUNTY_COMMITTEE)


def test_an_item_has_months_or_days_never_both_and_in_its_year(clerk, plan, group):
    for facts, field in (
        ({"months": ()}, "months"),
        ({"months": (13,)}, "months"),
        ({"starts_on": date(2026, 5, 1)}, "months"),
        ({"months": (), "starts_on": date(2027, 5, 1)}, "starts_on"),
        ({"months": (), "starts_on": date(2026, 5, 2), "ends_on": date(2026, 5, 1)}, "ends_on"),
        ({"audience": Audience.GROUP}, "group"),
        ({"kind_code": "nothing"}, "kind_code"),
        ({"title": " "}, "title"),
    ):
        with pytest.raises(InvalidInput) as caught:
            add(clerk, plan, **facts)
        assert list(caught.value.fields) == [field]
    row = add(clerk, plan, audience=Audience.GROUP, group_id=group.pk)
    assert row.group_id == group.pk
    with pytest.raises(OutOfScope):
        add(clerk, plan, audience=Audience.GROUP, group_id=999_999)


def test_progress_counts_what_hangs_under_the_item(clerk, mandate, published, item):
    assert lines_of(clerk, published)[0].progress.state == Progress.DUE
    register_under(clerk, mandate, item, date(2026, 3, 4))
    line = lines_of(clerk, published)[0]
    assert (line.progress.held, line.progress.overdue, line.progress.state) == (1, 0, Progress.PARTLY)
    later = lines_of(clerk, published, date(2026, 10, 1))[0].progress
    assert (later.overdue, later.state) == (2, Progress.OVERDUE)
    arranged = as_(
        clerk, arrange_activity, kind_code="training", title="第二季度培训", starts_on=date(2026, 6, 10),
        plan_item_id=item.pk, now=NOW,
    )  # fmt: skip
    assert lines_of(clerk, published)[0].progress.state == Progress.ARRANGED
    assert again(arranged).plan_item_id == item.pk


def register_under(clerk, mandate, item, day):
    return as_(
        clerk, register_activity, kind_code="training", title="培训", starts_on=day,
        outcomes={mandate.pk: DutyState.ATTENDED}, plan_item_id=item.pk if item else None, now=NOW,
    )  # fmt: skip


def test_what_was_registered_without_a_plan_can_be_hung_under_it(clerk, mandate, published, item):
    row = register_under(clerk, mandate, None, date(2026, 3, 4))
    as_(clerk, link_activity, activity_id=row.pk, item_id=item.pk)
    assert lines_of(clerk, published)[0].progress.held == 1
    as_(clerk, link_activity, activity_id=row.pk, item_id=None)
    assert lines_of(clerk, published)[0].progress.held == 0
    old = register_under(clerk, mandate, None, date(2025, 12, 4))
    with pytest.raises(InvalidInput, match="与活动日期不符"):
        as_(clerk, link_activity, activity_id=old.pk, item_id=item.pk)


def test_lines_cost_two_queries_for_one_and_for_three(
    clerk, mandate, published, item, django_assert_num_queries
):
    with acting(clerk), django_assert_num_queries(2):
        plan_lines(clerk, published, TODAY)
    with acting(system_actor()):
        for number in (2, 3):
            WorkPlanItem._plain.create(
                scope_code=item.scope_code, plan=published, kind=item.kind, title=f"第{number}项", months=[5]
            )
    register_under(clerk, mandate, item, date(2026, 3, 4))
    with acting(clerk), django_assert_num_queries(2):
        assert len(plan_lines(clerk, published, TODAY)) == 3


def test_an_adopted_item_is_called_off_with_its_reason_and_owes_nothing(clerk, mandate, published, item):
    with pytest.raises(InvalidInput):
        as_(clerk, call_off_plan_item, item_id=item.pk, reason="")
    arranged = as_(
        clerk, arrange_activity, kind_code="training", title="培训", starts_on=date(2026, 6, 10), plan_item_id=item.pk,
        now=NOW,
    )  # fmt: skip
    with pytest.raises(Refused, match="先取消活动"):
        as_(clerk, call_off_plan_item, item_id=item.pk, reason="经费调整")
    with acting(system_actor()):
        type(arranged)._plain.filter(pk=arranged.pk).update(state=ReceptionDayState.CANCELLED.value)
    as_(clerk, call_off_plan_item, item_id=item.pk, reason="经费调整")
    progress = lines_of(clerk, published, date(2026, 12, 31))[0].progress
    assert (progress.overdue, progress.state) == (0, Progress.CALLED_OFF)
    with pytest.raises(Refused, match="已经取消"):
        as_(
            clerk, arrange_activity, kind_code="training", title="培训", starts_on=date(2026, 6, 10),
            plan_item_id=item.pk, now=NOW,
        )  # fmt: skip


def test_last_years_plan_comes_over_as_a_draft(clerk, chair, published, item):
    as_(system_actor(), type_days, item=item)
    row = as_(clerk, copy_work_plan, year=2027, now=NOW)
    assert (row.state, row.title, row.year) == (PlanState.DRAFT, "庄子乡人大2027年度代表工作计划", 2027)
    with acting(clerk):
        copied = row.items.get()
    assert (copied.title, copied.months, copied.starts_on) == (item.title, [5], None)
    with pytest.raises(Refused, match="已经有了"):
        as_(clerk, copy_work_plan, year=2027, now=NOW)


def type_days(*, actor, item):
    WorkPlanItem._plain.filter(pk=item.pk).update(
        months=[], starts_on=date(2026, 5, 12), ends_on=date(2026, 5, 12)
    )


def test_a_plan_is_archived_when_its_year_is_over(clerk, published):
    with pytest.raises(Refused, match="还没有结束"):
        as_(clerk, archive_work_plan, plan_id=published.pk, now=NOW)
    row = as_(clerk, archive_work_plan, plan_id=published.pk, now=NOW.replace(year=2027))
    assert row.state == PlanState.ARCHIVED


# -- pages -----------------------------------------------------------------------------------------------


def test_a_clerk_writes_a_plan_the_chair_adopts_and_the_deputy_reads(sign_in, clerk, chair, deputy_actor):
    office, head, deputy = sign_in(clerk), sign_in(chair), sign_in(deputy_actor)
    year = timezone.localdate().year
    form = office.get(reverse("stations_begin_plan")).content.decode()
    assert f"庄子乡人大主席团{year}年度代表工作计划" in form
    sent = office.post(
        reverse("stations_begin_plan"), {"year": year, "title": "年度计划", "foreword": "一\n二"}
    )
    with acting(system_actor()):
        plan = WorkPlan._plain.get()
    assert sent.url == reverse("stations_plan", args=[plan.pk])
    both = {
        "kind": "training",
        "title": "培训",
        "audience": "all",
        "months": ["3"],
        "starts_on": f"{year}-03-01",
    }
    refused = office.post(reverse("stations_add_plan_item", args=[plan.pk]), both).content.decode()
    assert "月份和具体日期只填一种" in refused
    assert 'value="培训"' in refused
    both.pop("starts_on")
    office.post(reverse("stations_add_plan_item", args=[plan.pk]), both | {"more": "1"})
    assert "送请审定" in office.get(sent.url).content.decode()
    office.post(reverse("stations_plan_step", args=[plan.pk, "submit"]))
    assert "审定" in head.get(sent.url).content.decode()
    assert deputy.get(sent.url).status_code == 403
    head.post(
        reverse("stations_adopt_plan", args=[plan.pk]), {"adopted_on": f"{timezone.localdate():%Y-%m-%d}"}
    )
    office.post(reverse("stations_plan_step", args=[plan.pk, "publish"]))
    assert again(plan).state == PlanState.PUBLISHED
    seen = deputy.get(sent.url).content.decode()
    assert "培训" in seen
    assert "编列事项" not in seen
    assert office.get(reverse("stations_plan_step", args=[plan.pk, "submit"])).status_code == 405
    assert office.post(reverse("stations_plan_step", args=[plan.pk, "burn"])).status_code == 404


def test_the_paper_says_what_the_plan_says(sign_in, clerk, published):
    answer = sign_in(clerk).get(reverse("stations_print_plan", args=[published.pk]))
    assert answer["Content-Type"] == "application/pdf"
    text = "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(answer.content)).pages)
    text = text.replace("\n", "").replace(" ", "")
    for words in ("代表履职培训", "3月、6月、9月、12月", "全体代表", "总体要求", "2026年3月6日"):
        assert words in text
    assert "草案" not in text


def test_a_draft_on_paper_says_so(sign_in, clerk, plan, item):
    answer = sign_in(clerk).get(reverse("stations_print_plan", args=[plan.pk]))
    text = "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(answer.content)).pages)
    assert "草案" in text


def test_empty_pages_say_what_to_do(sign_in, clerk, deputy_actor, plan):
    assert "还没有编列事项" in sign_in(clerk).get(reverse("stations_plan", args=[plan.pk])).content.decode()
    assert "还没有年度代表工作计划" in sign_in(deputy_actor).get(reverse("stations_plans")).content.decode()


def test_the_overdue_figure_opens_exactly_its_items(sign_in, clerk, published, item):
    with acting(system_actor()):
        WorkPlan._plain.filter(pk=published.pk).update(year=2025)
    page = sign_in(clerk).get(reverse("stations_plan", args=[published.pk]), {"show": "overdue"})
    assert page.context["overdue"] == 4
    assert [line["item"].pk for line in page.context["lines"]] == [item.pk]
    none = sign_in(clerk).get(reverse("stations_plan", args=[published.pk]), {"show": "done"})
    assert "没有这一进度的事项" in none.content.decode()


def test_residents_read_the_published_plan_without_an_account(client, clerk, chair, plan, item, station):
    place, address = (
        reverse(name, args=[clerk.lo]) for name in ("reports_public_place", "reports_public_plan")
    )
    assert client.get(address).status_code == 404
    assert plan.title not in client.get(place).content.decode()
    as_(chair, adopt_work_plan, plan_id=plan.pk, now=NOW)
    assert client.get(address).status_code == 404
    as_(clerk, publish_work_plan, plan_id=plan.pk, now=NOW)
    assert plan.title in client.get(place).content.decode()
    text = client.get(address).content.decode()
    assert "代表履职培训" in text
    assert "3月、6月、9月、12月" in text
