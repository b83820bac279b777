"""异议与复核: raised within the period, taken up, ruled on with words (domain.md 3.7, 申诉).

Before the results are approved a deputy may object to the computed sheet, from the reconciliation to the end
of the objection period; after the notice, within the days the notice names.
"""

from datetime import date, datetime

from django.urls import reverse

from assessments.access import (
    get_objection,
    get_sheet,
)
from assessments.enums import AssessmentState, NoticeState, ObjectionEvent, ObjectionState, SheetState
from assessments.lifecycle import OBJECTION
from assessments.models import FeedbackNotice, ScoreLine, ScoreObjection, ScoreSheet
from assessments.services.sheets import correct_sheet
from deputies.access import require_unconcerned
from liaison.auditing import trail
from liaison.calendar.workdays import china_date
from liaison.calendar.working import policy_for, put_deadline
from liaison.identity.access import is_linked
from liaison.identity.roles import OFFICE
from liaison.messages.outbox import notify, notify_roles
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, Refused
from liaison.words.limits import fitted

_BEFORE_APPROVAL = frozenset({AssessmentState.RECONCILE, AssessmentState.OBJECTION})


def raise_objection(
    *, actor: Actor, sheet_id: int, reason: str, now: datetime, line_id: int | None = None
) -> ScoreObjection:
    """提出异议, by the deputy or, from paper, by the presidium's clerk; to one line or to the whole sheet.

    ``InvalidInput`` without a reason or with a foreign line; ``Refused`` when the period is over or an
    objection to this sheet is still open.
    """
    reason = fitted(ScoreObjection, "reason", reason, needed="请写明异议理由，如哪一次活动没有计入。")
    with trail.operation("raise_objection"):
        sheet = get_sheet(actor, sheet_id)
        # One at a time: the sheet's own row is what two objections would meet at.
        ScoreSheet.scoped(actor).select_for_update(of=("self",)).get(pk=sheet.pk)
        _require_party(actor, sheet)
        _require_in_time(actor, sheet, china_date(now))
        _require_none_open(actor, sheet)
        if line_id is not None and not ScoreLine.scoped(actor).filter(pk=line_id, sheet=sheet).exists():
            raise InvalidInput({"line": "请选择本人得分单中的项目。"})
        found = ScoreObjection._plain.create(
            scope_code=sheet.scope_code,
            sheet=sheet,
            line_id=line_id,
            reason=reason,
            raised_by_id=actor.account_id,
            raised_at=now,
        )
        _tell_presidium(found, now)
        return found


def _require_party(actor: Actor, sheet: ScoreSheet) -> None:
    is_own = actor.person_id is not None and is_linked(sheet.mandate.person_id, actor.person_id)
    if not is_own and not actor.has_role(*OFFICE, Role.SYSTEM):
        raise Forbidden("异议由代表本人提出，或者由主席团秘书代为登记。")


def objection_until(actor: Actor, sheet: ScoreSheet) -> date | None:
    """The last day an objection to ``sheet`` may be raised; ``None`` when it may not at all.

    ``date.max`` while the day is not fixed yet: during the reconciliation, and until the notice is received.
    """
    assessment = sheet.assessment
    if sheet.state == SheetState.COMPUTED and assessment.state in _BEFORE_APPROVAL:
        return assessment.due_on or date.max
    if sheet.state != SheetState.PUBLISHED:
        return None
    notices = FeedbackNotice.scoped(actor).filter(sheet=sheet)
    notices = notices.exclude(state__in=(NoticeState.SUPERSEDED, NoticeState.ARCHIVED))
    notice = notices.only("objection_due_on").first()
    return None if notice is None else notice.objection_due_on or date.max


def _require_in_time(actor: Actor, sheet: ScoreSheet, today: date) -> None:
    until = objection_until(actor, sheet)
    if until is None:
        raise Refused("现在不在异议期内，不能提出异议。")
    if today > until:
        raise Refused(f"异议期已于{until:%Y年%-m月%-d日}届满，不能再提出异议。")


def _require_none_open(actor: Actor, sheet: ScoreSheet) -> None:
    if ScoreObjection.scoped(actor).filter(sheet=sheet, state__in=OBJECTION.open_states).exists():
        raise Refused("上一件异议正在复核，请等待复核意见。")


def start_recheck(*, actor: Actor, objection_id: int, now: datetime) -> ScoreObjection:
    """开始复核: the presidium takes the objection up; the recheck's working days begin to run."""
    actor.require(*OFFICE)
    with trail.operation("start_recheck"):
        row = get_objection(actor, objection_id, lock=True)
        require_unconcerned(actor, row.sheet.mandate)
        row.state = OBJECTION.next_state(row.state, ObjectionEvent.START_RECHECK)
        put_deadline(row, policy=policy_for("score_recheck", row.scope_code), starts_on=china_date(now))
        row.save()
        return row


def require_ruler(actor: Actor, row: ScoreObjection) -> None:
    """``Forbidden`` unless the actor is of the office and somebody else than who raised the objection."""
    actor.require(*OFFICE)
    require_unconcerned(actor, row.sheet.mandate)
    if actor.is_self(row.raised_by_id):
        raise Forbidden("异议由您本人登记，复核应由另一人办理。")


def rule_objection(
    *, actor: Actor, objection_id: int, event: ObjectionEvent, ruling: str, now: datetime
) -> ScoreObjection:
    """复核: ``UPHOLD``, ``CORRECT`` or ``NOT_ACCEPT`` with the reason in words; never by who raised it.

    Correcting a published result makes a new version (``correct_sheet``, by the chair); before that the
    records are corrected and the results computed again.
    """
    actor.require(*OFFICE)
    ruling = fitted(ScoreObjection, "ruling", ruling, needed="请写明复核意见。")
    with trail.operation("rule_objection"):
        row = get_objection(actor, objection_id, lock=True)
        require_ruler(actor, row)
        row.state = OBJECTION.next_state(row.state, event)
        row.ruling, row.ruled_by_id, row.ruled_at = ruling, actor.account_id, now
        row.save(update_fields=["state", "ruling", "ruled_by", "ruled_at"])
        if event == ObjectionEvent.CORRECT and row.sheet.state == SheetState.PUBLISHED:
            correct_sheet(actor=actor, sheet_id=row.sheet_id, reason=ruling, now=now)
        _tell_deputy(row, now)
        return row


def withdraw_objection(*, actor: Actor, objection_id: int) -> ScoreObjection:
    """撤回: by the deputy, while nobody has ruled."""
    with trail.operation("withdraw_objection"):
        row = get_objection(actor, objection_id, lock=True)
        _require_party(actor, row.sheet)
        row.state = OBJECTION.next_state(row.state, ObjectionEvent.WITHDRAW)
        row.save(update_fields=["state"])
        return row


def _tell_presidium(row: ScoreObjection, now: datetime) -> None:
    notify_roles(
        scope_code=row.scope_code,
        roles=OFFICE,
        title=f"{row.sheet.mandate.full_name}代表对测评结果提出异议，请复核",
        body="",
        link=reverse("admin:assessments_scoreobjection_change", args=[row.pk]),
        dedupe_key=f"objection-{row.pk}",
        now=now,
    )


def _tell_deputy(row: ScoreObjection, now: datetime) -> None:
    account_id = row.sheet.mandate.person.account_id
    if account_id is None:
        return
    notify(
        account_id=account_id,
        scope_code=row.scope_code,
        title=f"您对测评结果的异议已有复核意见：{ObjectionState(row.state).label}",
        body=row.ruling,
        link=reverse("assessments_objection_detail", args=[row.pk]),
        dedupe_key=f"objection-ruled-{row.pk}",
        now=now,
    )
