"""The walls of an installation that runs: migrated once more, served by the product's own command, restarted.

The other tests ask a database of one process in one transaction. What a later ``migrate`` grants, what another
connection sees and what survives a restart show only here.
"""

import os
import re
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
from django.conf import settings as live_settings
from django.db import DatabaseError, connection, connections, transaction

from liaison.database_roles import connect_grants_sql
from liaison.models import Account
from liaison.tenancy import rls
from liaison.tenancy.models import ScopedModel
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from tests.conftest import connect_as
from tests.factories import PASSWORD
from tests.security.nation import Nation, make_nation
from tests.security.test_walls import ALL_RIGHTS, FULL, INHERITED, RIGHTS, rows
from tests.stack import Stack, admin_sql, create_database, drop_database

FORBIDDEN = (
    "CREATE TEMP TABLE liaison_account (id int)",
    "INSERT INTO django_migrations (app, name, applied) VALUES ('liaison', '9999', now())",
    "DELETE FROM django_migrations",
    "DELETE FROM liaison_auditentry",
    "UPDATE liaison_auditentry SET operation = 'x'",
    "TRUNCATE constituents_opinion",
    "DROP POLICY IF EXISTS scope ON constituents_opinion",
    "ALTER TABLE constituents_opinion DISABLE ROW LEVEL SECURITY",
    "SET ROLE liaison_owner",
    "SET session_replication_role = replica",
    "COPY constituents_opinion TO PROGRAM 'cat'",
)


@pytest.fixture
def running(
    django_db_setup: None, database_name: str, django_db_blocker: Any, tmp_path: Path
) -> Iterator[tuple[Stack, Nation]]:
    """A database of its own with five places in it, migrated again over their rows, and the web server."""
    name, former = f"test_liaison_{os.getpid()}_running", live_settings.MEDIA_ROOT
    connections["default"].close()
    create_database(name, database_name)
    for statement in connect_grants_sql(name):
        admin_sql(statement)
    connect_as("web", name)
    live_settings.MEDIA_ROOT = tmp_path / "files"
    try:
        with django_db_blocker.unblock():
            nation = make_nation()
            connections["default"].close()
            with Stack(name, tmp_path, 13) as stack:
                stack.manage("migrate", "--no-input", "--verbosity=0", role="owner")
                stack.start_web()
                yield stack, nation
    finally:
        live_settings.MEDIA_ROOT = former
        connect_as("web", database_name)
        drop_database(name)


class Visitor:
    """A browser without a screen."""

    def __init__(self, stack: Stack) -> None:
        self.url, self.jar = stack.url, CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.jar))

    def ask(self, path: str, data: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, the address it ended at, and the page."""
        body = None if data is None else urlencode(data).encode()
        request = Request(self.url + path, body, {"Referer": self.url + path})  # noqa: S310
        try:
            with self.opener.open(request, timeout=20) as answer:
                return answer.status, answer.url.removeprefix(self.url), answer.read().decode()
        except HTTPError as refused:
            return refused.code, path, refused.read().decode()

    def sign_in(self, username: str) -> None:
        page = self.ask("/sign-in/")[2]
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token
        given = {"csrfmiddlewaretoken": token[1], "username": username, "password": PASSWORD}
        assert self.ask("/sign-in/", given)[:2] == (200, "/")


def rights_differ() -> dict[str, set[str]]:
    """Tables on which the web role holds other rights than the list says."""
    held = rows(
        "SELECT tablename, right_ FROM pg_tables, unnest(%s::text[]) AS right_ WHERE schemaname = 'public' "
        "AND has_table_privilege('liaison_web', format('public.%%I', tablename), right_)",
        [list(ALL_RIGHTS)],
    )
    found: dict[str, set[str]] = {table: set() for (table,) in rows(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    )}  # fmt: skip
    for table, right in held:
        found[table].add(right)
    return {table: rights for table, rights in found.items() if rights != RIGHTS.get(table, FULL)}


def foreign_rows(actor: Actor) -> list[str]:
    """Tables of which the actor's interval shows a row of another place to plain SQL; rules come from above."""
    wrong = []
    with acting(actor):
        for model in rls.scoped_model_classes():
            table = model._meta.db_table
            if issubclass(model, ScopedModel) and table not in INHERITED:
                query = f"SELECT count(*) FROM {table} WHERE scope_code < %s OR scope_code >= %s"
                if rows(query, [actor.lo, actor.hi]) != [(0,)]:
                    wrong.append(table)
    return wrong


def allowed() -> list[str]:
    """Statements the web role should not have been able to run."""
    wrong = []
    for statement in FORBIDDEN:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
        except DatabaseError:
            continue
        wrong.append(statement)
    return wrong


def pages(visitor: Visitor, nation: Nation) -> list[int]:
    """The own case, one of the next township, one of the next county, a list by its filter and by a guess."""
    cases = [f"/opinions/{nation[key]['Opinion'].pk}/" for key in ("own", "sibling", "abroad")]
    lists = [f"/admin/constituents/opinion/{asked}" for asked in ("", "?query_code_digest__startswith=a")]
    return [visitor.ask(path)[0] for path in (*cases, *lists)]


def test_the_walls_hold_while_it_runs_and_after_a_restart(running: tuple[Stack, Nation]) -> None:
    stack, nation = running
    clerk = nation.actors[Role.PRESIDIUM_CLERK]
    with acting(system_actor()):
        username = str(Account.objects.get(pk=clerk.account_id).username)
    assert rights_differ() == {}
    assert rows("SELECT count(*) FROM constituents_opinion") == [(0,)]
    assert foreign_rows(clerk) == []
    assert allowed() == []
    visitor = Visitor(stack)
    assert visitor.ask("/opinions/mine/")[1].startswith("/sign-in/")
    visitor.sign_in(username)
    expected = pages(visitor, nation)
    assert expected == [200, 404, 404, 200, 400]
    stack.kill("web")
    stack.start_web()
    assert pages(visitor, nation) == expected
    assert visitor.ask("/sign-in/")[1] == "/"
