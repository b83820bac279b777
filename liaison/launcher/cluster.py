"""PostgreSQL and Valkey of one data folder, started and stopped together."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from liaison import database_roles as roles
from liaison.launcher.errors import LauncherError
from liaison.launcher.keep import Keep
from liaison.launcher.postgres import Postgres
from liaison.launcher.processes import User, can_reach, service_user
from liaison.launcher.valkey import Valkey

_REPOSITORY = Path(__file__).resolve().parents[2]
_LOG_LIMIT = 20 * 1024 * 1024


def default_data_dir() -> Path:
    """LIAISON_DATA_DIR, else .local/data beside the program."""
    return Path(os.environ.get("LIAISON_DATA_DIR") or _REPOSITORY / ".local" / "data")


@dataclass(frozen=True)
class Urls:
    """How to reach the two servers, under the names the settings read."""

    database_url: str
    database_admin_url: str
    database_web_password: str
    database_worker_password: str
    redis_url: str

    def environment(self) -> dict[str, str]:
        """Ready for os.environ or for shell lines; no value needs quoting."""
        return {
            "DATABASE_URL": self.database_url,
            "DATABASE_ADMIN_URL": self.database_admin_url,
            "DATABASE_WEB_PASSWORD": self.database_web_password,
            "DATABASE_WORKER_PASSWORD": self.database_worker_password,
            "REDIS_URL": self.redis_url,
        }


class Cluster:
    """The embedded services of a data folder.

    `with_parent=True` ties the servers to this process: they end when it does, even by kill -9.
    `throw_away=True` waits for no disk: for tests, whose rows nobody misses after a power cut.
    """

    def __init__(
        self, data_dir: Path | str | None = None, *, with_parent: bool = False, throw_away: bool = False
    ) -> None:
        self.data_dir = Path(data_dir or default_data_dir()).absolute()
        self.with_parent = with_parent
        self._make_data_dir()
        self.keep = Keep(self.data_dir / "keep.json")
        self.home, user = self._home_and_user()
        logs = self.data_dir / "logs"
        logs.mkdir(mode=0o700, exist_ok=True)
        self.postgres = Postgres(
            home=self.home,
            keep=self.keep,
            user=user,
            log=_trimmed(logs / "postgres.log"),
            throw_away=throw_away,
        )
        self.valkey = Valkey(home=self.home, keep=self.keep, user=user, log=_trimmed(logs / "valkey.log"))

    def start(self, *, postgres: bool = True, valkey: bool = True) -> Urls:
        """Start what does not run yet. Raises LauncherError in words an operator understands."""
        if postgres:
            with self._one_at_a_time("postgres"):
                self.postgres.start(with_parent=self.with_parent)
        if valkey:
            with self._one_at_a_time("valkey"):
                self.valkey.start(with_parent=self.with_parent)
        return self.urls()

    def stop(self, *, postgres: bool = True, valkey: bool = True) -> None:
        """Stop both; nothing is left behind."""
        if valkey:
            with self._one_at_a_time("valkey"):
                self.valkey.stop()
        if postgres:
            with self._one_at_a_time("postgres"):
                self.postgres.stop()

    def is_running(self) -> bool:
        """True if both answer to our passwords."""
        return self.postgres.is_running() and self.valkey.is_running()

    def urls(self) -> Urls:
        """The addresses of the last start."""
        return Urls(
            database_url=self.postgres.url(roles.OWNER, "owner_password"),
            database_admin_url=self.postgres.admin_url("postgres"),
            database_web_password=self.keep.get("web_password") or "",
            database_worker_password=self.keep.get("worker_password") or "",
            redis_url=self.valkey.url,
        )

    def _make_data_dir(self) -> None:
        if self.data_dir.exists():
            return
        self.data_dir.mkdir(parents=True)
        # Passable but not listable: the service user walks through, others cannot look around.
        self.data_dir.chmod(0o711)

    def _home_and_user(self) -> tuple[Path, User | None]:
        """Where the servers' own folders lie, and as whom they run.

        No folder's permissions are ever widened. As root below a closed folder (/root) the
        servers live in /var/lib/liaison-<hash of the data folder> instead.
        """
        kept = self.keep.get("home")
        home = Path(kept) if kept else self.data_dir
        user = service_user(home / "postgres")
        if not can_reach(home, user):
            home = self._closed_home(user)
        if str(home) != (kept or str(self.data_dir)):
            self.keep.put("home", str(home))
        return home, user

    def _closed_home(self, user: User | None) -> Path:
        name = user.name if user else ""
        if (self.data_dir / "postgres").exists():
            raise LauncherError(
                f"用户 {name} 无法进入 {self.data_dir}，其中已有数据库；请恢复该目录的进入权限。"
            )
        mark = hashlib.sha256(str(self.data_dir).encode("utf-8")).hexdigest()[:10]
        home = Path("/var/lib") / f"liaison-{mark}"
        home.mkdir(mode=0o711, parents=True, exist_ok=True)
        if not can_reach(home, user):
            raise LauncherError(f"用户 {name} 既不能进入 {self.data_dir}，也不能进入 {home}。")
        return home

    @contextmanager
    def _one_at_a_time(self, server: str) -> Iterator[None]:
        """Two starts at once would make two servers; the second waits and finds it running."""
        with (self.data_dir / f"{server}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _trimmed(log: Path) -> Path:
    """Keep one old log beside the new one, so that years of running do not fill the disk."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        os.replace(log, log.with_suffix(".log.1"))
    return log
