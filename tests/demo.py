"""Databases made once a run, by whichever process needs them first, then cloned: migrated, and with the demo year."""

import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest

from tests.stack import ROOT, Stack, create_database, databases, drop_database, rename_database

MIGRATED = "test_migrated_"
# 庄子乡 in full; of the other offices tests only ask that they are there and apart.
OPTIONS = ("--today", "2026-11-20", "--neighbours", "0.2", "-v0")


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
    """All tables, no rows of ours; kept for the next run as long as nothing that makes it changes."""
    if given := os.environ.get("MIGRATED_DATABASE"):
        return given
    name, half = f"{MIGRATED}{_digest_of_tables()}", f"test_migrating_{run}"

    def build() -> None:
        if name in databases(MIGRATED):
            return
        for former in databases(MIGRATED):
            drop_database(former)
        create_database(half)
        Stack(half, folder / "migrated", broker=9).python(_MIGRATE, role="owner")
        # Another run beside this one may have been quicker.
        with contextlib.suppress(psycopg2.errors.DuplicateDatabase):
            rename_database(half, name)

    _once(folder, name, build)
    return name


# Rendering the states of all migrations makes millions of objects and no garbage worth a pause.
_MIGRATE = """
import gc, django
from django.core.management import call_command
gc.disable()
django.setup()
call_command("migrate", verbosity=0, interactive=False)
# An office migrates again with every new version: what the second time undoes, the tests must see.
call_command("migrate", verbosity=0, interactive=False)
"""


def _digest_of_tables() -> str:
    """Of every file that says what the tables and their walls look like."""
    found = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    patterns = (
        "*/migrations/*",
        "*/models.py",
        "*/models/*.py",
        "*/apps.py",
        "*/*.sql",
        "liaison/**/*.py",
        "liaison/tenancy/*.py",
        "liaison/calendar/days.py",
    )
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file():
                found.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return found.hexdigest()[:16]


def december_database(run: str, template: str, folder: Path) -> str:
    """庄子乡's whole 2025, approved and one button away from publication."""
    name = f"demo_december_{run}"

    def build() -> None:
        create_database(name, template)
        builder = Stack(name, folder / "december", broker=9)
        builder.manage("demo_year", "--stage", "december", *OPTIONS)

    _once(folder, name, build)
    return name


def rectifying_database(run: str, template: str, folder: Path) -> tuple[str, Path]:
    """The same after publication: 47 notices printed, reports handed in across 春节 2026."""
    name, files = f"demo_rectifying_{run}", folder / "rectifying"

    def build() -> None:
        create_database(name, template)
        builder = Stack(name, files, broker=9)
        # Rows without their files would be damage.
        if (kept := folder / "december" / "files").exists():
            shutil.copytree(kept, files / "files")
        builder.manage("demo_year", "--from", "published", "--stage", "rectifying", *OPTIONS)

    _once(folder, name, build)
    return name, files


def forget_all(run: str) -> None:
    for name in ("demo_december", "demo_rectifying", "test_migrating"):
        drop_database(f"{name}_{run}")
