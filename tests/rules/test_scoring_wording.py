"""The notice's 肯定的方面 and 存在的主要问题 say what the lines say, and no more."""

from decimal import Decimal

from assessments.enums import NotRatedReason
from assessments.scoring import Exemption, Fact, problems, strengths
from tests.rules.test_scoring_cases import full_year, score_one, sheet_with, single, votes

CONSOLIDATE = (
    "本年度各项履职任务均按要求完成，测评中没有扣分事项。"
    "请在保持现有成绩的基础上，结合履职实际提出巩固提升措施。"
)


def test_full_score_asks_for_consolidation() -> None:
    sheet = sheet_with()
    assert len(strengths(sheet)) == 10
    assert strengths(sheet)[0] == "坚持按时接待选民：应接待12次，实到12次，得满分15分。"
    assert problems(sheet) == (CONSOLIDATE,)


def test_what_cost_most_comes_first() -> None:
    sheet = sheet_with(
        Fact("training", 4, 0, 3), Fact("reception", 12, 0, 6), Fact("absence_unapproved_session", done=1)
    )
    assert problems(sheet) == (
        "接待选民有缺席：应接待12次，实到6次，少6次，扣7.5分。",
        "会议期间未经批准缺席：缺席1个半天，扣5分。",
        "参加学习培训不够：应参加4次，实际参加3次，少1次，扣2分。",
    )
    assert len(strengths(sheet)) == 8


def test_a_veto_leads_and_a_bonus_closes() -> None:
    low = Fact("reception", 12, 0, 6)
    sheet = sheet_with(low, Fact("report_not_returned", done=1), Fact("livelihood_project", done=2))
    assert problems(sheet)[0].startswith("有“未按期提交上一次履职测评整改报告”情形")
    assert strengths(sheet)[-1] == "积极为群众办实事：办成2件，加4分。"


def test_a_bonus_without_room_is_not_praised_with_points() -> None:
    sheet = sheet_with(Fact("livelihood_project", done=2))
    assert not any("加0分" in sentence for sentence in strengths(sheet))


def test_without_any_full_item_the_good_ones_are_named() -> None:
    scheme = single({"type": "ratio", "full": "100", "name": "代表活动"})
    sheet = score_one(scheme, Fact("only", 10, 0, 8))
    assert strengths(sheet) == ("“代表活动”基本完成：应完成10次，实际完成8次：100×8÷10＝80分。",)
    assert problems(sheet) == ("“代表活动”完成不够好：应完成10次，实际完成8次，少2次，扣20分。",)
    assert strengths(score_one(scheme, Fact("only", 10, 0, 7))) == ()


def test_what_nobody_could_do_is_no_problem() -> None:
    sheet = sheet_with(Fact("training", 4, 4, 0), Fact("reception", 12, 0, 6))
    assert [sentence[:4] for sentence in problems(sheet)] == ["接待选民"]
    assert not any("学习培训" in sentence for sentence in strengths(sheet))


def test_not_rated_has_neither() -> None:
    sheet = sheet_with(exemption=Exemption(NotRatedReason.LONG_ILLNESS))
    assert (strengths(sheet), problems(sheet)) == ((), ())


def test_every_lost_point_is_told_once() -> None:
    halves = [Fact(code, 4, 0, 2, points=Decimal(1)) for code in full_year() if code != "review_ballot"]
    sheet = sheet_with(*halves, Fact("review_ballot", tallies=votes(5, 5, 5)))
    assert len(problems(sheet)) == sum(1 for line in sheet.lines if line.lost)
