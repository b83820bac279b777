"""三权分立: keepers hold no other office, do nothing to themselves, and give the password anew."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from deputies.models import Mandate
from liaison.identity import accounts, second_factor
from liaison.identity.auth import actor_for, open_appointments
from liaison.identity.roles import ADMINISTRATORS, APPOINTABLE
from liaison.models import Account, Appointment
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, Refused
from tests.factories import NOW, World, make_account, make_deputy_actor

pytestmark = pytest.mark.django_db

TODAY = date(2026, 1, 20)
TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)
PAIRS = [(one, other) for one in sorted(ADMINISTRATORS) for other in APPOINTABLE if one != other]


@pytest.fixture
def keeper(world: World) -> Actor:
    return make_account(world["晋中市"], Role.SECURITY_ADMIN, name="周安全")


def new_account(world: World, name: str = "qian") -> Account:
    with acting(system_actor()):
        return accounts.create_account(
            username=name, display_name="钱某", scope_code=world["榆次区"].scope_code, now=NOW
        )


def given(world: World, account: Account, role: Role, first: date, last: date | None = None) -> Appointment:
    """Written past the service, as a fault or an injection would."""
    place, links = world["榆次区"], {"person_ref": 1, "group_ref": 1, "station_ref": 1, "unit_ref": 1}
    with acting(system_actor()), transaction.atomic():
        return Appointment._plain.create(
            account=account, jurisdiction=place, scope_code=place.scope_code, role=role.value,
            starts_on=first, ends_on=last, **links,
        )  # fmt: skip


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_the_database_keeps_keepers_apart_from_every_other_office(
    world: World, one: Role, other: Role
) -> None:
    account = new_account(world)
    given(world, account, other, TODAY)
    with pytest.raises(IntegrityError, match="keepers of the system hold no other office"):
        given(world, account, one, TODAY)


@pytest.mark.parametrize(
    ("first", "last", "is_mixed"),
    [
        (date(2025, 1, 1), YESTERDAY, False),
        (date(2025, 1, 1), TODAY, True),
        (TOMORROW, None, True),
        (date(2027, 1, 1), date(2027, 12, 31), True),
    ],
)
def test_every_day_counts_the_last_one_and_those_to_come(
    world: World, keeper: Actor, first: date, last: date | None, is_mixed: bool
) -> None:
    account = new_account(world)
    given(world, account, Role.CITY_VIEWER, first, last)
    values = {
        "account": account,
        "jurisdiction": world["榆次区"],
        "role": Role.AUDIT_ADMIN,
        "starts_on": TODAY,
    }
    with acting(system_actor()):
        if is_mixed:
            with pytest.raises(Refused, match="由不同的人分别担任"):
                accounts.appoint(**values)
        else:
            assert accounts.appoint(**values).role == Role.AUDIT_ADMIN
    if is_mixed:
        with pytest.raises(IntegrityError):
            given(world, account, Role.AUDIT_ADMIN, TODAY)


def test_a_second_account_of_the_person_is_the_same_person(world: World, mandate: Mandate) -> None:
    """The deputy's former account does not become a keeper while the person acts in another one."""
    deputy = make_deputy_actor(mandate)
    former = new_account(world)
    place = world["庄子乡"]
    with acting(system_actor()):
        Appointment._plain.create(
            account=former, jurisdiction=place, scope_code=place.scope_code, role=Role.DEPUTY.value,
            starts_on=date(2021, 5, 1), ends_on=date(2022, 5, 1), person_ref=mandate.person_id,
        )  # fmt: skip
        with pytest.raises(Refused):
            accounts.appoint(
                account=former, jurisdiction=world["榆次区"], role=Role.SYSTEM_ADMIN, starts_on=TODAY
            )
    with pytest.raises(IntegrityError):
        given(world, former, Role.SYSTEM_ADMIN, TODAY)
    with acting(system_actor()):
        account = Account.objects.get(pk=deputy.account_id)
    [held] = open_appointments(account, TODAY)
    assert actor_for(account, held).accounts == {deputy.account_id, former.pk}


def test_ending_and_reopening_are_looked_at_apart(world: World) -> None:
    account = new_account(world)
    first = given(world, account, Role.CITY_VIEWER, date(2025, 1, 1), YESTERDAY)
    given(world, account, Role.AUDIT_ADMIN, TODAY)
    with acting(system_actor()):
        Appointment._plain.filter(pk=first.pk).update(ends_on=date(2025, 6, 1))
        with pytest.raises(IntegrityError), transaction.atomic():
            Appointment._plain.filter(pk=first.pk).update(ends_on=TODAY)


Deed = Callable[[Account, Actor, World], Any]


def appoint(account: Account, own: Actor, world: World) -> Any:
    role, place = Role.CITY_VIEWER, world["榆次区"]
    return accounts.appoint(account=account, jurisdiction=place, role=role, starts_on=date(2030, 1, 1))


def end(account: Account, own: Actor, world: World) -> Any:
    held = Appointment.scoped(system_actor()).get(pk=own.appointment_id)
    return accounts.end_appointment(appointment=held, ends_on=TODAY)


DEEDS: list[Deed] = [
    appoint,
    end,
    lambda account, own, world: accounts.set_active(account=account, is_active=False, reason="离职"),
    lambda account, own, world: accounts.reset_password(account=account, reason="遗忘"),
    lambda account, own, world: accounts.unlock(account=account, reason="锁定"),
    lambda account, own, world: second_factor.remove(account=account, reason="遗失"),
]


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("is_other_account", [False, True])
def test_nobody_does_anything_to_himself(
    world: World, keeper: Actor, deed: Deed, is_other_account: bool
) -> None:
    own, actor = keeper, keeper
    if is_other_account:
        own = make_account(world["榆次区"], Role.CITY_VIEWER)
        object.__setattr__(actor, "selves", frozenset({own.account_id}))
    with acting(system_actor()):
        account = Account.objects.get(pk=own.account_id)
    with acting(actor), pytest.raises(Forbidden, match="不能为本人"):
        deed(account, own, world)


@pytest.mark.parametrize("action", ["suspend", "restore", "unlock", "new_password", "remove_second_factor"])
def test_what_is_done_to_accounts_asks_for_the_password_again(
    world: World, keeper: Actor, clerk: Actor, sign_in: Callable[[Actor], Client], action: str
) -> None:
    client = sign_in(keeper)
    sent = {"action": action, "_selected_action": [clerk.account_id], "reason": "测试"}
    answer = client.post("/admin/liaison/account/", sent)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/account/confirm/")
    with acting(system_actor()):
        assert Account.objects.get(pk=clerk.account_id).is_active


@pytest.mark.parametrize("address", ["/admin/liaison/appointment/", "/admin/liaison/appointment/add/"])
def test_appointing_and_ending_ask_for_the_password_again(
    keeper: Actor, clerk: Actor, sign_in: Callable[[Actor], Client], address: str
) -> None:
    sent = {"action": "end", "_selected_action": [clerk.appointment_id], "reason": "测试"}
    answer = sign_in(keeper).post(address, sent)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/account/confirm/")
    with acting(system_actor()):
        assert Appointment._plain.get(pk=clerk.appointment_id).ends_on is None
