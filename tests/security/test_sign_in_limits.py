"""Guessing passwords: by address, by name, one password over many names; a village is not locked out."""

from typing import Any

import pytest
from django.test import Client

from liaison.identity import hashing
from liaison.identity.hashing import BoundedArgon2PasswordHasher, Busy, slot
from liaison.identity.sign_in_limits import ADDRESS, NAME, SECRET, sender_of
from liaison.models import AuditEntry
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from tests.factories import PASSWORD, World, make_account
from tests.liaison.test_sign_in import enter, username_of

pytestmark = pytest.mark.django_db


def try_wrong(name: str, password: str, address: str = "10.1.1.1") -> int:
    return enter(Client(REMOTE_ADDR=address), name, password=password).status_code


def limited_notes() -> int:
    with acting(system_actor()) as actor:
        return AuditEntry.scoped(actor).filter(operation="sign_in_limited").count()


def test_many_names_from_one_address_are_stopped_and_known_browsers_come_in(world: World) -> None:
    village = [make_account(world["庄子乡"], Role.PRESIDIUM_CLERK) for _ in range(2)]
    known, fresh = (username_of(actor) for actor in village)
    browser = Client(REMOTE_ADDR="10.1.1.1")
    assert enter(browser, known).status_code == 302
    browser.post("/sign-out/")
    answers = [try_wrong(f"nobody{n}", f"guess-{n}") for n in range(ADDRESS.most + 10)]
    assert answers == [200] * ADDRESS.most + [429] * 10
    # A browser that was here before comes in, from the very same address; so does everybody elsewhere.
    assert enter(browser, known).status_code == 302
    assert enter(Client(REMOTE_ADDR="10.1.1.1"), fresh).status_code == 429
    assert enter(Client(REMOTE_ADDR="10.1.1.2"), fresh).status_code == 302
    assert limited_notes() == 1


def test_a_village_that_mistypes_and_comes_in_is_not_counted(world: World) -> None:
    names = [
        username_of(make_account(world["庄子乡"], Role.PRESIDIUM_CLERK)) for _ in range(ADDRESS.most + 3)
    ]
    for name in names:
        assert try_wrong(name, f"mistyped by {name}") == 200
        assert enter(Client(REMOTE_ADDR="10.1.1.1"), name).status_code == 302


def test_one_name_tried_from_everywhere_is_stopped_but_for_its_own_browser(clerk: Actor) -> None:
    name, own = username_of(clerk), Client(REMOTE_ADDR="10.3.3.3")
    enter(own, name)
    own.post("/sign-out/")
    answers = [try_wrong(name, f"guess-{n}", f"10.2.{n}.1") for n in range(NAME.most + 2)]
    assert answers == [200] * NAME.most + [429] * 2
    assert enter(own, name).status_code == 302


def test_one_password_over_many_names_is_stopped_from_wherever_it_comes(world: World) -> None:
    answers = [try_wrong(f"nobody{n}", "Spring-2026!", f"10.4.{n}.1") for n in range(SECRET.most + 2)]
    assert answers == [200] * SECRET.most + [429] * 2
    assert try_wrong("nobody99", "another one", "10.4.99.1") == 200


def test_a_forged_cookie_makes_no_browser_known(clerk: Actor) -> None:
    for n in range(ADDRESS.most):
        try_wrong(f"nobody{n}", f"guess-{n}")
    client = Client(REMOTE_ADDR="10.1.1.1")
    for value in ("x", "W10:1abc:def", ""):
        client.cookies["liaison_known"] = value
        assert enter(client, username_of(clerk)).status_code == 429


@pytest.mark.parametrize(
    ("address", "sender"),
    [("10.1.1.1", "10.1.1.1"), ("2001:db8:1:2:3::4", "2001:db8:1:2::"), ("2001:db8:1:2::9", "2001:db8:1:2::"),
     ("unknown", "unknown")],
)  # fmt: skip
def test_an_ipv6_subscriber_is_one_sender(address: str, sender: str) -> None:
    assert sender_of(address) == sender


def test_no_more_than_the_slots_hash_at_once_and_the_next_is_answered_in_words(
    settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(hashing, "SLOTS", 1)
    with slot():
        with pytest.raises(Busy) as busy, slot(wait=0.05):
            pass
        assert (busy.value.status, "请过一会儿再试" in busy.value.message) == (503, True)
    with slot(wait=0.05):
        pass


def test_the_hasher_takes_what_was_stored_before_and_no_endless_password(
    settings: Any, tmp_path: Any
) -> None:
    from django.contrib.auth.hashers import Argon2PasswordHasher

    settings.DATA_DIR = tmp_path
    stored = Argon2PasswordHasher().encode(PASSWORD, "0123456789abcdef")
    own = BoundedArgon2PasswordHasher()
    assert (own.verify(PASSWORD, stored), own.verify("x" * 201, stored), own.algorithm) == (
        True,
        False,
        "argon2",
    )


def test_a_full_house_answers_503_in_words(clerk: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*args: Any, **named: Any) -> None:
        raise Busy()

    monkeypatch.setattr("liaison.models.Account.check_password", busy)
    answer = enter(Client(), username_of(clerk))
    assert (answer.status_code, "登录的人太多" in answer.content.decode()) == (503, True)
