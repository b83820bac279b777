"""The embedded servers against what happens to machines: kill -9, stale pid files, taken ports."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg2
import pytest

from liaison.launcher.cluster import Cluster
from liaison.launcher.errors import LauncherError
from liaison.launcher.processes import is_alive, pids_in, wait_until_dead

POSTGRES = frozenset({"postgres"})
BEYOND_THE_WALLS = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"


def query(url: str, statement: str) -> object:
    link = psycopg2.connect(url)
    try:
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        link.close()


def as_role(cluster: Cluster, role: str) -> str:
    urls = cluster.urls()
    password = {"web": urls.database_web_password, "worker": urls.database_worker_password}[role]
    return f"postgresql://liaison_{role}:{password}@127.0.0.1:{cluster.postgres.port}/liaison"


def postmaster(cluster: Cluster) -> int:
    pid = cluster.postgres.pid()
    assert pid is not None
    return pid


def remember(cluster: Cluster, name: str) -> None:
    query(cluster.urls().database_url, f"CREATE TABLE IF NOT EXISTS {name} AS SELECT 7 AS value")


def remembered(cluster: Cluster, name: str) -> object:
    return query(cluster.urls().database_url, f"SELECT value FROM {name}")


def test_the_owner_owns_and_the_others_own_nothing(cluster: Cluster) -> None:
    owner = cluster.urls().database_url
    database_owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'liaison'"
    assert query(owner, BEYOND_THE_WALLS) is False
    assert query(owner, database_owner) == "liaison_owner"
    for role in ("web", "worker"):
        url = as_role(cluster, role)
        assert query(url, BEYOND_THE_WALLS) is False
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            query(url, "CREATE TABLE mine (i int)")


def test_a_wrong_password_is_refused_and_only_loopback_listens(cluster: Cluster) -> None:
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        query(f"postgresql://liaison_web:wrong@127.0.0.1:{cluster.postgres.port}/liaison", "SELECT 1")
    admin = cluster.urls().database_admin_url
    assert query(admin, "SHOW listen_addresses") == "127.0.0.1"
    assert query(admin, "SHOW unix_socket_directories") == ""
    assert query(admin, "SHOW fsync") == "on"
    assert query(admin, "SHOW server_encoding") == "UTF8"


def test_only_a_cluster_to_be_thrown_away_does_not_wait_for_the_disk(folder: Path, cluster: Cluster) -> None:
    names = ("fsync", "synchronous_commit", "full_page_writes")
    loose = Cluster(folder / "data", throw_away=True)
    admin = loose.start().database_admin_url
    try:
        assert [query(admin, f"SHOW {name}") for name in names] == ["off", "off", "off"]
    finally:
        loose.stop()
    kept = cluster.urls().database_admin_url
    assert [query(kept, f"SHOW {name}") for name in names] == ["on", "on", "on"]


def test_no_password_shows_in_the_process_list_or_lies_open(cluster: Cluster) -> None:
    values = cluster.keep.read()
    passwords = [value for name, value in values.items() if name.endswith("password")]
    pids = [postmaster(cluster), *cluster.valkey.pids()]
    shown = "".join(Path(f"/proc/{pid}/cmdline").read_text() for pid in pids)
    assert len(passwords) == 5
    assert [password for password in passwords if password in shown] == []
    assert cluster.keep.path.stat().st_mode & 0o777 == 0o600


def test_a_second_start_attaches_to_the_running_server(cluster: Cluster) -> None:
    before, urls = postmaster(cluster), cluster.urls()
    again = Cluster(cluster.data_dir)
    assert again.start() == urls
    assert postmaster(again) == before


def test_rows_survive_kill_9_of_the_postmaster(cluster: Cluster) -> None:
    remember(cluster, "killed")
    pid = postmaster(cluster)
    os.kill(pid, signal.SIGKILL)
    wait_until_dead([pid], 5)
    assert cluster.postgres.pid() is None
    cluster.start()
    assert remembered(cluster, "killed") == 7


def test_a_busy_backend_does_not_keep_the_next_server_out(cluster: Cluster) -> None:
    busy = psycopg2.connect(cluster.urls().database_url)
    busy.autocommit = True
    worker = threading.Thread(target=_work_in, args=(busy,))
    worker.start()
    running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO %' AND state = 'active'"
    while query(cluster.urls().database_admin_url, running) == 0:
        time.sleep(0.05)
    pid = postmaster(cluster)
    os.kill(pid, signal.SIGKILL)
    wait_until_dead([pid], 5)
    assert len(pids_in(POSTGRES, cluster.postgres.folder)) == 1
    cluster.start()
    assert cluster.is_running()
    worker.join(10)
    assert not worker.is_alive()


def _work_in(link: psycopg2.extensions.connection) -> None:
    try:
        link.cursor().execute("DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$")
    except psycopg2.Error:
        return


def test_a_pid_file_naming_another_living_process_is_stale(cluster: Cluster) -> None:
    cluster.stop()
    with subprocess.Popen(["sleep", "60"]) as other:
        pid_file = cluster.postgres.folder / "postmaster.pid"
        pid_file.write_text(f"{other.pid}\n{cluster.postgres.folder}\n1\n{cluster.postgres.port}\n\n\n")
        assert cluster.postgres.pid() is None
        cluster.start()
        assert cluster.is_running()
        assert other.poll() is None
        other.kill()


def test_a_zombie_is_not_taken_for_a_running_server(folder: Path) -> None:
    """The parent of the servers has not reaped them: kill(pid, 0) still succeeds."""
    code = (
        "import os, signal, sys, time\n"
        "from liaison.launcher.cluster import Cluster\n"
        "c = Cluster(sys.argv[1], with_parent=True); c.start()\n"
        "pid = c.postgres.pid(); os.kill(pid, signal.SIGKILL); time.sleep(0.3)\n"
        "os.kill(pid, 0)\n"
        "assert 'Z' in open(f'/proc/{pid}/stat').read().split(')')[1]\n"
        "assert c.postgres.pid() is None\n"
        "c.start(); assert c.is_running(); c.stop()\n"
    )
    subprocess.run([sys.executable, "-c", code, str(folder / "data")], check=True)


def test_a_taken_port_is_left_for_another(cluster: Cluster) -> None:
    remember(cluster, "moved")
    cluster.stop()
    ports = cluster.postgres.port, cluster.valkey.port
    with socket.create_server(("127.0.0.1", ports[0])), socket.create_server(("127.0.0.1", ports[1])):
        cluster.start()
        assert cluster.postgres.port != ports[0]
        assert cluster.valkey.port != ports[1]
    assert remembered(cluster, "moved") == 7


def test_the_queue_keeps_everything_and_asks_for_a_password(cluster: Cluster) -> None:
    assert "noeviction" in cluster.valkey.ask("CONFIG", "GET", "maxmemory-policy")
    assert "yes" in cluster.valkey.ask("CONFIG", "GET", "appendonly")
    assert "127.0.0.1" in cluster.valkey.ask("CONFIG", "GET", "bind")
    with socket.create_connection(("127.0.0.1", cluster.valkey.port)) as link:
        link.sendall(b"PING\r\n")
        assert link.recv(100).startswith(b"-NOAUTH")


def test_the_queue_survives_kill_9(cluster: Cluster) -> None:
    assert cluster.valkey.ask("SET", "doorbell", "rung") == "+OK\r\n"
    assert cluster.valkey.ask("WAITAOF", "1", "0", "2000").startswith("*2\r\n:1") or time.sleep(1.2) is None  # type: ignore[func-returns-value]
    pids = cluster.valkey.pids()
    os.kill(pids[0], signal.SIGKILL)
    wait_until_dead(pids, 5)
    cluster.start()
    assert cluster.valkey.ask("GET", "doorbell") == "$4\r\nrung\r\n"


@pytest.mark.parametrize("how", ["zeros at the end", "garbage in the middle", "empty list of files"])
def test_a_damaged_queue_file_is_set_aside_and_the_queue_starts_empty(cluster: Cluster, how: str) -> None:
    kept = cluster.valkey.folder / "appendonlydir"
    cluster.valkey.ask("SET", "doorbell", "rung")
    before = len(cluster.valkey.set_aside())
    cluster.stop()
    (log,) = kept.glob("*.incr.aof")
    if how == "zeros at the end":
        log.write_bytes(log.read_bytes() + bytes(100))
    elif how == "garbage in the middle":
        log.write_bytes(log.read_bytes()[:5] + b"XXXXXXXX" + log.read_bytes()[13:])
    else:
        (kept / "appendonly.aof.manifest").write_bytes(b"")
    cluster.start()
    assert cluster.valkey.ask("GET", "doorbell") == "$-1\r\n"
    (aside,) = cluster.valkey.set_aside()[before:]
    assert (aside / log.name).exists()


def test_a_shortened_queue_file_is_loaded(cluster: Cluster) -> None:
    cluster.valkey.ask("SET", "doorbell", "rung")
    cluster.valkey.ask("SET", "last", "lost")
    before = cluster.valkey.set_aside()
    cluster.stop()
    (log,) = (cluster.valkey.folder / "appendonlydir").glob("*.incr.aof")
    log.write_bytes(log.read_bytes()[:-5])
    cluster.start()
    assert cluster.valkey.ask("GET", "doorbell") == "$4\r\nrung\r\n"
    assert cluster.valkey.set_aside() == before


def test_a_queue_that_cannot_start_for_another_reason_keeps_its_file(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.valkey.ask("SET", "doorbell", "rung")
    before = cluster.valkey.set_aside()
    cluster.stop()
    with monkeypatch.context() as patch, pytest.raises(LauncherError, match="队列服务未能启动"):
        patch.setattr("liaison.launcher.valkey.valkey_program", lambda *_: Path("/bin/false"))
        cluster.start(postgres=False)
    cluster.start()
    assert cluster.valkey.ask("GET", "doorbell") == "$4\r\nrung\r\n"
    assert cluster.valkey.set_aside() == before


def test_a_database_dropped_by_a_killed_command_is_made_again_though_the_server_runs(
    cluster: Cluster,
) -> None:
    cluster.postgres.sql("DROP DATABASE liaison WITH (FORCE)", database="postgres")
    before = postmaster(cluster)
    cluster.start()
    assert query(cluster.urls().database_url, "SELECT 1") == 1
    assert postmaster(cluster) == before


def test_stop_leaves_no_process(cluster: Cluster) -> None:
    pids = [*pids_in(POSTGRES, cluster.postgres.folder), *cluster.valkey.pids()]
    assert len(pids) > 3
    cluster.stop()
    assert [pid for pid in pids if is_alive(pid)] == []
    assert not cluster.is_running()


def test_two_starts_at_once_make_one_server(cluster: Cluster) -> None:
    cluster.stop()
    command = [sys.executable, "-m", "liaison.launcher", "start", "--data", str(cluster.data_dir)]
    starts = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    outputs = [start.communicate(timeout=30)[0] for start in starts]
    assert [start.returncode for start in starts] == [0, 0]
    assert outputs[0] == outputs[1]
    assert outputs[0].startswith(b"export DATABASE_URL=postgresql://liaison_owner:")


def test_servers_tied_to_a_program_die_with_it_even_by_kill_9(folder: Path) -> None:
    code = (
        "import sys, time; from liaison.launcher.cluster import Cluster\n"
        "c = Cluster(sys.argv[1], with_parent=True); c.start(); print('up', flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", code, str(folder / "data")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "up\n"
        cluster = Cluster(folder / "data")
        pids = [postmaster(cluster), *cluster.valkey.pids()]
        program.kill()
    assert wait_until_dead(pids, 10)


def test_a_folder_of_another_major_version_is_refused_in_words(cluster: Cluster) -> None:
    cluster.stop()
    version = cluster.postgres.folder / "PG_VERSION"
    kept = version.read_text()
    version.write_text("12\n")
    try:
        with pytest.raises(LauncherError, match="由 PostgreSQL 12 建立"):
            cluster.start()
    finally:
        version.write_text(kept)
