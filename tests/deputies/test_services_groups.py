"""Groups, places in them and fixed contacts."""

from datetime import date

import pytest

from deputies.enums import GroupPost, MandateState
from deputies.models import FixedContact, GroupMembership, Mandate, Term
from deputies.services import (
    add_fixed_contact,
    create_group,
    end_fixed_contact,
    place_in_group,
    set_post,
)
from liaison.models import AuditEntry
from liaison.tenancy.scope import Actor, acting
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from tests.factories import NOW, make_account, make_group, make_mandate, make_term

DAY = date(2025, 3, 1)


def place(actor: Actor, mandate: Mandate, group, **given) -> GroupMembership:
    values = {"starts_on": DAY, "post": GroupPost.MEMBER} | given
    return place_in_group(actor=actor, mandate_id=mandate.pk, group_id=group.pk, now=NOW, **values)


def test_moving_closes_the_former_place(as_clerk: Actor, term: Term) -> None:
    first, second = make_group(term, 1), make_group(term, 2)
    mandate = make_mandate(term, group=first)
    moved = place(as_clerk, mandate, second)
    places = list(GroupMembership.scoped(as_clerk).filter(mandate=mandate).order_by("starts_on"))
    assert [(p.group, p.ends_on) for p in places] == [(first, DAY), (second, None)]
    assert places[1] == moved


def test_placing_twice_changes_nothing(as_clerk: Actor, mandate: Mandate, group) -> None:
    first = place(as_clerk, mandate, group)
    before = AuditEntry.scoped(as_clerk).count()
    assert place(as_clerk, mandate, group, starts_on=date(2025, 4, 1)) == first
    assert AuditEntry.scoped(as_clerk).count() == before


def test_a_place_of_the_same_day_is_corrected(as_clerk: Actor, mandate: Mandate, group, term: Term) -> None:
    first = place(as_clerk, mandate, group)
    corrected = place(as_clerk, mandate, make_group(term, 2))
    assert corrected.pk == first.pk
    assert GroupMembership.scoped(as_clerk).filter(mandate=mandate).count() == 1


def test_a_group_has_one_leader(as_clerk: Actor, term: Term, group) -> None:
    first, second = make_mandate(term, "甲"), make_mandate(term, "乙")
    place(as_clerk, first, group, post=GroupPost.LEADER)
    with pytest.raises(Refused, match="已有组长甲"):
        place(as_clerk, second, group, post=GroupPost.LEADER)
    set_post(actor=as_clerk, mandate_id=first.pk, post=GroupPost.MEMBER, starts_on=date(2025, 5, 1), now=NOW)
    assert place(as_clerk, second, group, post=GroupPost.LEADER).post == GroupPost.LEADER


def test_posts_keep_their_history(as_clerk: Actor, mandate: Mandate, group) -> None:
    place(as_clerk, mandate, group)
    set_post(
        actor=as_clerk,
        mandate_id=mandate.pk,
        post=GroupPost.DEPUTY_LEADER,
        starts_on=date(2025, 9, 1),
        now=NOW,
    )
    posts = GroupMembership.scoped(as_clerk).filter(mandate=mandate).order_by("starts_on")
    assert [(p.post, p.ends_on) for p in posts] == [("member", date(2025, 9, 1)), ("deputy_leader", None)]


def test_a_post_needs_a_group(as_clerk: Actor, mandate: Mandate) -> None:
    with pytest.raises(Refused, match="还没有编入小组"):
        set_post(actor=as_clerk, mandate_id=mandate.pk, post=GroupPost.LEADER, starts_on=DAY, now=NOW)


@pytest.mark.parametrize("day", [date(2021, 4, 17), date(2026, 1, 21)])
def test_days_outside_the_mandate_are_refused(as_clerk: Actor, mandate: Mandate, group, day: date) -> None:
    with pytest.raises(InvalidInput):
        place(as_clerk, mandate, group, starts_on=day)


def test_places_run_forward(as_clerk: Actor, mandate: Mandate, group, term: Term) -> None:
    place(as_clerk, mandate, group)
    with pytest.raises(InvalidInput, match="不能早于现在"):
        place(as_clerk, mandate, make_group(term, 2), starts_on=date(2025, 2, 1))


def test_vacated_seats_join_no_group(as_clerk: Actor, term: Term, group) -> None:
    gone = make_mandate(term, "甲", state=MandateState.RESIGNED, ended_on=date(2025, 1, 1))
    with pytest.raises(Refused):
        place(as_clerk, gone, group)


def test_groups_of_other_terms_and_townships_are_refused(
    as_clerk: Actor, world, mandate: Mandate, county: Actor
) -> None:
    foreign = make_group(make_term(world["长凝镇"]))
    with pytest.raises(OutOfScope):
        place(as_clerk, mandate, foreign)


def test_group_is_made_once(as_clerk: Actor, term: Term) -> None:
    made = create_group(actor=as_clerk, term_id=term.pk, name="第一代表小组")
    assert made == create_group(actor=as_clerk, term_id=term.pk, name=" 第一代表小组")
    assert create_group(actor=as_clerk, term_id=term.pk, name="第二代表小组").number == made.number + 1


def contact(actor: Actor, mandate: Mandate, **given) -> FixedContact:
    values = {"name": "选民甲", "phone": "13700000001", "starts_on": DAY} | given
    return add_fixed_contact(actor=actor, mandate_id=mandate.pk, now=NOW, **values)


def test_deputy_enters_the_own_contacts(mandate: Mandate, deputy_actor: Actor, colleague: Mandate) -> None:
    with acting(deputy_actor):
        first = contact(deputy_actor, mandate)
        assert contact(deputy_actor, mandate) == first
        with pytest.raises(Forbidden):
            contact(deputy_actor, colleague)
        ended = end_fixed_contact(actor=deputy_actor, contact_id=first.pk, ends_on=date(2025, 6, 1), now=NOW)
        assert ended.ends_on == date(2025, 6, 1)
        assert contact(deputy_actor, mandate).pk != first.pk


def test_contacts_are_stored_encrypted(as_clerk: Actor, mandate: Mandate) -> None:
    made = contact(as_clerk, mandate)
    raw = FixedContact.scoped(as_clerk).extra(select={"n": "name", "p": "phone"}).get(pk=made.pk)
    assert "选民甲" not in raw.n
    assert "13700000001" not in raw.p


def test_contacts_of_other_villages_are_refused(as_clerk: Actor, world, mandate: Mandate) -> None:
    with pytest.raises(InvalidInput):
        contact(as_clerk, mandate, village_id=world["长凝镇"].pk)


def test_station_clerk_enters_no_contacts(world, mandate: Mandate) -> None:
    with acting(make_account(world["庄子乡"], Role.STATION_CLERK)) as actor, pytest.raises(Forbidden):
        contact(actor, mandate)


def test_county_committee_enters_no_voters_even_of_its_own_deputies(world, county: Actor) -> None:
    own = make_mandate(make_term(world["榆次区"], number=17))
    with acting(county), pytest.raises(Forbidden, match="代表本人"):
        contact(county, own)
