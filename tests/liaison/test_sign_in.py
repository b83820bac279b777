"""The door: signing in, what comes first, lockout, second factor, switching, proof, signing out."""

import json
import statistics
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as live_settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django_otp.plugins.otp_static.models import StaticToken

from liaison.identity.gates import actor_of, for_roles, recently_authenticated
from liaison.models import Account, Appointment, AuditEntry, Authenticator
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden
from tests.factories import NOW, PASSWORD, World, make_account
from tests.liaison.ground_urls import urlpatterns as ground_patterns

pytestmark = [pytest.mark.urls("tests.liaison.ground_urls"), pytest.mark.usefixtures("ground_only")]

GATE = "liaison.identity.gates.AccountGateMiddleware"


@pytest.fixture(autouse=True)
def _gated(settings: Any) -> Iterator[None]:
    """The gate stands in the stack, inside the error pages; each test starts with no failures counted."""
    if GATE not in settings.MIDDLEWARE:
        at = settings.MIDDLEWARE.index("liaison.web.middleware.ErrorMiddleware") + 1
        settings.MIDDLEWARE = [*settings.MIDDLEWARE[:at], GATE, *settings.MIDDLEWARE[at:]]
    cache.clear()
    yield
    cache.clear()


def username_of(actor: Actor) -> str:
    with acting(system_actor()):
        return Account.objects.get(pk=actor.account_id).username


def set_account(actor: Actor, **values: Any) -> None:
    with acting(system_actor()):
        Account.objects.filter(pk=actor.account_id).update(**values)


def operations(actor: Actor) -> list[str]:
    """What the audit trail says the account did or was refused, in order."""
    with acting(system_actor()) as system:
        found = AuditEntry.scoped(system).filter(table_name="liaison_account", row_ref=actor.account_id)
        return list(found.filter(change="note").order_by("seq").values_list("operation", flat=True))


def enter(client: Client, name: str, password: str = PASSWORD, **extra: Any) -> HttpResponse:
    values = {"username": name, "password": password, "next": extra.pop("next", "")}
    return client.post("/sign-in/", values, **extra)  # type: ignore[return-value]


class TestEntering:
    def test_the_right_password_opens_a_new_session(self, client: Client, clerk: Actor) -> None:
        client.get("/sign-in/")
        session = client.session
        session["planted"] = "before"
        session.save()
        client.cookies[live_settings.SESSION_COOKIE_NAME] = session.session_key
        answer = enter(client, username_of(clerk), next="/notifications/")
        assert (answer.status_code, answer["Location"]) == (302, "/notifications/")
        assert client.session.session_key != session.session_key
        assert client.get("/notifications/").status_code == 200
        assert operations(clerk) == ["sign_in"]

    @pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
    def test_the_way_on_never_leads_off_the_site(self, client: Client, clerk: Actor, target: str) -> None:
        answer = enter(client, username_of(clerk), next=target)
        assert "evil" not in answer["Location"]
        assert "javascript" not in answer["Location"]

    def test_the_name_is_read_as_people_type_it(self, client: Client, clerk: Actor) -> None:
        wide = username_of(clerk).upper().replace("U", "Ｕ")
        assert enter(client, f" {wide} ").status_code == 302

    @pytest.mark.parametrize("case", ["unknown name", "wrong password", "suspended", "blank"])
    def test_every_refusal_says_the_same(self, client: Client, clerk: Actor, case: str) -> None:
        name = username_of(clerk)
        if case == "suspended":
            set_account(clerk, is_active=False)
        name = {"unknown name": "nobody", "blank": " "}.get(case, name)
        answer = enter(client, name, PASSWORD if case in ("suspended", "unknown name") else "wrong")
        text = answer.content.decode()
        assert answer.status_code == 200
        assert ("账号或密码不正确" in text) is (case != "blank")
        assert PASSWORD not in text
        assert "_auth_user_id" not in client.session

    def test_a_refusal_is_noted_without_what_was_typed(self, client: Client, clerk: Actor) -> None:
        enter(client, username_of(clerk), "wrong")
        enter(client, "my-password-in-the-wrong-field", "x")
        assert operations(clerk) == ["sign_in_refused"]
        with acting(system_actor()) as system:
            stranger = AuditEntry.scoped(system).get(operation="sign_in_refused", row_ref=0)
            everything = " ".join(f"{e.detail}{e.reason}{e.actor}" for e in AuditEntry.scoped(system))
        assert stranger.scope_code == 0
        assert "wrong-field" not in everything

    def test_entries_at_the_door_name_the_account(
        self, client: Client, clerk: Actor, world: World, sign_in: Any
    ) -> None:
        name = username_of(clerk)
        enter(client, name, "wrong")
        enter(client, "zhuangzi-2026-secret", "x")
        enter(client, name)
        client.post("/sign-out/")
        keeper = sign_in(make_account(world["全国"], Role.AUDIT_ADMIN, name="审计员"))
        rows = {
            operation: keeper.get(f"/admin/liaison/auditentry/?operation={operation}").content.decode()
            for operation in ("sign_in", "sign_in_refused", "sign_out")
        }
        assert f"李秘书，账号{name}" in rows["sign_in"]
        assert f"李秘书（人大主席团秘书），账号{name}" in rows["sign_out"]
        assert f"登录名“{name}”" in rows["sign_in_refused"]
        assert "登录名“zh…”（没有这个账号）" in rows["sign_in_refused"]
        assert "（群众）" not in "".join(rows.values())
        found = keeper.get(f"/admin/liaison/auditentry/?q={name}").content.decode()
        assert f"登录名“{name}”" in found
        assert "zh…" not in found
        with acting(system_actor()) as system:
            everything = " ".join(f"{e.detail}{e.reason}{e.actor}" for e in AuditEntry.scoped(system))
        assert "2026-secret" not in everything

    def test_signed_in_the_door_leads_on(self, clerk: Actor, sign_in: Any) -> None:
        assert sign_in(clerk).get("/sign-in/?next=/notifications/")["Location"] == "/notifications/"

    def test_an_unknown_name_takes_as_long_as_a_known_one(
        self, client: Client, clerk: Actor, settings: Any
    ) -> None:
        """Median over interleaved attempts with the real hasher; far from it when one path skips the hash."""
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
        settings.AXES_FAILURE_LIMIT = 1000
        with acting(system_actor()):
            account = Account.objects.get(pk=clerk.account_id)
            account.set_password(PASSWORD)
            account.save(update_fields=["password"])
        taken: dict[str, list[float]] = {account.username: [], "nobody": []}
        for _ in range(12):
            for name, seen in taken.items():
                began = time.perf_counter()
                enter(client, name, "wrong-password-here")
                seen.append(time.perf_counter() - began)
        known, unknown = (statistics.median(seen[2:]) for seen in taken.values())
        assert 0.7 < known / unknown < 1.4


class TestLockout:
    def fail(self, client: Client, name: str, times: int, **extra: Any) -> HttpResponse:
        for _ in range(times):
            answer = enter(client, name, "wrong", **extra)
        return answer

    def test_the_sixth_attempt_is_locked_with_the_right_password(self, client: Client, clerk: Actor) -> None:
        name = username_of(clerk)
        assert self.fail(client, name, 4).status_code == 200
        self.fail(client, name, 1)
        answer = enter(client, name)
        assert answer.status_code == 429
        assert "已暂时锁定" in answer.content.decode()
        assert "_auth_user_id" not in client.session

    def test_a_forged_forwarded_for_unlocks_nothing(self, client: Client, clerk: Actor) -> None:
        name = username_of(clerk)
        for attempt in range(5):
            enter(client, name, "wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{attempt}")
        assert enter(client, name, HTTP_X_FORWARDED_FOR="203.0.113.99").status_code == 429

    def test_behind_the_trusted_proxy_the_last_hop_counts(
        self, client: Client, clerk: Actor, settings: Any
    ) -> None:
        settings.TRUSTED_PROXIES = ["127.0.0.1"]
        name = username_of(clerk)
        for attempt in range(5):
            enter(client, name, "wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{attempt}, 198.51.100.7")
        assert enter(client, name, HTTP_X_FORWARDED_FOR="198.51.100.7").status_code == 429
        assert enter(client, name, HTTP_X_FORWARDED_FOR="198.51.100.8").status_code == 302

    def test_another_spelling_is_the_same_account(self, client: Client, clerk: Actor) -> None:
        name = username_of(clerk)
        for spelling in (name, name.upper(), f" {name}", name.replace("u", "ｕ"), name.capitalize()):
            enter(client, spelling, "wrong")
        assert enter(client, name).status_code == 429

    def test_the_lock_passes_after_a_quarter_of_an_hour(self, client: Client, clerk: Actor) -> None:
        name = username_of(clerk)
        with time_machine.travel(NOW, tick=False) as clock:
            self.fail(client, name, 5)
            clock.shift(timedelta(minutes=14))
            assert enter(client, name).status_code == 429
            clock.shift(timedelta(minutes=16))
            assert enter(client, name).status_code == 302

    def test_success_forgets_the_failures_before(self, client: Client, clerk: Actor) -> None:
        name = username_of(clerk)
        self.fail(client, name, 4)
        assert enter(client, name).status_code == 302
        client.post("/sign-out/")
        self.fail(client, name, 4)
        assert enter(client, name).status_code == 302

    def test_guessing_the_old_password_locks_too(self, clerk: Actor, sign_in: Any) -> None:
        client = sign_in(clerk)
        new = {"new_password": "Another-Long-One-7", "repeated": "Another-Long-One-7"}
        for _ in range(5):
            client.post("/account/password/", {"old_password": "guess", **new})
        assert client.post("/account/password/", {"old_password": PASSWORD, **new}).status_code == 429


class TestFirstPassword:
    def test_nothing_opens_before_the_first_password_is_changed(self, clerk: Actor, sign_in: Any) -> None:
        client = sign_in(clerk)
        set_account(clerk, must_change_password=True)
        for page in ("/notifications/", "/files/1/", "/account/second-factor/"):
            assert client.get(page)["Location"].startswith("/account/password/")
        assert client.get("/account/password/").status_code == 200
        assert client.get("/sign-out/").status_code == 200

    def test_the_interface_answers_in_its_own_way(self, clerk: Actor, sign_in: Any) -> None:
        client = sign_in(clerk)
        set_account(clerk, must_change_password=True)
        answer = client.get("/api/v1/anything/")
        # Without an address there is nothing to gate; the gate speaks before a view only.
        assert answer.status_code == 404

    def test_changing_ends_other_sessions_and_keeps_this_one(self, clerk: Actor, sign_in: Any) -> None:
        client, elsewhere = sign_in(clerk), sign_in(clerk)
        set_account(clerk, must_change_password=True)
        new = "Zhuang-Zi-New-2027"
        answer = client.post(
            "/account/password/", {"old_password": PASSWORD, "new_password": new, "repeated": new}
        )
        assert answer["Location"] == "/account/password/done/"
        assert client.get("/notifications/").status_code == 200
        assert elsewhere.get("/notifications/").status_code == 302
        assert enter(Client(), username_of(clerk), new).status_code == 302

    @pytest.mark.parametrize(
        ("old", "new", "repeated", "complaint"),
        [
            ("wrong", "Zhuang-Zi-New-2027", "Zhuang-Zi-New-2027", "原密码不正确"),
            (PASSWORD, "sh0rt-Aa", "sh0rt-Aa", "至少12个字符。"),
            (PASSWORD, "73829105564738", "73829105564738", "不能全是数字"),
            (PASSWORD, "qwertyuiop123", "qwertyuiop123", "太常见"),
            (PASSWORD, "Zhuang-Zi-New-2027", "Zhuang-Zi-New-2028", "不一致"),
            (PASSWORD, PASSWORD, PASSWORD, "不能与原密码相同"),
        ],
    )
    def test_weak_and_mistyped_passwords_are_refused_in_chinese(
        self, clerk: Actor, sign_in: Any, old: str, new: str, repeated: str, complaint: str
    ) -> None:  # fmt: skip
        client = sign_in(clerk)
        before = operations(clerk)
        answer = client.post(
            "/account/password/", {"old_password": old, "new_password": new, "repeated": repeated}
        )
        text = answer.content.decode()
        assert (answer.status_code, complaint in text) == (200, True)
        assert new not in text
        assert operations(clerk) == before


class TestAppointments:
    @pytest.fixture
    def double(self, world: World) -> Actor:
        """A clerk of 庄子乡 who is also one of 长凝镇."""
        actor = make_account(world["庄子乡"], Role.PRESIDIUM_CLERK, name="李秘书")
        place = world["长凝镇"]
        with acting(system_actor()):
            Appointment._plain.create(
                account_id=actor.account_id, jurisdiction=place, scope_code=place.scope_code,
                role=Role.PRESIDIUM_CLERK.value, starts_on=date(2021, 5, 1),
            )  # fmt: skip
        return actor

    def second(self, actor: Actor) -> int:
        with acting(system_actor()):
            mine = Appointment._plain.filter(account_id=actor.account_id)
            return int(mine.exclude(pk=actor.appointment_id).get().pk)

    def test_several_appointments_are_offered_first(self, client: Client, double: Actor) -> None:
        answer = enter(client, username_of(double), next="/notifications/")
        assert answer["Location"] == "/account/appointments/?next=%2Fnotifications%2F"
        assert "长凝镇" in client.get(answer["Location"]).content.decode()

    def test_switching_changes_the_scope_and_is_noted(self, double: Actor, sign_in: Any) -> None:
        client = sign_in(double)
        key = client.session.session_key
        answer = client.post("/account/appointments/switch/", {"appointment": self.second(double)})
        assert answer.status_code == 302
        assert client.session.session_key != key
        assert "长凝镇" in client.get("/notifications/").content.decode()
        assert operations(double)[-1] == "switch_appointment"

    @pytest.mark.parametrize("chosen", ["", "0", "abc", "other"])
    def test_only_ones_own_appointments_can_be_taken(
        self, double: Actor, county: Actor, sign_in: Any, chosen: str
    ) -> None:
        value = county.appointment_id if chosen == "other" else chosen
        answer = sign_in(double).post("/account/appointments/switch/", {"appointment": value})
        assert answer.status_code == 403
        assert operations(double)[-1] == "denied"

    def test_switching_needs_a_post(self, double: Actor, sign_in: Any) -> None:
        assert sign_in(double).get("/account/appointments/switch/").status_code == 405

    def test_an_ended_appointment_is_gone_at_the_next_request(self, double: Actor, sign_in: Any) -> None:
        client, other = sign_in(double), self.second(double)
        client.post("/account/appointments/switch/", {"appointment": other})
        with acting(system_actor()):
            Appointment._plain.filter(pk=other).update(ends_on=date.today() - timedelta(days=1))  # noqa: DTZ011
        assert "长凝镇" not in client.get("/notifications/").content.decode()
        with acting(system_actor()):
            Appointment._plain.filter(account_id=double.account_id).update(
                ends_on=date.today() - timedelta(days=1)  # noqa: DTZ011
            )
        page = client.get("/account/appointments/").content.decode()
        assert "没有有效的职务" in page


class TestSecondFactor:
    def code(self, device: Authenticator) -> str:
        return f"{device.totp().token():06d}"

    def enrol(self, client: Client) -> Authenticator:
        client.post("/account/second-factor/enrol/", {"begin": "1"})
        device = Authenticator.objects.get()
        page = client.get("/account/second-factor/enrol/").content.decode()
        assert "data:image/svg+xml" in page
        return device

    def test_enrolling_shows_recovery_codes_once_and_asks_from_then_on(
        self, clerk: Actor, sign_in: Any
    ) -> None:
        client = sign_in(clerk)
        device = self.enrol(client)
        answer = client.post("/account/second-factor/enrol/", {"token": self.code(device)})
        codes = answer.context["codes"]
        assert len(codes) == 8
        assert all(code in answer.content.decode() for code in codes)
        again = Client()
        assert enter(again, username_of(clerk), next="/notifications/").status_code == 302
        turned = again.get("/notifications/")
        assert turned["Location"] == "/account/second-factor/?next=%2Fnotifications%2F"
        assert again.post("/account/second-factor/", {"token": codes[0].upper()}).status_code == 302
        assert again.get("/notifications/").status_code == 200
        third = Client()
        enter(third, username_of(clerk))
        assert third.post("/account/second-factor/", {"token": codes[0]}).status_code == 200
        assert operations(clerk) == [
            "enrol_second_factor", "sign_in", "second_factor", "sign_in", "second_factor_refused",
        ]  # fmt: skip

    def test_a_code_is_good_once(self, clerk: Actor, sign_in: Any) -> None:
        device = self.enrol(client := sign_in(clerk))
        code = self.code(device)
        client.post("/account/second-factor/enrol/", {"token": code})
        again = Client()
        enter(again, username_of(clerk))
        assert again.post("/account/second-factor/", {"token": code}).status_code == 200
        assert again.get("/notifications/").status_code == 302

    def test_a_wrong_code_enrols_nothing(self, clerk: Actor, sign_in: Any) -> None:
        self.enrol(client := sign_in(clerk))
        client.post("/account/second-factor/enrol/", {"token": "000000"})
        assert not Authenticator.objects.get().confirmed
        assert StaticToken.objects.count() == 0

    @pytest.mark.parametrize(("required", "status"), [(False, 200), (True, 302)])
    def test_where_required_staff_enrol_before_anything(
        self, clerk: Actor, sign_in: Any, settings: Any, required: bool, status: int
    ) -> None:  # fmt: skip
        settings.LIAISON_REQUIRE_OTP = required
        client = sign_in(clerk)
        assert client.get("/notifications/").status_code == status
        assert client.get("/account/second-factor/enrol/").status_code == 200

    def test_deputies_need_none(self, deputy_actor: Actor, sign_in: Any, settings: Any) -> None:
        settings.LIAISON_REQUIRE_OTP = True
        assert sign_in(deputy_actor).get("/notifications/").status_code == 200


@recently_authenticated("导出名册")
def exporting(request: HttpRequest) -> HttpResponse:
    return HttpResponse("exported")


@for_roles(Role.PRESIDIUM_CHAIR)
def chairs_only(request: HttpRequest) -> HttpResponse:
    return HttpResponse("chair")


def asking(request: HttpRequest) -> HttpResponse:
    actor_of(request).require(Role.PRESIDIUM_CHAIR)
    return HttpResponse("asked")


urlpatterns = [
    path("try/export/", exporting, name="try_export"),
    path("try/chair/", chairs_only, name="try_chair"),
    path("try/ask/", asking, name="try_ask"),
    path("api/v1/try/", asking, name="try_api"),
    *ground_patterns,
]


@pytest.mark.urls(__name__)
class TestGates:
    def test_proof_lasts_five_minutes(self, client: Client, clerk: Actor) -> None:
        with time_machine.travel(NOW, tick=False) as clock:
            enter(client, username_of(clerk))
            clock.shift(timedelta(minutes=5))
            assert client.get("/try/export/").content == b"exported"
            clock.shift(timedelta(seconds=1))
            turned = client.get("/try/export/")
            assert turned["Location"].startswith("/account/confirm/?next=%2Ftry%2Fexport%2F")
            page = client.get(turned["Location"]).content.decode()
            assert "您即将导出名册" in page
            assert client.post(turned["Location"], {"password": "wrong"}).status_code == 200
            assert client.post(turned["Location"], {"password": PASSWORD})["Location"] == "/try/export/"
            assert client.get("/try/export/").content == b"exported"
        assert operations(clerk)[-2:] == ["reauthenticate_refused", "reauthenticate"]

    def test_a_form_that_was_sent_comes_back_to_its_page(self, clerk: Actor, sign_in: Any) -> None:
        answer = sign_in(clerk).post("/try/export/", HTTP_REFERER="http://testserver/opinions/?page=2")
        assert "next=%2Fopinions%2F%3Fpage%3D2" in answer["Location"]
        answer = sign_in(clerk).post("/try/export/", HTTP_REFERER="https://evil.example/")
        assert "evil" not in answer["Location"]

    @pytest.mark.parametrize("page", ["/try/export/", "/try/chair/", "/try/ask/"])
    def test_a_stranger_is_led_to_the_door(self, db: None, client: Client, page: str) -> None:
        answer = client.get(page)
        assert (answer.status_code, answer["Location"][:15]) == (302, "/sign-in/?next=")

    def test_a_stranger_of_the_interface_is_told(self, db: None, client: Client) -> None:
        assert client.get("/api/v1/try/").status_code == 403

    @pytest.mark.parametrize("page", ["/try/chair/", "/try/ask/"])
    def test_another_role_is_denied_and_noted(self, clerk: Actor, sign_in: Any, page: str) -> None:
        assert sign_in(clerk).get(page).status_code == 403
        with acting(system_actor()) as system:
            entry = AuditEntry.scoped(system).get(operation="denied")
        told = {"account": username_of(clerk), "page": page.strip("/").replace("/", "_"), "status": 403}
        assert json.loads(entry.detail) == told

    def test_the_role_itself_passes(self, chair: Actor, sign_in: Any) -> None:
        assert sign_in(chair).get("/try/chair/").content == b"chair"

    def test_without_an_appointment_in_force_it_is_refused_in_words(self, clerk: Actor, sign_in: Any) -> None:
        with acting(system_actor()):
            Appointment._plain.filter(pk=clerk.appointment_id).update(ends_on=date(2021, 5, 1))
        answer = sign_in(clerk).get("/try/chair/")
        assert (answer.status_code, "您所用的职务目前不在任" in answer.content.decode()) == (403, True)

    def test_forbidden_is_raised_by_the_actor_itself(self, clerk: Actor) -> None:
        with pytest.raises(Forbidden):
            clerk.require(Role.PRESIDIUM_CHAIR)


class TestLeaving:
    def test_leaving_forgets_the_session_and_the_browser(self, clerk: Actor, sign_in: Any) -> None:
        client = sign_in(clerk)
        assert client.get("/sign-out/").status_code == 200
        assert client.get("/notifications/").status_code == 200
        answer = client.post("/sign-out/")
        assert answer["Clear-Site-Data"] == '"cache", "storage"'
        assert client.get("/notifications/").status_code == 302
        assert operations(clerk) == ["sign_out"]

    @pytest.mark.parametrize(("idle", "status"), [(29, 200), (31, 302)])
    def test_half_an_hour_of_silence_signs_out(
        self, client: Client, clerk: Actor, idle: int, status: int
    ) -> None:
        with time_machine.travel(NOW, tick=False) as clock:
            enter(client, username_of(clerk))
            clock.shift(timedelta(minutes=idle))
            answer = client.get("/notifications/")
            assert answer.status_code == status
            if status == 302:
                door = client.get(answer["Location"]).content.decode()
                assert "系统已自动退出" in door

    def test_twelve_hours_end_it_however_busy(self, client: Client, clerk: Actor) -> None:
        with time_machine.travel(NOW, tick=False) as clock:
            enter(client, username_of(clerk))
            answers = []
            for _ in range(37):
                clock.shift(timedelta(minutes=20))
                answers.append(client.get("/notifications/").status_code)
        assert answers == [200] * 36 + [302]

    def test_strangers_may_set_their_display(self, db: None, client: Client) -> None:
        answer = client.post("/account/preferences/", {"type_size": "large", "next": "/sign-in/"})
        assert (answer["Location"], answer.cookies["type_size"].value) == ("/sign-in/", "large")
        assert "type-large" in client.get("/sign-in/").content.decode()
        assert "contrast" not in answer.cookies
        assert "type_size" not in client.post("/account/preferences/", {"type_size": "<x>"}).cookies
