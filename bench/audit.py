"""What the audit trail costs: rows inserted with and without its trigger, and entries verified afterwards.

In a database of its own, as the role of the web server; row-level security and indexes are on in both runs,
so the difference is the trail alone: a digest and an entry for each row, the chain's head for each statement.
Bare limit of verification: SHA-256 over as many texts of the same length.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import connection

from bench._tools import Figure, connect, queries, scratch_database, seconds
from liaison.auditing.trail import verify_chains
from liaison.models import AuditEntry, DocumentCounter
from liaison.tenancy.scope import acting, system_actor

ROWS = 5_000
BATCH = 100
TOWNSHIP = 140702202000
NOW = datetime(2026, 1, 20, 1, 0, tzinfo=UTC)
TABLE = DocumentCounter._meta.db_table
# Rows a statement, rows a transaction.
SHAPES = {
    "1 a statement and transaction": (1, 1),
    f"1 a statement, {BATCH} a transaction": (1, BATCH),
    f"1 a statement, {ROWS} a transaction": (1, ROWS),
    f"{BATCH} a statement and transaction": (BATCH, BATCH),
    f"{ROWS} a statement": (ROWS, ROWS),
}


def run() -> Iterator[Figure]:
    yield "rows", ROWS, "rows"
    with scratch_database("bench_audit") as name:
        connect(name, "worker")
        insert("x", rows=100, per_statement=10)
        with_trail = {}
        for label, shape in SHAPES.items():
            with_trail[label] = _insertion("w", shape)
            yield f"with the trail: {label}", ROWS / with_trail[label], "rows/s"
        yield "verified", *verify()
        yield "queries of verification", queries(count_breaks), "queries"
        _without_trigger(name)
        connect(name, "worker")
        for label, shape in SHAPES.items():
            bare = _insertion("b", shape)
            yield f"bare limit, without it: {label}", ROWS / bare, "rows/s"
            yield f"cost of the trail: {label}", 1e6 * (with_trail[label] - bare) / ROWS, "µs/row"
    yield "bare limit of verifying: SHA-256", ROWS / seconds(bare_hashes), "entries/s"


def _insertion(code: str, shape: tuple[int, int]) -> float:
    per_statement, per_transaction = shape

    def work() -> None:
        insert(code, per_statement=per_statement, per_transaction=per_transaction)

    return seconds(work, rounds=1)


def insert(code: str, *, rows: int = ROWS, per_statement: int = 1, per_transaction: int = BATCH) -> None:
    """So many rows a statement, so many a transaction: 1 of 100 is what services write, ROWS an import."""
    sql = f"""INSERT INTO {TABLE} (scope_code, code, year, last_number)
        SELECT %s, %s, number, 1 FROM generate_series(%s, %s) AS number"""  # noqa: S608
    code += f"{per_statement}-{per_transaction}"
    for first in range(0, rows, per_transaction):
        with acting(system_actor()), connection.cursor() as cursor:
            for start in range(first, min(first + per_transaction, rows), per_statement):
                cursor.execute(sql, [TOWNSHIP, code, start, start + per_statement - 1])


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
