"""Numbers of documents and cases: counted per jurisdiction, code and year, never reused.

The counter's row is locked until the transaction ends, so a number exists exactly when the document
that bears it does: a rolled-back document gives its number back, a committed one keeps it for good
(domain.md section 5, 发文字号).
"""

from liaison.auditing import trail
from liaison.calendar.days import numbered_year
from liaison.models import DocumentCounter
from liaison.tenancy.scope import require_actor


def next_number(*, scope_code: int, code: str, year: int) -> int:
    """The next number of ``code`` in ``year``, from 1; call it in the transaction that uses it.

    ``ValueError`` for a code longer than the column (12 characters), or a year outside 2000 to 2099.
    """
    if not 0 < len(code) <= 12:
        raise ValueError("a code has 1 to 12 characters")
    key = {"scope_code": scope_code, "code": code, "year": numbered_year(year)}
    with trail.operation("issue_number"):
        counters = DocumentCounter.scoped(require_actor())
        counter = counters.select_for_update().filter(**key).first()
        if counter is None:
            # Whoever comes first makes the row; whoever comes at the same moment waits for its lock.
            DocumentCounter.objects.bulk_create([DocumentCounter(**key)], ignore_conflicts=True)
            counter = counters.select_for_update().get(**key)
        counter.last_number += 1
        counter.save(update_fields=["last_number"])
    return int(counter.last_number)


def next_serial(*, scope_code: int, code: str, year: int) -> str:
    """A case number such as 2025-0001; it grows a digit beyond 9999."""
    return f"{year}-{next_number(scope_code=scope_code, code=code, year=year):04d}"
