"""Pages for residents: what is published, and nothing else."""

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from pathlib import Path

import pytest
import segno
import time_machine
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from deputies.models import Person
from liaison.models import Jurisdiction, StoredFile
from liaison.tenancy.scope import acting, public_actor, system_actor
from reports.selectors.public import open_counties, place_page
from stations.enums import ReceptionDayState
from stations.models import ReceptionDay, Station, StationPhoto
from tests.factories import World, make_mandate, make_station
from tests.reports.rows import (
    DEPUTY_PHONE,
    NOW,
    POISON,
    RESIDENT_NAME,
    RESIDENT_PHONE,
    RESIDENT_WORDS,
    TODAY,
    PlaceYear,
    make_place_year,
)
from tests.stations.makers import make_day, make_turn

LIGHT = 150_000


@pytest.fixture(autouse=True)
def _march() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def one(township: Jurisdiction) -> PlaceYear:
    """A township with a telephone, an address and a birth planted in every deputy."""
    year = make_place_year(township, deputies=2)
    with acting(system_actor()):
        Person._plain.filter(scope_code=township.scope_code).update(
            phone=DEPUTY_PHONE,
            address="东庄村三组七号",
            born_on=date(1961, 7, 1),
            introduction="致富带头人，电话13912345678",
            occupation="东庄村党支部书记",
        )
    coming = make_day(year.station, date(2026, 4, 3))
    make_turn(coming, year.mandates[0])
    return year


def _pages(one: PlaceYear) -> dict[str, str]:
    client = Client()
    urls = (
        "/p/",
        f"/p/{one.place.scope_code}/",
        f"/p/{one.place.scope_code}/?q=王",
        f"/s/{one.station.public_code}/",
    )
    return {url: client.get(url).content.decode() for url in urls}


def test_anybody_reads_them_without_an_account(one: PlaceYear) -> None:
    pages = list(_pages(one).values())
    assert f'href="/p/{one.place.scope_code}/"' in pages[0]
    assert "2026年4月3日（周五）" in pages[1]
    assert one.mandates[1].person.name in pages[1]
    assert "接待代表：王建国1" in pages[3]
    assert one.station.address in pages[3]
    assert one.station.opening_hours in pages[3]


def test_nothing_private_is_published(one: PlaceYear) -> None:
    for url, page in _pages(one).items():
        for secret in (DEPUTY_PHONE, "1961", "三组七号", RESIDENT_NAME, RESIDENT_PHONE, RESIDENT_WORDS):
            assert secret not in page, (url, secret)
        assert "85.5" not in page
    assert "139****5678" in _pages(one)[f"/p/{one.place.scope_code}/"]


def test_pages_are_light_and_obey_the_strict_policy(one: PlaceYear) -> None:
    for url, page in _pages(one).items():
        assert len(page.encode()) < LIGHT, url
        assert not re.search(r"<style|\sstyle=|<script(?![^>]*\bsrc=)|\son[a-z]+=", page)


def test_the_first_load_of_a_station_page_is_light(one: PlaceYear) -> None:
    """The page with its style sheets, scripts and the code to scan; photos come when scrolled to."""
    station = Station(pk=one.station.pk, scope_code=one.station.scope_code)
    with acting(system_actor()):
        stored = StoredFile._plain.create(
            scope_code=station.scope_code, kind="photo", original_name="a.jpg", path="a.jpg", content_type="image/jpeg", size=1, sha256="0" * 64, stored_at=NOW,
        )  # fmt: skip
        StationPhoto._plain.bulk_create(
            StationPhoto(scope_code=station.scope_code, station_id=station.pk, file=stored, caption=f"第{n}张") for n in range(20)
        )  # fmt: skip
    url = f"/s/{one.station.public_code}/"
    page = Client().get(url).content.decode()
    photos = re.findall(r'<img src="/s/photo/[^>]*>', page)
    assert len(photos) == 20
    assert all('loading="lazy"' in photo and 'alt="第' in photo for photo in photos)
    total = len(page.encode())
    for address in set(re.findall(r'(?:src|href)="(/static/[^"]+|/s/[^"]+qr\.svg)"', page)):
        found = finders.find(address.removeprefix("/static/")) if address.startswith("/static/") else None
        total += Path(found).stat().st_size if found else len(Client().get(address).content)
    assert total < LIGHT


def test_only_the_own_township_is_shown(one: PlaceYear, world: World) -> None:
    other = make_place_year(world["长凝镇"], name="赵小兵")
    page = Client().get(f"/p/{one.place.scope_code}/").content.decode()
    assert "赵小兵" not in page
    assert other.station.name not in page
    with acting(public_actor(one.place.scope_code, one.place.scope_end)) as actor:
        shown = place_page(actor, TODAY)
    assert {deputy.name for deputy in shown.deputies} == {"王建国1", "王建国2"}


def test_a_station_says_what_to_bring_and_where_to_turn(one: PlaceYear) -> None:
    with acting(system_actor()):
        Station._plain.filter(pk=one.station.pk).update(
            phone="0354-2461234", opening_hours="", equipment="饮水机\n无障碍坡道"
        )
    page = Client().get(f"/s/{one.station.public_code}/").content.decode()
    for expected in (
        "可以反映哪些事", "不属于受理范围", "诉讼、行政复议、仲裁", "12388", "不直接处理具体问题", 'href="tel:0354-2461234"', 'href="tel:12345"',
        "接待日开放；其他时间请先打电话", "<li>饮水机</li><li>无障碍坡道</li>", "查询码",
    ):  # fmt: skip
        assert expected in page, expected


def test_a_township_lists_its_stations_with_the_next_reception(one: PlaceYear) -> None:
    other = make_station(one.place, name="西庄联络站")
    make_day(other, date(2026, 3, 1), state=ReceptionDayState.HELD)
    make_day(other, TODAY, state=ReceptionDayState.HELD)
    with acting(public_actor(one.place.scope_code, one.place.scope_end)) as actor:
        found = {
            station.name: day and day.day for station, day in place_page(actor, TODAY).stations_with_next
        }
    assert found == {one.station.name: date(2026, 4, 3), "西庄联络站": None}
    page = Client().get(f"/p/{one.place.scope_code}/").content.decode()
    assert "近期接待日还没有公布" in page


def test_an_estimated_day_is_marked_with_what_it_means(one: PlaceYear) -> None:
    guess = make_day(one.station, date(2027, 1, 8))
    with acting(system_actor()):
        ReceptionDay._plain.filter(pk=guess.pk).update(day_is_provisional=True)
    page = Client().get(f"/s/{one.station.public_code}/").content.decode()
    assert "国务院放假安排公布后可能调整" in page
    assert '<span class="tag">暂定</span>' in page


@pytest.mark.parametrize(
    "url", ["/p/140702000000/", "/p/1/", "/p/140702202999/", "/s/unknown/", "/s/unknown/qr.svg", "/s/'--/"]
)
def test_unknown_is_not_there(url: str, one: PlaceYear) -> None:
    answer = Client().get(url)
    assert answer.status_code == 404
    assert "没有找到" in answer.content.decode()


def test_a_closed_station_is_not_there(one: PlaceYear) -> None:
    with acting(system_actor()):
        Station._plain.filter(pk=one.station.pk).update(closed_on=date(2026, 1, 1))
    code = one.station.public_code
    assert [Client().get(url).status_code for url in (f"/s/{code}/", f"/s/{code}/qr.svg")] == [404, 404]
    assert one.station.name not in Client().get(f"/p/{one.place.scope_code}/").content.decode()


def test_only_announced_days_are_shown(one: PlaceYear) -> None:
    make_day(one.station, date(2026, 3, 20), state=ReceptionDayState.PLANNED)
    make_day(one.station, date(2026, 3, 6), state=ReceptionDayState.HELD)
    page = Client().get(f"/s/{one.station.public_code}/").content.decode()
    assert "3月20日" not in page
    following = page[page.index('id="next"') : page.index('id="station"')]
    assert "4月3日" in following
    assert "3月6日" not in following


def test_a_suspended_deputy_is_no_longer_published(one: PlaceYear) -> None:
    with acting(system_actor()):
        type(one.mandates[1])._plain.filter(pk=one.mandates[1].pk).update(state="suspended")
    assert "王建国2" not in Client().get(f"/p/{one.place.scope_code}/").content.decode()


def test_search_finds_by_name(one: PlaceYear) -> None:
    page = Client().get(f"/p/{one.place.scope_code}/", {"q": "建国2"}).content.decode()
    assert "找到1名代表" in page
    assert "王建国1" not in page
    none = Client().get(f"/p/{one.place.scope_code}/", {"q": "'; --" + "长" * 500})
    assert none.status_code == 200
    assert "没有找到代表" in none.content.decode()


def test_poison_stays_text(one: PlaceYear) -> None:
    make_mandate(one.term, POISON[:30])
    station = make_station(one.place, POISON[:30])
    for url in (f"/p/{one.place.scope_code}/", f"/s/{station.public_code}/", "/p/?q=" + POISON[:8]):
        page = Client().get(url).content.decode()
        assert "<script>alert" not in page
    assert '<script>alert("一")' in unescape(Client().get(f"/s/{station.public_code}/").content.decode())


def test_the_code_to_scan_leads_to_the_page(one: PlaceYear) -> None:
    answer = Client().get(f"/s/{one.station.public_code}/qr.svg")
    drawing = answer.content.decode()
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer["Content-Security-Policy"] == "default-src 'none'"
    assert not re.search(r"<style|<script|\sstyle=|<a\b|href", drawing)
    expected = segno.make(f"{settings.SITE_URL}/s/{one.station.public_code}/", error="m", micro=False)
    side = expected.symbol_size(border=4)[0]
    assert f'viewBox="0 0 {side} {side}"' in drawing
    assert Client().get(f"/s/{one.station.public_code}/").content.decode().count("qr.svg") == 1


def test_queries_do_not_grow(one: PlaceYear, world: World) -> None:
    def cost(url: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert Client().get(url).status_code == 200
        return len(seen)

    urls = ("/p/", f"/p/{one.place.scope_code}/", f"/s/{one.station.public_code}/")
    few = [cost(url) for url in urls]
    for name in ("长凝镇", "洪善镇"):
        make_place_year(world[name], deputies=1)
    for number in range(3):
        make_turn(make_day(one.station, date(2026, 4, 10 + number)), make_mandate(one.term, f"李四{number}"))
        make_station(one.place, f"第{number}联络站")
    assert [cost(url) for url in urls] == few


def test_counties_stand_in_code_order(one: PlaceYear, world: World) -> None:
    make_station(world["洪善镇"], "洪善镇站")
    make_station(world["长凝镇"], "长凝镇站")
    with acting(public_actor(0, 10**12)) as actor:
        found = [
            (county.name, [(place.short_name, n) for place, n in county.places])
            for county in open_counties(actor)
        ]
    assert found == [("榆次区", [("长凝镇", 1), ("庄子乡", 1)]), ("平遥县", [("洪善镇", 1)])]


def test_somebody_signed_in_sees_the_same(one: PlaceYear, world: World, other_clerk, sign_in) -> None:  # type: ignore[no-untyped-def]
    page = sign_in(other_clerk).get(f"/p/{one.place.scope_code}/").content.decode()
    assert "王建国1" in page
    assert DEPUTY_PHONE not in page


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_nothing_is_written(method: str, one: PlaceYear) -> None:
    assert getattr(Client(), method)(f"/p/{one.place.scope_code}/").status_code == 405
