"""One installation on this machine: its data folder, its servers and the settings of its parts.

`demo` makes its own secrets; `serve` takes them from the environment or from the file .env, and
the program refuses to start without them (liaison/settings.py says what is missing).
"""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from liaison.launcher.cluster import Cluster, default_data_dir
from liaison.launcher.errors import LauncherError
from liaison.launcher.fonts import default_font_dir
from liaison.launcher.keep import fernet_key, random_password
from liaison.launcher.prepare import REPOSITORY

DEFAULT_PORT = "8000"
# A lock lasts as long as its file is open.
_kept_open: list[IO[str]] = []


class Installation:
    """Settings grow as things start: `settings` is complete after `start_servers()` or `complete()`."""

    def __init__(self, mode: str | None = None, *, with_parent: bool = False) -> None:
        given = dict(os.environ)
        if mode != "demo":
            given = read_env_file(REPOSITORY / ".env") | given
        data = given.get("LIAISON_DATA_DIR")
        self.cluster = Cluster(Path(data) if data else default_data_dir(), with_parent=with_parent)
        self.keep = self.cluster.keep
        self.mode = mode or self.keep.get("purpose") or "serve"
        self.settings = dict(os.environ) if self.mode == "demo" else given
        self.own_database = not self.settings.get("DATABASE_URL")
        self.own_queue = not self.settings.get("REDIS_URL")

    @property
    def data_dir(self) -> Path:
        """Where uploads, logs and (unless the folder is closed to them) the servers' data lie."""
        return self.cluster.data_dir

    def check_purpose(self) -> None:
        """A demo never opens an office's data, nor the other way round."""
        purpose = self.keep.value("purpose", lambda: self.mode)
        if purpose != self.mode:
            raise LauncherError(
                f"数据目录 {self.data_dir} 用于 {purpose}，不能以 {self.mode} 方式打开；"
                "请用 LIAISON_DATA_DIR 指定另一目录。"
            )

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One program per data folder; the lock goes with this process, and no child inherits it."""
        with self._lock_file().open("w") as file:
            self._lock(file, fcntl.LOCK_EX)
            yield

    def share(self) -> None:
        """Keep launcher and restore out for as long as this process lives, whatever it becomes."""
        file = self._lock_file().open("w")
        self._lock(file, fcntl.LOCK_SH)
        os.set_inheritable(file.fileno(), True)
        _kept_open.append(file)

    def _lock_file(self) -> Path:
        return self.data_dir / "program.lock"

    def _lock(self, file: IO[str], kind: int) -> None:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LauncherError(f"本系统正在运行（数据目录 {self.data_dir}），请先停止。") from error

    def start_servers(self) -> None:
        """Start the embedded servers this installation needs, and complete the settings."""
        self.cluster.start(postgres=self.own_database, valkey=self.own_queue)
        self.complete()

    def await_database(self) -> None:
        """Until our own server answers, for ever: whoever keeps it alive keeps trying."""
        while not self.cluster.postgres.is_running():
            time.sleep(0.5)
        self.cluster.start(valkey=False)

    def complete(self) -> None:
        """The settings of the parts, with the addresses the servers have had since their last start."""
        urls = self.cluster.urls().environment()
        queue = {"REDIS_URL": urls.pop("REDIS_URL")} if self.own_queue else {}
        database = urls if self.own_database else {}
        self.settings |= database | queue | self._places()
        if self.mode == "demo":
            self.settings |= self._demo_secrets()

    @contextmanager
    def servers(self) -> Iterator[None]:
        """Servers for one command: those that run are used, those started here are stopped after it."""
        ran = self.cluster.is_running()
        try:
            self.start_servers()
            yield
        finally:
            if not ran:
                self.cluster.stop()

    def environment(self) -> dict[str, str]:
        """For processes that find the rest by themselves, with what was chosen at this start."""
        chosen = ("WEB_HOST", "WEB_PORT", "ALLOWED_HOSTS", "SITE_URL")
        given = {name: self.settings[name] for name in chosen if name in self.settings}
        return dict(os.environ) | given | self._places()

    def _places(self) -> dict[str, str]:
        fonts = Path(self.settings.get("LIAISON_FONT_DIR") or default_font_dir()).absolute()
        named = self.settings.get("LIAISON_ENV")
        environment = named or "production"
        if self.mode == "demo":
            environment = "dev" if named == "dev" else "demo"
        places = {
            "LIAISON_ENV": environment,
            "LIAISON_DATA_DIR": str(self.data_dir),
            "LIAISON_FONT_DIR": str(fonts),
        }
        # An office's own fonts may lie in a folder without our rules: ours still apply.
        for folder in (fonts, REPOSITORY / ".local" / "fonts"):
            if (folder / "fonts.conf").exists():
                return places | {"FONTCONFIG_FILE": str(folder / "fonts.conf")}
        return places

    def _demo_secrets(self) -> dict[str, str]:
        """Made once and kept in the data folder."""
        keep, given = self.keep, self.settings.get
        return {
            "SECRET_KEY": given("SECRET_KEY") or keep.value("secret_key", lambda: random_password() * 2),
            "FIELD_KEY": given("FIELD_KEY") or keep.value("field_key", fernet_key),
            "AUDIT_SALT": given("AUDIT_SALT") or keep.value("audit_salt", random_password),
        }


def is_locked(data_dir: Path) -> bool:
    """True while a launcher (or a restore) has this data folder to itself."""
    with (data_dir / "program.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def say(text: str) -> None:
    """A line on the screen; the terminal may be gone already."""
    try:
        sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
        sys.stdout.flush()
    except OSError:
        return


def read_env_file(path: Path) -> dict[str, str]:
    """NAME=value lines; # comments, blank lines; quotes around a value are taken off, nothing is expanded."""
    values: dict[str, str] = {}
    if not path.exists():
        return values
    for line in path.read_text(encoding="utf-8").splitlines():
        name, found, value = line.strip().removeprefix("export ").partition("=")
        if found and not name.startswith("#"):
            value = value.strip()
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
            values[name.strip()] = value[1:-1] if quoted else value
    return values
