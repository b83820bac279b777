"""The office reads its messages; a few of the latest stay unread."""

from datetime import datetime, timedelta

from liaison.auditing import trail
from liaison.identity.access import linked
from liaison.models import Notification
from liaison.tenancy.scope import acting
from reports.demo.township import Township

KEPT_UNREAD = timedelta(days=4)


def read_messages(town: Township, now: datetime) -> None:
    """Mark what reached the clerk and the chair up to a few days before ``now`` as read."""
    for reader in (town.clerk, town.chair, *town.unit_actors.values()):
        with acting(reader), trail.operation("read_notifications"):
            mine = Notification.scoped(reader).filter(
                linked("account_id", reader.account_id), read_at__isnull=True
            )
            mine.filter(created_at__lt=now - KEPT_UNREAD).update(read_at=now)
