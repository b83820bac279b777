"""Beat tasks of this floor: each asks "what is due and not done", one jurisdiction at a time."""

from __future__ import annotations

from collections.abc import Callable

from celery import shared_task
from django.db.models import QuerySet
from django.utils import timezone

from liaison.calendar.working import working_calendar
from liaison.tenancy import beat
from liaison.tenancy.scope import Actor
from stations import services
from stations.models import Invitation, Participation, ReceptionDay, Station
from stations.selectors import due

Rows = QuerySet[ReceptionDay] | QuerySet[Participation] | QuerySet[Invitation] | QuerySet[Station]

ANNOUNCER = "接待日公告"
REMINDER = "值班提醒"
PLANNER = "接待日续排"
SETTLER = "暂定日期重算"
WATCHER = "核对期限检查"
CHASER = "核对提醒"
INVITER = "活动答复提醒"


@shared_task(name="stations.tasks.announce_receptions")
def announce_receptions() -> int:
    """Announce the receptions of the next days, correct what has changed; returns how many notices."""
    today = timezone.localdate()
    return _where(ANNOUNCER, lambda who: due.days_to_announce(who, today), services.announce_receptions)


@shared_task(name="stations.tasks.plan_ahead")
def plan_ahead() -> int:
    """Plan the stations whose days run out; returns how many days were added."""
    today = timezone.localdate()
    return _where(PLANNER, lambda who: due.stations_running_out(who, today), services.plan_ahead)


@shared_task(name="stations.tasks.remind_turns")
def remind_turns() -> int:
    """Remind deputies of the turns of tomorrow; returns how many."""
    now = timezone.now()
    return _where(REMINDER, lambda who: due.turns_to_remind(who, now), services.remind_turns)


@shared_task(name="stations.tasks.settle_provisional")
def settle_provisional() -> int:
    """Settle reception days and confirmation deadlines that rest on an estimated calendar."""
    today = timezone.localdate()

    def days_to_settle(who: Actor) -> Rows:
        return due.days_to_settle(who, working_calendar(), today)

    days = _where(SETTLER, days_to_settle, services.settle_provisional_days)
    return days + beat.each_place(
        SETTLER,
        due.provisional_confirmations,
        lambda who: services.settle_provisional_confirmations(actor=who),
    )


@shared_task(name="stations.tasks.remind_unconfirmed")
def remind_unconfirmed() -> int:
    """Remind whoever has to answer before the day comes; returns how many records were reminded of."""
    today = timezone.localdate()
    return _where(CHASER, lambda who: due.unreminded_confirmations(who, today), services.remind_to_confirm)


@shared_task(name="stations.tasks.watch_confirmations")
def watch_confirmations() -> int:
    """Hand records nobody answered in time to the presidium; returns how many."""
    today = timezone.localdate()
    return _where(WATCHER, lambda who: due.overdue_confirmations(who, today), services.lapse_records)


@shared_task(name="stations.tasks.remind_invitations")
def remind_invitations() -> int:
    """Remind those who have not answered an invitation; returns how many were told."""
    today = timezone.localdate()
    return _where(INVITER, lambda who: due.unanswered_invitations(who, today), services.remind_invitations)


def _where(name: str, rows: Callable[[Actor], Rows], service: Callable[..., int]) -> int:
    """One short transaction per jurisdiction with something due, so that one's trouble stays its own."""
    now = timezone.now()
    return beat.each_place(name, rows, lambda actor: service(actor=actor, now=now))
