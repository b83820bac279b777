"""The 47 notices of 庄子乡: one by one as files of their own, and as one file for the printer (duplex).

Bare limit: WeasyPrint on an empty page.
Figures of pure work are CPU time of the process.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from weasyprint import HTML

from bench._tools import Figure, cpu_seconds
from liaison.documents.forms import FeedbackNotice, ScoreLine
from liaison.documents.pdf import render_document, render_documents

NOTICES = 47
MADE_AT = datetime(2026, 1, 20, 1, 0, tzinfo=UTC)
ORGAN = "庄子乡人民代表大会主席团"
_ITEMS = (
    ("每月接待选民", 15, "12.50", "应轮值12次，实际参加10次，缺席2次"),
    ("每月走访选区", 10, "9.17", "应走访12次，实际走访11次"),
    ("每人每月一条社情民意", 12, "10.00", "全年提交10条，少2条"),
    ("每季调研视察", 12, "12.00", ""),
    ("每季学习培训", 8, "6.00", "第三季度培训未参加，未履行请假手续"),
    ("每人每年一条代表建议", 10, "9.00", "建议质量评定1分"),
    ("每人每年一次政策宣讲", 5, "5.00", ""),
    ("每季代表会议", 8, "8.00", ""),
    ("每年履职交流", 5, "5.00", ""),
    ("每年履职评议", 15, "13.83", "有效票36张，满意26张，基本满意8张，不满意2张"),
)


def run() -> Iterator[Figure]:
    forms = [replace(notice(), document_no=f"庄人主〔2026〕{number}号") for number in range(1, NOTICES + 1)]
    yield "notices", NOTICES, "rows"
    yield "queries", 0, "queries"
    first = cpu_seconds(lambda: render(forms[0]), rounds=1)
    yield "first one, fonts not yet listed", first, "s"
    one_by_one = cpu_seconds(lambda: [render(form) for form in forms], rounds=1)
    yield "one by one", one_by_one, "s"
    yield "a notice", 1000 * one_by_one / NOTICES, "ms"
    yield "size of a notice", len(render(forms[0])) / 1024, "kB"
    made: list[bytes] = []
    yield "as one file", cpu_seconds(lambda: made.append(together(forms)), rounds=1), "s"
    yield "size of the file", len(made[0]) / 1024, "kB"
    yield "bare limit: WeasyPrint, an empty page", 1000 * cpu_seconds(empty_page), "ms"


def notice() -> FeedbackNotice:
    lines = tuple(
        ScoreLine(item=item, full_mark=Decimal(full), score=Decimal(got), reason=reason)
        for item, full, got, reason in _ITEMS
    )
    return FeedbackNotice(
        organ=ORGAN,
        document_no="庄人主〔2026〕1号",
        verification_code="9c41 7e02 5ab3",
        year=2025,
        deputy_name="张建国",
        basis="庄子乡人大代表履职测评办法",
        score=Decimal("90.50"),
        grade="优秀",
        lines=lines,
        strengths=("你能够认真执行代表接待选民制度，积极走访所在选区群众，群众反映较好。",),
        problems=(
            "全年轮值接待选民缺席2次，未按规定履行请假手续。",
            "提交社情民意10条，数量未达到每月一条。",
        ),
        rectify_days=30,
        rectify_by=date(2026, 2, 24),
        issued_on=date(2026, 1, 20),
        contact="联系电话：0354-2661234。",
    )


def render(form: FeedbackNotice) -> bytes:
    return render_document(form, author=ORGAN, created_at=MADE_AT)


def together(forms: list[FeedbackNotice]) -> bytes:
    return render_documents(forms, title="反馈通知书", author=ORGAN, created_at=MADE_AT)


def empty_page() -> bytes:
    return bytes(HTML(string="<!doctype html><title>x</title>").write_pdf())
