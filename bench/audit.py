"""What the audit trail costs: rows inserted with and without its trigger, and entries verified afterwards.

In a database of its own, as the role of the web server; row-level security and indexes are on in both runs,
so the difference is the trail alone: a digest, an entry and the locked head of its chain for each row.
Bare limit of verification: SHA-256 over as many texts of the same length.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import connection

from bench._tools import Figure, connect, queries, scratch_database, seconds
from liaison.audit import verify_chains
from liaison.models import AuditEntry, DocumentCounter
from liaison.scope import acting, system_actor

ROWS = 5_000
BATCH = 100
TOWNSHIP = 140702202000
NOW = datetime(2026, 1, 20, 1, 0, tzinfo=UTC)
TABLE = DocumentCounter._meta.db_table


def run() -> Iterator[Figure]:
    yield "rows", ROWS, "rows"
    with scratch_database("bench_audit") as name:
        connect(name, "worker")
        insert("warm", 100)
        with_trail = seconds(lambda: insert("with", ROWS), rounds=1)
        yield f"inserted with the trail, {BATCH} rows a transaction", ROWS / with_trail, "rows/s"
        at_once = seconds(lambda: insert("once", ROWS, batch=ROWS), rounds=1)
        yield f"inserted with the trail, {ROWS} in one transaction", ROWS / at_once, "rows/s"
        yield "verified", *verify()
        yield "queries of verification", queries(count_breaks), "queries"
        _without_trigger(name)
        connect(name, "worker")
        without = seconds(lambda: insert("without", ROWS), rounds=1)
        yield f"bare limit: inserted without it, {BATCH} a transaction", ROWS / without, "rows/s"
        yield "cost of the trail", 1e6 * (with_trail - without) / ROWS, "µs/row"
    yield "bare limit of verifying: SHA-256", ROWS / seconds(bare_hashes), "entries/s"


def insert(code: str, rows: int, *, batch: int = BATCH) -> None:
    """One row a statement, as services write them."""
    sql = f"INSERT INTO {TABLE} (scope_code, code, year, last_number) VALUES (%s, %s, %s, 1)"  # noqa: S608
    for first in range(0, rows, batch):
        with acting(system_actor()), connection.cursor() as cursor:
            for number in range(first, min(first + batch, rows)):
                cursor.execute(sql, [TOWNSHIP, f"{code}{number}", 2026])


def count_breaks() -> int:
    with acting(system_actor()) as actor:
        return sum(1 for _ in verify_chains(actor))


def verify() -> tuple[float, str]:
    with acting(system_actor()) as actor:
        entries = AuditEntry.scoped(actor).count()
    if count_breaks():
        raise AssertionError("the chain just written does not verify")
    return entries / seconds(count_breaks), "entries/s"


def _without_trigger(name: str) -> None:
    connect(name, "owner")
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER USER")


def bare_hashes() -> list[str]:
    return [hashlib.sha256(f"{number:0>300}".encode()).hexdigest() for number in range(ROWS)]
