"""Counting tries from outside in the shared cache: guesses per sender, uses per secret.

A cache that is down lets people through: the secrets carry 128 bits and more, counting only keeps guessing
and polling cheap to us.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` tries of one kind and subject within ``seconds``; the window begins with the first."""

    kind: str
    most: int
    seconds: int = 10 * 60

    def is_reached(self, subject: str) -> bool:
        try:
            return int(cache.get(self._key(subject), 0)) >= self.most
        except Exception:
            log.exception("the cache does not answer; nothing is counted")
            return False

    def count(self, subject: str) -> None:
        """One more."""
        key = self._key(subject)
        try:
            if not cache.add(key, 1, self.seconds):
                cache.incr(key)
        except ValueError:
            cache.set(key, 1, self.seconds)
        except Exception:
            log.exception("the cache does not answer; nothing is counted")

    def _key(self, subject: str) -> str:
        """Neither senders nor secrets are kept in the cache in the clear."""
        return f"{self.kind}-{hashlib.sha256(subject.encode()).hexdigest()[:24]}"


def too_many(request: HttpRequest, limit: Limit) -> HttpResponse:
    """429 in plain words, and when to try again."""
    response = render(request, "429.html", {"retry_after_minutes": limit.seconds // 60}, status=429)
    response["Retry-After"] = str(limit.seconds)
    return response
