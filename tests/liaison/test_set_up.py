"""The first day: the link of the set-up, the wizard behind it, and what stays shut."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client

from liaison.founding import links
from liaison.models import Account, Appointment, AuditEntry, Jurisdiction, SetUp
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Refused
from tests.browsing import filled

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 9, 1, 0, tzinfo=UTC)
KEEPERS = {
    "security_admin_name": "李安", "security_admin_username": "anquan",
    "audit_admin_name": "王审", "audit_admin_username": "shenji",
    "system_admin_name": "赵统", "system_admin_username": "xitong",
}  # fmt: skip
OFFICE = {"name": "庄子乡", "code": "140702202", "prefecture": "晋中市", "county": "榆次区"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


def path_of(link: str) -> str:
    return re.sub(r"^https?://[^/]+", "", link)


@pytest.fixture
def link() -> str:
    return path_of(links.make_link(now=NOW))


@pytest.fixture
def inside(link: str) -> Client:
    """The browser that opened the link."""
    client = Client()
    assert client.post(link).headers["Location"] == "/set-up/"
    return client


def text_of(response: Any) -> str:
    return str(response.content.decode())


def founded(client: Client) -> Client:
    assert client.post("/set-up/office/?level=township", OFFICE).status_code == 302
    assert client.post("/set-up/places/", {"skip": "1"}).status_code == 302
    return client


class TestLink:
    def test_it_is_stored_as_a_digest_only(self, link: str) -> None:
        key = link.split("/")[-2]
        row = SetUp.objects.get()
        assert (len(key), len(row.key_digest), key in str(vars(row))) == (43, 64, False)

    def test_looking_at_it_uses_nothing_up(self, link: str) -> None:
        assert [Client().get(link).status_code for _ in range(2)] == [200, 200]
        assert Client().post(link).status_code == 302

    def test_it_opens_one_browser_once(self, link: str, inside: Client) -> None:
        assert inside.get("/set-up/").status_code == 200
        assert [Client().get(link).status_code, Client().post(link).status_code] == [404, 404]
        assert Client().get("/set-up/").status_code == 404

    def test_it_expires_after_a_day(self, link: str, clock: time_machine.Traveller) -> None:
        clock.move_to(NOW + timedelta(hours=24))
        assert Client().post(link).status_code == 404

    def test_a_browser_is_let_in_for_a_day(self, inside: Client, clock: time_machine.Traveller) -> None:
        clock.move_to(NOW + timedelta(hours=24, seconds=1))
        assert inside.get("/set-up/").status_code == 404

    def test_a_new_link_closes_the_one_before_and_its_browser(self, link: str, inside: Client) -> None:
        fresh = path_of(links.make_link(now=NOW))
        assert inside.get("/set-up/").status_code == 404
        assert Client().post(fresh).status_code == 302
        assert inside.get("/set-up/").status_code == 404

    def test_a_wrong_key_opens_nothing(self, link: str) -> None:
        assert Client().post("/set-up/open/wrong/").status_code == 404

    def test_an_installation_with_accounts_needs_none(self, clerk: Any) -> None:
        assert not links.is_wanted()
        with pytest.raises(Refused, match="首次设置已经完成"):
            links.make_link(now=NOW)

    def test_the_command_prints_it_and_nothing_once_the_set_up_is_over(self) -> None:
        out = StringIO()
        call_command("found_office", "--if-wanted", stdout=out)
        assert Client().post(path_of(out.getvalue().split()[-1])).status_code == 302
        with acting(system_actor()):
            SetUp.objects.update(finished_at=NOW)
        out = StringIO()
        call_command("found_office", "--if-wanted", stdout=out)
        assert out.getvalue() == ""
        with pytest.raises(CommandError, match="首次设置已经完成"):
            call_command("found_office")


class TestOffice:
    def test_the_level_is_asked_first(self, inside: Client) -> None:
        page = text_of(inside.get("/set-up/office/"))
        assert ("一个乡镇，单独使用" in page, "行政区划代码" in page) == (True, False)

    def test_a_township_stands_below_those_above_it(self, inside: Client) -> None:
        assert inside.post("/set-up/office/?level=township", OFFICE).headers["Location"] == "/set-up/"
        rows = Jurisdiction.objects.order_by("scope_code", "-scope_end").values_list(
            "name", "official_code", "scope_code", "organ_name"
        )
        assert list(rows) == [
            ("中华人民共和国", "", 0, "全国人大常委会"),
            ("山西省", "140000", 140000000000, "山西省人大常委会"),
            ("晋中市", "140700", 140700000000, "晋中市人大常委会"),
            ("榆次区", "140702", 140702000000, "榆次区人大常委会"),
            ("榆次区庄子乡", "140702202", 140702202000, "庄子乡人大主席团"),
        ]
        assert SetUp.objects.get().office.short_name == "庄子乡"

    def test_a_district_of_a_municipality_has_no_prefecture(self, inside: Client) -> None:
        inside.post("/set-up/office/?level=county", {"name": "西城区", "code": "110102", "prefecture": ""})
        assert Jurisdiction.objects.get(short_name="西城区").parent.short_name == "北京市"

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"code": "990702202"}, "前两位不是省级代码，请核对。"),
            ({"code": "140702"}, "乡镇的行政区划代码是9位数字，请核对。"),
            ({"county": ""}, "必填"),
        ],
    )
    def test_what_is_wrong_is_told_and_nothing_written(
        self, inside: Client, change: dict[str, str], words: str
    ) -> None:
        page = text_of(inside.post("/set-up/office/?level=township", OFFICE | change))
        assert (words in page, Jurisdiction.objects.count()) == (True, 0)

    def test_it_is_founded_once(self, inside: Client) -> None:
        founded(inside)
        again = inside.post("/set-up/office/?level=township", OFFICE | {"name": "长凝镇"})
        assert (again.status_code, Jurisdiction.objects.count()) == (302, 5)


class TestPlaces:
    TABLE = "140702202\t庄子乡\n140702202201\t东庄村\n140702003\t新华街道"

    @pytest.fixture
    def county(self, inside: Client) -> Client:
        inside.post(
            "/set-up/office/?level=county", {"name": "榆次区", "code": "140702", "prefecture": "晋中市"}
        )
        return inside

    def test_they_are_shown_before_they_are_written(self, county: Client) -> None:
        page = text_of(county.post("/set-up/places/", {"table": self.TABLE}))
        assert ("将登记：乡镇1个、街道1个、村（社区）1个" in page, Jurisdiction.objects.count()) == (True, 4)

    def test_confirmed_they_have_names_codes_and_parents(self, county: Client) -> None:
        shown = county.post("/set-up/places/", {"table": self.TABLE})
        county.post("/set-up/places/", filled(shown, "table") | {"confirm": "1"})
        rows = Jurisdiction.objects.filter(scope_code__gt=140702000000).order_by("scope_code")
        assert list(rows.values_list("name", "level", "scope_code", "parent__short_name", "organ_name")) == [
            ("榆次区新华街道", "street", 140702003000, "榆次区", "榆次区人大常委会新华街道工作委员会"),
            ("榆次区庄子乡", "township", 140702202000, "榆次区", "庄子乡人大主席团"),
            ("庄子乡东庄村", "village", 140702202201, "庄子乡", ""),
        ]

    def test_a_file_reads_as_the_same_table(self, county: Client, tmp_path: Any) -> None:
        path = tmp_path / "places.csv"
        path.write_text("代码,名称\n140702202,庄子乡\n", encoding="utf-8")
        with path.open("rb") as file:
            page = text_of(county.post("/set-up/places/", {"file": file}))
        assert "将登记：乡镇1个" in page

    def test_a_fault_keeps_everything_out(self, county: Client) -> None:
        values = {"table": f"{self.TABLE}\n140728103 洪善镇", "confirm": "1"}
        page = text_of(county.post("/set-up/places/", values))
        assert ("有1行需要更正" in page, Jurisdiction.objects.count()) == (True, 4)

    def test_pasted_again_only_the_new_ones_are_added(self, county: Client) -> None:
        county.post("/set-up/places/", {"table": self.TABLE, "confirm": "1"})
        county.post("/set-up/places/", {"table": f"{self.TABLE}\n140702103 长凝镇", "confirm": "1"})
        assert Jurisdiction.objects.filter(scope_code__gt=140702000000).count() == 4

    def test_three_hundred_places_take_a_fixed_number_of_queries(
        self, county: Client, django_assert_max_num_queries: Any
    ) -> None:
        table = "\n".join(f"140702{number} 第{number}乡" for number in range(200, 500))
        with django_assert_max_num_queries(45):
            county.post("/set-up/places/", {"table": table, "confirm": "1"})
        assert Jurisdiction.objects.count() == 304


class TestPeople:
    def test_three_keepers_get_passwords_shown_once(self, inside: Client) -> None:
        page = text_of(founded(inside).post("/set-up/keepers/", KEEPERS))
        shown = re.findall(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}", page)
        with acting(system_actor()):
            roles = set(Appointment._plain.values_list("role", "account__username"))
            fits = [Account.objects.get(username=name).check_password(word)
                    for name, word in zip(("anquan", "shenji", "xitong"), shown, strict=True)]  # fmt: skip
        assert roles == {("security_admin", "anquan"), ("audit_admin", "shenji"), ("system_admin", "xitong")}
        assert fits == [True] * 3
        assert inside.get("/set-up/keepers/").status_code == 302

    def test_one_person_cannot_be_two_keepers(self, inside: Client) -> None:
        page = text_of(founded(inside).post("/set-up/keepers/", KEEPERS | {"audit_admin_name": "李安"}))
        with acting(system_actor()):
            assert ("须由不同的人担任" in page, Account.objects.count()) == (True, 0)

    def test_a_name_used_twice_is_told_at_its_field(self, inside: Client) -> None:
        page = text_of(founded(inside).post("/set-up/keepers/", KEEPERS | {"audit_admin_username": "anquan"}))
        with acting(system_actor()):
            assert ("审计管理员账号：这个账号名已被使用" in page, Account.objects.count()) == (True, 0)

    @pytest.mark.parametrize(
        ("level", "code", "role", "title"),
        [
            ("township", "140702202", Role.PRESIDIUM_CLERK, ""),
            ("county", "140702", Role.COUNTY_COMMITTEE, ""),
            ("prefecture", "140700", Role.CITY_VIEWER, ""),
        ],
    )
    def test_the_first_clerk_has_the_role_of_the_level(
        self, inside: Client, level: str, code: str, role: Role, title: str
    ) -> None:
        inside.post(f"/set-up/office/?level={level}", OFFICE | {"code": code})
        place = SetUp.objects.get().office_id
        inside.post("/set-up/clerk/", {"place": place, "name": "周秘书", "username": "zhoumishu"})
        with acting(system_actor()):
            made = Appointment._plain.get()
        assert (made.role, made.title, made.jurisdiction_id) == (role, title, place)

    def test_passwords_not_written_down_are_made_again_until_their_owner_chose_one(
        self, inside: Client
    ) -> None:
        founded(inside).post("/set-up/keepers/", KEEPERS)
        with acting(system_actor()):
            Account.objects.filter(username="anquan").update(must_change_password=False)
            before = dict(Account.objects.values_list("username", "password"))
        page = text_of(inside.post("/set-up/passwords/"))
        with acting(system_actor()):
            after = dict(Account.objects.values_list("username", "password"))
        assert {name for name in before if before[name] != after[name]} == {"shenji", "xitong"}
        assert ("李安" in page, "王审" in page) == (False, True)


class TestEnd:
    @pytest.fixture
    def done(self, inside: Client) -> Client:
        founded(inside).post("/set-up/keepers/", KEEPERS)
        place = SetUp.objects.get().office_id
        inside.post("/set-up/clerk/", {"place": place, "name": "周秘书", "username": "zhoumishu"})
        return inside

    def test_it_is_refused_while_a_step_is_missing(self, inside: Client) -> None:
        assert founded(inside).post("/set-up/finish/").status_code == 409

    def test_afterwards_everything_is_shut(self, done: Client) -> None:
        assert "首次设置已经完成" in text_of(done.post("/set-up/finish/"))
        paths = ("", "office/", "places/", "keepers/", "clerk/")
        assert [done.get(f"/set-up/{path}").status_code for path in paths] == [404] * 5
        assert not links.is_wanted()

    def test_the_trail_names_the_set_up(self, done: Client) -> None:
        done.post("/set-up/finish/")
        with acting(system_actor()) as actor:
            entries = AuditEntry.scoped(actor).filter(actor="system:首次设置")
            names = set(entries.values_list("operation", flat=True))
        assert names == {
            "make_set_up_link", "open_set_up_link", "found_office", "add_places", "create_account", "appoint",
            "finish_set_up",
        }  # fmt: skip


def test_the_demo_never_enters_an_installation_that_is_being_set_up(link: str) -> None:
    with pytest.raises(CommandError, match="这是正式使用的系统"):
        call_command("demo_year")


def test_the_demo_never_enters_production(settings: Any) -> None:
    settings.IS_PRODUCTION = True
    with pytest.raises(CommandError, match="这是正式使用的系统"):
        call_command("demo_year")
