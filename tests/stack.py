"""A whole running system for tests: its own database, web server, worker and beat as real processes.

Databases are cloned from templates, so a test may kill, flush and restart without touching its neighbours.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import redis

from liaison.launcher import parts

ROOT = Path(__file__).resolve().parent.parent
# Seconds in which processes may end by themselves before they are killed.
_FAREWELL = 5
PRODUCT = "liaison.wsgi:application"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def admin_sql(statement: str) -> None:
    """Run one statement as the superuser outside any transaction."""
    link = psycopg2.connect(os.environ["DATABASE_ADMIN_URL"])
    try:
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute(statement)
    finally:
        link.close()


def create_database(name: str, template: str = "template0") -> None:
    admin_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    if template != "template0":
        # A connection a finished thread forgot to close would keep the template from being copied.
        admin_sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{template}'")
    encoding = "ENCODING 'UTF8'" if template == "template0" else ""
    admin_sql(f"CREATE DATABASE {name} OWNER liaison_owner {encoding} TEMPLATE {template}")


def databases(prefix: str) -> list[str]:
    """The server's databases whose names begin so."""
    link = psycopg2.connect(os.environ["DATABASE_ADMIN_URL"])
    try:
        with link.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
            return [name for (name,) in cursor.fetchall()]
    finally:
        link.close()


def rename_database(name: str, new: str) -> None:
    admin_sql(f"ALTER DATABASE {name} RENAME TO {new}")


def drop_database(name: str) -> None:
    admin_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def database_url(name: str) -> str:
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{name}"))


def wait_for(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Poll until the condition holds; the only waiting tests do is on other processes."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds} s for {what}")


@dataclass
class Stack:
    """Processes of one system under test; use as a context manager."""

    database: str
    data_dir: Path
    broker: int
    environment: dict[str, str] = field(default_factory=dict)
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    port: int = 0
    application: str = PRODUCT

    def __post_init__(self) -> None:
        self.port = free_port()
        self.data_dir.mkdir(parents=True, exist_ok=True)
        broker = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{self.broker}")
        self.redis_url = urlunsplit(broker)
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url(self.database),
            "REDIS_URL": self.redis_url,
            "LIAISON_DATA_DIR": str(self.data_dir),
            "SITE_URL": self.url,
            "LIAISON_ENV": "test",
            **self.environment,
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *arguments: str, role: str = "worker") -> str:
        """Run a management command and return what it printed; raises on failure."""
        return self._run("manage.py", *arguments, role=role)

    def python(self, program: str, *, role: str) -> str:
        """The same for a few lines of Python with the stack's settings."""
        return self._run("-c", program, role=role)

    def _run(self, *arguments: str, role: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={"DJANGO_SETTINGS_MODULE": "liaison.settings", **self.environment, "LIAISON_DB_ROLE": role},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
        return done.stdout

    def start_web(self) -> None:
        # The product's own command line, after the interpreter and its -m.
        own = {"WEB_PORT": str(self.port), "WEB_WORKERS": "1", "WEB_THREADS": "4"}
        command = [*parts.command("web", own)[2:], "--log-level=warning"]
        served = [self.application if part == PRODUCT else part for part in command]
        assert self.application in served
        self._start("web", served, "web")
        wait_for(self._answers, seconds=40, what="the web server")

    def start_worker(self, concurrency: int = 1) -> None:
        command = [
            "celery",
            "-A",
            "liaison",
            "worker",
            "--loglevel",
            "warning",
            "--concurrency",
            str(concurrency),
        ]
        self._start(
            "worker", [*command, "--hostname", f"test-{os.getpid()}-{self.broker}@localhost"], "worker"
        )

    def start_beat(self, name: str = "beat") -> None:
        schedule = self.data_dir / f"{name}-schedule"
        command = [
            "celery",
            "-A",
            "liaison",
            "beat",
            "--loglevel",
            "info",
            "--schedule",
            str(schedule),
            "--pidfile=",
        ]
        self._start(name, command, "worker")

    def _start(self, name: str, command: list[str], role: str) -> None:
        log = (self.data_dir / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env={**self.environment, "LIAISON_DB_ROLE": role},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def _answers(self) -> bool:
        process = self.processes["web"]
        assert process.poll() is None, self.log("web")
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as response:  # noqa: S310
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        """Kill a whole process group, children included."""
        process = self.processes.pop(name, None)
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, how)
            process.wait(timeout=30)

    def flush_broker(self) -> None:
        redis.Redis.from_url(self.redis_url).flushdb()

    def rung(self, beat: str, entry: str) -> int:
        """How often a beat has rung for an entry of its schedule."""
        path = self.data_dir / f"{beat}.log"
        return path.read_text(errors="replace").count(f"Sending due task {entry} ") if path.exists() else 0

    def is_idle(self) -> bool:
        """Nothing waits in the broker, nothing is in a worker's hands."""
        broker = redis.Redis.from_url(self.redis_url)
        return not broker.llen("celery") and not broker.hlen("unacked")

    def log(self, name: str) -> str:
        path = self.data_dir / f"{name}.log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""

    def sql(self, query: str) -> list[tuple]:
        """Read as the superuser: what is really in the tables, past every wall."""
        parts = urlsplit(os.environ["DATABASE_ADMIN_URL"])._replace(path=f"/{self.database}")
        link = psycopg2.connect(urlunsplit(parts))
        try:
            with link.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchall()
        finally:
            link.close()

    def __enter__(self) -> "Stack":
        return self

    def __exit__(self, *error: object) -> None:
        # Asked first: what a process ran counts as covered only once it has ended by itself.
        for process in self.processes.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + _FAREWELL
        for process in self.processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=max(0, deadline - time.monotonic()))
        for name in list(self.processes):
            self.kill(name)
        self.flush_broker()


@contextlib.contextmanager
def cloned(template: str, name: str, data_dir: Path, broker: int) -> Iterator[Stack]:
    """A stack on a clone of a template database."""
    create_database(name, template)
    try:
        with Stack(name, data_dir, broker) as stack:
            yield stack
    finally:
        drop_database(name)
