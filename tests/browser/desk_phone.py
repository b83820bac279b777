"""A phone at the desk: what is typed and tapped, and what the browser keeps."""

import time
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.desk_world import Reception
from tests.factories import PASSWORD

PHONE = {"width": 390, "height": 844}


class Phone:
    """One phone: whoever holds it, what is typed and tapped, and every complaint of the pages."""

    def __init__(self, browser: Browser, reception: Reception) -> None:
        self.context: BrowserContext = browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True)  # type: ignore[arg-type]
        self.reception = reception
        self.url = reception.stack.url
        self.errors: list[str] = []
        self.taps = 0
        self.open()

    def open(self) -> Page:
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("pageerror", lambda error: self.errors.append(f"{error} {error.stack}"))
        self.page.on("console", self._note)
        return self.page

    def _note(self, message: Any) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.errors.append(message.text)

    def tap(self, selector: str) -> None:
        self.taps += 1
        self.page.click(selector)

    def sign_in(self, who: str, wanted: str = "/desk/") -> None:
        self.page.goto(f"{self.url}/sign-in/?next={wanted}")
        self.page.fill("[name=username]", self.reception.names[who])
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("main button[type=submit]")
        self.page.wait_for_selector("details.menu")
        assert self.page.url == self.url + wanted
        if wanted == "/desk/":
            self.ready()

    def ready(self) -> None:
        """The desk stands and works without signal from now on."""
        self.page.wait_for_selector(".desk-list")
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    def begin(self) -> None:
        self.page.click("button[data-deputy]:has-text('到岗') >> nth=0")
        self.page.click("text=开始接待")
        self.page.wait_for_selector(".desk-matter")

    def add(self, content: str, *, category: str = "路灯照明", photo: bytes = b"", **fields: str) -> None:
        """Type one matter and save it."""
        self.page.fill("[data-field=content]", content)
        self.page.click(f".desk-choice--grid label:text-is('{category}')")
        if photo:
            self.attach(photo)
        if fields:
            self.page.click("summary:has-text('姓名、电话、住址')")
        for name, value in fields.items():
            self.page.fill(f"[data-field={name}]", value)
        self.page.click("text=保存这一件")
        self.until("document.querySelector('[data-field=content]').value === ''")

    def attach(self, photo: bytes) -> None:
        before = self.page.locator(".desk-photos img").count()
        file = {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": photo}
        self.page.set_input_files(".desk-matter input[type=file]", file)  # type: ignore[arg-type]
        self.until("document.querySelectorAll('.desk-photos img').length === n", before + 1)

    def until(self, true_at_last: str, argument: Any = None, seconds: float = 15) -> None:
        """Wait for an expression; the pages' policy forbids the browser to poll it by itself."""
        limit = time.monotonic() + seconds
        # While a page is being left there may be nothing to ask.
        safe = f"n => {{ try {{ return {true_at_last}; }} catch (gone) {{ return false; }} }}"
        while not self.page.evaluate(safe, argument):
            assert time.monotonic() < limit, f"{true_at_last}\n{self.page.inner_text('body')[:2000]}"
            self.page.wait_for_timeout(50)

    def until_kept(self, number: int) -> None:
        """So many records and drafts of this phone's holder lie in its store."""
        self.until(
            "import('/static/desk/store.js').then(m => m.store.counts())"
            ".then(all => all[document.body.dataset.owner || Object.keys(all)[0]] === n)",
            number,
        )

    def until_typed(self, words: str) -> None:
        """The half-written matter stands in its field again."""
        self.until("document.querySelector('[data-field=content]').value === n", words)

    def until_status(self, words: str) -> None:
        self.until("document.querySelector('.desk-status').innerText.includes(n)", words)

    def wait_until_sent(self, seconds: float = 30) -> None:
        self.until(
            "document.querySelector('.desk-status').innerText.includes('没有待发送的')", seconds=seconds
        )

    def until_held(self, wanted: list[str]) -> None:
        """Wait until the server holds ``wanted``: what the phone says may be a moment ahead.

        The browser's own waiting, in which requests that the test has taken in hand go on.
        """
        limit = time.monotonic() + 20
        while (held := self.reception.matters()) != wanted:
            assert time.monotonic() < limit, f"the server holds {held}"
            self.page.wait_for_timeout(100)

    def stored(self) -> str:
        """Everything IndexedDB and localStorage hold, bytes read as text in every likely encoding."""
        return str(self.page.evaluate(DUMP))


DUMP = """async () => {
    const seen = [JSON.stringify(localStorage), JSON.stringify(sessionStorage)];
    const read = value => {
        if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
            const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : new Uint8Array(value.buffer);
            seen.push(new TextDecoder('utf-8').decode(bytes), new TextDecoder('utf-16le').decode(bytes));
        } else if (value instanceof CryptoKey) { seen.push('KEY extractable=' + value.extractable); }
        else if (value && typeof value === 'object') { Object.keys(value).forEach(k => { seen.push(k); read(value[k]); }); }
        else { seen.push(String(value)); }
    };
    for (const {name} of await indexedDB.databases()) {
        const db = await new Promise((ok, no) => { const r = indexedDB.open(name); r.onsuccess = () => ok(r.result); r.onerror = no; });
        for (const store of db.objectStoreNames) {
            const rows = await new Promise(ok => { const r = db.transaction(store).objectStore(store).getAll(); r.onsuccess = () => ok(r.result); });
            seen.push('STORE ' + store + ' ' + rows.length);
            rows.forEach(read);
        }
        db.close();
    }
    for (const name of await caches.keys()) {
        for (const request of await (await caches.open(name)).keys()) {
            seen.push('CACHED ' + request.url, await (await (await caches.open(name)).match(request)).text());
        }
    }
    return seen.join('\\n');
}"""
