"""Main pages on the demo year with 20,000 opinions in 庄子乡: median wall time and queries of each.

In one process through Django's test client: one call to warm up, then three rounds of five; the round with
the lowest median counts. The demo year is built first, which takes minutes; BENCH_DEMO names a database
that has it already (it is copied, and nobody may be connected to it).
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection
from django.test import Client
from django.urls import reverse

from bench._tools import Figure, connect, manage, queries, scratch_database
from constituents.models import Opinion
from deputies.models import Mandate
from liaison.models import Account, Appointment, Jurisdiction
from liaison.tenancy.scope import acting, system_actor
from stations.models import Station

OPINIONS = 20_000
# Each row also writes an audit entry, and a statement of the web role may take 5 s at most.
AT_ONCE = 200
_CODE = "encode(sha256((random()::text || o.id)::bytea), 'hex')"
TODAY = "2026-11-23"
ROUNDS, CALLS = 3, 5


@dataclass(frozen=True, slots=True)
class Page:
    """A page by what it is called in the figures; ``login`` is empty for residents."""

    name: str
    login: str
    url: str


def run() -> Iterator[Figure]:
    with demo() as township:
        yield "opinions in the township", grow(township), "rows"
        settle()
        clients: dict[str, Client] = {}
        for page in pages(township):
            if page.login not in clients:
                clients[page.login] = sign_in(page.login)
            yield from measure(page, clients[page.login])


@contextmanager
def demo() -> Iterator[int]:
    """The demo year in a database of our own; gives the township's scope code."""
    with scratch_database("bench_pages", template=os.environ.get("BENCH_DEMO", "")) as name:
        if "BENCH_DEMO" not in os.environ:
            manage(name, "demo_year", "--today", TODAY)
        connect(name, "worker")
        yield Jurisdiction.objects.get(short_name="庄子乡").scope_code


def grow(scope_code: int) -> int:
    """Copy the township's opinions until there are 20,000; new numbers and codes, all else as it was."""
    columns = [
        f.column
        for f in Opinion._meta.concrete_fields
        if f.column and f.column not in ("id", "idempotency_key")
    ]
    fresh = {"number": "'压测-' || %s + row_number() OVER ()", "query_code_digest": _CODE}
    chosen = ", ".join(fresh.get(column, f"o.{column}") for column in columns)
    table = Opinion._meta.db_table
    sql = (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {chosen} FROM "  # noqa: S608
        f"(SELECT * FROM {table} WHERE scope_code = %s ORDER BY id LIMIT %s) o"
    )
    while (missing := OPINIONS - _count(scope_code)) > 0:
        with acting(system_actor()), connection.cursor() as cursor:
            cursor.execute(sql, [OPINIONS - missing, scope_code, min(missing, AT_ONCE)])
    return _count(scope_code)


def settle() -> None:
    """What autovacuum would do sooner or later, done before measuring instead of during it."""
    name = str(connection.settings_dict["NAME"])
    connect(name, "owner")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connect(name, "worker")


def _count(scope_code: int) -> int:
    with acting(system_actor()) as actor:
        return int(Opinion.scoped(actor).filter(scope_code=scope_code).count())


def pages(scope_code: int) -> list[Page]:
    with acting(system_actor()) as actor:
        opinion = Opinion.scoped(actor).filter(scope_code=scope_code).order_by("pk").first()
        seat = Mandate.scoped(actor).filter(scope_code=scope_code).order_by("pk").first()
        station = Station.scoped(actor).filter(scope_code=scope_code).order_by("pk").first()
    if opinion is None or seat is None or station is None:
        raise AssertionError("the demo year is missing")
    opinions = reverse("admin:constituents_opinion_changelist")
    return [
        Page("office, today's queue", "zz-mishu", reverse("home")),
        Page("back office, all doors", "zz-mishu", reverse("admin:index")),
        Page("opinions, first page", "zz-mishu", opinions),
        Page("opinions, search 自来水", "zz-mishu", f"{opinions}?q=自来水"),
        Page("one opinion", "zz-mishu", reverse("constituents_opinion", args=[opinion.pk])),
        Page("roster", "zz-mishu", reverse("deputies_roster")),
        Page("ten-ones matrix", "zz-mishu", reverse("reports_matrix")),
        Page("one deputy's dossier", "zz-mishu", reverse("reports_dossier", args=[seat.pk])),
        Page("deputy's today", "zz-db02", reverse("home")),
        Page("county comparison", "yc-gongwei", reverse("reports_compare")),
        Page("residents, township", "", reverse("reports_public_place", args=[scope_code])),
        Page("residents, station", "", reverse("reports_public_station", args=[station.public_code])),
    ]


def sign_in(username: str) -> Client:
    client = Client()
    if not username:
        return client
    with acting(system_actor()):
        account = Account.objects.get(username=username)
        appointment = Appointment.objects.filter(account=account).order_by("pk").first()
    client.force_login(account, backend="liaison.identity.auth.ScopedBackend")
    session = client.session
    session["appointment_id"] = appointment.pk if appointment else None
    session.save()
    return client


def measure(page: Page, client: Client) -> Iterator[Figure]:
    def call() -> None:
        response = client.get(page.url)
        if response.status_code != 200:
            raise AssertionError(f"{page.url}: {response.status_code}")

    call()
    yield page.name, min(_median(call) for _ in range(ROUNDS)), "ms"
    yield f"{page.name}, queries", queries(call), "queries"


def _median(call: Callable[[], None]) -> float:
    taken = []
    for _ in range(CALLS):
        started = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken)
