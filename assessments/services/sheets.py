"""Computing, publishing and correcting score sheets. A published sheet never changes (domain.md 0.8)."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from assessments.access import APPRAISERS, get_assessment, get_sheet
from assessments.enums import AssessmentEvent, AssessmentState, SheetEvent, SheetState
from assessments.facts import collect_facts
from assessments.lifecycle import SHEET
from assessments.models import Assessment, ExtraFact, ScoreLine, ScoreSheet
from assessments.scoring import Line, problems, score, strengths
from assessments.scoring import Scheme as SchemeRules
from assessments.scoring import ScoreSheet as Result
from assessments.services.cycle import move
from liaison import audit
from liaison.enums import Role
from liaison.errors import InvalidInput, Refused
from liaison.scope import Actor
from liaison.text import clean_line

# Results may be computed again until the meeting has approved them.
OPEN_STATES = frozenset(
    {
        AssessmentState.FROZEN,
        AssessmentState.SELF,
        AssessmentState.GROUP,
        AssessmentState.BALLOT,
        AssessmentState.PRESIDIUM_REVIEW,
        AssessmentState.RECONCILE,
        AssessmentState.OBJECTION,
        AssessmentState.RECHECK,
    }
)


def compute_sheets(*, actor: Actor, assessment_id: int, now: datetime) -> int:
    """Score everybody from the records; returns how many sheets changed (0 when nothing did)."""
    actor.require(*APPRAISERS)
    with audit.operation("compute_sheets"):
        row = get_assessment(actor, assessment_id, lock=True)
        if row.state not in OPEN_STATES:
            raise Refused("只有数据截止之后、结果审定之前可以计算得分。")
        rules = SchemeRules.from_dict(row.scheme.definition)
        results = {pk: score(facts, rules) for pk, facts in collect_facts(actor, row).items()}
        known = {sheet.mandate_id: sheet for sheet in ScoreSheet.scoped(actor).filter(assessment=row)}
        changed = {
            pk: result
            for pk, result in results.items()
            if pk not in known or known[pk].content_hash != result.digest
        }
        _replace(row, changed, now)
    return len(changed)


def _replace(assessment: Assessment, results: dict[int, Result], now: datetime) -> None:
    """Write new sheets in the place of computed ones: three statements however many deputies."""
    stale = ScoreSheet._plain.filter(assessment=assessment, mandate_id__in=results, state=SheetState.COMPUTED)
    ScoreLine._plain.filter(sheet__in=stale).delete()
    stale.delete()
    sheets = [_sheet(assessment, pk, result, now) for pk, result in results.items()]
    ScoreSheet._plain.bulk_create(sheets)
    lines = (line for sheet in sheets for line in _lines(sheet, results[sheet.mandate_id].lines))
    ScoreLine._plain.bulk_create(lines, batch_size=500)


def _sheet(
    assessment: Assessment, mandate_id: int, result: Result, now: datetime, version: int = 1
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
        not_rated_reason=result.not_rated.value if result.not_rated else "",
        strengths=list(strengths(result)),
        problems=list(problems(result)),
        content_hash=result.digest,
        computed_at=now,
    )


def _lines(sheet: ScoreSheet, lines: Iterable[Line]) -> Iterable[ScoreLine]:
    for position, line in enumerate(lines, start=1):
        yield ScoreLine(
            scope_code=sheet.scope_code,
            sheet=sheet,
            sort=position,
            item_code=line.code,
            name=line.name,
            section=line.type.value,
            full_points=line.full,
            points=line.awarded,
            explanation=line.explanation[:400],
            deduction_reason=line.reason[:400],
            cap_note=line.cap_note[:200],
            evidence=line.to_dict()["evidence"],
        )


def publish_assessment(*, actor: Actor, assessment_id: int, now: datetime) -> Assessment:
    """通报结果: all sheets are published and frozen in one transaction; pressing twice changes nothing.

    The notices are not made here: the published row is the job (architecture.md, stairs down).
    """
    actor.require(Role.PRESIDIUM_CHAIR)
    with audit.operation("publish_assessment"):
        row = get_assessment(actor, assessment_id, lock=True)
        if row.published_at is not None:
            return row
        row.published_at = now
        move(actor=actor, assessment=row, event=AssessmentEvent.CIRCULATE, now=now, changed=("published_at",))
        target = SHEET.next_state(SheetState.COMPUTED, SheetEvent.PUBLISH)
        sheets = ScoreSheet.scoped(actor).filter(assessment=row, state=SheetState.COMPUTED)
        sheets.update(state=target, published_at=now)
        return row


def record_extra_fact(
    *, actor: Actor, assessment_id: int, mandate_id: int, fact_code: str, basis: str, happened_on, now: datetime,
    points: Decimal | None = None, count: int = 1,
) -> ExtraFact:  # fmt: skip
    """A bonus, deduction, veto or mark with its basis; only what the scheme knows, inside its year."""
    actor.require(*APPRAISERS)
    basis = clean_line(basis)
    with audit.operation("record_extra_fact"):
        row = get_assessment(actor, assessment_id, lock=True)
        rules = SchemeRules.from_dict(row.scheme.definition)
        wrong: dict[str, str] = {}
        if fact_code not in rules.fact_names():
            wrong["fact_code"] = "测评办法中没有这一事项。"
        if not basis:
            wrong["basis"] = "请写明依据，如文件名称、会议或者登记记录。"
        if not row.period_starts_on <= happened_on <= row.period_ends_on:
            wrong["happened_on"] = f"日期应在{row.year}年度内。"
        if wrong:
            raise InvalidInput(wrong)
        if row.state not in OPEN_STATES and row.state != AssessmentState.DRAFT:
            raise Refused("结果已经审定，不能再增减事项；确有错误请办理更正。")
        return ExtraFact._plain.create(
            scope_code=row.scope_code,
            assessment=row,
            mandate_id=mandate_id,
            fact_code=fact_code,
            points=points,
            count=count,
            happened_on=happened_on,
            basis=basis,
            recorded_by_id=actor.account_id,
            recorded_at=now,
        )


def correct_sheet(*, actor: Actor, sheet_id: int, reason: str, now: datetime) -> ScoreSheet:
    """A published result is corrected by a new version with a reason; the old one stays readable."""
    actor.require(Role.PRESIDIUM_CHAIR)
    reason = clean_line(reason)
    if not reason:
        raise InvalidInput({"reason": "请写明更正理由。"})
    with audit.operation("correct_sheet", reason=reason):
        old = get_sheet(actor, sheet_id)
        assessment = get_assessment(actor, old.assessment_id, lock=True)
        old = ScoreSheet.scoped(actor).select_for_update().get(pk=old.pk)
        old.state = SHEET.next_state(old.state, SheetEvent.SUPERSEDE)
        old.save(update_fields=["state"])
        rules = SchemeRules.from_dict(assessment.scheme.definition)
        result = score(collect_facts(actor, assessment)[old.mandate_id], rules)
        new = _sheet(assessment, old.mandate_id, result, now, version=old.version + 1)
        new.state, new.published_at, new.correction_reason = SheetState.PUBLISHED, now, reason
        new.save(force_insert=True)
        ScoreLine._plain.bulk_create(_lines(new, result.lines))
        return new
