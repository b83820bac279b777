"""Deputies of higher levels at a township's stations, and what came of their turns (domain.md section 1)."""

from __future__ import annotations

from datetime import date, datetime

from deputies.access import current_term
from deputies.enums import CongressLevel, MandateState
from deputies.models import Mandate
from liaison.auditing import trail
from liaison.calendar.days import require_days
from liaison.calendar.workdays import china_date
from liaison.identity.roles import REGISTRARS
from liaison.tenancy.locking import locked
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, Refused
from liaison.words.limits import fitted, fitted_line
from liaison.words.names import stroke_key
from liaison.words.text import tidy_name
from stations.enums import DutyEvent, DutyState, ReceptionDayState
from stations.models import ReceptionDay, Station, UpperDeputy, UpperTurn
from stations.rules.lifecycle import DUTY, REGISTERED_OUTCOMES
from stations.services.attendance import EVENT_FOR
from stations.services.common import require_station


def link_upper_deputy(
    *,
    actor: Actor,
    station_id: int,
    starts_on: date,
    name: str = "",
    level: CongressLevel | str = "",
    county_mandate_id: int | None = None,
) -> UpperDeputy:
    """Let a deputy of a higher level take part at a station; linking the same again changes nothing.

    The county committee names one of its own deputies by mandate; the township's office writes down others
    by name and level.
    """
    actor.require(*REGISTRARS)
    require_days(starts_on=starts_on)
    station = locked(Station, actor, station_id)
    if station.closed_on is not None:
        raise Refused(f"{station}已停用，不能再安排上级代表。")
    if county_mandate_id is not None:
        name, level = _county_deputy(actor, county_mandate_id).person.name, CongressLevel.COUNTY
    elif actor.role == Role.COUNTY_COMMITTEE:
        raise InvalidInput({"county_mandate_id": "请选择本级代表。"})
    wanted = _level(level)
    words = fitted_line(UpperDeputy, "name", tidy_name(name), label="代表姓名", needed=True)
    there = UpperDeputy.scoped(actor).filter(
        station=station, name=words, level=wanted.value, ends_on__isnull=True
    )
    known = there.first()
    if known is not None:
        return known
    with trail.operation("link_upper_deputy"):
        return UpperDeputy.objects.create(
            scope_code=station.scope_code,
            station=station,
            name=words,
            name_strokes=stroke_key(words),
            level=wanted.value,
            county_mandate_id=county_mandate_id,
            starts_on=starts_on,
            recorded_by_id=actor.account_id,
        )


def _county_deputy(actor: Actor, mandate_id: int) -> Mandate:
    """A deputy in office of the congress the acting committee serves."""
    actor.require(Role.COUNTY_COMMITTEE)
    term = current_term(actor)
    rows = Mandate.scoped(actor).filter(term=term, state=MandateState.ACTIVE).select_related("person")
    found = rows.filter(pk=mandate_id).first() if term is not None else None
    if found is None:
        raise InvalidInput({"county_mandate_id": "请从本级本届在任代表中选择。"})
    return found


def _level(level: CongressLevel | str) -> CongressLevel:
    if level not in CongressLevel.values() or level == CongressLevel.TOWNSHIP:
        raise InvalidInput({"level": "请选择县级以上的代表层级。"})
    return CongressLevel(level)


def end_upper_deputy(*, actor: Actor, upper_id: int, ends_on: date) -> UpperDeputy:
    """From the day after ``ends_on`` the deputy takes no turns here; turns planned for later are cancelled.

    The county committee ends what it laid down, the township's office the others.
    """
    row = locked(UpperDeputy, actor, upper_id, "station")
    actor.require(*REGISTRARS)
    is_countys = row.county_mandate_id is not None
    if actor.role != Role.SYSTEM and is_countys != (actor.role == Role.COUNTY_COMMITTEE):
        raise Forbidden("由谁安排的，由谁结束。")
    if row.ends_on is not None:
        return row
    if ends_on < row.starts_on:
        raise InvalidInput({"ends_on": "结束日期不能早于开始日期。"})
    row.ends_on = ends_on
    later = UpperTurn.scoped(actor).filter(upper_deputy=row, outcome=DutyState.SCHEDULED)
    turns = list(later.filter(reception_day__day__gt=ends_on).select_for_update(of=("self",)))
    for turn in turns:
        turn.outcome = DUTY.next_state(turn.outcome, DutyEvent.CANCEL).value
    with trail.operation("end_upper_deputy"):
        row.save(update_fields=["ends_on"])
        UpperTurn.objects.bulk_update(turns, ["outcome"])
    return row


def register_upper_turn(
    *, actor: Actor, turn_id: int, outcome: DutyState | str, now: datetime, note: str = ""
) -> UpperTurn:
    """The station registers whether the deputy came; leave may be noted ahead, the rest not."""
    row = locked(UpperTurn, actor, turn_id, "reception_day", "upper_deputy")
    require_station(actor, row.reception_day.station_id)
    if outcome not in {state.value for state in REGISTERED_OUTCOMES}:
        raise InvalidInput({"outcome": "参加情况只能是已到岗、已请假或者未到岗。"})
    wanted = DutyState(outcome)
    if wanted != DutyState.ON_LEAVE and row.reception_day.day > china_date(now):
        raise Refused("接待日还没有到，不能登记到岗情况。")
    words = fitted(UpperTurn, "note", note, label="情况记录")
    if row.outcome == wanted and (not words or row.note.says(words)):
        return row
    if row.outcome != wanted:
        row.outcome = DUTY.next_state(row.outcome, EVENT_FOR[wanted]).value
    row.note = words or row.note
    row.recorded_by_id, row.recorded_at = actor.account_id, now
    with trail.operation("register_upper_turn"):
        row.save(update_fields=["outcome", "note", "recorded_by", "recorded_at"])
    return row


def set_theme(*, actor: Actor, day_id: int, theme: str) -> ReceptionDay:
    """What a coming reception is about; a theme day wants a deputy of a higher level. Empty: no theme."""
    row = locked(ReceptionDay, actor, day_id, "station")
    require_station(actor, row.station_id)
    if row.state not in (ReceptionDayState.PLANNED, ReceptionDayState.PUBLISHED):
        raise Refused(f"这次接待{ReceptionDayState(row.state).label}，不能再定主题。")
    words = fitted_line(ReceptionDay, "theme", theme, label="主题")
    if row.theme != words:
        row.theme, row.is_theme_fixed = words, True
        with trail.operation("set_theme"):
            row.save(update_fields=["theme", "is_theme_fixed"])
    return row
