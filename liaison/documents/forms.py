"""What each printed document needs to know; standard library only.

Upper floors (assessments, reports) fill these frozen values and hand them to
`liaison.documents.pdf.render_document`. They carry words and numbers ready to be read, never rows or ids.
The templates stand in templates/documents/, the wording follows domain.md §5. ``organ`` is the full
name of the issuing organ, ``organ_short`` what the text calls it: 主席团, 人大工委.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar


class DocumentForm:
    """A printed form: knows its template and the title of its file."""

    template: ClassVar[str]

    @property
    def file_title(self) -> str:
        """Title stored in the file, without line breaks."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class ScoreLine:
    """One item of the score table; ``full_mark`` is None for bonus and deduction items."""

    item: str
    full_mark: Decimal | None
    score: Decimal
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class FeedbackNotice(DocumentForm):
    """《关于××××年度代表履职测评结果的反馈通知书》 with its tear-off receipt (domain.md §5, text 1).

    ``basis`` is the name of the rules without 《》; ``document_no`` like 庄人主〔2026〕3号;
    ``seal_image`` a `data:image/png;base64,…` URI or empty (print and stamp, the default).
    """

    template: ClassVar[str] = "feedback_notice.html"

    organ: str
    organ_short: str = "主席团"
    document_no: str
    year: int
    deputy_name: str
    basis: str
    steps: tuple[str, ...] = ("个人自评", "小组评议", "选民测评", "主席团审核")
    score: Decimal
    full_mark: Decimal = Decimal(100)
    grade: str
    lines: tuple[ScoreLine, ...]
    strengths: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    rectify_days: int | None = None
    rectify_by: date
    report_title: str = "履职测评整改报告"
    objection_days: int = 5
    contact: str = ""
    has_talk: bool = False
    issued_on: date
    verification_code: str
    seal_image: str = ""

    @property
    def file_title(self) -> str:
        return f"关于{self.year}年度代表履职测评结果的反馈通知书（{self.deputy_name}）"

    @property
    def title(self) -> str:
        """Title on paper: organ, matter and kind, as GB/T 9704 asks."""
        return f"{self.organ}关于{self.year}年度代表履职测评结果的反馈通知书"

    @property
    def is_full_score(self) -> bool:
        """Nothing was lost and nothing is named as a problem: the notice asks to keep it up."""
        return self.score >= self.full_mark and not self.problems

    @property
    def named_problems(self) -> tuple[str, ...]:
        """The problems written by the reviewer, or else the items with a reason for lost marks."""
        reasons = (f"{line.item}：{line.reason.rstrip('。')}。" for line in self.lines if line.reason)
        return self.problems or tuple(reasons) or ("详见得分情况表。",)


@dataclass(frozen=True, kw_only=True)
class RectificationRow:
    """One problem taken over from the notice, and what the deputy does about it."""

    problem: str
    cause: str = ""
    measure: str = ""
    deadline: str = ""
    result: str = ""


@dataclass(frozen=True, kw_only=True)
class RectificationReport(DocumentForm):
    """《履职测评整改报告》, blank or filled (domain.md §5, text 2).

    ``is_consolidation`` turns the measures into 巩固提升措施 for deputies with a full score.
    ``decision`` is 通过, 退回补充 or empty. ``blank_rows`` is the number of empty rows at least shown.
    """

    template: ClassVar[str] = "rectification_report.html"

    organ: str
    organ_short: str = "主席团"
    year: int
    deputy_name: str = ""
    congress: str = ""
    constituency: str = ""
    group: str = ""
    notice_no: str = ""
    score: Decimal | None = None
    grade: str = ""
    due_on: date | None = None
    is_consolidation: bool = False
    rows: tuple[RectificationRow, ...] = ()
    blank_rows: int = 4
    evidence: str = ""
    submitted_on: date | None = None
    group_opinion: str = ""
    group_opinion_by: str = ""
    group_opinion_on: date | None = None
    decision: str = ""
    organ_opinion: str = ""
    decided_on: date | None = None

    @property
    def empty_rows(self) -> range:
        """Numbers of the rows left empty for the pen."""
        return range(len(self.rows) + 1, self.blank_rows + 1)

    @property
    def file_title(self) -> str:
        return f"{self.year}年度履职测评整改报告" + (f"（{self.deputy_name}）" if self.deputy_name else "")


@dataclass(frozen=True, kw_only=True)
class ReminderTalkRecord(DocumentForm):
    """《谈话提醒记录》, blank or filled (domain.md §5, text 3). A reminder, not a penalty."""

    template: ClassVar[str] = "reminder_talk.html"

    organ: str
    organ_short: str = "主席团"
    record_no: str = ""
    deputy_name: str = ""
    congress: str = ""
    occupation: str = ""
    group: str = ""
    reason: str = ""
    basis: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    place: str = ""
    talkers: tuple[str, ...] = ()
    recorder: str = ""
    content: str = ""
    statement: str = ""
    rectify_by: date | None = None
    verification_code: str = ""

    @property
    def file_title(self) -> str:
        return "谈话提醒记录" + (f"（{self.deputy_name}）" if self.deputy_name else "")


@dataclass(frozen=True, kw_only=True)
class CircularGrade:
    """The deputies of one grade; ``names`` already in stroke order (liaison.words.names)."""

    grade: str
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Circular(DocumentForm):
    """《通报》 by grade, with the red head of GB/T 9704-2012 (domain.md §5, text 5).

    ``head`` is the 发文机关标志, usually the organ's name followed by 文件. The body's headings,
    names and counts come from ``grades``; ``closing`` holds the demands, one paragraph each.
    """

    template: ClassVar[str] = "circular.html"

    head: str
    organ: str
    document_no: str
    title: str
    addressee: str
    opening: tuple[str, ...]
    grades: tuple[CircularGrade, ...]
    not_assessed: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    issued_on: date
    copy_to: str = ""
    printed_by: str = ""
    printed_on: date | None = None
    seal_image: str = ""

    @property
    def file_title(self) -> str:
        return self.title.replace("\n", "")

    @property
    def assessed(self) -> int:
        """Number of deputies who were given a grade."""
        return sum(len(grade.names) for grade in self.grades)


@dataclass(frozen=True, kw_only=True)
class ReceptionRegister(DocumentForm):
    """《接待选民登记表》, one matter a sheet, blank or filled (domain.md §4, register columns).

    Every field may be empty; a resident may stay unnamed. Callers mask telephone numbers
    themselves unless the reader may see them.
    """

    template: ClassVar[str] = "reception_register.html"

    organ: str
    station: str = ""
    register_no: str = ""
    received_on: date | None = None
    hours: str = ""
    place: str = ""
    deputies: tuple[str, ...] = ()
    recorder: str = ""
    resident: str = ""
    gender: str = ""
    phone: str = ""
    address: str = ""
    constituency: str = ""
    is_own_constituency: bool | None = None
    people: int | None = None
    channel: str = ""
    category: str = ""
    urgency: str = ""
    content: str = ""
    request: str = ""
    answer: str = ""
    proposal: str = ""
    route: str = ""
    unit: str = ""
    assigned_on: date | None = None
    due_on: date | None = None
    result: str = ""
    replied_on: date | None = None
    reply_method: str = ""
    satisfaction: str = ""
    is_public: bool | None = None
    is_confidential: bool | None = None
    attachments: str = ""

    @property
    def file_title(self) -> str:
        return "接待选民登记表" + (f"（{self.register_no}）" if self.register_no else "")


@dataclass(frozen=True, kw_only=True)
class ReceptionMatter:
    """One line of the summary of a reception; ``resident`` as the reader may see it."""

    number: str
    resident: str
    content: str
    category: str = ""
    outcome: str = ""


@dataclass(frozen=True, kw_only=True)
class ReceptionSummary(DocumentForm):
    """《接待选民情况汇总表》 of one reception day: who received, who came, what became of each matter.

    The registers of the matters are printed behind it. Blank lines are offered when nothing is filled in.
    """

    template: ClassVar[str] = "reception_summary.html"

    organ: str
    station: str = ""
    received_on: date | None = None
    hours: str = ""
    place: str = ""
    deputies: tuple[str, ...] = ()
    recorder: str = ""
    visitor_count: int | None = None
    remark: str = ""
    matters: tuple[ReceptionMatter, ...] = ()

    @property
    def file_title(self) -> str:
        return "接待选民情况汇总表" + (f"（{self.station}）" if self.station else "")

    @property
    def is_blank(self) -> bool:
        return self.visitor_count is None and not self.matters


@dataclass(frozen=True, kw_only=True)
class PlanRow:
    """One line of a year's plan: when, what, where, for whom, and who answers for it."""

    when: str
    what: str
    where: str = ""
    who: str = ""
    responsible: str = ""


@dataclass(frozen=True, kw_only=True)
class WorkPlanDocument(DocumentForm):
    """《××××年度代表工作计划》 of a presidium or a county committee (代表法 Art. 43).

    ``foreword`` and ``closing`` are paragraphs; ``issued_on`` is the day it was adopted, ``meeting`` the
    meeting that did. A draft says so under its title and carries no date.
    """

    template: ClassVar[str] = "work_plan.html"

    organ: str
    title: str
    year: int
    foreword: tuple[str, ...] = ()
    rows: tuple[PlanRow, ...] = ()
    closing: tuple[str, ...] = ()
    meeting: str = ""
    issued_on: date | None = None
    is_draft: bool = False
    verification_code: str = ""
    seal_image: str = ""

    @property
    def file_title(self) -> str:
        return self.title + ("（草案）" if self.is_draft else "")


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a printed list: heading, share of the width, and `left`, `center` or `right`."""

    heading: str
    width: int
    align: str = "center"


@dataclass(frozen=True, kw_only=True)
class ListSheet(DocumentForm):
    """Any list on landscape A4, heading repeated on every page: rosters, rotas, registers.

    ``rows`` hold as many texts as there are ``columns`` (ValueError otherwise).
    """

    template: ClassVar[str] = "list_sheet.html"

    title: str
    organ: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    subtitle: str = ""
    note: str = ""
    made_by: str = ""
    made_on: date | None = None

    def __post_init__(self) -> None:
        if bad := _uneven(self.rows, len(self.columns)):
            raise ValueError(f"row {bad} does not have {len(self.columns)} cells")

    @property
    def file_title(self) -> str:
        return self.title.replace("\n", "")

    @property
    def aligned_rows(self) -> list[list[tuple[str, str]]]:
        """Every cell with the alignment of its column."""
        return [
            [(column.align, text) for column, text in zip(self.columns, row, strict=True)]
            for row in self.rows
        ]

    @property
    def total_width(self) -> int:
        """Sum of the column shares."""
        return sum(column.width for column in self.columns)


def _uneven(rows: Iterable[tuple[str, ...]], cells: int) -> int | None:
    return next((number for number, row in enumerate(rows, 1) if len(row) != cells), None)
