"""换届 by two people: what it lists, rehearses, refuses and does; and back again to the very row."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from deputies.enums import GroupPost, MandateEvent, MandateState, RolloverState, TermState
from deputies.models import FixedContact, GroupMembership, Mandate, MandateChange, Rollover, Session, Term
from deputies.rollover_checks import rollover_checks, seats_wanted, undo_obstacles
from deputies.services import (
    begin_first_term,
    carry_over,
    change_mandate,
    confirm_rollover,
    confirm_undo,
    hold_session,
    prepare_term,
    propose_rollover,
    propose_undo,
    re_elect,
    rehearse_rollover,
    withdraw_rollover,
    withdraw_undo,
)
from deputies.services.succession import Moved
from liaison.hooks import Check
from liaison.models import AuditEntry
from liaison.tenancy.rls import APP_LABELS
from liaison.tenancy.scope import Actor, acting
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, Refused
from liaison.words.transitions import IllegalTransition
from tests.factories import make_group, make_mandate

ELECTED, FIRST = date(2026, 9, 20), (date(2026, 10, 26), date(2026, 10, 27))
NOW = datetime(2026, 10, 28, 2, 0, tzinfo=UTC)
# The trail and its heads grow; the rollover itself tells what was done.
_OWN = {"liaison_auditentry", "liaison_audithead", "deputies_rollover"}


@pytest.fixture
def chair(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("庄子乡", Role.PRESIDIUM_CHAIR)


@pytest.fixture
def coming(as_clerk: Actor, term: Term) -> Term:
    """A next term of three seats with two elected, and a running one with all that an act can end."""
    group = make_group(term)
    staying, leaving = make_mandate(term, "王建国", group=group), make_mandate(term, "李玉兰", group=group)
    make_mandate(term, "赵铁柱", state=MandateState.SUSPENDED)
    make_mandate(term, "孙已辞", state=MandateState.RESIGNED, ended_on=date(2023, 3, 1))
    GroupMembership.scoped(as_clerk).filter(mandate=leaving).update(post=GroupPost.LEADER)
    for ends_on in (None, date(2024, 1, 1)):
        FixedContact.scoped(as_clerk).create(
            scope_code=leaving.scope_code, mandate=leaving, name="选民", starts_on=date(2022, 1, 1),
            ends_on=ends_on,
        )  # fmt: skip
    new = prepare_term(
        actor=as_clerk, congress_id=term.congress_id, number=16, elected_on=ELECTED, starts_on=date(2026, 10, 20),
        seats=3,
    )  # fmt: skip
    carry_over(actor=as_clerk, from_term_id=term.pk, to_term_id=new.pk)
    ids = [staying.pk, leaving.pk]
    re_elect(actor=as_clerk, term_id=new.pk, mandate_ids=ids, elected_on=ELECTED, now=NOW)
    return new


def every_row() -> dict[str, list[dict[str, Any]]]:
    """All tables of the product, row by row; apart from those in ``_OWN``."""
    found = {}
    for model in apps.get_models():
        table = model._meta.db_table
        if model._meta.app_label in APP_LABELS and table not in _OWN:
            manager: models.Manager[Any] = getattr(model, "_plain", model._default_manager)
            found[table] = list(manager.order_by("pk").values())
    return found


def proposed(actor: Actor, term: Term) -> Rollover:
    return propose_rollover(actor=actor, term_id=term.pk, first_session=FIRST, now=NOW)


def done(clerk: Actor, chair: Actor, term: Term) -> Rollover:
    row = proposed(clerk, term)
    with acting(chair):
        return confirm_rollover(actor=chair, rollover_id=row.pk, now=NOW)


def test_rehearsal_says_what_moves_and_writes_nothing(as_clerk: Actor, term: Term, coming: Term) -> None:
    before = every_row()
    entries = AuditEntry.scoped(as_clerk).count()
    moved = rehearse_rollover(actor=as_clerk, term_id=coming.pk, first_session=FIRST, now=NOW)
    assert moved[:9] == [
        Moved("第15届在任代表", 3, 0),
        Moved("第15届任期届满的代表", 0, 3),
        Moved("第16届履行职务的代表", 0, 2),
        Moved("第15届代表小组", 1, 1),
        Moved("第15届小组中的代表", 2, 0),
        Moved("第15届小组职务", 1, 0),
        Moved("第15届固定联系选民", 1, 0),
        Moved("代表和组长可用的任职", 0, 0),
        Moved("第16届会议", 0, 1),
    ]
    assert every_row() == before
    assert AuditEntry.scoped(as_clerk).count() == entries


def test_rehearsal_costs_the_same_for_many_deputies(as_clerk: Actor, term: Term, coming: Term) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            rehearse_rollover(actor=as_clerk, term_id=coming.pk, first_session=FIRST, now=NOW)
        return len(seen)

    few = cost()
    for name in "甲乙丙丁戊己":
        make_mandate(term, f"某{name}", group=term.groups.get())
    assert cost() == few


def test_confirming_is_another_persons(as_clerk: Actor, chair: Actor, term: Term, coming: Term) -> None:
    row = proposed(as_clerk, coming)
    with pytest.raises(Forbidden, match="由您本人提请，须由另一人确认"):
        confirm_rollover(actor=as_clerk, rollover_id=row.pk, now=NOW)
    with acting(chair):
        row = confirm_rollover(actor=chair, rollover_id=row.pk, now=NOW)
    assert (row.state, row.confirmed_by_id) == (RolloverState.DONE, chair.account_id)
    old, new = (Term.scoped(as_clerk).get(pk=pk) for pk in (term.pk, coming.pk))
    assert (old.state, old.ends_on) == (TermState.CLOSED, FIRST[0])
    assert (new.state, new.starts_on) == (TermState.CURRENT, FIRST[0])
    seats = Mandate.scoped(as_clerk).filter(term=term).order_by("pk").values_list("state", "ended_on")
    assert list(seats) == [(MandateState.ENDED, FIRST[0])] * 3 + [(MandateState.RESIGNED, date(2023, 3, 1))]
    changes = MandateChange.scoped(as_clerk).filter(event=MandateEvent.END).order_by("mandate")
    assert [(change.from_state, change.effective_on) for change in changes] == [
        (MandateState.ACTIVE, FIRST[0]), (MandateState.ACTIVE, FIRST[0]), (MandateState.SUSPENDED, FIRST[0]),
    ]  # fmt: skip
    assert not GroupMembership.scoped(as_clerk).filter(group__term=term, ends_on__isnull=True).exists()
    assert Session.scoped(as_clerk).get(term=coming).number == 1
    names = AuditEntry.scoped(as_clerk).filter(table_name="deputies_rollover").order_by("seq")
    assert list(names.values_list("operation", flat=True)) == ["propose_rollover", "confirm_rollover"]


def test_taking_back_puts_every_table_back(as_clerk: Actor, chair: Actor, coming: Term) -> None:
    before = every_row()
    row = done(as_clerk, chair, coming)
    assert every_row() != before
    with pytest.raises(InvalidInput):
        propose_undo(actor=as_clerk, rollover_id=row.pk, reason=" ", now=NOW)
    propose_undo(actor=as_clerk, rollover_id=row.pk, reason="首次会议日期登记有误", now=NOW)
    with pytest.raises(Forbidden, match="由您本人提请，须由另一人确认"):
        confirm_undo(actor=as_clerk, rollover_id=row.pk, now=NOW)
    with acting(chair):
        undone = confirm_undo(actor=chair, rollover_id=row.pk, now=NOW)
    assert (undone.state, undone.undo_reason) == (RolloverState.UNDONE, "首次会议日期登记有误")
    assert every_row() == before
    again = done(as_clerk, chair, coming)
    assert again.state == RolloverState.DONE


def test_undo_ends_after_seven_days(as_clerk: Actor, chair: Actor, coming: Term) -> None:
    row = done(as_clerk, chair, coming)
    facts = {"actor": as_clerk, "rollover_id": row.pk, "reason": "有误"}
    with pytest.raises(Refused, match="满7日，不能再撤销"):
        propose_undo(now=NOW + timedelta(days=8), **facts)
    assert propose_undo(now=NOW + timedelta(days=7), **facts).state == RolloverState.UNDO_PROPOSED
    with acting(chair), pytest.raises(Refused, match="满7日"):
        confirm_undo(actor=chair, rollover_id=row.pk, now=NOW + timedelta(days=8))


def test_undo_is_refused_by_name_when_the_new_term_has_facts(
    as_clerk: Actor, chair: Actor, coming: Term
) -> None:
    row = done(as_clerk, chair, coming)
    later = NOW + timedelta(days=1)
    hold_session(
        actor=as_clerk, term_id=coming.pk, starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 1), now=later
    )
    new = Mandate.scoped(as_clerk).filter(term=coming).first()
    change_mandate(
        actor=as_clerk, mandate_id=new.pk, event="resign", effective_on=date(2026, 10, 29), basis="决定",
        now=later,
    )  # fmt: skip
    told = [(check.what, check.count) for check in undo_obstacles(as_clerk, row)]
    assert told == [("首次会议以后登记的会议", 1), ("新一届代表的资格变动", 1)]
    with pytest.raises(Refused, match="首次会议以后登记的会议1次、新一届代表的资格变动1项"):
        propose_undo(actor=as_clerk, rollover_id=row.pk, reason="有误", now=later)


def test_proposals_are_withdrawn_and_made_once(as_clerk: Actor, chair: Actor, coming: Term) -> None:
    row = proposed(as_clerk, coming)
    with pytest.raises(Refused, match="已经提请"):
        proposed(as_clerk, coming)
    assert withdraw_rollover(actor=as_clerk, rollover_id=row.pk).state == RolloverState.WITHDRAWN
    with acting(chair), pytest.raises(IllegalTransition):
        confirm_rollover(actor=chair, rollover_id=row.pk, now=NOW)
    row = done(as_clerk, chair, coming)
    propose_undo(actor=as_clerk, rollover_id=row.pk, reason="有误", now=NOW)
    row = withdraw_undo(actor=as_clerk, rollover_id=row.pk)
    assert (row.state, row.undo_reason, row.undo_proposed_by_id) == (RolloverState.DONE, "", None)


def test_fewer_than_half_elected_forbids_and_a_missing_leader_only_warns(
    as_clerk: Actor, term: Term, coming: Term
) -> None:
    def lines() -> list[tuple[str, int, bool]]:
        checks: list[Check] = rollover_checks(as_clerk, term, coming, date(2026, 10, 28))
        return [(check.what, check.count, check.forbids) for check in checks[:7]]

    assert lines() == [
        ("选区", 0, True),
        ("没有代表当选的选区", 0, False),
        ("当选代表不足半数", 0, True),
        ("名额未满", 1, False),
        ("代表小组", 0, False),
        ("没有编入小组的代表", 0, False),
        ("没有组长的小组", 1, False),
    ]
    Term.scoped(as_clerk).filter(pk=coming.pk).update(seats=4)
    coming.refresh_from_db()
    assert lines()[2] == ("当选代表不足半数", 1, True)
    with pytest.raises(Refused, match="还不能换届：当选代表不足半数（名额4名，已登记当选2名，至少3名"):
        proposed(as_clerk, coming)


@pytest.mark.parametrize(("seats", "least"), [(1, 1), (3, 2), (4, 3), (47, 24)])
def test_a_congress_begins_with_more_than_half_of_its_seats(seats: int, least: int) -> None:
    assert seats_wanted(seats) == least


def test_the_days_are_those_of_a_session_that_has_met(as_clerk: Actor, coming: Term) -> None:
    ahead = (date(2026, 10, 30), date(2026, 10, 31))
    with pytest.raises(Refused, match="尚未到"):
        propose_rollover(actor=as_clerk, term_id=coming.pk, first_session=ahead, now=NOW)


def test_first_term_begins_by_one_person_and_a_next_one_does_not(as_clerk: Actor, coming: Term) -> None:
    with pytest.raises(Refused, match="须由一人提请、另一人确认"):
        begin_first_term(actor=as_clerk, term_id=coming.pk, first_session=FIRST, now=NOW)


def test_only_the_keepers_of_the_roster_roll_over(county: Actor, as_clerk: Actor, coming: Term) -> None:
    row = proposed(as_clerk, coming)
    with acting(county):
        with pytest.raises(Forbidden, match="本级人大"):
            confirm_rollover(actor=county, rollover_id=row.pk, now=NOW)
        with pytest.raises(Forbidden, match="本级人大"):
            withdraw_rollover(actor=county, rollover_id=row.pk)
