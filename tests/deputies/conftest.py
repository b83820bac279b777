"""The roster of one township, made through the services as an office would."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from liaison.tenancy.scope import Actor, acting
from tests.factories import make_account, make_group, make_mandate, make_term, make_twin

if TYPE_CHECKING:
    from deputies.models import DeputyGroup, Mandate, Term
    from tests.factories import World


@pytest.fixture
def as_clerk(clerk: Actor) -> Iterator[Actor]:
    """Everything in the test happens as the township's clerk."""
    with acting(clerk):
        yield clerk


@pytest.fixture
def group(term: "Term") -> "DeputyGroup":
    return make_group(term)


@pytest.fixture
def colleague(term: "Term", mandate: "Mandate") -> "Mandate":
    """Another deputy of the same name, from another constituency."""
    return make_twin(mandate)


@pytest.fixture
def elsewhere(world: "World") -> "Mandate":
    """A deputy of the next township."""
    return make_mandate(make_term(world["长凝镇"]), "赵小兵")


@pytest.fixture
def make_actor(world: "World"):  # type: ignore[no-untyped-def]
    """An actor of any role in any place of the test world."""
    return lambda short_name, role, **refs: make_account(world[short_name], role, **refs)


@pytest.fixture(autouse=True)
def _no_doors_of_upper_floors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of this floor are tested without the navigation, which the top floor draws."""
    monkeypatch.setattr("liaison.web.context._nav", lambda request, kind: [])
