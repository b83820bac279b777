"""Rows written at the same moment: the lock on one, the key of a form, the insert that happens once."""

from __future__ import annotations

from typing import TypeVar

from django.db import IntegrityError, models, transaction

from liaison.tenancy.models import ScopedModel
from liaison.tenancy.scope import Actor
from liaison.words.errors import OutOfScope

M = TypeVar("M", bound=ScopedModel)
# Columns that hold a form's key: what the browser sends is cut to them, it is nobody's word.
KEY_LENGTH = 64


def locked(model: type[M], actor: Actor, row_id: int, *joins: str) -> M:
    """The row, locked until the end of the transaction; else ``OutOfScope``."""
    rows = model.scoped(actor).select_related(*joins).select_for_update(of=("self",))
    found = rows.filter(pk=row_id).first()
    if found is None:
        raise OutOfScope()
    return found


def account_key(actor: Actor, key: str | None) -> str | None:
    """A form's key made the account's own, so that nobody's key names another one's record."""
    return f"{actor.account_id or 0}:{key}"[:KEY_LENGTH] if key else None


def insert_once(row: models.Model, constraint: str) -> bool:
    """``False`` when another request came first: the unique ``constraint`` decides, nothing is lost.

    Other faults of the database go on as they are.
    """
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if constraint in str(error):
            return False
        raise
    return True
