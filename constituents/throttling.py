"""Counting tries from outside: per address and per code, in the shared cache.

A cache that is down lets people through: the codes carry 128 bits, counting only keeps guessing cheap to us.
"""

import hashlib
import logging

from django.core.cache import cache

log = logging.getLogger(__name__)

WINDOW_SECONDS = 10 * 60
# Unknown codes from one address; a household that mistypes stays well below.
MOST_MISSES = 10
# Ratings tried with one code.
MOST_RATINGS = 5


def _key(kind: str, subject: str) -> str:
    """Addresses and codes are not kept in the cache in the clear."""
    return f"opinion-{kind}-{hashlib.sha256(subject.encode()).hexdigest()[:24]}"


def is_blocked(kind: str, subject: str, limit: int) -> bool:
    """Whether ``subject`` has reached ``limit`` within the window."""
    try:
        return int(cache.get(_key(kind, subject), 0)) >= limit
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
