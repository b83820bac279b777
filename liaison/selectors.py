"""Reads of the ground floor."""

from liaison.models import AuditEntry, Notification
from liaison.scope import Actor


def unread_count(actor: Actor) -> int:
    return Notification.scoped(actor).filter(account_id=actor.account_id, read_at__isnull=True).count()


def history_of(actor: Actor, table: str, row_id: int) -> list[AuditEntry]:
    """The audit entries of one record, oldest first; what its history page shows."""
    return list(AuditEntry.scoped(actor).filter(table_name=table, row_ref=row_id).order_by("seq"))
