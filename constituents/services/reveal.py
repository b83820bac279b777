"""Seeing a resident in full: with a reason, noted, and capped (domain.md 0.10, section 7)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from constituents.access import Sight, get_opinion, sight_of
from constituents.models import Opinion
from liaison import audit
from liaison.errors import Forbidden, InvalidInput, Refused
from liaison.models import AuditEntry
from liaison.scope import Actor
from liaison.text import clean_line

DAILY_REVEALS = 30


@dataclass(frozen=True, slots=True)
class Resident:
    """The resident behind an opinion, unmasked; never stored, never logged."""

    name: str
    phone: str
    address: str


def reveal_resident(*, actor: Actor, opinion_id: int, reason: str, now: datetime) -> Resident:
    """The resident's name, phone and address in full.

    ``InvalidInput`` without a reason, ``Forbidden`` where contact is not needed or confidentiality was
    asked for, ``Refused`` after 30 in a day. The audit note holds the id and the reason only.
    """
    reason = clean_line(reason)
    if len(reason) < 2:
        raise InvalidInput({"reason": "查看原号须写明用途，如“电话回访办理结果”。"})
    opinion = get_opinion(actor, opinion_id)
    if sight_of(actor, opinion) < Sight.MASKED:
        raise Forbidden("办理此事不需要群众的联系方式，或者群众要求保密。")
    if _revealed_since(actor, now - timedelta(days=1)) >= DAILY_REVEALS:
        raise Refused(f"一天内查看群众联系方式已达{DAILY_REVEALS}次上限，确有需要请与安全管理员联系。")
    with audit.operation("reveal_resident", reason=reason):
        table = Opinion._meta.db_table
        audit.note("reveal_resident", scope_code=opinion.scope_code, table=table, row_id=opinion.pk)
    return Resident(opinion.resident_name, opinion.resident_phone, opinion.resident_address)


def _revealed_since(actor: Actor, since: datetime) -> int:
    entries = AuditEntry.scoped(actor).filter(operation="reveal_resident", account_ref=actor.account_id)
    return entries.filter(at__gte=since).count()
