"""Real servers in folders of their own. pytest's tmp_path will not do: as root it is closed to others."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from liaison.launcher.cluster import Cluster

_MEMORY = Path("/dev/shm")


def make_folder() -> Path:
    """A fresh folder that an unprivileged user may enter; in memory if there is room (fsync is free)."""
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > 500 * 1024 * 1024
    folder = Path(tempfile.mkdtemp(prefix="liaison-test-", dir=_MEMORY if roomy else None))
    folder.chmod(0o711)
    return folder


@pytest.fixture
def folder() -> Iterator[Path]:
    made = make_folder()
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def shared_cluster() -> Iterator[Cluster]:
    """One cluster for a module: making one takes a second."""
    made = make_folder()
    cluster = Cluster(made / "data")
    cluster.start()
    yield cluster
    cluster.stop()
    shutil.rmtree(made)


@pytest.fixture
def cluster(shared_cluster: Cluster) -> Cluster:
    """The shared cluster, running, whatever the test before did to it."""
    shared_cluster.start()
    return shared_cluster
