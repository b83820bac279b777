"""Reminders before the report is due and escalation after: each stage once, whenever beat comes back.

The question asked is always "which stage has been reached and not sent", computed from dates. A beat that
was down for three days sends the one stage that holds now, with the days overdue counted afresh.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from assessments.lifecycle import REPORT_OWED
from assessments.models import FeedbackNotice, NoticeReminder
from liaison.auditing import trail
from liaison.calendar.deadlines import days_left
from liaison.calendar.workdays import china_date
from liaison.calendar.working import working_calendar
from liaison.messages.outbox import notify, notify_roles
from liaison.tenancy.locking import insert_once
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage holds from ``days`` before the deadline on (negative: after it)."""

    code: str
    days: int
    tells_chair: bool = False
    tells_county: bool = False


# The latest stage reached is sent; the ones passed over meanwhile are not sent late.
STAGES = (
    Stage("overdue_7", -7, tells_chair=True, tells_county=True),
    Stage("overdue_1", -1, tells_chair=True),
    Stage("before_1", 1),
    Stage("before_5", 5),
)

STAGE_NAMES = {
    "before_5": "提醒：还有5日到期",
    "before_1": "提醒：即将到期",
    "overdue_1": "提醒：已经逾期，报告主席",
    "overdue_7": "提醒：逾期7日以上，报告县级代表工作机构",
}


def stage_reached(due_on: date, today: date) -> Stage | None:
    """The stage that holds today, or ``None`` while the deadline is further away."""
    left = days_left(due_on, today)
    return next((stage for stage in STAGES if left <= stage.days), None)


def send_reminder(*, actor: Actor, notice_id: int, now: datetime) -> str:
    """Send the stage of one notice unless it was sent; returns its code, or "" when nothing was due."""
    today = china_date(now)
    with trail.operation("send_reminder"):
        rows = FeedbackNotice.scoped(actor).select_for_update(of=("self",), skip_locked=True)
        notice = rows.filter(pk=notice_id, state__in=REPORT_OWED, due_on__isnull=False).first()
        stage = stage_reached(notice.due_on, today) if notice and notice.due_on else None
        if notice is None or stage is None or notice.due_on is None:
            return ""
        if not _claim(notice, stage, notice.due_on, now):
            return ""
        _tell(notice, stage, today, now)
        return stage.code


def is_quiet_day(today: date) -> bool:
    """No reminder leaves on a day off; it goes out on the next working day (peers.md, section 3.3)."""
    return not working_calendar().provisional().is_workday(today)


def _claim(notice: FeedbackNotice, stage: Stage, due_on: date, now: datetime) -> bool:
    """The unique row is the claim: two beats at once cannot both hold it."""
    row = NoticeReminder(
        scope_code=notice.scope_code, notice=notice, stage=stage.code, due_on=due_on, sent_at=now
    )
    return insert_once(row, "reminder_once")


def _tell(notice: FeedbackNotice, stage: Stage, today: date, now: datetime) -> None:
    person = notice.mandate.person
    link = reverse("assessments_notice", args=[notice.pk])
    key = f"reminder-{notice.pk}-{stage.code}-{notice.due_on}"
    if person.account_id is not None:
        notify(
            account_id=person.account_id,
            scope_code=notice.scope_code,
            title=f"您的整改报告{_how_far(notice, today)}",
            body="请在系统中填写，或者将纸质报告交主席团秘书。",
            link=link,
            dedupe_key=key,
            now=now,
        )
    roles = [Role.PRESIDIUM_CLERK, *([Role.PRESIDIUM_CHAIR] if stage.tells_chair else [])]
    title = f"{notice.mandate.full_name}代表的整改报告{_how_far(notice, today)}"
    if stage.days < 0:
        notify_roles(
            scope_code=notice.scope_code,
            roles=roles,
            title=title,
            body="",
            link=link,
            dedupe_key=key,
            now=now,
        )
    if stage.tells_county:
        notify_roles(
            scope_code=notice.scope_code,
            roles=[Role.COUNTY_COMMITTEE],
            title=f"{notice.assessment.jurisdiction}有整改报告{_how_far(notice, today)}",
            body="",
            link=reverse("home"),
            dedupe_key=key,
            now=now,
        )


def _how_far(notice: FeedbackNotice, today: date) -> str:
    left = days_left(notice.due_on, today) if notice.due_on else 0
    return f"逾期{-left}日" if left < 0 else ("今天到期" if left == 0 else f"还有{left}日到期")
