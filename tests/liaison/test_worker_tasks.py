"""A worker as it starts, with nothing imported by a test, knows every task that beat rings for."""

import subprocess
import sys

from tests.stack import ROOT

_PROGRAM = """
from liaison.celery import app
app.loader.import_default_modules()
app.finalize()
print(sorted({entry["task"] for entry in app.conf.beat_schedule.values()} - set(app.tasks)))
"""


def test_a_fresh_worker_knows_every_task_of_the_schedule() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr[-500:]) == ("[]", "")
