"""Signing in and out, and proving again who one is."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from liaison.identity import accounts
from liaison.identity.auth import open_appointments
from liaison.identity.counting import Rule
from liaison.identity.gates import PROVED, account_of, confirm, home_url, safe_next, signed_in, to_page
from liaison.identity.sign_in_limits import (
    NOTED,
    count_failure,
    count_success,
    is_known,
    remember,
    sender_of,
    stopped_by,
)
from liaison.identity.throttling import Limit, too_many
from liaison.models import Account
from liaison.web.forms import ReauthenticateForm, SignInForm
from liaison.web.middleware import client_address

WRONG = "账号或密码不正确，请核对后重试。"


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The one door for every account; where to go afterwards may be asked for by ``next``."""
    if request.user.is_authenticated and request.method != "POST":
        return HttpResponseRedirect(safe_next(request))
    # A printed slip's code names the account, never its password.
    told = {"username": request.GET.get("account", "")[:40]}
    form = SignInForm(request.POST if request.method == "POST" else None, initial=told)
    if request.method == "POST" and form.is_valid():
        name, password = form.cleaned_data["username"], form.cleaned_data["password"]
        sender, now = sender_of(client_address(request)), timezone.now()
        stopped = None if is_known(request, name) else stopped_by(sender, name, password, now)
        if stopped is not None:
            return _stopped(request, stopped, sender, now)
        account = authenticate(request, username=name, password=password)
        if account is not None:
            count_success(sender, name)
            response = _enter(request, account)
            remember(request, response, name)
            return response
        count_failure(sender, name, password, now)
        accounts.note_refused(name, locked=bool(getattr(request, "axes_locked_out", False)))
        form.add_error(None, WRONG)
    return render(request, "liaison/sign_in.html", _sign_in_context(request, form))


def _stopped(request: HttpRequest, rule: Rule, sender: str, now: datetime) -> HttpResponse:
    """429 in words, the same for every name; noted once in a while, so that guessing floods no trail."""
    if not NOTED.is_reached(f"{rule.kind}:{sender}", now):
        NOTED.add(f"{rule.kind}:{sender}", "", now)
        accounts.note_limited()
    return too_many(request, Limit(rule.kind, rule.most, rule.minutes * 60))


def _sign_in_context(request: HttpRequest, form: SignInForm) -> dict[str, object]:
    return {
        "form": form,
        "next": request.POST.get("next") or request.GET.get("next") or "",
        "timed_out": "timed_out" in request.GET,
        "failure_limit": settings.AXES_FAILURE_LIMIT,
        "cooloff_minutes": int(settings.AXES_COOLOFF_TIME.total_seconds() // 60),
    }


def _enter(request: HttpRequest, account: Account) -> HttpResponse:
    """Begin the session under a new key and choose the first page."""
    login(request, account)
    now = timezone.now()
    request.session["began_at"] = request.session["seen_at"] = int(now.timestamp())
    request.session.pop(PROVED, None)
    confirm(request)
    appointments = open_appointments(account, timezone.localdate(now))
    request.session["appointment_id"] = appointments[0].pk if appointments else None
    accounts.note_of(account, "sign_in", appointments=len(appointments))
    if len(appointments) > 1:
        return to_page("appointments", next=safe_next(request))
    return HttpResponseRedirect(safe_next(request))


@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session and asks the browser to forget pages and drafts (shared computers).

    Unsent reception records stay when their owner says so: they are encrypted, and the page has already
    thrown the key away.
    """
    if request.method != "POST":
        return (
            render(request, "liaison/sign_out.html") if request.user.is_authenticated else to_page("sign_in")
        )
    if request.user.is_authenticated:
        accounts.note_of(account_of(request), "sign_out")
    logout(request)
    is_kept = request.POST.get("keep") == "1"
    response = render(request, "liaison/signed_out.html", {"is_kept": is_kept})
    response["Clear-Site-Data"] = '"cache"' if is_kept else '"cache", "storage"'
    return response


@sensitive_post_parameters("password")
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def reauthenticate(request: HttpRequest) -> HttpResponse:
    """The password again, before exports and publication; wrong ones count towards the lockout."""
    form = ReauthenticateForm(request.POST if request.method == "POST" else None)
    account = account_of(request)
    if request.method == "POST" and form.is_valid():
        password = form.cleaned_data["password"]
        if authenticate(request, username=account.username, password=password) is not None:
            request.session.cycle_key()
            confirm(request)
            accounts.note_of(account, "reauthenticate")
            return HttpResponseRedirect(safe_next(request))
        accounts.note_of(account, "reauthenticate_refused")
        form.add_error("password", "密码不正确，请重新输入。")
    purpose = request.GET.get("purpose", "")[:40]
    context = {"form": form, "purpose": purpose, "next": safe_next(request), "home": home_url()}
    return render(request, "liaison/reauthenticate.html", context)
