"""Which sheets of a roster file are read, and what its headings mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from deputies.roster import tables
from deputies.roster.headings import Layout, SheetOutline
from deputies.roster_import.waiting_file import Ticket
from liaison.web.forms import ServiceForm, choice, radios
from liaison.words.masking import masked

_READ, _GROUP, _SKIP = "read", "group", "skip"
_SHEET_CHOICES = (
    (_READ, "读取，代表小组按表内的栏目"),
    (_GROUP, "读取，这张表就是一个代表小组，表名就是小组名称"),
    (_SKIP, "不读取"),
)
_UNREAD = "不读取这一栏"


class RosterLayoutForm(ServiceForm):
    """A question for each sheet where there are several, and one for each heading of any of them."""

    is_kept = forms.BooleanField(
        label="记住这些栏目，下次导入自动采用",
        required=False,
        initial=True,
        help_text="确认导入时一并保存，只用于本单位的名册。",
    )

    def __init__(self, sheets: Sequence[SheetOutline], ticket: Ticket, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sheets = sheets
        self._headings = dict.fromkeys(label for sheet in sheets for label in sheet.columns)
        self.fields["upload"] = forms.CharField(initial=ticket.signed(), widget=forms.HiddenInput)
        for number, sheet in enumerate(sheets if len(sheets) > 1 else ()):
            said = ticket.sheets.get(sheet.name)
            initial = "" if not ticket.sheets else _SKIP if said is None else _GROUP if said else _READ
            self.fields[f"sheet-{number}"] = radios(
                f"工作表“{sheet.name}”（{sheet.rows}行）", _SHEET_CHOICES, initial=initial
            )
        for number, label in enumerate(self._headings):
            self.fields[f"column-{number}"] = choice(
                f"表头“{label}”",
                [(column, column) for column in tables.COLUMNS],
                blank=_UNREAD,
                required=False,
                initial=next((s.columns[label] for s in sheets if s.columns.get(label)), ""),
                hint=_samples(sheets, label),
            )
        self.order_fields([name for name in self.fields if name != "is_kept"])

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if self.errors:
            return said
        layout = self.layout()
        read = [sheet for sheet in self._sheets if sheet.name in layout.sheets or not layout.sheets]
        if not layout.sheets and len(self._sheets) > 1:
            self.add_error("sheet-0", "请至少选定一张要读取的工作表。")
            return said
        self._check_twice(read, layout)
        self._check_missing(read, layout)
        return said

    def layout(self) -> Layout:
        """The answers; only after ``is_valid``."""
        answers = self.cleaned_data
        sheets = {
            sheet.name: answers[f"sheet-{number}"] == _GROUP
            for number, sheet in enumerate(self._sheets)
            if answers.get(f"sheet-{number}", _SKIP) != _SKIP
        }
        columns = {label: answers[f"column-{number}"] for number, label in enumerate(self._headings)}
        return Layout(columns, sheets, answers["is_kept"])

    def _check_twice(self, read: Sequence[SheetOutline], layout: Layout) -> None:
        """Two columns of one sheet cannot be the same: which would be read is nobody's guess."""
        places = {label: number for number, label in enumerate(self._headings)}
        for sheet in read:
            taken: dict[str, str] = {}
            for label in sheet.columns:
                meaning = layout.columns[label]
                first = taken.setdefault(meaning, label) if meaning else label
                field = f"column-{places[label]}"
                if first != label and field not in self.errors:
                    self.add_error(field, f"“{first}”已经选作“{meaning}”，同一栏目只能选一次。")

    def _check_missing(self, read: Sequence[SheetOutline], layout: Layout) -> None:
        for sheet in read:
            meant = {layout.columns[label] for label in sheet.columns}
            if missing := [column for column in tables.REQUIRED_COLUMNS if column not in meant]:
                where = f"工作表“{sheet.name}”" if len(self._sheets) > 1 else "名册"
                named = "、".join(f"“{column}”" for column in missing)
                self.add_error(None, f"{where}缺少{named}栏，请在下面选定是哪一栏。")


def _samples(sheets: Sequence[SheetOutline], label: str) -> str:
    """What stands below a heading; telephone numbers and the like stay veiled."""
    said = dict.fromkeys(text for sheet in sheets for text in sheet.samples.get(label, ()))
    shown = [masked(text)[:20] for text in list(said)[:3]]
    return f"例：{'；'.join(shown)}" if shown else "这一栏没有内容。"
