"""Congresses, terms and sessions; 换届 from the election to the first session."""

from datetime import UTC, date, datetime

import pytest

from deputies.enums import ElectionWay, MandateEvent, MandateState, SessionKind, TermState
from deputies.models import (
    Congress,
    Constituency,
    DeputyGroup,
    GroupMembership,
    Mandate,
    MandateChange,
    Session,
    Term,
)
from deputies.services import (
    carry_over,
    change_mandate,
    close_term,
    create_congress,
    create_constituency,
    create_electing_unit,
    create_group,
    hold_session,
    open_term,
    place_in_group,
    prepare_term,
    re_elect,
    register_mandate,
    register_person,
    succeed_term,
    update_mandate,
)
from liaison.tenancy.scope import Actor, acting
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from liaison.words.transitions import IllegalTransition
from tests.factories import NOW, make_group, make_mandate, make_term

ELECTED, FIRST = date(2026, 9, 20), (date(2026, 10, 26), date(2026, 10, 27))
AFTER = datetime(2026, 10, 28, 2, 0, tzinfo=UTC)


def prepare(actor: Actor, term: Term, **given) -> Term:
    values = {"number": 16, "elected_on": ELECTED, "starts_on": FIRST[0], "seats": 47} | given
    return prepare_term(actor=actor, congress_id=term.congress_id, **values)


def test_congress_of_the_township_is_made_once(as_clerk: Actor, world) -> None:
    place = world["庄子乡"]
    congress = create_congress(actor=as_clerk, jurisdiction_id=place.pk)
    again = create_congress(actor=as_clerk, jurisdiction_id=place.pk)
    assert (congress, congress.name, congress.level) == (again, "榆次区庄子乡人民代表大会", "township")
    assert (congress.scope_code, congress.scope_end) == (place.scope_code, place.scope_end)


def test_street_has_no_congress(world, make_actor) -> None:
    actor = make_actor("新华街道", Role.PRESIDIUM_CLERK)
    with acting(actor), pytest.raises(Refused, match="不设人民代表大会"):
        create_congress(actor=actor, jurisdiction_id=world["新华街道"].pk)


def test_congress_elsewhere_is_out_of_scope(as_clerk: Actor, world) -> None:
    with pytest.raises(OutOfScope):
        create_congress(actor=as_clerk, jurisdiction_id=world["长凝镇"].pk)
    with pytest.raises(OutOfScope):
        create_congress(actor=as_clerk, jurisdiction_id=world["榆次区"].pk)


def test_a_street_keeps_a_roster_and_convenes_nothing(world, make_actor) -> None:
    term = make_term(world["榆次区"], number=17)
    actor = make_actor("新华街道", Role.PRESIDIUM_CLERK)
    with acting(actor):
        with pytest.raises(Forbidden, match="由榆次区人大登记"):
            prepare(actor, term, number=18)
        with pytest.raises(Forbidden, match="由榆次区人大登记"):
            hold_session(actor=actor, term_id=term.pk, starts_on=FIRST[0], ends_on=FIRST[1], now=NOW)


def test_first_term_is_prepared_and_opened(as_clerk: Actor, world) -> None:
    congress = create_congress(actor=as_clerk, jurisdiction_id=world["庄子乡"].pk)
    facts = {"number": 15, "elected_on": date(2021, 4, 18), "starts_on": date(2021, 5, 8), "seats": 47}
    term = prepare_term(actor=as_clerk, congress_id=congress.pk, **facts)
    assert term.state == TermState.PREPARING
    assert prepare_term(actor=as_clerk, congress_id=congress.pk, **facts) == term
    assert open_term(actor=as_clerk, term_id=term.pk, now=NOW).state == TermState.CURRENT
    with pytest.raises(IllegalTransition):
        open_term(actor=as_clerk, term_id=term.pk, now=NOW)


@pytest.mark.parametrize(
    ("given", "field"),
    [({"number": 0}, "number"), ({"seats": 0}, "seats"), ({"starts_on": date(2026, 1, 1)}, "starts_on")],
)
def test_impossible_terms_are_refused(as_clerk: Actor, term: Term, given: dict, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        prepare(as_clerk, term, **given)
    assert list(caught.value.fields) == [field]


def test_only_one_term_is_prepared_at_a_time(as_clerk: Actor, term: Term) -> None:
    prepare(as_clerk, term)
    with pytest.raises(Refused, match="正在筹备"):
        prepare(as_clerk, term, number=17)
    with pytest.raises(Refused, match="已经建立"):
        prepare(as_clerk, term, number=15)


def test_next_term_waits_for_its_first_session(as_clerk: Actor, term: Term) -> None:
    coming = prepare(as_clerk, term)
    with pytest.raises(Refused, match="尚未届满"):
        open_term(actor=as_clerk, term_id=coming.pk, now=AFTER)
    before = datetime(2026, 10, 25, 2, 0, tzinfo=UTC)
    with pytest.raises(Refused, match="尚未到"):
        close_term(actor=as_clerk, term_id=term.pk, ends_on=FIRST[0], now=before)


def test_rollover_from_election_to_first_session(as_clerk: Actor, term: Term) -> None:
    group = make_group(term)
    staying, leaving = make_mandate(term, "王建国", group=group), make_mandate(term, "李玉兰", group=group)
    suspended = make_mandate(term, "赵铁柱", state=MandateState.SUSPENDED)
    coming = prepare(as_clerk, term)
    carried = carry_over(actor=as_clerk, from_term_id=term.pk, to_term_id=coming.pk)
    assert carried == carry_over(actor=as_clerk, from_term_id=term.pk, to_term_id=coming.pk)
    assert carried.groups[group.pk].name == group.name
    assert Constituency.scoped(as_clerk).filter(term=coming).count() == 1

    (new,) = re_elect(
        actor=as_clerk, term_id=coming.pk, mandate_ids=[staying.pk], elected_on=ELECTED, now=AFTER
    )
    assert new.person_id == staying.person_id
    assert new.pk != staying.pk
    assert new.memberships.get().group == carried.groups[group.pk]
    assert Mandate.scoped(as_clerk).get(pk=staying.pk).state == MandateState.ACTIVE

    opened = succeed_term(actor=as_clerk, term_id=coming.pk, first_session=FIRST, now=AFTER)
    assert (opened.state, opened.starts_on) == (TermState.CURRENT, FIRST[0])
    assert Session.scoped(as_clerk).get(term=coming).number == 1
    old = Term.scoped(as_clerk).get(pk=term.pk)
    assert (old.state, old.ends_on) == (TermState.CLOSED, FIRST[0])
    for former in (staying, leaving, suspended):
        row = Mandate.scoped(as_clerk).get(pk=former.pk)
        assert (row.state, row.ended_on) == (MandateState.ENDED, FIRST[0])
        assert MandateChange.scoped(as_clerk).get(mandate=row).event == MandateEvent.END
    assert not GroupMembership.scoped(as_clerk).filter(group=group, ends_on__isnull=True).exists()
    assert Mandate.scoped(as_clerk).get(pk=new.pk).state == MandateState.ACTIVE


def test_re_electing_twice_is_one_mandate(as_clerk: Actor, term: Term, mandate: Mandate) -> None:
    coming = prepare(as_clerk, term)
    carry_over(actor=as_clerk, from_term_id=term.pk, to_term_id=coming.pk)
    facts = {"term_id": coming.pk, "mandate_ids": [mandate.pk], "elected_on": ELECTED, "now": AFTER}
    assert re_elect(actor=as_clerk, **facts) == re_elect(actor=as_clerk, **facts)
    assert Mandate.scoped(as_clerk).filter(term=coming).count() == 1


def test_re_electing_needs_the_constituency(as_clerk: Actor, term: Term, mandate: Mandate) -> None:
    coming = prepare(as_clerk, term)
    with pytest.raises(Refused, match="还没有"):
        re_elect(actor=as_clerk, term_id=coming.pk, mandate_ids=[mandate.pk], elected_on=ELECTED, now=AFTER)


def test_closed_term_is_read_only(as_clerk: Actor, term: Term, mandate: Mandate) -> None:
    group = make_group(term)
    close_term(actor=as_clerk, term_id=term.pk, ends_on=date(2026, 10, 26), now=AFTER)
    day = date(2026, 10, 27)
    person = register_person(
        actor=as_clerk, now=AFTER, name="甲", sex="male", born_on=date(1980, 1, 1),
        political_status="masses", education="other",
    )  # fmt: skip
    writes = [
        lambda: update_mandate(actor=as_clerk, mandate_id=mandate.pk, now=AFTER, remark="x"),
        lambda: change_mandate(
            actor=as_clerk, mandate_id=mandate.pk, event="resign", effective_on=day, basis="x", now=AFTER
        ),
        lambda: place_in_group(
            actor=as_clerk, mandate_id=mandate.pk, group_id=group.pk, starts_on=day, now=AFTER
        ),
        lambda: create_group(actor=as_clerk, term_id=term.pk, name="第九代表小组"),
        lambda: create_constituency(actor=as_clerk, term_id=term.pk, name="新选区"),
        lambda: hold_session(actor=as_clerk, term_id=term.pk, starts_on=day, ends_on=day, now=AFTER),
        lambda: register_mandate(
            actor=as_clerk, person_id=person.pk, term_id=term.pk, election_way=ElectionWay.GENERAL,
            elected_on=day, constituency_id=mandate.constituency_id, now=AFTER,
        ),
        lambda: close_term(actor=as_clerk, term_id=term.pk, ends_on=day, now=AFTER),
    ]  # fmt: skip
    for write in writes:
        with pytest.raises(Refused):
            write()


def test_only_the_office_rolls_over(county: Actor, term: Term, make_actor) -> None:
    for actor in (county, make_actor("庄子乡", Role.STATION_CLERK)):
        with acting(actor), pytest.raises(Forbidden):
            close_term(actor=actor, term_id=term.pk, ends_on=FIRST[0], now=AFTER)


def test_another_township_cannot_close_this_term(other_clerk: Actor, term: Term) -> None:
    with acting(other_clerk), pytest.raises(OutOfScope):
        close_term(actor=other_clerk, term_id=term.pk, ends_on=FIRST[0], now=AFTER)


def test_groups_of_another_congress_are_not_carried_over(as_clerk: Actor, world, term: Term) -> None:
    with pytest.raises(InvalidInput):
        carry_over(actor=as_clerk, from_term_id=term.pk, to_term_id=term.pk)


def test_sessions_are_numbered_and_entered_once(as_clerk: Actor, term: Term) -> None:
    first = hold_session(
        actor=as_clerk, term_id=term.pk, starts_on=date(2021, 5, 8), ends_on=date(2021, 5, 9), now=NOW
    )
    again = hold_session(
        actor=as_clerk, term_id=term.pk, starts_on=date(2021, 5, 8), ends_on=date(2021, 5, 9), now=NOW
    )
    second = hold_session(
        actor=as_clerk, term_id=term.pk, starts_on=date(2022, 1, 8), ends_on=date(2022, 1, 8),
        kind=SessionKind.EXTRAORDINARY, now=NOW,
    )  # fmt: skip
    assert (first, second.number) == (again, 2)
    assert str(second) == "榆次区庄子乡人民代表大会第15届第2次会议"
    with pytest.raises(Refused, match="已经登记"):
        hold_session(
            actor=as_clerk, term_id=term.pk, number=2, starts_on=date(2023, 1, 8), ends_on=date(2023, 1, 8),
            now=NOW,
        )  # fmt: skip


@pytest.mark.parametrize("days", [(date(2021, 5, 7), date(2021, 5, 7)), (date(2022, 5, 8), date(2022, 5, 7))])
def test_sessions_outside_the_term_are_refused(as_clerk: Actor, term: Term, days: tuple[date, date]) -> None:
    with pytest.raises(InvalidInput):
        hold_session(actor=as_clerk, term_id=term.pk, starts_on=days[0], ends_on=days[1], now=NOW)


def test_constituencies_belong_to_direct_elections(as_clerk: Actor, term: Term) -> None:
    made = create_constituency(actor=as_clerk, term_id=term.pk, name="第3选区（南庄村）")
    assert made == create_constituency(actor=as_clerk, term_id=term.pk, name="第3选区（南庄村）")
    with pytest.raises(Refused, match="直接选举"):
        create_electing_unit(actor=as_clerk, term_id=term.pk, name="榆次区")
    with pytest.raises(InvalidInput):
        create_constituency(actor=as_clerk, term_id=term.pk, name=" ")


def test_indirect_congress_has_electing_units(world, make_actor) -> None:
    actor = make_actor("晋中市", Role.COUNTY_COMMITTEE)
    with acting(actor):
        congress = create_congress(actor=actor, jurisdiction_id=world["晋中市"].pk)
        term = prepare_term(
            actor=actor, congress_id=congress.pk, number=5, elected_on=date(2021, 6, 1),
            starts_on=date(2021, 7, 1), seats=375,
        )  # fmt: skip
        unit = create_electing_unit(actor=actor, term_id=term.pk, name="榆次区人民代表大会")
        person = register_person(
            actor=actor, now=NOW, name="甲", sex="male", born_on=date(1980, 1, 1), political_status="masses",
            education="other",
        )  # fmt: skip
        mandate = register_mandate(
            actor=actor, person_id=person.pk, term_id=term.pk, electing_unit_id=unit.pk,
            election_way=ElectionWay.GENERAL, elected_on=date(2021, 6, 1), now=NOW,
        )  # fmt: skip
        assert (mandate.electing_unit, mandate.constituency) == (unit, None)
        with pytest.raises(Refused, match="选举单位"):
            create_constituency(actor=actor, term_id=term.pk, name="x")


def test_street_registers_the_countys_deputies_in_its_own_interval(world, make_actor, county: Actor) -> None:
    term = make_term(world["榆次区"], number=17)
    actor = make_actor("新华街道", Role.PRESIDIUM_CLERK)
    with acting(actor):
        place = create_constituency(actor=actor, term_id=term.pk, name="第5选区")
        group = create_group(actor=actor, term_id=term.pk, name="新华街道代表小组")
        person = register_person(
            actor=actor, now=NOW, name="甲", sex="male", born_on=date(1980, 1, 1), political_status="masses",
            education="other",
        )  # fmt: skip
        mandate = register_mandate(
            actor=actor, person_id=person.pk, term_id=term.pk, constituency_id=place.pk,
            election_way=ElectionWay.GENERAL, elected_on=date(2021, 4, 18), now=NOW,
        )  # fmt: skip
    street = world["新华街道"].scope_code
    assert {place.scope_code, group.scope_code, person.scope_code, mandate.scope_code} == {street}
    with acting(county):
        assert Mandate.scoped(county).get(pk=mandate.pk)
        assert Congress.scoped(county).count() == 1
        close_term(actor=county, term_id=term.pk, ends_on=date(2026, 1, 10), now=NOW)
        assert Mandate.scoped(county).get(pk=mandate.pk).state == MandateState.ENDED
    assert DeputyGroup._plain.count() == 0
