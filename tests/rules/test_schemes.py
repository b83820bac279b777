"""Schemes are data: the shipped ones hold, others can be written, and bad ones are told what is wrong."""

import json
from decimal import Decimal
from typing import Any

import pytest

from assessments.scheme_data import FOLDER, SHIPPED, shipped_scheme, shipped_schemes
from assessments.scoring import (
    Fact,
    InvalidScheme,
    ItemType,
    Judge,
    Judged,
    SchemeRules,
    SheetResult,
    Subject,
    SubjectFacts,
    score,
)

ALL = list(SHIPPED)


@pytest.mark.parametrize("code", ALL)
def test_shipped_schemes_round_trip(code: str) -> None:
    scheme = shipped_scheme(code)
    again = SchemeRules.from_dict(json.loads(json.dumps(scheme.to_dict(), ensure_ascii=False)))
    assert (again, again.digest) == (scheme, scheme.digest)
    assert (scheme.code, scheme.problems()) == (code, {})


def test_every_file_is_shipped_and_every_title_its_own() -> None:
    assert {path.name for path in FOLDER.glob("*.json")} == set(SHIPPED.values())
    assert len({scheme.title for scheme in shipped_schemes()}) == len(SHIPPED)


def blocks(scheme: SchemeRules) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for item in scheme.base_items:
        sums[item.block] = sums.get(item.block, Decimal(0)) + item.full
    return sums


def test_scheme_a_is_the_ten_ones() -> None:
    """domain.md 3.2: 52 occasions a year, 100 points, bonus at most 10, deduction at most 20."""
    scheme = shipped_scheme("A")
    table = {item.code: (item.due_per_year, str(item.full.normalize())) for item in scheme.base_items}
    assert {code: (due, Decimal(full)) for code, (due, full) in table.items()} == {
        "reception": (12, 15),
        "constituency_visit": (12, 10),
        "public_opinion": (12, 12),
        "inspection": (4, 12),
        "training": (4, 8),
        "suggestion": (1, 10),
        "policy_talk": (1, 5),
        "deputies_meeting": (4, 8),
        "exchange": (1, 5),
        "review_ballot": (1, 15),
    }
    assert sum(item.due_per_year or 0 for item in scheme.base_items) == 52
    assert (scheme.base_full, scheme.bonus_cap, scheme.deduction_cap) == (100, 10, 20)
    assert [(grade.name, grade.at_least) for grade in scheme.grades] == [
        ("优秀", 90),
        ("合格", 80),
        ("不合格", 0),
    ]


def codes_of(scheme: SchemeRules, *kinds: ItemType) -> set[str]:
    return {code for item in scheme.items if item.type in kinds for code in item.facts}


def test_scheme_a_asks_for_the_agreed_fact_codes() -> None:
    scheme = shipped_scheme("A")
    assert codes_of(scheme, ItemType.BONUS) == {"commendation", "key_suggestion", "livelihood_project"}
    assert codes_of(scheme, ItemType.DEDUCTION) == {
        "absence_unapproved_session",
        "leave_session",
        "late",
        "overdue_case",
    }
    assert codes_of(scheme, ItemType.VETO) == {
        "criminal_or_disciplinary",
        "mandate_suspended",
        "two_unapproved_absences",
        "intervening_in_cases",
        "vote_buying",
        "report_not_returned",
    }
    assert all(item.facts == (item.code,) for item in scheme.items)


def test_scheme_b_is_forty_and_sixty() -> None:
    assert blocks(shipped_scheme("B")) == {"会议期间": 40, "闭会期间": 60}


def test_scheme_c_is_for_groups_and_may_exceed_its_base() -> None:
    scheme = shipped_scheme("C")
    assert (scheme.subject, scheme.base_full, len(scheme.base_items)) == (Subject.GROUP, 100, 13)
    assert [item.code for item in scheme.items if item.may_exceed] == [
        "group_suggestion",
        "group_speech",
        "presidium_speech",
    ]


def test_scheme_d_starts_from_sixty_and_has_its_own_grades() -> None:
    scheme = shipped_scheme("D")
    assert (scheme.base_full, scheme.open_ended, scheme.total_cap) == (60, True, None)
    facts = {"reception": 12, "suggestion": 8, "inspection": 4, "public_opinion": 20}
    sheet = score(SubjectFacts("m", tuple(Fact(code, done=n) for code, n in facts.items())), scheme)
    assert (str(sheet.total), sheet.grade_name) == ("128.00", "优秀")  # 60+12+24+12+20
    idle = score(SubjectFacts("m"), scheme)
    assert (str(idle.total), idle.grade_name) == ("60.00", "基本称职")
    assert idle.lines[0].explanation == "基础分60分，全部计入"
    late = score(SubjectFacts("m", (Fact("late", done=1),)), scheme)
    assert (str(late.total), late.grade_name) == ("59.50", "不称职")


def test_scheme_e_has_four_judges() -> None:
    scheme = shipped_scheme("E")
    assert blocks(scheme) == {"履职记录": 60, "小组评议": 15, "选民测评": 15, "主席团评议": 10}
    judges = [item.params.judge for item in scheme.items if isinstance(item.params, Judged)]
    assert judges == [Judge.GROUP, Judge.PRESIDIUM]


def bishan() -> dict[str, Any]:
    """璧山区: a quarterly ledger of days and points, no base of a hundred (domain.md 3.1)."""

    def row(code: str, name: str, each: str, unit: str) -> dict[str, Any]:
        params = {"each": each, "cap": None}
        item = {"code": code, "name": name, "type": "per_count", "full": "10", "facts": [code]}
        return item | {"may_exceed": True, "params": params, "why": {"done": "履职", "unit": unit}}

    return {
        "code": "BS",
        "title": "季度亮分办法",
        "open_ended": True,
        "min_months": 0,
        "grades": [{"code": "shown", "name": "亮分", "at_least": "0"}],
        "items": [row("duty_day", "履职天数", "0.5", "天"), row("duty_task", "履职事项", "2", "件")],
    }


def test_a_quarterly_ledger_of_days_and_points_needs_no_code() -> None:
    facts = (Fact("duty_day", done=37), Fact("duty_task", done=50))
    sheet = score(SubjectFacts("m", facts), SchemeRules.from_dict(bishan()))
    assert (str(sheet.total), sheet.grade_name) == ("118.50", "亮分")
    assert sheet.lines[0].explanation == "履职37天：0.5×37＝18.5分"


def broken(change: Any) -> dict[str, str]:
    data = json.loads(json.dumps(shipped_scheme("A").to_dict()))
    change(data)
    with pytest.raises(InvalidScheme) as caught:
        SchemeRules.from_dict(data)
    return caught.value.fields


def put(*path: Any, value: Any) -> Any:
    def change(data: Any) -> None:
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = value

    return change


MISTAKES = [
    (put("items", 0, "full", value="16"), "items", "各计分项目标准分合计应为100分，现为101分。"),
    (
        put("items", 0, "full", value="很多"),
        "items.0.full",
        "第1项“每月接待选民”：标准分应为最多两位小数的数字。",
    ),
    (
        put("items", 0, "full", value="15.001"),
        "items.0.full",
        "第1项“每月接待选民”：标准分应为最多两位小数的数字。",
    ),
    (put("items", 0, "full", value="-15"), "items.0.full", "第1项“每月接待选民”：标准分不能小于0。"),
    (
        put("items", 0, "full", value="NaN"),
        "items.0.full",
        "第1项“每月接待选民”：标准分应为最多两位小数的数字。",
    ),
    (
        put("items", 0, "full", value=True),
        "items.0.full",
        "第1项“每月接待选民”：标准分应为最多两位小数的数字。",
    ),
    (
        put("items", 0, "full", value="1e999"),
        "items.0.full",
        "第1项“每月接待选民”：标准分应为最多两位小数的数字。",
    ),
    (put("items", 0, "full", value="0"), "items.0.full", "第1项“每月接待选民”：标准分应大于0。"),
    (
        put("items", 0, "name", value=" "),
        "items.0.name",
        "第1项“ ”：项目名称应为不超过40字的文字，且不能为空。",
    ),
    (put("items", 0, "facts", value=[]), "items.0.facts", "第1项“每月接待选民”：没有写明数据来源。"),
    (put("items", 0, "facts", value=[7]), "items.0.facts", "第1项“每月接待选民”：数据来源应为代码列表。"),
    (put("items", 0, "points", value="9"), "items.0.points", "第1项“每月接待选民”：不认识“points”这一项。"),
    (put("items", 1, "code", value="reception"), "items", "项目代码“reception”重复。"),
    (
        put("items", 2, "params", "each", value="2"),
        "items.2.full",
        "第3项“每月一条社情民意”：每件分值×件数＋质量分为24分，应等于标准分12分。",
    ),
    (
        put("items", 2, "params", "cap", value=None),
        "items.2.params.cap",
        "第3项“每月一条社情民意”：应设计分件数上限，或者写明可以超出标准分。",
    ),
    (
        put("items", 2, "params", "cap", value=0),
        "items.2.params.cap",
        "第3项“每月一条社情民意”：计分件数上限应为不小于1的整数。",
    ),
    (
        put("items", 9, "params", "choices", 0, "weight", value="0.9"),
        "items.9.params.choices",
        "第10项“每年履职评议”：测评票至少要有一个权重为1的选项。",
    ),
    (
        put("items", 9, "params", "choices", 1, "code", value="valid"),
        "items.9.params.choices",
        "第10项“每年履职评议”：测评票选项代码“valid”重复或不可用。",
    ),
    (
        put("items", 10, "full", value="5"),
        "items.10.full",
        "第11项“履职受到表彰”：加分、扣分和否决项不设标准分，也不设超出或折算规则。",
    ),
    (
        put("items", 11, "params", "each", value="0"),
        "items.11.params.each",
        "第12项“建议列为重点督办”：每次分值应大于0。",
    ),
    (
        put("items", 17, "params", "ceiling", value="good"),
        "items.17.params.ceiling",
        "第18项“受到刑事处罚或者纪律处分”：否决后的最高等次“good”不在等次表中。",
    ),
    (put("grades", 1, "at_least", value="95"), "grades", "等次应按分数线从高到低排列，且分数线不能相同。"),
    (put("grades", 2, "at_least", value="60"), "grades", "最低一个等次的分数线应为0分，使每个得分都有等次。"),
    (put("grades", 1, "name", value="优秀"), "grades", "等次名称“优秀”重复。"),
    (put("total_cap", value="99"), "total_cap", "总分上限不能低于标准分合计100分。"),
    (put("items", 0, "may_exceed", value=True), "total_cap", "有项目可以超出标准分时，不能再设总分上限。"),
    (
        put("items", 0, "may_exceed", value="是"),
        "items.0.may_exceed",
        "第1项“每月接待选民”：可否超出标准分只能填“是”或“否”。",
    ),
    (
        put("subject", value="voter"),
        "subject",
        "测评办法：测评对象只能是代表（deputy）、代表小组（group）之一。",
    ),
    (put("items", value={}), "items", "测评办法：项目应为列表。"),
    (put("items", value=[]), "items", "测评办法至少要有一个计分项目。"),
    (put("items", 0, value="接待"), "items.0", "第1项“”：应为一组键值。"),
    (put("version", value="1"), "version", "测评办法：版本号应为不小于1的整数。"),
]


@pytest.mark.parametrize(("change", "path", "message"), MISTAKES, ids=[row[2][:24] for row in MISTAKES])
def test_mistakes_are_told_in_chinese(change: Any, path: str, message: str) -> None:
    found = broken(change)
    assert found[path] == message


def test_all_mistakes_are_told_at_once() -> None:
    def change(data: Any) -> None:
        data["items"][0]["full"] = "x"
        data["items"][3]["type"] = "guess"
        data["bonus_cap"] = "-1"

    assert set(broken(change)) >= {"items.0.full", "items.3.type", "bonus_cap"}


@pytest.mark.parametrize("data", [None, [], "A", 7, {}])
def test_anything_that_is_no_scheme_is_refused(data: Any) -> None:
    with pytest.raises(InvalidScheme):
        SchemeRules.from_dict(data)


def test_numbers_may_come_as_numbers() -> None:
    data = shipped_scheme("A").to_dict()
    data["items"][0]["full"] = 15
    data["items"][9]["params"]["choices"][1]["weight"] = 0.8
    assert SchemeRules.from_dict(data).digest == shipped_scheme("A").digest


def test_another_version_of_the_rules_leaves_the_old_year_alone() -> None:
    """A year is scored by the version it is pinned to, whatever came after."""
    facts = SubjectFacts("m", (Fact("reception", 12, 1, 10), Fact("public_opinion", done=7)), year=2025)
    pinned = json.dumps(shipped_scheme("A").to_dict())
    first = score(facts, SchemeRules.from_dict(json.loads(pinned)))
    for version in (2, 3, 4):
        score(
            facts, SchemeRules.from_dict(json.loads(pinned) | {"version": version, "bonus_cap": str(version)})
        )
    again = score(facts, SchemeRules.from_dict(json.loads(pinned)))
    assert again.digest == first.digest
    assert SheetResult.from_dict(first.to_dict()).scheme_digest == shipped_scheme("A").digest
