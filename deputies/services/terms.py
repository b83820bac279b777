"""Congresses, terms, sessions and electing bodies; and 换届, from one term to the next."""

from __future__ import annotations

from datetime import date, datetime

from deputies.enums import (
    CONGRESS_OF_PLACE,
    TermEvent,
    TermState,
)
from deputies.lifecycle import TERM
from deputies.models import (
    Congress,
    Term,
)
from deputies.services.common import apply_changes, readable, require_convener, take_turn, today_of
from deputies.services.electing import hold_session
from deputies.services.mandates import end_seats
from liaison.auditing import trail
from liaison.calendar.days import require_days
from liaison.identity.roles import OFFICE
from liaison.models import Jurisdiction
from liaison.tenancy.locking import locked
from liaison.tenancy.scope import Actor
from liaison.words.enums import JurisdictionLevel, Role
from liaison.words.errors import InvalidInput, OutOfScope, Refused
from liaison.words.limits import fitted_line

_FOUNDERS = (*OFFICE, Role.COUNTY_COMMITTEE, Role.SYSTEM_ADMIN)


def create_congress(*, actor: Actor, jurisdiction_id: int, name: str = "") -> Congress:
    """The congress of a jurisdiction inside the actor's interval; asking twice returns the same one.

    Raises ``OutOfScope`` for a jurisdiction elsewhere, ``Refused`` for a street or village, which has none
    (domain.md section 1).
    """
    actor.require(*_FOUNDERS)
    place = Jurisdiction.objects.filter(pk=jurisdiction_id).first()
    if place is None or not (actor.lo <= place.scope_code and place.scope_end <= actor.hi):
        raise OutOfScope()
    level = CONGRESS_OF_PLACE.get(JurisdictionLevel(place.level))
    if level is None:
        raise Refused(f"{place.name}不设人民代表大会，代表由上一级人大选举产生后在本地联系选民。")
    with trail.operation("create_congress"):
        congress, _ = Congress.scoped(actor).get_or_create(
            scope_code=place.scope_code,
            defaults={
                "scope_end": place.scope_end,
                "jurisdiction": place,
                "level": level,
                "name": fitted_line(Congress, "name", name) or f"{place.name}人民代表大会",
            },
        )
    return congress


def prepare_term(
    *,
    actor: Actor,
    congress_id: int,
    number: int,
    elected_on: date,
    starts_on: date,
    seats: int,
) -> Term:
    """The next term, entered from the election on; ``starts_on`` is the planned first session.

    It may stand beside the running term until `open_term`. Asking twice for the same number returns the
    row. Raises ``InvalidInput`` for impossible dates or figures, ``Refused`` for a number already used.
    """
    congress = readable(Congress, actor, congress_id)
    _check_term(number, elected_on, starts_on, seats)
    require_days(elected_on=elected_on, starts_on=starts_on)
    draft = Term(
        scope_code=congress.scope_code,
        scope_end=congress.scope_end,
        congress=congress,
        number=number,
        elected_on=elected_on,
        starts_on=starts_on,
        seats=seats,
        state=TERM.start,
    )
    require_convener(actor, draft)
    take_turn(actor, draft)
    same = Term.scoped(actor).filter(congress=congress, number=number).first()
    if same is not None:
        if same.state == TermState.PREPARING:
            return same
        raise Refused(f"{same}已经建立，请核对届次。")
    preparing = Term.scoped(actor).filter(congress=congress, state=TermState.PREPARING).first()
    if preparing is not None:
        raise Refused(f"{preparing}正在筹备，请先启用这一届。")
    with trail.operation("prepare_term"):
        draft.save()
    return draft


def _check_term(number: int, elected_on: date, starts_on: date, seats: int) -> None:
    problems = {}
    if number < 1:
        problems["number"] = "届次应为正整数。"
    if seats < 1:
        problems["seats"] = "代表名额应为正整数。"
    if starts_on < elected_on:
        problems["starts_on"] = "首次会议日期不能早于换届选举日期。"
    if problems:
        raise InvalidInput(problems)


def update_term(
    *,
    actor: Actor,
    term_id: int,
    elected_on: date,
    starts_on: date,
    seats: int,
) -> Term:
    """Correct the figures of a term that is not closed."""
    term = locked(Term, actor, term_id, "congress__jurisdiction")
    require_convener(actor, term)
    _check_term(term.number, elected_on, starts_on, seats)
    changed = apply_changes(term, {"elected_on": elected_on, "starts_on": starts_on, "seats": seats})
    if changed:
        with trail.operation("update_term"):
            term.save(update_fields=changed)
    return term


def open_term(*, actor: Actor, term_id: int, now: datetime, starts_on: date | None = None) -> Term:
    """A prepared term begins with its first session; ``starts_on`` corrects the planned day.

    Raises ``Refused`` while the former term is not closed, or when the first session lies ahead.
    """
    term = locked(Term, actor, term_id, "congress__jurisdiction")
    require_convener(actor, term)
    state = TERM.next_state(term.state, TermEvent.OPEN)
    running = Term.scoped(actor).filter(congress_id=term.congress_id, state=TermState.CURRENT).first()
    if running is not None:
        raise Refused(f"{running}尚未届满归档，请先办理届满归档，再启用{term}。")
    first_day = starts_on or term.starts_on
    if first_day > today_of(now):
        raise Refused("首次会议尚未举行，届期自本届首次会议举行之日起计算，请在会议举行后办理。")
    _check_term(term.number, term.elected_on, first_day, term.seats)
    with trail.operation("open_term"):
        term.state, term.starts_on = state, first_day
        term.save(update_fields=["state", "starts_on"])
    return term


def close_term(*, actor: Actor, term_id: int, ends_on: date, now: datetime) -> Term:
    """届满归档: the term ends on the day the next one's first session meets; its roster becomes read-only.

    Every seat still held gets 任期届满 in its ledger, every place in a group ends. Nothing is deleted.
    """
    term = locked(Term, actor, term_id, "congress__jurisdiction")
    require_convener(actor, term)
    state = TERM.next_state(term.state, TermEvent.CLOSE)
    if ends_on < term.starts_on:
        raise InvalidInput({"ends_on": "届满日期不能早于本届首次会议日期。"})
    if ends_on > today_of(now):
        raise Refused("届满日期尚未到。本届任期至下一届首次会议举行之日止，请在会议举行后办理。")
    with trail.operation("close_term"):
        end_seats(actor, term, ends_on, now=now)
        term.state, term.ends_on = state, ends_on
        term.save(update_fields=["state", "ends_on"])
    return term


def succeed_term(*, actor: Actor, term_id: int, first_session: tuple[date, date], now: datetime) -> Term:
    """换届 in one step, on the day the new congress first meets (代表法: terms run from first session to
    first session): the running term is closed, the prepared one opened, its first session entered.
    """
    term = readable(Term, actor, term_id, "congress__jurisdiction")
    starts_on, ends_on = first_session
    running = Term.scoped(actor).filter(congress_id=term.congress_id, state=TermState.CURRENT).first()
    with trail.operation("succeed_term"):
        if running is not None and running.pk != term.pk:
            close_term(actor=actor, term_id=running.pk, ends_on=starts_on, now=now)
        opened = open_term(actor=actor, term_id=term_id, starts_on=starts_on, now=now)
        hold_session(actor=actor, term_id=term_id, number=1, starts_on=starts_on, ends_on=ends_on, now=now)
    return opened


def begin_first_term(*, actor: Actor, term_id: int, first_session: tuple[date, date], now: datetime) -> Term:
    """The very first term known here begins: nothing is closed by it, so one person may do it.

    ``Refused`` where a term went before: that is a 换届, which one proposes and another confirms.
    """
    term = readable(Term, actor, term_id, "congress__jurisdiction")
    if Term.scoped(actor).filter(congress_id=term.congress_id).exclude(pk=term.pk).exists():
        raise Refused("已有上一届，换届须由一人提请、另一人确认。")
    return succeed_term(actor=actor, term_id=term_id, first_session=first_session, now=now)
