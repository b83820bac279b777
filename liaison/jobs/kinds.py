"""The kinds of jobs: what one step of each does, and the name of the file it leaves."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from liaison.models import Job


@dataclass(frozen=True, slots=True)
class Progress:
    """After a step: how much is done, what comes next in words, and whether anything does."""

    done: int
    stage: str
    is_over: bool = False


# In one transaction, as the person who asked, with the job's row locked. It may raise what services raise:
# what it wrote is undone then, the job stops, and the sentence stands on its page.
Step = Callable[[Job, datetime], Progress]


@dataclass(frozen=True, slots=True)
class Kind:
    step: Step
    # Without its ending; the part with number 0 says which one.
    file_name: str


_KINDS: dict[str, Kind] = {}


def register(name: str, kind: Kind) -> None:
    """Registering a kind again replaces it."""
    _KINDS[name] = kind


def kind_of(name: str) -> Kind:
    return _KINDS[name]
