"""The other documents: their words, blank and filled, and how they break over pages."""

import itertools
from dataclasses import replace
from datetime import date

import pytest

from liaison.documents.forms import (
    CircularGrade,
    Column,
    DocumentForm,
    ListSheet,
    ReceptionMatter,
    ReceptionRegister,
    ReceptionSummary,
    RectificationReport,
    ReminderTalkRecord,
)
from liaison.documents.pdf import render_document
from tests.documents.samples import CIRCULAR, CREATED_AT, ORGAN, RECEPTION, REPORT, ROSTER, TALK
from tests.liaison.pdf_reading import mm, pages_of, text_of


def printed(form: DocumentForm) -> bytes:
    return render_document(form, author=ORGAN, created_at=CREATED_AT)


def words(form: DocumentForm) -> str:
    return text_of(printed(form))


BLANKS = (
    RectificationReport(organ=ORGAN, year=2025),
    ReminderTalkRecord(organ=ORGAN),
    ReceptionRegister(organ=ORGAN),
    ReceptionSummary(organ=ORGAN),
)


@pytest.mark.parametrize("form", BLANKS, ids=lambda form: type(form).__name__)
def test_blank_form_fills_one_sheet_and_says_nothing_strange(form: DocumentForm) -> None:
    pages = pages_of(printed(form))
    assert len(pages) == 1
    text = words(form)
    assert "None" not in text
    assert "√" not in text
    assert "年月日" in text
    lowest = max(mm(char["bottom"]) for char in pages[0].chars if mm(char["bottom"]) < 276)
    assert lowest > 230, "a form should use its sheet"


@pytest.mark.parametrize("form", [REPORT, TALK, RECEPTION], ids=lambda form: type(form).__name__)
def test_filled_form_keeps_to_one_sheet(form: DocumentForm) -> None:
    assert len(pages_of(printed(form))) == 1


def test_rectification_report_filled() -> None:
    text = words(REPORT)
    for expected in (
        "2025年度履职测评整改报告",
        "庄人主〔2026〕3号",
        "92.50分",
        "全年轮值接待选民缺席2次",
        "农忙时节安排不周",
        "组长（签名）：李秀英",
        "√通过",
        "2026年2月26日",
    ):
        assert expected in text, expected
    assert "√退回补充" not in text


def test_returned_report_is_ticked_as_returned() -> None:
    text = words(replace(REPORT, decision="退回补充", organ_opinion="措施不具体。"))
    assert "√退回补充" in text
    assert "√通过" not in text


def test_full_score_report_speaks_of_consolidation() -> None:
    text = words(replace(REPORT, is_consolidation=True))
    assert "巩固提升措施" in text
    assert "整改措施" not in text


def test_rows_beyond_the_blank_ones_are_all_printed() -> None:
    rows = tuple(replace(REPORT.rows[0], problem=f"第{number}个问题。") for number in range(1, 13))
    pdf = printed(replace(REPORT, rows=rows))
    text = text_of(pdf)
    assert all(f"第{number}个问题。" in text for number in range(1, 13))
    pages = pages_of(pdf)
    assert len(pages) > 1
    assert ["完成时限" in page.extract_text() for page in pages[:2]] == [True, True]


def test_talk_record_reminds_and_does_not_punish() -> None:
    text = words(TALK)
    assert "2026年2月3日9时至9时40分" in text
    assert "不作为处分" in text
    assert "王利珍、刘志强" in text
    assert "2026年2月24日（星期二）前" in text


def test_circular_lists_names_by_grade_and_no_score() -> None:
    text = words(CIRCULAR)
    assert text.startswith("庄子乡人民代表大会主席团文件")
    for expected in (
        "一、优秀等次（6名）",
        "二、合格等次（2名）",
        "三、不合格等次（1名）",
        "四、不参加测评（1名）",
    ):
        assert expected in text
    assert "阿依古丽·买买提" in text
    assert "石磊" in text
    assert "抄送：榆次区人大常委会代表工作委员会，乡党委，乡人民政府。" in text
    assert "得分" not in text
    assert CIRCULAR.assessed == 9


@pytest.mark.parametrize("count", range(68, 98, 3))
def test_imprint_and_signature_never_stand_without_text(count: int) -> None:
    """GB/T 9704: no sheet with nothing but a seal; the imprint goes with the signature."""
    grades = (CircularGrade(grade="优秀", names=("张建国",) * count),)
    form = replace(CIRCULAR, grades=grades, printed_by="乡人大办公室", printed_on=date(2026, 1, 21))
    last = pages_of(printed(form))[-1].extract_text()
    assert "印发" in last
    assert ORGAN in last, f"{count} names: the imprint stands alone on the last page"
    before_signature = last.split(ORGAN)[0].strip()
    assert before_signature, f"{count} names: the last page holds only the signature"


def test_two_character_names_align_with_three() -> None:
    page = pages_of(printed(CIRCULAR))[0]
    stone = [char for char in page.chars if char["text"] == "磊"]
    other = [char for char in page.chars if char["text"] in ("军", "珍")]
    widths = {round(char["x1"] - char["x0"]) for char in stone + other}
    assert stone
    assert other
    assert len(widths) == 1


def test_reception_register_filled() -> None:
    text = words(RECEPTION)
    for expected in (
        "√面谈",
        "√一般",
        "√满意",
        "138****5678",
        "3人",
        "村东头到郝村的生产路",
        "2026-03-007",
        "2026年3月30日",
    ):
        assert expected in text, expected
    assert "√走访" not in text
    assert "13812345678" not in text


def test_reception_register_of_an_unnamed_resident() -> None:
    text = words(replace(RECEPTION, resident="", phone="", address="", people=None))
    assert "None" not in text
    assert "村东头到郝村的生产路" in text


@pytest.mark.parametrize("count", [0, 1, 12])
def test_reception_summary_lists_every_matter_under_its_heading(count: int) -> None:
    matters = tuple(
        ReceptionMatter(
            number=f"2026-{number:04d}", resident="张**", content="路灯不亮，夜里走路不方便。" * 3
        )
        for number in range(1, count + 1)
    )
    form = ReceptionSummary(organ=ORGAN, received_on=date(2026, 3, 6), visitor_count=count, matters=matters)
    pages = pages_of(printed(form))
    texts = [page.extract_text().replace(" ", "") for page in pages]
    assert all("去向和办理情况" in text for text in texts if "2026-00" in text)
    assert "".join(texts).count("2026-00") == count
    assert ("本次接待没有登记群众反映的事项" in texts[0]) is (count == 0)
    assert f"{count}人" in texts[0]
    assert "代表签字" in texts[-1]


def test_a_long_matter_begins_on_the_first_sheet_and_ends_on_a_later_one() -> None:
    content = "".join(f"第{number}句说的是路。" for number in range(1, 201))
    pages = pages_of(printed(replace(RECEPTION, content=content)))
    texts = [page.extract_text().replace(" ", "").replace("\n", "") for page in pages]
    assert len(pages) > 1
    assert "第20句" in texts[0]
    assert "第200句" in "".join(texts[1:])
    assert "选民签字" in texts[-1]


def test_roster_is_landscape_with_its_heading_on_every_page() -> None:
    pages = pages_of(printed(ROSTER))
    assert len(pages) >= 2
    for number, page in enumerate(pages, 1):
        assert mm(page.width) == pytest.approx(297, abs=0.2)
        text = page.extract_text().replace(" ", "")
        assert "序号姓名工作单位代表小组" in text
        assert f"第{number}页共{len(pages)}页" in text.replace("\u3000", "")
    assert text_of(printed(ROSTER)).count("王喆堃") == 47


def test_column_shares_are_kept() -> None:
    page = pages_of(printed(ROSTER))[0]
    edges = sorted({round(mm(float(edge["x0"]))) for edge in page.edges if edge["orientation"] == "v"})
    widths = [right - left for left, right in itertools.pairwise(edges)]
    assert widths == pytest.approx([261 * share / 46 for share in (5, 11, 18, 12)], abs=1.5)


def test_empty_list_says_so() -> None:
    assert "无记录" in words(replace(ROSTER, rows=()))


def test_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="row 2"):
        ListSheet(
            title="表", organ=ORGAN, columns=(Column(heading="甲", width=1),), rows=(("1",), ("1", "2"))
        )
