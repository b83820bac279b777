"""The first day: the wizard, the keepers, the data of the organ, the chair."""

from tests.browser.first_year.world import FirstYear, Newcomer

KEEPERS = {"security_admin": "李安", "audit_admin": "王审", "system_admin": "赵统"}


def found(year: FirstYear) -> None:
    link = year.stack.manage("found_office").split()[-1]
    with year.person() as installer:
        installer.page.goto(link)
        installer.press("开始设置")
        _our_place(installer)
        _keepers(installer)
        _clerk(installer)
        installer.press("结束设置")
        installer.shows("首次设置已经完成")


def _our_place(person: Newcomer) -> None:
    person.follow("办理：本级")
    person.tick("[value=township]")
    person.press("下一步")
    person.fill(name="庄子乡", code="140702202", prefecture="晋中市", county="榆次区")
    person.press("登记本级")
    person.follow("办理：下级区域")
    person.fill(table="140702202201 东庄村\n140702202202 西庄村")
    person.press("核对")
    person.shows("将登记：村（社区）2个")
    person.press("确认登记2个区域")


def _keepers(person: Newcomer) -> None:
    person.follow("办理：三名管理员")
    person.fill(**{f"{role}_name": name for role, name in KEEPERS.items()})
    person.press("登记三名管理员")
    given = zip(("anquan", "shenji", "xitong"), person.passwords(), strict=True)
    person.year.passwords.update(given)
    person.follow("已保管好，继续")


def _clerk(person: Newcomer) -> None:
    person.follow("办理：第一个业务账号")
    person.choose("place", "榆次区庄子乡")
    person.fill(name="周秘书", username="zhoumishu")
    person.press("开立账号")
    (person.year.passwords["zhoumishu"],) = person.passwords()
    person.follow("已保管好，继续")
