"""Computing, publishing and correcting score sheets. A published sheet never changes (domain.md 0.8)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from assessments.access import (
    get_assessment,
    get_sheet,
)
from assessments.enums import AssessmentEvent, NoticeEvent, SheetEvent, SheetState, TalkEvent
from assessments.lifecycle import COMPUTABLE, NOTICE, RESULT_STATES, SHEET, TALK
from assessments.models import (
    Assessment,
    FeedbackNotice,
    ReminderTalk,
    ScoreLine,
    ScoreObjection,
    ScoreSheet,
)
from assessments.scoring import (
    InvalidFacts,
    Line,
    SchemeRules,
    SheetResult,
    SubjectFacts,
    problems,
    score,
    strengths,
)
from assessments.selectors.facts import collect_facts
from assessments.services.cycle import move
from assessments.services.notices import notice_step
from deputies.access import require_unconcerned
from deputies.models import Mandate
from liaison.auditing import trail
from liaison.identity.roles import OFFICE
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from liaison.words.errors import Refused
from liaison.words.limits import fitted

_SHEET_COLUMNS = (
    "base_points",
    "bonus_points",
    "deducted_points",
    "total",
    "grade",
    "grade_name",
    "not_rated_reason",
    "not_rated_note",
    "vetoes",
    "pending_count",
    "strengths",
    "problems",
    "content_hash",
    "computed_at",
    "computed_by",
)
_LINE_COLUMNS = (
    "sort",
    "name",
    "block",
    "section",
    "full_points",
    "points",
    "explanation",
    "deduction_reason",
    "cap_note",
    "is_applicable",
    "is_pending",
    "evidence",
)


def compute_sheets(*, actor: Actor, assessment_id: int, now: datetime) -> int:
    """Score everybody from the records; returns how many sheets changed (0 when nothing did).

    ``Refused`` outside the open states, or when somebody's facts contradict themselves (who is named).
    """
    actor.require(*OFFICE)
    with trail.operation("compute_sheets"):
        row = get_assessment(actor, assessment_id, lock=True)
        if row.state not in COMPUTABLE:
            raise Refused("只有数据截止之后、结果审定之前可以计算得分。")
        results = score_all(actor, row, SchemeRules.from_dict(row.scheme.definition))
        known = dict(
            ScoreSheet.scoped(actor).filter(assessment=row).values_list("mandate_id", "content_hash")
        )
        changed = {pk: result for pk, result in results.items() if known.get(pk) != result.digest}
        _write(actor, row, changed, now)
        gone = _drop(actor, row, known.keys() - results.keys())
    return len(changed) + gone


def score_all(actor: Actor, assessment: Assessment, rules: SchemeRules) -> dict[int, SheetResult]:
    """Every assessed deputy's result by ``rules``, in stroke order, without writing anything."""
    return {
        mandate_id: _scored(actor, mandate_id, facts, rules)
        for mandate_id, facts in collect_facts(actor, assessment).items()
    }


def _scored(actor: Actor, mandate_id: int, facts: SubjectFacts, rules: SchemeRules) -> SheetResult:
    try:
        return score(facts, rules)
    except InvalidFacts as error:
        name = Mandate.scoped(actor).select_related("person").get(pk=mandate_id).full_name
        raise Refused(f"{name}代表：{error.message}，请更正后再计算。") from error


def _write(actor: Actor, assessment: Assessment, results: Mapping[int, SheetResult], now: datetime) -> None:
    """Write sheets over the computed ones of the same deputies: few statements however many there are.

    Rows are written over, not replaced: an objection raised meanwhile keeps its sheet and its line.
    """
    sheets = [_sheet(actor, assessment, pk, result, now) for pk, result in results.items()]
    ScoreSheet._plain.bulk_create(
        sheets,
        update_conflicts=True,
        unique_fields=["scope_code", "assessment", "mandate", "version"],
        update_fields=_SHEET_COLUMNS,
    )
    lines = [line for sheet in sheets for line in _lines(sheet, results[sheet.mandate_id].lines)]
    ScoreLine._plain.bulk_create(
        lines,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["scope_code", "sheet", "item_code"],
        update_fields=_LINE_COLUMNS,
    )
    written = {(line.sheet_id, line.item_code) for line in lines}
    there = ScoreLine.scoped(actor).filter(sheet__in=sheets).values_list("pk", "sheet_id", "item_code")
    _drop_lines(actor, [pk for pk, sheet_id, code in there if (sheet_id, code) not in written])


def _drop_lines(actor: Actor, ids: list[int]) -> None:
    if ids:
        ScoreObjection.scoped(actor).filter(line__in=ids).update(line=None)
        ScoreLine.scoped(actor).filter(pk__in=ids).delete()


def _drop(actor: Actor, assessment: Assessment, mandate_ids: Iterable[int]) -> int:
    """Sheets of mandates that turned out not to belong to the year."""
    gone = ScoreSheet.scoped(actor).filter(assessment=assessment, mandate_id__in=list(mandate_ids))
    ids = list(gone.values_list("pk", flat=True))
    if ids:
        _drop_lines(actor, list(ScoreLine.scoped(actor).filter(sheet__in=ids).values_list("pk", flat=True)))
        gone.delete()
    return len(ids)


def _sheet(
    actor: Actor,
    assessment: Assessment,
    mandate_id: int,
    result: SheetResult,
    now: datetime,
    version: int = 1,
) -> ScoreSheet:
    return ScoreSheet(
        scope_code=assessment.scope_code,
        assessment=assessment,
        mandate_id=mandate_id,
        version=version,
        base_points=result.base,
        bonus_points=result.bonus,
        deducted_points=result.deduction,
        total=result.total,
        grade=result.grade_code,
        grade_name=result.grade_name,
        not_rated_reason=result.not_rated if result.not_rated else "",
        not_rated_note=result.not_rated_note,
        vetoes=[hit.to_dict() for hit in result.vetoes],
        pending_count=len(result.pending),
        strengths=list(strengths(result)),
        problems=list(problems(result)),
        content_hash=result.digest,
        computed_at=now,
        computed_by_id=actor.account_id,
    )


def _lines(sheet: ScoreSheet, lines: Iterable[Line]) -> Iterable[ScoreLine]:
    for position, line in enumerate(lines, start=1):
        yield ScoreLine(
            scope_code=sheet.scope_code,
            sheet=sheet,
            sort=position,
            item_code=line.code,
            name=line.name,
            block=line.block,
            section=line.type,
            full_points=line.full,
            points=line.awarded,
            explanation=line.explanation,
            deduction_reason=line.reason,
            cap_note=line.cap_note,
            is_applicable=line.is_applicable,
            is_pending=line.is_pending,
            evidence=line.to_dict()["evidence"],
        )


def publish_assessment(*, actor: Actor, assessment_id: int, now: datetime) -> Assessment:
    """通报结果: all sheets are published and frozen in one transaction; pressing twice changes nothing.

    The notices are not made here: the published row is the job (architecture.md, stairs down).
    """
    actor.require(Role.PRESIDIUM_CHAIR)
    with trail.operation("publish_assessment"):
        row = get_assessment(actor, assessment_id, lock=True)
        if row.published_at is not None:
            return row
        row.published_at = now
        move(actor=actor, assessment=row, event=AssessmentEvent.CIRCULATE, now=now, changed=("published_at",))
        target = SHEET.next_state(SheetState.COMPUTED, SheetEvent.PUBLISH)
        sheets = ScoreSheet.scoped(actor).filter(assessment=row, state=SheetState.COMPUTED)
        sheets.update(state=target, published_at=now)
        return row


def correct_sheet(*, actor: Actor, sheet_id: int, reason: str, now: datetime) -> ScoreSheet:
    """A published result is corrected by a new version with a reason; the old one stays readable.

    The new version is scored from the records as they stand now. The old notice is superseded here; the
    new one is issued by the sweep, like every notice. ``Refused`` when the records give the same result.
    """
    actor.require(Role.PRESIDIUM_CHAIR)
    reason = fitted(ScoreSheet, "correction_reason", reason, at="reason", needed="请写明更正理由。")
    with trail.operation("correct_sheet"):
        assessment = get_assessment(actor, get_sheet(actor, sheet_id).assessment_id, lock=True)
        rows = ScoreSheet.scoped(actor).select_for_update(of=("self",)).select_related("mandate__person")
        old = rows.get(pk=sheet_id)
        require_unconcerned(actor, old.mandate)
        if assessment.state not in RESULT_STATES or assessment.published_at is None:
            raise Refused("结果尚未公布，不需要办理更正；请更正记录后重新计算得分。")
        rules = SchemeRules.from_dict(assessment.scheme.definition)
        result = _scored(actor, old.mandate_id, collect_facts(actor, assessment)[old.mandate_id], rules)
        if result.digest == old.content_hash:
            raise Refused("按现有记录计算，结果没有变化；请先更正有关记录，再办理更正。")
        _supersede(actor, old, now)
        return _publish_correction(actor, old, assessment, result, reason, now)


def _publish_correction(
    actor: Actor, old: ScoreSheet, assessment: Assessment, result: SheetResult, reason: str, now: datetime
) -> ScoreSheet:
    new = _sheet(actor, assessment, old.mandate_id, result, now, version=old.version + 1)
    new.correction_reason = reason
    new.save(force_insert=True)
    # Lines are written while the sheet is still a computed one; from then on the database keeps both.
    ScoreLine._plain.bulk_create(_lines(new, result.lines))
    new.state, new.published_at = SHEET.next_state(new.state, SheetEvent.PUBLISH), now
    new.save(update_fields=["state", "published_at"])
    return new


def _supersede(actor: Actor, old: ScoreSheet, now: datetime) -> None:
    """The old version, its notice and a talk not yet held make room for the new ones."""
    old.state = SHEET.next_state(old.state, SheetEvent.SUPERSEDE)
    old.save(update_fields=["state"])
    for notice in FeedbackNotice.scoped(actor).select_for_update(of=("self",)).filter(sheet=old):
        if NOTICE.can(notice.state, NoticeEvent.SUPERSEDE):
            notice_step(actor=actor, notice=notice, event=NoticeEvent.SUPERSEDE, now=now)
    for talk in ReminderTalk.scoped(actor).select_for_update(of=("self",)).filter(sheet=old):
        # What was talked about stays on record; only a talk still owed falls away.
        if TALK.can(talk.state, TalkEvent.CANCEL):
            talk.state = TALK.next_state(talk.state, TalkEvent.CANCEL)
            talk.save(update_fields=["state"])
