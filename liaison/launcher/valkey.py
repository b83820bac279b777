"""One Valkey (or Redis) server on loopback: append-only file, no eviction, a password."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import time
from pathlib import Path

from liaison.launcher.binaries import valkey_program
from liaison.launcher.errors import LauncherError
from liaison.launcher.keep import Keep, random_password
from liaison.launcher.processes import (
    User,
    free_port,
    is_alive,
    pids_in,
    port_is_free,
    signal_all,
    spawn,
    tail,
    wait_until_dead,
)

_START_SECONDS = 60.0
_APPENDED = "appendonlydir"
# One program under several names: Debian's redis-server is a link to redis-check-rdb.
_PROGRAMS = frozenset({"valkey-server", "valkey-check-rdb", "redis-server", "redis-check-rdb"})


class Valkey:
    """The embedded queue server of one data folder."""

    def __init__(self, *, home: Path, keep: Keep, user: User | None, log: Path) -> None:
        self.home = home
        self.folder = home / "valkey"
        self.keep = keep
        self.user = user
        self.log = log

    @property
    def port(self) -> int:
        """The remembered loopback port; 0 before the first start."""
        return int(self.keep.get("valkey_port") or 0)

    @property
    def url(self) -> str:
        """redis:// URL of database 0."""
        return f"redis://:{self.keep.get('valkey_password')}@127.0.0.1:{self.port}/0"

    def start(self, *, with_parent: bool) -> bool:
        """Start unless it runs. True if this call started it. Raises LauncherError with the log's end."""
        if self.is_running():
            return False
        self._make_folder()
        self._end(self.pids())
        for attempt in range(2):
            if self._await(self._spawn(again=attempt > 0, with_parent=with_parent)):
                return True
        if self._starts_empty(with_parent):
            return True
        raise LauncherError(f"队列服务未能启动，日志 {self.log} 的末尾是：\n{tail(self.log)}")

    def _starts_empty(self, with_parent: bool) -> bool:
        """Set the append-only file aside and try without: every job is a row, the queue only rings for it.

        Whether the file is damaged is asked by this very start: the server's own checker calls a
        merely shortened file invalid, which the server loads, and an empty list of files valid, which
        it refuses. If the start fails without it too, the fault is another one and the file goes back.
        """
        kept = self.folder / _APPENDED
        if not kept.exists():
            return False
        aside = (
            self.folder / f"{_APPENDED}.damaged-{time.strftime('%Y%m%d-%H%M%S')}-{time.time_ns() % 10**9:09}"
        )
        kept.rename(aside)
        if self._await(self._spawn(again=False, with_parent=with_parent)):
            return True
        shutil.rmtree(kept, ignore_errors=True)
        aside.rename(kept)
        return False

    def set_aside(self) -> list[Path]:
        """What damaged append-only files were moved to, oldest first."""
        return sorted(self.folder.glob(f"{_APPENDED}.damaged-*"))

    def stop(self) -> None:
        """SIGTERM: the append-only file is flushed, then the server leaves."""
        self._end(self.pids())

    def pids(self) -> list[int]:
        """The servers working in our folder (one, or none)."""
        if not self.folder.exists():
            return []
        return pids_in(_PROGRAMS, self.folder)

    def is_running(self) -> bool:
        """True if our password opens the remembered port and the server there works in our folder."""
        if not self.port:
            return False
        try:
            answer = self.ask("CONFIG", "GET", "dir")
        except OSError:
            return False
        return answer.endswith(f"\r\n{self.folder}\r\n")

    def is_ready(self) -> bool:
        """True once its files are read; till then it answers about itself, and a damaged file may end it."""
        try:
            return self.is_running() and self.ask("PING") == "+PONG\r\n"
        except OSError:
            return False

    def ask(self, *words: str) -> str:
        """One command after AUTH, the raw answer of it (short answers only)."""
        password = self.keep.get("valkey_password") or ""
        with socket.create_connection(("127.0.0.1", self.port), timeout=2.0) as link:
            link.sendall(_encode("AUTH", password))
            if link.recv(256) != b"+OK\r\n":
                raise ConnectionError("password refused")
            link.sendall(_encode(*words))
            return link.recv(4096).decode("utf-8", "replace")

    def _end(self, pids: list[int]) -> None:
        for number, seconds in ((signal.SIGTERM, 20.0), (signal.SIGKILL, 5.0)):
            signal_all(pids, number)
            if wait_until_dead(pids, seconds):
                return

    def _make_folder(self) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if self.user is not None:
            os.chown(self.folder, self.user.uid, self.user.gid)

    def _spawn(self, *, again: bool, with_parent: bool) -> int:
        if again or not self.port or not port_is_free(self.port):
            self.keep.put("valkey_port", str(free_port()))
        configuration = self._write_configuration()
        with self.log.open("ab") as log:
            process = spawn(
                [str(valkey_program(self.home, self.user)), str(configuration)],
                user=self.user,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
                cwd=self.folder,
                output=log,
                with_parent=signal.SIGTERM if with_parent else None,
            )
        return process.pid

    def _write_configuration(self) -> Path:
        """The password goes through a 0600 file: an argument would show in the process list."""
        path = self.folder / "valkey.conf"
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(f"{name} {value}\n" for name, value in self._settings().items())
        if self.user is not None:
            os.chown(path, self.user.uid, self.user.gid)
        return path

    def _settings(self) -> dict[str, str]:
        return {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "requirepass": self.keep.value("valkey_password", random_password),
            "dir": f'"{self.folder}"',
            "daemonize": "no",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "save": '""',
        }

    def _await(self, pid: int) -> bool:
        deadline = time.monotonic() + _START_SECONDS
        while not self.is_ready():
            wait_until_dead([pid], 0.03)
            if not is_alive(pid):
                return False
            if time.monotonic() > deadline:
                raise LauncherError(f"队列服务在 {_START_SECONDS:.0f} 秒内没有就绪，请查看 {self.log}。")
        return True


def _encode(*words: str) -> bytes:
    parts = [word.encode("utf-8") for word in words]
    body = b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
    return b"*%d\r\n%s" % (len(parts), body)
