"""The kinds of jobs: what one step of each does, and the name of the file it leaves."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from liaison.models import Job

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Progress:
    """After a step: how much is done, what comes next in words, and whether anything does."""

    done: int
    stage: str
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Slow(Generic[Made]):
    """A step whose work takes long and needs no database: done between two transactions, never inside one.

    ``keep`` stores what was made, in the second one. Another worker may have been quicker: it looks first.
    """

    make: Callable[[], Made]
    keep: Callable[[Job, Made, datetime], Progress]


# In one transaction, as the person who asked, with the job's row locked. It may raise what services raise:
# what it wrote is undone then, the job stops, and the sentence stands on its page.
Step = Callable[[Job, datetime], Progress | Slow[Any]]


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
