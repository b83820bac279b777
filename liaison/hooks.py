"""What this floor has to ask of the floors above it.

Imports go down only, so the upper app registers its answer here in ``AppConfig.ready``.
"""

from collections.abc import Callable
from dataclasses import dataclass

from liaison.models import Account, Jurisdiction
from liaison.tenancy.scope import Actor

Choices = list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Link:
    """The records of an upper floor that an appointment may name in one of its columns.

    ``choices`` gives the records of exactly one place, as ``(primary key, words that tell it from the
    others)``; ``absent`` says what to do where there are none. ``appointed`` runs in the transaction that
    writes the appointment and may refuse it.
    """

    column: str
    label: str
    absent: str
    choices: Callable[[Actor, Jurisdiction], Choices]
    appointed: Callable[[Account, int], None] | None = None


_links: dict[str, Link] = {}


def register_link(link: Link) -> None:
    """Called once per column, while the apps are made ready."""
    _links[link.column] = link


def link_of(column: str) -> Link:
    """The link registered for a column of ``Appointment``; ``KeyError`` when its app is not installed."""
    return _links[column]
