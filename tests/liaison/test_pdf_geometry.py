"""The sheet measured against GB/T 9704-2012, from the finished PDF."""

import itertools
import random
from dataclasses import replace
from functools import cache

import pytest

from liaison.documents.pdf import render_document
from tests.documents.samples import CIRCULAR, CREATED_AT, NOTICE, ORGAN
from tests.liaison.pdf_reading import Line, ink_rows, lines_of, pages_of

LEFT, RIGHT, TOP, BOTTOM = 28.0, 184.0, 37.0, 262.0
BODY, PITCH = 15.79, 28.95 / 72 * 25.4
PLAIN = "代表履职测评根据办法经个人自评小组评议选民测评主席团审核结果通报希望受到肯定的珍惜荣誉再接再厉"
JOINTS = ("，", "。", "、", "；", "：“", "《", "》", "，2025年", "缺席12次，", "……")
FORBIDDEN_FIRST = "，。、；：？！）》”’％"


@cache
def long_circular() -> bytes:
    """Six paragraphs: the first of plain hanzi, the rest with punctuation at every possible place."""
    dice = random.Random(9704)
    texts = ["".join(dice.choices(PLAIN, k=300))]
    for _ in range(5):
        words = ("".join(dice.choices(PLAIN, k=dice.randint(2, 9))) for _ in range(60))
        texts.append("".join(word + dice.choice(JOINTS) for word in words) + "。")
    return render_document(replace(CIRCULAR, opening=tuple(texts)), author=ORGAN, created_at=CREATED_AT)


def body_lines(page_number: int) -> list[Line]:
    page = pages_of(long_circular())[page_number]
    return [line for line in lines_of(page) if TOP < line.base < BOTTOM and abs(max(line.sizes) - BODY) < 0.1]


def test_sheet_is_a4() -> None:
    for page in pages_of(long_circular()):
        assert float(page.width) / 72 * 25.4 == pytest.approx(210, abs=0.1)
        assert float(page.height) / 72 * 25.4 == pytest.approx(297, abs=0.1)


def test_full_page_has_22_lines_of_28_characters_on_an_even_pitch() -> None:
    lines = body_lines(1)
    assert len(lines) == 22
    steps = [below.base - above.base for above, below in itertools.pairwise(lines)]
    assert steps == pytest.approx([PITCH] * 21, abs=0.05)
    assert any("Liberation" in font for line in lines for font in line.fonts), "no digits: proves too little"
    plain = [line for line in body_lines(0) + lines if all(char in PLAIN for char in line.text)]
    full = [line for line in plain if line.left == pytest.approx(LEFT, abs=0.2) and line.right > 180]
    assert full
    assert {len(line.text) for line in full} == {28}


def test_text_block_keeps_its_margins() -> None:
    lines = body_lines(1)
    assert min(line.left for line in lines) == pytest.approx(LEFT, abs=0.3)
    assert max(line.right for line in lines) == pytest.approx(RIGHT, abs=0.3)
    # The first base line lies where 3号 type stands on a 28.95 pt line; the last one above the bottom edge.
    assert TOP + 4 < lines[0].base < TOP + PITCH
    assert BOTTOM - 5 < lines[-1].base < BOTTOM


def test_right_edge_is_straight() -> None:
    """A line that had to give a character to the next one is stretched, not left ragged."""
    lines = body_lines(1)
    inner = [line for line, below in itertools.pairwise(lines) if below.left < LEFT + 5]
    assert any(len(line.text) < 28 for line in inner), "no line was short: the sample proves nothing"
    assert [line.right for line in inner] == pytest.approx([RIGHT] * len(inner), abs=0.4)


def test_no_line_begins_with_punctuation() -> None:
    for page in (1, 2):
        assert not [line.text for line in body_lines(page) if line.text[0] in FORBIDDEN_FIRST + "…"]


def test_paragraph_begins_two_characters_in() -> None:
    lefts = {round(line.left, 1) for line in body_lines(1)}
    assert lefts == {28.0, 39.1}


@pytest.mark.parametrize(("page_number", "is_odd"), [(0, True), (1, False), (2, True)])
def test_page_number_stands_7_mm_below_and_one_character_in(page_number: int, is_odd: bool) -> None:
    page = pages_of(long_circular())[page_number]
    number = next(line for line in lines_of(page) if line.base > BOTTOM)
    assert number.text == f"— {page_number + 1} —"
    assert max(number.sizes) == pytest.approx(14, abs=0.1)
    one = 14 / 72 * 25.4
    edge = number.right if is_odd else number.left
    assert edge == pytest.approx(RIGHT - one if is_odd else LEFT + one, abs=0.3)
    dash = ink_rows(page, number.left + 0.5, number.left + 4, BOTTOM + 1, BOTTOM + 15)
    assert dash[0] - BOTTOM == pytest.approx(7, abs=0.5)


def test_red_head_stands_35_mm_down_and_is_the_only_colour() -> None:
    page = pages_of(long_circular())[0]
    assert ink_rows(page, LEFT, RIGHT, 30, 110)[0] - TOP == pytest.approx(35, abs=1)
    red = [char for char in page.chars if char["non_stroking_color"] not in ((0,), (0, 0, 0), None)]
    assert "".join(char["text"] for char in red) == CIRCULAR.head
    assert max(char["x1"] for char in red) / 72 * 25.4 <= RIGHT


def test_red_rule_lies_4_mm_under_the_number() -> None:
    page = pages_of(long_circular())[0]
    number = next(line for line in lines_of(page) if line.text == CIRCULAR.document_no)
    rule = ink_rows(page, LEFT + 2, LEFT + 10, number.base - 2, number.base + 15)
    # The line of type ends about 3 mm under its base line.
    assert rule[0] - number.base == pytest.approx(4 + 3, abs=1)
    assert ink_rows(page, RIGHT - 3, RIGHT - 0.3, number.base, number.base + 15)[0] == pytest.approx(
        rule[0], abs=0.1
    )


def test_title_is_second_size_centred_and_broken_as_a_trapezoid() -> None:
    page = pages_of(long_circular())[0]
    title = [line for line in lines_of(page) if max(line.sizes) == pytest.approx(22, abs=0.1)]
    assert "".join(line.text for line in title) == CIRCULAR.title
    assert len(title) == 2
    assert len(title[0].text) > len(title[1].text)
    for line in title:
        assert (line.left + line.right) / 2 == pytest.approx((LEFT + RIGHT) / 2, abs=0.5)


def test_date_stands_four_characters_in_with_the_organ_centred_above() -> None:
    pdf = render_document(NOTICE, author=ORGAN, created_at=CREATED_AT)
    lines = lines_of(pages_of(pdf)[-1])
    date = next(line for line in lines if "2026年1月20日" in line.text and line.left > 100)
    organ = next(line for line in lines if ORGAN in line.text and line.left > 100)
    assert RIGHT - date.right == pytest.approx(4 * BODY / 72 * 25.4, abs=0.5)
    assert (organ.left + organ.right) / 2 == pytest.approx((date.left + date.right) / 2, abs=0.3)
    assert date.base - organ.base == pytest.approx(PITCH, abs=0.1)


def test_long_organ_name_stays_on_the_sheet() -> None:
    organ = "晋中市榆次区新华街道工作委员会人大工作办公室"
    pdf = render_document(replace(NOTICE, organ=organ), author=organ, created_at=CREATED_AT)
    signed = [line for page in pages_of(pdf) for line in lines_of(page) if line.text == organ]
    assert signed
    assert signed[-1].right <= RIGHT + 0.2


def test_imprint_closes_the_last_page() -> None:
    page = pages_of(long_circular())[-1]
    printed = next(line for line in lines_of(page) if line.text.endswith("印发"))
    assert max(printed.sizes) == pytest.approx(14, abs=0.1)
    assert ink_rows(page, LEFT + 1, RIGHT - 1, printed.base + 0.5, BOTTOM + 2)[1] == pytest.approx(
        BOTTOM, abs=0.5
    )
