"""Background work of the ground floor: ids in, one service call."""

from celery import shared_task
from django.utils import timezone

from liaison.messages import outbox


@shared_task(name="liaison.messages.tasks.sweep_outbox")
def sweep_outbox() -> int:
    """Send every e-mail that is due; the row is the job, this is only the hand that looks."""
    return outbox.deliver_due(timezone.now())


@shared_task(name="liaison.messages.tasks.send_message")
def send_message(message_id: int) -> bool:
    """The doorbell: send one message at once. What it misses, the sweep finds."""
    return outbox.deliver(message_id, timezone.now())
