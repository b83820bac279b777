"""One's own jobs; nobody else's, whatever their rank: what they leave is meant for one pair of hands."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from liaison.identity.access import linked
from liaison.models import Job, JobPart
from liaison.tenancy.scope import Actor
from liaison.words.errors import OutOfScope

RESULT = 0


def own_jobs(actor: Actor) -> QuerySet[Job]:
    """Newest first, each knowing ``has_file``."""
    result = JobPart.scoped(actor).filter(job=OuterRef("pk"), number=RESULT)
    return Job.scoped(actor).filter(linked("account_id", actor.account_id)).annotate(has_file=Exists(result))


def own_job(actor: Actor, pk: int) -> Job:
    """``OutOfScope`` for absent and foreign jobs alike."""
    job = own_jobs(actor).filter(pk=pk).first()
    if job is None:
        raise OutOfScope()
    return job


def result_of(actor: Actor, job: Job) -> JobPart:
    """The finished file; ``OutOfScope`` when there is none, or none any more."""
    part = JobPart.scoped(actor).filter(job=job, number=RESULT).first()
    if part is None:
        raise OutOfScope("文件已经删除。")
    return part


def silent_jobs(actor: Actor, since: datetime) -> QuerySet[Job]:
    """Open jobs nobody goes on with."""
    return Job.scoped(actor).filter(ended_at__isnull=True, heard_at__lt=since)


def old_parts(actor: Actor, before: datetime) -> QuerySet[JobPart]:
    return JobPart.scoped(actor).filter(job__ended_at__lt=before)
