"""Giving accounts at the record: a deputy, a station's clerk, a unit's handler gets one act and one slip.

The rules of appointing are those of ``accounts``, asked for all at once by ``many_accounts``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from liaison import hooks
from liaison.auditing import trail
from liaison.hooks import Holder
from liaison.identity import access, accounts, many_accounts
from liaison.identity.many_accounts import Wanted
from liaison.models import Account, Appointment, Jurisdiction
from liaison.tenancy.scope import Actor, require_actor
from liaison.words.errors import OutOfScope

# Slips on one PDF, made while somebody waits; more at once are a job (`liaison.jobs.account_slips`).
MOST_AT_ONCE = 60


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


def without_account(actor: Actor, column: str) -> list[int]:
    """The records of the acting place nobody is appointed for, in the order of their app."""
    place = own_place(actor)
    appointed = Appointment.scoped(actor).filter(jurisdiction=place, ends_on__isnull=True)
    held = set(appointed.values_list(column, flat=True))
    return [pk for pk, _ in hooks.link_of(column).choices(actor, place) if pk not in held]


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
    place, rows = own_place(actor), standings(actor, column, {*names, *renews})
    new = [row.holder for row in rows if row.holder.record in names]
    wanted = [Wanted(names[each.record], each.role, {column: each.record, **each.links}) for each in new]
    made = many_accounts.open_and_appoint(wanted=wanted, jurisdiction=place, today=today, now=now)
    slips = {
        holder.record: [_slip(holder, account, account.initial_password)]
        for holder, account in zip(new, made, strict=True)
    }
    again = [row for row in rows if row.holder.record in renewed]
    for holder, account in ((row.holder, account) for row in again for account in row.waiting):
        access.require_may_appoint(actor, holder.role)
        slips.setdefault(holder.record, []).append(_slip(holder, account, _renewed(account)))
    return [slip for row in rows for slip in slips.get(row.holder.record, [])]


def _renewed(account: Account) -> str:
    """A fresh one-time password for an account nobody has used."""
    unused = access.accounts(require_actor()).filter(must_change_password=True, is_active=True)
    row = unused.select_for_update().filter(pk=account.pk).first()
    if row is None:
        raise OutOfScope()
    password = accounts.draw_password(row)
    with trail.operation("reset_password", reason="从未登录，换发一次性密码"):
        row.save(update_fields=["password"])
    return password


def _slip(holder: Holder, account: Account, password: str) -> Slip:
    return Slip(account.display_name, holder.words, holder.role.label, account.username, password)
