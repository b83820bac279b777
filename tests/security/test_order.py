"""Where several deputies are named one after the other, they stand 按姓氏笔画: every page, list, file and paper.

The order is law for rosters and custom for everything else (domain.md section 2), so it is walked like roles:
five deputies of one office, registered in another order, with a part in everything the office keeps.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import models

from deputies.enums import GroupPost
from deputies.services.people import name_values
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from tests.security.asking import Asker, readable
from tests.security.conftest import Clients
from tests.security.nation import Nation
from tests.security.routes import Route, all_routes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files", "printed_as_html", "quick")]

# 丁 2, 王 4, 刘 6, 李 7, 魏 17; by pinyin it would be 丁, 李, 刘, 王, 魏.
BY_STROKES = ("丁一", "王建国", "刘芳", "李二虎", "魏来")
# Beside the nation's own deputy, who leads suggestions and has a turn to exchange.
REGISTERED = ("李二虎", "魏来", "丁一", "王建国", "刘芳")
# Rows by which a deputy has a part in something.
PARTS = (
    "GroupMembership", "StationDeputy", "Participation", "LeaveRequest", "SuggestionSignatory", "ScoreSheet",
    "FeedbackNotice",
)  # fmt: skip
# Pages that name several deputies in another order, and why.
OTHERWISE = {
    "api_suggestion": "co-signers stand as they signed",
    "api_suggestions": "co-signers stand as they signed",
    "constituents_suggestion": "co-signers stand as they signed",
    "stations_waiting_leave": "by the day from which leave is asked",
    "admin:stations_leaverequest_changelist": "by the day from which leave is asked",
    "stations_rota_compare": "below the list of people, the days and who takes them",
}
# So many pages name them; fewer, and the walk has lost some.
LEAST = 40


def _again(row: Any, **changes: Any) -> Any:
    """A further row like ``row``."""
    further = type(row)._plain.get(pk=row.pk)
    further.pk, further._state.adding = None, True
    for name, value in {"idempotency_key": None, **changes}.items():
        setattr(further, name, value)
    further.save(force_insert=True)
    return further


def _links(model: type[models.Model], made: dict[str, Any]) -> dict[str, Any]:
    """The columns of a model that lead to rows made for this deputy."""
    return {
        field.name: made[field.related_model.__name__]
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey) and field.related_model.__name__ in made
    }


def _enrolled(nation: Nation, name: str, place: int) -> None:
    """One more deputy with a part in everything that the first one has a part in."""
    own = nation["own"]
    made: dict[str, Any] = {"Person": _again(own["Person"], account=None, **name_values(name))}
    made["Mandate"] = _again(own["Mandate"], person=made["Person"], list_number=place)
    for part in PARTS:
        row, changes = own[part], dict[str, Any]()
        if part == "SuggestionSignatory":
            changes = {"is_lead": False}
        if part == "FeedbackNotice":
            # Numbered in the order of strokes when they were issued.
            changes = {"organ_number": 100 + place}
        if part == "GroupMembership":
            # The group has its leader.
            changes = {"post": GroupPost.MEMBER}
        made[part] = _again(row, **_links(type(row), made), **changes)
    _again(own["Participation"], mandate=made["Mandate"], reception_day=None, activity=own["Activity"])


@pytest.fixture(scope="module")
def crowd(nation: Nation) -> Nation:
    with acting(system_actor()):
        for name in REGISTERED:
            _enrolled(nation, name, 2 + BY_STROKES.index(name))
    return nation


def _asked(nation: Nation, clients: Clients, route: Route) -> str:
    """What the page says to one who may open it."""
    role = None if route.is_public else next(iter(sorted(route.may & {Role.PRESIDIUM_CLERK} or route.may)))
    client = clients[role]
    assert isinstance(client, Asker)
    return readable(client.get(route.address(nation, "own")))


def _sequences(text: str) -> Iterator[tuple[str, ...]]:
    """The names as they first and as they last stand in ``text``."""
    yield tuple(sorted(BY_STROKES, key=text.index))
    yield tuple(sorted(BY_STROKES, key=text.rindex))


def test_deputies_are_named_by_strokes_wherever_several_are_named(crowd: Nation, clients: Clients) -> None:
    pages = {
        route.name: text
        for route in all_routes()
        if route.may and route.method == "get"
        if all(name in (text := _asked(crowd, clients, route)) for name in BY_STROKES)
    }
    found = {name: set(_sequences(text)) for name, text in pages.items()}
    otherwise = {name: order for name, order in found.items() if order != {BY_STROKES}}
    assert [(name, order) for name, order in otherwise.items() if name not in OTHERWISE] == []
    assert len(pages) >= LEAST, sorted(pages)


def test_no_page_that_is_ordered_otherwise_is_stale() -> None:
    assert OTHERWISE.keys() <= {route.name for route in all_routes()}
