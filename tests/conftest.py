"""The test database: made by the owner, used as the web role, so row-level security is always real.

A test that ran as a superuser would see every row and prove nothing. Set-up and factories therefore go
through ``acting(system_actor())`` like every task does.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connections

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

PYTHON_FILES_WITHOUT_DATABASE = "rules"


def _admin(statement: str) -> None:
    with psycopg2.connect(os.environ["DATABASE_ADMIN_URL"]) as link:
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute(statement)


def connect_as(role: str, name: str) -> None:
    """Point Django's connection at another role and database."""
    from django.conf import settings

    connections["default"].close()
    owner = settings.OWNER_DATABASE
    values = {
        "NAME": name,
        "USER": f"liaison_{role}",
        "PASSWORD": owner["PASSWORD"] if role == "owner" else os.environ[f"DATABASE_{role.upper()}_PASSWORD"],
    }
    connections["default"].settings_dict.update(values)
    settings.DATABASES["default"].update(values)


@pytest.fixture(scope="session")
def database_name() -> Iterator[str]:
    name = f"test_liaison_{os.getpid()}"
    _admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    _admin(f"CREATE DATABASE {name} OWNER liaison_owner ENCODING 'UTF8' TEMPLATE template0")
    yield name
    connections["default"].close()
    _admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def django_db_setup(database_name: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        connect_as("owner", database_name)
        call_command("migrate", verbosity=0, interactive=False)
        connect_as("web", database_name)
    yield
    connections["default"].close()


@pytest.fixture(autouse=True)
def _own_data_dir(tmp_path: Path, settings: pytest.FixtureRequest) -> None:
    """Files of a test go to its own folder."""
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]
    settings.MEDIA_ROOT = tmp_path / "files"  # type: ignore[attr-defined]
