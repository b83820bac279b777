"""Each place's own congress: the county's, whose deputies a street keeps, and those of two townships."""

import zlib
from pathlib import Path

from tests.browser.first_year.office import slips
from tests.browser.first_year.world import FirstYear, Newcomer
from tests.deputies.rosters import as_csv, line

ELECTED = {"当选日期": "2025-04-18"}
COUNTY_DEPUTY = "白玉梅"


def of_the_county(year: FirstYear) -> None:
    with year.person("sunzhuren") as committee:
        _found(committee, number="17", seats="2")
        _roster(committee, "郑县代", "第1选区（城区）")
        committee.home()
        committee.next_step("启用本届")
        committee.fill(starts_on="2025-05-08", ends_on="2025-05-09")
        committee.press("启用榆次区人民代表大会第17届")
        committee.shows("榆次区人民代表大会第17届已启用。")


def of_the_street(year: FirstYear) -> None:
    """It keeps the county's deputy elected there, convenes nothing, and is never called a presidium."""
    with year.person("wuganshi") as street:
        street.shows("人大工委干事")
        street.follow("名册", within="body")
        street.follow("届与会议")
        street.shows("届次和会议由榆次区人大登记。")
        street.home()
        _roster(street, COUNTY_DEPUTY, "第2选区（迎宾社区）", is_further=True)
        street.home()
        street.follow("名册", within="body")
        street.shows(COUNTY_DEPUTY)


def of_the_townships(year: FirstYear) -> None:
    """Each founds its own beside the county's."""
    for username, place, name in (("zhoumishu", "庄子乡", "王建国"), ("qianmishu", "长凝镇", "李秀英")):
        with year.person(username) as clerk:
            _found(clerk, number="15", seats="1")
            _roster(clerk, name, "第1选区（东庄村）")
            clerk.home()
            clerk.next_step("启用本届")
            clerk.fill(starts_on="2025-05-08", ends_on="2025-05-09")
            clerk.press(f"启用榆次区{place}人民代表大会第15届")
            clerk.shows(f"榆次区{place}人民代表大会第15届已启用。")


def _found(person: Newcomer, *, number: str, seats: str) -> None:
    person.next_step("登记本届人民代表大会")
    person.shows("设立本级人民代表大会")
    person.fill(number=number, elected_on="2025-04-18", starts_on="2025-05-08", seats=seats)
    person.press("登记")


def _roster(person: Newcomer, name: str, constituency: str, *, is_further: bool = False) -> None:
    """``is_further``: the congress has constituencies already, so that others are asked about."""
    person.home()
    person.next_step("导入代表名册")
    person.upload("file", _file(person.year.folder, name, constituency))
    person.press("上传并核对")
    if is_further:
        person.follow("把未登记的选区列为新建")
    person.tick("[name=create_constituencies]")
    person.tick("[name=create_groups]")
    person.press("确认导入")


def _file(folder: Path, name: str, constituency: str) -> Path:
    path = folder / "名册.csv"
    # Nobody shares a telephone number, whichever congress he sits in.
    phone = {"联系电话": f"139{zlib.crc32(name.encode()) % 10**8:08d}"}
    path.write_bytes(as_csv(line(1, name, 选区=constituency, 小组职务="组长", **phone, **ELECTED)))
    return path


def account_of_the_deputy(year: FirstYear) -> None:
    """The street's office gives the county's deputy her account."""
    with year.person("wuganshi") as street:
        street.follow("名册", within="body")
        street.follow(COUNTY_DEPUTY)
        street.follow("修改登记")
        street.follow("开账号", within="body")
        given = slips(street, "开账号，下载口令单")
        assert list(given) == ["baiyumei"]
        year.passwords |= given
