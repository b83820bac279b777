"""日历订阅: the page where an address is made and ended, and the answer a telephone gets."""

from __future__ import annotations

import hashlib
from typing import Any

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import DEPUTIES, OFFICE
from liaison.identity.throttling import Limit, too_many
from liaison.tenancy.scope import Actor, acting
from liaison.web.middleware import client_address
from liaison.web.pages import whole_number
from liaison.words.errors import InvalidInput, OutOfScope
from stations.enums import FeedKind
from stations.feed_access import HOLDERS, feed_stations, is_in_office, open_feed, visible_feeds
from stations.models import CalendarFeed
from stations.rules.calendar_feeds import calendar_bytes
from stations.selectors.calendar_feeds import calendar_name, feed_events
from stations.services.calendar_feeds import create_feed, replace_feed, revoke_feed, show_feed
from stations.views.common import page, told

# Unknown addresses from one sender: somebody whose old address was replaced and whose telephone keeps asking.
MISSES = Limit("calendar-miss", 20)
# Fetches of one calendar: several telephones of one holder, each refreshing by hand.
FETCHES = Limit("calendar-fetch", 30)
CONTENT_TYPE = "text/calendar; charset=utf-8"


@for_roles(*HOLDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: HttpRequest) -> HttpResponse:
    """What the acting account may subscribe to, and the one next thing to do about each.

    An address just made or asked for is shown in the answer to that POST only, never after a redirect, so
    that it stands in no history of the browser.
    """
    actor = actor_of(request)
    shown: CalendarFeed | None = None
    if request.method == "POST":
        shown = _act(request, actor)
        if shown is None:
            return redirect("stations_calendar")
    feeds = list(visible_feeds(actor))
    mine = {(feed.kind, feed.station_id): feed for feed in feeds if feed.account_id == actor.account_id}
    return page(
        request,
        "calendar.html",
        "日历订阅",
        lines=[_line(mine.get((kind.value, pk)), kind, pk, name) for kind, pk, name in _subjects(actor)],
        others=[feed for feed in feeds if feed.account_id != actor.account_id],
        shown=shown,
        **_address_of(shown),
        is_deputy=actor.role in DEPUTIES,
        is_suspended=actor.role in DEPUTIES and not is_in_office(actor),
        crumbs=_crumbs(actor),
    )


def _address_of(shown: CalendarFeed | None) -> dict[str, str]:
    """The address in three shapes: to copy, to open on this telephone, to scan with another."""
    if shown is None:
        return {}
    address = feed_address(shown)
    picture = segno.make(address, error="m", micro=False).svg_data_uri(scale=4, border=4)
    return {"address": address, "webcal": f"webcal://{address.partition('://')[2]}", "qr": picture}


def _crumbs(actor: Actor) -> list[tuple[str, str]]:
    door = ("我的", "reports_me") if actor.role in DEPUTIES else ("接待日", "stations_receptions")
    return [(door[0], reverse(door[1])), ("日历订阅", "")]


def _subjects(actor: Actor) -> list[tuple[FeedKind, int | None, str]]:
    """What there is to subscribe to: kind, station, words."""
    if actor.role in DEPUTIES:
        return [(FeedKind.OWN, None, "我的值班和活动")] if is_in_office(actor) else []
    stations = [(FeedKind.STATION, row.pk, f"{row.name}接待日") for row in feed_stations(actor)]
    if actor.role in OFFICE:
        return [(FeedKind.TOWNSHIP, None, f"{actor.jurisdiction_name}全部接待日"), *stations]
    return stations  # type: ignore[return-value]


def _line(feed: CalendarFeed | None, kind: FeedKind, station_id: int | None, name: str) -> dict[str, Any]:
    return {"feed": feed, "kind": kind.value, "station_id": station_id or "", "name": name}


def _act(request: HttpRequest, actor: Actor) -> CalendarFeed | None:
    """The feed whose address is to be shown now; ``None`` after ending one."""
    step, now = request.POST.get("step", ""), timezone.now()
    if step == "create":
        kind, station = request.POST.get("kind", ""), request.POST.get("station", "")
        if kind not in [each.value for each in FeedKind]:
            raise InvalidInput({"kind": "请选择要订阅的日历。"})
        return create_feed(
            actor=actor, kind=kind, station_id=whole_number(station) if station else None, now=now
        )
    feed_id = whole_number(request.POST.get("feed", ""))
    if step == "show":
        return show_feed(actor=actor, feed_id=feed_id)
    if step == "replace":
        return replace_feed(actor=actor, feed_id=feed_id, now=now)
    if step != "revoke":
        raise InvalidInput({"step": "请选择生成、查看、更换或者停用。"})
    revoke_feed(actor=actor, feed_id=feed_id, now=now)
    told(request, "订阅地址已停用，用它订阅的手机不再更新。")
    return None


def feed_address(feed: CalendarFeed) -> str:
    """The full address to type or to copy into a telephone."""
    return f"{settings.SITE_URL}{reverse('stations_calendar_feed', args=[feed.key])}"


@require_safe
def feed(request: HttpRequest, key: str) -> HttpResponse:
    """The calendar itself, for whoever holds the address; nothing of a session is read or set."""
    sender = client_address(request)
    for limit, subject in ((MISSES, sender), (FETCHES, key)):
        if limit.is_reached(subject):
            return too_many(request, limit)
    today = timezone.localdate()
    try:
        opened = open_feed(key, today)
    except OutOfScope:
        MISSES.count(sender)
        raise
    FETCHES.count(key)
    with acting(opened.actor):
        body = calendar_bytes(calendar_name(opened), feed_events(opened, today))
    return _answer(request, body)


def _answer(request: HttpRequest, body: bytes) -> HttpResponse:
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = content_disposition_header(False, "calendar.ics") or ""
    answer = get_conditional_response(request, etag=etag, response=response) or response
    answer["ETag"] = etag
    # Kept by the telephone alone, and asked about each time.
    answer["Cache-Control"] = "private, no-cache"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
