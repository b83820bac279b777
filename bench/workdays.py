"""Deadlines in working days: the date, the date with its derivation in words, and the words checked.

Bare limit: looking the day up in a list of working days prepared beforehand. The last figures say how often
a calendar of weekends and holidays alone, without 调休 working weekends, gives another date.
Figures of pure work are CPU time of the process.
"""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, timedelta

from bench._tools import Figure, cpu_seconds
from liaison.calendar.shipped import year_plans
from liaison.calendar.workdays import WorkCalendar, YearPlan, derive_workdays

FIRST, LAST = date(2024, 1, 1), date(2026, 10, 31)
LENGTHS = (5, 10, 15, 30)


def run() -> Iterator[Figure]:
    calendar = WorkCalendar(year_plans())
    starts = [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1)]
    pairs = [(start, n) for start in starts for n in LENGTHS]
    yield "deadlines", len(pairs), "rows"
    yield "queries", 0, "queries"
    added = cpu_seconds(lambda: [calendar.add_workdays(start, n) for start, n in pairs])
    yield "date only", len(pairs) / added, "deadlines/s"
    spent = cpu_seconds(lambda: [derive_workdays(start, n, calendar).text for start, n in pairs], rounds=1)
    yield "date with its derivation", len(pairs) / spent, "deadlines/s"
    worked = _all_workdays(calendar)
    bare = cpu_seconds(lambda: [worked[bisect_right(worked, start) + n - 1] for start, n in pairs])
    yield "bare limit: look-up in a prepared list", len(pairs) / bare, "deadlines/s"
    wrong = sum(calendar.add_workdays(s, n) != worked[bisect_right(worked, s) + n - 1] for s, n in pairs)
    yield "differing from the prepared list", wrong, "deadlines"
    yield from _without_makeup(calendar, starts)


def _all_workdays(calendar: WorkCalendar) -> list[date]:
    days = (FIRST - timedelta(30) + timedelta(n) for n in range((LAST - FIRST).days + 30 + 62))
    return [day for day in days if calendar.covers(day) and calendar.is_workday(day)]


def _without_makeup(calendar: WorkCalendar, starts: list[date]) -> Iterator[Figure]:
    """What weekends and holidays alone can express."""
    plain = WorkCalendar(
        {
            year: YearPlan(year, plan.holidays, frozenset(), plan.names)
            for year, plan in calendar.plans.items()
        }
    )
    for n in (10, 30):
        late = sum(plain.add_workdays(day, n) != calendar.add_workdays(day, n) for day in starts)
        yield f"start days wrong without 调休, {n} working days", 100 * late / len(starts), "%"
