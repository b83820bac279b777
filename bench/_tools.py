"""What the benchmarks share: a clock, a counter of queries, a database of their own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from django.conf import settings
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

ROOT = Path(__file__).resolve().parents[1]
Figure = tuple[str, float, str]


def seconds(work: Callable[[], object], *, rounds: int = 3) -> float:
    """The best of a few rounds: the machine is shared, noise only adds."""
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - started)
    return best


def cpu_seconds(work: Callable[[], object], *, rounds: int = 3) -> float:
    """The same in this process's own CPU time, so that neighbours on the machine do not count."""
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def queries(work: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def admin_sql(statement: str) -> None:
    """One statement as the server's administrator, outside any transaction."""
    link = psycopg2.connect(os.environ["DATABASE_ADMIN_URL"])
    try:
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute(statement)
    finally:
        link.close()


def manage(database: str, *arguments: str, role: str = "worker") -> None:
    """One command of manage.py on a database; what it says goes to the terminal."""
    url = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}"))
    environment = os.environ | {"DATABASE_URL": url, "LIAISON_DB_ROLE": role}
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True)


def connect(database: str, role: str) -> None:
    """Point Django's connection at a database, as one of the three roles."""
    owner = settings.OWNER_DATABASE
    password = owner["PASSWORD"] if role == "owner" else os.environ[f"DATABASE_{role.upper()}_PASSWORD"]
    connections["default"].close()
    values = {"NAME": database, "USER": f"liaison_{role}", "PASSWORD": password}
    connections["default"].settings_dict.update(values)


@contextmanager
def scratch_database(name: str, *, template: str = "") -> Iterator[str]:
    """A database for one benchmark: empty and migrated, or a copy of a template nobody is using."""
    admin_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    source = f"TEMPLATE {template}" if template else "ENCODING 'UTF8' TEMPLATE template0"
    admin_sql(f"CREATE DATABASE {name} OWNER liaison_owner {source}")
    try:
        if not template:
            manage(name, "migrate", "-v0", role="owner")
        yield name
    finally:
        connections["default"].close()
        admin_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
