"""Giving accounts at the record: a deputy, a station's clerk, a unit's handler gets one act and one slip.

The rules of appointing are those of ``accounts``: each account is opened and appointed through them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from liaison import hooks
from liaison.auditing import trail
from liaison.hooks import Holder
from liaison.identity import access, accounts
from liaison.models import Account, Appointment, Jurisdiction
from liaison.tenancy.scope import Actor, require_actor
from liaison.words.errors import InvalidInput, OutOfScope
from liaison.words.names import latin_name

# A slip each on paper, a hash each in the request: more at once are chosen in several lists.
MOST_AT_ONCE = 100
# Tries of a name with a number behind it before it is given up.
_TRIES = 50


@dataclass(frozen=True, slots=True)
class Slip:
    """What one person is handed: the password is nowhere else."""

    name: str
    words: str
    title: str
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A record with whoever may get an account there, and the accounts appointed for it already."""

    holder: Holder
    held: tuple[Account, ...]

    @property
    def waiting(self) -> tuple[Account, ...]:
        """Accounts whose owner has never chosen a password: they may get a fresh one."""
        return tuple(account for account in self.held if account.must_change_password)


def own_place(actor: Actor) -> Jurisdiction:
    """Accounts are given for the acting place only, never for one below it."""
    place = Jurisdiction.objects.filter(access.linked("pk", actor.jurisdiction_id)).first()
    if place is None:
        raise OutOfScope()
    return place


def standings(actor: Actor, column: str, ids: Iterable[int]) -> list[Standing]:
    """The records ``ids`` of the acting place in the order of their app; ``OutOfScope`` if one is missing."""
    wanted, place = set(ids), own_place(actor)
    holders = hooks.holders_of(column)
    found = holders(actor, place, wanted) if holders else []
    if len(found) != len(wanted):
        raise OutOfScope()
    held: dict[int, list[Account]] = {}
    appointed = Appointment.scoped(actor).filter(
        jurisdiction=place, ends_on__isnull=True, **{f"{column}__in": wanted}
    )
    for row in appointed.select_related("account").order_by("pk"):
        held.setdefault(getattr(row, column), []).append(row.account)
    return [Standing(each, tuple(held.get(each.record, ()))) for each in found]


def give_accounts(
    *,
    column: str,
    names: Mapping[int, str],
    renews: Iterable[int] = (),
    today: date,
    now: datetime,
) -> list[Slip]:
    """Open an account for each record of ``names`` and appoint it; returns the slips, in the records' order.

    ``names``: by record, who it is. ``renews``: the records whose accounts that were never used get a fresh
    password. All or none; ``Forbidden`` for a role the actor may not give, ``InvalidInput`` names the record.
    """
    actor, renewed = require_actor(), set(renews)
    place, slips = own_place(actor), []
    for standing in standings(actor, column, {*names, *renewed}):
        holder = standing.holder
        access.require_may_appoint(actor, holder.role)
        if holder.record in names:
            account = _opened(actor, place, names[holder.record], now)
            links = {column: holder.record, **holder.links}
            _appoint(account, place, holder, today, links)
            slips.append(_slip(holder, account, account.initial_password))
        if holder.record in renewed:
            slips += [_slip(holder, account, _renewed(account)) for account in standing.waiting]
    return slips


def _appoint(
    account: Account, place: Jurisdiction, holder: Holder, today: date, links: Mapping[str, Any]
) -> None:
    try:
        accounts.appoint(account=account, jurisdiction=place, role=holder.role, starts_on=today, **links)
    except InvalidInput as error:
        raise InvalidInput({str(holder.record): "；".join(error.fields.values())}) from None


def _opened(actor: Actor, place: Jurisdiction, name: str, now: datetime) -> Account:
    """A new account under the name in letters, with a number behind it where that one is taken."""
    base = latin_name(name)[:30] or "yonghu"
    for number in range(1, _TRIES + 1):
        username = base if number == 1 else f"{base}{number}"
        try:
            return accounts.create_account(
                username=username, display_name=name, scope_code=place.scope_code, now=now
            )
        except InvalidInput as error:
            if set(error.fields) != {"username"}:
                raise
    raise InvalidInput({"name": f"“{name}”的账号名已用完，请由安全管理员另行开立。"})


def _renewed(account: Account) -> str:
    """A fresh one-time password for an account nobody has used."""
    unused = access.accounts(require_actor()).filter(must_change_password=True, is_active=True)
    row = unused.select_for_update().filter(pk=account.pk).first()
    if row is None:
        raise OutOfScope()
    password = accounts.random_password()
    row.set_password(password)
    with trail.operation("reset_password", reason="从未登录，换发一次性密码"):
        row.save(update_fields=["password"])
    return password


def _slip(holder: Holder, account: Account, password: str) -> Slip:
    return Slip(account.display_name, holder.words, holder.role.label, account.username, password)
