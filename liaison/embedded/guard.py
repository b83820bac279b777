"""A small process that ends what a killed supervisor leaves behind.

The kernel signals the supervisor's own children when it dies (PR_SET_PDEATHSIG), but not theirs: a
pool process of a dead worker could live on. The guard holds the list of process groups and waits
for the supervisor's pipe to close.
"""

from __future__ import annotations

import os
import signal
import time

_GRACE_SECONDS = 6.0


class Guard:
    """Fork it before the first child starts, tell it of every group, dismiss it after a clean stop."""

    def __init__(self) -> None:
        read_end, self._write_end = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._write_end)
            try:
                _watch(read_end)
            finally:
                os._exit(0)
        os.close(read_end)

    def add(self, group: int) -> None:
        """From now on this process group dies with the supervisor."""
        self._tell(f"+{group}\n")

    def remove(self, group: int) -> None:
        """The group has ended; its number may soon belong to somebody else."""
        self._tell(f"-{group}\n")

    def dismiss(self) -> None:
        """The stop was clean: the guard leaves without touching anything."""
        self._tell("!\n")
        os.close(self._write_end)

    def _tell(self, line: str) -> None:
        try:
            os.write(self._write_end, line.encode("ascii"))
        except BrokenPipeError:
            return  # the guard was killed; the kernel's signal to the children remains


def _watch(read_end: int) -> None:
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    with os.fdopen(read_end, encoding="ascii") as pipe:
        for line in pipe:
            if line.startswith("!"):
                return
            group = int(line[1:])
            groups.add(group) if line.startswith("+") else groups.discard(group)
    _end(groups)


def _end(groups: set[int]) -> None:
    signal_groups(groups, signal.SIGTERM)
    deadline = time.monotonic() + _GRACE_SECONDS
    while time.monotonic() < deadline and signal_groups(groups, None):
        time.sleep(0.1)
    signal_groups(groups, signal.SIGKILL)


def signal_groups(groups: set[int], number: signal.Signals | None) -> set[int]:
    """Signal every group (None: only ask); those that still have a member."""
    living = set()
    for group in groups:
        try:
            os.killpg(group, number or 0)
        except (ProcessLookupError, PermissionError):
            continue
        living.add(group)
    return living
