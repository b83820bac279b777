"""The desk on a phone in a real Chromium: without signal, with answers that get lost, with a tab that dies,
with the next person at the same phone. A small office of its own, no demo year."""

import io
import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Request, Route, expect

from tests.browser.desk_phone import Phone
from tests.browser.desk_world import Office, Reception, small_office
from tests.browser.page_numbers import on_the_wire
from tests.factories import PASSWORD
from tests.stack import wait_for

PHONE = {"width": 390, "height": 844}
FIRST_LOAD = 150 * 1024
SECRET_NAME, SECRET_PHONE, SECRET_WORDS = "欧阳秀兰", "13803541276", "西坡水渠漏水"


@pytest.fixture(scope="module")
def office(
    django_db_setup: None,
    database_name: str,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Office]:
    with small_office(database_name, tmp_path_factory.mktemp("desk"), django_db_blocker.unblock) as found:
        yield found


@pytest.fixture
def reception(office: Office) -> Reception:
    return office.reception()


@pytest.fixture
def phone(browser: Browser, reception: Reception) -> Iterator[Phone]:
    held = Phone(browser, reception)
    yield held
    held.context.close()
    assert held.errors == []


def picture(seed: int, size: tuple[int, int] = (1760, 1320)) -> bytes:
    """A photo as a phone takes it: large, and each one different."""
    small = Image.effect_noise((60, 45), 60 + seed).convert("RGB")
    out = io.BytesIO()
    small.resize(size).save(out, "JPEG", quality=90)
    return out.getvalue()


def test_twenty_records_without_signal_arrive_once_and_in_order(phone: Phone, reception: Reception) -> None:
    """20 matters with photos typed offline, one tab killed in the middle of a sentence, 5 answers lost after
    the server had committed: exactly 20 rows, in the order they were saved."""
    phone.sign_in("clerk")
    phone.begin()
    phone.wait_until_sent()
    phone.context.set_offline(True)
    shots = [picture(number) for number in range(4)]
    wanted = [f"第{number:02d}件：村东口第{number}盏路灯不亮。" for number in range(1, 21)]
    for number, content in enumerate(wanted[:12]):
        phone.add(content, photo=shots[number % 4])
    phone.until_status("12条待发送，联网后自动发送")
    phone.page.fill("[data-field=content]", "写到一半的事")
    phone.attach(shots[0])
    phone.page.wait_for_selector("[data-field=content]")
    phone.until_kept(13)
    phone.page.close()

    page = phone.open()
    page.goto(f"{phone.url}/desk/")
    page.wait_for_selector(".desk-list")
    phone.until_typed("写到一半的事")
    expect(page.locator(".desk-photos img")).to_have_count(1)
    page.click("label:text-is('道路交通')")
    page.click("text=先放着")
    for number, content in enumerate(wanted[12:], start=12):
        phone.add(content, photo=shots[number % 4])
    phone.until_status("20条待发送，联网后自动发送")
    assert reception.matters() == []

    lost: list[str] = []

    def lose(route: Route) -> None:
        """The request goes through and is committed; the answer never reaches the phone."""
        key = route.request.headers["idempotency-key"]
        if len(lost) < 5 and key not in lost:
            route.fetch()
            lost.append(key)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/opinions/desk/", lose)
    phone.context.set_offline(False)
    phone.wait_until_sent(60)
    assert len(lost) == 5
    phone.until_held(wanted)
    query = """SELECT count(DISTINCT o.id), count(f.id), count(DISTINCT o.idempotency_key), max(s.size)
        FROM constituents_opinion o JOIN constituents_opinionfile f ON f.opinion_id = o.id
        JOIN liaison_storedfile s ON s.id = f.file_id WHERE o.station_id = :station"""
    counted = reception.rows(query)[0]
    assert counted[:3] == (20, 20, 20)
    assert counted[3] <= 400 * 1024
    # Nothing of a resident's stays on the phone once it is sent, but the half-written draft does.
    assert "STORE photos 1\n" in phone.stored() + "\n"
    page.wait_for_selector("li[data-state=draft]:has-text('写到一半的事')")


def test_typed_times_are_kept_and_arrival_is_the_servers(phone: Phone, reception: Reception) -> None:
    phone.sign_in("clerk")
    phone.context.set_offline(True)
    phone.begin()
    phone.add("井台边的路灯坏了")
    # A trembling finger touches twice; it is one end all the same.
    phone.page.dblclick("button:text-is('结束接待')")
    phone.page.wait_for_selector("text=已结束")
    phone.context.set_offline(False)
    phone.wait_until_sent()
    day = reception.rows(
        "SELECT state, began_at, ended_at, visitor_count FROM stations_receptionday WHERE id = :day"
    )[0]
    sent = reception.rows(
        "SELECT kind, typed_at, recorded_at FROM stations_deskrecord WHERE reception_day_id = :day ORDER BY id"
    )
    assert [row[0] for row in sent] == ["attendance", "begin", "end"]
    assert (day[0], day[3]) == ("held", 1)
    assert (day[1], day[2]) == (sent[1][1], sent[2][1])
    assert all(arrived > typed for _, typed, arrived in sent)
    heard = reception.rows(
        "SELECT heard_at, recorded_at FROM constituents_opinion WHERE station_id = :station"
    )[0]
    assert day[1] < heard[0] < day[2] < heard[1]


def test_from_login_to_a_saved_reception(
    phone: Phone, reception: Reception, record_property: Callable[[str, object], None]
) -> None:
    """Two visitors in at most 12 taps and 60 s of scripted typing (60 ms a key)."""
    page = phone.page
    page.goto(f"{phone.url}/sign-in/")
    started = time.monotonic()
    phone.tap("[name=username]")
    page.keyboard.type(reception.names["clerk"], delay=60)
    phone.tap("[name=password]")
    page.keyboard.type(PASSWORD, delay=60)
    phone.tap("main button[type=submit]")
    phone.tap(".primary-action .btn")
    page.wait_for_selector(".desk-list")
    phone.tap("button[data-deputy]:has-text('到岗') >> nth=0")
    phone.tap("text=开始接待")
    for content, category in (
        ("村东口路灯不亮，老人晚上出门摔了一跤。", "路灯照明"),
        ("自来水早晚没有水。", "饮水"),
    ):
        phone.until("document.activeElement.dataset.field === 'content'")
        page.keyboard.type(content, delay=60)
        phone.tap(f"label:text-is('{category}')")
        phone.tap("text=保存这一件")
        phone.until("document.querySelector('[data-field=content]').value === ''")
    phone.tap("button:text-is('结束接待')")
    page.wait_for_selector("text=已结束")
    phone.wait_until_sent()
    took = time.monotonic() - started
    record_property("desk_journey", f"{phone.taps} taps, {took:.1f} s")
    assert phone.taps <= 12
    assert took <= 60
    wait_for(lambda: len(reception.matters()) == 2, seconds=20, what="both matters")
    held = reception.rows("SELECT state, visitor_count FROM stations_receptionday WHERE id = :day")
    assert held == [("held", 2)]


def test_first_load_weighs_little(phone: Phone, record_property: Callable[[str, object], None]) -> None:
    """Everything a phone fetches for the desk the first time, as it goes over the line."""
    phone.sign_in("clerk", "/account/preferences/")
    link = phone.context.new_cdp_session(phone.page)
    link.send("Network.enable")
    link.send("Network.setCacheDisabled", {"cacheDisabled": True})
    paths: dict[str, str] = {}
    sizes: list[float] = []
    link.on(
        "Network.responseReceived",
        lambda event: paths.update({event["requestId"]: urlsplit(event["response"]["url"]).path}),
    )
    link.on(
        "Network.loadingFinished",
        lambda event: sizes.append(on_the_wire(paths[event["requestId"]], event["encodedDataLength"])),
    )
    phone.page.goto(f"{phone.url}/desk/")
    phone.page.wait_for_selector(".desk-list")
    phone.page.wait_for_load_state("networkidle")
    record_property("desk_first_load", f"{sum(sizes) / 1024:.1f} KB in {len(sizes)} answers")
    assert len(sizes) >= 8
    assert sum(sizes) <= FIRST_LOAD


def test_signing_out_with_unsent_work_asks_first(phone: Phone, reception: Reception) -> None:
    phone.sign_in("clerk")
    phone.begin()
    phone.wait_until_sent()
    phone.page.route("**/desk/token/", lambda route: route.abort())
    phone.add(SECRET_WORDS, resident_name=SECRET_NAME, resident_phone=SECRET_PHONE)
    phone.until_status("1条待发送")
    phone.page.click("details.menu > summary")
    phone.page.click("form[data-sign-out] button")
    phone.page.wait_for_selector("text=还有1条接待记录没有发送")
    expect(phone.page.locator("text=先不退出，去发送")).to_be_visible()
    # Leaving it out is possible only with a second, written consent.
    phone.page.click("text=删除没有发送的记录并退出")
    assert "/sign-out/" in phone.page.url
    expect(phone.page.locator("text=还有1条接待记录没有发送")).to_be_visible()
    phone.page.check("text=我确认删除")
    phone.page.click("text=删除没有发送的记录并退出")
    phone.page.wait_for_selector("text=已退出登录")
    phone.page.unroute("**/desk/token/")
    phone.sign_in("clerk")
    expect(phone.page.locator("body")).not_to_contain_text(SECRET_WORDS, use_inner_text=True)
    assert reception.matters() == []


def test_the_next_person_sees_and_sends_nothing(phone: Phone, reception: Reception) -> None:
    """Kept at signing out, unreadable to the next account, sent when its owner comes back."""
    phone.sign_in("clerk")
    phone.begin()
    phone.wait_until_sent()
    phone.page.route("**/opinions/desk/", lambda route: route.abort())
    phone.add(SECRET_WORDS, photo=picture(1), resident_name=SECRET_NAME, resident_phone=SECRET_PHONE)
    phone.page.fill("[data-field=content]", f"{SECRET_WORDS}，还没写完")
    phone.until_status("1条待发送")
    phone.until_kept(2)
    kept = phone.stored()
    assert "STORE records" in kept
    assert "extractable=true" not in kept
    for secret in (SECRET_NAME, SECRET_PHONE, SECRET_WORDS):
        assert secret not in kept
    phone.page.goto(f"{phone.url}/sign-out/")
    phone.page.click("text=退出，记录加密留在本机")
    phone.page.wait_for_selector("text=已加密留在这部手机上")
    assert "STORE keys 0" in phone.stored()

    posted: list[str] = []
    phone.page.on("request", lambda r: posted.append(r.url) if "idempotency-key" in r.headers else None)
    phone.page.unroute("**/opinions/desk/")
    phone.sign_in("other")
    phone.page.evaluate("window.dispatchEvent(new Event('online'))")
    phone.page.wait_for_load_state("networkidle")
    shown = phone.page.inner_text("body")
    assert "未发送的记录，内容已加密" in shown
    for secret in (SECRET_NAME, SECRET_PHONE, SECRET_WORDS):
        assert secret not in shown
        assert secret not in phone.stored()
    assert posted == []
    assert reception.matters() == []
    # The second person's leaving does not take the first one's work along.
    phone.page.click("details.menu > summary")
    phone.page.click("form[data-sign-out] button")
    phone.page.click("[data-plain] button")
    phone.page.wait_for_selector("text=已退出登录")
    assert "STORE keys 0" in phone.stored()

    phone.sign_in("clerk")
    phone.wait_until_sent()
    phone.until_held([SECRET_WORDS])
    phone.until_typed(f"{SECRET_WORDS}，还没写完")


def test_words_typed_at_once_after_saving_belong_to_the_next_visitor(
    phone: Phone, reception: Reception
) -> None:
    """A slow phone's store must not take the next visitor's words along, and a full one loses nothing."""
    phone.sign_in("clerk")
    phone.begin()
    phone.wait_until_sent()
    phone.page.evaluate(
        """async () => {
        const { store } = await import('/static/desk/store.js');
        const put = IDBObjectStore.prototype.put;
        window.full = false;
        IDBObjectStore.prototype.put = function (value) {
            if (window.full && value.kind === 'matter') { this.transaction.abort(); return null; }
            return put.call(this, value);
        };
        const put2 = store.put;
        store.put = (...all) => new Promise(done => setTimeout(done, 300)).then(() => put2(...all));
    }"""
    )
    phone.page.fill("[data-field=content]", "第一位")
    phone.page.click("label:text-is('饮水')")
    phone.page.evaluate(
        """() => {
        document.querySelector('.desk-matter .btn--primary').click();
        return Promise.resolve().then(() => {
            const next = document.querySelector('[data-field=content]');
            next.value = '第二位';
            next.dispatchEvent(new Event('input', {bubbles: true}));
        });
    }"""
    )
    phone.until_held(["第一位"])
    expect(phone.page.locator("[data-field=content]")).to_have_value("第二位")
    phone.page.evaluate("window.full = true")
    phone.page.click("label:text-is('教育')")
    phone.page.click("text=保存这一件")
    phone.page.wait_for_selector("text=手机存储空间不够")
    expect(phone.page.locator("[data-field=content]")).to_have_value("第二位")
    phone.page.evaluate("window.full = false")
    phone.page.click("button:text-is('保存这一件')")
    phone.until_held(["第一位", "第二位"])


def test_an_expired_session_keeps_the_queue(phone: Phone, reception: Reception) -> None:
    phone.sign_in("clerk")
    phone.begin()
    phone.wait_until_sent()
    phone.context.clear_cookies()
    phone.page.fill("[data-field=content]", "水泵坏了三天")
    phone.page.click(".desk-choice--grid label:text-is('饮水')")
    phone.page.click("text=保存这一件")
    phone.page.wait_for_selector("text=登录已过期，请重新登录")
    expect(phone.page.locator("body")).not_to_contain_text("水泵坏了三天", use_inner_text=True)
    expect(phone.page.locator("body")).to_contain_text("还有1条没有发送", use_inner_text=True)
    assert "STORE keys 0" in phone.stored()
    # The page kept for no signal shows no more than that either.
    phone.page.goto(f"{phone.url}/desk/shell/")
    phone.page.wait_for_selector("#desk:not([hidden])")
    expect(phone.page.locator("body")).not_to_contain_text("水泵坏了三天", use_inner_text=True)
    phone.sign_in("clerk")
    # Whoever typed it, the session was over: its owner is asked.
    phone.until_status("1条是登录过期以后登记的")
    phone.page.wait_for_load_state("networkidle")
    assert reception.matters() == []
    phone.page.click("text=都是我登记的，发送")
    phone.wait_until_sent()
    phone.until_held(["水泵坏了三天"])


def test_half_an_hour_without_a_touch_locks_and_the_digits_open(phone: Phone, reception: Reception) -> None:
    """Without signal, with no word of the server; five wrong tries and only signing in helps."""
    phone.page.clock.install()
    phone.sign_in("clerk")
    phone.begin()
    phone.wait_until_sent()
    phone.page.click("summary:has-text('没有网络时的开锁码')")
    for refused, words in (("12", "请输入4到6位数字"), ("4321", "容易猜到"), ("0000", "容易猜到")):
        phone.page.fill("[data-field=digits]", refused)
        phone.page.click("button:text-is('设置开锁码')")
        phone.page.wait_for_selector(f"text={words}")
    phone.page.fill("[data-field=digits]", "2580")
    phone.page.click("button:text-is('设置开锁码')")
    phone.page.wait_for_selector("text=开锁码已设好")
    assert "2580" not in phone.stored()

    phone.context.set_offline(True)
    phone.page.fill("[data-field=content]", SECRET_WORDS)
    phone.page.clock.fast_forward("29:00")
    expect(phone.page.locator("[data-field=content]")).to_have_value(SECRET_WORDS)
    phone.page.clock.fast_forward("02:00")
    phone.page.wait_for_selector("text=已锁上")
    expect(phone.page.locator("body")).not_to_contain_text(SECRET_WORDS, use_inner_text=True)
    assert "STORE keys 0" in phone.stored()
    # Opened anew it is as locked.
    phone.page.goto(f"{phone.url}/desk/")
    phone.page.wait_for_selector("button:text-is('开锁')")
    phone.page.fill("[data-field=digits]", "2581")
    phone.page.click("button:text-is('开锁')")
    phone.page.wait_for_selector("text=还可以试4次")
    phone.page.fill("[data-field=digits]", "2580")
    phone.page.click("button:text-is('开锁')")
    phone.until_typed(SECRET_WORDS)

    phone.page.clock.fast_forward("31:00")
    for left in (4, 3, 2, 1):
        phone.page.fill("[data-field=digits]", "1379")
        phone.page.click("button:text-is('开锁')")
        phone.page.wait_for_selector(f"text=还可以试{left}次")
    phone.page.fill("[data-field=digits]", "1379")
    phone.page.click("button:text-is('开锁')")
    phone.page.wait_for_selector("text=请到有网络的地方登录后继续")
    assert "STORE locks 0" in phone.stored()
    phone.context.set_offline(False)
    phone.page.goto(f"{phone.url}/desk/")
    phone.until_typed(SECRET_WORDS)


def test_a_day_called_off_meanwhile_is_settled_by_a_person(
    phone: Phone, reception: Reception, office: Office
) -> None:
    from django.utils import timezone

    from liaison.tenancy.scope import acting
    from stations.services import cancel_reception

    phone.sign_in("clerk")
    phone.context.set_offline(True)
    phone.begin()
    phone.add("桥面塌了一块", photo=picture(2))
    with acting(office.clerk):
        cancel_reception(actor=office.clerk, day_id=reception.day.pk, reason="停电", now=timezone.now())
    phone.context.set_offline(False)
    phone.page.wait_for_selector("li[data-state=conflict]:has-text('桥面塌了一块')")
    phone.until("document.querySelectorAll('li[data-state=conflict]').length === 3")
    phone.until_status("3条没有收下，要您看一看")
    assert reception.matters() == []
    phone.page.click("text=作为今天的新登记")
    phone.until_held(["桥面塌了一块"])
    photos = """SELECT count(*) FROM constituents_opinionfile f JOIN constituents_opinion o ON o.id = f.opinion_id
        WHERE o.station_id = :station AND o.reception_day_id IS NULL"""
    assert reception.rows(photos) == [(1,)]
    phone.page.click("li[data-state=conflict]:has-text('开始接待') button:has-text('不再发送，删除')")
    phone.page.wait_for_selector("text=删除后不能恢复")
    phone.page.click("text=确定删除")
    phone.until("document.querySelectorAll('li[data-state=conflict]').length === 1")


def test_an_end_registered_by_another_is_settled_by_a_person(
    phone: Phone, reception: Reception, office: Office
) -> None:
    from django.utils import timezone

    from liaison.tenancy.scope import acting
    from stations.services import hold_reception

    phone.sign_in("clerk")
    phone.begin()
    phone.wait_until_sent()
    phone.context.set_offline(True)
    phone.page.click("button:has-text('＋')")
    phone.page.click("button:text-is('结束接待')")
    phone.page.wait_for_selector("text=1条待发送")
    with acting(office.clerk):
        hold_reception(actor=office.clerk, day_id=reception.day.pk, visitor_count=7, now=timezone.now())
    phone.context.set_offline(False)
    phone.page.wait_for_selector("text=来访7人")
    phone.page.click("text=改为我登记的")
    phone.wait_until_sent()
    count = "SELECT visitor_count FROM stations_receptionday WHERE id = :day"
    wait_for(lambda: reception.rows(count) == [(1,)], seconds=10, what="the phone's own number")


def test_other_words_under_one_number_are_kept_on_the_phone_until_a_person_decides(
    phone: Phone, reception: Reception
) -> None:
    """The server holds other words under the record's number; the answer that would have said so was lost."""
    phone.sign_in("clerk")
    phone.begin()
    phone.wait_until_sent()
    changed: list[str] = []

    def change(route: Route) -> None:
        if changed:
            route.continue_()
            return
        sent = route.request.post_data_buffer or b""
        changed.append(route.request.headers["idempotency-key"])
        route.fetch(post_data=sent.replace(SECRET_WORDS.encode(), "东坡水渠断流".encode()))
        route.abort("connectionreset")

    phone.page.route("**/opinions/desk/", change)
    phone.add(SECRET_WORDS)
    kept = phone.page.locator(f"li[data-state=conflict]:has-text('{SECRET_WORDS}')")
    expect(kept).to_have_count(1, timeout=60_000)
    expect(kept).to_contain_text("先前的已经登记，这次的没有保存")
    expect(kept).to_contain_text("要您决定")
    phone.until_held(["东坡水渠断流"])
    # It outlives the page.
    phone.page.reload()
    expect(kept).to_have_count(1, timeout=30_000)
    kept.get_by_role("button", name="作为另一件登记").click()
    both = ["东坡水渠断流", SECRET_WORDS]
    phone.wait_until_sent()
    phone.until_held(both)
    expect(phone.page.locator("li[data-state=conflict]")).to_have_count(0)


def test_a_deputy_alone_at_the_station(phone: Phone, reception: Reception) -> None:
    """今天 leads to the desk; one tap begins and registers the own duty."""
    phone.sign_in("deputy", "/")
    phone.page.click(".bottom-bar a:has-text('今天')")
    phone.page.wait_for_url("**/desk/")
    phone.ready()
    phone.page.click("text=开始接待")
    phone.add("校门口没有红绿灯", category="道路交通")
    phone.page.click("button:text-is('结束接待')")
    phone.page.wait_for_selector("text=已结束")
    phone.wait_until_sent()
    phone.until_held(["校门口没有红绿灯"])
    own = f"SELECT outcome, is_recorded_by_deputy FROM stations_participation WHERE reception_day_id = :day AND mandate_id = {reception.mandates[0].pk}"
    assert reception.rows(own) == [("attended", True)]
    day = "SELECT state, visitor_count FROM stations_receptionday WHERE id = :day"
    assert reception.rows(day) == [("held", 1)]


def _cut_off(request: Request, share: float) -> bytes:
    """The request as a line without a buffering proxy carries it that breaks in the middle; the answer, if any."""
    body = request.post_data_buffer or b""
    where = urlsplit(request.url)
    head = "".join(f"{name}: {value}\r\n" for name, value in request.all_headers().items() if name[0] != ":")
    with socket.create_connection((str(where.hostname), int(where.port or 80)), timeout=20) as line:
        line.sendall(
            f"POST {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\nConnection: close\r\n"
            f"Content-Length: {len(body)}\r\n{head}\r\n".encode()
        )
        line.sendall(body[: int(len(body) * share)])
        line.shutdown(socket.SHUT_WR)
        return line.recv(65536)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_photo_survives_a_line_that_breaks_in_its_middle(
    phone: Phone, reception: Reception, share: float
) -> None:
    phone.sign_in("clerk")
    phone.begin()
    phone.wait_until_sent()
    broken: list[tuple[bytes, list[str]]] = []

    def cut(route: Route) -> None:
        if broken:
            route.continue_()
            return
        answer = _cut_off(route.request, share)
        broken.append((answer, reception.matters()))
        route.abort("connectionreset")

    phone.page.route("**/opinions/desk/", cut)
    phone.add("桥面塌了一块", photo=picture(3))
    phone.wait_until_sent()
    [(answer, saved)] = broken
    assert answer[:12] in (b"", b"HTTP/1.1 400")
    assert saved == []
    phone.until_held(["桥面塌了一块"])
    photos = """SELECT count(*) FROM constituents_opinionfile f JOIN constituents_opinion o ON o.id = f.opinion_id
        WHERE o.station_id = :station"""
    assert reception.rows(photos) == [(1,)]
    assert "STORE photos 0\n" in phone.stored() + "\n"


FAST_CLOCK = """(() => {
    const Real = Date;
    const off = () => Number(sessionStorage.getItem('off') || 0);
    window.Date = class extends Real {
        constructor(...all) { if (all.length) { super(...all); } else { super(Real.now() + off()); } }
        static now() { return Real.now() + off(); }
    };
})()"""


def test_a_wrong_clock_holds_no_record_back(phone: Phone, reception: Reception) -> None:
    """Two days fast: sent with it, the server puts the time right; put right in between, a person does."""
    phone.context.add_init_script(FAST_CLOCK)
    phone.sign_in("clerk")
    phone.begin()
    phone.wait_until_sent()
    phone.page.evaluate("sessionStorage.setItem('off', String(2 * 86400 * 1000))")
    phone.add("时钟快两天时登记并发送")
    phone.wait_until_sent()
    phone.context.set_offline(True)
    phone.add("时钟快两天时登记，改正后才发送")
    phone.until_status("1条待发送")
    phone.page.evaluate("sessionStorage.setItem('off', '0')")
    phone.context.set_offline(False)
    phone.page.wait_for_selector("li[data-state=refused]")
    phone.page.click("li[data-state=refused] button:has-text('按现在的时间发送')")
    wait_for(lambda: len(reception.matters()) == 2, seconds=15, what="both matters")
    phone.wait_until_sent()
    rows = reception.rows(
        """SELECT abs(extract(epoch FROM o.heard_at - o.recorded_at)) < 60, s.note FROM constituents_opinion o
        JOIN constituents_opinionstep s ON s.opinion_id = o.id WHERE o.station_id = :station ORDER BY o.id"""
    )
    assert [near for near, _ in rows] == [True, True]
    assert [note[:6] for _, note in rows] == ["手机时钟不准", "手机时钟不准"]


def test_an_error_at_the_desk_is_counted_above_and_stands_clear_of_the_bar(phone: Phone) -> None:
    phone.sign_in("clerk")
    phone.begin()
    phone.page.fill("[data-field=content]", "路灯不亮")
    phone.page.click(".desk-matter .btn--primary")
    assert (
        phone.page.inner_text(".desk-matter .notice")
        == "有1处没有填好，已在下面标出，改好后再点“保存这一件”。"
    )
    box = phone.page.locator(".desk-choice--grid .field__error")
    assert box.inner_text() == "请点选一个类别。"
    on_top = box.evaluate(
        """e => { const r = e.getBoundingClientRect();
        return document.elementFromPoint(r.left + 4, r.top + r.height / 2) === e; }"""
    )
    assert on_top is True


PAGES = {
    "clerk": ["/desk/", "/"],
    "deputy": ["/desk/", "/", "/stations/duty/", "/stations/confirm/", "/stations/leave/", "/opinions/add/"],
    "": ["/desk/shell/", "/sign-in/", "/p/", "/s/{code}/"],
}
SMALL = """() => [...document.querySelectorAll('main a, main button, main input:not([type=hidden]), main select, main textarea, main summary, .bottom-bar a, .masthead a, .masthead summary')]
    .filter(e => !e.closest('p, li.quiet, .crumbs') || e.matches('.btn'))
    .filter(e => !e.matches('.masthead__place'))
    .map(e => e.matches('[type=radio], [type=checkbox], [type=file]') ? (e.closest('label') || e.parentNode.querySelector('label')) : e)
    .map(e => [e.getBoundingClientRect().height, e.outerHTML.slice(0, 90)])
    .filter(([height]) => height > 0 && height < 44)"""


@pytest.mark.parametrize("who", list(PAGES))
def test_pages_can_be_used_by_everybody(phone: Phone, reception: Reception, who: str) -> None:
    """No serious or critical finding by axe-core; every target of the thumb at least 44 px."""
    if who:
        phone.sign_in(who, "/")
    axe = Axe()
    findings: list[str] = []
    for path in PAGES[who]:
        phone.page.goto(phone.url + path.format(code=reception.station.public_code))
        if path == "/desk/":
            phone.ready()
            phone.page.click("text=开始接待")
            phone.page.wait_for_selector(".desk-matter")
        for result in axe.run(phone.page).response["violations"]:
            if result["impact"] in ("serious", "critical"):
                findings.append(f"{path}: {result['id']} {result['nodes'][0]['html'][:120]}")
        findings += [f"{path}: {height:.0f} px {html}" for height, html in phone.page.evaluate(SMALL)]
        wide = phone.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wide > 0:
            findings.append(f"{path}: {wide} px too wide")
    assert findings == []


def test_the_worker_keeps_nothing_personal(phone: Phone, reception: Reception) -> None:
    """Only the shell and its files are in the cache, and they name nobody."""
    phone.sign_in("clerk")
    phone.page.goto(f"{phone.url}/")
    phone.page.goto(f"{phone.url}/desk/")
    phone.ready()
    kept = phone.page.evaluate(
        "async () => { const all = {}; for (const n of await caches.keys()) { const c = await caches.open(n);"
        " for (const r of await c.keys()) all[new URL(r.url).pathname] = await (await c.match(r)).text(); } return all; }"
    )
    assert "/desk/shell/" in kept
    assert "/desk/" not in kept
    assert all(path == "/desk/shell/" or path.startswith("/static/") for path in kept)
    assert not any(
        "刘联络员" in text or "csrf" in text.lower().replace("x-csrftoken", "").replace("csrf:", "")
        for path, text in kept.items()
        if path == "/desk/shell/"
    )
    worker = phone.context.request.get(f"{phone.url}/desk/worker.js")
    assert worker.headers["service-worker-allowed"] == "/desk/"
    assert json.loads(worker.text().partition("const DESK = ")[2].partition(";\n")[0])["page"] == "/desk/"
    page = phone.context.request.get(f"{phone.url}/desk/")
    assert "worker-src 'self'" in page.headers["content-security-policy"]
