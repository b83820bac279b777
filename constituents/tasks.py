"""Background work of this floor: what is due and not done; each row in a transaction of its own.

Safe to run twice and twice at once: messages carry a key, closing and purging look again at the locked row.
"""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from constituents import selectors
from constituents.models import Opinion, Suggestion
from constituents.services.handling import close_unrated
from constituents.services.notices import tell_overdue, tell_suggestion_overdue
from constituents.services.purging import purge_residents, retention_limit
from liaison import calendar
from liaison.scope import acting, system_actor
from liaison.workdays import china_date

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
    }


def _close_unrated(now: datetime) -> int:
    with acting(system_actor(name=NAME)) as actor:
        due = selectors.unrated_ids(actor, china_date(now))
    closed = 0
    for opinion_id in due:
        with acting(system_actor(name=NAME)) as actor:
            closed += close_unrated(actor=actor, opinion_id=opinion_id, now=now).state == "closed_unrated"
    return closed


def _remind(now: datetime) -> int:
    today = china_date(now)
    with acting(system_actor(name=NAME)) as actor:
        opinions = selectors.overdue_opinion_ids(actor, today)
        suggestions = selectors.overdue_suggestion_ids(actor, today)
    new = 0
    for opinion_id in opinions:
        with acting(system_actor(name=NAME)) as actor:
            opinion = selectors.still_overdue(Opinion.scoped(actor), opinion_id, today)
            new += bool(opinion and tell_overdue(opinion, now))
    for suggestion_id in suggestions:
        with acting(system_actor(name=NAME)) as actor:
            suggestion = selectors.still_overdue(Suggestion.scoped(actor), suggestion_id, today)
            new += bool(suggestion and tell_suggestion_overdue(suggestion, now))
    return new


def _purge(now: datetime) -> int:
    with acting(system_actor(name=NAME)) as actor:
        return purge_residents(actor=actor, before=retention_limit(now), now=now)


@shared_task(name="constituents.tasks.settle_provisional")
def settle_provisional() -> int:
    """Derive again the deadlines that reached into a year without a calendar; counts what changed."""
    return settle(timezone.now())


def settle(now: datetime) -> int:
    changed = 0
    for model in (Opinion, Suggestion):
        with acting(system_actor(name=NAME)) as actor:
            open_rows = model.scoped(actor).filter(closed_on__isnull=True).order_by("pk")  # type: ignore[attr-defined]
            changed += len(calendar.settle_provisional(open_rows, now=now))
    return changed
