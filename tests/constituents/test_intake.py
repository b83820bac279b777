"""Registering: cleaned, numbered, once, under the own name; poisoned text stays text."""

from datetime import date
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from constituents.models import Opinion
from constituents.services.intake import register_opinion
from liaison.tenancy.encryption import lookup_digest
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.errors import Forbidden, InvalidInput
from tests.constituents.makers import PHONE, again, as_, intake, register
from tests.factories import make_mandate

if TYPE_CHECKING:
    from deputies.models import Mandate, Term


def test_numbers_codes_and_the_first_deadline(clerk: Actor) -> None:
    first, second = register(clerk), register(clerk)
    assert [first.number, second.number] == ["2026-0001", "2026-0002"]
    assert first.query_code != second.query_code
    assert len(first.query_code) == 22
    # Two working days after Monday 9 March.
    assert str(first.due_on) == "2026-03-11"


def test_the_phone_is_normalised_encrypted_and_found_by_digest(clerk: Actor) -> None:
    row = register(clerk, resident_phone="１３９ 1234 5678")
    assert (row.resident_phone, row.resident_phone_digest) == (PHONE, lookup_digest(PHONE))
    with acting(system_actor()), connection.cursor() as cursor:
        cursor.execute("SELECT resident_phone FROM constituents_opinion WHERE id = %s", [row.pk])
        stored = cursor.fetchone()[0]
    assert PHONE not in stored
    assert again(row).resident_phone == PHONE


def test_what_cannot_be_seen_is_dropped(clerk: Actor) -> None:
    row = register(clerk, content="水\x0b停\u202e了", resident_name="张\u200b三\n")
    assert (row.content, row.resident_name) == ("水停了", "张三")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"content": " \u200b "}, "content"),
        ({"content": "水" * 2001}, "content"),
        ({"resident_phone": "12345"}, "resident_phone"),
        ({"people_count": 6}, "people_count"),
        ({"people_count": 0}, "people_count"),
        ({"received_on": date(2026, 3, 10)}, "received_on"),
        ({"wish": "愿" * 401}, "wish"),
    ],
)
def test_what_is_refused(clerk: Actor, changes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as wrong:
        register(clerk, **changes)
    assert list(wrong.value.fields) == [field]


def test_nameless_is_anonymous(clerk: Actor) -> None:
    assert register(clerk, resident_name="", resident_phone="").is_anonymous


def test_the_same_key_is_the_same_row(clerk: Actor, deputy_actor: Actor, mandate: "Mandate") -> None:
    first = as_(clerk, register_opinion, intake=intake(), idempotency_key="k")
    assert as_(clerk, register_opinion, intake=intake(content="别的"), idempotency_key="k") == first
    with acting(system_actor()):
        assert Opinion._plain.count() == 1


def test_a_deputy_registers_under_the_own_name_only(
    deputy_actor: Actor, mandate: "Mandate", term: "Term"
) -> None:
    assert register(deputy_actor, deputy_id=mandate.pk).deputy_id == mandate.pk
    for other in (make_mandate(term, "李秀英").pk, None):
        with pytest.raises(Forbidden):
            register(deputy_actor, deputy_id=other)


def test_a_units_account_registers_nothing(handler: Actor) -> None:
    with pytest.raises(Forbidden):
        register(handler)
