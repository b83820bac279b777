"""The paper path: the signed register comes back as a scan, listed with who and when, opened for a reason."""

from collections.abc import Sequence
from datetime import datetime

from constituents.access import PAPER_ROLES, get_opinion, get_scan, paper_day
from constituents.models import Opinion, RegisterScan
from constituents.services.purging import retention_limit
from constituents.services.reveal import take_reveals
from liaison.auditing import trail
from liaison.calendar.workdays import china_date
from liaison.files.uploads import Upload, forget, plain_name, store_upload
from liaison.tenancy.locking import account_key, insert_once
from liaison.tenancy.scope import Actor
from liaison.words.enums import FileKind
from liaison.words.errors import InvalidInput, Refused
from liaison.words.limits import fitted
from stations.enums import ReceptionDayState
from stations.models import ReceptionDay

MOST_FILES = 10
_CALLED_OFF = (ReceptionDayState.CANCELLED, ReceptionDayState.POSTPONED)


def add_scans(
    *,
    actor: Actor,
    files: Sequence[Upload],
    now: datetime,
    reception_day_id: int | None = None,
    opinion_id: int | None = None,
    idempotency_key: str | None = None,
) -> list[RegisterScan]:
    """Attach signed registers to a reception day or to one opinion; sent twice with one key they are one.

    PDF or pictures, by their content (``InvalidInput`` names the file); all of them or none. ``Refused``
    before the day, or when it does not take place.
    """
    actor.require(*PAPER_ROLES)
    if not 1 <= len(files) <= MOST_FILES:
        raise InvalidInput({"files": f"请选择1至{MOST_FILES}个文件，超过的请分次上传。"})
    subject = _subject(actor, reception_day_id, opinion_id, now)
    with trail.operation("add_register_scan"):
        return [
            _add(
                actor,
                subject,
                file,
                now,
                account_key(actor, f"{place}:{idempotency_key}") if idempotency_key else None,
            )
            for place, file in enumerate(files)
        ]


def _subject(
    actor: Actor, reception_day_id: int | None, opinion_id: int | None, now: datetime
) -> ReceptionDay | Opinion:
    if reception_day_id is None:
        return get_opinion(actor, opinion_id or 0)
    day = paper_day(actor, reception_day_id)
    if day.day > china_date(now):
        raise Refused("接待日还没有到，接待后再上传签字的登记表。")
    if day.state in _CALLED_OFF:
        raise Refused(f"这次接待{ReceptionDayState(day.state).label}，没有登记表可以上传。")
    return day


def _add(
    actor: Actor, subject: ReceptionDay | Opinion, file: Upload, now: datetime, key: str | None
) -> RegisterScan:
    known = RegisterScan.scoped(actor).filter(scope_code=subject.scope_code, idempotency_key=key)
    if key and (found := known.first()):
        return found
    try:
        stored = store_upload(file, kind=FileKind.SCAN, scope_code=subject.scope_code, now=now)
    except InvalidInput as error:
        raise InvalidInput({"files": f"“{plain_name(file.name or '')}”：{error.message}"}) from error
    scan = RegisterScan(
        scope_code=subject.scope_code,
        file=stored,
        added_by_id=actor.account_id,
        added_at=now,
        idempotency_key=key,
    )
    if isinstance(subject, Opinion):
        scan.opinion = subject
    else:
        scan.reception_day = subject
    if not insert_once(scan, "register_scan_idempotent"):
        # The same form came twice at once; the first one stands.
        forget(stored)
        return known.get()
    return scan


def open_scan(*, actor: Actor, scan_id: int, reason: str, now: datetime) -> RegisterScan:
    """The scan to be handed out; the reason stays in the audit trail and counts as seeing a resident.

    ``Refused`` for a withdrawn one, and after the years a resident's data is kept.
    """
    scan = get_scan(actor, scan_id)
    if scan.withdrawn_at is not None or scan.file is None:
        raise Refused("这份扫描件已撤下，不能再打开。")
    if is_past_keeping(scan, now):
        raise Refused("这件事项办结已超过个人信息保存年限，扫描件不再提供，请查阅纸质档案。")
    take_reveals(actor=actor, operation="open_register_scan", rows=[scan], reason=reason, now=now)
    return scan


def is_past_keeping(scan: RegisterScan, now: datetime) -> bool:
    """Whether the residents on this paper are forgotten by now, as their rows are (``purging``)."""
    day = scan.reception_day.day if scan.reception_day is not None else None
    ended = scan.opinion.closed_on if scan.opinion is not None else day
    return ended is not None and ended < retention_limit(now)


def withdraw_scan(*, actor: Actor, scan_id: int, reason: str, now: datetime) -> RegisterScan:
    """Take down what was attached by mistake; twice is once. The row stays with who, when and why."""
    actor.require(*PAPER_ROLES)
    scan = get_scan(actor, scan_id, lock=True)
    if scan.withdrawn_at is not None:
        return scan
    why = fitted(RegisterScan, "withdrawn_reason", reason, at="reason")
    if len(why) < 2:
        raise InvalidInput({"reason": "请写明撤下原因，如“传错了登记表”。"})
    scan.withdrawn_by_id, scan.withdrawn_at, scan.withdrawn_reason = actor.account_id, now, why
    with trail.operation("withdraw_register_scan", reason=why):
        scan.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_reason"])
    return scan
