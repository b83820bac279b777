"""The work of the year: a reception at the station, an opinion from the field to its answer."""

from tests.browser.first_year.world import FirstYear

MATTER = "东庄村西头机井水泵坏了，浇不上地，请帮助修理。"


def receive(year: FirstYear) -> None:
    """The deputy on duty, alone with her phone."""
    with year.person(year.on_duty, phone=True) as deputy:
        deputy.follow("登记今天的接待")
        deputy.press("开始接待")
        deputy.shows("您已登记到岗")
        deputy.write("[data-field=content]", MATTER)
        deputy.click(deputy.main.locator(".desk-choice--grid label", has_text="农田灌溉"))
        deputy.press("保存这一件")
        deputy.shows("编号2025-0001")
        year.later(30)
        deputy.press("结束接待")
        deputy.shows("已登记结束", "已联网，没有待发送的")


def hand_on(year: FirstYear) -> None:
    """The clerk takes the matter up, hands it to the unit, and checks what the deputy registered."""
    with year.person("zhoumishu") as clerk:
        clerk.follow("受理")
        clerk.follow("受理")
        clerk.press("受理")
        clerk.follow("交办")
        clerk.choose("unit", "乡水利站")
        clerk.press("交办")
        clerk.shows("已对社情民意2025-0001办理“交办”。")
        clerk.home()
        clerk.follow("核对")
        clerk.press("属实，确认")


def answer(year: FirstYear) -> None:
    with year.person("shuijingban") as unit:
        unit.follow("签收")
        unit.press("签收")
        unit.home()
        unit.follow("答复")
        unit.fill(reply="水泵已经修好，七月十日起可以浇地。")
        unit.tick("[name=reply_class][value=A]")
        unit.press("答复")
        unit.shows("已对社情民意2025-0001办理“答复”。")


def register_reception(year: FirstYear) -> None:
    """The clerk writes down who came, for a reception nobody registered on the phone."""
    with year.person("zhoumishu") as clerk:
        clerk.follow("登记到岗")
        clerk.follow("登记接待情况")
        for row in clerk.main.locator("tbody tr", has_text="值班").all():
            clerk.click(row.get_by_text("到场", exact=True))
        clerk.press("登记接待情况")
        clerk.shows("已开展")
