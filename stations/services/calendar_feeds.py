"""Calendar subscriptions: make a secret address, show it again, replace it, end it."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db.models import Q

from liaison.auditing import trail
from liaison.identity.access import linked
from liaison.identity.roles import OFFICE
from liaison.tenancy.scope import Actor
from liaison.words.errors import Forbidden, OutOfScope, Refused
from stations.enums import FeedKind
from stations.feed_access import HOLDERS, may_hold, secret_digest
from stations.models import CalendarFeed, Station

SECRET_BYTES = 32


def create_feed(
    *, actor: Actor, kind: FeedKind | str, now: datetime, station_id: int | None = None
) -> CalendarFeed:
    """The acting account's own address for ``kind``; an open one is returned as it is.

    ``Forbidden`` when the appointment does not carry such a feed, ``OutOfScope`` for a foreign station.
    """
    wanted = FeedKind(kind)
    _require_holder(actor, wanted, station_id)
    there = _open_one(actor, wanted, station_id)
    return there or _make(actor, wanted, station_id, now, "create_calendar_feed")


def _open_one(actor: Actor, kind: FeedKind, station_id: int | None) -> CalendarFeed | None:
    own = CalendarFeed.scoped(actor).filter(linked("account_id", actor.account_id), scope_code=actor.lo)
    # A feed without a station is found by its missing station.
    wanted = Q(station_id=station_id) if station_id is not None else Q(station_id__isnull=True)
    return own.filter(wanted, kind=kind.value, revoked_at__isnull=True).first()


def _require_holder(actor: Actor, kind: FeedKind, station_id: int | None) -> None:
    if actor.role not in HOLDERS or actor.account_id is None:
        raise Forbidden()
    if station_id is not None and not Station.scoped(actor).filter(pk=station_id).exists():
        raise OutOfScope()
    if (station_id is None) == (kind == FeedKind.STATION) or not may_hold(actor, kind, station_id):
        raise Forbidden("您当前的职务不能订阅这个日历。")


def _make(
    actor: Actor, kind: FeedKind, station_id: int | None, now: datetime, operation: str
) -> CalendarFeed:
    if actor.account_id is None:
        raise Forbidden()
    secret = secrets.token_urlsafe(SECRET_BYTES)
    row = CalendarFeed(
        scope_code=actor.lo,
        account_id=actor.account_id,
        kind=kind.value,
        station_id=station_id,
        secret=secret,
        secret_digest=secret_digest(secret),
        created_at=now,
    )
    with trail.operation(operation):
        # Of two clicks at once the second finds the place taken and is given the first one's address.
        CalendarFeed.objects.bulk_create([row], ignore_conflicts=True)
    made = _open_one(actor, kind, station_id)
    if made is None:
        raise Refused("订阅地址没有生成，请再试一次。")
    return made


def show_feed(*, actor: Actor, feed_id: int) -> CalendarFeed:
    """The owner is shown the address again; that it was shown is on record, the address is not."""
    feed = _own(actor, feed_id)
    if feed.revoked_at is not None:
        raise Refused("这个订阅地址已经停用，请重新生成。")
    trail.note(
        "show_calendar_feed", scope_code=feed.scope_code, table=CalendarFeed._meta.db_table, row_id=feed.pk
    )
    return feed


def replace_feed(*, actor: Actor, feed_id: int, now: datetime) -> CalendarFeed:
    """A new address; whoever held the old one reads nothing from now on."""
    feed = _own(actor, feed_id)
    kind = FeedKind(feed.kind)
    _require_holder(actor, kind, feed.station_id)
    if feed.revoked_at is None:
        _revoke(feed, now, "replace_calendar_feed")
    # Replaced already, by a second click: the one that took its place.
    there = _open_one(actor, kind, feed.station_id)
    return there or _make(actor, kind, feed.station_id, now, "replace_calendar_feed")


def revoke_feed(*, actor: Actor, feed_id: int, now: datetime) -> CalendarFeed:
    """End an address: the owner's own, or for the office any of its jurisdiction. Twice changes nothing."""
    if actor.role not in HOLDERS:
        raise Forbidden()
    feed = CalendarFeed.scoped(actor).select_for_update(of=("self",)).filter(pk=feed_id).first()
    if feed is None:
        raise OutOfScope()
    if feed.account_id != actor.account_id and actor.role not in OFFICE:
        raise Forbidden("只能停用自己的订阅地址。")
    if feed.revoked_at is None:
        _revoke(feed, now, "revoke_calendar_feed")
    return feed


def _own(actor: Actor, feed_id: int) -> CalendarFeed:
    if actor.role not in HOLDERS:
        raise Forbidden()
    feed = CalendarFeed.scoped(actor).select_for_update(of=("self",)).filter(pk=feed_id).first()
    if feed is None:
        raise OutOfScope("没有找到这个订阅地址。")
    if feed.account_id != actor.account_id:
        raise Forbidden("订阅地址只给持有人本人看。")
    return feed


def _revoke(feed: CalendarFeed, now: datetime, operation: str) -> None:
    feed.revoked_at = now
    with trail.operation(operation):
        feed.save(update_fields=["revoked_at"])
