"""Accounts, their passwords and their appointments: every write of them."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from axes.utils import reset
from django.contrib.auth.hashers import make_password
from django.db import transaction

from liaison import hooks
from liaison.auditing import trail
from liaison.identity import access, keepers
from liaison.identity.hashing import OneTimePasswordHasher
from liaison.models import Account, Appointment, Jurisdiction
from liaison.tenancy.locking import insert_once
from liaison.tenancy.scope import NATION, Actor, acting, current_actor, require_actor, system_actor
from liaison.words.enums import LINKS_OF_ROLE, Role
from liaison.words.errors import InvalidInput, OutOfScope, Refused
from liaison.words.limits import fitted_line
from liaison.words.text import clean_line, fold_width

# Without 0/o, 1/l/i: the password is read from paper by people of 66.
_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_FIGURES = "23456789"
ONE_TIME = OneTimePasswordHasher.algorithm


def random_password() -> str:
    """Four groups of four, 77 bits; to be told once and changed at the first sign-in."""
    alphabet = _LETTERS + _FIGURES
    while True:
        groups = ["".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4)]
        text = "-".join(groups)
        if any(c in _FIGURES for c in text) and any(c in _LETTERS for c in text):
            return text


def draw_password(account: Account) -> str:
    """A fresh one-time password in the row, which the caller saves; it is told once and stored nowhere."""
    drawn = random_password()
    account.password, account.must_change_password = make_password(drawn, hasher=ONE_TIME), True
    return drawn


def create_account(
    *,
    username: str,
    display_name: str,
    scope_code: int,
    password: str | None = None,
    email: str = "",
    now: datetime,
) -> Account:
    """Open an account that must change its password at the first sign-in.

    Without a password one is made; ``account.initial_password`` holds it for this once and is stored
    nowhere. ``InvalidInput`` when the name is taken, ``OutOfScope`` outside the actor's interval.
    """
    actor = require_actor()
    actor.require(*access.MAY_APPOINT)
    if not actor.covers(scope_code):
        raise OutOfScope()
    account = Account(
        username=clean_username(username),
        display_name=fitted_line(Account, "display_name", display_name),
        email=email,
        scope_code=scope_code,
        created_at=now,
    )
    initial = password or draw_password(account)
    if password:
        account.set_password(password)
    with trail.operation("create_account"):
        _insert(account)
    account.initial_password = initial
    return account


def clean_username(username: str) -> str:
    """Lower case and half width, as people type it; ``InvalidInput`` when nothing or a blank is left."""
    name = fold_width(clean_line(username)).lower()
    if not name or " " in name:
        raise InvalidInput({"username": "账号不能为空，也不能含有空格。"})
    return name


def _insert(account: Account) -> None:
    if not insert_once(account, "username"):
        raise InvalidInput({"username": "这个账号名已被使用，请另取一个。"})


def appoint(
    *,
    account: Account,
    jurisdiction: Jurisdiction,
    role: Role,
    starts_on: date,
    title: str = "",
    person_ref: int | None = None,
    station_ref: int | None = None,
    unit_ref: int | None = None,
    group_ref: int | None = None,
) -> Appointment:
    """Give an account a role in a jurisdiction of the actor's interval, from ``starts_on`` on.

    The records it speaks for must be known at exactly that place; ``InvalidInput`` names the one that is
    missing. Called again for a role that is still held it changes nothing and returns what there is.
    """
    actor, role = require_actor(), Role(role)
    access.require_may_appoint(actor, role)
    if not (actor.covers(jurisdiction.scope_code) and jurisdiction.scope_end <= actor.hi):
        raise OutOfScope()
    keepers.require_other(actor, account, person_ref)
    held = Appointment.scoped(actor).filter(account=account, ends_on__isnull=True)
    same = held.filter(jurisdiction=jurisdiction, role=role).first()
    if same is not None:
        return same
    keepers.refuse_mixture(account, role, starts_on, person_ref)
    keepers.require_second(actor, account, role)
    links = {"person_ref": person_ref, "group_ref": group_ref, "station_ref": station_ref}
    links["unit_ref"] = unit_ref
    given = {column: record for column, record in links.items() if record is not None}
    _require_whole(actor, jurisdiction, role, given)
    appointment = Appointment(
        account=account,
        jurisdiction=jurisdiction,
        scope_code=jurisdiction.scope_code,
        role=role,
        title=fitted_line(Appointment, "title", title),
        starts_on=starts_on,
        **given,
    )
    with transaction.atomic(), trail.operation("appoint"):
        appointment.save(force_insert=True)
        # In an office a person may be named besides: the deputy who holds it, for what takes a second person.
        for column in LINKS_OF_ROLE.get(role, ()):
            hooks.tell_appointed(column, {given[column]: account})
    return appointment


def _require_whole(actor: Actor, place: Jurisdiction, role: Role, given: Mapping[str, int]) -> None:
    """``InvalidInput`` for a record the role speaks for that is missing, or that is not of this place."""
    problems = {}
    for column in {*LINKS_OF_ROLE.get(role, ()), *given}:
        link = hooks.link_of(column)
        if column not in given:
            problems[column] = f"请选择{link.label}。"
        elif given[column] not in dict(link.choices(actor, place)):
            problems[column] = f"所选的{link.label}不在{place.short_name}，请重新选择。"
    if problems:
        raise InvalidInput(problems)


def end_appointment(*, appointment: Appointment, ends_on: date, reason: str = "") -> Appointment:
    """End an appointment; on ``ends_on`` it is no longer held, so one ended today ends with this step.

    ``Refused`` for an end before the beginning; ending it again moves nothing.
    """
    actor = require_actor()
    row = Appointment.scoped(actor).select_for_update(of=("self",)).filter(pk=appointment.pk).first()
    if row is None:
        raise OutOfScope()
    access.require_may_appoint(actor, Role(row.role))
    keepers.require_other(actor, row.account)
    keepers.require_second(actor, row.account, Role(row.role))
    if row.ends_on is not None:
        return row
    if ends_on < row.starts_on:
        raise Refused("免职日期不能早于任职日期。")
    row.ends_on = ends_on
    with trail.operation("end_appointment", reason=reason):
        row.save(update_fields=["ends_on"])
    return row


def set_active(*, account: Account, is_active: bool, reason: str) -> Account:
    """Suspend an account, or let it in again: suspended, its next request is a stranger's."""
    row = _managed(account)
    row.is_active = is_active
    with trail.operation("restore_account" if is_active else "suspend_account", reason=reason):
        row.save(update_fields=["is_active"])
    return row


def edit_account(*, account: Account, display_name: str, email: str) -> Account:
    """Correct the name shown and the address mail goes to; the sign-in name never changes."""
    row = _kept(account)
    row.display_name, row.email = fitted_line(Account, "display_name", display_name), email
    with trail.operation("edit_account"):
        row.save(update_fields=["display_name", "email"])
    return row


def unlock(*, account: Account, reason: str) -> int:
    """Forget the failed sign-ins of an account, so it need not wait; counts the attempts forgotten."""
    row = _managed(account)
    forgotten = reset(username=row.username)
    with trail.operation("unlock_account", reason=reason):
        trail.note("unlock_account", scope_code=row.scope_code, table=row._meta.db_table, row_id=row.pk)
    return int(forgotten)


def reset_password(*, account: Account, reason: str) -> str:
    """Give a new one-time password (returned, stored nowhere); every session of the account ends."""
    row = _managed(account)
    password = draw_password(row)
    with trail.operation("reset_password", reason=reason):
        row.save(update_fields=["password", "must_change_password"])
    return password


def _managed(account: Account) -> Account:
    """The locked account, for the security administrator, unless it is his own or another keeper's."""
    row = _kept(account)
    keepers.require_other(require_actor(), row)
    keepers.require_second(require_actor(), row)
    return row


def _kept(account: Account) -> Account:
    actor = require_actor()
    actor.require(Role.SECURITY_ADMIN)
    row = access.accounts(actor).select_for_update().filter(pk=account.pk).first()
    if row is None:
        raise OutOfScope()
    return row


def change_own_password(*, account: Account, password: str) -> None:
    """Set the password its owner chose; the caller has checked the old one and the rules."""
    with acting(as_owner(account)), trail.operation("change_password"):
        account.set_password(password)
        account.must_change_password = False
        account.save(update_fields=["password", "must_change_password"])


def as_owner(account: Account) -> Actor:
    """The account as an actor over its own row only: it may sit above the appointment acted in."""
    former = current_actor()
    if former is not None and former.account_id == account.pk:
        return replace(former, lo=account.scope_code, hi=account.scope_code + 1)
    lo, name = account.scope_code, account.display_name
    return Actor(account.pk, None, Role.PUBLIC, lo, lo + 1, display_name=name)


def note_of(account: Account, name: str, **detail: object) -> None:
    """Note, by its name, what an account did with itself (signed in, was refused, switched), in its chain."""
    with acting(as_owner(account)):
        table, named = account._meta.db_table, {"account": account.username, **detail}
        trail.note(name, scope_code=account.scope_code, table=table, row_id=account.pk, detail=named)


def note_refused(username: str, *, locked: bool) -> None:
    """Note a refused sign-in: in the account's chain when there is one, else in the nation's.

    The same work for known and unknown names, so the time taken tells nothing. A known name is kept as it
    was tried; of an unknown one the beginning only: it may be a password in the wrong field.
    """
    name = "sign_in_locked" if locked else "sign_in_refused"
    with acting(system_actor(name="登录")):
        account = Account.objects.filter(username=username).only("scope_code").first()
        scope_code, row_id = (account.scope_code, account.pk) if account else (NATION[0], 0)
        detail = {"account": username} if account else {"tried": f"{username[:TOLD_OF_UNKNOWN]}…"}
        trail.note(name, scope_code=scope_code, table=Account._meta.db_table, row_id=row_id, detail=detail)


def note_limited() -> None:
    """Note that a limit on signing in was reached: no account is known yet, so in the nation's chain."""
    with acting(system_actor(name="登录")):
        trail.note("sign_in_limited", scope_code=NATION[0], table=Account._meta.db_table, row_id=0)


def one_at_a_time(actor: Actor) -> None:
    """Hold the actor's account to the end of the transaction, so that what is counted and capped for it is
    counted and taken in turn: of two requests at the cap one goes through."""
    if actor.account_id is None:
        return
    account = Account.objects.filter(pk=actor.account_id).first()
    if account is not None:
        with acting(as_owner(account)):
            Account.objects.select_for_update(no_key=True).get(pk=account.pk)


# Enough to tell a mistyped name from guessing at random, too little to be a password.
TOLD_OF_UNKNOWN = 2
