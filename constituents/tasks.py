"""Background work of this floor: what is due and not done, in one short transaction after another.

Safe to run twice and twice at once: messages carry a key, closing and purging look again at the locked row.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from celery import shared_task
from django.db.models import QuerySet
from django.utils import timezone

from constituents import selectors
from constituents.enums import OpinionState
from constituents.models import Opinion, Suggestion
from constituents.services.handling import close_unrated
from constituents.services.notices import tell_overdue, tell_suggestion_overdue
from constituents.services.purging import (
    forget_scans,
    purge_residents,
    residents_to_forget,
    retention_limit,
    scans_to_forget,
)
from liaison.calendar import working
from liaison.calendar.workdays import china_date
from liaison.tenancy import beat
from liaison.tenancy.scope import Actor

NAME = "社情民意督办"


@shared_task(name="constituents.tasks.watch_opinions")
def watch_opinions() -> dict[str, int]:
    """Close what nobody rated in time, remind of what is overdue, forget residents of old cases."""
    return watch(timezone.now())


def watch(now: datetime) -> dict[str, int]:
    """The task with its clock as an argument; counts what was done."""
    return {
        "closed": _close_unrated(now),
        "reminded": _remind(now),
        "purged": _purge(now),
        "destroyed": _destroy_scans(now),
    }


def _close_unrated(now: datetime) -> int:
    today = china_date(now)
    return beat.each_row(
        NAME, lambda who: selectors.unrated_opinions(who, today), lambda who, pk: _close(who, pk, now)
    )


def _close(actor: Actor, opinion_id: int, now: datetime) -> int:
    return int(
        close_unrated(actor=actor, opinion_id=opinion_id, now=now).state == OpinionState.CLOSED_UNRATED
    )


def _remind(now: datetime) -> int:
    today = china_date(now)
    opinions = beat.each_row(
        NAME, lambda who: selectors.overdue_opinions(who, today), lambda who, pk: _opinion_late(who, pk, now)
    )
    return opinions + beat.each_row(
        NAME,
        lambda who: selectors.overdue_suggestions(who, today),
        lambda who, pk: _suggestion_late(who, pk, now),
    )


def _opinion_late(actor: Actor, pk: int, now: datetime) -> int:
    opinion = selectors.still_overdue(Opinion.scoped(actor), pk, china_date(now))
    return int(bool(opinion and tell_overdue(opinion, now)))


def _suggestion_late(actor: Actor, pk: int, now: datetime) -> int:
    suggestion = selectors.still_overdue(Suggestion.scoped(actor), pk, china_date(now))
    return int(bool(suggestion and tell_suggestion_overdue(suggestion, now)))


def _purge(now: datetime) -> int:
    before = retention_limit(now)
    return beat.each_place(
        NAME,
        lambda who: residents_to_forget(who, before),
        lambda who: purge_residents(actor=who, before=before, now=now),
    )


def _destroy_scans(now: datetime) -> int:
    before = retention_limit(now)
    return beat.each_place(
        NAME,
        lambda who: scans_to_forget(who, before),
        lambda who: forget_scans(actor=who, before=before, now=now),
    )


@shared_task(name="constituents.tasks.settle_provisional")
def settle_provisional() -> int:
    """Derive again the deadlines that reached into a year without a calendar; counts what changed."""
    return settle(timezone.now())


def _settled(rows: Callable[[Actor], QuerySet[Any]], now: datetime, actor: Actor) -> int:
    return len(working.settle_provisional(rows(actor), now=now))


def settle(now: datetime) -> int:
    return sum(
        beat.each_place(NAME, rows, partial(_settled, rows, now))
        for rows in (selectors.provisional_opinions, selectors.provisional_suggestions)
    )
