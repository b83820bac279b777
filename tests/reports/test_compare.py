"""Places side by side: who sees what, numbers equal to rows, constant queries, a safe export."""

import io
import random
import re
from collections.abc import Callable, Iterator
from html import unescape

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from liaison.models import AuditEntry, Jurisdiction
from liaison.sheets import read_sheet
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from reports.charts import Point, bar_chart
from reports.models import ExportRecord
from reports.selectors.comparison import FIGURES, compare_places, total
from reports.selectors.drill import DRILLS, shown_number
from reports.selectors.figures import NUMBER
from tests.factories import World, make_account
from tests.reports.rows import (
    EXPECTED,
    NOW,
    POISON,
    RESIDENT_NAME,
    RESIDENT_PHONE,
    RESIDENT_WORDS,
    TODAY,
    YEAR,
    PlaceYear,
    make_messy_years,
    make_place_year,
)

SignIn = Callable[[Actor], Client]


@pytest.fixture(autouse=True)
def _march() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def one(township: Jurisdiction) -> PlaceYear:
    return make_place_year(township)


@pytest.fixture
def city(world: World) -> Actor:
    return make_account(world["晋中市"], Role.CITY_VIEWER, name="市人大")


def _drill(place: Jurisdiction, figure: str, year: int = YEAR) -> str:
    return f"/compare/{place.scope_code}/{figure}/?year={year}"


def _confirmed(client: Client) -> Client:
    session = client.session
    session["confirmed_at"] = int(timezone.now().timestamp())
    session.save()
    return client


def test_every_figure_has_rows_and_every_rows_a_figure() -> None:
    assert set(DRILLS) == {figure.code for figure in FIGURES}


@pytest.mark.parametrize("code", sorted(EXPECTED))
def test_a_number_equals_the_rows_behind_it(code: str, one: PlaceYear, county: Actor) -> None:
    with acting(county):
        row = next(row for row in compare_places(county, YEAR, TODAY) if row.place == one.place)
        inside = county.narrowed(one.place.scope_code, one.place.scope_end)
        rows = DRILLS[code].rows(inside, YEAR, TODAY)
        assert row.values[code] == EXPECTED[code]
        assert shown_number(code, rows, TODAY) == EXPECTED[code]


def test_every_figure_is_counted_by_hand() -> None:
    assert set(EXPECTED) == {figure.code for figure in FIGURES}


@pytest.fixture
def messy(world: World) -> list[Jurisdiction]:
    """Two townships with rows of every state on and around every edge of the years, by seed."""
    chance = random.Random(20260306)
    places = [world["庄子乡"], world["长凝镇"]]
    for place in places:
        make_messy_years(place, chance)
    return places


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_no_number_parts_from_its_rows(messy: list[Jurisdiction], county: Actor, year: int) -> None:
    """For every figure of every place: the sum in the table, the number of rows, the lines of the page."""
    told = 0
    with acting(county):
        table = {row.place.pk: row for row in compare_places(county, year, TODAY)}
        for place in messy:
            inside = county.narrowed(place.scope_code, place.scope_end)
            for figure in FIGURES:
                drill = DRILLS[figure.code]
                rows = drill.rows(inside, year, TODAY)
                number = table[place.pk].values[figure.code]
                assert shown_number(figure.code, rows, TODAY) == number, figure.code
                lines = [drill.line(row) for row in rows]
                if figure.measure is NUMBER:
                    assert len(lines) == number, figure.code
                assert all(len(line.cells) == len(drill.columns) for line in lines)
                told += bool(number)
    # The years are not empty: most figures have something to disagree about.
    assert told >= (25 if year == 2025 else 10)


def test_a_rate_over_places_is_read_from_the_sums(messy: list[Jurisdiction], county: Actor) -> None:
    with acting(county):
        rows = compare_places(county, 2025, TODAY)
    rated = sum(row.sums["satisfied"]["rated"] for row in rows)
    pleased = sum(row.sums["satisfied"]["pleased"] for row in rows)
    assert rated > 0
    assert total("satisfied", [row.sums for row in rows]) == round(100 * pleased / rated)
    assert total("opinions", [row.sums for row in rows]) == sum(row.values["opinions"] or 0 for row in rows)


def test_last_year_stands_beside(one: PlaceYear, county: Actor) -> None:
    with acting(county):
        row = next(row for row in compare_places(county, YEAR + 1, TODAY) if row.place == one.place)
    assert (row.values["receptions"], row.last["receptions"]) == (0, 2)
    assert (row.values["satisfied"], row.last["satisfied"]) == (None, 50)


def test_the_county_reads_the_page_and_opens_the_rows(one: PlaceYear, county: Actor, sign_in: SignIn) -> None:
    client = sign_in(county)
    page = client.get(f"/compare/?year={YEAR}").content.decode()
    for code, value in EXPECTED.items():
        if value:
            assert f'href="/compare/{one.place.scope_code}/{code}/?year={YEAR}">{value}</a>' in page
    rows = client.get(_drill(one.place, "records")).content.decode()
    assert rows.count("<tr>") == 1 + EXPECTED["records"]


@pytest.mark.parametrize("code", sorted(EXPECTED))
def test_a_drill_lists_as_many_rows_as_it_says(
    code: str, one: PlaceYear, county: Actor, sign_in: SignIn
) -> None:
    page = sign_in(county).get(_drill(one.place, code)).content.decode()
    listed = {"visitors": 2, "satisfied": 2}.get(code, EXPECTED[code])
    assert page.count('<th scope="row">') == listed
    assert RESIDENT_NAME not in page
    assert RESIDENT_PHONE not in page
    assert RESIDENT_WORDS not in page


def test_every_row_opens_for_the_county(one: PlaceYear, county: Actor, sign_in: SignIn) -> None:
    client = sign_in(county)
    for code in sorted(set(EXPECTED) - {"stations"}):
        page = client.get(_drill(one.place, code)).content.decode()
        links = re.findall(r'<th scope="row"><a href="([^"]+)"', page)
        assert bool(links) == bool(EXPECTED[code]), code
        for link in links[:1]:
            assert client.get(unescape(link)).status_code == 200, (code, link)


def test_the_county_is_told_grades_and_no_scores(one: PlaceYear, county: Actor, sign_in: SignIn) -> None:
    client = sign_in(county)
    page = client.get(_drill(one.place, "qualified")).content.decode()
    dossier = client.get(f"/dossier/{one.mandates[0].pk}/?year={YEAR}").content.decode()
    assert "合格" in page
    for shown in (page, dossier):
        assert "85.5" not in shown
        assert "/assessments/" not in shown


def test_places_stand_in_code_order(one: PlaceYear, county: Actor, sign_in: SignIn) -> None:
    page = sign_in(county).get("/compare/").content.decode()
    table = page[page.index("<tbody>") :]
    names = re.findall(r'<th scope="row" class="nowrap">([^<]+)</th>', table)
    assert names == ["新华街道", "长凝镇", "庄子乡"]


def test_the_city_sees_sums_and_no_rows(one: PlaceYear, city: Actor, sign_in: SignIn) -> None:
    client = sign_in(city)
    page = client.get(f"/compare/?year={YEAR}").content.decode()
    assert "平遥县" in page
    assert not re.search(r'href="/compare/\d+/', page)
    assert client.get(_drill(one.place, "records")).status_code == 403
    inside = client.get(f"/compare/?year={YEAR}&place=140702000000").content.decode()
    assert ">庄子乡<" in inside
    assert not re.search(r'href="/compare/\d+/', inside)
    assert one.mandates[0].person.name not in page + inside


def test_another_county_is_not_there(one: PlaceYear, county: Actor, world: World, sign_in: SignIn) -> None:
    client = sign_in(county)
    assert client.get(_drill(world["洪善镇"], "deputies")).status_code == 404
    assert client.get("/compare/?place=140728000000").status_code == 404
    assert client.get("/compare/?place=x").status_code == 400
    assert client.get(f"/compare/{one.place.scope_code}/secrets/").status_code == 404


@pytest.mark.parametrize("role", [Role.PRESIDIUM_CLERK, Role.DEPUTY, Role.HANDLING_UNIT])
def test_townships_do_not_compare(role: Role, one: PlaceYear, sign_in: SignIn) -> None:
    client = sign_in(make_account(one.place, role))
    assert client.get("/compare/").status_code == 403
    assert client.get(_drill(one.place, "deputies")).status_code == 403
    assert client.get("/compare/export/").status_code == 403


def test_strangers_sign_in_first(one: PlaceYear) -> None:
    assert Client().get("/compare/").status_code == 302


def test_queries_do_not_grow_with_places(world: World, county: Actor, sign_in: SignIn) -> None:
    make_place_year(world["庄子乡"], deputies=1)
    client = sign_in(county)
    client.get("/compare/")
    with CaptureQueriesContext(connection) as few:
        client.get(f"/compare/?year={YEAR}")
    for name in ("长凝镇", "新华街道"):
        make_place_year(world[name], deputies=3)
    with CaptureQueriesContext(connection) as many:
        client.get(f"/compare/?year={YEAR}")
    assert len(many) == len(few)


def test_drill_queries_do_not_grow_with_rows(world: World, county: Actor, sign_in: SignIn) -> None:
    client = sign_in(county)
    client.get("/compare/")
    counts: dict[str, list[int]] = {}
    for name, deputies in (("庄子乡", 1), ("长凝镇", 3)):
        make_place_year(world[name], deputies=deputies)
        for code in ("deputies", "records", "opinions", "qualified", "reports"):
            with CaptureQueriesContext(connection) as seen:
                assert client.get(_drill(world[name], code)).status_code == 200
            counts.setdefault(code, []).append(len(seen))
    assert all(few == many for few, many in counts.values()), counts


def test_poisoned_names_stay_text(township: Jurisdiction, county: Actor, sign_in: SignIn) -> None:
    poisoned = make_place_year(township, name=POISON[:30])
    with acting(system_actor()), acting(system_actor()):
        Jurisdiction.objects.filter(pk=township.pk).update(short_name=POISON[:20])
    client = sign_in(county)
    for url in (f"/compare/?year={YEAR}", _drill(poisoned.place, "deputies")):
        page = client.get(url).content.decode()
        assert "<script>alert" not in page
        assert '<script>alert("一")' in unescape(page)


def test_charts_obey_the_strict_policy(one: PlaceYear, county: Actor, sign_in: SignIn) -> None:
    page = sign_in(county).get(f"/compare/?year={YEAR}").content.decode()
    drawings = re.findall(r"<svg viewBox.*?</svg>", page, re.S)
    assert len(drawings) == len(FIGURES)
    for drawing in drawings:
        assert not re.search(r"<style|<script|\sstyle=|\son\w+=|javascript:", drawing)
    links = re.findall(r'<a href="([^"]+)">\s*<title>', page)
    assert len(links) == len(FIGURES) * 3
    assert sign_in(county).get(unescape(links[-1])).status_code == 200


def test_bars_start_at_zero_and_a_rate_runs_to_a_hundred() -> None:
    chart = bar_chart("x", "满意率", "％", [Point("甲", 50, 25), Point("乙", None, None)])
    assert [mark.length for mark in chart.marks] == [160, 0]
    assert [mark.last_length for mark in chart.marks] == [80, 0]
    assert chart.marks[1].value == "—"
    tiny = bar_chart("x", "件", "件", [Point("甲", 1, 0), Point("乙", 1000, 10)])
    assert [mark.length for mark in tiny.marks] == [1, 320]


def test_export_asks_who_you_are_and_why(one: PlaceYear, county: Actor, sign_in: SignIn) -> None:
    client = sign_in(county)
    assert client.get("/compare/export/").status_code == 302
    assert client.post("/compare/export/", {"reason": "年度总结"}).status_code == 302
    page = _confirmed(client).post(f"/compare/export/?year={YEAR}", {"reason": " "})
    assert "请填写导出用途。" in page.content.decode()
    with acting(system_actor()):
        assert ExportRecord.objects.count() == 0


def test_export_is_registered_and_holds_no_formula(one: PlaceYear, county: Actor, sign_in: SignIn) -> None:
    with acting(system_actor()), acting(system_actor()):
        Jurisdiction.objects.filter(pk=one.place.pk).update(name='=HYPERLINK("http://x","庄子乡")')
    client = _confirmed(sign_in(county))
    answer = client.post(f"/compare/export/?year={YEAR}", {"reason": "年度总结"})
    assert answer["Content-Disposition"].startswith("attachment")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    grid = read_sheet(answer.content)
    line = next(row for row in grid.rows if row[0].startswith("=HYPERLINK"))
    assert line[1] == str(EXPECTED["deputies"])
    with acting(system_actor()):
        record = ExportRecord.objects.get()
        entry = AuditEntry.objects.get(operation="export_comparison")
    assert (record.row_count, record.reason, record.exported_by_id) == (3, "年度总结", county.account_id)
    assert (entry.reason, entry.scope_code) == ("年度总结", county.lo)
    assert "县代表工委" in str([cell.value for cell in cells])


def test_the_city_exports_sums(one: PlaceYear, city: Actor, sign_in: SignIn) -> None:
    client = _confirmed(sign_in(city))
    answer = client.post(f"/compare/export/?year={YEAR}&place=140702000000", {"reason": "汇总"})
    assert answer.status_code == 200
    assert one.mandates[0].person.name.encode() not in answer.content


def test_years_out_of_reach_are_this_year(one: PlaceYear, county: Actor, sign_in: SignIn) -> None:
    client = sign_in(county)
    for asked in ("1066", "99999", "２０２５", "x", "2026'"):
        page = client.get("/compare/", {"year": asked}).content.decode()
        assert "榆次区2026年情况对比" in page
