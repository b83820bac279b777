"""Databases with the demo year in them, built once a run and cloned for whoever needs one."""

import os
from pathlib import Path

from tests.stack import Stack, create_database, drop_database

TODAY = "2026-11-20"


def december_database(data_dir: Path) -> str:
    """庄子乡's whole 2025, approved and one button away from publication."""
    name = f"demo_december_{os.getpid()}"
    create_database(name)
    builder = Stack(name, data_dir, broker=9)
    builder.manage("migrate", "-v0", role="owner")
    builder.manage("demo_year", "--stage", "december", "--today", TODAY, "-v0")
    return name


def rectifying_database(template: str, data_dir: Path) -> str:
    """The same after publication: 47 notices printed, reports handed in across 春节 2026, and 2026 up to today."""
    name = f"demo_rectifying_{os.getpid()}"
    create_database(name, template)
    builder = Stack(name, data_dir, broker=9)
    builder.manage("demo_year", "--from", "published", "--stage", "rectifying", "--today", TODAY, "-v0")
    return name


def forget(*names: str) -> None:
    for name in names:
        drop_database(name)
