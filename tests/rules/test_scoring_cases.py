"""SchemeRules A item by item, against numbers worked out by hand (domain.md 3.2). Also the shared builders."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from assessments.scheme_data import shipped_scheme
from assessments.scoring import (
    EvidenceRef,
    Excuse,
    ExcuseReason,
    Fact,
    SchemeRules,
    SheetResult,
    SubjectFacts,
    score,
)

SCHEME_A = shipped_scheme("A")


def votes(satisfied: int, basically: int, dissatisfied: int, spoilt: int = 0) -> dict[str, int]:
    valid = satisfied + basically + dissatisfied
    return {
        "issued": valid + spoilt,
        "returned": valid + spoilt,
        "valid": valid,
        "satisfied": satisfied,
        "basically_satisfied": basically,
        "dissatisfied": dissatisfied,
    }


def full_year() -> dict[str, Fact]:
    """A deputy of scheme A who did all that was due: 100 points."""
    dues = {"reception": 12, "constituency_visit": 12, "public_opinion": 12, "policy_talk": 1, "exchange": 1}
    dues |= {"inspection": 4, "training": 4, "deputies_meeting": 4}
    facts = {code: Fact(code, scheduled=due, done=due) for code, due in dues.items()}
    facts["suggestion"] = Fact("suggestion", scheduled=1, done=1, points=Decimal(2))
    facts["review_ballot"] = Fact("review_ballot", tallies=votes(40, 0, 0))
    return facts


def sheet_with(*changes: Fact, scheme: SchemeRules = SCHEME_A, **more: Any) -> SheetResult:
    """The sheet of a full year in which some facts are replaced or added."""
    facts = full_year() | {fact.code: fact for fact in changes}
    return score(SubjectFacts("mandate:1", tuple(facts.values()), year=2025, **more), scheme)


def line_of(sheet: SheetResult, code: str) -> Any:
    line = sheet.line(code)
    assert line is not None
    return line


def single(item: dict[str, Any], **more: Any) -> SchemeRules:
    """A scheme of one item, of any full points."""
    row = {"code": "only", "name": "唯一项目", "facts": ["only"], **item}
    return SchemeRules.from_dict(
        {"code": "X", "title": "试用办法", "open_ended": True, "items": [row], **more}
    )


def score_one(scheme: SchemeRules, fact: Fact) -> SheetResult:
    return score(SubjectFacts("mandate:1", (fact,), subject=scheme.subject), scheme)


WORKED = [
    (Fact("reception", 12, 0, 12), "15.00"),
    (Fact("reception", 12, 1, 10), "13.64"),  # 15×10÷11 = 13.636…
    (Fact("reception", 12, 6, 5), "12.50"),
    (Fact("reception", 2, 0, 1), "7.50"),  # two turns scheduled in the year, not a flat twelve
    (Fact("reception", 12, 0, 0), "0.00"),
    (Fact("reception", 11, 0, 14), "15.00"),
    (Fact("constituency_visit", 12, 0, 7), "5.83"),  # 5.8333…
    (Fact("constituency_visit", 9, 3, 5), "8.33"),
    (Fact("public_opinion", 12, 0, 9), "9.00"),
    (Fact("public_opinion", 12, 0, 20), "12.00"),
    (Fact("public_opinion", 12, 0, 9, refused=3), "9.00"),
    (Fact("public_opinion", 0, 0, 0, refused=12), "0.00"),
    (Fact("public_opinion", 12, 6, 5), "10.00"),  # half a year in office: 12×5÷6
    (Fact("public_opinion", 12, 6, 6), "12.00"),
    (Fact("inspection", 4, 0, 3), "9.00"),  # 3 each
    (Fact("inspection", 4, 1, 2), "8.00"),
    (Fact("training", 4, 0, 1), "2.00"),  # 2 each
    (Fact("training", 3, 0, 2), "5.33"),
    (Fact("suggestion", 1, 0, 1, points=Decimal(0)), "8.00"),
    (Fact("suggestion", 1, 0, 1, points=Decimal("1.25")), "9.25"),
    (Fact("suggestion", 1, 0, 3, points=Decimal(2)), "10.00"),
    (Fact("suggestion", 1, 0, 0, points=Decimal(2)), "0.00"),
    (Fact("suggestion", 1, 0, 0, refused=1), "0.00"),
    (Fact("policy_talk", 1, 0, 1), "5.00"),
    (Fact("policy_talk", 1, 0, 0), "0.00"),
    (Fact("deputies_meeting", 4, 0, 3), "6.00"),
    (Fact("deputies_meeting", 4, 2, 1), "4.00"),
    (Fact("exchange", 1, 0, 0), "0.00"),
    (Fact("exchange", 2, 0, 1), "2.50"),
    (Fact("review_ballot", tallies=votes(40, 4, 2)), "14.09"),  # 15×43.2÷46 = 14.0869…
    (Fact("review_ballot", tallies=votes(0, 20, 0)), "12.00"),
    (Fact("review_ballot", tallies=votes(0, 0, 20)), "0.00"),
    (Fact("review_ballot", tallies=votes(10, 5, 5, spoilt=5)), "10.50"),  # spoilt ballots do not divide
]


@pytest.mark.parametrize(("fact", "points"), WORKED, ids=[f"{fact.code}-{p}" for fact, p in WORKED])
def test_item_of_scheme_a_by_hand(fact: Fact, points: str) -> None:
    sheet = sheet_with(fact)
    line = line_of(sheet, fact.code)
    assert line.awarded == Decimal(points)
    assert sheet.total == Decimal(100) - line.full + Decimal(points)
    assert (line.reason == "") == (line.awarded == line.full)


def test_full_year_is_a_hundred_and_excellent() -> None:
    sheet = sheet_with()
    assert (str(sheet.total), sheet.grade_name) == ("100.00", "优秀")
    assert [str(line.awarded) for line in sheet.lines] == [str(line.full) for line in sheet.lines]


def test_nothing_done_is_zero_and_unqualified() -> None:
    idle = [replace(fact, done=0, points=None) for fact in full_year().values()]
    sheet = sheet_with(*idle, Fact("review_ballot", tallies=votes(0, 0, 9)))
    assert (str(sheet.total), sheet.grade_code) == ("0.00", "unqualified")


def test_the_explanation_reads_like_the_office_says_it() -> None:
    leave = (Excuse(ExcuseReason.LEAVE, 1),)
    line = line_of(sheet_with(Fact("reception", 12, 1, 10, excuses=leave)), "reception")
    assert line.explanation == "应接待12次，请假核减1次，实到10次：15×10÷11＝13.64分"
    assert line.reason == "应接待12次，请假核减1次，实到10次，少1次，扣1.36分"


@pytest.mark.parametrize(
    ("fact", "explanation"),
    [
        (Fact("reception", 12, 0, 12), "应接待12次，实到12次，得满分15分"),
        (Fact("reception", 12, 2, 9), "应接待12次，核减2次，实到9次：15×9÷10＝13.5分"),
        (
            Fact("public_opinion", 12, 0, 14, refused=2),
            "应反映12条，实际反映14条，另有2条不计分，按12条计，得满分12分",
        ),
        (Fact("public_opinion", 12, 0, 5), "应反映12条，实际反映5条：1×5＝5分"),
        (
            Fact("suggestion", 1, 0, 1, points=Decimal("1.5")),
            "应提出1件，被接受1件，质量评定1.5分：8×1＋1.5＝9.5分",
        ),
        (
            Fact("review_ballot", tallies=votes(40, 4, 2, spoilt=2)),
            "发出48张、收回48张、有效46张，其中满意40张、基本满意4张、不满意2张：15×（40＋0.8×4）÷46＝14.09分",
        ),
    ],
)
def test_explanations(fact: Fact, explanation: str) -> None:
    assert line_of(sheet_with(fact), fact.code).explanation == explanation


def test_every_reason_of_an_excuse_is_told() -> None:
    excuses = tuple(Excuse(reason, 1) for reason in ExcuseReason)
    line = line_of(sheet_with(Fact("reception", 12, 4, 8, excuses=excuses)), "reception")
    told = "请假核减1次，暂停执行代表职务核减1次，补选任职前核减1次，核减1次"
    assert line.explanation == f"应接待12次，{told}，实到8次，得满分15分"


def test_evidence_is_kept_in_order_of_date() -> None:
    late = EvidenceRef("attendance", 2, date(2025, 3, 7), "3月接待日")
    early = EvidenceRef("attendance", 9, date(2025, 1, 3), "1月接待日")
    line = line_of(sheet_with(Fact("reception", 12, 0, 2, evidence=(late, early))), "reception")
    assert line.evidence == (early, late)
