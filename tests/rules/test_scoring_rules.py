"""The eight item types apart from scheme A, the caps, the vetoes, 不参评, and what is refused."""

from dataclasses import replace
from decimal import Decimal, getcontext, localcontext

import pytest

from assessments.enums import NotRatedReason
from assessments.scheme_data import shipped_scheme
from assessments.scoring import (
    Exemption,
    Fact,
    InvalidFacts,
    SchemeRules,
    Subject,
    SubjectFacts,
    publish,
    score,
    tally_errors,
)
from tests.rules.test_scoring_cases import SCHEME_A, full_year, line_of, score_one, sheet_with, single, votes

HUNDRED = single({"type": "judged", "full": "100"})


@pytest.mark.parametrize(
    ("mark", "total", "grade"),
    [
        ("100", "100.00", "优秀"),
        ("90", "90.00", "优秀"),
        ("89.995", "90.00", "优秀"),
        ("89.994999", "89.99", "合格"),
        ("89.99", "89.99", "合格"),
        ("80", "80.00", "合格"),
        ("79.995", "80.00", "合格"),
        ("79.9949", "79.99", "不合格"),
        ("0", "0.00", "不合格"),
    ],
)
def test_grade_goes_by_the_published_number(mark: str, total: str, grade: str) -> None:
    sheet = score_one(HUNDRED, Fact("only", points=Decimal(mark)))
    assert (str(sheet.total), sheet.grade_name) == (total, grade)


def test_a_raw_number_is_graded_as_it_would_be_published() -> None:
    codes = [SCHEME_A.grade_of(Decimal(raw)).code for raw in ("89.995", "89.9949", "79.995", "79.9949")]
    assert codes == ["excellent", "qualified", "qualified", "unqualified"]


def test_bounds_hold_over_several_lines() -> None:
    """Ten points lost exactly: 100 − 8.33 − 1.67 = 90.00, a sum of rounded lines."""
    sheet = sheet_with(Fact("constituency_visit", 12, 0, 2), Fact("reception", 9, 0, 8))
    assert str(sheet.total) == "90.00"
    assert sheet.grade_code == "excellent"


def test_a_strange_decimal_context_changes_nothing() -> None:
    usual = sheet_with(Fact("reception", 12, 1, 10)).digest
    with localcontext() as context:
        context.prec = 4
        context.rounding = "ROUND_DOWN"
        assert sheet_with(Fact("reception", 12, 1, 10)).digest == usual
        assert getcontext().prec == 4


@pytest.mark.parametrize(("points", "published"), [("0.005", "0.01"), ("2.675", "2.68"), ("1E+2", "100.00")])
def test_publish_rounds_half_up(points: str, published: str) -> None:
    assert str(publish(Decimal(points))) == published


STEP = {
    "type": "step",
    "full": "10",
    "may_exceed": True,
    "params": {"target": 3, "above": "5", "below": "-5"},
}


@pytest.mark.parametrize(
    ("done", "points", "told"),
    [
        (0, "0.00", "应完成3次，实际完成0次，扣完为止，计0分"),
        (1, "0.00", "应完成3次，实际完成1次：10－5×2＝0分"),
        (2, "5.00", "应完成3次，实际完成2次：10－5×1＝5分"),
        (3, "10.00", "应完成3次，实际完成3次，得满分10分"),
        (5, "20.00", "应完成3次，实际完成5次：10＋5×2＝20分"),
    ],
)
def test_step(done: int, points: str, told: str) -> None:
    """井研县纯复乡: 书面建议 3 条 10 分, ±5 a piece; the group may exceed the base (domain.md 3.4)."""
    line = line_of(score_one(single(STEP), Fact("only", done=done)), "only")
    assert (str(line.awarded), line.explanation) == (points, told)


def test_step_keeps_to_its_ceiling() -> None:
    params = {"target": 3, "above": "5", "below": "-5", "ceiling": "15"}
    line = line_of(score_one(single(STEP | {"params": params}), Fact("only", done=9)), "only")
    assert (str(line.awarded), line.explanation) == ("15.00", "应完成3次，实际完成9次，以15分为限，计15分")


def test_step_without_leave_to_exceed_stops_at_full() -> None:
    line = line_of(score_one(single(STEP | {"may_exceed": False}), Fact("only", done=5)), "only")
    assert str(line.awarded) == "10.00"


def test_step_target_yields_to_what_was_excused() -> None:
    excused = Fact("only", scheduled=3, excused=1, done=2)
    assert str(line_of(score_one(single(STEP), excused), "only").awarded) == "10.00"


def test_more_may_mean_less() -> None:
    item = {"type": "step", "full": "10", "params": {"target": 0, "above": "-1"}}
    assert [str(score_one(single(item), Fact("only", done=n)).total) for n in (0, 3, 12)] == [
        "10.00",
        "7.00",
        "0.00",
    ]


def test_an_item_may_exceed_its_base_by_ratio_and_by_count() -> None:
    ratio = single({"type": "ratio", "full": "10", "may_exceed": True})
    assert str(score_one(ratio, Fact("only", scheduled=4, done=6)).total) == "15.00"
    count = single(
        {"type": "per_count", "full": "10", "may_exceed": True, "params": {"each": "2", "cap": None}}
    )
    assert str(score_one(count, Fact("only", done=8)).total) == "16.00"


def test_judged_mark_out_of_a_hundred_is_scaled() -> None:
    item = {"type": "judged", "full": "15", "params": {"min": "0", "max": "100", "judge": "group"}}
    line = line_of(score_one(single(item), Fact("only", points=Decimal("87.5"))), "only")
    assert line.explanation == "代表小组评议得87.5分（满分100分）：15×87.5÷100＝13.13分"
    assert line.reason == "代表小组评议得87.5分（满分100分），扣1.87分"


@pytest.mark.parametrize("mark", ["-0.01", "100.01"])
def test_judged_mark_outside_its_range_is_refused(mark: str) -> None:
    with pytest.raises(InvalidFacts, match="评分应在0至100分之间"):
        score_one(HUNDRED, Fact("only", points=Decimal(mark)))


def test_quality_mark_outside_its_range_is_refused() -> None:
    with pytest.raises(InvalidFacts, match="质量分应在0至2分之间"):
        sheet_with(Fact("suggestion", 1, 0, 1, points=Decimal("2.01")))


def test_own_boxes_on_the_ballot() -> None:
    boxes = [("excellent", "优秀", "1"), ("competent", "称职", "0.85"), ("incompetent", "不称职", "0")]
    choices = [{"code": code, "name": name, "weight": weight} for code, name, weight in boxes]
    scheme = single({"type": "ballot", "full": "20", "params": {"choices": choices}})
    tallies = {"issued": 46, "returned": 46, "valid": 46, "excellent": 30, "competent": 10, "incompetent": 6}
    line = line_of(score_one(scheme, Fact("only", tallies=tallies)), "only")
    assert line.explanation.endswith("其中优秀30张、称职10张、不称职6张：20×（30＋0.85×10）÷46＝16.74分")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"issued": 47}, "收回48张，多于发出的47张"),
        ({"returned": 45}, "有效46张，多于收回的45张"),
        ({"satisfied": 41}, "满意、基本满意、不满意合计47张，应等于有效票46张"),
        ({"satisfied": -1, "basically_satisfied": 45}, "满意票数不能为负数"),
        ({"abstained": 1}, "测评票没有这些选项：abstained"),
    ],
)
def test_tallies_that_cannot_be(change: dict[str, int], message: str) -> None:
    tallies = votes(40, 4, 2, spoilt=2) | change
    assert message in tally_errors(tallies)
    with pytest.raises(InvalidFacts, match=message):
        sheet_with(Fact("review_ballot", tallies=tallies))


def test_sound_tallies_pass_and_incomplete_ones_are_named() -> None:
    assert tally_errors(votes(40, 4, 2, spoilt=2)) == ()
    assert tally_errors({"issued": 5, "valid": 5, "satisfied": 5}) == (
        "请填写收回票数、基本满意票数、不满意票数",
    )


@pytest.mark.parametrize(("rule", "points"), [("reweight", "8.51"), ("full", "15.00"), ("zero", "0.00")])
def test_ballot_not_held(rule: str, points: str) -> None:
    """The other 85 points gave 7.5+5+6+6+4+8.25+5+4+2.5 = 48.25, and 15×48.25÷85 = 8.5147…"""
    scheme = SchemeRules.from_dict(SCHEME_A.to_dict() | {"when_empty": rule})
    halves = {"reception": 6, "constituency_visit": 6, "public_opinion": 6, "inspection": 2, "training": 2}
    facts = [replace(full_year()[code], done=done) for code, done in halves.items()]
    facts += [Fact("suggestion", 1, 0, 1, points=Decimal("0.25")), Fact("review_ballot")]
    facts += [Fact("deputies_meeting", 4, 0, 2), Fact("exchange", 2, 0, 1)]
    sheet = sheet_with(*facts, scheme=scheme)
    line = line_of(sheet, "review_ballot")
    assert sheet.base - line.awarded == Decimal("48.25")
    assert str(line.awarded) == points
    assert not line.is_applicable
    assert sheet.pending == (line,)


def test_reweighting_is_told_with_its_sum() -> None:
    sheet = sheet_with(Fact("training", 4, 4, 0), Fact("reception", 12, 0, 6))
    line = line_of(sheet, "training")
    assert line.explanation == (
        "本年度没有应参加的任务（应参加4次，核减4次），本项不作零分处理，"
        "按其余项目得分率折算：8×84.5÷92＝7.35分"
    )
    assert not line.is_pending


def test_two_missing_items_share_one_rate() -> None:
    sheet = sheet_with(Fact("training"), Fact("exchange"), Fact("reception", 12, 0, 4))
    assert str(line_of(sheet, "training").awarded) == "7.08"  # 8×77÷87
    assert str(line_of(sheet, "exchange").awarded) == "4.43"  # 5×77÷87
    assert str(sheet.total) == "88.51"


def test_an_item_may_have_its_own_rule_for_being_empty() -> None:
    data = SCHEME_A.to_dict()
    next(item for item in data["items"] if item["code"] == "training")["when_empty"] = "full"
    sheet = sheet_with(Fact("training"), Fact("reception", 12, 0, 4), scheme=SchemeRules.from_dict(data))
    assert str(line_of(sheet, "training").awarded) == "8.00"


def test_missing_items_never_earn_more_than_their_own_points() -> None:
    """Group scheme: 30 extra points elsewhere do not swell the item that did not apply."""
    sheet = score(SubjectFacts("group:1", _busy_group(), subject=Subject.GROUP), shipped_scheme("C"))
    assert str(line_of(sheet, "presidium_meeting").awarded) == "5.00"
    assert str(sheet.total) == "130.00"


def _busy_group() -> tuple[Fact, ...]:
    counts = {"group_suggestion": 7, "group_speech": 3, "presidium_speech": 1, "village_deputy_guidance": 1}
    counts |= {"group_activity": 4, "excellent_deputy_review": 1, "practical_deed": 2}
    marks = [Fact(code, points=Decimal(5)) for code in ("activity_record", "group_fund")]
    ratios = [Fact("topic_survey", 2, 0, 2), Fact("household_contact", 120, 0, 120)]
    return (*(Fact(code, done=done) for code, done in counts.items()), *marks, *ratios)


def test_who_came_though_nothing_was_due_has_full_points() -> None:
    assert str(line_of(sheet_with(Fact("training", 2, 2, 1)), "training").awarded) == "8.00"


@pytest.mark.parametrize(
    ("rule", "points", "told"),
    [
        ("reweight", "10.00", "应提出1件，被接受1件，质量尚未评定，按已评定部分折算，得满分10分"),
        ("full", "10.00", "应提出1件，被接受1件，质量尚未评定，按质量分满分计，得满分10分"),
        ("zero", "8.00", "应提出1件，被接受1件，质量尚未评定，不计质量分：8×1＝8分"),
    ],
)
def test_quality_not_judged_yet(rule: str, points: str, told: str) -> None:
    scheme = SchemeRules.from_dict(SCHEME_A.to_dict() | {"when_empty": rule})
    line = line_of(sheet_with(Fact("suggestion", 1, 0, 1), scheme=scheme), "suggestion")
    assert (str(line.awarded), line.explanation, line.is_pending) == (points, told, True)


def test_bonus_by_level_and_its_cap() -> None:
    """2+3+5 = 10 for commendations leaves no room for the livelihood project."""
    low = sheet_with(Fact("reception", 12, 0, 0))
    assert str(low.total) == "85.00"
    tallies = {"township": 1, "county": 1, "prefecture": 1}
    extras = (Fact("commendation", done=3, tallies=tallies), Fact("livelihood_project", done=1))
    sheet = sheet_with(Fact("reception", 12, 0, 0), *extras)
    assert (str(sheet.bonus), str(sheet.total), sheet.grade_name) == ("10.00", "95.00", "优秀")
    first, second = line_of(sheet, "commendation"), line_of(sheet, "livelihood_project")
    assert first.explanation == "受表彰3次：乡镇级2×1＋县级3×1＋市级5×1＝10分"
    assert (str(second.awarded), second.cap_note) == ("0.00", "加分合计以10分为限，本项计0分")


def test_total_keeps_to_a_hundred_by_cutting_the_bonus() -> None:
    sheet = sheet_with(Fact("exchange", 2, 0, 1), Fact("key_suggestion", done=1))
    line = line_of(sheet, "key_suggestion")
    assert (str(line.awarded), str(sheet.total)) == ("2.50", "100.00")
    assert line.cap_note == "总分以100分为限，本项计2.5分"


def test_a_bonus_first_makes_up_for_deductions() -> None:
    sheet = sheet_with(Fact("key_suggestion", done=1), Fact("late", done=3))
    assert (str(sheet.bonus), str(sheet.deduction), str(sheet.total)) == ("1.50", "1.50", "100.00")


def test_deductions_stop_at_their_cap() -> None:
    sheet = sheet_with(Fact("absence_unapproved_session", done=3), Fact("leave_session", done=8))
    assert (str(sheet.deduction), str(sheet.total), sheet.grade_name) == ("20.00", "80.00", "合格")
    line = line_of(sheet, "leave_session")
    assert (str(line.awarded), line.lost) == ("-5.00", 5)
    assert line.reason == "请假8个半天，扣5分（扣分合计以20分为限）"


def test_a_year_never_ends_below_zero() -> None:
    idle = [replace(fact, done=0) for fact in full_year().values() if fact.code != "review_ballot"]
    ballot = Fact("review_ballot", tallies=votes(1, 0, 4))
    sheet = sheet_with(*idle, ballot, Fact("absence_unapproved_session", done=4))
    assert (str(sheet.base), str(sheet.deduction), str(sheet.total)) == ("3.00", "3.00", "0.00")
    assert "扣至零分为止" in line_of(sheet, "absence_unapproved_session").cap_note
    helped = sheet_with(
        *idle, ballot, Fact("absence_unapproved_session", done=4), Fact("key_suggestion", done=1)
    )
    assert (str(helped.bonus), str(helped.deduction), str(helped.total)) == ("3.00", "6.00", "0.00")


def test_commendation_marks_added_up_beforehand() -> None:
    low = Fact("reception", 12, 0, 0)
    sheet = sheet_with(low, Fact("commendation", done=2, points=Decimal(7)))
    assert line_of(sheet, "commendation").explanation == "受表彰2次：按级别合计7分"
    with pytest.raises(InvalidFacts, match="2次应在4至10分之间"):
        sheet_with(low, Fact("commendation", done=2, points=Decimal(11)))


def test_an_item_of_its_own_cap() -> None:
    bonus = {"code": "talk", "name": "宣讲", "type": "bonus", "facts": ["talk"]}
    params = {"each": "2", "cap": "3"}
    data = HUNDRED.to_dict()
    scheme = SchemeRules.from_dict(data | {"items": [*data["items"], bonus | {"params": params}]})
    facts = (Fact("only", points=Decimal(50)), Fact("talk", done=4))
    line = line_of(score(SubjectFacts("m", facts), scheme), "talk")
    assert (str(line.awarded), line.cap_note) == ("3.00", "本项以3分为限，按3分计")


@pytest.mark.parametrize(
    ("code", "grade"),
    [
        ("criminal_or_disciplinary", "不合格"),
        ("mandate_suspended", "不合格"),
        ("two_unapproved_absences", "不合格"),
        ("intervening_in_cases", "不合格"),
        ("vote_buying", "不合格"),
        ("report_not_returned", "合格"),
    ],
)
def test_vetoes_of_scheme_a(code: str, grade: str) -> None:
    sheet = sheet_with(Fact(code, done=1))
    assert (str(sheet.total), sheet.grade_name) == ("100.00", grade)
    assert [hit.code for hit in sheet.vetoes] == [code]
    assert sheet.vetoes[0].explanation.endswith("等次不得高于合格" if grade == "合格" else "等次定为不合格")


def test_a_veto_never_lifts_a_grade_and_the_hardest_wins() -> None:
    poor = Fact("reception", 12, 0, 0), Fact("review_ballot", tallies=votes(0, 0, 9))
    assert sheet_with(*poor, Fact("report_not_returned", done=1)).grade_name == "不合格"
    both = sheet_with(Fact("vote_buying", done=1), Fact("report_not_returned", done=1))
    assert (both.grade_name, len(both.vetoes)) == ("不合格", 2)


def test_a_veto_may_ask_for_more_than_one_occurrence() -> None:
    data = SCHEME_A.to_dict()
    veto = next(item for item in data["items"] if item["code"] == "two_unapproved_absences")
    veto["params"]["at_least"] = 2
    scheme = SchemeRules.from_dict(data)
    assert sheet_with(Fact("two_unapproved_absences", done=1), scheme=scheme).vetoes == ()
    assert len(sheet_with(Fact("two_unapproved_absences", done=2), scheme=scheme).vetoes) == 1


def test_not_rated_by_decision_or_by_months() -> None:
    ill = Exemption(NotRatedReason.LONG_ILLNESS, "住院治疗七个月")
    sheet = sheet_with(exemption=ill)
    assert (sheet.is_rated, sheet.total, sheet.grade, sheet.lines) == (False, None, None, ())
    assert (sheet.grade_name, sheet.not_rated_note) == ("不参评", "长期患病（住院治疗七个月）")
    short = sheet_with(months=5)
    assert short.not_rated == NotRatedReason.SHORT_MANDATE
    assert short.not_rated_note == "本年度任职满5个月，不足6个月"
    assert sheet_with(months=6).is_rated


def test_nothing_at_all_to_go_by_is_not_rated() -> None:
    scheme = single({"type": "ratio", "full": "100"})
    sheet = score(SubjectFacts("m"), scheme)
    assert (sheet.not_rated, sheet.not_rated_note) == (NotRatedReason.OTHER, "本年度没有应由其完成的测评项目")
