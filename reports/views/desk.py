"""The desk on a phone: the page, what it must know, and what makes it work without signal.

``/desk/`` is a page like others. The service worker keeps only ``/desk/shell/``, which is the same for
everybody and names nobody; what is typed stays encrypted on the phone (``liaison.identity.phone_keys``).
"""

from __future__ import annotations

import json
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from liaison.identity.gates import actor_of, for_roles
from liaison.identity.phone_keys import phone_keys
from liaison.web.phone_records import MOST_PHOTOS, owner_of
from reports import desk_files
from reports.selectors.desk import desk_days, desk_state
from stations.services import DESK_ROLES

# How long a phone without signal may go on with what it was given: as long as a session lasts at most.
OFFLINE_LIFE = timedelta(seconds=settings.SESSION_COOKIE_AGE)


@for_roles(*DESK_ROLES)
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Today's receptions; with the script the whole desk, without it the way to the plain forms."""
    actor, today = actor_of(request), timezone.localdate()
    context = {
        "page_title": "接待登记",
        "today": today,
        "plain_days": desk_days(actor, today),
        "scripts": desk_files.SCRIPTS,
        "most_photos": MOST_PHOTOS,
        "idle_seconds": settings.SESSION_IDLE_SECONDS,
    }
    return render(request, "reports/desk.html", context)


@for_roles(*DESK_ROLES)
@require_safe
def state(request: HttpRequest) -> JsonResponse:
    """Whose desk this is, the key of its records, a fresh form token, and today's receptions."""
    actor, now = actor_of(request), timezone.now()
    found = {
        "owner": owner_of(actor),
        "keys": phone_keys(actor),
        "until": int((now + OFFLINE_LIFE).timestamp() * 1000),
        "now": int(now.timestamp() * 1000),
        "csrf": get_token(request),
        "desk": desk_state(actor, timezone.localdate(now)),
    }
    return JsonResponse(found)


@for_roles(*DESK_ROLES)
@require_safe
def token(request: HttpRequest) -> JsonResponse:
    """Asked before each sending: who is signed in now, with a form token of this session."""
    return JsonResponse({"owner": owner_of(actor_of(request)), "csrf": get_token(request)})


@require_safe
def shell(request: HttpRequest) -> HttpResponse:
    """The desk's page without anybody's name on it: what the phone opens when there is no signal."""
    context = {
        "scripts": desk_files.SCRIPTS,
        "most_photos": MOST_PHOTOS,
        "idle_seconds": settings.SESSION_IDLE_SECONDS,
        "page_title": "接待登记",
    }
    return render(request, "reports/desk_shell.html", context)


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, for ``/desk/`` and nothing else."""
    page = reverse("reports_desk")
    facts = {
        "version": desk_files.version(),
        "page": page,
        "shell": reverse("reports_desk_shell"),
        "assets": desk_files.asset_urls(),
    }
    body = b"const DESK = " + json.dumps(facts).encode() + b";\n" + desk_files.worker_source()
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = page
    return response


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to put the desk on its first screen."""
    page = reverse("reports_desk")
    facts = {
        "name": "人大代表接待登记",
        "short_name": "接待登记",
        "lang": "zh-Hans",
        "id": page,
        "start_url": page,
        "scope": page,
        "display": "minimal-ui",
        "background_color": "#fbfaf7",
        "theme_color": "#a61b1b",
        "icons": [{"src": static("liaison/favicon.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    return HttpResponse(json.dumps(facts, ensure_ascii=False), content_type="application/manifest+json")
