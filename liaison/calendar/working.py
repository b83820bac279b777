"""The working calendar of the tables, and the deadlines derived from it.

The arithmetic is in ``workdays`` and ``deadlines``; here the calendar is read, a year is loaded, and the
columns of ``DeadlineFields`` are filled. A deadline that reaches into a year without a notice is stored
as provisional and derived again when the year is there (architecture.md, "Deadlines").
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, TypeVar

from django.apps import apps
from django.db.models import F, Q, QuerySet

from liaison.auditing import trail
from liaison.calendar.deadlines import Due, Policy, due
from liaison.calendar.notice_reader import YearDraft
from liaison.calendar.shipped import covered_years, year_plan
from liaison.calendar.workdays import WorkCalendar, YearPlan, china_date
from liaison.models import CalendarDay, CalendarYear, DeadlineFields, DeadlinePolicy
from liaison.tenancy.models import ScopedModel
from liaison.tenancy.scope import acting, require_actor, system_actor
from liaison.words.enums import DayKind, DeadlineUnit, Role
from liaison.words.errors import Refused

log = logging.getLogger(__name__)

FIRST_DEFAULT_YEAR = 2024
CALENDAR_KEEPERS = (Role.SYSTEM_ADMIN, Role.COUNTY_COMMITTEE)

Deadline = TypeVar("Deadline", bound=DeadlineFields)


def working_calendar() -> WorkCalendar:
    """The loaded years as a value, in two queries; ``.provisional()`` also answers for other years.

    Read anew each time: a year corrected by one process must count at once in every other. Whoever puts
    many deadlines reads it once and passes it on.
    """
    years = list(CalendarYear.objects.values_list("year", flat=True))
    days: dict[int, list[tuple[date, str, str]]] = defaultdict(list)
    for day, kind, name in CalendarDay.objects.values_list("day", "kind", "name"):
        days[day.year].append((day, kind, name))
    return WorkCalendar({year: _plan(year, days[year]) for year in years})


def _plan(year: int, days: Iterable[tuple[date, str, str]]) -> YearPlan:
    days = list(days)
    return YearPlan(
        year,
        frozenset(day for day, kind, _ in days if kind == DayKind.HOLIDAY),
        frozenset(day for day, kind, _ in days if kind == DayKind.MAKEUP),
        MappingProxyType({day: name for day, _, name in days if name}),
    )


def policy_for(code: str, scope_code: int) -> DeadlinePolicy:
    """The rule of the nearest jurisdiction around ``scope_code`` that lays one down.

    ``Refused`` when no jurisdiction does: a deadline is never invented.
    """
    policy = (
        DeadlinePolicy.scoped(require_actor())
        .filter(code=code, scope_code__lte=scope_code, scope_end__gt=scope_code)
        .order_by("-scope_code", "scope_end")
        .first()
    )
    if policy is None:
        raise Refused(f"尚未设置此事项（{code}）的期限规定，请联系系统管理员。")
    return policy


def policy_of(code: str, scope_code: int) -> Policy:
    """What ``policy_for`` lays down, as the pure rules read it."""
    row = policy_for(code, scope_code)
    return Policy(row.length, DeadlineUnit(row.unit), row.rolls)


def put_deadline(
    obj: DeadlineFields, *, policy: DeadlinePolicy, starts_on: date, calendar: WorkCalendar | None = None
) -> None:
    """Fill the deadline columns of ``obj``; the day of the event is not counted. Does not save.

    ``calendar`` spares the two queries of reading it when many deadlines are put in a row.
    """
    obj.runs_from = starts_on
    obj.run_length, obj.run_unit, obj.run_rolls = policy.length, policy.unit, policy.rolls
    _fill(obj, _derive(obj, calendar or working_calendar()))


def _derive(obj: DeadlineFields, calendar: WorkCalendar) -> Due:
    if obj.runs_from is None or obj.run_length is None:
        raise ValueError("the deadline has no beginning or no length")
    rule = Policy(obj.run_length, DeadlineUnit(obj.run_unit), obj.run_rolls)
    return due(obj.runs_from, rule, calendar.provisional())


def _fill(obj: DeadlineFields, found: Due) -> None:
    obj.due_on = found.due_on
    obj.due_is_provisional = found.is_provisional
    obj.due_text = found.text


def settle_provisional(queryset: QuerySet[Deadline], *, now: datetime) -> list[Deadline]:
    """Derive the provisional deadlines of ``queryset`` again; returns the rows that changed.

    Rows whose years are still not loaded stay as they are. Safe to run twice and twice at once: locked
    rows are left to whoever holds them, and a settled row is no longer provisional.
    """
    calendar = working_calendar()
    settled = []
    for row in queryset.filter(due_is_provisional=True).select_for_update(skip_locked=True, of=("self",)):
        if _settle(row, calendar, now):
            settled.append(row)
    return settled


def _settle(row: DeadlineFields, calendar: WorkCalendar, now: datetime) -> bool:
    before, former = row.due_on, (row.due_on, row.due_is_provisional, row.due_text)
    _fill(row, _derive(row, calendar))
    if (row.due_on, row.due_is_provisional, row.due_text) == former:
        return False
    with trail.operation("recompute_deadline", reason=f"放假安排已载入，期限由{before}改为{row.due_on}"):
        row.save(update_fields=["due_on", "due_is_provisional", "due_text"])
    log.info("deadline of %s %s at %s: %s to %s", row._meta.label, row.pk, now, before, row.due_on)
    return True


def load_year(
    *, year: int, holidays: Mapping[date, str], makeups: Mapping[date, str], source: str, now: datetime
) -> CalendarYear:
    """Lay down a year as the State Council arranged it, replacing what was there; days map to names.

    ``Refused`` when the days contradict each other or lie in another year, ``Forbidden`` for anybody but
    the keepers of the calendar. The national calendar has no scope: the audit note goes to the chain of
    the jurisdiction that loaded it.
    """
    actor = require_actor()
    actor.require(*CALENDAR_KEEPERS)
    try:
        YearPlan(year, frozenset(holidays), frozenset(makeups))
    except ValueError as error:
        raise Refused(
            f"{year}年的安排有误：日期须在当年，调休上班须在周末，同一天不能既放假又上班。"
        ) from error
    changed = _changed_days(year, holidays, makeups)
    with trail.operation("load_calendar_year"):
        row = _store_year(year, source, now)
        _store_days(row, {DayKind.HOLIDAY: holidays, DayKind.MAKEUP: makeups})
        detail = {"revision": row.revision, "holidays": len(holidays), "makeups": len(makeups)}
        table = row._meta.db_table
        trail.note("load_calendar_year", scope_code=actor.lo, table=table, row_id=year, detail=detail)
    if changed:
        _reopen_deadlines(changed, china_date(now))
    return row


def _changed_days(year: int, holidays: Mapping[date, str], makeups: Mapping[date, str]) -> set[date]:
    """The days a correction of a loaded year makes worked or not; none for a year that is new."""
    if not CalendarYear.objects.filter(year=year).exists():
        return set()
    off, worked = days_of(year)
    return (off.keys() ^ holidays.keys()) | (worked.keys() ^ makeups.keys())


def deadline_models() -> Iterator[type[ScopedModel]]:
    """Every table that stores a deadline."""
    for model in apps.get_models():
        if issubclass(model, DeadlineFields) and issubclass(model, ScopedModel):
            yield model


def across(days: Iterable[date], today: date) -> Q:
    """Deadlines still to come that were counted over one of ``days``."""
    counted = Q()
    for day in days:
        counted |= Q(runs_from__lt=day, due_on__gte=day)
    return Q(due_on__gte=today) & counted if counted else Q(pk__in=())


def _reopen_deadlines(changed: set[date], today: date) -> None:
    """A corrected notice makes what was counted over the days it changes provisional again.

    The settling tasks derive it anew; what has run out by now stays as it was.
    """
    with acting(system_actor(name="放假安排更正")) as actor, trail.operation("reopen_deadlines"):
        for model in deadline_models():
            rows: QuerySet[Any] = model.scoped(actor).filter(across(changed, today))
            count = rows.update(due_is_provisional=True)
            log.info("%s deadlines of %s are derived again after a correction", count, model._meta.label)


def load_draft(draft: YearDraft, *, source: str, now: datetime) -> CalendarYear:
    """Store a confirmed draft; days of the December before it are added to that year, which is loaded.

    ``Refused`` when the year before is needed and missing.
    """
    before_off, before_worked = draft.part(draft.year - 1)
    if before_off or before_worked:
        former = CalendarYear.objects.filter(year=draft.year - 1).first()
        if former is None:
            raise Refused(f"安排涉及{draft.year - 1}年12月，请先载入{draft.year - 1}年。")
        off, worked = days_of(former.year)
        load_year(
            year=former.year,
            holidays={day: name for day, name in off.items() if day not in before_worked} | before_off,
            makeups={day: name for day, name in worked.items() if day not in before_off} | before_worked,
            source=former.source,
            now=now,
        )
    off, worked = draft.part(draft.year)
    return load_year(year=draft.year, holidays=off, makeups=worked, source=source, now=now)


def days_of(year: int) -> tuple[dict[date, str], dict[date, str]]:
    """Holidays and make-up days stored for ``year``, with their names."""
    found: dict[str, dict[date, str]] = {kind: {} for kind in DayKind.values()}
    for day, kind, name in CalendarDay.objects.filter(year_id=year).values_list("day", "kind", "name"):
        found[kind][day] = name
    return found[DayKind.HOLIDAY], found[DayKind.MAKEUP]


def _store_year(year: int, source: str, now: datetime) -> CalendarYear:
    facts = {"source": source, "loaded_at": now}
    row, created = CalendarYear.objects.get_or_create(year=year, defaults=facts)
    if not created:
        # The update's row lock puts two loads of one year in order.
        CalendarYear.objects.filter(year=year).update(**facts, revision=F("revision") + 1)
        row.refresh_from_db()
    return row


def _store_days(row: CalendarYear, days: Mapping[DayKind, Mapping[date, str]]) -> None:
    row.days.all().delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(day=day, year=row, kind=kind, name=name)
        for kind, named in days.items()
        for day, name in named.items()
    )


def source_of(year: int) -> str:
    """The title of the State Council's notice for ``year``."""
    return f"《国务院办公厅关于{year}年部分节假日安排的通知》"


def load_default_years(now: datetime) -> list[int]:
    """Load the shipped years that are missing; years an office keeps itself are never overwritten."""
    there = set(CalendarYear.objects.values_list("year", flat=True))
    wanted = [year for year in covered_years() if year >= FIRST_DEFAULT_YEAR and year not in there]
    for year in wanted:
        plan = year_plan(year)
        load_year(year=year, **_named(plan), source=source_of(year), now=now)
    return wanted


def _named(plan: YearPlan) -> dict[str, Any]:
    return {
        "holidays": {day: plan.names.get(day, "") for day in sorted(plan.holidays)},
        "makeups": {day: plan.names.get(day, "") for day in sorted(plan.makeup_workdays)},
    }
