"""What an operator reads when a start fails: one Chinese sentence, and never a traceback."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from liaison.launcher import __main__ as command_line
from liaison.launcher.errors import in_words

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "SECRET_KEY": "only-for-tests-" * 5,
    "FIELD_KEY": "b25seS1mb3ItdGVzdHMtb25seS1mb3ItdGVzdHMtMDA=",
    "AUDIT_SALT": "only-for-tests",
    "ALLOWED_HOSTS": "rd.example.cn",
    "SITE_URL": "https://rd.example.cn",
    "LIAISON_ENV": "production",
}


def launch(folder: Path, *arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
    names = ("DATABASE", "REDIS", "WEB_", "EMAIL", "LIAISON", *GOOD)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(names)}
    environment |= {**GOOD, "LIAISON_DATA_DIR": str(folder / "data"), **changed}
    command = [sys.executable, "-m", "liaison.launcher", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "", "未设置 SECRET_KEY，请在 .env 中填写（见 .env.example）。"),
        ("SECRET_KEY", "short", "SECRET_KEY 至少50个字符。"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS 须逐一写明主机名，不能为空或“*”。"),
        ("LIAISON_ENV", "prod", "LIAISON_ENV 应为 production、demo、dev 或 test。"),
        ("EMAIL_PORT", "abc", "EMAIL_PORT 应为数字：abc。"),
        ("DATABASE_URL", "mysql://db/x", "DATABASE_URL 有误：数据库地址应以 postgresql:// 开头。"),
        ("WEB_PORT", "80a", "端口应为 1 至 65535 的数字：80a。"),
        ("WEB_PORT", "99999", "端口应为 1 至 65535 的数字：99999。"),
    ],
)
def test_a_wrong_setting_is_one_sentence_before_anything_starts(
    folder: Path, name: str, value: str, sentence: str
) -> None:
    done = launch(folder, "serve", **({"WEB_PORT": "28999"} | {name: value}))
    assert (done.returncode, done.stderr) == (1, f"{sentence}\n")
    assert not (folder / "data" / "postgres").exists()


@pytest.mark.parametrize("part", ["web", "worker", "beat", "prepare"])
def test_a_part_by_itself_says_the_same(folder: Path, part: str) -> None:
    addresses = {"DATABASE_URL": "postgresql://owner@127.0.0.1:9/x", "REDIS_URL": "redis://127.0.0.1:9/0"}
    done = launch(folder, part, **addresses, SECRET_KEY="")
    assert (done.returncode, done.stderr) == (1, "未设置 SECRET_KEY，请在 .env 中填写（见 .env.example）。\n")


def test_manage_py_says_it_without_the_way_python_got_there(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "LIAISON_ENV": "production"}
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "未设置 SECRET_KEY，请在 .env 中填写（见 .env.example）。\n")


def test_a_full_disk_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "keep.new"))

    monkeypatch.setattr(command_line, "_run", full)
    assert command_line.main(["serve"]) == 1
    assert capsys.readouterr().err == f"磁盘已满，请先释放空间：{tmp_path}/keep.new。\n"


def test_a_real_full_disk_at_the_first_start_is_said(folder: Path) -> None:
    """No file may grow: what a full disk does, with another number of the same kind."""
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "from liaison.launcher.__main__ import main; sys.exit(main(['serve']))"
    )
    environment = dict(os.environ) | GOOD | {"LIAISON_DATA_DIR": str(folder / "data"), "WEB_PORT": "28999"}
    for name in ("DATABASE_URL", "REDIS_URL"):
        environment.pop(name, None)
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert re.fullmatch(r"[^\n]*文件不能再增大[^\n]*。\n", done.stderr)


def test_every_errno_has_a_sentence() -> None:
    for number in errno.errorcode:
        assert in_words(OSError(number, "words of the system")).endswith("。")
        assert "words of the system" not in in_words(OSError(number, "words of the system"))


def test_what_nobody_foresaw_goes_to_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken(*_: object) -> int:
        raise ZeroDivisionError("unforeseen")

    monkeypatch.setenv("LIAISON_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(command_line, "_run", broken)
    assert command_line.main(["serve"]) == 1
    file = tmp_path / "logs" / "launcher-error.log"
    assert capsys.readouterr().err == f"内部错误，未能继续；详情见 {file}。\n"
    assert "ZeroDivisionError: unforeseen" in file.read_text()
