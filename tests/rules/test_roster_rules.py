"""Checking rosters: planted faults, clean rows, who is who, and the readers of single cells."""

import csv
import datetime as dt
import io
import json
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deputies.enums import Education, ElectionWay, GroupPost, PoliticalStatus, Sex
from deputies.roster import tables
from deputies.roster.cells import (
    WRONG_PHONE,
    Severity,
    chinese_number,
    read_concurrent_seat,
    read_contacts,
    read_education,
    read_ethnicity,
    read_name,
    read_phone_cell,
    read_political_status,
    read_sex,
)
from deputies.roster.dates import read_born_on, read_elected_on, writes_two_digit_months
from deputies.roster.people import find_twice
from deputies.roster.rules import (
    COLUMNS,
    Change,
    KnownCongress,
    KnownGroup,
    KnownPerson,
    RawRow,
    Report,
    RosterRow,
    RowState,
    check_rows,
    check_title,
)

DATA = Path(__file__).parents[1] / "data"
TODAY = dt.date(2026, 1, 10)
GENERAL = dt.date(2021, 4, 20)
PLACES = ["东长凝村", "西长凝村", "北长凝村", "南六堡村", "西六堡村", "官甲村", "永康村", "机关"]
CHANGNING = KnownCongress(
    constituencies=tuple(f"第{number}选区（{place}）" for number, place in enumerate(PLACES, 1)),
    groups=tuple(KnownGroup(f"第{number}代表小组") for number in "一二三四五"),
    elected_on=GENERAL,
)
EMPTY = KnownCongress(may_create_constituencies=True, may_create_groups=True)

PERSON = {
    "序号": "1",
    "姓名": "王建国",
    "性别": "男",
    "民族": "汉族",
    "出生年月": "1975.10",
    "政治面貌": "中共党员",
    "文化程度": "大专",
    "工作单位及职务": "东长凝村村民",
    "选区": "第1选区（东长凝村）",
    "代表小组": "第一代表小组",
    "小组职务": "",
    "联系电话": "13800138000",
    "通信地址": "长凝镇东长凝村",
    "当选方式": "换届选举",
    "当选日期": "2021-04-20",
    "是否同时担任上级代表": "",
    "固定联系选民": "10",
    "备注": "",
}
PERSON_ROW = RosterRow(
    name="王建国",
    sex=Sex.MALE,
    ethnicity="汉族",
    born_on=dt.date(1975, 10, 1),
    political_status=PoliticalStatus.CPC_MEMBER,
    education=Education.COLLEGE,
    occupation="东长凝村村民",
    constituency="第1选区（东长凝村）",
    group="第一代表小组",
    phone="13800138000",
    address="长凝镇东长凝村",
    election_way=ElectionWay.GENERAL,
    elected_on=GENERAL,
    fixed_contacts=10,
    list_number=1,
)


def raw(number: int = 3, **cells: str) -> RawRow:
    return RawRow(number, {**PERSON, **cells}, numbers=None)


def check(*rows: RawRow, known: KnownCongress = CHANGNING, **decisions) -> Report:
    return check_rows(rows, known, TODAY, **decisions)


def said(report: Report) -> list[tuple[int, str, str]]:
    return [(message.row, message.column, message.severity.value) for message in report.all_messages]


def planted() -> tuple[list[RawRow], list[dict[str, object]]]:
    """The rows of the broken file, and its faults."""
    text = (DATA / "长凝镇代表名册（有错误）.csv").read_bytes().decode("gb18030")
    records = list(csv.reader(io.StringIO(text)))
    heading = records[1]
    rows = [
        RawRow(number, dict(zip(heading, record, strict=True)), numbers=None)
        for number, record in enumerate(records[2:-1], 3)
    ]
    faults = json.loads((DATA / "长凝镇代表名册（有错误）.faults.json").read_text(encoding="utf-8"))
    return rows, faults


def severity_of(why: str) -> str:
    """Which severity a planted fault asks for, read from its own words."""
    return "note" if "note" in why else "warning" if "warning" in why else "error"


class TestPlantedFaults:
    def test_every_fault_is_named_and_nothing_else(self) -> None:
        rows, faults = planted()
        number_of = {row.cells["序号"]: row.number for row in rows}
        expected = sorted(
            (number_of[str(fault["序号"])], str(fault["column"]), severity_of(str(fault["why"])))
            for fault in faults
        )
        assert len(expected) == 18
        assert sorted(said(check_rows(rows, CHANGNING, TODAY))) == expected

    def test_the_election_day_is_found_in_the_file_when_nobody_knows_it(self) -> None:
        rows, _ = planted()
        unknown = replace(CHANGNING, elected_on=None)
        assert said(check_rows(rows, unknown, TODAY)) == said(check_rows(rows, CHANGNING, TODAY))

    def test_every_row_comes_back_with_a_state(self) -> None:
        rows, _ = planted()
        report = check_rows(rows, CHANGNING, TODAY)
        assert [row.number for row in report.rows] == [row.number for row in rows]
        assert (report.counts[RowState.NEW], report.counts[RowState.ERROR]) == (42, 13)
        assert not report.is_importable

    def test_values_are_put_right(self) -> None:
        rows, _ = planted()
        found = {row.number: row.row for row in check_rows(rows, CHANGNING, TODAY).rows}
        assert found[5].phone == "13800138000"
        assert found[24].name == "王建国"
        assert found[32].political_status is PoliticalStatus.CPC_MEMBER
        assert found[36].education is Education.BACHELOR
        assert found[38] is None

    def test_a_formula_is_never_carried_into_the_report(self) -> None:
        rows, _ = planted()
        assert "HYPERLINK" not in repr(check_rows(rows, CHANGNING, TODAY))

    def test_unknown_places_are_offered_not_created(self) -> None:
        rows, _ = planted()
        report = check_rows(rows, CHANGNING, TODAY)
        offers = {message.column: message.offer for message in report.all_messages if message.offer}
        assert offers == {"选区": "create_constituency", "代表小组": "create_group"}
        assert (report.new_constituencies, report.new_groups) == ((), ())

    def test_a_first_import_proposes_places_and_points_out_the_odd_one(self) -> None:
        rows, _ = planted()
        report = check_rows(rows, EMPTY, TODAY)
        assert [place.number for place in report.new_constituencies] == [1, 2, 9, 3, 4, 5, 6, 7, 8]
        assert [place.village for place in report.new_constituencies][:3] == [
            "东长凝村",
            "西长凝村",
            "不存在村",
        ]
        assert (15, "选区", "warning") in said(report)
        assert any("第六代表小组" in message.text and "第17行" in message.text for message in report.messages)


class TestOneRow:
    def test_a_clean_row_is_new_and_silent(self) -> None:
        report = check(raw())
        assert said(report) == []
        assert (report.rows[0].state, report.rows[0].row) == (RowState.NEW, PERSON_ROW)
        assert report.is_importable

    def test_export_and_import_are_inverse(self) -> None:
        assert [str(cell) for cell in PERSON_ROW.cells()] == [PERSON[column] for column in COLUMNS]

    @pytest.mark.parametrize(
        ("cells", "expected"),
        [
            ({"姓名": ""}, [("姓名", "error")]),
            ({"姓名": "王建国1"}, [("姓名", "error")]),
            ({"姓名": "王"}, [("姓名", "warning")]),
            ({"姓名": "\ue863建国"}, [("姓名", "error")]),
            ({"姓名": "阿依古丽•买买提"}, [("姓名", "note")]),
            ({"姓名": "阿依古丽 买买提"}, [("姓名", "warning")]),
            ({"姓名": "赵𬱖"}, []),
            ({"姓名": "武春梅（女）", "性别": ""}, [("姓名", "note"), ("性别", "note")]),
            ({"民族": "汉"}, [("民族", "note")]),
            ({"民族": "火星族"}, [("民族", "warning")]),
            ({"民族": ""}, [("民族", "warning")]),
            ({"政治面貌": "预备党员"}, [("政治面貌", "note")]),
            ({"政治面貌": "路人"}, [("政治面貌", "error")]),
            ({"文化程度": "大学"}, [("文化程度", "warning")]),
            ({"文化程度": "高中毕业"}, [("文化程度", "note")]),
            ({"文化程度": "很高"}, [("文化程度", "error")]),
            ({"选区": ""}, [("选区", "error")]),
            ({"选区": "第1选区(东长凝村)"}, [("选区", "note")]),
            ({"选区": "第一选区（东长凝村）"}, [("选区", "note")]),
            ({"选区": "第一选区"}, [("选区", "warning")]),
            ({"选区": "1选区"}, [("选区", "warning")]),
            ({"选区": "东长凝村"}, [("选区", "warning")]),
            ({"选区": "第1选区（西长凝村）"}, [("选区", "error")]),
            ({"代表小组": "一组"}, [("代表小组", "note")]),
            ({"代表小组": ""}, [("代表小组", "warning")]),
            ({"代表小组": "", "小组职务": "组长"}, [("代表小组", "warning"), ("小组职务", "error")]),
            ({"小组职务": "队长"}, [("小组职务", "error")]),
            ({"联系电话": ""}, [("联系电话", "warning")]),
            ({"联系电话": "0354-2662222"}, [("联系电话", "warning")]),
            ({"联系电话": "13800138000/13900139000"}, [("联系电话", "warning")]),
            ({"联系电话": "1.38E+10"}, [("联系电话", "error")]),
            ({"联系电话": "12800138000"}, [("联系电话", "error")]),
            ({"当选方式": ""}, []),
            ({"当选方式": "任命"}, [("当选方式", "error")]),
            ({"当选方式": "补选", "当选日期": "2023-05-06"}, []),
            ({"当选方式": "补选", "当选日期": ""}, [("当选日期", "error")]),
            ({"当选方式": "补选", "当选日期": "2026-01-10"}, []),
            ({"当选方式": "补选", "当选日期": "2026-01-11"}, [("当选日期", "error")]),
            ({"当选方式": "补选", "当选日期": "2020-01-01"}, [("当选日期", "error")]),
            ({"当选日期": ""}, [("当选日期", "note")]),
            ({"当选日期": "2021.04"}, [("当选日期", "note")]),
            ({"当选日期": "2022.05"}, [("当选日期", "error")]),
            ({"当选日期": "2021-02-30"}, [("当选日期", "error")]),
            ({"当选方式": "", "当选日期": "2023-05-06"}, [("当选方式", "error")]),
            ({"出生年月": "2003.05"}, [("出生年月", "error")]),
            ({"出生年月": "2003.04"}, [("出生年月", "warning")]),
            ({"出生年月": "2003.03"}, []),
            ({"出生年月": "1919.03"}, [("出生年月", "warning")]),
            ({"出生年月": "2027.01"}, [("出生年月", "error")]),
            ({"出生年月": ""}, [("出生年月", "error")]),
            ({"是否同时担任上级代表": "是"}, [("是否同时担任上级代表", "warning")]),
            ({"是否同时担任上级代表": "政协委员"}, [("是否同时担任上级代表", "error")]),
            ({"固定联系选民": "十户"}, [("固定联系选民", "note")]),
            ({"固定联系选民": "-3"}, [("固定联系选民", "error")]),
            ({"固定联系选民": ""}, []),
            ({"备注": "字" * 201}, [("备注", "error")]),
            ({"备注": "=1+1"}, [("备注", "error")]),
            ({"通信地址": "＝1+1"}, [("通信地址", "error")]),
            ({"备注": "无"}, []),
            ({"序号": "=ROW()-2"}, []),
        ],
    )
    def test_what_is_said_about_a_cell(self, cells: dict[str, str], expected: list[tuple[str, str]]) -> None:
        found = [(column, severity) for _, column, severity in said(check(raw(**cells)))]
        assert found == expected

    def test_columns_the_file_lacks_are_silent(self) -> None:
        kept = {column: PERSON[column] for column in ("姓名", "性别", "出生年月", "选区")}
        report = check(RawRow(3, kept))
        assert said(report) == [(3, "当选日期", "note")]
        assert report.rows[0].row.elected_on == GENERAL

    def test_a_post_needs_no_group_where_the_file_has_no_such_column(self) -> None:
        kept = {column: text for column, text in PERSON.items() if column != "代表小组"}
        assert said(check(RawRow(3, {**kept, "小组职务": "组长"}))) == []

    def test_a_required_column_is_missed_even_without_a_heading(self) -> None:
        kept = {column: text for column, text in PERSON.items() if column != "性别"}
        assert said(check(RawRow(3, kept))) == [(3, "性别", "error")]

    def test_messages_stand_in_the_order_of_the_form(self) -> None:
        report = check(raw(姓名="", 性别="", 备注="=1", 联系电话="1"))
        assert [column for _, column, _ in said(report)] == ["姓名", "性别", "联系电话", "备注"]

    def test_a_place_reads_as_the_office_speaks(self) -> None:
        report = check(raw(5, 联系电话="1"))
        assert report.rows[0].messages[0].place == "第5行“联系电话”"
        assert report.rows[0].messages[0].text == WRONG_PHONE


class TestAcrossRows:
    def test_the_same_person_twice_is_an_error_on_the_later_row(self) -> None:
        assert said(check(raw(3), raw(9))) == [(9, "*", "error")]
        assert said(check(raw(3), raw(9, 出生年月="1976.10"))) == [(9, "*", "error")]
        assert said(check(raw(3), raw(9, 联系电话=""))) == [(9, "*", "error"), (9, "联系电话", "warning")]

    def test_one_person_in_two_groups_is_told_which(self) -> None:
        report = check(raw(3), raw(4, 代表小组="第二代表小组"))
        assert [m.text for m in report.all_messages if m.row == 4] == [
            "与第3行是同一人，请删去重复的一行。两行的代表小组不同（第一代表小组、第二代表小组），请先核对是哪一个。"
        ]

    def test_namesakes_are_noted_and_not_merged(self) -> None:
        report = check(raw(3), raw(9, 出生年月="1981.05", 联系电话="13900139000"))
        assert said(report) == [(3, "姓名", "note"), (9, "姓名", "note")]
        assert report.counts[RowState.NEW] == 2

    def test_equal_names_and_births_with_two_phones_are_asked_about(self) -> None:
        report = check(raw(3), raw(9, 联系电话="13900139000"))
        assert said(report) == [(9, "*", "warning")]
        assert report.counts[RowState.NEW] == 2

    def test_one_phone_for_two_people_is_pointed_out(self) -> None:
        assert said(check(raw(3), raw(9, 姓名="李桂兰"))) == [(9, "联系电话", "warning")]

    def test_a_group_has_one_leader(self) -> None:
        second = raw(9, 姓名="李桂兰", 联系电话="13900139000", 小组职务="组长")
        assert said(check(raw(3, 小组职务="组长"), second)) == [(9, "小组职务", "error")]
        assert said(check(raw(3, 小组职务="副组长"), second)) == []
        elsewhere = replace(second, cells={**second.cells, "代表小组": "第二代表小组"})
        assert said(check(raw(3, 小组职务="组长"), elsewhere)) == []

    def test_a_leader_entered_twice_is_one_error(self) -> None:
        assert said(check(raw(3, 小组职务="组长"), raw(9, 小组职务="组长"))) == [(9, "*", "error")]

    def test_a_known_leader_stands_unless_the_file_replaces_him(self) -> None:
        known = replace(CHANGNING, groups=(KnownGroup("第一代表小组", "赵立新"),))
        assert said(check(raw(3, 小组职务="组长"), known=known)) == [(3, "小组职务", "error")]
        former = raw(4, 姓名="赵立新", 联系电话="13900139000", 出生年月="1960.01")
        assert said(check(raw(3, 小组职务="组长"), former, known=known)) == []

    def test_another_election_day_is_said_once(self) -> None:
        rows = [
            raw(n, 姓名="王建" + "国华军民"[n], 联系电话=f"1380013800{n}", 当选日期="2016-05-20")
            for n in range(4)
        ]
        assert said(check(*rows)) == [(0, "当选日期", "error")]

    def test_a_title_of_another_congress_is_an_error(self) -> None:
        found = check_title("榆次区长凝镇", 14, jurisdiction="庄子乡", term=15)
        assert [message.severity for message in found] == [Severity.ERROR, Severity.ERROR]
        assert check_title("榆次区庄子乡", 15, jurisdiction="庄子乡", term=15) == ()
        assert check_title("", None, jurisdiction="庄子乡", term=15) == ()


def known_person(person_id: int = 7, **changes) -> KnownPerson:
    return KnownPerson(person_id, replace(PERSON_ROW, **changes))


def with_people(*people: KnownPerson, **more) -> KnownCongress:
    return replace(CHANGNING, people=people, **more)


class TestWhoIsWho:
    def test_a_second_import_changes_nothing(self) -> None:
        report = check(raw(), known=with_people(known_person()))
        assert (report.rows[0].state, report.rows[0].person_id, said(report)) == (RowState.UNCHANGED, 7, [])

    def test_a_change_names_field_old_and_new(self) -> None:
        report = check(raw(文化程度="本科"), known=with_people(known_person()))
        assert report.rows[0].state is RowState.CHANGED
        assert report.rows[0].changes == (Change("文化程度", "education", "大专", "本科"),)

    def test_blank_cells_keep_what_is_known_but_end_a_post(self) -> None:
        person = known_person(address="旧址", group_post=GroupPost.LEADER, remark="旧", fixed_contacts=5)
        report = check(raw(通信地址="", 固定联系选民=""), known=with_people(person))
        assert {change.field for change in report.rows[0].changes} == {"group_post", "remark"}

    def test_phone_then_name_and_birth_then_name_and_constituency(self) -> None:
        for changes in (
            {"born_on": dt.date(1970, 1, 1), "constituency": "第2选区（西长凝村）"},
            {"phone": "13900139000", "constituency": "第2选区（西长凝村）"},
            {"phone": "", "born_on": None},
            {"phone": "13900139000", "constituency": "第2选区（西长凝村）", "sex": Sex.FEMALE},
        ):
            report = check(raw(), known=with_people(known_person(**changes)))
            assert (report.rows[0].state, report.rows[0].person_id) == (RowState.CHANGED, 7)

    def test_a_glyph_variant_is_the_same_name_and_the_registered_form_stays(self) -> None:
        rare, plain = "葛\U000e0100明", "葛明"
        for known, typed, state in (
            (rare, plain, RowState.UNCHANGED),
            (rare, rare, RowState.UNCHANGED),
            (plain, rare, RowState.CHANGED),
        ):
            report = check(raw(姓名=typed), known=with_people(known_person(name=known)))
            assert (report.rows[0].state, report.rows[0].person_id) == (state, 7), (known, typed)

    def test_a_row_repeated_with_a_glyph_variant_is_one_person(self) -> None:
        twice = find_twice([(3, "葛\U000e0100明", None, "13800138000"), (4, "葛明", None, "13800138000")])
        assert [(found.earlier, found.is_same) for found in twice[4]] == [(3, True)]

    def test_a_digest_finds_a_number_nobody_reads(self) -> None:
        person = KnownPerson(7, replace(PERSON_ROW, phone=""), phone_digest="d13800138000")
        known = with_people(person, digest_phone=lambda phone: f"d{phone}")
        report = check(raw(), known=known)
        assert (report.rows[0].state, report.rows[0].person_id) == (RowState.UNCHANGED, 7)

    @pytest.mark.parametrize(
        "changes",
        [
            {"name": "王建军"},  # this phone, another name
            {"phone": "13900139000", "born_on": dt.date(1970, 1, 1)},  # this name and constituency only
        ],
    )
    def test_what_is_unclear_is_asked_and_a_decision_settles_it(self, changes: dict[str, object]) -> None:
        known = with_people(known_person(**changes))
        report = check(raw(), known=known)
        assert (report.rows[0].state, report.rows[0].candidates) == (RowState.UNDECIDED, (7,))
        assert said(report) == [(3, "姓名", "warning")]
        assert not report.is_importable
        same = check(raw(), known=known, decisions={3: 7})
        assert (same.rows[0].state, same.rows[0].person_id) == (RowState.CHANGED, 7)
        other = check(raw(), known=known, decisions={3: None})
        assert (other.rows[0].state, other.rows[0].person_id) == (RowState.NEW, None)

    def test_two_registered_namesakes_of_one_month_are_asked_about(self) -> None:
        people = [
            known_person(n, phone=f"1390013900{n}", constituency=CHANGNING.constituencies[n]) for n in (1, 2)
        ]
        assert check(raw(), known=with_people(*people)).rows[0].candidates == (1, 2)
        here = replace(people[0], row=replace(people[0].row, constituency=PERSON_ROW.constituency))
        assert check(raw(), known=with_people(here, people[1])).rows[0].person_id == 1

    def test_a_namesake_elsewhere_is_another_person(self) -> None:
        person = known_person(
            phone="13900139000", born_on=dt.date(1960, 1, 1), constituency="第2选区（西长凝村）"
        )
        report = check(raw(), known=with_people(person))
        assert (report.rows[0].state, report.rows[0].person_id) == (RowState.NEW, None)
        assert (3, "姓名", "note") in said(report)

    def test_a_family_number_does_not_claim_the_relative(self) -> None:
        wife = raw(3, 姓名="李桂兰", 性别="女", 出生年月="1977.02")
        report = check(wife, raw(4), known=with_people(known_person()))
        assert [(row.state, row.person_id) for row in report.rows] == [
            (RowState.NEW, None),
            (RowState.UNCHANGED, 7),
        ]

    def test_a_person_found_by_phone_is_not_found_again_by_birth(self) -> None:
        namesake = raw(3, 联系电话="13900139000")
        report = check(namesake, raw(9), known=with_people(known_person()))
        assert [(row.state, row.person_id) for row in report.rows] == [
            (RowState.NEW, None),
            (RowState.UNCHANGED, 7),
        ]

    def test_two_rows_cannot_be_one_person(self) -> None:
        second = raw(9, 姓名="李桂兰", 联系电话="13900139000")
        report = check(raw(3), second, known=with_people(known_person()), decisions={9: 7})
        assert (9, "*", "error") in said(report)

    def test_a_stale_decision_is_an_error(self) -> None:
        assert said(check(raw(), decisions={3: 99})) == [(3, "姓名", "error")]

    def test_a_known_person_without_a_seat_takes_a_new_one(self) -> None:
        person = KnownPerson(7, replace(PERSON_ROW, constituency="", group=""), has_mandate=False)
        report = check(raw(), known=with_people(person))
        assert (report.rows[0].state, report.rows[0].person_id) == (RowState.NEW, 7)

    def test_deputies_the_file_does_not_name_are_listed_not_removed(self) -> None:
        other = known_person(8, name="赵立新", phone="13900139000")
        report = check(raw(), known=with_people(known_person(), other))
        assert report.absent == (8,)
        assert said(report) == [(0, "*", "warning")]


def value_of(outcome):
    return None if outcome.is_error else outcome.value


class TestPhones:
    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("13800138000", "13800138000"),
            ("１３８００１３８０００", "13800138000"),
            ("138 0013 8000", "13800138000"),
            ("138-0013-8000", "13800138000"),
            ("+86 13800138000", "13800138000"),
            ("008613800138000", "13800138000"),
            ("8613800138000", "13800138000"),
            ("13800138000.0", "13800138000"),
            ("'13800138000", "13800138000"),
            ("（0354）2662222", "03542662222"),
            ("1380013800", None),
            ("138001380001", None),
            ("02800138000x", None),
            ("1.38001E+10", None),
            ("不详", None),
        ],
    )
    def test_shapes(self, text: str, number: str | None) -> None:
        assert value_of(read_phone_cell(text)) == number

    @given(
        st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
        st.sampled_from(["", "+86", "86", "0086", "+86 "]),
        st.sampled_from(["", " ", "-", "－"]),
        st.booleans(),
    )
    def test_every_spelling_of_a_number_is_that_number(
        self, number: str, prefix: str, gap: str, wide: bool
    ) -> None:
        text = prefix + gap.join((number[:3], number[3:7], number[7:]))
        if wide:
            text = text.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
        assert read_phone_cell(text).value == number

    @given(st.text(max_size=20))
    def test_whatever_comes_out_is_digits_or_an_error(self, text: str) -> None:
        outcome = read_phone_cell(text)
        assert (
            outcome.is_error
            or not outcome.value
            or bool(re.fullmatch(r"\d{10,12}(-\d{1,6})?", outcome.value))
        )


class TestDates:
    @pytest.mark.parametrize(
        "text",
        [
            *(
                "1975.10",
                "1975-10",
                "1975/10",
                "1975年10月",
                "1975．10",
                "１９７５．１０",
                "1975 年 10 月",
                "1975年10月生",
            ),
            *(
                "197510",
                "19751001",
                "1975-10-01",
                "1975-10-01 00:00:00",
                "1975.10.15",
                "一九七五年十月",
                "27668",
                "75.10",
            ),
            *("1975年10月15日", "1975—10", "1975，10", "七五年十月"),
        ],
    )
    def test_birth_months(self, text: str) -> None:
        assert read_born_on(text, today=TODAY).value == dt.date(1975, 10, 1)

    @pytest.mark.parametrize(
        "text",
        [
            "1975",
            "1975.13",
            "1975.00",
            "05.10",
            "19751",
            "20123",
            "十月",
            "1975.10.32",
            "19751332",
            "x",
            "1875.10",
        ],
    )
    def test_unclear_birth_months_are_errors(self, text: str) -> None:
        assert read_born_on(text, today=TODAY).is_error

    @pytest.mark.parametrize(
        ("is_number", "two_digits", "month", "severity"),
        [
            (True, True, 10, Severity.WARNING),
            (None, True, 10, Severity.WARNING),
            (True, False, None, Severity.ERROR),
            (None, False, None, Severity.ERROR),
            (False, True, None, Severity.ERROR),
            (False, False, 1, Severity.NOTE),
        ],
    )
    def test_a_lost_zero_is_taken_back_only_where_the_column_shows_it(
        self, is_number: bool | None, two_digits: bool, month: int | None, severity: Severity
    ) -> None:
        outcome = read_born_on("1975.1", today=TODAY, is_number=is_number, two_digit_months=two_digits)
        assert outcome.findings[0].severity is severity
        assert (outcome.value.month if outcome.value else None) == month

    def test_the_style_of_a_column(self) -> None:
        assert writes_two_digit_months(["1975.1", "1980.03", "1990.12"])
        assert not writes_two_digit_months(["1975.1", "1980.03", "1990.2"])
        assert not writes_two_digit_months(["1975.1", "1990.12"])

    def test_the_column_settles_a_row(self) -> None:
        namesake = raw(4, 姓名="李桂兰", 联系电话="13900139000", 出生年月="1980.03")
        report = check(raw(3, 出生年月="1975.1"), namesake)
        assert said(report) == [(3, "出生年月", "warning")]
        assert report.rows[0].row.born_on == dt.date(1975, 10, 1)

    @pytest.mark.parametrize(
        "text",
        [
            *(
                "2021-04-20",
                "2021.4.20",
                "2021/4/20",
                "2021年4月20日",
                "20210420",
                "二〇二一年四月二十日",
                "44306",
            ),
            *("2021-04-20 00:00", "2021-4-20", "２０２１年４月２０日", "2021.04"),
        ],
    )
    def test_election_days(self, text: str) -> None:
        assert read_elected_on(text, general=GENERAL).value == GENERAL

    @given(
        st.dates(dt.date(1926, 1, 1), dt.date(2005, 12, 31)),
        st.sampled_from(
            ["%Y.%m", "%Y-%m", "%Y年%m月", "%Y/%m", "%Y%m", "%Y-%m-%d", "%Y.%m.%d", "%Y年%m月%d日"]
        ),
    )
    def test_every_shape_of_a_birth_month_is_that_month(self, day: dt.date, shape: str) -> None:
        assert read_born_on(day.strftime(shape), today=TODAY).value == day.replace(day=1)

    @given(st.dates(dt.date(1982, 1, 1), dt.date(2026, 1, 1)))
    def test_a_serial_number_is_its_day(self, day: dt.date) -> None:
        serial = str((day - dt.date(1899, 12, 30)).days)
        assert read_elected_on(serial, general=None).value == day

    @given(st.text(alphabet="0123456789.-/年月日〇一二三十 ", max_size=12))
    def test_no_text_breaks_the_reader(self, text: str) -> None:
        for outcome in (read_born_on(text, today=TODAY), read_elected_on(text, general=GENERAL)):
            assert outcome.value is None or isinstance(outcome.value, dt.date)

    @given(st.integers(1, 999))
    def test_chinese_numbers(self, number: int) -> None:
        from liaison.words.text import to_chinese_number

        assert chinese_number(to_chinese_number(number)) == number


class TestWords:
    def test_every_label_of_a_list_is_read_as_itself(self) -> None:
        assert all(read_political_status(member.label).value is member for member in PoliticalStatus)
        assert all(read_education(member.label).value is member for member in Education)
        assert all(read_sex(member.label).value is member for member in Sex)
        assert all(tables.ELECTION_WAYS[member.label] is member for member in ElectionWay)
        assert all(tables.GROUP_POSTS[member.label] is member for member in GroupPost)

    def test_ethnic_groups(self) -> None:
        assert len(tables.ETHNIC_GROUPS) == 56
        assert [read_ethnicity(text).value for text in ("维族", "土", "土家", "满族")] == [
            *("维吾尔族", "土族", "土家族", "满族")
        ]

    @pytest.mark.parametrize(
        ("text", "seat"),
        [
            *(
                ("", ""),
                ("否", ""),
                ("区代表", "区代表"),
                ("区人大代表", "区代表"),
                ("榆次区人大代表", "区代表"),
            ),
            *(
                ("区、市代表", "区代表、市代表"),
                ("省级人大代表", "省代表"),
                ("自治区人大代表", "省代表"),
                ("全国代表", "全国代表"),
            ),
        ],
    )
    def test_concurrent_seats(self, text: str, seat: str) -> None:
        assert read_concurrent_seat(text).value == seat

    @pytest.mark.parametrize(
        ("text", "count"), [("12", 12), ("12人", 12), ("十二", 12), ("１２户", 12), ("12.0", 12)]
    )
    def test_contacts(self, text: str, count: int) -> None:
        assert read_contacts(text).value == count

    @given(st.text(max_size=40))
    def test_a_name_is_clean_or_an_error(self, text: str) -> None:
        outcome = read_name(text)
        assert outcome.is_error or (outcome.value and not outcome.value.isascii())

    def test_headings(self) -> None:
        headings = [
            "姓 名",
            "姓名*",
            "代表姓名",
            "出生年月（岁）",
            "学历",
            "手机号码",
            "现任职务",
            "选举单位",
            "身高",
        ]
        assert [tables.column_of(heading) for heading in headings] == [
            *("姓名", "姓名", "姓名", "出生年月", "文化程度", "联系电话", "工作单位及职务", "选区", None)
        ]


class TestPlaces:
    def first_import(self, *names: str) -> Report:
        rows = [
            raw(number, 选区=name, 姓名=f"王{chr(0x5EFA + number)}", 联系电话=f"138001380{number:02}")
            for number, name in enumerate(names, 3)
        ]
        return check_rows(rows, EMPTY, TODAY)

    def test_spellings_of_one_place_become_one(self) -> None:
        report = self.first_import(
            "第1选区（东庄村）", "第1选区(东庄村)", "第一选区（东庄村）", "第１选区（ 东庄村 ）"
        )
        assert [(place.name, place.rows) for place in report.new_constituencies] == [
            ("第1选区（东庄村）", (3, 4, 5, 6))
        ]

    @pytest.mark.parametrize("written", ["第一选区", "一选区", "1选区", "第 1 选区", "东庄村"])
    @pytest.mark.parametrize(
        ("answer", "state"),
        [(None, RowState.UNDECIDED), (True, RowState.NEW), (False, RowState.ERROR)],
    )
    def test_a_constituency_written_otherwise_is_asked_about(
        self, written: str, answer: bool | None, state: RowState
    ) -> None:
        known = replace(CHANGNING, constituencies=("第1选区（东庄村）",))
        answers = {} if answer is None else {written: answer}
        report = check_rows([raw(选区=written)], known, TODAY, spellings=answers)
        assert [row.state for row in report.rows] == [state]
        assert [(s.written, s.meant, s.rows, s.is_same) for s in report.spellings] == [
            (written, "第1选区（东庄村）", (3,), answer)
        ]
        assert (report.rows[0].row.constituency if report.rows[0].row else "") == (
            "" if answer is False else "第1选区（东庄村）"
        )

    @pytest.mark.parametrize(
        "names", [("第一选区", "一选区", "1选区"), ("第1选区", "第一选区", "第1选区（东庄村）")]
    )
    def test_spellings_within_one_file_are_asked_about_too(self, names: tuple[str, ...]) -> None:
        report = self.first_import(*names)
        assert len(report.new_constituencies) == 1
        assert len(report.spellings) == 2
        assert report.counts[RowState.UNDECIDED] == 2
        one = check_rows(
            [raw(number, 选区=name, 姓名=f"王{chr(0x5EFA + number)}", 联系电话=f"138001380{number:02}")
             for number, name in enumerate(names, 3)],
            EMPTY, TODAY, spellings=dict.fromkeys(names, True),
        )  # fmt: skip
        assert [(len(place.rows), place.number) for place in one.new_constituencies] == [(3, 1)]
        assert one.is_importable

    def test_two_villages_under_one_number_are_never_one(self) -> None:
        report = self.first_import("第1选区（西庄村）", "第1选区（东庄村）", "第1选区（东庄村）")
        assert [place.name for place in report.new_constituencies] == ["第1选区（东庄村）"]
        assert (3, "选区", "error") in said(report)

    def test_a_bare_number_of_two_known_places_is_refused(self) -> None:
        known = replace(CHANGNING, constituencies=("第1选区（东庄村）", "第1选区（西庄村）"))
        assert (3, "选区", "error") in said(check(raw(选区="第1选区"), known=known))

    def test_names_without_numbers_get_free_ones(self) -> None:
        report = self.first_import("东庄村选区", "第1选区（西庄村）", "机关选区")
        assert [(place.name, place.number) for place in report.new_constituencies] == [
            *(("东庄村选区", 2), ("第1选区（西庄村）", 1), ("机关选区", 3))
        ]


def test_five_thousand_rows_are_checked_in_seconds() -> None:
    rows, people = [], []
    for number in range(5_000):
        name = "王" + chr(0x4E00 + number % 2_000) + chr(0x5000 + number // 2_000)
        phone = f"138{number:08}"
        place = f"第{number // 3 + 1}选区（第{number // 3 + 1}村）"
        rows.append(raw(number + 3, 姓名=name, 联系电话=phone, 选区=place))
        people.append(KnownPerson(number, replace(PERSON_ROW, name=name, phone=phone, constituency=place)))
    started = time.process_time()
    report = check_rows(rows, with_people(*people, may_create_constituencies=True, constituencies=()), TODAY)
    assert time.process_time() - started < 15
    assert report.counts[RowState.UNCHANGED] == 5_000
