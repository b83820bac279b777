"""python -m liaison.embedded ACTION

start, stop, status     the servers of a data folder, in the background
demo, serve             the whole program in the foreground
prepare                 roles, tables and static files, against servers of your own
web, worker, beat       one part of it, in place of this process
health PART             exit code 0 if that part is well
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from liaison.embedded import commands
from liaison.embedded.cluster import Cluster, default_data_dir
from liaison.embedded.errors import EmbeddedError
from liaison.embedded.keep import Keep
from liaison.embedded.prepare import Preparation
from liaison.embedded.program import Application, say


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 done, 1 failed, 3 not running (status)."""
    arguments = _parser().parse_args(argv)
    try:
        return _run(arguments)
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m liaison.embedded", description="运行本系统及其内置服务")
    actions = parser.add_subparsers(dest="action", required=True)
    for name, text in (("start", "后台启动内置服务"), ("stop", "停止内置服务"), ("status", "查询内置服务")):
        action = actions.add_parser(name, help=text)
        action.add_argument("--data", type=Path, default=default_data_dir(), help="数据目录")
    for name, text in (("demo", "演示"), ("serve", "正式运行")):
        action = actions.add_parser(name, help=text)
        action.add_argument("--listen", default="127.0.0.1", help="监听地址，默认 127.0.0.1")
        action.add_argument("--port", type=int, help="端口，默认 8000")
    actions.add_parser("prepare", help="准备数据库角色、数据表和静态文件")
    for part in commands.PARTS:
        actions.add_parser(part, help="只运行这一部分")
    health = actions.add_parser("health", help="检查一部分是否正常")
    health.add_argument("part", choices=commands.PARTS)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    action = arguments.action
    if action in {"demo", "serve"}:
        return Application(action, listen=arguments.listen, port=arguments.port).run()
    if action == "prepare":
        return _prepare()
    if action in commands.PARTS:
        commands.become(action)
    if action == "health":
        return 0 if commands.is_healthy(arguments.part, dict(os.environ)) else 1
    return _servers(action, arguments.data)


def _prepare() -> int:
    """For containers and service managers: everything comes from the environment."""
    data = default_data_dir().absolute()
    (data / "logs").mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = dict(os.environ) | {"LIAISON_DATA_DIR": str(data)}
    steps = Preparation(settings, keep=Keep(data / "keep.json"), say=say)
    steps.database_roles()
    steps.tables()
    steps.static_files()
    return 0


def _servers(action: str, data: Path) -> int:
    if action != "start" and not data.exists():
        sys.stderr.write(f"{data} 不存在。\n")
        return 3 if action == "status" else 0
    cluster = Cluster(data)
    if action == "stop":
        cluster.stop()
        return 0
    if action == "start":
        cluster.start()
        if cluster.home != cluster.data_dir:
            sys.stderr.write(f"服务用户无法进入 {data}，数据库与队列的数据放在 {cluster.home}。\n")
    elif not cluster.is_running():
        sys.stderr.write(f"{data}：未运行。\n")
        return 3
    lines = [f"export {name}={value}" for name, value in cluster.urls().environment().items()]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
