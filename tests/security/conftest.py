"""One nation per module, rolled back at its end; one signed-in client per role."""

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live_settings
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client

from liaison.identity import accounts, auth
from liaison.models import Account
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.views import errors
from liaison.web import middleware
from liaison.words.enums import Role
from tests.security.asking import Asker
from tests.security.nation import Nation, make_nation


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="module")
def nation(django_db_setup: None, django_db_blocker: Any, media: Path) -> Iterator[Nation]:
    """Made once in a transaction that never ends well: tests inside it use savepoints."""
    former = live_settings.MEDIA_ROOT
    live_settings.MEDIA_ROOT = media
    with django_db_blocker.unblock(), transaction.atomic():
        try:
            made = make_nation()
            # Checked once here, not again with every request that asks whether it broke a key.
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            yield made
        finally:
            transaction.set_rollback(True)
            live_settings.MEDIA_ROOT = former


@pytest.fixture
def files(settings: Any, media: Path) -> None:
    """The files of the nation, wherever the other fixtures put the media folder."""
    settings.MEDIA_ROOT = media


def client_of(actor: Actor, **more: int) -> Client:
    """Signed in through the session and the middleware; an error becomes a 500, as it would for a browser."""
    client = Asker(raise_request_exception=False)
    with acting(system_actor()):
        account = Account.objects.get(pk=actor.account_id)
    client.force_login(account, backend="liaison.identity.auth.ScopedBackend")
    now = int(time.time())
    # Exports and publication are opened too: the password was given a moment ago.
    values = {"appointment_id": actor.appointment_id, "confirmed_at": now, "began_at": now, "seen_at": now}
    session = client.session
    session.update(values | more)
    session.save()
    client.cookies[live_settings.SESSION_COOKIE_NAME] = session.session_key
    return client


GATE = "liaison.identity.gates.AccountGateMiddleware"
Clients = dict[Role | None, Client]


@pytest.fixture(scope="module")
def clients(nation: Nation) -> Iterator[Clients]:
    """A client for every role, and one without an account under ``None``.

    Their sessions live in the cookie: thousands of requests need not read the same row each time.
    """
    former = live_settings.SESSION_ENGINE
    live_settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    try:
        made: Clients = {role: client_of(actor) for role, actor in nation.actors.items()}
        made[None] = Asker(raise_request_exception=False)
        yield made
    finally:
        live_settings.SESSION_ENGINE = former


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is the same in every cell is done once: who signed in, and the frame around a refusal.

    Finding the account and its appointments, noting a denial and the error pages have tests of their own
    (tests/liaison/test_sign_in.py, ``test_error_pages``); here they would be two thirds of the time.
    """
    found = _once(auth.ScopedBackend().get_user)
    monkeypatch.setattr(auth.ScopedBackend, "get_user", lambda self, user_id: found(int(user_id)))
    monkeypatch.setattr(middleware, "open_appointments", _once(auth.open_appointments))
    # Walks are refused by the thousand: what watches for that has tests of its own.
    monkeypatch.setattr("liaison.web.probing.watch", lambda *what: None)
    noted = accounts.note_of
    monkeypatch.setattr(
        accounts, "note_of", lambda who, name, **more: name == "denied" or noted(who, name, **more)
    )
    for module in (middleware, errors):
        monkeypatch.setattr(module, "render", _message_only)


def _once(find: Callable[..., Any]) -> Callable[..., Any]:
    """``find`` with a memory by its first argument."""
    known: dict[Any, Any] = {}

    def _find(key: Any, *more: Any) -> Any:
        if key not in known:
            known[key] = find(key, *more)
        return known[key]

    return _find


def _message_only(request: Any, template: str, context: Any = None, status: int = 200) -> HttpResponse:
    return HttpResponse((context or {}).get("message", template), status=status)


@pytest.fixture(autouse=True)
def _gated(settings: Any) -> None:
    """The gate of accounts stands in the stack here; that it does in the settings is a test of its own."""
    if GATE not in settings.MIDDLEWARE:
        at = settings.MIDDLEWARE.index("liaison.web.middleware.ErrorMiddleware") + 1
        settings.MIDDLEWARE = [*settings.MIDDLEWARE[:at], GATE, *settings.MIDDLEWARE[at:]]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands of refusals are asked for on purpose; their log lines would bury a failure."""
    logger = logging.getLogger("django.request")
    logger.disabled = True
    yield
    logger.disabled = False


@pytest.fixture
def printed_as_html(monkeypatch: pytest.MonkeyPatch) -> None:
    """Papers come as the text that would be set, not as PDF: marks in it are as readable, and it is quick."""
    from liaison.documents.pdf import engine

    monkeypatch.setattr(engine, "print_html", lambda html, **options: str(html).encode())
    monkeypatch.setattr(engine, "print_batch", lambda htmls, **options: "".join(map(str, htmls)).encode())
