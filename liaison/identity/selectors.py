"""Reads of the ground floor."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Q

from liaison import hooks
from liaison.calendar.workdays import china_date
from liaison.identity.access import linked
from liaison.models import Appointment, AuditEntry, Notification
from liaison.tenancy.scope import Actor, require_actor
from liaison.words.enums import LINKS_OF_ROLE, Role


def unread_count(actor: Actor) -> int:
    return (
        Notification.scoped(actor)
        .filter(linked("account_id", actor.account_id), read_at__isnull=True)
        .count()
    )


def history_of(actor: Actor, table: str, row_id: int) -> list[AuditEntry]:
    """The audit entries of one record, oldest first; what its history page shows."""
    return list(AuditEntry.scoped(actor).filter(table_name=table, row_ref=row_id).order_by("seq"))


def last_change_of(actor: Actor, table: str, row_id: int) -> AuditEntry | None:
    """The newest audit entry of one record, as far as the actor may read it."""
    return AuditEntry.scoped(actor).filter(table_name=table, row_ref=row_id).order_by("seq").last()


def in_force(today: date) -> Q:
    """Appointments that are true on ``today``: the one condition every door and every task asks.

    The account not suspended, begun and not ended, and the record it speaks for still carrying it.
    """
    return Q(account__is_active=True) & dated(today) & carried(today)


def dated(today: date) -> Q:
    """Begun and not ended; on the day it ends (``ends_on``) an appointment is over already."""
    return Q(starts_on__lte=today) & (Q(ends_on__isnull=True) | Q(ends_on__gt=today))


def carried(today: date, roles: Iterable[Role] = LINKS_OF_ROLE) -> Q:
    """What an appointment speaks for carries it: the seat held, the post held, the unit and the station open.

    ``roles`` are those the appointments asked about may have; each costs a look at its records.
    """
    true = Q()
    for role in LINKS_OF_ROLE.keys() & set(roles):
        holds = Q()
        for column in LINKS_OF_ROLE[role]:
            holds &= Q(**{f"{column}__isnull": False}) & hooks.link_of(column).holds(today)
        true &= ~Q(role=role.value) | holds
    return true


def holders_of_roles(scope_code: int, roles: Iterable[Role], now: datetime) -> list[int]:
    """Active accounts appointed to one of ``roles`` in a jurisdiction that contains ``scope_code``."""
    return list(
        Appointment.scoped(require_actor())
        .filter(
            in_force(china_date(now)),
            role__in=list(roles),
            jurisdiction__scope_code__lte=scope_code,
            jurisdiction__scope_end__gt=scope_code,
        )
        .order_by("account_id")
        .values_list("account_id", flat=True)
        .distinct()
    )


def keepers_of_security(now: datetime) -> list[tuple[int, int]]:
    """Every active keeper of security within the acting interval, each with the place he keeps."""
    held = Appointment.scoped(require_actor()).filter(in_force(china_date(now)), role=Role.SECURITY_ADMIN)
    return list(held.order_by("account_id", "scope_code").values_list("account_id", "scope_code"))
