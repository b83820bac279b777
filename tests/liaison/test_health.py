"""Alive and ready: the two questions of the supervisor."""

from typing import Any

import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client

pytestmark = [pytest.mark.urls("tests.liaison.ground_urls"), pytest.mark.usefixtures("ground_only")]


def test_alive_asks_the_database_nothing(db: None, client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_ready_when_database_and_broker_answer(db: None, client: Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["problems"]) == (200, [])


def test_a_missing_broker_is_named_and_takes_no_site_away(db: None, client: Client, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz")
    expected = {"status": "degraded", "problems": [], "warnings": ["redis"]}
    assert (answer.status_code, answer.json()) == (200, expected)


def test_a_missing_migration_is_named(db: None, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "liaison.views.health.MigrationExecutor.migration_plan", lambda self, targets: [("0002", False)]
    )
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["problems"]) == (503, ["migrations"])


def test_a_missing_database_is_named_and_does_not_kill(
    db: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("liaison.views.health.MigrationExecutor", refuse)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["problems"]) == (503, ["database"])
    with monkeypatch.context() as broken:
        broken.setattr(connection, "cursor", refuse)
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_no_sign_in_and_no_trace(db: None, client: Client, path: str) -> None:
    answer = client.get(path)
    assert "liaison_session" not in answer.cookies
    assert answer["Cache-Control"] == "no-store"
