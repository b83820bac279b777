"""Reading a year from the notice as it is published, from rows, from sheets; refusing what is unclear."""

from datetime import date

import pytest

from liaison.calendar.notice_reader import read_year, written
from liaison.calendar.shipped import year_plan
from liaison.calendar.workdays import YearPlan, days_after
from liaison.words.errors import InvalidInput

# The facts of the State Council's arrangement of 2026 in the notice's own form.
NOTICE_2026 = """各省、自治区、直辖市人民政府：现将2026年部分节假日安排通知如下。
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。"""


def test_the_notice_gives_the_same_year_as_the_package() -> None:
    draft = read_year(2026, NOTICE_2026.splitlines())
    read = YearPlan(2026, frozenset(draft.holidays), frozenset(draft.makeups))
    known = year_plan(2026)
    days = [date(2026, 1, 1), *days_after(date(2026, 1, 1), date(2026, 12, 31))]
    assert [day for day in days if read.is_workday(day) != known.is_workday(day)] == []
    assert draft.holidays[date(2026, 2, 19)] == "春节"
    assert draft.makeups[date(2026, 9, 20)] == "国庆节"


# As it is printed: the agency's head, the number, the salutation, the closing words, the date of signing.
PRINTED_2026 = f"""国务院办公厅关于2026年部分节假日安排的通知
国办发明电〔2025〕7号

新华社北京11月4日电　国务院办公厅4日公布2026年放假安排，全文如下：

{NOTICE_2026}

节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作，确保人民群众祥和平安度过节日假期。

国务院办公厅
2025年11月4日
"""


@pytest.mark.parametrize(
    "text",
    [
        PRINTED_2026,
        PRINTED_2026.replace("\n", "\r\n"),
        NOTICE_2026.replace("\n", ""),
        PRINTED_2026.replace("周六）、2月28日", "周六）、\n2月28日").replace("共5天。", "共5\n天。"),
        PRINTED_2026.replace("（周六）放假调休", "（周六）\n放假调休").replace(
            "（周日）上班。", "（周日）上\n班。"
        ),
        PRINTED_2026.replace("（", "(").replace("）", ")"),
    ],
    ids=["printed", "Windows", "one paragraph", "wrapped", "wrapped in words", "narrow brackets"],
)
def test_the_printed_notice_is_read_as_it_stands(text: str) -> None:
    draft = read_year(2026, text.splitlines())
    known = read_year(2026, NOTICE_2026.splitlines())
    assert (len(draft.holidays), len(draft.makeups)) == (33, 6)
    assert (draft.holidays, draft.makeups) == (known.holidays, known.makeups)


def test_lines_with_days_that_say_nothing_are_listed() -> None:
    assert read_year(2026, PRINTED_2026.splitlines()).unused == [
        "新华社北京11月4日电 国务院办公厅4日公布2026年放假安排，全文如下：",
        "2025年11月4日",
    ]


def test_what_is_written_is_read_back() -> None:
    draft = read_year(2026, NOTICE_2026.splitlines())
    assert read_year(2026, written(draft.holidays, draft.makeups).splitlines()) == draft


@pytest.mark.parametrize(
    "line",
    [
        "2027-01-01至2027-01-03 放假 元旦",
        "2027/1/1-2027/1/3,放假,元旦",
        "2027.1.1～2027.1.3 放假 元旦",
        "2027年1月1日-3日 放假 元旦",
        "1月1日—3日，放假，元旦",
        "２０２７年１月１日至３日放假 元旦",
        "1. 元旦：1月1日、2日、3日放假。",
    ],
)
def test_rows_are_read_in_the_ways_people_write_them(line: str) -> None:
    draft = read_year(2027, [line])
    assert draft.holidays == dict.fromkeys([date(2027, 1, day) for day in (1, 2, 3)], "元旦")
    assert draft.makeups == {}


def test_a_new_year_that_begins_in_december() -> None:
    draft = read_year(2019, ["元旦：2018年12月30日至2019年1月1日放假调休。2018年12月29日（周六）上班。"])
    assert draft.part(2018) == (
        {date(2018, 12, 30): "元旦", date(2018, 12, 31): "元旦"},
        {date(2018, 12, 29): "元旦"},
    )
    assert draft.part(2019) == ({date(2019, 1, 1): "元旦"}, {})


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (["2月30日放假"], "没有2027年2月30日"),
        (["", "5月3日至1日放假"], "第1行“5月3日至1日放假”：2027-05-03至2027-05-01的起止日期不对"),
        (["5月1日 劳动节"], "“5月1日 劳动节”没有写明是放假还是上班"),
        (["四、劳动节：5月1日至5日，共5天。"], "第1行“四、劳动节：5月1日至5日，共5天。”：没有写明"),
        (["一、元旦：2月30日放假。", "", "五一：5月3日至1日放假"], "第1行.*2月30日.*第2行.*起止日期不对"),
        (["好好休息"], "没有读到"),
        (["2026-05-01 放假 劳动节"], "不在2027年"),
        (["1月2日放假", "1月2日上班"], "既放假又上班"),
        (["1月1日至3月1日放假"], "起止日期不对"),
        ([], "没有读到"),
    ],
)
def test_what_is_unclear_is_refused_with_the_line(lines: list[str], complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        read_year(2027, lines)
