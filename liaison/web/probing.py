"""Probing is seen: refusals of one account are counted, and many of them raise one alert.

A refusal is a page that is not there or not for this appointment, or a list asked for a filter it does not
have. Whoever works meets a few a day; whoever walks numbers or guesses columns meets them by the minute.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from liaison.auditing import trail
from liaison.identity import accounts
from liaison.identity.counting import Rule
from liaison.identity.gates import account_of
from liaison.identity.selectors import keepers_of_security
from liaison.messages.outbox import notify, notify_roles
from liaison.models import Account
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role

Next = Callable[[HttpRequest], HttpResponse]

REFUSALS = Rule("refused", most=20, minutes=10)
# One alert an account in this time, however long the probing goes on.
QUIET = timedelta(hours=6)


class ProbingMiddleware:
    """Inside the actor's scope and outside everything that makes an answer out of an error."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_somebody = getattr(request, "user", None) is not None and request.user.is_authenticated
        if is_somebody and is_probe(request, response) and not connection.needs_rollback:
            watch(account_of(request), request, response.status_code, timezone.now())
        return response


def is_probe(request: HttpRequest, response: HttpResponse) -> bool:
    """400 counts for what an address asks, not for a form that was filled in wrongly."""
    asked = request.method in ("GET", "HEAD") and bool(request.GET)
    return response.status_code in (403, 404) or (response.status_code == 400 and asked)


def watch(account: Account, request: HttpRequest, status: int, now: datetime) -> None:
    """Count one refusal; a refused filter stands in the trail, as pages refused by our own errors do."""
    with transaction.atomic():
        if status == 400:
            page = request.resolver_match.view_name if request.resolver_match else ""
            accounts.note_of(account, "denied", page=page, status=status)
        REFUSALS.add(str(account.pk), request.path, now)
        tries = REFUSALS.count(str(account.pk), now)
        if tries >= REFUSALS.most:
            raise_alert(account, tries, now)


def raise_alert(account: Account, tries: int, now: datetime) -> bool:
    """Tell the keepers of security; ``False`` when they were told within ``QUIET``.

    Of several requests at once the one that marks the account tells them.
    """
    with acting(system_actor(name="安全提醒")):
        with trail.operation("alert_probing"):
            due = Q(probed_at__isnull=True) | Q(probed_at__lt=now - QUIET)
            if not Account.objects.filter(due, pk=account.pk).update(probed_at=now):
                return False
        title = f"账号{account.username}短时间内多次访问被拒绝"
        happened = (
            f"{REFUSALS.minutes}分钟内有{tries}次请求被拒绝：记录不存在或者不在范围内、职务无权办理，"
            "或者按列表没有的条件筛选。"
        )
        key = f"probing:{account.pk}:{now:%Y%m%d%H%M}"
        told = notify_roles(
            scope_code=account.scope_code,
            roles=[Role.SECURITY_ADMIN],
            title=title,
            body=f"{happened}请查看审计记录并向本人核实；不是本人操作的，先停用账号、重置密码。",
            link=reverse("admin:liaison_account_change", args=[account.pk]),
            dedupe_key=key,
            now=now,
        )
        if not told:
            _tell_those_below(title, happened, key, now)
    return True


def _tell_those_below(title: str, happened: str, key: str, now: datetime) -> None:
    """An account above every keeper of this installation: all of them hear of it, none can open it."""
    for account_id, scope_code in keepers_of_security(now):
        notify(
            account_id=account_id,
            scope_code=scope_code,
            title=title,
            body=f"{happened}这个账号属于上级，本级不能停用，请立即告知上级的安全管理员。",
            link="",
            dedupe_key=key,
            now=now,
        )
