"""The assessment's cycle: opened, frozen, led step by step to approval (domain.md 3.7)."""

from datetime import date, datetime

from assessments.access import APPRAISERS, get_assessment, visible_schemes
from assessments.enums import AssessmentEvent, AssessmentState
from assessments.lifecycle import ASSESSMENT, ASSESSMENT_EVENTS_WITH_REASON
from assessments.models import Assessment, AssessmentStep, Scheme, ScoreSheet
from assessments.scoring import Scheme as SchemeRules
from deputies.models import Term
from liaison import audit
from liaison.calendar import policy_for, put_deadline
from liaison.enums import Role
from liaison.errors import Forbidden, InvalidInput, OutOfScope, Refused
from liaison.models import Jurisdiction
from liaison.scope import Actor
from liaison.text import clean_line
from liaison.workdays import china_date

# These have their own services, which do more than move the state.
_OWN_SERVICES = frozenset(
    {
        AssessmentEvent.FREEZE,
        AssessmentEvent.APPROVE,
        AssessmentEvent.APPROVE_UNOPPOSED,
        AssessmentEvent.CIRCULATE,
        AssessmentEvent.ISSUE_NOTICES,
        AssessmentEvent.START_RECTIFYING,
    }
)


def adopt_scheme(
    *, actor: Actor, definition: dict[str, object], name: str, code: str, now: datetime
) -> Scheme:
    """Lay down a scheme for the own jurisdiction; a scheme in use gets a new version beside it.

    ``InvalidScheme`` (an ``InvalidInput``) names each fault of the definition by its path.
    """
    actor.require(*APPRAISERS, Role.COUNTY_COMMITTEE)
    rules = SchemeRules.from_dict(definition)
    with audit.operation("adopt_scheme"):
        where = Jurisdiction.objects.get(pk=actor.jurisdiction_id)
        own = Scheme.scoped(actor).filter(scope_code=where.scope_code, code=code)
        last = own.select_for_update().order_by("-version").first()
        return Scheme._plain.create(
            scope_code=where.scope_code,
            scope_end=where.scope_end,
            code=code,
            version=last.version + 1 if last else 1,
            name=clean_line(name),
            definition=rules.to_dict(),
        )


def change_scheme(*, actor: Actor, scheme_id: int, definition: dict[str, object], now: datetime) -> Scheme:
    """Change a version nobody has used; ``Refused`` once it is locked (schemes are locked on first use)."""
    actor.require(*APPRAISERS, Role.COUNTY_COMMITTEE)
    rules = SchemeRules.from_dict(definition)
    with audit.operation("change_scheme"):
        scheme = (
            Scheme.scoped(actor).filter(scope_code=actor.lo).select_for_update().filter(pk=scheme_id).first()
        )
        if scheme is None:
            raise OutOfScope()
        if scheme.locked_at is not None:
            raise Refused("这一版测评办法已经用于测评，不能再改；请另存为新版本。")
        scheme.definition = rules.to_dict()
        scheme.save(update_fields=["definition"])
        return scheme


def open_assessment(*, actor: Actor, term: Term, year: int, scheme_id: int, now: datetime) -> Assessment:
    """Begin the year's assessment; opening the same year twice returns the first one."""
    actor.require(*APPRAISERS)
    scheme = visible_schemes(actor).filter(pk=scheme_id).first()
    if scheme is None:
        raise InvalidInput({"scheme": "请选择适用于本地的测评办法。"})
    with audit.operation("open_assessment"):
        found, _ = Assessment.scoped(actor).get_or_create(
            scope_code=actor.lo,
            term=term,
            year=year,
            defaults={
                "jurisdiction_id": actor.jurisdiction_id,
                "scheme": scheme,
                "period_starts_on": date(year, 1, 1),
                "period_ends_on": date(year, 12, 31),
            },
        )
    return found


def move(
    *, actor: Actor, assessment: Assessment, event: AssessmentEvent, now: datetime, note: str = "", changed: tuple[str, ...] = ()
) -> Assessment:  # fmt: skip
    """Lead a locked assessment through the table and write its step."""
    former = assessment.state
    assessment.state = ASSESSMENT.next_state(former, event)
    assessment.save(update_fields=["state", *changed])
    AssessmentStep._plain.create(
        scope_code=assessment.scope_code,
        assessment=assessment,
        event=event,
        from_state=former,
        to_state=assessment.state,
        note=clean_line(note)[:400],
        done_by_id=actor.account_id,
        done_at=now,
    )
    return assessment


def freeze_assessment(*, actor: Actor, assessment_id: int, now: datetime) -> Assessment:
    """截止数据: the facts of the year stand; the scheme is locked from now on."""
    actor.require(*APPRAISERS)
    with audit.operation("freeze_assessment"):
        row = get_assessment(actor, assessment_id, lock=True)
        row.frozen_at = now
        Scheme._plain.filter(pk=row.scheme_id, locked_at__isnull=True).update(locked_at=now)
        return move(
            actor=actor, assessment=row, event=AssessmentEvent.FREEZE, now=now, changed=("frozen_at",)
        )


def advance_assessment(
    *, actor: Actor, assessment_id: int, event: AssessmentEvent, now: datetime, note: str = ""
) -> Assessment:
    """One plain step of the cycle. Skipping a step and undoing the freeze need a reason."""
    actor.require(*APPRAISERS)
    if event in _OWN_SERVICES:
        raise InvalidInput({"event": "这一环节有专门的办理入口。"})
    if event in ASSESSMENT_EVENTS_WITH_REASON and not note.strip():
        raise InvalidInput({"note": "跳过或撤销这一环节，请写明理由。"})
    with audit.operation("advance_assessment"):
        row = get_assessment(actor, assessment_id, lock=True)
        changed = _start_objection_period(row, event, now)
        return move(actor=actor, assessment=row, event=event, now=now, note=note, changed=changed)


def _start_objection_period(row: Assessment, event: AssessmentEvent, now: datetime) -> tuple[str, ...]:
    """The objection period runs from the end of reconciliation, in working days."""
    if ASSESSMENT.next_state(row.state, event) != AssessmentState.OBJECTION:
        return ()
    put_deadline(row, policy=policy_for("score_objection", row.scope_code), starts_on=china_date(now))
    return ("runs_from", "run_length", "run_unit", "run_rolls", "due_on", "due_is_provisional", "due_text")


def approve_results(*, actor: Actor, assessment_id: int, meeting_name: str, now: datetime) -> Assessment:
    """主席团会议审定: by the chair, who did not freeze the data himself (two-person rule).

    ``InvalidInput`` without the meeting, ``Refused`` while a deputy has no sheet.
    """
    actor.require(Role.PRESIDIUM_CHAIR)
    meeting_name = clean_line(meeting_name)
    if not meeting_name:
        raise InvalidInput({"meeting_name": "请填写审定结果的会议，如“庄子乡人大主席团第十二次会议”。"})
    with audit.operation("approve_results"):
        row = get_assessment(actor, assessment_id, lock=True)
        _require_second_person(actor, row)
        if not ScoreSheet.scoped(actor).filter(assessment=row).exists():
            raise Refused("还没有计算得分，请先由秘书计算并核对。")
        is_recheck = row.state == AssessmentState.RECHECK
        event = AssessmentEvent.APPROVE if is_recheck else AssessmentEvent.APPROVE_UNOPPOSED
        row.meeting_name, row.approved_on = meeting_name, china_date(now)
        return move(
            actor=actor,
            assessment=row,
            event=event,
            now=now,
            note=meeting_name,
            changed=("meeting_name", "approved_on"),
        )


def _require_second_person(actor: Actor, row: Assessment) -> None:
    froze = (
        AssessmentStep.scoped(actor)
        .filter(assessment=row, event=AssessmentEvent.FREEZE)
        .order_by("-pk")
        .first()
    )
    if froze is not None and froze.done_by_id is not None and froze.done_by_id == actor.account_id:
        raise Forbidden("数据由您本人截止，审定应由另一人办理。")
