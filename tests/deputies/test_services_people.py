"""People: keys of sorting and searching, odd names, numbers revealed only with a reason."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deputies.models import Mandate, Person
from deputies.services import register_person, reveal_phone, update_own_contact, update_person
from deputies.services.people import REVEALS_PER_DAY, TooManyReveals, name_values, phone_values, search_text
from liaison.models import AuditEntry
from liaison.tenancy.encryption import lookup_digest
from liaison.tenancy.scope import Actor, acting
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope
from liaison.words.names import pinyin_key
from tests.factories import NOW, make_account, make_deputy_actor, make_group, make_mandate

FACTS = {
    "name": "王建国", "sex": "male", "born_on": date(1970, 3, 9), "political_status": "cpc_member",
    "education": "high_school", "phone": "13812345678",
}  # fmt: skip


def test_registering_computes_the_keys(as_clerk: Actor) -> None:
    person = register_person(actor=as_clerk, now=NOW, **FACTS)
    assert person.scope_code == as_clerk.lo
    assert person.born_on == date(1970, 3, 1)
    assert person.ethnicity == "汉族"
    assert person.name_search == "wangjianguo wjg"
    assert person.phone_digest == lookup_digest("13812345678")
    stored = Person.scoped(as_clerk).filter(pk=person.pk).extra(select={"raw": "phone"}).get()
    assert "13812345678" not in stored.raw


def test_the_same_name_and_number_is_the_same_person(as_clerk: Actor) -> None:
    first = register_person(actor=as_clerk, now=NOW, **FACTS)
    assert register_person(actor=as_clerk, now=NOW, **FACTS) == first
    assert register_person(actor=as_clerk, now=NOW, **{**FACTS, "phone": "13812345679"}) != first


def test_two_people_of_one_name_without_numbers_stay_two(as_clerk: Actor) -> None:
    facts = {**FACTS, "phone": ""}
    assert register_person(actor=as_clerk, now=NOW, **facts) != register_person(
        actor=as_clerk, now=NOW, **facts
    )


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("王  建 国", "王建国"),
        (" 王建国\u200b", "王建国"),
        ("阿布都•热西提", "阿布都·热西提"),
        ("古丽・阿依", "古丽·阿依"),
        ("欧阳修", "欧阳修"),
        ("𠮷野", "𠮷野"),
    ],
)
def test_names_are_stored_in_one_way(typed: str, stored: str) -> None:
    assert name_values(typed)["name"] == stored


NO_NAMES = ["", "  ", "=HYPERLINK(1)", "王建国13812345678", "王·", "·王", "刘" * 31, "Smith"]


@pytest.mark.parametrize("typed", NO_NAMES)
def test_what_is_no_name_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        name_values(typed)


@given(st.text(max_size=50))
def test_a_name_is_either_refused_or_stable(typed: str) -> None:
    try:
        values = name_values(typed)
    except InvalidInput:
        return
    assert name_values(values["name"]) == values
    assert not set(values["name"]) & set("=+-@<>\n\t")


def test_search_text_has_full_pinyin_and_initials() -> None:
    assert search_text(pinyin_key("单玉秀")) == "shanyuxiu syx"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("１３８１２３４５６７８", "13812345678"),
        ("138 1234 5678", "13812345678"),
        ("0354-1234567", "03541234567"),
        ("", ""),
    ],
)
def test_numbers_are_stored_in_half_width(typed: str, stored: str) -> None:
    assert phone_values(typed) == {"phone": stored, "phone_digest": lookup_digest(stored)}


NO_NUMBERS = ["1380013800", "138123456789", "电话", "13812345678、13912345678", "12812345678", "138****5678"]


@pytest.mark.parametrize("typed", NO_NUMBERS)
def test_wrong_numbers_are_refused(typed: str) -> None:
    with pytest.raises(InvalidInput, match="电话"):
        phone_values(typed)


def test_every_wrong_field_is_named(as_clerk: Actor) -> None:
    with pytest.raises(InvalidInput) as caught:
        register_person(actor=as_clerk, now=NOW, name="", sex="x", phone="1", introduction="字" * 201)
    assert set(caught.value.fields) == {
        "name", "sex", "phone", "introduction", "born_on", "political_status", "education",
    }  # fmt: skip


def test_unborn_people_are_refused(as_clerk: Actor) -> None:
    with pytest.raises(InvalidInput, match="不合理"):
        register_person(actor=as_clerk, now=NOW, **{**FACTS, "born_on": date(2027, 1, 1)})


def test_correcting_the_name_recomputes_its_keys(as_clerk: Actor) -> None:
    person = register_person(actor=as_clerk, now=NOW, **FACTS)
    update_person(actor=as_clerk, person_id=person.pk, now=NOW, name="汪建国")
    person.refresh_from_db()
    assert (person.name, person.name_search) == ("汪建国", "wangjianguo wjg")
    assert person.phone == "13812345678"


def test_other_townships_clerk_cannot_touch_a_person(other_clerk: Actor, mandate: Mandate) -> None:
    with acting(other_clerk):
        with pytest.raises(OutOfScope):
            update_person(actor=other_clerk, person_id=mandate.person_id, now=NOW, name="甲")
        with pytest.raises(OutOfScope):
            reveal_phone(actor=other_clerk, person_id=mandate.person_id, reason="通知开会用", now=NOW)


def test_county_does_not_correct_township_people(county: Actor, mandate: Mandate) -> None:
    with acting(county), pytest.raises(Forbidden):
        update_person(actor=county, person_id=mandate.person_id, now=NOW, name="甲")


def test_deputy_keeps_the_own_number_and_address_current(mandate: Mandate, deputy_actor: Actor) -> None:
    with acting(deputy_actor):
        update_own_contact(actor=deputy_actor, now=NOW, phone="13900000009")
        person = Person.scoped(deputy_actor).get(pk=mandate.person_id)
        assert person.phone == "13900000009"
        with pytest.raises(Forbidden):
            update_person(actor=deputy_actor, person_id=person.pk, now=NOW, name="甲")


def notes(actor: Actor) -> int:
    return AuditEntry.scoped(actor).filter(operation="reveal_phone").count()


def test_reveal_needs_a_reason_and_leaves_a_note(as_clerk: Actor, mandate: Mandate) -> None:
    with pytest.raises(InvalidInput):
        reveal_phone(actor=as_clerk, person_id=mandate.person_id, reason="开会", now=NOW)
    assert notes(as_clerk) == 0
    number = reveal_phone(actor=as_clerk, person_id=mandate.person_id, reason="通知参加接待日", now=NOW)
    assert number == mandate.person.phone
    entry = AuditEntry.scoped(as_clerk).get(operation="reveal_phone")
    assert (entry.reason, entry.row_ref) == ("通知参加接待日", mandate.person_id)
    assert number not in entry.detail


def test_reveals_are_capped_by_day(as_clerk: Actor, mandate: Mandate) -> None:
    from django.utils import timezone

    now = timezone.now()
    reveal = {"actor": as_clerk, "person_id": mandate.person_id, "reason": "通知参加接待日"}
    for _ in range(REVEALS_PER_DAY):
        reveal_phone(**reveal, now=now)
    with pytest.raises(TooManyReveals) as caught:
        reveal_phone(**reveal, now=now)
    assert caught.value.status == 429
    assert notes(as_clerk) == REVEALS_PER_DAY
    assert reveal_phone(**reveal, now=now + timedelta(days=1))


@pytest.mark.parametrize("role", [Role.STATION_CLERK, Role.HANDLING_UNIT])
def test_roles_without_records_reveal_nothing(world, mandate: Mandate, role: Role) -> None:
    with acting(make_account(world["庄子乡"], role)) as actor, pytest.raises(Forbidden):
        reveal_phone(actor=actor, person_id=mandate.person_id, reason="通知参加接待日", now=NOW)


def test_colleagues_numbers_stay_closed(mandate: Mandate, colleague: Mandate, deputy_actor: Actor) -> None:
    with acting(deputy_actor), pytest.raises(Forbidden):
        reveal_phone(actor=deputy_actor, person_id=colleague.person_id, reason="通知参加接待日", now=NOW)


def test_leader_may_call_the_group(term) -> None:
    group = make_group(term)
    member = make_mandate(term, "乙", group=group)
    actor = make_account(term.congress.jurisdiction, Role.GROUP_LEADER, group_ref=group.pk)
    with acting(actor):
        assert reveal_phone(actor=actor, person_id=member.person_id, reason="通知小组活动", now=NOW)


def test_account_of_a_deputy_finds_the_person(mandate: Mandate) -> None:
    actor = make_deputy_actor(mandate)
    assert actor.person_id == mandate.person_id
