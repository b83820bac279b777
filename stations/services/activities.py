"""An activity before it is held: arranged, told to deputies, answered, changed, called off, reminded of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django.urls import reverse

from deputies.access import visible_groups
from deputies.enums import MandateState
from deputies.models import GroupMembership, Mandate
from liaison.auditing import trail
from liaison.calendar.days import refuse, span_fault
from liaison.calendar.workdays import china_date
from liaison.messages.outbox import notify
from liaison.tenancy.locking import account_key, insert_once, locked
from liaison.tenancy.scope import Actor
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from liaison.words.limits import fitted, fitted_line
from stations.access import may_organise
from stations.enums import (
    AnswerState,
    Audience,
    ContactMethod,
    ReceptionDayEvent,
    ReceptionDayState,
)
from stations.models import Activity, Invitation, Participation
from stations.rules.lifecycle import OPEN_ACTIVITY_STATES, RECEPTION_DAY
from stations.rules.wording import day_text, span_text
from stations.selectors.due import unanswered_invitations
from stations.services.activity_leave import drop_part, fit_leave
from stations.services.common import optional_text
from stations.services.records import kind_for
from stations.services.work_plans import plan_item_for

MOST_INVITED = 2000
# Fields of an arranged activity that may still change, with their limits.
_CHANGEABLE = frozenset(
    {
        "title",
        "place",
        "summary",
        "starts_on",
        "ends_on",
        "starts_at",
        "answer_by",
        "capacity",
        "contact_method",
    }
)


def arrange_activity(
    *,
    actor: Actor,
    kind_code: str,
    title: str,
    starts_on: date,
    now: datetime,
    audience: Audience | str = Audience.ALL,
    group_id: int | None = None,
    mandate_ids: Iterable[int] = (),
    ends_on: date | None = None,
    starts_at: time | None = None,
    place: str = "",
    summary: str = "",
    contact_method: str | None = None,
    capacity: int | None = None,
    answer_by: date | None = None,
    plan_item_id: int | None = None,
    idempotency_key: str | None = None,
) -> Activity:
    """Put an activity to come into the calendar and name who is to be asked; nobody is told yet.

    Without ``capacity`` everybody asked is expected and asks for leave when he cannot come; with it deputies
    sign up, and only who signed up is expected. The same key again returns the activity already arranged.
    """
    scope_code = organiser_scope(actor, group_id)
    key = account_key(actor, idempotency_key)
    if key and (known := Activity.scoped(actor).filter(scope_code=scope_code, idempotency_key=key).first()):
        return known
    today = china_date(now)
    last = ends_on or starts_on
    _check_times(starts_on, last, answer_by, today)
    kind = kind_for(actor, kind_code, scope_code, starts_on.year)
    item = plan_item_for(actor, plan_item_id, scope_code)
    invited = _invited(actor, scope_code, Audience(audience), group_id, mandate_ids)
    activity = Activity(
        scope_code=scope_code,
        kind=kind,
        contact_method=kind.contact_method if contact_method is None else _method(contact_method),
        title=fitted_line(Activity, "title", title, label="名称", needed=True),
        starts_on=starts_on,
        ends_on=last,
        starts_at=starts_at,
        place=fitted_line(Activity, "place", place, label="地点"),
        summary=optional_text(summary),
        audience=Audience(audience),
        group_id=group_id,
        plan_item=item,
        capacity=_capacity(capacity),
        answer_by=answer_by,
        recorded_by_id=actor.account_id,
        recorded_at=now,
        idempotency_key=key,
    )
    with trail.operation("arrange_activity"):
        if not insert_once(activity, "activity_idempotent"):
            return Activity.scoped(actor).get(scope_code=scope_code, idempotency_key=key)
        _add_invitations(activity, invited)
    return activity


def organiser_scope(actor: Actor, group_id: int | None) -> int:
    """Where the activity belongs; ``Forbidden`` for who may not organise there."""
    scope_code = actor.lo
    if group_id is not None:
        group = visible_groups(actor).filter(pk=group_id).first()
        if group is None:
            raise OutOfScope()
        scope_code = group.scope_code
    if not may_organise(actor, scope_code, group_id):
        raise Forbidden("您当前的职务不能组织这项活动。")
    return scope_code


def _check_times(first: date, last: date, answer_by: date | None, today: date) -> None:
    if last < first:
        raise InvalidInput({"ends_on": "结束日期不能早于开始日期。"})
    refuse({"ends_on": span_fault(last, today, label="结束日期", years_ahead=2)})
    if first < today:
        raise InvalidInput({"starts_on": "日期已过；已经开展的活动，请直接登记。"})
    if answer_by is not None and not today <= answer_by <= first:
        raise InvalidInput({"answer_by": "答复截止日期应在今天和活动日期之间。"})


def _capacity(value: int | None) -> int | None:
    if value is not None and not 1 <= value <= MOST_INVITED:
        raise InvalidInput({"capacity": f"名额应为1至{MOST_INVITED}。"})
    return value


def _method(value: str) -> str:
    return ContactMethod(value) if value else ""


def _invited(
    actor: Actor, scope_code: int, audience: Audience, group_id: int | None, mandate_ids: Iterable[int]
) -> list[Mandate]:
    """The deputies in office the audience names, by strokes."""
    rows = Mandate.scoped(actor).filter(
        scope_code=scope_code, state=MandateState.ACTIVE, ended_on__isnull=True
    )
    if audience == Audience.GROUP:
        if group_id is None:
            raise InvalidInput({"group": "请选择代表小组。"})
        places = GroupMembership.scoped(actor).filter(group_id=group_id, ends_on__isnull=True)
        rows = rows.filter(pk__in=places.values("mandate_id"))
    elif audience == Audience.INVITED:
        wanted = set(mandate_ids)
        if not wanted:
            raise InvalidInput({"mandates": "请至少选择一位代表。"})
        rows = rows.filter(pk__in=wanted)
        if rows.count() < len(wanted):
            raise OutOfScope("所选代表中有人不在本区域的在任名册上。")
    found = list(rows.select_related("person").order_by("person__name_strokes", "id"))
    if not found:
        raise InvalidInput({"audience": "所选范围内没有在任代表。"})
    return found[:MOST_INVITED]


def _add_invitations(activity: Activity, mandates: Iterable[Mandate]) -> None:
    Invitation.objects.bulk_create(
        Invitation(scope_code=activity.scope_code, activity=activity, mandate=mandate) for mandate in mandates
    )


def open_activity(actor: Actor, activity_id: int) -> Activity:
    """An activity still to come that the actor organises, locked."""
    row = locked(Activity, actor, activity_id, "kind")
    if not may_organise(actor, row.scope_code, row.group_id):
        raise Forbidden("您当前的职务不能办理这项活动。")
    if row.state not in OPEN_ACTIVITY_STATES:
        raise Refused(f"这项活动{ReceptionDayState(row.state).label}，不能再办理。")
    return row


def send_invitations(*, actor: Actor, activity_id: int, now: datetime) -> Activity:
    """Tell everybody asked, once; who joined the group or the congress since is asked as well.

    From here on those expected have the activity in their account, excused where leave covers its day.
    """
    row = open_activity(actor, activity_id)
    if row.state == ReceptionDayState.PUBLISHED:
        return row
    if row.starts_on < china_date(now):
        raise Refused("活动日期已过，不能再通知；已经开展的，请登记参加情况。")
    row.state = RECEPTION_DAY.next_state(row.state, ReceptionDayEvent.PUBLISH)
    row.notified_at = now
    with trail.operation("send_invitations"):
        row.save(update_fields=["state", "notified_at"])
        _ask_newcomers(actor, row)
        invitations = _invitations(actor, row)
        if row.capacity is None:
            _expect(row, invitations)
        fit_leave(actor, row, now)
        for invitation in invitations:
            _tell(invitation, row, f"请参加：{row.title}", _call_words(row), "invited", now)
    return row


def _ask_newcomers(actor: Actor, activity: Activity) -> None:
    if activity.audience == Audience.INVITED:
        return
    asked = set(activity.invitations.values_list("mandate_id", flat=True))
    wanted = _invited(actor, activity.scope_code, Audience(activity.audience), activity.group_id, ())
    _add_invitations(activity, (mandate for mandate in wanted if mandate.pk not in asked))


def _invitations(actor: Actor, activity: Activity) -> list[Invitation]:
    rows = Invitation.scoped(actor).filter(activity=activity).select_related("mandate__person")
    return list(rows.order_by("mandate__person__name_strokes", "id"))


def _expect(activity: Activity, invitations: Iterable[Invitation]) -> None:
    Participation.objects.bulk_create(
        Participation(
            scope_code=activity.scope_code,
            mandate_id=invitation.mandate_id,
            activity=activity,
            day=activity.starts_on,
        )
        for invitation in invitations
    )


def _call_words(row: Activity) -> str:
    at = f"{row.starts_at:%H:%M}" if row.starts_at else ""
    words = f"{span_text(row.starts_on, row.ends_on)}{at}，{row.place or '地点另行通知'}：{row.title}。"
    until = f"请于{day_text(row.answer_by)}前答复" if row.answer_by else "请答复"
    if row.capacity is not None:
        return f"{words}自愿报名，名额{row.capacity}人，{until}是否参加。"
    return f"{words}{until}；不能参加的，请说明事由请假。"


def _tell(invitation: Invitation, row: Activity, title: str, body: str, key: str, now: datetime) -> bool:
    """Leave the deputy a message; who has no account is telephoned (the list of answers says so)."""
    account_id = invitation.mandate.person.account_id
    if account_id is None:
        return False
    return notify(
        account_id=account_id,
        scope_code=row.scope_code,
        title=title,
        body=body,
        link=reverse("stations_invitation", args=[invitation.pk]),
        dedupe_key=f"activity:{row.pk}:{key}:{invitation.pk}",
        now=now,
    )


def change_activity(*, actor: Actor, activity_id: int, now: datetime, **fields: Any) -> Activity:
    """Change what was arranged. Who was told already hears of it; with another day answers are asked anew."""
    row = open_activity(actor, activity_id)
    unknown = set(fields) - _CHANGEABLE
    if unknown:
        raise InvalidInput(dict.fromkeys(unknown, "这一项不能修改。"))
    before = (row.starts_on, row.ends_on, row.starts_at, row.place)
    for name, value in fields.items():
        setattr(row, name, _clean(name, value))
    row.ends_on = max(row.ends_on, row.starts_on) if "ends_on" not in fields else row.ends_on
    _check_times(row.starts_on, row.ends_on, row.answer_by, china_date(now))
    with trail.operation("change_activity"):
        row.save()
        if row.state != ReceptionDayState.PUBLISHED:
            return row
        if before[0] != row.starts_on:
            _move(actor, row, now)
        if before != (row.starts_on, row.ends_on, row.starts_at, row.place):
            for invitation in _invitations(actor, row):
                _tell(
                    invitation,
                    row,
                    f"活动安排有变化：{row.title}",
                    _call_words(row),
                    f"changed:{now:%Y%m%d%H%M}",
                    now,
                )
    return row


def _clean(name: str, value: Any) -> Any:
    if name in ("title", "place"):
        return fitted_line(Activity, name, value, needed=name == "title")
    if name == "summary":
        return optional_text(value)
    if name == "contact_method":
        return _method(value)
    return _capacity(value) if name == "capacity" else value


def _move(actor: Actor, row: Activity, now: datetime) -> None:
    parts = Participation.scoped(actor).filter(activity=row, recorded_at__isnull=True)
    parts.update(day=row.starts_on)
    Invitation.scoped(actor).filter(activity=row).update(
        answer=AnswerState.WAITING, reason="", answered_at=None, answered_by=None, reminded_at=None
    )
    fit_leave(actor, row, now)


def call_off_activity(*, actor: Actor, activity_id: int, reason: str, now: datetime) -> Activity:
    """Cancel an activity to come: nobody owes it any more, and everybody told before hears why."""
    row = locked(Activity, actor, activity_id)
    if row.state == ReceptionDayState.CANCELLED and may_organise(actor, row.scope_code, row.group_id):
        return row
    row = open_activity(actor, activity_id)
    was_told = row.state == ReceptionDayState.PUBLISHED
    row.call_off_reason = fitted(
        Activity, "call_off_reason", reason, at="reason", label="取消原因", needed=True
    )
    row.state = RECEPTION_DAY.next_state(row.state, ReceptionDayEvent.CANCEL)
    with trail.operation("call_off_activity"):
        row.save(update_fields=["state", "call_off_reason"])
        for part in Participation.scoped(actor).filter(activity=row).select_for_update().order_by("id"):
            drop_part(part)
        if was_told:
            body = f"{day_text(row.starts_on)}的“{row.title}”取消。原因：{row.call_off_reason}"
            for invitation in _invitations(actor, row):
                _tell(invitation, row, f"活动取消：{row.title}", body, "called_off", now)
    return row


def remind_invitations(*, actor: Actor, now: datetime, limit: int = 500) -> int:
    """Remind, once each, those who have not answered when the day to answer by is near or past.

    Asks "who was not reminded", never "is it that day": a missed day is made up. Returns how many were told.
    """
    actor.require_system()
    rows = (
        unanswered_invitations(actor, china_date(now))
        .select_related("activity", "mandate__person")
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("activity__starts_on", "id")[:limit]
    )
    told = 0
    with trail.operation("remind_invitations"):
        for invitation in rows:
            row = invitation.activity
            told += _tell(invitation, row, f"请答复：{row.title}", _call_words(row), "reminded", now)
            invitation.reminded_at = now
            invitation.save(update_fields=["reminded_at"])
    return told
