"""How a beat task acts: it looks everywhere for what is due, and does it in one short transaction each.

The system looks over the whole nation and writes in one jurisdiction at a time, so that the walls hold for
tasks as for pages, and one township's trouble stays its own: it is logged, the others are served, and the
next beat finds what was left.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet

from liaison.tenancy.scope import Actor, acting, system_actor

log = logging.getLogger(__name__)

Look = Callable[[Actor], QuerySet[Any]]


def each_place(name: str, rows: Look, work: Callable[[Actor], int]) -> int:
    """Call ``work`` once in every jurisdiction of ``rows``, as the system named ``name``; sums its answers.

    ``rows`` is asked over the nation and only for ``scope_code``; ``work`` finds the rows again in its own
    transaction, whose actor reaches no further than that jurisdiction. An error undoes that place's work.
    """
    with acting(system_actor(name=name)) as actor:
        found = rows(actor).order_by("scope_code").values_list("scope_code", flat=True).distinct()
        places = list(found)
    return sum(in_place(name, scope_code, work) for scope_code in places)


def each_row(name: str, rows: Look, work: Callable[[Actor, int], int]) -> int:
    """Call ``work`` with the key of every row of ``rows``, each in a transaction of its own jurisdiction."""
    with acting(system_actor(name=name)) as actor:
        found: Iterable[tuple[int, int]] = list(rows(actor).order_by("pk").values_list("pk", "scope_code"))
    return sum(_on_row(name, pk, scope_code, work) for pk, scope_code in found)


def _on_row(name: str, pk: int, scope_code: int, work: Callable[[Actor, int], int]) -> int:
    return in_place(name, scope_code, lambda actor: work(actor, pk), row=pk)


def in_place(name: str, scope_code: int, work: Callable[[Actor], int], *, row: int | None = None) -> int:
    """``work`` in one transaction over one jurisdiction; 0 and a line in the log when it fails."""
    # The log names the place and the row by number; what the error says of them is in its trace.
    try:
        with acting(system_actor(scope_code, scope_code + 1, name)) as actor:
            return work(actor)
    except Exception:
        log.exception("%s failed in scope %s, row %s; the others go on", name, scope_code, row or "-")
        return 0
