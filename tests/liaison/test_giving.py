"""Accounts given at the record: whole appointments, slips to print, and nothing beyond the own office."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from unittest.mock import patch

import pypdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from constituents.enums import UnitKind
from constituents.services.units import create_unit
from deputies.enums import GroupPost
from deputies.models import GroupMembership, Mandate, Person
from liaison.identity import giving
from liaison.identity.giving import give_accounts
from liaison.models import Account, Appointment, Jurisdiction
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, OutOfScope
from liaison.words.names import latin_name
from tests.factories import NOBODY, NOW, make_account, make_group, make_mandate, make_station, make_twin
from tests.stations.makers import as_

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
LETTERS = [f"代表{number}" for number in range(11)]
# Names asked for, written, and looked up again, with their marks in the transaction.
_A_ROUND = 8
SignIn = Callable[[Actor], Client]


def give(actor: Actor, column: str, names: dict[int, str], **more: Any) -> list[giving.Slip]:
    with acting(actor):
        return give_accounts(column=column, names=names, today=TODAY, now=NOW, **more)


def appointments() -> list[tuple[Any, ...]]:
    with acting(system_actor()):
        rows = Appointment._plain.filter(account__must_change_password=True).order_by("pk")
        return list(
            rows.values_list(
                "role", "person_ref", "group_ref", "station_ref", "unit_ref", "account__username"
            )
        )


def test_a_deputy_gets_an_account_that_speaks_for_the_person(clerk: Actor, mandate: Mandate) -> None:
    (slip,) = give(clerk, "person_ref", {mandate.person_id: "王建国"})
    assert appointments() == [("deputy", mandate.person_id, None, None, None, "wangjianguo")]
    with acting(system_actor()):
        account = Account.objects.get(username="wangjianguo")
        assert Person._plain.get(pk=mandate.person_id).account_id == account.pk
    assert (slip.name, account.check_password(slip.password)) == ("王建国", True)


def test_a_leader_speaks_for_the_group_as_well(clerk: Actor, mandate: Mandate) -> None:
    group = make_group(mandate.term)
    with acting(system_actor()):
        GroupMembership._plain.create(
            scope_code=mandate.scope_code,
            group=group,
            mandate=mandate,
            post=GroupPost.LEADER,
            starts_on=TODAY,
        )
    give(clerk, "person_ref", {mandate.person_id: "王建国"})
    assert appointments() == [("group_leader", mandate.person_id, group.pk, None, None, "wangjianguo")]


def test_namesakes_get_names_of_their_own(clerk: Actor, mandate: Mandate) -> None:
    twin = make_twin(mandate)
    slips = give(clerk, "person_ref", {mandate.person_id: "王建国", twin.person_id: "王建国"})
    assert [slip.username for slip in slips] == ["wangjianguo", "wangjianguo2"]
    assert len({slip.words for slip in slips}) == 2


def test_a_whole_roster_costs_the_same_statements_for_ten_as_for_two(clerk: Actor, mandate: Mandate) -> None:
    people = [mandate.person_id, *(make_mandate(mandate.term, name).person_id for name in LETTERS)]
    counts = []
    for chosen in (people[:2], people[2:]):
        with CaptureQueriesContext(connection) as queries:
            slips = give(clerk, "person_ref", dict.fromkeys(chosen, "王建国"))
        counts.append(len(queries))
        assert len({slip.username for slip in slips}) == len(chosen)
    # The second lot tries the names that the first one took: one round more.
    assert counts[1] - counts[0] <= _A_ROUND


def test_all_who_have_none_are_offered_at_once(clerk: Actor, mandate: Mandate) -> None:
    twin = make_twin(mandate)
    give(clerk, "person_ref", {mandate.person_id: "王建国"})
    with acting(clerk):
        assert giving.without_account(clerk, "person_ref") == [twin.person_id]


def test_a_one_time_password_is_hashed_quickly_and_wrong_ones_slowly(clerk: Actor, mandate: Mandate) -> None:
    (slip,) = give(clerk, "person_ref", {mandate.person_id: "王建国"})
    with acting(system_actor()):
        account = Account.objects.get(username=slip.username)
    with patch("liaison.identity.hashing.make_password") as slow:
        assert (account.password.split("$")[0], account.check_password(slip.password)) == ("one_time", True)
        assert slow.call_count == 0
        assert not account.check_password("wrong")
        assert slow.call_count == 1


def test_stations_and_units_are_linked(clerk: Actor, township: Any) -> None:
    station, unit = make_station(township), as_(clerk, create_unit, name="水利站", kind=UnitKind.STATION)
    give(clerk, "station_ref", {station.pk: "刘燕"})
    give(clerk, "unit_ref", {unit.pk: "郑水"})
    assert appointments() == [
        ("station_clerk", None, None, station.pk, None, "liuyan"),
        ("handling_unit", None, None, None, unit.pk, "zhengshui"),
    ]


def test_records_of_another_office_do_not_exist(other_clerk: Actor, county: Actor, mandate: Mandate) -> None:
    for actor in (other_clerk, county):
        with pytest.raises(OutOfScope):
            give(actor, "person_ref", {mandate.person_id: "王建国"})
    assert appointments() == []


@pytest.mark.parametrize("role", [Role.CITY_VIEWER, Role.SYSTEM_ADMIN])
def test_who_may_not_appoint_gives_nothing(township: Any, mandate: Mandate, role: Role) -> None:
    with pytest.raises(Forbidden):
        give(make_account(township, role), "person_ref", {mandate.person_id: "王建国"})


def test_only_accounts_never_used_get_a_fresh_password(clerk: Actor, mandate: Mandate) -> None:
    (first,) = give(clerk, "person_ref", {mandate.person_id: "王建国"})
    (second,) = give(clerk, "person_ref", {}, renews=[mandate.person_id])
    with acting(system_actor()):
        account = Account.objects.get(username="wangjianguo")
        assert [account.check_password(each.password) for each in (first, second)] == [False, True]
        Account.objects.filter(pk=account.pk).update(must_change_password=False)
    assert give(clerk, "person_ref", {}, renews=[mandate.person_id]) == []


@pytest.mark.parametrize(
    ("name", "latin"),
    [("王建国", "wangjianguo"), ("阿依古丽·买买提", "ayigulimaimaiti"), ("吕梁", "lvliang"), ("", "")],
)
def test_names_become_letters_to_sign_in_with(name: str, latin: str) -> None:
    assert latin_name(name) == latin


class TestPage:
    def page(self, mandates: list[Mandate]) -> str:
        return "/accounts/give/person/?" + "&".join(f"id={each.person_id}" for each in mandates)

    @pytest.fixture
    def office(self, sign_in: SignIn, clerk: Actor, monkeypatch: pytest.MonkeyPatch) -> Client:
        monkeypatch.setattr("liaison.identity.gates.is_confirmed", lambda request: True)
        return sign_in(clerk)

    def test_the_slips_are_one_pdf_with_every_name_and_password(
        self, office: Client, mandate: Mandate
    ) -> None:
        others = [make_mandate(mandate.term, name) for name in ("李秀英", "张爱国", "赵小兵", "钱多")]
        answer = office.post(self.page([mandate, *others]))
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        pages = pypdf.PdfReader(BytesIO(answer.content)).pages
        read = "".join(each.extract_text() for each in pages)
        found = re.findall(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}", read)
        assert (len(pages), len(set(found)), "lixiuying" in read) == (2, 5, True)

    def test_whoever_has_one_already_is_left_alone(self, office: Client, mandate: Mandate) -> None:
        assert office.post(self.page([mandate])).status_code == 200
        again = office.post(self.page([mandate]))
        assert "所选的都已有账号" in again.content.decode()
        assert len(appointments()) == 1

    def test_the_list_leads_here_with_the_chosen_deputies(self, office: Client, mandate: Mandate) -> None:
        answer = office.post(
            "/admin/deputies/mandate/", {"action": "give_accounts", "_selected_action": [mandate.pk]}
        )
        assert answer["Location"] == self.page([mandate])

    def test_the_password_is_asked_for_again(self, sign_in: SignIn, clerk: Actor, mandate: Mandate) -> None:
        answer = sign_in(clerk).get(self.page([mandate]))
        assert answer["Location"].startswith("/account/confirm/")

    def test_the_code_on_the_slip_fills_in_the_account(self, client: Client) -> None:
        assert 'value="wangjianguo"' in client.get("/sign-in/?account=wangjianguo").content.decode()

    def test_an_account_of_the_office_is_asked_about_and_speaks_for_the_deputy_too(
        self, office: Client, township: Jurisdiction, mandate: Mandate
    ) -> None:
        chair = make_account(township, Role.PRESIDIUM_CHAIR, name="王建国")
        page = office.get(self.page([mandate])).content.decode()
        assert "本机关已有同名账号" in page
        field = f"join-{mandate.person_id}"
        answer = office.post(self.page([mandate]), {field: str(chair.account_id)}, follow=True)
        assert "已把代表职务加到1个已有的账号上。" in answer.content.decode()
        with acting(system_actor()):
            held = Appointment._plain.filter(account_id=chair.account_id).order_by("pk")
            assert list(held.values_list("role", "person_ref")) == [
                ("presidium_chair", None), ("deputy", mandate.person_id),
            ]  # fmt: skip
            assert Account.objects.filter(display_name="王建国").count() == 1

    def test_somebody_else_of_that_name_gets_an_account_of_his_own(
        self, office: Client, township: Jurisdiction, mandate: Mandate
    ) -> None:
        make_account(township, Role.PRESIDIUM_CHAIR, name="王建国")
        answer = office.post(self.page([mandate]), {f"join-{mandate.person_id}": ""})
        assert (answer["Content-Type"], len(appointments())) == ("application/pdf", 1)


def test_no_account_but_a_likely_one_is_joined(
    clerk: Actor, township: Jurisdiction, mandate: Mandate
) -> None:
    """Not a keeper's, not another name's, not one's own, not one that speaks for somebody already."""
    keeper = make_account(township, Role.SYSTEM_ADMIN, name="王建国")
    other = make_account(township, Role.PRESIDIUM_CHAIR, name="赵主席")
    taken = make_account(township, Role.PRESIDIUM_CHAIR, name="王建国", person_ref=NOBODY)
    for actor in (keeper, other, taken, clerk):
        with pytest.raises(OutOfScope):
            give(clerk, "person_ref", {}, joins={mandate.person_id: actor.account_id})
