"""Activities and sittings, registered once for everybody who was there (domain.md 0.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from deputies.access import led_groups, own_mandate, visible_groups
from deputies.models import Mandate, Session
from liaison.auditing import trail
from liaison.calendar.workdays import china_date
from liaison.identity.access import linked
from liaison.identity.roles import OFFICE
from liaison.tenancy.locking import account_key, insert_once
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from liaison.words.limits import fitted, fitted_line
from stations.access import (
    may_organise,
)
from stations.enums import (
    ContactMethod,
    DutyEvent,
    DutyState,
    ReceptionDayEvent,
    ShippedKind,
)
from stations.models import Activity, ActivityKind, Participation, WorkPlanItem
from stations.rules.lifecycle import DUTY, RECEPTION_DAY
from stations.selectors.facts import kinds_in_force
from stations.services.attendance import EVENT_FOR, Entry, Outcomes, entry_by_deputy, read_outcomes
from stations.services.common import confirmation_due, mandates_for, optional_text, require_in_office

_OLDEST_DAYS = 366


def kind_for(actor: Actor, code: str, scope_code: int, year: int) -> ActivityKind:
    """The kind in force in ``year``; ``InvalidInput`` for a code nobody has laid down."""
    kind = kinds_in_force(actor, scope_code, year).get(code)
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
    plan_item_id: int | None = None,
    minutes: str = "",
    idempotency_key: str | None = None,
) -> Activity:
    """Register one activity with everybody's part in it, at once; each deputy confirms the own part.

    The office registers for all, a group leader for the own group, the county committee for the county's
    own deputies. The same ``idempotency_key`` again returns the activity already registered.
    """
    scope_code = _activity_scope(actor, group_id)
    known = _known_activity(actor, scope_code, idempotency_key)
    if known is not None:
        return known
    wanted = read_outcomes(outcomes)
    mandates = mandates_for(actor, wanted, scope_code)
    today = china_date(now)
    _check_days(starts_on, ends_on or starts_on, today)
    require_in_office(actor, mandates.values(), starts_on, today)
    activity = Activity(
        scope_code=scope_code,
        kind=kind_for(actor, kind_code, scope_code, starts_on.year),
        contact_method=ContactMethod(contact_method) if contact_method else "",
        title=fitted_line(Activity, "title", title, label="名称", needed=True),
        starts_on=starts_on,
        ends_on=ends_on or starts_on,
        place=fitted_line(Activity, "place", place, label="地点"),
        summary=optional_text(summary),
        minutes=optional_text(minutes),
        plan_item_id=_checked_item(actor, plan_item_id, scope_code),
        group_id=group_id,
        session_id=session_id,
        state=_held(),
        recorded_by_id=actor.account_id,
        recorded_at=now,
        idempotency_key=account_key(actor, idempotency_key),
    )
    with trail.operation("register_activity"):
        if not insert_once(activity, "activity_idempotent"):
            return _known_activity(actor, scope_code, idempotency_key) or activity
        entry = Entry(actor, now, confirmation_due(scope_code, now))
        _add_parts(activity, mandates, wanted, _Texts(speeches or {}, notes or {}), entry)
    return activity


def _activity_scope(actor: Actor, group_id: int | None) -> int:
    """Where the activity belongs; a group leader registers for the group led only."""
    actor.require(*OFFICE, Role.GROUP_LEADER, Role.COUNTY_COMMITTEE)
    leads = led_groups(actor).filter(linked("pk", group_id)).exists()
    if actor.role == Role.GROUP_LEADER and not leads:
        raise Forbidden("小组组长只能登记本小组的活动。")
    if group_id is None:
        return actor.lo
    group = visible_groups(actor).filter(pk=group_id).first()
    if group is None:
        raise OutOfScope()
    if not may_organise(actor, group.scope_code, group_id):
        raise Forbidden("只能登记本级代表的活动。")
    return group.scope_code


def _checked_item(actor: Actor, item_id: int | None, scope_code: int) -> int | None:
    """The plan item the activity is to hang under, when it lies in the same place."""
    if item_id is None:
        return None
    if not WorkPlanItem.scoped(actor).filter(pk=item_id, scope_code=scope_code).exists():
        raise OutOfScope()
    return item_id


def _known_activity(actor: Actor, scope_code: int, key: str | None) -> Activity | None:
    if not key:
        return None
    return (
        Activity.scoped(actor).filter(scope_code=scope_code, idempotency_key=account_key(actor, key)).first()
    )


def _check_days(starts_on: date, ends_on: date, today: date) -> None:
    if ends_on < starts_on:
        raise InvalidInput({"ends_on": "结束日期不能早于开始日期。"})
    if ends_on > today:
        raise InvalidInput({"starts_on": "活动还没有结束，不能登记参加情况。"})
    if (today - starts_on).days > _OLDEST_DAYS:
        raise InvalidInput({"starts_on": "日期距今超过一年，请核对。"})


def _held() -> str:
    """An activity registered after the fact passes the table's states at once."""
    published = RECEPTION_DAY.next_state(RECEPTION_DAY.start, ReceptionDayEvent.PUBLISH)
    return RECEPTION_DAY.next_state(published, ReceptionDayEvent.HOLD)


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
    entry: Entry,
) -> None:
    rows = []
    for mandate_id, outcome in outcomes.items():
        row = Participation(
            scope_code=activity.scope_code,
            mandate=mandates[mandate_id],
            activity=activity,
            day=activity.starts_on,
            outcome=DUTY.next_state(DUTY.start, EVENT_FOR[outcome]),
            speech=fitted_line(
                Participation, "speech", texts.speeches.get(mandate_id, ""), at="speeches", label="发言要点"
            ),
            note=fitted(Participation, "note", texts.notes.get(mandate_id, ""), at="notes", label="情况记录"),
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
        kind_code=ShippedKind.SESSION,
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
    return record_own_activity(kind_code=ShippedKind.CONSTITUENCY_VISIT, **facts)


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
    key = account_key(actor, idempotency_key)
    known = _known_record(actor, mandate, key)
    if known is not None:
        return known
    kind = kind_for(actor, kind_code, mandate.scope_code, day.year)
    if not kind.is_personal:
        raise Refused(f"“{kind.name}”由组织单位统一登记，您只需确认。")
    today = china_date(now)
    _check_days(day, day, today)
    require_in_office(actor, [mandate], day, today)
    words = fitted(Participation, "note", note, label="情况记录", needed=True)
    activity = Activity(
        scope_code=mandate.scope_code,
        kind=kind,
        contact_method=ContactMethod(contact_method) if contact_method else "",
        title=fitted_line(Activity, "title", title, label="名称") or kind.name,
        starts_on=day,
        ends_on=day,
        place=fitted_line(Activity, "place", place, label="地点"),
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
        outcome=DUTY.next_state(DUTY.start, DutyEvent.ATTEND),
        note=words,
        idempotency_key=key,
    )
    entry_by_deputy(actor, row.scope_code, now).stamp(row)
    with trail.operation("record_own_activity"):
        if not insert_once(activity, "activity_idempotent"):
            return _known_record(actor, mandate, key) or row
        row.activity = activity
        row.save(force_insert=True)
    return row


def _known_record(actor: Actor, mandate: Mandate, key: str | None) -> Participation | None:
    if key is None:
        return None
    return Participation.scoped(actor).filter(mandate=mandate, idempotency_key=key).first()
