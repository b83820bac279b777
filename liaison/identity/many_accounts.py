"""Accounts for a whole roster in one act: a fixed number of statements for any number of people.

The rules are those of ``accounts``, asked for all at once; what only the records' own app can know (that they
are of this place) its caller has asked it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import QuerySet

from liaison import hooks
from liaison.auditing import trail
from liaison.identity import access, keepers
from liaison.identity.accounts import clean_username, draw_password
from liaison.models import Account, Appointment, Jurisdiction
from liaison.tenancy.scope import Actor, require_actor
from liaison.words.enums import LINKS_OF_ROLE, Role
from liaison.words.errors import InvalidInput, OutOfScope
from liaison.words.limits import fitted_line
from liaison.words.names import latin_name

# Rows in one statement.
AT_ONCE = 500
# Rounds of names with a number behind them before one is given up.
_ROUNDS = 50
# What is left of a name beside its number.
_LONGEST = 30


@dataclass(slots=True)
class Wanted:
    """One account to be made: for whom, as what, for which records; ``account`` once it is there."""

    name: str
    role: Role
    links: Mapping[str, int]
    account: Account | None = field(default=None, init=False)


def open_and_appoint(
    *, wanted: Sequence[Wanted], jurisdiction: Jurisdiction, today: date, now: datetime
) -> list[Account]:
    """Open an account for each of ``wanted`` and appoint it from ``today``; all or none, in their order.

    Each has its ``initial_password``. ``Forbidden`` for a role the actor may not give or for himself,
    ``Refused`` for a keeper, ``InvalidInput`` when a name cannot be had or an app refuses a record.
    """
    actor = require_actor()
    if not (actor.covers(jurisdiction.scope_code) and jurisdiction.scope_end <= actor.hi):
        raise OutOfScope()
    _require_allowed(actor, wanted, today)
    made = _opened(wanted, jurisdiction.scope_code, now)
    rows = [
        Appointment(
            account=account,
            jurisdiction=jurisdiction,
            scope_code=jurisdiction.scope_code,
            role=each.role,
            starts_on=today,
            **each.links,
        )
        for each, account in zip(wanted, made, strict=True)
    ]
    with trail.operation("appoint"):
        Appointment._plain.bulk_create(rows, batch_size=AT_ONCE)
    _tell(wanted, made)
    return made


def _require_allowed(actor: Actor, wanted: Sequence[Wanted], today: date) -> None:
    for role in {each.role for each in wanted}:
        access.require_may_appoint(actor, role)
    people = {each.links["person_ref"] for each in wanted if "person_ref" in each.links}
    keepers.require_none_is_self(actor, people)
    keepers.refuse_keepers_among(people, today)


def _opened(wanted: Sequence[Wanted], scope_code: int, now: datetime) -> list[Account]:
    """The accounts, each under the name in letters, with a number behind it where that one is taken."""
    bases = [clean_username(latin_name(each.name)[:_LONGEST] or "yonghu") for each in wanted]
    numbers: dict[str, int] = {}
    waiting = list(range(len(wanted)))
    for _ in range(_ROUNDS):
        if not waiting:
            break
        tried: dict[str, int] = {}
        for index in waiting:
            number = numbers[bases[index]] = numbers.get(bases[index], 0) + 1
            tried[bases[index] if number == 1 else f"{bases[index]}{number}"] = index
        made = _insert({name: wanted[index].name for name, index in tried.items()}, scope_code, now)
        for account in made:
            wanted[tried[account.username]].account = account
        waiting = [index for index in waiting if wanted[index].account is None]
    if waiting:
        names = "、".join(wanted[index].name for index in waiting[:3])
        raise InvalidInput({"name": f"“{names}”的账号名已用完，请由安全管理员另行开立。"})
    return [each.account for each in wanted if each.account is not None]


def _insert(names: Mapping[str, str], scope_code: int, now: datetime) -> list[Account]:
    """Those of ``names`` (by sign-in name) that could be had; a name taken anywhere is left to its owner."""
    taken = set(_named(names).values_list("username", flat=True))
    rows = {}
    for username, name in names.items():
        if username not in taken:
            row = rows[username] = Account(
                username=username,
                display_name=fitted_line(Account, "display_name", name),
                scope_code=scope_code,
                created_at=now,
            )
            row.initial_password = draw_password(row)
    with trail.operation("create_account"):
        Account.objects.bulk_create(rows.values(), batch_size=AT_ONCE, ignore_conflicts=True)
    # What another office has is not seen from here, and was not written.
    for username, key in _named(rows).values_list("username", "pk"):
        rows[username].pk = key
    return [row for row in rows.values() if row.pk is not None]


def _named(names: Iterable[str]) -> QuerySet[Account]:
    return access.accounts(require_actor()).filter(username__in=list(names))


def _tell(wanted: Sequence[Wanted], made: Sequence[Account]) -> None:
    """Let the apps do what the appointments bring with them, once for each kind of record."""
    given: dict[str, dict[int, Account]] = {}
    for each, account in zip(wanted, made, strict=True):
        for column in LINKS_OF_ROLE.get(each.role, ()):
            given.setdefault(column, {})[each.links[column]] = account
    for column, accounts in given.items():
        hooks.tell_appointed(column, accounts)
