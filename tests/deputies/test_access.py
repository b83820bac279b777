"""Who reaches which rows, and how much of them: every role, inside and outside."""

from datetime import date

import pytest

from deputies import access
from deputies.access import Sight
from deputies.enums import GroupPost, MandateState
from deputies.models import GroupMembership, Mandate, Term
from deputies.services import add_fixed_contact
from liaison.tenancy.scope import Actor, acting, public_actor, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, OutOfScope
from tests.factories import NOW, make_deputy_actor, make_group, make_mandate, make_term

STAFF = [Role.PRESIDIUM_CLERK, Role.PRESIDIUM_CHAIR, Role.STATION_CLERK]
SHUT_OUT = [Role.HANDLING_UNIT, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN]


@pytest.mark.parametrize("role", STAFF)
def test_staff_see_every_mandate_of_their_township_and_no_other(
    make_actor, mandate: Mandate, elsewhere: Mandate, role: Role
) -> None:
    with acting(make_actor("庄子乡", role)) as actor:
        assert list(access.visible_mandates(actor)) == [mandate]
        with pytest.raises(OutOfScope):
            access.get_mandate(actor, elsewhere.pk)


@pytest.mark.parametrize("role", SHUT_OUT)
def test_handling_units_and_administrators_see_no_record(make_actor, mandate: Mandate, role: Role) -> None:
    with acting(make_actor("庄子乡", role)) as actor:
        assert not access.visible_mandates(actor).exists()
        assert not access.visible_people(actor).exists()
        with pytest.raises(Forbidden):
            access.get_mandate(actor, mandate.pk)


def test_city_viewer_counts_without_reading(make_actor, mandate: Mandate, elsewhere: Mandate) -> None:
    with acting(make_actor("晋中市", Role.CITY_VIEWER)) as actor:
        assert access.countable_mandates(actor).count() == 2
        assert not access.visible_mandates(actor).exists()


@pytest.mark.parametrize("role", [*SHUT_OUT, Role.DEPUTY])
def test_whoever_makes_no_figures_counts_nobody(make_actor, mandate: Mandate, role: Role) -> None:
    with acting(make_actor("庄子乡", role)) as actor:
        assert access.countable_mandates(actor).count() == 0


def test_county_sees_its_townships(county: Actor, mandate: Mandate, elsewhere: Mandate) -> None:
    with acting(county):
        assert set(access.visible_mandates(county)) == {mandate, elsewhere}


def test_deputy_opens_the_own_record_and_a_colleagues_card_only(
    mandate: Mandate, colleague: Mandate, deputy_actor: Actor
) -> None:
    with acting(deputy_actor):
        assert access.get_mandate(deputy_actor, mandate.pk) == mandate
        assert access.sight_of(deputy_actor, mandate) == Sight.OWN
        assert access.sight_of(deputy_actor, colleague) == Sight.PUBLISHED
        assert access.get_published_mandate(deputy_actor, colleague.pk) == colleague
        with pytest.raises(Forbidden):
            access.get_mandate(deputy_actor, colleague.pk)
        with pytest.raises(Forbidden):
            access.get_person(deputy_actor, colleague.person_id)


def test_group_leader_opens_the_group_and_nobody_else(term: Term) -> None:
    group, other = make_group(term, 1), make_group(term, 2)
    leader, member = make_mandate(term, "甲", group=group), make_mandate(term, "乙", group=group)
    stranger = make_mandate(term, "丙", group=other)
    with acting(system_actor()):
        GroupMembership._plain.filter(mandate=leader).update(post=GroupPost.LEADER)
    actor = make_deputy_actor(leader, Role.GROUP_LEADER)
    with acting(actor):
        assert set(access.visible_mandates(actor)) == {leader, member}
        assert access.sight_of(actor, member) == Sight.RECORD
        assert access.sight_of(actor, stranger) == Sight.PUBLISHED
        assert list(access.led_groups(actor)) == [group]


def test_group_named_in_the_appointment_is_the_group_led(term: Term, make_actor) -> None:
    group = make_group(term, 1)
    member = make_mandate(term, "乙", group=group)
    make_mandate(term, "丙", group=make_group(term, 2))
    actor = make_actor("庄子乡", Role.GROUP_LEADER, group_ref=group.pk)
    with acting(actor):
        assert list(access.visible_mandates(actor)) == [member]


def test_former_members_leave_the_leaders_sight(term: Term, make_actor) -> None:
    group = make_group(term, 1)
    member = make_mandate(term, "乙", group=group)
    with acting(system_actor()):
        GroupMembership._plain.filter(mandate=member).update(ends_on=date(2025, 1, 1))
    actor = make_actor("庄子乡", Role.GROUP_LEADER, group_ref=group.pk)
    with acting(actor):
        assert not access.visible_mandates(actor).exists()


def test_public_reads_seated_deputies_of_the_running_term_only(world, mandate: Mandate, term: Term) -> None:
    left = make_mandate(term, "已辞职", state=MandateState.RESIGNED, ended_on=date(2024, 1, 1))
    place = world["庄子乡"]
    with acting(public_actor(place.scope_code, place.scope_end)) as actor:
        assert list(access.published_mandates(actor)) == [mandate]
        assert not access.visible_mandates(actor).exists()
        with pytest.raises(OutOfScope):
            access.get_published_mandate(actor, left.pk)
        assert access.sight_of(actor, left) == Sight.NOTHING


def test_station_clerk_sees_the_roster_but_no_record(make_actor, mandate: Mandate) -> None:
    with acting(make_actor("庄子乡", Role.STATION_CLERK)) as actor:
        assert access.sight_of(actor, mandate) == Sight.ROSTER


def test_mandate_of_prefers_the_seat_still_held(term: Term, mandate: Mandate) -> None:
    earlier = make_mandate(
        term, "x", person=mandate.person, state=MandateState.RESIGNED, ended_on=date(2022, 1, 1)
    )
    actor = make_deputy_actor(mandate)
    with acting(actor):
        assert access.mandate_of(actor) == mandate
        assert access.mandate_of(actor, term) == mandate
    with acting(system_actor()):
        Mandate._plain.filter(pk=mandate.pk).update(state=MandateState.ENDED, ended_on=date(2026, 1, 1))
    with acting(actor):
        assert access.mandate_of(actor, term) == mandate
        assert earlier.ended_on is not None


def test_mandate_of_staff_is_none(as_clerk: Actor, mandate: Mandate) -> None:
    assert access.mandate_of(as_clerk) is None


def test_street_keeps_the_countys_congress(world, make_actor) -> None:
    county_term = make_term(world["榆次区"], number=17)
    actor = make_actor("新华街道", Role.PRESIDIUM_CLERK)
    with acting(actor):
        assert access.current_term(actor) == county_term
        assert access.may_keep(actor, county_term)


def test_a_township_without_a_congress_has_none_whatever_the_county_has(world, make_actor) -> None:
    county_term = make_term(world["榆次区"], number=17)
    actor = make_actor("长凝镇", Role.PRESIDIUM_CLERK)
    with acting(actor):
        assert access.nearest_congress(actor) is None
        assert access.current_term(actor) is None
        assert not access.may_keep(actor, county_term)


def test_only_the_place_of_a_congress_convenes_it(world, term: Term, as_clerk: Actor, make_actor) -> None:
    congress = make_term(world["榆次区"], number=17).congress
    street = make_actor("新华街道", Role.PRESIDIUM_CLERK)
    committee = make_actor("榆次区", Role.COUNTY_COMMITTEE)
    assert access.may_convene(as_clerk, term.congress)
    for actor, may in ((street, False), (committee, True)):
        with acting(actor):
            assert access.elects_own_congress(actor) is may
            assert access.may_convene(actor, congress) is may
    with acting(committee):
        assert not access.may_convene(committee, term.congress)


def test_township_clerk_does_not_keep_the_countys_roster(world, term: Term, as_clerk: Actor) -> None:
    county_term = make_term(world["榆次区"], number=17)
    assert access.may_keep(as_clerk, term)
    assert not access.may_keep(as_clerk, county_term)


def test_county_committee_keeps_no_township_roster(world, term: Term, county: Actor) -> None:
    county_term = make_term(world["榆次区"], number=17)
    with acting(county):
        assert access.may_keep(county, county_term)
        assert not access.may_keep(county, term)


def test_voters_are_known_to_the_deputy_and_the_own_office_only(
    clerk: Actor, county: Actor, mandate: Mandate, deputy_actor: Actor, colleague: Mandate
) -> None:
    with acting(clerk):
        add_fixed_contact(
            actor=clerk, mandate_id=mandate.pk, name="选民甲", starts_on=date(2025, 3, 1), now=NOW
        )
        assert access.visible_fixed_contacts(clerk).count() == 1
    with acting(deputy_actor):
        assert access.visible_fixed_contacts(deputy_actor).count() == 1
    with acting(make_deputy_actor(colleague)) as other:
        assert access.visible_fixed_contacts(other).count() == 0
    with acting(county):
        assert access.visible_fixed_contacts(county).count() == 0
