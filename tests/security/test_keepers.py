"""三权分立: keepers hold no other office, do nothing to themselves, and give the password anew."""

import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from deputies.access import require_unconcerned
from deputies.models import Mandate
from liaison import keeper_changes
from liaison.identity import accounts, second_factor
from liaison.identity.auth import actor_for, open_appointments
from liaison.identity.roles import ADMINISTRATORS, APPOINTABLE
from liaison.models import Account, Appointment, KeeperChange, Notification
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import KeeperAct, Role
from liaison.words.errors import Forbidden, OutOfScope, Refused
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


@pytest.fixture
def auditor(world: World) -> Actor:
    return make_account(world["晋中市"], Role.AUDIT_ADMIN, name="吴审计")


@pytest.fixture
def system_keeper(world: World) -> Actor:
    return make_account(world["榆次区"], Role.SYSTEM_ADMIN, name="郑系统")


def account_of(actor: Actor) -> Account:
    with acting(system_actor()):
        return Account.objects.get(pk=actor.account_id)


def proposed(actor: Actor, concerned: Actor, act: KeeperAct, **more: Any) -> KeeperChange:
    with acting(actor):
        facts = {"account": account_of(concerned), "act": act, "reason": "人员调整", "now": NOW}
        return keeper_changes.propose(actor=actor, **facts, **more)


@pytest.mark.parametrize("deed", DEEDS[1:])
def test_one_keeper_alone_changes_no_keepers_account(
    world: World, keeper: Actor, system_keeper: Actor, deed: Deed
) -> None:
    account = account_of(system_keeper)
    with acting(keeper), pytest.raises(Refused, match="由另一名管理员复核确认"):
        deed(account, system_keeper, world)


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_one_keeper_alone_appoints_no_keeper(world: World, keeper: Actor, role: Role) -> None:
    account, place = new_account(world), world["榆次区"]
    with acting(keeper), pytest.raises(Refused, match="由另一名管理员复核确认"):
        accounts.appoint(account=account, jurisdiction=place, role=role, starts_on=TODAY)


def test_a_change_is_decided_by_another_keeper_than_who_proposed_and_whom_it_concerns(
    keeper: Actor, auditor: Actor, system_keeper: Actor
) -> None:
    change = proposed(keeper, system_keeper, KeeperAct.SUSPEND)
    proposers_other_self = replace(auditor, selves=frozenset({keeper.account_id or 0}))
    for actor in (keeper, system_keeper, proposers_other_self):
        with acting(actor), pytest.raises(Forbidden):
            keeper_changes.decide(actor=actor, change_id=change.pk, is_confirmed=True, now=NOW)
    assert account_of(system_keeper).is_active
    with acting(auditor):
        keeper_changes.decide(actor=auditor, change_id=change.pk, is_confirmed=True, now=NOW)
        with pytest.raises(Refused, match="已经复核过"):
            keeper_changes.decide(actor=auditor, change_id=change.pk, is_confirmed=False, now=NOW)
    assert not account_of(system_keeper).is_active


def test_what_is_declined_changes_nothing(keeper: Actor, auditor: Actor, system_keeper: Actor) -> None:
    change = proposed(keeper, system_keeper, KeeperAct.SUSPEND)
    with acting(auditor):
        keeper_changes.decide(actor=auditor, change_id=change.pk, is_confirmed=False, now=NOW)
    assert account_of(system_keeper).is_active


def test_the_database_refuses_one_keeper_on_both_sides(keeper: Actor, system_keeper: Actor) -> None:
    change = proposed(keeper, system_keeper, KeeperAct.UNBIND)
    decided = {"decided_by_id": keeper.account_id, "decided_at": NOW, "is_confirmed": True}
    with acting(keeper), pytest.raises(IntegrityError, match="keeper_change_second"), transaction.atomic():
        KeeperChange.objects.filter(pk=change.pk).update(**decided)


def test_confirming_carries_each_act_out(
    world: World, keeper: Actor, auditor: Actor, system_keeper: Actor
) -> None:
    def confirmed(act: KeeperAct, concerned: Actor = system_keeper, **more: Any) -> KeeperChange:
        change = proposed(keeper, concerned, act, **more)
        with acting(auditor):
            return keeper_changes.decide(actor=auditor, change_id=change.pk, is_confirmed=True, now=NOW)

    confirmed(KeeperAct.SUSPEND)
    assert not account_of(system_keeper).is_active
    confirmed(KeeperAct.RESTORE)
    assert account_of(system_keeper).is_active
    password = confirmed(KeeperAct.RESET_PASSWORD).password
    assert account_of(system_keeper).check_password(password)
    confirmed(KeeperAct.UNBIND)
    confirmed(KeeperAct.END)
    assert open_appointments(account_of(system_keeper), TODAY) == []
    newcomer = make_account(world["榆次区"], Role.CITY_VIEWER)
    with acting(system_actor()):
        Appointment._plain.filter(pk=newcomer.appointment_id).update(ends_on=YESTERDAY)
    office = {"jurisdiction": world["榆次区"], "role": Role.SYSTEM_ADMIN, "starts_on": TODAY}
    confirmed(KeeperAct.APPOINT, newcomer, **office)
    assert [held.role for held in open_appointments(account_of(newcomer), TODAY)] == [Role.SYSTEM_ADMIN]


@pytest.mark.parametrize("role", [Role.PRESIDIUM_CHAIR, Role.COUNTY_COMMITTEE, Role.DEPUTY])
def test_only_keepers_propose_and_decide(
    world: World, keeper: Actor, system_keeper: Actor, role: Role
) -> None:
    change = proposed(keeper, system_keeper, KeeperAct.SUSPEND)
    other = make_account(world["晋中市"], role)
    with pytest.raises(Forbidden):
        proposed(other, system_keeper, KeeperAct.RESTORE)
    with acting(other), pytest.raises(OutOfScope):
        keeper_changes.decide(actor=other, change_id=change.pk, is_confirmed=True, now=NOW)


def freshly(client: Client) -> Client:
    session = client.session
    session["confirmed_at"] = int(time.time())
    session.save()
    return client


def test_the_pages_lay_a_keepers_account_before_a_second_keeper(
    keeper: Actor, auditor: Actor, system_keeper: Actor, sign_in: Callable[[Actor], Client]
) -> None:
    sent = {"action": "new_password", "_selected_action": [system_keeper.account_id], "reason": "遗忘"}
    former = account_of(system_keeper).password
    freshly(sign_in(keeper)).post("/admin/liaison/account/", sent)
    assert account_of(system_keeper).password == former
    with acting(system_actor()) as actor:
        [change] = KeeperChange.scoped(actor)
        told = set(Notification.scoped(actor).values_list("account_id", flat=True))
    assert auditor.account_id in told
    client, address = freshly(sign_in(auditor)), "/admin/liaison/keeperchange/"
    assert str(account_of(system_keeper)) in client.get(address).content.decode()
    page = client.post(address, {"action": "confirm", "_selected_action": [change.pk]}).content.decode()
    [password] = re.findall(r'密码：<span class="code strong">([^<]+)</span>', page)
    assert account_of(system_keeper).check_password(password)


def test_a_keeper_proposes_for_the_security_administrator(
    keeper: Actor, system_keeper: Actor, world: World, sign_in: Callable[[Actor], Client]
) -> None:
    """Whoever keeps the accounts does nothing to the own one: another keeper asks for it."""
    own = make_account(world["榆次区"], Role.SECURITY_ADMIN, name="周安全")
    sent = {"account": own.account_id, "act": "reset_password", "reason": "遗忘"}
    client = freshly(sign_in(system_keeper))
    assert client.post("/admin/liaison/keeperchange/add/", sent).status_code == 302
    sent["account"] = system_keeper.account_id
    assert client.post("/admin/liaison/keeperchange/add/", sent).status_code == 200
    with acting(system_actor()) as actor:
        assert [row.account_id for row in KeeperChange.scoped(actor)] == [own.account_id]


def test_the_office_of_a_deputy_in_another_account_is_named_and_known_at_the_door(
    world: World, keeper: Actor, mandate: Mandate, sign_in: Callable[[Actor], Client]
) -> None:
    """The chair who is a deputy too has two accounts: both are one person for what takes a second one."""
    deputy, chair, place = make_deputy_actor(mandate), new_account(world), world["庄子乡"]
    sent = {
        "account": chair.pk,
        "place": place.pk,
        "role": "presidium_chair",
        "starts_on": "2026-01-01",
        "title": "",
    }
    client, address = freshly(sign_in(keeper)), "/admin/liaison/appointment/add/"
    assert "由代表兼任的，对应代表" in client.post(address, sent).content.decode()
    assert client.post(address, {**sent, "person_ref": mandate.person_id}).status_code == 302
    [held] = open_appointments(chair, TODAY)
    actor = actor_for(chair, held)
    assert (actor.role, actor.person_id, actor.people) == (Role.PRESIDIUM_CHAIR, None, {mandate.person_id})
    assert actor.accounts == {chair.pk, deputy.account_id}
    with acting(actor):
        mandate.person.refresh_from_db()
        assert mandate.person.account_id == deputy.account_id
        with pytest.raises(Forbidden, match="涉及您本人"):
            require_unconcerned(actor, mandate)
