"""A database whose commits are real, for tests of what two processes do at the same moment."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from liaison import hooks
from tests.conftest import connect_as
from tests.factories import World, make_world
from tests.stack import create_database, drop_database


@pytest.fixture
def committed(django_db_setup: None, database_name: str, django_db_blocker: Any) -> Iterator[World]:
    """A world in a clone of the test database, outside any test transaction; dropped afterwards."""
    name = f"test_liaison_{os.getpid()}_committed"
    connections["default"].close()
    create_database(name, database_name)
    connect_as("web", name)
    try:
        with django_db_blocker.unblock():
            yield make_world()
    finally:
        connect_as("web", database_name)
        drop_database(name)


@pytest.fixture
def ground_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages without the doors and queues of upper floors; goes with ``ground_urls``."""
    for question in (hooks.navigation, hooks.today_queue, hooks.today_counts):
        monkeypatch.setattr(question, "answers", [])


@pytest.fixture
def at_once() -> Callable[[int, Callable[[int], Any]], list[Any]]:
    """Run a function in so many threads at the same moment, each with a connection of its own."""

    def _run(count: int, function: Callable[[int], Any]) -> list[Any]:
        def one(number: int) -> Any:
            try:
                return function(number)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(one, range(count)))

    return _run
