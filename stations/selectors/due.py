"""In which jurisdictions something is due and not done: what the beat tasks look at first."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from liaison.enums import DayKind, Role
from liaison.models import Appointment, CalendarDay
from liaison.scope import Actor
from liaison.selectors import in_force
from liaison.workdays import WorkCalendar, china_date
from stations.enums import ParticipationState, ReceptionDayState
from stations.lifecycle import REGISTERED_OUTCOMES
from stations.models import Participation, ReceptionDay, Station

# No notice period is longer; the exact one is the jurisdiction's own norm.
LONGEST_NOTICE_DAYS = 31
LONGEST_REMINDER_DAYS = 62


def unannounced_days(actor: Actor, today: date) -> QuerySet[ReceptionDay]:
    """Planned days that come up, of stations still open; past ones are left to the station."""
    coming = (today, today + timedelta(days=LONGEST_NOTICE_DAYS))
    return ReceptionDay.scoped(actor).filter(
        state=ReceptionDayState.PLANNED,
        announced_at__isnull=True,
        day__range=coming,
        station__closed_on__isnull=True,
    )


def days_to_settle(actor: Actor, calendar: WorkCalendar, today: date) -> QuerySet[ReceptionDay]:
    """Days planned on an estimate whose year is loaded by now, and planned ones a corrected notice misplaces.

    Of the latter only what is still to come and what planning may move: a Friday that became a day off, a
    postponed day whose own date is worked after all.
    """
    days = ReceptionDay.scoped(actor)
    years = list(calendar.plans)
    estimated = Q(day_is_provisional=True, day__year__in=years)
    movable = Q(
        state=ReceptionDayState.PLANNED,
        is_fixed=False,
        day__gt=today,
        day__year__in=years,
        nominal_day__year__in=years,
    )
    # A rule that keeps every day is never misplaced; one that keeps weekends only by a festival.
    moves = Q(rule__isnull=False) & (
        ~Q(rule__rule__has_key="on_day_off") | Q(rule__rule__on_day_off__in=("postpone", "skip"))
    )
    off = _festival("day") | (~Q(rule__rule__has_key="keeps_weekends") & _plain_weekend("day"))
    back = ~Q(day=F("nominal_day")) & ~_festival("nominal_day") & ~_plain_weekend("nominal_day")
    return days.filter(estimated | (movable & moves & (off | back)))


def _festival(name: str) -> Q:
    return Q(Exists(CalendarDay.objects.filter(day=OuterRef(name), kind=DayKind.HOLIDAY)))


def _plain_weekend(name: str) -> Q:
    worked = CalendarDay.objects.filter(day=OuterRef(name), kind=DayKind.MAKEUP)
    return Q(**{f"{name}__iso_week_day__gte": 6}) & ~Q(Exists(worked))


def station_keepers(actor: Actor, station: Station, now: datetime) -> list[int]:
    """The accounts appointed to keep this station; one query."""
    held = Appointment.scoped(actor).filter(
        in_force(china_date(now)), role=Role.STATION_CLERK, station_ref=station.pk, account__is_active=True
    )
    return list(held.order_by("account_id").values_list("account_id", flat=True).distinct())


def provisional_confirmations(actor: Actor) -> QuerySet[Participation]:
    return Participation.scoped(actor).filter(confirm_is_provisional=True, recorded_at__isnull=False)


def unreminded_confirmations(actor: Actor, today: date, until: date | None = None) -> QuerySet[Participation]:
    """Registered records to be answered by ``until`` whose other side was not reminded of this entry yet.

    Past days are the presidium's; an estimated one is settled first.
    """
    latest = until or today + timedelta(days=LONGEST_REMINDER_DAYS)
    return Participation.scoped(actor).filter(
        Q(reminded_at__isnull=True) | Q(reminded_at__lt=F("recorded_at")),
        state=ParticipationState.REGISTERED,
        outcome__in=REGISTERED_OUTCOMES,
        confirm_by__range=(today, latest),
        confirm_is_provisional=False,
    )


def overdue_confirmations(actor: Actor, today: date) -> QuerySet[Participation]:
    """Registered records nobody answered in time; an estimated day is never acted on."""
    return Participation.scoped(actor).filter(
        state=ParticipationState.REGISTERED,
        outcome__in=REGISTERED_OUTCOMES,
        confirm_by__lt=today,
        confirm_is_provisional=False,
    )
