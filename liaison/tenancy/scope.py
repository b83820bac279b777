"""Who acts, and over which interval of the jurisdiction tree.

A scope is a half-open interval ``lo <= scope_code < hi`` of 12-digit codes. ``acting(actor)`` is the only
way to reach scoped rows: it opens a transaction, remembers the actor for wall 1 (the gate in
``scope_models``) and tells PostgreSQL for wall 2 (row-level security, ``walls``). Settings are local to
the transaction, so a pooled connection never carries one person's scope to the next.
"""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, transaction

from liaison.words.enums import LINKS_OF_ROLE, Role
from liaison.words.errors import Forbidden, ScopeRequired

NATION = (0, 10**12)
NOWHERE = (0, 0)


@dataclass(frozen=True, slots=True)
class Actor:
    """One account acting in one appointment: the unit of every permission and audit entry."""

    account_id: int | None
    appointment_id: int | None
    role: Role
    lo: int
    hi: int
    jurisdiction_id: int | None = None
    jurisdiction_name: str = ""
    # What the office is called at its place.
    post: str = ""
    display_name: str = ""
    person_id: int | None = None
    station_id: int | None = None
    unit_id: int | None = None
    group_id: int | None = None
    request_id: str = ""
    # All people the account speaks or spoke for, in whichever appointment, and all accounts that did so too.
    people: frozenset[int] = frozenset()
    selves: frozenset[int] = frozenset()

    @property
    def accounts(self) -> frozenset[int]:
        """The account that acts and every other one of the same person."""
        return self.selves if self.account_id is None else self.selves | {self.account_id}

    def is_self(self, account_id: int | None) -> bool:
        """Whether an account is the actor's own: this one, or another one of the same person."""
        return account_id is not None and account_id in self.accounts

    def is_person(self, person_id: int | None) -> bool:
        """Whether a registered person is who acts, in this appointment or in any other, ended ones too."""
        return person_id is not None and (person_id == self.person_id or person_id in self.people)

    @property
    def is_authenticated(self) -> bool:
        return self.account_id is not None or self.role == Role.SYSTEM

    @property
    def is_whole(self) -> bool:
        """Whether the appointment names all its role speaks for; one that does not reaches no row."""
        columns = LINKS_OF_ROLE.get(self.role, ())
        return all(getattr(self, f"{column.removesuffix('_ref')}_id") is not None for column in columns)

    def has_role(self, *roles: Role) -> bool:
        return self.role in roles

    def require(self, role: Role, /, *others: Role) -> None:
        """Raise ``Forbidden`` unless the actor holds one of the roles (the system may do everything)."""
        if not self.has_role(role, *others, Role.SYSTEM):
            raise Forbidden()

    def require_system(self) -> None:
        """Raise ``Forbidden`` for every person: beat does this, from a task."""
        if self.role != Role.SYSTEM:
            raise Forbidden("这一步由系统按期自动办理，不由个人操作。")

    def covers(self, scope_code: int) -> bool:
        return self.lo <= scope_code < self.hi

    def narrowed(self, lo: int, hi: int) -> "Actor":
        """The same actor over a smaller interval; widening is refused."""
        if lo < self.lo or hi > self.hi:
            raise Forbidden("不能扩大管辖范围。")
        return replace(self, lo=lo, hi=hi)


_current: ContextVar[Actor | None] = ContextVar("liaison_actor", default=None)


# What was looked up for the actor who acts; another one starts with nothing.
_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("liaison_kept", default=None)


def kept_while_acting() -> dict[Hashable, Any]:
    """A place for what is looked up once while one actor acts; of no use where nobody does."""
    kept = _kept.get()
    return {} if kept is None else kept


def current_actor() -> Actor | None:
    return _current.get()


def require_actor() -> Actor:
    actor = _current.get()
    if actor is None:
        raise ScopeRequired("No actor is acting: wrap the call in scope.acting(actor).")
    return actor


def system_actor(lo: int = NATION[0], hi: int = NATION[1], name: str = "系统") -> Actor:
    """The actor of beat tasks and commands; ``name`` says which one in the audit trail."""
    return Actor(account_id=None, appointment_id=None, role=Role.SYSTEM, lo=lo, hi=hi, display_name=name)


def public_actor(lo: int, hi: int, jurisdiction_name: str = "", jurisdiction_id: int | None = None) -> Actor:
    """A resident without an account, reading what one jurisdiction publishes."""
    return Actor(
        account_id=None,
        appointment_id=None,
        role=Role.PUBLIC,
        lo=lo,
        hi=hi,
        jurisdiction_id=jurisdiction_id,
        jurisdiction_name=jurisdiction_name,
        display_name="群众",
    )


_KEYS = ("app.lo", "app.hi", "app.account", "app.appointment", "app.actor", "app.request")
_SET = "SELECT " + ", ".join(f"set_config('{key}', %s, true)" for key in _KEYS)


def _tell_database(actor: Actor | None) -> None:
    if actor is None:
        values = [""] * len(_KEYS)
    else:
        lo, hi = (actor.lo, actor.hi) if actor.is_whole else NOWHERE
        values = [
            str(lo),
            str(hi),
            str(actor.account_id or ""),
            str(actor.appointment_id or ""),
            f"{actor.role}:{actor.display_name}",
            actor.request_id,
        ]
    with connection.cursor() as cursor:
        cursor.execute(_SET, values)


@contextmanager
def acting(actor: Actor, *, savepoint: bool = True) -> Iterator[Actor]:
    """Run the block as ``actor`` inside a transaction; the former actor is restored afterwards.

    After an error nothing has to be told: rolling back undoes the settings too, and asking a broken
    transaction for anything would hide the error itself. Without a savepoint, which a block that only reads
    does not need, such an error ends the transaction around it.
    """
    former = _current.get()
    with transaction.atomic(savepoint=savepoint):
        _tell_database(actor)
        token, kept = _current.set(actor), _kept.set({})
        try:
            yield actor
        finally:
            _current.reset(token)
            _kept.reset(kept)
        # A block that asked for its own rollback takes the settings back with it as well.
        if not connection.needs_rollback:
            _tell_database(former)
