"""Opening accounts, appointing within one's own area, and what ends at once."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction
from django.test import Client, RequestFactory
from django.urls import reverse

from deputies.models import Mandate
from liaison.identity.access import MAY_APPOINT
from liaison.identity.accounts import (
    appoint,
    change_own_password,
    create_account,
    edit_account,
    end_appointment,
    random_password,
    reset_password,
    set_active,
)
from liaison.identity.auth import open_appointments
from liaison.identity.roles import APPOINTABLE
from liaison.models import Account, Appointment, AuditEntry
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import (
    LINKS_OF_ROLE,
    Role,
)
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from tests.factories import NOW, PASSWORD, World, make_account, make_station

pytestmark = [pytest.mark.urls("tests.liaison.ground_urls"), pytest.mark.usefixtures("ground_only")]

TODAY = date(2026, 1, 20)


@pytest.fixture
def keeper(world: World) -> Actor:
    return make_account(world["榆次区"], Role.SECURITY_ADMIN, name="周安全")


def open_account(place: Any, **changes: Any) -> Account:
    values = {"username": "zhangsan", "display_name": "张三", "scope_code": place.scope_code, "now": NOW}
    return create_account(**{**values, **changes})


def reread(account: Account) -> Account:
    with acting(system_actor()):
        return Account.objects.get(pk=account.pk)


class TestOpening:
    def test_a_random_password_is_given_once(self, world: World, keeper: Actor) -> None:
        with acting(keeper):
            account = open_account(world["庄子乡"])
        initial = account.initial_password  # type: ignore[attr-defined]
        stored = reread(account)
        assert stored.check_password(initial)
        assert stored.must_change_password
        assert not hasattr(stored, "initial_password")

    def test_random_passwords_are_typeable_and_differ(self) -> None:
        made = {random_password() for _ in range(500)}
        assert len(made) == 500
        assert set("".join(made)) <= set("abcdefghjkmnpqrstuvwxyz23456789-")
        assert all(len(each) == 19 and any(c.isdigit() for c in each) for each in made)

    def test_a_name_is_folded_and_taken_once(self, world: World, keeper: Actor) -> None:
        with acting(keeper):
            assert open_account(world["庄子乡"], username=" ZhangＳan ").username == "zhangsan"
            with pytest.raises(InvalidInput, match="已被使用"):
                open_account(world["庄子乡"])
            assert open_account(world["庄子乡"], username="lisi").pk

    def test_a_name_taken_out_of_sight_is_refused_alike(self, world: World, keeper: Actor) -> None:
        with acting(system_actor()):
            open_account(world["平遥县"])
        with acting(keeper), pytest.raises(InvalidInput, match="已被使用"):
            open_account(world["庄子乡"])

    @pytest.mark.parametrize("name", ["", "  ", "zhang san"])
    def test_a_name_without_letters_or_with_blanks_is_refused(
        self, world: World, keeper: Actor, name: str
    ) -> None:
        with acting(keeper), pytest.raises(InvalidInput):
            open_account(world["庄子乡"], username=name)

    def test_not_outside_the_own_area(self, world: World, keeper: Actor) -> None:
        with acting(keeper), pytest.raises(OutOfScope):
            open_account(world["平遥县"])

    @pytest.mark.parametrize("role", sorted(set(APPOINTABLE) - set(MAY_APPOINT)))
    def test_roles_that_open_no_accounts(self, world: World, role: Role) -> None:
        actor = make_account(world["庄子乡"], role)
        with acting(actor), pytest.raises(Forbidden):
            open_account(world["庄子乡"])


class TestAppointing:
    @pytest.mark.parametrize("role", [Role.PRESIDIUM_CLERK, Role.PRESIDIUM_CHAIR, Role.SECURITY_ADMIN])
    def test_a_clerk_does_not_make_clerks(self, world: World, clerk: Actor, role: Role) -> None:
        with acting(clerk):
            account = open_account(world["庄子乡"])
            with pytest.raises(Forbidden):
                appoint(account=account, jurisdiction=world["庄子乡"], role=role, starts_on=TODAY)

    def test_a_clerk_appoints_deputies_once(self, world: World, clerk: Actor, mandate: Mandate) -> None:
        with acting(clerk):
            account, person = open_account(world["庄子乡"]), mandate.person_id
            values = {"account": account, "jurisdiction": world["庄子乡"], "role": Role.DEPUTY}
            first = appoint(**values, starts_on=TODAY, person_ref=person)
            again = appoint(**values, starts_on=TODAY)
        assert (first.pk, again.pk, again.person_ref) == (again.pk, first.pk, person)

    def test_messages_to_a_deputy_reach_the_account_appointed(self, world: World, mandate: Mandate) -> None:
        with acting(make_account(world["榆次区"], Role.SECURITY_ADMIN)):
            account = open_account(world["庄子乡"])
            values = {"jurisdiction": world["庄子乡"], "role": Role.DEPUTY, "starts_on": TODAY}
            appoint(account=account, **values, person_ref=mandate.person_id)
            mandate.person.refresh_from_db()
            assert mandate.person.account_id == account.pk
            with pytest.raises(InvalidInput, match=f"已有账号“{account.username}”"):
                appoint(
                    account=open_account(world["庄子乡"], username="lisi"),
                    **values,
                    person_ref=mandate.person_id,
                )

    @pytest.mark.parametrize(
        ("role", "words"),
        [
            (Role.DEPUTY, "请选择对应代表。"),
            (Role.GROUP_LEADER, "请选择对应代表小组。"),
            (Role.STATION_CLERK, "请选择对应联络站。"),
            (Role.HANDLING_UNIT, "请选择对应承办单位。"),
        ],
    )
    def test_an_appointment_without_whom_it_speaks_for_is_refused_in_words(
        self, world: World, clerk: Actor, role: Role, words: str
    ) -> None:
        with acting(clerk), pytest.raises(InvalidInput) as refused:
            account = open_account(world["庄子乡"])
            appoint(account=account, jurisdiction=world["庄子乡"], role=role, starts_on=TODAY)
        assert words in refused.value.fields.values()
        assert set(refused.value.fields) == set(LINKS_OF_ROLE[role])

    def test_whom_it_speaks_for_belongs_to_the_place(self, world: World, keeper: Actor) -> None:
        elsewhere = make_station(world["长凝镇"])
        with acting(keeper):
            account, place = open_account(world["庄子乡"]), world["庄子乡"]
            values = {"account": account, "jurisdiction": place, "role": Role.STATION_CLERK}
            with pytest.raises(InvalidInput, match="不在庄子乡"):
                appoint(**values, starts_on=TODAY, station_ref=elsewhere.pk)
            own = make_station(place)
            assert appoint(**values, starts_on=TODAY, station_ref=own.pk).station_ref == own.pk

    @pytest.mark.parametrize("role", list(LINKS_OF_ROLE))
    def test_the_database_refuses_an_appointment_without_whom_it_speaks_for(
        self, world: World, role: Role
    ) -> None:
        for column in LINKS_OF_ROLE[role]:
            with pytest.raises(IntegrityError, match="appointment_whole"), transaction.atomic():
                make_account(world["庄子乡"], role, **{column: None})

    def test_every_other_role_needs_nobody(self, world: World) -> None:
        for role in set(APPOINTABLE) - set(LINKS_OF_ROLE):
            assert make_account(world["庄子乡"], role).appointment_id is not None

    def test_one_that_names_nobody_opens_nothing_on_its_last_day_either(self, world: World) -> None:
        """Those made before the rule were ended; the last day of one begun today is still to come."""
        with acting(system_actor()):
            account = open_account(world["庄子乡"])
            Appointment._plain.create(
                account=account, jurisdiction=world["庄子乡"], role="station_clerk", starts_on=TODAY,
                ends_on=TODAY, scope_code=account.scope_code,
            )  # fmt: skip
        assert open_appointments(account, TODAY) == []

    @pytest.mark.parametrize("place", ["榆次区", "长凝镇"])
    def test_not_above_or_beside_the_own_area(self, world: World, clerk: Actor, place: str) -> None:
        with acting(clerk):
            account = open_account(world["庄子乡"])
            with pytest.raises(OutOfScope):
                appoint(account=account, jurisdiction=world[place], role=Role.DEPUTY, starts_on=TODAY)

    def test_keepers_of_the_system_hold_one_role_only(self, world: World, keeper: Actor) -> None:
        with acting(keeper):
            account, place = open_account(world["榆次区"]), world["榆次区"]
            with acting(system_actor()):
                held = appoint(account=account, jurisdiction=place, role=Role.SYSTEM_ADMIN, starts_on=TODAY)
            for role in (Role.AUDIT_ADMIN, Role.SECURITY_ADMIN, Role.COUNTY_COMMITTEE, Role.DEPUTY):
                with pytest.raises(Refused):
                    appoint(account=account, jurisdiction=place, role=role, starts_on=TODAY)
            with acting(system_actor()):
                end_appointment(appointment=held, ends_on=TODAY)
            values = {"account": account, "jurisdiction": place, "role": Role.CITY_VIEWER}
            with pytest.raises(Refused):
                appoint(**values, starts_on=TODAY)
            assert appoint(**values, starts_on=TODAY + timedelta(days=1)).pk

    def test_ending_twice_moves_nothing_and_never_before_the_beginning(
        self, world: World, keeper: Actor
    ) -> None:
        with acting(keeper):
            account = open_account(world["庄子乡"])
            place, role = world["庄子乡"], Role.PRESIDIUM_CLERK
            held = appoint(account=account, jurisdiction=place, role=role, starts_on=TODAY)
            with pytest.raises(Refused):
                end_appointment(appointment=held, ends_on=TODAY - timedelta(days=1))
            end_appointment(appointment=held, ends_on=TODAY, reason="调离")
            end_appointment(appointment=held, ends_on=TODAY + timedelta(days=30))
            assert Appointment.scoped(keeper).get(pk=held.pk).ends_on == TODAY
            entry = AuditEntry.scoped(keeper).get(operation="end_appointment")
        assert entry.reason == "调离"

    def test_a_clerk_ends_nobody_elses_appointment(self, clerk: Actor, other_clerk: Actor) -> None:
        with acting(system_actor()):
            theirs = Appointment._plain.get(pk=other_clerk.appointment_id)
        with acting(clerk), pytest.raises(OutOfScope):
            end_appointment(appointment=theirs, ends_on=TODAY)


class TestKeeping:
    def test_suspended_means_out_at_the_next_request(
        self, world: World, keeper: Actor, clerk: Actor, sign_in: Any
    ) -> None:
        client: Client = sign_in(clerk)
        assert client.get("/notifications/").status_code == 200
        with acting(keeper):
            set_active(account=Account(pk=clerk.account_id), is_active=False, reason="离职")
        answer = client.get("/notifications/")
        assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=%2Fnotifications%2F")

    def test_a_reset_password_ends_sessions_and_must_be_changed(
        self, keeper: Actor, clerk: Actor, sign_in: Any
    ) -> None:
        client: Client = sign_in(clerk)
        with acting(keeper):
            password = reset_password(account=Account(pk=clerk.account_id), reason="遗忘")
        account = reread(Account(pk=clerk.account_id))
        assert account.check_password(password)
        assert account.must_change_password
        assert client.get("/notifications/").status_code == 302

    @pytest.mark.parametrize("role", sorted(set(APPOINTABLE) - {Role.SECURITY_ADMIN}))
    def test_only_the_security_administrator_keeps_accounts(
        self, world: World, clerk: Actor, role: Role
    ) -> None:
        actor = make_account(world["榆次区"], role)
        with acting(actor), pytest.raises(Forbidden):
            set_active(account=Account(pk=clerk.account_id), is_active=False, reason="x")
        with acting(actor), pytest.raises(Forbidden):
            edit_account(account=Account(pk=clerk.account_id), display_name="x", email="")

    def test_not_the_accounts_of_another_county(self, world: World, keeper: Actor) -> None:
        stranger = make_account(world["平遥县"], Role.PRESIDIUM_CLERK)
        with acting(keeper), pytest.raises(OutOfScope):
            reset_password(account=Account(pk=stranger.account_id), reason="x")

    def test_an_own_password_is_changed_even_from_a_lower_appointment(self, world: World) -> None:
        """An account opened by the county acts in a township, below its own row."""
        actor = make_account(world["榆次区"], Role.COUNTY_COMMITTEE)
        account = reread(Account(pk=actor.account_id))
        below = actor.narrowed(world["庄子乡"].scope_code, world["庄子乡"].scope_end)
        with acting(below):
            change_own_password(account=account, password="Another-Long-One-7")
        assert reread(account).check_password("Another-Long-One-7")
        assert authenticate(RequestFactory().post("/"), username=account.username, password=PASSWORD) is None

    def test_audit_entries_hold_neither_password_nor_name(self, world: World, keeper: Actor) -> None:
        with acting(keeper):
            account = open_account(world["庄子乡"], email="zhang@example.com")
            password = reset_password(account=account, reason="遗忘")
            text = " ".join(f"{e.detail} {e.reason}" for e in AuditEntry.scoped(keeper))
        stored = reread(account).password
        for secret in (account.initial_password, password, stored, "张三", "zhang@example.com"):  # type: ignore[attr-defined]
            assert secret not in text
        assert '"password": null' in text


@pytest.mark.parametrize(
    ("place", "role", "title", "post"),
    [
        ("庄子乡", Role.PRESIDIUM_CLERK, "", "人大主席团秘书"),
        ("新华街道", Role.PRESIDIUM_CLERK, "", "人大工委干事"),
        ("新华街道", Role.PRESIDIUM_CHAIR, "", "人大工委主任"),
        ("新华街道", Role.PRESIDIUM_CHAIR, "人大工委副主任", "人大工委副主任"),
        ("榆次区", Role.COUNTY_COMMITTEE, "", "县级代表工作委员会"),
    ],
)
def test_an_office_is_called_in_the_words_of_its_level(
    world, sign_in, place: str, role: Role, title: str, post: str
) -> None:
    actor = make_account(world[place], role)
    with acting(system_actor()):
        Appointment._plain.filter(pk=actor.appointment_id).update(title=title)
    page = sign_in(actor).get(reverse("notifications")).content.decode()
    assert f"<span>{post}</span>" in page
    assert ("人大主席" in page) is (place == "庄子乡")
