"""script/serve --init: a settings file with secrets of its own, and never over one that is there."""

import shutil
import stat
from pathlib import Path

import pytest

from liaison.launcher.errors import LauncherError
from liaison.launcher.installation import read_env_file
from liaison.launcher.prepare import settings_problem
from liaison.launcher.settings_file import write_settings

ROOT = Path(__file__).resolve().parents[2]
SECRETS = ("SECRET_KEY", "FIELD_KEY", "AUDIT_SALT")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    shutil.copy(ROOT / ".env.example", tmp_path)
    return tmp_path


def test_the_program_starts_with_what_was_written(program: Path) -> None:
    values = read_env_file(write_settings("rd.example.cn", repository=program))
    assert values["SITE_URL"] == values["CSRF_TRUSTED_ORIGINS"] == "https://rd.example.cn"
    assert values["ALLOWED_HOSTS"] == "rd.example.cn"
    given = {name: value for name, value in values.items() if value}
    addresses = {"DATABASE_URL": "postgresql://a:b@127.0.0.1/x", "REDIS_URL": "redis://127.0.0.1/0"}
    assert settings_problem({"PATH": "/usr/bin", "LIAISON_DB_ROLE": "owner"} | addresses | given) is None


def test_without_a_name_it_serves_this_computer_alone(program: Path) -> None:
    values = read_env_file(write_settings("", repository=program))
    assert (values["SITE_URL"], values["ALLOWED_HOSTS"]) == ("http://127.0.0.1:8000", "127.0.0.1,localhost")


def test_only_its_owner_reads_it_and_every_installation_has_its_own_secrets(program: Path) -> None:
    path = write_settings("", repository=program)
    first = read_env_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.unlink()
    second = read_env_file(write_settings("", repository=program))
    assert [first[name] == second[name] for name in SECRETS] == [False] * 3


def test_an_existing_file_is_never_touched(program: Path) -> None:
    (program / ".env").write_text("SECRET_KEY=old", encoding="utf-8")
    with pytest.raises(LauncherError, match="已存在，没有改动"):
        write_settings("", repository=program)
    assert (program / ".env").read_text(encoding="utf-8") == "SECRET_KEY=old"


@pytest.mark.parametrize("host", ["https://rd.example.cn", "rd.example.cn:8000", "rd example", "-x"])
def test_what_is_no_name_is_refused(program: Path, host: str) -> None:
    with pytest.raises(LauncherError, match="主机名不正确"):
        write_settings(host, repository=program)
    assert not (program / ".env").exists()
