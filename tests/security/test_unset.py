"""Tasks and commands that forget their scope see nothing, change nothing and say so."""

import contextlib
import importlib.util
import io
from collections.abc import Callable
from typing import Any

import pytest
from celery import current_app
from django.core.management import call_command, get_commands
from django.db import connection

from liaison.tenancy import scope
from liaison.tenancy.rls import APP_LABELS, scoped_model_classes
from liaison.tenancy.scope import Actor
from tests.security.asking import audit_position
from tests.security.nation import Nation

pytestmark = pytest.mark.django_db

# Commands that need no rows, each with its reason; the others must do nothing without a scope.
EXEMPT_COMMANDS = {
    "prepare_database": "makes roles and databases as the owner, before there are rows",
    "demo_year": "builds the demo as the owner's first act; refuses a database with rows",
    "demo_logins": "reads the demo's printed list of accounts",
    "load_calendar": "writes the national calendar, which has no scope",
}


def task_names() -> list[str]:
    for label in APP_LABELS:
        if importlib.util.find_spec(f"{label}.tasks"):
            importlib.import_module(f"{label}.tasks")
    return sorted(name for name in current_app.tasks if name.split(".")[0] in APP_LABELS)


def own_commands() -> list[str]:
    return sorted(name for name, app in get_commands().items() if str(app).split(".")[0] in APP_LABELS)


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """``acting`` goes through the motions, but the database is never told for whom."""
    told: Callable[[Actor | None], None] = scope._tell_database
    monkeypatch.setattr(scope, "_tell_database", lambda actor: told(None))


@pytest.fixture
def arguments(nation: Nation) -> dict[str, tuple[int, ...]]:
    mine = nation["own"]
    return {
        "assessments.tasks.serve_assessment": (mine["Assessment"].pk,),
        "assessments.tasks.render_notice": (mine["FeedbackNotice"].pk,),
        "liaison.messages.tasks.send_message": (mine["OutboxMessage"].pk,),
    }


@pytest.mark.parametrize("name", task_names())
def test_a_task_without_scope_changes_nothing(
    name: str, nation: Nation, arguments: dict[str, tuple[int, ...]], unset: None
) -> None:
    before = audit_position()
    task = current_app.tasks[name]
    try:
        result: Any = task.run(*arguments.get(name, ()))
    except Exception as error:
        result = error
    assert audit_position() == before, f"{name} wrote: {result}"
    assert isinstance(result, Exception) or not _counts(result), f"{name} saw rows: {result}"


def _counts(result: Any) -> int:
    return sum(result.values()) if isinstance(result, dict) else int(result or 0)


@pytest.mark.parametrize("name", [name for name in own_commands() if name not in EXEMPT_COMMANDS])
def test_a_command_without_scope_changes_nothing(name: str, nation: Nation, unset: None) -> None:
    before = audit_position()
    with contextlib.suppress(SystemExit, Exception):
        call_command(name, stdout=io.StringIO(), stderr=io.StringIO())
    assert audit_position() == before


def test_exempt_commands_exist() -> None:
    assert set(EXEMPT_COMMANDS) - set(own_commands()) == set()


def test_no_table_shows_a_row_to_nobody(nation: Nation) -> None:
    """Every table of ours, asked as the web role with nothing set."""
    seen = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.lo', '', true), set_config('app.hi', '', true)")
        cursor.execute("SELECT set_config('app.account', '', true), set_config('app.login', '', true)")
        for model in scoped_model_classes():
            cursor.execute(f"SELECT count(*) FROM {model._meta.db_table}")
            (count,) = cursor.fetchone()
            if count:
                seen[model._meta.db_table] = count
    assert seen == {}
