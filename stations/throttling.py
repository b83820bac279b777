"""Counting fetches of calendars in the shared cache: wrong addresses per sender, right ones per address.

A cache that is down lets people through: the secrets carry 256 bits, counting only keeps guessing and
polling cheap to us.
"""

from __future__ import annotations

import hashlib
import logging

from django.core.cache import cache

log = logging.getLogger(__name__)

WINDOW_SECONDS = 10 * 60
# Unknown addresses from one sender: somebody whose old address was replaced and whose telephone keeps asking.
MOST_MISSES = 20
# Fetches of one calendar: several telephones of one holder, each refreshing by hand.
MOST_FETCHES = 30


def _key(kind: str, subject: str) -> str:
    """Neither senders nor secrets are kept in the cache in the clear."""
    return f"calendar-{kind}-{hashlib.sha256(subject.encode()).hexdigest()[:24]}"


def is_blocked(kind: str, subject: str, most: int) -> bool:
    """Whether ``subject`` has reached ``most`` within the window."""
    try:
        return int(cache.get(_key(kind, subject), 0)) >= most
    except Exception:
        log.exception("the cache does not answer; nothing is counted")
        return False


def count(kind: str, subject: str) -> None:
    """One more; the window begins with the first."""
    key = _key(kind, subject)
    try:
        if not cache.add(key, 1, WINDOW_SECONDS):
            cache.incr(key)
    except ValueError:
        cache.set(key, 1, WINDOW_SECONDS)
    except Exception:
        log.exception("the cache does not answer; nothing is counted")
