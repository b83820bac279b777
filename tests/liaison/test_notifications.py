"""The list of messages: one's own, newest first, marked read by a button, with a fixed number of queries."""

from datetime import timedelta
from typing import Any

import pytest

from liaison.messages.outbox import notify
from liaison.models import Notification
from liaison.tenancy.scope import Actor, acting
from tests.factories import NOW

pytestmark = [pytest.mark.urls("tests.liaison.ground_urls"), pytest.mark.usefixtures("ground_only")]


def leave(actor: Actor, count: int, title: str = "消息") -> None:
    with acting(actor):
        for number in range(count):
            notify(
                account_id=actor.account_id or 0,
                scope_code=actor.lo,
                title=f"{title}{number}号",
                body="",
                link="/opinions/1/",
                dedupe_key=f"{title}{number}",
                now=NOW + timedelta(minutes=number),
            )


def unread(actor: Actor) -> int:
    with acting(actor):
        return Notification.scoped(actor).filter(account_id=actor.account_id, read_at=None).count()


def test_only_ones_own_newest_first(clerk: Actor, chair: Actor, sign_in: Any) -> None:
    leave(clerk, 3)
    leave(chair, 1, "别人的")
    text = sign_in(clerk).get("/notifications/").content.decode()
    assert text.index("消息2号") < text.index("消息1号") < text.index("消息0号")
    assert "别人的" not in text
    assert '<span class="badge">3</span>' in text


def test_pages_hold_twenty(clerk: Actor, sign_in: Any) -> None:
    leave(clerk, 21)
    client = sign_in(clerk)
    assert client.get("/notifications/").content.decode().count("未读</span>") >= 20
    second = client.get("/notifications/?page=2").content.decode()
    assert ("消息0号" in second, "消息1号" in second) == (True, False)
    assert client.get("/notifications/?page=abc").status_code == 200


def test_marking_read_needs_a_post_and_touches_the_own_only(clerk: Actor, chair: Actor, sign_in: Any) -> None:
    leave(clerk, 3)
    leave(chair, 1, "别人的")
    client = sign_in(clerk)
    assert client.get("/notifications/read/").status_code == 405
    assert unread(clerk) == 3
    with acting(clerk):
        theirs = Notification.scoped(clerk).exclude(account_id=clerk.account_id).get().pk
        mine = Notification.scoped(clerk).filter(account_id=clerk.account_id).first()
    assert mine is not None
    client.post("/notifications/read/", {"notification": theirs})
    client.post("/notifications/read/", {"notification": mine.pk})
    assert (unread(clerk), unread(chair)) == (2, 1)
    answer = client.post("/notifications/read/", follow=True)
    assert "已将2条消息标为已读" in answer.content.decode()
    assert (unread(clerk), unread(chair)) == (0, 1)


@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow_with_messages(
    clerk: Actor, sign_in: Any, count: int, django_assert_num_queries: Any
) -> None:
    leave(clerk, count)
    client = sign_in(clerk)
    client.get("/notifications/")
    # Eight of them read or set; the rest begin and end the nested transactions of the request.
    with django_assert_num_queries(19):
        client.get("/notifications/")


def test_messages_of_another_appointment_wait_there(clerk: Actor, other_clerk: Actor, sign_in: Any) -> None:
    leave(other_clerk, 1, "别处的")
    assert "别处的" not in sign_in(clerk).get("/notifications/").content.decode()
