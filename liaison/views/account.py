"""The own account: appointments, password, display, messages."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liaison.identity import access, accounts
from liaison.identity.gates import account_of, actor_of, confirm, home_url, safe_next, signed_in, to_page
from liaison.identity.requests import ours
from liaison.identity.roles import REGISTRARS
from liaison.messages import outbox
from liaison.web.forms import PasswordChangeForm
from liaison.web.pages import whole_number
from liaison.words.errors import Forbidden

PAGE_LENGTH = 20
YEAR_SECONDS = 365 * 24 * 3600
# What the two display cookies may hold; the first value is the ordinary one.
PREFERENCES = {"type_size": ("normal", "large"), "contrast": ("normal", "high")}


@signed_in
@require_safe
def appointments(request: HttpRequest) -> HttpResponse:
    return render(request, "liaison/appointments.html", {"next": request.GET.get("next", "")})


@signed_in
@require_POST
def switch_appointment(request: HttpRequest) -> HttpResponse:
    """Act in another appointment from now on; only one's own that hold today can be chosen."""
    chosen = request.POST.get("appointment", "")
    mine = {str(appointment.pk): appointment for appointment in ours(request).appointments}
    if chosen not in mine:
        raise Forbidden("您没有这项职务，或者它已经结束。")
    request.session["appointment_id"] = mine[chosen].pk
    request.session.cycle_key()
    accounts.note_of(account_of(request), "switch_appointment", appointment=mine[chosen].pk)
    return HttpResponseRedirect(safe_next(request))


@sensitive_post_parameters()
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def password_change(request: HttpRequest) -> HttpResponse:
    """The first sign-in leads here; changing ends the account's other sessions."""
    account = account_of(request)
    forced = account.must_change_password
    form = PasswordChangeForm(request, account, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        accounts.change_own_password(account=account, password=form.cleaned_data["new_password"])
        update_session_auth_hash(request, account)
        confirm(request)
        return to_page("password_change_done")
    return render(request, "liaison/password_change.html", {"form": form, "must_change": forced})


@signed_in
@require_safe
def password_change_done(request: HttpRequest) -> HttpResponse:
    return render(request, "liaison/password_change_done.html", {"home": home_url()})


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Type size and contrast, kept on the device; open to everybody."""
    if request.method != "POST":
        return render(request, "liaison/preferences.html")
    response = HttpResponseRedirect(safe_next(request, default=request.path))
    for name, allowed in PREFERENCES.items():
        if request.POST.get(name) in allowed:
            response.set_cookie(
                name,
                request.POST[name],
                max_age=YEAR_SECONDS,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
    return response


@signed_in
@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    """The account's messages within the current appointment, newest first."""
    pages = Paginator(access.notifications(actor_of(request)), PAGE_LENGTH)
    return render(
        request,
        "liaison/notifications.html",
        {
            "page_obj": pages.get_page(request.GET.get("page")),
            "has_jobs": actor_of(request).has_role(*REGISTRARS),
        },
    )


@signed_in
@require_POST
def notifications_read(request: HttpRequest) -> HttpResponse:
    """Mark all messages read, or the one named by ``notification``."""
    only = request.POST.get("notification", "")
    ids = [whole_number(only)] if only else None
    count = outbox.mark_read(actor=actor_of(request), ids=ids, now=timezone.now())
    messages.success(request, f"已将{count}条消息标为已读。")
    return to_page("notifications")
