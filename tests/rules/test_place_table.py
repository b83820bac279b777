"""Codes and names of places: what a pasted table becomes, and which scope codes are given."""

import pytest

from liaison.founding.place_codes import bare, level_of, scope_for, width
from liaison.founding.place_table import Known, PlaceRow, as_text, read_lines, read_places
from liaison.words.enums import JurisdictionLevel as Level

CITY = Known(1, Level.PREFECTURE, "1407", "晋中市")
COUNTY = Known(2, Level.COUNTY, "140702", "榆次区")
TOWN = Known(3, Level.TOWNSHIP, "140702202", "庄子乡")


def read(text: str, *known: Known) -> list[PlaceRow]:
    return read_places(read_lines(text), known or (COUNTY,))


def found(rows: list[PlaceRow]) -> list[tuple[str, str, Level | None, int | None]]:
    return [(row.code, row.name, row.level, row.parent) for row in rows]


@pytest.mark.parametrize(
    ("code", "plain", "level"),
    [
        ("140700", "1407", Level.PREFECTURE),
        ("140702", "140702", Level.COUNTY),
        ("140702000000", "140702", Level.COUNTY),
        ("140702003", "140702003", Level.STREET),
        ("140702103000", "140702103", Level.TOWNSHIP),
        ("140702202201", "140702202201", Level.VILLAGE),
        ("1407022", "1407022", None),
    ],
)
def test_an_official_code_tells_its_level(code: str, plain: str, level: Level | None) -> None:
    assert (bare(code), level_of(plain)) == (plain, level)


def test_a_free_official_code_becomes_the_scope_code() -> None:
    inside = (140702000000, 140703000000)
    assert scope_for(Level.TOWNSHIP, "140702202", inside, {140702000000}) == 140702202000


@pytest.mark.parametrize("code", ["", "140702202", "140728103"])
def test_an_unknown_used_or_foreign_code_gets_the_highest_free_number(code: str) -> None:
    taken = {140702000000, 140702202000, 140702999000}
    assert scope_for(Level.TOWNSHIP, code, (140702000000, 140703000000), taken) == 140702998000


def test_a_full_parent_is_told() -> None:
    with pytest.raises(ValueError, match="no scope code"):
        scope_for(Level.VILLAGE, "", (10, 12), {11})


def test_every_level_holds_a_thousand_or_a_hundred_of_the_next() -> None:
    assert [width(level) for level in (Level.PREFECTURE, Level.COUNTY, Level.STREET, Level.VILLAGE)] == [
        10**8, 10**6, 10**3, 1,
    ]  # fmt: skip


def test_counties_townships_and_villages_of_a_city_find_their_parents() -> None:
    rows = read(
        "行政区划代码\t名称\n140702\t榆次区\n１４０７０２２０２\t庄子乡\n140702202201,东庄村\n140702003 新华街道\n\n",
        CITY,
    )
    assert found(rows) == [
        ("140702", "榆次区", Level.COUNTY, 1),
        ("140702202", "庄子乡", Level.TOWNSHIP, -2),
        ("140702202201", "东庄村", Level.VILLAGE, -3),
        ("140702003", "新华街道", Level.STREET, -2),
    ]
    assert [row.fault for row in rows] == [""] * 4


def test_the_name_may_stand_before_the_code() -> None:
    assert found(read("庄子乡 140702202")) == [("140702202", "庄子乡", Level.TOWNSHIP, 2)]


def test_without_codes_a_place_belongs_to_the_last_one_above_it() -> None:
    rows = read("庄子乡 乡\n东庄村 村\n新华街道 街道\n锦绣社区 社区")
    assert [(row.name, row.parent, row.parent_name) for row in rows] == [
        ("庄子乡", 2, "榆次区"),
        ("东庄村", -1, "庄子乡"),
        ("新华街道", 2, "榆次区"),
        ("锦绣社区", -3, "新华街道"),
    ]


def test_our_own_place_and_what_is_there_already_are_passed_over() -> None:
    rows = read("140700 晋中市\n140702 榆次区\n140702202 庄子乡\n140702103 长凝镇", COUNTY, TOWN)
    assert [row.is_known for row in rows] == [True, True, True, False]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("140702202", "没有名称。"),
        ("14070 庄子乡", "代码应为6位、9位或者12位数字。"),
        ("140728103 洪善镇", "代码不在140702之内。"),
        ("庄子乡", "没有代码的，请在名称后面写明层级：县级、乡镇、街道或者村（社区）。"),
        ("庄子乡 省级", "层级应写县级、乡镇、街道或者村（社区）。"),
        ("140702202 庄子乡 村", "代码的位数与层级不符。"),
        ("140702202201 东庄村", "找不到它的上级，请把上级写在它前面，或者核对代码。"),
        ("东庄村 村", "找不到它的上级，请把上级写在它前面，或者核对代码。"),
        ("140702202 一二三四五六七八九十一二三四五六七八九十乡", "名称最多20个字。"),
    ],
)
def test_a_line_that_cannot_become_a_place_says_why(line: str, fault: str) -> None:
    assert [row.fault for row in read(line)] == [fault]


def test_the_same_code_twice_is_told_at_the_second_line() -> None:
    rows = read("140702202 庄子乡\n140702202 长凝镇")
    assert [row.fault for row in rows] == ["", "代码与前面一行重复。"]


def test_the_rows_survive_the_way_through_the_confirmation() -> None:
    rows = read("140702202 庄子乡\n东庄村 社区\n140702003 新华街道")
    assert found(read(as_text(rows))) == found(rows)
