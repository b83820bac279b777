"""Who was at a reception: registered by the station, or by the deputy for himself (domain.md 0.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from deputies.access import own_mandate
from deputies.models import Mandate
from liaison.auditing import trail
from liaison.calendar.deadlines import Due
from liaison.calendar.workdays import china_date
from liaison.tenancy.locking import account_key, locked
from liaison.tenancy.scope import Actor
from liaison.words.errors import InvalidInput, OutOfScope, Refused
from liaison.words.limits import fitted
from stations.enums import DutyEvent, DutyState, ParticipationEvent, ParticipationState, ReceptionDayState
from stations.models import Participation, ReceptionDay
from stations.rules.lifecycle import DUTY, PARTICIPATION, REGISTERED_OUTCOMES, TURNS_OVER
from stations.services.common import confirmation_due, mandates_for, require_in_office, require_station

Outcomes = Mapping[int, DutyState | str]

EVENT_FOR = {
    DutyState.ATTENDED: DutyEvent.ATTEND,
    DutyState.ABSENT: DutyEvent.MISS,
    DutyState.ON_LEAVE: DutyEvent.EXCUSE,
}


def register_attendance(
    *,
    actor: Actor,
    day_id: int,
    outcomes: Outcomes,
    now: datetime,
    notes: Mapping[int, str] | None = None,
) -> list[Participation]:
    """The station registers who was there, absent or on leave; each deputy then confirms.

    A deputy without a turn who came is added. Registering the same again changes nothing; what the other
    side has already confirmed or objected to is refused (``settle_objection`` corrects it).
    """
    day = locked(ReceptionDay, actor, day_id, "station")
    require_station(actor, day.station_id)
    _require_takes_place(day, now)
    wanted = read_outcomes(outcomes)
    mandates = mandates_for(actor, wanted, day.scope_code)
    require_in_office(actor, mandates.values(), day.day, china_date(now))
    entry = Entry(actor, now, confirmation_due(day.scope_code, now))
    texts = notes or {}
    with trail.operation("register_attendance"):
        return [
            _put_outcome(_turn(actor, day, mandates[key]), outcome, texts.get(key, ""), entry)
            for key, outcome in wanted.items()
        ]


@dataclass(frozen=True, slots=True)
class Entry:
    """Who registers, when, and until when the other side may answer."""

    actor: Actor
    now: datetime
    due: Due
    is_by_deputy: bool = False

    def stamp(self, row: Participation) -> None:
        """Does not save."""
        row.recorded_by_id, row.recorded_at = self.actor.account_id, self.now
        row.is_recorded_by_deputy = self.is_by_deputy
        row.confirm_by, row.confirm_is_provisional = self.due.due_on, self.due.is_provisional


def entry_by_deputy(actor: Actor, scope_code: int, now: datetime) -> Entry:
    return Entry(actor, now, confirmation_due(scope_code, now), is_by_deputy=True)


def _require_takes_place(day: ReceptionDay, now: datetime) -> None:
    if day.day > china_date(now):
        raise Refused("接待日还没有到，不能登记到岗情况。")
    if day.state in (ReceptionDayState.CANCELLED, ReceptionDayState.POSTPONED):
        raise Refused(f"这次接待{ReceptionDayState(day.state).label}，不能登记到岗情况。")


def read_outcomes(outcomes: Outcomes) -> dict[int, DutyState]:
    found = {mandate_id: DutyState(outcome) for mandate_id, outcome in outcomes.items()}
    if not found:
        raise InvalidInput({"outcomes": "请至少登记一位代表的参加情况。"})
    if not set(found.values()) <= REGISTERED_OUTCOMES:
        raise InvalidInput({"outcomes": "参加情况只能是已到岗、已请假或者未到岗。"})
    return found


def _turn(actor: Actor, day: ReceptionDay, mandate: Mandate) -> Participation:
    """The deputy's row on this day, locked; not yet stored when the deputy had no turn."""
    rows = Participation.scoped(actor).filter(reception_day=day, mandate=mandate)
    row = rows.exclude(outcome__in=TURNS_OVER).select_for_update().first()
    return row or Participation(scope_code=day.scope_code, mandate=mandate, reception_day=day, day=day.day)


def _put_outcome(row: Participation, outcome: DutyState, note: str, entry: Entry) -> Participation:
    """Write the station's entry; from now on the deputy may answer.

    Where the deputy was first, the same entry confirms his, and another one is an objection to be made.
    """
    words = fitted(Participation, "note", note, label="情况记录")
    if row.is_recorded_by_deputy and row.recorded_by_id != entry.actor.account_id:
        if row.outcome != outcome:
            raise Refused(
                f"{row.mandate}本人登记为{DutyState(row.outcome).label}；不同意的，请对该记录提出异议。"
            )
        return agree(row, entry.actor, entry.now)
    if row.outcome == outcome and row.pk and (not words or row.note.says(words)):
        return row
    if row.state != ParticipationState.REGISTERED:
        label = ParticipationState(row.state).label
        raise Refused(f"{row.mandate}的记录{label}，不能直接改登记；对记录有不同意见的，请按异议办理。")
    if row.outcome != outcome:
        row.outcome = DUTY.next_state(row.outcome, EVENT_FOR[outcome])
    row.note = words or row.note
    entry.stamp(row)
    row.save()
    return row


def log_duty(
    *, actor: Actor, day_id: int, now: datetime, note: str = "", idempotency_key: str | None = None
) -> Participation:
    """The deputy registers the own turn as done; the station then confirms.

    A deputy who came without a turn may register as well. Twice is once; where the station was first, this
    confirms its entry.
    """
    mandate = own_mandate(actor)
    day = locked(ReceptionDay, actor, day_id, "station")
    if day.scope_code != mandate.scope_code:
        raise OutOfScope()
    _require_takes_place(day, now)
    require_in_office(actor, [mandate], day.day, china_date(now))
    row = _turn(actor, day, mandate)
    if row.outcome == DutyState.ATTENDED and row.pk:
        return row if row.is_recorded_by_deputy else agree(row, actor, now)
    if row.outcome != DutyState.SCHEDULED:
        raise Refused(f"联络站登记为{DutyState(row.outcome).label}；如与事实不符，请在履职记录中提出异议。")
    row.outcome = DUTY.next_state(row.outcome, DutyEvent.ATTEND)
    row.note = fitted(Participation, "note", note, label="情况记录")
    row.idempotency_key = account_key(actor, idempotency_key)
    entry_by_deputy(actor, row.scope_code, now).stamp(row)
    with trail.operation("log_duty"):
        row.save()
    return row


def agree(row: Participation, actor: Actor, now: datetime) -> Participation:
    """Both sides have registered the same: nothing is left to confirm. Needs the row locked."""
    if actor.is_self(row.recorded_by_id) or row.state != ParticipationState.REGISTERED:
        return row
    row.state = PARTICIPATION.next_state(row.state, ParticipationEvent.CONFIRM)
    row.settled_by_id, row.settled_at = actor.account_id, now
    with trail.operation("confirm_record"):
        row.save(update_fields=["state", "settled_by", "settled_at"])
    return row
