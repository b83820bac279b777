"""The back office as the clerk uses it, and what others may not do there."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from deputies.enums import MandateState
from deputies.models import (
    Constituency,
    DeputyGroup,
    FixedContact,
    Mandate,
    Person,
    Session,
    Term,
)
from liaison.models import AuditEntry
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from tests.browsing import edit
from tests.factories import make_account, make_group, make_mandate

SignIn = Callable[[Actor], Client]
MODELS = [
    "mandate", "person", "congress", "term", "session", "constituency", "deputygroup", "rosterimport",
    "fixedcontact", "electingunit",
]  # fmt: skip
LIST = "admin:deputies_mandate_changelist"


@pytest.fixture
def client(clerk: Actor, sign_in: SignIn) -> Client:
    return sign_in(clerk)


def fresh(model: Any, **found: object) -> Any:
    with acting(system_actor()):
        return model._plain.get(**found)


@pytest.mark.parametrize("model", MODELS)
def test_clerk_opens_every_list(client: Client, mandate: Mandate, group: DeputyGroup, model: str) -> None:
    assert client.get(reverse(f"admin:deputies_{model}_changelist")).status_code == 200


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "role", [Role.STATION_CLERK, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN]
)
def test_other_staff_open_none(world, sign_in: SignIn, mandate: Mandate, model: str, role: Role) -> None:
    client = sign_in(make_account(world["庄子乡"], role))
    assert client.get(reverse(f"admin:deputies_{model}_changelist")).status_code == 403


@pytest.mark.parametrize("model", ["constituency", "electingunit", "deputygroup"])
@pytest.mark.parametrize("role", [Role.STATION_CLERK, Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN])
def test_other_staff_get_no_empty_form(
    world, sign_in: SignIn, mandate: Mandate, model: str, role: Role
) -> None:
    client, address = sign_in(make_account(world["庄子乡"], role)), reverse(f"admin:deputies_{model}_add")
    assert client.get(address).status_code == 403
    assert client.post(address, {"name": "第9小组", "number": 9}).status_code == 403


def test_list_shows_the_columns_of_a_roster(client: Client, term: Term, colleague: Mandate) -> None:
    make_mandate(term, "李玉兰", group=make_group(term), state=MandateState.SUSPENDED)
    text = client.get(reverse(LIST)).content.decode()
    for heading in ("序号", "姓名", "性别", "选区", "小组", "职务", "电话", "资格状态"):
        assert heading in text
    assert text.count('<span class="tag">同名</span>') == 2
    assert "****" in text
    assert colleague.person.phone not in text
    assert "第一代表小组（1）" in text
    assert "第2选区（西庄村）（1）" in text


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_for_one_and_three(client: Client, term: Term, rows: int) -> None:
    for number in range(rows):
        make_mandate(term, "甲乙丙"[number], group=make_group(term, number + 1))
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse(LIST))
    assert len([query for query in queries if '"deputies_' in query["sql"]]) == ADMIN_LIST_QUERIES


ADMIN_LIST_QUERIES = 16


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=wjg", 1),
        ("q=王建", 1),
        ("q=西庄", 0),
        ("state__exact=suspended", 0),
        ("sex=male", 1),
        ("o=2", 1),
        ("o=-1", 1),
    ],
)
def test_list_is_searched_filtered_and_ordered(client: Client, term: Term, query: str, found: int) -> None:
    from deputies.services.people import name_values

    mandate = make_mandate(term, "王建国")
    with acting(system_actor()):
        Person._plain.filter(pk=mandate.person_id).update(**name_values("王建国"))
    response = client.get(f"{reverse(LIST)}?{query}")
    assert response.context["cl"].result_count == found


def test_list_is_narrowed_to_a_group_or_constituency(client: Client, term: Term, colleague: Mandate) -> None:
    group = make_group(term)
    member = make_mandate(term, "李玉兰", group=group)
    for query, wanted in (
        (f"group={group.pk}", member.pk),
        (f"constituency={colleague.constituency_id}", colleague.pk),
        ("group=x", None),
    ):
        rows = [row.pk for row in client.get(f"{reverse(LIST)}?{query}").context["cl"].result_list]
        assert rows == [wanted] if wanted else len(rows) == 3


def test_list_shows_the_running_term_first(client: Client, term: Term, mandate: Mandate) -> None:
    with acting(system_actor()):
        earlier = Term._plain.create(
            congress=term.congress, number=14, elected_on="2016-09-01", starts_on="2016-09-20", seats=45,
            ends_on="2021-05-08", state="closed", scope_code=term.scope_code, scope_end=term.scope_end,
        )  # fmt: skip
    former = make_mandate(earlier, "老代表", person=mandate.person)
    assert [row.pk for row in client.get(reverse(LIST)).context["cl"].result_list] == [mandate.pk]
    old = client.get(f"{reverse(LIST)}?term={earlier.pk}").context["cl"].result_list
    assert [row.pk for row in old] == [former.pk]
    page = client.get(reverse("admin:deputies_mandate_change", args=[former.pk]))
    assert page.status_code == 200
    assert "只能查阅" in page.content.decode()


@pytest.mark.parametrize("event", ["suspend", "restore", "resign", "recall", "terminate", "record_death"])
def test_actions_lead_to_the_form_of_the_action(client: Client, mandate: Mandate, event: str) -> None:
    sent = {"action": f"{event}_mandates", "_selected_action": [mandate.pk], "index": 0}
    response = client.post(reverse(LIST), sent)
    parts = urlsplit(response["Location"])
    assert parts.path == reverse("deputies_change", args=[event])
    assert parse_qs(parts.query) == {"id": [str(mandate.pk)]}


@pytest.mark.parametrize(
    ("action", "page"),
    [
        ("move_group", "deputies_place"),
        ("export_selected", "deputies_export"),
        ("print_selected", "deputies_print"),
    ],
)
def test_other_actions(client: Client, mandate: Mandate, action: str, page: str) -> None:
    sent = {"action": action, "_selected_action": [mandate.pk], "index": 0}
    assert urlsplit(client.post(reverse(LIST), sent)["Location"]).path == reverse(page)


def test_county_committee_oversees_without_actions(
    world, county: Actor, sign_in: SignIn, term: Term, mandate: Mandate
) -> None:
    client = sign_in(county)
    response = client.get(f"{reverse(LIST)}?term={term.pk}")
    actions = dict(response.context["action_form"].fields["action"].choices)
    assert set(actions) == {"", "export_selected", "print_selected"}
    page = client.get(reverse("admin:deputies_mandate_change", args=[mandate.pk])).content.decode()
    assert "只能查阅" in page
    assert 'name="remark"' not in page
    posted = client.post(reverse("admin:deputies_mandate_change", args=[mandate.pk]), {"remark": "改"})
    assert posted.status_code == 403
    assert fresh(Mandate, pk=mandate.pk).remark == ""


def edit_page(client: Client, mandate: Mandate) -> tuple[str, dict[str, object]]:
    url = reverse("admin:deputies_mandate_change", args=[mandate.pk])
    form = client.get(url).context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    return url, {**sent, "born_on": "1970.03"}


def test_person_and_seat_are_corrected_through_services(
    client: Client, mandate: Mandate, clerk: Actor
) -> None:
    url, sent = edit_page(client, mandate)
    assert sent["phone"] == ""
    response = client.post(url, {**sent, "name": "王建军", "remark": "连任", "list_number": "9"})
    assert response.status_code == 302, response.context and response.context["form"].errors
    row = fresh(Mandate, pk=mandate.pk)
    person = fresh(Person, pk=mandate.person_id)
    assert (row.remark, row.list_number, row.state) == ("连任", 9, MandateState.ACTIVE)
    assert (person.name, person.name_search, person.phone) == (
        "王建军",
        "wangjianjun wjj",
        mandate.person.phone,
    )
    with acting(clerk):
        operations = set(AuditEntry.scoped(clerk).values_list("operation", flat=True))
    assert {"update_person", "update_mandate"} <= operations
    history = client.get(reverse("admin:deputies_mandate_history", args=[mandate.pk]))
    assert history.status_code == 200


def test_unchanged_form_writes_nothing(client: Client, mandate: Mandate, clerk: Actor) -> None:
    url, sent = edit_page(client, mandate)
    with acting(clerk):
        before = AuditEntry.scoped(clerk).filter(table_name__startswith="deputies_").count()
    client.post(url, sent)
    with acting(clerk):
        assert AuditEntry.scoped(clerk).filter(table_name__startswith="deputies_").count() <= before + 1


def test_number_is_replaced_or_deleted_only_on_purpose(client: Client, mandate: Mandate) -> None:
    url, sent = edit_page(client, mandate)
    client.post(url, {**sent, "phone": "13900000088"})
    assert fresh(Person, pk=mandate.person_id).phone == "13900000088"
    url, sent = edit_page(client, mandate)
    client.post(url, {**sent, "clear_phone": "on"})
    assert fresh(Person, pk=mandate.person_id).phone == ""


def test_second_editor_is_told_and_keeps_the_text(client: Client, mandate: Mandate) -> None:
    url, sent = edit_page(client, mandate)
    client.post(url, {**sent, "remark": "甲"})
    refused = client.post(url, {**sent, "remark": "乙所写"})
    assert refused.status_code == 409
    form = refused.context["form"]
    assert form.non_field_errors()[0].startswith("这份资料刚由您本人在另一个页面修改过")
    assert (form["remark"].value(), form.fields["remark"].stored_now) == ("乙所写", "甲")
    assert fresh(Mandate, pk=mandate.pk).remark == "甲"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": "王1"}, "姓名只能是汉字"),
        ({"elected_on": "2020-01-01"}, "不能早于本届换届选举日期"),
        ({"list_number": "0"}, "应为1至9999的整数"),
    ],
)
def test_wrong_corrections_stand_at_the_field(
    client: Client, mandate: Mandate, given: dict, words: str
) -> None:
    url, sent = edit_page(client, mandate)
    assert words in client.post(url, {**sent, **given}).content.decode()


def test_state_and_scope_are_no_fields_of_any_form(client: Client, mandate: Mandate) -> None:
    form = client.get(reverse("admin:deputies_mandate_change", args=[mandate.pk])).context["form"]
    assert not {"state", "scope_code", "scope_end", "person", "term"} & set(form.fields)
    url, sent = edit_page(client, mandate)
    client.post(url, {**sent, "state": "recalled", "scope_code": "1"})
    row = fresh(Mandate, pk=mandate.pk)
    assert (row.state, row.scope_code) == (MandateState.ACTIVE, mandate.scope_code)


def test_photo_is_made_anew_and_stored(client: Client, mandate: Mandate) -> None:
    import io

    from django.core.files.uploadedfile import SimpleUploadedFile
    from PIL import Image

    picture = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(picture, "JPEG")
    url, sent = edit_page(client, mandate)
    client.post(url, {**sent, "photo": SimpleUploadedFile("a.jpg", picture.getvalue())})
    assert fresh(Person, pk=mandate.person_id).photo_id is not None
    wrong = client.post(url, {**edit_page(client, mandate)[1], "photo": SimpleUploadedFile("a.jpg", b"x")})
    assert "照片" in wrong.content.decode()


def test_another_townships_record_is_not_found(other_clerk: Actor, sign_in: SignIn, mandate: Mandate) -> None:
    client = sign_in(other_clerk)
    for model, pk in (("mandate", mandate.pk), ("person", mandate.person_id), ("term", mandate.term_id)):
        for page in ("change", "history"):
            assert client.get(reverse(f"admin:deputies_{model}_{page}", args=[pk])).status_code == 404


def test_nothing_is_deleted(client: Client, mandate: Mandate) -> None:
    url = reverse("admin:deputies_mandate_delete", args=[mandate.pk])
    assert client.post(url, {"post": "yes"}).status_code == 403


def test_person_is_corrected(client: Client, mandate: Mandate) -> None:
    url = reverse("admin:deputies_person_change", args=[mandate.person_id])
    form = client.get(url).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields if name not in ("photo", "clear_phone")}
    assert client.post(url, {**sent, "born_on": "1970.03", "occupation": "教师"}).status_code == 302
    assert fresh(Person, pk=mandate.person_id).occupation == "教师"


def test_terms_sessions_and_places_are_kept_by_services(
    client: Client, term: Term, group: DeputyGroup
) -> None:
    assert client.get(reverse("admin:deputies_term_add")).status_code == 302
    assert client.get(reverse("admin:deputies_session_add")).status_code == 302
    url = reverse("admin:deputies_term_change", args=[term.pk])
    days = {"elected_on": "2021-04-18", "starts_on": "2021-05-09", "seats": "50"}
    assert edit(client, url, **days).status_code == 302
    assert fresh(Term, pk=term.pk).seats == 50

    client.post(reverse("admin:deputies_constituency_add"), {"name": "第9选区（北庄村）", "number": "9"})
    place = fresh(Constituency, number=9)
    url = reverse("admin:deputies_constituency_change", args=[place.pk])
    assert edit(client, url, name="第9选区（南庄村）", voters="800").status_code == 302
    assert fresh(Constituency, pk=place.pk).voters == 800

    client.post(reverse("admin:deputies_deputygroup_add"), {"name": "第二代表小组", "number": "2"})
    url = reverse("admin:deputies_deputygroup_change", args=[group.pk])
    clash = edit(client, url, name="第二代表小组").content.decode()
    assert "小组名称不能重复" in clash
    assert edit(client, url, name="东片小组").status_code == 302
    assert fresh(DeputyGroup, pk=group.pk).name == "东片小组"

    client.post(
        reverse("deputies_add_session"),
        {"kind": "regular", "starts_on": "2021-05-09", "ends_on": "2021-05-10"},
    )
    session = fresh(Session, term=term)
    url = reverse("admin:deputies_session_change", args=[session.pk])
    moved = {"kind": "regular", "starts_on": "2021-05-10", "ends_on": "2021-05-11"}
    assert edit(client, url, **moved).status_code == 302
    assert str(fresh(Session, pk=session.pk).starts_on) == "2021-05-10"


def test_group_page_lists_its_members(client: Client, term: Term, group: DeputyGroup) -> None:
    make_mandate(term, "李玉兰", group=group)
    assert (
        "李玉兰" in client.get(reverse("admin:deputies_deputygroup_change", args=[group.pk])).content.decode()
    )


def test_voters_are_masked_and_read_only(client: Client, mandate: Mandate, clerk: Actor) -> None:
    with acting(clerk):
        contact = FixedContact.scoped(clerk).create(
            scope_code=mandate.scope_code,
            mandate=mandate,
            name="选民甲",
            phone="13700000001",
            starts_on="2025-01-01",
        )
    for url in (
        reverse("admin:deputies_fixedcontact_changelist"),
        reverse("admin:deputies_fixedcontact_change", args=[contact.pk]),
    ):
        assert "13700000001" not in client.get(url).content.decode()
