"""The ground's own pages as signed-in people get them: Chinese only, one title, the shell around them."""

import html
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from liaison.tenancy.scope import Actor

pytestmark = pytest.mark.django_db

_HIDDEN = re.compile(r"<(head|script|style|svg)\b.*?</\1>|<[^>]+>", re.S)
_WORD = re.compile(r"[A-Za-z]{2,}")
OWN = [
    "appointments",
    "password_change",
    "password_change_done",
    "preferences",
    "notifications",
    "reauthenticate",
]

SignIn = Callable[[Actor], Client]


def seen(page: str) -> str:
    return html.unescape(_HIDDEN.sub(" ", page))


@pytest.mark.parametrize("name", OWN)
def test_own_pages_speak_chinese_and_say_where_one_is(name: str, sign_in: SignIn, clerk: Actor) -> None:
    page = sign_in(clerk).get(reverse(name)).content.decode()
    assert _WORD.findall(seen(page)) == []
    assert len(re.findall(r"<h1\b", page)) == 1
    assert clerk.jurisdiction_name in page
    assert clerk.role.label in page


def test_sign_in_page_speaks_chinese(client: Client) -> None:
    page = client.get(reverse("sign_in")).content.decode()
    assert _WORD.findall(seen(page)) == []
    assert 'autocomplete="current-password"' in page


def test_a_page_that_is_not_there_says_so(sign_in: SignIn, clerk: Actor) -> None:
    answer = sign_in(clerk).get("/no-such-page/")
    assert answer.status_code == 404
    assert _WORD.findall(seen(answer.content.decode()).replace(answer["X-Request-Id"], "")) == []


@pytest.mark.parametrize(
    ("size", "contrast", "classes"),
    [("large", "high", {"type-large", "contrast-high"}), ("normal", "normal", set())],
)
def test_display_choices_are_kept_without_script(
    client: Client, size: str, contrast: str, classes: set[str]
) -> None:
    client.post(reverse("preferences"), {"type_size": size})
    client.post(reverse("preferences"), {"contrast": contrast})
    page = client.get(reverse("sign_in")).content.decode()
    found = re.search(r'<html lang="zh-Hans" class="([^"]*)"', page)
    assert found is not None
    assert set(found[1].split()) == classes
