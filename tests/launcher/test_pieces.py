"""The pieces without servers: passwords, files, quoting, parts, fonts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from liaison import database_roles as roles
from liaison.launcher import fonts, parts
from liaison.launcher.errors import LauncherError
from liaison.launcher.installation import read_env_file
from liaison.launcher.keep import Keep, fernet_key
from liaison.launcher.program import site_at_port


def test_the_verifier_accepts_its_password_and_no_other() -> None:
    """Recomputed from RFC 5802: StoredKey = H(HMAC(SaltedPassword, "Client Key"))."""
    verifier = roles.scram_verifier("a right password")
    scheme, counted, keys = verifier.split("$")
    rounds, salt = counted.split(":")
    stored = base64.b64decode(keys.split(":")[0])

    def fits(password: str) -> bool:
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(rounds))
        return hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest() == stored

    assert scheme == "SCRAM-SHA-256"
    assert fits("a right password")
    assert not fits("a wrong password")
    assert roles.scram_verifier("a right password") != verifier


def test_a_password_outside_ascii_is_refused() -> None:
    with pytest.raises(ValueError, match="ASCII"):
        roles.scram_verifier("口令")


def test_quoting() -> None:
    assert roles.identifier('a"b') == '"a""b"'
    assert roles.literal("it's") == "'it''s'"
    assert roles.literal("a\\b'c") == "E'a\\\\b''c'"


def test_kept_values_stay_and_only_the_owner_reads_them(tmp_path: Path) -> None:
    keep = Keep(tmp_path / "keep.json")
    first = keep.value("key", fernet_key)
    assert Keep(keep.path).value("key", fernet_key) == first
    assert keep.path.stat().st_mode & 0o777 == 0o600
    assert len(base64.urlsafe_b64decode(first)) == 32


def test_two_processes_that_keep_at_once_lose_nothing(tmp_path: Path) -> None:
    """Database and queue start side by side, and each keeps its port and password."""
    code = (
        "import sys; from pathlib import Path; from liaison.launcher.keep import Keep\n"
        "keep = Keep(Path(sys.argv[1]))\n"
        "for number in range(40): keep.put(f'{sys.argv[2]}{number}', 'x')\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "keep.json")]
    writers = [subprocess.Popen([*command, name]) for name in ("a", "b")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert len(Keep(tmp_path / "keep.json").read()) == 80


def test_a_broken_file_is_an_error_not_a_new_key(tmp_path: Path) -> None:
    (tmp_path / "keep.json").write_text("{")
    with pytest.raises(LauncherError, match="已损坏"):
        Keep(tmp_path / "keep.json").value("key", fernet_key)


def test_the_env_file_is_read_literally(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("# note\n\nA=1\nexport B = 'two words'\nC=$HOME#x\nD=\"\nnonsense\n#E=5\n")
    assert read_env_file(path) == {"A": "1", "B": "two words", "C": "$HOME#x", "D": '"'}
    assert read_env_file(tmp_path / "none") == {}


@pytest.mark.parametrize("part", parts.PARTS)
def test_no_part_gets_the_administrator_or_another_roles_password(part: str) -> None:
    names = ("DATABASE_ADMIN_URL", "DATABASE_WEB_PASSWORD", "DATABASE_WORKER_PASSWORD")
    owner = {"DATABASE_URL": "postgresql://owner:secret@db:5432/liaison", "A": "1"}
    given = parts.environment_of(part, dict.fromkeys(names, "secret") | owner)
    own = "DATABASE_WEB_PASSWORD" if part == "web" else "DATABASE_WORKER_PASSWORD"
    assert [name for name in names if name in given] == [own]
    assert given["LIAISON_DB_ROLE"] == ("web" if part == "web" else "worker")
    assert given["DATABASE_URL"] == "postgresql://owner@db:5432/liaison"
    assert given["A"] == "1"


class _Answer(BaseHTTPRequestHandler):
    hosts: list[str]
    status = 200

    def do_GET(self) -> None:
        type(self).hosts.append(self.headers["Host"] + self.path)
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write("队列不可用".encode())

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_the_web_is_healthy_when_readyz_says_so_under_a_host_it_accepts(status: int, healthy: bool) -> None:
    handler: Any = type("Handler", (_Answer,), {"status": status, "hosts": []})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        environment = {"WEB_PORT": str(server.server_port), "ALLOWED_HOSTS": ".rd.example.cn,other"}
        problem = parts.web_problem(environment)
        thread.join()
    assert handler.hosts == ["rd.example.cn/readyz"]
    assert (problem is None) is healthy
    assert healthy or "队列不可用" in str(problem)


def test_nobody_there_is_not_healthy() -> None:
    assert not parts.is_healthy("web", {"WEB_PORT": "9"})


def test_beat_is_healthy_while_its_file_is_fresh(tmp_path: Path) -> None:
    environment = {"LIAISON_DATA_DIR": str(tmp_path)}
    assert not parts.is_healthy("beat", environment)
    file = tmp_path / "beat-schedule"
    file.touch()
    assert parts.is_healthy("beat", environment)
    os.utime(file, (1, 1))
    assert not parts.is_healthy("beat", environment)


def test_the_cut_fonts_hold_every_character_of_a_name() -> None:
    wanted = fonts.characters()
    assert [letter for letter in "镕喆堃珺彧昇祎玥〇①㎡（）《》—…￥" if ord(letter) not in wanted] == []
    assert 9000 < len(wanted) < 12000


@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="no dpkg-deb on this machine")
def test_only_the_four_families_leave_the_package(tmp_path: Path) -> None:
    inside = tmp_path / "deb" / "usr/share/texlive/texmf-dist/fonts/opentype/public/fandol"
    inside.mkdir(parents=True)
    for name in ("FandolFang-Regular", "FandolKai-Regular", "FandolBraille-Regular"):
        (inside / f"{name}.otf").write_bytes(name.encode())
    control = tmp_path / "deb" / "DEBIAN" / "control"
    control.parent.mkdir()
    control.write_text("Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n")
    package = tmp_path / "x.deb"
    subprocess.run(["dpkg-deb", "-b", str(tmp_path / "deb"), str(package)], check=True, capture_output=True)
    target = tmp_path / "fonts"
    target.mkdir()
    assert fonts.unpack_fandol(package, target) == 2
    assert sorted(path.name for path in target.iterdir()) == [
        "FandolFang-Regular.otf",
        "FandolKai-Regular.otf",
    ]
    assert (target / "FandolFang-Regular.otf").read_bytes() == b"FandolFang-Regular"


@pytest.mark.parametrize(
    ("site", "wanted"),
    [
        ("http://127.0.0.1:8000", {"SITE_URL": "http://127.0.0.1:9011"}),
        ("http://localhost:8000/", {"SITE_URL": "http://localhost:9011"}),
        ("https://rd.example.cn", {}),
        ("http://rd.example.cn:8000", {}),
        ("", {}),
    ],
)
def test_printed_links_lead_to_the_port_that_is_listened_on(site: str, wanted: dict[str, str]) -> None:
    assert site_at_port(site, "9011") == wanted
