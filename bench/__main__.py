"""Runs benchmarks by name, each in a process of its own: script/bench [NAME ...] [--json]

A benchmark is a module of this package with a function `run()` that yields (figure, value, unit);
its docstring says what is measured. Django is set up before it is imported.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

Figure = tuple[str, float, str]
_FOLDER = Path(__file__).resolve().parent


def main() -> int:
    """Exit code 1 if any benchmark failed; the others are still measured."""
    arguments = _parser().parse_args()
    if arguments.one:
        return _measure_here(arguments.one)
    names = arguments.names or sorted(path.stem for path in _FOLDER.glob("[!_]*.py"))
    results = {name: _measure(name) for name in names}
    if arguments.json:
        print(json.dumps(results, ensure_ascii=False, indent=1))
    else:
        _print_table(results)
    return 1 if None in results.values() else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    return parser


def _measure(name: str) -> list[Figure] | None:
    """The figures of one benchmark, None if it failed. What it says besides goes to the terminal."""
    read_end, write_end = os.pipe()
    environment = os.environ | {"BENCH_FIGURES": str(write_end)}
    command = [sys.executable, "-m", "bench", "--one", name]
    process = subprocess.Popen(command, env=environment, pass_fds=[write_end], stdout=sys.stderr)
    os.close(write_end)
    with os.fdopen(read_end, encoding="utf-8") as pipe:
        figures = [tuple(json.loads(line)) for line in pipe]
    return figures if process.wait() == 0 else None


def _measure_here(name: str) -> int:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liaison.settings")
    django.setup()
    started = time.perf_counter()
    run = importlib.import_module(f"bench.{name}").run
    with os.fdopen(int(os.environ["BENCH_FIGURES"]), "w", encoding="utf-8") as pipe:
        _write(pipe, run())
        _write(pipe, [("whole benchmark", round(time.perf_counter() - started, 2), "s")])
    return 0


def _write(pipe: TextIO, figures: Iterable[Figure]) -> None:
    for figure in figures:
        print(json.dumps(figure, ensure_ascii=False), file=pipe, flush=True)


def _print_table(results: dict[str, list[Figure] | None]) -> None:
    for name, figures in results.items():
        print(f"\n{name}")
        for label, value, unit in figures or [("FAILED", 1, "")]:
            print(f"  {label:<52} {value:>12,.4g} {unit}")


if __name__ == "__main__":
    sys.exit(main())
