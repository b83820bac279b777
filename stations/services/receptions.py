"""A reception day from the notice to the end: publish, begin, hold, postpone, cancel."""

from __future__ import annotations

from datetime import date, datetime

from liaison.auditing import trail
from liaison.calendar.days import require_days
from liaison.calendar.workdays import china_date
from liaison.tenancy.locking import locked
from liaison.tenancy.scope import Actor
from liaison.words.errors import Forbidden, InvalidInput, Refused
from liaison.words.limits import fitted, fitted_line
from stations.access import may_run_reception
from stations.enums import DutyEvent, ReceptionDayEvent, ReceptionDayState
from stations.models import Participation, ReceptionDay
from stations.rules.lifecycle import DUTY, RECEPTION_DAY
from stations.rules.wording import full_day_text
from stations.services.announcements import on_duty, put_notice
from stations.services.common import require_station
from stations.services.reception_days import follow_day

_E = ReceptionDayEvent
MOST_VISITORS = 9999


def publish_reception(
    *, actor: Actor, day_id: int, now: datetime, new_day: date | None = None
) -> ReceptionDay:
    """Announce a day to its deputies and the public; doing it twice changes nothing.

    ``new_day`` gives a postponed day its date (it is required there) or moves a planned one by hand.
    """
    row = _locked_day(actor, day_id)
    if row.state == ReceptionDayState.PUBLISHED and new_day in (None, row.day):
        return row
    state = RECEPTION_DAY.next_state(row.state, _E.PUBLISH)
    was_postponed = row.state == ReceptionDayState.POSTPONED
    if was_postponed and new_day is None:
        raise InvalidInput({"new_day": "请填写改期后的日期。"})
    with trail.operation("publish_reception"):
        if new_day is not None and new_day != row.day:
            _put_by_hand(actor, row, new_day, now)
        row.state = state
        row.save()
        follow_day(actor, row)
        if put_notice(actor, row, now, reason=row.remark if was_postponed else "") is None:
            row.save()
    return row


def _locked_day(actor: Actor, day_id: int) -> ReceptionDay:
    row = locked(ReceptionDay, actor, day_id, "station")
    require_station(actor, row.station_id)
    return row


def _running_day(actor: Actor, day_id: int) -> ReceptionDay:
    row = locked(ReceptionDay, actor, day_id, "station")
    if not may_run_reception(actor, row):
        raise Forbidden("开始和结束时间由联络站或者当天值班的代表登记。")
    return row


def _put_by_hand(actor: Actor, row: ReceptionDay, new_day: date, now: datetime) -> None:
    """Give the day another date; from now on no re-planning touches it."""
    if new_day < china_date(now):
        raise InvalidInput({"new_day": "改期后的日期不能早于今天。"})
    others = ReceptionDay.scoped(actor).filter(station_id=row.station_id, day=new_day)
    if others.exclude(pk=row.pk).exclude(state=ReceptionDayState.CANCELLED).exists():
        raise Refused(f"{full_day_text(new_day)}已有接待日，请另选日期。")
    row.day_text = f"原定{full_day_text(row.day)}，改期至{full_day_text(new_day)}"
    row.day, row.is_fixed, row.day_is_provisional, row.dated_at = new_day, True, False, now


def begin_reception(
    *,
    actor: Actor,
    day_id: int,
    now: datetime,
    began_at: datetime | None = None,
    is_correction: bool = False,
) -> ReceptionDay:
    """Note when the reception really began; the second click changes nothing unless it corrects the first.

    ``began_at`` is the time somebody noted on the spot, ``now`` when left out. Also for a deputy on duty.
    """
    row = _running_day(actor, day_id)
    _require_came(row, now)
    if row.state in (ReceptionDayState.CANCELLED, ReceptionDayState.POSTPONED):
        raise Refused(f"这次接待{ReceptionDayState(row.state).label}，不能开始。")
    if row.began_at is None or (is_correction and began_at is not None):
        row.began_at = began_at or now
        with trail.operation("begin_reception"):
            row.save(update_fields=["began_at"])
    return row


def hold_reception(
    *,
    actor: Actor,
    day_id: int,
    now: datetime,
    visitor_count: int = 0,
    began_at: datetime | None = None,
    ended_at: datetime | None = None,
    remark: str = "",
) -> ReceptionDay:
    """Register that the reception took place; a held one can be completed but not held again.

    A day that was never announced is announced and held in one step: the table knows both. Also for a
    deputy on duty.
    """
    row = _running_day(actor, day_id)
    _require_came(row, now)
    if not 0 <= visitor_count <= MOST_VISITORS:
        raise InvalidInput({"visitor_count": f"接待人数应在0至{MOST_VISITORS}之间。"})
    began, ended = began_at or row.began_at, ended_at or row.ended_at or now
    if began is not None and ended < began:
        raise InvalidInput({"ended_at": "结束时间不能早于开始时间。"})
    with trail.operation("hold_reception"):
        if row.state == ReceptionDayState.PLANNED:
            row.state = RECEPTION_DAY.next_state(row.state, _E.PUBLISH)
        if row.state != ReceptionDayState.HELD:
            row.state = RECEPTION_DAY.next_state(row.state, _E.HOLD)
        row.began_at, row.ended_at, row.visitor_count = began, ended, visitor_count
        row.remark = fitted_line(ReceptionDay, "remark", remark, label="备注")
        row.announced_at = row.announced_at or now
        row.save()
    return row


def _require_came(row: ReceptionDay, now: datetime) -> None:
    if row.day > china_date(now):
        raise Refused(f"接待日是{full_day_text(row.day)}，还没有到，不能登记。")


def postpone_reception(
    *, actor: Actor, day_id: int, reason: str, now: datetime, new_day: date | None = None
) -> ReceptionDay:
    """Put an announced day off; with ``new_day`` it is announced again at once."""
    require_days(new_day=new_day)
    row = _locked_day(actor, day_id)
    words = fitted(ReceptionDay, "remark", reason, at="reason", label="改期原因", needed=True)
    if row.state != ReceptionDayState.POSTPONED:
        row.announced_at = _announced_at(row, now)
        row.state = RECEPTION_DAY.next_state(row.state, _E.POSTPONE)
        row.remark = words
        with trail.operation("postpone_reception"):
            if new_day is None:
                put_notice(actor, row, now, reason=words, former=on_duty(actor, [row.pk])[row.pk])
            else:
                row.save()
    return row if new_day is None else publish_reception(actor=actor, day_id=day_id, now=now, new_day=new_day)


def _announced_at(row: ReceptionDay, now: datetime) -> datetime | None:
    """When the day was made public; a planned one never was."""
    return row.announced_at or (None if row.state == ReceptionDayState.PLANNED else now)


def cancel_reception(*, actor: Actor, day_id: int, reason: str, now: datetime) -> ReceptionDay:
    """Call a day off; its turns are cancelled and leave every denominator."""
    row = _locked_day(actor, day_id)
    if row.state == ReceptionDayState.CANCELLED:
        return row
    row.announced_at = _announced_at(row, now)
    row.state = RECEPTION_DAY.next_state(row.state, _E.CANCEL)
    row.remark = fitted(ReceptionDay, "remark", reason, at="reason", label="取消原因", needed=True)
    with trail.operation("cancel_reception"):
        put_notice(actor, row, now, reason=row.remark, former=on_duty(actor, [row.pk])[row.pk])
        turns = Participation.scoped(actor).filter(reception_day=row).select_for_update()
        for turn in turns.filter(outcome__in=DUTY.sources_of(DutyEvent.CANCEL)):
            turn.outcome = DUTY.next_state(turn.outcome, DutyEvent.CANCEL)
            turn.save(update_fields=["outcome"])
    return row
