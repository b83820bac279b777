"""Dates, marks, widths and title breaks as official papers write them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from liaison.documents.pdf.filters import (
    bound,
    cells,
    cn_date,
    cn_date_week,
    cn_span,
    head_size,
    mark,
    paragraphs,
    score,
    sign_indent,
)
from liaison.documents.pdf.titles import TITLE_WIDTH, em_width, title_lines


def test_dates_have_no_leading_zero() -> None:
    assert cn_date(date(2026, 1, 5)) == "2026年1月5日"
    assert cn_date_week(date(2026, 2, 24)) == "2026年2月24日（星期二）"
    assert cn_date_week(date(2026, 3, 1)) == "2026年3月1日（星期日）"
    assert "年" in cn_date(None)


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (
            datetime(2026, 2, 3, 1, 0, tzinfo=UTC),
            datetime(2026, 2, 3, 1, 40, tzinfo=UTC),
            "2026年2月3日9时至9时40分",
        ),
        (
            datetime(2026, 2, 3, 15, 30, tzinfo=UTC),
            datetime(2026, 2, 3, 16, 5, tzinfo=UTC),
            "2026年2月3日23时30分至2026年2月4日0时5分",
        ),
        (datetime(2026, 2, 3, 9, 5), datetime(2026, 2, 3, 10, 0), "2026年2月3日9时5分至10时"),  # noqa: DTZ001
    ],
)
def test_span_is_told_in_beijing_time(start: datetime, end: datetime, words: str) -> None:
    assert cn_span(start, end) == words


def test_open_span_leaves_places_for_the_pen() -> None:
    assert cn_span(None, None).count("时") == 2
    assert cn_span(datetime(2026, 2, 3, 1, 0, tzinfo=UTC), None).startswith("2026年2月3日9时　至")


def test_scores_and_marks() -> None:
    assert score(Decimal("92.5")) == "92.50"
    assert score(Decimal("79.995")) == "80.00"
    assert score(None) == ""
    assert mark(Decimal("15.00")) == "15"
    assert mark(Decimal(100)) == "100"
    assert mark(Decimal("7.5")) == "7.5"
    assert mark(None) == "—"


def test_number_stays_with_its_unit_and_markup_is_escaped() -> None:
    assert bound("于2026年3月6日") == (
        '于<span class="nb">2026年</span><span class="nb">3月</span><span class="nb">6日</span>'
    )
    assert bound("得92.50分") == '得<span class="nb">92.50分</span>'
    assert bound("<b>1次</b>") == '&lt;b&gt;<span class="nb">1次</span>&lt;/b&gt;'
    assert bound("甲'年\"日") == "甲&#x27;年&quot;日"


def test_paragraphs_are_the_filled_lines() -> None:
    assert paragraphs("甲\n\n  乙 \n") == ["甲", "乙"]


def test_red_head_shrinks_with_its_length_but_has_a_limit() -> None:
    assert float(head_size("庄子乡人民代表大会主席团文件")) * 14 <= 156 / 25.4 * 72
    assert head_size("某乡") == "50.0"


def test_long_organ_moves_to_the_right_edge_and_no_further() -> None:
    day = date(2026, 1, 20)
    assert float(sign_indent("某乡", day)) == 4
    assert 0 < float(sign_indent("庄子乡人民代表大会主席团", day)) < 4
    assert float(sign_indent("晋中市榆次区新华街道工作委员会人大工作办公室", day)) == 0


def test_names_get_room() -> None:
    assert cells("张三") == cells("张建国") == 4
    assert cells("阿依古丽·买买提") == 9


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("谈话提醒记录", ["谈话提醒记录"]),
        (
            "庄子乡人民代表大会主席团关于2025年度代表履职测评结果的反馈通知书",
            ["庄子乡人民代表大会主席团关于2025年度", "代表履职测评结果的反馈通知书"],
        ),
        (
            "庄子乡人民代表大会主席团关于2025年度代表履职测评结果的通报",
            ["庄子乡人民代表大会主席团关于2025年度", "代表履职测评结果的通报"],
        ),
        ("甲乡人大\n关于接待选民的通知", ["甲乡人大", "关于接待选民的通知"]),
    ],
)
def test_title_lines(title: str, lines: list[str]) -> None:
    assert title_lines(title) == lines


@pytest.mark.parametrize(
    "title",
    [
        "晋中市榆次区人民代表大会常务委员会关于印发《榆次区人大代表履职管理办法（试行）》和《榆次区人大代表联系群众办法》的通知",
        "平遥县洪善镇人民代表大会主席团关于开展2026年第一季度代表视察调研活动的通知",
        "关于" + "很长的" * 20 + "通知",
    ],
)
def test_every_long_title_is_cut_within_the_width(title: str) -> None:
    lines = title_lines(title)
    assert "".join(lines) == title
    assert all(em_width(line) <= TITLE_WIDTH for line in lines)
    assert not [line for line in lines if line[0] in "，。》的）" or line[-1] in "《（"]


def test_word_longer_than_a_line_is_left_whole() -> None:
    assert title_lines("A" * 60) == ["A" * 60]
