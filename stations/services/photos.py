"""Photos of stations and activities, and what a station is equipped with, kept by whoever runs it."""

from __future__ import annotations

import io
from datetime import datetime

from django.db.models import QuerySet
from PIL import Image

from liaison.auditing import trail
from liaison.files.upload_checks import JPEG
from liaison.files.uploads import Upload, read_bytes, store_bytes, store_upload
from liaison.identity.roles import OFFICE
from liaison.models import StoredFile
from liaison.tenancy.locking import locked
from liaison.tenancy.scope import Actor
from liaison.words.enums import FileKind, Role
from liaison.words.errors import InvalidInput, OutOfScope, Refused
from liaison.words.limits import fitted, fitted_line
from liaison.words.text import clean_line
from stations.access import get_activity
from stations.models import Station, StationPhoto
from stations.services.common import require_station

PHOTOS_PER_STATION = 20
MOST_EQUIPMENT, EQUIPMENT_LENGTH = 40, 60
# What a page shows: small enough that a page of photos opens on a telephone in the village.
PREVIEW_SIDE, _PREVIEW_QUALITY = 560, 72


def add_station_photo(
    *,
    actor: Actor,
    file: Upload,
    caption: str,
    now: datetime,
    station_id: int | None = None,
    activity_id: int | None = None,
) -> StationPhoto:
    """Keep a photo of a station or of an activity; location and device data are removed on the way in.

    A station's photo needs a caption: residents who cannot see it are read the words.
    """
    if (station_id is None) == (activity_id is None):
        raise InvalidInput({"file": "请说明照片属于哪个联络站或者哪次活动。"})
    position = 0
    if station_id is not None:
        station = locked(Station, actor, station_id)
        require_station(actor, station)
        there = list(_shown(actor, station).values_list("position", flat=True))
        if len(there) >= PHOTOS_PER_STATION:
            raise Refused(f"每个联络站最多保存{PHOTOS_PER_STATION}张照片，请先撤下旧照片。")
        position = max(there, default=0) + 1
        scope_code, words = (
            station.scope_code,
            fitted_line(StationPhoto, "caption", caption, label="照片说明", needed=True),
        )
    else:
        actor.require(*OFFICE, Role.GROUP_LEADER)
        scope_code = get_activity(actor, activity_id or 0).scope_code
        words = fitted_line(StationPhoto, "caption", caption, label="说明")
    with trail.operation("add_station_photo"):
        stored = store_upload(file, kind=FileKind.PHOTO, scope_code=scope_code, now=now)
        return StationPhoto.objects.create(
            scope_code=scope_code,
            station_id=station_id,
            activity_id=activity_id,
            file=stored,
            preview=_preview(stored, now),
            caption=words,
            position=position,
        )


def _preview(stored: StoredFile, now: datetime) -> StoredFile:
    """The small picture for pages, made from the one already checked and painted anew."""
    with Image.open(io.BytesIO(read_bytes(stored)), formats=["JPEG"]) as picture:
        small = picture.convert("RGB")
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=_PREVIEW_QUALITY, optimize=True)
    return store_bytes(
        out.getvalue(),
        name=f"小图{stored.original_name}",
        kind=FileKind.PHOTO,
        content_type=JPEG,
        scope_code=stored.scope_code,
        now=now,
    )


def _shown(actor: Actor, station: Station | int) -> QuerySet[StationPhoto]:
    return StationPhoto.scoped(actor).filter(station=station, removed_at__isnull=True)


def _photo_of_station(actor: Actor, photo_id: int) -> StationPhoto:
    """A photo of a station the actor runs; the station is locked, so that the order has one writer."""
    known = StationPhoto.scoped(actor).filter(pk=photo_id, station__isnull=False).first()
    if known is None:
        raise OutOfScope("没有找到这张照片。")
    station = locked(Station, actor, known.station_id or 0)
    require_station(actor, station)
    return locked(StationPhoto, actor, photo_id)


def caption_photo(*, actor: Actor, photo_id: int, caption: str) -> StationPhoto:
    """Say anew what a photo shows."""
    row = _photo_of_station(actor, photo_id)
    row.caption = fitted_line(StationPhoto, "caption", caption, label="照片说明", needed=True)
    with trail.operation("caption_photo"):
        row.save(update_fields=["caption"])
    return row


def move_photo(*, actor: Actor, photo_id: int, is_up: bool) -> StationPhoto:
    """One place up or down among the photos of its station; at either end nothing changes."""
    row = _photo_of_station(actor, photo_id)
    if row.removed_at is not None:
        raise Refused("这张照片已经撤下，不能再调整顺序。")
    order = list(_shown(actor, row.station_id or 0).order_by("position", "id"))
    at = next(index for index, each in enumerate(order) if each.pk == row.pk)
    to = at - 1 if is_up else at + 1
    if 0 <= to < len(order):
        order[at], order[to] = order[to], order[at]
        for position, each in enumerate(order, 1):
            each.position = position
        with trail.operation("move_photo"):
            StationPhoto.objects.bulk_update(order, ["position"])
    return row


def remove_photo(*, actor: Actor, photo_id: int, reason: str, now: datetime) -> StationPhoto:
    """Take a photo off the pages; the reason stays with it, and so does the file as a record."""
    row = _photo_of_station(actor, photo_id)
    if row.removed_at is not None:
        return row
    row.removal_reason = fitted(
        StationPhoto, "removal_reason", reason, at="reason", label="撤下原因", needed=True
    )
    row.removed_at = now
    with trail.operation("remove_photo"):
        row.save(update_fields=["removal_reason", "removed_at"])
    return row


def set_equipment(*, actor: Actor, station_id: int, items: str) -> Station:
    """What the station offers (座椅、饮水、打印机 …), one thing a line; a thing named twice stands once."""
    station = locked(Station, actor, station_id)
    require_station(actor, station)
    station.equipment = equipment_lines(items)
    with trail.operation("set_station_equipment"):
        station.save(update_fields=["equipment"])
    return station


def equipment_lines(items: str) -> str:
    """One thing a line, each once; ``InvalidInput`` for too many or too long a line."""
    lines = list(dict.fromkeys(line for each in items.splitlines() if (line := clean_line(each))))
    if len(lines) > MOST_EQUIPMENT:
        raise InvalidInput({"equipment": f"最多{MOST_EQUIPMENT}项，请合并同类设施。"})
    for number, line in enumerate(lines, 1):
        if len(line) > EQUIPMENT_LENGTH:
            raise InvalidInput({"equipment": f"第{number}项超过{EQUIPMENT_LENGTH}个字，请精简。"})
    return "\n".join(lines)
