"""The test database: made by the owner, used as the web role, so row-level security is always real.

A test that ran as a superuser would see every row and prove nothing. Set-up and factories therefore go
through ``acting(system_actor())`` like every task does.
"""

import gc
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from django.db import connections
from django.test import Client
from playwright.sync_api import expect

from liaison.models import Account, Jurisdiction
from liaison.tenancy import scope
from liaison.tenancy.scope import NATION, Actor, acting, system_actor
from liaison.words.enums import Role
from tests.demo import december_database, forget_all, migrated_database, rectifying_database, run_id
from tests.factories import (
    NOBODY,
    World,
    make_account,
    make_deputy_actor,
    make_mandate,
    make_term,
    make_world,
    seat_nobody,
)  # fmt: skip
from tests.stack import create_database, drop_database

if TYPE_CHECKING:
    from deputies.models import Mandate, Term

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# Speed is measured by the benchmarks; a property that holds must not fail because a neighbour is busy.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")
# Nor a page that is drawn later there; unit: ms.
expect.set_options(timeout=20_000)


def connect_as(role: str, name: str) -> None:
    """Point Django's connection at another role and database."""
    from django.conf import settings

    connections["default"].close()
    owner = settings.OWNER_DATABASE
    values = {
        "NAME": name,
        "USER": f"liaison_{role}",
        "PASSWORD": owner["PASSWORD"] if role == "owner" else os.environ[f"DATABASE_{role.upper()}_PASSWORD"],
    }
    connections["default"].settings_dict.update(values)
    settings.DATABASES["default"].update(values)


@pytest.fixture(scope="session")
def migrated_template(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with every migration and no rows, to be copied."""
    return migrated_database(run_id(pytestconfig), _shared(tmp_path_factory))


@pytest.fixture(scope="session")
def database_name(migrated_template: str) -> Iterator[str]:
    name = f"test_liaison_{os.getpid()}"
    create_database(name, migrated_template)
    yield name
    connections["default"].close()
    drop_database(name)


@pytest.fixture(scope="session")
def django_db_setup(database_name: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        connect_as("web", database_name)
    yield
    connections["default"].close()


@pytest.fixture(scope="session")
def data_dirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Fresh folders, one after the other: ``tmp_path`` looks through all it made before for a free name."""
    root = tmp_path_factory.mktemp("data")
    return (root / str(number) for number in count())


@pytest.fixture(autouse=True)
def _own_data_dir(data_dirs: Iterator[Path], settings: pytest.FixtureRequest) -> None:
    """Files of a test go to its own folder."""
    folder = next(data_dirs)
    folder.mkdir()
    settings.DATA_DIR = folder  # type: ignore[attr-defined]
    settings.MEDIA_ROOT = folder / "files"  # type: ignore[attr-defined]


@pytest.fixture
def world(db: None) -> World:
    """Jurisdictions, with no deputies yet."""
    return make_world()


@pytest.fixture
def township(world: World) -> Jurisdiction:
    return world["庄子乡"]


@pytest.fixture
def term(township: Jurisdiction) -> "Term":
    return make_term(township)


@pytest.fixture
def clerk(township: Jurisdiction) -> Actor:
    return make_account(township, Role.PRESIDIUM_CLERK, name="李秘书")


@pytest.fixture
def chair(township: Jurisdiction) -> Actor:
    return make_account(township, Role.PRESIDIUM_CHAIR, name="王主席")


@pytest.fixture
def other_clerk(world: World) -> Actor:
    """The clerk of the next township in the same county."""
    return make_account(world["长凝镇"], Role.PRESIDIUM_CLERK, name="赵秘书")


@pytest.fixture
def county(world: World) -> Actor:
    return make_account(world["榆次区"], Role.COUNTY_COMMITTEE, name="县代表工委")


@pytest.fixture
def mandate(term: "Term") -> "Mandate":
    return make_mandate(term)


@pytest.fixture
def deputy_actor(mandate: "Mandate") -> Actor:
    return make_deputy_actor(mandate)


@pytest.fixture
def sign_in(db: None) -> Callable[[Actor], Client]:
    """A client signed in as an actor, through the session and the middleware."""

    def _sign_in(actor: Actor) -> Client:
        client = Client()
        with acting(system_actor()):
            account = Account.objects.get(pk=actor.account_id)
            if NOBODY in (actor.person_id, actor.group_id, actor.station_id, actor.unit_id):
                seat_nobody()
        client.force_login(account, backend="liaison.identity.auth.ScopedBackend")
        session = client.session
        session["appointment_id"] = actor.appointment_id
        session.save()
        return client

    return _sign_in


@pytest.fixture
def policies_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is told the whole nation for whoever acts, as if it had no policies."""
    told: Callable[[Actor | None], None] = scope._tell_database

    def tell_nation(actor: Actor | None) -> None:
        told(actor and replace(actor, lo=NATION[0], hi=NATION[1]))

    monkeypatch.setattr(scope, "_tell_database", tell_nation)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first, so that no process waits for it at the end.

    The demo year takes two minutes to build: one test asks for it at once, the others once it is there. In
    between the other processes go on with tests that do without, in pytest-randomly's order as ever.
    """
    within = [item for item in items if _demo_stages(item)]
    lengthy = [item for item in items if item.get_closest_marker("lengthy") and item not in within]
    begun = [*([max(within, key=_demo_stages)] if within else []), *lengthy]
    late = [item for item in within if item not in begun]
    rest = [item for item in items if item not in begun and item not in late]
    items[:] = [*begun, *rest, *late]


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: no collection need look at these million objects again."""
    gc.collect()
    gc.freeze()
    # A test makes and drops many objects and hardly a cycle: looked for seldom, they cost a tenth less time.
    gc.set_threshold(200_000, 20, 100)


def _demo_stages(item: pytest.Item) -> int:
    """How many stages of the demo year a test needs."""
    asked = getattr(item, "fixturenames", ())
    return sum(stage in asked for stage in ("december_template", "rectifying"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Drop the demo's databases once every process of the run is done with them."""
    if not hasattr(session.config, "workerinput") and "DATABASE_ADMIN_URL" in os.environ:
        forget_all(run_id(session.config))


def _shared(factory: pytest.TempPathFactory) -> Path:
    """A folder common to the processes of one run."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def december_template(
    pytestconfig: pytest.Config, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """A database with the demo year up to the approval of the results."""
    return december_database(run_id(pytestconfig), migrated_template, _shared(tmp_path_factory))


@pytest.fixture(scope="session")
def rectifying(
    pytestconfig: pytest.Config, december_template: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    """A database with the notices out and the reports coming in, and the folder of its files."""
    return rectifying_database(run_id(pytestconfig), december_template, _shared(tmp_path_factory))
