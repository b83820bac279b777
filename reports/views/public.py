"""Pages for residents, without an account: choose a township, see its stations and deputies, follow a code.

The request itself acts for nobody and reaches no row; each page therefore acts as a resident of the one
place it shows, and everything it prints is read and rendered inside that interval.
"""

from __future__ import annotations

import io
from typing import Any

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from liaison.files.upload_checks import JPEG
from liaison.files.uploads import file_response
from liaison.models import Jurisdiction
from liaison.tenancy.scope import acting
from liaison.words.errors import OutOfScope
from liaison.words.text import clean_line
from reports.links import page_url
from reports.selectors.public import (
    SEARCH_CHARACTERS,
    anybody,
    open_counties,
    place_of_photo,
    place_of_station,
    place_page,
    public_place,
    resident_of,
)
from stations.documents.forms import NOT_RECEIVED, PROVISIONAL, RECEIVED
from stations.enums import ReceptionDayState
from stations.selectors import called_off_days, public_photo, public_station
from stations.selectors.activities import plan_lines, published_plan


@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """Where do you live: counties with their townships."""
    with acting(anybody()) as actor:
        return _page(request, "public_places.html", "选择乡镇（街道）", None, counties=open_counties(actor))


@require_safe
def place(request: HttpRequest, scope_code: int) -> HttpResponse:
    """One township: receptions to come, stations, deputies; ``?q=`` finds a deputy by name."""
    found = public_place(scope_code)
    search = clean_line(request.GET.get("q", ""))[:SEARCH_CHARACTERS]
    with acting(resident_of(found)) as actor:
        shown = place_page(actor, timezone.localdate(), search=search)
        plan = published_plan(actor, found.scope_code)
        return _page(
            request,
            "public_place.html",
            "人大代表和联络站",
            found,
            shown=shown,
            search=search,
            plan=plan,
            closed_on=found.closed_on,
            successor=found.succeeded_by,
        )


@require_safe
def plan(request: HttpRequest, scope_code: int) -> HttpResponse:
    """The year's plan of the presidium as it was published (代表法 Art. 43)."""
    found, today = public_place(scope_code), timezone.localdate()
    with acting(resident_of(found)) as actor:
        row = published_plan(actor, found.scope_code)
        if row is None:
            raise OutOfScope()
        return _page(
            request,
            "public_plan.html",
            row.title,
            found,
            plan=row,
            foreword=row.foreword.splitlines(),
            closing=row.closing.splitlines(),
            lines=plan_lines(actor, row, today),
        )


@require_safe
def station(request: HttpRequest, code: str) -> HttpResponse:
    """One station: address, hours, rules, who receives next, its code to scan."""
    found = _place_of(code)
    with acting(resident_of(found)) as actor:
        shown = public_station(actor, code, timezone.localdate())
        # A reception held this morning is no longer the next one.
        coming = [day for day in shown.coming if day.state == ReceptionDayState.PUBLISHED]
        return _page(
            request,
            "public_station.html",
            shown.name,
            found,
            page_lead=shown.kind.label,
            station=shown,
            next_day=coming[0] if coming else None,
            later=coming[1:7],
            called_off=called_off_days(actor, [shown.id], timezone.localdate()),
            received=RECEIVED,
            not_received=NOT_RECEIVED,
            provisional=PROVISIONAL if any(day.is_provisional for day in coming[:7]) else "",
        )


@require_safe
def station_qr(request: HttpRequest, code: str) -> HttpResponse:
    """The station's address as a picture to scan and to print on its door plate."""
    _place_of(code)
    picture = io.BytesIO()
    segno.make(station_address(code), error="m", micro=False).save(
        picture, kind="svg", xmldecl=False, svgclass=None, lineclass=None, omitsize=True, border=4
    )
    response = HttpResponse(picture.getvalue(), content_type="image/svg+xml")
    response["Content-Security-Policy"] = "default-src 'none'"
    return response


@require_safe
def station_photo(request: HttpRequest, photo_id: int) -> HttpResponse:
    """One photo of a station in the size of a page; only what was checked and painted anew is sent."""
    with acting(anybody()) as actor:
        place = place_of_photo(actor, photo_id)
    with acting(resident_of(place)) as actor:
        photo = public_photo(actor, photo_id)
        stored = photo.preview or photo.file
        if stored.content_type != JPEG:
            raise OutOfScope("没有找到这张照片。")
        response = file_response(actor, stored, inline=True)
    # A page opened twice fetches its photos once; one taken down is gone within the hour.
    response["Cache-Control"] = "private, max-age=3600"
    return response


def station_address(code: str) -> str:
    """The full address behind the picture; it opens from any telephone."""
    return f"{settings.SITE_URL}{reverse('reports_public_station', args=[code])}"


def _place_of(code: str) -> Jurisdiction:
    with acting(anybody()) as actor:
        return place_of_station(actor, code)


def _page(
    request: HttpRequest, template: str, title: str, place: Jurisdiction | None, **context: Any
) -> HttpResponse:
    home = reverse("reports_public_place", args=[place.scope_code]) if place else reverse("reports_public")
    shared = {
        "page_title": title,
        "jurisdiction_name": place.name if place else "",
        "public_home": home,
        "public_nav": _doors(request, home if place else ""),
        "follow_url": page_url("constituents_follow"),
        "today": timezone.localdate(),
    }
    return render(request, f"reports/{template}", shared | context)


def _doors(request: HttpRequest, home: str) -> list[dict[str, Any]]:
    known = [
        ("代表和联络站", home),
        ("选择乡镇", reverse("reports_public")),
        ("查询办理情况", page_url("constituents_follow")),
    ]
    return [{"label": label, "url": url, "active": request.path == url} for label, url in known if url]
