"""What a stolen key, password or copy surrenders, and what it does not (docs/security.md, first table)."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as live_settings
from django.core import signing
from django.db import connection
from django.test import Client

from constituents.models import Opinion
from liaison.tenancy.scope import Actor
from tests.constituents.makers import PHONE, RESIDENT, intake, register

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("liaison", "deputies", "stations", "constituents", "assessments", "reports")
SEALED = ("resident_name", "resident_phone", "resident_address", "query_code_waiting")


def rows(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def stored(matter: Opinion) -> dict[str, str]:
    """The row as whoever holds the web role's password reads it, who chooses the interval himself."""
    rows("SELECT set_config('app.lo', '0', true), set_config('app.hi', '999999999999', true)")
    [values] = rows(f"SELECT {', '.join(SEALED)}, content FROM constituents_opinion WHERE id = {matter.pk}")
    return dict(zip((*SEALED, "content"), values, strict=True))


def test_the_web_roles_password_reads_every_place_for_whoever_sets_the_interval(
    clerk: Actor, other_clerk: Actor
) -> None:
    matters = [register(actor) for actor in (clerk, other_clerk)]
    read = [stored(matter) for matter in matters]
    assert [each["content"] for each in read] == [intake().content] * 2


def test_the_web_roles_password_opens_no_sealed_column(clerk: Actor) -> None:
    matter = register(clerk)
    read = stored(matter)
    for name in SEALED:
        assert read[name].startswith("gAAAAA"), name
    assert not any(word in "".join(read.values()) for word in (RESIDENT, PHONE, matter.query_code))


def test_the_field_key_with_a_copy_of_the_database_opens_the_sealed_columns(clerk: Actor) -> None:
    read = stored(register(clerk))
    key = Fernet(live_settings.FIELD_KEYS[0])
    assert key.decrypt(read["resident_name"].encode()).decode() == RESIDENT
    assert key.decrypt(read["resident_phone"].encode()).decode() == PHONE


@pytest.mark.django_db
def test_the_secret_key_makes_no_session(clerk: Actor) -> None:
    """Sessions are rows: a cookie signed with the key, as other engines would take it, opens nothing."""
    forged = signing.dumps(
        {"_auth_user_id": str(clerk.account_id), "appointment_id": clerk.appointment_id},
        salt="django.contrib.sessions.backends.signed_cookies",
    )
    client = Client()
    client.cookies[live_settings.SESSION_COOKIE_NAME] = forged
    answer = client.get("/")
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/sign-in/")


def test_a_clerks_cookie_gives_neither_password_nor_telephone(
    clerk: Actor, sign_in: Callable[[Actor], Client]
) -> None:
    matter, client = register(clerk), sign_in(clerk)
    shown = "".join(
        client.get(address).content.decode()
        for address in (f"/opinions/{matter.pk}/", "/account/appointments/", "/admin/constituents/opinion/")
    )
    assert PHONE not in shown
    assert "argon2" not in shown


def test_what_goes_through_the_broker_is_numbers_of_jobs() -> None:
    """No text, no name, no row: every message to the worker names its task and at most keys of rows."""
    sent = [
        argument
        for floor in FLOORS
        for path in (ROOT / floor).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("delay", "apply_async", "send_task")
        for argument in (*node.args, *(keyword.value for keyword in node.keywords))
    ]
    assert {ast.unparse(argument) for argument in sent} == {"pk", "task.name", "RUN", "[job_id]", "True"}
