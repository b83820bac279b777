"""Applies each break of ``mutants.toml`` to a copy of the checkout and runs the tests named for it.

    python script/mutants.py [WORD …]

A break is killed when its tests fail, and survives when they pass. A break whose words are no longer in the
file exactly once is stale. Prints one row a break and the rate; ends with 1 if any survives or is stale, or
if the tests fail without any. Needs the servers of the tests: ``script/mutants`` starts them.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "tests" / "security" / "mutants.toml"
# pytest's own answers: some tests failed, or a broken module could not be imported at all.
FAILED, NOT_COLLECTED = 1, 2
TEMPLATE = "mutants_template"


@dataclass(frozen=True)
class Mutant:
    """One break: in ``file`` the words ``old`` become ``new``, and ``tests`` must fail."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    # Whether the break is in what makes the tables, so that the databases of the tests are made anew.
    migrates: bool = False


def table() -> list[Mutant]:
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8"))["mutant"]
    return [Mutant(**{**row, "tests": tuple(row["tests"])}) for row in rows]


def tracked() -> list[str]:
    """The files of the checkout as they are now, new ones too."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    return [name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def copy_to(folder: Path) -> None:
    for name in tracked():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)


@contextmanager
def broken(folder: Path, mutant: Mutant) -> Iterator[bool]:
    """The copy with the break in it; whether its words were there exactly once."""
    path = folder / mutant.file
    text = path.read_text(encoding="utf-8")
    fits = text.count(mutant.old) == 1
    try:
        if fits:
            path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
        yield fits
    finally:
        path.write_text(text, encoding="utf-8")


def run(folder: Path, tests: tuple[str, ...], template: str = "", *, is_told: bool = False) -> int:
    """pytest's answer; ``template`` is a database made before, for breaks that change no table."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    if template:
        environment["MIGRATED_DATABASE"] = template
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
        *tests,
    ]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, FAILED) or is_told:
        print(done.stdout[-1500:], done.stderr[-500:])
    return done.returncode


def verdict(folder: Path, mutant: Mutant, template: str) -> str:
    with broken(folder, mutant) as fits:
        if not fits:
            return "STALE"
        answer = run(folder, mutant.tests, "" if mutant.migrates else template)
    return (
        "killed" if answer in (FAILED, NOT_COLLECTED) else "SURVIVED" if answer == 0 else f"pytest {answer}"
    )


def main(words: list[str]) -> int:
    chosen = [each for each in table() if not words or any(word in each.name for word in words)]
    verdicts = dict[str, str]()
    with tempfile.TemporaryDirectory(prefix="mutants-") as name:
        folder = Path(name)
        copy_to(folder)
        sys.path.insert(0, str(ROOT))
        from tests.demo import migrated_database
        from tests.stack import create_database, drop_database

        # A copy of its own: a break that migrates anew takes the database of the tests away.
        create_database(TEMPLATE, migrated_database("mutants", folder))
        everything = tuple(sorted({test for each in chosen for test in each.tests}))
        if run(folder, everything, TEMPLATE, is_told=True) != 0:
            print("the tests fail without any break")
            return 1
        for each in chosen:
            started = time.monotonic()
            verdicts[each.name] = found = verdict(folder, each, TEMPLATE)
            print(f"{found:<9} {time.monotonic() - started:5.0f} s  {each.name}", flush=True)
        drop_database(TEMPLATE)
    killed = sum(found == "killed" for found in verdicts.values())
    print(f"\n{killed} of {len(verdicts)} killed")
    return 0 if killed == len(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
