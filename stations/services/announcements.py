"""Announcing receptions: in time, late with the reason, and again when what was announced has changed.

The notice row is the memory: a day is announced again when its facts differ from those of its last notice,
whoever changed them (a swap, a leave, another date). So nothing is told twice and nothing is missed, be it
that beat was down for days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta

from django.urls import reverse

from deputies.models import Mandate
from liaison.auditing import trail
from liaison.calendar.workdays import china_date
from liaison.calendar.working import policy_for
from liaison.identity.access import linked
from liaison.identity.roles import STATION_RUNNERS
from liaison.messages.outbox import notify
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from stations.enums import DutyOrigin, DutyState, NoticeKind, ReceptionDayEvent, ReceptionDayState
from stations.models import Participation, ReceptionDay, ReceptionNotice, UpperTurn
from stations.rules.announcements import (
    NoticeFacts,
    change_words,
    facts_from_data,
    late_words,
    notice_words,
    state_of,
)
from stations.rules.lifecycle import EXPECTED_DUTY_STATES, RECEPTION_DAY
from stations.rules.wording import day_text, full_day_text
from stations.selectors.due import announced_and_coming, turns_to_remind, unannounced_days
from stations.selectors.leaving import gone_by
from stations.selectors.on_duty import upper_words
from stations.services.common import tell_station

RUNNERS = STATION_RUNNERS


def announce_receptions(*, actor: Actor, now: datetime, limit: int = 200) -> int:
    """Announce what is due and not done, and correct what is announced and no longer true.

    Due are planned days within the notice period (``reception_notice``): "from today up to N days ahead",
    so a beat that slept catches up; days already past are left to the station. Safe to run twice and at
    once. Returns how many notices were written.
    """
    actor.require(*RUNNERS)
    with trail.operation("announce_receptions"):
        return _announce_due(actor, now, limit) + _correct(actor, now, limit)


def _announce_due(actor: Actor, now: datetime, limit: int) -> int:
    today = china_date(now)
    rows = (
        unannounced_days(actor, today)
        .select_related("station")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("day", "id")
    )
    if actor.role == Role.STATION_CLERK:
        rows = rows.filter(linked("station_id", actor.station_id))
    notice: dict[int, int] = {}
    done = 0
    for row in rows[:limit]:
        days = notice.setdefault(row.scope_code, notice_days(row.scope_code))
        if row.day <= today + timedelta(days=days):
            row.state = RECEPTION_DAY.next_state(row.state, ReceptionDayEvent.PUBLISH)
            put_notice(actor, row, now)
            done += 1
    return done


def notice_days(scope_code: int) -> int:
    """How many days ahead a reception is announced there."""
    return policy_for("reception_notice", scope_code).length


def _correct(actor: Actor, now: datetime, limit: int) -> int:
    """Days announced and still to come whose facts are no longer those announced; found in four queries."""
    days = announced_and_coming(actor, china_date(now))
    if actor.role == Role.STATION_CLERK:
        days = days.filter(linked("station_id", actor.station_id))
    rows = list(days)
    ids = [row.pk for row in rows]
    turns, upper, last = on_duty(actor, ids), upper_on_duty(actor, ids), last_facts(actor, ids)
    changed = [
        row.pk
        for row in rows
        if row.pk in last and last[row.pk] != facts_of(row, turns[row.pk], upper[row.pk])
    ]
    locked = ReceptionDay.scoped(actor).filter(pk__in=changed[:limit]).select_related("station")
    notices = [
        put_notice(actor, row, now) for row in locked.select_for_update(of=("self",), skip_locked=True)
    ]
    return sum(notice is not None for notice in notices)


def on_duty(actor: Actor, day_ids: Collection[int]) -> dict[int, list[int]]:
    """By day, the mandates expected there and still in office, in the order of their ids; one query."""
    turns = Participation.scoped(actor).filter(reception_day__in=day_ids, outcome__in=EXPECTED_DUTY_STATES)
    turns = turns.exclude(gone_by(actor, "reception_day__day"))
    found: dict[int, list[int]] = defaultdict(list)
    for day_id, mandate_id in turns.order_by("mandate_id").values_list("reception_day_id", "mandate_id"):
        if day_id is not None:
            found[day_id].append(mandate_id)
    return found


def upper_on_duty(actor: Actor, day_ids: Collection[int]) -> dict[int, list[str]]:
    """By day, the deputies of higher levels expected there, as they are announced; one query."""
    turns = UpperTurn.scoped(actor).filter(reception_day__in=day_ids, outcome__in=EXPECTED_DUTY_STATES)
    found: dict[int, list[str]] = defaultdict(list)
    for day_id, name, level in turns.order_by("upper_deputy__name_strokes", "id").values_list(
        "reception_day_id", "upper_deputy__name", "upper_deputy__level"
    ):
        found[day_id].append(upper_words(name, level))
    return found


def last_facts(actor: Actor, day_ids: Collection[int]) -> dict[int, NoticeFacts]:
    """By day, what its last notice said; one query."""
    notices = ReceptionNotice.scoped(actor).filter(reception_day__in=day_ids).order_by("id")
    return {
        day_id: facts_from_data(data) for day_id, data in notices.values_list("reception_day_id", "facts")
    }


def facts_of(row: ReceptionDay, mandates: Iterable[int], upper: Iterable[str] = ()) -> NoticeFacts:
    """What there is to announce. A day called off has nobody on duty, whatever became of the turns."""
    state = state_of(row.state)
    stands = state == state_of(ReceptionDayState.PUBLISHED)
    people = tuple(sorted(set(mandates))) if stands else ()
    return NoticeFacts(
        row.day, row.starts_at, row.ends_at, row.theme, state, people, tuple(upper) if stands else ()
    )


def put_notice(
    actor: Actor, row: ReceptionDay, now: datetime, *, reason: str = "", former: Collection[int] = ()
) -> ReceptionNotice | None:
    """Announce the locked day as it stands, and tell those concerned; ``None`` when nothing is new.

    ``former``: who was on duty before the change, for days announced before notices were kept. The row is
    saved with its state, the moment and what the public reads beside the date.
    """
    before = last_facts(actor, [row.pk]).get(row.pk)
    facts = facts_of(row, on_duty(actor, [row.pk])[row.pk], upper_on_duty(actor, [row.pk])[row.pk])
    if before == facts:
        return None
    was_announced = before is not None or row.announced_at is not None
    if not facts.stands and not was_announced:
        row.save()
        return None
    names = _names(actor, {*facts.mandates, *(before.mandates if before else former)})
    late = _late(row, facts, before, now)
    is_late = bool(late)
    text = notice_words(facts, row.station.name, names)
    if was_announced:
        changes = change_words(before, facts, names) if before else _state_words(facts)
        text = f"{full_day_text(before.day if before else row.day)}{row.station.name}接待日更正：{changes}"
        late = f"{changes}（{late}）" if late else changes
        row.notice_text = f"{_month_day(china_date(now))}更正：{late}"
    else:
        row.notice_text = late
    if reason:
        text += f"。原因：{reason}"
    row.announced_at = row.announced_at or now
    row.save()
    notice = ReceptionNotice.objects.create(
        scope_code=row.scope_code,
        reception_day=row,
        kind=_kind(facts, was_announced=was_announced),
        text=text,
        facts=facts.to_data(),
        is_late=is_late,
        announced_at=now,
    )
    _tell(actor, row, notice, facts, set(before.mandates if before else former), now)
    return notice


def _month_day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _late(row: ReceptionDay, facts: NoticeFacts, before: NoticeFacts | None, now: datetime) -> str:
    if not facts.stands:
        return ""
    dated_on = china_date(row.dated_at) if row.dated_at else None
    return late_words(
        row.day,
        dated_on,
        china_date(now),
        notice_days(row.scope_code),
        has_new_date=before is None or before.day != row.day,
    )


def _state_words(facts: NoticeFacts) -> str:
    if facts.stands:
        return "安排有变，以本公告为准"
    return "取消接待" if facts.state == ReceptionDayState.CANCELLED else "改期，新的日期另行公告"


def _kind(facts: NoticeFacts, *, was_announced: bool) -> str:
    if facts.state == ReceptionDayState.CANCELLED:
        return NoticeKind.CANCELLATION
    return NoticeKind.CORRECTION if was_announced else NoticeKind.NOTICE


def _names(actor: Actor, mandate_ids: Collection[int]) -> dict[int, str]:
    found = Mandate.scoped(actor).filter(pk__in=mandate_ids).order_by("person__name_strokes", "pk")
    return {mandate.pk: mandate.full_name for mandate in found.select_related("person")}


def _tell(
    actor: Actor,
    row: ReceptionDay,
    notice: ReceptionNotice,
    facts: NoticeFacts,
    former: set[int],
    now: datetime,
) -> None:
    """The deputies on duty, those no longer, and the station; each once per notice."""
    where, day = row.station.name, full_day_text(row.day)
    hours = f"{row.starts_at:%H:%M}—{row.ends_at:%H:%M}"
    come = f"请您于{day}{hours}到{where}接待群众。如不能参加，请提前请假或者申请调换。"
    title = _title(row, notice, facts)
    concerned = {*facts.mandates, *former} - _told_already(actor, row, facts, former)
    for mandate_id, account_id in _accounts(actor, concerned).items():
        if mandate_id not in facts.mandates:
            head, body = title, f"{notice.text}。您不再于该日值班。" if facts.stands else f"{notice.text}。"
        elif mandate_id in former or notice.kind == NoticeKind.NOTICE:
            head, body = title, come if notice.kind == NoticeKind.NOTICE else f"{notice.text}。{come}"
        else:
            head, body = f"接待日通知：{day}{where}", come
        notify(
            account_id=account_id,
            scope_code=row.scope_code,
            title=head,
            body=body,
            link=reverse("stations_home"),
            dedupe_key=f"notice:{notice.pk}",
            now=now,
        )
    _tell_keepers(row, notice, facts, title, now)


def _told_already(actor: Actor, row: ReceptionDay, facts: NoticeFacts, former: set[int]) -> set[int]:
    """Who heard of a swap, a substitution or the own leave when it was decided: not told a second time."""
    if not facts.stands or not former:
        return set()
    gone, come = former - set(facts.mandates), set(facts.mandates) - former
    turns = Participation.scoped(actor).filter(reception_day=row, day=row.day).order_by("id")
    over: dict[int, tuple[str, str]] = {
        mandate_id: (outcome, origin)
        for mandate_id, outcome, origin in turns.values_list("mandate_id", "outcome", "origin")
    }
    passed_on = (DutyState.SWAPPED, DutyState.ON_LEAVE)
    stepped_in = (DutyOrigin.SWAP, DutyOrigin.SUBSTITUTE)
    left = {key for key in gone if key in over and over[key][0] in passed_on}
    return left | {key for key in come if key in over and over[key][1] in stepped_in}


def _title(row: ReceptionDay, notice: ReceptionNotice, facts: NoticeFacts) -> str:
    day = full_day_text(row.day)
    if facts.state == ReceptionDayState.CANCELLED:
        return f"接待日取消：{day}{row.station.name}"
    if facts.state == ReceptionDayState.POSTPONED:
        return f"接待日改期：{day}{row.station.name}"
    what = "接待日通知" if notice.kind == NoticeKind.NOTICE else "接待日更正"
    return f"{what}：{day}{row.station.name}"


def _tell_keepers(
    row: ReceptionDay, notice: ReceptionNotice, facts: NoticeFacts, title: str, now: datetime
) -> None:
    """The station learns what went out; where nobody is on duty, the office as well."""
    lacks_people = facts.stands and not facts.mandates and not facts.upper
    page = "admin:stations_receptionday_duty" if lacks_people else "admin:stations_receptionday_change"
    tell_station(
        row.station,
        title=f"{title}，尚未排班" if lacks_people else title,
        body=f"公告已发布：{notice.text}。" + ("尚未安排值班代表，请尽快排班。" if lacks_people else ""),
        link=reverse(page, args=[row.pk]),
        dedupe_key=f"notice:{notice.pk}:station",
        now=now,
        office=lacks_people,
    )


def _accounts(actor: Actor, mandate_ids: Collection[int]) -> Mapping[int, int]:
    """By mandate, the account of the person, where there is one; one query."""
    rows = Mandate.scoped(actor).filter(pk__in=mandate_ids, person__account__isnull=False).order_by("pk")
    return {pk: account_id for pk, account_id in rows.values_list("pk", "person__account_id") if account_id}


def remind_turns(*, actor: Actor, now: datetime) -> int:
    """Remind deputies of their own turn the day before, or on the day while it has not begun; each once.

    Whoever was told of the turn since yesterday is not told again. Counts the reminders.
    """
    actor.require_system()
    told = 0
    for turn in turns_to_remind(actor, now).select_related("reception_day__station", "mandate__person"):
        day = turn.reception_day
        account_id = turn.mandate.person.account_id
        if day is None or account_id is None:
            continue
        when = "今天" if day.day == china_date(now) else "明天"
        told += notify(
            account_id=account_id,
            scope_code=turn.scope_code,
            title=f"请记得{when}值班：{full_day_text(day.day)}{day.station.name}",
            body=f"请您于{day_text(day.day)}{day.starts_at:%H:%M}到{day.station.name}（{day.station.address}）"
            "接待群众。",
            link=reverse("stations_home"),
            dedupe_key=f"turn:{turn.pk}:{day.day:%Y%m%d}:reminder",
            now=now,
        )
    return told
