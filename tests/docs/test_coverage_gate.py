"""The gate of coverage counts right, fails where it should, and guards files that exist (no database)."""

import importlib.util
import json
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("liaison", "deputies", "stations", "constituents", "assessments", "reports")


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("coverage_gate", ROOT / "script" / "coverage_gate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


gate = _load()


def figures(**files: tuple[int, int, int, int]) -> dict:
    """A report of coverage: statements, covered lines, branches, covered branches of each file."""
    names = ("num_statements", "covered_lines", "num_branches", "covered_branches")
    return {
        "files": {
            path.replace("__", "/") + ".py": {"summary": dict(zip(names, numbers, strict=True))}
            for path, numbers in files.items()
        }
    }


def our_files() -> dict[str, object]:
    return {
        path.relative_to(ROOT).as_posix(): gate.Count(1, 1)
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts
    }


def our_rooms() -> list:
    return gate.rooms_of(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8")))


def test_lines_and_branches_count_together() -> None:
    counts = gate.counts_of(figures(stations__access=(8, 7, 2, 1)))
    assert counts == {"stations/access.py": gate.Count(10, 8)}
    assert counts["stations/access.py"].percent == 80


def test_a_room_at_its_figure_passes() -> None:
    counts = gate.counts_of(figures(stations__access=(80, 79, 20, 19), stations__views=(9, 0, 1, 0)))
    rows, reached = gate.report([gate.Room("access", 98, ("*/access.py",))], counts)
    assert rows == ["access      98.00 %  (at least 98)  2 of 100 untested"]
    assert reached is True


def test_a_room_below_its_figure_fails_and_names_its_weakest_file_first() -> None:
    counts = gate.counts_of(figures(stations__access=(90, 89, 10, 9), deputies__access=(100, 99, 0, 0)))
    rows, reached = gate.report([gate.Room("access", 98.6, ("*/access.py",))], counts)
    assert rows == [
        "access      98.50 %  (at least 98.6)  3 of 200 untested  FAILED",
        "     98.00 %     2 untested  stations/access.py",
        "     99.00 %     1 untested  deputies/access.py",
    ]
    assert reached is False


def test_a_pattern_that_matches_no_file_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "figures.json"
    report.write_text(json.dumps(figures(stations__access=(1, 1, 0, 0))))
    assert gate.main([str(report)]) == 2
    assert "services: */services/*\n" in capsys.readouterr().out


def test_every_pattern_guards_a_file() -> None:
    assert gate.stale_patterns(our_rooms(), our_files()) == []


def test_every_module_of_services_access_and_rules_stands_in_its_room() -> None:
    rooms = {room.name: gate.files_in(room, our_files()) for room in our_rooms()}
    folder_of = {"services": "services", "rules": "rules", "roster": "rules", "scoring": "rules"}
    astray = [
        path
        for path in our_files()
        for folder, room in folder_of.items()
        if folder in Path(path).parts[1:-1] and path not in rooms[room]
    ]
    assert astray == []
    assert [path for path in our_files() if path.endswith("access.py") and path not in rooms["access"]] == []
