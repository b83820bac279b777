"""What each part of the program runs and how it is asked for its health: one answer for every way of
running it (script/demo, script/serve, systemd, containers)."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

PARTS = ("web", "worker", "beat")
# The database role of each part; `owner` is for migrations alone.
ROLES = {"web": "web", "worker": "worker", "beat": "worker"}
# Celery's beat writes its schedule file every 3 minutes.
_BEAT_SILENCE_SECONDS = 600.0


def command(part: str, environment: dict[str, str]) -> list[str]:
    """The argument list of a part. WEB_HOST, WEB_PORT, WEB_WORKERS, WEB_THREADS, WORKER_PROCESSES count."""
    if part == "web":
        return _web(environment)
    celery = [sys.executable, "-m", "celery", "-A", "liaison"]
    if part == "beat":
        return [*celery, "beat", "--loglevel=INFO", "--pidfile="]
    processes = environment.get("WORKER_PROCESSES") or "2"
    options = ["--loglevel=INFO", "--without-gossip", "--without-mingle", f"--concurrency={processes}"]
    # A pool process is renewed now and then, as fonts and images leave memory in pieces.
    return [*celery, "worker", *options, "--hostname=worker@%h", "--max-tasks-per-child=500"]


def _web(environment: dict[str, str]) -> list[str]:
    host, port = environment.get("WEB_HOST") or "127.0.0.1", environment.get("WEB_PORT") or "8000"
    options = {
        "bind": f"{host}:{port}",
        "workers": environment.get("WEB_WORKERS") or "2",
        "threads": environment.get("WEB_THREADS") or "4",
        # Half-sent requests take no thread: the office on one PC has no proxy in front.
        "worker-class": "liaison.web.server.BoundedWorker",
        "timeout": "60",
        "graceful-timeout": "20",
        # Longer than the proxy keeps an idle connection: else pooled requests fail (measured 236 of 738).
        "keep-alive": "75",
        "max-requests": "5000",
        "max-requests-jitter": "500",
        "forwarded-allow-ips": environment.get("TRUSTED_PROXIES") or "127.0.0.1",
    }
    gunicorn = [sys.executable, "-m", "gunicorn", "liaison.wsgi:application", "--no-control-socket"]
    return [*gunicorn, *(f"--{name}={value}" for name, value in options.items())]


def environment_of(part: str, environment: dict[str, str]) -> dict[str, str]:
    """The part's own environment: its database role, and no other role's password."""
    role = ROLES[part]
    other = "DATABASE_WORKER_PASSWORD" if role == "web" else "DATABASE_WEB_PASSWORD"
    hidden = {other, "DATABASE_ADMIN_URL"}
    own = {name: value for name, value in environment.items() if name not in hidden}
    if "DATABASE_URL" in own:
        own["DATABASE_URL"] = _without_password(own["DATABASE_URL"])
    return own | {"LIAISON_DB_ROLE": role, "PYTHONUNBUFFERED": "1"}


def _without_password(url: str) -> str:
    """The owner's address without the owner's password: web and worker have their own."""
    parts = urlsplit(url)
    user, host = parts.username or "", parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}@{host}"))


def is_healthy(part: str, environment: dict[str, str]) -> bool:
    """web: /readyz answers 200; worker: it answers a ping; beat: its schedule file is fresh."""
    if part == "web":
        return web_problem(environment, seconds=8.0) is None
    if part == "worker":
        ping = [sys.executable, "-m", "celery", "-A", "liaison", "inspect", "ping", "--timeout=10"]
        done = subprocess.run(ping, env=environment_of(part, environment), check=False, capture_output=True)
        return done.returncode == 0
    folder = Path(environment.get("LIAISON_DATA_DIR") or ".local/data")
    files = [*folder.glob("beat-schedule*")]
    return any(time.time() - file.stat().st_mtime < _BEAT_SILENCE_SECONDS for file in files)


def web_problem(environment: dict[str, str], *, seconds: float = 2.0) -> str | None:
    """None if /readyz answers 200, else what it says. The host name is one the program accepts."""
    port = environment.get("WEB_PORT") or "8000"
    hosts = [name.strip().lstrip(".") for name in environment.get("ALLOWED_HOSTS", "").split(",")]
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/readyz", headers={"Host": hosts[0] or "localhost"}
    )
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310
            return None if answer.status == 200 else f"HTTP {answer.status}"
    except urllib.error.HTTPError as error:
        return f"HTTP {error.code} {error.read(300).decode('utf-8', 'replace')}"
    except OSError as error:
        return str(error)
