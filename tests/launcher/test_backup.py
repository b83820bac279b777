"""A backup is whole or refused: rows behind row-level security, files, keys."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import psycopg2
import pytest

from liaison.launcher import backup
from liaison.launcher.backup import Source
from liaison.launcher.cluster import Cluster
from liaison.launcher.errors import LauncherError

WALLED = """
CREATE TABLE walled (scope_code bigint NOT NULL, word text);
INSERT INTO walled VALUES (140702202000, '庄子乡'), (140728103000, '洪善镇');
ALTER TABLE walled ENABLE ROW LEVEL SECURITY; ALTER TABLE walled FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON walled USING (scope_code = nullif(current_setting('app.lo', true), '')::bigint);
GRANT SELECT ON walled TO liaison_web;
"""


def execute(url: str, statement: str) -> list[tuple[object, ...]]:
    link = psycopg2.connect(url)
    try:
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        link.close()


@pytest.fixture
def source(cluster: Cluster) -> Source:
    """An installation with two walled rows and one file."""
    cluster.postgres.recreate_database()
    for aside in cluster.data_dir.glob("files.before-*"):
        shutil.rmtree(aside)
    execute(cluster.urls().database_url, WALLED)
    photo = cluster.data_dir / "files" / "2025" / "照片.jpg"
    photo.parent.mkdir(parents=True, exist_ok=True)
    photo.write_bytes(b"\xff\xd8 picture")
    settings = {"FIELD_KEY": "one", "AUDIT_SALT": "two"}
    return Source(cluster.postgres.programs, cluster.postgres.admin_url(), cluster.data_dir, settings)


def as_web(cluster: Cluster) -> str:
    password = cluster.urls().database_web_password
    return f"postgresql://liaison_web:{password}@127.0.0.1:{cluster.postgres.port}/liaison"


def test_rows_walls_rights_and_files_come_back(source: Source, cluster: Cluster, tmp_path: Path) -> None:
    made = backup.back_up(source, tmp_path)
    cluster.postgres.recreate_database()
    photo = cluster.data_dir / "files" / "2025" / "照片.jpg"
    photo.write_bytes(b"changed since")
    backup.restore(made, source)
    web = as_web(cluster)
    assert execute(source.url, "SELECT count(*) FROM walled") == [(2,)]
    assert execute(web, "SELECT word FROM walled") == []
    assert execute(web, "SET app.lo = '140702202000'; SELECT word FROM walled") == [("庄子乡",)]
    assert execute(web, "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'walled'") == [
        ("liaison_owner",)
    ]
    assert photo.read_bytes() == b"\xff\xd8 picture"
    aside = list(cluster.data_dir.glob("files.before-*/2025/照片.jpg"))
    assert [path.read_bytes() for path in aside] == [b"changed since"]


def test_a_dump_by_somebody_the_walls_bind_is_refused_not_short(source: Source, tmp_path: Path) -> None:
    owner = Cluster(source.data_dir).urls().database_url
    bound = Source(source.programs, owner, source.data_dir, source.settings)
    with pytest.raises(LauncherError, match="row-level security"):
        backup.back_up(bound, tmp_path)
    assert [path.suffix for path in tmp_path.iterdir()] == [".partial"]


def test_a_changed_or_missing_part_is_refused(source: Source, tmp_path: Path) -> None:
    made = backup.back_up(source, tmp_path)
    backup.check(made, source)
    with (made / "database.dump").open("r+b") as dump:
        dump.seek(100)
        dump.write(b"X")
    with pytest.raises(LauncherError, match=r"database\.dump 缺失或已改变"):
        backup.restore(made, source)
    (made / "manifest.json").unlink()
    with pytest.raises(LauncherError, match="不是完整的备份"):
        backup.check(made)


def test_other_keys_are_refused_and_the_backup_does_not_tell_them(source: Source, tmp_path: Path) -> None:
    made = backup.back_up(source, tmp_path)
    other = Source(source.programs, source.url, source.data_dir, {"FIELD_KEY": "other", "AUDIT_SALT": "two"})
    with pytest.raises(LauncherError, match="FIELD_KEY"):
        backup.check(made, other)
    assert "one" not in (made / "manifest.json").read_text()
    assert made.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "files/../../outside", "elsewhere/x"])
def test_a_file_may_not_leave_its_folder(tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / "files.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo(name))
    with pytest.raises(LauncherError, match="不合规则"):
        backup._unpack(tmp_path / "files.tar", tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_a_link_is_not_unpacked(tmp_path: Path) -> None:
    link = tarfile.TarInfo("files/link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with tarfile.open(tmp_path / "files.tar", "w") as archive:
        archive.addfile(link)
    with pytest.raises(LauncherError, match="不合规则"):
        backup._unpack(tmp_path / "files.tar", tmp_path / "data")


def test_only_whole_old_backups_are_forgotten(tmp_path: Path) -> None:
    names = [f"liaison-2026010{day}-000000" for day in (1, 2, 3)]
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").touch()
    (tmp_path / "liaison-20260104-000000.partial").mkdir()
    (tmp_path / "letters").mkdir()
    assert [path.name for path in backup.forget_old(tmp_path, 2)] == names[:1]
    assert backup.forget_old(tmp_path, 0) == []
    assert len(list(tmp_path.iterdir())) == 4


def test_the_command_overwrites_only_when_asked(source: Source, cluster: Cluster, tmp_path: Path) -> None:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("DATABASE", "REDIS"))
    }
    environment |= {"LIAISON_DATA_DIR": str(cluster.data_dir), **source.settings}
    run = [sys.executable, "-m", "liaison.launcher"]
    subprocess.run([*run, "backup", str(tmp_path)], env=environment, check=True, capture_output=True)
    (made,) = tmp_path.iterdir()
    execute(cluster.urls().database_url, "CREATE TABLE django_migrations ()")
    answers = [
        subprocess.run([*run, "restore", str(made), *more], env=environment, check=False, capture_output=True)
        for more in ([], ["--replace"])
    ]
    assert [answer.returncode for answer in answers] == [1, 0]
    assert "--replace" in answers[0].stderr.decode()
    assert not cluster.postgres.has_tables()
    assert execute(source.url, "SELECT count(*) FROM walled") == [(2,)]


def test_the_options_of_the_address_hold_for_the_tools(
    source: Source, cluster: Cluster, tmp_path: Path
) -> None:
    said = Source(source.programs, f"{source.url}?application_name=rd%20office&connect_timeout=5", source.data_dir, source.settings)  # fmt: skip
    made = backup.back_up(said, tmp_path)
    cluster.postgres.recreate_database()
    backup.restore(made, said)
    assert execute(source.url, "SELECT count(*) FROM walled") == [(2,)]
    # Our own server speaks no TLS; asked for it, the tool must not go on without.
    strict = Source(source.programs, f"{source.url}?sslmode=require", source.data_dir, source.settings)
    with pytest.raises(LauncherError, match="SSL"):
        backup.back_up(strict, tmp_path / "strict")
