"""What stands between a signed-in account and the pages: first password, second factor, recent proof.

``AccountGateMiddleware`` belongs inside ``ErrorMiddleware``: it looks at each view before it runs, and at
each denial before the error page is made.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from liaison.identity import accounts
from liaison.identity.requests import ours
from liaison.identity.roles import APPOINTABLE, STAFF
from liaison.models import Account
from liaison.tenancy.scope import Actor
from liaison.words.enums import (
    Role,
)
from liaison.words.errors import Forbidden, LiaisonError, OutOfScope

View = Callable[..., HttpResponse]

# How long a proof of identity lasts before exports and publication ask again (ASVS 7.5.3).
CONFIRMED_SECONDS = 5 * 60
# An account that may not go on yet still reaches these.
# Where a session keeps the number of the authenticator it has proved.
PROVED = "second_factor"
ALWAYS_OPEN = frozenset({"sign_in", "sign_out", "preferences", "appointments", "switch_appointment"})
PASSWORD_PAGES = ALWAYS_OPEN | {"password_change"}
SECOND_FACTOR_PAGES = ALWAYS_OPEN | {"second_factor", "second_factor_enrol"}
# What is the account's own, whatever it is appointed to; home says that nothing is in force.
ACCOUNT_PAGES = PASSWORD_PAGES | SECOND_FACTOR_PAGES | {"password_change_done", "reauthenticate", "home"}
NOT_IN_FORCE = "您所用的职务目前不在任：已经结束、暂停执行，或者对应的小组、联络站、承办单位已变动。"


def actor_of(request: HttpRequest) -> Actor:
    return ours(request).actor


def account_of(request: HttpRequest) -> Account:
    return cast(Account, request.user)


def home_url() -> str:
    """The first page after signing in; an upper floor's, named by string."""
    try:
        return reverse("home")
    except NoReverseMatch:
        return "/"


def safe_next(request: HttpRequest, default: str = "") -> str:
    """Where the user wanted to go, if that is a page of this site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    hosts = {request.get_host()}
    if target and url_has_allowed_host_and_scheme(target, hosts, require_https=request.is_secure()):
        return str(target)
    return default or home_url()


def to_page(name: str, **query: str) -> HttpResponseRedirect:
    suffix = f"?{urlencode({key: value for key, value in query.items() if value})}" if query else ""
    return HttpResponseRedirect(reverse(name) + suffix)


def detour(name: str, **query: str) -> HttpResponseRedirect:
    """To a page that must be passed first: what was sent was not looked at, and its draft lives on."""
    response = to_page(name, **query)
    response.is_detour = True  # type: ignore[attr-defined]
    return response


def to_sign_in(request: HttpRequest) -> HttpResponseRedirect:
    """To the door and back afterwards; it tells whoever was signed out by the clock that it was so."""
    # The session middleware emptied the session, but the browser still sends its number.
    timed_out = settings.SESSION_COOKIE_NAME in request.COOKIES and "_auth_user_id" not in request.session
    return detour("sign_in", next=request.get_full_path(), timed_out="1" if timed_out else "")


def signed_in(view: View) -> View:
    """The page is for accounts: a stranger is sent to the sign-in page and comes back afterwards.

    Whose appointment is not in force gets 403, but for the account's own pages.

    The view's ``open_to`` names the roles it lets in; the tests read it, ``for_roles`` narrows it.
    """

    @wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        page = request.resolver_match.url_name if request.resolver_match else None
        if actor_of(request).appointment_id is None and page not in ACCOUNT_PAGES:
            raise Forbidden(NOT_IN_FORCE)
        return view(request, *args, **kwargs)

    gated.__dict__.setdefault("open_to", frozenset(APPOINTABLE))
    return gated


def for_roles(*roles: Role) -> Callable[[View], View]:
    """The page is for appointments of ``roles``; a stranger signs in first, others get 403."""

    def decorate(view: View) -> View:
        @wraps(view)
        def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not actor_of(request).has_role(*roles):
                raise Forbidden()
            return view(request, *args, **kwargs)

        gated.__dict__["open_to"] = frozenset(roles)
        return signed_in(gated)

    return decorate


def recently_authenticated(purpose: str) -> Callable[[View], View]:
    """Exports and publication ask for the password again after five minutes.

    ``purpose`` completes the sentence 您即将……. A form that was sent is not lost: its page is opened
    again after the proof, and the browser kept the draft.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if is_confirmed(request):
                return view(request, *args, **kwargs)
            if request.path.startswith("/api/"):
                raise Forbidden("请先在网页上再次确认身份，5分钟内有效。")
            back = request.get_full_path() if request.method == "GET" else _page_of_form(request)
            return detour("reauthenticate", next=back, purpose=purpose)

        return signed_in(gated)

    return decorate


def is_confirmed(request: HttpRequest) -> bool:
    at: float = request.session.get("confirmed_at", 0)
    return 0 <= timezone.now().timestamp() - at <= CONFIRMED_SECONDS


def confirm(request: HttpRequest) -> None:
    """Remember that the account has just proved who it is."""
    request.session["confirmed_at"] = int(timezone.now().timestamp())


def _page_of_form(request: HttpRequest) -> str:
    origin = f"{request.scheme}://{request.get_host()}"
    referer = request.headers.get("Referer", "")
    return referer.removeprefix(origin) if referer.startswith(f"{origin}/") else request.path


def needs_second_factor(request: HttpRequest) -> bool:
    """Whoever enrolled a second factor gives it; where the office requires it, all staff do.

    Asked of the account: a session begun before the authenticator was bound, or with a former one, is asked
    at its next request.
    """
    bound = account_of(request).second_factor
    if bound is not None:
        return bool(request.session.get(PROVED) != bound)
    return bool(getattr(settings, "LIAISON_REQUIRE_OTP", False) and actor_of(request).role in STAFF)


def prove_second_factor(request: HttpRequest) -> None:
    """Remember in the session that the account's authenticator, or a recovery code beside it, was given."""
    request.session[PROVED] = account_of(request).second_factor


class AccountGateMiddleware:
    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if getattr(request, "actor", None) is None or not request.user.is_authenticated:
            return None
        page = request.resolver_match.url_name if request.resolver_match else None
        if account_of(request).must_change_password:
            return (
                None
                if page in PASSWORD_PAGES
                else self._turn(request, "password_change", "请先修改初始密码。")
            )
        if needs_second_factor(request):
            return (
                None
                if page in SECOND_FACTOR_PAGES
                else self._turn(request, "second_factor", "请先输入动态验证码。")
            )
        return None

    def _turn(self, request: HttpRequest, page: str, message: str) -> HttpResponse:
        if request.path.startswith("/api/"):
            return JsonResponse({"detail": message}, status=403)
        wanted = request.get_full_path() if request.method == "GET" else ""
        return detour(page, next=wanted)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Forbidden | OutOfScope) or getattr(request, "actor", None) is None:
            return None
        if request.user.is_authenticated:
            note_denial(request, error)
        elif (
            isinstance(error, Forbidden) and request.method == "GET" and not request.path.startswith("/api/")
        ):
            return to_sign_in(request)
        return None


def note_denial(request: HttpRequest, error: LiaisonError) -> None:
    """A denial goes into the audit trail: the page's name and the answer, never what was asked for."""
    page = request.resolver_match.view_name if request.resolver_match else ""
    accounts.note_of(account_of(request), "denied", page=page, status=error.status)
