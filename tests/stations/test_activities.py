"""An activity from the arrangement over answers and reminders to the register, and what it leaves due."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from liaison.models import Notification
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from stations.enums import AnswerState, Audience, DutyState, LeaveState, ParticipationState, ReceptionDayState
from stations.models import Activity, Invitation, LeaveRequest, Participation, StationPhoto
from stations.selectors import participation_facts
from stations.selectors.activities import coming_activities, own_invitations
from stations.services import (
    answer_invitation,
    arrange_activity,
    call_off_activity,
    change_activity,
    confirm_record,
    decide_leave,
    register_activity_attendance,
    remind_invitations,
    request_leave,
    save_minutes,
    send_invitations,
    withdraw_leave,
)
from tests.browsing import edit
from tests.factories import make_account, make_deputy_actor, make_mandate
from tests.stations.conftest import NOW, TODAY
from tests.stations.makers import again, as_

DAY = date(2026, 3, 20)
AFTER = NOW.replace(day=20)
D = DutyState


def arrange(actor, **facts):
    values = {
        "kind_code": "training",
        "title": "代表培训",
        "starts_on": DAY,
        "place": "乡政府会议室",
        "now": NOW,
    }
    return as_(actor, arrange_activity, **{**values, **facts})


def send(actor, activity):
    return as_(actor, send_invitations, activity_id=activity.pk, now=NOW)


def told(actor, activity=None, title="请参加"):
    with acting(system_actor()):
        return Notification._plain.filter(account_id=actor.account_id, title__startswith=title).count()


def invitation_of(activity, mandate):
    with acting(system_actor()):
        return Invitation._plain.get(activity=activity, mandate=mandate)


def part_of(activity, mandate):
    with acting(system_actor()):
        return (
            Participation._plain.exclude(outcome="cancelled")
            .filter(activity=activity, mandate=mandate)
            .first()
        )


def answer(actor, activity, mandate, *, is_coming=True, now=NOW, **facts):
    row = invitation_of(activity, mandate)
    return as_(actor, answer_invitation, invitation_id=row.pk, is_coming=is_coming, now=now, **facts)


def due_of(actor, term, mandate, code="training"):
    with acting(actor):
        rows = participation_facts(term, date(2026, 1, 1), date(2026, 12, 31), actor=actor)[mandate.pk]
    row = rows.get(code)
    return (row.due, row.done, row.excused, len(row.pending)) if row else (0, 0, 0, 0)


@pytest.fixture
def activity(clerk, mandate, second, deputy_actor, second_actor):
    return send(clerk, arrange(clerk, answer_by=date(2026, 3, 18)))


def test_nobody_is_told_or_owes_anything_before_the_notice(clerk, term, mandate, deputy_actor):
    row = arrange(clerk)
    assert (row.state, told(deputy_actor), part_of(row, mandate)) == (ReceptionDayState.PLANNED, 0, None)
    assert due_of(clerk, term, mandate) == (0, 0, 0, 0)
    with acting(deputy_actor):
        assert own_invitations(deputy_actor, TODAY) == []


def test_the_notice_reaches_everybody_once_and_makes_the_activity_due(
    clerk, term, mandate, deputy_actor, activity
):
    send(clerk, activity)
    assert told(deputy_actor) == 1
    assert part_of(activity, mandate).outcome == D.SCHEDULED
    assert due_of(clerk, term, mandate) == (1, 0, 0, 1)


def test_groups_and_lists_are_asked_as_named(clerk, mandate, second, third, group):
    of_group = arrange(clerk, audience=Audience.GROUP, group_id=group.pk)
    named = arrange(clerk, audience=Audience.INVITED, mandate_ids=[mandate.pk, third.pk])
    with acting(clerk):
        assert set(of_group.invitations.values_list("mandate_id", flat=True)) == {second.pk}
        assert set(named.invitations.values_list("mandate_id", flat=True)) == {mandate.pk, third.pk}
    with pytest.raises(InvalidInput, match="至少选择一位"):
        arrange(clerk, audience=Audience.INVITED)


def test_who_joins_before_the_notice_is_asked_as_well(clerk, term, mandate):
    row = arrange(clerk)
    late = make_mandate(term, "新代表")
    send(clerk, row)
    assert part_of(row, late).outcome == D.SCHEDULED


def test_only_organisers_arrange_and_only_their_own(
    clerk, other_clerk, deputy_actor, county, leader, group, mandate, second
):
    with pytest.raises(Forbidden):
        arrange(deputy_actor)
    with pytest.raises(Forbidden):
        arrange(leader)
    own = arrange(leader, audience=Audience.GROUP, group_id=group.pk)
    assert own.scope_code == clerk.lo
    with pytest.raises(OutOfScope):
        as_(other_clerk, send_invitations, activity_id=own.pk, now=NOW)
    with pytest.raises(Forbidden):
        as_(county, send_invitations, activity_id=own.pk, now=NOW)


@pytest.fixture
def county(world):
    return make_account(world["榆次区"], Role.COUNTY_COMMITTEE)


@pytest.fixture
def leader(township, group, second):
    return make_account(township, Role.GROUP_LEADER, person_ref=second.person_id, group_ref=group.pk)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"starts_on": date(2026, 3, 5)}, "starts_on"),
        ({"ends_on": date(2026, 3, 19)}, "ends_on"),
        ({"answer_by": date(2026, 3, 21)}, "answer_by"),
        ({"answer_by": date(2026, 3, 5)}, "answer_by"),
        ({"capacity": 0}, "capacity"),
        ({"title": ""}, "title"),
        ({"kind_code": "x"}, "kind_code"),
    ],
)
def test_wrong_entries_are_named_at_their_field(clerk, mandate, facts, field):
    with pytest.raises(InvalidInput) as caught:
        arrange(clerk, **facts)
    assert list(caught.value.fields) == [field]


def test_sending_the_form_twice_makes_one_activity(clerk, mandate):
    first = arrange(clerk, idempotency_key="k1")
    assert arrange(clerk, idempotency_key="k1").pk == first.pk
    with acting(system_actor()):
        assert Activity._plain.count() == 1


# -- answers ---------------------------------------------------------------------------------------------


def test_a_deputy_says_yes_and_it_is_once(deputy_actor, mandate, activity):
    first = answer(deputy_actor, activity, mandate)
    assert (first.answer, first.answered_by_id) == (AnswerState.COMING, deputy_actor.account_id)
    later = answer(deputy_actor, activity, mandate, now=NOW + timedelta(hours=1))
    assert later.answered_at == first.answered_at


def test_leave_from_an_activity_goes_the_whole_way(clerk, term, deputy_actor, mandate, activity):
    with pytest.raises(InvalidInput, match="请填写请假事由"):
        answer(deputy_actor, activity, mandate, is_coming=False)
    answer(deputy_actor, activity, mandate, is_coming=False, reason="住院", kind="illness")
    with acting(system_actor()):
        leave = LeaveRequest._plain.get()
    assert (leave.state, leave.participation_id) == (LeaveState.REQUESTED, part_of(activity, mandate).pk)
    assert due_of(clerk, term, mandate)[0] == 1
    as_(clerk, decide_leave, leave_id=leave.pk, is_approved=True, note="", now=NOW)
    assert part_of(activity, mandate).outcome == D.ON_LEAVE
    assert due_of(clerk, term, mandate) == (0, 0, 1, 0)
    # He recovers: saying yes takes the leave back.
    answer(deputy_actor, activity, mandate)
    assert again(leave).state == LeaveState.WITHDRAWN
    assert part_of(activity, mandate).outcome == D.SCHEDULED
    assert due_of(clerk, term, mandate)[0] == 1


def test_refused_leave_asks_again(clerk, deputy_actor, mandate, activity):
    answer(deputy_actor, activity, mandate, is_coming=False, reason="有事")
    with acting(system_actor()):
        leave = LeaveRequest._plain.get()
    as_(clerk, decide_leave, leave_id=leave.pk, is_approved=False, note="请克服困难", now=NOW)
    assert invitation_of(activity, mandate).answer == AnswerState.WAITING
    assert part_of(activity, mandate).outcome == D.SCHEDULED


def test_leave_by_days_answers_the_invitation_and_withdrawing_it_asks_again(
    clerk, deputy_actor, mandate, activity
):
    leave = as_(
        deputy_actor, request_leave, starts_on=date(2026, 3, 19), ends_on=date(2026, 3, 22), kind="illness",
        reason="住院", now=NOW,
    )  # fmt: skip
    as_(clerk, decide_leave, leave_id=leave.pk, is_approved=True, note="", now=NOW)
    assert invitation_of(activity, mandate).answer == AnswerState.DECLINED
    as_(deputy_actor, withdraw_leave, leave_id=leave.pk, now=NOW)
    assert invitation_of(activity, mandate).answer == AnswerState.WAITING
    assert part_of(activity, mandate).outcome == D.SCHEDULED


def test_who_is_on_leave_already_is_excused_with_the_notice(clerk, term, deputy_actor, mandate):
    leave = as_(
        deputy_actor, request_leave, starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 31), kind="illness",
        reason="住院", now=NOW,
    )  # fmt: skip
    as_(clerk, decide_leave, leave_id=leave.pk, is_approved=True, note="", now=NOW)
    row = send(clerk, arrange(clerk))
    assert part_of(row, mandate).outcome == D.ON_LEAVE
    assert due_of(clerk, term, mandate) == (0, 0, 1, 0)
    with pytest.raises(Refused, match="先撤回请假"):
        answer(deputy_actor, row, mandate)


def test_only_the_deputy_or_the_organiser_answers(
    clerk, second_actor, other_clerk, third_actor, mandate, activity
):
    with pytest.raises(Forbidden):
        answer(second_actor, activity, mandate)
    with pytest.raises(OutOfScope):
        answer(other_clerk, activity, mandate)
    assert answer(clerk, activity, mandate).answered_by_id == clerk.account_id


@pytest.fixture
def third_actor(third):
    return make_deputy_actor(third)


def test_after_the_day_to_answer_by_only_the_organiser_answers(clerk, deputy_actor, mandate, activity):
    late = NOW.replace(day=19)
    with pytest.raises(Refused, match="已过"):
        answer(deputy_actor, activity, mandate, now=late)
    assert answer(clerk, activity, mandate, now=late).answer == AnswerState.COMING
    with pytest.raises(Refused, match="活动日期已过"):
        answer(clerk, activity, mandate, is_coming=False, reason="x", now=NOW.replace(day=21))


def test_places_are_given_once_and_who_signed_up_alone_owes(
    clerk, term, deputy_actor, second_actor, mandate, second
):
    row = send(clerk, arrange(clerk, capacity=1))
    assert part_of(row, mandate) is None
    assert due_of(clerk, term, mandate) == (0, 0, 0, 0)
    answer(deputy_actor, row, mandate)
    with pytest.raises(Refused, match="名额1人已满"):
        answer(second_actor, row, second)
    assert due_of(clerk, term, mandate)[0] == 1
    answer(deputy_actor, row, mandate, is_coming=False)
    assert due_of(clerk, term, mandate) == (0, 0, 0, 0)
    with acting(system_actor()):
        assert LeaveRequest._plain.count() == 0
    answer(second_actor, row, second)
    assert part_of(row, second).outcome == D.SCHEDULED


# -- change, call off, remind ----------------------------------------------------------------------------


def test_another_day_moves_everybody_and_asks_anew(clerk, deputy_actor, mandate, activity):
    answer(deputy_actor, activity, mandate)
    later = date(2026, 3, 25)
    as_(clerk, change_activity, activity_id=activity.pk, starts_on=later, ends_on=later, now=NOW)
    assert part_of(activity, mandate).day == later
    assert invitation_of(activity, mandate).answer == AnswerState.WAITING
    assert told(deputy_actor, title="活动安排有变化") == 1
    as_(clerk, change_activity, activity_id=activity.pk, summary="带笔记本", now=NOW)
    assert told(deputy_actor, title="活动安排有变化") == 1


def test_what_is_called_off_leaves_no_debt_even_for_those_on_leave(
    clerk, term, deputy_actor, mandate, second, activity
):
    answer(deputy_actor, activity, mandate, is_coming=False, reason="住院")
    with acting(system_actor()):
        leave = LeaveRequest._plain.get()
    as_(clerk, decide_leave, leave_id=leave.pk, is_approved=True, note="", now=NOW)
    with pytest.raises(InvalidInput):
        as_(clerk, call_off_activity, activity_id=activity.pk, reason="", now=NOW)
    for _ in range(2):
        row = as_(clerk, call_off_activity, activity_id=activity.pk, reason="暴雨", now=NOW)
    assert row.state == ReceptionDayState.CANCELLED
    assert due_of(clerk, term, mandate) == due_of(clerk, term, second) == (0, 0, 0, 0)
    assert told(deputy_actor, title="活动取消") == 1
    with pytest.raises(Refused, match="已取消"):
        answer(deputy_actor, activity, mandate)


def remind(actor, now):
    """As the beat does it, in the township alone."""
    return as_(system_actor(actor.lo, actor.lo + 1), remind_invitations, now=now)


def test_a_reminder_comes_once_to_those_who_are_silent(clerk, deputy_actor, second_actor, mandate, activity):
    answer(deputy_actor, activity, mandate)
    assert remind(clerk, NOW.replace(day=15)) == 0
    assert remind(clerk, NOW.replace(day=16)) == 1
    assert remind(clerk, NOW.replace(day=16)) == 0
    assert (told(deputy_actor, title="请答复"), told(second_actor, title="请答复")) == (0, 1)


def test_a_missed_day_of_reminding_is_made_up_but_not_after_the_activity(clerk, second_actor, activity):
    assert remind(clerk, NOW.replace(day=21)) == 0
    assert remind(clerk, NOW.replace(day=19)) == 2


# -- the register ----------------------------------------------------------------------------------------


def register(actor, activity, outcomes, now=AFTER, **facts):
    return as_(
        actor, register_activity_attendance, activity_id=activity.pk, outcomes=outcomes, now=now, **facts
    )


def test_one_register_for_all_and_each_confirms(clerk, term, deputy_actor, mandate, second, activity):
    row = register(
        clerk,
        activity,
        {mandate.pk: D.ATTENDED, second.pk: D.ABSENT},
        minutes="一、学习",
        speeches={mandate.pk: "谈体会"},
    )
    assert (row.state, row.minutes) == (ReceptionDayState.HELD, "一、学习")
    part = part_of(activity, mandate)
    assert (part.outcome, part.state, part.speech) == (D.ATTENDED, ParticipationState.REGISTERED, "谈体会")
    assert due_of(clerk, term, mandate) == (1, 0, 0, 1)
    as_(deputy_actor, confirm_record, participation_id=part.pk, now=AFTER)
    assert due_of(clerk, term, mandate) == (1, 1, 0, 0)


def test_nobody_expected_is_forgotten(clerk, mandate, second, activity):
    with pytest.raises(InvalidInput, match="请登记李秀英的参加情况"):
        register(clerk, activity, {mandate.pk: D.ATTENDED})
    assert again(activity).state == ReceptionDayState.PUBLISHED


def test_not_before_its_day_and_not_when_called_off(clerk, mandate, second, activity):
    every = {mandate.pk: D.ATTENDED, second.pk: D.ATTENDED}
    with pytest.raises(Refused, match="还没有开始"):
        register(clerk, activity, every, now=NOW)
    as_(clerk, call_off_activity, activity_id=activity.pk, reason="暴雨", now=NOW)
    with pytest.raises(Refused, match="已取消"):
        register(clerk, activity, every)


def test_who_came_unasked_is_added_and_who_came_in_spite_of_leave_counts(
    clerk, term, deputy_actor, mandate, second, third, activity
):
    answer(deputy_actor, activity, mandate, is_coming=False, reason="有事")
    with acting(system_actor()):
        leave = LeaveRequest._plain.get()
    as_(clerk, decide_leave, leave_id=leave.pk, is_approved=True, note="", now=NOW)
    register(clerk, activity, {mandate.pk: D.ATTENDED, second.pk: D.ON_LEAVE, third.pk: D.ATTENDED})
    part = part_of(activity, mandate)
    assert (part.outcome, part.state) == (D.ATTENDED, ParticipationState.REGISTERED)
    assert part_of(activity, third).outcome == D.ATTENDED
    as_(deputy_actor, confirm_record, participation_id=part.pk, now=AFTER)
    assert due_of(clerk, term, mandate) == (1, 1, 0, 0)


def test_granted_leave_stays_granted(clerk, deputy_actor, mandate, second, activity):
    answer(deputy_actor, activity, mandate, is_coming=False, reason="有事")
    with acting(system_actor()):
        leave = LeaveRequest._plain.get()
    as_(clerk, decide_leave, leave_id=leave.pk, is_approved=True, note="", now=NOW)
    register(clerk, activity, {mandate.pk: D.ON_LEAVE, second.pk: D.ATTENDED})
    part = part_of(activity, mandate)
    assert (part.outcome, part.state, part.recorded_at) == (D.ON_LEAVE, ParticipationState.CONFIRMED, None)


def test_a_slip_is_corrected_until_the_other_side_has_answered(
    clerk, deputy_actor, mandate, second, activity
):
    register(clerk, activity, {mandate.pk: D.ABSENT, second.pk: D.ATTENDED})
    register(clerk, activity, {mandate.pk: D.ATTENDED, second.pk: D.ATTENDED})
    part = part_of(activity, mandate)
    assert part.outcome == D.ATTENDED
    as_(deputy_actor, confirm_record, participation_id=part.pk, now=AFTER)
    with pytest.raises(Refused, match="不能直接改登记"):
        register(clerk, activity, {mandate.pk: D.ABSENT, second.pk: D.ATTENDED})


def test_minutes_follow_later(clerk, deputy_actor, mandate, second, activity):
    with pytest.raises(Refused, match="开展以后"):
        as_(clerk, save_minutes, activity_id=activity.pk, minutes="x")
    register(clerk, activity, {mandate.pk: D.ATTENDED, second.pk: D.ATTENDED})
    as_(clerk, save_minutes, activity_id=activity.pk, minutes="议定三件事")
    assert again(activity).minutes == "议定三件事"
    with pytest.raises(Forbidden):
        as_(deputy_actor, save_minutes, activity_id=activity.pk, minutes="x")


# -- pages -----------------------------------------------------------------------------------------------


def test_the_list_costs_the_same_for_one_and_for_three(clerk, mandate, second, django_assert_num_queries):
    arrange(clerk)
    with acting(clerk), django_assert_num_queries(1):
        coming_activities(clerk, TODAY)
    arrange(clerk, title="二")
    arrange(clerk, title="三")
    with acting(clerk), django_assert_num_queries(1):
        found = coming_activities(clerk, TODAY)
    assert [(vars(row)["asked"], vars(row)["silent"]) for row in found] == [(2, 2)] * 3


def test_a_clerk_arranges_tells_and_registers_on_three_pages(sign_in, clerk, deputy_actor, mandate, second):
    office, phone = sign_in(clerk), sign_in(deputy_actor)
    today = timezone.localdate()
    page = office.get(reverse("stations_arrange_activity"))
    sent = {
        "who": "all", "kind": "training", "title": "秋季培训", "starts_on": f"{today:%Y-%m-%d}", "send": "1",
        "idempotency_key": page.context["form"]["idempotency_key"].value(),
    }  # fmt: skip
    answered = office.post(reverse("stations_arrange_activity"), sent)
    with acting(system_actor()):
        row = Activity._plain.get()
    assert answered.url == reverse("stations_activity", args=[row.pk])
    assert "有1项活动请您答复" in phone.get(reverse("stations_home")).content.decode()
    mine = invitation_of(row, mandate)
    assert "秋季培训" in phone.get(reverse("stations_invitations")).content.decode()
    assert "不能参加，请假" in phone.get(reverse("stations_invitation", args=[mine.pk])).content.decode()
    assert phone.post(reverse("stations_come", args=[mine.pk])).status_code == 302
    text = office.get(reverse("stations_activities")).content.decode()
    assert "参加1，请假0，未答复1" in text
    assert "登记参加情况" in text
    register_page = office.get(reverse("stations_activity_attendance", args=[row.pk]))
    form = register_page.context["form"]
    assert form[f"outcome_{mandate.pk}"].value() == "attended"
    assert not form[f"outcome_{second.pk}"].value()
    register = reverse("stations_activity_attendance", args=[row.pk])
    short = edit(office, register, minutes="长长的纪要").content.decode()
    assert "请登记李秀英的参加情况" in short
    assert "长长的纪要" in short
    done = edit(office, register, others="absent")
    assert done.status_code == 302
    assert (part_of(row, mandate).outcome, part_of(row, second).outcome) == (D.ATTENDED, D.ABSENT)
    shown = phone.get(reverse("stations_activity", args=[row.pk])).content.decode()
    assert "王建国" in shown
    assert "李秀英" not in shown


def test_a_deputy_asks_for_leave_on_the_phone(sign_in, deputy_actor, clerk, mandate):
    phone, today = sign_in(deputy_actor), timezone.localdate()
    row = as_(
        clerk, arrange_activity, kind_code="training", title="培训", starts_on=today + timedelta(days=9),
        now=timezone.now(),
    )  # fmt: skip
    as_(clerk, send_invitations, activity_id=row.pk, now=timezone.now())
    mine = invitation_of(row, mandate)
    decline = reverse("stations_decline", args=[mine.pk])
    assert "请填写请假事由" in phone.post(decline, {"kind": "personal"}).content.decode()
    assert phone.post(decline, {"kind": "personal", "reason": "家中有事"}).status_code == 302
    office = sign_in(clerk)
    with acting(system_actor()):
        leave = LeaveRequest._plain.get()
    shown = office.get(reverse("stations_decide_leave", args=[leave.pk])).content.decode()
    assert "培训" in shown
    assert "不计入应参加次数" in shown
    refused = office.post(
        reverse("stations_decide_leave", args=[leave.pk]), {"decision": "no"}
    ).content.decode()
    assert "请填写不批准的原因" in refused
    office.post(reverse("stations_decide_leave", args=[leave.pk]), {"decision": "yes"})
    assert again(leave).state == LeaveState.APPROVED
    assert "没有待审批的请假" in office.get(reverse("stations_waiting_leave")).content.decode()


def picture():
    data = BytesIO()
    Image.new("RGB", (64, 48), "green").save(data, "JPEG")
    return SimpleUploadedFile("a.jpg", data.getvalue(), content_type="image/jpeg")


def test_photos_stand_with_the_activity(sign_in, clerk, mandate, second, activity):
    office = sign_in(clerk)
    address = reverse("stations_activity_photo", args=[activity.pk])
    assert "请选择照片" in office.post(address, {"caption": "x"}).content.decode()
    assert office.post(address, {"caption": "会场", "file": picture()}).status_code == 302
    with acting(system_actor()):
        assert StationPhoto._plain.get().activity_id == activity.pk
    assert "会场" in office.get(reverse("stations_activity", args=[activity.pk])).content.decode()


@pytest.mark.usefixtures("mandate")
def test_the_county_reads_why_it_cannot_change_a_townships_activity(clerk, county, sign_in):
    activity = arrange(clerk)
    answer = sign_in(county).get(reverse("stations_change_activity", args=[activity.pk]))
    assert answer.status_code == 403
    assert "这项活动由其他单位组织，您只能查看。" in answer.content.decode()
