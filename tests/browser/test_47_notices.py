"""All 47 notices of 庄子乡 for 2025: right deputy, number, grade, dates; lines, total, paper and page agree."""

import re
import subprocess
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from chinese_calendar import is_workday

from tests.browser.conftest import Person
from tests.stack import Stack

_NOTICES = """
SELECT n.id, n.organ_number, n.issued_on, n.objection_due_on, n.delivered_on, n.due_on, p.name, s.id, s.total, s.grade, f.path
FROM assessments_feedbacknotice n
JOIN assessments_scoresheet s ON s.id = n.sheet_id
JOIN deputies_mandate m ON m.id = n.mandate_id
JOIN deputies_person p ON p.id = m.person_id
JOIN liaison_storedfile f ON f.id = n.pdf_id
WHERE n.scope_code = 140702202000 ORDER BY n.organ_number
"""
# Of everybody who holds or held a seat of the term.
_NAMES = """
SELECT p.name FROM deputies_mandate m JOIN deputies_person p ON p.id = m.person_id
WHERE m.term_id IN (
  SELECT held.term_id FROM deputies_mandate held JOIN assessments_feedbacknotice n ON n.mandate_id = held.id
  WHERE n.scope_code = 140702202000
)
"""
GRADES = {"excellent": "优秀", "qualified": "合格", "unqualified": "不合格"}


def text_of(path: str) -> str:
    """The words of a PDF without their line breaks."""
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True)
    return "".join(done.stdout.split())


def workdays_after(day: date, count: int) -> date:
    """By the published years of another package, not by our own calendar."""
    while count:
        day += timedelta(days=1)
        count -= is_workday(day)
    return day


def grade_of(total: Decimal) -> str:
    """90分以上为优秀，80分以上为合格，低于80分为不合格 [seed]."""
    return "excellent" if total >= 90 else "qualified" if total >= 80 else "unqualified"


def test_numbers_dates_sums_paper_and_page_agree(at_desk: Callable[[str], Person], office: Stack) -> None:
    rows = office.sql(_NOTICES)
    assert [row[1] for row in rows] == list(range(1, 48))
    clerk = at_desk("zz-mishu")
    vetoed = {
        row[0] for row in office.sql("SELECT mandate_id FROM deputies_mandatechange WHERE event = 'suspend'")
    }
    named = Counter(name for (name,) in office.sql(_NAMES))
    for _pk, number, issued, objection, received, due, name, sheet, total, grade, path in rows:
        assert (issued, due) == (date(2026, 1, 20), date(2026, 2, 24))
        assert objection == (received and workdays_after(received, 5)), name
        [(lines, mandate)] = office.sql(
            f"SELECT sum(l.points), max(s.mandate_id) FROM assessments_scoreline l "
            f"JOIN assessments_scoresheet s ON s.id = l.sheet_id WHERE s.id = {sheet}"
        )
        # The scheme's cap of 100 is worked into its lines, so the printed lines always add up.
        assert lines == total, (name, lines, total)
        assert grade == ("unqualified" if mandate in vetoed else grade_of(total)), name
        paper = text_of(str(office.data_dir / "files" / path))
        for words in (
            f"庄人主〔2026〕{number}号",
            f"{total:.2f}分",
            f"等次为{GRADES[grade]}",
            "2026年2月24日",
            "送达回执",
        ):
            assert words in paper, (number, words)
        # Two of one name are told apart by their constituencies.
        told = r"（第\d+选区[^）]+）" if named[name] > 1 else ""
        assert re.search(f"号{name}{told}代表：", paper), (number, name)
        page = clerk.context.request.get(f"{office.url}/assessments/sheets/{sheet}/")
        assert f"{total:.2f}" in page.text(), (number, total)
