"""Planning a station's reception days from its rules, and settling those planned on an estimated calendar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from liaison import audit
from liaison.calendar import working_calendar
from liaison.errors import InvalidInput, Refused
from liaison.recurrence import Planned, planned_dates, rule_from_data
from liaison.scope import Actor
from liaison.workdays import WorkCalendar
from stations.enums import DutyState, ReceptionDayState
from stations.models import Participation, ReceptionDay, ReceptionRule, Station
from stations.selectors.due import provisional_days
from stations.services.common import open_station_of

LONGEST_PLAN_DAYS = 800


@dataclass(slots=True)
class PlanResult:
    """What planning changed. ``kept``: days the rules no longer name, kept because turns are assigned."""

    created: list[ReceptionDay] = field(default_factory=list)
    moved: list[ReceptionDay] = field(default_factory=list)
    removed: int = 0
    kept: list[ReceptionDay] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One day a rule asks for."""

    rule: ReceptionRule
    planned: Planned


def plan_reception_days(
    *, actor: Actor, station_id: int, start: date, end: date, now: datetime
) -> PlanResult:
    """Plan every reception day held within ``start`` … ``end`` (both included) by the station's rules.

    Days are known by their nominal day, so planning again changes nothing; a changed rule or calendar moves
    days that are still only planned. What was announced, held, cancelled or put by hand stays. Years
    without a notice are planned on an estimate and marked (``settle_provisional_days``).
    """
    if end < start or (end - start).days > LONGEST_PLAN_DAYS:
        raise InvalidInput({"end": "请选择不超过两年的起止日期，截止日期不早于起始日期。"})
    station = open_station_of(actor, station_id)
    rules = list(ReceptionRule.scoped(actor).filter(station=station).order_by("valid_from", "id"))
    if not rules:
        raise Refused("这个联络站还没有接待日规则，请先填写规则。")
    wanted = _wanted(rules, start, end, working_calendar().provisional())
    with audit.operation("plan_reception_days"):
        return _lay_out(actor, station, wanted, start, end)


def _wanted(
    rules: Iterable[ReceptionRule], start: date, end: date, calendar: WorkCalendar
) -> dict[date, _Wanted]:
    """By nominal day; where two rules name or reach the same day, the earlier rule holds it."""
    found: dict[date, _Wanted] = {}
    held: set[date] = set()
    for row in rules:
        for planned in planned_dates(rule_from_data(row.rule), start, end, calendar):
            inside = row.valid_from <= planned.nominal_date
            inside = inside and (row.valid_until is None or planned.nominal_date <= row.valid_until)
            if inside and planned.nominal_date not in found and planned.date not in held:
                found[planned.nominal_date] = _Wanted(row, planned)
                held.add(planned.date)
    return found


def _lay_out(
    actor: Actor, station: Station, wanted: dict[date, _Wanted], start: date, end: date
) -> PlanResult:
    result = PlanResult()
    days = ReceptionDay.scoped(actor).filter(station=station).select_for_update(of=("self",))
    there = {row.nominal_day: row for row in days.filter(nominal_day__in=wanted)}
    _drop_unwanted(actor, days.filter(day__range=(start, end)).exclude(nominal_day__in=wanted), result)
    for nominal, want in sorted(wanted.items()):
        row = there.get(nominal)
        if row is None:
            result.created.append(_create(station, want))
        elif is_movable(row) and _move(actor, row, want):
            result.moved.append(row)
    return result


def is_movable(row: ReceptionDay) -> bool:
    """Whether planning may still touch the day."""
    return row.state == ReceptionDayState.PLANNED and not row.is_fixed


def _drop_unwanted(actor: Actor, rows: Iterable[ReceptionDay], result: PlanResult) -> None:
    for row in rows:
        if not is_movable(row) or row.rule_id is None:
            continue
        if Participation.scoped(actor).filter(reception_day=row).exists():
            result.kept.append(row)
        else:
            row.delete()
            result.removed += 1


def _create(station: Station, want: _Wanted) -> ReceptionDay:
    return ReceptionDay.objects.create(
        scope_code=station.scope_code,
        station=station,
        rule=want.rule,
        day=want.planned.date,
        nominal_day=want.planned.nominal_date,
        day_text=want.planned.derivation_text[:300],
        day_is_provisional=want.planned.is_provisional,
        starts_at=want.rule.starts_at,
        ends_at=want.rule.ends_at,
    )


def _move(actor: Actor, row: ReceptionDay, want: _Wanted) -> bool:
    """Bring a planned day to what the rule says now; ``True`` when something changed."""
    values = {
        "rule_id": want.rule.pk,
        "day": want.planned.date,
        "day_text": want.planned.derivation_text[:300],
        "day_is_provisional": want.planned.is_provisional,
        "starts_at": want.rule.starts_at,
        "ends_at": want.rule.ends_at,
    }
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save(update_fields=changed)
        follow_day(actor, row)
    return bool(changed)


def follow_day(actor: Actor, row: ReceptionDay) -> None:
    """Turns not yet registered move with their day."""
    turns = Participation.scoped(actor).filter(reception_day=row, outcome=DutyState.SCHEDULED)
    turns.exclude(day=row.day).update(day=row.day)


def settle_provisional_days(*, actor: Actor, now: datetime) -> int:
    """Plan again every day whose date rests on an estimate and whose years are loaded by now.

    Returns how many days were settled. Safe to run twice and at once: rows somebody holds are skipped.
    """
    actor.require()
    calendar = working_calendar()
    rows = (
        provisional_days(actor)
        .select_related("rule", "station")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("id")
    )
    with audit.operation("settle_provisional_days", reason="放假安排已载入"):
        return sum(_settle(actor, row, calendar) for row in rows if row.rule is not None)


def _settle(actor: Actor, row: ReceptionDay, calendar: WorkCalendar) -> bool:
    """``False`` while the estimate cannot be improved."""
    rule = row.rule
    # The nominal day lies within a month of the day held; postponing never crosses more.
    found = planned_dates(
        rule_from_data(rule.rule), row.nominal_day, _later(row.nominal_day), calendar.provisional()
    )
    match = next((p for p in found if row.nominal_day in (p.nominal_date, *p.merged)), None)
    if match is None:
        return calendar.covers(row.nominal_day) and _drop(actor, row)
    if match.is_provisional:
        return False
    if match.nominal_date != row.nominal_day:
        return _drop(actor, row)
    return _move(actor, row, _Wanted(rule, match))


def _drop(actor: Actor, row: ReceptionDay) -> bool:
    """The real calendar skips this day or joins it to another; with turns assigned a person decides."""
    if Participation.scoped(actor).filter(reception_day=row).exists():
        return False
    row.delete()
    return True


def _later(day: date) -> date:
    return date.fromordinal(day.toordinal() + 31)
