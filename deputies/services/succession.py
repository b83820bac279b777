"""换届 by two people: rehearsed, proposed, confirmed by another person, and taken back by two within days.

The act writes down what it found in the rows it writes over; taking it back puts exactly that back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from deputies.enums import MandateEvent, MandateState, RolloverEvent, RolloverState, TermState
from deputies.lifecycle import ROLLOVER, SEATED_STATES
from deputies.models import FixedContact, GroupMembership, Mandate, MandateChange, Rollover, Session, Term
from deputies.rollover_checks import (
    UNDO_DAYS,
    rollover_checks,
    rollover_figures,
    undo_obstacles,
    undo_until,
)
from deputies.services.common import readable, require_convener, take_turn, today_of
from deputies.services.mandates import held_places
from deputies.services.terms import succeed_term
from liaison.auditing import trail
from liaison.calendar.days import require_days
from liaison.hooks import Check
from liaison.tenancy.locking import locked
from liaison.tenancy.scope import Actor
from liaison.tenancy.trials import trial
from liaison.words.errors import Forbidden, Refused
from liaison.words.limits import fitted

Days = tuple[date, date]
_JOINS = ("term__congress__jurisdiction", "former__congress__jurisdiction")


@dataclass(frozen=True, slots=True)
class Moved:
    """One figure before the act and after it."""

    what: str
    before: int
    after: int


def rehearse_rollover(*, actor: Actor, term_id: int, first_session: Days, now: datetime) -> list[Moved]:
    """What a 换届 would move: the real act, done and taken back; nothing of it stays.

    Raises whatever the act itself raises, apart from what `rollover_checks` forbids.
    """
    term, former = _both(actor, term_id)
    today = today_of(now)
    before = rollover_figures(actor, former, term, today)
    with trial():
        succeed_term(actor=actor, term_id=term_id, first_session=first_session, now=now)
        after = rollover_figures(actor, former, term, today)
    return [Moved(what, before[what], count) for what, count in after.items()]


def _both(actor: Actor, term_id: int) -> tuple[Term, Term]:
    """The prepared term and the running one it follows."""
    term = readable(Term, actor, term_id, "congress__jurisdiction")
    require_convener(actor, term)
    terms = Term.scoped(actor).filter(congress_id=term.congress_id, state=TermState.CURRENT)
    former = terms.exclude(pk=term.pk).select_related("congress__jurisdiction").first()
    if former is None or term.state != TermState.PREPARING:
        raise Refused("没有等待换届的两届：须有一届正在任期内、新一届已经登记。")
    return term, former


def propose_rollover(*, actor: Actor, term_id: int, first_session: Days, now: datetime) -> Rollover:
    """提请换届, after the first session has met. Nothing moves before another person confirms it.

    Raises ``Refused`` naming what forbids it, and what the act itself would refuse.
    """
    term, former = _both(actor, term_id)
    take_turn(actor, term)
    starts_on, ends_on = first_session
    require_days(starts_on=starts_on, ends_on=ends_on)
    _require_ready(rollover_checks(actor, former, term, today_of(now)))
    rehearse_rollover(actor=actor, term_id=term_id, first_session=first_session, now=now)
    if Rollover.scoped(actor).filter(term=term, state=RolloverState.PROPOSED).exists():
        raise Refused("换届已经提请，请由另一人确认；日期有误的，先撤回提请。")
    with trail.operation("propose_rollover"):
        return Rollover.scoped(actor).create(
            scope_code=term.scope_code,
            term=term,
            former=former,
            starts_on=starts_on,
            ends_on=ends_on,
            state=ROLLOVER.start,
            proposed_by_id=actor.account_id,
            proposed_at=now,
        )


def _require_ready(checks: list[Check]) -> None:
    open_ones = [
        f"{check.what}（{check.words}）" for check in checks if check.forbids and not check.is_in_order
    ]
    if open_ones:
        raise Refused(f"还不能换届：{'；'.join(open_ones)}。")


def withdraw_rollover(*, actor: Actor, rollover_id: int) -> Rollover:
    """撤回提请, by any keeper of the roster, while nobody has confirmed."""
    with trail.operation("withdraw_rollover"):
        return _move(_kept(actor, rollover_id), RolloverEvent.WITHDRAW)


def _move(row: Rollover, event: RolloverEvent, **values: Any) -> Rollover:
    """The one place that assigns a rollover's state; the caller has locked the row."""
    row.state = ROLLOVER.next_state(row.state, event)
    for column, value in values.items():
        setattr(row, column, value)
    row.save(update_fields=["state", *values])
    return row


def _kept(actor: Actor, rollover_id: int) -> Rollover:
    row = locked(Rollover, actor, rollover_id, *_JOINS)
    require_convener(actor, row.term)
    return row


def _require_other(actor: Actor, first: int | None, what: str) -> None:
    """``Forbidden`` for whoever did the first half, in any account of the same person."""
    if actor.is_self(first):
        raise Forbidden(f"{what}由您本人提请，须由另一人确认。")


def confirm_rollover(*, actor: Actor, rollover_id: int, now: datetime) -> Rollover:
    """确认换届, by another person than who proposed it: the running term is closed, the next one begins."""
    with trail.operation("confirm_rollover"):
        row = _kept(actor, rollover_id)
        ROLLOVER.next_state(row.state, RolloverEvent.CONFIRM)
        _require_other(actor, row.proposed_by_id, "换届")
        _require_ready(rollover_checks(actor, row.former, row.term, today_of(now)))
        found = _found(actor, row)
        days = (row.starts_on, row.ends_on)
        succeed_term(actor=actor, term_id=row.term_id, first_session=days, now=now)
        found |= _made(actor, row, found)
        return _move(
            row,
            RolloverEvent.CONFIRM,
            changed=found,
            confirmed_by_id=actor.account_id,
            confirmed_at=now,
        )


def _found(actor: Actor, row: Rollover) -> dict[str, Any]:
    """What stands in the rows the act is going to write over: primary keys by former state."""
    seats = Mandate.scoped(actor).filter(term=row.former_id, state__in=list(SEATED_STATES))
    held: dict[str, list[int]] = {str(state): [] for state in SEATED_STATES}
    for pk, state in seats.select_for_update(of=("self",)).order_by("pk").values_list("pk", "state"):
        held[state].append(pk)
    ids = [pk for keys in held.values() for pk in keys]
    places, contacts = held_places(actor, row.former, ids)
    sessions = Session.scoped(actor).filter(term=row.term_id)
    return {
        "seats": held,
        "places": list(places.values_list("pk", flat=True)),
        "contacts": list(contacts.values_list("pk", flat=True)),
        "known_sessions": list(sessions.values_list("pk", flat=True)),
        "starts_on": row.term.starts_on.isoformat(),
    }


def _made(actor: Actor, row: Rollover, found: dict[str, Any]) -> dict[str, Any]:
    """The first session, where the act entered it; the ledger rows are found by seat and event."""
    sessions = Session.scoped(actor).filter(term=row.term_id).exclude(pk__in=found["known_sessions"])
    return {"session": sessions.values_list("pk", flat=True).first()}


def propose_undo(*, actor: Actor, rollover_id: int, reason: str, now: datetime) -> Rollover:
    """提请撤销换届, with a reason, within `UNDO_DAYS` and while nothing would lose its term."""
    needed = "请写明撤销的理由，如“首次会议日期登记有误”。"
    words = fitted(Rollover, "undo_reason", reason, at="reason", needed=needed)
    with trail.operation("propose_undo", reason=words):
        row = _kept(actor, rollover_id)
        ROLLOVER.next_state(row.state, RolloverEvent.PROPOSE_UNDO)
        _require_undoable(actor, row, now)
        return _move(
            row,
            RolloverEvent.PROPOSE_UNDO,
            undo_reason=words,
            undo_proposed_by_id=actor.account_id,
            undo_proposed_at=now,
        )


def withdraw_undo(*, actor: Actor, rollover_id: int) -> Rollover:
    """撤回撤销的提请: the rollover stands as it was confirmed."""
    with trail.operation("withdraw_undo"):
        empty = {"undo_reason": "", "undo_proposed_by_id": None, "undo_proposed_at": None}
        return _move(_kept(actor, rollover_id), RolloverEvent.WITHDRAW_UNDO, **empty)


def _require_undoable(actor: Actor, row: Rollover, now: datetime) -> None:
    until = undo_until(row)
    if until is None or today_of(now) > until:
        raise Refused(f"换届确认满{UNDO_DAYS}日，不能再撤销。")
    obstacles = undo_obstacles(actor, row)
    if obstacles:
        told = "、".join(f"{check.what}{check.words}" for check in obstacles)
        raise Refused(f"新一届已有登记，撤销后将没有归属：{told}。请先处理这些登记。")


def confirm_undo(*, actor: Actor, rollover_id: int, now: datetime) -> Rollover:
    """确认撤销换届, by another person: everything the act changed stands again as it stood before."""
    with trail.operation("confirm_undo"):
        row = _kept(actor, rollover_id)
        ROLLOVER.next_state(row.state, RolloverEvent.CONFIRM_UNDO)
        _require_other(actor, row.undo_proposed_by_id, "撤销")
        _require_undoable(actor, row, now)
        _put_back(actor, row)
        return _move(
            row,
            RolloverEvent.CONFIRM_UNDO,
            undone_by_id=actor.account_id,
            undone_at=now,
        )


def _put_back(actor: Actor, row: Rollover) -> None:
    """Set-based, a fixed number of statements; the trail keeps what was written and taken back."""
    found = row.changed
    for state, ids in found["seats"].items():
        Mandate.scoped(actor).filter(pk__in=ids).update(state=MandateState(state), ended_on=None)
    ids = [pk for keys in found["seats"].values() for pk in keys]
    MandateChange.scoped(actor).filter(mandate__in=ids, event=MandateEvent.END).delete()
    GroupMembership.scoped(actor).filter(pk__in=found["places"]).update(ends_on=None)
    FixedContact.scoped(actor).filter(pk__in=found["contacts"]).update(ends_on=None)
    Session.scoped(actor).filter(pk=found["session"]).delete()
    new, former = Term.scoped(actor).filter(pk=row.term_id), Term.scoped(actor).filter(pk=row.former_id)
    # The new term first: a congress has one running term at any moment.
    new.update(state=TermState.PREPARING, starts_on=date.fromisoformat(found["starts_on"]))
    former.update(state=TermState.CURRENT, ends_on=None)
