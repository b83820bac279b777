"""Notifications inside the system, and the e-mail that may accompany them.

The notification row is the message; an ``OutboxMessage`` row is the job of e-mailing it. The broker is
only a doorbell: the sweeper finds every row whose doorbell was never heard. Personal data never leaves
by e-mail: it carries the title and a link, so titles must name the matter and not the resident.
"""

import logging
from collections.abc import Collection, Iterable
from datetime import datetime, time, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from time import monotonic

from django.conf import settings
from django.core.mail import EmailMessage

from liaison.auditing import trail
from liaison.calendar.workdays import CHINA
from liaison.identity import access
from liaison.identity.selectors import holders_of_roles
from liaison.models import Account, Notification, OutboxMessage
from liaison.tenancy.locking import insert_once
from liaison.tenancy.scope import Actor, acting, require_actor, system_actor
from liaison.words.enums import DeliveryState, Role
from liaison.words.errors import OutOfScope
from liaison.words.masking import masked
from liaison.words.text import clean_line, clean_text

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 10
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
# A sweep ends before the time limit of its task (45 s), whatever the mail server does.
SWEEP_SECONDS = 25
POSTMAN = "邮件发送"
# What falls due when the date turns wakes nobody: its e-mail leaves between these hours in China.
MORNING, EVENING = time(8), time(20)


def notify(
    *, account_id: int, scope_code: int, title: str, body: str, link: str, dedupe_key: str, now: datetime
) -> bool:
    """Leave one account a message; ``False`` when it was left before under this ``dedupe_key``.

    ``scope_code`` lies inside the acting actor's interval and inside the recipient's. ``link`` is a path
    of this site. The e-mail rides along when a mail server is configured and the account has an address;
    of what the system says by itself it leaves by day (`by_day`).
    """
    notification = Notification(
        account_id=account_id,
        scope_code=scope_code,
        title=clean_line(masked(title)),
        body=clean_text(masked(body)),
        link=link,
        dedupe_key=dedupe_key,
        created_at=now,
    )
    with trail.operation("notify"):
        if not _is_new(notification):
            return False
        address = _address_of(account_id)
        if address:
            at = by_day(now) if require_actor().role == Role.SYSTEM else now
            OutboxMessage(
                notification=notification, scope_code=scope_code, to_address=address, next_attempt_at=at
            ).save(force_insert=True)
    return True


def by_day(moment: datetime) -> datetime:
    """``moment`` itself between 8:00 and 20:00 in China, else the next 8:00."""
    local = moment.astimezone(CHINA)
    if MORNING <= local.time() < EVENING:
        return moment
    day = local.date() + timedelta(days=int(local.time() >= EVENING))
    return datetime.combine(day, MORNING, CHINA)


def _is_new(notification: Notification) -> bool:
    """Insert unless the key was used; two processes at once are ordered by the unique constraint."""
    known = Notification.scoped(require_actor()).filter(
        account_id=notification.account_id, dedupe_key=notification.dedupe_key
    )
    return not known.exists() and insert_once(notification, "notification_once")


def _address_of(account_id: int) -> str:
    """The recipient may sit above the sender (a county account), out of the sender's sight."""
    if not settings.EMAIL_HOST:
        return ""
    with acting(system_actor(name=POSTMAN)):
        found = Account.objects.filter(pk=account_id, is_active=True).values_list("email", flat=True).first()
    return found or ""


def notify_roles(
    *,
    scope_code: int,
    roles: Iterable[Role],
    title: str,
    body: str,
    link: str,
    dedupe_key: str,
    now: datetime,
) -> int:
    """Leave the message to everyone who holds one of ``roles`` over ``scope_code``; counts new messages.

    Holders in the jurisdiction itself and in those around it count: a county committee hears of its
    townships when its role is named.
    """
    with acting(system_actor(name=POSTMAN)):
        accounts = holders_of_roles(scope_code, roles, now)
    return sum(
        notify(
            account_id=account_id,
            scope_code=scope_code,
            title=title,
            body=body,
            link=link,
            dedupe_key=dedupe_key,
            now=now,
        )
        for account_id in accounts
    )


def deliver_due(now: datetime, limit: int = 50) -> int:
    """Send what is due, one short transaction per message; returns how many were sent.

    Opens its own transactions as the system actor. A message another process holds is skipped, so two
    sweepers never send the same one.
    """
    began, sent, tried = monotonic(), 0, set[int]()
    while len(tried) < limit and monotonic() - began < SWEEP_SECONDS:
        with acting(system_actor(name=POSTMAN)) as actor:
            message = (
                OutboxMessage.scoped(actor)
                .filter(state=DeliveryState.PENDING, next_attempt_at__lte=now)
                .exclude(pk__in=tried)
                .select_for_update(skip_locked=True, of=("self",))
                .select_related("notification")
                .order_by("next_attempt_at", "id")
                .first()
            )
            if message is None:
                break
            tried.add(message.pk)
            sent += _attempt(message, now)
    return sent


def deliver(message_id: int, now: datetime) -> bool:
    """Send one message now if it is still waiting and nobody else is sending it."""
    with acting(system_actor(name=POSTMAN)) as actor:
        message = (
            OutboxMessage.scoped(actor)
            .filter(pk=message_id, state=DeliveryState.PENDING, next_attempt_at__lte=now)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("notification")
            .first()
        )
        return message is not None and _attempt(message, now)


def _attempt(message: OutboxMessage, now: datetime) -> bool:
    """Send a locked message and write down what came of it."""
    message.attempts += 1
    try:
        _email(message).send()
    except (SMTPException, OSError) as error:
        _put_off(message, error, now)
    else:
        message.state, message.sent_at, message.last_error = DeliveryState.SENT.value, now, ""
    with trail.operation("send_email"):
        message.save(update_fields=["state", "attempts", "next_attempt_at", "sent_at", "last_error"])
    return message.state == DeliveryState.SENT


def _email(message: OutboxMessage) -> EmailMessage:
    notification = message.notification
    link = f"\n\n请登录系统查看：{settings.SITE_URL}{notification.link}" if notification.link else ""
    host = settings.SITE_URL.split("://")[-1].split("/")[0].split(":")[0]
    return EmailMessage(
        subject=clean_line(notification.title),
        body=f"{clean_line(notification.title)}{link}\n\n本邮件由系统自动发送，请勿直接回复。",
        to=[message.to_address],
        # The same number at each attempt: a mailbox that got it twice after a crash can tell.
        headers={"Message-ID": f"<outbox-{message.pk}@{host}>"},
    )


def _put_off(message: OutboxMessage, error: Exception, now: datetime) -> None:
    """Wait twice as long each time; give up after ``MAX_ATTEMPTS`` or a final answer of the server."""
    code = _smtp_code(error)
    message.last_error = f"{type(error).__name__} {code or ''}".strip()
    if message.attempts >= MAX_ATTEMPTS or 500 <= code < 600:
        message.state = DeliveryState.FAILED.value
    else:
        message.next_attempt_at = now + min(FIRST_PAUSE * 2 ** (message.attempts - 1), LONGEST_PAUSE)
    log.warning("e-mail %s not sent (attempt %s): %s", message.pk, message.attempts, message.last_error)


def _smtp_code(error: Exception) -> int:
    """The server's answer; the text beside it may name the recipient and is not kept."""
    if isinstance(error, SMTPRecipientsRefused):
        return max((int(code) for code, _ in error.recipients.values()), default=0)
    return int(error.smtp_code) if isinstance(error, SMTPResponseException) else 0


def mark_read(*, actor: Actor, ids: Collection[int] | None, now: datetime) -> int:
    """Mark the actor's unread messages read: all of them, or those of ``ids``; counts what changed."""
    unread = access.notifications(actor).filter(read_at__isnull=True)
    if ids is not None:
        unread = unread.filter(pk__in=ids)
    with trail.operation("read_notifications"):
        return int(unread.update(read_at=now))


def retry(*, actor: Actor, message_id: int, now: datetime) -> bool:
    """Try an e-mail that was given up again; ``False`` when it is not a failed one."""
    actor.require(Role.SYSTEM_ADMIN)
    message = OutboxMessage.scoped(actor).select_for_update().filter(pk=message_id).first()
    if message is None:
        raise OutOfScope()
    if message.state != DeliveryState.FAILED:
        return False
    message.state, message.attempts, message.next_attempt_at = DeliveryState.PENDING.value, 0, now
    with trail.operation("retry_email"):
        message.save(update_fields=["state", "attempts", "next_attempt_at"])
    return True
