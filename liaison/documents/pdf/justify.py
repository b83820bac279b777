"""Make both edges of a paragraph straight.

WeasyPrint widens only the blanks between words, and Chinese has none: a line that may not begin
with a punctuation mark ends one character short. The slack is spread between all characters of
the line, as an office word processor does. This works on the finished layout and touches
WeasyPrint's boxes, which are not a public interface: WeasyPrint is pinned to 70.x, and
tests/liaison/test_pdf_geometry.py measures the right edge.
"""

from __future__ import annotations

from typing import Any

from weasyprint.formatting_structure import boxes

#: Slack beyond this share of the line is a line that was meant to be short.
_MOST_SLACK = 0.2


def justify(document: Any, class_name: str = "fit") -> None:
    """Stretch every line but the last of each block whose element carries ``class_name``."""
    for page in document.pages:
        for box in page._page_box.descendants():
            if isinstance(box, boxes.BlockContainerBox) and class_name in _classes(box):
                _justify_block(box)


def _classes(box: Any) -> list[str]:
    return (box.element.get("class") or "").split() if box.element is not None else []


def _justify_block(block: Any) -> None:
    for line in block.children:
        if isinstance(line, boxes.LineBox) and line.resume_at is not None:
            _stretch(line, block.content_box_x() + block.width)


def _stretch(line: Any, right: float) -> None:
    texts = [box for box in line.descendants() if isinstance(box, boxes.TextBox) and box.text]
    if not texts or any(isinstance(box, boxes.AtomicInlineLevelBox) for box in line.descendants()):
        return
    slack = right - (texts[-1].position_x + texts[-1].width)
    gaps = sum(len(box.text) for box in texts) - 1
    if gaps < 1 or not 0 < slack < _MOST_SLACK * line.width:
        return
    step, moved = slack / gaps, 0.0
    for box in texts:
        box.position_x += moved
        box.style = box.style.copy()
        box.style["letter_spacing"] = step
        moved += step * len(box.text)
