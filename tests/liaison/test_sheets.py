"""The one spreadsheet door: what comes in is text with limits, what goes out cannot run."""

import contextlib
import csv
import datetime as dt
import io
import random
import time
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from liaison.sheets import (
    Column,
    Grid,
    Limits,
    Merge,
    SheetError,
    read_sheet,
    read_sheets,
    write_csv,
    write_xlsx,
)
from liaison.sheets.xls_records import formula_places, has_embedded_files, has_links

DATA = Path(__file__).parents[1] / "data"
OLD = (DATA / "rosters/old-1904-formulas.xls").read_bytes()
HOSTILE = [
    '=HYPERLINK("http://127.0.0.1/","李")',
    "+8613800138000",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+9)",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    "＝1+1",
    "http://127.0.0.1/",
    "张\x0b三",
    "李\u202e四",
    "a\x00b",
    "\ud800",
    "{=1+1}",
    "12345678901234567890",
    "&A&P",
    "一\n二",
]


def workbook(fill, **options) -> bytes:
    """A workbook whose one sheet ``fill(book, sheet)`` has filled."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, **options}) as book:
        fill(book, book.add_worksheet("代表名册"))
    return buffer.getvalue()


def with_member(data: bytes, name: str, content: bytes) -> bytes:
    """The same archive with one member replaced."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            if item.filename != name:
                new.writestr(item, old.read(item))
        new.writestr(name, content)
    return buffer.getvalue()


def in_sheet(body: str) -> bytes:
    """A workbook whose one sheet has the rows of ``body`` as they stand in its XML."""
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    xml = f"{head}{body}</sheetData></worksheet>"
    return with_member(simple_workbook(), "xl/worksheets/sheet1.xml", xml.encode())


def simple_workbook() -> bytes:
    return workbook(lambda _, sheet: sheet.write_row(0, 0, ["姓名", "电话"]))


class TestWorkbooks:
    def test_numbers_and_dates_become_the_text_the_office_sees(self) -> None:
        cells = [
            (12, {}, "12"),
            (13800138000, {}, "13800138000"),
            (13800138000, {"num_format": "0.00E+00"}, "13800138000"),
            (1975.1, {}, "1975.1"),
            (1975.1, {"num_format": "0.00"}, "1975.10"),
            (1975.1, {"num_format": '0.00"年"'}, "1975.10"),
            (7, {"num_format": "000"}, "007"),
            (0.125, {"num_format": "0.0%"}, "12.5%"),
            (-1234.5, {"num_format": "#,##0.00_);(#,##0.00)"}, "-1234.50"),
            (27668, {"num_format": 57}, "1975-10"),
            (27668, {"num_format": 31}, "1975-10-01"),
            (27668, {"num_format": "yyyy.mm"}, "1975-10"),
            (27668, {"num_format": "mmm-yy"}, "1975-10"),
            (27668, {"num_format": "yyyy-mm-dd"}, "1975-10-01"),
            (27668.5, {"num_format": "yyyy-mm-dd hh:mm"}, "1975-10-01 12:00"),
            (27668, {"num_format": "[$-804]yyyy年m月d日;@"}, "1975-10-01"),
        ]

        def fill(book, sheet) -> None:
            for row, (value, form, _) in enumerate(cells):
                sheet.write_number(row, 0, value, book.add_format(form))

        grid = read_sheet(workbook(fill))
        assert [row[0] for row in grid.rows] == [text for *_, text in cells]

    def test_numbers_are_told_from_text(self) -> None:
        def fill(_, sheet) -> None:
            sheet.write_number(0, 0, 1975.1)
            sheet.write_string(0, 1, "1975.1")

        assert read_sheet(workbook(fill)).numbers == {(0, 0)}

    def test_formulas_show_their_stored_result_and_are_marked(self) -> None:
        def fill(_, sheet) -> None:
            sheet.write_formula(1, 1, '=HYPERLINK("http://127.0.0.1/","李")', None, "李")
            sheet.write_array_formula(2, 1, 2, 1, "{=SUM(A1:A2)}", None, 3)
            sheet.write_string(3, 1, "=1")

        grid = read_sheet(workbook(fill))
        assert [row[1] for row in grid.rows] == ["李", "3", "=1"]
        assert grid.formulas == {(0, 1): '=HYPERLINK("http://127.0.0.1/","李")', (1, 1): "=SUM(A1:A2)"}
        assert [grid.lacks_result(row, 1) for row in range(3)] == [False, False, False]

    @pytest.mark.parametrize(
        ("cell", "text", "lacks"),
        [
            ('<c r="A1" t="str"><f>A2</f><v>男</v></c>', "男", False),
            ('<c r="A1"><f>ROW()</f><v>1</v></c>', "1", False),
            ('<c r="A1" t="b"><f>TRUE()</f><v>1</v></c>', "是", False),
            ('<c r="A1" t="e"><f>A9/0</f><v>#DIV/0!</v></c>', "#DIV/0!", False),
            ('<c r="A1" t="str"><f>A2</f><v></v></c>', "", False),
            ('<c r="A1"><f>A2</f></c>', "=A2", True),
            ('<c r="A1"><f>A2</f><v/></c>', "=A2", True),
        ],
    )
    def test_a_formula_is_its_result_or_itself(self, cell: str, text: str, lacks: bool) -> None:
        grid = read_sheet(in_sheet(f'<row r="1">{cell}</row><row r="2"><c r="A2"><v>7</v></c></row>'))
        assert (grid.rows[0][0], grid.lacks_result(0, 0)) == (text, lacks)
        assert list(grid.formulas) == [(0, 0)]

    def test_leading_blank_rows_go_and_row_numbers_stay(self) -> None:
        def fill(_, sheet) -> None:
            sheet.merge_range("B4:B6", "第1选区")
            sheet.write_string("C4", "王芳")
            sheet.write_string("C6", "李明")
            sheet.set_row(5, None, None, {"hidden": True})

        grid = read_sheet(workbook(fill))
        assert (grid.first_row_number, len(grid.rows), grid.row_number(2)) == (4, 3, 6)
        assert grid.rows == [["", "第1选区", "王芳"], ["", "", ""], ["", "", "李明"]]
        assert grid.merges == (Merge(top=0, left=1, bottom=2, right=1),)
        assert grid.hidden_rows == {2}

    def test_hidden_sheets_are_left_out_and_blank_ones_passed_over(self) -> None:
        book = Workbook()
        book.active.title = "空白"
        book.create_sheet("名册")["A1"] = "姓名"
        book.create_sheet("下拉选项")["A1"] = "汉族"
        book["下拉选项"].sheet_state = "hidden"
        buffer = io.BytesIO()
        book.save(buffer)
        assert [grid.sheet_name for grid in read_sheets(buffer.getvalue())] == ["空白", "名册"]
        assert read_sheet(buffer.getvalue()).sheet_name == "名册"

    def test_a_wrong_stated_extent_does_not_hide_rows(self) -> None:
        data = workbook(lambda _, sheet: [sheet.write_string(row, 0, "王芳") for row in range(5)])
        part = "xl/worksheets/sheet1.xml"
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            xml = archive.read(part).replace(b'ref="A1:A5"', b'ref="A1"')
        assert len(read_sheet(with_member(data, part, xml)).rows) == 5

    def test_old_workbooks_read_alike(self) -> None:
        new = read_sheet((DATA.parents[1] / "reports/demo_data/庄子乡代表名册.xlsx").read_bytes())
        old = read_sheets((DATA / "庄子乡代表名册.xls").read_bytes())
        assert [grid.sheet_name for grid in old] == ["代表名册"]
        assert len(old[0].rows) == len(new.rows)
        assert old[0].rows[3][:5] == ["1", "彭秀英", "女", "汉族", "1997.01"]
        assert old[0].rows[4][4] == "1995-03"
        assert old[0].rows[3][11] == new.rows[3][11]
        assert old[0].rows[3][14] == new.rows[3][14]
        assert Merge(top=3, left=8, bottom=5, right=8) in old[0].merges
        assert (3, 4) in old[0].numbers


class TestText:
    ROWS = (["姓名", "选区", "备注"], ["王芳", "第1选区（东庄村）", "镕喆"], ["李明", "", "a,b;c"])

    def encoded(self, encoding: str, delimiter: str = ",") -> bytes:
        buffer = io.StringIO(newline="")
        csv.writer(buffer, delimiter=delimiter).writerows(self.ROWS)
        return buffer.getvalue().encode(encoding)

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
    @pytest.mark.parametrize("delimiter", [",", "\t", ";"])
    def test_every_usual_encoding_and_separator(self, encoding: str, delimiter: str) -> None:
        grid = read_sheet(self.encoded(encoding, delimiter))
        assert grid.rows == [list(row) for row in self.ROWS]
        assert grid.numbers is None

    def test_rare_characters_of_gb18030(self) -> None:
        assert read_sheet("姓名\r\n赵𬱖\r\n".encode("gb18030")).rows == [["姓名"], ["赵𬱖"]]

    def test_another_encoding_is_guessed(self) -> None:
        text = "Prénom,Résidé,Téléphone\n" + "Renée,Évry,0123456789\n" * 20
        assert read_sheet(text.encode("cp1252")).rows[1] == ["Renée", "Évry", "0123456789"]

    def test_a_broken_text_is_refused_or_read_but_never_crashes(self) -> None:
        with contextlib.suppress(SheetError):
            read_sheet(self.encoded("gbk") + b"\xb4")

    def test_row_numbers_count_records_and_blank_lines(self) -> None:
        grid = read_sheet('\r\n\r\n姓名,备注\r\n王芳,"两\r\n行"\r\n\r\n李明,\r\n'.encode())
        assert [grid.row_number(index) for index, row in enumerate(grid.rows) if row[0]] == [3, 4, 6]

    def test_formula_text_is_marked(self) -> None:
        assert read_sheet("姓名\n=1+1\n'=1\n".encode()).formulas == {(1, 0): "=1+1"}

    def test_our_own_guard_is_taken_off_again(self) -> None:
        rows = [["+8613800138000", "-", "王芳"]]
        assert read_sheet(write_csv(["电话", "备注", "姓名"], rows)).rows[1] == rows[0]

    def test_an_unclosed_quote_is_refused_or_read_to_the_end(self) -> None:
        with pytest.raises(SheetError, match="引号"):
            read_sheet('姓名\n"'.encode() + b"a" * 200_000)


class TestRefusals:
    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"", "空的"),
            (b"  \r\n", "空的"),
            (b"%PDF-1.7 ...", "不能识别"),
            (b"\x89PNG\r\n", "不能识别"),
            (b"<html><table><tr><td>1</td></tr></table>", "网页"),
            ("\ufeff<?xml version='1.0'?><Workbook/>".encode(), "网页"),
            (b"abc\x00def", "无法识别"),
            (b"PK\x03\x04 not an archive", "不完整"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "损坏"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "密码"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "文字文档"),
        ],
    )
    def test_other_files_are_refused_in_words(self, data: bytes, words: str) -> None:
        with pytest.raises(SheetError, match=words):
            read_sheet(data)

    @pytest.mark.parametrize(
        ("member", "words"),
        [
            ("word/document.xml", "文字文档"),
            ("content.xml", "另存为"),
            ("xl/workbook.bin", "另存为"),
            ("a", "不能识别"),
        ],
    )
    def test_other_archives_are_refused_in_words(self, member: str, words: str) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr(member, b"x")
        with pytest.raises(SheetError, match=words):
            read_sheet(buffer.getvalue())

    @pytest.mark.parametrize("megabytes", [12, 60])
    def test_a_zip_bomb_is_refused_before_it_is_unpacked(self, megabytes: int) -> None:
        data = with_member(simple_workbook(), "xl/worksheets/sheet1.xml", b" " * megabytes * 1024 * 1024)
        started = time.perf_counter()
        with pytest.raises(SheetError, match="过大"):
            read_sheet(data)
        assert time.perf_counter() - started < 0.5

    def test_many_members_count_together(self) -> None:
        with pytest.raises(SheetError, match="过大"):
            read_sheet(simple_workbook(), limits=Limits(max_unpacked_bytes=2_000))

    @pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"])
    def test_entity_bombs_are_refused(self, part: str) -> None:
        bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
        with pytest.raises(SheetError, match="损坏"):
            read_sheet(with_member(simple_workbook(), part, bomb))

    @pytest.mark.parametrize(
        "body",
        [
            '<row r="1048576"><c r="A1048576"><v>1</v></c></row>',
            '<row r="999999999"><c r="A999999999"><v>1</v></c></row>',
            '<row r="1"><c r="XFD1"><v>1</v></c></row>',
        ],
    )
    def test_far_cells_are_refused_at_once(self, body: str) -> None:
        assert self.timed(body) == "refused"

    @pytest.mark.parametrize(
        "body",
        [
            '<row r="1"><c r="A1"><v>1</v></c></row><row r="999999999"/>',
            '<row r="1"><c r="A1"><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/>'
            "</mergeCells><sheetData>",
        ],
    )
    def test_far_blanks_cost_nothing(self, body: str) -> None:
        assert self.timed(body) == [["1"]]

    def timed(self, body: str) -> str | list[list[str]]:
        data = in_sheet(body)
        started = time.perf_counter()
        try:
            answer: str | list[list[str]] = read_sheet(data).rows
        except SheetError:
            answer = "refused"
        assert time.perf_counter() - started < 1.0
        return answer

    def test_limits_are_named_in_the_message(self) -> None:
        small = Limits(max_bytes=1024 * 1024, max_rows=3, max_columns=2, max_cell_chars=5)
        for data, words in (
            (b"a" * (1024 * 1024 + 1), "超过1MB"),
            (("一\n" * 4).encode(), "超过3行"),
            (("一\n" * 200).encode(), "超过3行"),
            ("一,二,三".encode(), "超过2列"),
            ("一二三四五六".encode(), "第1行第1列"),
        ):
            with pytest.raises(SheetError, match=words):
                read_sheet(data, limits=small)

    @settings(max_examples=150, deadline=None)
    @given(st.integers(0, 10_000), st.sampled_from(["xlsx", "xls"]))
    def test_damaged_files_are_refused_never_crash(self, seed: int, kind: str) -> None:
        source = random.Random(seed)
        data = bytearray(FILES[kind])
        for _ in range(source.randint(1, 8)):
            data[source.randrange(len(data))] = source.randrange(256)
        if source.random() < 0.3:
            del data[source.randrange(len(data)) :]
        with contextlib.suppress(SheetError):
            assert all(isinstance(grid, Grid) for grid in read_sheets(bytes(data)))


FILES = {
    "xlsx": (DATA.parents[1] / "reports/demo_data/庄子乡代表名册.xlsx").read_bytes(),
    "xls": (DATA / "庄子乡代表名册.xls").read_bytes(),
}


class TestOldWorkbooks:
    def test_links_to_other_files_are_seen_as_in_new_workbooks(self) -> None:
        own, other = b"\xae\x01\x04\x00\x02\x00\x01\x04", b"\xae\x01\x04\x00\x02\x00\x05\x00"
        assert OLD.count(own) == 1
        assert (has_links(OLD), has_links(OLD.replace(own, other))) == (False, True)

    def test_embedded_documents_are_seen(self) -> None:
        name, embedded = "Workbook".encode("utf-16-le"), "MBD00001".encode("utf-16-le")
        assert (has_embedded_files(OLD), has_embedded_files(OLD.replace(name, embedded))) == (False, True)

    def test_formulas_are_found_sheet_by_sheet(self) -> None:
        assert formula_places(OLD) == [{(2, 0), (2, 2), (2, 4), (5, 17)}, set()]


class TestWriting:
    def written(self, rows, columns=("姓名", "内容"), **more) -> Any:
        return load_workbook(io.BytesIO(write_xlsx(columns, rows, title="代表名册", **more))).active

    def test_no_cell_is_ever_a_formula_or_a_link(self) -> None:
        sheet = self.written([[text, text] for text in HOSTILE], columns=HOSTILE[:2], subtitle=HOSTILE[0])
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
        assert not any(cell.hyperlink for cell in cells)
        assert not sheet._hyperlinks

    def test_risky_text_keeps_its_quote_mark_when_edited(self) -> None:
        sheet = self.written([["=1+1", "王芳"]])
        assert (sheet["A3"].quotePrefix, sheet["B3"].quotePrefix) == (True, False)

    def test_csv_guards_every_risky_beginning(self) -> None:
        lines = list(csv.reader(io.StringIO(write_csv(["内容"], [[t] for t in HOSTILE]).decode("utf-8-sig"))))
        assert not [text for (text,) in lines if text.lstrip()[:1] in tuple("=+-@＝＋－＠")]

    def test_csv_opens_in_office_programs(self) -> None:
        data = write_csv([Column("姓名"), "人数"], [["王芳", -3], ["李明", None]])
        assert data == "\ufeff姓名,人数\r\n王芳,-3\r\n李明,\r\n".encode()

    def test_odd_text_never_stops_an_export(self) -> None:
        sheet = self.written([["张\x0b三\u202e", "x" * 40_000], ["\ud800\x00", "一\r\n二"]])
        assert sheet["A3"].value == "张三"
        assert (len(sheet["B3"].value), sheet["B3"].value[-2:]) == (32_767, "断）")
        assert sheet["B4"].value == "一\n二"

    def test_values_keep_their_kind(self) -> None:
        row = [
            12,
            89.5,
            Decimal("92.35"),
            True,
            dt.date(2021, 4, 18),
            None,
            float("nan"),
            Decimal("NaN"),
            "007",
        ]
        sheet = self.written([row], columns=[str(number) for number in range(len(row))])
        values = [cell.value for cell in sheet[3]]
        assert values == [12, 89.5, 92.35, "是", "2021-04-18", None, None, None, "007"]

    def test_it_prints_well(self) -> None:
        sheet = self.written(
            [["王芳", "x"]], subtitle="填报单位：庄子乡", watermark="张秘书 & 李秘书 2026-01-20 导出"
        )
        assert [sheet.cell(row, 1).value for row in range(1, 5)] == [
            "代表名册",
            "填报单位：庄子乡",
            "张秘书 & 李秘书 2026-01-20 导出",
            "姓名",
        ]
        assert {str(area) for area in sheet.merged_cells.ranges} == {"A1:B1", "A2:B2", "A3:B3"}
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert (sheet.print_title_rows, sheet.freeze_panes) == ("$4:$4", "A5")
        assert sheet.oddFooter.center.text == "第 &P 页，共 &N 页"
        assert "张秘书 && 李秘书" in sheet.oddHeader.right.text

    @pytest.mark.parametrize("title", ["a/b:c*d?[e]\\f", "'引号'", "长" * 60, "\x0b", "[]"])
    def test_any_title_makes_a_sheet_name(self, title: str) -> None:
        assert 1 <= len(load_workbook(io.BytesIO(write_xlsx(["姓名"], [], title=title))).active.title) <= 31

    def test_wide_text_gets_a_wide_column(self) -> None:
        sheet = self.written([["王芳", "东庄村党支部书记、村委会主任"]])
        assert sheet.column_dimensions["B"].width > 2 * sheet.column_dimensions["A"].width
        fixed = self.written([["王芳", "x"]], columns=[Column("姓名", width=33), "备注"])
        assert 33 <= fixed.column_dimensions["A"].width < 34

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=5))
    def test_any_text_comes_back_clean(self, rows: list[tuple[str, str]]) -> None:
        sheet = self.written(rows)
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
        read_sheets(write_csv(["甲", "乙"], rows))

    def test_five_thousand_rows_in_and_out(self) -> None:
        rows = [[f"姓名{number}", "第1选区（东庄村）", "13800138000", number] * 4 for number in range(5_000)]
        started = time.perf_counter()
        data = write_xlsx([f"列{number}" for number in range(16)], rows, title="名册")
        grid = read_sheet(data)
        assert time.perf_counter() - started < 20
        assert len(grid.rows) == 5_002
