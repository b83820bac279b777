"""What is going out: for station clerks and the office, who must have the rota ready by then."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import STATION_STAFF
from stations.access import (
    may_run_station,
)
from stations.enums import NoticeKind
from stations.selectors.announcements import outgoing_notices, recent_notices
from stations.views.common import crumbs, page

_TONES = {NoticeKind.NOTICE: "ok", NoticeKind.CORRECTION: "warn", NoticeKind.CANCELLATION: "bad"}


@for_roles(*STATION_STAFF)
@require_safe
def outgoing(request: HttpRequest) -> HttpResponse:
    """Which notices leave in the coming days, who is on duty there, and what left lately."""
    actor = actor_of(request)
    today = timezone.localdate()
    lines: list[dict[str, Any]] = [
        {"notice": each, "may_run": may_run_station(actor, each.row.station_id)}
        for each in outgoing_notices(actor, today)
    ]
    recent = [
        {"row": row, "kind": NoticeKind(row.kind).label, "tone": _TONES[NoticeKind(row.kind)]}
        for row in recent_notices(actor)
    ]
    return page(
        request,
        "notices.html",
        "近期接待公告",
        page_lead="系统在接待日前按规定天数自动公告，通知值班代表和联络站，并在公开网页上公布。",
        today=today,
        lines=lines,
        recent=recent,
        lacking=sum(each["notice"].lacks_people for each in lines),
        crumbs=crumbs(actor, ("近期接待公告", "")),
    )
