"""What a phone sends about a reception: each record once, with the time it was typed.

The facts are written by the services every page uses; here the record is told apart from its own retry and
from what others registered meanwhile. A contradiction is a ``Conflict``: a person settles it on the phone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from liaison.auditing import trail
from liaison.calendar.workdays import CHINA
from liaison.identity.access import linked
from liaison.identity.roles import DEPUTIES, STATION_RUNNERS
from liaison.tenancy.locking import account_key, locked
from liaison.tenancy.scope import Actor
from liaison.words.errors import Conflict, Forbidden, InvalidInput
from stations.enums import DeskRecordKind, DutyState, ReceptionDayState
from stations.models import DeskRecord, Participation, ReceptionDay
from stations.rules.desk_times import faults_of_times, faults_of_typing
from stations.rules.lifecycle import TURNS_OVER
from stations.services.attendance import Outcomes, log_duty, read_outcomes, register_attendance
from stations.services.receptions import begin_reception, hold_reception

DESK_ROLES = STATION_RUNNERS | DEPUTIES
_OFF = (ReceptionDayState.CANCELLED, ReceptionDayState.POSTPONED)


@dataclass(frozen=True, slots=True)
class Typed:
    """Which record of the phone this is, when it was typed there, and what is to be said of its clock."""

    key: str
    at: datetime
    remark: str = ""


def begin_at_desk(
    *, actor: Actor, day_id: int, typed: Typed, now: datetime, is_correction: bool = False
) -> tuple[DeskRecord, bool]:
    """The reception began when the phone says; the record, and whether it was known already."""

    def write(day: ReceptionDay) -> None:
        _refuse_times(day, now, began_at=typed.at)
        if not is_correction:
            if day.state == ReceptionDayState.HELD:
                raise Conflict(f"这次接待已经登记结束（{_hours(day)}）。", "already_ended")
            if day.began_at is not None and day.began_at != typed.at:
                raise Conflict(f"这次接待已登记{_clock(day.began_at)}开始。", "already_begun")
        begin_reception(actor=actor, day_id=day.pk, began_at=typed.at, is_correction=is_correction, now=now)

    return _once(actor, day_id, DeskRecordKind.BEGIN, typed, now, write)


def end_at_desk(
    *,
    actor: Actor,
    day_id: int,
    typed: Typed,
    visitor_count: int,
    now: datetime,
    began_at: datetime | None = None,
    ended_at: datetime | None = None,
    remark: str = "",
    is_correction: bool = False,
) -> tuple[DeskRecord, bool]:
    """The reception ended; times default to the moment the phone's button was pressed."""
    ended = ended_at or typed.at

    def write(day: ReceptionDay) -> None:
        _refuse_times(day, now, began_at=began_at or day.began_at, ended_at=ended)
        is_same = (day.ended_at, day.visitor_count) == (ended, visitor_count)
        if day.state == ReceptionDayState.HELD and not is_correction and not is_same:
            raise Conflict(
                f"这次接待已经登记结束（{_hours(day)}，来访{day.visitor_count}人）。", "already_ended"
            )
        hold_reception(
            actor=actor,
            day_id=day.pk,
            visitor_count=visitor_count,
            began_at=began_at,
            ended_at=ended,
            remark=remark or day.remark,
            now=now,
        )

    return _once(actor, day_id, DeskRecordKind.END, typed, now, write)


def attend_at_desk(
    *, actor: Actor, day_id: int, typed: Typed, outcomes: Outcomes, now: datetime
) -> tuple[DeskRecord, bool]:
    """Who came, as the station saw it."""

    def write(day: ReceptionDay) -> None:
        wanted = read_outcomes(outcomes)
        _refuse_lost_turns(actor, day, wanted)
        register_attendance(actor=actor, day_id=day.pk, outcomes=wanted, now=now)

    return _once(actor, day_id, DeskRecordKind.ATTENDANCE, typed, now, write)


def log_duty_at_desk(
    *, actor: Actor, day_id: int, typed: Typed, now: datetime, note: str = "", expects_turn: bool = False
) -> tuple[DeskRecord, bool]:
    """The deputy was there. ``expects_turn``: the phone thought the turn was the deputy's own."""

    def write(day: ReceptionDay) -> None:
        if expects_turn:
            _refuse_turn_gone(actor, day)
        log_duty(actor=actor, day_id=day.pk, note=note, idempotency_key=typed.key, now=now)

    return _once(actor, day_id, DeskRecordKind.DUTY, typed, now, write)


def _once(
    actor: Actor,
    day_id: int,
    kind: DeskRecordKind,
    typed: Typed,
    now: datetime,
    write: Callable[[ReceptionDay], None],
) -> tuple[DeskRecord, bool]:
    """Write the facts and the record of the phone together, or answer with what the same key wrote before."""
    actor.require(*DESK_ROLES)
    # The lock on the day lets retries of one record in one after the other.
    day = locked(ReceptionDay, actor, day_id, "station")
    key = account_key(actor, typed.key)
    known = DeskRecord.scoped(actor).filter(scope_code=day.scope_code, idempotency_key=key).first()
    if known is not None:
        if known.kind != kind or known.reception_day_id != day.pk:
            raise InvalidInput({"key": "这条记录的编号已用于别的记录，请重新登记。"})
        return known, True
    faults = faults_of_typing(typed.at, now)
    if faults:
        raise InvalidInput(faults)
    if day.state in _OFF:
        raise Conflict(f"这次接待{ReceptionDayState(day.state).label}，不能再登记{kind.label}。", "day_off")
    with trail.operation("send_desk_record"):
        write(day)
        return _record(actor, day, kind, typed, key or "", now), False


def _record(
    actor: Actor, day: ReceptionDay, kind: DeskRecordKind, typed: Typed, key: str, now: datetime
) -> DeskRecord:
    return DeskRecord._plain.create(
        scope_code=day.scope_code,
        reception_day=day,
        kind=kind,
        typed_at=typed.at,
        remark=typed.remark,
        recorded_by_id=actor.account_id,
        recorded_at=now,
        idempotency_key=key,
    )


def _refuse_times(
    day: ReceptionDay, now: datetime, *, began_at: datetime | None = None, ended_at: datetime | None = None
) -> None:
    faults = faults_of_times(day.day, now, began_at=began_at, ended_at=ended_at)
    if faults:
        raise InvalidInput(faults)


def _refuse_lost_turns(actor: Actor, day: ReceptionDay, wanted: dict[int, DutyState]) -> None:
    """A turn given away since the phone last looked must not come back as an absence of its former holder."""
    rows = Participation.scoped(actor).filter(reception_day=day, mandate__in=wanted)
    turns = list(rows.select_related("mandate__person"))
    current = {row.mandate_id for row in turns if row.outcome not in TURNS_OVER}
    for row in turns:
        if row.mandate_id not in current and wanted[row.mandate_id] != DutyState.ATTENDED:
            raise Conflict(
                f"{row.mandate}这次值班{DutyState(row.outcome).label}，不用登记到岗情况。", "turn_gone"
            )


def _refuse_turn_gone(actor: Actor, day: ReceptionDay) -> None:
    if actor.person_id is None:
        raise Forbidden()
    own = Participation.scoped(actor).filter(linked("mandate__person_id", actor.person_id), reception_day=day)
    if own.exclude(outcome__in=TURNS_OVER).exists():
        return
    gone = own.order_by("-pk").first()
    word = DutyState(gone.outcome).label if gone is not None else "已取消"
    raise Conflict(f"您这次值班{word}，现在不由您值班。", "turn_gone")


def _clock(moment: datetime) -> str:
    local = moment.astimezone(CHINA)
    return f"{local.hour}:{local.minute:02d}"


def _hours(day: ReceptionDay) -> str:
    began = f"{_clock(day.began_at)}开始，" if day.began_at else ""
    return began + (f"{_clock(day.ended_at)}结束" if day.ended_at else "结束时间未填")
