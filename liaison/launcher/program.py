"""The whole program under one foreground process: servers, preparation, web, worker and beat.

supervisord keeps them running (manager.py); this process brings them up in order, says in Chinese what
happens, and ends everything when it is asked to.
"""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from liaison.launcher import parts
from liaison.launcher.errors import LauncherError
from liaison.launcher.installation import DEFAULT_PORT, Installation, say
from liaison.launcher.manager import CONFIGURATION, Kept, Manager
from liaison.launcher.prepare import Preparation
from liaison.launcher.processes import end_left_behind, free_port, marked, port_is_free, tail

DEMO_MARK = "demo year complete"
_EVERYWHERE = "0.0.0.0"  # noqa: S104 - only where the operator asks for it
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LEFT_BEHIND_SECONDS = 10.0
_DATABASE_SECONDS = 600.0  # recovery after a crash may take minutes on an old disk
_QUEUE_SECONDS = 20.0
_PAUSE_SECONDS = 10.0
_HOPELESS = 3  # ends of one program before it was ready for the first time


class Application:
    """An installation run by `mode`: demo (fills the demo year) or serve."""

    parts: tuple[str, ...] = parts.PARTS

    def __init__(
        self, mode: str, *, listen: str, port: int | None, configuration: Path = CONFIGURATION
    ) -> None:
        self.installation = Installation(mode)
        self.listen, self.port = listen, port
        self._configuration = configuration
        self._manager: Manager | None = None
        self._aside: list[Path] = []
        self._is_hurried = False

    def run(self) -> int:
        """Until Ctrl-C: 0. Raises LauncherError when the start fails."""
        for number in _STOP_SIGNALS:
            signal.signal(number, self._asked_to_stop)
        with self.installation.alone():
            try:
                self.installation.check_purpose()
                self._recover()
                self.installation.complete()
                self.installation.settings |= self._address()
                self._preparation().settings()
                manager = self._manager = Manager(
                    self.installation.data_dir, self.installation.environment(), self._configuration
                )
                self._start_servers(manager)
                self._prepare()
                say("启动网站与后台任务")
                manager.run(*self.parts)
                self.watch(manager)
                return 1
            except _StopAskedError:
                return 0
            finally:
                self._stop()

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        """The first signal ends everything in order, the next one at once."""
        for name in _STOP_SIGNALS:
            signal.signal(name, self._asked_to_hurry)
        raise _StopAskedError

    def _asked_to_hurry(self, number: int, frame: FrameType | None) -> None:
        self._is_hurried = True

    def _recover(self) -> None:
        """After kill -9 of a launcher: its parts and servers may still run, and end before ours start."""
        folder = self.installation.data_dir
        if marked(folder):
            say("上次运行没有正常结束，正在清理遗留的进程")
            end_left_behind(folder, _LEFT_BEHIND_SECONDS)
        self.installation.cluster.stop()

    def _stop(self) -> None:
        for name in _STOP_SIGNALS:
            signal.signal(name, self._asked_to_hurry)
        say("正在停止……")
        if self._manager is not None:
            self._manager.stop(is_hurried=lambda: self._is_hurried)
        self.installation.cluster.stop()
        say("已停止。")

    def _address(self) -> dict[str, str]:
        given, port = self.installation.settings.get, self._choose_port()
        address = {"WEB_HOST": self.listen, "WEB_PORT": port}
        if self.installation.mode != "demo":
            return address | site_at_port(given("SITE_URL") or "", port)
        hosts = ["localhost", "127.0.0.1", *({self.listen} - {"127.0.0.1", _EVERYWHERE})]
        return address | {
            "ALLOWED_HOSTS": given("ALLOWED_HOSTS") or ",".join(hosts),
            "SITE_URL": given("SITE_URL") or f"http://127.0.0.1:{port}",
        }

    def _choose_port(self) -> str:
        """A port asked for must be free; the demo's default gives way to another."""
        asked = str(self.port or "") or self.installation.settings.get("WEB_PORT") or ""
        if asked and not (asked.isdecimal() and 0 < int(asked) < 65536):
            raise LauncherError(f"端口应为 1 至 65535 的数字：{asked}。")
        if asked and not port_is_free(int(asked)):
            raise LauncherError(f"端口 {asked} 已被占用，请用 --port 指定另一端口。")
        if asked or port_is_free(int(DEFAULT_PORT)):
            return asked or DEFAULT_PORT
        return str(free_port())

    def _start_servers(self, manager: Manager) -> None:
        """The database must be there; without the queue the start goes on, and it is tried for ever."""
        installation = self.installation
        cluster, servers = installation.cluster, self._servers()
        if servers:
            say("启动数据库与队列服务")
        if cluster.home != cluster.data_dir:
            say(f"服务用户无法进入 {cluster.data_dir}，数据库与队列的数据放在 {cluster.home}")
        self._aside = cluster.valkey.set_aside()
        manager.start()
        manager.run(*servers)
        if installation.own_database:
            self._await_database(manager)
        if installation.own_queue:
            self._await_queue(manager)
        self._tell_set_aside()
        installation.complete()

    def _await_database(self, manager: Manager) -> None:
        """Until it answers; then roles and database are there, whoever was quicker to make them."""
        ends, deadline, cluster = 0, time.monotonic() + _DATABASE_SECONDS, self.installation.cluster
        while not cluster.postgres.is_running():
            ends += sum(kept.name == "postgres" for kept in manager.ends())
            if ends >= _HOPELESS or time.monotonic() > deadline:
                raise LauncherError(f"数据库无法启动：\n{self._last_words('postgres-start')}")
            time.sleep(0.1)
        cluster.start(valkey=False)

    def _await_queue(self, manager: Manager) -> None:
        ends, deadline = 0, time.monotonic() + _QUEUE_SECONDS
        while not self.installation.cluster.valkey.is_running():
            ends += sum(kept.name == "queue" for kept in manager.ends())
            if ends or time.monotonic() > deadline:
                say(f"队列服务暂时无法启动，系统先行运行，稍后自动再试：\n{self._last_words('queue-start')}")
                return
            time.sleep(0.1)

    def _tell_set_aside(self) -> None:
        before, self._aside = self._aside, self.installation.cluster.valkey.set_aside()
        for folder in self._aside:
            if folder not in before:
                say(f"队列文件已损坏，已移到 {folder}；队列从空开始，待办事项都在数据库中，不会丢失。")

    def _last_words(self, name: str) -> str:
        return tail(self.installation.data_dir / "logs" / f"{name}.log")

    def _prepare(self) -> None:
        installation = self.installation
        steps = self._preparation()
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
        self.static_files()

    def static_files(self) -> None:
        """Collect them for the web part, when they changed."""
        self._preparation().static_files()

    def _preparation(self) -> Preparation:
        return Preparation(self.installation.settings, keep=self.installation.keep, say=say)

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

    def watch(self, manager: Manager) -> None:
        """For ever: tell what ends, bring supervisord itself back, announce the first readiness."""
        is_ready, web_ends = False, 0
        while True:
            if not manager.is_alive():
                self._bring_back(manager)
            for kept in manager.ends():
                self.tell(kept)
                web_ends += kept.name == "web"
            self._tell_set_aside()
            if not is_ready and web_ends >= _HOPELESS:
                raise LauncherError(f"网站无法启动，其最后的输出是：\n{self._last_words('web')}")
            if not is_ready and parts.web_problem(self.installation.settings) is None:
                is_ready = True
                self.announce()
            time.sleep(0.5)

    def _bring_back(self, manager: Manager) -> None:
        """Everything at once, and nothing waited for: what cannot start yet is tried again by itself."""
        say("进程管理器意外停止，正在重新启动")
        try:
            end_left_behind(self.installation.data_dir, _LEFT_BEHIND_SECONDS)
            manager.start()
            manager.run(*self._servers(), *self.parts)
        except (LauncherError, OSError) as error:
            say(f"进程管理器暂时无法启动，{_PAUSE_SECONDS:.0f} 秒后再试：{error}")
            time.sleep(_PAUSE_SECONDS)

    def _servers(self) -> list[str]:
        own = {"postgres": self.installation.own_database, "queue": self.installation.own_queue}
        return [name for name, is_own in own.items() if is_own]

    def tell(self, kept: Kept) -> None:
        """Say that a program ended, and what becomes of it."""
        log = self.installation.data_dir / "logs"
        if kept.state == "FATAL":
            say(f"{kept.label}多次未能启动，每半分钟再试一次；原因见 {log}")
        else:
            say(f"{kept.label}意外停止，正在重新启动；原因见 {log}")

    def announce(self) -> None:
        """Say where it is; of a demo who can sign in, of an office not set up yet the link for it."""
        settings = self.installation.settings
        host = "127.0.0.1" if settings["WEB_HOST"] == _EVERYWHERE else settings["WEB_HOST"]
        logs = self.installation.data_dir / "logs"
        say(f"已就绪：http://{host}:{settings['WEB_PORT']}/   日志：{logs}   按 Ctrl-C 停止")
        # Neither the demo's passwords nor the link of a set-up belong into a log.
        command: tuple[str, ...] = ("demo_logins",)
        what = "演示账号："
        if self.installation.mode != "demo":
            command, what = ("found_office", "--if-wanted"), "查看首次设置"
        try:
            sys.stdout.write(self._preparation().manage(*command, role="web", what=what, is_secret=True))
            sys.stdout.flush()
        except (LauncherError, OSError) as error:
            say(str(error))


def site_at_port(site: str, port: str) -> dict[str, str]:
    """``SITE_URL`` of an office that uses this machine alone, at the port really listened on.

    The links that are printed, the first of all, lead nowhere with another one. Behind a name of its own
    the address is what the proxy in front is reached by, and stays.
    """
    parts = urlsplit(site)
    if parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "localhost"):
        return {}
    return {"SITE_URL": f"http://{parts.hostname}:{port}"}


class _StopAskedError(BaseException):
    """The first stop signal; no `except Exception` may swallow it."""
