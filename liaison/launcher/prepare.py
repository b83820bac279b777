"""Bring database and static files to this version of the program, before its parts start."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from liaison.launcher.errors import LauncherError
from liaison.launcher.keep import Keep
from liaison.launcher.processes import die_with_parent

REPOSITORY = Path(__file__).resolve().parents[2]
_SLOW_SECONDS = 5.0
_SHOWN_CHARACTERS = 3000


# Django's own words for a wrong setting, without the way Python got there.
_CHECK = """
import sys
from django.core.exceptions import ImproperlyConfigured
try:
    import liaison.settings
except ImproperlyConfigured as error:
    sys.exit(str(error))
"""


def settings_problem(environment: dict[str, str]) -> str | None:
    """What the program would refuse to start with, in one sentence; None if nothing."""
    done = subprocess.run(
        [sys.executable, "-c", _CHECK],
        cwd=REPOSITORY,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
    return None if done.returncode == 0 else done.stderr.decode("utf-8", "replace").strip()


class Preparation:
    """manage.py commands of one installation; their output goes to its log."""

    def __init__(self, settings: dict[str, str], *, keep: Keep, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._keep = keep
        self._say = say
        self._data = Path(settings["LIAISON_DATA_DIR"])

    def settings(self) -> None:
        """Raises LauncherError with the settings' own sentence when one is missing or wrong."""
        problem = settings_problem(self._settings | {"LIAISON_DB_ROLE": "owner"})
        if problem:
            raise LauncherError(problem)

    def database_roles(self) -> None:
        """Roles and database on a server that is not ours, if we were given its administrator."""
        if self._settings.get("DATABASE_ADMIN_URL"):
            self.manage("prepare_database", what="准备数据库角色", role="owner")

    def tables(self) -> None:
        """Migrations, as the role that owns the tables."""
        self.manage("migrate", "--no-input", what="更新数据表", role="owner")

    def static_files(self) -> None:
        """Collected only when a static file, the settings or a dependency changed."""
        mark = hashlib.sha256(_listing().encode("utf-8")).hexdigest()
        if self._keep.get("static") == mark and (self._data / "static").is_dir():
            return
        self.manage("collectstatic", "--no-input", "--clear", what="整理静态文件")
        self._keep.put("static", mark)

    def manage(self, *arguments: str, what: str, role: str = "worker", is_secret: bool = False) -> str:
        """One command to its end; its output, which is logged unless it is for one pair of eyes.

        Raises LauncherError with the end of it.
        """
        self._say(what)
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=REPOSITORY,
            env=self._settings | {"LIAISON_DB_ROLE": role},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
        if not is_secret:
            with (self._data / "logs" / "prepare.log").open("ab") as log:
                log.write(done.stdout)
        output = done.stdout.decode("utf-8", "replace")
        if done.returncode != 0:
            shown = output[-_SHOWN_CHARACTERS:]
            raise LauncherError(f"“{what}”未完成（manage.py {arguments[0]}）：\n{shown}")
        if time.monotonic() - started > _SLOW_SECONDS:
            self._say(f"    用时 {time.monotonic() - started:.0f} 秒")
        return output


def _listing() -> str:
    files = [REPOSITORY / "requirements.lock", REPOSITORY / "liaison" / "settings.py"]
    files += sorted(path for path in (REPOSITORY / "static").rglob("*") if path.is_file())
    return "\n".join(f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files)
