"""A form is called saved when it is saved: the mark that ends its draft, its messages, its key."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from constituents.models import Opinion
from liaison.tenancy.scope import Actor, acting, system_actor

TOKEN = "0123456789abcdef"
FORM = {
    "content": "村东口路灯不亮", "category": "lighting", "urgency": "ordinary", "contact_way": "face_to_face",
    "received_on": "2026-01-10", "people_count": "1", "is_own_constituency": "on", "idempotency_key": "k" * 32,
    "draft_token": TOKEN,
}  # fmt: skip
SignIn = Callable[[Actor], Client]


def saved(answer: Any) -> list[str]:
    return [name for name in answer.cookies if name.startswith("saved_")]


def contents() -> list[str]:
    with acting(system_actor()):
        return list(Opinion._plain.order_by("pk").values_list("content", flat=True))


@pytest.fixture
def client(sign_in: SignIn, clerk: Actor) -> Client:
    found = sign_in(clerk)
    found.raise_request_exception = False
    return found


def test_a_saved_form_is_named_so_that_its_draft_may_end(client: Client) -> None:
    answer = client.post("/opinions/add/", FORM)
    assert (answer.status_code, saved(answer)) == (302, [f"saved_{TOKEN}"])


@pytest.mark.parametrize(
    ("change", "status"),
    [({"content": ""}, 200), ({"draft_token": "x; Path=/"}, 302), ({"draft_token": ""}, 302)],
)
def test_errors_in_the_form_and_strange_tokens_end_no_draft(
    client: Client, change: dict[str, str], status: int
) -> None:
    answer = client.post("/opinions/add/", {**FORM, **change})
    assert (answer.status_code, saved(answer)) == (status, [])


@pytest.mark.django_db
def test_whoever_is_sent_to_sign_in_first_keeps_the_draft() -> None:
    answer = Client().post("/opinions/add/", FORM)
    assert (answer.status_code, saved(answer)) == (302, [])
    assert answer["Location"].startswith("/sign-in/")


@contextmanager
def failing_commit(*_: object, **__: object) -> Iterator[None]:
    """A deferred constraint or a full disk speaks up only when everything is done."""
    with transaction.atomic():
        yield
        raise DatabaseError("could not write to file: No space left on device")


def test_nothing_is_called_done_before_the_commit(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liaison.web.middleware.transaction.atomic", failing_commit)
    answer = client.post("/opinions/add/", FORM)
    monkeypatch.undo()
    page = answer.content.decode()
    assert (answer.status_code, saved(answer), contents()) == (500, [], [])
    assert "已登记" not in page
    assert "本次内容没有保存" in page
    assert "已登记" not in client.get("/opinions/add/").content.decode()


def test_a_refusal_after_a_message_takes_the_message_along(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The view had said it before the last step refused."""
    assert client.post("/opinions/add/", FORM).status_code == 302
    shown = client.get("/opinions/add/").content.decode()
    answer = client.post("/opinions/add/", {**FORM, "content": "水泵坏了"})
    assert (answer.status_code, saved(answer)) == (409, [])
    assert "已登记，编号" in shown
    assert "已登记，编号" not in answer.content.decode()
    assert "已登记，编号" not in client.get("/opinions/add/").content.decode()


def test_other_words_under_the_key_of_a_saved_form_are_refused_and_the_first_stay(client: Client) -> None:
    assert client.post("/opinions/add/", FORM).status_code == 302
    assert client.post("/opinions/add/", FORM).status_code == 302
    answer = client.post("/opinions/add/", {**FORM, "content": "水泵坏了"})
    assert answer.status_code == 409
    assert "先前的已经登记，这次的没有保存" in answer.content.decode()
    assert contents() == ["村东口路灯不亮"]


def test_a_form_put_right_keeps_its_key(client: Client) -> None:
    assert client.post("/opinions/add/", {**FORM, "resident_phone": "123"}).status_code == 200
    assert client.post("/opinions/add/", FORM).status_code == 302
    assert contents() == ["村东口路灯不亮"]
