"""Where an uploaded roster waits between preview and confirmation: a folder, never the database.

Only what may be stored waits here: the check of an upload is made on the way in, so that a confirmation,
which stores the file, never refuses what the preview has shown.

A file lies under a random name that only the signed ticket carries; the ticket is bound to the account
and appointment that uploaded it and runs out after an hour. Old files are swept at each upload.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core import signing

from deputies.roster.headings import Layout
from liaison.files.upload_checks import checked
from liaison.files.uploads import StorageError, named_after
from liaison.tenancy.scope import Actor
from liaison.words.enums import FileKind
from liaison.words.errors import Refused

KEPT_SECONDS = 3600
_SALT = "deputies.roster-upload"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_GONE = "上传的名册已超过1小时或者已经导入，请重新上传。"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a waiting file is: its token, digest and name, its term, whose it is, and how it is to be read."""

    token: str
    sha256: str
    file_name: str
    term_id: int
    account_id: int | None
    appointment_id: int | None
    columns: dict[str, str] = field(default_factory=dict)
    sheets: dict[str, bool] = field(default_factory=dict)
    is_kept: bool = False

    @property
    def layout(self) -> Layout:
        """What a person has said about the sheets and columns of the file."""
        return Layout(self.columns, self.sheets, self.is_kept)

    def laid_out(self, layout: Layout) -> Ticket:
        """The same file with what has been said about it: check and confirmation read it alike."""
        return replace(self, columns=dict(layout.columns), sheets=dict(layout.sheets), is_kept=layout.is_kept)

    def signed(self) -> str:
        return signing.dumps(asdict(self), salt=_SALT, compress=True)


def keep(data: bytes, *, file_name: str, term_id: int, actor: Actor, now: datetime) -> Ticket:
    """Check the file and write it aside; its ticket names it after its content.

    Raises ``InvalidInput`` (field ``file``) with what to do when the file cannot be kept, ``StorageError``
    when the disk is full.
    """
    content = checked(data, file_name, FileKind.SHEET)
    sweep(now)
    token = secrets.token_urlsafe(32)
    try:
        _folder().mkdir(parents=True, exist_ok=True)
        handle = os.open(_place(token), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(data)
    except OSError as error:
        _place(token).unlink(missing_ok=True)
        raise StorageError() from error
    digest = hashlib.sha256(data).hexdigest()
    name = named_after(content, file_name)
    return Ticket(token, digest, name, term_id, actor.account_id, actor.appointment_id)


def ticket_of(signed: str, actor: Actor) -> Ticket:
    """The ticket behind a form field; ``Refused`` when forged, too old or somebody else's."""
    try:
        ticket = Ticket(**signing.loads(signed, salt=_SALT, max_age=KEPT_SECONDS))
    except (signing.BadSignature, TypeError):
        raise Refused(_GONE) from None
    if (ticket.account_id, ticket.appointment_id) != (actor.account_id, actor.appointment_id):
        raise Refused("这份名册不是您用当前职务上传的，请重新上传。")
    return ticket


def fetch(ticket: Ticket) -> bytes:
    """The waiting bytes; ``Refused`` when they are gone or differ from what was previewed."""
    try:
        data = _place(ticket.token).read_bytes()
    except FileNotFoundError:
        raise Refused(_GONE) from None
    if hashlib.sha256(data).hexdigest() != ticket.sha256:
        raise Refused("上传的文件在核对之后发生了变化，没有导入，请重新上传。")
    return data


def discard(ticket: Ticket) -> None:
    _place(ticket.token).unlink(missing_ok=True)


def sweep(now: datetime) -> int:
    """Remove files older than an hour; how many there were."""
    old = 0
    for path in _folder().glob("*"):
        try:
            if now.timestamp() - path.stat().st_mtime > KEPT_SECONDS:
                path.unlink()
                old += 1
        except FileNotFoundError:
            continue
    return old


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "spool" / "rosters"


def _place(token: str) -> Path:
    if not _TOKEN.fullmatch(token):
        raise Refused(_GONE)
    return _folder() / token
