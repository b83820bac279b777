"""Every correction of the roster over HTTP: stored, named in the trail, and refused to the slower of two."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from deputies.enums import SessionKind
from deputies.models import Constituency, DeputyGroup, Mandate, Person, Session, Term
from liaison.models import AuditEntry
from liaison.tenancy.scope import Actor, acting, system_actor
from tests.browsing import edit, filled
from tests.factories import make_group, make_mandate

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(sign_in: Any, clerk: Actor) -> Client:
    return sign_in(clerk)  # type: ignore[no-any-return]


@pytest.fixture
def rows(term: Term) -> dict[str, Any]:
    """One row of everything the roster's forms correct."""
    mandate = make_mandate(term, group=make_group(term))
    with acting(system_actor()):
        session = Session._plain.create(
            scope_code=term.scope_code, scope_end=term.scope_end, term=term, number=1, kind=list(SessionKind)[-1].value,
            starts_on=term.starts_on, ends_on=term.starts_on,
        )  # fmt: skip
        constituency = mandate.constituency
        Constituency._plain.filter(pk=constituency.pk).update(voters=800)
        group = DeputyGroup._plain.get(term=term)
    return {
        "term": term, "session": session, "constituency": constituency, "deputygroup": group,
        "mandate": mandate, "person": mandate.person,
    }  # fmt: skip


CORRECTIONS = [
    ("term", Term, {"seats": "52"}, "update_term"),
    ("session", Session, {"ends_on": "2026-05-12"}, "update_session"),
    ("constituency", Constituency, {"name": "第9选区（北庄村）"}, "update_constituency"),
    ("deputygroup", DeputyGroup, {"name": "东片小组"}, "update_group"),
    ("mandate", Mandate, {"remark": "连任"}, "update_mandate"),
    ("person", Person, {"occupation": "教师"}, "update_person"),
]


def values(model: Any, pk: int) -> dict[str, Any]:
    with acting(system_actor()):
        return dict(model._plain.filter(pk=pk).values().get())


@pytest.mark.parametrize(("name", "model", "typed", "service"), CORRECTIONS, ids=lambda each: str(each)[:30])
def test_one_value_is_corrected_and_every_other_stays(
    office: Client, rows: dict[str, Any], name: str, model: Any, typed: dict[str, str], service: str
) -> None:
    pk = rows[name].pk
    before = values(model, pk)
    answer = edit(office, reverse(f"admin:deputies_{name}_change", args=[pk]), **typed)
    assert answer.status_code == 302, answer.context and answer.context["form"].errors
    after = values(model, pk)
    assert {key: str(after[key]) for key in after if after[key] != before[key]} == typed
    with acting(system_actor()):
        last = AuditEntry._plain.filter(table_name=model._meta.db_table, row_ref=pk).latest("id")
    assert last.operation == service


@pytest.mark.parametrize(("name", "model", "typed", "service"), CORRECTIONS, ids=lambda each: str(each)[:30])
def test_the_slower_of_two_is_refused_and_nothing_is_written(
    office: Client, rows: dict[str, Any], name: str, model: Any, typed: dict[str, str], service: str
) -> None:
    url, pk = reverse(f"admin:deputies_{name}_change", args=[rows[name].pk]), rows[name].pk
    ((field, wanted),) = typed.items()
    mine = filled(office.get(url), **{field: wanted})
    assert edit(office, url, **{field: _other(wanted)}).status_code == 302
    between = values(model, pk)
    assert office.post(url, mine).status_code == 409
    assert values(model, pk) == between


def _other(value: str) -> str:
    """A value as good as ``value`` and not the same."""
    if value.isdigit():
        return str(int(value) + 1)
    return value.replace("12", "11") if value[:2] == "20" else f"{value[:2]}另{value[2:]}"


def test_the_number_of_a_person_is_compared_and_never_shown(office: Client, rows: dict[str, Any]) -> None:
    person = rows["person"]
    url = reverse("admin:deputies_person_change", args=[person.pk])
    page = office.get(url)
    assert person.phone
    assert person.phone not in page.content.decode()
    mine = filled(page, phone="13900000001")
    assert edit(office, url, phone="13900000002").status_code == 302
    refused = office.post(url, mine)
    assert refused.status_code == 409
    assert "已改为另一个，不显示" in refused.content.decode()
    assert "13900000002" not in refused.content.decode()
    assert values(Person, person.pk)["phone"] == "13900000002"


def test_a_deputy_keeps_the_own_address_current(sign_in: Any, deputy_actor: Actor, mandate: Mandate) -> None:
    phone = sign_in(deputy_actor)
    before = values(Person, mandate.person_id)
    assert edit(phone, reverse("deputies_own_contact"), address="东庄村3号").status_code == 302
    after = values(Person, mandate.person_id)
    assert (after["address"], after["phone"]) == ("东庄村3号", before["phone"])
