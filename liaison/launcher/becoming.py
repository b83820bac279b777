"""One part or server in the foreground, for whatever keeps it alive: supervisord, systemd, a container.

A part (web, worker, beat) replaces this process. A server (postgres, queue) is a child of it: this process
prepares its folder, starts it, stops it on SIGTERM, and leaves with an error when it is gone.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from types import FrameType
from typing import NoReturn

from liaison.launcher import parts
from liaison.launcher.errors import LauncherError
from liaison.launcher.installation import Installation
from liaison.launcher.prepare import REPOSITORY, settings_problem
from liaison.launcher.processes import MARK, end_left_behind, end_with_parent, is_alive, marked

SERVERS = ("postgres", "queue")
_POLITE_SECONDS = 5.0


def become_part(part: str) -> NoReturn:
    """Replace this process by the part. Raises LauncherError when its settings are wrong."""
    installation = Installation()
    _belong(installation, part)
    installation.complete()
    environment = parts.environment_of(part, installation.settings) | {"LIAISON_PART": part}
    problem = settings_problem(environment)
    if problem:
        raise LauncherError(problem)
    arguments = parts.command(part, environment)
    os.chdir(REPOSITORY)
    os.execvpe(arguments[0], arguments, environment)  # noqa: S606 - a fixed list, no shell wanted


def attend_server(server: str) -> int:
    """Start a server and stay with it. 0 after SIGTERM; 1 when it ended by itself."""
    installation = Installation(with_parent=True)
    _belong(installation, server)
    cluster, is_postgres = installation.cluster, server == "postgres"
    which = {"postgres": is_postgres, "valkey": not is_postgres}
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    try:
        cluster.start(**which)
        pid = cluster.postgres.pid() if is_postgres else next(iter(cluster.valkey.pids()), None)
        while pid is not None and is_alive(pid):
            time.sleep(0.3)
    except _LeaveError:
        return 0
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        cluster.stop(**which)
    sys.stderr.write(f"{server} 意外停止。\n")
    return 1


def _belong(installation: Installation, name: str) -> None:
    """Under our own launcher: end with it, after ending what this part left behind when it was killed.

    Under anything else: hold the data folder, so that launcher and restore stay out.
    """
    folder = installation.data_dir
    if MARK not in os.environ:
        installation.share()
        return
    parent = end_with_parent(signal.SIGTERM)
    if parent not in marked(folder):
        raise LauncherError("启动本部分的程序已经退出。")
    end_left_behind(folder, _POLITE_SECONDS, LIAISON_PART=name)


class _LeaveError(BaseException):
    """SIGTERM, while a server starts or runs; no `except Exception` may swallow it."""


def _leave(number: int, frame: FrameType | None) -> None:
    raise _LeaveError
