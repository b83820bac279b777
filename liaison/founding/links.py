"""The link that opens the set-up: made on the machine, kept as a digest, good once and for a day."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from liaison.auditing import trail
from liaison.models import Account, SetUp
from liaison.models.set_up import ONLY
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.errors import Refused

HOURS = 24
_VISIT = "set_up_visit"
OVER = "这套系统的首次设置已经完成，不能再次打开。开立账号请联系安全管理员。"


def set_up_actor() -> Actor:
    """Who acts in the wizard: nobody has an account yet, so the trail names the set-up itself."""
    return system_actor(name="首次设置")


def is_wanted() -> bool:
    """Whether the set-up is still to be done: not finished, and nobody has an account by other ways."""
    row = SetUp.objects.filter(pk=ONLY).first()
    if row is not None:
        return row.finished_at is None
    with acting(set_up_actor()):
        return not Account.objects.exists()


def make_link(*, now: datetime) -> str:
    """A fresh link, in place of the one before; ``Refused`` once the set-up is over or was never needed."""
    key = secrets.token_urlsafe(32)
    with acting(set_up_actor()), trail.operation("make_set_up_link"):
        row = SetUp.objects.select_for_update().filter(pk=ONLY).first()
        if (row and row.finished_at) or (row is None and Account.objects.exists()):
            raise Refused(OVER)
        row = row or SetUp()
        row.key_digest, row.expires_at = _digest(key), now + timedelta(hours=HOURS)
        row.opened_at, row.visit_digest = None, ""
        row.save()
    return f"{settings.SITE_URL}{reverse('set_up_open', args=[key])}"


def fits(key: str, now: datetime) -> bool:
    """Whether the link would open the set-up now."""
    row = SetUp.objects.filter(pk=ONLY, opened_at=None, finished_at=None, expires_at__gt=now).first()
    return row is not None and constant_time_compare(row.key_digest, _digest(key))


def open_link(request: HttpRequest, key: str, *, now: datetime) -> bool:
    """Use the link up and let this browser into the set-up; ``False`` for one that does not fit."""
    visit = secrets.token_urlsafe(32)
    with acting(set_up_actor()), trail.operation("open_set_up_link"):
        SetUp.objects.select_for_update().filter(pk=ONLY).first()
        if not fits(key, now):
            return False
        SetUp.objects.filter(pk=ONLY).update(opened_at=now, visit_digest=_digest(visit))
    request.session.cycle_key()
    request.session[_VISIT] = visit
    return True


def visited(request: HttpRequest, now: datetime) -> SetUp | None:
    """The set-up this browser may go on with; ``None`` for every other, and a day after it was opened."""
    row = SetUp.objects.select_related("office").filter(pk=ONLY, finished_at=None).first()
    visit = request.session.get(_VISIT, "")
    if row is None or row.opened_at is None or now > row.opened_at + timedelta(hours=HOURS):
        return None
    return row if visit and constant_time_compare(row.visit_digest, _digest(visit)) else None


def _digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()
