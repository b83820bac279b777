"""From an empty database to a deputy's home on the phone, by clicks alone: the first day of a township."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django_otp.oath import TOTP
from playwright.sync_api import Browser
from pypdf import PdfReader

from tests.browser.conftest import DESK, PHONE, Person
from tests.deputies.rosters import as_csv, line
from tests.stack import Stack, cloned

OWN = "Xin-Mi-Ma-2026-zz"
ONE_TIME = r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}"
KEEPERS = {"security_admin": "李安", "audit_admin": "王审", "system_admin": "赵统"}


@pytest.fixture
def empty(migrated_template: str, data_dirs: Iterator[Path]) -> Iterator[Stack]:
    """An installation as the migrations leave it, with the second factor asked of all staff."""
    with cloned(migrated_template, f"test_first_day_{os.getpid()}", next(data_dirs), broker=9) as stack:
        stack.environment["LIAISON_REQUIRE_OTP"] = "1"
        stack.start_web()
        yield stack


class FirstDay(Person):
    """Somebody who clicks, and whose pages are never too wide."""

    def press(self, words: str) -> None:
        self.page.locator("main").get_by_role("button", name=words, exact=True).first.click()
        self.page.wait_for_load_state()
        self.no_sideways_scrolling()

    def follow(self, words: str) -> None:
        self.page.locator("main").get_by_role("link", name=words, exact=True).first.click()
        self.page.wait_for_load_state()
        self.no_sideways_scrolling()

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.page.fill(f"main [name={name}]", value)

    def enter(self, username: str, password: str) -> None:
        """The first sign-in: a password of one's own, and for staff the authenticator on the phone."""
        self.go("/sign-in/")
        self.fill(username=username, password=password)
        self.press("登录")
        self.fill(old_password=password, new_password=OWN, repeated=OWN)
        self.page.locator("main button[type=submit]").first.click()
        self.page.wait_for_load_state()

    def bind(self) -> None:
        self.go("/")
        self.press("开始绑定")
        key = re.search(r"密钥：\s*([A-Z2-7 ]+)", self.page.inner_text("main"))
        assert key
        self.fill(token=code_of(key[1]))
        self.press("确认绑定")
        self.follow("已保管好，继续")


def code_of(key: str) -> str:
    """What the authenticator shows now."""
    from base64 import b32decode

    bare = key.replace(" ", "").strip()
    generator = TOTP(b32decode(bare + "=" * (-len(bare) % 8)))
    generator.time = time.time()
    return f"{generator.token():06d}"


def passwords(person: FirstDay) -> list[str]:
    return re.findall(ONE_TIME, person.page.inner_text("main"))


def set_up(person: FirstDay, link: str) -> dict[str, str]:
    """The wizard to its end; the one-time passwords by sign-in name."""
    person.page.goto(link)
    person.press("开始设置")
    person.follow("办理：本级")
    person.page.check("main [value=township]")
    person.press("下一步")
    person.fill(name="庄子乡", code="140702202", prefecture="晋中市", county="榆次区")
    person.press("登记本级")
    person.follow("办理：下级区域")
    person.fill(table="140702202201 东庄村\n140702202202 西庄村")
    person.press("核对")
    person.sees("将登记：村（社区）2个")
    person.press("确认登记2个区域")
    person.follow("办理：三名管理员")
    person.fill(**{f"{role}_name": name for role, name in KEEPERS.items()})
    person.press("登记三名管理员")
    given = dict(zip(("anquan", "shenji", "xitong"), passwords(person), strict=True))
    person.follow("已保管好，继续")
    person.follow("办理：第一个业务账号")
    person.page.select_option("main [name=place]", label="榆次区庄子乡")
    person.fill(name="周秘书", username="zhoumishu")
    person.press("开立账号")
    (given["zhoumishu"],) = passwords(person)
    person.follow("已保管好，继续")
    person.press("结束设置")
    person.sees("首次设置已经完成")
    return given


def bring_roster(person: FirstDay, folder: Path) -> None:
    """The congress, its roster from a sheet, and the term in force."""
    person.sees("还差什么", "登记本届人民代表大会")
    person.follow("登记本届人民代表大会")
    person.fill(number="15", elected_on="2026-04-18", starts_on="2026-05-08", seats="47")
    person.press("登记")
    sheet = folder / "名册.csv"
    given = {"当选日期": "2026-04-18"}
    sheet.write_bytes(as_csv(line(1, "王建国", **given), line(2, "李秀英", 性别="女", **given)))
    person.go("/")
    person.follow("导入代表名册")
    person.page.set_input_files("main [name=file]", str(sheet))
    person.press("上传并核对")
    for name in ("create_constituencies", "create_groups"):
        person.page.check(f"main [name={name}]")
    person.press("确认导入")
    person.go("/")
    person.follow("启用本届")
    person.fill(starts_on="2026-05-08", ends_on="2026-05-09")
    person.page.get_by_role("button", name=re.compile("^启用")).click()
    person.page.wait_for_load_state()


def give(person: FirstDay, folder: Path) -> str:
    """The account of a deputy, from the list; its one-time password as the slip has it."""
    person.go("/admin/deputies/mandate/")
    person.page.locator("tr", has_text="王建国").locator("input[type=checkbox]").check()
    person.page.select_option("[name=action]", label="开账号，打印口令单")
    person.page.locator(".bulk button[type=submit], .actions button[type=submit]").first.click()
    person.page.wait_for_load_state()
    with person.page.expect_download() as download:
        person.page.get_by_role("button", name="开账号，下载口令单").click()
    path = folder / "slips.pdf"
    download.value.save_as(path)
    read = "".join(page.extract_text() for page in PdfReader(path).pages)
    found = re.search(ONE_TIME, read)
    assert found
    assert "wangjianguo" in read
    return found[0]


def test_a_township_gets_from_nothing_to_a_deputy_on_the_phone(
    browser: Browser, empty: Stack, data_dirs: Any
) -> None:
    folder = next(data_dirs)
    folder.mkdir()
    link = empty.manage("found_office").split()[-1]
    opened = [FirstDay(browser, empty, size) for size in (DESK, DESK, DESK, PHONE)]
    installer, keeper, clerk, deputy = opened
    given = set_up(installer, link)

    keeper.enter("xitong", given["xitong"])
    keeper.bind()
    keeper.sees("填写机关名称和机关代字")

    clerk.enter("zhoumishu", given["zhoumishu"])
    clerk.bind()
    bring_roster(clerk, folder)
    password = give(clerk, folder)

    deputy.enter("wangjianguo", password)
    deputy.go("/")
    deputy.sees("王建国代表，您好")
    deputy.no_sideways_scrolling()
    for person in opened:
        person.context.close()
        assert person.errors == []
