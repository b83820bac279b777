"""The end of a notice that did not go its usual way, and of the year."""

from datetime import datetime

from assessments.access import (
    get_assessment,
    get_notice,
)
from assessments.enums import AssessmentEvent, NoticeEvent, NoticeState, TalkState
from assessments.models import Assessment, FeedbackNotice, NoticeStep, ReminderTalk
from assessments.services.cycle import move
from assessments.services.notices import notice_step
from deputies.access import require_unconcerned
from liaison.auditing import trail
from liaison.calendar.workdays import china_date
from liaison.identity.roles import OFFICE
from liaison.tenancy.scope import Actor
from liaison.words.errors import Refused
from liaison.words.limits import fitted

_OPEN = (NoticeState.ISSUED, NoticeState.DELIVERED, NoticeState.REPORTED, NoticeState.RETURNED)


def excuse_report(*, actor: Actor, notice_id: int, reason: str, now: datetime) -> FeedbackNotice:
    """免于提交, as for somebody who fell ill or left office; with a reason."""
    actor.require(*OFFICE)
    reason = fitted(NoticeStep, "note", reason, at="reason", label="理由", needed="请写明免于提交的理由。")
    with trail.operation("excuse_report"):
        notice = get_notice(actor, notice_id, lock=True)
        require_unconcerned(actor, notice.mandate)
        return notice_step(actor=actor, notice=notice, event=NoticeEvent.EXCUSE, now=now, note=reason)


def record_unreported(*, actor: Actor, notice_id: int, note: str, now: datetime) -> FeedbackNotice:
    """登记未提交: a finding after the deadline; next year's scheme may draw its consequence.

    ``Refused`` before the deadline is over. A report that comes later is still taken.
    """
    actor.require(*OFFICE)
    with trail.operation("record_unreported"):
        notice = get_notice(actor, notice_id, lock=True)
        require_unconcerned(actor, notice.mandate)
        if notice.due_on is None or china_date(now) <= notice.due_on:
            raise Refused("整改期限尚未届满，不能登记为未提交。")
        event = NoticeEvent.RECORD_UNREPORTED
        return notice_step(actor=actor, notice=notice, event=event, now=now, note=note)


def archive_assessment(*, actor: Actor, assessment_id: int, now: datetime) -> Assessment:
    """归档: the year is closed with all its notices; ``Refused`` while a report or a talk is owed."""
    actor.require(*OFFICE)
    with trail.operation("archive_assessment"):
        row = get_assessment(actor, assessment_id, lock=True)
        notices = FeedbackNotice.scoped(actor).filter(assessment=row)
        if owed := notices.filter(state__in=_OPEN).count():
            raise Refused(f"还有{owed}名代表的整改报告没有办结，办结后才能归档。")
        if talks := ReminderTalk.scoped(actor).filter(sheet__assessment=row, state=TalkState.DUE).count():
            raise Refused(f"还有{talks}件谈话提醒没有办理，办理后才能归档。")
        move(actor=actor, assessment=row, event=AssessmentEvent.ARCHIVE, now=now)
        for notice in notices.select_for_update(of=("self",)).exclude(state=NoticeState.ARCHIVED):
            notice_step(actor=actor, notice=notice, event=NoticeEvent.ARCHIVE, now=now)
        return row
