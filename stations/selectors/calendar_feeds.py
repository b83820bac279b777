"""What stands in a calendar: the plan as the holder of the address may see it, as events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from deputies.enums import MandateState
from liaison.identity.access import linked
from liaison.tenancy.scope import Actor
from stations.access import visible_reception_days
from stations.enums import FeedKind, ParticipationState, ReceptionDayState
from stations.feed_access import OpenFeed
from stations.models import Activity, Participation, ReceptionDay
from stations.rules.calendar_feeds import CANCELLED, CONFIRMED, TENTATIVE, FeedEvent, stable_uid
from stations.rules.lifecycle import TURNS_OVER
from stations.selectors.on_duty import NOT_THERE, OnDuty, on_duty

PAST_DAYS, COMING_DAYS = 92, 400
_REMIND = timedelta(days=1)


def calendar_name(opened: OpenFeed) -> str:
    kind, actor = FeedKind(opened.feed.kind), opened.actor
    if kind == FeedKind.OWN:
        return f"{actor.display_name}代表履职日历"
    if kind == FeedKind.TOWNSHIP:
        return f"{actor.jurisdiction_name}代表接待日"
    return f"{opened.feed.station}接待日"


def feed_events(opened: OpenFeed, today: date) -> list[FeedEvent]:
    """Three months back and a year and more ahead, earliest first; three queries."""
    first, last = today - timedelta(days=PAST_DAYS), today + timedelta(days=COMING_DAYS)
    actor, kind = opened.actor, FeedKind(opened.feed.kind)
    if kind == FeedKind.OWN:
        events = _own_events(actor, first, last)
    else:
        days = visible_reception_days(actor).filter(day__range=(first, last))
        if kind == FeedKind.STATION:
            days = days.filter(linked("station_id", opened.feed.station_id))
        events = _day_events(actor, days)
    return sorted(events, key=lambda event: (event.first_day, event.starts_at is not None, event.uid))


def _day_events(actor: Actor, days: QuerySet[ReceptionDay]) -> Iterable[FeedEvent]:
    rows = [row for row in days.select_related("station").order_by("day", "id") if not _is_after_end(row)]
    who = on_duty(actor, [row.pk for row in rows])
    for row in rows:
        yield _reception(row, who.get(row.pk, OnDuty()), ("day",), f"{row.station}接待日", _day_status(row))


def _is_after_end(row: ReceptionDay) -> bool:
    """A day planned beyond the closing of its station will not be held."""
    return row.station.closed_on is not None and row.day > row.station.closed_on


def _own_events(actor: Actor, first: date, last: date) -> Iterable[FeedEvent]:
    """The acting deputy's turns and activities; nobody's leave, not even the own, is told to a telephone."""
    own = Participation.scoped(actor).filter(
        linked("mandate__person_id", actor.person_id), mandate__state=MandateState.ACTIVE
    )
    within = Q(reception_day__day__range=(first, last)) | Q(
        activity__ends_on__gte=first, activity__starts_on__lte=last
    )
    rows = own.filter(within).select_related("reception_day__station", "activity__kind").order_by("id")
    turns: dict[tuple[int, int], Participation] = {}
    activities: dict[tuple[int, int], Participation] = {}
    for row in rows:
        if row.activity_id is not None:
            _keep(activities, (row.mandate_id, row.activity_id), row)
        elif row.reception_day is not None and not _is_after_end(row.reception_day):
            _keep(turns, (row.mandate_id, row.reception_day.pk), row)
    yield from (_activity(row, row.activity) for row in activities.values() if row.activity is not None)
    who = on_duty(actor, [day_id for _, day_id in turns])
    for (mandate_id, day_id), row in turns.items():
        day = row.reception_day
        if day is None:
            continue
        status = CANCELLED if row.outcome in NOT_THERE else _day_status(day)
        note = "您不再参加本次值班。" if row.outcome in NOT_THERE else ""
        key = ("turn", mandate_id)
        yield _reception(day, who[day_id], key, f"{day.station}接待值班", status, note, _REMIND)


def _keep(found: dict[tuple[int, int], Participation], key: tuple[int, int], row: Participation) -> None:
    """A place given up and taken again stands in several rows: the one that holds is shown."""
    known = found.get(key)
    if known is None or row.outcome not in TURNS_OVER or known.outcome in TURNS_OVER:
        found[key] = row


def _day_status(row: ReceptionDay) -> str:
    if row.state in (ReceptionDayState.CANCELLED, ReceptionDayState.POSTPONED):
        return CANCELLED
    return TENTATIVE if row.state == ReceptionDayState.PLANNED or row.day_is_provisional else CONFIRMED


def _reception(
    row: ReceptionDay,
    who: OnDuty,
    key: tuple[object, ...],
    title: str,
    status: str,
    note: str = "",
    remind: timedelta | None = None,
) -> FeedEvent:
    stamps = [row.changed_at, row.station.changed_at, who.changed_at or row.changed_at]
    return FeedEvent(
        uid=stable_uid(*key, row.calendar_uid),
        first_day=row.day,
        last_day=row.day,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        summary=f"{_before(row, status)}{title}",
        location=f"{row.station}（{row.station.address}）",
        description="\n".join(_lines(row, who, note)),
        status=status,
        url=f"{settings.SITE_URL}{reverse('reports_public_station', args=[row.station.public_code])}",
        changed_at=max(stamps),
        remind_before=remind,
    )


def _before(row: ReceptionDay, status: str) -> str:
    """Many telephones do not show the status: it stands before the title as well."""
    if status == TENTATIVE:
        return "（暂定）"
    if status != CANCELLED:
        return ""
    return "（已改期，待定）" if row.state == ReceptionDayState.POSTPONED else "（已取消）"


def _lines(row: ReceptionDay, who: OnDuty, note: str) -> Iterable[str]:
    state = ReceptionDayState(row.state)
    if note:
        yield note
    yield f"值班代表：{'、'.join(who.names) or '未排班'}"
    if row.theme:
        yield f"主题：{row.theme}"
    if state == ReceptionDayState.POSTPONED:
        yield "接待已改期，新的日期确定后自动更新。"
    elif state == ReceptionDayState.CANCELLED:
        yield "本次接待已取消。"
    elif row.day_is_provisional:
        yield "日期暂定：当年放假安排公布后可能调整。"
    elif state == ReceptionDayState.PLANNED:
        yield "计划日期，公告后确定。"
    if row.day_text:
        yield f"日期推算：{row.day_text}"
    if row.station.phone:
        yield f"联络站电话：{row.station.phone}"


def _activity(row: Participation, activity: Activity) -> FeedEvent:
    called_off = activity.state in (ReceptionDayState.CANCELLED, ReceptionDayState.POSTPONED)
    is_off = called_off or row.outcome in NOT_THERE or row.state == ParticipationState.WITHDRAWN
    is_open = activity.state == ReceptionDayState.PLANNED
    # Several days have no hours of their own: the first hour is told in words.
    starts_at = activity.starts_at if activity.starts_on == activity.ends_on else None
    return FeedEvent(
        uid=stable_uid("activity", row.scope_code, activity.pk, row.mandate_id),
        first_day=activity.starts_on,
        last_day=activity.ends_on,
        starts_at=starts_at,
        summary=f"{'（已取消）' if is_off else '（暂定）' if is_open else ''}{activity.title}",
        location=activity.place,
        description="\n".join(_activity_lines(row, activity, called_off)),
        status=CANCELLED if is_off else TENTATIVE if is_open else CONFIRMED,
        changed_at=max(activity.changed_at, row.changed_at),
        remind_before=_REMIND,
    )


def _activity_lines(row: Participation, activity: Activity, called_off: bool) -> Iterable[str]:
    if called_off:
        yield "活动已取消或者改期。"
    elif row.outcome in NOT_THERE:
        yield "您不再参加本次活动。"
    yield f"类别：{activity.kind.name}"
    if activity.starts_at is not None:
        yield f"开始时间：{activity.starts_at.hour}:{activity.starts_at:%M}"
