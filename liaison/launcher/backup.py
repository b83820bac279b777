"""A backup folder: the whole database, the uploaded files, and what to check them by.

The database is read by the administrator: tables are under forced row-level security, and a
dump taken by anybody it binds would silently miss rows (pg_dump refuses instead).
Files are copied after the database: a file is written before its row, so every row's file is there.
Keys are not in the backup; it carries their fingerprint, and restoring under another key is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from liaison import database_url
from liaison.launcher.errors import LauncherError

_DUMP, _FILES, _MANIFEST = "database.dump", "files.tar", "manifest.json"
_BLOCK = 1024 * 1024


@dataclass(frozen=True)
class Source:
    """What is backed up: PostgreSQL's own tools, an administrator's address, the data folder, the keys."""

    programs: Path
    url: str
    data_dir: Path
    settings: Mapping[str, str]

    def environment(self) -> dict[str, str]:
        """libpq's variables: a password in an argument would show in the process list."""
        address = database_url.parse(self.url)
        return {
            "PATH": f"{self.programs}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "PGHOST": address.host or "127.0.0.1",
            "PGPORT": address.port or "5432",
            "PGUSER": address.user,
            "PGPASSWORD": address.password,
        }

    def database(self) -> str:
        """The argument that names the database and says how to reach it (sslmode …); no secret in it."""
        return f"--dbname={database_url.parse(self.url).connection_string()}"

    def fingerprint(self) -> str:
        """Tells two sets of keys apart without telling the keys."""
        keys = "\n".join(self.settings.get(name, "") for name in ("FIELD_KEY", "AUDIT_SALT"))
        return hashlib.sha256(("liaison backup\n" + keys).encode("utf-8")).hexdigest()[:16]


def back_up(source: Source, parent: Path) -> Path:
    """Write a new folder below the parent and return it; a broken-off one keeps the name .partial."""
    name = time.strftime("liaison-%Y%m%d-%H%M%S")
    partial = parent / f"{name}.partial"
    partial.mkdir(mode=0o700, parents=True)
    _tool(source, "pg_dump", "--format=custom", f"--file={partial / _DUMP}", source.database())
    _pack(source.data_dir / "files", partial / _FILES)
    sums = {file: _digest(partial / file) for file in (_DUMP, _FILES)}
    manifest = {"made_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "keys": source.fingerprint(), "sums": sums}
    (partial / _MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    for file in (*sums, _MANIFEST):
        _sync(partial / file)
    return partial.rename(parent / name)


def check(folder: Path, source: Source | None = None) -> None:
    """Every file is there and unchanged, and the keys are those of the backup.

    Raises LauncherError naming what is wrong.
    """
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LauncherError(f"{folder} 不是完整的备份（缺少 {_MANIFEST}）。") from error
    for file, digest in manifest["sums"].items():
        if not (folder / file).exists() or _digest(folder / file) != digest:
            raise LauncherError(f"备份中的 {file} 缺失或已改变，不能恢复。")
    if source is not None and manifest["keys"] != source.fingerprint():
        raise LauncherError(
            "当前的 FIELD_KEY、AUDIT_SALT 与备份时不同，恢复后个人信息将无法读取。请先换回原来的密钥。"
        )


def restore(folder: Path, source: Source) -> None:
    """Fill an empty database and put the files back; the files that were there are kept aside."""
    check(folder, source)
    _tool(
        source,
        "pg_restore",
        "--exit-on-error",
        source.database(),
        str(folder / _DUMP),
    )
    files = source.data_dir / "files"
    if files.exists():
        files.rename(source.data_dir / time.strftime("files.before-%Y%m%d-%H%M%S"))
    _unpack(folder / _FILES, source.data_dir)


def _tool(source: Source, name: str, *arguments: str) -> None:
    done = subprocess.run(
        [str(source.programs / name), *arguments],
        env=source.environment(),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise LauncherError(f"{name} 未完成：{done.stderr.strip()[-2000:]}")


def _pack(folder: Path, target: Path) -> None:
    """Uncompressed: pictures and PDFs do not get smaller."""
    with tarfile.open(target, "w") as archive:
        if folder.exists():
            archive.add(folder, arcname="files")


def _unpack(archive_path: Path, target: Path) -> None:
    """Plain files and folders below `files` only: no link, no device, no way out of the folder.

    By hand, since Debian 12's Python 3.11.2 has no extraction filter yet.
    """
    with tarfile.open(archive_path) as archive:
        for member in archive:
            place = PurePosixPath(member.name)
            if (
                place.parts[:1] != ("files",)
                or ".." in place.parts
                or not (member.isfile() or member.isdir())
            ):
                raise LauncherError(f"备份中的文件 {member.name} 不合规则，已停止恢复。")
            path = target.joinpath(place)
            (path if member.isdir() else path.parent).mkdir(parents=True, exist_ok=True)
            content = archive.extractfile(member)
            if content is not None:
                with content, path.open("xb") as file:
                    shutil.copyfileobj(content, file)
                path.chmod(member.mode & 0o777)
                os.utime(path, (member.mtime, member.mtime))


def _digest(path: Path) -> str:
    sums = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            sums.update(block)
    return sums.hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def forget_old(parent: Path, keep: int) -> list[Path]:
    """Remove all but the newest whole backups; what was removed."""
    whole = sorted(path for path in parent.glob("liaison-[0-9]*-[0-9]*") if (path / _MANIFEST).exists())
    old = whole[:-keep] if keep else []
    for path in old:
        shutil.rmtree(path)
    return old
