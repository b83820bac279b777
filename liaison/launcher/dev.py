"""For developers: the servers and the data of the demo, and Django's own server that reloads what changes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

from liaison.launcher.installation import say
from liaison.launcher.manager import Manager
from liaison.launcher.prepare import REPOSITORY
from liaison.launcher.processes import die_with_parent
from liaison.launcher.program import Application

_LOOPBACK = "127.0.0.1"  # the error pages of this server show settings and source


class Development(Application):
    """script/dev: no web part, the worker only if asked for."""

    def __init__(self, *, port: int | None, with_worker: bool) -> None:
        os.environ["LIAISON_ENV"] = "dev"
        super().__init__("demo", listen=_LOOPBACK, port=port)
        self.parts = ("worker", "beat") if with_worker else ()

    def static_files(self) -> None:
        """Nothing to collect: they are served from where they are edited."""

    def watch(self, manager: Manager) -> None:
        """Until the server ends by itself, which it does not do for a fault in the code."""
        server = self._serve()
        try:
            self.announce()
            while server.poll() is None:
                for kept in manager.ends():
                    self.tell(kept)
                time.sleep(0.5)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)
            server.wait()

    def _serve(self) -> subprocess.Popen[bytes]:
        settings = self.installation.settings
        say("启动开发服务器；改动 Python 文件或模板后自动重新加载")
        return subprocess.Popen(
            [sys.executable, "manage.py", "runserver", "--nostatic", f"{_LOOPBACK}:{settings['WEB_PORT']}"],
            cwd=REPOSITORY,
            env=settings | {"LIAISON_DB_ROLE": "web", "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - the launcher has one thread
        )
