"""还差什么: what an empty office is told to do next, and that a complete one is told nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from constituents.enums import UnitKind
from constituents.services.units import create_unit
from deputies.enums import TermState
from deputies.models import Term
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from reports.selectors import missing_steps
from tests.factories import make_account, make_deputy_actor, make_mandate, make_station, make_term
from tests.stations.makers import as_

pytestmark = pytest.mark.django_db
EMPTY = "目前没有需要办理的事项"


def labels(actor: Actor) -> list[str]:
    with acting(actor):
        return [step.label for step in missing_steps(actor)]


def test_an_empty_office_begins_with_its_congress(clerk: Actor) -> None:
    assert labels(clerk) == ["登记本届人民代表大会", "设立联络站", "设立承办单位"]


def test_each_step_opens_the_next_until_nothing_is_missing(clerk: Actor, township: Jurisdiction) -> None:
    term = make_term(township)
    with acting(system_actor()):
        Term._plain.filter(pk=term.pk).update(state=TermState.PREPARING)
    make_station(township)
    as_(clerk, create_unit, name="水利站", kind=UnitKind.STATION)
    assert labels(clerk) == ["导入代表名册"]
    mandate = make_mandate(term)
    assert labels(clerk) == ["启用本届"]
    with acting(system_actor()):
        Term._plain.filter(pk=term.pk).update(state=TermState.CURRENT)
    assert labels(clerk) == ["给1名代表开账号"]
    make_deputy_actor(mandate)
    assert labels(clerk) == []


def test_the_county_is_asked_for_its_own_congress_only(county: Actor, mandate: Any) -> None:
    assert labels(county) == ["登记本届人民代表大会"]


def test_the_keeper_of_the_system_completes_the_organ(township: Jurisdiction) -> None:
    keeper = make_account(township, Role.SYSTEM_ADMIN)
    assert labels(keeper) == []
    with acting(system_actor()):
        Jurisdiction.objects.filter(pk=township.pk).update(document_code="")
    assert labels(keeper) == ["填写机关名称和机关代字"]


@pytest.mark.parametrize("role", [Role.AUDIT_ADMIN, Role.CITY_VIEWER, Role.STATION_CLERK])
def test_who_keeps_no_office_is_told_nothing(township: Jurisdiction, role: Role) -> None:
    assert labels(make_account(township, role)) == []


@pytest.mark.parametrize("path", ["/", "/admin/"])
def test_an_empty_home_names_the_next_step_and_never_says_nothing_waits(
    sign_in: Callable[[Actor], Client], clerk: Actor, path: str
) -> None:
    page = sign_in(clerk).get(path).content.decode()
    assert ("还差什么" in page, 'href="/deputies/terms/add/"' in page) == (True, True)
    assert (EMPTY in page, "今日没有待办" in page) == (False, False)


def test_the_countys_home_says_it_too(sign_in: Callable[[Actor], Client], county: Actor) -> None:
    assert "还差什么" in sign_in(county).get("/compare/").content.decode()
