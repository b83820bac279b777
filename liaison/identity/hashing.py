"""Passwords are hashed a few at a time: each takes 100 MB and most of a second of one processor."""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, BasePasswordHasher, make_password
from django.utils.crypto import constant_time_compare, get_random_string

from liaison.words.errors import LiaisonError

# At once on this machine, all processes and threads together; half of it goes on serving pages.
SLOTS = max(1, (os.cpu_count() or 2) // 2)
WAIT_SECONDS = 8.0
# Longer ones the forms refuse; whatever comes another way is not hashed at all.
LONGEST = 200
# Of the digest of a one-time password: 320 bits, which fit the column.
_DIGITS = 80


class Busy(LiaisonError):
    """Too many people sign in at this moment."""

    status = 503

    def __init__(self) -> None:
        super().__init__("现在登录的人太多，请过一会儿再试。")


@contextmanager
def slot(*, wait: float | None = None) -> Iterator[None]:
    """One of ``SLOTS`` places, held by a lock on a file; ``Busy`` after ``wait`` seconds in the queue."""
    folder = Path(settings.DATA_DIR) / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + (WAIT_SECONDS if wait is None else wait)
    while True:
        for number in range(SLOTS):
            with (folder / f"hashing-{number}").open("a") as place:
                try:
                    fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                yield
                return
        if time.monotonic() >= until:
            raise Busy()
        time.sleep(0.02)


class BoundedArgon2PasswordHasher(Argon2PasswordHasher):
    """Django's own hash under the same name; stored passwords stay valid."""

    def encode(self, password: str, salt: str) -> str:
        with slot():
            return str(super().encode(password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        if len(password) > LONGEST:
            return False
        with slot():
            return bool(super().verify(password, encoded))


class OneTimePasswordHasher(BasePasswordHasher):
    """For passwords we draw ourselves: with 77 bits of chance in them a slow hash protects nothing.

    A whole roster of them is hashed in a moment. Nobody chooses such a password: at the first sign-in its
    owner puts an own one in its place, which is hashed slowly.
    """

    algorithm = "one_time"

    def encode(self, password: str, salt: str) -> str:
        digest = hashlib.sha512(f"{salt}${password}".encode()).hexdigest()[:_DIGITS]
        return f"{self.algorithm}${salt}${digest}"

    def decode(self, encoded: str) -> dict[str, Any]:
        algorithm, salt, digest = encoded.split("$", 2)
        return {"algorithm": algorithm, "salt": salt, "hash": digest}

    def verify(self, password: str, encoded: str) -> bool:
        """A wrong one takes as long as any other: the time does not tell which accounts nobody uses."""
        if len(password) <= LONGEST and constant_time_compare(
            encoded, self.encode(password, self.decode(encoded)["salt"])
        ):
            return True
        make_password(password[:LONGEST])
        return False

    def salt(self) -> str:
        return get_random_string(22)

    def must_update(self, encoded: str) -> bool:
        return False

    def safe_summary(self, encoded: str) -> Any:
        return {"algorithm": self.algorithm}

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Done by ``verify``."""
