"""Seats: what may be recorded, by whom, and what follows from it."""

from datetime import date, timedelta

import pytest

from deputies.enums import (
    ElectionWay,
    GroupPost,
    MandateEvent,
    MandateState,
    SuspensionGround,
    TerminationGround,
)
from deputies.lifecycle import MANDATE
from deputies.models import Constituency, FixedContact, GroupMembership, Mandate, MandateChange, Person, Term
from deputies.services import (
    add_fixed_contact,
    change_mandate,
    create_constituency,
    enrol_deputy,
    place_in_group,
    register_mandate,
    register_person,
    update_mandate,
)
from deputies.services.mandates import ChangeFacts, record_change
from liaison.auditing import trail
from liaison.models import AuditEntry
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from liaison.words.transitions import IllegalTransition
from tests.factories import NOW, make_account, make_group, make_mandate, make_term

TODAY = date(2026, 1, 20)
GROUNDS = {
    MandateEvent.SUSPEND: SuspensionGround.CRIMINAL_PROCEEDINGS.value,
    MandateEvent.TERMINATE: TerminationGround.MOVED_AWAY.value,
}
DECIDED = [event for event in MandateEvent if event != MandateEvent.END]


def change(actor: Actor, mandate: Mandate, event: MandateEvent, **given) -> Mandate:
    facts = {
        "effective_on": date(2025, 6, 1),
        "basis": "主席团公告第3号",
        "ground": GROUNDS.get(event, ""),
    } | given
    return change_mandate(actor=actor, mandate_id=mandate.pk, event=event, now=NOW, **facts)


def put_in_state(mandate: Mandate, state: MandateState) -> Mandate:
    ended = None if state in (MandateState.ACTIVE, MandateState.SUSPENDED) else date(2025, 1, 1)
    with acting(system_actor()):
        Mandate._plain.filter(pk=mandate.pk).update(state=state.value, ended_on=ended)
    mandate.refresh_from_db(from_queryset=Mandate._plain)
    return mandate


@pytest.mark.parametrize("state", list(MandateState))
@pytest.mark.parametrize("event", DECIDED)
def test_the_service_follows_the_table(
    as_clerk: Actor, mandate: Mandate, state: MandateState, event: MandateEvent
) -> None:
    put_in_state(mandate, state)
    if MANDATE.can(state, event):
        changed = change(as_clerk, mandate, event)
        assert changed.state == MANDATE.next_state(state, event)
        entry = MandateChange.scoped(as_clerk).get(mandate=mandate)
        assert (entry.from_state, entry.to_state, entry.event) == (state, changed.state, event)
        assert entry.recorded_by_id == as_clerk.account_id
    else:
        with pytest.raises(IllegalTransition):
            change(as_clerk, mandate, event)
        assert not MandateChange.scoped(as_clerk).exists()


def test_a_vacated_seat_gives_up_group_and_contacts(as_clerk: Actor, term: Term) -> None:
    mandate = make_mandate(term, group=make_group(term))
    add_fixed_contact(
        actor=as_clerk, mandate_id=mandate.pk, name="选民甲", starts_on=date(2025, 1, 5), now=NOW
    )
    change(as_clerk, mandate, MandateEvent.RESIGN)
    place = GroupMembership.scoped(as_clerk).get(mandate=mandate)
    contact = FixedContact.scoped(as_clerk).get(mandate=mandate)
    assert place.ends_on == contact.ends_on == date(2025, 6, 1)


def test_suspension_keeps_seat_and_group(as_clerk: Actor, term: Term) -> None:
    mandate = make_mandate(term, group=make_group(term))
    suspended = change(as_clerk, mandate, MandateEvent.SUSPEND)
    assert suspended.ended_on is None
    assert GroupMembership.scoped(as_clerk).get(mandate=mandate).ends_on is None


@pytest.mark.parametrize(
    ("event", "given", "field"),
    [
        (MandateEvent.RESIGN, {"basis": "  "}, "basis"),
        (MandateEvent.RESIGN, {"basis": "依" * 201}, "basis"),
        (MandateEvent.SUSPEND, {"ground": ""}, "ground"),
        (MandateEvent.SUSPEND, {"ground": TerminationGround.MOVED_AWAY.value}, "ground"),
        (MandateEvent.TERMINATE, {"ground": ""}, "ground"),
        (MandateEvent.RESIGN, {"effective_on": TODAY + timedelta(days=1)}, "effective_on"),
        (MandateEvent.RESIGN, {"effective_on": date(2021, 4, 17)}, "effective_on"),
    ],
)
def test_incomplete_or_impossible_facts_are_refused(
    as_clerk: Actor, mandate: Mandate, event: MandateEvent, given: dict, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        change(as_clerk, mandate, event, **given)
    assert list(caught.value.fields) == [field]


def test_the_ledger_runs_forward(as_clerk: Actor, mandate: Mandate) -> None:
    change(as_clerk, mandate, MandateEvent.SUSPEND, effective_on=date(2025, 6, 1))
    with pytest.raises(InvalidInput, match="上一次变动"):
        change(as_clerk, mandate, MandateEvent.RESTORE, effective_on=date(2025, 5, 31))


def test_the_end_of_a_term_is_not_recorded_one_by_one(as_clerk: Actor, mandate: Mandate) -> None:
    with pytest.raises(Refused, match="届满归档"):
        change(as_clerk, mandate, MandateEvent.END)


def test_implied_ground_is_recorded(as_clerk: Actor, mandate: Mandate) -> None:
    change(as_clerk, mandate, MandateEvent.RESIGN)
    assert MandateChange.scoped(as_clerk).get().ground == TerminationGround.RESIGNATION


def test_change_is_named_in_the_audit_trail(as_clerk: Actor, mandate: Mandate) -> None:
    change(as_clerk, mandate, MandateEvent.RECALL)
    entry = AuditEntry.scoped(as_clerk).get(table_name="deputies_mandate", operation="recall_mandate")
    assert entry.row_ref == mandate.pk


def test_clerk_of_another_township_gets_out_of_scope(
    other_clerk: Actor, mandate: Mandate, group, term: Term
) -> None:
    with acting(other_clerk):
        with pytest.raises(OutOfScope):
            change(other_clerk, mandate, MandateEvent.SUSPEND)
        with pytest.raises(OutOfScope):
            update_mandate(actor=other_clerk, mandate_id=mandate.pk, now=NOW, remark="x")
        with pytest.raises(OutOfScope):
            place_in_group(
                actor=other_clerk, mandate_id=mandate.pk, group_id=group.pk, starts_on=TODAY, now=NOW
            )
        with pytest.raises(OutOfScope):
            register_mandate(
                actor=other_clerk, person_id=mandate.person_id, term_id=term.pk,
                election_way=ElectionWay.GENERAL, elected_on=TODAY, now=NOW,
            )  # fmt: skip


def test_row_level_security_holds_without_the_gate(
    monkeypatch: pytest.MonkeyPatch, other_clerk: Actor, mandate: Mandate
) -> None:
    """The second wall alone: as the web role, a foreign row is neither seen nor changed."""
    monkeypatch.setattr("liaison.tenancy.models._gate_is_open", True)
    with acting(other_clerk):
        assert not Mandate.scoped(other_clerk).filter(pk=mandate.pk).exists()
        assert Mandate._plain.filter(pk=mandate.pk).update(remark="改") == 0
        with pytest.raises(OutOfScope):
            change(other_clerk, mandate, MandateEvent.SUSPEND)


def test_the_gate_holds_without_row_level_security(other_clerk: Actor, mandate: Mandate) -> None:
    """The first wall alone: the database shows everything, the manager does not."""
    with acting(system_actor()):
        assert Mandate._plain.filter(pk=mandate.pk).exists()
        assert not Mandate.scoped(other_clerk).filter(pk=mandate.pk).exists()
        with pytest.raises(OutOfScope):
            change(other_clerk, mandate, MandateEvent.SUSPEND)


@pytest.mark.parametrize("role", [Role.DEPUTY, Role.GROUP_LEADER, Role.STATION_CLERK, Role.HANDLING_UNIT])
def test_other_roles_may_not_change_mandates(world, mandate: Mandate, role: Role) -> None:
    with acting(make_account(world["庄子乡"], role)) as actor, pytest.raises(Forbidden):
        change(actor, mandate, MandateEvent.SUSPEND)


def test_county_committee_may_not_edit_township_facts(county: Actor, mandate: Mandate) -> None:
    with acting(county), pytest.raises(Forbidden):
        change(county, mandate, MandateEvent.SUSPEND)


@pytest.fixture
def newcomer(as_clerk: Actor) -> Person:
    return register_person(
        actor=as_clerk, now=NOW, name="欧阳修文", sex="male", born_on=date(1980, 5, 1),
        political_status="masses", education="bachelor", phone="13900000001",
    )  # fmt: skip


def seat(actor: Actor, person: Person, term: Term, **given) -> Mandate:
    place = Constituency.scoped(actor).filter(term=term).first()
    values = {
        "constituency_id": place.pk if place else None,
        "election_way": ElectionWay.BY_ELECTION,
        "elected_on": date(2024, 10, 18),
    } | given
    return register_mandate(actor=actor, person_id=person.pk, term_id=term.pk, now=NOW, **values)


def test_by_election_fills_a_vacancy(as_clerk: Actor, term: Term, mandate: Mandate, newcomer: Person) -> None:
    seated = seat(as_clerk, newcomer, term)
    assert seated.election_way == ElectionWay.BY_ELECTION
    assert seated.state == MandateState.ACTIVE
    assert seated.list_number == mandate.list_number + 1


def test_by_election_needs_a_vacancy(as_clerk: Actor, term: Term, mandate: Mandate, newcomer: Person) -> None:
    Term._plain.filter(pk=term.pk).update(seats=1)
    with pytest.raises(Refused, match="没有缺额"):
        seat(as_clerk, newcomer, term)
    change(as_clerk, mandate, MandateEvent.RESIGN)
    assert seat(as_clerk, newcomer, term).pk


def test_registering_twice_is_one_row(
    as_clerk: Actor, term: Term, mandate: Mandate, newcomer: Person
) -> None:
    assert seat(as_clerk, newcomer, term).pk == seat(as_clerk, newcomer, term).pk
    with pytest.raises(Refused, match="已是本届代表"):
        seat(as_clerk, newcomer, term, elected_on=date(2024, 10, 19))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"elected_on": date(2027, 1, 1)}, "不能晚于今天"),
        ({"elected_on": date(2020, 1, 1)}, "不能早于本届换届选举日期"),
        ({"constituency_id": 10**9}, "请选择"),
    ],
)
def test_impossible_elections_are_refused(
    mandate: Mandate, newcomer: Person, as_clerk: Actor, given: dict, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        seat(as_clerk, newcomer, mandate.term, **given)


def test_minors_are_refused(as_clerk: Actor, term: Term, mandate: Mandate) -> None:
    child = register_person(
        actor=as_clerk, now=NOW, name="小明", sex="male", born_on=date(2006, 11, 1),
        political_status="masses", education="high_school",
    )  # fmt: skip
    with pytest.raises(InvalidInput, match="不满18周岁"):
        seat(as_clerk, child, term)


def test_the_birth_month_is_given_the_benefit_of_the_doubt(
    as_clerk: Actor, term: Term, mandate: Mandate
) -> None:
    adult = register_person(
        actor=as_clerk, now=NOW, name="小红", sex="female", born_on=date(2006, 10, 1),
        political_status="masses", education="high_school",
    )  # fmt: skip
    assert seat(as_clerk, adult, term).pk


def test_correcting_an_entry_changes_what_is_given_only(as_clerk: Actor, mandate: Mandate) -> None:
    update_mandate(actor=as_clerk, mandate_id=mandate.pk, now=NOW, remark=" 连任 ", list_number=7)
    mandate.refresh_from_db()
    assert (mandate.remark, mandate.list_number, mandate.state) == ("连任", 7, MandateState.ACTIVE)


def test_correcting_nothing_writes_nothing(as_clerk: Actor, mandate: Mandate) -> None:
    before = AuditEntry.scoped(as_clerk).count()
    update_mandate(actor=as_clerk, mandate_id=mandate.pk, now=NOW, remark=mandate.remark)
    assert AuditEntry.scoped(as_clerk).count() == before


def test_state_is_no_value_of_a_form(as_clerk: Actor, mandate: Mandate) -> None:
    with pytest.raises(TypeError):
        update_mandate(actor=as_clerk, mandate_id=mandate.pk, now=NOW, state="recalled")


def test_record_change_refuses_what_the_table_refuses(as_clerk: Actor, mandate: Mandate) -> None:
    facts = ChangeFacts(MandateEvent.RESTORE, date(2025, 1, 1), "x")
    with trail.operation("test"), pytest.raises(IllegalTransition):
        record_change(as_clerk, mandate, facts, now=NOW)


def test_post_survives_until_it_is_changed(as_clerk: Actor, term: Term) -> None:
    mandate = make_mandate(term, group=make_group(term))
    assert GroupMembership.scoped(as_clerk).get(mandate=mandate).post == GroupPost.MEMBER


def test_a_countys_mandate_is_not_hung_on_a_townships_person(world, county: Actor, mandate: Mandate) -> None:
    with acting(county):
        term = make_term(world["榆次区"], number=17)
        place = create_constituency(actor=county, term_id=term.pk, name="第1选区")
        with pytest.raises(Refused, match="另行登记"):
            seat(county, mandate.person, term, constituency_id=place.pk)


def test_the_system_enrols_into_the_terms_own_jurisdiction(term: Term, mandate: Mandate) -> None:
    with acting(system_actor()) as actor:
        seated = enrol_deputy(
            actor=actor, term_id=term.pk, now=NOW,
            person={
                "name": "甲乙", "sex": "male", "born_on": date(1980, 1, 1), "political_status": "masses",
                "education": "other",
            },
            seat={
                "constituency_id": mandate.constituency_id, "election_way": "by_election",
                "elected_on": date(2024, 1, 5),
            },
        )  # fmt: skip
        assert seated.scope_code == seated.person.scope_code == term.scope_code
