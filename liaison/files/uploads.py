"""The one door for files: checked on the way in, under random names on disk, asked for on the way out."""

import hashlib
import os
import secrets
from collections.abc import Container
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header

from liaison.auditing import trail
from liaison.calendar.workdays import china_date
from liaison.files.upload_checks import EXTENSIONS, JPEG, MAX_BYTES, Content, checked
from liaison.identity import access
from liaison.identity.roles import OFFICE
from liaison.models import StoredFile
from liaison.tenancy.scope import Actor, require_actor
from liaison.words.enums import FileKind
from liaison.words.errors import LiaisonError, OutOfScope, Refused
from liaison.words.text import clean_line

_BEHIND_A_REASON = frozenset({FileKind.SCAN, FileKind.SHEET})
LINK_SECONDS = 12 * 3600
_SALT = "liaison.file"

if TYPE_CHECKING:
    # Of whatever the handler keeps the bytes in. At run time Django's class takes no brackets.
    Upload = UploadedFile[Any]
else:
    Upload = UploadedFile


class StorageError(LiaisonError):
    """The disk is full or not writable; nothing was kept."""

    status = 507

    def __init__(self) -> None:
        super().__init__("服务器存储空间已满，文件没有保存，请通知系统管理员。")


def store_upload(file: Upload, *, kind: FileKind, scope_code: int, now: datetime) -> StoredFile:
    """Check and keep what somebody uploaded; pictures become new JPEG files without metadata.

    ``InvalidInput`` (field ``file``) says what is wrong with it; ``OutOfScope`` outside the interval.
    """
    _require_inside(scope_code)
    # One byte beyond the limit is enough to know; the declared size is the client's word.
    data = file.read(MAX_BYTES + 1)
    name = plain_name(file.name or "")
    content = checked(data, name, FileKind(kind))
    return _keep(content, name, FileKind(kind), scope_code, now)


def store_unless_known(
    file: Upload, *, kind: FileKind, known: Container[str], scope_code: int, now: datetime
) -> StoredFile | None:
    """As ``store_upload``, but ``None`` when the kept content would have one of the digests ``known``."""
    _require_inside(scope_code)
    name = plain_name(file.name or "")
    content = checked(file.read(MAX_BYTES + 1), name, FileKind(kind))
    if hashlib.sha256(content.data).hexdigest() in known:
        return None
    return _keep(content, name, FileKind(kind), scope_code, now)


def store_bytes(
    data: bytes, *, name: str, kind: FileKind, content_type: str, scope_code: int, now: datetime
) -> StoredFile:
    """Keep a file the system made itself (a document, an export); ``ValueError`` for an unknown type."""
    _require_inside(scope_code)
    if content_type not in EXTENSIONS:
        raise ValueError(f"no extension is known for {content_type}")
    return _keep(Content(data, content_type), plain_name(name), FileKind(kind), scope_code, now)


def _require_inside(scope_code: int) -> None:
    if not require_actor().covers(scope_code):
        raise OutOfScope()


def plain_name(name: str) -> str:
    """The last part of a name, without characters that mislead, at most 100 characters."""
    base = clean_line(name.replace("\\", "/").rpartition("/")[2]).lstrip(".")
    stem, dot, extension = base.rpartition(".")
    if dot and len(extension) <= 8:
        return f"{stem[: 99 - len(extension)]}.{extension}"
    return base[:100] or "未命名"


def _keep(content: Content, name: str, kind: FileKind, scope_code: int, now: datetime) -> StoredFile:
    path = _write(content.data, EXTENSIONS[content.content_type], now)
    stored = StoredFile(
        kind=kind,
        original_name=named_after(content, name),
        path=path,
        content_type=content.content_type,
        size=len(content.data),
        sha256=hashlib.sha256(content.data).hexdigest(),
        stored_at=now,
        scope_code=scope_code,
    )
    try:
        with trail.operation("store_file"):
            stored.save(force_insert=True)
    except BaseException:
        _location(path).unlink(missing_ok=True)
        raise
    return stored


def named_after(content: Content, name: str) -> str:
    """``name`` with the ending its content has, whatever the sender called it."""
    extension = EXTENSIONS[content.content_type]
    if name.lower().endswith(f".{extension}"):
        return name
    return f"{name.rpartition('.')[0] or name}.{extension}"


def _write(data: bytes, extension: str, now: datetime) -> str:
    """Write aside, flush to the disk, then give the name: a half-written file never has one."""
    day = china_date(now)
    path = f"{day:%Y/%m}/{secrets.token_hex(20)}.{extension}"
    target = _location(path)
    aside = target.with_suffix(".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("xb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        aside.chmod(settings.FILE_UPLOAD_PERMISSIONS)
        aside.rename(target)
        _sync_folder(target.parent)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise StorageError() from error
    return path


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _location(path: str) -> Path:
    """Where a stored path lies; a path that leads out of the folder is never followed."""
    root = Path(settings.MEDIA_ROOT).resolve()
    target = (root / path).resolve()
    if not target.is_relative_to(root):
        raise OutOfScope("没有找到这个文件。")
    return target


def read_bytes(stored: StoredFile) -> bytes:
    """The content, compared with its digest; ``Refused`` when the disk has lost or altered it."""
    try:
        data = _location(stored.path).read_bytes()
    except FileNotFoundError:
        raise Refused("文件已不在服务器上，请联系系统管理员从备份恢复。") from None
    if hashlib.sha256(data).hexdigest() != stored.sha256:
        raise Refused("文件内容与登记的摘要不符，可能已损坏，请联系系统管理员。")
    return data


def forget(stored: StoredFile) -> None:
    """Destroy a file whose time is over: the row now, the bytes once that is certain.

    Whatever pointed at it was let go of before. A crash in between leaves bytes without a row, which
    ``reconcile_files --remove-unregistered`` finds.
    """
    _require_inside(stored.scope_code)
    path = stored.path
    with trail.operation("forget_file"):
        stored.delete()
    transaction.on_commit(lambda: _location(path).unlink(missing_ok=True))


def file_response(actor: Actor, stored: StoredFile, *, inline: bool = False) -> HttpResponse:
    """Serve a file the caller has decided this actor may see; ``OutOfScope`` outside the interval.

    ``inline`` shows pictures and the system's own documents in the browser; everything else is always
    a download, and nothing in it may run in our origin.
    """
    stored = access.stored_file(actor, stored.pk)
    own_document = stored.kind == FileKind.DOCUMENT
    shown = inline and (stored.content_type == JPEG or own_document)
    response = HttpResponse(read_bytes(stored), content_type=stored.content_type)
    response["Content-Disposition"] = content_disposition_header(not shown, stored.original_name) or ""
    response["X-Content-Type-Options"] = "nosniff"
    # A browser's reader does not open a sandboxed PDF; the system's own carries nothing that runs.
    response["Content-Security-Policy"] = (
        "frame-ancestors 'none'" if shown and own_document else "sandbox; default-src 'none'"
    )
    response["Cache-Control"] = "private, no-store"
    return response


def file_url(actor: Actor, stored: StoredFile) -> str:
    """A link to one file for one appointment, made by a page that has decided the actor may see it.

    The scope alone does not decide: a deputy's notice lies in the same township as every deputy. It ends with
    the appointment, also for whoever goes on in another one.
    """
    key = signing.dumps(_holder(actor, stored), salt=_SALT)
    return f"{reverse('file', args=[stored.pk])}?{urlencode({'key': key})}"


def may_open(actor: Actor, stored: StoredFile, key: str) -> bool:
    """Whether the actor keeps the jurisdiction's files or holds a link made for this appointment and file.

    A scan shows people's data and signatures in full, a list their telephone numbers: the number of such a
    file opens it for nobody, the page of its record asks for the reason first.
    """
    if actor.has_role(*OFFICE) and stored.kind not in _BEHIND_A_REASON:
        return True
    try:
        return bool(signing.loads(key, salt=_SALT, max_age=LINK_SECONDS) == _holder(actor, stored))
    except signing.BadSignature:
        return False


def _holder(actor: Actor, stored: StoredFile) -> list[int | None]:
    """What a link is made for, and nothing else opens with it."""
    return [stored.pk, actor.account_id, actor.appointment_id]
