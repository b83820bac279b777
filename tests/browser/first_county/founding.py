"""The first day: the wizard as a county, and the accounts of the offices below."""

from tests.browser.first_year.founding import KEEPERS
from tests.browser.first_year.world import FirstYear, Newcomer

PLACES = """140702202 庄子乡
140702202201 东庄村
140702103 长凝镇
140702001 新华街道
140702001001 迎宾社区"""
# Sign-in name: name, place, role.
OFFICES = {
    "zhoumishu": ("周秘书", "榆次区庄子乡", "人大主席团秘书"),
    "qianmishu": ("钱秘书", "榆次区长凝镇", "人大主席团秘书"),
    "wuganshi": ("吴干事", "榆次区新华街道", "人大主席团秘书"),
}


def found(year: FirstYear) -> None:
    link = year.stack.manage("found_office").split()[-1]
    with year.person() as installer:
        installer.page.goto(link)
        installer.press("开始设置")
        _our_place(installer)
        _people(installer)
        installer.press("结束设置")
        installer.shows("首次设置已经完成")


def _our_place(person: Newcomer) -> None:
    person.follow("办理：本级")
    person.tick("[value=county]")
    person.press("下一步")
    person.fill(name="榆次区", code="140702", prefecture="晋中市")
    person.press("登记本级")
    person.follow("办理：下级区域")
    person.fill(table=PLACES)
    person.press("核对")
    person.press("确认登记5个区域")


def _people(person: Newcomer) -> None:
    person.follow("办理：三名管理员")
    person.fill(**{f"{role}_name": name for role, name in KEEPERS.items()})
    person.press("登记三名管理员")
    given = zip(("anquan", "shenji", "xitong"), person.passwords(), strict=True)
    person.year.passwords.update(given)
    person.follow("已保管好，继续")
    person.follow("办理：第一个业务账号")
    person.fill(name="孙主任", username="sunzhuren")
    person.press("开立账号")
    (person.year.passwords["sunzhuren"],) = person.passwords()
    person.follow("已保管好，继续")


def staff(year: FirstYear) -> None:
    """The keeper of security opens an account for each office below, and appoints its first worker."""
    with year.person("anquan") as keeper:
        for username, (name, place, role) in OFFICES.items():
            keeper.home()
            keeper.click(keeper.main.get_by_role("link", name="的工作人员开账号"))
            keeper.fill(username=username, display_name=name)
            keeper.choose("place", place)
            keeper.press("开立账号")
            (year.passwords[username],) = keeper.passwords()
            keeper.follow("接着任命职务")
            keeper.choose("role", role)
            keeper.choose("place", place)
            keeper.press("任命")
            keeper.shows(f"已任命：{name}")
