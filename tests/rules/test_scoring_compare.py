"""试算: who changes grade, and by which line."""

from dataclasses import replace
from decimal import Decimal

from assessments.enums import NotRatedReason
from assessments.scoring import Exemption, Fact, SchemeRules, SheetResult, SubjectFacts, compare, score
from tests.rules.test_scoring_cases import SCHEME_A, full_year


def year_of(ref: str, *changes: Fact) -> SubjectFacts:
    facts = full_year() | {fact.code: fact for fact in changes}
    return SubjectFacts(ref, tuple(facts.values()), year=2025)


TOWNSHIP = [
    year_of("m:1"),
    year_of("m:2", Fact("reception", 12, 0, 4)),  # 90.00 under scheme A
    year_of("m:3", Fact("public_opinion", 12, 0, 0), Fact("training", 4, 0, 0)),  # 80.00
]


def with_items(**fulls: str) -> SchemeRules:
    data = SCHEME_A.to_dict()
    for item in data["items"]:
        item["full"] = fulls.get(item["code"], item["full"])
    return SchemeRules.from_dict(data | {"version": 2})


def sheets(scheme: SchemeRules = SCHEME_A) -> list[SheetResult]:
    return [score(facts, scheme) for facts in TOWNSHIP]


def test_the_same_sheets_do_not_differ() -> None:
    result = compare(sheets(), sheets())
    assert (result.changes, result.unchanged) == ((), 3)
    assert result.grades_before == result.grades_after == {"优秀": 2, "合格": 1}


def test_heavier_reception_moves_one_deputy_down() -> None:
    """Reception 20, exchange 0 would not pass; 18 and 2 do: 100 − 12 = 88.00."""
    result = compare(sheets(), sheets(with_items(reception="18", exchange="2")))
    assert [change.ref for change in result.grade_changes] == ["m:2"]
    change = result.grade_changes[0]
    assert [(line.code, line.delta) for line in change.lines] == [
        ("exchange", Decimal("-3.00")),
        ("reception", Decimal("1.00")),
    ]
    assert change.delta == Decimal("-2.00")
    assert change.decisive is change.lines[0]
    assert change.sentence == "优秀→合格：总分由90.00分变为88.00分，主要因“每年履职交流”由5分变为2分。"
    assert result.grades_after == {"优秀": 1, "合格": 2}


def test_points_may_move_while_the_grade_stays() -> None:
    result = compare(sheets(), sheets(with_items(reception="18", exchange="2")))
    assert [change.ref for change in result.changes] == ["m:1", "m:2", "m:3"]
    assert result.changes[0].sentence == "优秀（等次不变）：总分100.00分不变。"
    assert result.changes[0].decisive is None


def test_other_bounds_are_named() -> None:
    data = SCHEME_A.to_dict()
    data["grades"][1]["at_least"] = "81"
    change = compare(sheets(), sheets(SchemeRules.from_dict(data))).grade_changes[0]
    told = "合格→不合格：总分80.00分不变，因等次分数线调整（合格80分起→不合格0分起）。"
    assert (change.ref, change.sentence, change.lines) == ("m:3", told, ())


def test_a_veto_is_named() -> None:
    after = [score(year_of("m:1", Fact("vote_buying", done=1)), SCHEME_A)]
    change = compare(sheets()[:1], after).changes[0]
    assert change.sentence == "优秀→不合格：总分100.00分不变，新增一票否决“有拉票贿选行为”。"
    back = compare(after, sheets()[:1]).changes[0]
    assert back.sentence == "不合格→优秀：总分100.00分不变，不再有一票否决“有拉票贿选行为”。"


def test_a_line_on_one_side_only() -> None:
    after = [score(year_of("m:2", Fact("reception", 12, 0, 4), Fact("late", done=1)), SCHEME_A)]
    change = compare(sheets()[1:2], after).changes[0]
    assert change.sentence == "优秀→合格：总分由90.00分变为89.50分，主要因“迟到早退”由未列变为-0.5分。"


def test_not_rated_and_subjects_on_one_side() -> None:
    exempt = replace(TOWNSHIP[0], exemption=Exemption(NotRatedReason.MATERNITY))
    result = compare(sheets(), [score(exempt, SCHEME_A), score(year_of("m:9"), SCHEME_A)])
    assert (result.only_before, result.only_after) == (("m:2", "m:3"), ("m:9",))
    assert result.changes[0].sentence == "优秀→不参评：生育休假。"
    assert result.changes[0].delta is None
    assert result.grades_after == {"不参评": 1, "优秀": 1}
