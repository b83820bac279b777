"""What the launcher must know about processes and users. Linux only: it reads /proc."""

from __future__ import annotations

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from liaison.launcher.errors import LauncherError

SERVICE_USER = "liaison"
_PR_SET_PDEATHSIG = 1
# In the environment of everything one start of the program starts, and inherited by what that starts.
MARK = "LIAISON_RUN"
# Below the kernel's own outgoing ports (32768 and up), so that a remembered port stays free.
_PORTS = range(20000, 30000)


@dataclass(frozen=True)
class User:
    """An unprivileged account a service runs as when the launcher is root."""

    name: str
    uid: int
    gid: int


def die_with_parent(number: signal.Signals) -> Callable[[], None]:
    """A preexec function: the child gets the signal when the launcher dies, even by kill -9."""
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def prepare() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def end_with_parent(number: signal.Signals) -> int:
    """This process gets the signal when its parent dies; the parent's pid. Survives exec."""
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    return parent


def spawn(
    argv: list[str],
    *,
    user: User | None = None,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    output: IO[bytes] | int = subprocess.DEVNULL,
    with_parent: signal.Signals | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own (a Ctrl-C in the terminal does not reach it)."""
    prepare = die_with_parent(with_parent) if with_parent else None
    return subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=env,
        cwd=cwd,
        start_new_session=True,
        preexec_fn=prepare,  # noqa: PLW1509 - the launcher has one thread
        **identity(user),
    )


def identity(user: User | None) -> dict[str, Any]:
    """The arguments of subprocess that make a child run as the user, and with no group of ours."""
    if user is None:
        return {}
    return {"user": user.uid, "group": user.gid, "extra_groups": []}


def is_alive(pid: int) -> bool:
    """True for a process that runs; a zombie is dead although kill(pid, 0) succeeds."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def is_running_in(pid: int, programs: frozenset[str], folder: Path) -> bool:
    """True if the pid runs one of these programs with the folder as working directory.

    The folder is compared by device and inode, which holds across chroots and links.
    """
    try:
        name = Path(os.readlink(f"/proc/{pid}/exe")).name.removesuffix(" (deleted)")
        here = os.stat(f"/proc/{pid}/cwd")
        return is_alive(pid) and name in programs and os.path.samestat(here, folder.stat())
    except OSError:
        return False


def pids_in(programs: frozenset[str], folder: Path) -> list[int]:
    """Every process of these programs that works in the folder, whoever its parent is."""
    return [pid for pid in all_pids() if is_running_in(pid, programs, folder)]


def all_pids() -> Iterator[int]:
    """Every process id the machine shows us."""
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def mark_of(folder: Path) -> dict[str, str]:
    """The environment variable by which the processes of this data folder are found again."""
    status = folder.stat()
    return {MARK: f"{status.st_dev}:{status.st_ino}"}


def marked(folder: Path, **also: str) -> list[int]:
    """Every process but this one that carries the folder's mark (and `also`), whoever its parent is."""
    wanted = {f"{name}={value}".encode() for name, value in (mark_of(folder) | also).items()}
    return [pid for pid in all_pids() if pid != os.getpid() and wanted <= _environment(pid) and is_alive(pid)]


def _environment(pid: int) -> set[bytes]:
    try:
        return set(Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"))
    except OSError:
        return set()


def end_left_behind(folder: Path, seconds: float, **also: str) -> None:
    """End what a killed program or part left running: politely first, after the time by force."""
    for number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, 5.0), (signal.SIGKILL, 5.0)):
        pids = marked(folder, **also)
        if not pids:
            return
        signal_all(pids, number)
        wait_until_dead(pids, patience)


def wait_until_dead(pids: list[int], seconds: float) -> bool:
    """True when none of them runs any more; False when the time is over."""
    deadline = time.monotonic() + seconds
    while any(is_alive(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
        _reap(pids)
    _reap(pids)
    return True


def _reap(pids: list[int]) -> None:
    for pid in pids:
        try:
            os.waitpid(pid, os.WNOHANG)
        except (ChildProcessError, PermissionError):
            continue


def signal_all(pids: list[int], number: signal.Signals) -> None:
    """Signal each; one that is already gone is no error."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def service_user(owner_of: Path) -> User | None:
    """Who a service must run as: None (ourselves) unless we are root.

    As root: the owner of an existing data folder, else the system user `liaison`
    (created when useradd is there), else nobody.

    Raises LauncherError when an ordinary user meets a folder that belongs to another.
    """
    owner = owner_of.stat().st_uid if owner_of.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise LauncherError(f"{owner_of} 属于另一用户，请以该用户（或 root）运行。")
        return None
    if owner:
        entry = pwd.getpwuid(owner)
        return User(entry.pw_name, entry.pw_uid, entry.pw_gid)
    return _find_user(SERVICE_USER) or _create_user() or _find_user("nobody") or _no_user()


def _find_user(name: str) -> User | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return User(name, entry.pw_uid, entry.pw_gid)


def _create_user() -> User | None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        return None
    command = [useradd, "--system", "--user-group", "--no-create-home"]
    command += ["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", SERVICE_USER]
    subprocess.run(command, check=False, capture_output=True)
    return _find_user(SERVICE_USER)


def _no_user() -> User:
    raise LauncherError("以 root 运行，但系统中没有可用的普通用户；请先建立系统用户 liaison。")


def can_reach(folder: Path, user: User | None) -> bool:
    """True if the user can enter the folder: asked of the kernel, so ACLs count too."""
    if user is None:
        return True
    answer = subprocess.run(
        ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)],
        cwd="/",
        check=False,
        capture_output=True,
        **identity(user),
    )
    return answer.returncode == 0


def can_read(file: Path, user: User) -> bool:
    """True if the user can read the file: asked of the kernel, so ACLs and the way to it count too."""
    command = ["/bin/sh", "-c", ': <"$1"', "sh", str(file)]
    return (
        subprocess.run(command, cwd="/", check=False, capture_output=True, **identity(user)).returncode == 0
    )


def can_run(program: Path, user: User | None) -> bool:
    """True if the user can start the program (its libraries are found too)."""
    try:
        answer = subprocess.run(
            [str(program), "--version"], cwd="/", check=False, capture_output=True, **identity(user)
        )
    except OSError:
        return False
    return answer.returncode == 0


def port_is_free(port: int) -> bool:
    """True if a server could listen on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A loopback port nobody listens on."""
    for _ in range(200):
        port = secrets.choice(_PORTS)
        if port_is_free(port):
            return port
    raise LauncherError("本机 20000 至 29999 之间没有空闲端口。")


def tail(path: Path, lines: int = 12) -> str:
    """The last lines of a log, for an error message."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 8192))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
