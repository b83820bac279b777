"""Templates for fault tests: a township of 47 deputies, published a moment ago, nothing served yet."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone

from tests.conftest import connect_as
from tests.stack import cloned, create_database, drop_database

if TYPE_CHECKING:
    from tests.stack import Stack

DEPUTIES = 47
# Brokers of the shared server that no other tests use; a process beside this one has its own.
BROKERS = cycle((12, 13) if os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0" else (14, 15))


@contextmanager
def elsewhere(name: str) -> Iterator[None]:
    """Django's own connection, pointed at another database for a while."""
    kept = dict(connections["default"].settings_dict)
    connect_as("web", name)
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"].settings_dict.update(kept)
        settings.DATABASES["default"].update(kept)


def _build() -> None:
    """Norms, 47 deputies with accounts, one year published."""
    from liaison.words.enums import Role
    from tests.assessments import makers
    from tests.factories import make_account, make_deputy_actor, make_term, make_world

    world = make_world()
    term = make_term(world["庄子乡"])
    clerk = make_account(world["庄子乡"], Role.PRESIDIUM_CLERK)
    chair = make_account(world["庄子乡"], Role.PRESIDIUM_CHAIR)
    for mandate in makers.seat(term, DEPUTIES):
        make_deputy_actor(mandate)
    makers.published(clerk, chair, makers.opened(clerk, term))


def _make_overdue() -> None:
    """Everything served and delivered long ago; the reports were due three days before today."""
    from assessments import services
    from assessments.models import Assessment, FeedbackNotice
    from liaison.tenancy.scope import acting, system_actor

    now = timezone.now()
    with acting(system_actor()) as actor:
        row = Assessment._plain.get()
        services.issue_notices(actor=actor, assessment_id=row.pk, now=now - timedelta(days=40))
        # Printing is not what these tests are about.
        FeedbackNotice._plain.update(due_on=_three_days_ago(), rendered_at=now)
        row.circular.rendered_at = now
        row.circular.save(update_fields=["rendered_at"])


def _three_days_ago() -> date:
    return timezone.localdate() - timedelta(days=3)


@pytest.fixture(scope="session")
def published_template(migrated_template: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    name = f"faults_{os.getpid()}"
    create_database(name, migrated_template)
    with django_db_blocker.unblock(), elsewhere(name):  # type: ignore[attr-defined]
        _build()
    yield name
    drop_database(name)


@pytest.fixture(scope="session")
def overdue_template(published_template: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    name = f"{published_template}_overdue"
    create_database(name, published_template)
    with django_db_blocker.unblock(), elsewhere(name):  # type: ignore[attr-defined]
        _make_overdue()
    yield name
    drop_database(name)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Callable[[str], "Stack"]]:
    """A stack on a clone of a template, its beat thirty times as fast; everything is ended afterwards."""
    from contextlib import ExitStack

    with ExitStack() as ended:

        def start(template: str) -> "Stack":
            stack = ended.enter_context(cloned(template, f"{template}_run", tmp_path / "data", next(BROKERS)))
            stack.environment["LIAISON_BEAT_FAST"] = "30"
            stack.flush_broker()
            return stack

        yield start
