"""Seeing a resident in full: with a reason, noted, and capped (domain.md 0.10, section 7)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from constituents.access import Sight, get_opinion, sight_of
from constituents.models import Opinion, OpinionStep, RegisterScan
from liaison.auditing import trail
from liaison.identity.accounts import one_at_a_time
from liaison.models import AuditEntry
from liaison.tenancy.scope import Actor
from liaison.words.errors import Forbidden, Refused
from liaison.words.limits import label_of

DAILY_REVEALS = 30
REVEALING = ("reveal_resident", "print_full_register", "open_register_scan")


@dataclass(frozen=True, slots=True)
class Resident:
    """The resident behind an opinion, unmasked; never stored, never logged."""

    name: str
    phone: str
    address: str
    # What was said with numbers in it: the heading and the whole words.
    words: tuple[tuple[str, str], ...] = ()


def reveal_resident(*, actor: Actor, opinion_id: int, reason: str, now: datetime) -> Resident:
    """The resident's name, phone and address in full, and the words that hold further numbers.

    ``InvalidInput`` without a reason, ``Forbidden`` where contact is not needed or confidentiality was
    asked for, ``Refused`` after 30 in a day. The audit note holds the id and the reason only.
    """
    opinion = get_opinion(actor, opinion_id)
    if sight_of(actor, opinion) < Sight.MASKED:
        raise Forbidden("办理此事不需要群众的联系方式，或者群众要求保密。")
    take_reveals(actor=actor, operation="reveal_resident", rows=[opinion], reason=reason, now=now)
    words = tuple(_words_in_full(actor, opinion))
    return Resident(opinion.resident_name, opinion.resident_phone, opinion.resident_address, words)


def _words_in_full(actor: Actor, opinion: Opinion) -> Iterator[tuple[str, str]]:
    for name in ("content", "wish", "on_spot_answer", "proposal", "reply"):
        words = getattr(opinion, name)
        if words.hides_something():
            yield label_of(Opinion, name), words.in_full()
    for step in OpinionStep.scoped(actor).filter(opinion=opinion).order_by("done_at", "pk"):
        if step.note.hides_something():
            yield f"办理记录：{step}", step.note.in_full()


def take_reveals(
    *, actor: Actor, operation: str, rows: Sequence[Opinion | RegisterScan], reason: str, now: datetime
) -> int:
    """Note that the residents behind ``rows`` are about to be shown in full, one entry a row; counts them.

    All ways of seeing a resident (``REVEALING``) share one daily limit. ``InvalidInput`` without a reason,
    ``Refused`` when the rows do not fit under the limit any more.
    """
    if operation not in REVEALING:
        raise ValueError(f"{operation} would not count towards the daily limit")
    needed = "须写明用途，如“电话回访办理结果”“归档签字登记表”。"
    why = trail.reason_of(reason, least=2, needed=needed)
    one_at_a_time(actor)
    if _revealed_since(actor, now - timedelta(days=1)) + len(rows) > DAILY_REVEALS:
        raise Refused(f"一天内查看群众联系方式已达{DAILY_REVEALS}次上限，确有需要请与安全管理员联系。")
    with trail.operation(operation, reason=why):
        for row in rows:
            trail.note(operation, scope_code=row.scope_code, table=row._meta.db_table, row_id=row.pk)
    return len(rows)


def _revealed_since(actor: Actor, since: datetime) -> int:
    entries = AuditEntry.scoped(actor).filter(operation__in=REVEALING, account_ref=actor.account_id)
    return entries.filter(at__gte=since).count()
