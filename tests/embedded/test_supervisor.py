"""The supervisor with real children: nothing outlives it, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from liaison.embedded.processes import all_pids, is_alive, wait_until_dead

# A leader with a pool process; both note their pid. `deaf` ignores the polite signal.
CHILD = "{trap} sleep 300 & echo $! >> {pids}; echo $$ >> {pids}; echo hello from {name}; wait; wait"

RUN = """
import sys
from pathlib import Path
from liaison.embedded import supervisor
from liaison.embedded.supervisor import Program, Service, Supervisor

supervisor._GRACE_SECONDS = 2.0
supervisor._BACKOFF = (0.1,)
folder, never_ready = Path(sys.argv[1]), sys.argv[2] == "never"
programs = [Program(p.stem, ["sh", str(p)], {"PATH": "/usr/bin:/bin"}) for p in sorted(folder.glob("*.sh"))]
say = lambda text: print(text, flush=True)
sys.exit(Supervisor(
    programs, services=[], log=folder / "log", cwd=folder,
    is_ready=lambda: not never_ready and len((folder / "pids").read_text().split()) >= 2 * len(programs),
    on_ready=lambda: say("ready"), say=say,
).run())
"""


def write_child(folder: Path, name: str, *, deaf: bool = False) -> None:
    trap = "trap '' TERM;" if deaf else ""
    text = CHILD.format(trap=trap, pids=folder / "pids", name=name)
    (folder / f"{name}.sh").write_text(text)


@contextmanager
def supervising(folder: Path, ready: str = "soon") -> Iterator[subprocess.Popen[str]]:
    (folder / "pids").touch()
    command = [sys.executable, "-c", RUN, str(folder), ready]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert "ready\n" in iter(process.stdout.readline, "")


def noted_pids(folder: Path) -> list[int]:
    return [int(word) for word in (folder / "pids").read_text().split()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_ends_children_and_their_children(folder: Path, number: signal.Signals) -> None:
    write_child(folder, "web")
    write_child(folder, "worker")
    with supervising(folder) as process:
        wait_ready(process)
        pids = noted_pids(folder)
        process.send_signal(number)
        assert process.wait(10) == 0
    assert len(pids) == 4
    assert [pid for pid in pids if is_alive(pid)] == []


def test_a_child_deaf_to_signals_is_killed_after_its_time(folder: Path) -> None:
    write_child(folder, "deaf", deaf=True)
    with supervising(folder) as process:
        wait_ready(process)
        process.terminate()
        assert process.wait(10) == 0
    assert [pid for pid in noted_pids(folder) if is_alive(pid)] == []


def test_kill_9_of_the_supervisor_leaves_nothing(folder: Path) -> None:
    write_child(folder, "web")
    with supervising(folder) as process:
        wait_ready(process)
        process.kill()
        process.wait(10)
    assert wait_until_dead(noted_pids(folder), 10)
    deadline = time.monotonic() + 10
    while named(folder) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert named(folder) == []


def named(folder: Path) -> list[int]:
    """Processes that name the folder, the guard among them."""
    return [pid for pid in all_pids() if str(folder) in command_line(pid) and is_alive(pid)]


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return ""


def test_a_crashed_child_comes_back_without_its_old_pool(folder: Path) -> None:
    write_child(folder, "worker")
    with supervising(folder) as process:
        wait_ready(process)
        pool, leader = noted_pids(folder)
        os.kill(leader, signal.SIGKILL)
        assert wait_until_dead([leader, pool], 5)
        deadline = time.monotonic() + 5
        while len(noted_pids(folder)) < 4 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(noted_pids(folder)) == 4
        process.terminate()
        assert process.wait(10) == 0
    log = (folder / "log").read_text()
    assert log.count("hello from worker") == 2
    assert "worker 意外退出（-9）" in log


def test_a_child_that_never_starts_ends_the_attempt_and_shows_why(folder: Path) -> None:
    (folder / "web.sh").write_text("echo no such setting; exit 3")
    with supervising(folder, "never") as process:
        output, _ = process.communicate(timeout=10)
    assert process.returncode == 1
    assert "web 无法启动" in output
    assert "no such setting" in output
