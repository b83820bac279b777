"""What pages owe besides their roles, walked like the roles: the columns `fresh`, `notes`, `limit`.

That a page notes what it should, and nothing else, is asked of every cell (``test_matrix``).
"""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.urls import reverse

from constituents.views.public import RATINGS
from tests.security.asking import Answer, ask
from tests.security.conftest import Clients, client_of
from tests.security.nation import Nation
from tests.security.routes import Route, all_routes, part_of
from tests.security.test_matrix import PAGES_WITH_SIGN_IN, PARTS, parts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files", "printed_as_html", "quick")]


@pytest.fixture
def long_signed_in(nation: Nation, clients: Clients) -> Clients:
    """Clients whose password was given too long ago for what is sensitive."""
    return {role: client_of(actor, confirmed_at=0) for role, actor in nation.actors.items()}


def _first_answers(nation: Nation, clients: Clients, routes: list[Route]) -> Iterator[tuple[Route, Answer]]:
    """Each page that somebody may open, as one who may."""
    for route in routes:
        if route.may and not route.is_public and route.name not in PAGES_WITH_SIGN_IN | {"reauthenticate"}:
            role = sorted(route.may)[0]
            yield (
                route,
                ask(
                    clients[role],
                    route.address(nation, "own"),
                    method=route.method,
                    role=role,
                    route=route.name,
                ),
            )


def _asks_again(answer: Answer) -> bool:
    return answer.status == 302 and answer.location.startswith(reverse("reauthenticate"))


@parts
def test_exactly_the_pages_that_say_so_ask_for_the_password_again(
    nation: Nation, long_signed_in: Clients, part: int
) -> None:
    routes = part_of(PARTS, part)
    asking = {
        route.name for route, answer in _first_answers(nation, long_signed_in, routes) if _asks_again(answer)
    }
    assert asking == {route.name for route in routes if route.fresh}


def test_no_page_asks_who_has_just_given_the_password(nation: Nation, clients: Clients) -> None:
    fresh = [route for route in all_routes() if route.fresh]
    assert len(fresh) == 13
    assert [str(answer) for _, answer in _first_answers(nation, clients, fresh) if _asks_again(answer)] == []


def test_no_page_asks_for_a_password_of_whoever_may_not_open_it(
    nation: Nation, long_signed_in: Clients
) -> None:
    """The refusal comes first: a password is not asked for a page that then says no."""
    asked = [
        f"{route.name} as {role}"
        for route in all_routes()
        if route.fresh
        for role in set(long_signed_in) - set(route.may)
        if _asks_again(
            ask(
                long_signed_in[role],
                route.address(nation, "own"),
                method=route.method,
                role=role,
                route=route.name,
            )
        )
    ]
    assert asked == []


def test_every_address_that_is_a_secret_has_a_limit() -> None:
    assert {route.name for route in all_routes() if route.keyed} == {
        route.name for route in all_routes() if route.limit
    }


@pytest.mark.parametrize("name", sorted(route.name for route in all_routes() if route.limit))
def test_guessing_addresses_ends_at_the_limit(nation: Nation, clients: Clients, name: str) -> None:
    """So many wrong ones are answered as wrong; the next one, and then even a right one, no more."""
    route = next(route for route in all_routes() if route.name == name)
    cache.clear()
    tries = [_try(nation, clients, route, route.absent(nation)).status for _ in range(route.limit)]
    assert 429 not in tries
    assert _try(nation, clients, route, route.absent(nation)).status == 429
    assert _try(nation, clients, route, route.address(nation, "own")).status == 429


def test_one_code_rates_so_often_and_no_more(nation: Nation, clients: Clients) -> None:
    route = next(route for route in all_routes() if route.name == "constituents_rate")
    cache.clear()
    tries = [_try(nation, clients, route, route.address(nation, "own")).status for _ in range(RATINGS.most)]
    assert 429 not in tries
    assert _try(nation, clients, route, route.address(nation, "own")).status == 429


def _try(nation: Nation, clients: Clients, route: Route, url: str) -> Answer:
    return ask(clients[None], url, method=route.method, route=route.name, keeps_count=True)
