"""Registering what happened: once, by one side, for everybody who was there (domain.md 0.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from deputies.access import led_groups, visible_groups
from deputies.models import Mandate, Session
from liaison import audit
from liaison.deadlines import Due
from liaison.enums import Role
from liaison.errors import Forbidden, InvalidInput, OutOfScope, Refused
from liaison.scope import Actor
from liaison.workdays import china_date
from stations.access import OFFICE
from stations.enums import ActivityKind as Kind
from stations.enums import (
    ContactMethod,
    DutyEvent,
    DutyState,
    ParticipationState,
    ReceptionDayEvent,
    ReceptionDayState,
)
from stations.lifecycle import DUTY, RECEPTION_DAY, REGISTERED_OUTCOMES, TURNS_OVER
from stations.models import Activity, ActivityKind, Participation, ReceptionDay
from stations.selectors.facts import kinds_in_force
from stations.services.common import (
    confirmation_due,
    locked,
    mandates_for,
    optional_line,
    optional_text,
    own_mandate,
    require_in_office,
    require_station,
    required_line,
)

Outcomes = Mapping[int, DutyState | str]

EVENT_FOR = {
    DutyState.ATTENDED: DutyEvent.ATTEND,
    DutyState.ABSENT: DutyEvent.MISS,
    DutyState.ON_LEAVE: DutyEvent.EXCUSE,
}
_SHORTEST_NOTE_DAYS = 366


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
    wanted = _outcomes(outcomes)
    mandates = mandates_for(actor, wanted, day.scope_code)
    require_in_office(actor, mandates.values(), day.day, china_date(now))
    entry = _Entry(actor, now, confirmation_due(day.scope_code, now))
    texts = notes or {}
    with audit.operation("register_attendance"):
        return [
            _put_outcome(_turn(actor, day, mandates[key]), outcome, texts.get(key, ""), entry)
            for key, outcome in wanted.items()
        ]


@dataclass(frozen=True, slots=True)
class _Entry:
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


def _entry_by_deputy(actor: Actor, scope_code: int, now: datetime) -> _Entry:
    return _Entry(actor, now, confirmation_due(scope_code, now), is_by_deputy=True)


def _require_takes_place(day: ReceptionDay, now: datetime) -> None:
    if day.day > china_date(now):
        raise Refused("接待日还没有到，不能登记到岗情况。")
    if day.state in (ReceptionDayState.CANCELLED, ReceptionDayState.POSTPONED):
        raise Refused(f"这次接待{ReceptionDayState(day.state).label}，不能登记到岗情况。")


def _outcomes(outcomes: Outcomes) -> dict[int, DutyState]:
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


def _put_outcome(row: Participation, outcome: DutyState, note: str, entry: _Entry) -> Participation:
    """Write the station's entry; from now on the deputy may answer."""
    words = optional_line(note, "note", "情况记录", 400)
    if row.outcome == outcome and row.pk and words in ("", row.note):
        return row
    if row.state != ParticipationState.REGISTERED:
        label = ParticipationState(row.state).label
        raise Refused(f"{row.mandate}的记录{label}，不能直接改登记；对记录有不同意见的，请按异议办理。")
    if row.outcome != outcome:
        row.outcome = DUTY.next_state(row.outcome, EVENT_FOR[outcome]).value
    row.note = words or row.note
    entry.stamp(row)
    row.save()
    return row


def log_duty(
    *, actor: Actor, day_id: int, now: datetime, note: str = "", idempotency_key: str | None = None
) -> Participation:
    """The deputy registers the own turn as done; the station then confirms.

    A deputy who came without a turn may register as well. Twice is once.
    """
    mandate = own_mandate(actor)
    day = locked(ReceptionDay, actor, day_id, "station")
    if day.scope_code != mandate.scope_code:
        raise OutOfScope()
    _require_takes_place(day, now)
    require_in_office(actor, [mandate], day.day, china_date(now))
    row = _turn(actor, day, mandate)
    if row.outcome == DutyState.ATTENDED:
        return row
    if row.outcome != DutyState.SCHEDULED:
        raise Refused(f"联络站登记为{DutyState(row.outcome).label}；如与事实不符，请在履职记录中提出异议。")
    row.outcome = DUTY.next_state(row.outcome, DutyEvent.ATTEND).value
    row.note = optional_line(note, "note", "情况记录", 400)
    row.idempotency_key = _key(idempotency_key)
    _entry_by_deputy(actor, row.scope_code, now).stamp(row)
    with audit.operation("log_duty"):
        row.save()
    return row


def _key(value: str | None) -> str | None:
    return value[:64] if value else None


def kind_for(actor: Actor, code: str, scope_code: int) -> ActivityKind:
    """The kind in force; ``InvalidInput`` for a code nobody has laid down."""
    kind = kinds_in_force(actor, scope_code).get(code)
    if kind is None:
        raise InvalidInput({"kind_code": "请选择活动类别。"})
    return kind


def register_activity(
    *,
    actor: Actor,
    kind_code: str,
    title: str,
    starts_on: date,
    outcomes: Outcomes,
    now: datetime,
    ends_on: date | None = None,
    place: str = "",
    summary: str = "",
    group_id: int | None = None,
    session_id: int | None = None,
    contact_method: str = "",
    speeches: Mapping[int, str] | None = None,
    notes: Mapping[int, str] | None = None,
    idempotency_key: str | None = None,
) -> Activity:
    """Register one activity with everybody's part in it, at once; each deputy confirms the own part.

    The office registers for all, a group leader for the own group. The same ``idempotency_key`` again
    returns the activity already registered.
    """
    scope_code = _activity_scope(actor, group_id)
    known = _known_activity(actor, scope_code, idempotency_key)
    if known is not None:
        return known
    wanted = _outcomes(outcomes)
    mandates = mandates_for(actor, wanted, scope_code)
    today = china_date(now)
    _check_days(starts_on, ends_on or starts_on, today)
    require_in_office(actor, mandates.values(), starts_on, today)
    activity = Activity(
        scope_code=scope_code,
        kind=kind_for(actor, kind_code, scope_code),
        contact_method=ContactMethod(contact_method).value if contact_method else "",
        title=required_line(title, "title", "名称", 80),
        starts_on=starts_on,
        ends_on=ends_on or starts_on,
        place=optional_line(place, "place", "地点", 80),
        summary=optional_text(summary),
        group_id=group_id,
        session_id=session_id,
        state=_held(),
        recorded_by_id=actor.account_id,
        recorded_at=now,
        idempotency_key=_key(idempotency_key),
    )
    with audit.operation("register_activity"):
        if not _insert_once(activity, "activity_idempotent"):
            return _known_activity(actor, scope_code, idempotency_key) or activity
        entry = _Entry(actor, now, confirmation_due(scope_code, now))
        _add_parts(activity, mandates, wanted, _Texts(speeches or {}, notes or {}), entry)
    return activity


def _activity_scope(actor: Actor, group_id: int | None) -> int:
    """Where the activity belongs; a group leader registers for the group led only."""
    actor.require(*OFFICE, Role.GROUP_LEADER)
    leads = led_groups(actor).filter(pk=group_id).exists()
    if actor.role == Role.GROUP_LEADER and not leads:
        raise Forbidden("小组组长只能登记本小组的活动。")
    if group_id is None:
        return actor.lo
    group = visible_groups(actor).filter(pk=group_id).first()
    if group is None:
        raise OutOfScope()
    return group.scope_code


def _known_activity(actor: Actor, scope_code: int, key: str | None) -> Activity | None:
    if not key:
        return None
    return Activity.scoped(actor).filter(scope_code=scope_code, idempotency_key=_key(key)).first()


def _check_days(starts_on: date, ends_on: date, today: date) -> None:
    if ends_on < starts_on:
        raise InvalidInput({"ends_on": "结束日期不能早于开始日期。"})
    if ends_on > today:
        raise InvalidInput({"starts_on": "活动还没有结束，不能登记参加情况。"})
    if (today - starts_on).days > _SHORTEST_NOTE_DAYS:
        raise InvalidInput({"starts_on": "日期距今超过一年，请核对。"})


def _held() -> str:
    """An activity registered after the fact passes the table's states at once."""
    published = RECEPTION_DAY.next_state(RECEPTION_DAY.start, ReceptionDayEvent.PUBLISH)
    return RECEPTION_DAY.next_state(published, ReceptionDayEvent.HOLD).value


def _insert_once(row: Any, constraint: str) -> bool:
    """``False`` when another request with the same key came first; the unique constraint decides."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if constraint in str(error):
            return False
        raise
    return True


@dataclass(frozen=True, slots=True)
class _Texts:
    """What single deputies said and did, by mandate."""

    speeches: Mapping[int, str]
    notes: Mapping[int, str]


def _add_parts(
    activity: Activity,
    mandates: Mapping[int, Mandate],
    outcomes: Mapping[int, DutyState],
    texts: _Texts,
    entry: _Entry,
) -> None:
    rows = []
    for mandate_id, outcome in outcomes.items():
        row = Participation(
            scope_code=activity.scope_code,
            mandate=mandates[mandate_id],
            activity=activity,
            day=activity.starts_on,
            outcome=DUTY.next_state(DUTY.start, EVENT_FOR[outcome]).value,
            speech=optional_line(texts.speeches.get(mandate_id, ""), "speeches", "发言要点", 400),
            note=optional_line(texts.notes.get(mandate_id, ""), "notes", "情况记录", 400),
        )
        entry.stamp(row)
        rows.append(row)
    Participation.objects.bulk_create(rows)


def register_session_sitting(
    *,
    actor: Actor,
    session_id: int,
    title: str,
    day: date,
    outcomes: Outcomes,
    now: datetime,
    speeches: Mapping[int, str] | None = None,
    idempotency_key: str | None = None,
) -> Activity:
    """Attendance and speeches of one sitting (half a day) of a congress session."""
    actor.require(*OFFICE)
    session = Session.scoped(actor).filter(pk=session_id).first()
    if session is None:
        raise OutOfScope()
    if not session.starts_on <= day <= session.ends_on:
        raise InvalidInput({"day": "日期不在这次会议的会期内，请核对。"})
    return register_activity(
        actor=actor,
        kind_code=Kind.SESSION.value,
        title=title,
        starts_on=day,
        outcomes=outcomes,
        now=now,
        session_id=session_id,
        speeches=speeches,
        idempotency_key=idempotency_key,
    )


def record_visit(**facts: Any) -> Participation:
    """走访选区 in one step; the facts are those of ``record_own_activity`` without the kind."""
    return record_own_activity(kind_code=Kind.CONSTITUENCY_VISIT.value, **facts)


def record_own_activity(
    *,
    actor: Actor,
    kind_code: str,
    day: date,
    now: datetime,
    title: str = "",
    place: str = "",
    note: str = "",
    contact_method: str = "",
    idempotency_key: str | None = None,
) -> Participation:
    """The deputy registers something done alone; the station or the office confirms.

    Only kinds marked personal: what others organise is registered by whoever organised it.
    """
    mandate = own_mandate(actor)
    key = _key(idempotency_key)
    known = _known_record(actor, mandate, key)
    if known is not None:
        return known
    kind = kind_for(actor, kind_code, mandate.scope_code)
    if not kind.is_personal:
        raise Refused(f"“{kind.name}”由组织单位统一登记，您只需确认。")
    today = china_date(now)
    _check_days(day, day, today)
    require_in_office(actor, [mandate], day, today)
    words = required_line(note, "note", "情况记录", 400)
    activity = Activity(
        scope_code=mandate.scope_code,
        kind=kind,
        contact_method=ContactMethod(contact_method).value if contact_method else "",
        title=optional_line(title, "title", "名称", 80) or kind.name,
        starts_on=day,
        ends_on=day,
        place=optional_line(place, "place", "地点", 80),
        state=_held(),
        recorded_by_id=actor.account_id,
        recorded_at=now,
        idempotency_key=key,
    )
    row = Participation(
        scope_code=mandate.scope_code,
        mandate=mandate,
        activity=activity,
        day=day,
        outcome=DUTY.next_state(DUTY.start, DutyEvent.ATTEND).value,
        note=words,
        idempotency_key=key,
    )
    _entry_by_deputy(actor, row.scope_code, now).stamp(row)
    with audit.operation("record_own_activity"):
        if not _insert_once(activity, "activity_idempotent"):
            return _known_record(actor, mandate, key) or row
        row.activity = activity
        row.save(force_insert=True)
    return row


def _known_record(actor: Actor, mandate: Mandate, key: str | None) -> Participation | None:
    if key is None:
        return None
    return Participation.scoped(actor).filter(mandate=mandate, idempotency_key=key).first()
