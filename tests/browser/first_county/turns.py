"""A county's deputy at a township's station: planned, registered once, and read by all who answer for her."""

from tests.browser.first_county.congresses import COUNTY_DEPUTY
from tests.browser.first_year.office import set_up_station
from tests.browser.first_year.world import FirstYear, Newcomer

STATION = "东庄村联络站"
READ = f"庄子乡{STATION}接待日"


def arrange(year: FirstYear) -> None:
    """The township's station, then the county's word who takes part there."""
    with year.person("zhoumishu") as clerk:
        clerk.home()
        set_up_station(clerk, ["王建国"])
    with year.person("sunzhuren") as committee:
        committee.follow("本级代表联系站点", within="body")
        committee.choose("station", f"庄子乡　{STATION}")
        committee.choose("county_mandate_id", COUNTY_DEPUTY)
        committee.press("安排")
        committee.shows(f"已安排{COUNTY_DEPUTY}代表联系{STATION}")


def plan(year: FirstYear) -> None:
    """A day with a theme asks for her."""
    with year.person("zhoumishu") as clerk:
        clerk.next_step(f"排{STATION}的轮值表")
        clerk.press("排出草稿")
        clerk.press("采用这一版")
        clerk.shows("已采用第1版")
        clerk.click(clerk.main.locator("tr", has_text="2025年7月4日").get_by_role("link", name="定主题"))
        clerk.fill(theme="就业服务")
        clerk.click(clerk.main.locator("form button[type=submit]"))
        clerk.follow("重新排班")
        clerk.press("排出草稿")
        clerk.press("采用这一版")
        clerk.shows("已采用第2版", COUNTY_DEPUTY)


def register(year: FirstYear) -> None:
    """The station's word, once."""
    with year.person("zhoumishu") as clerk:
        clerk.follow("登记到岗")
        clerk.follow("登记接待情况")
        clerk.follow(f"{COUNTY_DEPUTY}代表（县级）：登记参加情况")
        clerk.tick("[name=outcome][value=attended]")
        clerk.press("登记")
        clerk.shows(f"已登记：{COUNTY_DEPUTY}代表已到岗。")


def read(year: FirstYear) -> None:
    """The deputy, her street's office and the county find the same."""
    with year.person("baiyumei", phone=True) as deputy:
        deputy.follow("履职", within="body")
        deputy.shows("到乡镇联络站参加接待", f"庄子乡{STATION}", "已到岗")
    for username in ("wuganshi", "sunzhuren"):
        with year.person(username) as reader:
            _dossier(reader)


def _dossier(reader: Newcomer) -> None:
    reader.follow("名册", within="body")
    reader.follow(COUNTY_DEPUTY)
    reader.follow("履职档案")
    reader.shows(READ, "联络站登记")
