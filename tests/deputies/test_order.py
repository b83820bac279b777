"""Names stand in the order of surname strokes wherever the law or custom asks for it: read in sequence."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from deputies.models import Mandate, Term
from deputies.selectors import people_to_appoint
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor, acting, system_actor
from stations.models import StationDeputy
from tests.factories import make_mandate, make_station

# 丁 2, 王 4, 刘 6, 李 7 (before 李 comes no 刘), 魏 17; by pinyin it would be 丁, 李, 刘, 王, 魏.
BY_STROKES = ["丁一", "王建国", "刘芳", "李二虎", "魏来"]


@pytest.fixture
def deputies(term: Term) -> list[Mandate]:
    """Registered in another order than any that is asked for."""
    return [make_mandate(term, name) for name in ("李二虎", "魏来", "丁一", "王建国", "刘芳")]


def sequence(text: str) -> list[str]:
    return sorted(BY_STROKES, key=text.index)


def test_the_roster_by_strokes(
    deputies: list[Mandate], clerk: Actor, sign_in: Callable[[Actor], Client]
) -> None:
    page = sign_in(clerk).get(f"{reverse('deputies_roster')}?order=strokes").content.decode()
    assert sequence(page) == BY_STROKES


def test_the_public_page_of_a_station(deputies: list[Mandate], township: Jurisdiction) -> None:
    station = make_station(township)
    with acting(system_actor()):
        for mandate in deputies:
            StationDeputy._plain.create(
                scope_code=station.scope_code, station=station, mandate=mandate, starts_on=date(2021, 6, 1)
            )
    page = Client().get(reverse("reports_public_station", args=[station.public_code])).content.decode()
    assert sequence(page) == BY_STROKES


def test_the_choice_of_whom_an_appointment_speaks_for(
    deputies: list[Mandate], clerk: Actor, township: Jurisdiction
) -> None:
    with acting(clerk):
        names = [words.partition("（")[0] for _, words in people_to_appoint(clerk, township)]
    assert names == BY_STROKES
