"""The whole program in one foreground process: servers, preparation, web, worker and beat."""

from __future__ import annotations

import signal
import sys
from types import FrameType

from liaison.embedded import commands
from liaison.embedded.errors import EmbeddedError
from liaison.embedded.installation import DEFAULT_PORT, Installation, say
from liaison.embedded.prepare import REPOSITORY, Preparation
from liaison.embedded.processes import free_port, port_is_free
from liaison.embedded.supervisor import Program, Service, Supervisor

DEMO_MARK = "demo year complete"
_EVERYWHERE = "0.0.0.0"  # noqa: S104 - only where the operator asks for it
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Application:
    """An installation run by `mode`: demo (fills the demo year) or serve."""

    def __init__(self, mode: str, *, listen: str, port: int | None) -> None:
        self.installation = Installation(mode, with_parent=True)
        self.listen, self.port = listen, port

    def run(self) -> int:
        """Until Ctrl-C. Exit code 0 after a stop that was asked for, 1 after a failure."""
        for number in _STOP_SIGNALS:
            signal.signal(number, _interrupt)
        with self.installation.alone():
            try:
                self.installation.check_purpose()
                self._start_servers()
                self._prepare()
                return self._supervise()
            except _StopAskedError:
                return 0
            finally:
                self.installation.cluster.stop()
                say("已停止。")

    def _start_servers(self) -> None:
        installation = self.installation
        if installation.own_database or installation.own_queue:
            say("启动数据库与队列服务")
        installation.start_servers()
        cluster = installation.cluster
        if cluster.home != cluster.data_dir:
            say(f"服务用户无法进入 {cluster.data_dir}，数据库与队列的数据放在 {cluster.home}")
        installation.settings |= self._address()

    def _address(self) -> dict[str, str]:
        given, port = self.installation.settings.get, self._choose_port()
        address = {"WEB_HOST": self.listen, "WEB_PORT": port}
        if self.installation.mode != "demo":
            return address
        hosts = ["localhost", "127.0.0.1", *({self.listen} - {"127.0.0.1", _EVERYWHERE})]
        return address | {
            "ALLOWED_HOSTS": given("ALLOWED_HOSTS") or ",".join(hosts),
            "SITE_URL": given("SITE_URL") or f"http://127.0.0.1:{port}",
        }

    def _choose_port(self) -> str:
        """A port asked for must be free; the demo's default gives way to another."""
        asked = str(self.port or "") or self.installation.settings.get("WEB_PORT") or ""
        if asked and not port_is_free(int(asked)):
            raise EmbeddedError(f"端口 {asked} 已被占用，请用 --port 指定另一端口。")
        if asked or port_is_free(int(DEFAULT_PORT)):
            return asked or DEFAULT_PORT
        return str(free_port())

    def _prepare(self) -> None:
        installation = self.installation
        steps = Preparation(installation.settings, keep=installation.keep, say=say)
        if not installation.own_database:
            steps.database_roles()
        needs_demo_year = installation.mode == "demo" and not self._has_demo_year()
        if needs_demo_year and installation.own_database:
            # A demo year cut short (Ctrl-C, power) is no demo: begin again with an empty database.
            installation.cluster.postgres.recreate_database()
        steps.tables()
        if needs_demo_year:
            steps.manage("demo_year", what="生成演示年度数据（首次启动，约需两到五分钟，视机器快慢）")
            self._mark_demo_year()
        steps.static_files()
        self._preparation = steps

    def _has_demo_year(self) -> bool:
        if self.installation.own_database:
            return self.installation.cluster.postgres.database_comment() == DEMO_MARK
        return self.installation.keep.get("demo_year") == self._database_place()

    def _mark_demo_year(self) -> None:
        if self.installation.own_database:
            self.installation.cluster.postgres.set_database_comment(DEMO_MARK)
        else:
            self.installation.keep.put("demo_year", self._database_place())

    def _database_place(self) -> str:
        """Which database it is, however it is reached: options behind the question mark may change."""
        return self.installation.settings["DATABASE_URL"].rpartition("@")[2].partition("?")[0]

    def _supervise(self) -> int:
        settings = self.installation.settings
        programs = [
            Program(part, commands.command(part, settings), commands.environment_of(part, settings))
            for part in commands.PARTS
        ]
        say("启动网站与后台任务")
        return Supervisor(
            programs,
            services=self._services(),
            log=self.installation.data_dir / "logs" / "liaison.log",
            cwd=REPOSITORY,
            is_ready=lambda: commands.web_problem(settings) is None,
            on_ready=self._announce,
            say=say,
        ).run()

    def _services(self) -> list[Service]:
        installation, services = self.installation, []
        postgres, valkey = installation.cluster.postgres, installation.cluster.valkey
        if installation.own_database:
            alive = lambda: postgres.pid() is not None  # noqa: E731 - one line says it
            services.append(Service("PostgreSQL", alive, installation.start_servers))
        if installation.own_queue:
            services.append(Service("队列服务", lambda: bool(valkey.pids()), installation.start_servers))
        return services

    def _announce(self) -> None:
        settings = self.installation.settings
        host = "127.0.0.1" if settings["WEB_HOST"] == _EVERYWHERE else settings["WEB_HOST"]
        log = self.installation.data_dir / "logs" / "liaison.log"
        say(f"已就绪：http://{host}:{settings['WEB_PORT']}/   日志：{log}   按 Ctrl-C 停止")
        if self.installation.mode != "demo":
            return
        try:
            sys.stdout.write(self._preparation.manage("demo_logins", role="web", what="演示账号："))
            sys.stdout.flush()
        except (EmbeddedError, OSError) as error:
            say(str(error))


class _StopAskedError(BaseException):
    """A stop signal before the supervisor took over; no `except Exception` may swallow it."""


def _interrupt(number: int, frame: FrameType | None) -> None:
    for name in _STOP_SIGNALS:
        signal.signal(name, signal.SIG_IGN)
    raise _StopAskedError
