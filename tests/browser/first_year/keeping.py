"""The keepers' first day: the chair's account and office, the data of the organ."""

from tests.browser.first_year.world import FirstYear


def appoint_chair(year: FirstYear) -> None:
    with year.person("anquan") as security:
        security.next_step("给人大主席开账号")
        security.fill(username="mazhuxi", display_name="马主席")
        security.choose("place", "榆次区庄子乡")
        security.press("开立账号")
        (year.passwords["mazhuxi"],) = security.passwords()
        security.follow("接着任命职务")
        security.choose("role", "人大主席")
        security.choose("place", "榆次区庄子乡")
        security.press("任命")
        security.shows("已任命：马主席，榆次区庄子乡 人大主席。")
    with year.person("xitong") as system:
        system.next_step("填写机关名称和机关代字")
        system.fill(document_code="庄人主")
        system.press("保存")
        system.home()
        system.misses_nothing()
