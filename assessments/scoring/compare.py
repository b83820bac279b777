"""试算: the same subjects under two schemes (or two states of the facts); who changes, and by which line."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from assessments.scoring.scheme import Grade
from assessments.scoring.sheet import SheetResult
from assessments.scoring.values import ZERO, plain


@dataclass(frozen=True, slots=True)
class LineChange:
    """One line that differs; ``None`` where the other sheet has no such line. Points are published."""

    code: str
    name: str
    before: Decimal | None
    after: Decimal | None

    @property
    def delta(self) -> Decimal:
        return (self.after or ZERO) - (self.before or ZERO)


@dataclass(frozen=True, slots=True)
class Change:
    """One subject before and after; ``lines`` start with the one that moved most."""

    ref: str
    before: SheetResult
    after: SheetResult
    lines: tuple[LineChange, ...]

    @property
    def grade_changed(self) -> bool:
        return self.before.grade_name != self.after.grade_name

    @property
    def delta(self) -> Decimal | None:
        """Change of the total, ``None`` unless both sheets have one."""
        if self.before.total is None or self.after.total is None:
            return None
        return self.after.total - self.before.total

    @property
    def decisive(self) -> LineChange | None:
        """The line that moved most in the direction of the total."""
        if not self.delta:
            return None
        same_way = [line for line in self.lines if (line.delta > 0) == (self.delta > 0)]
        return same_way[0] if same_way else None

    @property
    def sentence(self) -> str:
        """``合格→不合格：总分由80.50变为79.10，主要因“每月接待选民”由13.64分变为12.24分。``"""
        return _sentence(self)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changed subjects in order of ``ref``; subjects found on one side only are listed apart.

    ``grades_before``/``grades_after`` count every sheet by grade name, 不参评 included.
    """

    changes: tuple[Change, ...]
    unchanged: int
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    grades_before: dict[str, int]
    grades_after: dict[str, int]

    @property
    def grade_changes(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.grade_changed)


def compare(sheets_a: Iterable[SheetResult], sheets_b: Iterable[SheetResult]) -> Comparison:
    """Matches the sheets by ``ref``: ``sheets_a`` is before, ``sheets_b`` after."""
    before = {sheet.ref: sheet for sheet in sheets_a}
    after = {sheet.ref: sheet for sheet in sheets_b}
    common = sorted(before.keys() & after.keys())
    changes = tuple(change for ref in common if (change := _change(before[ref], after[ref])) is not None)
    return Comparison(
        changes,
        len(common) - len(changes),
        tuple(sorted(before.keys() - after.keys())),
        tuple(sorted(after.keys() - before.keys())),
        _grade_counts(before.values()),
        _grade_counts(after.values()),
    )


def _grade_counts(sheets: Iterable[SheetResult]) -> dict[str, int]:
    return dict(Counter(sheet.grade_name for sheet in sheets))


def _change(before: SheetResult, after: SheetResult) -> Change | None:
    lines = tuple(sorted(_line_changes(before, after), key=lambda line: (-abs(line.delta), line.code)))
    if not lines and before.total == after.total and before.grade_name == after.grade_name:
        return None
    return Change(before.ref, before, after, lines)


def _line_changes(before: SheetResult, after: SheetResult) -> Iterator[LineChange]:
    old = {line.code: line for line in before.lines}
    new = {line.code: line for line in after.lines}
    for code in dict.fromkeys((*old, *new)):
        left, right = old.get(code), new.get(code)
        if left and right and left.awarded == right.awarded:
            continue
        name = (right or old[code]).name
        yield LineChange(code, name, left.awarded if left else None, right.awarded if right else None)


def _sentence(change: Change) -> str:
    before, after = change.before, change.after
    if change.grade_changed:
        head = f"{before.grade_name}→{after.grade_name}"
    else:
        head = f"{after.grade_name}（等次不变）"
    if not before.is_rated or not after.is_rated:
        why = before.not_rated_note or after.not_rated_note
        return f"{head}：{why}。" if why else f"{head}。"
    if not change.delta:
        return f"{head}：总分{after.total}分不变{_grade_cause(change)}。"
    return f"{head}：总分由{before.total}分变为{after.total}分{_line_cause(change)}{_veto_cause(change)}。"


def _line_cause(change: Change) -> str:
    line = change.decisive
    if line is None:
        return ""
    old = "未列" if line.before is None else f"{plain(line.before)}分"
    new = "未列" if line.after is None else f"{plain(line.after)}分"
    return f"，主要因“{line.name}”由{old}变为{new}"


def _grade_cause(change: Change) -> str:
    """Why a grade moves though the total does not: a veto, or other grade bounds."""
    if not change.grade_changed:
        return ""
    return _veto_cause(change) or f"，因等次分数线调整（{_bound(change.before)}→{_bound(change.after)}）"


def _bound(sheet: SheetResult) -> str:
    grade: Grade | None = sheet.grade
    return f"{grade.name}{plain(grade.at_least)}分起" if grade else ""


def _veto_cause(change: Change) -> str:
    old = {hit.code for hit in change.before.vetoes}
    new = {hit.code for hit in change.after.vetoes}
    added = [hit.name for hit in change.after.vetoes if hit.code not in old]
    removed = [hit.name for hit in change.before.vetoes if hit.code not in new]
    words = [f"新增一票否决“{name}”" for name in added] + [f"不再有一票否决“{name}”" for name in removed]
    return f"，{'、'.join(words)}" if words else ""
