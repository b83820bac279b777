"""Accounts for a whole roster: opened by hundreds, their slips printed by dozens, at last one PDF."""

import json
from dataclasses import asdict
from datetime import datetime
from functools import partial
from io import BytesIO

from django.db.models import QuerySet
from pypdf import PdfReader, PdfWriter

from liaison.calendar.workdays import china_date
from liaison.documents.account_slips import TITLE, print_slips
from liaison.files.downloads import PDF
from liaison.identity import giving
from liaison.identity.giving import Slip
from liaison.jobs import selectors, services
from liaison.jobs.kinds import Kind, Progress, Slow
from liaison.models import Job, JobPart
from liaison.tenancy.scope import Actor, require_actor
from liaison.words.errors import Refused

KIND = "account_slips"
# What an account is given for here: deputies, whose names stand in the roster.
COLUMN = "person_ref"
# Accounts in one step.
OPENED_AT_ONCE = 500
# Slips in one step, three on a page: some seconds, of which each file costs two or three for its fonts.
PRINTED_AT_ONCE = 90
_JSON = "application/json"
_OPENING, _PRINTING, _BINDING = "正在开立账号", "正在印制口令单", "正在合成一个文件"


def order(*, now: datetime) -> Job:
    """Order accounts and slips for every deputy of the acting place without one; ``Refused`` for none."""
    ids = giving.without_account(require_actor(), COLUMN)
    if not ids:
        raise Refused("都已有账号，没有要开立的。")
    return services.start(
        kind=KIND,
        title=f"给{len(ids)}名代表开账号并印制口令单",
        orders={"ids": ids},
        total=2 * len(ids),
        stage=_OPENING,
        now=now,
    )


def step(job: Job, now: datetime) -> Progress | Slow[bytes]:
    """Open some accounts, else print some slips, else bind what is printed.

    Whoever got an account meanwhile, or left office, gets no second one and no slip.
    """
    actor = require_actor()
    # Once all are opened the roster is not read again with every file of slips.
    waiting = _waiting(actor, job) if job.done < job.total // 2 else []
    if waiting:
        _open(actor, job, waiting[:OPENED_AT_ONCE], now)
        left = max(len(waiting) - OPENED_AT_ONCE, 0)
        return Progress(len(job.orders["ids"]) - left, _OPENING if left else _PRINTING)
    unprinted = _parts(job).filter(content_type=_JSON).first()
    if unprinted is not None:
        slips = [Slip(**each) for each in json.loads(unprinted.content)]
        organ = giving.own_place(actor).organ_name or actor.jurisdiction_name
        return Slow(
            partial(print_slips, slips, organ=organ, made_at=now), partial(_keep_printed, unprinted.number)
        )
    printed = list(_parts(job).values_list("content", flat=True))
    if not printed:
        raise Refused("这些代表都已有账号，没有开立新的。")
    return Slow(partial(_bound, printed), _keep_bound)


def _parts(job: Job) -> QuerySet[JobPart]:
    return JobPart.scoped(require_actor()).filter(job=job).order_by("number")


def _waiting(actor: Actor, job: Job) -> list[int]:
    wanted = set(job.orders["ids"])
    return [pk for pk in giving.without_account(actor, COLUMN) if pk in wanted]


def _open(actor: Actor, job: Job, ids: list[int], now: datetime) -> None:
    names = {
        row.holder.record: row.holder.name for row in giving.standings(actor, COLUMN, ids, china_date(now))
    }
    slips = giving.give_accounts(column=COLUMN, names=names, today=china_date(now), now=now)
    last = _parts(job).count()
    dozens = [slips[at : at + PRINTED_AT_ONCE] for at in range(0, len(slips), PRINTED_AT_ONCE)]
    for number, some in enumerate(dozens, last + 1):
        words = json.dumps([asdict(slip) for slip in some], ensure_ascii=False)
        JobPart(
            scope_code=job.scope_code, job=job, number=number, content_type=_JSON, content=words.encode()
        ).save(force_insert=True)


def _keep_printed(number: int, job: Job, paper: bytes, now: datetime) -> Progress:
    part = _parts(job).filter(number=number, content_type=_JSON).first()
    if part is not None:
        part.content, part.content_type = paper, PDF
        part.save(update_fields=["content", "content_type"])
    count, left = _parts(job).count(), _parts(job).filter(content_type=_JSON).count()
    half = job.total // 2
    return Progress(half + half * (count - left) // (count + 1), _PRINTING if left else _BINDING)


def _bound(papers: list[bytes]) -> bytes:
    """All printed parts as one file, in their order."""
    writer = PdfWriter()
    for paper in papers:
        writer.append(PdfReader(BytesIO(paper)), import_outline=False)
    writer.compress_identical_objects()
    bound = BytesIO()
    writer.write(bound)
    return bound.getvalue()


def _keep_bound(job: Job, paper: bytes, now: datetime) -> Progress:
    """The one file instead of its parts."""
    _parts(job).delete()
    JobPart(
        scope_code=job.scope_code, job=job, number=selectors.RESULT, content_type=PDF, content=paper
    ).save(force_insert=True)
    return Progress(job.total, "", is_over=True)


JOB = Kind(step, TITLE)
