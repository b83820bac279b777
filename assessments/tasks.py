"""The notice chain's tasks: published rows are the jobs, the broker is only the doorbell.

Each task opens short transactions of its own, one tenant or one notice at a time; running it twice, or
twice at once, changes nothing.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any

from celery import shared_task
from django.db.models import Q, QuerySet
from django.utils import timezone

from assessments.enums import Grade, SheetState
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
from liaison.calendar.workdays import china_date
from liaison.calendar.working import settle_provisional as settle_rows
from liaison.tenancy import beat
from liaison.tenancy.scope import Actor, acting, system_actor

PRINTER = "通知书签发"
WATCHER = "整改期限提醒"
# A sweep stays well inside the task's time limit (45 s); what is left waits for the next minute.
SWEEP_SECONDS = 25
MOST = 200


@shared_task(name="assessments.tasks.sweep_notices")
def sweep_notices() -> None:
    """Serve published assessments without notices, then make the PDFs nobody has made."""
    now = timezone.now()
    beat.each_row(PRINTER, _unserved, lambda actor, pk: _issue(actor, pk, now))
    _render_some(now)


def _issue(actor: Actor, assessment_id: int, now: datetime) -> int:
    return notices.issue_notices(actor=actor, assessment_id=assessment_id, now=now)


def _unserved(actor: Actor) -> QuerySet[Assessment]:
    """Published results somebody has no notice of: a new publication, or a corrected version."""
    published = Assessment.scoped(actor).filter(published_at__isnull=False)
    corrected = ScoreSheet.scoped(actor).filter(state=SheetState.PUBLISHED, notice__isnull=True)
    again = corrected.exclude(grade=Grade.NOT_RATED).values("assessment")
    return published.filter(Q(notices_issued_at__isnull=True) | Q(pk__in=again))


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
        # A paper that cannot be made is logged and does not keep the others from being printed.
        beat.in_place(PRINTER, scope_code, partial(job, pk=pk, now=now), row=pk)


def _print_notice(actor: Actor, *, pk: int, now: datetime) -> int:
    return int(notices.render_notice(actor=actor, notice_id=pk, now=now))


def _print_circular(actor: Actor, *, pk: int, now: datetime) -> int:
    return int(notices.render_circular(actor=actor, circular_id=pk, now=now))


@shared_task(name="assessments.tasks.serve_assessment")
def serve_assessment(assessment_id: int) -> None:
    """The doorbell of a publication: issue now and ring for each notice."""
    now = timezone.now()
    with acting(system_actor(name=PRINTER)) as actor:
        scope_code = Assessment.scoped(actor).values_list("scope_code", flat=True).get(pk=assessment_id)
    with acting(system_actor(scope_code, scope_code + 1, PRINTER)) as actor:
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
        with acting(system_actor(scope_code, scope_code + 1, PRINTER)) as actor:
            _print_notice(actor, pk=notice_id, now=timezone.now())


@shared_task(name="assessments.tasks.watch_rectifications")
def watch_rectifications() -> None:
    """Send each reminder that has come due and was not sent; nothing leaves on a day off."""
    now = timezone.now()
    today = china_date(now)
    if reminders.is_quiet_day(today):
        return
    with acting(system_actor(name=WATCHER)) as actor:
        owed = FeedbackNotice.scoped(actor).filter(state__in=REPORT_OWED, due_on__isnull=False)
        rows = list(owed.order_by("pk").values_list("pk", "scope_code", "due_on"))
    for pk, scope_code, due_on in rows:
        if due_on is not None and reminders.stage_reached(due_on, today):
            beat.in_place(WATCHER, scope_code, partial(_send_reminder, pk=pk, now=now), row=pk)


def _send_reminder(actor: Actor, *, pk: int, now: datetime) -> int:
    return int(bool(reminders.send_reminder(actor=actor, notice_id=pk, now=now)))


# What may still rest on an estimated calendar; each is settled place by place.
PROVISIONAL: tuple[Callable[[Actor], QuerySet[Any]], ...] = (
    FeedbackNotice.scoped,
    ReminderTalk.scoped,
    ScoreObjection.scoped,
    Assessment.scoped,
)


@shared_task(name="assessments.tasks.settle_provisional")
def settle_provisional() -> int:
    """Derive provisional deadlines again once their year is loaded; returns how many changed."""
    now = timezone.now()
    periods = beat.each_place(
        "期限重算",
        lambda actor: FeedbackNotice.scoped(actor).filter(objection_is_provisional=True),
        lambda actor: notices.settle_objection_periods(actor=actor, now=now),
    )
    return periods + sum(_settle(rows, now) for rows in PROVISIONAL)


def _settle(rows: Callable[[Actor], QuerySet[Any]], now: datetime) -> int:
    return beat.each_place(
        "期限重算",
        lambda actor: rows(actor).filter(due_is_provisional=True),
        lambda actor: len(settle_rows(rows(actor), now=now)),
    )
