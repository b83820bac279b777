"""The systemd units of an office: valid to systemd's own checker, complete, and refused where they cannot run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from liaison.launcher import becoming, parts, units
from liaison.launcher.errors import LauncherError

OWN = {"DATABASE_URL": "", "REDIS_URL": ""}
ALL = {*parts.PARTS, *becoming.SERVERS, "prepare"}


@pytest.fixture(autouse=True)
def _no_office(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (*OWN, "SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LIAISON_DATA_DIR", str(tmp_path / "data"))


def written(folder: Path) -> dict[str, str]:
    units.install(into=folder)
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_every_part_and_server_has_a_unit_that_never_gives_up(tmp_path: Path) -> None:
    found = written(tmp_path / "units")
    assert set(found) == {units.TARGET, *(f"liaison-{name}.service" for name in ALL)}
    for name in ALL:
        lines = found[f"liaison-{name}.service"].splitlines()
        wanted = "Restart=on-failure" if name == "prepare" else "Restart=always"
        assert [line for line in lines if line.startswith("Restart=")] == [wanted]
        assert "StartLimitIntervalSec=0" in lines
        assert f"ExecStart={sys.executable} -m liaison.launcher {name}" in lines
        assert "User=root" not in lines
        assert [line for line in lines if "$" in line] == []


def test_the_target_wants_them_all(tmp_path: Path) -> None:
    (line,) = [
        line
        for line in written(tmp_path / "units")[units.TARGET].splitlines()
        if line.startswith("Wants=liaison")
    ]
    assert set(line.removeprefix("Wants=").split()) == {f"liaison-{name}.service" for name in ALL}


def test_no_unit_requires_another_so_that_none_falls_with_it(tmp_path: Path) -> None:
    text = "\n".join(written(tmp_path / "units").values())
    assert [
        line for line in text.splitlines() if line.startswith(("Requires=", "BindsTo=", "Requisite="))
    ] == []


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd on this machine")
def test_systemd_finds_nothing_to_say_about_them(tmp_path: Path) -> None:
    files = [str(tmp_path / "units" / name) for name in written(tmp_path / "units")]
    done = subprocess.run(["systemd-analyze", "verify", *files], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_servers_of_ones_own_need_no_unit_and_the_old_one_goes(tmp_path: Path) -> None:
    folder, data = tmp_path / "units", tmp_path / "data"
    assert "liaison-postgres.service" in written(folder)
    given = {"DATABASE_URL": "postgresql://owner@db/liaison", "REDIS_URL": "redis://queue"}
    own = units.texts(given, data=data, user="liaison", version=252)
    assert set(own) == {units.TARGET, *(f"liaison-{name}.service" for name in ALL - {"postgres", "queue"})}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", given["DATABASE_URL"])
        assert "liaison-postgres.service" not in written(folder)


@pytest.mark.parametrize(("version", "grows"), [(252, False), (254, True), (257, True)])
def test_pauses_grow_where_systemd_knows_how(tmp_path: Path, version: int, grows: bool) -> None:
    text = units.texts(OWN, data=tmp_path, user="liaison", version=version)["liaison-web.service"]
    assert ("RestartMaxDelaySec=60" in text.splitlines()) is grows


def test_a_path_that_systemd_would_take_apart_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LauncherError, match="只能由字母、数字"):
        units.texts(OWN, data=tmp_path / "two words", user="liaison", version=252)


def test_printing_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert units.install(only_print=True) == 0
    assert "# liaison-web.service\n[Unit]\n" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.path.isdir("/run/systemd/system"), reason="this machine is run by systemd")
def test_without_systemd_it_is_refused_in_words() -> None:
    with pytest.raises(LauncherError, match="本机由 systemd 管理"):
        units.install()
