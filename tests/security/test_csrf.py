"""Every address asked with the CSRF check on, as a browser is: Django's test client is excused from it.

A browser also says where a form comes from. A page with too strict a referrer policy makes it say ``null``,
which the check refuses whatever the token: ``test_matrix`` holds every answer to the one policy that works.
"""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory
from django.urls import resolve

from liaison.web import probing
from liaison.words.enums import Role
from tests.security.asking import audit_position
from tests.security.conftest import client_of
from tests.security.nation import Nation
from tests.security.routes import Route, all_routes
from tests.security.test_code import FLOORS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files", "printed_as_html")]

ROOT = Path(__file__).resolve().parents[2]
HERE = "http://testserver"
EXPIRED = "页面已过期"


def as_a_browser(client: Client) -> tuple[Client, str]:
    """The client with the check on and a token of its own."""
    request = RequestFactory().get("/")
    token = get_token(request)
    client.handler.enforce_csrf_checks = True
    client.cookies[settings.CSRF_COOKIE_NAME] = request.META["CSRF_COOKIE"]
    return client, token


@pytest.fixture(autouse=True)
def _refusals_are_asked_for() -> Iterator[None]:
    """Hundreds of them: their log lines would bury a failure."""
    logger = logging.getLogger("django.security.csrf")
    logger.disabled = True
    yield
    logger.disabled = False


@pytest.fixture
def browsers(nation: Nation) -> dict[Role | None, tuple[Client, str]]:
    made = {role: as_a_browser(client_of(actor)) for role, actor in nation.actors.items()}
    return {**made, None: as_a_browser(Client(raise_request_exception=False))}  # type: ignore[dict-item]


def asked(nation: Nation) -> Iterator[tuple[Route, Role | None, str]]:
    """Each route once: as somebody who may open it, a public one as a stranger."""
    for route in all_routes():
        who = None if route.is_public else next(iter(sorted(route.may)), Role.PRESIDIUM_CLERK)
        yield route, who, route.address(nation, "own")


def is_refused(response: Any, route: Route) -> bool:
    """By the check and nothing else; the interface refuses in its own words."""
    says_so = route.name.startswith("api_") or EXPIRED in response.content.decode(errors="ignore")
    return response.status_code == 403 and says_so


@pytest.mark.parametrize(("origin", "has_token"), [(HERE, False), ("null", True)])
def test_a_post_that_no_page_of_ours_sent_is_refused(
    origin: str,
    has_token: bool,
    nation: Nation,
    browsers: dict[Role | None, tuple[Client, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # So many refusals raise an alert, which is noted (test_probing.py); here nothing else may be.
    monkeypatch.setattr(probing, "watch", lambda *_: None)
    before, wrong = audit_position(), []
    for route, who, url in asked(nation):
        client, token = browsers[who]
        data = {"csrfmiddlewaretoken": token} if has_token else {}
        # The interface understands no forms, and says so before it looks for a token.
        kind = {"content_type": "application/json"} if route.name.startswith("api_") else {}
        response = client.post(url, data, headers={"origin": origin}, **kind)
        if not is_refused(response, route):
            wrong.append(f"{route.name} as {who}: {response.status_code}")
    assert wrong == []
    assert audit_position() == before


def test_a_post_of_a_page_of_ours_gets_past_the_check(
    nation: Nation, browsers: dict[Role | None, tuple[Client, str]]
) -> None:
    """The refusals above are the check's and not the walk's; pages of other roles refuse for their own reasons."""
    public = [each for each in asked(nation) if each[0].is_public]
    assert len(public) > 10
    for route, who, url in public:
        client, token = browsers[who]
        response = client.post(url, {"csrfmiddlewaretoken": token}, headers={"origin": HERE})
        assert not is_refused(response, route), route.name
        assert response["Referrer-Policy"] == "same-origin", route.name


def test_only_the_interface_is_excused_from_the_check_of_the_middleware(nation: Nation) -> None:
    """It asks itself, for whoever is signed in by a session."""
    excused = {
        route.name
        for route in all_routes()
        if getattr(resolve(route.address(nation, "own")).func, "csrf_exempt", False)
    }
    assert {name for name in excused if not name.startswith("api_")} == set()


def test_no_page_asks_for_another_referrer_policy() -> None:
    """Neither a view, a template nor the proxy: one setting holds for every answer."""
    patterns = [*(f"{floor}/**/*.py" for floor in FLOORS), "templates/**/*.html", "script/deploy/**/*"]
    files = [path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()]
    asks = re.compile(r"Referrer-Policy|referrerpolicy|name=[\"']?referrer|rel=[\"'][^\"']*noreferrer", re.I)
    found = {str(path.relative_to(ROOT)) for path in files if asks.search(path.read_text(encoding="utf-8"))}
    assert len(files) > 400
    assert found == set()
