"""Messages once per key; e-mail over real SMTP, once however many hands deliver it."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from time import sleep
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.db import DatabaseError

from liaison.calendar.workdays import CHINA
from liaison.messages.outbox import MAX_ATTEMPTS, deliver, deliver_due, mark_read, notify, notify_roles, retry
from liaison.models import Account, Appointment, AuditEntry, Notification, OutboxMessage
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import DeliveryState, Role
from tests.factories import NOW, World, make_account
from tests.liaison.rows import PLANTED_PHONE
from tests.stack import free_port


def send(actor: Actor, account_id: int | None = None, **changes: Any) -> bool:
    values: dict[str, Any] = {
        "account_id": account_id or actor.account_id,
        "scope_code": actor.lo,
        "title": "意见2026-0003已交办",
        "body": f"群众电话{PLANTED_PHONE}",
        "link": "/opinions/3/",
        "dedupe_key": "opinion:3:assigned",
        "now": NOW,
    }
    return notify(**{**values, **changes})


class TestNotify:
    def test_once_per_key_and_account(self, clerk: Actor, chair: Actor) -> None:
        with acting(clerk):
            assert send(clerk)
            assert not send(clerk)
            assert send(clerk, dedupe_key="opinion:3:replied")
            assert send(clerk, account_id=chair.account_id)
            assert Notification.scoped(clerk).count() == 3

    def test_the_same_key_from_another_scope_is_the_same_message(
        self, clerk: Actor, other_clerk: Actor, county: Actor
    ) -> None:
        with acting(clerk):
            assert send(clerk, account_id=county.account_id)
        with acting(other_clerk):
            assert not send(other_clerk, account_id=county.account_id)

    def test_a_title_is_one_line(self, clerk: Actor) -> None:
        with acting(clerk):
            send(clerk, title="交办\r\nBcc: all@example.com\u202e")
            assert Notification.scoped(clerk).get().title == "交办 Bcc: a***@example.com"

    def test_nobody_leaves_messages_in_another_township(self, clerk: Actor, other_clerk: Actor) -> None:
        with pytest.raises(DatabaseError), acting(clerk):
            send(clerk, scope_code=other_clerk.lo)

    def test_no_mail_without_a_server(self, township: Any, clerk: Actor) -> None:
        deputy = make_account(township, Role.DEPUTY, email="d@example.com")
        with acting(clerk):
            send(clerk, account_id=deputy.account_id)
            assert OutboxMessage.scoped(clerk).count() == 0

    def test_mail_rides_along_to_whoever_has_an_address(
        self, settings: Any, world: World, clerk: Actor
    ) -> None:
        settings.EMAIL_HOST = "127.0.0.1"
        above = make_account(world["榆次区"], Role.COUNTY_COMMITTEE, email="xian@example.com")
        with acting(clerk):
            send(clerk)
            send(clerk, account_id=above.account_id)
            assert [row.to_address for row in OutboxMessage.scoped(clerk)] == ["xian@example.com"]

    def test_marking_read_touches_only_ones_own(self, clerk: Actor, chair: Actor) -> None:
        with acting(clerk):
            send(clerk)
            send(clerk, account_id=chair.account_id)
            assert mark_read(actor=clerk, ids=None, now=NOW) == 1
            assert mark_read(actor=clerk, ids=None, now=NOW) == 0
            others = Notification.scoped(clerk).filter(account_id=chair.account_id)
            assert mark_read(actor=clerk, ids=[row.pk for row in others], now=NOW) == 0


class TestRoles:
    def broadcast(self, actor: Actor, *roles: Role) -> int:
        with acting(actor):
            return notify_roles(
                scope_code=actor.lo, roles=roles, title="到期提醒", body="", link="", dedupe_key="k", now=NOW
            )

    def test_holders_here_and_above_are_counted_once(
        self, clerk: Actor, chair: Actor, county: Actor, other_clerk: Actor
    ) -> None:
        assert self.broadcast(clerk, Role.PRESIDIUM_CLERK, Role.PRESIDIUM_CHAIR) == 2
        assert self.broadcast(clerk, Role.PRESIDIUM_CLERK, Role.COUNTY_COMMITTEE) == 1
        with acting(clerk):
            told = set(Notification.scoped(clerk).values_list("account_id", flat=True))
        assert told == {clerk.account_id, chair.account_id, county.account_id}

    def test_ended_appointments_and_suspended_accounts_hear_nothing(self, clerk: Actor, chair: Actor) -> None:
        with acting(system_actor()):
            Appointment._plain.filter(pk=clerk.appointment_id).update(ends_on=date(2026, 1, 19))
            Account.objects.filter(pk=chair.account_id).update(is_active=False)
        assert self.broadcast(clerk, Role.PRESIDIUM_CLERK, Role.PRESIDIUM_CHAIR) == 0

    @pytest.mark.parametrize(("ends_on", "heard"), [(date(2026, 1, 20), 0), (date(2026, 1, 21), 1)])
    def test_on_the_day_it_ends_an_appointment_is_over(self, clerk: Actor, ends_on: date, heard: int) -> None:
        with acting(system_actor()):
            Appointment._plain.filter(pk=clerk.appointment_id).update(ends_on=ends_on)
        assert self.broadcast(clerk, Role.PRESIDIUM_CLERK) == heard


class Mailbox:
    """A real SMTP server on loopback that keeps what it is sent; ``answer`` may refuse."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.answer = ""
        self.pause = 0.0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.answer:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.pause:
            sleep(self.pause)
        self.received.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    box, port = Mailbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield box
    controller.stop()


def post(world: World, count: int = 1) -> list[int]:
    """Leave messages for accounts with addresses; returns the ids of the e-mails to be sent."""
    actors = [make_account(world["庄子乡"], Role.DEPUTY, email=f"d{n}@example.com") for n in range(count)]
    with acting(system_actor()) as actor:
        for each in actors:
            send(each)
        return list(OutboxMessage.scoped(actor).order_by("id").values_list("pk", flat=True))


class TestDelivery:
    def test_a_message_arrives_with_title_and_link_only(self, world: World, mailbox: Mailbox) -> None:
        (pk,) = post(world)
        assert deliver_due(NOW) == 1
        assert deliver_due(NOW) == 0
        assert not deliver(pk, NOW)
        (mail,) = mailbox.received
        assert (mail["Subject"], mail["To"]) == ("意见2026-0003已交办", "d0@example.com")
        assert "/opinions/3/" in mail.get_content()
        assert PLANTED_PHONE not in mail.as_string() + mail.get_content()
        with acting(system_actor()) as actor:
            row = OutboxMessage.scoped(actor).get()
        assert (row.state, row.sent_at, row.attempts) == (DeliveryState.SENT, NOW, 1)

    def test_a_limit_leaves_the_rest_for_the_next_sweep(self, world: World, mailbox: Mailbox) -> None:
        post(world, 3)
        assert [deliver_due(NOW, limit=2), deliver_due(NOW, limit=2)] == [2, 1]

    def test_what_is_not_due_waits(self, world: World, mailbox: Mailbox) -> None:
        post(world)
        assert deliver_due(NOW - timedelta(seconds=1)) == 0

    def test_what_falls_due_at_night_leaves_in_the_morning(self, world: World, mailbox: Mailbox) -> None:
        """The date turns at midnight; nobody is woken for it. What a person does at night is sent at once."""
        midnight, eight = (datetime(2026, 1, 21, hour, tzinfo=CHINA) for hour in (0, 8))
        reader = make_account(world["庄子乡"], Role.DEPUTY, email="d@example.com")
        clerk = make_account(world["庄子乡"], Role.PRESIDIUM_CLERK)
        with acting(system_actor()):
            send(reader, dedupe_key="turn", now=midnight)
        assert deliver_due(midnight + timedelta(minutes=30)) == 0
        with acting(clerk):
            send(reader, dedupe_key="asked", now=midnight)
        assert deliver_due(midnight + timedelta(minutes=30)) == 1
        assert deliver_due(eight) == 1

    def test_a_silent_server_is_asked_ever_more_rarely(
        self, world: World, settings: Any, mailbox: Mailbox
    ) -> None:
        post(world)
        settings.EMAIL_PORT = free_port()
        pauses, moment = [], NOW
        for _ in range(MAX_ATTEMPTS - 1):
            assert deliver_due(moment) == 0
            after = self.waiting()
            pauses.append(int((after - moment).total_seconds() // 60))
            moment = after
        assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256]
        deliver_due(moment)
        with acting(system_actor()) as actor:
            row = OutboxMessage.scoped(actor).get()
            assert (row.state, row.attempts) == (DeliveryState.FAILED, MAX_ATTEMPTS)
            assert "example.com" not in row.last_error
            assert "ConnectionRefusedError" in row.last_error

    def waiting(self) -> datetime:
        with acting(system_actor()) as actor:
            return OutboxMessage.scoped(actor).get().next_attempt_at

    @pytest.mark.parametrize(
        ("answer", "state"),
        [("550 no such user", DeliveryState.FAILED), ("451 try later", DeliveryState.PENDING)],
    )
    def test_a_final_refusal_ends_it_and_a_passing_one_does_not(
        self, world: World, mailbox: Mailbox, answer: str, state: DeliveryState
    ) -> None:
        post(world)
        mailbox.answer = answer
        assert deliver_due(NOW) == 0
        with acting(system_actor()) as actor:
            assert OutboxMessage.scoped(actor).get().state == state

    def test_only_failed_mail_is_retried_and_only_by_the_system_administrator(
        self, world: World, mailbox: Mailbox, clerk: Actor
    ) -> None:
        (pk,) = post(world)
        keeper = make_account(world["晋中市"], Role.SYSTEM_ADMIN)
        with acting(keeper):
            assert not retry(actor=keeper, message_id=pk, now=NOW)
        mailbox.answer = "550 no such user"
        deliver_due(NOW)
        mailbox.answer = ""
        with acting(keeper):
            assert retry(actor=keeper, message_id=pk, now=NOW)
        assert deliver_due(NOW) == 1

    def test_sending_is_audited_without_the_address(self, world: World, mailbox: Mailbox) -> None:
        post(world)
        deliver_due(NOW)
        with acting(system_actor()) as actor:
            entry = AuditEntry.scoped(actor).get(operation="send_email")
        assert "example.com" not in entry.detail
        assert '["pending", "sent"]' in entry.detail


def test_four_sweepers_at_once_send_each_message_once(
    committed: World, mailbox: Mailbox, at_once: Callable[[int, Callable[[int], int]], list[int]]
) -> None:
    post(committed, 12)
    mailbox.pause = 0.05
    assert sum(at_once(4, lambda _: deliver_due(NOW))) == 12
    assert sorted(mail["To"] for mail in mailbox.received) == sorted(f"d{n}@example.com" for n in range(12))


def test_the_doorbell_rung_twice_at_once_sends_once(
    committed: World, mailbox: Mailbox, at_once: Callable[[int, Callable[[int], bool]], list[bool]]
) -> None:
    (pk,) = post(committed)
    mailbox.pause = 0.2
    assert sorted(at_once(2, lambda _: deliver(pk, NOW))) == [False, True]
    assert len(mailbox.received) == 1


def test_two_processes_leave_one_message(
    committed: World, at_once: Callable[[int, Callable[[int], bool]], list[bool]]
) -> None:
    recipient = make_account(committed["庄子乡"], Role.DEPUTY)

    def once(_: int) -> bool:
        with acting(system_actor()):
            left = send(recipient)
            sleep(0.1)
            return left

    assert sorted(at_once(4, once)) == [False, False, False, True]
