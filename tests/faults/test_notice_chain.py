"""Killed workers, a flushed broker, two beats: 47 notices, 47 numbers, 47 files, each reminder once.

Real processes on a clone of a database. What counts is the ledger at the end: lost, duplicated and
unexpected must all be nought (reliability section 3).
"""

import hashlib
from collections.abc import Callable
from random import Random
from time import sleep
from typing import TYPE_CHECKING

from django.utils import timezone

from tests.faults.conftest import DEPUTIES
from tests.stack import wait_for

if TYPE_CHECKING:
    from tests.stack import Stack

Running = Callable[[str], "Stack"]
PRINTED = "SELECT count(*) FROM assessments_feedbacknotice WHERE rendered_at IS NOT NULL"


def count(stack: "Stack", query: str) -> int:
    return int(stack.sql(query)[0][0])


def is_finished(stack: "Stack") -> bool:
    circulars = "SELECT count(*) FROM assessments_circular WHERE rendered_at IS NOT NULL"
    return count(stack, PRINTED) == DEPUTIES and count(stack, circulars) == 1


def settle(stack: "Stack", seconds: float = 240) -> None:
    wait_for(lambda: is_finished(stack), seconds=seconds, what=f"47 notices\n{stack.log('worker')}")


def check_ledger(stack: "Stack") -> None:
    """Every published sheet has its letter, once, with a number, a file and one message."""
    numbers = [n for (n,) in stack.sql("SELECT organ_number FROM assessments_feedbacknotice ORDER BY 1")]
    assert numbers == list(range(1, DEPUTIES + 1))
    assert stack.sql("SELECT organ_number FROM assessments_circular") == [(DEPUTIES + 1,)]
    assert stack.sql("SELECT last_number FROM liaison_documentcounter WHERE code = '庄人主'") == [
        (DEPUTIES + 1,)
    ]
    lost = """SELECT count(*) FROM assessments_scoresheet s LEFT JOIN assessments_feedbacknotice n ON n.sheet_id = s.id
              WHERE s.state = 'published' AND n.id IS NULL"""
    assert count(stack, lost) == 0
    assert count(stack, "SELECT count(DISTINCT pdf_id) FROM assessments_feedbacknotice") == DEPUTIES
    files = stack.sql(
        """SELECT f.path, f.sha256 FROM liaison_storedfile f
           WHERE f.id IN (SELECT pdf_id FROM assessments_feedbacknotice)"""
    )
    for path, digest in files:
        data = (stack.data_dir / "files" / path).read_bytes()
        assert data.startswith(b"%PDF")
        assert hashlib.sha256(data).hexdigest() == digest
    # A row without its letter would be a file nobody asked for.
    assert count(stack, "SELECT count(*) FROM liaison_storedfile") == DEPUTIES + 1
    told = "SELECT dedupe_key, count(*) FROM liaison_notification WHERE dedupe_key LIKE 'notice-%' GROUP BY 1"
    assert sorted({times for _, times in stack.sql(told)}) == [1]
    assert len(stack.sql(told)) == DEPUTIES
    stack.manage("verify_audit")


def test_a_worker_killed_again_and_again_and_a_flushed_broker(
    published_template: str, running: Running
) -> None:
    stack, chance = running(published_template), Random(20260120)
    stack.start_beat()
    for _ in range(3):
        stack.start_worker()
        so_far = count(stack, PRINTED)
        wait_for(lambda: count(stack, PRINTED) >= so_far + 3, seconds=90, what=stack.log("worker"))  # noqa: B023
        sleep(chance.uniform(0, 0.6))
        stack.kill("worker")
        stack.flush_broker()
    assert count(stack, PRINTED) < DEPUTIES, "killed too late to prove anything"
    stack.start_worker()
    settle(stack)
    check_ledger(stack)


def test_two_beats_and_a_worker_of_two_hands(published_template: str, running: Running) -> None:
    stack = running(published_template)
    stack.start_worker(concurrency=2)
    stack.start_beat("beat")
    stack.start_beat("second-beat")
    settle(stack)
    check_ledger(stack)


def test_each_reminder_once_however_many_beats_there_are(overdue_template: str, running: Running) -> None:
    """Both beats ask every 7.5 seconds; what is due was due three days ago, and nobody has heard yet."""
    stack = running(overdue_template)
    stack.environment["LIAISON_BEAT_FAST"] = "120"
    stack.start_worker(concurrency=2)
    stack.start_beat("beat")
    stack.start_beat("second-beat")
    sent = "SELECT count(*) FROM assessments_noticereminder"
    if is_day_off(stack):
        # Nothing leaves on a day off: several rounds of both beats go by in silence.
        rounds(stack, 3)
        assert count(stack, sent) == 0
        return
    wait_for(lambda: count(stack, sent) == DEPUTIES, seconds=150, what=stack.log("worker"))
    rounds(stack, 2)
    assert stack.sql("SELECT stage, count(*) FROM assessments_noticereminder GROUP BY 1") == [
        ("overdue_1", DEPUTIES)
    ]
    titles = stack.sql("SELECT title, count(*) FROM liaison_notification WHERE title LIKE '您的%' GROUP BY 1")
    assert titles == [("您的整改报告逾期3日", DEPUTIES)]
    chair = "SELECT max(times) FROM (SELECT count(*) AS times FROM liaison_notification GROUP BY account_id, dedupe_key) t"
    assert count(stack, chair) == 1


def rounds(stack: "Stack", number: int) -> None:
    """Both beats ring so many times more, and what they rang for is done."""
    beats, entry = ("beat", "second-beat"), "rectification-deadlines"
    wanted = [stack.rung(beat, entry) + number for beat in beats]

    def is_reached() -> bool:
        return all(stack.rung(beat, entry) >= times for beat, times in zip(beats, wanted, strict=True))

    wait_for(is_reached, seconds=120, what=stack.log("beat"))
    wait_for(stack.is_idle, seconds=60, what=stack.log("worker"))


def is_day_off(stack: "Stack") -> bool:
    """By the loaded calendar, else by the weekday; the worker's clock is this machine's."""
    today = timezone.localdate()
    kinds = dict(stack.sql(f"SELECT day, kind FROM liaison_calendarday WHERE day = '{today}'"))
    kind = kinds.get(today)
    return kind == "holiday" or (kind is None and today.weekday() >= 5)


def test_a_broker_that_forgets_loses_nothing(published_template: str, running: Running) -> None:
    """For five seconds whatever is rung is forgotten at once; the rows are still there afterwards."""
    stack = running(published_template)
    stack.start_worker()
    stack.start_beat()
    for _ in range(20):
        stack.flush_broker()
        sleep(0.25)
    settle(stack)
    check_ledger(stack)
