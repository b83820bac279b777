"""The scripts a person calls: documented, careful, and handing on what they were given."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(
    path for path in (ROOT / "script").iterdir() if path.is_file() and path.suffix not in (".sh", ".py")
)
# script/NAME ARGUMENTS → what the interpreter of .venv is asked to run.
HANDED_ON = {
    "backup": "-m liaison.launcher backup",
    "demo": "-m liaison.launcher demo",
    "dev": "-m liaison.launcher dev",
    "manage": "-m liaison.launcher manage",
    "restore": "-m liaison.launcher restore",
    "screenshots": "docs/screenshots.py",
    "serve": "-m liaison.launcher serve",
}
ARGUMENTS = ["--one", "two words", "*"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The scripts, with nothing to set up and an interpreter that only says what it was asked."""
    shutil.copytree(ROOT / "script", tmp_path / "script")
    write_program(tmp_path / "script" / "setup", 'printf "setup %s\\n" "$*"')
    write_program(tmp_path / ".venv" / "bin" / "python", 'printf "<%s>\\n" "$@"')
    return tmp_path


def write_program(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=dict(os.environ) | environment,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("name", HANDED_ON)
def test_every_argument_is_handed_on_as_it_was_given_from_any_folder(checkout: Path, name: str) -> None:
    done = run(checkout / "script" / name, *ARGUMENTS, cwd=checkout / "script")
    words = [line for line in done.stdout.splitlines() if not line.startswith("setup")]
    assert words == [f"<{word}>" for word in (*HANDED_ON[name].split(), *ARGUMENTS)]
    assert (done.returncode, done.stderr) == (0, "")


def test_serve_installs_when_asked(checkout: Path) -> None:
    done = run(checkout / "script" / "serve", "--install", "--into", "a folder", cwd=checkout)
    wanted = ["-m", "liaison.launcher", "install", "--into", "a folder"]
    assert done.stdout.splitlines() == ["setup ", *(f"<{word}>" for word in wanted)]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_every_script_stops_at_a_failure_and_says_at_its_head_what_it_does(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert lines[0] == "#!/usr/bin/env bash"
    assert lines[1].startswith("# ")
    # script/test goes on after a failure, to report all of them.
    wanted = "set -uo pipefail" if path.name == "test" else "set -euo pipefail"
    assert wanted in lines
    assert os.access(path, os.X_OK)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_every_script_is_in_the_operations_guide(path: Path) -> None:
    assert f"`script/{path.name}" in (ROOT / "docs" / "operations.md").read_text()


def test_setup_without_a_python_that_is_new_enough_says_which_is_needed(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "script", tmp_path / "script")
    done = run(tmp_path / "script" / "setup", cwd=tmp_path, LIAISON_PYTHON="false")
    assert done.returncode == 1
    assert done.stderr.startswith("需要 Python 3.11 或更高版本。")
    assert not (tmp_path / ".venv").exists()


def test_a_second_run_in_the_same_checkout_waits_for_the_first(tmp_path: Path) -> None:
    """The first to end would stop the servers under the second."""
    script = ". script/lib.sh; hold data; echo held; sleep 1; echo left"
    shutil.copytree(ROOT / "script", tmp_path / "script")
    command = ["bash", "-c", f"({script}) & sleep 0.3; {script}; wait"]
    done = run(*command, cwd=tmp_path)
    assert done.stdout.split() == ["held", "left", "held", "left"]
    assert done.stderr == "waiting for another run in this checkout\n"
