"""Planning a station's reception days from its rules, and settling those planned on an estimated calendar."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from liaison.auditing import trail
from liaison.calendar.recurrence import Planned, planned_dates, receives_on, rule_from_data
from liaison.calendar.workdays import WorkCalendar, china_date
from liaison.calendar.working import working_calendar
from liaison.tenancy.scope import Actor
from liaison.words.errors import InvalidInput, Refused
from stations.enums import DutyState, ReceptionDayState
from stations.models import Participation, ReceptionDay, Station
from stations.rules.day_changes import PlanChange, PlanLine, WantedDay, compare, is_to_be_written
from stations.rules.wording import full_day_text
from stations.selectors.due import days_to_settle
from stations.selectors.work_plans import (
    LONGEST_PLAN_DAYS,
    as_known,
    days_concerned,
    is_movable,
    record_counts,
    rules_of,
    wanted_days,
)
from stations.services.common import open_station_of, tell_station

log = logging.getLogger(__name__)

_PLANNED_FIELDS = (
    "rule_id",
    "nominal_day",
    "day",
    "dated_at",
    "day_text",
    "day_is_provisional",
    "starts_at",
    "ends_at",
    "theme",
)


@dataclass(slots=True)
class PlanResult:
    """What planning changed. ``kept``: days the rules no longer name, kept because turns are assigned."""

    created: list[ReceptionDay] = field(default_factory=list)
    moved: list[ReceptionDay] = field(default_factory=list)
    removed: int = 0
    kept: list[ReceptionDay] = field(default_factory=list)


def plan_reception_days(
    *, actor: Actor, station_id: int, start: date, end: date, now: datetime
) -> PlanResult:
    """Plan every reception day held within ``start`` … ``end`` (both included) by the station's rules.

    Days are known by their nominal day, so planning again changes nothing; a changed rule or calendar moves
    days that are still only planned. What was announced, held, cancelled or put by hand stays. Years
    without a notice are planned on an estimate and marked (``settle_provisional_days``). A fixed number of
    statements, however many days there are.
    """
    if end < start or (end - start).days > LONGEST_PLAN_DAYS:
        raise InvalidInput({"end": "请选择不超过两年的起止日期，截止日期不早于起始日期。"})
    station = open_station_of(actor, station_id)
    rules = rules_of(actor, station)
    if not rules:
        raise Refused("这个联络站还没有接待日规则，请先填写规则。")
    wanted, _ = wanted_days(rules, start, end, working_calendar().provisional())
    rows = {
        row.pk: row
        for row in days_concerned(actor, station, wanted, start, end).select_for_update(of=("self",))
    }
    counts = record_counts(actor, list(rows.values()))
    lines = compare(wanted, [as_known(row, counts[row.pk]) for row in rows.values()], start, end)
    with trail.operation("plan_reception_days"):
        return _lay_out(actor, station, lines, rows, now)


def _lay_out(
    actor: Actor, station: Station, lines: Iterable[PlanLine], rows: Mapping[int, ReceptionDay], now: datetime
) -> PlanResult:
    """Write what ``compare`` found: one statement to delete, one to insert, one to change, one for turns."""
    result = PlanResult()
    gone, new, changed = list[int](), list[ReceptionDay](), list[ReceptionDay]()
    for line in lines:
        row = rows[line.known.id] if line.known else None
        if line.change == PlanChange.REMOVED and row is not None:
            gone.append(row.pk)
        elif line.change == PlanChange.ADDED and line.wanted is not None:
            new.append(_new_day(station, line.wanted, now))
        elif row is not None and line.wanted is not None and is_to_be_written(line):
            _put(row, line.wanted, now)
            changed.append(row)
        elif line.change == PlanChange.KEPT and row is not None and is_movable(row):
            result.kept.append(row)
    # Deleted first: a day that goes may free the name of one that comes.
    if gone:
        ReceptionDay.scoped(actor).filter(pk__in=gone).delete()
    result.removed = len(gone)
    result.created = ReceptionDay.objects.bulk_create(new)
    write_days(actor, changed)
    result.moved = changed
    return result


def _new_day(station: Station, want: WantedDay, now: datetime) -> ReceptionDay:
    row = ReceptionDay(scope_code=station.scope_code, station=station, nominal_day=want.planned.nominal_date)
    _put(row, want, now)
    return row


def _put(row: ReceptionDay, want: WantedDay, now: datetime) -> None:
    """Bring a planned day to what the rule says now."""
    if row.day != want.planned.date:
        row.dated_at = now
    row.rule_id = want.rule_id
    row.nominal_day = want.planned.nominal_date
    row.day, row.day_is_provisional = want.planned.date, want.planned.is_provisional
    row.day_text = want.planned.derivation_text
    row.starts_at, row.ends_at = want.starts_at, want.ends_at
    if not row.is_theme_fixed:
        row.theme = want.planned.theme


def write_days(actor: Actor, rows: list[ReceptionDay], fields: Iterable[str] = _PLANNED_FIELDS) -> None:
    """Store changed days in one statement; turns not yet registered move with their day in another."""
    if not rows:
        return
    names = [name.removesuffix("_id") for name in fields]
    ReceptionDay.scoped(actor).bulk_update(rows, names)
    follow_days(actor, [row.pk for row in rows])


def follow_days(actor: Actor, day_ids: list[int]) -> None:
    """Turns not yet registered move with their day."""
    there = ReceptionDay.scoped(actor).filter(pk=OuterRef("reception_day_id")).values("day")
    turns = Participation.scoped(actor).filter(reception_day__in=day_ids, outcome=DutyState.SCHEDULED)
    turns.exclude(day=Subquery(there)).update(day=Subquery(there))


def follow_day(actor: Actor, row: ReceptionDay) -> None:
    """The same for one day that was just saved."""
    turns = Participation.scoped(actor).filter(reception_day=row, outcome=DutyState.SCHEDULED)
    turns.exclude(day=row.day).update(day=row.day)


def settle_provisional_days(*, actor: Actor, now: datetime) -> int:
    """Put every day that rests on an estimate, or on a notice since corrected, where the calendar says.

    What is only planned moves, goes, or joins another day. What people already count on (announced, put by
    hand, or with deputies assigned to a day the calendar would drop) stays, loses its mark, and the station
    and the office are asked to look at it. Returns how many days were settled. Safe to run twice and at
    once: rows somebody holds are skipped.
    """
    actor.require_system()
    calendar = working_calendar()
    rows = list(
        days_to_settle(actor, calendar, china_date(now))
        .select_related("rule", "station")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("station_id", "nominal_day", "id")
    )
    if not rows:
        return 0
    counts = record_counts(actor, rows)
    settling = _Settling(actor, calendar, _taken_dates(actor, rows), now)
    with trail.operation("settle_provisional_days", reason="放假安排已载入"):
        for row in rows:
            settling.settle(row, counts[row.pk])
        return settling.write()


def _taken_dates(actor: Actor, rows: Iterable[ReceptionDay]) -> dict[int, dict[date, int]]:
    """By station, which date belongs to which day that is not being settled; one query."""
    stations = {row.station_id for row in rows}
    settled = {row.pk for row in rows}
    first = min(row.nominal_day for row in rows)
    others = ReceptionDay.scoped(actor).filter(station__in=stations, day__gte=first).exclude(pk__in=settled)
    found: dict[int, dict[date, int]] = defaultdict(dict)
    for pk, station_id, day in others.exclude(state=ReceptionDayState.CANCELLED).values_list(
        "pk", "station_id", "day"
    ):
        found[station_id][day] = pk
    return found


class _Settling:
    """The days of one jurisdiction being settled: decided one by one, written together."""

    def __init__(
        self, actor: Actor, calendar: WorkCalendar, taken: dict[int, dict[date, int]], now: datetime
    ) -> None:
        self.actor, self.calendar, self.taken, self.now = actor, calendar, taken, now
        self.gone: list[int] = []
        self.changed: list[ReceptionDay] = []
        self.to_look_at: list[ReceptionDay] = []

    def settle(self, row: ReceptionDay, records: int) -> None:
        if not self.calendar.covers(row.day):
            return
        if not is_movable(row) or row.rule is None:
            self._keep(row, is_right=row.is_fixed or self._may_be_held(row))
            return
        match = self._match(row)
        if match is not None and match.is_provisional:
            return
        taken = self.taken[row.station_id]
        if match is None or match.nominal_date != row.nominal_day or match.date in taken:
            self._let_go(row, records)
            return
        taken[match.date] = row.pk
        self._move(row, match)

    def _may_be_held(self, row: ReceptionDay) -> bool:
        return row.rule is None or receives_on(rule_from_data(row.rule.rule), row.day, self.calendar)

    def _match(self, row: ReceptionDay) -> Planned | None:
        """What the rule makes of the day now; postponing never crosses more than a month."""
        if row.rule is None:
            return None
        rule = rule_from_data(row.rule.rule)
        until = date.fromordinal(row.nominal_day.toordinal() + 31)
        found = planned_dates(rule, row.nominal_day, until, self.calendar.provisional())
        return next((each for each in found if row.nominal_day in (each.nominal_date, *each.merged)), None)

    def _move(self, row: ReceptionDay, match: Planned) -> None:
        before = (row.day, row.day_text, row.day_is_provisional, row.theme)
        former = row.day
        _put(row, WantedDay(match, row.rule_id, row.starts_at, row.ends_at), self.now)
        if (row.day, row.day_text, row.day_is_provisional, row.theme) != before:
            self.changed.append(row)
            log.info("reception day %s at %s: %s to %s", row.pk, self.now, former, row.day)

    def _let_go(self, row: ReceptionDay, records: int) -> None:
        """The real calendar skips this day or joins it to another; with turns assigned a person decides."""
        if records:
            self._keep(row, is_right=False)
            return
        self.gone.append(row.pk)
        log.info("reception day %s at %s: %s is not held", row.pk, self.now, row.day)

    def _keep(self, row: ReceptionDay, *, is_right: bool) -> None:
        asks = not is_right and row.state in _STILL_TO_COME and row.day >= china_date(self.now)
        if asks:
            self.to_look_at.append(row)
        if row.day_is_provisional:
            row.day_is_provisional = False
            if asks:
                row.day_text = f"{row.day_text}；放假安排公布后应另作安排，请核对"
            self.changed.append(row)
            log.info("reception day %s at %s: %s stays", row.pk, self.now, row.day)

    def write(self) -> int:
        if self.gone:
            ReceptionDay.scoped(self.actor).filter(pk__in=self.gone).delete()
        write_days(self.actor, self.changed)
        for row in self.to_look_at:
            self._ask(row)
        return len(self.gone) + len(self.changed)

    def _ask(self, row: ReceptionDay) -> None:
        tell_station(
            row.station,
            title=f"请核对{full_day_text(row.day)}{row.station.name}接待日",
            body=f"{row.day.year}年放假安排已载入，{full_day_text(row.day)}不宜照原定日期接待，"
            "因已公布或者已排班，没有自动调整。请改期、取消，或者照常接待。",
            link=reverse("admin:stations_receptionday_change", args=[row.pk]),
            dedupe_key=f"reception:{row.pk}:{row.day:%Y%m%d}:calendar",
            now=self.now,
        )


_STILL_TO_COME = (ReceptionDayState.PLANNED, ReceptionDayState.PUBLISHED)
