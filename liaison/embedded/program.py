"""The whole program in one foreground process: servers, preparation, web, worker and beat.

`demo` makes its own secrets and fills the demo year; `serve` takes them from the environment or
from the file .env and refuses to start without them (liaison/settings.py says what is missing).
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from liaison.embedded import commands
from liaison.embedded.cluster import Cluster, default_data_dir
from liaison.embedded.errors import EmbeddedError
from liaison.embedded.fonts import default_font_dir
from liaison.embedded.keep import fernet_key, random_password
from liaison.embedded.prepare import REPOSITORY, Preparation
from liaison.embedded.processes import free_port, port_is_free
from liaison.embedded.supervisor import Program, Service, Supervisor

_DEMO_MARK = "demo year complete"


class Application:
    """One installation on this machine, run by `mode`: demo or serve."""

    def __init__(self, mode: str, *, listen: str, port: int | None) -> None:
        self.mode = mode
        self.settings = dict(os.environ)
        if mode == "serve":
            self.settings = read_env_file(REPOSITORY / ".env") | self.settings
        data = self.settings.get("LIAISON_DATA_DIR")
        self.cluster = Cluster(Path(data) if data else default_data_dir(), with_parent=True)
        self.keep = self.cluster.keep
        self.log = self.cluster.data_dir / "logs" / "liaison.log"
        self._own_database = not self.settings.get("DATABASE_URL")
        self._own_queue = not self.settings.get("REDIS_URL")
        self.listen, self.port = listen, port

    def run(self) -> int:
        """Until Ctrl-C. Exit code 0 after a stop that was asked for, 1 after a failure."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        with self._alone():
            try:
                self._check_purpose()
                self._start_servers()
                self._prepare()
                return self._supervise()
            except _StopAskedError:
                return 0
            finally:
                self.cluster.stop()
                say("已停止。")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One program per data folder; the lock goes with the process, however it ends."""
        with (self.cluster.data_dir / "program.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise EmbeddedError(f"本系统已在运行（数据目录 {self.cluster.data_dir}）。") from error
            yield

    def _check_purpose(self) -> None:
        """A demo never opens an office's data, nor the other way round."""
        purpose = self.keep.value("purpose", lambda: self.mode)
        if purpose != self.mode:
            raise EmbeddedError(
                f"数据目录 {self.cluster.data_dir} 用于 {purpose}，不能以 {self.mode} 方式打开；"
                "请用 LIAISON_DATA_DIR 指定另一目录。"
            )

    def _start_servers(self) -> None:
        if self._own_database or self._own_queue:
            say("启动数据库与队列服务")
        urls = self.cluster.start(postgres=self._own_database, valkey=self._own_queue).environment()
        if not self._own_queue:
            del urls["REDIS_URL"]
        if not self._own_database:
            urls = {name: value for name, value in urls.items() if name == "REDIS_URL"}
        if self.cluster.home != self.cluster.data_dir:
            say(f"服务用户无法进入 {self.cluster.data_dir}，数据库与队列的数据放在 {self.cluster.home}")
        self.settings |= urls | self._own_settings()

    def _own_settings(self) -> dict[str, str]:
        given, port = self.settings.get, self._choose_port()
        fonts = default_font_dir().absolute()
        values = {
            "LIAISON_ENV": "demo" if self.mode == "demo" else given("LIAISON_ENV") or "production",
            "LIAISON_DATA_DIR": str(self.cluster.data_dir),
            "LIAISON_FONT_DIR": str(fonts),
            "WEB_HOST": self.listen,
            "WEB_PORT": str(port),
        }
        if (fonts / "fonts.conf").exists():
            values["FONTCONFIG_FILE"] = str(fonts / "fonts.conf")
        return values | (self._demo_settings(port) if self.mode == "demo" else {})

    def _demo_settings(self, port: int) -> dict[str, str]:
        """Secrets made once and kept in the data folder; hosts this machine is called by."""
        keep, given = self.keep, self.settings.get
        hosts = ["localhost", "127.0.0.1"]
        if self.listen not in {"127.0.0.1", "0.0.0.0"}:  # noqa: S104 - compared, not bound
            hosts.append(self.listen)
        return {
            "SECRET_KEY": given("SECRET_KEY") or keep.value("secret_key", lambda: random_password() * 2),
            "FIELD_KEY": given("FIELD_KEY") or keep.value("field_key", fernet_key),
            "AUDIT_SALT": given("AUDIT_SALT") or keep.value("audit_salt", random_password),
            "ALLOWED_HOSTS": given("ALLOWED_HOSTS") or ",".join(hosts),
            "SITE_URL": given("SITE_URL") or f"http://127.0.0.1:{port}",
        }

    def _choose_port(self) -> int:
        """The port asked for must be free; the demo's default gives way to another."""
        asked = self.port or int(self.settings.get("WEB_PORT") or 0)
        if asked and not port_is_free(asked):
            raise EmbeddedError(f"端口 {asked} 已被占用，请用 --port 指定另一端口。")
        if asked or port_is_free(8000):
            return asked or 8000
        return free_port()

    def _prepare(self) -> None:
        steps = self._preparation = Preparation(self.settings, keep=self.keep, say=say)
        if not self._own_database:
            steps.database_roles()
        self._recreate_half_made_demo()
        steps.tables()
        if self.mode == "demo" and not self._has_demo_year():
            steps.manage("demo_year", what="生成演示年度数据（首次启动，约需一两分钟）")
            self._mark_demo_year()
        steps.static_files()

    def _recreate_half_made_demo(self) -> None:
        """A demo year cut short (Ctrl-C, power) is no demo: begin again with an empty database."""
        if self.mode != "demo" or not self._own_database or self._has_demo_year():
            return
        self.cluster.postgres.recreate_database()

    def _has_demo_year(self) -> bool:
        if not self._own_database:
            return self.keep.get("demo_year") == self.settings["DATABASE_URL"].rpartition("@")[2]
        return self.cluster.postgres.database_comment() == _DEMO_MARK

    def _mark_demo_year(self) -> None:
        if self._own_database:
            self.cluster.postgres.set_database_comment(_DEMO_MARK)
        else:
            self.keep.put("demo_year", self.settings["DATABASE_URL"].rpartition("@")[2])

    def _supervise(self) -> int:
        services = []
        if self._own_database:
            postgres = self.cluster.postgres
            services.append(Service("PostgreSQL", lambda: postgres.pid() is not None, self._start_again))
        if self._own_queue:
            valkey = self.cluster.valkey
            services.append(Service("队列服务", lambda: bool(valkey.pids()), self._start_again))
        programs = [
            Program(part, commands.command(part, self.settings), commands.environment_of(part, self.settings))
            for part in commands.PARTS
        ]
        say("启动网站与后台任务")
        return Supervisor(
            programs,
            services=services,
            log=self.log,
            cwd=REPOSITORY,
            is_ready=self._is_ready,
            on_ready=self._announce,
            say=say,
        ).run()

    def _start_again(self) -> None:
        self.cluster.start(postgres=self._own_database, valkey=self._own_queue)

    def _is_ready(self) -> bool:
        return commands.web_problem(self.settings) is None

    def _announce(self) -> None:
        if self.mode == "demo":
            try:
                sys.stdout.write(self._preparation.manage("demo_logins", role="web", what="演示账号："))
                sys.stdout.flush()
            except (EmbeddedError, OSError) as error:
                say(str(error))
        host = self.settings["WEB_HOST"]
        shown = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - compared, not bound
        say(f"已就绪：http://{shown}:{self.settings['WEB_PORT']}/   日志：{self.log}   按 Ctrl-C 停止")


class _StopAskedError(BaseException):
    """A stop signal before the supervisor took over; no `except Exception` may swallow it."""


def _interrupt(number: int, frame: FrameType | None) -> None:
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    raise _StopAskedError


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
