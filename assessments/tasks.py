"""The notice chain's tasks: published rows are the jobs, the broker is only the doorbell.

Each task opens short transactions of its own, one tenant or one notice at a time; running it twice, or
twice at once, changes nothing.
"""

from datetime import datetime
from time import monotonic

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from assessments.enums import Grade, ObjectionState, SheetState, TalkState
from assessments.lifecycle import REPORT_OWED
from assessments.models import (
    Assessment,
    Circular,
    FeedbackNotice,
    ReminderTalk,
    ScoreObjection,
    ScoreSheet,
)
from assessments.services import notices, reminders
from liaison.calendar import settle_provisional as settle_rows
from liaison.scope import acting, system_actor
from liaison.workdays import china_date

PRINTER = "通知书签发"
WATCHER = "整改期限提醒"
# A sweep stays well inside the task's time limit (45 s); what is left waits for the next minute.
SWEEP_SECONDS = 25
MOST = 200


@shared_task(name="assessments.tasks.sweep_notices")
def sweep_notices() -> None:
    """Serve published assessments without notices, then make the PDFs nobody has made."""
    now = timezone.now()
    for assessment_id, lo, hi in _unserved():
        with acting(system_actor(lo, hi, PRINTER)) as actor:
            notices.issue_notices(actor=actor, assessment_id=assessment_id, now=now)
    _render_some(now)


def _unserved() -> list[tuple[int, int, int]]:
    """Published results somebody has no notice of: a new publication, or a corrected version."""
    with acting(system_actor(name=PRINTER)) as actor:
        published = Assessment.scoped(actor).filter(published_at__isnull=False)
        corrected = ScoreSheet.scoped(actor).filter(state=SheetState.PUBLISHED, notice__isnull=True)
        corrected = corrected.exclude(grade=Grade.NOT_RATED).values("assessment")
        rows = published.filter(Q(notices_issued_at__isnull=True) | Q(pk__in=corrected))
        return list(rows.values_list("pk", "jurisdiction__scope_code", "jurisdiction__scope_end"))


def _render_some(now: datetime) -> None:
    """Print what nobody has printed, until the sweep has used its time; the rest waits for the next one."""
    began = monotonic()
    with acting(system_actor(name=PRINTER)) as actor:
        notices_waiting = FeedbackNotice.scoped(actor).filter(rendered_at__isnull=True).order_by("pk")
        circulars = Circular.scoped(actor).filter(rendered_at__isnull=True).order_by("pk")
        jobs = [(_print_circular, *row) for row in circulars.values_list("pk", "scope_code")]
        jobs += [(_print_notice, *row) for row in notices_waiting.values_list("pk", "scope_code")[:MOST]]
    for job, pk, scope_code in jobs:
        if monotonic() - began > SWEEP_SECONDS:
            return
        job(pk, scope_code, now)


def _print_notice(pk: int, scope_code: int, now: datetime) -> None:
    with acting(system_actor(scope_code, scope_code + 1, PRINTER)) as actor:
        notices.render_notice(actor=actor, notice_id=pk, now=now)


def _print_circular(pk: int, scope_code: int, now: datetime) -> None:
    with acting(system_actor(scope_code, scope_code + 1, PRINTER)) as actor:
        notices.render_circular(actor=actor, circular_id=pk, now=now)


@shared_task(name="assessments.tasks.serve_assessment")
def serve_assessment(assessment_id: int) -> None:
    """The doorbell of a publication: issue now and ring for each notice."""
    now = timezone.now()
    with acting(system_actor(name=PRINTER)) as actor:
        row = Assessment.scoped(actor).select_related("jurisdiction").get(pk=assessment_id)
        lo, hi = row.jurisdiction.scope_code, row.jurisdiction.scope_end
    with acting(system_actor(lo, hi, PRINTER)) as actor:
        notices.issue_notices(actor=actor, assessment_id=assessment_id, now=now)
        waiting = FeedbackNotice.scoped(actor).filter(assessment_id=assessment_id, rendered_at__isnull=True)
        ids = list(waiting.values_list("pk", flat=True))
    for pk in ids:
        render_notice.delay(pk)


@shared_task(name="assessments.tasks.render_notice")
def render_notice(notice_id: int) -> None:
    """Make one PDF."""
    with acting(system_actor(name=PRINTER)) as actor:
        scope_code = (
            FeedbackNotice.scoped(actor).filter(pk=notice_id).values_list("scope_code", flat=True).first()
        )
    if scope_code is not None:
        _print_notice(notice_id, scope_code, timezone.now())


@shared_task(name="assessments.tasks.watch_rectifications")
def watch_rectifications() -> None:
    """Send each reminder that has come due and was not sent; nothing leaves on a day off."""
    now = timezone.now()
    today = china_date(now)
    if reminders.is_quiet_day(today):
        return
    with acting(system_actor(name=WATCHER)) as actor:
        owed = FeedbackNotice.scoped(actor).filter(state__in=REPORT_OWED, due_on__isnull=False)
        rows = [row for row in owed.values_list("pk", "due_on") if reminders.stage_reached(row[1], today)]
    for pk, _ in rows:
        with acting(system_actor(name=WATCHER)) as actor:
            reminders.send_reminder(actor=actor, notice_id=pk, now=now)


@shared_task(name="assessments.tasks.settle_provisional")
def settle_provisional() -> None:
    """Derive provisional deadlines again once their year is loaded."""
    now = timezone.now()
    with acting(system_actor(name="期限重算")) as actor:
        settle_rows(FeedbackNotice.scoped(actor).filter(state__in=REPORT_OWED), now=now)
        settle_rows(ReminderTalk.scoped(actor).filter(state=TalkState.DUE), now=now)
        settle_rows(ScoreObjection.scoped(actor).filter(state=ObjectionState.RECHECKING), now=now)
        settle_rows(Assessment.scoped(actor).filter(approved_on__isnull=True), now=now)
