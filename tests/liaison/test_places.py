"""Places after the set-up: added below the own one by a table, renamed with what lies below."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from liaison.founding import places
from liaison.founding.preview import preview_of
from liaison.models import AuditEntry, Jurisdiction
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import InvalidInput
from tests.browsing import edit, filled
from tests.factories import World, make_account

pytestmark = pytest.mark.django_db
LIST = "/admin/liaison/jurisdiction/"
ADD = f"{LIST}add/"
TABLE = "140702104 北田镇\n140702104201 北田村\n140702202201 东庄村"


@pytest.fixture
def keeper(world: World, sign_in: Callable[[Actor], Client]) -> Client:
    """The county's system keeper."""
    return sign_in(make_account(world["榆次区"], Role.SYSTEM_ADMIN, name="赵统"))


def confirmed(client: Client, table: str = TABLE) -> Any:
    shown = client.post(ADD, filled(client.get(ADD), table=table))
    return client.post(ADD, filled(shown, "table") | {"confirm": "1"})


def test_a_table_is_looked_at_before_it_adds_anything(keeper: Client) -> None:
    before = Jurisdiction.objects.count()
    page = keeper.post(ADD, filled(keeper.get(ADD), table=TABLE)).content.decode()
    assert "将登记：乡镇1个、村（社区）2个" in page
    assert Jurisdiction.objects.count() == before
    answer = keeper.post(ADD, {"table": TABLE, "confirm": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (302, LIST)
    town = Jurisdiction.objects.get(short_name="北田镇")
    assert (town.name, town.organ_name, town.scope_code) == (
        "榆次区北田镇", "北田镇人大主席团", 140_702_104_000,
    )  # fmt: skip
    village = Jurisdiction.objects.get(short_name="北田村")
    assert (village.parent, village.name) == (town, "北田镇北田村")
    with acting(system_actor()) as actor:
        found = AuditEntry.scoped(actor).filter(operation="add_places")
        assert {entry.actor for entry in found} == {"system_admin:赵统"}
        assert found.count() == 3


def test_the_home_asks_for_places_while_there_are_none(
    world: World, sign_in: Callable[[Actor], Client]
) -> None:
    city = make_account(world["晋中市"], Role.SYSTEM_ADMIN)
    with acting(city):
        places.extend_places(actor=city, table="140703 太谷区")
    new = Jurisdiction.objects.get(short_name="太谷区")
    for place, is_asked in ((new, True), (world["榆次区"], False)):
        home = sign_in(make_account(place, Role.SYSTEM_ADMIN)).get("/admin/").content.decode()
        assert ("登记下级区域" in home) is is_asked


def test_the_same_table_adds_nothing_twice(keeper: Client) -> None:
    confirmed(keeper)
    before = Jurisdiction.objects.count()
    assert keeper.post(ADD, {"table": TABLE, "confirm": "1"}).status_code == 302
    assert Jurisdiction.objects.count() == before
    assert "没有新的区域" in keeper.post(ADD, {"table": TABLE}).content.decode()


def test_what_is_wrong_is_named_and_nothing_is_added(keeper: Client) -> None:
    before = Jurisdiction.objects.count()
    page = keeper.post(ADD, {"table": f"{TABLE}\n140728101 宁固镇", "confirm": "1"}).content.decode()
    assert "有1行需要更正" in page
    assert "代码不在140702之内" in page
    back = keeper.post(ADD, {"table": "140728101 宁固镇", "edit": "1"}).content.decode()
    assert "140728101 宁固镇" in back
    empty = keeper.post(ADD, {"table": "代码 名称"}).content.decode()
    assert "每次应为1至5000行，现在是0行" in empty
    assert Jurisdiction.objects.count() == before


def test_a_table_with_a_fault_is_refused_by_the_service_as_well(world: World) -> None:
    actor = make_account(world["榆次区"], Role.SYSTEM_ADMIN)
    with acting(actor), pytest.raises(InvalidInput):
        places.extend_places(actor=actor, table="140728101 宁固镇")


def test_only_the_county_and_the_system_keeper_add_places(
    world: World, sign_in: Callable[[Actor], Client]
) -> None:
    county = sign_in(make_account(world["榆次区"], Role.COUNTY_COMMITTEE))
    assert confirmed(county).status_code == 302
    for role in (Role.PRESIDIUM_CLERK, Role.PRESIDIUM_CHAIR, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
        client = sign_in(make_account(world["庄子乡"], role))
        assert client.get(ADD).status_code == 403
        assert client.post(ADD, {"table": TABLE, "confirm": "1"}).status_code == 403


def test_a_new_short_name_goes_into_the_names_of_the_villages(keeper: Client, world: World) -> None:
    confirmed(keeper)
    town = Jurisdiction.objects.get(short_name="北田镇")
    with acting(system_actor()):
        Jurisdiction.objects.filter(short_name="北田村").update(name="北田镇北田村")
        own = Jurisdiction.objects.get(short_name="东庄村").name
    answer = edit(keeper, f"{LIST}{town.pk}/change/", name="榆次区北山镇", short_name="北山镇")
    assert answer.status_code == 302
    assert Jurisdiction.objects.get(short_name="北田村").name == "北山镇北田村"
    assert Jurisdiction.objects.get(short_name="东庄村").name == own


def test_a_table_costs_the_same_for_one_and_three_hundred_lines(
    keeper: Client, world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def villages(first: int, count: int) -> str:
        return "\n".join(f"140702202{number} 第{number}村" for number in range(first, first + count))

    for first, count in ((201, 1), (300, 300)):
        with django_assert_num_queries(1):
            assert len(preview_of(world["榆次区"], villages(first, count)).wanted) == count
    actor = make_account(world["榆次区"], Role.SYSTEM_ADMIN)
    for first, count in ((201, 1), (300, 300)):
        with acting(actor), django_assert_num_queries(9):
            places.extend_places(actor=actor, table=villages(first, count))
