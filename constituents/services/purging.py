"""Forgetting residents: personal data goes years after closing, the matter stays (PIPL Art. 19, 47)."""

from datetime import date, datetime

from django.db.models import Q, QuerySet

from constituents.models import Opinion, OpinionStep, RegisterScan
from liaison.auditing import trail
from liaison.calendar.workdays import china_date
from liaison.files.uploads import forget
from liaison.tenancy.masked_fields import forget_numbers
from liaison.tenancy.scope import Actor

# Kept while somebody may still ask about the case (domain.md section 7, "purge N years after closing").
RETENTION_YEARS = 3
_AT_ONCE = 200
_RESIDENT = (
    "resident_name",
    "resident_phone",
    "resident_address",
    "resident_phone_digest",
    "query_code_waiting",
)


def retention_limit(now: datetime) -> date:
    """Cases closed before this day lose the resident's data; 29 February counts as the 28th."""
    today = china_date(now)
    try:
        return today.replace(year=today.year - RETENTION_YEARS)
    except ValueError:
        return today.replace(year=today.year - RETENTION_YEARS, day=28)


def residents_to_forget(actor: Actor, before: date) -> QuerySet[Opinion]:
    """Cases closed before ``before`` whose resident is not forgotten yet, unnamed ones too.

    Whoever left no name may have left a number in the words.
    """
    return Opinion.scoped(actor).filter(purged_at__isnull=True, closed_on__lt=before)


def purge_residents(*, actor: Actor, before: date, now: datetime, limit: int = _AT_ONCE) -> int:
    """Forget the residents of cases closed before ``before``; returns how many cases were purged.

    Name, phone and address become blank. The words of the case and of its steps stay, with a mask for good
    where they held a number that leads to a person. Only the system, from a task; at most ``limit`` rows in
    one transaction.
    """
    actor.require_system()
    with trail.operation("purge_residents", reason=f"{before}以前办结，超过{RETENTION_YEARS}年保存期限"):
        rows = residents_to_forget(actor, before).order_by("pk")
        found = list(rows.select_for_update(skip_locked=True, of=("self",))[:limit])
        for opinion in found:
            _forget(opinion, now)
        for step in OpinionStep.scoped(actor).filter(opinion__in=found).order_by("pk"):
            if columns := forget_numbers(step):
                step.save(update_fields=columns)
    return len(found)


def _forget(opinion: Opinion, now: datetime) -> None:
    columns = forget_numbers(opinion)
    opinion.resident_name = opinion.resident_phone = opinion.resident_address = ""
    opinion.resident_phone_digest = opinion.query_code_waiting = ""
    opinion.is_anonymous, opinion.purged_at = True, now
    opinion.save(update_fields=[*_RESIDENT, "is_anonymous", "purged_at", *columns])


def scans_to_forget(actor: Actor, before: date) -> QuerySet[RegisterScan]:
    """Signed registers that still exist, of cases closed and of receptions held before ``before``."""
    over = Q(opinion__closed_on__lt=before) | Q(reception_day__day__lt=before)
    return RegisterScan.scoped(actor).filter(over, file__isnull=False)


def forget_scans(*, actor: Actor, before: date, now: datetime, limit: int = _AT_ONCE) -> int:
    """Destroy the scans on which such residents still stand; who attached them and when stays.

    Only the system, from a task; at most ``limit`` in one transaction; returns how many were destroyed.
    """
    actor.require_system()
    reason = f"{before}以前的登记表，超过{RETENTION_YEARS}年保存期限"
    with trail.operation("forget_register_scans", reason=reason):
        rows = scans_to_forget(actor, before).order_by("pk")
        found = list(rows.select_for_update(skip_locked=True, of=("self",)).select_related("file")[:limit])
        for scan in found:
            stored, scan.file = scan.file, None
            scan.withdrawn_at = scan.withdrawn_at or now
            scan.withdrawn_reason = "超过个人信息保存年限，已销毁"
            scan.save(update_fields=["file", "withdrawn_at", "withdrawn_reason"])
            if stored is not None:
                forget(stored)
    return len(found)
