"""One journey per role, in Chromium, through the web role and both walls."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from reports.demo.logins import PASSWORD
from tests.browser.conftest import DESK, Person
from tests.stack import Stack, cloned, wait_for


class TestDeputy:
    """A deputy of 66 on the phone: logs a visit, answers what others logged, reads why, hands in the report."""

    def test_logs_a_visit_in_one_short_form(self, on_phone: Callable[[str], Person], office: Stack) -> None:
        before = office.sql("SELECT count(*) FROM stations_participation WHERE is_recorded_by_deputy")[0][0]
        person = on_phone("zz-db08")
        person.sees("需要您办的")
        person.go("/stations/visit/")
        person.page.fill("textarea", "走访了三户，了解冬季取暖情况，都已备好煤。")
        person.page.click("main button[type=submit]")
        person.page.wait_for_load_state()
        after = office.sql("SELECT count(*) FROM stations_participation WHERE is_recorded_by_deputy")[0][0]
        assert after == before + 1
        person.no_sideways_scrolling()

    def test_reads_the_score_with_reasons_that_add_up(
        self, on_phone: Callable[[str], Person], office: Stack
    ) -> None:
        person = on_phone("zz-db09")
        person.go("/assessments/score/")
        [(total,)] = office.sql(
            "SELECT s.total FROM assessments_scoresheet s JOIN deputies_mandate m ON m.id = s.mandate_id "
            "WHERE m.list_number = 9 AND s.scope_code = 140702202000 AND s.state = 'published'"
        )
        person.sees(f"{total:.2f}", "每月接待选民", "每年履职评议")
        person.no_sideways_scrolling()

    def test_opens_the_notice_and_its_pdf(self, on_phone: Callable[[str], Person], office: Stack) -> None:
        person = on_phone("zz-db10")
        [(pk, number)] = office.sql(
            "SELECT n.id, n.organ_number FROM assessments_feedbacknotice n JOIN deputies_mandate m "
            "ON m.id = n.mandate_id WHERE m.list_number = 10 AND n.scope_code = 140702202000"
        )
        person.go(f"/assessments/notices/{pk}/")
        person.sees(f"庄人主〔2026〕{number}号", "2026年2月24日")
        pdf = person.context.request.get(f"{office.url}/assessments/notices/{pk}/pdf/")
        assert (pdf.status, pdf.body()[:5]) == (200, b"%PDF-")

    def test_cannot_open_a_colleagues_notice(self, on_phone: Callable[[str], Person], office: Stack) -> None:
        person = on_phone("zz-db11")
        [(pk,)] = office.sql(
            "SELECT n.id FROM assessments_feedbacknotice n JOIN deputies_mandate m ON m.id = n.mandate_id "
            "WHERE m.list_number = 12 AND n.scope_code = 140702202000"
        )
        assert person.context.request.get(f"{office.url}/assessments/notices/{pk}/").status == 403


class TestHandlingUnit:
    def test_sees_only_what_was_assigned(self, at_desk: Callable[[str], Person], office: Stack) -> None:
        person = at_desk("zz-shuili")
        other = office.sql(
            "SELECT o.id FROM constituents_opinion o JOIN constituents_handlingunit u ON u.id = o.unit_id "
            "WHERE u.name <> '乡水利服务站' AND o.scope_code = 140702202000 LIMIT 1"
        )[0][0]
        assert person.context.request.get(f"{office.url}/opinions/{other}/").status == 404


class TestClerk:
    def test_another_townships_records_are_not_there(
        self, at_desk: Callable[[str], Person], office: Stack
    ) -> None:
        """A clerk who edits any address to another township's record gets 404."""
        person = at_desk("zz-mishu")
        foreign = {
            "/deputies/{}/": "SELECT id FROM deputies_mandate WHERE scope_code = 140728103000 LIMIT 1",
            "/opinions/{}/": "SELECT id FROM constituents_opinion WHERE scope_code = 140728103000 LIMIT 1",
            "/assessments/notices/{}/": "SELECT id FROM assessments_feedbacknotice WHERE scope_code = 140728103000 LIMIT 1",
            "/api/v1/deputies/{}/": "SELECT id FROM deputies_mandate WHERE scope_code = 140728103000 LIMIT 1",
            "/api/v1/opinions/{}/": "SELECT id FROM constituents_opinion WHERE scope_code = 140728103000 LIMIT 1",
        }
        for path, query in foreign.items():
            address = path.format(office.sql(query)[0][0])
            assert person.context.request.get(f"{office.url}{address}").status == 404, address

    def test_the_queue_leads_to_the_record(self, at_desk: Callable[[str], Person]) -> None:
        person = at_desk("zz-mishu")
        button = person.page.locator(".queue a.btn").first
        number = re.findall(r"/(\d+)/", button.get_attribute("href") or "")
        with person.page.expect_navigation() as arrived:
            button.click()
        assert arrived.value.status == 200
        # The back office leads on to the record's own page.
        assert re.findall(r"/(\d+)/", person.page.url) == number != []
        person.sees("庄子乡")


class TestCounty:
    def test_a_figure_leads_to_its_rows(self, at_desk: Callable[[str], Person]) -> None:
        person = at_desk("yc-gongwei")
        person.go("/compare/?year=2025")
        person.sees("庄子乡", "长凝镇", "新华街道", "社情民意")
        person.page.click("table a >> nth=0")
        person.page.wait_for_load_state()
        assert "/compare/" in person.page.url


class TestCity:
    def test_aggregates_only(self, at_desk: Callable[[str], Person]) -> None:
        person = at_desk("jz-chakan")
        person.go("/compare/?year=2025")
        person.sees("榆次区", "平遥县")
        assert person.context.request.get(f"{person.url}/deputies/").status == 403


class TestResident:
    def test_finds_a_station_without_an_account(
        self, on_phone: Callable[[str], Person], office: Stack
    ) -> None:
        person = on_phone("")
        person.go("/p/140702202000/")
        person.sees("东庄村人大代表联络站", "庄子乡")
        person.no_sideways_scrolling()
        assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", person.page.content())

    def test_follows_a_matter_by_the_code_the_office_made_anew(
        self, on_phone: Callable[[str], Person], at_desk: Callable[[str], Person], office: Stack
    ) -> None:
        [(pk, number)] = office.sql(
            "SELECT id, number FROM constituents_opinion WHERE scope_code = 140702202000 AND state = 'closed' LIMIT 1"
        )
        clerk = at_desk("zz-mishu")
        clerk.go(f"/opinions/{pk}/receipt/")
        clerk.page.fill("main [name=reason]", "群众遗失回执，本人到站申请")
        clerk.page.get_by_role("button", name="换发并显示").click()
        code = clerk.page.locator("dd.code.strong").inner_text().strip()
        person = on_phone("")
        person.go(f"/opinions/follow/{code}/")
        person.sees(number)
        wrong = person.context.request.get(f"{office.url}/opinions/follow/{code[:-2]}xx/")
        assert number not in wrong.text()


@pytest.fixture
def december_office(december_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    data_dir = tmp_path_factory.mktemp("december-office")
    with cloned(december_template, f"{december_template}_office", data_dir, broker=11) as stack:
        stack.environment["LIAISON_BEAT_FAST"] = "30"
        stack.start_web()
        stack.start_worker()
        stack.start_beat()
        yield stack


def test_the_chair_presses_publish_and_47_numbered_notices_lie_there(
    browser: Browser, december_office: Stack
) -> None:
    office = december_office
    [(pk,)] = office.sql(
        "SELECT id FROM assessments_assessment WHERE scope_code = 140702202000 AND year = 2025"
    )
    chair = Person(browser, office, DESK).sign_in("zz-zhuxi")
    chair.go(f"/admin/assessments/assessment/{pk}/change/")
    chair.page.click("a:has-text('通报结果'), button:has-text('通报结果')")
    chair.page.wait_for_load_state()
    for _ in range(3):
        if chair.page.locator("input[type=password]").count():
            chair.page.fill("input[type=password]", PASSWORD)
        submit = chair.page.locator(
            "main button[type=submit], #content button[type=submit], #content input[type=submit]"
        )
        if (
            office.sql(f"SELECT published_at FROM assessments_assessment WHERE id = {pk}")[0][0]
            or not submit.count()
        ):
            break
        submit.first.click()
        chair.page.wait_for_load_state()
    where = "FROM assessments_feedbacknotice WHERE scope_code = 140702202000"
    wait_for(
        lambda: office.sql(f"SELECT count(*) {where} AND rendered_at IS NOT NULL")[0][0] == 47,
        seconds=150,
        what=f"47 notices; worker said: {office.log('worker')}",
    )
    numbers = [row[0] for row in office.sql(f"SELECT organ_number {where} ORDER BY organ_number")]
    assert numbers == list(range(1, 48))
    clerk = Person(browser, office, DESK).sign_in("zz-mishu")
    clerk.go("/admin/assessments/feedbacknotice/")
    clerk.sees("庄人主〔")
    assert chair.errors == clerk.errors == []
