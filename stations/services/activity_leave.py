"""Leave within an activity: who is excused, whose place is kept, whose part is dropped."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from liaison.tenancy.scope import Actor
from stations.enums import (
    AnswerState,
    DutyEvent,
    DutyState,
    LeaveState,
    ParticipationEvent,
    ParticipationState,
)
from stations.models import Activity, Invitation, LeaveRequest, Participation
from stations.rules.lifecycle import DUTY, PARTICIPATION


def fit_leave(actor: Actor, activity: Activity, now: datetime) -> None:
    """Excuse those whose approved leave covers the activity's day; expect those it covers no longer.

    What somebody registered already stays as it is.
    """
    rows = Participation.scoped(actor).filter(activity=activity, recorded_at__isnull=True).select_for_update()
    parts = list(rows.filter(outcome__in=(DutyState.SCHEDULED, DutyState.ON_LEAVE)).order_by("id"))
    leave = LeaveRequest.scoped(actor).filter(
        state=LeaveState.APPROVED, mandate__in=[part.mandate_id for part in parts]
    )
    covering = leave.filter(
        Q(participation__in=parts)
        | Q(
            participation__isnull=True,
            starts_on__lte=activity.starts_on,
            ends_on__gte=activity.starts_on,
        )
    )
    away = dict(covering.values_list("mandate_id", "decided_by"))
    for part in parts:
        if (part.mandate_id in away) == (part.outcome == DutyState.ON_LEAVE):
            continue
        if part.mandate_id in away:
            _excuse(part, away[part.mandate_id], now)
        else:
            _restore(part)
        part.save(update_fields=["outcome", "state", "settled_by", "settled_at"])
    answered = Invitation.scoped(actor).filter(activity=activity, mandate__in=away)
    answered.exclude(answer=AnswerState.DECLINED).update(
        answer=AnswerState.DECLINED, reason="请假已批准", answered_at=now
    )


def _excuse(part: Participation, decided_by: int | None, now: datetime) -> None:
    part.outcome = DUTY.next_state(part.outcome, DutyEvent.EXCUSE)
    # Asked for by one side and granted by the other: nothing is left to confirm.
    part.state = PARTICIPATION.next_state(part.state, ParticipationEvent.CONFIRM)
    part.settled_by_id, part.settled_at = decided_by, now


def _restore(part: Participation) -> None:
    part.outcome = DUTY.next_state(part.outcome, DutyEvent.RESTORE)
    part.state = ParticipationState(PARTICIPATION.start)
    part.settled_by_id = part.settled_at = None


def drop_part(part: Participation) -> None:
    """Make an expected part nobody's any more; an excused one is restored first, as the table asks."""
    if part.outcome == DutyState.ON_LEAVE:
        _restore(part)
    if part.outcome != DutyState.SCHEDULED:
        return
    part.outcome = DUTY.next_state(part.outcome, DutyEvent.CANCEL)
    part.save(update_fields=["outcome", "state", "settled_by", "settled_at"])
