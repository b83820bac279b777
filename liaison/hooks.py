"""What a lower floor has to ask of the floors above it: the only place where a question goes up.

Imports go down only, so the upper app registers its answer here in ``AppConfig.ready``. Where no app
answers, there is nothing to show, to move or to forbid.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.db.models import Q

from liaison.models import Account, Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role

Answer = TypeVar("Answer", bound=Callable[..., Any])

Choices = list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Link:
    """The records of an upper floor that an appointment may name in one of its columns.

    ``choices`` gives the records of exactly one place, as ``(primary key, words that tell it from the
    others)``; ``absent`` says what to do where there are none. ``appointed`` runs in the transaction that
    writes the appointments, with their accounts by record, and may refuse them. ``holds`` is the condition
    on an appointment under which the record still carries it on a day: the seat is held, the station open.
    The door asks it of every request.
    """

    column: str
    label: str
    absent: str
    choices: Callable[[Actor, Jurisdiction], Choices]
    holds: Callable[[date], Q]
    appointed: Callable[[Mapping[int, Account]], None] | None = None


_links: dict[str, Link] = {}


def register_link(link: Link) -> None:
    """Called once per column, while the apps are made ready."""
    _links[link.column] = link


def link_of(column: str) -> Link:
    """The link registered for a column of ``Appointment``; ``KeyError`` when its app is not installed."""
    return _links[column]


def tell_appointed(column: str, given: Mapping[int, Account]) -> None:
    """Let the app of a column do what appointments for its records bring with them."""
    appointed = link_of(column).appointed
    if appointed is not None:
        appointed(given)


@dataclass(slots=True)
class Question(Generic[Answer]):
    """One question; iterating gives the functions that answer it, in the order of the apps."""

    answers: list[Answer] = field(default_factory=list)

    def register(self, *answers: Answer) -> None:
        """Called while the apps are made ready; the same answer twice counts once."""
        self.answers += [answer for answer in answers if answer not in self.answers]

    def __iter__(self) -> Iterator[Answer]:
        return iter(self.answers)


# ``(request, "top" or "bottom")``: the doors of the role, each ``{"label", "url", "active", "icon"}``.
navigation: Question[Callable[..., list[dict[str, Any]]]] = Question()
# ``(actor, today=date)``: what waits today, each a ``liaison.web.admin_site.QueueItem``.
today_queue: Question[Callable[..., Any]] = Question()
# ``(actor, today=date)``: what the acting place still lacks before its work can begin, each with ``label``
# and ``url``.
missing_steps: Question[Callable[..., Any]] = Question()
# ``(actor, today=date)``: how many rows wait behind a door of the back office, by ``"app_label.model_name"``.
today_counts: Question[Callable[..., Any]] = Question()
# ``(actor, calendar, today)``: what another calendar would move, a ``liaison.calendar.effects.Effect``.
calendar_effects: Question[Callable[..., Any]] = Question()
# Celery's tasks that derive provisional dates again once a year is loaded; only their names are sent.
calendar_loaded: Question[Any] = Question()
# ``(actor, year)``: the names of the places whose appraisal of ``year`` stands on frozen data.
frozen_places: Question[Callable[[Actor, int], list[str]]] = Question()
# Run as the system after each complete migration: writes the shipped rows of an app that are missing, never
# over a row that is there.
shipped_data: Question[Callable[[], Any]] = Question()


@dataclass(frozen=True, slots=True)
class Held:
    """What a deputy has in hand when leaving office, what becomes of it, and where it is dealt with."""

    what: str
    becomes: str
    url: str


# ``(actor, mandate ids, today)``: what the deputies of these seats have in hand, before they leave office.
held_by: Question[Callable[[Actor, Collection[int], date], list[Held]]] = Question()


@dataclass(slots=True)
class Passage:
    """What goes from one place to another when places are merged, moved, split or closed.

    ``is_whole``: the former place closes with all it has, otherwise its ``villages`` alone leave it (ids).
    ``successor`` is ``None`` for a place nobody takes over. While it is only looked at, ``moved`` is empty;
    carried out, each app enters in ``moved`` the new rows by the old ones, by the column that names them
    (``person_ref``, ``group_ref``, ``station_ref``, ``mandate``, ``village``), for the apps after it.
    """

    former: Jurisdiction
    successor: Jurisdiction | None
    villages: frozenset[int]
    is_whole: bool
    now: datetime
    day: date
    basis: str
    moved: dict[str, dict[int, int]] = field(default_factory=dict)

    @property
    def lo(self) -> int:
        return self.former.scope_code

    @property
    def hi(self) -> int:
        return self.former.scope_end

    def now_at(self, column: str, former: int | None) -> int | None:
        """The new row that stands for a former one; ``None`` where none was made."""
        return None if former is None else self.moved.get(column, {}).get(former)


@dataclass(frozen=True, slots=True)
class Moving:
    """So many rows of one kind, and what becomes of them; one that ``blocks`` has to be settled first."""

    what: str
    count: int
    becomes: str
    blocks: bool = False


# ``(passage)``: what an app has at the former place, without a line for what it has not.
moving_rows: Question[Callable[[Passage], Iterable[Moving]]] = Question()
# ``(actor, passage)``: carry an app's rows over, in the order of the apps; the system acts over both places.
carry_over_places: Question[Callable[[Actor, Passage], None]] = Question()


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a list to go through: what, how many rows, what that means, where they are dealt with.

    ``count`` is what is still open: 0 is in order. ``forbids`` tells an act that is refused from one that is
    only warned of.
    """

    what: str
    count: int
    words: str
    url: str
    next_act: str
    forbids: bool = False

    @property
    def is_in_order(self) -> bool:
        return self.count == 0

    @property
    def label(self) -> str:
        return "齐备" if self.is_in_order else "须先办理" if self.forbids else "请留意"

    @property
    def tone(self) -> str:
        return "ok" if self.is_in_order else "bad" if self.forbids else "warn"


# ``(actor, former term's id, new term's id, today)``: what is open before a congress's next term begins.
before_rollover: Question[Callable[[Actor, int, int, date], list[Check]]] = Question()
# ``(actor, term's id, moment)``: what was recorded in a term from a moment on, and would lose its term.
recorded_in_term: Question[Callable[[Actor, int, datetime], list[Check]]] = Question()
# ``(actor, today)``: figures that a rollover may move, by their words; asked before it and after.
rollover_figures: Question[Callable[[Actor, date], dict[str, int]]] = Question()


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever may get an account at a record: the deputy, the clerk of a station, the handler of a unit.

    ``name`` is "" where the record knows no person; ``words`` tell the record from others. ``links`` are the
    columns of the appointment besides the record's own.
    """

    record: int
    name: str
    words: str
    role: Role
    links: Mapping[str, int] = field(default_factory=dict)


Holders = Callable[[Actor, Jurisdiction, Iterable[int]], list[Holder]]
_holders: dict[str, Holders] = {}


def register_holders(column: str, holders: Holders) -> None:
    """Who may get an account at the records of a column; called while the apps are made ready."""
    _holders[column] = holders


def holders_of(column: str) -> Holders | None:
    """What gives the holders of records; ``None`` for a column nobody registered."""
    return _holders.get(column)
