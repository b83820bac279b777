"""The back office of the ground floor: who may open which door, and what the buttons do."""

import re
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from deputies.models import Mandate
from liaison.calendar.working import working_calendar
from liaison.identity.roles import APPOINTABLE, STAFF
from liaison.models import (
    Account,
    Appointment,
    AuditEntry,
    CalendarDay,
    CalendarYear,
    DeadlinePolicy,
    Jurisdiction,
    Notification,
    OutboxMessage,
)
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from tests.browsing import edit
from tests.factories import NOW, PASSWORD, World, make_account, make_mandate, make_term
from tests.liaison.test_calendar_import import NOTICE_2026, PRINTED_2026

pytestmark = [pytest.mark.urls("tests.liaison.ground_urls"), pytest.mark.usefixtures("ground_only")]

S, SEC, AUD = Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN
COUNTY, CLERK, CHAIR = Role.COUNTY_COMMITTEE, Role.PRESIDIUM_CLERK, Role.PRESIDIUM_CHAIR

# Who may open each list, who may add, who may change.
DOORS: dict[str, tuple[set[Role], set[Role], set[Role]]] = {
    "account": ({SEC}, {SEC}, {SEC}),
    "appointment": ({SEC}, {SEC}, set()),
    "jurisdiction": ({S, COUNTY, CLERK, CHAIR}, {S, COUNTY}, {S, COUNTY}),
    "deadlinepolicy": ({S, COUNTY, CLERK, CHAIR}, {S, COUNTY, CLERK}, set()),
    "calendaryear": ({S, COUNTY}, {S, COUNTY}, set()),
    "auditentry": ({AUD}, set(), set()),
    "outboxmessage": ({S}, set(), set()),
    "notification": ({S}, set(), set()),
}


@pytest.fixture
def office(world: World, sign_in: Callable[[Actor], Client]) -> Callable[[Role], Client]:
    """A signed-in client per role, in the county or the township."""

    def _office(role: Role) -> Client:
        place = (
            world["庄子乡"] if role in (CLERK, CHAIR, Role.STATION_CLERK, Role.DEPUTY) else world["榆次区"]
        )
        client = sign_in(make_account(place, role, name=role.label))
        session = client.session
        session["confirmed_at"] = int(time.time())
        session.save()
        return client

    return _office


def page(name: str, then: str = "") -> str:
    return f"/admin/liaison/{name}/{then}"


class TestDoors:
    @pytest.mark.parametrize("role", sorted(APPOINTABLE))
    def test_every_role_at_every_door(self, office: Callable[[Role], Client], role: Role) -> None:
        client = office(role)
        for name, (viewers, adders, _) in DOORS.items():
            seen = client.get(page(name)).status_code
            assert (name, seen == 200) == (name, role in viewers)
            added = client.get(page(name, "add/")).status_code
            assert (name, added == 200) == (name, role in adders)
            if role in STAFF and role not in viewers:
                assert seen == 403

    def test_nothing_on_the_ground_is_deleted(self, office: Callable[[Role], Client], clerk: Actor) -> None:
        answer = office(SEC).post(page("account", f"{clerk.account_id}/delete/"), {"post": "yes"})
        assert answer.status_code == 403
        with acting(system_actor()):
            assert Account.objects.filter(pk=clerk.account_id).exists()

    @pytest.mark.parametrize("role", [S, SEC, AUD])
    def test_the_three_keepers_see_no_business(self, office: Callable[[Role], Client], role: Role) -> None:
        client = office(role)
        index = client.get("/admin/").content.decode()
        doors = set(re.findall(r"/admin/(\w+)/\w+/", index))
        assert doors <= {"liaison"}

    @pytest.mark.parametrize("name", sorted(DOORS))
    def test_lists_take_a_fixed_number_of_queries(
        self,
        office: Callable[[Role], Client],
        world: World,
        name: str,
        django_assert_max_num_queries: Any,
    ) -> None:
        viewers = DOORS[name][0]
        client = office(sorted(viewers)[0])
        counts = []
        for _ in range(2):
            with django_assert_max_num_queries(30) as seen:
                assert client.get(page(name)).status_code == 200
            counts.append(len(seen))
            for _ in range(5):
                fill(world)
        assert counts[1] <= counts[0]


def fill(world: World) -> None:
    """One more row of everything a list may show."""
    actor = make_account(world["庄子乡"], Role.DEPUTY, email="d@example.com")
    with acting(system_actor()):
        row = Notification(account_id=actor.account_id, scope_code=actor.lo, title="密", created_at=NOW)
        row.dedupe_key = str(actor.account_id)
        row.save()
        OutboxMessage(
            notification=row, scope_code=actor.lo, to_address="d@example.com", next_attempt_at=NOW
        ).save()


class TestAccounts:
    def open(self, client: Client, place: Jurisdiction, name: str = "sunli") -> Any:
        values = {"username": name, "display_name": "孙丽", "email": "", "place": place.pk}
        return client.post(page("account", "add/"), values)

    def shown(self, answer: Any) -> str:
        found = re.search(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}", answer.content.decode())
        assert found
        return found[0]

    def test_a_new_account_signs_in_with_the_password_shown_once(
        self, office: Callable[[Role], Client], world: World
    ) -> None:
        client = office(SEC)
        answer = self.open(client, world["庄子乡"])
        password = self.shown(answer)
        assert "no-store" in answer["Cache-Control"]
        with acting(system_actor()):
            account = Account.objects.get(username="sunli")
        assert account.scope_code == world["庄子乡"].scope_code
        assert password not in client.get(page("account", f"{account.pk}/change/")).content.decode()
        assert Client().post("/sign-in/", {"username": "sunli", "password": password}).status_code == 302

    def test_a_taken_name_is_said_at_its_field(self, office: Callable[[Role], Client], world: World) -> None:
        with acting(system_actor()):
            Account.objects.create(username="sunli", display_name="x", scope_code=140728000000)
        answer = self.open(office(SEC), world["庄子乡"])
        assert answer.status_code == 200
        assert "已被使用" in answer.content.decode()
        assert "孙丽" in answer.content.decode()

    def test_places_outside_are_not_offered(self, office: Callable[[Role], Client], world: World) -> None:
        client = office(SEC)
        text = client.get(page("account", "add/")).content.decode()
        assert ("庄子乡" in text, "平遥县" in text) == (True, False)
        assert "已被使用" not in self.open(client, world["平遥县"]).content.decode()
        with acting(system_actor()):
            assert not Account.objects.filter(username="sunli").exists()

    def act(self, client: Client, action: str, *ids: int | None, reason: str = "测试理由") -> Any:
        values = {"action": action, "_selected_action": ids, "reason": reason}
        return client.post(page("account"), values)

    @pytest.mark.parametrize(
        ("action", "operation"),
        [
            ("suspend", "suspend_account"),
            ("restore", "restore_account"),
            ("unlock", "unlock_account"),
            ("new_password", "reset_password"),
            ("remove_second_factor", "remove_second_factor"),
        ],
    )
    def test_actions_need_a_reason_and_leave_it_in_the_trail(
        self, office: Callable[[Role], Client], clerk: Actor, action: str, operation: str
    ) -> None:
        client = office(SEC)
        if action == "restore":
            self.act(client, "suspend", clerk.account_id)
        self.act(client, action, clerk.account_id, reason="")
        with acting(system_actor()) as actor:
            assert not AuditEntry.scoped(actor).filter(operation=operation).exists()
        self.act(client, action, clerk.account_id)
        with acting(system_actor()) as actor:
            entry = AuditEntry.scoped(actor).get(operation=operation)
        assert (entry.reason, entry.row_ref) == ("测试理由", clerk.account_id)

    def test_a_reset_password_is_shown_and_works(
        self, office: Callable[[Role], Client], clerk: Actor
    ) -> None:
        client = office(SEC)
        password = self.shown(self.act(client, "new_password", clerk.account_id))
        with acting(system_actor()):
            account = Account.objects.get(pk=clerk.account_id)
        assert account.check_password(password)
        assert account.must_change_password

    def test_unlocking_lets_in_at_once(self, office: Callable[[Role], Client], clerk: Actor) -> None:
        with acting(system_actor()):
            name = Account.objects.get(pk=clerk.account_id).username
        stranger = Client()
        for _ in range(5):
            stranger.post("/sign-in/", {"username": name, "password": "wrong"})
        assert stranger.post("/sign-in/", {"username": name, "password": PASSWORD}).status_code == 429
        self.act(office(SEC), "unlock", clerk.account_id)
        assert stranger.post("/sign-in/", {"username": name, "password": PASSWORD}).status_code == 302

    def test_an_account_of_another_county_is_not_found(
        self, office: Callable[[Role], Client], world: World
    ) -> None:
        stranger = make_account(world["平遥县"], CLERK)
        client = office(SEC)
        answer = client.get(page("account", f"{stranger.account_id}/change/"))
        assert answer.status_code == 404
        self.act(client, "suspend", stranger.account_id)
        with acting(system_actor()):
            assert Account.objects.get(pk=stranger.account_id).is_active

    def test_only_name_and_address_are_edited(self, office: Callable[[Role], Client], clerk: Actor) -> None:
        values = {"display_name": "李改名", "email": "li@example.com", "username": "root", "is_active": ""}
        edit(office(SEC), page("account", f"{clerk.account_id}/change/"), **values)
        with acting(system_actor()):
            account = Account.objects.get(pk=clerk.account_id)
        assert (account.display_name, account.email, account.is_active) == ("李改名", "li@example.com", True)
        assert account.username != "root"


class TestAppointments:
    def test_appointing_and_ending(
        self, office: Callable[[Role], Client], world: World, clerk: Actor
    ) -> None:
        client = office(SEC)
        values = {
            "account": clerk.account_id,
            "place": world["长凝镇"].pk,
            "role": CLERK.value,
            "title": "",
            "starts_on": "2026-01-01",
        }
        assert client.post(page("appointment", "add/"), values).status_code == 302
        with acting(system_actor()):
            made = Appointment._plain.get(account_id=clerk.account_id, jurisdiction=world["长凝镇"])
        values = {"action": "end", "_selected_action": [made.pk], "reason": "调离"}  # type: ignore[dict-item]
        client.post(page("appointment"), values)
        with acting(system_actor()):
            made.refresh_from_db()
        assert made.ends_on is not None
        assert made.ends_on >= date(2026, 1, 1)

    def test_a_deputy_is_appointed_for_a_person_of_the_place(
        self, office: Callable[[Role], Client], world: World, clerk: Actor, mandate: Mandate
    ) -> None:
        """First who, where and as what; then, of that place only, for whom."""
        make_mandate(make_term(world["长凝镇"]), "李二虎")
        client, place = office(SEC), world["庄子乡"]
        values = {
            "account": clerk.account_id, "place": place.pk, "role": "deputy", "starts_on": "2026-01-01",
        }  # fmt: skip
        asked = client.post(page("appointment", "add/"), values).content.decode()
        assert f'<option value="{mandate.person_id}">王建国（第1选区（东庄村），第15届）</option>' in asked
        assert "李二虎" not in asked
        assert "请选择对应代表。" not in asked
        still = client.post(page("appointment", "add/"), values | {"person_ref": ""}).content.decode()
        assert "请选择对应代表。" in still
        done = client.post(page("appointment", "add/"), values | {"person_ref": mandate.person_id})
        assert done.status_code == 302
        with acting(system_actor()):
            made = Appointment._plain.get(account_id=clerk.account_id, role="deputy")
        assert made.person_ref == mandate.person_id
        shown = client.get(page("appointment", f"{made.pk}/change/")).content.decode()
        assert "王建国（第1选区（东庄村），第15届）" in shown

    @pytest.mark.parametrize(
        ("role", "words"),
        [
            ("deputy", "这里还没有登记在任代表"),
            ("group_leader", "这里还没有代表小组"),
            ("station_clerk", "这里还没有联络站"),
            ("handling_unit", "这里还没有承办单位"),
        ],
    )
    def test_a_place_that_has_nobody_yet_says_what_comes_first(
        self, office: Callable[[Role], Client], world: World, clerk: Actor, role: str, words: str
    ) -> None:
        values = {
            "account": clerk.account_id, "place": world["长凝镇"].pk, "role": role, "starts_on": "2026-01-01",
        }  # fmt: skip
        asked = office(SEC).post(page("appointment", "add/"), values)
        assert words in asked.content.decode()

    def test_a_mixture_is_refused_in_words(
        self, office: Callable[[Role], Client], world: World, clerk: Actor
    ) -> None:
        values = {
            "account": clerk.account_id,
            "place": world["榆次区"].pk,
            "role": AUD.value,
            "starts_on": "2026-01-01",
        }
        answer = office(SEC).post(page("appointment", "add/"), values)
        assert "不兼任业务职务" in answer.content.decode()


class TestNorms:
    def test_a_clerk_lays_down_an_own_rule_and_withdraws_it(self, office: Callable[[Role], Client]) -> None:
        client = office(CLERK)
        form = client.get(page("deadlinepolicy", "add/?code=rectification")).content.decode()
        assert 'value="30"' in form
        values = {"code": "rectification", "length": 20, "unit": "days", "rolls": "on", "basis": "乡人大决定"}
        assert client.post(page("deadlinepolicy", "add/"), values).status_code == 302
        listed = client.get(page("deadlinepolicy") + "?code=rectification").content.decode()
        assert ("适用（本区域规定）" in listed, "已另行规定" in listed) == (True, True)
        with acting(system_actor()) as actor:
            own = DeadlinePolicy.scoped(actor).get(code="rectification", length=20)
            nation = DeadlinePolicy.scoped(actor).get(code="rectification", length=30)
        for row in (own, nation):
            client.post(page("deadlinepolicy"), {"action": "withdraw", "_selected_action": [row.pk]})
        with acting(system_actor()) as actor:
            assert [p.pk for p in DeadlinePolicy.scoped(actor).filter(code="rectification")] == [nation.pk]

    def test_more_than_the_statute_is_refused_at_the_field(self, office: Callable[[Role], Client]) -> None:
        values = {"code": "suggestion_reply", "length": 4, "unit": "months", "rolls": "on", "basis": ""}
        answer = office(CLERK).post(page("deadlinepolicy", "add/"), values)
        assert "代表法第五十一条" in answer.content.decode()

    def test_an_own_rule_opens_its_form_and_an_inherited_one_is_read(
        self, office: Callable[[Role], Client]
    ) -> None:
        client = office(CLERK)
        with acting(system_actor()) as actor:
            nation = DeadlinePolicy.scoped(actor).get(code="opinion_redo")
        answer = client.get(page("deadlinepolicy", f"{nation.pk}/change/"))
        assert answer.status_code == 200
        assert "只能查阅" in answer.content.decode()

    def test_a_jurisdiction_is_edited_by_the_county_and_noted(
        self, office: Callable[[Role], Client], world: World
    ) -> None:
        place, county = world["庄子乡"], office(COUNTY)
        values = {
            "organ_name": "庄子乡人民代表大会主席团",
            "document_code": "庄人主",
            "scope_code": 1,
            "level": "nation",
        }
        assert edit(county, page("jurisdiction", f"{place.pk}/change/"), **values).status_code == 302
        place.refresh_from_db()
        assert (place.organ_name, place.level) == ("庄子乡人民代表大会主席团", "township")
        assert place.scope_code == 140702202000
        with acting(system_actor()) as actor:
            entry = AuditEntry.scoped(actor).get(operation="edit_jurisdiction")
        assert "庄子乡人民代表大会主席团" in entry.detail
        refused = office(CLERK).post(page("jurisdiction", f"{place.pk}/change/"), values)
        assert refused.status_code == 403

    def test_another_county_is_not_edited(self, office: Callable[[Role], Client], world: World) -> None:
        answer = office(COUNTY).get(page("jurisdiction", f"{world['平遥县'].pk}/change/"))
        assert answer.status_code == 404


class TestCalendar:
    def send(self, client: Client, **values: Any) -> Any:
        return client.post(page("calendaryear", "add/"), {"year": 2026, "source": "通知", **values})

    def test_nothing_is_loaded_before_it_is_confirmed(self, office: Callable[[Role], Client]) -> None:
        with acting(system_actor()):
            CalendarDay.objects.filter(year_id=2026).delete()
            CalendarYear.objects.filter(year=2026).delete()
        client = office(COUNTY)
        preview = self.send(client, text=NOTICE_2026).content.decode()
        assert "2026年2月19日" in preview
        assert "调休上班" in preview
        assert not CalendarYear.objects.filter(year=2026).exists()
        hidden = re.search(r"<textarea[^>]*hidden>(.*?)</textarea>", preview, re.S)
        assert hidden
        assert self.send(client, text=hidden[1], confirm="1").status_code == 302
        assert working_calendar().add_workdays(date(2026, 2, 13), 1) == date(2026, 2, 14)

    def test_the_printed_notice_says_what_was_not_used(self, office: Callable[[Role], Client]) -> None:
        preview = self.send(office(S), text=PRINTED_2026).content.decode()
        assert "读到放假33天、调休上班6天" in preview
        assert "没有用到的2行" in preview
        assert "<li>2025年11月4日</li>" in preview

    def test_a_sheet_does_as_well(self, office: Callable[[Role], Client]) -> None:
        data = "日期,安排,名称\n2027-01-01,放假,元旦\n2027-01-03,调休上班,元旦\n".encode()
        file = SimpleUploadedFile("2027.csv", data)
        preview = self.send(office(S), year=2027, file=file).content.decode()
        assert ("2027年1月1日" in preview, "2027年1月3日" in preview) == (True, True)

    def test_what_is_unclear_comes_back_with_what_was_typed(self, office: Callable[[Role], Client]) -> None:
        answer = self.send(office(S), text="2月30日放假").content.decode()
        assert "没有2026年2月30日这一天" in answer
        assert "2月30日放假" in answer

    def test_a_year_that_needs_the_one_before_says_so(self, office: Callable[[Role], Client]) -> None:
        text = "元旦：2018年12月30日至2019年1月1日放假。"
        answer = self.send(
            office(S), year=2019 + 2, text=text.replace("2018", "2020").replace("2019", "2021"), confirm="1"
        )
        assert "请先载入2020年" in answer.content.decode()

    def test_a_loaded_year_opens_as_text(self, office: Callable[[Role], Client]) -> None:
        client = office(S)
        self.send(client, text=NOTICE_2026, confirm="1")
        target = client.get(page("calendaryear", "2026/change/"))["Location"]
        assert "2026-02-19 放假 春节" in client.get(target).content.decode()

    def test_one_day_is_changed_like_a_year_looked_at_first(self, office: Callable[[Role], Client]) -> None:
        client = office(S)
        self.send(client, text=NOTICE_2026, confirm="1")
        day = {"one_day": "1", "day": "2026-09-03", "kind": "holiday", "name": "纪念日"}
        preview = client.post(page("calendaryear", "add/"), day).content.decode()
        assert "与已载入的2026年安排不同的有1天" in preview
        assert "2026年9月3日（周四）：按平常改为放假纪念日" in preview
        assert working_calendar().is_workday(date(2026, 9, 3))
        hidden = re.search(r"<textarea[^>]*hidden>(.*?)</textarea>", preview, re.S)
        assert hidden
        self.send(client, text=hidden[1], confirm="1")
        assert working_calendar().holiday_name(date(2026, 9, 3)) == "纪念日"
        back = client.post(page("calendaryear", "add/"), {"one_day": "1", "day": "2026-09-03", "kind": ""})
        assert "放假纪念日改为按平常" in back.content.decode()

    @pytest.mark.parametrize(
        ("day", "kind", "complaint"),
        [
            ("2031-05-01", "holiday", "2031年的放假安排尚未载入"),
            ("2026-09-03", "makeup", "只能是周六、周日"),
        ],
    )
    def test_a_day_that_cannot_be_is_explained(
        self, office: Callable[[Role], Client], day: str, kind: str, complaint: str
    ) -> None:
        client = office(S)
        self.send(client, text=NOTICE_2026, confirm="1")
        answer = client.post(page("calendaryear", "add/"), {"one_day": "1", "day": day, "kind": kind})
        assert complaint in answer.content.decode()

    def test_a_clerk_keeps_no_calendar(self, office: Callable[[Role], Client]) -> None:
        answer = office(CLERK).post(page("calendaryear", "add/"), {"one_day": "1", "day": "2026-09-03"})
        assert answer.status_code == 403


class TestTrail:
    def test_entries_read_in_chinese_and_are_filtered(
        self, office: Callable[[Role], Client], world: World, clerk: Actor
    ) -> None:
        keeper = office(SEC)
        values = {"action": "suspend", "_selected_action": [clerk.account_id], "reason": "离职"}
        keeper.post(page("account"), values)
        client = office(AUD)
        listed = client.get(page("auditentry") + "?operation=suspend_account&days=7").content.decode()
        assert ("停用账号" in listed, "离职" in listed, "1条" in listed) == (True, True, True)
        assert "suspend_account" not in re.sub(r"<[^>]*>", "", listed)
        with acting(system_actor()) as actor:
            entry = AuditEntry.scoped(actor).get(operation="suspend_account")
        detail = client.get(page("auditentry", f"{entry.pk}/change/"))
        assert (detail.status_code, entry.hash in detail.content.decode()) == (200, True)
        assert client.post(page("auditentry", f"{entry.pk}/change/"), {"reason": "x"}).status_code == 403

    def test_another_county_has_another_trail(self, office: Callable[[Role], Client], world: World) -> None:
        make_account(world["平遥县"], CLERK)
        text = office(AUD).get(page("auditentry")).content.decode()
        assert "140728" not in text

    def test_messages_are_known_by_number_only(self, office: Callable[[Role], Client], world: World) -> None:
        fill(world)
        client = office(S)
        for name in ("notification", "outboxmessage"):
            with acting(system_actor()) as actor:
                model = Notification if name == "notification" else OutboxMessage
                pk = model.scoped(actor).get().pk
            for where in (page(name), page(name, f"{pk}/change/")):
                answer = client.get(where)
                text = answer.content.decode()
                assert answer.status_code == 200
                assert ("密" in re.sub(r"密码", "", text), "d@example.com" in text) == (False, False)

    def test_failed_mail_is_sent_again(self, office: Callable[[Role], Client], world: World) -> None:
        fill(world)
        with acting(system_actor()) as actor:
            OutboxMessage.scoped(actor).update(state="failed", next_attempt_at=NOW + timedelta(days=9))
            pk = OutboxMessage.scoped(actor).get().pk
        office(S).post(page("outboxmessage"), {"action": "send_again", "_selected_action": [pk]})
        with acting(system_actor()) as actor:
            row = OutboxMessage.scoped(actor).get()
        assert (row.state, row.attempts) == ("pending", 0)
