"""Databases made once a run, by whichever process needs them first, then cloned: migrated, and with the demo year."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stack import Stack, create_database, drop_database

TODAY = "2026-11-20"


def run_id(config: pytest.Config) -> str:
    """The same for all processes of one run."""
    worker = getattr(config, "workerinput", {})
    return str(worker.get("testrunuid") or getattr(config.option, "testrunuid", None) or os.getpid())[
        :8
    ].lower()


def _once(folder: Path, name: str, build: Callable[[], None]) -> None:
    """Run ``build`` in one process; the others wait for it and find its mark."""
    mark = folder / f"{name}.built"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.exists():
            build()
            mark.touch()


def migrated_database(run: str, folder: Path) -> str:
    """All tables, no rows of ours."""
    name = f"test_migrated_{run}"

    def build() -> None:
        create_database(name)
        Stack(name, folder / "migrated", broker=9).manage("migrate", "-v0", role="owner")

    _once(folder, name, build)
    return name


def december_database(run: str, template: str, folder: Path) -> str:
    """庄子乡's whole 2025, approved and one button away from publication."""
    name = f"demo_december_{run}"

    def build() -> None:
        create_database(name, template)
        builder = Stack(name, folder / "december", broker=9)
        builder.manage("demo_year", "--stage", "december", "--today", TODAY, "-v0")

    _once(folder, name, build)
    return name


def rectifying_database(run: str, template: str, folder: Path) -> tuple[str, Path]:
    """The same after publication: 47 notices printed, reports handed in across 春节 2026."""
    name, files = f"demo_rectifying_{run}", folder / "rectifying"

    def build() -> None:
        create_database(name, template)
        builder = Stack(name, files, broker=9)
        builder.manage("demo_year", "--from", "published", "--stage", "rectifying", "--today", TODAY, "-v0")

    _once(folder, name, build)
    return name, files


def forget_all(run: str) -> None:
    for name in ("demo_december", "demo_rectifying", "test_migrated"):
        drop_database(f"{name}_{run}")
