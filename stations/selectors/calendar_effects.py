"""What a year about to be loaded would do to reception days and to days of confirmation; read only."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from django.db.models import Q

from liaison.calendar.deadlines import Policy, due
from liaison.calendar.effects import Effect
from liaison.calendar.recurrence import planned_dates, rule_from_data
from liaison.calendar.workdays import WorkCalendar, china_date
from liaison.calendar.working import policy_of
from liaison.tenancy.scope import Actor
from stations.enums import ReceptionDayState
from stations.models import ReceptionDay
from stations.selectors.due import provisional_confirmations

# Postponing never crosses more days.
_REACH = timedelta(days=31)


def reception_days(actor: Actor, calendar: WorkCalendar, today: date) -> Effect:
    """Planned days to come whose date the new calendar decides; one query."""
    effect = Effect("接待日")
    years = list(calendar.plans)
    rows = (
        ReceptionDay.scoped(actor)
        .filter(state=ReceptionDayState.PLANNED, is_fixed=False, rule__isnull=False, day__gte=today)
        .filter(Q(day__year__in=years) | Q(nominal_day__year__in=years))
        .order_by("nominal_day")
    )
    by_rule: dict[int, list[tuple[date, date, bool]]] = defaultdict(list)
    rules = {}
    for rule_id, data, nominal, day, is_provisional in rows.values_list(
        "rule_id", "rule__rule", "nominal_day", "day", "day_is_provisional"
    ):
        rules[rule_id] = data
        by_rule[rule_id].append((nominal, day, is_provisional))
    for rule_id, days in by_rule.items():
        found = planned_dates(
            rule_from_data(rules[rule_id]), days[0][0], days[-1][0] + _REACH, calendar.provisional()
        )
        held = {name: each.date for each in found for name in (each.nominal_date, *each.merged)}
        for nominal, day, is_provisional in days:
            # What stands firm and does not move is not touched.
            if is_provisional or held.get(nominal) != day:
                effect.add(day, held.get(nominal))
    return effect


def confirmations(actor: Actor, calendar: WorkCalendar, today: date) -> Effect:
    """Days of confirmation that rest on the estimate; one query, and one for each jurisdiction's norm."""
    effect = Effect("履职记录的核对期限")
    policies: dict[int, Policy] = {}
    for row in provisional_confirmations(actor):
        if row.recorded_at is None or row.confirm_by is None:
            continue
        if row.scope_code not in policies:
            policies[row.scope_code] = policy_of("record_confirmation", row.scope_code)
        found = due(china_date(row.recorded_at), policies[row.scope_code], calendar.provisional())
        if not found.is_provisional:
            effect.add(row.confirm_by, found.due_on)
    return effect
