"""The pages as a deputy, a station clerk, the office and the neighbour meet them."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from liaison.models import Notification
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from stations.enums import DutyState, LeaveState, ParticipationState, SwapState
from stations.models import (
    Activity,
    DutySwap,
    LeaveRequest,
    Participation,
    ReceptionDay,
    ReceptionRule,
    Station,
)
from tests.browsing import edit, filled
from tests.factories import make_account
from tests.stations.makers import again, make_day, make_part, make_turn

S = ParticipationState


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def as_deputy(sign_in, deputy_actor):
    return sign_in(deputy_actor)


@pytest.fixture
def as_station(sign_in, station_clerk):
    return sign_in(station_clerk)


@pytest.fixture
def as_office(sign_in, clerk):
    return sign_in(clerk)


def the_only(model):
    with acting(system_actor()):
        return model._plain.get()


def test_a_duty_is_logged_from_the_home_page_in_two_steps(as_deputy, station, mandate, today):
    turn = make_turn(make_day(station, today), mandate)
    home = as_deputy.get(reverse("stations_home"))
    assert "登记值班" in home.content.decode()
    page = as_deputy.get(reverse("stations_log_duty"))
    assert f'value="{turn.reception_day_id}" required' in page.content.decode()
    assert "checked" in page.content.decode()
    key = page.context["form"]["idempotency_key"].value()
    sent = {"day": turn.reception_day_id, "note": "接待3人，反映路灯不亮", "idempotency_key": key}
    for _ in range(2):
        assert as_deputy.post(reverse("stations_log_duty"), sent).status_code == 302
    row = again(turn)
    assert (row.outcome, row.note, row.is_recorded_by_deputy) == (
        DutyState.ATTENDED,
        "接待3人，反映路灯不亮",
        True,
    )


def test_without_a_turn_the_page_leads_on(as_deputy):
    assert "今天没有可登记的值班" in as_deputy.get(reverse("stations_log_duty")).content.decode()


def test_a_visit_is_one_form_and_sent_twice_one_row(as_deputy, today):
    page = as_deputy.get(reverse("stations_record_visit"))
    sent = {
        "kind": "constituency_visit", "day": today.isoformat(), "place": "东庄村", "note": "走访三户",
        "idempotency_key": page.context["form"]["idempotency_key"].value(),
    }  # fmt: skip
    for _ in range(2):
        assert as_deputy.post(reverse("stations_record_visit"), sent).status_code == 302
    assert the_only(Participation).note == "走访三户"


def test_errors_stand_at_the_field_and_nothing_typed_is_lost(as_deputy, today):
    sent = {
        "kind": "constituency_visit",
        "day": (today + timedelta(days=1)).isoformat(),
        "note": "走访三户",
        "idempotency_key": "k",
    }
    page = as_deputy.post(reverse("stations_record_visit"), sent)
    assert page.status_code == 200
    assert page.context["form"].errors == {"day": ["日期不能晚于今天，请核对。"]}
    assert "走访三户" in page.content.decode()


def test_what_others_registered_is_confirmed_with_one_tap(as_deputy, mandate, station_clerk, station, today):
    row = make_turn(
        make_day(station, today),
        mandate,
        DutyState.ATTENDED,
        recorded_by_id=station_clerk.account_id,
        recorded_at=timezone.now(),
    )
    page = as_deputy.get(reverse("stations_confirm"))
    assert reverse("stations_confirm_one", args=[row.pk]) in page.content.decode()
    as_deputy.post(reverse("stations_confirm_one", args=[row.pk]))
    assert again(row).state == S.CONFIRMED


def test_all_of_a_page_are_confirmed_at_once(as_deputy, mandate, clerk):
    rows = [
        make_part(mandate, "training", date(2026, 1, n), state=S.REGISTERED, recorded_by_id=clerk.account_id)
        for n in (5, 6, 7)
    ]
    as_deputy.post(reverse("stations_confirm"), {"record": [row.pk for row in rows]})
    assert {again(row).state for row in rows} == {S.CONFIRMED}


def test_an_objection_is_written_and_settled_by_the_office(
    as_deputy, as_office, mandate, chair, station, today
):
    row = make_turn(
        make_day(station, today),
        mandate,
        DutyState.ABSENT,
        recorded_by_id=chair.account_id,
        recorded_at=timezone.now(),
    )
    assert as_deputy.post(reverse("stations_object", args=[row.pk]), {"reason": ""}).status_code == 200
    as_deputy.post(reverse("stations_object", args=[row.pk]), {"reason": "当天我在岗"})
    assert again(row).state == S.OBJECTED
    settle = reverse("admin:stations_participation_settle", args=[row.pk])
    assert "当天我在岗" in as_office.get(settle).content.decode()
    as_office.post(settle, {"decision": "correct", "outcome": "attended", "ruling": "经查签到簿"})
    assert (again(row).state, again(row).outcome) == (S.CORRECTED, DutyState.ATTENDED)
    assert "经查签到簿" in as_deputy.get(reverse("stations_record", args=[row.pk])).content.decode()


def test_leave_for_a_turn_and_for_days(as_deputy, mandate, station, today):
    turn = make_turn(make_day(station, today + timedelta(days=5)), mandate)
    page = as_deputy.get(reverse("stations_request_leave"), {"turn": turn.pk})
    key = page.context["form"]["idempotency_key"].value()
    sent = {"turn": turn.pk, "kind": "official_duty", "reason": "参加培训", "idempotency_key": key}
    as_deputy.post(reverse("stations_request_leave"), sent)
    leave = the_only(LeaveRequest)
    assert (leave.participation_id, leave.starts_on) == (turn.pk, turn.day)
    shown = as_deputy.get(reverse("stations_leave")).content.decode()
    assert "待批准" in shown
    as_deputy.post(reverse("stations_withdraw_leave", args=[leave.pk]))
    assert again(leave).state == LeaveState.WITHDRAWN
    assert (
        as_deputy.post(
            reverse("stations_request_leave"), {"kind": "personal", "reason": "有事", "idempotency_key": "x"}
        ).status_code
        == 200
    )


def test_a_swap_goes_through_three_hands(
    as_deputy, sign_in, second_actor, as_station, mandate, second, station, today
):
    turn = make_turn(make_day(station, today + timedelta(days=5)), mandate)
    as_deputy.post(
        reverse("stations_propose_swap", args=[turn.pk]), {"mandate": second.pk, "reason": "家中有事"}
    )
    swap = the_only(DutySwap)
    answer = reverse("stations_answer_swap", args=[swap.pk])
    colleague = sign_in(second_actor)
    assert "同意接替" in colleague.get(reverse("stations_swaps")).content.decode()
    assert as_deputy.post(answer, {"answer": "consent"}).status_code == 403
    colleague.post(answer, {"answer": "consent"})
    as_station.post(answer, {"answer": "approve"})
    assert again(swap).state == SwapState.APPROVED


def test_turns_are_exchanged_on_the_phone_and_what_bends_the_rota_is_said(
    as_deputy, as_station, sign_in, mandate, second, second_actor, station, roster, today
):
    mine, between, theirs = (make_day(station, today + timedelta(days=7 * n)) for n in (1, 2, 3))
    turn, wanted = make_turn(mine, mandate), make_turn(theirs, second)
    make_turn(between, mandate)
    address = reverse("stations_propose_swap", args=[turn.pk])
    form = as_deputy.get(address).content.decode()
    assert f'value="{wanted.pk}"' in form
    refused = as_deputy.post(address, {"mandate": mandate.pk, "wanted": wanted.pk, "reason": "家中有事"})
    assert "mandate" in refused.context["form"].errors
    as_deputy.post(address, {"mandate": second.pk, "wanted": wanted.pk, "reason": "家中有事"})
    swap = the_only(DutySwap)
    shown = as_station.get(reverse("stations_swaps")).content.decode()
    assert "由王建国值班：上一次接待日也值班" in shown
    assert "由李秀英值班：" not in shown
    assert "等李秀英代表答复" in shown
    answer = reverse("stations_answer_swap", args=[swap.pk])
    sign_in(second_actor).post(answer, {"answer": "consent"})
    as_station.post(answer, {"answer": "approve"})
    with acting(system_actor()):
        now = set(
            Participation._plain.filter(outcome="scheduled").values_list("mandate_id", "reception_day_id")
        )
        told = set(Notification._plain.values_list("account_id", "title"))
    assert now == {(second.pk, mine.pk), (mandate.pk, between.pk), (mandate.pk, theirs.pk)}
    titles = {title for _, title in told}
    assert {title[:4] for title in titles} == {"王建国代", "李秀英代", "值班调换"}
    assert len([title for title in titles if title.startswith("值班调换已批准")]) == 1
    assert len([1 for _, title in told if title.startswith("值班调换已批准")]) == 2


def test_who_may_not_answer_a_swap_is_told_so_whatever_is_sent(
    as_deputy, sign_in, county, other_clerk, mandate, second, station, today
):
    turn = make_turn(make_day(station, today + timedelta(days=5)), mandate)
    as_deputy.post(
        reverse("stations_propose_swap", args=[turn.pk]), {"mandate": second.pk, "reason": "家中有事"}
    )
    answer = reverse("stations_answer_swap", args=[the_only(DutySwap).pk])
    assert as_deputy.post(answer).status_code == 400
    assert sign_in(county).post(answer).status_code == 403
    assert sign_in(other_clerk).post(answer).status_code == 404


def test_the_station_registers_todays_reception(as_station, mandate, second, station, roster, today):
    day = make_day(station, today)
    turn = make_turn(day, mandate)
    page = as_station.get(reverse("stations_reception", args=[day.pk]))
    assert "王建国" in page.content.decode()
    as_station.post(reverse("stations_reception", args=[day.pk]), {"step": "begin"})
    sent = {
        f"outcome_{mandate.pk}": "attended",
        f"outcome_{second.pk}": "",
        "visitor_count": "4",
        "idempotency_key": "k",
    }
    edit(as_station, reverse("stations_reception", args=[day.pk]), **sent)
    assert again(turn).outcome == DutyState.ATTENDED
    held = again(day)
    assert (held.state, held.visitor_count) == ("held", 4)
    assert held.began_at is not None
    with acting(system_actor()):
        assert Participation._plain.count() == 1


def test_the_county_reads_a_reception_and_registers_nothing(sign_in, county, mandate, station, today):
    day = make_day(station, today)
    make_turn(day, mandate)
    page = sign_in(county).get(reverse("stations_reception", args=[day.pk])).content.decode()
    assert "王建国（已排班）" in page
    assert "登记接待情况</button>" not in page
    answer = sign_in(county).post(
        reverse("stations_reception", args=[day.pk]),
        {f"outcome_{mandate.pk}": "attended", "idempotency_key": "k"},
    )
    assert answer.status_code == 403


def test_an_empty_register_says_what_to_do(as_station, mandate, station, roster, today):
    day = make_day(station, today)
    page = edit(as_station, reverse("stations_reception", args=[day.pk]), visitor_count="4")
    assert "请至少登记一位代表的到岗情况" in page.content.decode()
    assert again(day).state == "published"


def test_the_office_registers_a_whole_group_with_one_form(as_office, group, mandate, second, third, today):
    page = as_office.get(reverse("stations_register_activity"), {"group": group.pk})
    assert [m.pk for m, _, _ in page.context["form"].lines()] == [second.pk]
    sent = {
        "kind": "survey", "title": "视察乡村道路", "starts_on": today.isoformat(), "others": "attended",
        f"outcome_{mandate.pk}": "absent", f"speech_{second.pk}": "建议加宽",
        "idempotency_key": page.context["form"]["idempotency_key"].value(),
    }  # fmt: skip
    for _ in range(2):
        as_office.post(reverse("stations_register_activity"), sent)
    activity = the_only(Activity)
    with acting(system_actor()):
        rows = {row.mandate_id: (row.outcome, row.speech) for row in activity.participations.all()}
    assert rows == {
        mandate.pk: ("absent", ""),
        second.pk: ("attended", "建议加宽"),
        third.pk: ("attended", ""),
    }


def test_the_back_office_opens_a_station_lays_a_rule_and_plans_the_year(as_office, mandate, today):
    add = reverse("admin:stations_station_add")
    as_office.post(
        add,
        {"kind": "liaison_station", "name": "东庄村联络站", "address": "东庄村", "opened_on": "2026-01-01"},
    )
    station = the_only(Station)
    edit(as_office, reverse("admin:stations_station_roster", args=[station.pk]), mandates=[mandate.pk])
    rule = reverse("admin:stations_station_rule", args=[station.pk])
    sent = {
        "kind": "nth_weekday", "weekdays": ["5"], "nths": ["1"], "first_week": "first_weekday", "months": "every",
        "opens": "09:00", "closes": "11:30", "on_day_off": "postpone", "valid_from": today.isoformat(),
    }  # fmt: skip
    shown = as_office.post(rule, sent)
    assert "今后十二个月共12次" in shown.content.decode()
    with acting(system_actor()):
        assert ReceptionRule._plain.count() == 0
    as_office.post(rule, {**sent, "confirm": "1"})
    plan = {"start": today.isoformat(), "end": date(today.year, 12, 31).isoformat()}
    as_office.post(reverse("admin:stations_station_plan", args=[station.pk]), plan)
    with acting(system_actor()):
        assert ReceptionDay._plain.filter(station=station).count() >= 1
    for name in (
        "stations_station_changelist",
        "stations_receptionday_changelist",
        "stations_receptionrule_changelist",
    ):
        assert as_office.get(reverse(f"admin:{name}")).status_code == 200
    assert "轮值表" in as_office.get(reverse("stations_rota", args=[station.pk])).content.decode()


def test_a_wrong_rule_is_explained_at_its_field(as_office, station):
    rule = reverse("admin:stations_station_rule", args=[station.pk])
    sent = {
        "kind": "month_days", "month_days": "三十", "first_week": "first_weekday", "months": "every",
        "opens": "09:00", "closes": "08:00", "on_day_off": "postpone", "valid_from": "2026-01-01",
    }  # fmt: skip
    assert "请正确填写每月的日期" in as_office.post(rule, sent).content.decode()
    later = as_office.post(rule, {**sent, "month_days": "9、19"})
    assert "接待结束时间应晚于开始时间" in later.content.decode()


def test_the_rota_is_edited_with_warnings(as_office, station, roster, mandate, second, third):
    day = make_day(station, date(2026, 12, 4))
    duty = reverse("admin:stations_receptionday_duty", args=[day.pk])
    assert "0次" in as_office.get(duty).content.decode()
    page = as_office.post(duty, filled(as_office.get(duty), mandates=[mandate.pk]), follow=True)
    assert "已排1名代表值班" in page.content.decode()
    stale = filled(as_office.get(duty), mandates=[])
    moved = edit(as_office, duty, mandates=[second.pk])
    assert "请填写取消排班的原因" in moved.content.decode()
    assert edit(as_office, duty, mandates=[second.pk], reason="外出").status_code == 302
    assert as_office.post(duty, stale | {"reason": "外出"}).status_code == 409
    with acting(system_actor()):
        turns = set(Participation._plain.filter(outcome="scheduled").values_list("mandate_id", flat=True))
    assert turns == {second.pk}


def act_on(client, model, action, rows, **extra):
    url = reverse(f"admin:stations_{model}_changelist")
    return client.post(
        url, {"action": action, "_selected_action": [row.pk for row in rows], **extra}, follow=True
    )


def test_bulk_actions_publish_cancel_with_a_reason_confirm_and_approve(
    as_office, station, mandate, deputy_actor, today
):
    from stations.enums import ReceptionDayState

    days = [make_day(station, today + timedelta(days=n), state=ReceptionDayState.PLANNED) for n in (1, 2)]
    act_on(as_office, "receptionday", "publish", days)
    assert {again(day).state for day in days} == {"published"}
    assert "请填写办理理由" in act_on(as_office, "receptionday", "cancel", days[:1]).content.decode()
    act_on(as_office, "receptionday", "cancel", days[:1], reason="暴雨")
    assert again(days[0]).state == "cancelled"
    visit = make_part(
        mandate,
        "constituency_visit",
        today,
        state=S.REGISTERED,
        is_recorded_by_deputy=True,
        recorded_by_id=deputy_actor.account_id,
    )
    act_on(as_office, "participation", "confirm", [visit])
    assert again(visit).state == S.CONFIRMED
    with acting(system_actor()):
        leave = LeaveRequest._plain.create(
            scope_code=mandate.scope_code, mandate=mandate, starts_on=today, ends_on=today, reason="病",
            requested_by_id=deputy_actor.account_id, requested_at=timezone.now(),
        )  # fmt: skip
    act_on(as_office, "leaverequest", "approve", [leave])
    assert again(leave).state == LeaveState.APPROVED


def test_lists_and_records_open_in_the_back_office(as_office, mandate, station, today):
    row = make_turn(make_day(station, today), mandate, DutyState.ATTENDED, recorded_at=timezone.now())
    training = make_part(mandate, "training", today)
    for name in ("participation", "leaverequest", "activity", "activitykind", "dutyswap", "receptionday"):
        assert as_office.get(reverse(f"admin:stations_{name}_changelist")).status_code == 200
    for name, pk in (
        ("participation", row.pk),
        ("receptionday", row.reception_day_id),
        ("activity", training.activity_id),
        ("station", station.pk),
    ):
        assert as_office.get(reverse(f"admin:stations_{name}_change", args=[pk])).status_code == 200
    for waiting in ("mine", "deputy", "office"):
        assert (
            as_office.get(
                reverse("admin:stations_participation_changelist"), {"waiting": waiting}
            ).status_code
            == 200
        )
    found = as_office.get(reverse("admin:stations_participation_changelist"), {"q": "王建国"})
    assert "王建国" in found.content.decode()


def test_a_township_lays_down_its_own_norm_from_the_inherited_one(as_office):
    add = reverse("admin:stations_activitykind_add")
    page = as_office.get(add, {"code": "training"}).content.decode()
    assert 'value="training"' in page
    sent = {
        "code": "training",
        "name": "学习培训",
        "due_per_year": "12",
        "fact_code": "training",
        "year": str(timezone.localdate().year),
    }
    as_office.post(add, sent)
    from stations.models import ActivityKind

    with acting(system_actor()):
        assert ActivityKind._plain.get(code="training", scope_code__gt=0).due_per_year == 12


PAGES = ("stations_record", "stations_object", "stations_withdraw_record")


def test_the_neighbour_meets_404_and_a_colleague_403(
    sign_in, other_clerk, second_actor, mandate, station, today
):
    row = make_turn(make_day(station, today), mandate, DutyState.ATTENDED)
    neighbour, colleague = sign_in(other_clerk), sign_in(second_actor)
    for name in PAGES:
        assert neighbour.get(reverse(name, args=[row.pk])).status_code == 404
        assert colleague.get(reverse(name, args=[row.pk])).status_code == 403
    assert neighbour.post(reverse("stations_confirm_one", args=[row.pk])).status_code == 404
    assert neighbour.get(reverse("stations_reception", args=[row.reception_day_id])).status_code == 404
    assert neighbour.get(reverse("stations_rota", args=[station.pk])).status_code == 404
    for model, pk in (
        ("participation", row.pk),
        ("station", station.pk),
        ("receptionday", row.reception_day_id),
    ):
        answer = neighbour.get(reverse(f"admin:stations_{model}_change", args=[pk]))
        assert answer.status_code == 302
        assert "王建国" not in answer.content.decode()
    assert neighbour.get(reverse("admin:stations_participation_settle", args=[row.pk])).status_code == 404
    assert again(row).state == S.REGISTERED


@pytest.mark.parametrize("role", [Role.HANDLING_UNIT, Role.SECURITY_ADMIN, Role.CITY_VIEWER])
def test_those_without_business_here_meet_403(sign_in, township, station, role):
    client = sign_in(make_account(township, role))
    for name in (
        "stations_receptions",
        "stations_confirm",
        "stations_swaps",
        "stations_leave",
        "stations_log_duty",
    ):
        assert client.get(reverse(name)).status_code == 403
    for action in ("roster", "rule", "plan"):
        answer = client.get(reverse(f"admin:stations_station_{action}", args=[station.pk]))
        # Who has no business in the back office at all is asked to sign in there.
        assert answer.status_code == (403 if role == Role.SECURITY_ADMIN else 302)


def test_pages_cost_the_same_for_one_and_three_records(as_deputy, mandate, clerk):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost(name):
        with CaptureQueriesContext(connection) as captured:
            as_deputy.get(reverse(name))
        return len(captured)

    facts = {"state": S.REGISTERED, "recorded_by_id": clerk.account_id}
    make_part(mandate, "training", date(2026, 1, 5), **facts)
    as_deputy.get(reverse("stations_home"))  # the first request of a session writes to it
    first = {
        name: cost(name)
        for name in ("stations_home", "stations_confirm", "stations_records", "stations_leave")
    }
    for day in (6, 7):
        make_part(mandate, "training", date(2026, 1, day), **facts)
    assert {name: cost(name) for name in first} == first
