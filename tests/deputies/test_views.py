"""The pages of the roster through the middleware, as each role."""

import hashlib
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from deputies.enums import MandateState, TermState
from deputies.models import Congress, FixedContact, GroupMembership, Mandate, Person, RosterImport, Term
from deputies.roster_import import waiting_file
from liaison.models import AuditEntry, Jurisdiction
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Refused
from tests.browsing import edit
from tests.deputies.rosters import BROKEN, ZHUANGZI, as_csv, line
from tests.deputies.test_roster_import import tables
from tests.factories import make_account, make_deputy_actor, make_group, make_mandate, make_term

SignIn = Callable[[Actor], Client]
CLERK_PAGES = [
    "deputies_roster", "deputies_groups", "deputies_enrol", "deputies_terms", "deputies_add_term",
    "deputies_add_session", "deputies_import", "deputies_print",
]  # fmt: skip
# These have nothing to show or to ask before the first term is registered.
NEED_A_TERM = {"deputies_enrol", "deputies_add_session", "deputies_import", "deputies_print"}


@pytest.fixture
def client(clerk: Actor, sign_in: SignIn) -> Client:
    return sign_in(clerk)


def fresh(model: Any, **found: object) -> Any:
    with acting(system_actor()):
        return model._plain.get(**found)


@pytest.mark.parametrize("name", CLERK_PAGES)
def test_clerk_opens_every_page(client: Client, mandate: Mandate, name: str) -> None:
    assert client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", CLERK_PAGES)
def test_pages_open_before_anything_is_set_up(clerk: Actor, sign_in: SignIn, name: str) -> None:
    """An office on its first day is told what to do, never shown an error of the program."""
    response = sign_in(clerk).get(reverse(name))
    waits = name in NEED_A_TERM
    assert response.status_code == (409 if waits else 200)
    assert ("请先" in response.content.decode()) is waits


@pytest.mark.parametrize("name", CLERK_PAGES)
def test_strangers_sign_in_first(db: None, name: str) -> None:
    response = Client().get(reverse(name))
    assert response.status_code == 302
    assert "sign-in" in response["Location"]


def test_roster_shows_masked_numbers_and_namesakes(
    client: Client, mandate: Mandate, colleague: Mandate
) -> None:
    text = client.get(reverse("deputies_roster")).content.decode()
    assert mandate.person.phone not in text
    assert f"{mandate.person.phone[:3]}****{mandate.person.phone[-4:]}" in text
    assert text.count("同名") == 2


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("q=wang", 0),
        ("q=王建", 1),
        ("state=suspended", 0),
        ("order=strokes", 1),
        ("state=nonsense", 1),
        ("order=nonsense", 1),
    ],
)
def test_roster_is_searched_and_filtered(client: Client, mandate: Mandate, query: str, rows: int) -> None:
    text = client.get(f"{reverse('deputies_roster')}?{query}").content.decode()
    assert text.count(f"/deputies/{mandate.pk}/") == rows


@pytest.mark.parametrize(
    ("query", "status"), [("group=x", 400), ("term=-1", 400), ("term=99999999999999999999", 400)]
)
def test_crooked_addresses_are_refused_in_words(
    client: Client, mandate: Mandate, query: str, status: int
) -> None:
    assert client.get(f"{reverse('deputies_roster')}?{query}").status_code == status


@pytest.mark.parametrize("rows", [1, 3])
def test_roster_page_costs_the_same_for_one_and_three(client: Client, term: Term, rows: int) -> None:
    for number in range(rows):
        make_mandate(term, "甲乙丙"[number], group=make_group(term, number + 1))
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("deputies_roster"))
    assert len([query for query in queries if '"deputies_' in query["sql"]]) == 10


def test_station_clerk_sees_no_number_anywhere(world, mandate: Mandate, sign_in: SignIn) -> None:
    client = sign_in(make_account(world["庄子乡"], Role.STATION_CLERK))
    for url in (reverse("deputies_roster"), reverse("deputies_person", args=[mandate.pk])):
        text = client.get(url).content.decode()
        assert "联系电话" not in text
        # Neither whole nor masked; its last four digits alone may be a list number.
        assert mandate.person.phone not in text
        assert not re.search(r"1\d{2}\*+\d{4}", text)
        assert "1970年3月" not in text
    assert client.get(reverse("deputies_reveal_phone", args=[mandate.pk])).status_code == 403


def test_deputy_reads_the_own_record_and_colleagues_cards(
    mandate: Mandate, colleague: Mandate, sign_in: SignIn
) -> None:
    client = sign_in(make_deputy_actor(mandate))
    own = client.get(reverse("deputies_mine"), follow=True).content.decode()
    assert mandate.person.phone in own
    assert client.get(reverse("deputies_person", args=[colleague.pk])).status_code == 403
    card = client.get(reverse("deputies_card", args=[colleague.pk])).content.decode()
    listed = client.get(reverse("deputies_roster")).content.decode()
    for page in (card, listed):
        # An address carries the number of a row, which may look like the end of a telephone number.
        text = re.sub(r'(?:href|action|src)="[^"]*"', "", page)
        assert colleague.person.phone not in text
        assert colleague.person.phone[-4:] not in text
        assert "1970" not in text


def test_deputy_updates_the_own_number(mandate: Mandate, sign_in: SignIn) -> None:
    client = sign_in(make_deputy_actor(mandate))
    url = reverse("deputies_own_contact")
    assert client.post(url, {"phone": "123"}).status_code == 200
    assert edit(client, url, phone="13900000077", address="东庄村3号").status_code == 302
    person = fresh(Person, pk=mandate.person_id)
    assert (person.phone, person.address) == ("13900000077", "东庄村3号")


@pytest.mark.parametrize("role", [Role.HANDLING_UNIT, Role.CITY_VIEWER, Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN])
def test_roles_without_a_roster_are_turned_away(world, mandate: Mandate, sign_in: SignIn, role: Role) -> None:
    place = "晋中市" if role == Role.CITY_VIEWER else "庄子乡"
    client = sign_in(make_account(world[place], role))
    assert client.get(reverse("deputies_roster")).status_code == 403
    assert client.get(reverse("deputies_person", args=[mandate.pk])).status_code == 403


def test_another_townships_clerk_meets_404(mandate: Mandate, other_clerk: Actor, sign_in: SignIn) -> None:
    client = sign_in(other_clerk)
    for name in ("deputies_person", "deputies_reveal_phone", "deputies_card", "deputies_add_contact"):
        assert client.get(reverse(name, args=[mandate.pk])).status_code == 404
    for url in (reverse("deputies_change", args=["suspend"]), reverse("deputies_place")):
        assert client.get(f"{url}?id={mandate.pk}").status_code == 404
    assert client.get(f"{reverse('deputies_roster')}?term={mandate.term_id}").status_code == 404


def test_suspension_from_form_to_ledger(client: Client, mandate: Mandate) -> None:
    url = f"{reverse('deputies_change', args=['suspend'])}?id={mandate.pk}"
    assert "法定事由" in client.get(url).content.decode()
    facts = {
        "id": mandate.pk,
        "effective_on": "2025-06-01",
        "basis": "主席团公告",
        "ground": "serving_sentence",
    }
    incomplete = client.post(url, {**facts, "basis": ""})
    assert "请填写依据" in incomplete.content.decode()
    assert fresh(Mandate, pk=mandate.pk).state == MandateState.ACTIVE
    assert client.post(url, facts).status_code == 302
    assert fresh(Mandate, pk=mandate.pk).state == MandateState.SUSPENDED
    assert client.post(url, facts).status_code == 409
    text = client.get(reverse("deputies_person", args=[mandate.pk])).content.decode()
    assert "暂停执行代表职务" in text
    assert "恢复执行代表职务" in text


def test_several_resignations_are_recorded_together_or_not_at_all(
    client: Client, mandate: Mandate, colleague: Mandate
) -> None:
    url = reverse("deputies_change", args=["resign"])
    facts = {"id": [mandate.pk, colleague.pk], "basis": "决定"}
    late = client.post(url, {**facts, "effective_on": "2020-01-01"})
    assert "不能早于当选日期" in late.content.decode()
    assert client.post(url, {**facts, "effective_on": "2025-06-01"}).status_code == 302
    states = {fresh(Mandate, pk=pk).state for pk in (mandate.pk, colleague.pk)}
    assert states == {MandateState.RESIGNED}


@pytest.mark.parametrize("event", ["end", "nonsense"])
def test_unknown_deeds_are_not_found(client: Client, mandate: Mandate, event: str) -> None:
    assert client.get(f"{reverse('deputies_change', args=[event])}?id={mandate.pk}").status_code == 404


def test_moving_a_group(client: Client, term: Term, mandate: Mandate) -> None:
    group = make_group(term)
    url = f"{reverse('deputies_place')}?id={mandate.pk}"
    assert client.get(url).status_code == 200
    nothing = client.post(url, {"id": mandate.pk, "starts_on": "2025-06-01"})
    assert "请选择新的小组" in nothing.content.decode()
    sent = {"id": mandate.pk, "group": group.pk, "post": "leader", "starts_on": "2025-06-01"}
    assert client.post(url, sent).status_code == 302
    assert fresh(GroupMembership, mandate=mandate).post == "leader"


def enrolment(term: Term, **given: object) -> dict[str, object]:
    with acting(system_actor()):
        place = term.constituencies.first()
    return {
        "term": term.pk, "name": "欧阳修文", "sex": "male", "ethnicity": "汉族", "born_on": "1980.05",
        "political_status": "masses", "education": "bachelor", "occupation": "教师", "phone": "13900000031",
        "address": "东庄村", "introduction": "", "constituency": place.pk if place else "",
        "election_way": "by_election", "elected_on": "2024-10-18", "post": "member", "group": "",
        "concurrent_seat": "", "fixed_contact_target": "", "list_number": "", "remark": "",
    } | given  # fmt: skip


def test_by_election_is_registered_by_form(client: Client, term: Term, mandate: Mandate) -> None:
    group = make_group(term)
    response = client.post(reverse("deputies_enrol"), enrolment(term, group=group.pk))
    assert response.status_code == 302
    person = fresh(Person, name="欧阳修文")
    seated = fresh(Mandate, person=person)
    assert (seated.election_way, seated.elected_on) == ("by_election", date(2024, 10, 18))
    assert fresh(GroupMembership, mandate=seated).group_id == group.pk


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"born_on": "1980年13月"}, "出生年月应写成"),
        ({"phone": "12345"}, "联系电话应为11位手机号码"),
        ({"elected_on": "2021-04-18"}, "补选日期应晚于"),
        ({"name": ""}, "请填写姓名"),
        ({"constituency": ""}, "请选择选区"),
        ({"concurrent_seat": "什么"}, "上级人大代表职务"),
    ],
)
def test_wrong_enrolments_keep_what_was_typed(
    client: Client, term: Term, mandate: Mandate, given: dict, words: str
) -> None:
    text = client.post(
        reverse("deputies_enrol"), enrolment(term, occupation="东庄村教师", **given)
    ).content.decode()
    assert words in text
    assert "东庄村教师" in text
    with acting(system_actor()):
        assert not Person._plain.filter(occupation="东庄村教师").exists()


def test_reveal_page_notes_and_shows_once(client: Client, mandate: Mandate, clerk: Actor) -> None:
    url = reverse("deputies_reveal_phone", args=[mandate.pk])
    assert mandate.person.phone not in client.get(url).content.decode()
    assert mandate.person.phone not in client.post(url, {"reason": "无"}).content.decode()
    assert mandate.person.phone in client.post(url, {"reason": "通知参加接待日"}).content.decode()
    with acting(clerk):
        assert AuditEntry.scoped(clerk).filter(operation="reveal_phone").count() == 1


def test_contacts_are_added_and_ended(client: Client, mandate: Mandate) -> None:
    url = reverse("deputies_add_contact", args=[mandate.pk])
    assert client.get(url).status_code == 200
    sent = {"name": "选民甲", "phone": "13700000001", "starts_on": "2025-03-01", "village": ""}
    assert client.post(url, sent).status_code == 302
    contact = fresh(FixedContact, mandate=mandate)
    page = client.get(reverse("deputies_person", args=[mandate.pk])).content.decode()
    assert "选民甲" in page
    assert "13700000001" not in page
    end = reverse("deputies_end_contact", args=[contact.pk])
    assert client.get(end).status_code == 200
    assert client.post(end, {"ends_on": "2025-06-01"}).status_code == 302
    assert fresh(FixedContact, pk=contact.pk).ends_on == date(2025, 6, 1)


def test_printed_roster_is_a_pdf(client: Client, mandate: Mandate) -> None:
    response = client.get(f"{reverse('deputies_print')}?order=strokes")
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")
    assert mandate.person.phone.encode() not in response.content


def confirmed(client: Client) -> Client:
    """As after the password was asked for once more."""
    from django.utils import timezone

    session = client.session
    session["confirmed_at"] = int(timezone.now().timestamp())
    session.save()
    return client


def test_export_asks_for_the_password_then_for_a_reason(
    client: Client, mandate: Mandate, clerk: Actor
) -> None:
    url = reverse("deputies_export")
    assert "confirm" in client.get(url)["Location"]
    confirmed(client)
    assert "请填写导出理由" in client.post(url, {"reason": ""}).content.decode()
    response = client.post(url, {"reason": "报区人大备案", "term": mandate.term_id})
    assert response["Content-Disposition"].startswith("attachment")
    assert response.content.startswith(b"PK")
    with acting(clerk):
        assert AuditEntry.scoped(clerk).filter(operation="export_roster").count() == 1


def uploaded(client: Client, term: Term, data: bytes, name: str = "名册.xlsx", url: str = ""):  # type: ignore[no-untyped-def]
    file = SimpleUploadedFile(name, data)
    return client.post(url or reverse("deputies_import"), {"term": term.pk, "file": file})


def token_of(location: str) -> str:
    return parse_qs(urlsplit(location).query)["upload"][0]


@pytest.mark.parametrize(
    ("upload", "preview", "confirm"),
    [
        ("deputies_import", "deputies_import_preview", "deputies_import_confirm"),
        (
            "admin:deputies_rosterimport_add",
            "admin:deputies_rosterimport_preview",
            "admin:deputies_rosterimport_confirm",
        ),
    ],
    ids=["page", "admin"],
)
def test_import_in_two_steps(
    client: Client, term: Term, clerk: Actor, upload: str, preview: str, confirm: str, tmp_path: Path
) -> None:
    assert client.get(reverse(upload)).status_code == 200
    with acting(system_actor()):
        before = tables(clerk)
    response = uploaded(client, term, ZHUANGZI, url=reverse(upload))
    assert response["Location"].startswith(reverse(preview))
    page = client.get(response["Location"])
    text = page.content.decode()
    assert "还没有写入任何内容" in text
    assert "将新建16个选区" in text
    assert "将新建4个代表小组" in text
    for show in ("new", "error", "remarks", "nonsense"):
        assert client.get(f"{response['Location']}&show={show}").status_code == 200
    with acting(system_actor()):
        assert tables(clerk) == before

    sent = {
        "upload": token_of(response["Location"]), "register": page.context["found"].register_digest,
        "constituencies": "1", "groups": "1", "proposes_constituencies": "1", "proposes_groups": "1",
    }  # fmt: skip
    unticked = client.post(reverse(confirm), sent)
    assert "勾选同意" in unticked.content.decode()
    with acting(system_actor()):
        assert tables(clerk) == before
    done = client.post(reverse(confirm), {**sent, "create_constituencies": "1", "create_groups": "1"})
    assert done.status_code == 302
    with acting(system_actor()):
        assert Mandate._plain.filter(term=term).count() == 47
        record = RosterImport._plain.get()
        assert (record.new_count, record.confirmed_by_id) == (47, clerk.account_id)
        assert record.file_sha256

    again = uploaded(client, term, ZHUANGZI)
    assert "完全一致" in client.get(again["Location"]).content.decode()


def test_preview_lists_errors_first_and_offers_no_confirmation(client: Client, term: Term) -> None:
    data = as_csv(line(1, "王建国"), line(2, "李玉兰", 联系电话="1380013800"))
    response = uploaded(client, term, data, "名册.csv")
    text = client.get(response["Location"]).content.decode()
    assert "确认导入</button>" not in text
    assert "联系电话应为11位手机号码" in text
    assert text.index('id="row-3"') < text.index('id="row-2"')


def test_broken_roster_is_refused_at_confirmation_too(client: Client, term: Term) -> None:
    plain = re.sub(r'"=HYPERLINK.*?"(?=,男)', "李建国", BROKEN.decode("gb18030"))
    response = uploaded(client, term, plain.encode("gb18030"), "名册.csv")
    sent = {"upload": token_of(response["Location"]), "constituencies": "1", "groups": "1"}
    text = client.post(reverse("deputies_import_confirm"), sent).content.decode()
    assert "没有导入" in text
    with acting(system_actor()):
        assert not Person._plain.exists()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.xlsx", b"%PDF-1.4", "请上传"),
        ("a.csv", "甲,乙\n1,2\n".encode(), "没有找到名册的表头"),
        ("a.csv", "姓名,性别,民族\n王,男,汉族\n".encode(), "名册缺少"),
        ("a.csv", b"", "空的"),
    ],
)
def test_what_is_no_roster_is_refused_at_once(
    client: Client, term: Term, name: str, data: bytes, words: str
) -> None:
    response = uploaded(client, term, data, name)
    assert response.status_code == 200
    assert words in response.content.decode()
    assert not list(waiting_file._folder().glob("*"))


def test_ticket_is_bound_to_account_file_and_hour(
    client: Client, term: Term, chair: Actor, sign_in: SignIn, time_machine
) -> None:
    location = uploaded(client, term, ZHUANGZI)["Location"]
    assert sign_in(chair).get(location).status_code == 409
    assert client.get(location.replace("upload=", "upload=x")).status_code == 409
    (path,) = waiting_file._folder().glob("*")
    assert path.stat().st_mode & 0o077 == 0
    path.write_bytes(path.read_bytes() + b" ")
    assert "发生了变化" in client.get(location).content.decode()
    path.unlink()
    assert "重新上传" in client.get(location).content.decode()


def test_waiting_files_are_swept_after_an_hour(term: Term, clerk: Actor, tmp_path: Path) -> None:
    from datetime import timedelta

    from django.utils import timezone

    now = timezone.now()
    waiting_file.keep("姓名\n".encode(), file_name="a", term_id=term.pk, actor=clerk, now=now)
    assert waiting_file.sweep(now + timedelta(minutes=59)) == 0
    assert waiting_file.sweep(now + timedelta(minutes=61)) == 1


@pytest.mark.parametrize("token", ["../secret", "./" + "a" * 43, ""])
def test_ticket_never_leads_out_of_the_folder(clerk: Actor, token: str) -> None:
    """Even a file that is there, with the right digest, is not read under a name we did not make."""
    outside = waiting_file._folder() / token if token else waiting_file._folder() / "x"
    waiting_file._folder().mkdir(parents=True)
    outside.write_bytes(b"secret")
    digest = hashlib.sha256(b"secret").hexdigest()
    with pytest.raises(Refused, match="重新上传"):
        waiting_file.fetch(waiting_file.Ticket(token, digest, "a", 1, clerk.account_id, clerk.appointment_id))


def test_confirming_twice_is_told_and_changes_nothing(
    client: Client, term: Term, django_capture_on_commit_callbacks
) -> None:
    response = uploaded(client, term, as_csv(line(1, "王建国")), "名册.csv")
    sent = {
        "upload": token_of(response["Location"]), "constituencies": "1", "groups": "1",
        "proposes_constituencies": "1", "create_constituencies": "1", "proposes_groups": "1",
        "create_groups": "1",
    }  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(reverse("deputies_import_confirm"), sent).status_code == 302
    assert client.post(reverse("deputies_import_confirm"), sent).status_code == 409
    with acting(system_actor()):
        assert Mandate._plain.count() == 1


def test_undecided_row_is_settled_on_the_page(client: Client, term: Term) -> None:
    first = uploaded(client, term, as_csv(line(1, "王建国")), "名册.csv")
    ticks = {
        "constituencies": "1", "groups": "1", "create_constituencies": "1", "create_groups": "1",
    }  # fmt: skip
    client.post(reverse("deputies_import_confirm"), {"upload": token_of(first["Location"]), **ticks})
    second = uploaded(client, term, as_csv(line(1, "汪建国")), "名册.csv")
    text = client.get(second["Location"]).content.decode()
    assert "请确认是哪一位" in text
    sent = {"upload": token_of(second["Location"]), **ticks}
    assert "没有导入" in client.post(reverse("deputies_import_confirm"), sent).content.decode()
    assert client.post(reverse("deputies_import_confirm"), {**sent, "decision-2": "new"}).status_code == 302
    with acting(system_actor()):
        assert Person._plain.count() == 2


def test_a_street_is_offered_neither_term_nor_session(world, sign_in: SignIn) -> None:
    term = make_term(world["榆次区"], number=17)
    street = sign_in(make_account(world["新华街道"], Role.PRESIDIUM_CLERK))
    shown = street.get(reverse("deputies_terms")).content.decode()
    assert "届次和会议由榆次区人大登记。" in shown
    for name in ("deputies_add_term", "deputies_add_session"):
        assert reverse(name) not in shown
        assert street.get(reverse(name)).status_code == 403
    assert street.get(reverse("deputies_rollover", args=[term.pk])).status_code == 403
    admin = "admin:deputies_{}_add"
    assert street.get(reverse("admin:deputies_term_changelist")).status_code == 200
    assert [street.get(reverse(admin.format(name))).status_code for name in ("term", "session")] == [302, 302]


def test_a_township_founds_its_own_congress_beside_the_countys(world, sign_in: SignIn) -> None:
    make_term(world["榆次区"], number=17)
    client = sign_in(make_account(world["长凝镇"], Role.PRESIDIUM_CLERK))
    assert "设立本级人民代表大会" in client.get(reverse("deputies_terms")).content.decode()
    assert "设立本级人民代表大会" in client.get(reverse("deputies_add_term")).content.decode()
    facts = {"number": "16", "elected_on": "2021-04-18", "starts_on": "2021-05-08", "seats": "50"}
    assert client.post(reverse("deputies_add_term"), facts).status_code == 302
    with acting(system_actor()):
        assert Congress._plain.get(scope_code=world["长凝镇"].scope_code).name == "榆次区长凝镇人民代表大会"


def test_first_term_of_an_office_is_set_up_by_page(
    clerk: Actor, sign_in: SignIn, township: Jurisdiction
) -> None:
    client = sign_in(clerk)
    figures = {"number": 15, "elected_on": "2021-04-18", "starts_on": "2021-05-08", "seats": 47}
    response = client.post(reverse("deputies_add_term"), figures)
    term = fresh(Term, number=15)
    assert fresh(Congress, pk=term.congress_id).jurisdiction_id == township.pk
    assert client.get(response["Location"]).status_code == 200
    days = {"starts_on": "2021-05-08", "ends_on": "2021-05-09"}
    client.post(reverse("deputies_succeed", args=[term.pk]), days)
    assert fresh(Term, pk=term.pk).state == TermState.CURRENT
