"""The scripts' own rules, asked of the modules themselves in a Chromium; no server, no database."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

STATIC = Path(__file__).resolve().parents[2] / "static"
# A secure address, as the encryption of the phone demands.
HOST = "http://localhost:8123"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page of an address that has nothing but the scripts."""
    context = browser.new_context()
    found = context.new_page()

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(HOST)
        if path.startswith("/static/"):
            route.fulfill(body=(STATIC.parent / path[1:]).read_bytes(), content_type="text/javascript")
        else:
            route.fulfill(body="<!DOCTYPE html><body data-owner='1-7'></body>", content_type="text/html")

    found.route(f"{HOST}/**", answer)
    found.goto(f"{HOST}/")
    yield found
    context.close()


def run(page: Page, module: str, body: str, argument: Any = None) -> Any:
    """What ``body`` returns; it sees the module as ``m`` and the argument as ``a``."""
    script = f"async (a) => {{ const m = await import('/static/{module}'); {body} }}"
    return page.evaluate(script, argument)


RING = """const key = (letter) => ({ id: letter, key: btoa(letter.repeat(32)) });
    const ring = (owner, ...letters) => m.store.admit(owner, letters.map(key), Date.now() + 60000);"""


class TestPhotos:
    @pytest.mark.parametrize(
        ("size", "kept"),
        [
            ((800, 600), [800, 600]),
            ((4000, 3000), [1600, 1200]),
            ((3000, 4000), [1200, 1600]),
            # Never narrower than a thousand, however long.
            ((1080, 12_000), [1000, 11_111]),
            ((720, 9000), [720, 9000]),
            ((12_000, 1080), [11_111, 1000]),
            ((500, 64_000), [250, 32_000]),
        ],
    )
    def test_the_area_is_bounded_and_the_shorter_side_keeps_a_thousand(
        self, page: Page, size: tuple[int, int], kept: list[int]
    ) -> None:
        assert run(page, "desk/photos.js", "return m.keptSize(a[0], a[1], 1920000);", size) == kept

    def test_a_long_screenshot_stays_legible_and_a_photo_becomes_light(self, page: Page) -> None:
        found = run(
            page,
            "desk/photos.js",
            """const made = async (width, height) => {
                const canvas = Object.assign(document.createElement("canvas"), { width, height });
                const pen = canvas.getContext("2d");
                for (let n = 0; n < 4000; n += 1) {
                    pen.fillStyle = `hsl(${(n * 37) % 360} 80% 50%)`;
                    pen.fillRect((n * 53) % width, (n * 97) % height, 40, 40);
                }
                const blob = await new Promise((done) => { canvas.toBlob(done, "image/png"); });
                const copy = await m.compress(blob);
                const image = await createImageBitmap(new Blob([copy]));
                return [image.width, image.height, copy.byteLength];
            };
            return [await made(3000, 2000), await made(1080, 6000)];""",
        )
        (width, height, weight), (narrow, tall, _) = found
        assert (narrow, tall) == (1000, 5556)
        assert weight <= 300 * 1024
        assert min(width, height) >= 1000

    @pytest.mark.parametrize(("name", "kind"), [("IMG_1.HEIC", ""), ("a.jpg", "image/heif")])
    def test_an_apple_photo_is_refused_with_the_setting_that_helps(
        self, page: Page, name: str, kind: str
    ) -> None:
        words = run(page, "desk/photos.js", "return m.faultOf({ name: a[0], type: a[1] });", [name, kind])
        assert words == "不能接收 HEIC 照片，请在相机设置里改用 JPG（兼容性最佳）后重新拍。"

    def test_any_other_file_is_called_damaged(self, page: Page) -> None:
        words = run(page, "desk/photos.js", "return m.faultOf({ name: 'a.jpg', type: 'image/jpeg' });")
        assert words == "“a.jpg”不是照片或者已损坏，请重新拍。"


class TestQueue:
    def test_waits_grow_to_five_minutes(self, page: Page) -> None:
        found = run(page, "desk/queue.js", "return [0, 1, 2, 5, 9, 30].map((n) => m.waitAfter(n, 0.5));")
        assert found == [1000, 1000, 2000, 16_000, 256_000, 300_000]
        assert run(page, "desk/queue.js", "return [m.waitAfter(3, 0), m.waitAfter(3, 0.25)];") == [3200, 3600]

    def test_a_time_noted_by_a_wrong_clock_does_not_hold_a_record_back(self, page: Page) -> None:
        now, day = 1_000_000_000_000, 86_400_000
        times = [now - 1, now, now + 1, now + 300_000, now + 2 * day]
        due = run(page, "desk/queue.js", "return a[0].map((next) => m.isDue(next, a[1]));", [times, now])
        assert due == [True, True, False, False, True]

    @pytest.mark.parametrize(
        ("answer", "left"),
        [
            ({}, ["a", "b"]),
            ({"photos": []}, ["a", "b"]),
            ({"photos": ["b"]}, ["a"]),
            ({"photos": ["b", "a"]}, []),
        ],
    )
    def test_only_photos_the_server_named_may_go(
        self, page: Page, answer: dict[str, Any], left: list[str]
    ) -> None:
        assert run(page, "desk/queue.js", "return m.unconfirmed(['a', 'b'], a);", answer) == left


class TestStore:
    def test_photos_carry_the_digest_the_server_writes(self, page: Page) -> None:
        found = run(
            page,
            "desk/store.js",
            f"""{RING} const mine = await ring("1-7", "a");
            for (const text of ["first", "second"]) {{
                await m.store.addPhoto(mine, "u", new TextEncoder().encode(text).buffer);
                await new Promise((done) => {{ setTimeout(done, 5); }});
            }}
            return (await m.store.photosOf(mine, "u")).map((one) => [new TextDecoder().decode(one.bytes), one.digest]);""",
        )
        assert found == [[text, hashlib.sha256(text.encode()).hexdigest()] for text in ("first", "second")]

    def test_records_are_listed_in_the_order_they_were_saved(self, page: Page) -> None:
        found = run(
            page,
            "desk/store.js",
            f"""{RING} const mine = await ring("1-7", "a");
            for (const uid of ["c", "a", "b"]) {{ await m.store.put(mine, {{ uid, state: "waiting" }}, {{ uid }}, true); }}
            await m.store.put(mine, await m.store.get("c"), {{ uid: "again" }}, false);
            await m.store.put(mine, await m.store.get("a"), undefined, true);
            const rows = await m.store.list("1-7");
            return [rows.map((one) => one.uid), await m.store.body(mine, rows[0]), await m.store.counts()];""",
        )
        assert found == [["c", "b", "a"], {"uid": "again"}, {"1-7": 3}]

    def test_another_key_and_another_owner_read_nothing(self, page: Page) -> None:
        found = run(
            page,
            "desk/store.js",
            f"""{RING} const mine = await ring("1-7", "a");
            await m.store.put(mine, {{ uid: "u", state: "waiting" }}, {{ content: "x" }}, true);
            const record = await m.store.get("u");
            const read = async (by) => {{ try {{ return await m.store.body(by, record); }} catch {{ return null; }} }};
            return [await read(mine), await read(await ring("1-7", "b")), await read(await ring("2-9", "a")),
                await read(await ring("1-7", "b", "a")), (await m.store.list("2-9")).length];""",
        )
        assert found == [{"content": "x"}, None, None, {"content": "x"}, 0]

    def test_nobody_is_admitted_longer_than_told(self, page: Page) -> None:
        found = run(
            page,
            "desk/store.js",
            """await m.store.admit("1-7", [{ id: "a", key: btoa("a".repeat(32)) }], Date.now() - 1);
            return m.store.lastRing();""",
        )
        assert found is None


class TestMatter:
    WHOLE = {"content": "路灯不亮", "category": "lighting", "handling": "pass"}

    @pytest.mark.parametrize(
        ("change", "places"),
        [
            ({}, []),
            ({"content": "", "category": ""}, ["content", "category"]),
            ({"handling": "spot"}, ["answer"]),
            ({"handling": "spot", "on_spot_answer": "已解释"}, []),
            ({"resident_phone": "138 0354 1276"}, []),
            ({"resident_phone": "0354-2660000"}, []),
            ({"resident_phone": "123"}, ["phone"]),
        ],
    )
    def test_what_a_matter_still_lacks(self, page: Page, change: dict[str, str], places: list[str]) -> None:
        found = run(
            page, "desk/matter.js", "return m.faultsOf(a).map((one) => one[0]);", {**self.WHOLE, **change}
        )
        assert found == places


class TestDrafts:
    @pytest.mark.parametrize(
        ("form", "kept"),
        [
            ("<form method=post><textarea name=a></textarea></form>", True),
            ("<form method=post>" + "".join(f"<input name=n{n}>" for n in range(5)) + "</form>", True),
            ("<form method=post>" + "".join(f"<input name=n{n}>" for n in range(4)) + "</form>", False),
            ("<form method=post data-draft=x><input name=a></form>", True),
            ("<form method=post data-no-draft><textarea name=a></textarea></form>", False),
            ("<form method=post><textarea name=a></textarea><input type=password name=p></form>", False),
            ("<form><textarea name=a></textarea></form>", False),
        ],
    )
    def test_which_forms_are_kept(self, page: Page, form: str, kept: bool) -> None:
        page.set_content(form)
        assert run(page, "liaison/drafts.js", "return m.isDraftForm(document.forms[0]);") is kept

    def test_a_draft_goes_over_what_the_server_shows_now(self, page: Page) -> None:
        """Only what the person changed; what somebody else changed since stays, or is told."""
        base = {"a": ["1"], "b": ["1"], "idempotency_key": ["old"]}
        typed = {"a": ["2"], "b": ["1"], "gone": ["x"], "idempotency_key": ["old"]}
        merge = "return m.mergeDraft(...a);"
        fresh = {"a": ["1"], "b": ["9"], "idempotency_key": ["new"]}
        merged = {"a": ["2"], "b": ["9"], "idempotency_key": ["old"]}
        found = run(page, "liaison/drafts.js", merge, [base, typed, fresh])
        assert found == {"merged": merged, "isWorth": True, "isMoved": False}
        fresh["a"] = ["3"]
        found = run(page, "liaison/drafts.js", merge, [base, typed, fresh])
        assert found == {"merged": merged, "isWorth": True, "isMoved": True}
        found = run(page, "liaison/drafts.js", merge, [base, base, fresh])
        assert found == {"merged": fresh, "isWorth": False, "isMoved": False}
