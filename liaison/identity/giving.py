"""Giving accounts at the record: a deputy, a station's clerk, a unit's handler gets one act and one slip.

The rules of appointing are those of ``accounts``, asked for all at once by ``many_accounts``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef

from liaison import hooks
from liaison.auditing import trail
from liaison.hooks import Holder
from liaison.identity import access, accounts, many_accounts
from liaison.identity.many_accounts import Wanted
from liaison.identity.roles import ADMINISTRATORS
from liaison.identity.selectors import in_force
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
    """A record with whoever may get an account there, and the accounts appointed for it already.

    ``likely`` are the office's accounts of the same name that speak for nobody yet: perhaps it is one person.
    """

    holder: Holder
    held: tuple[Account, ...]
    likely: tuple[Account, ...] = ()

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


def standings(actor: Actor, column: str, ids: Iterable[int], today: date) -> list[Standing]:
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
    likely = _likely(actor, place, [each.name for each in found if each.record not in held], today)
    return [
        Standing(
            each,
            tuple(held.get(each.record, ())),
            () if each.record in held else tuple(likely.get(each.name, ())),
        )
        for each in found
    ]


def _likely(actor: Actor, place: Jurisdiction, names: Iterable[str], today: date) -> dict[str, list[Account]]:
    """Accounts in office here, by name, that stand for no deputy: no keeper's, not the actor's own."""
    wanted = {name for name in names if name}
    if not wanted:
        return {}
    offices = Appointment.scoped(actor).filter(in_force(today), account=OuterRef("pk"))
    found = Account.objects.filter(
        Exists(offices.filter(jurisdiction=place)),
        ~Exists(Appointment.scoped(actor).filter(account=OuterRef("pk"), person_ref__isnull=False)),
        ~Exists(offices.filter(role__in=ADMINISTRATORS)),
        display_name__in=wanted,
    ).exclude(pk__in=actor.accounts)
    by_name: dict[str, list[Account]] = {}
    for account in found.order_by("username"):
        by_name.setdefault(account.display_name, []).append(account)
    return by_name


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
    joins: Mapping[int, int] | None = None,
    today: date,
    now: datetime,
) -> list[Slip]:
    """Open an account for each record of ``names`` and appoint it; returns the slips, in the records' order.

    ``names``: by record, who it is. ``renews``: the records whose accounts that were never used get a fresh
    password. ``joins``: by record, the account its holder has already, one of the record's ``likely`` ones;
    it is appointed and needs no slip. All or none; ``Forbidden`` for a role the actor may not give,
    ``InvalidInput`` names the record.
    """
    actor, renewed, joined = require_actor(), set(renews), joins or {}
    place, rows = own_place(actor), standings(actor, column, {*names, *renewed, *joined}, today)
    for row in rows:
        if row.holder.record in joined:
            _join(row, joined[row.holder.record], column, place, today)
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


def _join(row: Standing, account_id: int, column: str, place: Jurisdiction, today: date) -> None:
    """Appoint an account of the office for the record of the same person."""
    account = next((each for each in row.likely if each.pk == account_id), None)
    if account is None:
        raise OutOfScope()
    links: dict[str, Any] = {column: row.holder.record, **row.holder.links}
    accounts.appoint(account=account, jurisdiction=place, role=row.holder.role, starts_on=today, **links)


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
