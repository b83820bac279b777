"""Children under one foreground process: started, logged, restarted, and all ended with it.

Each child leads a process group of its own, so a Ctrl-C in the terminal reaches the supervisor
alone and the order of stopping is ours. See guard.py for a supervisor that is killed.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from liaison.embedded.guard import Guard, signal_groups
from liaison.embedded.processes import adopt_orphans, spawn

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_GRACE_SECONDS = 35.0  # celery's soft shutdown waits up to 30 s for a running task
_BACKOFF = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
_HEALTHY_SECONDS = 60.0  # a crash after so long counts as the first again
_HOPELESS = 4  # crashes in a row before the first readiness
_LOG_LIMIT = 20 * 1024 * 1024


@dataclass(frozen=True)
class Program:
    """What to run: a name for the log, the command, its environment."""

    name: str
    argv: list[str]
    env: dict[str, str]


@dataclass(frozen=True)
class Service:
    """A server with its own way of starting (PostgreSQL, Valkey), started again when it is gone."""

    name: str
    is_alive: Callable[[], bool]
    start: Callable[[], object]


@dataclass
class _Child:
    program: Program
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    due_at: float = 0.0
    rest: bytes = b""
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=15))


class Supervisor:
    """Runs until a stop signal, or until a child keeps failing before everything was ready once."""

    def __init__(
        self,
        programs: list[Program],
        *,
        services: list[Service],
        log: Path,
        cwd: Path,
        is_ready: Callable[[], bool],
        on_ready: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        self._children = [_Child(program) for program in programs]
        self._services = services
        self._log = Log(log)
        self._cwd = cwd
        self._is_ready = is_ready
        self._on_ready = on_ready
        self._say = say
        self._ready = self._stopping = self._hurry = self._failed = False
        self._selector = selectors.DefaultSelector()

    def run(self) -> int:
        """The exit code: 0 after a stop signal, 1 when it never became ready."""
        adopt_orphans()
        self._catch_signals()
        self._guard = Guard()
        try:
            while not self._stopping:
                self._tick()
        finally:
            self._stop_children()
            self._guard.dismiss()
            self._log.close()
        return 1 if self._failed else 0

    def _catch_signals(self) -> None:
        for number in _STOP_SIGNALS:
            signal.signal(number, self._asked_to_stop)
        # A signal must end the waiting in select(), also one that comes just before it.
        read_end, write_end = os.pipe()
        os.set_blocking(read_end, False)
        os.set_blocking(write_end, False)
        signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        self._selector.register(read_end, selectors.EVENT_READ, None)

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._hurry = self._stopping
        self._stopping = True

    def _tick(self) -> None:
        for service in self._services:
            if not service.is_alive():
                self._tell(f"{service.name} 意外停止，正在重新启动")
                service.start()
        for child in self._children:
            if child.process is None and time.monotonic() >= child.due_at:
                self._start(child)
        self._read(0.5)
        self._reap()
        if not self._ready and not self._stopping and self._is_ready():
            self._ready = True
            self._on_ready()

    def _tell(self, text: str) -> None:
        self._log.write("supervisor", text)
        self._say(text)

    def _start(self, child: _Child) -> None:
        process = spawn(
            child.program.argv,
            env=child.program.env,
            cwd=self._cwd,
            output=subprocess.PIPE,
            with_parent=signal.SIGTERM,
        )
        self._guard.add(process.pid)
        if process.stdout is not None:
            os.set_blocking(process.stdout.fileno(), False)
            self._selector.register(process.stdout, selectors.EVENT_READ, child)
        child.process, child.started_at = process, time.monotonic()
        self._log.write("supervisor", f"{child.program.name} started, pid {process.pid}")

    def _read(self, seconds: float) -> None:
        """Move the children's output into the log, each line under its name."""
        for key, _ in self._selector.select(seconds):
            child: _Child | None = key.data
            try:
                data = os.read(key.fd, 65536)
            except BlockingIOError:
                continue
            if child is None:
                continue
            if not data:
                self._selector.unregister(key.fileobj)
                continue
            *lines, child.rest = (child.rest + data).split(b"\n")
            for line in lines:
                text = line.decode("utf-8", "replace")
                child.tail.append(text)
                self._log.write(child.program.name, text)

    def _reap(self) -> None:
        """Collect every ended process, grandchildren too: they are ours since adopt_orphans()."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for child in self._children:
                if child.process is not None and child.process.pid == pid:
                    self._ended(child, child.process, os.waitstatus_to_exitcode(status))

    def _ended(self, child: _Child, process: subprocess.Popen[bytes], code: int) -> None:
        process.returncode = code
        signal_groups({process.pid}, signal.SIGKILL)  # a dead leader's pool must not live on
        self._guard.remove(process.pid)
        child.process = None
        if self._stopping:
            return
        self._read(0)
        if time.monotonic() - child.started_at > _HEALTHY_SECONDS:
            child.failures = 0
        pause = _BACKOFF[min(child.failures, len(_BACKOFF) - 1)]
        child.failures += 1
        child.due_at = time.monotonic() + pause
        if not self._ready and child.failures >= _HOPELESS:
            self._give_up(child)
        else:
            self._tell(f"{child.program.name} 意外退出（{code}），{pause:.0f} 秒后重新启动")

    def _give_up(self, child: _Child) -> None:
        self._failed = self._stopping = True
        self._tell(f"{child.program.name} 无法启动，其最后的输出是：")
        for line in child.tail:
            self._say("    " + line)

    def _stop_children(self) -> None:
        """SIGTERM to the leaders, who end their own; SIGKILL to the groups when the time is over."""
        self._tell("正在停止……")
        deadline = time.monotonic() + _GRACE_SECONDS
        for child in self._living():
            if child.process is not None:
                os.kill(child.process.pid, signal.SIGTERM)
        while self._living() and time.monotonic() < deadline and not self._hurry:
            self._read(0.1)
            self._reap()
        groups = {child.process.pid for child in self._living() if child.process is not None}
        signal_groups(groups, signal.SIGKILL)
        while self._living():
            self._read(0.05)
            self._reap()
        self._read(0)

    def _living(self) -> list[_Child]:
        return [child for child in self._children if child.process is not None]


class Log:
    """One file for all children, one line each: time, name, text. Two older files are kept."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open()

    def write(self, name: str, text: str) -> None:
        """Append one line. A full disk loses log lines, not the program."""
        stamp = time.strftime("%Y-%m-%d %H:%M:%S")
        try:
            self._file.write(f"{stamp} {name:<10} | {text}\n".encode())
            self._file.flush()
            if self._file.tell() > _LOG_LIMIT:
                self._turn()
        except OSError:
            return

    def close(self) -> None:
        """Flush and close."""
        self._file.close()

    def _open(self) -> None:
        self._file = self._path.open("ab")

    def _turn(self) -> None:
        self._file.close()
        older = self._path.with_name(self._path.name + ".1")
        if older.exists():
            os.replace(older, self._path.with_name(self._path.name + ".2"))
        os.replace(self._path, older)
        self._open()
