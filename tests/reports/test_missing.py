"""还差什么: what an empty office is told to do next, and that a complete one is told nothing."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from constituents.enums import UnitKind
from constituents.services.units import create_unit
from deputies.enums import TermState
from deputies.models import Term
from liaison.identity.access import jurisdictions
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from reports.selectors import missing_steps
from reports.selectors.missing import _appraisal
from stations.models import StationDeputy
from tests.factories import World, make_account, make_deputy_actor, make_mandate, make_station, make_term
from tests.stations.makers import as_, make_day, make_turn

pytestmark = pytest.mark.django_db
EMPTY = "目前没有需要办理的事项"


def labels(actor: Actor, today: date = date(2026, 6, 1)) -> list[str]:
    with acting(actor):
        return [step.label for step in missing_steps(actor, today=today)]


def test_an_empty_office_begins_with_its_congress(clerk: Actor) -> None:
    assert labels(clerk) == ["登记本届人民代表大会", "设立联络站", "设立承办单位"]


def test_a_street_waits_for_the_countys_congress_and_never_opens_it(world: World) -> None:
    street = make_account(world["新华街道"], Role.PRESIDIUM_CLERK)
    rest = ["设立联络站", "设立承办单位"]
    assert labels(street) == ["查看上级人大是否已登记本届", *rest]
    term = make_term(world["榆次区"])
    with acting(system_actor()):
        Term._plain.filter(pk=term.pk).update(state=TermState.PREPARING)
    assert labels(street) == ["导入代表名册", *rest]
    make_mandate(term, place=world["新华街道"])
    assert labels(street) == rest


def test_each_step_opens_the_next_until_nothing_is_missing(clerk: Actor, township: Jurisdiction) -> None:
    term = make_term(township)
    with acting(system_actor()):
        Term._plain.filter(pk=term.pk).update(state=TermState.PREPARING)
    station = make_station(township)
    unit = as_(clerk, create_unit, name="水利站", kind=UnitKind.STATION)
    answers = "给水利站的经办人开账号"
    assert labels(clerk) == ["导入代表名册", answers]
    mandate = make_mandate(term)
    assert labels(clerk) == ["启用本届", answers]
    with acting(system_actor()):
        Term._plain.filter(pk=term.pk).update(state=TermState.CURRENT)
    assert labels(clerk) == [f"确定{station}的进站代表", f"制定{station}的接待日规则", answers]
    with acting(system_actor()):
        StationDeputy._plain.create(
            scope_code=station.scope_code, station=station, mandate=mandate, starts_on=date(2026, 5, 8)
        )
    make_account(township, Role.HANDLING_UNIT, unit_ref=unit.pk)
    day = make_day(station, date(2026, 6, 5))
    assert labels(clerk) == [f"排{station}的轮值表"]
    make_turn(day, mandate)
    assert labels(clerk) == ["给1名代表开账号"]
    make_deputy_actor(mandate)
    assert labels(clerk) == []


def test_the_appraisal_is_begun_from_december_to_spring(clerk: Actor, township: Jurisdiction) -> None:
    term = {TermState.CURRENT.value: make_term(township)}
    months = {
        month: [step.label for step in _appraisal(clerk, term, date(2026, month, 1))]
        for month in (3, 4, 11, 12)
    }
    assert months == {3: ["启动2025年度测评"], 4: [], 11: [], 12: ["启动2026年度测评"]}


def test_a_township_without_a_chair_asks_the_keeper_of_security_for_one(township: Jurisdiction) -> None:
    keeper = make_account(township, Role.SECURITY_ADMIN)
    assert labels(keeper) == ["给人大主席开账号"]
    make_account(township, Role.PRESIDIUM_CHAIR)
    assert labels(keeper) == []


def test_the_countys_keeper_opens_accounts_for_the_places_below(world: World) -> None:
    keeper = make_account(world["榆次区"], Role.SECURITY_ADMIN)
    places = [place for place in jurisdictions(keeper) if place.level in ("township", "street")]
    asked = f"给{places[0].short_name}等{len(places)}处的工作人员开账号"
    assert labels(keeper) == [asked]
    for place in places[1:]:
        make_account(place, Role.PRESIDIUM_CLERK)
    assert labels(keeper) == [f"给{places[0].short_name}的工作人员开账号"]
    make_account(places[0], Role.PRESIDIUM_CLERK)
    assert labels(keeper) == []


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
