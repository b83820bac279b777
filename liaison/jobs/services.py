"""Jobs: started by a page, gone on with by the worker, their file handed to whoever asked, then forgotten."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import transaction
from django.urls import reverse

from liaison.auditing import trail
from liaison.calendar.workdays import china_date
from liaison.identity.auth import actor_for, open_appointments
from liaison.jobs import selectors
from liaison.jobs.kinds import Progress, kind_of
from liaison.messages.outbox import notify
from liaison.models import Job, JobPart
from liaison.tenancy.locking import insert_once
from liaison.tenancy.scope import Actor, acting, require_actor, system_actor
from liaison.words.enums import JobState
from liaison.words.errors import Forbidden, LiaisonError, OutOfScope, Refused

log = logging.getLogger(__name__)

RUN = "liaison.jobs.tasks.run_job"
NAME = "后台办理"
# Errors in a row, of whatever is nobody's fault, before a job stops; the beat tries once a minute.
MOST_TRIES = 5
# A step writes its progress; whoever has not for so long is dead, and another goes on.
SILENT = timedelta(minutes=2)
# Files with passwords and names are not kept longer than they are needed.
KEPT = timedelta(days=3)
_OVER = "交办人的职务已不在任，没有继续办理。已经办理的保留。"
_BROKEN = "办理时多次出错，已停止。已经办理的保留，可以重新交办未办理的部分。"


def start(*, kind: str, title: str, orders: Mapping[str, Any], total: int, stage: str, now: datetime) -> Job:
    """Order a job; the worker begins after the commit. One of a kind at a time for an office: ``Refused``."""
    actor = require_actor()
    if actor.account_id is None or actor.appointment_id is None:
        raise Forbidden()
    kind_of(kind)
    job = Job(
        scope_code=actor.lo,
        kind=kind,
        title=title,
        orders=dict(orders),
        account_id=actor.account_id,
        appointment_id=actor.appointment_id,
        total=total,
        stage=stage,
        created_at=now,
        heard_at=now,
    )
    with trail.operation("start_job"):
        if not insert_once(job, "job_one_open"):
            raise Refused("同一事项正在后台办理，请等它办完，再另行交办。")
    # Without the queue the beat finds it.
    transaction.on_commit(lambda: ring(job.pk), robust=True)
    return job


def ring(job_id: int) -> None:
    """Tell a worker; the row is the job, this is only the doorbell."""
    current_app.send_task(RUN, args=[job_id], ignore_result=True)


def go_on(job_id: int, now: datetime) -> bool:
    """Do one step; whether another one waits. Two workers at once: the second finds the row taken."""
    found = _whose(job_id, now)
    if found is None:
        return False
    job, actor = found
    if actor is None:
        _stop(job, _OVER, now)
        return False
    try:
        return _step(actor, job.pk, now)
    except LiaisonError as error:
        _stop(job, error.message, now)
    except Exception:
        log.exception("job %s: a step failed and is tried again", job.pk)
        _note_failure(job, now)
    return False


def _whose(job_id: int, now: datetime) -> tuple[Job, Actor | None] | None:
    """An open job, with who asked for it if that appointment still holds."""
    with acting(system_actor(name=NAME)) as system:
        job = Job.scoped(system).select_related("account").filter(pk=job_id, ended_at__isnull=True).first()
    if job is None:
        return None
    held = open_appointments(job.account, china_date(now))
    appointment = next((each for each in held if each.pk == job.appointment_id), None)
    return job, actor_for(job.account, appointment) if appointment else None


def _step(actor: Actor, job_id: int, now: datetime) -> bool:
    with acting(actor):
        job = _taken(job_id)
        if job is None:
            return False
        outcome = kind_of(job.kind).step(job, now)
        if isinstance(outcome, Progress):
            return _note(job, outcome, now)
    made = outcome.make()
    with acting(actor):
        job = _taken(job_id)
        return job is not None and _note(job, outcome.keep(job, made, now), now)


def _taken(job_id: int) -> Job | None:
    """The open job, its row locked; ``None`` while another worker has it."""
    rows = Job.scoped(require_actor()).select_for_update(skip_locked=True)
    return rows.filter(pk=job_id, ended_at__isnull=True).first()


def _note(job: Job, progress: Progress, now: datetime) -> bool:
    """Write down how far it is; whether another step waits."""
    job.done, job.stage, job.heard_at, job.tries = progress.done, progress.stage, now, 0
    job.state = JobState.DONE if progress.is_over else JobState.RUNNING
    job.ended_at = now if progress.is_over else None
    with trail.operation("go_on_with_job"):
        job.save(update_fields=["done", "stage", "heard_at", "tries", "state", "ended_at"])
    if progress.is_over:
        _tell(job, f"{job.title}已办完", f"结果文件请在{KEPT.days}天内下载，下载后即可删除。", now)
    return not progress.is_over


def _stop(job: Job, problem: str, now: datetime) -> None:
    with acting(system_actor(job.scope_code, job.scope_code + 1, NAME)) as system:
        row = Job.scoped(system).select_for_update().filter(pk=job.pk, ended_at__isnull=True).first()
        if row is None:
            return
        row.state, row.problem, row.ended_at = JobState.STOPPED, problem, now
        with trail.operation("stop_job"):
            row.save(update_fields=["state", "problem", "ended_at"])
        _tell(row, f"{row.title}没有办完", row.problem, now)


def _note_failure(job: Job, now: datetime) -> None:
    """Tried again by the beat; stopped when it keeps failing."""
    with acting(system_actor(job.scope_code, job.scope_code + 1, NAME)) as system:
        row = Job.scoped(system).select_for_update().filter(pk=job.pk, ended_at__isnull=True).first()
        if row is None:
            return
        row.tries, row.heard_at = row.tries + 1, now
        with trail.operation("go_on_with_job"):
            row.save(update_fields=["tries", "heard_at"])
    if row.tries >= MOST_TRIES:
        _stop(row, _BROKEN, now)


def _tell(job: Job, title: str, body: str, now: datetime) -> None:
    notify(
        account_id=job.account_id,
        scope_code=job.scope_code,
        title=title,
        body=body,
        link=reverse("job", args=[job.pk]),
        dedupe_key=f"job:{job.pk}",
        now=now,
    )


def take_file(*, job_id: int) -> tuple[Job, JobPart]:
    """The file a job made, for whoever asked for it; each time noted. ``OutOfScope`` when there is none."""
    actor = require_actor()
    job = selectors.own_job(actor, job_id)
    part = selectors.result_of(actor, job)
    trail.note("open_job_file", scope_code=job.scope_code, table=Job._meta.db_table, row_id=job.pk)
    return job, part


def forget_file(*, job_id: int) -> None:
    """Delete what a job made, at the word of whoever asked for it: printed papers need no second copy."""
    job = selectors.own_job(require_actor(), job_id)
    if job.is_open:
        raise Refused("还没有办完，暂时没有可以删除的文件。")
    parts = JobPart.scoped(require_actor()).filter(job=job)
    if not parts.exists():
        raise OutOfScope()
    with trail.operation("forget_job_file"):
        parts.delete()


def forget_old(actor: Actor, now: datetime) -> int:
    """Delete the files of jobs that ended long ago, in one place; how many rows."""
    actor.require_system()
    with trail.operation("forget_job_file"):
        return selectors.old_parts(actor, now - KEPT).delete()[0]
