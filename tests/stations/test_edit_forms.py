"""Edit forms over HTTP: nothing unknown is erased, nobody is overwritten, every choice is a row in scope."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from deputies.models import Mandate
from liaison.tenancy.scope import acting, system_actor
from stations.models import Activity, Station, StationDeputy, WorkPlan, WorkPlanItem
from tests.browsing import edit, filled
from tests.factories import World, make_group, make_mandate, make_station, make_twin
from tests.stations.makers import again, held_activity, make_day, make_turn

pytestmark = pytest.mark.django_db


@pytest.fixture
def station(township):
    return make_station(township)


@pytest.fixture
def office(sign_in, clerk) -> Client:
    return sign_in(clerk)


@pytest.fixture
def held(township) -> Activity:
    return held_activity(township)


def change(model: Any, pk: int, **values: Any) -> None:
    """Somebody else's edit, behind the form's back."""
    with acting(system_actor()):
        model._plain.filter(pk=pk).update(**values)


# -- nothing is forgotten ------------------------------------------------------------------------------


def test_a_column_new_to_an_old_page_keeps_what_it_holds(office, station):
    """The page was opened before the programme knew 怎样到达, and is sent afterwards."""
    change(Station, station.pk, directions="坐2路车到东庄", equipment="饮水机")
    address = reverse("admin:stations_station_edit", args=[station.pk])
    sent = filled(office.get(address), address="东庄村新址")
    del sent["directions"]
    sent["seen"] = " ".join(each for each in sent["seen"].split() if not each.startswith("directions:"))
    assert office.post(address, sent).status_code == 302
    row = again(station)
    assert (row.address, row.directions, row.equipment) == ("东庄村新址", "坐2路车到东庄", "饮水机")


def test_a_field_missing_from_the_post_keeps_what_it_holds(office, station):
    change(Station, station.pk, phone="0354-2461234")
    address = reverse("admin:stations_station_edit", args=[station.pk])
    sent = filled(office.get(address), name="东庄村联络站")
    del sent["phone"]
    assert office.post(address, sent).status_code == 302
    assert (again(station).name, again(station).phone) == ("东庄村联络站", "0354-2461234")


def test_the_way_to_a_station_stands_on_its_public_page(office, client, station):
    address = reverse("admin:stations_station_edit", args=[station.pk])
    assert edit(office, address, directions="坐2路车到东庄站\r\n向北200米").status_code == 302
    assert again(station).directions == "坐2路车到东庄站\n向北200米"
    page = client.get(f"/s/{station.public_code}/").content.decode()
    assert "<dt>怎样到达</dt><dd>坐2路车到东庄站<br>向北200米</dd>" in page


def test_the_office_corrects_the_address_of_a_station_with_much_equipment(office, station):
    """What nobody touched is not judged anew, however long it has grown."""
    change(Station, station.pk, equipment="\n".join(f"第{n}项设施无障碍坡道及扶手" for n in range(60)))
    address = reverse("admin:stations_station_edit", args=[station.pk])
    assert edit(office, address, address="东庄村新址").status_code == 302
    assert again(station).address == "东庄村新址"
    assert len(again(station).equipment.splitlines()) == 60


def test_limits_of_a_form_are_those_of_the_columns(office, station):
    form = office.get(reverse("admin:stations_station_edit", args=[station.pk])).context["form"]
    for name in ("name", "address", "directions", "phone", "opening_hours", "equipment"):
        assert form.fields[name].max_length == Station._meta.get_field(name).max_length, name


# -- nobody is overwritten -----------------------------------------------------------------------------


def test_the_second_of_two_tabs_gets_409_with_both_versions(sign_in, clerk, chair, held):
    first, second = sign_in(clerk), sign_in(chair)
    address = reverse("stations_minutes", args=[held.pk])
    mine, theirs = first.get(address), second.get(address)
    assert second.post(address, filled(theirs, minutes="主席的纪要")).status_code == 302
    refused = first.post(address, filled(mine, minutes="秘书的纪要"))
    assert refused.status_code == 409
    form = refused.context["form"]
    assert form.non_field_errors()[0].startswith("这份资料刚由王主席修改过（")
    assert form.non_field_errors()[0].endswith(
        "），您的内容还没有保存。下面保留了您填写的，并列出现在已保存的，请核对后再次保存。"
    )
    assert "<b>现在已保存的：</b>主席的纪要" in refused.content.decode()
    assert form["minutes"].value() == "秘书的纪要"
    assert again(held).minutes == "主席的纪要"
    # Looked at and sent again on purpose, it is saved.
    assert first.post(address, filled(refused, minutes="两人商定的纪要")).status_code == 302
    assert again(held).minutes == "两人商定的纪要"


def test_what_the_second_did_not_touch_is_taken_from_the_first(office, held):
    address = reverse("stations_minutes", args=[held.pk])
    mine = filled(office.get(address), minutes="秘书的纪要")
    change(Activity, held.pk, summary="看了五处")
    refused = office.post(address, mine)
    assert refused.status_code == 409
    form = refused.context["form"]
    assert (form["summary"].value(), form["minutes"].value()) == ("看了五处", "秘书的纪要")
    assert office.post(address, filled(refused)).status_code == 302
    assert (again(held).summary, again(held).minutes) == ("看了五处", "秘书的纪要")


def test_a_change_of_a_hidden_number_alone_is_a_change(office, held):
    """The page shows both texts alike: the number in them is masked."""
    change(Activity, held.pk, minutes="联系13812345678")
    address = reverse("stations_minutes", args=[held.pk])
    mine = filled(office.get(address), minutes="秘书的纪要")
    change(Activity, held.pk, minutes="联系13812345679")
    assert office.post(address, mine).status_code == 409


def test_a_page_without_its_edition_is_refused_and_kept(office, held):
    address = reverse("stations_minutes", args=[held.pk])
    refused = office.post(address, {"summary": "看了三处", "minutes": "纪要"})
    assert refused.status_code == 409
    assert refused.context["form"]["minutes"].value() == "纪要"
    assert again(held).minutes == ""


def test_a_change_of_something_else_disturbs_nobody(office, held):
    address = reverse("stations_minutes", args=[held.pk])
    mine = filled(office.get(address), minutes="秘书的纪要")
    change(Activity, held.pk, place="东庄村")
    assert office.post(address, mine).status_code == 302
    assert (again(held).place, again(held).minutes) == ("东庄村", "秘书的纪要")


def test_a_colleague_who_registers_first_is_not_overwritten(office, station, mandate):
    day = make_day(station, timezone.localdate())
    turn = make_turn(day, mandate)
    address = reverse("stations_reception", args=[day.pk])
    mine = filled(office.get(address), **{f"outcome_{mandate.pk}": "absent"})
    theirs = {f"outcome_{mandate.pk}": "attended"}
    assert edit(office, address, **theirs).status_code == 302
    assert office.post(address, mine).status_code == 409
    assert again(turn).outcome == "attended"


@pytest.mark.parametrize(
    ("name", "field", "typed", "column", "others"),
    [
        ("admin:stations_station_edit", "opening_hours", "周一至周五", "opening_hours", "每天"),
        ("stations_place", "items", "饮水机", "equipment", "打印机"),
    ],
)
def test_station_pages_refuse_the_stale_one(
    office, station, name: str, field: str, typed: str, column: str, others: str
):
    address = reverse(name, args=[station.pk])
    mine = filled(office.get(address), **{field: typed}, step="equipment")
    change(Station, station.pk, **{column: others})
    assert office.post(address, mine).status_code == 409
    assert getattr(again(station), column) == others


def test_a_stale_list_of_those_who_take_turns_is_refused(office, station, mandate, term):
    other = make_mandate(term, "李秀英")
    address = reverse("admin:stations_station_roster", args=[station.pk])
    mine = filled(office.get(address), mandates=[mandate.pk])
    assert edit(office, address, mandates=[other.pk]).status_code == 302
    assert office.post(address, mine).status_code == 409
    with acting(system_actor()):
        assert [row.mandate_id for row in StationDeputy._plain.filter(ends_on=None)] == [other.pk]


def test_a_plan_and_its_items_are_changed_through_their_forms(office, township, clerk, term):
    group, year = make_group(term), timezone.localdate().year
    add = reverse("stations_begin_plan")
    assert edit(office, add, title="工作计划", foreword="总体要求。").status_code == 302
    with acting(system_actor()):
        plan = WorkPlan._plain.get()
    address = reverse("stations_edit_plan", args=[plan.pk])
    mine = filled(office.get(address), closing="工作要求。")
    assert edit(office, address, title="年度工作计划").status_code == 302
    assert office.post(address, mine).status_code == 409
    assert (again(plan).title, again(plan).foreword, again(plan).year) == ("年度工作计划", "总体要求。", year)
    item_page = reverse("stations_add_plan_item", args=[plan.pk])
    typed = {"title": "视察", "kind": "survey", "months": ["3"], "audience": "group", "group": group.pk}
    assert edit(office, item_page, **typed).status_code == 302
    with acting(system_actor()):
        item = WorkPlanItem._plain.get()
        assert (item.group_id, item.months, item.kind.code) == (group.pk, [3], "survey")
    change_page = reverse("stations_edit_plan_item", args=[item.pk])
    assert edit(office, change_page, responsible="组长").status_code == 302
    row = again(item)
    assert (row.responsible, row.title, row.months, row.group_id) == ("组长", "视察", [3], group.pk)


def test_a_number_from_another_township_is_an_error_at_the_field(office, station, world: World):
    village = world["长凝镇"].pk
    address = reverse("admin:stations_station_edit", args=[station.pk])
    refused = edit(office, address, village=village)
    assert refused.status_code == 200
    assert refused.context["form"].errors["village"] == ["请重新选择所在村（社区）。"]


def test_two_deputies_of_one_name_are_told_apart_in_the_list_of_a_station(office, station, term, mandate):
    twin = make_twin(mandate)
    page = office.get(reverse("admin:stations_station_roster", args=[station.pk])).content.decode()
    with acting(system_actor()):
        rows = Mandate._plain.select_related("constituency").in_bulk([mandate.pk, twin.pk])
        places = [row.constituency.name.replace("（", "").replace("）", "") for row in rows.values()]
    for place in places:
        assert f"{mandate.person.name}（{place}）" in page
