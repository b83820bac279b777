"""Before the day comes: whoever has to answer a record hears of it once, all of theirs in one message."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db.models import Q
from django.urls import reverse

from liaison.auditing import trail
from liaison.calendar.deadlines import due
from liaison.calendar.workdays import WorkCalendar, china_date
from liaison.calendar.working import policy_of, working_calendar
from liaison.identity.auth import actor_for
from liaison.identity.roles import DEPUTIES
from liaison.identity.selectors import in_force
from liaison.messages.outbox import POSTMAN, notify
from liaison.models import Appointment
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from stations.models import Participation
from stations.rules.wording import short_day_text
from stations.selectors import unconfirmed
from stations.selectors.due import unreminded_confirmations

# Who hears for the station's side: the chair decides what lapses and is not chased for every visit.
KEEPERS = (Role.STATION_CLERK, Role.PRESIDIUM_CLERK)


def remind_to_confirm(*, actor: Actor, now: datetime, limit: int = 500) -> int:
    """Remind of records whose day is near (policy ``confirmation_reminder``, 3 working days before it).

    Once per entry: the row is stamped in the transaction that leaves the messages, so a second run, or two
    at once, find nothing. A beat that was down sends when it is back, until the day itself; nothing leaves
    on a day off. What nobody can be told of is left unstamped. Returns how many records were reminded of.
    """
    actor.require_system()
    today, calendar = china_date(now), working_calendar().provisional()
    if not calendar.is_workday(today):
        return 0
    places = (
        unreminded_confirmations(actor, today).order_by("scope_code").values_list("scope_code", flat=True)
    )
    with trail.operation("remind_to_confirm"):
        return sum(_remind_in(actor, place, today, calendar, now, limit) for place in list(places.distinct()))


def _remind_in(
    actor: Actor, scope_code: int, today: date, calendar: WorkCalendar, now: datetime, limit: int
) -> int:
    until = due(today, policy_of("confirmation_reminder", scope_code), calendar).due_on
    near = unreminded_confirmations(actor, today, until).filter(scope_code=scope_code)
    locked = near.select_for_update(skip_locked=True, of=("self",)).order_by("confirm_by", "id")
    rows = {row.pk: row for row in locked.select_related("mandate")[:limit]}
    reminded: set[int] = set()
    for hearer in _hearers(scope_code, rows.values(), now) if rows else ():
        waiting = list(unconfirmed(hearer).filter(scope_code=scope_code))
        mine = [row.pk for row in waiting if row.pk in rows]
        if mine:
            _tell(hearer, waiting, rows[min(mine)], until, now)
            reminded.update(mine)
    Participation.scoped(actor).filter(pk__in=reminded).update(reminded_at=now)
    return len(reminded)


def _hearers(scope_code: int, rows: Iterable[Participation], now: datetime) -> list[Actor]:
    """The deputies these records are about and the keepers of the place, each in the appointment held."""
    persons = {row.mandate.person_id for row in rows if not row.is_recorded_by_deputy}
    with acting(system_actor(name=POSTMAN)) as everywhere:
        held = Appointment.scoped(everywhere).filter(
            in_force(china_date(now)),
            Q(role__in=KEEPERS) | Q(role__in=DEPUTIES, person_ref__in=persons),
            scope_code=scope_code,
        )
        joined = held.select_related("account", "jurisdiction").order_by("account_id", "pk")
        return [actor_for(each.account, each) for each in joined]


def _tell(
    hearer: Actor, waiting: Sequence[Participation], first: Participation, until: date, now: datetime
) -> None:
    """One message: how many are due now and until when; the number is that of the page it leads to.

    The key names the entry that gave the occasion, so that somebody with two appointments hears once.
    """
    near = [row.confirm_by for row in waiting if row.confirm_by is not None and row.confirm_by <= until]
    later = len(waiting) - len(near)
    more = f"另有{later}条期限较晚，可以一并办理。" if later else ""
    side = "station" if first.is_recorded_by_deputy else "deputy"
    notify(
        account_id=hearer.account_id or 0,
        scope_code=first.scope_code,
        title=f"有{len(near)}条履职记录待您确认，最迟{short_day_text(min(near))}",
        body=f"请核对参加情况，确认或者提出异议；逾期未办的，转主席团核定。{more}",
        link=reverse("stations_confirm"),
        dedupe_key=f"confirm:{side}:{first.pk}:{first.recorded_at:%Y%m%d%H%M%S}",
        now=now,
    )
