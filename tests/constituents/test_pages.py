"""The loop through HTTP, each role by its own pages; refusals are answered in Chinese."""

from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from constituents.enums import OpinionState as O
from constituents.models import HandlingUnit, Opinion, OpinionFile
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from tests.browsing import filled
from tests.constituents.makers import PHONE, RESIDENT, again, case_in, register
from tests.factories import make_account

if TYPE_CHECKING:
    from liaison.models import Jurisdiction

SignIn = Callable[[Actor], Client]

FORM = {
    "content": "路灯坏了半个月，晚上看不见路。",
    "category": "lighting",
    "urgency": "ordinary",
    "contact_way": "visit",
    "received_on": "2026-03-09",
    "resident_name": RESIDENT,
    "resident_phone": PHONE,
    "idempotency_key": "k1",
}


def only_opinion() -> Opinion:
    with acting(system_actor()):
        return Opinion._plain.get()


def text_of(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined,no-any-return]


def test_the_whole_loop_through_pages(
    sign_in: SignIn, deputy_actor: Actor, clerk: Actor, handler: Actor, unit: HandlingUnit
) -> None:
    deputy, desk, office = sign_in(deputy_actor), sign_in(clerk), sign_in(handler)
    sent = deputy.post("/opinions/add/", FORM)
    row = only_opinion()
    assert (sent.status_code, sent["Location"]) == (302, f"/opinions/{row.pk}/receipt/")
    assert row.query_code in text_of(deputy.post(sent["Location"]))
    case, ids = f"/opinions/{row.pk}/", {"id": row.pk}
    assert "受理" in text_of(desk.get(case))
    assert desk.post("/opinions/do/triage/", ids).status_code == 302
    assert "乡水利站" in text_of(desk.get("/opinions/do/assign/", ids))
    assert desk.post("/opinions/do/assign/", {**ids, "unit": unit.pk}).status_code == 302
    assert "待签收（1件）" in text_of(office.get("/opinions/unit/"))
    assert office.post("/opinions/do/accept/", ids).status_code == 302
    assert "待答复（1件）" in text_of(office.get("/opinions/unit/"))
    reply = {**ids, "reply": "路灯已修好", "reply_class": "A", "feedback_way": "phone"}
    assert office.post("/opinions/do/reply/", reply).status_code == 302
    stranger = Client()
    follow = f"/opinions/follow/{row.query_code}/"
    assert "路灯已修好" in text_of(stranger.get(follow))
    assert stranger.post(f"{follow}rate/", {"satisfaction": "satisfied"}).status_code == 302
    assert again(row).state == O.CLOSED
    assert "已经办结" in text_of(stranger.get(follow))
    timeline = text_of(deputy.get(case))
    assert "群众本人" in timeline
    assert "已销号" in text_of(deputy.get("/opinions/mine/"))


def test_an_illegal_move_is_answered_409_in_chinese(
    sign_in: SignIn, clerk: Actor, unit: HandlingUnit
) -> None:
    row = register(clerk)
    reply = {"id": row.pk, "reply": "好", "reply_class": "A", "feedback_way": "phone"}
    refused = sign_in(clerk).post("/opinions/do/reply/", reply)
    assert refused.status_code == 409
    assert "当前状态为“已登记”，不能办理“答复”" in text_of(refused)


def test_errors_stand_at_the_field_and_nothing_is_lost(sign_in: SignIn, deputy_actor: Actor) -> None:
    page = sign_in(deputy_actor).post("/opinions/add/", {**FORM, "resident_phone": "123"})
    assert page.status_code == 200
    assert "联系电话应为11位手机号码" in text_of(page)
    assert FORM["content"] in text_of(page)


def test_the_same_form_twice_is_one_opinion(sign_in: SignIn, deputy_actor: Actor) -> None:
    client = sign_in(deputy_actor)
    first, second = client.post("/opinions/add/", FORM), client.post("/opinions/add/", FORM)
    assert first["Location"] == second["Location"] == f"/opinions/{only_opinion().pk}/receipt/"


def test_who_is_let_in(
    sign_in: SignIn, clerk: Actor, other_clerk: Actor, other_handler: Actor, unit: HandlingUnit,
    county: Actor, deputy_actor: Actor, township: "Jurisdiction",
) -> None:  # fmt: skip
    row = case_in(clerk, O.ASSIGNED, unit)
    case = f"/opinions/{row.pk}/"
    viewer = make_account(township, Role.CITY_VIEWER)
    answers = [sign_in(who).get(case).status_code for who in (clerk, county, other_clerk, other_handler)]
    assert answers == [200, 200, 404, 404]
    assert sign_in(deputy_actor).get(case).status_code == 404
    assert sign_in(viewer).get(case).status_code == 403
    assert Client().get(case).status_code == 302
    assert sign_in(county).post("/opinions/do/accept/", {"id": row.pk}).status_code == 403
    assert sign_in(other_handler).post("/opinions/do/accept/", {"id": row.pk}).status_code == 404
    assert again(row).state == O.ASSIGNED


def test_several_at_once_or_none(sign_in: SignIn, clerk: Actor, unit: HandlingUnit) -> None:
    fresh, taken = register(clerk), case_in(clerk, O.TRIAGED, unit)
    client = sign_in(clerk)
    refused = client.post("/opinions/do/triage/", {"id": [fresh.pk, taken.pk]})
    assert (refused.status_code, again(fresh).state) == (409, O.REGISTERED)
    assert (
        client.post("/opinions/do/assign/", {"id": [fresh.pk, taken.pk], "unit": unit.pk}).status_code == 302
    )
    assert {again(fresh).state, again(taken).state} == {O.ASSIGNED}


def test_not_accepting_needs_where_to_go(sign_in: SignIn, clerk: Actor, unit: HandlingUnit) -> None:
    row, client = case_in(clerk, O.TRIAGED, unit), sign_in(clerk)
    facts = {"id": row.pk, "not_accepted_reason": "litigation"}
    assert "请填写已告知去处" in text_of(client.post("/opinions/do/not-accept/", facts))
    facts["told_where"] = "区人民法院"
    assert client.post("/opinions/do/not-accept/", facts).status_code == 302
    assert again(row).state == O.NOT_ACCEPTED


def test_merging_by_number(sign_in: SignIn, clerk: Actor, unit: HandlingUnit) -> None:
    main, twin = case_in(clerk, O.TRIAGED, unit), case_in(clerk, O.TRIAGED, unit)
    client = sign_in(clerk)
    wrong = client.post("/opinions/do/merge/", {"id": twin.pk, "into": "2026-9999"})
    assert "没有找到编号为“2026-9999”" in text_of(wrong)
    assert client.post("/opinions/do/merge/", {"id": twin.pk, "into": main.number}).status_code == 302
    assert again(twin).merged_into_id == main.pk


def test_the_back_office_lists_filters_searches_and_leads_on(
    sign_in: SignIn, clerk: Actor, unit: HandlingUnit
) -> None:
    case_in(clerk, O.ASSIGNED, unit, content="水渠渗漏，浇不上地。")
    plain = register(clerk)
    client, door = sign_in(clerk), "/admin/constituents/opinion/"
    whole = text_of(client.get(door))
    assert "已交办待签收" in whole
    assert "水渠渗漏" in whole
    assert PHONE not in whole
    searched = text_of(client.get(door, {"q": "水渠"}))
    assert "水渠渗漏" in searched
    assert plain.number not in searched
    assert plain.number not in text_of(client.get(door, {"state__exact": "assigned"}))
    for light in ("red", "amber", "green"):
        assert client.get(door, {"light": light}).status_code == 200
    acted = client.post(door, {"action": "do_triage", "_selected_action": [plain.pk]})
    assert acted["Location"] == f"/opinions/do/triage/?id={plain.pk}"
    assert client.get(f"{door}{plain.pk}/change/")["Location"] == f"/opinions/{plain.pk}/"
    assert client.get(f"{door}add/")["Location"] == "/opinions/add/"
    assert client.get("/admin/constituents/suggestion/").status_code == 200


def test_county_reads_and_is_offered_no_actions(sign_in: SignIn, clerk: Actor, county: Actor) -> None:
    row = register(clerk)
    client = sign_in(county)
    assert "do_triage" not in text_of(client.get("/admin/constituents/opinion/"))
    page = text_of(client.get(f"/opinions/{row.pk}/"))
    assert "/opinions/do/" not in page
    assert RESIDENT not in page
    assert "查看原号" not in page


def test_units_are_added_and_corrected_by_forms(sign_in: SignIn, clerk: Actor, unit: HandlingUnit) -> None:
    client, door = sign_in(clerk), "/admin/constituents/handlingunit/"
    assert "乡水利站" in text_of(client.get(door))
    assert client.post(f"{door}add/", {"name": "乡交通站", "kind": "station"}).status_code == 302
    twice = client.post(f"{door}add/", {"name": "乡交通站", "kind": "station"})
    assert "已有名为“乡交通站”" in text_of(twice)
    assert "请选择类别。" in text_of(client.post(f"{door}add/", {"name": "乡司法所"}))
    sent = filled(client.get(f"{door}{unit.pk}/change/"), name="水利服务站", kind="county")
    del sent["is_active"]
    assert client.post(f"{door}{unit.pk}/change/", sent).status_code == 302
    assert client.post(f"{door}{unit.pk}/change/", sent | {"name": "水利所"}).status_code == 409
    changed = again(unit)
    assert (changed.name, changed.kind, changed.is_active) == ("水利服务站", "county", False)


def test_a_station_clerk_registers_at_the_own_station(
    sign_in: SignIn, station_clerk: Actor, station: object, mandate: object
) -> None:
    client = sign_in(station_clerk)
    page = text_of(client.get("/opinions/add/"))
    assert "东庄村人大代表联络站" in page
    assert "王建国" in page
    sent = {**FORM, "station": station.pk, "deputy": mandate.pk, "people_count": 2}  # type: ignore[attr-defined]
    assert client.post("/opinions/add/", sent).status_code == 302
    row = only_opinion()
    assert (row.station_id, row.people_count) == (station.pk, 2)  # type: ignore[attr-defined]
    assert client.get("/admin/constituents/opinion/").status_code == 200


def test_the_one_red_button_is_what_the_role_is_waited_for(
    sign_in: SignIn, clerk: Actor, handler: Actor, deputy_actor: Actor, mandate: object, unit: HandlingUnit
) -> None:
    row = case_in(clerk, O.ASSIGNED, unit, deputy_id=mandate.pk)  # type: ignore[attr-defined]
    pages = {who: sign_in(who).get(f"/opinions/{row.pk}/") for who in (clerk, handler, deputy_actor)}
    offered = {
        who: page.context["primary"] and page.context["primary"]["label"] for who, page in pages.items()
    }
    assert offered == {clerk: None, handler: "签收", deputy_actor: None}


def test_the_door_leads_each_role_home(
    sign_in: SignIn, clerk: Actor, handler: Actor, deputy_actor: Actor
) -> None:
    doors = {who.role: sign_in(who).get("/opinions/")["Location"] for who in (clerk, handler, deputy_actor)}
    assert doors == {
        Role.PRESIDIUM_CLERK: "/admin/constituents/opinion/",
        Role.HANDLING_UNIT: "/opinions/unit/",
        Role.DEPUTY: "/opinions/mine/",
    }
    assert Client().get("/opinions/")["Location"] == "/opinions/follow/"


def test_a_photo_hangs_on_the_case_once(sign_in: SignIn, deputy_actor: Actor) -> None:
    picture = BytesIO()
    Image.new("RGB", (40, 30), "green").save(picture, "JPEG")
    client = sign_in(deputy_actor)
    for _ in range(2):
        photo = SimpleUploadedFile("现场.jpg", picture.getvalue(), content_type="image/jpeg")
        assert client.post("/opinions/add/", {**FORM, "photo": photo}).status_code == 302
    row = only_opinion()
    with acting(system_actor()):
        assert OpinionFile._plain.filter(opinion=row).count() == 1
    assert "现场.jpg" in text_of(client.get(f"/opinions/{row.pk}/"))
    fake = SimpleUploadedFile("现场.jpg", b"<script>", content_type="image/jpeg")
    refused = client.post("/opinions/add/", {**FORM, "idempotency_key": "k2", "photo": fake})
    assert refused.status_code == 200
    with acting(system_actor()):
        assert Opinion._plain.count() == 1
