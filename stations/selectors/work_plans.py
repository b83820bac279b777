"""What a station's rules ask for, beside what is planned: read for planning and for looking at it first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta

from django.db.models import Count, Max, Q, QuerySet

from deputies.models import Session
from liaison.calendar.recurrence import Rule, planned_dates, rule_from_data
from liaison.calendar.recurrence_words import describe
from liaison.calendar.workdays import WorkCalendar
from liaison.calendar.working import working_calendar
from liaison.tenancy.scope import Actor
from stations.enums import ReceptionDayState
from stations.models import Participation, ReceptionDay, ReceptionRule, Station
from stations.rules.day_changes import KnownDay, PlanChange, PlanLine, WantedDay, compare, theme_for
from stations.rules.month_sheets import Month, month_sheets
from stations.rules.wording import short_day_text

LONGEST_PLAN_DAYS = 800
_MARKS = {PlanChange.REMOVED: "gone", PlanChange.LEFT_OUT: "gone", PlanChange.ADDED: "held new"}


@dataclass(frozen=True, slots=True)
class StationRule:
    """One rule of a station, stored or only thought of (``id`` is ``None``), with the span it holds in."""

    id: int | None
    rule: Rule
    starts_at: time
    ends_at: time
    valid_from: date
    valid_until: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


def rules_of(actor: Actor, station: Station) -> list[StationRule]:
    """In the order in which they claim a day: the earlier rule first; one query."""
    rows = ReceptionRule.scoped(actor).filter(station=station).order_by("valid_from", "id")
    return [
        StationRule(
            row.pk, rule_from_data(row.rule), row.starts_at, row.ends_at, row.valid_from, row.valid_until
        )
        for row in rows
    ]


def wanted_days(
    rules: Iterable[StationRule], start: date, end: date, calendar: WorkCalendar
) -> tuple[list[WantedDay], dict[date, str]]:
    """The days of all rules, each date once; where two rules meet, the earlier one holds the day.

    The second part says, by date, in words, that another rule wanted it too.
    """
    found: dict[date, WantedDay] = {}
    held: dict[date, date] = {}
    shared: dict[date, str] = {}
    for each in rules:
        for planned in planned_dates(each.rule, start, end, calendar):
            if not each.holds_on(planned.nominal_date):
                continue
            other = held.get(planned.date) or (
                found[planned.nominal_date].planned.date if planned.nominal_date in found else None
            )
            if other is not None:
                shared[other] = f"与本站另一条规则同日（{describe(each.rule)}），合并为一次"
                continue
            found[planned.nominal_date] = WantedDay(planned, each.id, each.starts_at, each.ends_at)
            held[planned.date] = planned.date
    return list(found.values()), shared


def days_concerned(
    actor: Actor, station: Station, wanted: Iterable[WantedDay], start: date, end: date
) -> QuerySet[ReceptionDay]:
    """The stored days planning looks at: those of the period, and those the wanted days already have."""
    names = {each.planned.nominal_date for each in wanted}
    days = ReceptionDay.scoped(actor).filter(station=station)
    return days.filter(Q(day__range=(start, end)) | Q(nominal_day__in=names))


def record_counts(actor: Actor, days: Collection[ReceptionDay]) -> Counter[int]:
    """How many records of deputies hang on each day; one query."""
    rows = Participation.scoped(actor).filter(reception_day__in=[day.pk for day in days])
    counted = rows.order_by().values_list("reception_day_id").annotate(total=Count("pk"))
    return Counter({day_id: total for day_id, total in counted if day_id is not None})


def as_known(row: ReceptionDay, records: int = 0) -> KnownDay:
    state = "日期已手工确定" if row.is_fixed else ReceptionDayState(row.state).label
    return KnownDay(
        id=row.pk,
        nominal_day=row.nominal_day,
        day=row.day,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        text=row.day_text,
        theme=row.theme,
        has_own_theme=row.is_theme_fixed,
        is_provisional=row.day_is_provisional,
        rule_id=row.rule_id,
        is_open=is_movable(row) and row.rule_id is not None,
        is_off=row.state == ReceptionDayState.CANCELLED,
        state=state,
        records=records,
    )


def is_movable(row: ReceptionDay) -> bool:
    """Whether planning may still touch the day."""
    return row.state == ReceptionDayState.PLANNED and not row.is_fixed


def imagined(rule: Rule, today: date, rule_id: int | None = None) -> StationRule:
    """A rule as it would stand among the station's once laid down."""
    return StationRule(
        rule_id,
        rule,
        min(opens for opens, _ in rule.opening),
        max(closes for _, closes in rule.opening),
        rule.valid_from or today,
        rule.valid_until,
    )


def is_used(actor: Actor, rule_id: int) -> bool:
    """Whether a day that nobody may re-plan any more came from this rule."""
    return ReceptionDay.scoped(actor).filter(rule=rule_id).exclude(state=ReceptionDayState.PLANNED).exists()


def is_same_but_for_its_end(one: Rule, other: Rule) -> bool:
    return replace(one, valid_until=None) == replace(other, valid_until=None)


def coming_period(actor: Actor, station: Station, today: date) -> tuple[date, date]:
    """Twelve months from today, longer where the station is planned further; one query."""
    planned = ReceptionDay.scoped(actor).filter(station=station, state=ReceptionDayState.PLANNED)
    last = planned.aggregate(last=Max("day"))["last"] or today
    return today, min(max(last, today + timedelta(days=365)), today + timedelta(days=LONGEST_PLAN_DAYS))


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One line for the page: ``notes`` are what a clerk should look at, each a short sentence."""

    line: PlanLine
    notes: tuple[str, ...] = ()

    @property
    def is_provisional(self) -> bool:
        return bool(self.line.wanted and self.line.wanted.planned.is_provisional)

    @property
    def is_to_be_looked_at(self) -> bool:
        """More than that the day stays as it was announced."""
        state = self.line.known.state if self.line.known else ""
        return any(note != state for note in self.notes)

    @property
    def derivation(self) -> str:
        """Why the day is what it is, without saying the date twice."""
        if self.line.wanted is not None:
            text = self.line.wanted.planned.derivation_text
        else:
            text = self.line.known.text if self.line.known else ""
        return text.removeprefix(short_day_text(self.line.day))

    @property
    def is_moved_by_holiday(self) -> bool:
        planned = self.line.wanted.planned if self.line.wanted else None
        return planned is not None and planned.date != planned.nominal_date

    @property
    def theme(self) -> str:
        if self.line.wanted is None or self.line.change == PlanChange.KEPT:
            return self.line.known.theme if self.line.known else ""
        if self.line.known is None:
            return self.line.wanted.planned.theme
        return theme_for(self.line.wanted, self.line.known)


@dataclass(slots=True)
class PlanPreview:
    """What planning would do, line by line, with the counts a clerk reads first; nothing is written."""

    start: date
    end: date
    lines: list[PreviewLine]
    counts: dict[PlanChange, int] = field(default_factory=dict)
    held: int = 0
    moved_by_holiday: int = 0
    provisional_years: list[int] = field(default_factory=list)

    @property
    def is_a_year(self) -> bool:
        return (self.end - self.start).days == 365

    @property
    def noted(self) -> int:
        """How many lines carry something to look at."""
        return sum(line.is_to_be_looked_at for line in self.lines)

    @property
    def changes(self) -> list[tuple[PlanChange, int]]:
        """What happens to the days, in the order of the enumeration; nothing that does not occur."""
        return [(change, self.counts[change]) for change in PlanChange if self.counts.get(change)]

    @property
    def months(self) -> list[Month]:
        """The period as small month sheets with the receptions marked."""
        marks: dict[date, str] = {}
        for line in self.lines:
            mark = _MARKS.get(line.line.change, "held")
            if line.line.known is not None and line.line.known.is_off:
                mark = "gone"
            if line.line.former_day is not None:
                marks.setdefault(line.line.former_day, "gone")
            if mark == "held" or line.line.day not in marks:
                marks[line.line.day] = f"{mark} provisional" if line.is_provisional else mark
        return list(month_sheets(self.start, self.end, marks))


def preview_plan(
    actor: Actor, station: Station, rules: Iterable[StationRule], start: date, end: date
) -> PlanPreview:
    """What ``rules`` would make of the station's days within ``start`` … ``end``; six queries."""
    calendar = working_calendar()
    wanted, shared = wanted_days(rules, start, end, calendar.provisional())
    days = list(days_concerned(actor, station, wanted, start, end))
    counts = record_counts(actor, days)
    lines = compare(wanted, [as_known(row, counts[row.pk]) for row in days], start, end)
    sessions = _sessions(actor, station, start, end)
    shown = [PreviewLine(line, _notes(line, shared, sessions)) for line in lines]
    staying = [line for line in shown if line.line.change not in (PlanChange.REMOVED, PlanChange.LEFT_OUT)]
    return PlanPreview(
        start,
        end,
        shown,
        counts=dict(Counter(line.change for line in lines)),
        held=sum(not (line.line.known and line.line.known.is_off) for line in staying),
        moved_by_holiday=sum(line.is_moved_by_holiday for line in staying),
        provisional_years=sorted({line.line.day.year for line in staying if line.is_provisional}),
    )


def _sessions(actor: Actor, station: Station, start: date, end: date) -> list[Session]:
    """Sessions of the congresses the station's place belongs to; one query."""
    around = Session.scoped(actor).filter(
        scope_code__lte=station.scope_code, scope_end__gt=station.scope_code
    )
    meeting = around.filter(starts_on__lte=end, ends_on__gte=start)
    return list(meeting.select_related("term__congress").order_by("starts_on"))


def _notes(line: PlanLine, shared: dict[date, str], sessions: Iterable[Session]) -> tuple[str, ...]:
    notes = [line.reason] if line.reason else []
    if line.change == PlanChange.REMOVED:
        return tuple(notes)
    if line.day in shared:
        notes.append(shared[line.day])
    notes += [f"与{each}同期" for each in sessions if each.starts_on <= line.day <= each.ends_on]
    return tuple(notes)


def rules_with(
    rules: Iterable[StationRule], new: StationRule, replaced_id: int | None, *, succeeds: bool
) -> list[StationRule]:
    """The station's rules once ``new`` is laid down in the place of ``replaced_id`` (``None``: beside them).

    ``succeeds``: the old rule has announced or held days, so it ends the day before instead of going.
    """
    after = []
    for each in rules:
        if each.id is None or each.id != replaced_id:
            after.append(each)
        elif succeeds and new.valid_from > each.valid_from:
            eve = date.fromordinal(new.valid_from.toordinal() - 1)
            after.append(replace(each, valid_until=min(each.valid_until or eve, eve)))
    after.append(new)
    return sorted(after, key=lambda each: (each.valid_from, each.id is None, each.id or 0))
