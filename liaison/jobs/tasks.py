"""The worker's hand on jobs: some steps at a time, then it rings for the next hand."""

from time import monotonic

from celery import shared_task
from django.utils import timezone

from liaison.jobs import selectors, services
from liaison.tenancy.beat import each_place
from liaison.tenancy.scope import acting, system_actor

# A task ends well before its time limit (45 s); unit: s.
_AT_ONCE = 15


@shared_task(name=services.RUN)
def run_job(job_id: int) -> None:
    """Go on with one job; what is left after some seconds goes to the end of the queue, behind others."""
    end = monotonic() + _AT_ONCE
    while services.go_on(job_id, timezone.now()):
        if monotonic() > end:
            services.ring(job_id)
            return


@shared_task(name="liaison.jobs.tasks.sweep_jobs")
def sweep_jobs() -> int:
    """Ring again for jobs whose worker died or whose bell was never heard; delete files past their days."""
    now = timezone.now()
    with acting(system_actor(name=services.NAME)) as actor:
        silent = list(selectors.silent_jobs(actor, now - services.SILENT).values_list("pk", flat=True))
    for pk in silent:
        services.ring(pk)
    each_place(
        services.NAME,
        lambda actor: selectors.old_parts(actor, now - services.KEPT),
        lambda actor: services.forget_old(actor, now),
    )
    return len(silent)
