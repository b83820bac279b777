"""Rosters of several sheets, and of headings nobody has foreseen: a person says once what is what."""

from dataclasses import replace

import pytest

from deputies.roster.cells import Severity
from deputies.roster.file import NeedsLayout, outlines, read_roster
from deputies.roster.headings import Layout
from deputies.roster.rules import check_rows
from deputies.roster.sheet_rows import row_words, rows_words
from tests.deputies.test_roster_file import HEADING, KNOWN, LI, TODAY, WANG, as_csv, as_workbook, names


def _two_sheets() -> bytes:
    def fill(book, sheet) -> None:  # type: ignore[no-untyped-def]
        for name in ("第一小组（1人）", "第二小组"):
            other = book.add_worksheet(name)
            other.write_row("A1", HEADING)
            other.write_row("A2", WANG)

    return as_workbook(fill)


TWO_SHEETS = _two_sheets()


def test_of_several_rosters_a_person_says_which() -> None:
    with pytest.raises(NeedsLayout, match=r"2张名册：“第一小组（1人）”、“第二小组”，请选定读取哪几张"):
        read_roster(TWO_SHEETS)


def test_a_sheet_can_be_a_group_and_every_row_knows_its_sheet() -> None:
    layout = Layout(sheets={"第一小组（1人）": True, "第二小组": False})
    roster = read_roster(TWO_SHEETS, layout)
    assert [(str(row_words(row.number)), row.cells.get("代表小组")) for row in roster.rows] == [
        ("“第一小组（1人）”表第2行", "第一小组"),
        ("“第二小组”表第2行", None),
    ]
    report = check_rows(roster.rows, replace(KNOWN, may_create_groups=True), TODAY)
    (twice,) = [m for m in report.all_messages if m.severity is Severity.ERROR]
    assert twice.text == "与“第一小组（1人）”表第2行是同一人，请删去重复的一行。"
    assert twice.place == "“第二小组”表第2行"


def test_one_sheet_of_several_is_read_as_if_it_were_alone() -> None:
    roster = read_roster(TWO_SHEETS, Layout(sheets={"第二小组": True}))
    assert [(row.number, row.cells["代表小组"]) for row in roster.rows] == [(2, "第二小组")]


def test_a_person_in_two_groups_is_told_of_both() -> None:
    layout = Layout(sheets={"第一小组（1人）": True, "第二小组": True})
    known = replace(KNOWN, may_create_groups=True)
    report = check_rows(read_roster(TWO_SHEETS, layout).rows, known, TODAY)
    (twice,) = [m for m in report.all_messages if m.severity is Severity.ERROR]
    assert "两行的代表小组不同（第一小组、第二小组），请先核对是哪一个" in twice.text


def test_headings_of_any_words_are_read_once_they_are_explained() -> None:
    strange = ["号", "称谓", "男女", "诞辰", "片", "手机"]
    data = as_csv(["某某名单"], strange, WANG)
    with pytest.raises(NeedsLayout):
        read_roster(data)
    (shown,) = outlines(data)
    assert list(shown.columns.items())[-2:] == [("片", ""), ("手机", "联系电话")]
    assert shown.samples["称谓"] == ("王建国",)
    said = {"称谓": "姓名", "男女": "性别", "诞辰": "出生年月", "片": "选区"}
    for roster in (read_roster(data, Layout(columns=said)), read_roster(data, meanings=said)):
        assert names(roster) == ["王建国"]
        assert roster.columns["选区"] == "片"


def test_what_a_person_says_goes_before_the_known_words() -> None:
    heading = [*HEADING[:-1], "电话", "联系电话"]
    data = as_csv(heading, [*WANG[:-1], "0354-2662222", "13800138000"])
    roster = read_roster(data, Layout(columns={"电话": "联系电话", "联系电话": ""}))
    assert roster.rows[0].cells["联系电话"] == "0354-2662222"


def test_columns_without_a_heading_and_headings_that_stand_twice_can_be_told_apart() -> None:
    heading = [*HEADING[:5], "职务", "职务", ""]
    (shown,) = outlines(as_csv(heading, [*WANG[:5], "村主任", "组长", "13800138000"]))
    assert list(shown.columns)[5:] == ["职务", "职务（2）", "无表头（H列）"]
    assert shown.samples["无表头（H列）"] == ("13800138000",)


def test_what_stood_in_the_file_is_kept_beside_what_is_read() -> None:
    roster = read_roster(as_csv(HEADING, WANG, [*LI[:4], "〃", LI[5]]))
    assert roster.rows[1].cells["选区"] == WANG[4]
    assert roster.rows[1].written == {"选区": "〃"}


def test_rows_are_named_by_their_sheets() -> None:
    layout = Layout(sheets={"第一小组（1人）": True, "第二小组": True})
    numbers = [row.number for row in read_roster(TWO_SHEETS, layout).rows]
    assert rows_words(numbers) == "“第一小组（1人）”表第2行，“第二小组”表第2行"
    assert rows_words(range(3, 8), most=3) == "第3、4、5行等5行"
