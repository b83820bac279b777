"""The checks must speak when something is missing and keep quiet otherwise."""

import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django import Settings

from liaison.documents import checks


def ids() -> set[str | None]:
    return {message.id for message in checks.check_pdf()}


def test_this_machine_can_print() -> None:
    assert "liaison.E101" not in ids()


def test_missing_subset_library_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "SUBSET_LIBRARIES", ("libno-such-library.so.0",))
    found = [message for message in checks.check_pdf() if message.id == "liaison.E101"]
    assert len(found) == 1
    assert found[0].is_serious()
    assert "libharfbuzz-subset0" in str(found[0].hint)


def test_missing_fangsong_and_latin_are_warnings(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "_SYSTEM_FONT_FOLDERS", ())
    settings.FONT_DIR = tmp_path / "none"
    assert ids() == {"liaison.W101", "liaison.W102"}
    settings.FONT_DIR = tmp_path
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "仿宋_GB2312.TTF").touch()
    (tmp_path / "LiberationSerif-Regular.ttf").touch()
    assert ids() == set()


def test_weasyprint_tries_the_same_library_names() -> None:
    source = Path(sys.modules["weasyprint"].__file__ or "") if "weasyprint" in sys.modules else None
    if source is None:
        import weasyprint

        source = Path(weasyprint.__file__)
    text = (source.parent / "text" / "ffi.py").read_text(encoding="utf-8")
    assert [name for name in checks.SUBSET_LIBRARIES if f"'{name}'" not in text] == []


def test_checking_loads_no_renderer() -> None:
    code = (
        "import sys, django; django.setup(); import liaison.documents.pdf; from liaison.documents.checks import check_pdf; "
        "check_pdf(); sys.exit('weasyprint' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
