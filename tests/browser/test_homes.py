"""Every login's home page opens, on a desk and on a phone, and says where one is."""

from collections.abc import Callable

import pytest

from reports.demo.logins import LOGINS
from tests.browser.conftest import Person

HOMES = {
    "zz-mishu": ("今日待办", "庄子乡"),
    "zz-zhuxi": ("今日待办", "庄子乡"),
    "zz-zhan": ("今日待办", "庄子乡"),
    "zz-shuili": ("庄子乡",),
    "xh-gongwei": ("今日待办", "新华街道"),
    "xh-zhuren": ("今日待办", "新华街道"),
    "hs-mishu": ("今日待办", "洪善镇"),
    "hs-zhuxi": ("今日待办", "洪善镇"),
    "yc-gongwei": ("庄子乡", "新华街道"),
    "jz-chakan": ("榆次区", "平遥县"),
    "xitong": ("工作日历",),
    "anquan": ("账号",),
    "shenji": ("审计记录",),
}


def test_every_login_of_the_table_has_its_home() -> None:
    assert {login.username for login in LOGINS} == set(HOMES)


@pytest.mark.parametrize("username", sorted(HOMES))
def test_home_at_a_desk(at_desk: Callable[[str], Person], username: str) -> None:
    person = at_desk(username)
    person.sees(*HOMES[username])
    person.no_sideways_scrolling()


@pytest.mark.parametrize("username", ["zz-mishu", "zz-shuili", "yc-gongwei"])
def test_home_on_a_phone(on_phone: Callable[[str], Person], username: str) -> None:
    person = on_phone(username)
    person.sees(*HOMES[username])
    person.no_sideways_scrolling()
