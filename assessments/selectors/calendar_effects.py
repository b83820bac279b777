"""What loading a year of holidays would move on this floor beside the deadlines of its tables."""

from __future__ import annotations

from datetime import date

from assessments.models import FeedbackNotice
from liaison.calendar.deadlines import Policy, due
from liaison.calendar.effects import Effect
from liaison.calendar.workdays import WorkCalendar
from liaison.calendar.working import policy_of
from liaison.tenancy.scope import Actor


def objection_periods(actor: Actor, calendar: WorkCalendar, today: date) -> Effect:
    """Days of objection that rest on the estimate; one query, and one for each jurisdiction's norm."""
    effect = Effect("测评结果的异议期限")
    policies: dict[int, Policy] = {}
    for notice in FeedbackNotice.scoped(actor).filter(objection_is_provisional=True):
        if notice.delivered_on is None or notice.objection_due_on is None:
            continue
        if notice.scope_code not in policies:
            policies[notice.scope_code] = policy_of("score_objection", notice.scope_code)
        found = due(notice.delivered_on, policies[notice.scope_code], calendar.provisional())
        if not found.is_provisional:
            effect.add(notice.objection_due_on, found.due_on)
    return effect
