"""Behind a secret calendar address: whose it is, and as whom the plan is read, asked anew at each fetch."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from deputies.enums import MandateState
from deputies.models import Mandate
from liaison.identity.access import linked
from liaison.identity.auth import ScopedBackend, actor_for, open_appointments
from liaison.identity.roles import DEPUTIES, OFFICE, STATION_RUNNERS
from liaison.models import Account, Jurisdiction
from liaison.tenancy.scope import Actor, acting, public_actor
from liaison.words.errors import Forbidden, OutOfScope
from stations.access import (
    may_run_station,
    visible_stations,
)
from stations.enums import FeedKind
from stations.models import CalendarFeed, Station

HOLDERS = DEPUTIES | STATION_RUNNERS
GONE = "没有找到这个日历，订阅地址可能已经停用。"
_KEY = re.compile(r"([0-9]{1,12})-([A-Za-z0-9_-]{32,64})")


@dataclass(frozen=True, slots=True)
class OpenFeed:
    """A feed that may be read now, and the actor its holder would be."""

    feed: CalendarFeed
    actor: Actor


def secret_digest(secret: str) -> str:
    """What is looked for: a secret of 256 random bits needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def open_feed(key: str, today: date) -> OpenFeed:
    """The feed of an address; ``OutOfScope`` when it is unknown, revoked, or its holder may no longer.

    Searched inside the one jurisdiction the address names. The holder's account must be active, an
    appointment that carries the feed in force today, the deputy in office, the station open.
    """
    match = _KEY.fullmatch(key)
    place = Jurisdiction.objects.filter(scope_code=int(match[1])).first() if match else None
    if match is None or place is None:
        raise OutOfScope(GONE)
    with acting(public_actor(place.scope_code, place.scope_end, place.name, place.pk)) as reader:
        open_ones = CalendarFeed.scoped(reader).filter(scope_code=place.scope_code, revoked_at__isnull=True)
        feed = open_ones.filter(secret_digest=secret_digest(match[2])).first()
        account = ScopedBackend().get_user(feed.account_id) if feed is not None else None
        if feed is None or account is None:
            raise OutOfScope(GONE)
        actors = list(_actors(account, feed, today))
    for actor in actors:
        with acting(actor):
            if may_hold(actor, FeedKind(feed.kind), feed.station_id):
                return OpenFeed(feed, actor)
    raise OutOfScope(GONE)


def _actors(account: Account, feed: CalendarFeed, today: date) -> Iterable[Actor]:
    """Whom the holder is today in the jurisdiction of the feed."""
    for appointment in open_appointments(account, today):
        if appointment.scope_code == feed.scope_code:
            yield actor_for(account, appointment)


def may_hold(actor: Actor, kind: FeedKind, station_id: int | None) -> bool:
    """Whether the acting appointment carries such a feed: for deputies their own, for staff their places."""
    if kind == FeedKind.OWN:
        return actor.role in DEPUTIES and is_in_office(actor)
    if kind == FeedKind.TOWNSHIP:
        return actor.role in OFFICE
    stations = visible_stations(actor).filter(linked("pk", station_id), closed_on__isnull=True)
    return may_run_station(actor, station_id or 0) and stations.exists()


def is_in_office(actor: Actor) -> bool:
    """Whether the acting deputy holds a seat that is neither ended nor suspended."""
    seats = Mandate.scoped(actor).filter(linked("person_id", actor.person_id), state=MandateState.ACTIVE)
    return actor.person_id is not None and seats.exists()


def feed_stations(actor: Actor) -> list[Station]:
    """The stations the acting member of staff may subscribe to."""
    if actor.role not in STATION_RUNNERS:
        return []
    return list(visible_stations(actor).filter(closed_on__isnull=True).order_by("kind", "name"))


def visible_feeds(actor: Actor) -> QuerySet[CalendarFeed]:
    """Open feeds: one's own; the office also sees who else holds one of its jurisdiction, to end it."""
    if actor.role not in HOLDERS:
        raise Forbidden()
    feeds = CalendarFeed.scoped(actor).filter(scope_code=actor.lo, revoked_at__isnull=True)
    if actor.role not in OFFICE:
        feeds = feeds.filter(linked("account_id", actor.account_id))
    return feeds.select_related("station", "account")
