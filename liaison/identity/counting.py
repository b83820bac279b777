"""Counting tries in the database: the same for every process, and without the cache.

Subjects are kept as keyed digests. A window slides: what is older than it does not count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from liaison.models import CountedTry

KEPT = timedelta(days=1)


def digest(words: str) -> str:
    """128 bits nobody without SECRET_KEY can look up."""
    return salted_hmac("liaison.counting", words, algorithm="sha256").hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Rule:
    """``most`` tries of one kind against one subject within ``minutes``; ``distinct`` counts details once."""

    kind: str
    most: int
    minutes: int
    distinct: bool = False

    def count(self, subject: str, now: datetime) -> int:
        since = now - timedelta(minutes=self.minutes)
        rows = CountedTry.objects.filter(kind=self.kind, subject=digest(subject), at__gt=since)
        return rows.values("detail").distinct().count() if self.distinct else rows.count()

    def is_reached(self, subject: str, now: datetime) -> bool:
        return self.count(subject, now) >= self.most

    def add(self, subject: str, detail: str, now: datetime) -> None:
        """One more, and what is older than a day goes."""
        CountedTry.objects.filter(at__lt=now - KEPT).delete()
        CountedTry.objects.create(kind=self.kind, subject=digest(subject), detail=digest(detail), at=now)

    def forget(self, subject: str, detail: str) -> None:
        CountedTry.objects.filter(kind=self.kind, subject=digest(subject), detail=digest(detail)).delete()


def first_reached(rules: Iterable[tuple[Rule, str]], now: datetime) -> Rule | None:
    """The first rule whose count for its subject is full."""
    return next((rule for rule, subject in rules if rule.is_reached(subject, now)), None)
