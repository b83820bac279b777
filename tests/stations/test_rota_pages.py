"""The rota's pages as the clerk, the county and a deputy of the county meet them."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from deputies.enums import MandateState
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from stations.enums import DutyState, LeaveState, ReceptionDayState, RotaPlanState
from stations.models import LeaveRequest, Participation, RotaPlan, UpperDeputy, UpperTurn
from stations.selectors.rota_problem import id_of
from stations.services import link_upper_deputy, make_rota_plan, set_station_roster
from tests.browsing import edit
from tests.factories import make_account, make_deputy_actor, make_mandate, make_term
from tests.stations.makers import again, as_, make_day, make_turn

NAMES = ("赵一", "钱二", "孙三", "李四", "周五", "吴六")


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def people(term, group, clerk, station, today):
    found = [make_mandate(term, name, group=group) for name in NAMES]
    as_(
        clerk, set_station_roster, station_id=station.pk, mandate_ids=[m.pk for m in found],
        now=timezone.now() - timedelta(days=200),
    )  # fmt: skip
    return found


@pytest.fixture
def days(station, today):
    """Four receptions to come, a week apart; all may lie in the next year."""
    return [
        make_day(station, today + timedelta(days=7 * n), state=ReceptionDayState.PLANNED)
        for n in (1, 2, 3, 4)
    ]


@pytest.fixture
def plan(clerk, station, people, days):
    return as_(
        clerk, make_rota_plan, station_id=station.pk, starts_on=days[0].day, ends_on=days[-1].day, seed=3,
        now=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def as_office(sign_in, clerk):
    return sign_in(clerk)


def text_of(response):
    return re.sub(r"<[^>]+>|\s+", "", response.content.decode())


def keys(plan):
    return {day["id"]: [s["key"] for s in day["seats"] if s["key"]] for day in plan.snapshot["days"]}


def board(client, station, day):
    return client.get(reverse("stations_rota", args=[station.pk]), {"year": day.day.year})


def test_from_an_empty_board_to_an_adopted_version(as_office, station, people, days):
    page = board(as_office, station, days[0])
    assert "排轮值表" in text_of(page)
    make = reverse("stations_rota_make", args=[station.pk])
    form = as_office.get(make, {"year": days[0].day.year})
    assert f'value="{days[0].day.year}-01-01"' in form.content.decode()
    sent = {
        "how": "rules", "starts_on": days[0].day.isoformat(), "ends_on": days[-1].day.isoformat(), "seats": "1",
        "minimum": "0", "seed": "",
    }  # fmt: skip
    answer = as_office.post(make, sent)
    with acting(system_actor()):
        plan = RotaPlan._plain.get()
    assert answer.url == reverse("stations_rota_plan", args=[plan.pk])
    draft = as_office.get(answer.url)
    assert "采用后，新排4个班次，取消0个班次。" in text_of(draft)
    assert "为什么是" in text_of(draft)
    as_office.post(reverse("stations_rota_adopt", args=[plan.pk]))
    assert again(plan).state == RotaPlanState.ADOPTED
    shown = text_of(board(as_office, station, days[0]))
    assert all(any(person.person.name in shown for person in people) for _ in days)
    assert "现行：第1版" in shown


def test_errors_of_the_form_stand_at_the_field(as_office, station, people, days):
    sent = {
        "how": "rules",
        "starts_on": "2027-02-01",
        "ends_on": "2027-01-01",
        "seats": "2",
        "minimum": "2",
        "seed": "",
    }
    page = as_office.post(reverse("stations_rota_make", args=[station.pk]), sent)
    assert page.context["form"].errors == {"ends_on": ["结束日期不能早于开始日期。"]}


def test_the_pick_list_names_everybody_with_the_reason_and_saves(as_office, plan, days, people):
    day = days[0]
    inside = keys(plan)[day.pk]
    away = next(m for m in people if f"m{m.pk}" not in inside)
    with acting(system_actor()):
        LeaveRequest._plain.create(
            scope_code=away.scope_code, mandate=away, starts_on=day.day, ends_on=day.day, reason="有事",
            state=LeaveState.APPROVED.value, requested_at=timezone.now(),
        )  # fmt: skip
    address = reverse("stations_rota_seat", args=[plan.pk])
    page = as_office.get(address, {"day": day.pk, "holder": inside[0]})
    shown = text_of(page)
    assert f"{away.person.name}：当天请假" in shown
    assert all(m.person.name in shown for m in people)
    option = (page.context["free"] or page.context["bent"])[0]
    sent = {"day": day.pk, "holder": inside[0], "kind": "own", "key": option["key"]}
    answer = as_office.post(address, sent)
    if answer.status_code == 200:
        assert "请留意" in text_of(answer)
        assert keys(again(plan)) == keys(plan)
        answer = as_office.post(address, {**sent, "is_confirmed": "on"})
    assert answer.status_code == 302
    assert option["key"] in keys(again(plan))[day.pk]


def test_what_is_dropped_twice_running_is_asked_first_and_then_saved(as_office, plan, days):
    """The hidden form of the drag script sends just this."""
    seats = keys(plan)
    second = seats[days[1].pk]
    outsider = next(k for k in seats[days[0].pk] if k not in second)
    address = reverse("stations_rota_seat", args=[plan.pk])
    sent = {
        "day": days[1].pk,
        "kind": "own",
        "holder": second[0],
        "key": outsider,
        "other_day": "",
        "other_holder": "",
    }
    page = as_office.post(address, sent)
    assert "连续两次值班" in text_of(page)
    assert 'name="is_confirmed" value="on"' in page.content.decode()
    assert keys(again(plan)) == seats
    as_office.post(address, {**sent, "is_confirmed": "on"})
    assert outsider in keys(again(plan))[days[1].pk]


def test_two_turns_are_exchanged_from_the_list(as_office, plan, days):
    seats = keys(plan)
    one, two = days[0], days[2]
    a = next(k for k in seats[one.pk] if k not in seats[two.pk])
    b = next(k for k in seats[two.pk] if k not in seats[one.pk])
    address = reverse("stations_rota_seat", args=[plan.pk])
    page = as_office.get(address, {"day": one.pk, "holder": a})
    assert f'value="{two.pk}:{b}"' in page.content.decode()
    as_office.post(address, {"day": one.pk, "holder": a, "other": f"{two.pk}:{b}", "is_confirmed": "on"})
    assert b in keys(again(plan))[one.pk]
    assert a in keys(again(plan))[two.pk]


def test_a_forbidden_choice_says_why_and_saves_nothing(as_office, plan, days):
    inside = keys(plan)[days[0].pk]
    address = reverse("stations_rota_seat", args=[plan.pk])
    page = as_office.post(
        address, {"day": days[0].pk, "holder": inside[0], "key": inside[1], "is_confirmed": "on"}
    )
    assert "当天已在本站值班" in text_of(page)
    assert keys(again(plan)) == keys(plan)
    assert as_office.get(address).status_code == 400
    assert as_office.get(address, {"day": 999999}).status_code == 409


def test_a_gap_is_shown_with_its_cause_and_filled_with_a_reason(
    as_office, clerk, plan, days, people, station
):
    as_office.post(reverse("stations_rota_adopt", args=[plan.pk]))
    with acting(system_actor()):
        turn = Participation._plain.filter(reception_day=days[0]).first()
        turn.outcome = DutyState.ON_LEAVE.value
        turn.save()
        name = turn.mandate.person.name
        LeaveRequest._plain.create(
            scope_code=turn.scope_code, mandate_id=turn.mandate_id, starts_on=turn.day, ends_on=turn.day, reason="病",
            state=LeaveState.APPROVED.value, requested_at=timezone.now(),
        )  # fmt: skip
    page = board(as_office, station, days[0])
    shown = text_of(page)
    assert "有1次接待缺人" in shown
    assert f"{name}已请假" in shown
    (gap,) = page.context["board"].gaps
    assert gap.proposals
    address = reverse("stations_rota_gap", args=[days[0].pk])
    form = as_office.get(address)
    assert f"{name}（已请假）" in form.content.decode()
    assert form.context["form"]["turn"].value() == str(turn.pk)
    proposal = id_of(gap.proposals[0][1].key)
    refused = as_office.post(address, {"turn": turn.pk, "mandate": proposal, "reason": ""})
    assert refused.context["form"].errors == {"reason": ["请填写原因。"]}
    as_office.post(address, {"turn": turn.pk, "mandate": proposal, "reason": "突发疾病"})
    assert board(as_office, station, days[0]).context["board"].gaps == []
    assert again(turn).outcome == DutyState.ON_LEAVE


def test_a_deputy_suspended_later_leaves_a_gap(as_office, plan, days, station):
    as_office.post(reverse("stations_rota_adopt", args=[plan.pk]))
    with acting(system_actor()):
        turn = Participation._plain.select_related("mandate__person").filter(reception_day=days[0]).first()
        turn.mandate.state = MandateState.SUSPENDED.value
        turn.mandate.save()
        name = turn.mandate.person.name
    shown = text_of(board(as_office, station, days[0]))
    assert f"{name}暂停执行代表职务" in shown


def test_versions_are_listed_and_compared(as_office, clerk, plan, days, station):
    as_office.post(reverse("stations_rota_adopt", args=[plan.pk]))
    facts = {
        "station_id": station.pk,
        "starts_on": days[0].day,
        "ends_on": days[-1].day,
        "now": timezone.now(),
    }
    with acting(system_actor()):
        Participation._plain.all().delete()
    second = as_(clerk, make_rota_plan, seed=8, **facts)
    assert "第2版" in text_of(as_office.get(reverse("stations_rota_versions", args=[station.pk])))
    page = as_office.get(reverse("stations_rota_compare", args=[second.pk]), {"with": plan.pk})
    assert page.context["old_name"] == "第1版"
    now = as_office.get(reverse("stations_rota_compare", args=[second.pk]))
    assert len(now.context["found"].days) == 4
    assert all(change.came and not change.left for change in now.context["found"].days)
    assert as_office.get(reverse("stations_rota_compare", args=[second.pk]), {"with": "x"}).status_code == 400


def test_versions_are_compared_where_both_say_something(as_office, clerk, plan, days, station):
    facts = {"station_id": station.pk, "now": timezone.now()}
    later = as_(clerk, make_rota_plan, starts_on=days[2].day, ends_on=days[-1].day, seed=8, **facts)
    page = as_office.get(reverse("stations_rota_compare", args=[later.pk]), {"with": plan.pk})
    assert {change.day for change in page.context["found"].days} <= {day.day for day in days[2:]}
    assert not any(change.is_gone or change.is_new for change in page.context["found"].days)
    early = as_(clerk, make_rota_plan, starts_on=days[0].day, ends_on=days[1].day, **facts)
    apart = as_office.get(reverse("stations_rota_compare", args=[early.pk]), {"with": later.pk})
    assert "两版的起止日期不相接" in text_of(apart)


def test_the_county_reads_and_does_not_touch(sign_in, world, plan, days, station):
    county = sign_in(make_account(world["榆次区"], Role.COUNTY_COMMITTEE))
    page = county.get(reverse("stations_rota_plan", args=[plan.pk]))
    assert "采用这一版" not in page.content.decode()
    assert "改排" not in page.content.decode()
    assert county.post(reverse("stations_rota_adopt", args=[plan.pk])).status_code == 403
    assert county.get(reverse("stations_rota_make", args=[station.pk])).status_code == 403


def test_elsewhere_finds_nothing(sign_in, other_clerk, plan, days, station):
    client = sign_in(other_clerk)
    for name, row in (
        ("stations_rota", station.pk), ("stations_rota_make", station.pk), ("stations_rota_versions", station.pk),
        ("stations_rota_plan", plan.pk), ("stations_rota_compare", plan.pk), ("stations_rota_seat", plan.pk),
        ("stations_rota_gap", days[0].pk), ("stations_rota_theme", days[0].pk),
    ):  # fmt: skip
        assert client.get(reverse(name, args=[row])).status_code == 404
    assert client.post(reverse("stations_rota_adopt", args=[plan.pk])).status_code == 404


def test_an_adopted_version_answers_409_to_changes(as_office, plan, days):
    as_office.post(reverse("stations_rota_adopt", args=[plan.pk]))
    address = reverse("stations_rota_seat", args=[plan.pk])
    assert as_office.get(address, {"day": days[0].pk}).status_code == 409


def test_the_board_costs_the_same_for_more_people_and_days(
    as_office, clerk, station, plan, days, term, group
):
    def cost(name, row, **query):
        with CaptureQueriesContext(connection) as captured:
            as_office.get(reverse(name, args=[row]), query)
        return len(captured)

    year = days[0].day.year
    cost("stations_rota", station.pk)
    first = cost("stations_rota", station.pk, year=year), cost("stations_rota_plan", plan.pk)
    for name in "甲乙丙":
        mandate = make_mandate(term, f"代表{name}", group=group)
        make_turn(days[0], mandate)
    for n in (1, 2, 3):
        make_day(station, days[0].day + timedelta(days=n))
    assert (cost("stations_rota", station.pk, year=year), cost("stations_rota_plan", plan.pk)) == first


def test_a_theme_is_set_and_shown(as_office, days, station, people):
    edit(as_office, reverse("stations_rota_theme", args=[days[0].pk]), theme="就业服务")
    assert again(days[0]).theme == "就业服务"
    assert "主题：就业服务" in text_of(board(as_office, station, days[0]))


# ---- deputies of higher levels ----


@pytest.fixture
def county_deputy(world):
    return make_mandate(make_term(world["榆次区"], number=17), "郑县代")


@pytest.fixture
def committee(world):
    return make_account(world["榆次区"], Role.COUNTY_COMMITTEE)


def test_the_committee_links_by_choice_and_the_deputy_sees_the_turn_on_the_phone(
    sign_in, committee, county_deputy, station, days
):
    client = sign_in(committee)
    page = client.get(reverse("stations_upper"))
    assert "郑县代" in page.content.decode()
    sent = {
        "station": station.pk,
        "county_mandate_id": county_deputy.pk,
        "starts_on": date(2026, 1, 1).isoformat(),
    }
    assert client.post(reverse("stations_upper"), sent).status_code == 302
    with acting(system_actor()):
        row = UpperDeputy._plain.get()
        turn = UpperTurn._plain.create(scope_code=row.scope_code, upper_deputy=row, reception_day=days[0])
    phone = sign_in(make_deputy_actor(county_deputy))
    assert "到乡镇联络站参加接待" in phone.get(reverse("stations_home")).content.decode()
    page = phone.get(reverse("stations_upper_turn", args=[turn.pk]))
    assert "登记参加情况" not in page.content.decode()
    assert (
        phone.post(reverse("stations_upper_turn", args=[turn.pk]), {"outcome": "attended"}).status_code == 403
    )


def test_the_office_registers_leave_ahead_and_the_deputy_of_the_township_sees_nothing(
    as_office, sign_in, clerk, station, days, mandate, deputy_actor
):
    row = as_(
        clerk, link_upper_deputy, station_id=station.pk, name="冯市代", level="prefecture", starts_on=days[0].day,
    )  # fmt: skip
    with acting(system_actor()):
        turn = UpperTurn._plain.create(scope_code=row.scope_code, upper_deputy=row, reception_day=days[0])
    address = reverse("stations_upper_turn", args=[turn.pk])
    edit(as_office, address, outcome="on_leave", note="出差")
    assert again(turn).outcome == DutyState.ON_LEAVE
    assert sign_in(deputy_actor).get(address).status_code == 403


def test_the_page_of_a_reception_leads_to_the_deputies_of_higher_levels(as_office, clerk, station, days):
    row = as_(
        clerk, link_upper_deputy, station_id=station.pk, name="冯市代", level="prefecture", starts_on=days[0].day,
    )  # fmt: skip
    with acting(system_actor()):
        turn = UpperTurn._plain.create(scope_code=row.scope_code, upper_deputy=row, reception_day=days[0])
    shown = as_office.get(reverse("stations_reception", args=[days[0].pk])).content.decode()
    assert "冯市代代表（设区的市级）" in shown
    assert f'href="{reverse("stations_upper_turn", args=[turn.pk])}"' in shown


def test_the_office_ends_its_own_and_not_the_countys(
    as_office, clerk, committee, county_deputy, station, days
):
    own = as_(
        clerk,
        link_upper_deputy,
        station_id=station.pk,
        name="冯市代",
        level="prefecture",
        starts_on=date(2026, 1, 1),
    )
    theirs = as_(
        committee,
        link_upper_deputy,
        station_id=station.pk,
        county_mandate_id=county_deputy.pk,
        starts_on=date(2026, 1, 1),
    )
    assert as_office.post(reverse("stations_end_upper", args=[own.pk])).status_code == 302
    assert as_office.post(reverse("stations_end_upper", args=[theirs.pk])).status_code == 403
    assert again(own).ends_on is not None
