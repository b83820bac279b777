"""supervisord as a child of the launcher: what it keeps alive, asked and told over its own socket.

supervisord starts again what ends, with growing pauses. Three things it does not do, and ours add: it gives
up after a number of tries (`ends` here), it ends its programs but not their orphaned children (keeper.py),
and killed by kill -9 it leaves its programs behind (becoming.py).
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Error, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from liaison.launcher.errors import LauncherError
from liaison.launcher.prepare import REPOSITORY
from liaison.launcher.processes import end_left_behind, is_alive, mark_of, spawn, wait_until_dead

CONFIGURATION = Path(__file__).with_name("supervisord.conf")
_NAMES = {"postgres": "数据库", "queue": "队列服务", "web": "网站", "worker": "后台任务", "beat": "定时任务"}
_START_SECONDS = 20.0
# Longer than the longest stopwaitsecs of two groups together: parts, then servers.
_STOP_SECONDS = 150.0
_GIVEN_UP_SECONDS = 30.0
_NO_ANSWER = (OSError, HTTPException, Error)


@dataclass(frozen=True)
class Kept:
    """One kept process: supervisord's word for its state, and when (Unix time) it last ended."""

    name: str
    group: str
    state: str
    ended_at: int

    @property
    def label(self) -> str:
        """What the operator calls it."""
        return _NAMES.get(self.name, self.name)


class Manager:
    """Keeps the programs of `configuration` running from `start()` until `stop()`."""

    def __init__(
        self, data_dir: Path, environment: dict[str, str], configuration: Path = CONFIGURATION
    ) -> None:
        self._data_dir = data_dir
        self._environment = environment
        self._configuration = configuration
        self._process: subprocess.Popen[bytes] | None = None
        self._control: Path | None = None
        self._before: dict[str, Kept] = {}
        self._given_up: dict[str, float] = {}

    def start(self) -> None:
        """Start supervisord, with nothing running in it yet. Raises LauncherError when it does not answer."""
        self._forget()
        # Not in the data folder: a socket's path has 107 letters at most, and some file systems take none.
        self._control = Path(tempfile.mkdtemp(prefix="liaison-"))
        places = {
            "LIAISON_CONTROL": str(self._control),
            "LIAISON_LOGS": str(self._data_dir / "logs"),
            "LIAISON_PROGRAM": str(REPOSITORY),
            "LIAISON_PYTHON": sys.executable,
        }
        keeper = [sys.executable, "-m", "liaison.launcher.keeper"]
        command = [*keeper, str(self._configuration), str(self._data_dir)]
        # Its own output goes nowhere: on a full disk it reports each lost log line, and would die of that.
        self._process = spawn(
            command,
            env=self._environment | mark_of(self._data_dir) | places,
            cwd=REPOSITORY,
            with_parent=signal.SIGTERM,
        )
        self._await_answer()
        self._before = {kept.name: kept for kept in self.all()}

    def is_alive(self) -> bool:
        """True while supervisord itself runs."""
        return self._process is not None and is_alive(self._process.pid)

    def run(self, *names: str) -> None:
        """Start programs and keep them running; those that run already are left alone."""
        for kept in self.all():
            if kept.name in names and kept.state in {"STOPPED", "EXITED", "FATAL", "UNKNOWN"}:
                self._ask("startProcess", f"{kept.group}:{kept.name}", False)

    def all(self) -> list[Kept]:
        """Every program; empty when supervisord does not answer."""
        found: list[dict[str, Any]] = self._ask("getAllProcessInfo") or []
        return [Kept(one["name"], one["group"], one["statename"], one["stop"]) for one in found]

    def ends(self) -> Iterator[Kept]:
        """Programs that ended since the last call. Those supervisord gave up are started again in time."""
        for kept in self.all():
            before = self._before.get(kept.name)
            self._before[kept.name] = kept
            if kept.state == "STOPPED":
                continue
            if kept.state == "FATAL":
                self._again(kept)
            if before is not None and kept.ended_at != before.ended_at:
                yield kept

    def _again(self, kept: Kept) -> None:
        due = self._given_up.setdefault(kept.name, time.monotonic() + _GIVEN_UP_SECONDS)
        if time.monotonic() >= due:
            del self._given_up[kept.name]
            self.run(kept.name)

    def stop(self, *, is_hurried: Any = lambda: False) -> None:
        """Everything ends: parts before servers, by force when the time is over or `is_hurried()`."""
        if self._process is not None:
            pid = self._process.pid
            deadline = time.monotonic() + _STOP_SECONDS
            self._process.terminate()
            while is_alive(pid) and time.monotonic() < deadline and not is_hurried():
                wait_until_dead([pid], 0.2)
            self._process.kill()
            wait_until_dead([pid], 5.0)
            end_left_behind(self._data_dir, 0.5 if is_hurried() else 3.0)
        self._forget()

    def _forget(self) -> None:
        self._process = None
        self._before, self._given_up = {}, {}
        if self._control is not None:
            shutil.rmtree(self._control, ignore_errors=True)

    def _await_answer(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not self._ask("getState"):
            if not self.is_alive() or time.monotonic() > deadline:
                log = self._data_dir / "logs" / "supervisor.log"
                raise LauncherError(f"进程管理器未能启动，请查看 {log}。")
            time.sleep(0.05)

    def _ask(self, method: str, *arguments: object) -> Any:
        """One call; None when there is no answer, which is also an answer: it starts, or it is gone."""
        # A connection of its own: one that failed, or that a signal broke off, cannot be used again.
        transport = SupervisorTransport(None, None, f"unix://{self._control}/socket")
        try:
            with ServerProxy("http://127.0.0.1", transport=transport) as server:
                return getattr(server.supervisor, method)(*arguments)
        except _NO_ANSWER:
            return None
