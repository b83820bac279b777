"""One record from a phone in, one answer out, the same for every floor.

A phone keeps what was typed without signal and sends record by record, in order, until it has an answer. So
each request carries an ``Idempotency-Key`` and the appointment that typed it (``X-Desk-Owner``), and each
answer is JSON a queue can act on::

    201 saved, 200 saved before · 400 wrong fields · 403, 404 not yours · 409 it changed meanwhile · 429 wait

with ``state``, ``reason`` (a Chinese sentence) and ``link``. ``photos`` names the digests of the pictures the
server now holds; a phone erases no other. ``code`` says more of a refusal: ``broken`` (arrived in part, send
again), ``clock`` (typed at a moment that cannot be), ``other_content`` (the key stands for other words).
Strangers are sent to sign in, as everywhere.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.utils.dateparse import parse_datetime

from liaison.calendar.workdays import CHINA
from liaison.files.uploads import Upload
from liaison.identity.gates import actor_of, note_denial
from liaison.identity.throttling import Limit
from liaison.tenancy.scope import Actor
from liaison.tenancy.submissions import claim_key
from liaison.words.errors import Conflict, Forbidden, InvalidInput, LiaisonError, OutOfScope, Refused
from liaison.words.text import read_digits

log = logging.getLogger(__name__)

# A phone that was away all day sends some forty records with photos; a broken one must not send for ever.
SENDING = Limit("phone-records", 300)
MOST_PHOTOS = 3
# A phone's clock is taken as it is while it differs by no more than this from the server's.
BELIEVED = timedelta(minutes=10)
_MOST_BYTES = 64 * 1024
_KEY = re.compile(r"[A-Za-z0-9-]{16,40}")


@dataclass(frozen=True, slots=True)
class Sent:
    """What arrived: the record's key, when it was typed, its fields and its photos.

    ``remark`` tells of a moment that the phone's clock got wrong and ``typed_at`` puts right.
    """

    key: str
    typed_at: datetime
    data: Mapping[str, Any]
    photos: list[Upload] = field(default_factory=list)
    remark: str = ""

    def text(self, name: str) -> str:
        value = self.data.get(name, "")
        if not isinstance(value, str):
            raise InvalidInput({name: "提交的内容格式不正确，请重新填写。"})
        return value

    def number(self, name: str, default: int | None = None) -> int | None:
        """A whole number that is not negative, ``default`` when it is missing or empty."""
        value = self.data.get(name)
        if value in (None, ""):
            return default
        written = read_digits(value) if isinstance(value, str) else None
        if written is not None:
            return written
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**18:
            return value
        raise InvalidInput({name: "应为整数，请核对。"})

    def flag(self, name: str) -> bool:
        return self.data.get(name) is True

    def moment(self, name: str) -> datetime | None:
        value = self.data.get(name)
        return None if value in (None, "") else _moment(value, name)


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a record: a sentence, where to read it, and whether it had been saved before."""

    words: str
    link: str
    is_replay: bool
    facts: Mapping[str, Any] = field(default_factory=dict)


def owner_of(actor: Actor) -> str:
    """The appointment a queue belongs to; the same text pages carry as ``data-owner``."""
    return f"{actor.account_id}-{actor.appointment_id}"


def take_record(request: HttpRequest, save: Callable[[Sent], Saved], *, now: datetime) -> JsonResponse:
    """Read the request, save it in a transaction of its own, and answer; nothing is kept of a refusal."""
    try:
        _require_owner(request)
        _require_within_rate(request)
        sent = _read(request, now)
        with transaction.atomic():
            claim_key(actor_of(request), sent.key, _words_of(sent.data))
            saved = save(sent)
    except LiaisonError as error:
        return refusal(request, error)
    state, status = ("replayed", 200) if saved.is_replay else ("saved", 201)
    held = [digest_of(photo) for photo in sent.photos]
    facts = {"reason": saved.words, "link": saved.link, "photos": held, **saved.facts}
    return JsonResponse({"state": state, **facts}, status=status)


# What may differ between two sendings of one record: its moments, and which photos are still to be brought.
_MOMENTS = ("typed_at", "typed_before", "sent_at", "photos")


def _words_of(data: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in data.items() if name not in _MOMENTS}


def digest_of(photo: Upload) -> str:
    """SHA-256 of a photo as the phone sent it, in hexadecimal."""
    photo.seek(0)
    digest = hashlib.sha256(photo.read()).hexdigest()
    photo.seek(0)
    return digest


class Broken(InvalidInput):
    """A part of the record did not arrive; the phone still holds it and sends it again."""

    def __init__(self) -> None:
        super().__init__({"photo": "照片没有传完整，没有保存，手机会自动再发送。"})


class TooMany(LiaisonError):
    status = 429

    def __init__(self) -> None:
        super().__init__("发送过于频繁，请过几分钟再试，记录仍保存在手机上。")


def refusal(request: HttpRequest, error: LiaisonError) -> JsonResponse:
    """The error as JSON; denials go into the audit trail as those of pages do."""
    if isinstance(error, Forbidden | OutOfScope) and request.user.is_authenticated:
        note_denial(request, error)
    body: dict[str, Any] = {"state": "refused", "reason": error.message, "link": ""}
    if isinstance(error, Refused):
        body["state"], body["code"] = "conflict", "changed"
    if isinstance(error, Conflict):
        body["code"], body["link"] = error.code, error.link
    if isinstance(error, InvalidInput):
        body["fields"] = error.fields
        body["code"] = "clock" if "typed_at" in error.fields else ""
    if isinstance(error, Broken):
        body["code"] = "broken"
    answer = JsonResponse(body, status=error.status)
    if error.status == 429:
        answer["Retry-After"] = str(SENDING.seconds // 5)
    return answer


def _require_owner(request: HttpRequest) -> None:
    """What one person typed is never saved under another's name, whoever has signed in since."""
    if request.headers.get("X-Desk-Owner", "") != owner_of(actor_of(request)):
        raise InvalidInput({"owner": "这条记录是用别的账号或者职务填写的，请用原来的账号登录后发送。"})


def _require_within_rate(request: HttpRequest) -> None:
    """A cache that is down lets records through: the key keeps them single anyway."""
    sender = str(actor_of(request).account_id)
    if SENDING.is_reached(sender):
        raise TooMany()
    SENDING.count(sender)


def _read(request: HttpRequest, now: datetime) -> Sent:
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        raise InvalidInput({"key": "记录没有编号，请重新登记。"})
    is_form = request.content_type == "multipart/form-data"
    raw = request.POST.get("record", "") if is_form else request.body
    photos = request.FILES.getlist("photo") if is_form else []
    if len(photos) > MOST_PHOTOS:
        raise InvalidInput({"photo": f"一次最多{MOST_PHOTOS}张照片。"})
    data = _object(raw)
    _require_all_photos(data, photos)
    typed_at, remark = _typed(data, now)
    return Sent(key, typed_at, data, photos, remark)


def _require_all_photos(data: Mapping[str, Any], photos: list[Upload]) -> None:
    """The record names the digests of its photos; a former version of the phone's page named none."""
    named = data.get("photos")
    if named is not None and named != [digest_of(photo) for photo in photos]:
        raise Broken()


def _typed(data: Mapping[str, Any], now: datetime) -> tuple[datetime, str]:
    """When the record was typed, by the server's clock, and what is to be remarked about the phone's.

    The phone says what its clock shows at the moment of sending. Where that is wrong, so is by as much what
    it wrote down before; where it was put right in between, only a person can say, and chose the present.
    """
    told = _moment(data.get("typed_at"), "typed_at")
    sent_at = _moment(data["sent_at"], "sent_at") if data.get("sent_at") else now
    before = _moment(data["typed_before"], "typed_before") if data.get("typed_before") else told
    offset = sent_at - now
    typed_at = told if abs(offset) <= BELIEVED else told - offset
    if typed_at == before:
        return typed_at, ""
    return typed_at, f"手机时钟不准：手机上录入时写的是{_in_words(before)}，已更正为{_in_words(typed_at)}。"


def _in_words(moment: datetime) -> str:
    local = moment.astimezone(CHINA)
    return f"{local.year}年{local.month}月{local.day}日{local.hour}:{local.minute:02d}"


def _object(raw: str | bytes) -> Mapping[str, Any]:
    try:
        data = json.loads(raw) if len(raw) <= _MOST_BYTES else None
    except (ValueError, RecursionError):
        # Lists in lists, some thousand deep, are no record of a phone.
        data = None
    if not isinstance(data, dict):
        raise InvalidInput({"record": "提交的内容格式不正确，请重新填写。"})
    return data


def _moment(value: object, name: str) -> datetime:
    try:
        found = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise InvalidInput({name: "时间格式不正确，请重新填写。"})
    return found
