"""How often signing in may fail: per address, per name, and for one password tried on many names.

A whole village may sit behind one address. A browser that signed in before carries a signed cookie naming
its accounts; for these it is counted by nothing but the lockout of account and address (``AXES_*``), so
that nobody's guessing keeps a known browser out. Names that come in in the end count no longer.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from liaison.identity.counting import Rule, digest, first_reached
from liaison.words.text import fold_width

# Names that failed from one address and have not come in since.
ADDRESS = Rule("sign-in-address", most=15, minutes=10, distinct=True)
# Failures of one name, from wherever.
NAME = Rule("sign-in-name", most=20, minutes=60)
# Names one and the same wrong password was tried on, from wherever.
SECRET = Rule("sign-in-secret", most=6, minutes=60, distinct=True)
# That a limit stopped somebody is noted once in this time.
NOTED = Rule("sign-in-noted", most=1, minutes=60)

COOKIE = "__Host-liaison-known" if settings.IS_PRODUCTION else "liaison_known"
COOKIE_SECONDS = 180 * 24 * 3600
MOST_KNOWN = 10
_SALT = "liaison.known-browser"


def sender_of(address: str) -> str:
    """The address; of IPv6 the network of 64 bits, which one subscriber holds."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((int(found), 64), strict=False).network_address)


def _known(request: HttpRequest) -> list[str]:
    try:
        names = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=COOKIE_SECONDS)
    except signing.BadSignature:
        return []
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def is_known(request: HttpRequest, name: str) -> bool:
    """Whether this browser signed in as ``name`` before."""
    return digest(f"name:{name}") in _known(request)


def remember(request: HttpRequest, response: HttpResponse, name: str) -> None:
    """Let the browser be known for ``name``; a shared one for the last ten."""
    own = digest(f"name:{name}")
    names = [own, *(other for other in _known(request) if other != own)][:MOST_KNOWN]
    response.set_cookie(
        COOKIE, signing.dumps(names, salt=_SALT), max_age=COOKIE_SECONDS, httponly=True,
        secure=settings.IS_PRODUCTION, samesite="Lax",
    )  # fmt: skip


def stopped_by(sender: str, name: str, password: str, now: datetime) -> Rule | None:
    """The limit that is reached; nothing is hashed then, and the answer is the same for every name."""
    return first_reached(((ADDRESS, sender), (NAME, name), (SECRET, fold_width(password))), now)


def count_failure(sender: str, name: str, password: str, now: datetime) -> None:
    ADDRESS.add(sender, name, now)
    NAME.add(name, sender, now)
    SECRET.add(fold_width(password), name, now)


def count_success(sender: str, name: str) -> None:
    ADDRESS.forget(sender, name)
    NAME.forget(name, sender)
