"""The web application under a clock that the test sets: the instant stands in a file and runs on from there."""

import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import time_machine

from liaison.wsgi import application as liaison

CLOCK = Path(os.environ["LIAISON_DATA_DIR"], "clock")
_lock = threading.Lock()
_running: list[time_machine.travel] = []
_shown = [""]


def set_clock() -> None:
    """Move to what the file says, if that has changed since."""
    wanted = CLOCK.read_text()
    with _lock:
        if wanted == _shown[0]:
            return
        if _running:
            _running.pop().stop()
        travel = time_machine.travel(wanted, tick=True)
        travel.start()
        _running.append(travel)
        _shown[0] = wanted


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    set_clock()
    return liaison(environ, start_response)
