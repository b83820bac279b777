"""Shipped schemes A to E as rows of the nation, inherited by every jurisdiction (domain.md 0.11, 3.2-3.6)."""

from assessments.models import Scheme
from assessments.scheme_data import shipped_schemes
from liaison.tenancy.scope import NATION, require_actor


def seed() -> int:
    """Add the shipped schemes that are missing; rows an office changed are left alone."""
    actor = require_actor()
    added = 0
    for rules in shipped_schemes():
        _, created = Scheme.scoped(actor).get_or_create(
            scope_code=NATION[0],
            scope_end=NATION[1],
            code=rules.code,
            version=rules.version,
            defaults={"name": rules.title, "definition": rules.to_dict()},
        )
        added += created
    return added
