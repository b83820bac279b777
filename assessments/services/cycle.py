"""The assessment's cycle: opened, frozen, led step by step to approval (domain.md 3.7)."""

from datetime import date, datetime

from django.urls import reverse

from assessments.access import (
    get_assessment,
    visible_schemes,
)
from assessments.enums import AssessmentEvent, AssessmentState
from assessments.lifecycle import ASSESSMENT, ASSESSMENT_EVENTS_WITH_REASON, OBJECTION
from assessments.models import (
    Assessment,
    AssessmentStep,
    BallotTally,
    ExtraFact,
    Scheme,
    ScoreObjection,
    ScoreSheet,
)
from assessments.scoring import SchemeRules, Subject
from deputies.models import Term
from liaison.auditing import trail
from liaison.calendar.workdays import china_date
from liaison.calendar.working import policy_for, put_deadline
from liaison.identity.roles import OFFICE
from liaison.messages.outbox import notify
from liaison.models import DEADLINE_COLUMNS
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from liaison.words.limits import fitted, fitted_line
from liaison.words.text import clean_text

# These have their own services, which do more than move the state.
OWN_SERVICES = frozenset(
    {
        AssessmentEvent.FREEZE,
        AssessmentEvent.APPROVE,
        AssessmentEvent.APPROVE_UNOPPOSED,
        AssessmentEvent.CIRCULATE,
        AssessmentEvent.ISSUE_NOTICES,
        AssessmentEvent.START_RECTIFYING,
        AssessmentEvent.ARCHIVE,
    }
)
# From here on the deputies read their sheets, so there must be some.
_NEED_SHEETS = frozenset({AssessmentEvent.FINISH_REVIEW})


def open_assessment(*, actor: Actor, term: Term, year: int, scheme_id: int) -> Assessment:
    """Begin the year's assessment by a scheme of the own jurisdiction or of one around it.

    Opening the same year twice returns the first one. The period is the calendar year, cut to the term.
    ``InvalidInput`` for a scheme that does not reach here or appraises groups, or a year outside the term.
    """
    actor.require(*OFFICE)
    scheme = visible_schemes(actor).filter(pk=scheme_id).first()
    if scheme is None:
        raise InvalidInput({"scheme": "请选择适用于本地的测评办法。"})
    if SchemeRules.from_dict(scheme.definition).subject != Subject.DEPUTY:
        raise InvalidInput({"scheme": "这一办法测评的是代表小组，请选择测评代表的办法。"})
    start, end = _period(term, year)
    if actor.jurisdiction_id is None:
        raise OutOfScope()
    with trail.operation("open_assessment"):
        found, _ = Assessment.scoped(actor).get_or_create(
            scope_code=actor.lo,
            term=term,
            year=year,
            defaults={
                "jurisdiction_id": actor.jurisdiction_id,
                "scheme": scheme,
                "period_starts_on": start,
                "period_ends_on": end,
            },
        )
    return found


def _period(term: Term, year: int) -> tuple[date, date]:
    """The calendar year, cut to the days of the term."""
    start = max(date(year, 1, 1), term.starts_on)
    end = min(date(year, 12, 31), term.ends_on or date.max)
    if start > end:
        raise InvalidInput({"year": f"{year}年不在{term}的任期内。"})
    return start, end


def move(
    *,
    actor: Actor,
    assessment: Assessment,
    event: AssessmentEvent,
    now: datetime,
    note: str = "",
    changed: tuple[str, ...] = (),
) -> Assessment:
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
        note=fitted(AssessmentStep, "note", note),
        done_by_id=actor.account_id,
        done_at=now,
    )
    return assessment


def freeze_assessment(*, actor: Actor, assessment_id: int, now: datetime) -> Assessment:
    """截止数据: the facts of the year stand; the scheme is locked from now on."""
    actor.require(*OFFICE)
    with trail.operation("freeze_assessment"):
        row = get_assessment(actor, assessment_id, lock=True)
        row.frozen_at = now
        # A scheme inherited from above is locked by being in use (the database refuses to rewrite it).
        own = Scheme._plain.filter(pk=row.scheme_id, scope_code=actor.lo, locked_at__isnull=True)
        own.update(locked_at=now)
        return move(
            actor=actor, assessment=row, event=AssessmentEvent.FREEZE, now=now, changed=("frozen_at",)
        )


def advance_assessment(
    *, actor: Actor, assessment_id: int, event: AssessmentEvent, now: datetime, note: str = ""
) -> Assessment:
    """One plain step of the cycle. Skipping a step and undoing the freeze need a reason.

    ``Refused`` when the objection period still runs, or when there are no results to read yet.
    """
    actor.require(*OFFICE)
    if event in OWN_SERVICES:
        raise InvalidInput({"event": "这一环节有专门的办理入口。"})
    if event in ASSESSMENT_EVENTS_WITH_REASON and not note.strip():
        raise InvalidInput({"note": "跳过或撤销这一环节，请写明理由。"})
    with trail.operation("advance_assessment"):
        row = get_assessment(actor, assessment_id, lock=True)
        target = ASSESSMENT.next_state(row.state, event)
        if event in _NEED_SHEETS:
            _require_sheets(actor, row)
        if event == AssessmentEvent.START_RECHECK:
            require_objections_over(row, now)
        changed = _start_objection_period(row, now) if target == AssessmentState.OBJECTION else ()
        move(actor=actor, assessment=row, event=event, now=now, note=note, changed=changed)
        _tell_deputies(actor, row, now)
        return row


def _start_objection_period(row: Assessment, now: datetime) -> tuple[str, ...]:
    """The objection period runs from the end of reconciliation, in working days."""
    put_deadline(row, policy=policy_for("score_objection", row.scope_code), starts_on=china_date(now))
    return DEADLINE_COLUMNS


def _tell_deputies(actor: Actor, row: Assessment, now: datetime) -> None:
    """Everybody hears when the own score can be checked, and until when an objection can be raised."""
    if row.state == AssessmentState.RECONCILE:
        title, body = "履职得分可以核对", "请核对得分明细，发现漏记、错记的，及时告知主席团秘书。"
    elif row.state == AssessmentState.OBJECTION and row.due_on is not None:
        title = f"履职得分异议期到{row.due_on:%-m月%-d日}"
        body = "对得分有异议的，请在期内提出；期满后由主席团会议审定。"
    else:
        return
    sheets = ScoreSheet.scoped(actor).filter(assessment=row, mandate__person__account__isnull=False)
    for account_id in sheets.order_by("mandate_id").values_list("mandate__person__account_id", flat=True):
        notify(
            account_id=account_id,
            scope_code=row.scope_code,
            title=f"{row.year}年度{title}",
            body=body,
            link=reverse("assessments_my_score"),
            dedupe_key=f"assessment-{row.pk}-{row.state}",
            now=now,
        )


def _require_sheets(actor: Actor, row: Assessment) -> None:
    if not ScoreSheet.scoped(actor).filter(assessment=row).exists():
        raise Refused("还没有计算得分，请先计算得分。")


def require_objections_over(row: Assessment, now: datetime) -> None:
    """Deputies have the whole of the last day to object."""
    if row.due_on is not None and china_date(now) <= row.due_on:
        raise Refused(f"异议期到{row.due_on:%Y年%-m月%-d日}，期满后才能办理这一环节。")


def approve_results(
    *, actor: Actor, assessment_id: int, meeting_name: str, now: datetime, pending_reason: str = ""
) -> Assessment:
    """主席团会议审定: by the chair, who neither froze the data nor computed the results himself.

    ``InvalidInput`` without the meeting, or without ``pending_reason`` while a mark or a vote is missing;
    ``Refused`` without results, before the objection period is over, or with objections not ruled on.
    """
    actor.require(Role.PRESIDIUM_CHAIR)
    needed = "请填写审定结果的会议，如“庄子乡人大主席团第十二次会议”。"
    meeting_name = fitted_line(Assessment, "meeting_name", meeting_name, needed=needed)
    pending_reason = clean_text(pending_reason).strip()
    with trail.operation("approve_results"):
        row = get_assessment(actor, assessment_id, lock=True)
        event = _approval(row.state)
        ASSESSMENT.next_state(row.state, event)
        _require_ready(actor, row, pending_reason, now)
        row.meeting_name, row.approved_on = meeting_name, china_date(now)
        told = (
            f"{meeting_name}；待评事项按办法折算，理由：{pending_reason}" if pending_reason else meeting_name
        )
        fitted(AssessmentStep, "note", told, at="pending_reason", label="审定会议和待评事项的说明合计")
        columns = ("meeting_name", "approved_on")
        return move(actor=actor, assessment=row, event=event, now=now, note=told, changed=columns)


def _approval(state: str) -> AssessmentEvent:
    return AssessmentEvent.APPROVE if state == AssessmentState.RECHECK else AssessmentEvent.APPROVE_UNOPPOSED


def _require_ready(actor: Actor, row: Assessment, pending_reason: str, now: datetime) -> None:
    _require_sheets(actor, row)
    require_second_person(actor, row)
    require_objections_over(row, now)
    objections = ScoreObjection.scoped(actor).filter(sheet__assessment=row)
    if waiting := objections.filter(state__in=OBJECTION.open_states).count():
        raise Refused(f"还有{waiting}件异议没有复核，复核完毕才能审定。")
    pending = ScoreSheet.scoped(actor).filter(assessment=row, pending_count__gt=0).count()
    if pending and not pending_reason:
        told = f"有{pending}名代表的测评票或者评分尚未登记；确实不再登记的，请写明理由。"
        raise InvalidInput({"pending_reason": told})


def require_second_person(actor: Actor, row: Assessment) -> None:
    if actor.account_id is None:
        return
    froze = (
        AssessmentStep.scoped(actor)
        .filter(assessment=row, event=AssessmentEvent.FREEZE)
        .order_by("-pk")
        .first()
    )
    if froze is not None and actor.is_self(froze.done_by_id):
        raise Forbidden("数据由您本人截止，审定应由另一人办理。")
    if ScoreSheet.scoped(actor).filter(assessment=row, computed_by_id__in=actor.accounts).exists():
        raise Forbidden("得分由您本人计算，审定应由另一人办理。")
    # Marks and votes are the part of a result no record gives: whoever typed them does not approve them.
    for model, what in ((BallotTally, "测评票"), (ExtraFact, "评分和加减分事项")):
        if model.scoped(actor).filter(assessment=row, recorded_by_id__in=actor.accounts).exists():
            raise Forbidden(f"{what}中有您本人登记的，审定应由另一人办理。")
