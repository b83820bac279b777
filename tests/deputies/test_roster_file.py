"""From files as offices send them to roster rows: titles, headings, merged cells, encodings."""

import csv
import datetime as dt
import io
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter

from deputies.roster.cells import Severity
from deputies.roster.file import RosterFile, Title, read_roster
from deputies.roster.rules import COLUMNS, KnownCongress, KnownPerson, RowState, check_rows
from liaison.sheets import SheetError, write_csv, write_xlsx

ROOT = Path(__file__).parents[2]
ZHUANGZI = (ROOT / "reports/demo_data/庄子乡代表名册.xlsx").read_bytes()
HONGSHAN = (ROOT / "reports/demo_data/洪善镇代表名册.xlsx").read_bytes()
BROKEN = (ROOT / "tests/data/长凝镇代表名册（有错误）.csv").read_bytes()
OLD = (ROOT / "tests/data/庄子乡代表名册.xls").read_bytes()
TODAY = dt.date(2026, 1, 20)
EMPTY = KnownCongress(may_create_constituencies=True, may_create_groups=True)

HEADING = ["序号", "姓名", "性别", "出生年月", "选区", "联系电话"]
WANG = ["1", "王建国", "男", "1975.10", "第1选区（东庄村）", "13800138000"]
LI = ["2", "李桂兰", "女", "1980.03", "第1选区（东庄村）", "13900139000"]


def as_csv(*rows: list[str], encoding: str = "utf-8") -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode(encoding)


def as_workbook(fill: Callable[[xlsxwriter.Workbook, xlsxwriter.worksheet.Worksheet], None]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        fill(book, book.add_worksheet("名册"))
    return buffer.getvalue()


def names(roster: RosterFile) -> list[str]:
    return [row.cells["姓名"] for row in roster.rows]


def texts(roster: RosterFile) -> str:
    return "\n".join(message.text for message in roster.messages)


class TestRealFiles:
    @pytest.mark.parametrize(
        ("data", "count", "groups", "constituencies"),
        [(ZHUANGZI, 47, 4, 16), (HONGSHAN, 62, 6, 21), (OLD, 47, 4, 16)],
        ids=["庄子乡", "洪善镇", "庄子乡xls"],
    )
    def test_clean_rosters_have_no_errors(
        self, data: bytes, count: int, groups: int, constituencies: int
    ) -> None:
        roster = read_roster(data)
        report = check_rows(roster.rows, EMPTY, TODAY)
        assert (len(roster.rows), report.counts[RowState.NEW]) == (count, count)
        assert (len(report.new_groups), len(report.new_constituencies)) == (groups, constituencies)
        assert {message.severity for message in report.all_messages} <= {Severity.NOTE}
        assert roster.messages == ()
        assert report.is_importable

    def test_namesakes_of_the_real_roster_stay_two(self) -> None:
        report = check_rows(read_roster(ZHUANGZI).rows, EMPTY, TODAY)
        assert [(m.row, m.column) for m in report.all_messages] == [(15, "姓名"), (34, "姓名")]

    def test_titles_are_understood(self) -> None:
        assert read_roster(ZHUANGZI).title == Title(
            "榆次区庄子乡第十五届人民代表大会代表名册（47人）", "榆次区庄子乡", 15, 47
        )
        assert read_roster(BROKEN).title == Title(
            "榆次区长凝镇第十五届人民代表大会代表名册", "榆次区长凝镇", 15, None
        )

    def test_row_numbers_are_those_of_the_sheet(self) -> None:
        roster = read_roster(ZHUANGZI)
        assert (roster.heading_row, roster.rows[0].number, roster.rows[-1].number) == (3, 4, 50)
        assert [(row.row, row.reason) for row in roster.skipped] == [(51, "合计行")]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    def test_the_broken_roster_reads_alike_in_every_encoding(self, encoding: str) -> None:
        assert read_roster(BROKEN.decode("gb18030").encode(encoding)) == read_roster(BROKEN)

    def test_an_old_workbook_reads_like_the_new_one(self) -> None:
        old, new = (
            [report.row for report in check_rows(read_roster(data).rows, EMPTY, TODAY).rows]
            for data in (OLD, ZHUANGZI)
        )
        assert old == new

    @pytest.mark.parametrize("writer", ["xlsx", "csv"])
    def test_an_export_comes_back_unchanged(self, writer: str) -> None:
        first = check_rows(read_roster(ZHUANGZI).rows, EMPTY, TODAY)
        cells = [report.row.cells() for report in first.rows]
        data = (
            write_csv(COLUMNS, cells)
            if writer == "csv"
            else write_xlsx(
                COLUMNS, cells, title="庄子乡代表名册", subtitle="填报单位", watermark="张秘书导出"
            )
        )
        known = KnownCongress(
            constituencies=tuple(place.name for place in first.new_constituencies),
            people=tuple(KnownPerson(number, report.row) for number, report in enumerate(first.rows)),
            may_create_groups=True,
        )
        again = check_rows(read_roster(data).rows, known, TODAY)
        assert again.counts[RowState.UNCHANGED] == 47


class TestHeadings:
    def test_synonyms_blanks_and_brackets(self) -> None:
        heading = ["序号", "代表姓名", "性 别", "出生\n年月", "选举单位", "手机号码（必填）", "身高"]
        roster = read_roster(as_csv(["某某名册"], [], heading, [*WANG, "170"]))
        assert roster.rows[0].cells == dict(zip(HEADING, WANG, strict=True))
        assert roster.columns["联系电话"] == "手机号码（必填）"
        assert "身高" in texts(roster)

    def test_the_exact_word_goes_before_a_synonym(self) -> None:
        heading = [*HEADING[:-1], "电话", "联系电话"]
        roster = read_roster(as_csv(heading, [*WANG[:-1], "0354-2662222", "13800138000"]))
        assert roster.rows[0].cells["联系电话"] == "13800138000"

    def test_a_heading_of_two_rows(self) -> None:
        def fill(book, sheet) -> None:
            sheet.merge_range("A1:G1", "庄子乡第十五届人民代表大会代表名册")
            for column, label in enumerate(HEADING[:5]):
                sheet.merge_range(1, column, 2, column, label)
            sheet.merge_range("F2:G2", "联系方式")
            sheet.write_row("F3", ["手机", "住址"])
            sheet.write_row("A4", [*WANG, "东庄村"])

        roster = read_roster(as_workbook(fill))
        assert (roster.heading_row, roster.title.term_number) == (3, 15)
        assert roster.rows[0].cells["联系电话"] == "13800138000"
        assert roster.rows[0].cells["通信地址"] == "东庄村"

    def test_the_sheet_that_holds_the_roster_is_found(self) -> None:
        def fill(book, sheet) -> None:
            sheet.write("A1", "填表说明")
            for name in ("代表", "上届"):
                other = book.add_worksheet(name)
                other.write_row("A1", HEADING)
                other.write_row("A2", WANG)

        roster = read_roster(as_workbook(fill))
        assert (roster.sheet_name, names(roster)) == ("代表", ["王建国"])
        assert "上届" in texts(roster)

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (as_csv(["单位", "数量"], ["甲", "1"]), "没有找到名册的表头"),
            (as_csv(["序号", "姓名", "性别", "选区"], ["1", "王建国", "男", "x"]), "缺少“出生年月”栏"),
            (b"", "空的"),
            (b"%PDF-1.4", "不能识别"),
        ],
    )
    def test_other_files_are_refused_in_words(self, data: bytes, words: str) -> None:
        with pytest.raises(SheetError, match=words):
            read_roster(data)

    def test_a_heading_without_rows_is_an_error(self) -> None:
        roster = read_roster(as_csv(HEADING))
        assert [message.severity for message in roster.messages][:1] == [Severity.ERROR]


class TestRows:
    def test_cells_merged_downwards_are_followed(self) -> None:
        def fill(book, sheet) -> None:
            sheet.write_row("A1", HEADING)
            sheet.write_row("A2", WANG)
            sheet.write_row("A3", LI)
            sheet.merge_range("E2:E3", "第1选区（东庄村）")

        assert [row.cells["选区"] for row in read_roster(as_workbook(fill)).rows] == ["第1选区（东庄村）"] * 2

    def test_a_gap_that_is_not_merged_stays_a_gap(self) -> None:
        roster = read_roster(as_csv(HEADING, WANG, [*LI[:4], "", LI[5]]))
        assert roster.rows[1].cells["选区"] == ""

    def test_what_is_no_deputy_is_listed_with_its_reason(self) -> None:
        roster = read_roster(
            as_csv(
                HEADING,
                ["第一代表小组（2人）"],
                WANG,
                [],
                HEADING,
                LI,
                ["小计", "2人"],
                ["合计", "2人"],
                ["填表人：张秘书"],
            )
        )
        assert names(roster) == ["王建国", "李桂兰"]
        assert [(row.row, row.reason) for row in roster.skipped] == [
            (2, "分组小标题"),
            (5, "重复的表头"),
            (7, "合计行"),
            (8, "合计行"),
            (9, "表下说明"),
        ]

    def test_no_row_with_a_person_is_ever_left_out(self) -> None:
        rows = [
            WANG,
            ["", "", "女", "", "", ""],
            ["9", "计划生", "男", "", "", ""],
            ["", "", "", "", "", "139"],
        ]
        assert len(read_roster(as_csv(HEADING, *rows)).rows) == 4

    def test_a_wrong_headcount_is_pointed_out(self) -> None:
        roster = read_roster(
            as_csv(["庄子乡第十五届人民代表大会代表名册（48人）"], HEADING, WANG, ["合计：2人"])
        )
        assert "标题写的是48人，实际读到1人" in texts(roster)
        assert "合计行写的是2人，实际读到1人" in texts(roster)

    def test_hidden_rows_are_read_and_pointed_out(self) -> None:
        def fill(book, sheet) -> None:
            sheet.write_row("A1", HEADING)
            sheet.write_row("A2", WANG)
            sheet.set_row(1, None, None, {"hidden": True})

        roster = read_roster(as_workbook(fill))
        assert names(roster) == ["王建国"]
        assert "第2行在表格中是隐藏的" in texts(roster)

    def test_a_lost_zero_is_seen_because_the_cell_was_a_number(self) -> None:
        def fill(book, sheet) -> None:
            sheet.write_row("A1", HEADING)
            sheet.write_row("A2", WANG)
            sheet.write_row("A3", LI)
            sheet.write_number("D2", 1975.1)
            sheet.write_number("D3", 1980.03)

        known = replace(EMPTY, elected_on=dt.date(2021, 4, 18))
        report = check_rows(read_roster(as_workbook(fill)).rows, known, TODAY)
        assert report.rows[0].row.born_on == dt.date(1975, 10, 1)
        assert [m.severity for m in report.rows[0].messages if m.column == "出生年月"] == [Severity.WARNING]

    def test_formulas_are_errors_where_they_matter(self) -> None:
        def fill(book, sheet) -> None:
            sheet.write_row("A1", HEADING)
            sheet.write_row("A2", WANG)
            sheet.write_formula("A2", "=ROW()-1", None, 1)
            sheet.write_formula("B2", '=HYPERLINK("http://127.0.0.1/","王建国")', None, "王建国")

        report = check_rows(read_roster(as_workbook(fill)).rows, EMPTY, TODAY)
        errors = [m.column for m in report.rows[0].messages if m.severity is Severity.ERROR]
        assert "姓名" in errors
        assert "序号" not in errors

    def test_five_thousand_rows_are_read_in_seconds(self) -> None:
        rows = [[str(n), "王建国", "男", "1975.10", f"第{n}选区（村）", f"138{n:08}"] for n in range(5_000)]
        data = write_xlsx(HEADING, rows, title="某县第十八届人民代表大会代表名册")
        started = time.perf_counter()
        assert len(read_roster(data).rows) == 5_000
        assert time.perf_counter() - started < 15
