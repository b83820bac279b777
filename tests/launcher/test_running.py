"""Starting, staying and stopping, with real processes and real kills."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from liaison.launcher.cluster import Cluster
from liaison.launcher.processes import free_port, wait_until_dead
from tests.launcher import miniature
from tests.launcher.conftest import make_folder
from tests.launcher.miniature import ROOT, Run, await_true, clean, configure, running


@pytest.fixture(scope="module")
def lasting() -> Iterator[Path]:
    """A folder whose database is made once: making one takes longer than a start."""
    made = make_folder()
    yield made
    shutil.rmtree(made)


@pytest.fixture
def house(lasting: Path) -> Path:
    """An installation that is stopped."""
    configure(lasting)
    return lasting


def gone(run: Run, seconds: float = 20.0) -> None:
    """Nothing that belongs to the run lives any more."""
    await_true(
        lambda: not run.everything(),
        seconds,
        lambda: str([miniature.command_line(pid) for pid in run.everything()]),
    )


def stops_whole(run: Run, how: signal.Signals) -> None:
    """Exit code 0, the last word, and no process."""
    assert run.stop(how) == 0
    assert [miniature.command_line(pid) for pid in run.everything()] == []
    assert run.words().endswith("已停止。\n")


def test_a_second_ctrl_c_ends_at_once(house: Path) -> None:
    configure(house, beat="import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)")
    text = (house / "supervisord.conf").read_text().replace("stopwaitsecs=10", "stopwaitsecs=100")
    (house / "supervisord.conf").write_text(text)
    with running(house) as run:
        run.process.send_signal(signal.SIGINT)
        run.await_words("正在停止")
        run.process.send_signal(signal.SIGINT)
        assert run.process.wait(60) == 0
        assert run.everything() == []


def test_a_second_start_of_the_same_folder_is_refused_in_words(house: Path) -> None:
    with running(house) as run:
        second = Run(house, free_port())
        assert second.process.wait(120) == 1
        assert second.words() == f"本系统正在运行（数据目录 {run.data}），请先停止。\n"
        assert run.web() is not None
        assert len(run.everything()) >= 10
        stops_whole(run, signal.SIGTERM)


def test_of_two_starts_at_once_one_runs_and_the_other_is_refused_in_words(house: Path) -> None:
    both = [Run(house, free_port()) for _ in range(2)]
    try:
        await_true(lambda: [r for r in both if r.process.poll() is not None], 120, lambda: "both run")
        (refused,) = [r for r in both if r.process.poll() is not None]
        (runs,) = [r for r in both if r is not refused]
        assert refused.words() == f"本系统正在运行（数据目录 {refused.data}），请先停止。\n"
        runs.await_words("已就绪")
        stops_whole(runs, signal.SIGHUP)
    finally:
        for run in both:
            clean(run)


def test_after_kill_9_of_the_launcher_nothing_is_left(house: Path) -> None:
    with running(house) as run:
        run.process.kill()
        run.process.wait(10)
        gone(run)


def test_after_kill_9_of_launcher_and_supervisor_their_children_end_too(house: Path) -> None:
    """The kernel tells the leaders; what is deaf to it is ended by the next start."""
    with running(house) as run:
        os.kill(run.supervisor(), signal.SIGKILL)
        run.process.kill()
        run.process.wait(10)
        again = Run(house, free_port())
        try:
            again.await_words("已就绪")
            assert again.web() not in (None, run.process.pid)
            stops_whole(again, signal.SIGINT)
        finally:
            clean(again)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_start_at_once_after_kill_9_is_not_refused_and_recovers(house: Path, seed: int) -> None:
    """Whatever was killed, and in whatever order; the lock is nobody's but the launcher's."""
    draw = random.Random(seed)
    with running(house) as run:
        others = [pid for pid in run.everything() if pid != run.process.pid]
        victims = [*draw.sample(others, draw.randint(0, len(others))), run.process.pid]
        draw.shuffle(victims)
        for pid in victims:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        run.process.wait(10)
        again = Run(house, free_port())
        try:
            again.await_words("已就绪")
            assert "正在运行" not in again.words()
            stops_whole(again, signal.SIGINT)
        finally:
            clean(again)


@pytest.fixture(scope="module")
def shared() -> Iterator[Run]:
    """One run for the tests that leave it running."""
    folder = make_folder()
    configure(folder)
    with running(folder) as run:
        yield run
        assert run.stop() == 0


def test_a_killed_web_comes_back_and_its_old_pool_does_not_stay(shared: Run) -> None:
    before, pool = shared.web(), pool_of(shared)
    assert before is not None
    os.kill(before, signal.SIGKILL)
    await_true(lambda: shared.web() not in (None, before), 120, shared.words)
    assert wait_until_dead(pool, 10)
    assert "网站意外停止，正在重新启动" in shared.words()


def pool_of(run: Run) -> list[int]:
    return [pid for pid in run.everything() if miniature.command_line(pid).startswith("sleep 600")]


def test_a_killed_database_and_a_killed_queue_come_back_while_the_web_stays(shared: Run) -> None:
    cluster, web = Cluster(shared.data), shared.web()
    postmaster, valkey = cluster.postgres.pid(), cluster.valkey.pids()
    assert postmaster is not None
    for pid in (postmaster, *valkey):
        os.kill(pid, signal.SIGKILL)
    assert wait_until_dead([postmaster, *valkey], 5)
    await_true(cluster.is_running, 120, shared.words)
    assert shared.web() == web
    for label in ("数据库", "队列服务"):
        shared.await_words(f"{label}意外停止，正在重新启动", 10)


def test_a_killed_supervisor_is_started_again_with_all_its_programs(shared: Run) -> None:
    before = shared.supervisor()
    os.kill(before, signal.SIGKILL)
    shared.await_words("进程管理器意外停止，正在重新启动")
    cluster = Cluster(shared.data)
    await_true(lambda: cluster.is_running() and shared.web() is not None, 120, shared.words)
    assert shared.supervisor() != before


def test_a_damaged_queue_file_is_set_aside_and_said(shared: Run) -> None:
    cluster, web = Cluster(shared.data), shared.web()
    (pid,) = cluster.valkey.pids()
    os.kill(pid, signal.SIGKILL)
    damage(cluster)
    await_true(cluster.valkey.is_running, 120, shared.words)
    shared.await_words("队列文件已损坏，已移到", 10)
    assert len(cluster.valkey.set_aside()) == 1
    assert shared.web() == web


def damage(cluster: Cluster) -> None:
    (file,) = (cluster.valkey.folder / "appendonlydir").glob("*.incr.aof")
    with file.open("ab") as appended:
        appended.write(bytes(100))


def test_a_server_that_cannot_come_back_ends_nothing_and_is_tried_until_it_can(house: Path) -> None:
    """As on a full disk: supervisord gives up after its tries, the launcher does not."""
    text = (house / "supervisord.conf").read_text().replace("startretries=7", "startretries=1")
    (house / "supervisord.conf").write_text(text)
    with running(house) as run:
        cluster, web = Cluster(run.data), run.web()
        control, aside = cluster.postgres.folder / "PG_VERSION", run.data / "kept"
        control.rename(aside)
        postmaster = cluster.postgres.pid()
        assert postmaster is not None
        os.kill(postmaster, signal.SIGKILL)
        run.await_words("数据库多次未能启动，每半分钟再试一次")
        assert run.web() == web
        assert cluster.valkey.is_running()
        aside.rename(control)
        await_true(cluster.postgres.is_running, 120, run.words)
        assert run.web() == web


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own that can be filled."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=150m,mode=711", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("only root may mount, and not in every container")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_on_a_full_disk_nothing_ends_for_good_and_all_is_back_when_there_is_room(small_disk: Path) -> None:
    configure(small_disk)
    with running(small_disk) as run:
        cluster, web, kept = Cluster(run.data), run.web(), run.supervisor()
        postmaster, valkey = cluster.postgres.pid(), cluster.valkey.pids()
        assert postmaster is not None
        fill(small_disk / "fill")
        for pid in (postmaster, *valkey):
            os.kill(pid, signal.SIGKILL)
        await_true(lambda: run.words().count("数据库意外停止") >= 3, 120, run.words)
        assert cluster.postgres.pid() is None
        (small_disk / "fill").unlink()
        await_true(cluster.is_running, 120, run.words)
        assert (run.web(), run.supervisor()) == (web, kept)
        stops_whole(run, signal.SIGINT)


def fill(path: Path) -> None:
    with suppress(OSError), path.open("wb") as file:
        while True:
            file.write(bytes(4096))


def test_without_a_queue_the_start_goes_on_and_says_so(house: Path) -> None:
    in_the_way = house / "data" / "valkey"
    shutil.rmtree(in_the_way, ignore_errors=True)
    in_the_way.parent.mkdir(mode=0o711, exist_ok=True)
    in_the_way.write_text("in the way")
    with running(house) as run:
        assert "队列服务暂时无法启动，系统先行运行，稍后自动再试" in run.words()
        assert run.web() is not None
        in_the_way.unlink()
        await_true(Cluster(run.data).valkey.is_running, 120, run.words)


def test_a_web_that_never_starts_ends_the_start_and_shows_its_last_words(house: Path) -> None:
    configure(house, web="import sys; sys.exit('no such setting')")
    run = Run(house, free_port())
    try:
        assert run.process.wait(120) == 1
        assert "网站无法启动，其最后的输出是：\n" in run.words()
        assert "no such setting" in run.words()
        assert run.everything() == []
    finally:
        clean(run)


def test_a_database_that_never_starts_ends_the_start_in_words(folder: Path) -> None:
    configure(folder)
    (folder / "data").mkdir(mode=0o711)
    (folder / "data" / "postgres").mkdir()
    run = Run(folder, free_port())
    try:
        assert run.process.wait(120) == 1
        assert "数据库无法启动：\n" in run.words()
        assert "postgres 已存在但不是数据库目录，请移走后重试。" in run.words()
        assert "Traceback" not in run.words()
        assert run.everything() == []
    finally:
        clean(run)


def test_a_part_outside_its_launcher_holds_the_folder(folder: Path) -> None:
    """Under systemd or in a container: neither launcher nor restore may begin meanwhile."""
    code = (
        "import sys, time; from liaison.launcher.installation import Installation\n"
        "Installation().share(); print('up', flush=True); time.sleep(60)\n"
    )
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("DATABASE", "REDIS"))
    }
    environment |= {"LIAISON_DATA_DIR": str(folder / "data")}
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as part:
        assert part.stdout is not None
        assert part.stdout.readline() == "up\n"
        configure(folder)
        run = Run(folder, free_port())
        assert run.process.wait(120) == 1
        assert run.words() == f"本系统正在运行（数据目录 {run.data}），请先停止。\n"
        part.kill()


def test_the_developers_server_reloads_what_changes_and_leaves_no_process(folder: Path) -> None:
    with running(folder, "dev") as run:
        await_true(lambda: answers(run), 120, run.words)
        before = set(servers(run))
        await_true(lambda: set(servers_after_a_change(run)) - before, 120, run.words)
        await_true(lambda: answers(run), 120, run.words)
        stops_whole(run, signal.SIGINT)


def answers(run: Run) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{run.port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def servers_after_a_change(run: Run) -> list[int]:
    """A change before the reloader's first look is none to it, so more than one may be needed."""
    os.utime(ROOT / "liaison" / "wsgi.py")
    time.sleep(3)
    return servers(run)


def servers(run: Run) -> list[int]:
    return [pid for pid in run.everything() if "manage.py runserver" in miniature.command_line(pid)]
