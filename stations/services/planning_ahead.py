"""Keeping the plan ahead of the calendar: a station whose rules hold never runs out of reception days."""

from __future__ import annotations

from datetime import datetime, timedelta

from liaison.calendar.policy_data import LONGEST_NOTICE_DAYS
from liaison.calendar.workdays import china_date
from liaison.tenancy.scope import Actor
from stations.selectors.due import AHEAD_DAYS, stations_running_out
from stations.services.reception_days import plan_reception_days


def plan_ahead(*, actor: Actor, now: datetime) -> int:
    """Plan the stations whose plan ends within half a year for a year from today; counts the days added.

    Only what lies beyond every notice period, so that nothing planned here is announced late. Days a person
    cancelled, moved or keeps for those on duty stay as they are.
    """
    actor.require_system()
    today = china_date(now)
    start, end = today + timedelta(days=LONGEST_NOTICE_DAYS + 1), today + timedelta(days=AHEAD_DAYS)
    added = 0
    for station_id in stations_running_out(actor, today).values_list("pk", flat=True):
        result = plan_reception_days(actor=actor, station_id=station_id, start=start, end=end, now=now)
        added += len(result.created)
    return added
