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
from deputies.roster.file import RosterFile, read_roster
from deputies.roster.rules import COLUMNS, KnownCongress, KnownPerson, RowState, check_rows, check_title
from deputies.roster.titles import Title, read_title
from liaison.sheets import SheetError, check_safe, write_csv, write_xlsx

ROOT = Path(__file__).parents[2]
ZHUANGZI = (ROOT / "reports/demo_data/庄子乡代表名册.xlsx").read_bytes()
HONGSHAN = (ROOT / "reports/demo_data/洪善镇代表名册.xlsx").read_bytes()
BROKEN = (ROOT / "tests/data/长凝镇代表名册（有错误）.csv").read_bytes()
OLD = (ROOT / "tests/data/庄子乡代表名册.xls").read_bytes()
TODAY = dt.date(2026, 1, 20)
EMPTY = KnownCongress(may_create_constituencies=True, may_create_groups=True)
GENERAL = dt.date(2021, 4, 18)
KNOWN = replace(EMPTY, elected_on=GENERAL)

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
            for name in ("代表", "空表", "上届"):
                other = book.add_worksheet(name)
                other.write_row("A1", HEADING)
                if name != "空表":
                    other.write_row("A2", WANG)
                if name == "上届":
                    other.hide()

        roster = read_roster(as_workbook(fill))
        assert (roster.sheet_name, names(roster)) == ("代表", ["王建国"])
        assert {message.severity for message in roster.messages} == {Severity.NOTE}

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

    def test_formulas_without_a_result_are_errors_where_they_matter(self) -> None:
        report = check_rows(
            read_roster(as_csv(HEADING, ["=ROW()-1", "王建国", "=IF(1,2,3)", *WANG[3:]])).rows, KNOWN, TODAY
        )
        said = [(m.column, m.severity, m.original) for m in report.rows[0].messages]
        assert said[0] == ("性别", Severity.ERROR, "（公式）")
        assert [column for column, severity, _ in said if severity is Severity.ERROR] == ["性别"]
        assert "没有保存它的结果" in report.rows[0].messages[0].text

    def test_a_failed_formula_is_an_error_even_in_a_column_of_free_text(self) -> None:
        heading, row = [*HEADING, "备注"], [*WANG, "#N/A"]
        (report,) = check_rows(read_roster(as_csv(heading, row)).rows, KNOWN, TODAY).rows
        assert [m.text for m in report.messages if m.column == "备注"] == [
            "单元格的公式出错，没有结果。请改为直接填写后再导入。"
        ]

    def test_ditto_marks_become_what_they_stand_for(self) -> None:
        heading = [*HEADING, "民族", "代表小组"]
        roster = read_roster(
            as_csv(
                heading,
                [*WANG, "回族", "第一代表小组"],
                ["2", "李桂兰", "女", "1980.03", "〃", "13900139000", "同上", "〃"],
                ["3", "赵铁柱", "男", "同上", "同上", "", "〃", "第二代表小组"],
            )
        )
        assert [[row.cells[name] for name in ("选区", "民族", "代表小组")] for row in roster.rows] == [
            ["第1选区（东庄村）", "回族", "第一代表小组"],
            ["第1选区（东庄村）", "回族", "第一代表小组"],
            ["第1选区（东庄村）", "回族", "第二代表小组"],
        ]
        assert "第2、3行的“选区”写的是“同上”" not in texts(roster)
        assert "第3、4行的“选区”写的是“同上”，已按上一行的内容读取，请核对。" in texts(roster)
        reports = check_rows(roster.rows, KNOWN, TODAY).rows
        assert [[m.column for m in row.messages if m.severity is Severity.ERROR] for row in reports] == [
            [], [], ["出生年月"],
        ]  # fmt: skip

    def test_a_ditto_mark_in_the_first_row_is_refused(self) -> None:
        (report,) = check_rows(
            read_roster(as_csv(HEADING, [*WANG[:4], "〃", WANG[5]])).rows, KNOWN, TODAY
        ).rows
        assert [m.text for m in report.messages if m.severity is Severity.ERROR] == [
            "不能写“同上”，请直接填写。"
        ]

    def test_five_thousand_rows_are_read_in_seconds(self) -> None:
        rows = [[str(n), "王建国", "男", "1975.10", f"第{n}选区（村）", f"138{n:08}"] for n in range(5_000)]
        data = write_xlsx(HEADING, rows, title="某县第十八届人民代表大会代表名册")
        started = time.perf_counter()
        assert len(read_roster(data).rows) == 5_000
        assert time.perf_counter() - started < 15


CASES = ROOT / "tests/data/rosters"
OCTOBER, MARCH = dt.date(1975, 10, 1), dt.date(1970, 3, 1)
#: What every file of the kind must give: birth month, sex, phone and election day of each row, in order.
RIGHT_VALUES: dict[str, list[tuple[dt.date, str, str, dt.date]]] = {
    "bare-lines.xlsx": [
        (MARCH, "男", phone, GENERAL)
        for phone in (
            *("13900000011", "13900000033", "13900000055", "13900000066"),
            *("03542345678-801", "13900000077", "13900000088"),
        )
    ],
    "date1904.xlsx": [
        (OCTOBER, "男", "13900000001", GENERAL),
        (OCTOBER, "男", "13900000002", GENERAL),
        (MARCH, "男", "13900000003", dt.date(2021, 4, 20)),
        (OCTOBER, "男", "13900000004", GENERAL),
    ],
    "old-1904-formulas.xls": [
        (OCTOBER, "男", "13900000001", GENERAL),
        (OCTOBER, "男", "13900000002", GENERAL),
        (MARCH, "男", "13900000003", dt.date(2021, 4, 20)),
        (OCTOBER, "男", "13900000004", GENERAL),
    ],
    "formula-cached.xlsx": [(OCTOBER, "男", "13900000999", GENERAL)],
    "short-year-lost-zero.xlsx": [
        (OCTOBER, "男", "13900000001", GENERAL),
        (dt.date(1976, 3, 1), "男", "13900000002", GENERAL),
        (dt.date(1968, 12, 1), "男", "13900000003", GENERAL),
        (OCTOBER, "男", "13900000004", GENERAL),
    ],
    "title-renda.xlsx": [(MARCH, "男", "13900000001", GENERAL)],
    "title-renda2.xlsx": [(MARCH, "男", "13900000001", GENERAL)],
}


class TestFilesOfOffices:
    """Files as offices have them, one for each way in which a value was once read wrong."""

    def report(self, name: str):
        return check_rows(read_roster((CASES / name).read_bytes()).rows, KNOWN, TODAY)

    def test_every_file_of_the_folder_has_its_right_values(self) -> None:
        assert {path.name for path in CASES.iterdir()} == {*RIGHT_VALUES, "names.xlsx", "strict-ooxml.xlsx"}

    @pytest.mark.parametrize("name", RIGHT_VALUES)
    def test_its_values_are_right(self, name: str) -> None:
        rows = [report.row for report in self.report(name).rows]
        read = [(row.born_on, row.sex.label, row.phone, row.elected_on) if row else None for row in rows]
        assert read == RIGHT_VALUES[name]
        check_safe((CASES / name).read_bytes())

    def test_a_lost_zero_behind_a_short_year_is_pointed_out(self) -> None:
        warned = [
            m.row
            for m in self.report("short-year-lost-zero.xlsx").all_messages
            if m.row and m.severity is Severity.WARNING
        ]
        assert warned == [3, 6]

    def test_numbers_beside_the_first_are_named(self) -> None:
        said = {
            (m.row, m.text)
            for m in self.report("bare-lines.xlsx").all_messages
            if m.row and m.severity is Severity.WARNING
        }
        assert said == {
            (3, "填有2个电话，只导入第一个13900000011。"),
            (4, "填有2个电话，只导入第一个13900000033。"),
            (5, "“微信同号”没有导入，电话按13900000055导入。"),
            (7, "填的是固定电话，不能接收短信，请核对有无手机号码。"),
            (9, "“短号 660088”没有导入，电话按13900000088导入。"),
        }

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            (
                "formula-cached.xlsx",
                "“序号”、“性别”、“出生年月”栏有公式（共3格），按文件里保存的结果读取，请核对。",
            ),
            (
                "old-1904-formulas.xls",
                "“序号”、“性别”、“出生年月”、“备注”栏有公式（共4格），按文件里保存的结果读取，请核对。",
            ),
        ],
    )
    def test_formulas_are_told_alike_for_old_and_new_workbooks(self, name: str, said: str) -> None:
        assert [m.text for m in read_roster((CASES / name).read_bytes()).messages] == [said]

    def test_strict_workbooks_are_refused_with_what_to_do(self) -> None:
        with pytest.raises(SheetError, match=r"Strict Open XML.*另存为.*Excel 工作簿"):
            read_roster((CASES / "strict-ooxml.xlsx").read_bytes())

    def test_names_are_taken_as_they_are_or_refused(self) -> None:
        names = {row.number: row.name for row in self.report("names.xlsx").rows}
        assert names == {
            3: "张𬱖", 4: "䶮小明", 5: "高山", 6: "买买提·艾力", 7: "欧阳清风明月",
            8: "阿卜杜热合曼·阿卜杜拉·买买提依明", 9: "王强", 10: "王强", 11: "刘〇", 12: "", 13: "葛󠄀明",
            14: "古丽努尔·买买提", 15: "王二", 16: "", 17: "", 18: "𠮷田", 19: "", 20: "乙",
            21: "迪丽热巴·迪力木拉提", 22: "",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("title", "place"),
        [
            ("庄子乡人大第十五届代表名册", "庄子乡"),
            ("榆次区庄子乡人民代表大会第十五届代表花名册", "榆次区庄子乡"),
            ("庄子乡选举产生的榆次区第十七届人民代表大会代表名册", "榆次区"),
            ("榆次区庄子乡出席榆次区第十七届人大代表名册", "榆次区"),
            ("出席榆次区人大第十七届代表名册", "榆次区"),
            ("附件1：庄子乡第十五届人民代表大会代表名册", "庄子乡"),
            ("关于庄子乡人大第十五届代表的名册", "庄子乡"),
            ("第十五届人民代表大会代表名册", ""),
        ],
    )
    def test_the_place_of_a_title(self, title: str, place: str) -> None:
        assert read_title([[title]]).place == place

    @pytest.mark.parametrize(
        ("place", "severity"),
        [
            *(("庄子乡", None), ("榆次区庄子乡", None), ("", None)),
            *(("洪善镇", "error"), ("榆次区", "error"), ("晋中市榆次区洪善镇", "error")),
            *(("庄子乡换届", "warning"), ("本乡", "error"), ("基层", "warning")),
        ],
    )
    def test_another_place_is_an_error_and_other_words_a_warning(
        self, place: str, severity: str | None
    ) -> None:
        said = check_title(place, 15, jurisdiction="庄子乡", term=15)
        assert [m.severity for m in said] == ([severity] if severity else [])

    def test_a_text_kept_by_a_formula_sign_is_its_text_in_csv(self) -> None:
        data = as_csv(HEADING, [*WANG[:5], '="13900000001"'])
        assert read_roster(data).rows[0].cells["联系电话"] == "13900000001"
        check_safe(data)
