"""A reception day from the notice to the end: announce, begin, hold, postpone, cancel."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.urls import reverse

from liaison import audit
from liaison.calendar import policy_for
from liaison.enums import Role
from liaison.errors import InvalidInput, Refused
from liaison.outbox import notify
from liaison.scope import Actor
from liaison.workdays import china_date
from stations.enums import DutyEvent, DutyState, ReceptionDayEvent, ReceptionDayState
from stations.lifecycle import DUTY, RECEPTION_DAY
from stations.models import Participation, ReceptionDay
from stations.selectors.due import unannounced_days
from stations.services.common import locked, optional_line, require_station, required_line
from stations.services.planning import follow_day
from stations.wording import full_day_text

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
    if row.state == ReceptionDayState.POSTPONED and new_day is None:
        raise InvalidInput({"new_day": "请填写改期后的日期。"})
    with audit.operation("publish_reception"):
        if new_day is not None and new_day != row.day:
            _put_by_hand(actor, row, new_day, now)
        _announce(actor, row, state, now)
    return row


def _locked_day(actor: Actor, day_id: int) -> ReceptionDay:
    row = locked(ReceptionDay, actor, day_id, "station")
    require_station(actor, row.station_id)
    return row


def _put_by_hand(actor: Actor, row: ReceptionDay, new_day: date, now: datetime) -> None:
    """Give the day another date; from now on no re-planning touches it."""
    if new_day < china_date(now):
        raise InvalidInput({"new_day": "改期后的日期不能早于今天。"})
    others = ReceptionDay.scoped(actor).filter(station_id=row.station_id, day=new_day)
    if others.exclude(pk=row.pk).exclude(state=ReceptionDayState.CANCELLED).exists():
        raise Refused(f"{full_day_text(new_day)}已有接待日，请另选日期。")
    row.day_text = f"原定{full_day_text(row.day)}，改期至{full_day_text(new_day)}"
    row.day, row.is_fixed, row.day_is_provisional = new_day, True, False


def _announce(actor: Actor, row: ReceptionDay, state: ReceptionDayState, now: datetime) -> None:
    row.state, row.announced_at = state.value, now
    row.save()
    follow_day(actor, row)
    _tell_deputies(
        actor,
        row,
        title=f"接待日通知：{full_day_text(row.day)}{row.station.name}",
        body=f"请您于{full_day_text(row.day)}{row.starts_at:%H:%M}到{row.station.name}接待群众。"
        "如不能参加，请提前请假或者申请调换。",
        key="announced",
        now=now,
    )


def _tell_deputies(
    actor: Actor, row: ReceptionDay, *, title: str, body: str, key: str, now: datetime
) -> None:
    """One message to each deputy with a turn who has an account; once per day, date and matter."""
    turns = Participation.scoped(actor).filter(reception_day=row, outcome=DutyState.SCHEDULED)
    for account_id in turns.filter(mandate__person__account__isnull=False).values_list(
        "mandate__person__account_id", flat=True
    ):
        notify(
            account_id=account_id,
            scope_code=row.scope_code,
            title=title,
            body=body,
            link=reverse("stations_home"),
            dedupe_key=f"reception:{row.pk}:{row.day:%Y%m%d}:{key}",
            now=now,
        )


def announce_receptions(*, actor: Actor, now: datetime, limit: int = 200) -> int:
    """Announce what is due and not done: planned days within the notice period (``reception_notice``).

    Asks "from today up to three days ahead", so a beat that slept catches up; days already past are left
    to the station. Safe to run twice and at once. Returns how many days were announced.
    """
    actor.require(Role.STATION_CLERK, Role.PRESIDIUM_CLERK, Role.PRESIDIUM_CHAIR)
    today = china_date(now)
    rows = (
        unannounced_days(actor, today)
        .select_related("station")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("day", "id")
    )
    if actor.role == Role.STATION_CLERK:
        rows = rows.filter(station_id=actor.station_id)
    notice: dict[int, int] = {}
    done = 0
    for row in rows[:limit]:
        days = notice.setdefault(row.scope_code, _notice_days(row.scope_code))
        if row.day <= today + timedelta(days=days):
            with audit.operation("announce_receptions"):
                _announce(actor, row, RECEPTION_DAY.next_state(row.state, _E.PUBLISH), now)
            done += 1
    return done


def _notice_days(scope_code: int) -> int:
    return policy_for("reception_notice", scope_code).length


def begin_reception(*, actor: Actor, day_id: int, now: datetime) -> ReceptionDay:
    """Note when the reception really began; the second click changes nothing."""
    row = _locked_day(actor, day_id)
    _require_came(row, now)
    if row.state in (ReceptionDayState.CANCELLED, ReceptionDayState.POSTPONED):
        raise Refused(f"这次接待{ReceptionDayState(row.state).label}，不能开始。")
    if row.began_at is None:
        row.began_at = now
        with audit.operation("begin_reception"):
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

    A day that was never announced is announced and held in one step: the table knows both.
    """
    row = _locked_day(actor, day_id)
    _require_came(row, now)
    if not 0 <= visitor_count <= MOST_VISITORS:
        raise InvalidInput({"visitor_count": f"接待人数应在0至{MOST_VISITORS}之间。"})
    began, ended = began_at or row.began_at, ended_at or row.ended_at or now
    if began is not None and ended < began:
        raise InvalidInput({"ended_at": "结束时间不能早于开始时间。"})
    with audit.operation("hold_reception"):
        if row.state == ReceptionDayState.PLANNED:
            row.state = RECEPTION_DAY.next_state(row.state, _E.PUBLISH).value
        if row.state != ReceptionDayState.HELD:
            row.state = RECEPTION_DAY.next_state(row.state, _E.HOLD).value
        row.began_at, row.ended_at, row.visitor_count = began, ended, visitor_count
        row.remark = optional_line(remark, "remark", "备注", 200)
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
    row = _locked_day(actor, day_id)
    words = required_line(reason, "reason", "改期原因", 200)
    if row.state != ReceptionDayState.POSTPONED:
        row.state = RECEPTION_DAY.next_state(row.state, _E.POSTPONE).value
        row.remark = words
        with audit.operation("postpone_reception"):
            row.save(update_fields=["state", "remark"])
            if new_day is None:
                _tell(actor, row, "改期", words, now)
    return row if new_day is None else publish_reception(actor=actor, day_id=day_id, now=now, new_day=new_day)


def cancel_reception(*, actor: Actor, day_id: int, reason: str, now: datetime) -> ReceptionDay:
    """Call a day off; its turns are cancelled and leave every denominator."""
    row = _locked_day(actor, day_id)
    if row.state == ReceptionDayState.CANCELLED:
        return row
    row.state = RECEPTION_DAY.next_state(row.state, _E.CANCEL).value
    row.remark = required_line(reason, "reason", "取消原因", 200)
    with audit.operation("cancel_reception"):
        row.save(update_fields=["state", "remark"])
        if row.announced_at is not None:
            _tell(actor, row, "取消", row.remark, now)
        turns = Participation.scoped(actor).filter(reception_day=row).select_for_update()
        for turn in turns.filter(outcome__in=DUTY.sources_of(DutyEvent.CANCEL)):
            turn.outcome = DUTY.next_state(turn.outcome, DutyEvent.CANCEL).value
            turn.save(update_fields=["outcome"])
    return row


def _tell(actor: Actor, row: ReceptionDay, what: str, reason: str, now: datetime) -> None:
    _tell_deputies(
        actor,
        row,
        title=f"接待日{what}：{full_day_text(row.day)}{row.station.name}",
        body=f"{full_day_text(row.day)}在{row.station.name}的接待已{what}。原因：{reason}",
        key=what,
        now=now,
    )
