"""The lists of the back office answer their filters and nothing else: no column gives its words away by guessing."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.urls import reverse

from liaison.models import Jurisdiction
from liaison.tenancy.encryption import EncryptedTextField
from liaison.tenancy.scope import system_actor
from liaison.web import admin_base
from liaison.web.admin_base import ScopedAdmin, to_chosen
from liaison.words.enums import Role
from liaison.words.errors import Refused
from tests.security.conftest import Clients
from tests.security.nation import Nation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files")]

ADMINS = [one for _, one in sorted(admin.site._registry.items(), key=lambda pair: pair[0]._meta.label)]
LABELS = [one.opts.label_lower for one in ADMINS]
GUESSES = ("startswith", "contains", "regex", "gt", "range", "iexact", "length")
# Never a column of a list, whatever its model calls it.
HIDDEN = {
    "password", "query_code_digest", "query_code_waiting", "resident_phone", "resident_phone_digest", "phone_digest", "content",
}  # fmt: skip


def paths(model: type[models.Model], depth: int = 1) -> Iterator[str]:
    """Every column, and those of the rows it points at."""
    for field in model._meta.get_fields():
        yield field.name
        if depth and field.is_relation and field.related_model and field.related_model is not model:
            yield from (f"{field.name}__{path}" for path in paths(field.related_model, depth - 1))


def name_of(entry: Any) -> str:
    """A filter's column; one of our own by its parameter."""
    if isinstance(entry, type):
        return str(getattr(entry, "parameter_name", ""))
    return str(entry if isinstance(entry, str) else entry[0])


def listed(one: ScopedAdmin) -> set[str]:
    """What a list names as its filters or dates."""
    named = {name_of(entry) for entry in one.list_filter}
    return {"pk", *named, *({one.date_hierarchy} if one.date_hierarchy else set())}


def test_every_list_of_the_back_office_stands_on_the_closed_base() -> None:
    assert [one for one in ADMINS if not isinstance(one, ScopedAdmin)] == []


@pytest.mark.parametrize("one", ADMINS, ids=LABELS)
def test_no_column_is_guessed_at(one: ScopedAdmin, rf: Any) -> None:
    request = rf.get("/")
    asked = [f"{path}__{guess}" for path in paths(one.model) for guess in GUESSES]
    assert [lookup for lookup in asked if one.lookup_allowed(lookup, "a", request)] == []
    plain = {path for path in paths(one.model) if one.lookup_allowed(path, "a", request)}
    assert plain <= listed(one) | {f"{path}__id" for path in listed(one)}


@pytest.mark.parametrize("one", ADMINS, ids=LABELS)
def test_a_column_that_is_no_filter_answers_400(one: ScopedAdmin, nation: Nation, clients: Clients) -> None:
    client = clients[sorted(one.view_roles)[0]]
    url = reverse(f"admin:{one.opts.app_label}_{one.opts.model_name}_changelist")
    named = [field.name for field in one.model._meta.concrete_fields if field.name not in listed(one)]
    assert {name: client.get(url, {name: "1"}).status_code for name in named} == dict.fromkeys(named, 400)
    assert client.get(url, {f"{named[0]}__regex": "(a"}).status_code == 400
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("one", ADMINS, ids=LABELS)
def test_no_list_is_put_in_the_order_of_what_it_hides(one: ScopedAdmin, rf: Any) -> None:
    """An order is a comparison, so it tells as much as a filter."""
    request = rf.get("/")
    request.actor = system_actor()
    columns = {field.name: field for field in one.opts.concrete_fields}
    sealed = {name for name, field in columns.items() if isinstance(field, EncryptedTextField)}
    shown = [str(column) for column in one.get_sortable_by(request)]
    orders = [
        name if name in columns else str(getattr(getattr(one, name, None), "admin_order_field", "") or "")
        for name in shown
    ]
    assert {order.lstrip("-").split("__")[-1] for order in orders} & (sealed | HIDDEN) == set()


class TestChosen:
    def test_an_action_on_rows_that_are_gone_does_nothing(self, nation: Nation, clients: Clients) -> None:
        url = reverse("admin:constituents_opinion_changelist")
        gone = {"action": "export_selected", "_selected_action": "999999999"}
        answer = clients[Role.PRESIDIUM_CLERK].post(url, gone, follow=True)
        assert answer.redirect_chain == [(url, 302)]
        assert "没有执行任何操作" in answer.content.decode()

    def test_more_rows_than_an_address_carries_are_refused(self, nation: Nation, monkeypatch: Any) -> None:
        rows = Jurisdiction.objects.all()
        monkeypatch.setattr(admin_base, "MOST_CHOSEN", rows.count())
        assert to_chosen("constituents_export", rows).url.count("id=") == rows.count()
        monkeypatch.setattr(admin_base, "MOST_CHOSEN", rows.count() - 1)
        with pytest.raises(Refused, match="请分批选择"):
            to_chosen("constituents_export", rows)


def test_signing_out_of_the_back_office_is_the_one_way_out(nation: Nation, clients: Clients) -> None:
    answer = clients[Role.PRESIDIUM_CLERK].post(reverse("admin:logout"))
    assert (answer.status_code, answer.headers["Location"]) == (307, reverse("sign_out"))


def test_a_relation_named_as_the_column_to_choose_by_answers_400(nation: Nation, clients: Clients) -> None:
    address = "/admin/stations/participation/?_to_field=leave_requests"
    assert clients[Role.STATION_CLERK].get(address).status_code == 400
