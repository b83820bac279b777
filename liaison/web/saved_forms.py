"""What was saved is said only once it is: the mark that ends a draft, and the messages of a page.

The transaction of a request ends in ``ScopeMiddleware``. The mark is set outside it, so beyond the COMMIT;
the messages of a request that fails are dropped with what they spoke of.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.messages import ERROR
from django.contrib.messages.api import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest, HttpResponse

Next = Callable[[HttpRequest], HttpResponse]
# The page that follows reads and deletes it at once (static/liaison/drafts.js).
_MARK_SECONDS = 10 * 60
_TOKEN = re.compile(r"[0-9a-f]{16}")


class PageMessages(FallbackStorage):
    """Messages of one request and those that wait from earlier ones."""

    def drop_queued(self) -> None:
        """Forget what this request said; what earlier ones said still waits for a page that shows it."""
        self._queued_messages: list[Any] = []

    def tells_of_an_error(self) -> bool:
        return any(message.level >= ERROR for message in self._queued_messages)


class SavedFormMiddleware:
    """Names the sending that was saved, so that its draft may end.

    Saved means: the form was answered by the redirect of its view. A page that shows the form again, an
    error, a way round by the sign-in page (``is_detour``) and a redirect that tells of an error save nothing.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST" and response.status_code in (302, 303) and _is_saved(request, response):
            token = request.POST.get("draft_token", "")
            if _TOKEN.fullmatch(token):
                secure = bool(settings.SESSION_COOKIE_SECURE)
                response.set_cookie(
                    f"saved_{token}", "1", max_age=_MARK_SECONDS, secure=secure, samesite="Lax"
                )
        return response


def _is_saved(request: HttpRequest, response: HttpResponse) -> bool:
    if getattr(response, "is_detour", False):
        return False
    messages = get_messages(request)
    return not (isinstance(messages, PageMessages) and messages.tells_of_an_error())


def drop_messages(request: HttpRequest) -> None:
    """Called where a request fails after it may have said that something was done."""
    messages = get_messages(request)
    if isinstance(messages, PageMessages):
        messages.drop_queued()
