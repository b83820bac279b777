"""Naming what is done, noting what is read, and verifying the chain.

Rows are written by database triggers (``walls.sql``); this module only tells them which operation is
running and why, so bulk statements and raw SQL are audited as surely as ``save()``.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db import connection, transaction

from liaison.models import AuditEntry, AuditHead
from liaison.tenancy.audited_columns import noted, plain_by_table
from liaison.tenancy.scope import Actor, require_actor
from liaison.words.errors import InvalidInput
from liaison.words.limits import fitted_line
from liaison.words.masking import masked

ZERO_HASH = "0" * 64


def reason_of(value: str, *, least: int = 1, needed: str, at: str = "reason") -> str:
    """Why something is done, on one line, as the trail keeps it; never cut.

    ``InvalidInput`` at ``at`` with the sentence ``needed`` below ``least`` characters, and beyond what an
    entry holds.
    """
    words = fitted_line(AuditEntry, "reason", value, at=at, label="理由")
    if len(words) < least:
        raise InvalidInput({at: needed})
    return words


@contextmanager
def operation(name: str, *, reason: str = "") -> Iterator[Actor]:
    """Name the audit entries of everything written inside; one transaction, nested names win.

    Raises ``ScopeRequired`` when nobody acts, ``InvalidInput`` for a reason longer than an entry holds.
    Numbers in ``reason`` are masked: the trail is read by those who may see no resident.
    """
    actor, reason = require_actor(), fitted_line(AuditEntry, "reason", masked(reason), label="理由")
    former = _names.get()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_NAME, [name, reason])
        token = _names.set((name, reason))
        try:
            yield actor
        finally:
            _names.reset(token)
        # After an error the rollback has restored the names, so only success is followed up.
        if not connection.needs_rollback:
            cursor.execute(_NAME, former)


# The operation and reason the database knows at this moment, to go back to.
_names: ContextVar[tuple[str, str]] = ContextVar("liaison_operation", default=("", ""))
_NAME = "SELECT set_config('app.operation', %s, true), set_config('app.reason', %s, true)"


def note(
    name: str, *, scope_code: int, table: str, row_id: int, detail: dict[str, Any] | None = None
) -> None:
    """Write an entry that is not a row change: a sign-in, a reveal, an export, a denial.

    ``ValueError`` for a detail that is no count, number or code of those a note may tell.
    """
    text = json.dumps(noted(detail or {}), ensure_ascii=False, sort_keys=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT liaison_audit_note(%s, %s, %s, %s, %s)", [scope_code, name, table, row_id, text]
        )


def shown_detail(entry: AuditEntry) -> str:
    """The detail as it may be read: columns that are no longer plain by their name alone.

    What an older version wrote stays in the chain, whose hashes cover it.
    """
    detail = json.loads(entry.detail or "{}")
    if entry.change != "note" and isinstance(detail, dict):
        plain = plain_by_table().get(entry.table_name, frozenset())
        detail = {name: value if name in plain else None for name, value in detail.items()}
    return json.dumps(detail, ensure_ascii=False, sort_keys=True)


def chain_end(actor: Actor, scope_code: int) -> str:
    """The hash of a jurisdiction's last entry, those of this very transaction included; "" without any."""
    entries = AuditEntry.scoped(actor).filter(scope_code=scope_code).order_by("-seq")
    return entries.values_list("hash", flat=True).first() or ""


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain does not hold: the jurisdiction, the position and what is wrong."""

    scope_code: int
    seq: int
    problem: str


def entry_hash(entry: AuditEntry) -> str:
    """The hash an entry must carry, computed as ``liaison_audit_append`` does."""
    parts = [
        entry.prev_hash,
        entry.scope_code,
        entry.seq,
        entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f"),
        entry.actor,
        entry.account_ref or "",
        entry.appointment_ref or "",
        entry.operation,
        entry.reason,
        entry.table_name,
        entry.row_ref,
        entry.change,
        entry.detail,
        entry.digest,
    ]
    return hashlib.sha256("|".join(str(part) for part in parts).encode()).hexdigest()


def verify_chains(actor: Actor) -> Iterator[Break]:
    """Walk every chain in the actor's interval in order; yields each break found.

    Others go on writing meanwhile: a chain must hold the head read before the walk at its place, and must
    not reach beyond the head read after it.
    """
    with connection.cursor() as cursor:
        # What this very transaction wrote is sealed at its commit; to verify it, do so now.
        cursor.execute("SET CONSTRAINTS audit_seal IMMEDIATE; SET CONSTRAINTS audit_seal DEFERRED")
    before = _heads(actor)
    at: dict[int, tuple[int, str]] = {}
    reached: set[int] = {scope_code for scope_code, head in before.items() if head == (0, ZERO_HASH)}
    entries = AuditEntry.scoped(actor).order_by("scope_code", "seq")
    for entry in entries.iterator(chunk_size=2000):
        seq, last = at.get(entry.scope_code, (0, ZERO_HASH))
        if entry.seq != seq + 1:
            yield Break(entry.scope_code, entry.seq, f"序号不连续，应为{seq + 1}")
        if entry.prev_hash != last:
            yield Break(entry.scope_code, entry.seq, "与前一条记录的哈希不符")
        if entry.hash != entry_hash(entry):
            yield Break(entry.scope_code, entry.seq, "记录内容与哈希不符")
        at[entry.scope_code] = (entry.seq, entry.hash)
        if before.get(entry.scope_code) == at[entry.scope_code]:
            reached.add(entry.scope_code)
    after = _heads(actor)
    for scope_code in sorted({*before, *at}):
        last_seq = at.get(scope_code, (0, ZERO_HASH))[0]
        if scope_code in before and scope_code not in reached:
            yield Break(scope_code, before[scope_code][0], "链首与最后一条记录不符，末尾记录可能被删除")
        elif last_seq > after.get(scope_code, (0, ZERO_HASH))[0]:
            yield Break(scope_code, last_seq, "链首与最后一条记录不符，末尾记录可能是添加的")


def _heads(actor: Actor) -> dict[int, tuple[int, str]]:
    return {head.scope_code: (head.seq, head.hash) for head in AuditHead.scoped(actor)}
