"""In which jurisdictions something is due and not done: what the beat tasks look at first."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import QuerySet

from liaison.scope import Actor
from stations.enums import ParticipationState, ReceptionDayState
from stations.lifecycle import REGISTERED_OUTCOMES
from stations.models import Participation, ReceptionDay

# No notice period is longer; the exact one is the jurisdiction's own norm.
LONGEST_NOTICE_DAYS = 31


def unannounced_days(actor: Actor, today: date) -> QuerySet[ReceptionDay]:
    """Planned days that come up, of stations still open; past ones are left to the station."""
    coming = (today, today + timedelta(days=LONGEST_NOTICE_DAYS))
    return ReceptionDay.scoped(actor).filter(
        state=ReceptionDayState.PLANNED,
        announced_at__isnull=True,
        day__range=coming,
        station__closed_on__isnull=True,
    )


def provisional_days(actor: Actor) -> QuerySet[ReceptionDay]:
    """Days planned on an estimate that planning may still move."""
    return ReceptionDay.scoped(actor).filter(
        day_is_provisional=True, state=ReceptionDayState.PLANNED, is_fixed=False, rule__isnull=False
    )


def provisional_confirmations(actor: Actor) -> QuerySet[Participation]:
    return Participation.scoped(actor).filter(confirm_is_provisional=True, recorded_at__isnull=False)


def overdue_confirmations(actor: Actor, today: date) -> QuerySet[Participation]:
    """Registered records nobody answered in time; an estimated day is never acted on."""
    return Participation.scoped(actor).filter(
        state=ParticipationState.REGISTERED,
        outcome__in=REGISTERED_OUTCOMES,
        confirm_by__lt=today,
        confirm_is_provisional=False,
    )
