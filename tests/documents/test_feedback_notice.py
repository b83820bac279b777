"""The notice every deputy receives: its words, its two pages, its bad days."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from pytest_django import Settings

from liaison.documents.pdf import render_document
from tests.documents.samples import CREATED_AT, LINES, NOTICE, ORGAN, line
from tests.liaison.pdf_reading import lines_of, mm, pages_of, text_of

LONG = (
    "全年应轮值接待选民12次，实际参加3次，其中4月、5月、6月因外出务工未能参加且未办理请假手续，9月、10月、11月"
    "经联络站两次通知仍未到站，12月临时请假未安排代班代表，影响了接待工作的正常开展。"
)


def printed(**changes: object) -> bytes:
    return render_document(replace(NOTICE, **changes), author=ORGAN, created_at=CREATED_AT)  # type: ignore[arg-type]


class _Missing(logging.Handler):
    """Collects the characters no font had; WeasyPrint names them in its log and prints a box."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if ".notdef" in record.getMessage():
            self.found.append(record.getMessage())


@pytest.fixture
def missing_glyphs() -> Iterator[list[str]]:
    handler, logger = _Missing(), logging.getLogger("weasyprint")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING)
    yield handler.found
    logger.setLevel(level)
    logger.removeHandler(handler)


def test_words_of_an_ordinary_notice() -> None:
    text = text_of(printed())
    for words in (
        "张建国代表：",
        "庄人主〔2026〕3号",
        "根据《庄子乡人大代表履职测评办法》，经个人自评、小组评议、选民测评、主席团审核，",
        "你2025年度履职测评得分为92.50分，等次为优秀。",
        "一、得分情况",
        "二、肯定的方面",
        "三、存在的主要问题",
        "四、整改要求",
        "五、异议",
        "于2026年2月24日（星期二）前（自本通知书签发之日起30日内，遇法定节假日顺延）",
        "向主席团书面提交《履职测评整改报告》。",
        "于收到本通知书之日起5个工作日内，向主席团书面提出复核申请。",
        "2026年1月20日",
        "送达回执",
        "签收人",
        "核验码：9c417e025ab3",
    ):
        assert words in text, words
    for item in LINES:
        assert item.item in text
        assert f"{item.score:.2f}" in text


def test_ordinary_notice_fills_two_pages_and_the_receipt_closes_the_last() -> None:
    pages = pages_of(printed())
    assert len(pages) == 2
    lowest_rule = max(float(shape["bottom"]) for shape in pages[1].rects + pages[1].lines)
    assert mm(lowest_rule) == pytest.approx(262, abs=0.6)


def test_full_score_is_asked_to_keep_it_up() -> None:
    lines = tuple(replace(item, score=item.full_mark or Decimal(0), reason="") for item in LINES[:10])
    text = text_of(printed(lines=lines, score=Decimal(100), problems=()))
    assert "三、巩固提升的方面" in text
    assert "请结合实际提出巩固提升措施" in text
    assert "存在的主要问题" not in text
    assert "得分为100.00分" in text


def test_full_score_with_a_named_problem_still_names_it() -> None:
    text = text_of(printed(score=Decimal(100), problems=("接待记录填写不够完整。",)))
    assert "三、存在的主要问题" in text
    assert "接待记录填写不够完整。" in text


def test_without_named_problems_the_lost_marks_speak() -> None:
    text = text_of(printed(problems=()))
    assert "每月走访选区：应走访12次，实际走访11次。" in text


def test_failed_deputy_hears_of_the_talk() -> None:
    text = text_of(printed(score=Decimal("52.35"), grade="不合格", has_talk=True))
    assert "等次为不合格" in text
    assert "主席团将按照规定与你进行谈话提醒" in text
    assert "谈话提醒" not in text_of(printed())


def test_long_reasons_run_over_the_page_with_the_heading_repeated() -> None:
    lines = tuple(replace(item, reason=LONG) for item in LINES)
    pages = pages_of(printed(lines=lines))
    assert len(pages) >= 3
    assert ["扣分原因" in (page.extract_text() or "") for page in pages[:2]] == [True, True]
    assert text_of(printed(lines=lines)).count(LONG) == len(LINES)
    assert all(mm(char["x1"]) < 184.5 and mm(char["bottom"]) < 275 for page in pages for char in page.chars)


def test_reason_without_any_break_stays_in_its_cell() -> None:
    text = "https://example.invalid/" + "a" * 200
    pages = pages_of(printed(lines=(line("每月接待选民", "15", "12", text),)))
    assert all(mm(char["x1"]) < 184.5 for page in pages for char in page.chars)


@pytest.mark.parametrize("name", ["王喆堃", "李珺", "张䶮", "阿依古丽·买买提江·吐尔逊", "欧阳玥頔", "赵"])
def test_rare_and_long_names_are_printed_whole(name: str, missing_glyphs: list[str]) -> None:
    pdf = printed(deputy_name=name)
    assert text_of(pdf).count(name) == 2, "addressee and receipt"
    assert missing_glyphs == []
    assert len(pages_of(pdf)) == 2


def test_a_character_no_font_has_is_noticed(missing_glyphs: list[str]) -> None:
    """Proves that the test above can fail."""
    printed(deputy_name="王\u0378")
    assert missing_glyphs


def test_body_is_fangsong_and_headings_hei_when_installed(settings: Settings) -> None:
    if not (Path(settings.FONT_DIR) / "FandolFang-Regular.otf").exists():
        pytest.skip("Fandol fonts are not set up here")
    page = pages_of(printed())[0]
    lines = lines_of(page)
    fonts = {next(iter(row.text)): row.fonts for row in lines if row.text}
    assert fonts["一"] == {"FandolHei"}
    body = next(row for row in lines if row.text.startswith("根据"))
    assert body.fonts == {"FandolFang"}
    title = next(row for row in lines if row.text.startswith("庄子乡"))
    assert title.fonts == {"FandolSong-Bold", "Liberation-Serif-Bold"}
    # Both files call themselves regular: the page number must not come out bold instead.
    number = lines[-1]
    assert number.fonts == {"FandolSong", "Liberation-Serif"}


def test_office_without_the_fonts_still_prints(
    settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
    missing_glyphs: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The set-up's own fontconfig file would show the fonts all the same.
    monkeypatch.delenv("FONTCONFIG_FILE", raising=False)
    settings.FONT_DIR = tmp_path_factory.getbasetemp() / "no-fonts"
    pdf = printed(deputy_name="王喆堃")
    assert "王喆堃代表：" in text_of(pdf)
    assert missing_glyphs == []
    pages = pages_of(pdf)
    assert len(pages) == 2
    assert not {"FandolFang", "FandolHei"} & {font for row in lines_of(pages[0]) for font in row.fonts}
    full = [row for row in lines_of(pages[0]) if row.text.startswith("评议、选民")]
    assert full[0].right == pytest.approx(184, abs=0.5)
