"""Is the process alive, is it ready: for the launcher and the proxy, without a sign-in."""

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis import Redis
from redis.exceptions import RedisError


@transaction.non_atomic_requests
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: the process answers; asks nothing of the database, whose failure is not cured by a restart."""
    return JsonResponse({"status": "ok"})


@transaction.non_atomic_requests
def readyz(request: HttpRequest) -> HttpResponse:
    """Ready: the database answers and no migration is missing.

    A broker that is away is a warning: every page works, and what it would have rung for is done later.
    """
    problems, warnings = _database_problems(), _broker_problems()
    status = "unready" if problems else "degraded" if warnings else "ok"
    answer = {"status": status, "problems": problems, "warnings": warnings}
    return JsonResponse(answer, status=503 if problems else 200)


def _database_problems() -> list[str]:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (DatabaseError, InterfaceError):
        return ["database"]
    return ["migrations"] if missing else []


def _broker_problems() -> list[str]:
    try:
        with Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2) as broker:
            broker.ping()
    except RedisError:
        return ["redis"]
    return []
