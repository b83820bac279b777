"""Sessions of a congress, and who elects its deputies: constituencies or electing units."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Max

from deputies.enums import DIRECT_LEVELS, SessionKind
from deputies.models import Constituency, ElectingUnit, Session, Term
from deputies.services.common import (
    apply_changes,
    home_of,
    readable,
    require_convener,
    require_keeper,
    take_turn,
    today_of,
)
from liaison.auditing import trail
from liaison.calendar.days import refuse, span_fault
from liaison.tenancy.locking import locked
from liaison.tenancy.scope import Actor
from liaison.words.errors import InvalidInput, Refused
from liaison.words.limits import fitted_line
from liaison.words.text import clean_line


def hold_session(
    *,
    actor: Actor,
    term_id: int,
    starts_on: date,
    ends_on: date,
    now: datetime,
    number: int | None = None,
    kind: SessionKind | str = SessionKind.REGULAR,
) -> Session:
    """A session of the congress, planned or held; the next number when none is given.

    The same session entered twice is one row. Raises ``InvalidInput`` for dates outside the term.
    """
    term = readable(Term, actor, term_id, "congress__jurisdiction")
    require_convener(actor, term)
    _check_days(term, starts_on, ends_on, today_of(now))
    take_turn(actor, term)
    sessions = Session.scoped(actor).filter(term=term)
    same = sessions.filter(starts_on=starts_on, ends_on=ends_on, kind=SessionKind(kind)).first()
    if same is not None and number in (None, same.number):
        return same
    wanted = number or (sessions.aggregate(last=Max("number"))["last"] or 0) + 1
    if sessions.filter(number=wanted).exists():
        raise Refused(f"{term}第{wanted}次会议已经登记，请核对次数。")
    with trail.operation("hold_session"):
        return sessions.create(
            scope_code=term.scope_code,
            scope_end=term.scope_end,
            term=term,
            number=wanted,
            kind=SessionKind(kind),
            starts_on=starts_on,
            ends_on=ends_on,
        )


def _check_days(term: Term, starts_on: date, ends_on: date, today: date) -> None:
    """A session opens within its term, and is not planned years ahead."""
    if ends_on < starts_on:
        raise InvalidInput({"ends_on": "闭幕日期不能早于开幕日期。"})
    if starts_on < term.starts_on:
        raise InvalidInput({"starts_on": f"开幕日期不能早于本届首次会议日期（{term.starts_on:%Y-%m-%d}）。"})
    refuse(
        {
            "starts_on": span_fault(starts_on, today, label="开幕日期", years_ahead=2),
            "ends_on": span_fault(ends_on, today, label="闭幕日期", years_ahead=2),
        }
    )


def update_session(
    *,
    actor: Actor,
    session_id: int,
    starts_on: date,
    ends_on: date,
    now: datetime,
    kind: SessionKind | str | None = None,
) -> Session:
    """Move a planned session, or correct the days of one that was held; its number never changes.

    Without ``kind`` it stays of its kind.
    """
    session = locked(Session, actor, session_id, "term__congress__jurisdiction")
    require_convener(actor, session.term)
    _check_days(session.term, starts_on, ends_on, today_of(now))
    values = {"starts_on": starts_on, "ends_on": ends_on, "kind": SessionKind(kind or session.kind)}
    changed = apply_changes(session, values)
    if changed:
        with trail.operation("update_session"):
            session.save(update_fields=changed)
    return session


def create_constituency(
    *,
    actor: Actor,
    term_id: int,
    name: str,
    number: int | None = None,
    village_id: int | None = None,
    voters: int | None = None,
) -> Constituency:
    """A constituency of a directly elected congress; the same name twice is one row."""
    term = readable(Term, actor, term_id, "congress")
    require_keeper(actor, term)
    if term.congress.level not in DIRECT_LEVELS:
        raise Refused("间接选举的代表由选举单位选出，请登记选举单位。")
    clean = fitted_line(Constituency, "name", name, needed="请填写选区名称。")
    take_turn(actor, term)
    code, end = home_of(actor, term)
    rows = Constituency.scoped(actor).filter(term=term, scope_code=code)
    same = rows.filter(name=clean).first()
    if same is not None:
        return same
    wanted = number or (rows.aggregate(last=Max("number"))["last"] or 0) + 1
    with trail.operation("create_constituency"):
        return rows.create(
            scope_code=code,
            scope_end=end,
            term=term,
            number=wanted,
            name=clean,
            village_id=village_id,
            voters=voters,
        )


def update_constituency(
    *,
    actor: Actor,
    constituency_id: int,
    **values: Any,
) -> Constituency:
    """Correct a constituency; ``Refused`` for a name another one of the term bears.

    ``values``: name, number, village_id, voters; only those given change.
    """
    place = locked(Constituency, actor, constituency_id, "term__congress")
    require_keeper(actor, place.term)
    if unknown := set(values) - {"name", "number", "village_id", "voters"}:
        raise TypeError(f"unknown values {sorted(unknown)}")
    if "name" in values:
        values["name"] = fitted_line(Constituency, "name", values["name"], needed="请填写选区名称。")
        others = Constituency.scoped(actor).filter(term=place.term, name=values["name"])
        if others.exclude(pk=place.pk).exists():
            raise Refused(f"本届已有“{values['name']}”，选区名称不能重复。")
    changed = apply_changes(place, values)
    if changed:
        with trail.operation("update_constituency"):
            place.save(update_fields=changed)
    return place


def create_electing_unit(*, actor: Actor, term_id: int, name: str) -> ElectingUnit:
    """An electing unit of an indirectly elected congress; the same name twice is one row."""
    term = readable(Term, actor, term_id, "congress")
    require_keeper(actor, term)
    if term.congress.level in DIRECT_LEVELS:
        raise Refused("直接选举的代表由选区选出，请登记选区。")
    clean = fitted_line(ElectingUnit, "name", name, needed="请填写选举单位。")
    code, end = home_of(actor, term)
    with trail.operation("create_electing_unit"):
        unit, _ = ElectingUnit.scoped(actor).get_or_create(
            scope_code=code, term=term, name=clean, defaults={"scope_end": end}
        )
    return unit


def clean_name(value: str, label: str, limit: int) -> str:
    clean = clean_line(value)
    if not clean:
        raise InvalidInput({"name": f"请填写{label}。"})
    if len(clean) > limit:
        raise InvalidInput({"name": f"{label}最多{limit}个字。"})
    return clean
