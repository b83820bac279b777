"""一人一档 and the matrix: who opens whose, figures equal to records, constant queries, paper."""

import io
import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from html import unescape

import pypdf
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from deputies.enums import GroupPost
from deputies.models import DeputyGroup, GroupMembership, Mandate, Person
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from reports.selectors.dossier import dossier_of, full_matrix
from stations.enums import ParticipationState
from tests.factories import World, make_account, make_deputy_actor, make_group, make_mandate, make_term
from tests.reports.rows import (
    DEPUTY_PHONE,
    NOW,
    POISON,
    RESIDENT_NAME,
    RESIDENT_PHONE,
    RESIDENT_WORDS,
    YEAR,
    PlaceYear,
    make_assessment,
    make_opinion,
    make_place_year,
    make_sheet,
    make_suggestion,
)
from tests.stations.makers import make_part

SignIn = Callable[[Actor], Client]
START, END = date(YEAR, 1, 1), date(YEAR, 12, 31)


@pytest.fixture(autouse=True)
def _march() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def one(township: Jurisdiction) -> PlaceYear:
    return make_place_year(township)


@pytest.fixture
def first(one: PlaceYear) -> Mandate:
    return one.mandates[0]


@pytest.fixture
def group(one: PlaceYear) -> DeputyGroup:
    """A group led by a third deputy, with the first in it and the second not."""
    group = make_group(one.term)
    with acting(system_actor()):
        GroupMembership._plain.create(
            scope_code=one.place.scope_code,
            group=group,
            mandate=one.mandates[0],
            post=GroupPost.MEMBER,
            starts_on=date(2021, 5, 8),
        )
    return group


@pytest.fixture
def leader(one: PlaceYear, group: DeputyGroup) -> Actor:
    person = make_mandate(one.term, "组长甲", group=group)
    actor = make_account(
        one.place, Role.GROUP_LEADER, name="组长甲", person_ref=person.person_id, group_ref=group.pk
    )
    with acting(system_actor()):
        Person._plain.filter(pk=person.person_id).update(account_id=actor.account_id)
        GroupMembership._plain.filter(mandate=person).update(post=GroupPost.LEADER)
    return actor


def _url(mandate: Mandate) -> str:
    return f"/dossier/{mandate.pk}/?year={YEAR}"


def test_the_deputy_reads_the_own_and_no_colleagues(one: PlaceYear, first: Mandate, sign_in: SignIn) -> None:
    client = sign_in(make_deputy_actor(first))
    assert client.get("/dossier/").headers["Location"] == f"/dossier/{first.pk}/"
    assert client.get(_url(first)).status_code == 200
    for path in (_url(one.mandates[1]), f"/dossier/{one.mandates[1].pk}/print/"):
        assert client.get(path).status_code == 403


def test_another_township_is_not_there(
    one: PlaceYear, world: World, other_clerk: Actor, sign_in: SignIn
) -> None:
    clients = [
        sign_in(other_clerk),
        sign_in(make_deputy_actor(make_mandate(make_term(world["长凝镇"]), "赵小兵"))),
        sign_in(make_account(world["平遥县"], Role.COUNTY_COMMITTEE)),
    ]
    for client in clients:
        assert client.get(_url(one.mandates[0])).status_code == 404
        assert client.get(f"/dossier/{one.mandates[0].pk}/print/").status_code == 404
    assert clients[0].get(f"/matrix/?term={one.term.pk}").status_code == 404


def test_the_leader_reads_the_group_only(
    one: PlaceYear, first: Mandate, leader: Actor, sign_in: SignIn
) -> None:
    client = sign_in(leader)
    page = client.get(_url(first)).content.decode()
    assert "反映的社情民意（3件）" in page
    assert RESIDENT_WORDS not in page
    # That there are cases is the group's business, their content is not: no link that would be refused.
    assert not re.search(r'href="/opinions/\d', page)
    cell = client.get(f"/matrix/{leader.group_id}/public_opinion/?year={YEAR}").content.decode()
    assert not re.search(r'href="/opinions/\d', cell)
    assert client.get(_url(one.mandates[1])).status_code == 403
    matrix = client.get(f"/matrix/?year={YEAR}").content.decode()
    assert first.person.name in matrix
    assert one.mandates[1].person.name not in matrix


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.PRESIDIUM_CLERK, 200),
        (Role.PRESIDIUM_CHAIR, 200),
        (Role.STATION_CLERK, 403),
        (Role.HANDLING_UNIT, 403),
        (Role.SYSTEM_ADMIN, 403),
    ],
)
def test_roles_of_the_township(role: Role, status: int, one: PlaceYear, sign_in: SignIn) -> None:
    refs = {"station_ref": one.station.pk} if role == Role.STATION_CLERK else {}
    client = sign_in(make_account(one.place, role, **refs))
    assert client.get(_url(one.mandates[0])).status_code == status
    assert client.get(f"/matrix/?year={YEAR}").status_code == status


def test_the_county_reads_theirs_and_the_city_none(
    one: PlaceYear, county: Actor, world: World, sign_in: SignIn
) -> None:
    assert sign_in(county).get(_url(one.mandates[0])).status_code == 200
    assert sign_in(county).get(f"/matrix/?year={YEAR}&term={one.term.pk}").status_code == 200
    city = sign_in(make_account(world["晋中市"], Role.CITY_VIEWER))
    assert city.get(_url(one.mandates[0])).status_code == 403
    assert city.get(f"/matrix/?term={one.term.pk}").status_code == 403


def test_scores_are_for_those_who_may_see_them(
    one: PlaceYear, first: Mandate, clerk: Actor, leader: Actor, sign_in: SignIn
) -> None:
    for actor in (clerk, leader, make_deputy_actor(first)):
        page = sign_in(actor).get(_url(first)).content.decode()
        assert "2025年：合格" in page
        assert "85.50分" in page
        assert "反馈通知书" in page


def test_every_link_of_a_dossier_opens_for_its_reader(
    one: PlaceYear, first: Mandate, clerk: Actor, leader: Actor, sign_in: SignIn
) -> None:
    for actor in (clerk, make_deputy_actor(first), leader):
        client = sign_in(actor)
        page = client.get(_url(first)).content.decode()
        body = page[page.index("<main") : page.index("<footer")]
        links = {unescape(link) for link in re.findall(r'href="(/[^"#]+)', body)}
        assert len(links) >= 5
        for link in sorted(links):
            assert client.get(link).status_code == 200, (actor.role, link)


def test_an_unpublished_sheet_is_nobodys_score(one: PlaceYear, first: Mandate, clerk: Actor) -> None:
    make_sheet(
        make_assessment(one.term, YEAR - 1),
        first,
        state="computed",
        total=Decimal("12.34"),
        published_at=None,
    )
    with acting(clerk):
        assert [score["year"] for score in dossier_of(clerk, first, YEAR).scores] == [YEAR]


def test_the_year_is_complete_and_in_order(one: PlaceYear, first: Mandate, clerk: Actor) -> None:
    make_part(first, "training", date(YEAR, 3, 20), title="法律培训")
    make_part(first, "training", date(YEAR - 1, 3, 20), title="上年培训")
    with acting(clerk):
        found = dossier_of(clerk, first, YEAR)
    months = {month: [entry.what for entry in entries] for month, entries in found.months}
    assert len(months) == 12
    assert months[3] == ["庄子乡联络站接待日", "法律培训"]
    assert months[4] == ["庄子乡联络站接待日"]
    assert sum(map(len, months.values())) == 3
    assert [len(found.opinions), len(found.suggestions)] == [3, 1]


def test_the_ten_ones_count_cases_once(one: PlaceYear, first: Mandate, clerk: Actor) -> None:
    make_part(first, "public_opinion", date(YEAR, 7, 1))
    make_suggestion(one.mandates[1], date(YEAR, 8, 1), first)
    make_opinion(first, date(YEAR, 9, 1), state="registered")
    with acting(clerk):
        items = {item.column.code: item for item in dossier_of(clerk, first, YEAR).items}
        matrix = full_matrix(clerk, one.term, START, END)
    assert (items["public_opinion"].cell.done, items["public_opinion"].cell.due) == (3, 12)
    assert items["public_opinion"].cell.remaining == 9
    assert (items["suggestion"].cell.done, items["suggestion"].cell.due) == (2, 1)
    assert (items["reception"].cell.done, items["reception"].cell.due) == (2, 2)
    for item in items.values():
        assert len(item.records) == item.cell.done
    for number, column in enumerate(matrix.columns):
        for total in matrix.groups:
            rows = [row for row in matrix.deputies if row.group == total.group]
            assert total.cells[number].done == sum(row.cells[number].done for row in rows), column.code
            assert len(total.cells[number].records) == total.cells[number].done


def test_every_figure_of_the_matrix_leads_to_as_many_records(
    one: PlaceYear, group: DeputyGroup, clerk: Actor, sign_in: SignIn
) -> None:
    client = sign_in(clerk)
    page = client.get(f"/matrix/?year={YEAR}").content.decode()
    cells = re.findall(
        r'<a\s+href="(/matrix/[^"]+)"[^>]*>\s*(?:<span[^>]*>▲</span>)?\s*(\d+)/\d+\s*</a>', page
    )
    deputies = len(one.mandates)
    assert len(cells) == (2 + deputies) * 10
    for url, done in cells:
        behind = client.get(unescape(url))
        assert behind.status_code == 200
        counted = sum(record["line"].counts for line in behind.context["lines"] for record in line["records"])
        counted += sum(len(line["cases"]) for line in behind.context["lines"])
        assert counted == int(done), url


def test_a_cell_of_nothing_is_not_there(one: PlaceYear, clerk: Actor, sign_in: SignIn) -> None:
    client = sign_in(clerk)
    for path in (
        "/matrix/99999/reception/",
        "/matrix/0/nothing/",
        "/dossier/999999/",
        "/matrix/deputy/999999/reception/",
    ):
        assert client.get(path).status_code == 404
    assert client.get("/matrix/?term=x").status_code == 400


def test_nothing_of_the_resident_and_no_telephone(
    one: PlaceYear, first: Mandate, clerk: Actor, sign_in: SignIn
) -> None:
    with acting(system_actor()):
        Person._plain.filter(pk=first.person_id).update(phone=DEPUTY_PHONE)
    client = sign_in(clerk)
    for path in (_url(first), f"/matrix/?year={YEAR}"):
        page = client.get(path).content.decode()
        for secret in (RESIDENT_NAME, RESIDENT_PHONE, RESIDENT_WORDS, DEPUTY_PHONE):
            assert secret not in page


def test_queries_do_not_grow_with_deputies_or_records(
    one: PlaceYear, first: Mandate, clerk: Actor, sign_in: SignIn
) -> None:
    client = sign_in(clerk)
    urls = (
        _url(first),
        f"/matrix/?year={YEAR}",
        f"/matrix/0/training/?year={YEAR}",
        f"/matrix/deputy/{first.pk}/training/?year={YEAR}",
        f"/matrix/print/?year={YEAR}",
    )

    def costs() -> list[int]:
        found = []
        for url in urls:
            with CaptureQueriesContext(connection) as seen:
                assert client.get(url).status_code == 200
            found.append(len(seen))
        return found

    costs()
    few = costs()
    for number in range(3):
        colleague = make_mandate(one.term, f"新代表{number}")
        for mandate in (first, colleague):
            make_part(mandate, "training", date(YEAR, 5, 1 + number))
            make_opinion(mandate, date(YEAR, 5, 1 + number))
            make_suggestion(mandate, date(YEAR, 5, 1 + number))
    assert costs() == few


def test_poison_stays_text(one: PlaceYear, first: Mandate, clerk: Actor, sign_in: SignIn) -> None:
    with acting(system_actor()):
        Person._plain.filter(pk=first.person_id).update(name=POISON[:30])
    make_part(first, "training", date(YEAR, 5, 1), title=POISON[:40])
    make_suggestion(first, date(YEAR, 5, 1), title=POISON[:40])
    client = sign_in(clerk)
    for path in (_url(first), f"/matrix/?year={YEAR}", f"/matrix/0/training/?year={YEAR}"):
        page = client.get(path).content.decode()
        assert "<script>alert" not in page
        assert '<script>alert("一")' in unescape(page)


def test_the_printed_dossier_lists_the_year(
    one: PlaceYear, first: Mandate, clerk: Actor, sign_in: SignIn
) -> None:
    make_part(first, "training", date(YEAR, 3, 20), state=ParticipationState.OBJECTED, title="法律培训")
    answer = sign_in(clerk).get(f"/dossier/{first.pk}/print/?year={YEAR}")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("inline")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)
    plain = re.sub(r"\s", "", text)
    for words in ("2025年履职档案", "法律培训", "有异议", "修缮村东桥梁", "接待选民应2次、完成2次"):
        assert words in plain, words


def test_an_account_without_a_seat_is_told(one: PlaceYear, sign_in: SignIn) -> None:
    answer = sign_in(make_account(one.place, Role.DEPUTY)).get("/dossier/")
    assert answer.status_code == 409
    assert "没有关联本届代表登记" in answer.content.decode()
