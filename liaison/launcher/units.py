"""systemd units for an office: every part and server under systemd itself, which keeps it running.

The units lie in script/deploy/systemd with $-places; what is particular to a machine is filled in here.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import sys
from pathlib import Path
from string import Template

from liaison.launcher.cluster import default_data_dir
from liaison.launcher.errors import LauncherError
from liaison.launcher.installation import is_locked, read_env_file, say
from liaison.launcher.prepare import REPOSITORY, settings_problem
from liaison.launcher.processes import SERVICE_USER, User, can_read, can_run, service_user

SYSTEM = Path("/etc/systemd/system")
TARGET = "liaison.target"
_TEMPLATES = REPOSITORY / "script" / "deploy" / "systemd"
# Pauses that grow came with this version; an older one pauses the same every time.
_GROWING_SINCE = 254
_PAUSE = "Restart=always\nRestartSec=2"
_GROWING = "RestartSteps=6\nRestartMaxDelaySec=60"


def install(*, into: Path | None = None, only_print: bool = False) -> int:
    """Write the units; without `into` enable and start them. `only_print` shows them and writes nothing.

    Raises LauncherError when the office's settings, the data folder or the machine do not allow it.
    """
    given = read_env_file(REPOSITORY / ".env") | dict(os.environ)
    data = Path(given.get("LIAISON_DATA_DIR") or default_data_dir()).absolute()
    units = texts(given, data=data, user=_user_name(data), version=_systemd_version())
    if only_print:
        sys.stdout.write("\n".join(f"# {name}\n{text}" for name, text in units.items()))
        return 0
    if into is None:
        _check(given, data)
    folder = into or SYSTEM
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("liaison-*.service"):
        # An office that now has a database server of its own needs ours no more.
        if path.name not in units:
            path.unlink()
    for name, text in units.items():
        (folder / name).write_text(text, encoding="utf-8")
    say(f"已写入 {len(units)} 个服务文件：{folder}")
    if into is None:
        _enable(sorted(units))
    return 0


def texts(given: dict[str, str], *, data: Path, user: str, version: int) -> dict[str, str]:
    """File name to text of every unit this office needs."""
    names = ["prepare", "web", "worker", "beat"]
    names += [] if given.get("DATABASE_URL") else ["postgres"]
    names += [] if given.get("REDIS_URL") else ["queue"]
    members = [f"liaison-{name}.service" for name in sorted(names)]
    places = {"user": user, "program": str(REPOSITORY), "data": str(data), "python": sys.executable}
    for path in places.values():
        if not re.fullmatch(r"[\w./+@-]+", path):
            raise LauncherError(f"systemd 服务的路径只能由字母、数字和 ./+@_- 组成：{path}。")
    common = _filled("common.conf", places)
    restart = f"{_PAUSE}\n{_GROWING}" if version >= _GROWING_SINCE else _PAUSE
    places |= {"common": common, "restart": restart, "members": " ".join(members)}
    return {name: _filled(name, places) for name in (TARGET, *members)}


def _filled(name: str, places: dict[str, str]) -> str:
    return Template((_TEMPLATES / name).read_text(encoding="utf-8")).substitute(places)


def _user_name(data: Path) -> str:
    """The owner of the data, else of the program; never root."""
    for path in (data, REPOSITORY):
        owner = path.stat().st_uid if path.exists() else 0
        if owner:
            return pwd.getpwuid(owner).pw_name
    return SERVICE_USER


def _systemd_version() -> int:
    program = shutil.which("systemctl")
    if program is None:
        return 0
    answer = subprocess.run([program, "--version"], check=False, capture_output=True, text=True).stdout
    found = re.match(r"systemd (\d+)", answer)
    return int(found[1]) if found else 0


def _check(given: dict[str, str], data: Path) -> None:
    """Everything that would make the units fail one after the other is said once, before."""
    if os.geteuid() != 0 or not Path("/run/systemd/system").is_dir():
        raise LauncherError("安装服务需要 root，并且本机由 systemd 管理；用 --install --print 可先查看内容。")
    problem = settings_problem(given | {"LIAISON_DB_ROLE": "owner", "LIAISON_DATA_DIR": str(data)})
    if problem:
        raise LauncherError(problem)
    user = _user(data)
    if not data.exists():
        data.mkdir(parents=True)
        os.chown(data, user.uid, user.gid)
    if data.stat().st_uid != user.uid:
        raise LauncherError(f"数据目录由 root 建立，请先执行：chown -R {user.name}: {data}")
    if is_locked(data):
        raise LauncherError(f"本系统正在运行（数据目录 {data}），请先停止。")
    env_file = REPOSITORY / ".env"
    if env_file.exists() and not can_read(env_file, user):
        raise LauncherError(f"用户 {user.name} 无法读取 {env_file}，请先执行：chown {user.name} {env_file}")
    if not can_run(Path(sys.executable), user):
        raise LauncherError(f"用户 {user.name} 无法运行 {sys.executable}；程序请放在该用户能进入的目录。")


def _user(data: Path) -> User:
    name = _user_name(data)
    if name == SERVICE_USER:
        made = service_user(Path("/nonexistent"))
        if made is not None and made.name == SERVICE_USER:
            return made
        raise LauncherError(f"请先建立系统用户 {SERVICE_USER}。")
    entry = pwd.getpwnam(name)
    return User(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _enable(names: list[str]) -> None:
    for command in (["daemon-reload"], ["enable", "--quiet", *names], ["restart", TARGET]):
        done = subprocess.run(["systemctl", *command], check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise LauncherError(f"systemctl {command[0]} 未成功：{done.stderr.strip()}")
    say(f"已启动。查看：systemctl status 'liaison*'；停止：systemctl stop {TARGET}")
