"""Forgetting residents: personal data goes years after closing, the matter stays (PIPL Art. 19, 47)."""

from datetime import date, datetime

from django.db.models import Q, QuerySet

from constituents.models import Opinion
from liaison import audit
from liaison.scope import Actor
from liaison.workdays import china_date

# Kept while somebody may still ask about the case (domain.md section 7, "purge N years after closing").
RETENTION_YEARS = 3
_AT_ONCE = 200
_HELD = ~Q(resident_name="") | ~Q(resident_phone="") | ~Q(resident_address="")


def retention_limit(now: datetime) -> date:
    """Cases closed before this day lose the resident's data; 29 February counts as the 28th."""
    today = china_date(now)
    try:
        return today.replace(year=today.year - RETENTION_YEARS)
    except ValueError:
        return today.replace(year=today.year - RETENTION_YEARS, day=28)


def residents_to_forget(actor: Actor, before: date) -> QuerySet[Opinion]:
    """Cases closed before ``before`` that still hold a resident's name, phone or address."""
    return Opinion.scoped(actor).filter(_HELD, closed_on__lt=before)


def purge_residents(*, actor: Actor, before: date, now: datetime, limit: int = _AT_ONCE) -> int:
    """Blank name, phone and address of cases closed before ``before``; returns how many were purged.

    Only the system, from a task; at most ``limit`` rows in one transaction.
    """
    actor.require()
    with audit.operation("purge_residents", reason=f"{before}以前办结，超过{RETENTION_YEARS}年保存期限"):
        rows = residents_to_forget(actor, before).order_by("pk")
        found = list(rows.select_for_update(skip_locked=True, of=("self",))[:limit])
        for opinion in found:
            opinion.resident_name = opinion.resident_phone = opinion.resident_address = ""
            opinion.resident_phone_digest = ""
            opinion.is_anonymous = True
            opinion.save(
                update_fields=[
                    "resident_name",
                    "resident_phone",
                    "resident_address",
                    "resident_phone_digest",
                    "is_anonymous",
                ]
            )
    return len(found)
