"""Who takes part in the first year, at which screen; every click and every field is counted."""

import re
from base64 import b32decode
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django_otp.oath import TOTP
from playwright.sync_api import Browser, Locator, expect

from liaison.calendar.workdays import CHINA
from tests.browser.conftest import DESK, PHONE, Person
from tests.stack import Stack

OWN = "Xin-Mi-Ma-2026-zz"
ONE_TIME = r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}"


@dataclass
class FirstYear:
    """One installation, its clock, and what its people were handed."""

    browser: Browser
    stack: Stack
    folder: Path
    now: datetime
    passwords: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    clicks: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    stage: str = ""
    # The sign-in name of the deputy whom the rota puts on the first turn.
    on_duty: str = ""

    def begin(self, stage: str, moment: str) -> None:
        """The next stage, at a moment of Chinese time as ``2025-06-06 15:00``."""
        self.stage, self.now = stage, datetime.fromisoformat(moment).replace(tzinfo=CHINA)
        self._set()

    def _set(self) -> None:
        (self.stack.data_dir / "clock").write_text(self.now.isoformat())

    def later(self, minutes: int = 1) -> None:
        """An authenticator shows another code each half minute, and takes none twice."""
        self.now += timedelta(minutes=minutes)
        self._set()

    @contextmanager
    def person(self, username: str = "", *, phone: bool = False) -> Iterator["Newcomer"]:
        """Somebody at his screen, signed in if he has an account; no script failed when he leaves."""
        person = Newcomer(self, PHONE if phone else DESK)
        if username:
            self.later()
            person.enter(username)
        try:
            yield person
        except BaseException as error:
            # What the page said instead, beside what was waited for.
            error.add_note(f"{person.page.url}\n{person.page.inner_text('body')}")
            raise
        person.context.close()
        assert person.errors == []

    def table(self) -> str:
        """What each stage takes a person."""
        stages = dict.fromkeys([*self.clicks, *self.fields])
        lines = [f"{name}：点击{self.clicks[name]}次，填写{self.fields[name]}栏" for name in stages]
        total = f"合计：点击{self.clicks.total()}次，填写{self.fields.total()}栏"
        return "\n".join([*lines, total])

    def ring(self) -> None:
        """What beat and worker do of themselves by now, each task once."""
        self.stack.environment["FIRST_YEAR_NOW"] = self.now.isoformat()
        self.stack.python(_RING, role="worker")


_RING = """
import os, time_machine, django
django.setup()
from liaison.celery import app
app.conf.task_always_eager = True
app.loader.import_default_modules()
app.finalize()
with time_machine.travel(os.environ["FIRST_YEAR_NOW"]):
    for entry in app.conf.beat_schedule.values():
        app.tasks[entry["task"]].apply(args=entry.get("args", ()), throw=True)
"""


class Newcomer(Person):
    """Somebody who clicks and types, and whose pages are never too wide."""

    def __init__(self, year: FirstYear, viewport: dict[str, int]) -> None:
        super().__init__(year.browser, year.stack, viewport)
        self.year = year
        self.main = self.page.locator("main")

    def click(self, what: Locator) -> None:
        """Click, and look at the page that comes."""
        self.year.clicks[self.year.stage] += 1
        what.first.click()
        self.page.wait_for_load_state()
        self.no_sideways_scrolling()

    def press(self, words: str) -> None:
        self.click(self.main.get_by_role("button", name=words, exact=True))

    def follow(self, words: str, *, within: str = "main") -> None:
        self.click(self.page.locator(within).get_by_role("link", name=words, exact=True))

    def home(self) -> None:
        self.click(self.page.locator(".masthead__place"))

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.year.fields[self.year.stage] += 1
            self.page.fill(f"main [name={name}]", value)

    def type(self, box: Locator, words: str) -> None:
        self.year.fields[self.year.stage] += 1
        box.fill(words)

    def write(self, selector: str, words: str) -> None:
        self.type(self.page.locator(selector), words)

    def next_step(self, words: str) -> None:
        """The one next action of the home page, which is where this is clicked."""
        expect(self.page.get_by_role("heading", name="还差什么")).to_be_visible()
        self.follow(words)

    def again(self) -> None:
        """Look once more at what the machine has done meanwhile."""
        self.year.clicks[self.year.stage] += 1
        self.page.reload()

    def misses_nothing(self) -> None:
        expect(self.page.get_by_role("heading", name="今日待办", exact=True).first).to_be_visible()
        expect(self.page.get_by_role("heading", name="还差什么")).to_have_count(0)

    def choose(self, name: str, words: str) -> None:
        """One of a select, by its words."""
        self.year.fields[self.year.stage] += 1
        self.page.select_option(f"main [name={name}]", label=words)

    def tick(self, selector: str) -> None:
        self.year.clicks[self.year.stage] += 1
        self.page.check(f"main {selector}")

    def upload(self, name: str, path: Path) -> None:
        self.year.fields[self.year.stage] += 1
        self.page.set_input_files(f"main [name={name}]", str(path))

    def shows(self, *texts: str) -> None:
        """Wait for words of the page."""
        for text in texts:
            expect(self.page.locator("body")).to_contain_text(text)

    def passwords(self) -> list[str]:
        return re.findall(ONE_TIME, self.page.inner_text("main"))

    def enter(self, username: str) -> None:
        """Sign in; for the first time with a password of one's own to choose, staff with the authenticator."""
        given = self.year.passwords.pop(username, "")
        self.go("/sign-in/")
        self.fill(username=username, password=given or OWN)
        self.press("登录")
        if given:
            self.fill(old_password=given, new_password=OWN, repeated=OWN)
            self.click(self.main.locator("button[type=submit]"))
            self.go("/")
        if self.main.get_by_role("button", name="开始绑定").count():
            self._bind(username)
        elif username in self.year.keys:
            self.fill(token=self._code(username))
            self.click(self.main.locator("button[type=submit]"))

    def _bind(self, username: str) -> None:
        self.press("开始绑定")
        key = re.search(r"密钥：\s*([A-Z2-7 ]+)", self.page.inner_text("main"))
        assert key
        self.year.keys[username] = key[1].replace(" ", "").strip()
        self.fill(token=self._code(username))
        self.press("确认绑定")
        self.follow("已保管好，继续")

    def confirm_password(self) -> None:
        """Again, where the page asks for it after a while."""
        if self.page.locator("main [name=password]").count():
            self.fill(password=OWN)
            self.click(self.main.locator("button[type=submit]"))

    def _code(self, username: str) -> str:
        """What the authenticator shows now."""
        key = self.year.keys[username]
        generator = TOTP(b32decode(key + "=" * (-len(key) % 8)))
        generator.time = self.year.now.timestamp()
        return f"{generator.token():06d}"
