"""The launcher in miniature: real supervisord, PostgreSQL and Valkey, and small programs in place of ours.

Run as a program it is ``script/serve`` of a folder: ``python -m tests.launcher.miniature FOLDER PORT``.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from liaison.launcher import manager
from liaison.launcher.cluster import Cluster
from liaison.launcher.dev import Development
from liaison.launcher.errors import LauncherError
from liaison.launcher.processes import all_pids, end_left_behind, free_port, is_alive
from liaison.launcher.program import Application

ROOT = Path(__file__).resolve().parents[2]

# Ready as soon as it listens; with a pool process that would outlive it.
WEB = """
import os, subprocess, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(str(os.getpid()).encode())
subprocess.Popen(["sleep", "600"])
print("hello from web", flush=True)
HTTPServer(("127.0.0.1", int(os.environ["WEB_PORT"])), Page).serve_forever()
"""
# A leader with a pool that is deaf to the polite signal, as a busy one is.
WORKER = "import subprocess, time; subprocess.Popen(['sh', '-c', 'trap \\'\\' TERM; while :; do sleep 1; done']); time.sleep(600)"
BEAT = "import time; time.sleep(600)"
# As becoming.become_part does, with our program in place of theirs.
PART = """
import os, sys
from liaison.launcher import becoming
from liaison.launcher.installation import Installation
becoming._belong(Installation(), sys.argv[1])
os.execv(sys.executable, [sys.executable, sys.argv[2]])
"""


class _Unprepared:
    """Without Django's preparation, which takes longer than everything else together."""

    def _prepare(self) -> None:
        """No tables, no demo year, no static files."""

    def _preparation(self) -> _Unprepared:
        return self

    def settings(self) -> None:
        """Nothing to be wrong."""

    def manage(self, *_: object, **__: object) -> str:
        """No accounts to tell of."""
        return ""


class Miniature(_Unprepared, Application):  # type: ignore[misc]
    """script/serve."""


class MiniatureDevelopment(_Unprepared, Development):  # type: ignore[misc]
    """script/dev, with its real server."""


def configure(folder: Path, **programs: str) -> Path:
    """The shipped configuration with these programs in place of web, worker and beat."""
    text = manager.CONFIGURATION.read_text(encoding="utf-8")
    (folder / "part.py").write_text(PART, encoding="utf-8")
    for name, source in ({"web": WEB, "worker": WORKER, "beat": BEAT} | programs).items():
        (folder / f"{name}.py").write_text(source, encoding="utf-8")
        stub = f'command="%(ENV_LIAISON_PYTHON)s" {folder}/part.py {name} {folder}/{name}.py'
        former = f'command="%(ENV_LIAISON_PYTHON)s" -m liaison.launcher {name}'
        assert text.count(former) == 1
        text = text.replace(former, stub)
    text = text.replace("stopwaitsecs=35", "stopwaitsecs=3")
    path = folder / "supervisord.conf"
    path.write_text(text, encoding="utf-8")
    return path


class Run:
    """One running miniature and what it said."""

    def __init__(self, folder: Path, port: int, mode: str = "serve") -> None:
        self.folder, self.data, self.port = folder, folder / "data", port
        names = ("DATABASE", "REDIS", "WEB_", "LIAISON_RUN", "LIAISON_PART")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(names)}
        environment |= {"LIAISON_DATA_DIR": str(self.data), "PYTHONPATH": str(ROOT)}
        self.said = folder / f"said-{time.monotonic_ns()}"
        with self.said.open("wb") as output:
            command = [sys.executable, "-m", "tests.launcher.miniature", str(folder), str(port), mode]
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
            )

    def words(self) -> str:
        return self.said.read_text(encoding="utf-8")

    def await_words(self, wanted: str, seconds: float = 120.0) -> None:
        def is_said() -> bool:
            assert self.process.poll() is None or wanted in self.words(), self.words()
            return wanted in self.words()

        await_true(is_said, seconds, lambda: f"“{wanted}” not said: {self.words()}")

    def web(self) -> int | None:
        """The pid of the web part if it answers now."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=2) as answer:
                return int(answer.read())
        except (urllib.error.URLError, OSError):
            return None

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(120)

    def everything(self) -> list[int]:
        """Every living process that names the folder in its command or environment, the servers included."""
        return [pid for pid in all_pids() if self._ours(pid)]

    def _ours(self, pid: int) -> bool:
        if pid == os.getpid() or not is_alive(pid):
            return False
        said = b""
        for name in ("cmdline", "environ"):
            with suppress(OSError):
                said += Path(f"/proc/{pid}/{name}").read_bytes()
        with suppress(OSError):
            said += os.readlink(f"/proc/{pid}/cwd").encode()
        return str(self.folder).encode() in said

    def supervisor(self) -> int:
        """Its pid."""
        (found,) = [pid for pid in self.everything() if "liaison.launcher.keeper" in command_line(pid)]
        return found


def command_line(pid: int) -> str:
    """Its words with blanks between them; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
    except OSError:
        return ""


@contextmanager
def running(folder: Path, mode: str = "serve") -> Iterator[Run]:
    """A miniature that is ready; whatever a test leaves of it is ended."""
    run = Run(folder, free_port(), mode)
    try:
        run.await_words("已就绪")
        yield run
    finally:
        clean(run)


def clean(run: Run) -> None:
    """Whatever a test leaves of a run is ended, the servers too."""
    with suppress(ProcessLookupError):
        run.process.kill()
    run.process.wait(10)
    if run.data.exists():
        end_left_behind(run.data, 1.0)
        Cluster(run.data).stop()


def await_true(is_true: Callable[[], object], seconds: float, what: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, what()
        time.sleep(0.05)


def main(folder: Path, port: int, mode: str) -> int:
    manager._GIVEN_UP_SECONDS = 3.0
    try:
        if mode == "dev":
            return MiniatureDevelopment(port=port, with_worker=False).run()
        configuration = folder / "supervisord.conf"
        return Miniature("serve", listen="127.0.0.1", port=port, configuration=configuration).run()
    except LauncherError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
