"""What is going out: the notices of the coming days, and what went out lately."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from liaison.calendar.working import policy_for
from liaison.tenancy.scope import Actor
from stations.access import visible_reception_days
from stations.enums import DutyState, ReceptionDayState
from stations.models import ReceptionDay, ReceptionNotice
from stations.rules.announcements import goes_out_on
from stations.selectors.records import with_turns

LOOK_AHEAD_DAYS = 14
LATELY = 20


@dataclass(frozen=True, slots=True)
class OutgoingNotice:
    """One reception to come and its notice: gone, or leaving on ``goes_out_on``."""

    row: ReceptionDay
    goes_out_on: date
    is_out: bool
    is_late: bool
    names: tuple[str, ...]

    @property
    def lacks_people(self) -> bool:
        return not self.names


def outgoing_notices(actor: Actor, today: date, days: int = LOOK_AHEAD_DAYS) -> list[OutgoingNotice]:
    """Receptions whose notice leaves, or has left, for the coming ``days`` and the notice period.

    Four queries, and one for the norm of each jurisdiction.
    """
    coming = visible_reception_days(actor).filter(
        state__in=(ReceptionDayState.PLANNED, ReceptionDayState.PUBLISHED),
        day__gte=today,
        station__closed_on__isnull=True,
    )
    rows = list(with_turns(coming.filter(day__lte=today + timedelta(days=days + 31))).order_by("day", "id"))
    norms = {code: policy_for("reception_notice", code).length for code in {row.scope_code for row in rows}}
    late = _late_by_day(actor, rows)
    shown = []
    for row in rows:
        leaves = goes_out_on(row.day, norms[row.scope_code], today)
        if (leaves - today).days <= days:
            shown.append(_outgoing(row, leaves, norms[row.scope_code], today, late))
    return shown


def _late_by_day(actor: Actor, rows: Iterable[ReceptionDay]) -> dict[int, bool]:
    """Whether the last notice of each announced day went out with too little time; one query."""
    out = [row.pk for row in rows if row.state == ReceptionDayState.PUBLISHED]
    newest = ReceptionNotice.scoped(actor).filter(reception_day__in=out).order_by("reception_day_id", "-id")
    return dict(newest.distinct("reception_day_id").values_list("reception_day_id", "is_late"))


def _outgoing(
    row: ReceptionDay, leaves: date, notice_days: int, today: date, late: Mapping[int, bool]
) -> OutgoingNotice:
    is_out = row.state == ReceptionDayState.PUBLISHED
    is_late = late.get(row.pk, False) if is_out else (row.day - today).days < notice_days
    turns = row.turns
    names = tuple(str(turn.mandate) for turn in turns if turn.outcome != DutyState.ON_LEAVE)
    return OutgoingNotice(row, leaves, is_out, is_late, names)


def recent_notices(actor: Actor, limit: int = LATELY) -> list[ReceptionNotice]:
    """What was announced last, newest first; one query."""
    days = visible_reception_days(actor)
    notices = ReceptionNotice.scoped(actor).filter(reception_day__in=days)
    return list(notices.select_related("reception_day__station")[:limit])
