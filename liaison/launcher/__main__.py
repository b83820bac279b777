"""python -m liaison.launcher ACTION

start, stop, status     the servers of a data folder, in the background
demo, serve             the whole program in the foreground
init                    the settings file of a new office, with fresh secrets
dev                     servers and Django's reloading server, for developers
install                 systemd units for an office
prepare                 roles, tables and static files
web, worker, beat       one part of it, in place of this process
postgres, queue         one server of it, in the foreground
health PART             exit code 0 if that part is well
manage ARGUMENTS        manage.py with the settings of this installation
backup, restore         a folder with database and files
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from liaison import database_url
from liaison.launcher import backup, becoming, parts, units
from liaison.launcher.cluster import Cluster, default_data_dir
from liaison.launcher.dev import Development
from liaison.launcher.errors import LauncherError, in_words
from liaison.launcher.installation import Installation, say
from liaison.launcher.prepare import REPOSITORY, Preparation
from liaison.launcher.program import DEMO_MARK, Application
from liaison.launcher.settings_file import write_settings

_NOT_RUNNING = 3


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 done, 1 failed, 3 not running (status)."""
    arguments = _parser().parse_args(argv)
    try:
        return _run(arguments)
    except LauncherError as error:
        return _failed(str(error))
    except OSError as error:
        return _failed(in_words(error))
    except Exception:
        return _failed(f"内部错误，未能继续；详情见 {_write_trace()}。")


def _failed(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1


def _write_trace() -> str:
    """Where the developers' words went: the operator's screen is not the place for them."""
    path = default_data_dir() / "logs" / "launcher-error.log"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            traceback.print_exc(file=file)
    except OSError as error:
        traceback.print_exc()
        return f"上文（{in_words(error)}）"
    return str(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m liaison.launcher", description="运行本系统及其内置服务")
    actions = parser.add_subparsers(dest="action", required=True)
    for name, text in (("start", "后台启动内置服务"), ("stop", "停止内置服务"), ("status", "查询内置服务")):
        action = actions.add_parser(name, help=text)
        action.add_argument("--data", type=Path, default=default_data_dir(), help="数据目录")
        if name == "start":
            action.add_argument(
                "--throw-away", action="store_true", help="数据可以丢弃，不等待写盘（仅供测试）"
            )
    for name, text in (("demo", "演示"), ("serve", "正式运行")):
        action = actions.add_parser(name, help=text)
        action.add_argument("--listen", default=os.environ.get("WEB_HOST") or "127.0.0.1", help="监听地址")
        action.add_argument("--port", type=int, help="端口，默认 8000")
    action = actions.add_parser("init", help="写入新的 .env")
    action.add_argument("--host", default="", help="浏览器中输入的主机名；不写则只供本机使用")
    action = actions.add_parser("dev", help="开发服务器，改动后自动重新加载")
    action.add_argument("--port", type=int, help="端口，默认 8000")
    action.add_argument("--worker", action="store_true", help="同时运行后台任务")
    action = actions.add_parser("install", help="写入 systemd 服务并启动")
    action.add_argument("--print", action="store_true", help="只显示，不写入")
    action.add_argument("--into", type=Path, help="只写入该目录，不启动")
    for part in (*parts.PARTS, *becoming.SERVERS):
        actions.add_parser(part, help="只运行这一部分")
    actions.add_parser("prepare", help="准备数据库角色、数据表和静态文件")
    actions.add_parser("health", help="检查一部分是否正常").add_argument("part", choices=parts.PARTS)
    actions.add_parser("manage", help="manage.py").add_argument("rest", nargs=argparse.REMAINDER)
    action = actions.add_parser("backup", help="备份")
    action.add_argument("folder", type=Path, help="存放备份的目录")
    action.add_argument("--keep", type=int, default=0, help="只保留最近几份，默认全部保留")
    action = actions.add_parser("restore", help="恢复")
    action.add_argument("folder", type=Path, help="一份备份")
    action.add_argument("--replace", action="store_true", help="现有数据可以丢弃")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    action = arguments.action
    if action in {"start", "stop", "status"}:
        return _servers(action, arguments.data, throw_away=getattr(arguments, "throw_away", False))
    if action in becoming.SERVERS:
        return becoming.attend_server(action)
    if action in parts.PARTS:
        becoming.become_part(action)
    return _ACTIONS[action](arguments)


def _application(arguments: argparse.Namespace) -> int:
    return Application(arguments.action, listen=arguments.listen, port=arguments.port).run()


def _development(arguments: argparse.Namespace) -> int:
    return Development(port=arguments.port, with_worker=arguments.worker).run()


def _init(arguments: argparse.Namespace) -> int:
    path = write_settings(arguments.host)
    say(f"已写入 {path}（仅本用户可读），其中的密钥请另行抄录保管：丢失后个人信息无法恢复。")
    say("下一步：script/serve")
    return 0


def _install(arguments: argparse.Namespace) -> int:
    return units.install(into=arguments.into, only_print=arguments.print)


def _health(arguments: argparse.Namespace) -> int:
    return 0 if parts.is_healthy(arguments.part, dict(os.environ)) else 1


def _servers(action: str, data: Path, *, throw_away: bool) -> int:
    if action != "start" and not data.exists():
        sys.stderr.write(f"{data} 不存在。\n")
        return _NOT_RUNNING if action == "status" else 0
    cluster = Cluster(data, throw_away=throw_away)
    if action == "stop":
        cluster.stop()
        return 0
    if action == "start":
        cluster.start()
        if cluster.home != cluster.data_dir:
            sys.stderr.write(f"服务用户无法进入 {data}，数据库与队列的数据放在 {cluster.home}。\n")
    elif not cluster.is_running():
        sys.stderr.write(f"{data}：未运行。\n")
        return _NOT_RUNNING
    lines = [f"export {name}={value}" for name, value in cluster.urls().environment().items()]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _prepare(arguments: argparse.Namespace) -> int:
    """For containers and systemd: the servers run or will, and are waited for."""
    installation = Installation()
    installation.share()
    if installation.own_database:
        installation.await_database()
    installation.complete()
    steps = Preparation(installation.settings, keep=installation.keep, say=say)
    steps.settings()
    if not installation.own_database:
        steps.database_roles()
    steps.tables()
    steps.static_files()
    return 0


def _manage(arguments: argparse.Namespace) -> int:
    installation = Installation()
    with installation.servers():
        environment = {"LIAISON_DB_ROLE": "worker"} | installation.settings
        command = [sys.executable, str(REPOSITORY / "manage.py"), *arguments.rest]
        return subprocess.run(command, env=environment, check=False).returncode


def _backup(arguments: argparse.Namespace) -> int:
    installation = Installation()
    with installation.servers():
        made = backup.back_up(_source(installation), arguments.folder.absolute())
    say(f"已备份到 {made}")
    for old in backup.forget_old(arguments.folder.absolute(), arguments.keep):
        say(f"已删除旧备份 {old}")
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    installation = Installation()
    with installation.alone(), installation.servers():
        source = _source(installation)
        backup.check(arguments.folder, source)
        postgres = installation.cluster.postgres
        if installation.own_database:
            if postgres.has_tables() and not arguments.replace:
                raise LauncherError("数据库中已有数据。确认可以丢弃后，请加 --replace 再执行。")
            postgres.recreate_database()
        backup.restore(arguments.folder, source)
        if installation.mode == "demo" and installation.own_database:
            postgres.set_database_comment(DEMO_MARK)
    say("已恢复。下次启动时会自动更新数据表。")
    return 0


def _source(installation: Installation) -> backup.Source:
    """What is backed up, read by a role that row-level security does not bind."""
    postgres, settings = installation.cluster.postgres, installation.settings
    url = postgres.admin_url()
    if not installation.own_database:
        admin = settings.get("DATABASE_ADMIN_URL")
        if not admin:
            raise LauncherError("备份外部数据库需要 DATABASE_ADMIN_URL（不受行级隔离约束的管理员）。")
        url = database_url.with_database_of(admin, settings["DATABASE_URL"])
        try:
            database_url.parse(url)
        except database_url.WrongAddress as error:
            raise LauncherError(f"DATABASE_ADMIN_URL 有误：{error}") from None
    return backup.Source(postgres.programs, url, installation.data_dir, settings)


_ACTIONS: dict[str, Callable[[argparse.Namespace], int]] = {
    "demo": _application,
    "serve": _application,
    "init": _init,
    "dev": _development,
    "install": _install,
    "prepare": _prepare,
    "health": _health,
    "manage": _manage,
    "backup": _backup,
    "restore": _restore,
}

if __name__ == "__main__":
    sys.exit(main())
