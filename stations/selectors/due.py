"""In which jurisdictions something is due and not done: what the beat tasks look at first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from liaison.calendar.deadlines import Policy, due
from liaison.calendar.policy_data import LONGEST_NOTICE_DAYS
from liaison.calendar.workdays import CHINA, WorkCalendar, china_date
from liaison.calendar.working import policy_of, working_calendar
from liaison.identity.selectors import in_force
from liaison.models import Appointment, CalendarDay
from liaison.tenancy.scope import Actor
from liaison.words.enums import DayKind, Role
from stations.enums import AnswerState, DutyState, ParticipationState, ReceptionDayState
from stations.models import Invitation, Participation, ReceptionDay, ReceptionRule, Station
from stations.rules.lifecycle import REGISTERED_OUTCOMES
from stations.selectors.leaving import gone_by

LONGEST_REMINDER_DAYS = 62
# How far ahead the system keeps the plan of a station.
AHEAD_DAYS = 366
# So many days before the day to answer by a deputy is reminded, once.
REMIND_DAYS = 2


def unannounced_days(actor: Actor, today: date) -> QuerySet[ReceptionDay]:
    """Planned days that come up, of stations still open; past ones are left to the station."""
    coming = (today, today + timedelta(days=LONGEST_NOTICE_DAYS))
    return ReceptionDay.scoped(actor).filter(
        state=ReceptionDayState.PLANNED,
        announced_at__isnull=True,
        day__range=coming,
        station__closed_on__isnull=True,
    )


def announced_and_coming(actor: Actor, today: date) -> QuerySet[ReceptionDay]:
    """Announced days that a correction could still reach: to come, or called off before they came."""
    days = ReceptionDay.scoped(actor).filter(announced_at__isnull=False, day__gte=today)
    return days.exclude(state__in=(ReceptionDayState.HELD, ReceptionDayState.PLANNED))


def days_to_announce(actor: Actor, today: date) -> QuerySet[ReceptionDay]:
    """What ``announce_receptions`` looks at, new notices and corrections together."""
    ids = unannounced_days(actor, today).values("pk"), announced_and_coming(actor, today).values("pk")
    return ReceptionDay.scoped(actor).filter(Q(pk__in=ids[0]) | Q(pk__in=ids[1]))


def stations_running_out(actor: Actor, today: date) -> QuerySet[Station]:
    """Open stations with a recurring rule that still holds, whose plan ends within half a year.

    A station that was never planned is left to its keepers: they have not decided yet.
    """
    soon = today + timedelta(days=AHEAD_DAYS // 2)
    rules = ReceptionRule.scoped(actor).filter(station=OuterRef("pk"), valid_from__lte=soon)
    rules = rules.exclude(valid_until__lte=soon).exclude(rule__kind="dates")
    days = ReceptionDay.scoped(actor).filter(station=OuterRef("pk"), rule__isnull=False)
    return (
        Station.scoped(actor)
        .filter(Exists(rules), Exists(days), closed_on__isnull=True)
        .exclude(Exists(days.filter(nominal_day__gt=soon)))
        .order_by("pk")
    )


def turns_to_remind(actor: Actor, now: datetime) -> QuerySet[Participation]:
    """Turns of tomorrow, and of today while the reception has not begun, announced before yesterday.

    A turn announced since then was told of just now.
    """
    today, moment = china_date(now), now.astimezone(CHINA)
    not_begun = Q(reception_day__day=today, reception_day__starts_at__gt=moment.time())
    tomorrow = Q(reception_day__day=today + timedelta(days=1))
    return (
        Participation.scoped(actor)
        .filter(not_begun | tomorrow, outcome=DutyState.SCHEDULED)
        .filter(reception_day__state=ReceptionDayState.PUBLISHED, mandate__person__account__isnull=False)
        .filter(reception_day__announced_at__lt=now - timedelta(days=1))
        .order_by("id")
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
        in_force(china_date(now)), role=Role.STATION_CLERK, station_ref=station.pk
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


def confirmation_texts(rows: Iterable[Participation]) -> dict[int, str]:
    """By record, how its day of confirmation was reached, in words; three queries for one jurisdiction.

    Left out where the day stored is not what the rule gives now: a norm changed since is no explanation.
    """
    calendar = working_calendar().provisional()
    policies: dict[int, Policy] = {}
    found = {}
    for row in rows:
        if row.recorded_at is None or row.confirm_by is None:
            continue
        if row.scope_code not in policies:
            policies[row.scope_code] = policy_of("record_confirmation", row.scope_code)
        reached = due(china_date(row.recorded_at), policies[row.scope_code], calendar)
        if reached.due_on == row.confirm_by:
            found[row.pk] = reached.text
    return found


def overdue_confirmations(actor: Actor, today: date) -> QuerySet[Participation]:
    """Registered records nobody answered in time; an estimated day is never acted on."""
    return Participation.scoped(actor).filter(
        state=ParticipationState.REGISTERED,
        outcome__in=REGISTERED_OUTCOMES,
        confirm_by__lt=today,
        confirm_is_provisional=False,
    )


def unanswered_invitations(actor: Actor, today: date) -> QuerySet[Invitation]:
    """Invitations nobody answered nor was reminded of, with the day to answer by near or past.

    Where no such day was set, the activity's own day counts. What is over reminds nobody.
    """
    near = today + timedelta(days=REMIND_DAYS)
    near_enough = Q(activity__answer_by__lte=near)
    near_enough |= Q(activity__answer_by__isnull=True, activity__starts_on__lte=near)
    in_office = Invitation.scoped(actor).exclude(gone_by(actor, "activity__starts_on"))
    return in_office.filter(
        near_enough,
        answer=AnswerState.WAITING,
        reminded_at__isnull=True,
        activity__state=ReceptionDayState.PUBLISHED,
        activity__starts_on__gte=today,
    )
