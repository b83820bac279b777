"""One PostgreSQL server on loopback, with its data in one folder.

Running means: a connection with our password succeeds and the server names our folder.
Nothing else is believed (a pid file may be stale, a pid may be a zombie or another's).
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from functools import cached_property
from pathlib import Path

from liaison import database_roles as roles
from liaison.launcher.binaries import postgres_folder
from liaison.launcher.errors import LauncherError
from liaison.launcher.keep import Keep, random_password
from liaison.launcher.processes import (
    User,
    free_port,
    identity,
    is_alive,
    is_running_in,
    pids_in,
    port_is_free,
    signal_all,
    spawn,
    tail,
    wait_until_dead,
)

ADMIN = "postgres"
_PROGRAMS = frozenset({"postgres"})
_START_SECONDS = 300.0  # recovery after a crash may take minutes on an old disk
_STOP_SECONDS = 60.0


class Postgres:
    """The embedded database server of one data folder."""

    def __init__(
        self, *, home: Path, keep: Keep, user: User | None, log: Path, throw_away: bool = False
    ) -> None:
        self.home = home
        self.folder = home / "postgres"
        self.keep = keep
        self.user = user
        self.log = log
        self.throw_away = throw_away

    @cached_property
    def programs(self) -> Path:
        """The folder of initdb, postgres, psql, pg_dump; looked for when first needed."""
        return postgres_folder(self.home, self.user)

    @property
    def port(self) -> int:
        """The remembered loopback port; 0 before the first start."""
        return int(self.keep.get("postgres_port") or 0)

    def url(self, role: str, password_name: str, database: str = roles.DATABASE) -> str:
        """A postgresql:// URL; our passwords need no escaping."""
        return f"postgresql://{role}:{self.keep.get(password_name)}@127.0.0.1:{self.port}/{database}"

    def admin_url(self, database: str = roles.DATABASE) -> str:
        """The superuser's address."""
        return self.url(ADMIN, "postgres_password", database)

    def start(self, *, with_parent: bool) -> bool:
        """Make the cluster if there is none, start it unless it runs. True if this call started it.

        Raises LauncherError with the end of the server's log.
        """
        if not (self.folder / "PG_VERSION").exists():
            self._initialise()
        self._check_version()
        runs = self._settle()
        if not runs:
            self._launch(with_parent)
        # Also on a server that runs: whoever started it may have been killed before this.
        self._prepare()
        return not runs

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, everything acknowledged is on disk."""
        pid = self.pid()
        if pid is None:
            return
        for number, seconds in ((signal.SIGINT, _STOP_SECONDS), (signal.SIGQUIT, 10.0)):
            signal_all([pid], number)
            if wait_until_dead([pid], seconds):
                return
        raise LauncherError(f"PostgreSQL（进程 {pid}）没有在规定时间内停止，请查看 {self.log}。")

    def pid(self) -> int | None:
        """The postmaster of this folder, or None; a stale pid file names nobody."""
        try:
            number = int((self.folder / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None
        return number if is_running_in(number, _PROGRAMS, self.folder) else None

    def is_running(self) -> bool:
        """True if our password opens the remembered port and the server there serves our folder."""
        if not self.port or not _answers(self.port):
            return False
        try:
            return self.sql("SHOW data_directory", database="postgres") == str(self.folder)
        except LauncherError:
            return False

    def sql(self, *statements: str, database: str = roles.DATABASE) -> str:
        """Run statements as the administrator, each by itself; the last one's output."""
        output = ""
        for statement in statements:
            output = self._psql(statement, database)
        return output

    def recreate_database(self) -> None:
        """Drop and make the database anew, with everything in it gone."""
        name = roles.identifier(roles.DATABASE)
        self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", database="postgres")
        self._prepare()

    def has_tables(self) -> bool:
        """True if a migration ever ran."""
        return bool(self.sql("SELECT to_regclass('public.django_migrations')"))

    def database_comment(self) -> str:
        """The comment on the database; it is gone when the database is."""
        wanted = roles.literal(roles.DATABASE)
        query = f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = {wanted}"  # noqa: S608 - quoted by literal()
        return self.sql(query, database="postgres")

    def set_database_comment(self, text: str) -> None:
        """Leave a mark that lives and dies with the database."""
        name = roles.identifier(roles.DATABASE)
        self.sql(f"COMMENT ON DATABASE {name} IS {roles.literal(text)}", database="postgres")

    def environment(self) -> dict[str, str]:
        """What PostgreSQL's own tools (pg_dump, psql) need to connect as the administrator."""
        return {
            "PATH": f"{self.programs}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": ADMIN,
            "PGPASSWORD": self.keep.get("postgres_password") or "",
            "PGCONNECT_TIMEOUT": "3",
            "PGSSLMODE": "disable",
        }

    def _psql(self, statement: str, database: str) -> str:
        command = [str(self.programs / "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", "-"]
        done = subprocess.run(
            command,
            input=statement,
            env=self.environment(),
            cwd="/",
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise LauncherError(f"数据库拒绝了操作：{done.stderr.strip()}")
        return done.stdout.strip()

    def _initialise(self) -> None:
        """initdb beside the final name, then rename: a folder called postgres is always whole."""
        if self.folder.exists():
            raise LauncherError(f"{self.folder} 已存在但不是数据库目录，请移走后重试。")
        fresh = self.folder.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self.user is not None:
            os.chown(fresh, self.user.uid, self.user.gid)
        password = self.keep.value("postgres_password", random_password)
        self._initdb(fresh, password)
        fresh.rename(self.folder)

    def _initdb(self, folder: Path, password: str) -> None:
        read_end, write_end = os.pipe()
        os.write(write_end, password.encode("ascii") + b"\n")
        os.close(write_end)
        if self.user is not None:
            os.fchown(read_end, self.user.uid, self.user.gid)  # initdb opens it anew, by name
        command = [str(self.programs / "initdb"), "-D", str(folder), "-U", ADMIN, "--encoding=UTF8"]
        command += ["--auth=scram-sha-256", f"--pwfile=/dev/fd/{read_end}"]
        command += ["--data-checksums", "--no-instructions"]
        try:
            done = subprocess.run(
                [*command, f"--locale={_locale()}"],
                env={"PATH": "/usr/bin:/bin", "LANG": "C", "TZ": "UTC"},
                cwd="/",
                check=False,
                capture_output=True,
                text=True,
                pass_fds=[read_end],
                **identity(self.user),
            )
        finally:
            os.close(read_end)
        if done.returncode != 0:
            raise LauncherError(f"建立数据库失败：{done.stderr.strip() or done.stdout.strip()}")

    def _check_version(self) -> None:
        data = (self.folder / "PG_VERSION").read_text(encoding="ascii").strip()
        answer = subprocess.run(
            [str(self.programs / "postgres"), "--version"], check=True, capture_output=True, text=True
        )
        program = answer.stdout.split()[-1].split(".")[0]
        if data != program:
            raise LauncherError(
                f"数据目录由 PostgreSQL {data} 建立，现有程序是 PostgreSQL {program}。"
                "请先用旧版本执行 script/backup，再按 docs/operations.md 恢复到新版本。"
            )

    def _settle(self) -> bool:
        """Bring a half-known state to a known one. True if our server runs and answers.

        A postmaster of ours that is still recovering is waited for; a stale pid file is
        removed; backends that outlived a killed postmaster are ended, else the next one
        finds their shared memory in use.
        """
        pid = self.pid()
        if pid is not None:
            self._await(pid)
            return True
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        self._end_orphans()
        return False

    def _end_orphans(self) -> None:
        for number in (signal.SIGQUIT, signal.SIGKILL):
            orphans = pids_in(_PROGRAMS, self.folder)
            signal_all(orphans, number)
            if wait_until_dead(orphans, 5.0):
                return

    def _launch(self, with_parent: bool) -> None:
        for attempt in range(3):
            port = self._choose_port(again=attempt > 0)
            process = self._spawn(port, with_parent)
            try:
                self._await(process.pid)
            except LauncherError:
                if attempt == 2:
                    raise
                self._settle()
            else:
                return

    def _choose_port(self, *, again: bool) -> int:
        if again or not self.port or not port_is_free(self.port):
            self.keep.put("postgres_port", str(free_port()))
        return self.port

    def _spawn(self, port: int, with_parent: bool) -> subprocess.Popen[bytes]:
        command = [str(self.programs / "postgres"), "-D", str(self.folder)]
        for name, value in _settings(port, safe=not self.throw_away).items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("ab") as log:
            return spawn(
                command,
                user=self.user,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"},
                cwd=self.folder,
                output=log,
                with_parent=signal.SIGINT if with_parent else None,
            )

    def _await(self, pid: int) -> None:
        """Until the server answers with our folder. Raises when its process ends first."""
        deadline = time.monotonic() + _START_SECONDS
        while not self.is_running():
            wait_until_dead([pid], 0.03)
            if not is_alive(pid):
                raise LauncherError(f"PostgreSQL 未能启动，日志 {self.log} 的末尾是：\n{tail(self.log)}")
            if time.monotonic() > deadline:
                raise LauncherError(f"PostgreSQL 在 {_START_SECONDS:.0f} 秒内没有就绪，请查看 {self.log}。")

    def _prepare(self) -> None:
        """Roles and database, the same as prepare_database makes on any other server."""
        names = ("owner_password", "web_password", "worker_password")
        fresh = any(self.keep.get(name) is None for name in names)
        passwords = [self.keep.value(name, random_password) for name in names]
        exists = self.sql(roles.database_exists_sql(roles.DATABASE), database="postgres")
        if fresh or not exists:
            for role in roles.roles(*passwords):
                self.sql(roles.create_role_sql(role), roles.set_password_sql(role), database="postgres")
        if not exists:
            self.sql(roles.create_database_sql(roles.DATABASE, roles.OWNER), database="postgres")
        self.sql(*roles.connect_grants_sql(roles.DATABASE), *roles.schema_grants_sql())


def _settings(port: int, *, safe: bool) -> dict[str, str]:
    """What we insist on, whatever the file in the folder says; unsafe loses rows when the machine fails."""
    to_disk = "on" if safe else "off"
    return {
        "port": str(port),
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "fsync": to_disk,
        "synchronous_commit": to_disk,
        "full_page_writes": to_disk,
        "password_encryption": "scram-sha-256",
        "logging_collector": "off",
        # A failing statement holds what somebody typed, and residents' words: neither it, nor its values,
        # nor the row it was about (DETAIL) is logged. What failed stands in the program's own log.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "log_timezone": "Asia/Shanghai",
        "timezone": "UTC",
    }


def _locale() -> str:
    """C.UTF-8 where the machine has it (every Debian since 11), else C."""
    import locale

    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C.UTF-8"


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1.0):
            return True
    except OSError:
        return False
