"""What every request passes: a request number, session age, the actor's scope, errors in plain words."""

import logging
import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from liaison.identity.auth import actor_for, open_appointments
from liaison.identity.requests import ours
from liaison.tenancy.scope import NOWHERE, Actor, acting
from liaison.web.saved_forms import drop_messages
from liaison.words.enums import Role
from liaison.words.errors import LiaisonError

Next = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger(__name__)
# The statuses with a page of their own; every other refusal is a request nobody can act on.
_PAGES = (403, 404, 409, 413, 429, 503, 507)
UNSCOPED_PATHS = ("/healthz", "/readyz", "/static/")


def client_address(request: HttpRequest) -> str:
    """The client's address; X-Forwarded-For counts only when a trusted proxy sent it."""
    peer = str(request.META.get("REMOTE_ADDR", ""))
    if peer in settings.TRUSTED_PROXIES:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        return hops[-1] if hops else peer
    return peer


class RequestIdMiddleware:
    """Numbers each request; the number stands on error pages, in the log and in the audit trail."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = ours(request).request_id = secrets.token_hex(8)
        response = self.get_response(request)
        response["X-Request-Id"] = request_id
        if not request.path.startswith("/static/"):
            response.setdefault("Cache-Control", "no-store")
        return response


class SessionAgeMiddleware:
    """Signs out after 30 idle minutes or 12 hours (reliability section 2, 等保 8.1.4.1)."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = request.session
        if "_auth_user_id" in session:
            now = int(timezone.now().timestamp())
            seen, began = session.get("seen_at", now), session.get("began_at", now)
            if now - seen > settings.SESSION_IDLE_SECONDS or now - began > settings.SESSION_COOKIE_AGE:
                logout(request)
            elif now - seen > 60 or "began_at" not in session:
                # Written at most once a minute, to keep reading pages free of writes.
                session["seen_at"], session["began_at"] = now, began
        return self.get_response(request)


class ScopeMiddleware:
    """Runs the request as its actor, in one transaction."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(UNSCOPED_PATHS):
            return self.get_response(request)
        with transaction.atomic():
            actor = self._actor(request)
            ours(request).actor = actor
            with acting(actor):
                return self.get_response(request)

    def _actor(self, request: HttpRequest) -> Actor:
        request_id = ours(request).request_id
        ours(request).appointments = []
        user = request.user
        if not user.is_authenticated:
            return Actor(None, None, Role.PUBLIC, *NOWHERE, display_name="访客", request_id=request_id)
        mine = open_appointments(user, timezone.localdate())
        ours(request).appointments = mine
        chosen = request.session.get("appointment_id")
        # Never another one than was chosen: what is sent for one office is not done in the other.
        appointment = next((a for a in mine if chosen in (None, a.pk)), None)
        return actor_for(user, appointment, request_id)


class NulMiddleware:
    """Answers 400 to a NUL character in the address or in a form, which PostgreSQL cannot store or compare.

    No keyboard sends one; a probe does. The page needs the actor, so this runs inside `ScopeMiddleware`.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not _has_nul(request):
            return None
        message = "地址或者提交的内容中有无法识别的字符，请重新输入后再试。"
        if request.path.startswith("/api/"):
            return JsonResponse({"detail": message}, status=400)
        return render(request, "400.html", {"message": message}, status=400)


def _has_nul(request: HttpRequest) -> bool:
    words = [request.path]
    for sent in (request.GET, request.POST):
        for name, values in sent.lists():
            words += [name, *(value for value in values if isinstance(value, str))]
    return any("\x00" in word for word in words)


class ErrorMiddleware:
    """Answers our own errors with a page in plain Chinese; the transaction is rolled back."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        drop_messages(request)
        if isinstance(error, LiaisonError):
            template = f"{error.status}.html" if error.status in _PAGES else "400.html"
            return render(request, template, {"message": error.message}, status=error.status)
        if isinstance(error, DatabaseError):
            log.exception("database error")
        return None
