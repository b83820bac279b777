"""The poster and the table of the year: right days, right names, one sheet where it should, refused where wrong."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import pypdf
import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from deputies.enums import CongressLevel
from deputies.models import Mandate
from liaison.documents.pdf import render_document
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, OutOfScope, Refused
from stations.documents.forms import DutyRota, ReceptionPoster
from stations.documents.posters import day_poster, month_poster, public_address, qr_picture, year_rota
from stations.enums import DutyState, ReceptionDayState
from stations.models import ReceptionDay, Station
from stations.selectors import announced_days
from tests.documents.samples import CREATED_AT, ORGAN, POSTER, ROTA
from tests.factories import make_account, make_station
from tests.liaison.pdf_reading import mm, pages_of, text_of
from tests.stations.conftest import NOW, TODAY
from tests.stations.makers import make_day, make_turn, make_upper_turn

Login = Callable[[Actor], Client]
APRIL, MAY = date(2026, 4, 3), date(2026, 5, 8)
ALL_NAMES = (
    "张建国",
    "王喆堃",
    "阿依古丽·买买提",
    "李秀英",
    "欧阳丽华",
    "赵小兵",
    "马建军",
    "𠮷田",
    "段志刚",
    "石磊",
    "安丽",
    "司马长风·图尔荪",
)
LONG = "庄子乡上东沟村与下东沟村联合人大代表联络站（含王家岭自然村代表联系点）"


def of_station(name: str, station: Station) -> str:
    """The address of a page about one station."""
    return reverse(name, args=[station.pk])


@pytest.fixture
def _march() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def printed(form: ReceptionPoster | DutyRota) -> bytes:
    return render_document(form, author=ORGAN, created_at=CREATED_AT)


def words(form: ReceptionPoster | DutyRota) -> str:
    return text_of(printed(form))


class TestOnPaper:
    def test_the_poster_says_what_a_resident_asks(self) -> None:
        pdf = printed(POSTER)
        text = text_of(pdf)
        for expected in (
            "代表接待日公告", "东沟村人大代表联络站", "2026年5月8日（星期五）", "9:00—11:30", "榆次区庄子乡东沟村村委会院内",
            "张建国", "阿依古丽·买买提", "农村饮水安全", "0354-2461234", "接待受理的事项", "不属于受理范围的事项", "诉讼、行政复议、仲裁",
            "检举、控告", "12388", "顺延到5月8日",
        ):  # fmt: skip
            assert expected in text, expected
        assert len(pages_of(pdf)) == 1
        assert "暂定" not in text

    def test_the_picture_to_scan_is_at_least_thirty_millimetres(self) -> None:
        (page,) = pages_of(printed(POSTER))
        dark = [
            one
            for one in (*page.rects, *page.curves, *page.lines)
            if one["x0"] > page.width * 0.65 and one["top"] > page.height * 0.6
        ]
        width = mm(max(one["x1"] for one in dark) - min(one["x0"] for one in dark))
        assert width >= 30
        assert qr_picture("https://x/").startswith("data:image/svg+xml")

    @pytest.mark.parametrize("count", [0, 1, 12])
    def test_a_single_day_stays_on_one_sheet(self, count: int) -> None:
        day = replace(POSTER.days[0], deputies=ALL_NAMES[:count], is_provisional=True)
        form = replace(POSTER, station=LONG, address=LONG + "一层西侧接待大厅二号窗口", days=(day,))
        pdf = printed(form)
        text = text_of(pdf)
        assert len(pages_of(pdf)) == 1
        assert all(name in text for name in ALL_NAMES[:count])
        assert ("名单确定后" in text) == (count == 0)
        assert "国务院放假安排公布后可能调整" in text

    def test_a_month_without_receptions_says_so(self) -> None:
        text = words(replace(POSTER, span="2026年6月", days=()))
        assert "2026年6月的接待日还没有排定" in text

    def test_many_days_break_with_the_heading_repeated(self) -> None:
        days = tuple(
            replace(
                POSTER.days[0], day=date(2026, 5, 1) + timedelta(days=n), deputies=ALL_NAMES[: n % 12 + 1]
            )
            for n in range(31)
        )
        pages = pages_of(printed(replace(POSTER, span="2026年5月", days=days)))
        assert len(pages) > 2
        tables = [
            page for page in pages if page.extract_words(use_text_flow=True) and "（周" in page.extract_text()
        ]
        assert all("接待代表" in page.extract_text() for page in tables)
        text = "".join(page.extract_text() for page in pages)
        assert all(f"5月{n}日（周" in text for n in range(1, 32))

    def test_the_table_marks_and_explains(self) -> None:
        text = words(ROTA)
        assert "东沟村人大代表联络站2026年代表接待日轮值表" in text
        for expected in (
            "顺延”指",
            "“暂定”的日期",
            "“已取消”和“改期待定”的不接待",
            "1月8日（周四）顺延",
            "12月5日（周六）暂定",
        ):
            assert expected in text, expected
        assert len(pages_of(printed(ROTA))) == 1

    def test_what_does_not_occur_is_not_explained(self) -> None:
        row = ROTA.stations[0].rows[1]
        text = words(replace(ROTA, stations=(replace(ROTA.stations[0], rows=(row,)),)))
        for absent in ("“顺延”指", "“暂定”的日期", "“已取消”和", "空白的"):
            assert absent not in text, absent

    def test_a_township_repeats_each_stations_name_over_the_pages(self) -> None:
        station = ROTA.stations[0]
        stations = tuple(
            replace(station, name=name, rows=station.rows * times)
            for name, times in (("东站", 1), ("西站", 6), ("南站", 0))
        )
        pages = pages_of(printed(replace(ROTA, place="榆次区庄子乡", stations=stations)))
        assert len(pages) > 2
        middle = pages[1].extract_text()
        assert "西站" in middle
        assert "值班代表" in middle
        assert "2026年还没有排定接待日" in "".join(page.extract_text() for page in pages)
        assert "榆次区庄子乡2026年代表接待日轮值表" in pages[0].extract_text().replace("\n", "")


class TestFilled:
    def test_names_on_duty_only_and_the_own_address(
        self, clerk: Actor, station: Station, mandate: Mandate, second: Mandate, third: Mandate
    ) -> None:
        day = make_day(station, APRIL)
        make_turn(day, mandate)
        make_turn(day, second, DutyState.ON_LEAVE)
        make_turn(day, third, DutyState.SWAPPED)
        with acting(clerk):
            form = day_poster(clerk, day.pk, TODAY)
        (shown,) = form.days
        assert (shown.day, shown.hours, shown.deputies) == (APRIL, "9:00—11:30", ("王建国",))
        assert form.qr == qr_picture(public_address(station))
        assert public_address(station) == f"{settings.SITE_URL}/s/{station.public_code}/"
        assert form.organ == "庄子乡人大主席团"

    def test_deputies_of_higher_levels_stand_with_their_level(
        self, clerk: Actor, station: Station, mandate: Mandate
    ) -> None:
        day = make_day(station, APRIL)
        make_turn(day, mandate)
        make_upper_turn(day, "赵明")
        make_upper_turn(day, "钱立", CongressLevel.PREFECTURE, DutyState.ON_LEAVE)
        with acting(clerk):
            (shown,) = day_poster(clerk, day.pk, TODAY).days
            (published,) = announced_days(clerk, [station.pk], TODAY)
        assert shown.deputies == ("王建国", "赵明（县级人大代表）")
        assert published.deputies == ["王建国", "赵明（县级人大代表）"]

    @pytest.mark.parametrize(
        "state", [ReceptionDayState.CANCELLED, ReceptionDayState.POSTPONED, ReceptionDayState.HELD]
    )
    def test_nothing_is_announced_that_will_not_take_place(
        self, state: ReceptionDayState, clerk: Actor, station: Station
    ) -> None:
        day = make_day(station, APRIL, state=state)
        with acting(clerk), pytest.raises(Refused):
            day_poster(clerk, day.pk, TODAY)

    def test_the_coming_month_is_the_next_with_a_reception(self, clerk: Actor, station: Station) -> None:
        for day in (date(2026, 3, 5), APRIL, MAY):
            make_day(station, day)
        make_day(station, date(2026, 4, 17), state=ReceptionDayState.CANCELLED)
        with acting(clerk):
            coming = month_poster(clerk, station.pk, TODAY)
            assert (coming.span, [one.day for one in coming.days]) == ("2026年4月", [APRIL])
            make_day(station, date(2026, 3, 20))
        with acting(clerk):
            assert [one.day for one in month_poster(clerk, station.pk, TODAY).days] == [date(2026, 3, 20)]
            later = month_poster(clerk, station.pk, TODAY, date(2026, 5, 31))
            assert (later.span, [one.day for one in later.days]) == ("2026年5月", [MAY])
            december = month_poster(clerk, station.pk, date(2026, 12, 20))
            assert (december.span, december.days) == ("2027年1月", ())

    def test_the_table_has_every_day_with_what_became_of_it(
        self, clerk: Actor, station: Station, mandate: Mandate
    ) -> None:
        make_turn(make_day(station, APRIL), mandate)
        moved = make_day(station, date(2026, 5, 1), state=ReceptionDayState.PLANNED)
        make_day(station, date(2026, 6, 5), state=ReceptionDayState.CANCELLED)
        make_day(station, date(2027, 1, 8))
        with acting(system_actor()):
            ReceptionDay._plain.filter(pk=moved.pk).update(
                day=MAY, day_text="规则日期5月1日是劳动节假期，顺延到5月8日。", day_is_provisional=True
            )
        with acting(clerk):
            (table,) = year_rota(clerk, 2026, TODAY, station.pk).stations
        assert [(row.day, row.is_postponed, row.is_provisional, row.is_off) for row in table.rows] == [
            (APRIL, False, False, False), (MAY, True, True, False), (date(2026, 6, 5), False, False, True),
        ]  # fmt: skip
        assert [row.remark for row in table.rows] == [
            "",
            "规则日期5月1日是劳动节假期，顺延到5月8日。",
            "已取消",
        ]
        assert [row.deputies for row in table.rows] == [("王建国",), (), ()]

    def test_the_township_has_the_stations_of_the_year_and_the_queries_do_not_grow(
        self, clerk: Actor, station: Station, township
    ) -> None:  # type: ignore[no-untyped-def]
        closed = make_station(township, name="北站")
        with acting(system_actor()):
            Station._plain.filter(pk=closed.pk).update(opened_on=date(2021, 1, 1), closed_on=date(2025, 6, 1))
        counts = []
        for number in (1, 2, 3):
            make_day(make_station(township, name=f"第{number}站"), APRIL)
            with acting(clerk), CaptureQueriesContext(connection) as queries:
                names = [one.name for one in year_rota(clerk, 2026, TODAY).stations]
            counts.append(len(queries))
            assert len(names) == number + 1
            assert "北站" not in names
        assert counts[0] == counts[2]

    def test_others_may_not(
        self, station: Station, county: Actor, other_clerk: Actor, deputy_actor: Actor, township
    ) -> None:  # type: ignore[no-untyped-def]
        day = make_day(station, APRIL)
        with acting(other_clerk), pytest.raises(OutOfScope):
            day_poster(other_clerk, day.pk, TODAY)
        near = make_station(township, name="西站")
        there = make_account(township, Role.STATION_CLERK, station_ref=near.pk)
        with acting(there), pytest.raises(Forbidden):
            year_rota(there, 2026, TODAY, station.pk)


@pytest.mark.usefixtures("_march")
class TestPages:
    def test_every_paper_opens_in_the_browser(
        self, clerk: Actor, station: Station, mandate: Mandate, sign_in: Login
    ) -> None:
        day = make_day(station, APRIL)
        make_turn(day, mandate)
        client, poster = sign_in(clerk), of_station("stations_poster", station)
        all_stations = reverse("stations_township_rota")
        for url in (
            f"/stations/receptions/{day.pk}/poster/", poster, f"{poster}?month=2026-05",
            f"{of_station('stations_rota_pdf', station)}?year=2026", all_stations, f"{all_stations}?year=x",
        ):  # fmt: skip
            answer = client.get(url)
            assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf"), url
            assert pypdf.PdfReader(io.BytesIO(answer.content)).pages
        assert client.get(f"{poster}?month=2026-13").status_code == 400

    def test_wrong_state_and_wrong_role(
        self, clerk: Actor, county: Actor, deputy_actor: Actor, station: Station, sign_in: Login
    ) -> None:
        day = make_day(station, APRIL, state=ReceptionDayState.CANCELLED)
        url = f"/stations/receptions/{day.pk}/poster/"
        assert sign_in(clerk).get(url).status_code == 409
        for actor in (county, deputy_actor):
            assert sign_in(actor).get(url).status_code == 403
        assert sign_in(county).get(of_station("stations_rota_pdf", station)).status_code == 200
        assert sign_in(county).get(reverse("stations_township_rota")).status_code == 403

    def test_buttons_lead_there(
        self, clerk: Actor, station: Station, station_clerk: Actor, sign_in: Login
    ) -> None:
        day = make_day(station, APRIL)
        client = sign_in(clerk)
        assert (
            f"/stations/receptions/{day.pk}/poster/"
            in client.get(f"/stations/receptions/{day.pk}/").content.decode()
        )
        assert (
            f"/stations/receptions/{day.pk}/poster/"
            in client.get(f"/admin/stations/receptionday/{day.pk}/change/").content.decode()
        )
        assert (
            of_station("stations_rota_pdf", station)
            in client.get(of_station("stations_rota", station)).content.decode()
        )
        assert (
            of_station("stations_poster", station)
            in client.get(f"/admin/stations/station/{station.pk}/change/").content.decode()
        )
        assert reverse("stations_township_rota") in client.get("/stations/receptions/").content.decode()
        assert (
            of_station("stations_poster", station)
            in sign_in(station_clerk).get("/stations/receptions/").content.decode()
        )
