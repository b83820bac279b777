"""Two keepers for every change of a keeper's account: one proposes, another one decides (三员分立).

Whoever decides is neither who proposed nor the person concerned, over all accounts of a person; the database
refuses the same account on both sides as well.
"""

from dataclasses import replace
from datetime import date, datetime

from django.db.models import QuerySet
from django.urls import reverse

from liaison.auditing import trail
from liaison.calendar.workdays import china_date
from liaison.identity import access, accounts, keepers, second_factor
from liaison.identity.roles import ADMINISTRATORS
from liaison.messages.outbox import notify_roles
from liaison.models import Account, Appointment, Jurisdiction, KeeperChange
from liaison.tenancy.scope import Actor, acting
from liaison.words.enums import KeeperAct, Role
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from liaison.words.limits import fitted_line


def visible_changes(actor: Actor) -> QuerySet[KeeperChange]:
    changes = KeeperChange.scoped(actor)
    return changes if actor.role in ADMINISTRATORS else changes.none()


def keepers_accounts(actor: Actor) -> QuerySet[Account]:
    """The accounts of other keepers in the actor's interval, as they are chosen for a proposal."""
    held = Appointment.scoped(actor).filter(role__in=ADMINISTRATORS, ends_on__isnull=True)
    return access.accounts(actor).filter(pk__in=held.values("account")).exclude(pk__in=actor.accounts)


def propose(
    *,
    actor: Actor,
    account: Account,
    act: KeeperAct | str,
    reason: str,
    now: datetime,
    jurisdiction: Jurisdiction | None = None,
    role: Role | str = "",
    title: str = "",
    starts_on: date | None = None,
) -> KeeperChange:
    """Lay a change of a keeper's account before the other keepers; the same one again is the open one.

    ``Forbidden`` for one's own account, ``InvalidInput`` without a reason; an appointment names
    ``jurisdiction``, ``role`` and ``starts_on``, and nobody is to become two keepers.
    """
    actor.require(*ADMINISTRATORS)
    keepers.require_other(actor, account)
    words = fitted_line(KeeperChange, "reason", reason)
    if not words:
        raise InvalidInput({"reason": "请填写理由。"})
    row = access.accounts(actor).select_for_update().filter(pk=account.pk).first()
    if row is None:
        raise OutOfScope()
    open_one = visible_changes(actor).filter(account=row, act=act, decided_at__isnull=True).first()
    if open_one is not None:
        return open_one
    if act == KeeperAct.APPOINT and starts_on is not None:
        keepers.refuse_mixture(row, Role(role), starts_on)
    with trail.operation("propose_keeper_change", reason=words):
        change = KeeperChange._plain.create(
            scope_code=row.scope_code, account=row, act=KeeperAct(act), jurisdiction=jurisdiction, role=role,
            title=fitted_line(KeeperChange, "title", title), starts_on=starts_on, reason=words,
            proposed_by_id=actor.account_id, proposed_at=now,
        )  # fmt: skip
    notify_roles(
        scope_code=row.scope_code,
        roles=ADMINISTRATORS,
        title="有一项管理员账号变更待复核",
        body="请由提请人和本人以外的一名管理员核对后确认，或者不予确认。",
        link=reverse("admin:liaison_keeperchange_changelist"),
        dedupe_key=f"keeper-change:{change.pk}",
        now=now,
    )
    return change


def require_decider(actor: Actor, row: KeeperChange) -> None:
    """``Forbidden`` unless another keeper than who proposed it, and not the one it is about."""
    actor.require(*ADMINISTRATORS)
    if actor.is_self(row.proposed_by_id):
        raise Forbidden("提请人不能复核自己提请的事项，请由另一名管理员办理。")
    keepers.require_other(actor, row.account)


def decide(*, actor: Actor, change_id: int, is_confirmed: bool, now: datetime) -> KeeperChange:
    """Confirm a change, which is done at once, or decline it; a new password stands in ``password`` once.

    ``Refused`` when it was decided already.
    """
    rows = visible_changes(actor).select_for_update(of=("self",)).select_related("account", "jurisdiction")
    row = rows.filter(pk=change_id).first()
    if row is None:
        raise OutOfScope()
    require_decider(actor, row)
    if row.decided_at is not None:
        raise Refused("这一项已经复核过。")
    row.decided_by_id, row.decided_at, row.is_confirmed = actor.account_id, now, is_confirmed
    with trail.operation("confirm_keeper_change" if is_confirmed else "decline_keeper_change"):
        row.save(update_fields=["decided_by", "decided_at", "is_confirmed"])
    if is_confirmed:
        # Two keepers agreed: what neither may do alone the house does, with the second one's name.
        with acting(replace(actor, role=Role.SYSTEM)):
            row.password = _carry_out(row, now)
    return row


def _carry_out(row: KeeperChange, now: datetime) -> str:
    account, reason = row.account, str(row.reason)
    match KeeperAct(row.act):
        case KeeperAct.APPOINT:
            _appoint(row)
        case KeeperAct.END:
            _end(account, reason, china_date(now))
        case KeeperAct.SUSPEND | KeeperAct.RESTORE:
            accounts.set_active(account=account, is_active=row.act == KeeperAct.RESTORE, reason=reason)
        case KeeperAct.RESET_PASSWORD:
            return accounts.reset_password(account=account, reason=reason)
        case KeeperAct.UNBIND:
            second_factor.remove(account=account, reason=reason)
    return ""


def _appoint(row: KeeperChange) -> None:
    if row.jurisdiction is None or row.starts_on is None:
        raise Refused("任命缺少区域或者任职日期，请重新提请。")
    accounts.appoint(
        account=row.account,
        jurisdiction=row.jurisdiction,
        role=Role(row.role),
        starts_on=row.starts_on,
        title=row.title,
    )


def _end(account: Account, reason: str, today: date) -> None:
    """Every keeper's office of the account; one still to come ends on the day it would begin."""
    held = Appointment.objects.filter(account=account, role__in=ADMINISTRATORS, ends_on__isnull=True)
    for each in held:
        accounts.end_appointment(appointment=each, ends_on=max(today, each.starts_on), reason=reason)
