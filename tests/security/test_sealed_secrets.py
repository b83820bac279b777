"""What lets somebody in stands nowhere in clear: sessions, keys of authenticators, recovery codes."""

import importlib
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as live_settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django_otp.plugins.otp_static.models import StaticToken

from liaison.identity.sessions import SessionStore, row_key
from liaison.models import Account, Authenticator
from liaison.tenancy.encryption import EncryptedTextField
from liaison.tenancy.scope import Actor, acting, system_actor
from tests.factories import PASSWORD
from tests.liaison.test_mending import insert, older  # noqa: F401
from tests.liaison.test_sign_in import enter, username_of

MOVE: Any = importlib.import_module("liaison.migrations.0008_move_keys")
ENROL, VERIFY, PAGE = "/account/second-factor/enrol/", "/account/second-factor/", "/notifications/"


def enrolled(client: Client) -> tuple[Authenticator, list[str]]:
    client.post(ENROL, {"begin": "1"})
    device = Authenticator.objects.get()
    answer = client.post(ENROL, {"token": f"{device.totp().token():06d}"})
    return device, answer.context["codes"]


def test_the_table_of_sessions_lets_nobody_in(clerk: Actor, sign_in: Callable[[Actor], Client]) -> None:
    client = Client()
    enter(client, username_of(clerk))
    cookie = client.cookies[live_settings.SESSION_COOKIE_NAME].value
    keys = list(Session.objects.values_list("session_key", flat=True))
    assert (keys, cookie in keys) == ([row_key(cookie)], False)
    thief = Client()
    thief.cookies[live_settings.SESSION_COOKIE_NAME] = keys[0]
    assert (client.get(PAGE).status_code, thief.get(PAGE).status_code) == (200, 302)
    client.post("/sign-out/")
    assert Session.objects.filter(session_key=row_key(cookie)).count() == 0


@pytest.mark.django_db
def test_a_session_is_made_saved_found_and_deleted_under_its_digest() -> None:
    store = SessionStore()
    store["a"] = 1
    store.save()
    again = SessionStore(store.session_key)
    assert (again["a"], again.exists(again.session_key), again.exists("unknown")) == (1, True, False)
    again["a"] = 2
    again.save()
    assert (SessionStore(store.session_key)["a"], Session.objects.count()) == (2, 1)
    again.delete()
    assert (Session.objects.count(), SessionStore(store.session_key).get("a")) == (0, None)


def test_the_key_of_an_authenticator_is_sealed_and_recovery_codes_are_digests(
    clerk: Actor, sign_in: Callable[[Actor], Client]
) -> None:
    device, codes = enrolled(sign_in(clerk))
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM liaison_authenticator")
        stored = cursor.fetchone()[0]
    assert (device.key in stored, len(device.bin_key), EncryptedTextField().from_db_value(stored, None, None)) == (
        False, 20, device.key,
    )  # fmt: skip
    kept = set(StaticToken.objects.values_list("token", flat=True))
    assert (len(kept), kept & set(codes)) == (8, set())
    # Neither the digest itself nor a code of somebody else is one.
    client = Client()
    enter(client, username_of(clerk))
    assert client.post(VERIFY, {"token": sorted(kept)[0]}).status_code == 200
    assert client.get(PAGE).status_code == 302


def test_a_recovery_code_survives_a_change_of_the_field_key(
    clerk: Actor, sign_in: Callable[[Actor], Client], settings: Any
) -> None:
    _, codes = enrolled(sign_in(clerk))
    settings.FIELD_KEYS = ["YW5vdGhlci1rZXktYW5vdGhlci1rZXktYW5vdGhlcjE=", *settings.FIELD_KEYS]
    client = Client()
    enter(client, username_of(clerk))
    assert client.post(VERIFY, {"token": codes[0]}).status_code == 302
    assert client.get(PAGE).status_code == 200


def test_every_other_session_is_challenged_once_a_second_factor_is_bound(
    clerk: Actor, sign_in: Callable[[Actor], Client]
) -> None:
    own, other = sign_in(clerk), Client()
    enter(other, username_of(clerk))
    assert other.get(PAGE).status_code == 200
    device, codes = enrolled(own)
    assert (own.get(PAGE).status_code, other.get(PAGE).status_code) == (200, 302)
    assert other.get(PAGE)["Location"].startswith(VERIFY)
    assert other.post(VERIFY, {"token": codes[0]}).status_code == 302
    assert other.get(PAGE).status_code == 200
    # Bound anew, what was proved with the former one counts no more.
    with acting(system_actor()):
        Account.objects.filter(pk=clerk.account_id).update(second_factor=device.pk + 1)
    assert (own.get(PAGE).status_code, other.get(PAGE).status_code) == (302, 302)


def test_keys_that_stood_in_clear_are_moved_and_their_holders_need_not_bind_anew(older: Any) -> None:  # noqa: F811
    older.execute(
        "CREATE TABLE otp_totp_totpdevice (id serial, user_id bigint, name text, confirmed boolean, key text, "
        "drift smallint, last_t bigint)"
    )
    account = insert(older, "liaison_account", username="old", scope_code=1)
    half = insert(older, "liaison_account", username="half", scope_code=1)
    key = "3132333435363738393031323334353637383930"
    for user, confirmed in ((account, True), (half, False)):
        older.execute(
            "INSERT INTO otp_totp_totpdevice (user_id, name, confirmed, key, drift, last_t) "
            "VALUES (%s, '手机验证器', %s, %s, 1, 77)", [user, confirmed, key],
        )  # fmt: skip
    device = insert(older, "otp_static_staticdevice", user_id=account, name="备用码", confirmed=True)
    insert(older, "otp_static_statictoken", device_id=device, token="abcdefghjk")
    older.execute(
        "INSERT INTO django_session VALUES ('cookieofsomebody0123456789abcdef', 'x', now() + interval '1 hour')"
    )
    MOVE.seal(older)
    older.execute("SELECT user_id, confirmed, key, drift, last_step FROM liaison_authenticator ORDER BY id")
    rows = older.fetchall()
    assert [(user, confirmed, drift, step) for user, confirmed, _, drift, step in rows] == [
        (account, True, 1, 77), (half, False, 1, 77),
    ]  # fmt: skip
    assert {EncryptedTextField().from_db_value(row[2], None, None) for row in rows} == {key}
    older.execute("SELECT id, second_factor IS NOT NULL FROM liaison_account ORDER BY id")
    assert older.fetchall() == [(account, True), (half, False)]
    from liaison.identity.second_factor import code_digests

    older.execute("SELECT token FROM otp_static_statictoken")
    assert older.fetchone()[0] == code_digests("abcdefghjk")[0]
    older.execute("SELECT session_key FROM django_session")
    assert older.fetchone()[0] == row_key("cookieofsomebody0123456789abcdef")
    older.execute("SELECT to_regclass('otp_totp_totpdevice')")
    assert older.fetchone()[0] is None


def test_a_wrong_password_does_not_reach_the_second_factor(clerk: Actor) -> None:
    client = Client()
    enter(client, username_of(clerk), password=f"{PASSWORD}x")
    assert client.get(VERIFY)["Location"].startswith("/sign-in/")
