"""Doing an act for its answer alone: whatever it writes is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def trial() -> Iterator[None]:
    """Everything written inside is asked of the database and taken back, also where it was refused.

    A refusal goes on to the caller. Constraints that the database puts off to the end of the transaction are
    asked at once, so that a trial refuses exactly what the act refuses.
    """
    try:
        with transaction.atomic():
            yield
            _check_now()
            raise _TakenBack
    except _TakenBack:
        return


class _TakenBack(Exception):
    """Ends a trial, so that nothing of it stays."""


def _check_now() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
