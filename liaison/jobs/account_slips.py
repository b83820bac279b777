"""Accounts for a whole roster: opened by hundreds, their slips printed by dozens, at last one PDF."""

import json
from dataclasses import asdict
from datetime import datetime
from io import BytesIO

from pypdf import PdfReader, PdfWriter

from liaison.calendar.workdays import china_date
from liaison.documents.account_slips import TITLE, print_slips
from liaison.files.downloads import PDF
from liaison.identity import giving
from liaison.identity.giving import Slip
from liaison.jobs import selectors, services
from liaison.jobs.kinds import Kind, Progress
from liaison.models import Job, JobPart
from liaison.tenancy.scope import Actor, require_actor
from liaison.words.errors import Refused

KIND = "account_slips"
# What an account is given for here: deputies, whose names stand in the roster.
COLUMN = "person_ref"
# Accounts in one step.
OPENED_AT_ONCE = 500
# Slips in one step, three on a page: some seconds.
PRINTED_AT_ONCE = 60
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


def step(job: Job, now: datetime) -> Progress:
    """Open some accounts, else print some slips, else bind what is printed.

    Whoever got an account meanwhile, or left office, gets no second one and no slip.
    """
    actor = require_actor()
    waiting = _waiting(actor, job)
    if waiting:
        _open(actor, job, waiting[:OPENED_AT_ONCE], now)
        left = max(len(waiting) - OPENED_AT_ONCE, 0)
        return Progress(len(job.orders["ids"]) - left, _OPENING if left else _PRINTING)
    parts = JobPart.scoped(actor).filter(job=job)
    unprinted = parts.filter(content_type=_JSON).order_by("number").first()
    if unprinted is None:
        _bind(actor, job)
        return Progress(job.total, "", is_over=True)
    _print(actor, unprinted, now)
    count = parts.count()
    left = parts.filter(content_type=_JSON).count()
    half = job.total // 2
    return Progress(half + half * (count - left) // (count + 1), _PRINTING if left else _BINDING)


def _waiting(actor: Actor, job: Job) -> list[int]:
    wanted = set(job.orders["ids"])
    return [pk for pk in giving.without_account(actor, COLUMN) if pk in wanted]


def _open(actor: Actor, job: Job, ids: list[int], now: datetime) -> None:
    names = {
        row.holder.record: row.holder.name for row in giving.standings(actor, COLUMN, ids, china_date(now))
    }
    slips = giving.give_accounts(column=COLUMN, names=names, today=china_date(now), now=now)
    last = JobPart.scoped(actor).filter(job=job).count()
    dozens = [slips[at : at + PRINTED_AT_ONCE] for at in range(0, len(slips), PRINTED_AT_ONCE)]
    for number, some in enumerate(dozens, last + 1):
        words = json.dumps([asdict(slip) for slip in some], ensure_ascii=False)
        JobPart(
            scope_code=job.scope_code, job=job, number=number, content_type=_JSON, content=words.encode()
        ).save(force_insert=True)


def _print(actor: Actor, part: JobPart, now: datetime) -> None:
    slips = [Slip(**each) for each in json.loads(part.content)]
    organ = giving.own_place(actor).organ_name or actor.jurisdiction_name
    part.content, part.content_type = print_slips(slips, organ=organ, made_at=now), PDF
    part.save(update_fields=["content", "content_type"])


def _bind(actor: Actor, job: Job) -> None:
    """All printed parts as one file, in their order; the parts go."""
    parts = JobPart.scoped(actor).filter(job=job).order_by("number")
    writer = PdfWriter()
    for content in parts.values_list("content", flat=True):
        writer.append(PdfReader(BytesIO(content)), import_outline=False)
    if not writer.pages:
        raise Refused("这些代表都已有账号，没有开立新的。")
    writer.compress_identical_objects()
    bound = BytesIO()
    writer.write(bound)
    parts.delete()
    JobPart(
        scope_code=job.scope_code,
        job=job,
        number=selectors.RESULT,
        content_type=PDF,
        content=bound.getvalue(),
    ).save(force_insert=True)


JOB = Kind(step, TITLE)
