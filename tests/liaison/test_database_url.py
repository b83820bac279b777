"""The address of the database: every option behind the question mark reaches every role's connection."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg2
import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st
from psycopg2.extensions import parse_dsn

from liaison import database_url
from liaison.database_url import WrongAddress

ROOT = Path(__file__).resolve().parents[2]
LOOK = """
import django, json
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    found = {}
    for name in ("application_name", "statement_timeout", "work_mem"):
        cursor.execute(f"SHOW {name}")
        found[name] = cursor.fetchone()[0]
    cursor.execute("SELECT current_user")
    found["user"] = cursor.fetchone()[0]
found["connect_timeout"] = connection.connection.get_dsn_parameters().get("connect_timeout")
print(json.dumps(found, sort_keys=True))
"""


def url_with(options: str) -> str:
    return f"{os.environ['DATABASE_URL'].partition('?')[0]}?{options}"


def run_with(url: str, code: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    own = {"DJANGO_SETTINGS_MODULE": "liaison.settings", "DATABASE_URL": url, **environment}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | own,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("url", "host", "port", "database", "options"),
    [
        ("postgresql://a:b@db.example.cn:5433/liaison", "db.example.cn", "5433", "liaison", {}),
        ("postgres://a@db/liaison?sslmode=require", "db", "", "liaison", {"sslmode": "require"}),
        (
            "postgresql://a@db/liaison?sslmode=verify-full&sslrootcert=/etc/a/ca.pem&connect_timeout=5",
            "db", "", "liaison",
            {"sslmode": "verify-full", "sslrootcert": "/etc/a/ca.pem", "connect_timeout": "5"},
        ),
        ("postgresql://a@/liaison?host=/run/postgresql&port=5499", "/run/postgresql", "5499", "liaison", {}),
        ("postgresql://a@[::1]:5432/li%20aison?options=-c%20work_mem%3D8MB", "::1", "5432", "li aison", {"options": "-c work_mem=8MB"}),
    ],
)  # fmt: skip
def test_an_address_is_taken_apart(
    url: str, host: str, port: str, database: str, options: dict[str, str]
) -> None:
    found = database_url.parse(url)
    assert (found.user, found.host, found.port, found.database, dict(found.options)) == (
        "a", host, port, database, options,
    )  # fmt: skip


def test_signs_in_a_password_are_undone() -> None:
    assert database_url.parse("postgresql://a:%40%2F%3F@db/x").password == "@/?"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://a@db/x", "postgresql://"),
        ("postgresql://a@db:port/x", "端口"),
        ("postgresql://a@db/x?user=postgres&password=geheim", "password、user"),
        ("postgresql://a@db/x?dbname=other", "dbname"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(url: str, words: str) -> None:
    with pytest.raises(WrongAddress, match=words) as caught:
        database_url.parse(url)
    assert "geheim" not in str(caught.value)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_a_value_reaches_libpq_as_it_was_written(value: str) -> None:
    """Blanks, quotes and backslashes included: the tools' word says what the address said."""
    address = database_url.parse(f"postgresql://a@db/x?application_name={quote(value, safe='')}")
    assert parse_dsn(address.connection_string())["application_name"] == value


def test_the_administrator_keeps_the_own_options() -> None:
    admin = "postgresql://root:secret@db/postgres?sslrootcert=/etc/a/ca.pem"
    joined = database_url.with_database_of(admin, "postgresql://owner@db/liaison?connect_timeout=5")
    assert joined == "postgresql://root:secret@db/liaison?sslrootcert=/etc/a/ca.pem"


@pytest.mark.parametrize(
    ("role", "user", "limit"),
    [("owner", "liaison_owner", "0"), ("web", "liaison_web", "5s"), ("worker", "liaison_worker", "40s")],
)
def test_every_role_connects_as_the_address_says(role: str, user: str, limit: str) -> None:
    options = "application_name=rd-office&connect_timeout=7&options=-c%20work_mem%3D7MB"
    done = run_with(url_with(options), LOOK, LIAISON_DB_ROLE=role)
    assert done.returncode == 0, done.stderr
    # The program's own limits stand beside what the office asked for.
    assert done.stdout.strip() == (
        f'{{"application_name": "rd-office", "connect_timeout": "7", "statement_timeout": "{limit}", '
        f'"user": "{user}", "work_mem": "7MB"}}'
    )


def test_an_encrypted_connection_is_insisted_on() -> None:
    """The tests' own server speaks no TLS: asked for it, nobody gets in."""
    done = run_with(url_with("sslmode=require"), LOOK, LIAISON_DB_ROLE="web")
    assert done.returncode != 0
    assert "does not support SSL" in done.stderr


@pytest.mark.parametrize("options", ["sslmod=require", "user=postgres", "password=geheim"])
def test_the_start_is_refused_before_anything_connects(options: str) -> None:
    done = run_with(url_with(options), "import django; django.setup()", LIAISON_DB_ROLE="web")
    assert done.returncode != 0
    assert "DATABASE_URL 有误" in done.stderr
    assert options.partition("=")[0] in done.stderr
    secret = urlsplit(os.environ["DATABASE_URL"]).password or "geheim"
    assert secret not in done.stderr
    assert "geheim" not in done.stderr


@pytest.mark.django_db
def test_owner_and_administrator_are_prepared_with_their_own_options(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, str]] = []
    connect = psycopg2.connect

    def watched(*args: Any, **kwargs: Any) -> Any:
        link = connect(*args, **kwargs)
        told = link.get_dsn_parameters()
        seen.append((told["user"], f"{told['application_name']} {told['connect_timeout']}"))
        return link

    monkeypatch.setenv("DATABASE_URL", url_with("application_name=for-all&connect_timeout=6"))
    admin = os.environ["DATABASE_ADMIN_URL"]
    monkeypatch.setenv("DATABASE_ADMIN_URL", f"{admin}?application_name=for-admin")
    monkeypatch.setattr("liaison.management.commands.prepare_database.psycopg2.connect", watched)
    call_command("prepare_database")
    wanted = dict.fromkeys(("liaison_owner", "liaison_web", "liaison_worker"), "for-all 6")
    assert dict(seen) == wanted | {"postgres": "for-admin 10"}
