"""python -m liaison.embedded start|stop|status [--data DIR]"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from liaison.embedded.cluster import Cluster, default_data_dir
from liaison.embedded.errors import EmbeddedError


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 done (status: running), 1 failed, 3 status: not running."""
    arguments = _parser().parse_args(argv)
    try:
        return _run(arguments.action, arguments.data)
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m liaison.embedded", description="内置数据库与队列服务")
    parser.add_argument("action", choices=["start", "stop", "status"])
    parser.add_argument("--data", type=Path, default=default_data_dir(), help="数据目录")
    return parser


def _run(action: str, data: Path) -> int:
    if action != "start" and not data.exists():
        sys.stderr.write(f"{data} 不存在。\n")
        return 3 if action == "status" else 0
    cluster = Cluster(data)
    if action == "stop":
        cluster.stop()
        return 0
    if action == "start":
        cluster.start()
        _say_where(cluster)
    elif not cluster.is_running():
        sys.stderr.write(f"{data}：未运行。\n")
        return 3
    lines = [f"export {name}={value}" for name, value in cluster.urls().environment().items()]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _say_where(cluster: Cluster) -> None:
    if cluster.home != cluster.data_dir:
        sys.stderr.write(f"{cluster.data_dir} 对服务用户不可达，数据库与队列的数据放在 {cluster.home}。\n")


if __name__ == "__main__":
    sys.exit(main())
