"""What the clerk prepares in the first week: roster, station, rota, unit, accounts, the year's scheme."""

import re
from collections.abc import Iterable
from pathlib import Path

from pypdf import PdfReader

from tests.browser.first_year.world import ONE_TIME, FirstYear, Newcomer
from tests.deputies.rosters import as_csv, line

DEPUTIES = {"wangjianguo": "王建国", "lixiuying": "李秀英", "zhaoyumei": "赵玉梅"}


def prepare(year: FirstYear) -> None:
    with year.person("zhoumishu") as clerk:
        _congress(clerk)
        set_up_station(clerk, DEPUTIES.values())
        _rota(clerk)
        _unit(clerk)
        _accounts(clerk)
        _scheme(clerk)


def _congress(clerk: Newcomer) -> None:
    clerk.next_step("登记本届人民代表大会")
    clerk.fill(number="15", elected_on="2025-04-18", starts_on="2025-05-08", seats="3")
    clerk.press("登记")
    clerk.home()
    clerk.next_step("导入代表名册")
    clerk.upload("file", _roster(clerk.year.folder))
    clerk.press("上传并核对")
    clerk.tick("[name=create_constituencies]")
    clerk.tick("[name=create_groups]")
    clerk.press("确认导入")
    clerk.home()
    clerk.next_step("启用本届")
    clerk.fill(starts_on="2025-05-08", ends_on="2025-05-09")
    clerk.press("启用榆次区庄子乡人民代表大会第15届")
    clerk.shows("榆次区庄子乡人民代表大会第15届已启用。")


def _roster(folder: Path) -> Path:
    first, second = {"小组职务": "组长"}, {"性别": "女"}
    elected = {"当选日期": "2025-04-18"}
    lines = [
        line(number, name, **elected, **more)
        for number, (name, more) in enumerate(zip(DEPUTIES.values(), (first, second, second), strict=True), 1)
    ]
    path = folder / "名册.csv"
    path.write_bytes(as_csv(*lines))
    return path


def set_up_station(clerk: Newcomer, deputies: Iterable[str]) -> None:
    """A room, its deputies, and the first Friday of each quarter."""
    clerk.home()
    clerk.next_step("设立联络站")
    clerk.choose("kind", "联络站")
    clerk.fill(name="东庄村联络站", address="庄子乡东庄村委会一层")
    clerk.press("设立")
    clerk.home()
    clerk.next_step("确定东庄村联络站的进站代表")
    for name in deputies:
        clerk.click(clerk.main.get_by_label(name))
    clerk.press("确定")
    clerk.home()
    clerk.next_step("制定东庄村联络站的接待日规则")
    for box in (
        "kind][value=nth_weekday",
        "weekdays][value='5'",
        "nths][value='1'",
        "months][value=quarterly",
    ):
        clerk.tick(f"[name={box}]")
    clerk.press("预览今后十二个月")
    clerk.press("核对无误，制定规则")
    clerk.shows("接待日规则已制定。新排4次，调整0次，撤下0次。")


def _rota(clerk: Newcomer) -> None:
    clerk.home()
    clerk.next_step("排东庄村联络站的轮值表")
    clerk.press("排出草稿")
    clerk.press("采用这一版")
    clerk.shows("已采用第1版")
    first_day = clerk.main.locator("tbody tr", has_text="2025年7月4日").first.inner_text()
    clerk.year.on_duty = next(account for account, name in DEPUTIES.items() if name in first_day)


def _unit(clerk: Newcomer) -> None:
    clerk.home()
    clerk.next_step("设立承办单位")
    clerk.fill(name="乡水利站", contact_person="水经办")
    clerk.choose("kind", "站所")
    clerk.press("保存")
    clerk.home()
    clerk.next_step("给乡水利站的经办人开账号")
    clerk.year.passwords |= slips(clerk, "开账号，下载口令单")


def _accounts(clerk: Newcomer) -> None:
    clerk.home()
    clerk.next_step("给3名代表开账号")
    given = slips(clerk, "开账号，下载口令单")
    assert set(given) == set(DEPUTIES)
    clerk.year.passwords |= given
    clerk.home()
    clerk.misses_nothing()


def slips(person: Newcomer, words: str) -> dict[str, str]:
    """The one-time passwords of a sheet of slips, by sign-in name."""
    path = person.year.folder / "slips.pdf"
    with person.page.expect_download() as download:
        person.press(words)
    download.value.save_as(path)
    read = "\n".join(page.extract_text() for page in PdfReader(path).pages)
    return dict(re.findall(rf"账号\s+(\w+)\s+一次性密码\s+({ONE_TIME})", read))


def _scheme(clerk: Newcomer) -> None:
    clerk.follow("年度测评", within="body")
    clerk.follow("测评办法")
    clerk.follow("人大代表履职测评办法（十个一）")
    clerk.follow("采用为本地办法")
    clerk.press("采用为本地办法")
    clerk.shows("已保存《人大代表履职测评办法（十个一）》（第1版）。")
