"""Deadlines: a length in hours, working days, days or calendar months, from a start to the last day.

A deadline is computed once and stored with its derivation; what is left, and the light, are derived from
the stored date. Overdue means ``due_on < today``, never a stored state.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from liaison.calendar.workdays import (
    CHINA,
    Derivation,
    WorkCalendar,
    china_date,
    day_off_reason,
    derive_workdays,
)
from liaison.words.enums import DeadlineUnit as Unit
from liaison.words.labelled import LabelledEnum

__all__ = [
    "Due",
    "Light",
    "Policy",
    "Unit",
    "add_months",
    "days_left",
    "due",
    "is_overdue",
    "light",
    "strictest",
]

_HOURS_PER_DAY = 24


class Light(LabelledEnum):
    """绿黄红灯, derived from the deadline (domain.md section 4); always shown with its word."""

    GREEN = "green", "正常"
    AMBER = "amber", "临期"
    RED = "red", "逾期"


@dataclass(frozen=True, slots=True)
class Policy:
    """How long something may take. ``rolls``: a last day off moves to the next working day (民法典 203).

    Working days never need rolling and hours never roll: what is counted in hours is urgent.
    ``ValueError`` for a length below 1.
    """

    length: int
    unit: Unit
    rolls: bool = True

    def __post_init__(self) -> None:
        if self.length < 1:
            raise ValueError("a period lasts at least one unit")


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline: the last day, how it was reached, and for hours the moment (Asia/Shanghai)."""

    due_on: date
    derivation: Derivation
    due_at: datetime | None = None

    @property
    def is_provisional(self) -> bool:
        """Reaches into a year whose calendar is not loaded; to be computed again when it is."""
        return self.derivation.is_provisional

    @property
    def text(self) -> str:
        """The derivation in Chinese, under 300 characters; hours are shown to the minute."""
        if self.due_at is None:
            return self.derivation.text()
        length = timedelta(hours=self.derivation.length)
        start, end = _moment_text(self.due_at - length), _moment_text(self.due_at)
        return f"自{start}起{self.derivation.length}{self.derivation.unit.label}，至{end}"


def _moment_text(moment: datetime) -> str:
    return f"{moment.month}月{moment.day}日{moment:%H:%M}"


def due(start: date | datetime, policy: Policy, calendar: WorkCalendar) -> Due:
    """The last day of ``policy`` counted from ``start``, which is itself not counted.

    A moment (aware datetime) counts from its day in Asia/Shanghai. Hours from a mere date run in whole
    days. Raises ``YearNotLoaded`` when a day whose year is not loaded has to be judged; pass
    ``calendar.provisional()`` to get an estimate marked as such instead.
    """
    if policy.unit == Unit.HOURS:
        return _due_in_hours(start, policy)
    first = _day_of(start)
    if policy.unit == Unit.WORKDAYS:
        derivation = derive_workdays(first, policy.length, calendar)
        return Due(derivation.result, derivation)
    derivation = _derive_days(first, policy, calendar)
    return Due(derivation.result, derivation)


def _day_of(start: date | datetime) -> date:
    return china_date(start) if isinstance(start, datetime) else start


def _due_in_hours(start: date | datetime, policy: Policy) -> Due:
    first = _day_of(start)
    if isinstance(start, datetime):
        due_at = start.astimezone(CHINA) + timedelta(hours=policy.length)
        last = due_at.date()
    else:
        due_at = None
        last = first + timedelta(days=-(-policy.length // _HOURS_PER_DAY))
    return Due(last, Derivation(first, policy.length, policy.unit, nominal=last, result=last), due_at)


def _derive_days(start: date, policy: Policy, calendar: WorkCalendar) -> Derivation:
    """Calendar days or months, rolled over days off when the policy says so."""
    if policy.unit == Unit.MONTHS:
        nominal = add_months(start, policy.length)
    else:
        nominal = start + timedelta(days=policy.length)
    if not policy.rolls:
        return Derivation(start, policy.length, policy.unit, nominal=nominal, result=nominal)
    result = calendar.next_workday(nominal)
    judged = {nominal.year, result.year}
    return Derivation(
        start,
        policy.length,
        policy.unit,
        nominal=nominal,
        result=result,
        roll_reason=day_off_reason(nominal, calendar),
        provisional_years=tuple(sorted(year for year in judged if year not in calendar.plans)),
    )


def add_months(start: date, months: int) -> date:
    """The same day ``months`` later, or the month's last day where it has no such day (民法典 202).

    31 January + 1 month is 28 or 29 February; 3 months are not 90 days (domain.md section 2).
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def strictest(*dues: Due) -> Due:
    """The earliest of several deadlines for one matter: min(national, local), domain.md section 2."""
    return min(dues, key=lambda each: each.due_on)


def days_left(due_on: date, today: date) -> int:
    """Calendar days until the last day; 0 on the day itself, negative when overdue."""
    return (due_on - today).days


def is_overdue(due_on: date, today: date) -> bool:
    return due_on < today


def light(due_on: date, today: date, warn_days: int = 3) -> Light:
    """Red past the last day, amber within ``warn_days`` calendar days of it (the day itself included)."""
    left = days_left(due_on, today)
    if left < 0:
        return Light.RED
    return Light.AMBER if left <= warn_days else Light.GREEN
