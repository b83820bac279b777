"""Facts: months in office, what contradicts itself, and how facts reach their items."""

from datetime import date
from decimal import Decimal

import pytest

from assessments.scheme_data import shipped_scheme
from assessments.scoring import (
    Excuse,
    ExcuseReason,
    Fact,
    InvalidFacts,
    Subject,
    SubjectFacts,
    months_served,
    score,
)
from tests.rules.test_scoring_cases import SCHEME_A, line_of, sheet_with


@pytest.mark.parametrize(
    ("started", "ended", "months"),
    [
        (date(2022, 1, 10), None, 12),
        (date(2025, 7, 1), None, 6),
        (date(2025, 7, 2), None, 5),
        (date(2022, 1, 10), date(2025, 6, 30), 6),
        (date(2022, 1, 10), date(2025, 6, 29), 5),
        (date(2025, 3, 15), date(2025, 9, 14), 6),
        (date(2026, 1, 1), None, 0),
        (date(2022, 1, 1), date(2024, 12, 31), 0),
    ],
)
def test_months_served(started: date, ended: date | None, months: int) -> None:
    period = {"period_start": date(2025, 1, 1), "period_end": date(2025, 12, 31)}
    assert months_served(started, ended, **period) == months


@pytest.mark.parametrize(
    ("fact", "message"),
    [
        (Fact("reception", done=-1), "次数不能为负数"),
        (Fact("reception", 3, 4), "核减4次，多于应完成的3次"),
        (Fact("reception", 3, 2, excuses=(Excuse(ExcuseReason.LEAVE, 1),)), "与核减总数2次不一致"),
        (Fact("commendation", tallies={"county": -1}), "各级别次数不能为负数"),
        (Fact("commendation", tallies={"village": 1}), "没有这些级别：village"),
        (Fact("commendation", done=2, tallies={"county": 1}), "各级别合计1次，与总数2次不一致"),
        (Fact("suggestion", 1, 0, 1, points=1.5), "评分应为十进制数字"),  # type: ignore[arg-type]
        (Fact("suggestion", 1, 0, 1, points=Decimal("NaN")), "评分应为十进制数字"),
    ],
)
def test_facts_that_contradict_themselves(fact: Fact, message: str) -> None:
    with pytest.raises(InvalidFacts) as caught:
        sheet_with(fact)
    assert message in caught.value.fields[fact.code]


def test_a_code_given_twice_and_the_wrong_subject_are_refused() -> None:
    twice = (Fact("late", done=1), Fact("late", done=2))
    with pytest.raises(InvalidFacts, match="“迟到早退”的数据重复"):
        score(SubjectFacts("m", twice), SCHEME_A)
    with pytest.raises(InvalidFacts, match="本办法测评的是代表，不是代表小组"):
        score(SubjectFacts("g", subject=Subject.GROUP), SCHEME_A)


def test_codes_the_scheme_does_not_ask_for_leave_no_trace() -> None:
    assert sheet_with(Fact("voting_discipline", 9, 0, 1)).digest == sheet_with().digest


def test_an_item_fed_by_two_facts_adds_them_up() -> None:
    """Scheme B, 接待走访 15: twelve turns and ten visits due, three of the turns on leave."""
    leave = (Excuse(ExcuseReason.LEAVE, 3),)
    facts = (
        Fact("reception", 12, 3, 9, excuses=leave),
        Fact("constituency_visit", 10, 1, 6),
    )
    line = line_of(score(SubjectFacts("m", facts), shipped_scheme("B")), "reception_and_visit")
    assert line.explanation == "应接待走访22次，请假核减3次，核减1次，实际完成15次：15×15÷18＝12.5分"
